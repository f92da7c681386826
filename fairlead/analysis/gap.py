"""What a gap of a handoff costs: how much less those convert that lack something, times what a conversion is worth.

Those who lack it are compared with those who have it, under the same time limit and of the same mix of sources: what
they would have brought, had they converted like their peers, less what they did bring. With n who lack it under limit
l, of whom the share p converted, against q of their peers, and V the mean worth of a conversion under that limit:

    loss = sum over l of n(l) * (q(l) - p(l)) * V(l)

Only handoffs old enough to have converted are compared, and only conversions within `HORIZON` days count, so that young
ones do not look like losses. The interval is MOVER with Wilson limits for every share (Zou, Huang and Zhang 2009, "A
note on confidence interval estimation for a linear function of binomial proportions", Computational Statistics & Data
Analysis 53:1080; under one limit it is Newcombe's hybrid score interval, 1998, method 10) and a term for the standard
error of V. The peers' share, weighted by source, has the limits of the sample that would be as exact (Kish 1965). It
is arithmetic: no chance is drawn. What differs between the two groups besides the gap, and is neither limit nor source,
is in the price as well.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import NormalDist
from typing import NamedTuple

from fairlead.analysis.proportion import wilson

HORIZON = 180  # days in which a conversion counts
LATE = "late response"  # the gaps of time; an item's name has no blank
NEVER = "no response"
LEVEL = 0.95
LEAST_PEERS = 5
CENT = Decimal("0.01")


class Cell(NamedTuple):
    """Under one limit and of one source: how many handoffs lack something or not, and how many of them converted."""

    limit: str
    source: str
    lacks: bool
    handed: int
    converted: int


class Worth(NamedTuple):
    """What conversions under one limit were worth: their number, their sum, and the sum of their squares."""

    limit: str
    conversions: int
    total: float
    squares: float


class Interval(NamedTuple):
    low: Decimal
    high: Decimal


class Price(NamedTuple):
    """A gap's loss in money, over `compared` handoffs that lack it and can be compared.

    `share_with` and `share_without`: how many converted of those who have it and of those who lack it, brought to the
    same mix. `worth`: what one conversion brings. `alone` is the loss if this were the only gap; below zero those who
    lack it did better. `limits`: the limits under which there are peers; `apart`: lack it under another.
    """

    compared: int
    share_with: float
    share_without: float
    worth: Decimal
    alone: Decimal
    interval: Interval
    apart: int
    limits: tuple[str, ...]

    @property
    def each(self) -> float:
        """Loss per handoff that lacks it."""
        return float(self.alone) / self.compared if self.compared else 0.0

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval.low > 0 or self.interval.high < 0


def price(cells: Sequence[Cell], worths: Sequence[Worth]) -> Price | None:
    """The price of one gap from its cells; None when nobody who lacks it has peers, or nothing was ever worth money."""
    by_limit: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_limit[cell.limit].append(cell)
    sides = {limit: found for limit, own in sorted(by_limit.items()) if (found := _sides(own))}
    if not sides or not any(w.conversions for w in worths):
        return None
    lacking = sum(c.handed for c in cells if c.lacks)
    return _priced(sides, _means(worths), lacking)


class Share(NamedTuple):
    """A share of `handed` that converted; `handed` need not be whole where the share is weighted."""

    share: float
    handed: float


class _Sides(NamedTuple):
    """Under one limit: those who lack it, and their peers brought to the same mix of sources."""

    without: Share
    with_: Share


def _sides(cells: Sequence[Cell]) -> _Sides | None:
    """Both sides; sources with few peers are compared with the peers of all sources. None without enough peers."""
    lacking, having = _by_source(cells, lacks=True), _by_source(cells, lacks=False)
    count, peers = sum(h for h, _ in lacking.values()), sum(h for h, _ in having.values())
    if not count or peers < LEAST_PEERS:
        return None
    few = {source for source in lacking if having.get(source, (0, 0))[0] < LEAST_PEERS}
    shares = [(handed / count, having[source]) for source, (handed, _) in lacking.items() if source not in few]
    if rest := sum(lacking[source][0] for source in few):
        shares.append((rest / count, (peers, sum(c for _, c in having.values()))))
    expected = sum(weight * converted / handed for weight, (handed, converted) in shares)
    exact_as = 1 / sum(weight**2 / handed for weight, (handed, _) in shares)
    return _Sides(Share(sum(c for _, c in lacking.values()) / count, count), Share(expected, exact_as))


def _by_source(cells: Iterable[Cell], *, lacks: bool) -> Mapping[str, tuple[int, int]]:
    """Handed over and converted, by source."""
    found: dict[str, tuple[int, int]] = {}
    for cell in cells:
        if cell.lacks is lacks and cell.handed:
            handed, converted = found.get(cell.source, (0, 0))
            found[cell.source] = handed + cell.handed, converted + cell.converted
    return found


def _priced(sides: Mapping[str, _Sides], means: Mapping[str, "_Mean"], lacking: int) -> Price:
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    loss, below, above, worth, would = 0.0, 0.0, 0.0, 0.0, 0.0
    missed: dict[str, float] = defaultdict(float)
    for limit, (without, with_) in sides.items():
        key = limit if limit in means else ""
        scale = without.handed * means[key].mean
        loss += scale * (with_.share - without.share)
        low, high = wilson(*with_, z), wilson(*without, z)
        below += scale**2 * ((with_.share - low[0]) ** 2 + (high[1] - without.share) ** 2)
        above += scale**2 * ((low[1] - with_.share) ** 2 + (without.share - high[0]) ** 2)
        missed[key] += without.handed * (with_.share - without.share)
        worth += scale
        would += without.handed * with_.share
    spread = sum((conversions * means[limit].margin) ** 2 for limit, conversions in missed.items())
    count = round(sum(s.without.handed for s in sides.values()))
    return Price(
        compared=count,
        share_with=would / count,
        share_without=sum(s.without.share * s.without.handed for s in sides.values()) / count,
        worth=cents(worth / count),
        alone=cents(loss),
        interval=Interval(cents(loss - math.sqrt(below + spread)), cents(loss + math.sqrt(above + spread))),
        apart=lacking - count,
        limits=tuple(sides),
    )


class _Mean(NamedTuple):
    """A mean and half the width of its interval."""

    mean: float
    margin: float


def _means(worths: Sequence[Worth]) -> Mapping[str, _Mean]:
    """Mean worth by limit, where enough conversions tell it, and under '' over all."""
    whole = Worth("", sum(w.conversions for w in worths), sum(w.total for w in worths), sum(w.squares for w in worths))
    return {w.limit: _mean(w) for w in worths if w.limit and w.conversions >= LEAST_PEERS} | {"": _mean(whole)}


def _mean(worth: Worth) -> _Mean:
    mean, freedom = worth.total / worth.conversions, worth.conversions - 1
    if not freedom:
        return _Mean(mean, abs(mean))
    variance = max(worth.squares - worth.conversions * mean**2, 0.0) / freedom
    return _Mean(mean, student(freedom) * math.sqrt(variance / worth.conversions))


def student(freedom: int) -> float:
    """The two-sided quantile of Student's t, by the expansion in Abramowitz and Stegun 26.7.5.

    >>> round(student(10), 2), round(student(1000), 2)
    (2.23, 1.96)
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def cents(value: float) -> Decimal:
    """An amount to the cent."""
    return Decimal(repr(value)).quantize(CENT)


