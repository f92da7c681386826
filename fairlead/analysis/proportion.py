"""Two shares compared: how far apart they may be, given how few were counted.

Wilson's score interval of one share, and Newcombe's of a difference that is made from two of them (method 10 of
R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
1998, 873-890). Both keep their promise with few cases and with shares near 0 and 1, where the textbook's do not.
"""

from math import sqrt
from typing import NamedTuple

Z95 = 1.959963984540054  # the normal quantile that leaves 2.5 % on either side


class Interval(NamedTuple):
    """Lower and upper end, as shares."""

    low: float
    high: float

    @property
    def half(self) -> float:
        return (self.high - self.low) / 2


def wilson(share: float, count: float, z: float = Z95) -> Interval:
    """Wilson's score interval of a share of `count` cases (1927, JASA 22:209); `count` need not be whole.

    >>> [round(limit, 3) for limit in wilson(0.1, 10)]
    [0.018, 0.404]
    """
    z2 = z * z
    middle = share + z2 / (2 * count)
    spread = z * sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    below = 1 + z2 / count
    return Interval(max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below))


def difference(hits: int, count: int, hits_other: int, count_other: int, z: float = Z95) -> Interval | None:
    """The 95 % interval of one share less the other; None where either has no cases."""
    if not (count and count_other):
        return None
    p, q = hits / count, hits_other / count_other
    one, other = wilson(p, count, z), wilson(q, count_other, z)
    return Interval(
        p - q - sqrt((p - one.low) ** 2 + (other.high - q) ** 2),
        p - q + sqrt((one.high - p) ** 2 + (q - other.low) ** 2),
    )
