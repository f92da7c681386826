"""What gaps cost together, with an interval: no deal is charged twice, but its outcome is in the price of several gaps.

A gap that is charged with d of the n deals it was priced with counts for c = d / n of its loss, and so do its margins.
Losses that are estimated from the same deals err together. With m(i) the margin of gap i for want of certain shares,
r(i, j) the correlation of two gaps' errors, and w(i, h, l) the margin of gap i for want of a certain worth of the
conversions of handoff h under limit l, which all gaps of that handoff share, a total has the margin

    M^2 = sum over i, j of c(i) m(i) r(i, j) c(j) m(j) + sum over h, l of (sum over i of c(i) w(i, h, l))^2

below and above (MOVER with dependent estimates: Zou 2008, "On the estimation of additive interaction by use of the
four-by-two table and beyond", American Journal of Epidemiology 168:212). r is that of what each deal pulls two losses
by: its outcome less that of its like, times what one more conversion there changes the loss by (the infinitesimal
jackknife, Efron 1982). Of one gap alone it is that gap's own interval.

Which gaps count, and in which order they take the deals, is read from the same rows: of many that cost nothing some
seem to. That can only make a total too high, so its lower end leaves out 2.5 % divided by the number of gaps that have
a price (Bonferroni). What is not told apart from nothing may be nothing: all gaps together have no higher lower end
than those that are told apart.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import NormalDist
from typing import NamedTuple

from fairlead.analysis.gap import LEVEL, Charged, Price, cents

Products = Mapping[tuple[int, int], float]


class Total(NamedTuple):
    """What several gaps are charged with, and its interval at 95 %."""

    amount: Decimal
    low: Decimal
    high: Decimal


class Lost(NamedTuple):
    """What gaps are charged with: those told apart from nothing, and all of them."""

    certain: Total
    total: Total


class Part(NamedTuple):
    """A gap in a total: its place among all gaps, its handoff, its price, and what it is charged with."""

    place: int
    handoff: str
    price: Price
    charged: Charged

    @property
    def share(self) -> float:
        """Of the deals that it was priced with, those it is charged with."""
        return self.charged.deals / self.price.compared


def lost(parts: Sequence[Part], products: Products, among: int) -> Lost:
    """What gaps are charged with, chosen from `among` that have a price.

    `products[i, j]`, i <= j: the sum over all deals of what each pulls gap i by, times what it pulls gap j by.
    """
    certain = _together([one for one in parts if one.price.is_certain], products, among)
    total = _together(parts, products, among)
    return Lost(certain, total._replace(low=min(certain.low, total.low)))


def _together(parts: Sequence[Part], products: Products, among: int) -> Total:
    amount = sum((one.charged.amount for one in parts), Decimal("0.00"))
    worths: dict[tuple[str, str], float] = defaultdict(float)
    for one in parts:
        for limit, margin in one.price.margins.worths:
            worths[one.handoff, limit] += one.share * margin
    shared = sum(margin**2 for margin in worths.values())
    below, above = (
        _quadratic([(one.place, one.share * margin) for one, margin in zip(parts, margins, strict=True)], products)
        for margins in ([p.price.margins.below for p in parts], [p.price.margins.above for p in parts])
    )
    low, high = math.sqrt(below + shared), math.sqrt(above + shared)
    normal = NormalDist()
    wider = normal.inv_cdf(1 - (1 - LEVEL) / 2 / max(among, 1)) / normal.inv_cdf((1 + LEVEL) / 2)
    return Total(amount, amount - cents(low * wider), amount + cents(high))


def _quadratic(margins: Sequence[tuple[int, float]], products: Products) -> float:
    """The sum over all pairs of margin times correlation times margin."""
    found = 0.0
    for place, one in margins:
        for other, another in margins:
            found += one * another * (1.0 if place == other else _correlation(place, other, products))
    return max(found, 0.0)


def _correlation(place: int, other: int, products: Products) -> float:
    """How far two losses err together, -1 to 1; 0 where no deal has a part in both."""
    first, last = sorted((place, other))
    both = products.get((first, first), 0.0) * products.get((last, last), 0.0)
    return products.get((first, last), 0.0) / math.sqrt(both) if both > 0 else 0.0
