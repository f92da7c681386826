"""What recurring revenue is cut by: movements sum to it for every value, and what a deal says is that of the first."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fairlead.analysis import revenue_report as report
from fairlead.analysis.cohort import CohortAsk, cells
from fairlead.analysis.dimension import resolve
from fairlead.analysis.mrr_moved import KINDS
from fairlead.analysis.revenue_cut import KEYS, MOVEMENT, OWN, is_dimension, known_dimensions
from fairlead.analysis.revenue_report import LENS
from fairlead.model.revenue import Switches
from fairlead.values import Grain
from tests.analysis.counted import Book, Counted, asked, line
from tests.analysis.test_movements_replay import RATE_DAYS, Replay, some_line

MONTHS = ("01-01", "06-30")
PARENTS = {"p": None, "q": None, **dict.fromkeys("ab", "q"), **dict.fromkeys("cdefg", "p")}
DEALS = ("d0", "d1", "d2", "d5", "d6", "d7", None)
SOURCES = ("events", "outbound", None)


def some_deal(dice: random.Random, n: int) -> dict[str, Any]:
    return {
        "id": f"d{n}", "account_id": dice.choice("abc"), "owner_id": dice.choice(["m1", "m2", None]),
        "campaign_id": dice.choice(["k1", "k2", None]), "partner_id": dice.choice(["p", "q", None]),
        "product_id": dice.choice(["x", "y", None]), "source": dice.choice(SOURCES), "name": f"Deal {n}",
        "kind": dice.choice(["new", "renewal"]), "pipeline": dice.choice(["sales", "self service"]),
        "currency": dice.choice(["USD", "EUR"]), "stage": dice.choice(["won", "lost"]),
    }  # fmt: skip


def some_lines(dice: random.Random, count: int) -> list[dict[str, Any]]:
    return [some_line(dice, n, RATE_DAYS) | {"opportunity_id": dice.choice(DEALS)} for n in range(count)]


def some_book(dice: random.Random, lines: list[dict[str, Any]], deals: list[dict[str, Any]]) -> Book:
    """Everything that a line can lead to has a name, and some of it is not known."""
    people = [
        {"id": n, "name": n.upper(), "team": dice.choice(["north", None]), "is_active": n == "m1"} for n in ("m1", "m2")
    ]
    firms = [
        {"id": n, "name": n.upper(), "segment": dice.choice(["smb", "mid", None]), "country": dice.choice(["DE", "US"]),
         "owner_id": dice.choice(["m1", "m2", None]), "parent_id": PARENTS[n]}
        for n in PARENTS
    ]  # fmt: skip
    return Book(
        *lines, as_of=date(2027, 6, 30), account=firms, member=people, opportunity=deals,
        rate=[{"id": f"r{n}", "currency": "EUR", "starts_on": on, "rate": r} for n, (on, r) in enumerate(RATE_DAYS)],
        product=[{"id": "x", "name": "X", "family": "letters"}, {"id": "y", "name": "Y", "family": "letters"}],
        campaign=[{"id": "k1", "name": "Fair", "channel": "events"}, {"id": "k2", "name": "Ads", "channel": None}],
    )  # fmt: skip


Told = dict[Any, list[tuple[Decimal, Decimal]]]


def told(counted: Counted, by: str | None) -> Told:
    """By value what movements come to at each month's end, and what the lines that run are worth; told by both."""
    question = asked(*MONTHS, by=by)
    moved: dict[tuple[Any, int], Decimal] = defaultdict(Decimal)
    for row in counted.asked(report.flows(question, LENS)):
        moved[row["value"], row["place"]] += sum(row[kind] for kind in KINDS)
    worth = {(row["value"], row["place"]): row["closing"] for row in counted.asked(report.closings(question, LENS))}
    found: Told = {}
    for value in {value for value, _ in (*moved, *worth)}:
        so_far = moved[value, -1]
        found[value] = []
        for place in range(len(question.periods)):
            so_far += moved[value, place]
            found[value].append((so_far, worth.get((value, place), Decimal(0))))
    return found


def columns() -> list[str]:
    """A name of every column that is offered: most have several."""
    names = (*known_dimensions(), *KEYS)
    return list({resolve(MOVEMENT, OWN.get(name, name)): name for name in names}.values())


