"""The price of a gap: against worlds whose loss is known, against published figures, and never twice for one deal."""

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairlead.analysis.gap import (
    LEAST_PEERS,
    Cell,
    Interval,
    Margins,
    Price,
    Worth,
    charged,
    costliest_first,
    ease,
    price,
    student,
)

Z = 1.959963984540054
WORLDS = 600
LIMITS, SOURCES = ("hot", "others"), ("ads", "events", "partner")
CONVERTS = np.array([[0.30, 0.45, 0.60], [0.10, 0.20, 0.35]])  # of those who lack nothing, by limit and source
HARM = 0.6  # who lacks it converts so much as often
SOLD = ((40_000.0, 0.5), (8_000.0, 0.7))  # a conversion's worth by limit: mean and coefficient of variation
LACKS = np.array([[0.5, 0.2, 0.1], [0.3, 0.2, 0.05]])  # who lacks it comes from the weaker sources: confounded


def world(seed: int, size: int = 900) -> tuple[list[Cell], list[Worth], float]:
    """A world's cells, what its conversions were worth, and the loss that it truly has on average."""
    dice = np.random.default_rng(seed)
    limit, source = dice.integers(0, 2, size), dice.integers(0, 3, size)
    lacks = dice.random(size) < LACKS[limit, source]
    chance = CONVERTS[limit, source] * np.where(lacks, HARM, 1.0)
    converted = dice.random(size) < chance
    cells = [
        Cell(LIMITS[a], SOURCES[b], bool(c), int(these.sum()), int(converted[these].sum()))
        for a in range(2)
        for b in range(3)
        for c in (0, 1)
        if (these := (limit == a) & (source == b) & (lacks == c)).any()
    ]
    worths, loss = [], 0.0
    for place, (mean, spread) in enumerate(SOLD):
        shape = 1 / spread**2
        amounts = dice.gamma(shape, mean / shape, int(converted[limit == place].sum()))
        worths.append(Worth(LIMITS[place], len(amounts), float(amounts.sum()), float((amounts**2).sum())))
        who = lacks & (limit == place)
        loss += mean * float((CONVERTS[limit, source] * (1 - HARM))[who].sum())
    return cells, worths, loss


def test_the_interval_holds_the_true_loss_as_often_as_it_says() -> None:
    held, errors = 0, []
    for seed in range(WORLDS):
        cells, worths, loss = world(seed)
        found = price(cells, worths)
        assert found is not None
        held += found.interval.low <= loss <= found.interval.high
        errors.append(float(found.alone) / loss - 1)
    assert held >= 0.95 * WORLDS
    assert abs(np.mean(errors)) < 3 * np.std(errors) / WORLDS**0.5  # and it is right on average, confounded or not
    assert np.std(errors) < 0.5


def test_where_nothing_is_lost_the_interval_holds_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.HARM", 1.0)
    found = [price(*world(seed)[:2]) for seed in range(WORLDS)]
    held = sum(one is not None and one.interval.low <= 0 <= one.interval.high for one in found)
    assert 0.95 * WORLDS <= held < WORLDS


