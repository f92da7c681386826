"""Cohorts against a plain recount of the lines, and what pauses, terms and days to come do to them."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from fairlead.analysis import cohort
from fairlead.analysis.cohort import Chosen, CohortAsk
from fairlead.analysis.revenue_report import LENS
from fairlead.values import Grain, periods
from tests.analysis.counted import Book, Counted, Row, line

FIRST, AS_OF = date(2026, 1, 1), date(2026, 12, 31)
Key = tuple[str | None, int, int]


def ask(by: str | None = None, grain: Grain = Grain.MONTH, fiscal: int = 1, as_of: date = AS_OF) -> CohortAsk:
    return CohortAsk(periods(FIRST, as_of + timedelta(days=1), grain, fiscal), grain, by, as_of)


def left(counted: Counted, asked: CohortAsk) -> tuple[dict[Key, float], dict[Key, int]]:
    """Revenue and customers at the end of each period, by (value, cohort's place, place)."""
    rows = counted.asked(cohort.cells(asked, LENS))
    money, logos = Counter[Key](), Counter[Key]()
    for row in rows:
        for place in range(row["place"], len(asked.periods)):
            money[row["value"], row["cohort"], place] += row["money"]
            logos[row["value"], row["cohort"], place] += row["logos"]
    return {k: float(v) for k, v in money.items() if v}, {k: v for k, v in logos.items() if v}


def drawn(seed: int) -> list[Row]:
    """Lines of forty customers and three products: some begin before the year, end, overlap and come back."""
    dice = random.Random(seed)
    found: list[Row] = []
    for key in range(120):
        starts = date(2025, 11, 1) + timedelta(days=dice.randrange(420))
        ends = starts + timedelta(days=dice.randrange(5, 200)) if dice.random() < 0.6 else None
        who, what = f"c{dice.randrange(40)}", f"p{dice.randrange(3)}"
        found.append(line(str(key), starts, ends, mrr=dice.randrange(10, 90), account_id=who, product_id=what))
    return found


def recounted(lines: list[Row], asked: CohortAsk, by_product: bool) -> tuple[dict[Key, float], dict[Key, int]]:
    """The same, line by line and period end by period end, without a movement."""
    money, logos = Counter[Key](), Counter[Key]()
    units = {(row["account_id"], row["product_id"] if by_product else None) for row in lines}
    for who, what in units:
        own = [row for row in lines if row["account_id"] == who and (not by_product or row["product_id"] == what)]
        start = min(row["starts_on"] for row in own)
        cohort_place = next((n for n, p in enumerate(asked.periods) if p.start <= start < p.end), None)
        if cohort_place is None:
            continue
        for place in range(cohort_place, len(asked.periods)):
            last = min(asked.periods[place].end - timedelta(days=1), asked.as_of)
            runs = [r["mrr"] for r in own if r["starts_on"] <= last and (r["ends_on"] is None or r["ends_on"] > last)]
            key = (f"Product {what}" if what else None, cohort_place, place)
            money[key] += sum(runs)
            logos[key] += bool(runs)
    return {k: float(v) for k, v in money.items() if v}, {k: v for k, v in logos.items() if v}


@pytest.mark.parametrize(
    ("seed", "by", "grain", "fiscal"),
    [(1, None, Grain.MONTH, 1), (2, "product", Grain.MONTH, 1), (3, None, Grain.QUARTER, 2)],
)
def test_what_is_left_of_a_cohort_is_what_its_lines_come_to(
    seed: int, by: str | None, grain: Grain, fiscal: int
) -> None:
    lines = drawn(seed)
    products = [{"id": f"p{n}", "name": f"Product p{n}"} for n in range(3)]
    asked = ask(by, grain, fiscal)
    found = left(Book(*lines, product=products).counted(), asked)
    assert found == recounted(lines, asked, by_product=by is not None)
    assert len(found[0]) > 10


@pytest.mark.parametrize(("seed", "by"), [(1, None), (2, "product")])
def test_the_customers_of_a_cell_are_those_whose_lines_it_adds_up(seed: int, by: str | None) -> None:
    lines, asked = drawn(seed), ask(by)
    counted = Book(*lines, product=[{"id": f"p{n}", "name": f"Product p{n}"} for n in range(3)]).counted()
    money, logos = recounted(lines, asked, by_product=by is not None)
    value, seen = ("Product p1" if by else None), 0
    for place, age in ((0, 0), (0, 5), (2, 9), (4, 3), (11, 0)):
        query = cohort.customers(asked, Chosen(place, place, age, value), LENS)
        rows = counted.asked(query)
        key = (value, place, place + age)
        assert sum(row["kept"] for row in rows) == money.get(key, 0)
        assert sum(row["is_here"] for row in rows) == logos.get(key, 0)
        for row in rows:
            own = [r for r in lines if r["account_id"] == row["account_id"] and (not by or r["product_id"] == "p1")]
            assert row["started_on"] == min(r["starts_on"] for r in own)
            assert row["started"] == sum(r["mrr"] for r in own if r["starts_on"] == row["started_on"])
            if not row["is_here"]:
                ends = [r["ends_on"] for r in own if r["ends_on"] and r["ends_on"] < asked.periods[place + age].end]
                assert row["left_on"] in ends
        (sums,) = counted.asked(cohort.sums(query))
        assert (sums["total"], sums["here"]) == (len(rows), logos.get(key, 0))
        seen += len(rows)
    assert seen > 10
    together = counted.asked(cohort.sums(cohort.customers(asked, Chosen(0, 8, 3, value), LENS)))[0]
    assert together["kept"] == sum(money.get((value, place, place + 3), 0) for place in range(9))


def test_who_pauses_pays_nothing_and_is_still_there_who_left_and_came_back_was_gone_in_between() -> None:
    counted = Book(
        line("1", "01-10", account_id="a", paused_on="02-15", resumes_on="03-20"),
        line("2", "01-20", "02-10", account_id="b"), line("3", "04-05", mrr=60, account_id="b"),
    ).counted()  # fmt: skip
    money, logos = left(counted, ask(as_of=date(2026, 4, 30)))
    assert [money.get((None, 0, n), 0) for n in range(4)] == [200, 0, 100, 160]
    assert [logos.get((None, 0, n), 0) for n in range(4)] == [2, 1, 1, 2]


def test_who_came_and_left_within_the_first_month_is_of_its_cohort() -> None:
    rows = (
        Book(line("1", "01-10", "01-20"), line("2", "01-05", account_id="b")).counted().asked(cohort.cells(ask(), LENS))
    )
    (first,) = rows
    assert (first["base"], float(first["started"]), float(first["money"]), first["logos"]) == (2, 200, 100, 1)


def test_e38_who_is_bound_for_a_year_cannot_have_left_before() -> None:
    """One pays by the month, one by the year from March 10, one by the quarter, one until a day that it names."""
    counted = Book(
        line("1", "03-10", account_id="a"), line("2", "03-10", account_id="b", billing_interval="year"),
        line("3", "03-10", account_id="c", billing_interval_count=3),
        line("4", "03-10", account_id="d", billing_interval="year", renews_on="09-30"),
    ).counted()  # fmt: skip
    rows = counted.asked(cohort.free_to_leave(ask(), LENS))
    assert {row["place"]: row["customers"] for row in rows} == {2: 1, 5: 1, 8: 1, 14: 1}
    for age, free in ((0, "a"), (2, "a"), (3, "ac"), (6, "acd"), (9, "acd")):
        found = counted.asked(cohort.customers(ask(), Chosen(2, 2, age, None), LENS))
        assert {row["account_id"] for row in found if row["is_free"]} == set(free)


def test_days_after_the_one_it_is_asked_of_are_not_seen() -> None:
    lines = (line("1", "01-10", "09-01"), line("2", "05-10", account_id="b"))
    money, logos = left(Book(*lines).counted(), ask(as_of=date(2026, 4, 15)))
    assert money == {(None, 0, n): 100 for n in range(4)}
    assert logos == {(None, 0, n): 1 for n in range(4)}
