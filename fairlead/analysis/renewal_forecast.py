"""What of the recurring revenue that is due will be renewed, by the rates of those who were due before.

Each renewal keeps a share of what was due, from 0 (lost) to 1; more than that is upsell, and in another number (E36).
Of a segment's renewals before, n of them, the mean share m and its variance v are taken, with half a renewal that
kept all and half of one that kept nothing added, as Jeffreys' prior does: a rate is never certain. Renewals of amounts
d to come, each by itself, then keep

    sum(d) * m        with variance    v * sum(d * d) + v / (n + 1) * sum(d) ** 2

the first part for the chance of each, the second for how little is known of the rate. Segments with few renewals share
the rate of the whole company. The interval is that of the normal distribution at 95 %, within 0 and what is due.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from fairlead.analysis.proportion import Z95, Interval


class Before(NamedTuple):
    """Renewals of a segment that are settled: how many, the sum of the shares kept and of their squares, and money."""

    segment: str | None
    renewals: int
    shares: float
    squares: float
    due: float
    upsell: float


class Rate(NamedTuple):
    """What a segment keeps of what is due: `share` from 0 to 1 with its interval; `upsell` beyond it, per unit due.

    `is_own`: of its own `renewals`; else those of the whole company, because it has too few.
    """

    segment: str | None
    renewals: int
    share: float
    variance: float
    interval: Interval
    upsell: float
    is_own: bool


class Forecast(NamedTuple):
    """Money that is expected to be renewed, with its interval at 95 %, and the upsell beside it."""

    expected: float
    interval: Interval
    upsell: float


def rates(before: Sequence[Before], segments: Iterable[str | None], enough: int) -> Mapping[str | None, Rate]:
    """The rate of each segment; none where nothing was ever due before."""
    known = {one.segment: one for one in before}
    whole = Before(None, *(sum(getattr(one, name) for one in before) for name in Before._fields[1:]))
    if not whole.renewals:
        return {}
    found = {}
    for segment in dict.fromkeys([*known, *segments]):
        own = known.get(segment)
        is_own = own is not None and own.renewals >= enough
        found[segment] = _rate(own if own and is_own else whole, segment, is_own)
    return found


def _rate(of: Before, segment: str | None, is_own: bool) -> Rate:
    count = of.renewals + 1
    share = (of.shares + 0.5) / count
    variance = max((of.squares + 0.5) / count - share * share, 0.0)
    half = Z95 * sqrt(variance / count)
    interval = Interval(max(0.0, share - half), min(1.0, share + half))
    return Rate(segment, of.renewals, share, variance, interval, of.upsell / of.due if of.due else 0.0, is_own)


def forecast(due: Iterable[tuple[str | None, float]], rate: Mapping[str | None, Rate]) -> Forecast | None:
    """What renewals of (segment, money due) come to; None where there is no rate, or nothing is due."""
    amounts: dict[Rate, list[float]] = defaultdict(list)
    for segment, money in due:
        if segment not in rate:
            return None
        one = rate[segment]
        amounts[one if one.is_own else one._replace(segment=None)].append(money)
    if not amounts:
        return None
    whole = sum(sum(own) for own in amounts.values())
    expected = sum(one.share * sum(own) for one, own in amounts.items())
    variance = sum(
        one.variance * (sum(money * money for money in own) + sum(own) ** 2 / (one.renewals + 1))
        for one, own in amounts.items()
    )
    half = Z95 * sqrt(variance)
    upsell = sum(one.upsell * sum(own) for one, own in amounts.items())
    return Forecast(expected, Interval(max(0.0, expected - half), min(whole, expected + half)), upsell)