def test_under_one_limit_it_is_newcombes_interval() -> None:
    """Newcombe 1998, table II, 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    cells = [Cell("all", "", False, 70, 56), Cell("all", "", True, 80, 48)]
    found = price(cells, [Worth("all", 1000, 1000.0, 1000.0)])  # each worth exactly one
    assert found is not None
    assert [float(found.alone) / 80, float(found.interval.low) / 80, float(found.interval.high) / 80] == pytest.approx(
        [0.2, 0.0524, 0.3339], abs=2e-4
    )
    assert (found.compared, found.worth) == (80, Decimal("1.00"))


@pytest.mark.parametrize("freedom", [4, 9, 30, 1000])
def test_student_is_that_of_scipy(freedom: int) -> None:
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=3e-3)


def test_who_has_no_peers_is_counted_and_not_priced() -> None:
    cells = [Cell("a", "x", True, 10, 1), Cell("a", "x", False, LEAST_PEERS, 4), Cell("b", "x", True, 7, 0)]
    found = price(cells, [Worth("a", 5, 500.0, 50_000.0)])
    assert found is not None
    assert (found.compared, found.apart, found.limits) == (10, 7, ("a",))
    assert found.alone == Decimal("700.00")  # 10 x (0.8 - 0.1) x 100
    assert found.each == pytest.approx(70)


def test_a_price_with_hindsight_in_it_is_not_told_apart_and_comes_after_those_that_are() -> None:
    """Under a limit without peers nothing is compared, so that what is only known today there is in no price."""
    worth = [Worth("a", 5, 500.0, 50_000.0)]
    told = [Cell("a", "x", True, 60, 6), Cell("a", "x", False, 50, 40), Cell("b", "x", True, 7, 0, today=7)]
    hindsight = [Cell("a", "x", True, 60, 0), Cell("a", "x", False, 50, 40, today=1)]
    first, last = price(told, worth), price(hindsight, worth)
    assert first is not None
    assert last is not None
    assert (first.today, first.is_certain, first.holds_zero) == (0, True, False)
    assert (last.today, last.is_certain, last.holds_zero) == (1, False, False)
    assert last.each > first.each
    assert costliest_first([last, first]) == (1, 0)


def test_a_source_with_few_peers_is_compared_with_all_of_its_limit() -> None:
    cells = [
        Cell("a", "x", True, 10, 2), Cell("a", "x", False, 20, 10), Cell("a", "y", True, 10, 1),
        Cell("a", "y", False, LEAST_PEERS - 1, 4), Cell("a", "z", False, 76, 16),
    ]  # fmt: skip
    found = price(cells, [Worth("a", 100, 100.0, 100.0)])
    assert found is not None
    assert found.share_with == pytest.approx(0.5 * 0.5 + 0.5 * 0.3)  # x by its own 10 of 20, y by 30 of 100
    assert found.share_without == pytest.approx(3 / 20)


@pytest.mark.parametrize(
    ("cells", "worths"),
    [
        ([], []),
        ([Cell("a", "x", True, 9, 0)], [Worth("a", 9, 9.0, 9.0)]),
        ([Cell("a", "x", False, 9, 3)], [Worth("a", 9, 9.0, 9.0)]),
        ([Cell("a", "x", True, 9, 0), Cell("a", "x", False, 9, 3)], []),
    ],
)
def test_nothing_to_compare_has_no_price(cells: list[Cell], worths: list[Worth]) -> None:
    assert price(cells, worths) is None


def test_ease_is_the_mean_of_three() -> None:
    assert ease(is_agreed=False, is_seen=True, done=0.5) == pytest.approx(0.5)


def _priced(each: float, compared: int, *, told: bool = True) -> Price:
    amount = Decimal(str(round(each * compared, 2)))
    interval = Interval(amount, amount) if told else Interval(-abs(amount) - 1, abs(amount) + 1)
    return Price(compared, 0.5, 0.4, Decimal(10), amount, interval, 0, ("all",), Margins(0.0, 0.0, ()))


@given(
    st.lists(st.one_of(st.none(), st.tuples(st.floats(-50, 500), st.booleans())), min_size=1, max_size=5),
    st.lists(st.sets(st.integers(0, 4), max_size=5), max_size=40),
)
def test_no_deal_is_charged_twice_and_the_parts_make_the_total(
    given_: list[tuple[float, bool] | None], deals: list[set[int]]
) -> None:
    """Each deal counts once, to the cent: for the costliest gap told apart from nothing, else for the costliest."""
    having = Counter(gap for deal in deals for gap in deal)
    prices = [None if e is None or not having[n] else _priced(e[0], having[n], told=e[1]) for n, e in enumerate(given_)]
    order = costliest_first(prices)
    taken = Counter(min(order.index(gap) for gap in hit) for deal in deals if (hit := deal & set(order)))
    found = charged(prices, {order[place]: count for place, count in taken.items()})
    assert sum(one.deals for one in found) == sum(bool(deal & set(order)) for deal in deals)
    by_deal = []
    for deal in deals:
        own = [priced for gap in deal & set(order) if (priced := prices[gap])]
        if own:
            certain = [priced.each for priced in own if priced.is_certain]
            by_deal.append(max(certain or [priced.each for priced in own]))
    total = sum((one.amount for one in found), Decimal(0))
    assert float(total) == pytest.approx(sum(by_deal), abs=0.005 * len(given_))
    for one, alone in zip(found, prices, strict=True):
        assert one.amount == one.amount.quantize(Decimal("0.01"))
        assert 0 <= one.amount <= max(alone.alone if alone else Decimal(0), Decimal(0)) + Decimal("0.01")


def test_a_gap_that_may_cost_nothing_takes_no_deal_from_one_that_does() -> None:
    assert costliest_first([_priced(9, 4, told=False), _priced(5, 4), None, _priced(7, 4)]) == (3, 1, 0)
