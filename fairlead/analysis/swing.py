"""How far a number usually moves from one period to the next, so that a move can be called big or small."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

FEWEST = 6  # moves before the last one: a habit is not told from fewer


def swing(values: Sequence[float | None]) -> float | None:
    """The size of the last move as a multiple of the usual one; None where there is no last move or no habit.

    The usual move is the median of the sizes of all earlier moves between periods that both have a value: half of
    them were smaller. A number that never moved has no usual move.

    >>> swing([10, 11, 10, 11, 10, 11, 10, 13])
    3.0
    """
    if len(values) < 2 or values[-1] is None or values[-2] is None:
        return None
    pairs = pairwise(values[:-1])
    earlier = [abs(after - before) for before, after in pairs if before is not None and after is not None]
    usual = median(earlier) if len(earlier) >= FEWEST else 0.0
    return abs(values[-1] - values[-2]) / usual if usual else None