@pytest.mark.parametrize(
    ("names", "switches", "least"),
    [
        (columns(), {}, 35),
        (OWN, {"customer": "parent", "fx": {"rate": "period_end"}, "same_month": "counted"}, 3),
        (("source", "channel"), {"paused": {"counts_as": "churn"}, "churn_date": "when_scheduled"}, 2),
    ],
    ids=["all", "parents", "otherwise"],
)
def test_in_every_cut_that_is_offered_movements_sum_to_revenue_in_every_month(
    names: Sequence[str], switches: Mapping[str, Any], least: int
) -> None:
    dice = random.Random(len(names))
    lines = [one | {"account_id": dice.choice("abcdefg")} for one in some_lines(dice, 60)]
    counted = some_book(dice, lines, [some_deal(dice, n) for n in range(8)]).counted(**switches)
    (whole,) = told(counted, None).values()
    assert all(moved == worth > 0 for moved, worth in whole)
    parts = {name: told(counted, name) for name in names}
    for name, found in parts.items():
        assert all(moved == worth for months in found.values() for moved, worth in months), name
        of_months = zip(*([moved for moved, _ in months] for months in found.values()), strict=True)
        assert [sum(month) for month in of_months] == [moved for moved, _ in whole], name
    assert sum(len(found) > 1 for found in parts.values()) >= least, "the book has something to cut by"


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_by_the_deal_is_that_of_what_a_customer_began_with(seed: int) -> None:
    """Against every line looked at on every day: the largest one that names a deal, on the first day that paid."""
    dice = random.Random(seed)
    deals = [some_deal(dice, n) for n in range(3)]
    lines = some_lines(dice, 16)
    replay = Replay(lines, RATE_DAYS, Switches())
    began: dict[str, dict[str, Any] | None] = {}
    for day in (date(2026, 1, 1) + timedelta(n) for n in range(181)):
        for who in set("abc") - set(began):
            there = [(one, replay.worth(one, day)) for one in lines if one["account_id"] == who]
            paid = [(one["opportunity_id"], w.money, one["id"]) for one, w in there if w and w.counts and w.money > 0]
            if paid:
                deal = min(paid, key=lambda p: (p[0] is None, -p[1], p[2]))[0]
                began[who] = next((one for one in deals if one["id"] == deal), None)
    found = told(some_book(dice, lines, deals).counted(), "source")
    for place, end in enumerate(period.end - timedelta(1) for period in asked(*MONTHS).periods):
        expected: dict[Any, Decimal] = defaultdict(Decimal)
        for who, money in replay.total(end, "account_id").items():
            deal_of = began.get(who)
            expected[deal_of["source"] if deal_of else None] += money
        assert {value: months[place][0] for value, months in found.items() if months[place][0]} == {
            value: money for value, money in expected.items() if money
        }


def renewed() -> Counted:
    """a came by an event, renewed without a deal and grew by another deal; b came outbound and left; c has no deal."""
    deals = [
        {"id": "d1", "account_id": "a", "source": "events", "stage": "won"},
        {"id": "d2", "account_id": "a", "source": "outbound", "stage": "won"},
        {"id": "d3", "account_id": "b", "source": "outbound", "stage": "won"},
    ]
    return Book(
        line("1", "2025-04-01", "2026-04-01", 100, account_id="a", opportunity_id="d1"),
        line("2", "2026-04-01", mrr=120, account_id="a"),
        line("3", "2026-05-01", mrr=50, account_id="a", opportunity_id="d2"),
        line("4", "2025-06-01", "2026-06-01", 80, account_id="b", opportunity_id="d3"),
        line("5", "2025-07-01", mrr=30, account_id="c"),
        line("6", "2026-02-01", mrr=10, account_id="c", opportunity_id="d2"),
        opportunity=deals,
    ).counted()


def test_retention_and_movements_of_a_source_are_of_the_customers_that_it_brought() -> None:
    counted, year = renewed(), asked("01-01", "12-31", Grain.YEAR, by="source")
    flows = {(row["value"], row["place"]): row for row in counted.asked(report.flows(year, LENS))}
    assert {key: row["expansion"] + row["churn"] for key, row in flows.items() if key[1] == 0} == {
        ("events", 0): 70, ("outbound", 0): -80, (None, 0): 10,
    }  # fmt: skip
    kept = {(row["value"], row["place"]): row for row in counted.asked(report.retained(year, LENS))}
    assert {value: row["base"] for (value, place), row in kept.items() if place == -1} == {
        "events": 100, "outbound": 80, None: 30,
    }  # fmt: skip
    assert {value: (row["grown"], row["kept"], row["lost"]) for (value, place), row in kept.items() if place == 0} == {
        "events": (70, 0, 0), "outbound": (-80, -80, 1), None: (10, 0, 0),
    }  # fmt: skip


def test_a_customer_starts_in_one_cohort_of_one_source() -> None:
    periods = asked("2025-01-01", "2026-12-31", Grain.QUARTER).periods
    counted = renewed()
    found = {
        by: counted.asked(cells(CohortAsk(periods, Grain.QUARTER, by, date(2026, 12, 31)), LENS))
        for by in ("source", None)
    }
    started = {by: sum(row["started"] for row in rows) for by, rows in found.items()}
    assert started == {"source": 210, None: 210}
    assert sum(row["base"] for row in found["source"]) == 3
    left = {(row["value"], row["cohort"]): Decimal(0) for row in found["source"]}
    for row in found["source"]:
        left[row["value"], row["cohort"]] += row["money"]
    assert left == {("events", 1): 170, ("outbound", 1): 0, (None, 2): 40}


@pytest.mark.parametrize("name", [
    "stage", "category", "is_won", "is_closed", "lost_reason", "next_step", "goals", "scope", "is_provisional",
    "currency", "known_at", "line_id", "opportunity_id", "opportunity.stage", "kind", "state", "nosuch",
])  # fmt: skip
def test_what_changes_of_itself_is_no_dimension(name: str) -> None:
    assert not is_dimension(name)
    assert name not in known_dimensions()