class Charged(NamedTuple):
    """What a gap counts for in the total: deals that no costlier gap has taken already, and their loss."""

    deals: int
    amount: Decimal


def charged(prices: Sequence[Price | None], taken: Mapping[int, int]) -> tuple[Charged, ...]:
    """What each gap counts for; `taken` says by a gap's place in `prices` how many deals are charged to it.

    A deal that lacks several things is charged to the one that costs most a deal, and to no other, so the parts add up.
    """
    found = []
    for place, one in enumerate(prices):
        count = taken.get(place, 0) if one and one.each > 0 else 0
        found.append(Charged(count, cents(one.each * count) if one and count else Decimal("0.00")))
    return tuple(found)


def costliest_first(prices: Sequence[Price | None]) -> tuple[int, ...]:
    """Places of the gaps that cost something, the one that costs most a deal first."""
    costly = [(one.each, place) for place, one in enumerate(prices) if one and one.each > 0]
    return tuple(place for _, place in sorted(costly, key=lambda pair: (-pair[0], pair[1])))


def ease(*, is_agreed: bool, is_seen: bool, done: float) -> float:
    """How easily a gap is closed, 0 to 1: the mean of: it is agreed, a column can show it, and the share that do it.

    >>> ease(is_agreed=True, is_seen=True, done=0.4)
    0.8
    """
    return (is_agreed + is_seen + done) / 3
