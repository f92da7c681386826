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
is in the price as well; and where the record does not tell what was there at the handoff, only what is there today,
so may the outcome itself be: people get a company when they buy. Such a price is never told apart from nothing.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """Under one limit and of one source: how many handoffs lack something or not, and how many of them converted.

    `today`: of how many of them it is only known whether they lack it today.
    """

    limit: str
    source: str
    lacks: bool
    handed: int
    converted: int
    today: int = 0


class Worth(NamedTuple):
    """What conversions under one limit were worth: their number, their sum, and the sum of their squares."""

    limit: str
    conversions: int
    total: float
    squares: float


class Pull(NamedTuple):
    """What one more conversion under a limit, of a source, among those who lack it or not, changes a loss by."""

    limit: str
    source: str
    lacks: bool
    by: float


class Interval(NamedTuple):
    low: Decimal
    high: Decimal


class Margins(NamedTuple):
    """How far a loss may lie below and above for want of certain shares, and by limit for want of a certain worth.

    The worth is that of all conversions of a handoff, so what it errs by is common to all of its gaps.
    """

    below: float
    above: float
    worths: tuple[tuple[str, float], ...]


class Price(NamedTuple):
    """A gap's loss in money, over `compared` handoffs that lack it and can be compared.

    `share_with` and `share_without`: how many converted of those who have it and of those who lack it, brought to the
    same mix. `worth`: what one conversion brings. `alone` is the loss if this were the only gap; below zero those who
    lack it did better. `limits`: the limits under which there are peers; `apart`: lack it under another.
    `margins` is what the interval is made of. `today`: of how many, compared or peers, it is only known whether they
    lack it today. Whoever converts may get it for that reason, so that nothing is told by their difference.
    """

    compared: int
    share_with: float
    share_without: float
    worth: Decimal
    alone: Decimal
    interval: Interval
    apart: int
    limits: tuple[str, ...]
    margins: "Margins"
    today: int = 0

    @property
    def each(self) -> float:
        """Loss per handoff that lacks it."""
        return float(self.alone) / self.compared if self.compared else 0.0

    @property
    def is_certain(self) -> bool:
        """Whether it is told apart from nothing: its interval leaves out zero, and nothing in it is hindsight."""
        return not self.today and not self.holds_zero

    @property
    def holds_zero(self) -> bool:
        """Whether the interval does not leave out zero."""
        return self.interval.low <= 0 <= self.interval.high


def price(cells: Sequence[Cell], worths: Sequence[Worth]) -> Price | None:
    """The price of one gap from its cells; None when nobody who lacks it has peers, or nothing was ever worth money."""
    sides = _by_limit(cells)
    if not sides or not any(w.conversions for w in worths):
        return None
    lacking = sum(c.handed for c in cells if c.lacks)
    today = sum(c.today for c in cells if c.limit in sides)
    return _priced(sides, _means(worths), lacking)._replace(today=today)


def pulls(cells: Sequence[Cell], worths: Sequence[Worth]) -> Iterator[Pull]:
    """What a single conversion changes the loss of a gap by, wherever it may be; nothing where it has no price."""
    means = _means(worths) if any(w.conversions for w in worths) else {}
    for limit, sides in _by_limit(cells).items() if means else ():
        mean = means[limit if limit in means else ""].mean
        yield from (Pull(limit, source, True, -mean) for source in sides.lacking)
        yield from (Pull(limit, source, False, mean * weight) for source, weight in sides.weights.items())


def _by_limit(cells: Iterable[Cell]) -> Mapping[str, "_Sides"]:
    """Both sides under each limit under which there are enough peers."""
    found: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        found[cell.limit].append(cell)
    return {limit: sides for limit, own in sorted(found.items()) if (sides := _sides(own))}


class Share(NamedTuple):
    """A share of `handed` that converted; `handed` need not be whole where the share is weighted."""

    share: float
    handed: float


class _Sides(NamedTuple):
    """Under one limit: those who lack it, and their peers brought to the same mix of sources.

    `lacking`: the sources of those who lack it. `weights`: how many of them each peer of a source stands for.
    """

    without: Share
    with_: Share
    lacking: tuple[str, ...]
    weights: Mapping[str, float]


def _sides(cells: Sequence[Cell]) -> _Sides | None:
    """Both sides; sources with few peers are compared with the peers of all sources. None without enough peers."""
    lacking, having = _by_source(cells, lacks=True), _by_source(cells, lacks=False)
    count, peers = sum(h for h, _ in lacking.values()), sum(h for h, _ in having.values())
    if not count or peers < LEAST_PEERS:
        return None
    few = {source for source in lacking if having.get(source, (0, 0))[0] < LEAST_PEERS}
    shares = [(handed / count, having[source]) for source, (handed, _) in lacking.items() if source not in few]
    rest = sum(lacking[source][0] for source in few)
    if rest:
        shares.append((rest / count, (peers, sum(c for _, c in having.values()))))
    expected = sum(weight * converted / handed for weight, (handed, converted) in shares)
    exact_as = 1 / sum(weight**2 / handed for weight, (handed, _) in shares)
    own = {source: 0 if source in few else handed for source, (handed, _) in lacking.items()}
    weights = {source: own.get(source, 0) / handed + rest / peers for source, (handed, _) in having.items()}
    without = Share(sum(c for _, c in lacking.values()) / count, count)
    return _Sides(without, Share(expected, exact_as), tuple(lacking), weights)


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
    for limit, found in sides.items():
        without, with_ = found.without, found.with_
        key = limit if limit in means else ""
        scale = without.handed * means[key].mean
        loss += scale * (with_.share - without.share)
        low, high = wilson(*with_, z), wilson(*without, z)
        below += scale**2 * ((with_.share - low[0]) ** 2 + (high[1] - without.share) ** 2)
        above += scale**2 * ((low[1] - with_.share) ** 2 + (without.share - high[0]) ** 2)
        missed[key] += without.handed * (with_.share - without.share)
        worth += scale
        would += without.handed * with_.share
    worths = tuple((limit, conversions * means[limit].margin) for limit, conversions in missed.items())
    spread = sum(margin**2 for _, margin in worths)
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
        margins=Margins(math.sqrt(below), math.sqrt(above), worths),
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
    """What a gap counts for in the total: deals that no gap before it has taken already, and their loss."""

    deals: int
    amount: Decimal


def charged(prices: Sequence[Price | None], taken: Mapping[int, int]) -> tuple[Charged, ...]:
    """What each gap counts for; `taken` says by a gap's place in `prices` how many deals are charged to it.

    A deal that lacks several things is charged to the first of `costliest_first`, and to no other: the parts add up.
    """
    found = []
    for place, one in enumerate(prices):
        count = taken.get(place, 0) if one and one.each > 0 else 0
        found.append(Charged(count, cents(one.each * count) if one and count else Decimal("0.00")))
    return tuple(found)


def costliest_first(prices: Sequence[Price | None]) -> tuple[int, ...]:
    """Places of the gaps that cost something: those told apart from nothing, then the others; the costliest first."""
    costly = [(not one.is_certain, -one.each, place) for place, one in enumerate(prices) if one and one.each > 0]
    return tuple(place for _, _, place in sorted(costly))


def ease(*, is_agreed: bool, is_seen: bool, done: float) -> float:
    """How easily a gap is closed, 0 to 1: the mean of: it is agreed, a column can show it, and the share that do it.

    >>> ease(is_agreed=True, is_seen=True, done=0.4)
    0.8
    """
    return (is_agreed + is_seen + done) / 3
