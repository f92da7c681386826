"""What is due to renew and what became of it: on time, early, late or lost, co-termed, split, evergreen."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.analysis.counted import Book, line

AS_OF = date(2026, 6, 30)


def year(key: str, starts: str | date, ends: str | date | None = None, mrr: float = 100, **more: Any) -> dict[str, Any]:
    """A line that is billed by the year."""
    return line(key, starts, ends, mrr=mrr, billing_interval="year", **more)


def due(*lines: dict[str, Any], as_of: date = AS_OF) -> list[tuple[str, str, float, float, float]]:
    """(day, outcome, due, renewed, upsell) of every renewal."""
    rows = Book(*lines, as_of=as_of).counted().rows("SELECT * FROM lens_renewal ORDER BY account_id, due_on")
    names = ("mrr_due", "mrr_renewed", "mrr_upsell")
    return [(f"{row['due_on']}", row["outcome"], *(float(row[name]) for name in names)) for row in rows]


def test_e36_who_runs_on_has_renewed_every_year_and_is_due_again() -> None:
    assert due(year("1", "2024-03-01")) == [
        ("2025-03-01", "renewed", 100, 100, 0), ("2026-03-01", "renewed", 100, 100, 0),
        ("2027-03-01", "open", 100, 0, 0),
    ]  # fmt: skip


def test_e36_what_lapses_is_in_the_base_of_the_day_it_was_due() -> None:
    assert due(year("1", "2025-03-01", "2026-03-01")) == [("2026-03-01", "lost", 100, 0, 0)]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({}, "open"),  # a term ends, and may be renewed
        ({"cancelled_on": "2026-06-20"}, "lost"),
        ({"status": "canceled"}, "lost"),
        ({"cancels_on": "2026-09-01"}, "lost"),
        ({"cancelled_on": "2026-07-20", "status": "canceled"}, "open"),  # not yet
    ],
)
def test_e36_an_end_that_lies_ahead_is_a_loss_once_it_was_asked_for(said: dict[str, Any], outcome: str) -> None:
    assert [row[1] for row in due(year("1", "2025-09-01", "2026-09-01", **said))] == [outcome]
    assert [row[1] for row in due(year("1", "2025-03-01", "2026-03-01", **said))] == ["lost"]


def known(line: dict[str, Any], on: date) -> dict[str, Any] | None:
    """What an export of a day would have had of a line; its end is known once asked for, or once it has come."""
    if line["starts_on"] > on:
        return None
    if line["paused_on"] and line["paused_on"] > on:
        line = {name: value for name, value in line.items() if name not in {"paused_on", "resumes_on"}}
    told = line["cancelled_on"] or line["ends_on"]
    if line["status"] == "active" or told is None or min(told, line["ends_on"]) <= on:
        return line
    return line | {"status": "active", "ends_on": None, "cancelled_on": None}


def one_account(name: str, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Lines of one account, each after the other: terms that end, cancellations with and without a day, successors."""
    starts, months = date(2023, 1, 1) + timedelta(dice.randint(0, 900)), dice.choice([3, 12, 12])
    for place in range(dice.randint(1, 4)):
        days = dice.choice([91, 365, 365, 366, 730, 340, 500])
        ends = starts + timedelta(days) if place < 3 and dice.random() < 0.8 else None
        status = dice.choice(["active", "canceled", "canceled"]) if ends else "active"
        asked = ends - timedelta(dice.randint(0, 200)) if ends and status == "canceled" else None
        paused = starts + timedelta(dice.randint(30, 400)) if dice.random() < 0.3 else None
        yield line(
            f"{name}{place}", starts, ends, mrr=dice.choice([80, 100, 150]), account_id=name, status=status,
            cancelled_on=max(asked, starts) if asked and dice.random() < 0.7 else None,
            product_id=dice.choice(["suite", "core"]), billing_interval_count=months, paused_on=paused,
            resumes_on=paused + timedelta(dice.randint(20, 200)) if paused and dice.random() < 0.7 else None,
        )  # fmt: skip
        if not ends:
            return
        starts = ends + timedelta(dice.choice([0, 0, -20, 14, 80, 130]))


@pytest.mark.parametrize("on", ["2024-02-29", "2025-03-31", "2025-10-15"])
def test_e36_a_day_in_the_past_knows_what_an_export_of_that_day_would_have_said(on: str) -> None:
    """All that is known today, looked at as of a day, against what was known on it."""
    day, dice = date.fromisoformat(on), random.Random(on)
    lines = [row for n in range(60) for row in one_account(f"a{n:02}", dice)]
    then = [row for one in lines if (row := known(one, day))]
    asked = "SELECT * EXCLUDE (customer_id) FROM lens_renewal ORDER BY account_id, due_on"
    told = Book(*lines, as_of=day, is_past=True).counted().rows(asked)
    assert told == Book(*then, as_of=day).counted().rows(asked)
    assert {row["outcome"] for row in told if row["due_on"] > day} >= {"open", "lost"}
    late = Book(*lines, as_of=AS_OF).counted().rows(asked)
    later = {(row["account_id"], row["due_on"]): row["outcome"] for row in late}
    open_then = [(row["account_id"], row["due_on"]) for row in told if row["outcome"] == "open"]
    assert {later.get(key) for key in open_then} >= {"lost", "renewed"}, "what became of them was not known"


def test_e36_early_and_late_renewals_belong_to_the_day_they_were_due() -> None:
    """Sixty days before the end, and twenty days after it; a year later they are due by their own start."""
    early = due(year("1", "2025-05-01", "2026-03-02"), year("2", "2026-03-02"))
    assert early[0] == ("2026-05-01", "early", 100, 100, 0)
    late = due(year("1", "2025-05-01", "2026-05-01"), year("2", "2026-05-21", mrr=80))
    assert late[0] == ("2026-05-01", "late", 100, 80, 0)
    assert due(year("1", "2024-05-01", "2025-05-01"), year("2", "2025-09-21"))[0][1] == "lost", "144 days are new"


def test_e36_how_early_and_how_late_is_a_switch() -> None:
    """Sixty days before the end is no renewal where thirty are allowed; 144 days late is one where 150 are."""
    early = Book(year("1", "2025-05-01", "2026-03-02"), year("2", "2026-03-02"), as_of=AS_OF)
    late = Book(year("1", "2024-05-01", "2025-05-01"), year("2", "2025-09-21"), as_of=AS_OF)
    asked = "SELECT strftime(due_on, '%Y-%m-%d') AS due, outcome FROM lens_renewal ORDER BY due_on"
    thirty = early.counted(renewals={"early_days": 30}).rows(asked)
    assert {"due": "2026-05-01", "outcome": "early"} not in thirty
    assert late.counted(renewals={"late_days": 150}).rows(asked)[0] == {"due": "2025-05-01", "outcome": "late"}


def test_e36_upsell_is_apart_from_the_renewal() -> None:
    lines = (year("1", "2025-05-01", "2026-05-01"), year("2", "2026-05-01", mrr=160))
    assert due(*lines)[0] == ("2026-05-01", "renewed", 100, 100, 60)


def test_e37_co_termed_lines_are_one_renewal_and_a_line_may_split() -> None:
    """Two lines become one, which is less; one line becomes two of other products on its last day."""
    co = [
        year("1", "2025-05-01", "2026-05-01"),
        year("2", "2025-05-01", "2026-05-01", 50),
        year("3", "2026-05-01", mrr=120),
    ]
    assert due(*co)[0] == ("2026-05-01", "renewed", 150, 120, 0)
    split = [
        year("1", "2025-05-01", "2026-05-01", product_id="suite"), year("2", "2026-05-01", mrr=70, product_id="core"),
        year("3", "2026-05-01", mrr=45, product_id="more"),
    ]  # fmt: skip
    rows = Book(*split, as_of=AS_OF).counted().rows("SELECT * FROM lens_renewal WHERE due_on = '2026-05-01'")
    told = [(float(row["mrr_renewed"]), float(row["mrr_upsell"]), row["is_split"], row["is_co_termed"]) for row in rows]
    assert told == [(100, 15, True, False)]


def test_e37_evergreen_lines_are_never_due_unless_they_name_a_day() -> None:
    assert due(line("1", "2025-01-01"), line("2", "2025-01-01", "2026-02-01")) == []
    assert due(line("1", "2025-01-01", renews_on="2026-04-01")) == [("2026-04-01", "renewed", 100, 100, 0)]
    assert [row[0] for row in due(line("1", "2026-01-01", billing_interval_count=3))][:2] == [
        "2026-04-01",
        "2026-07-01",
    ]


def test_e38_only_what_was_due_could_be_lost() -> None:
    """Of 300 that are paid, 100 were due in March: a loss of it is all of what was eligible."""
    rows = due(
        year("1", "2025-03-01", "2026-03-01"), year("2", "2025-10-01", account_id="b"),
        year("3", "2025-11-01", account_id="c"),
    )  # fmt: skip
    march = [row for row in rows if row[0].startswith("2026-03")]
    assert march == [("2026-03-01", "lost", 100, 0, 0)]
    assert [row[1] for row in rows if row not in march] == ["open", "open"]


def test_e36_an_end_far_before_the_due_day_is_no_renewal() -> None:
    assert due(year("1", "2025-05-01", "2025-09-01")) == []


def test_e37_one_line_that_follows_two_days_counts_once() -> None:
    """Two terms that end near each other go over into one line: what it brings is shared out among their days."""
    three, two = year("1", "2025-03-01", "2026-03-01", mrr=3000), year("2", "2025-03-21", "2026-03-21", mrr=2000)
    lost = due(three, two, year("3", "2026-03-01", mrr=3000))
    assert lost[:2] == [("2026-03-01", "renewed", 3000, 3000, 0), ("2026-03-21", "lost", 2000, 0, 0)]
    more = due(three, two, year("3", "2026-03-21", mrr=5155))
    assert more[:2] == [("2026-03-01", "late", 3000, 3000, 0), ("2026-03-21", "renewed", 2000, 2000, 155)]
    less = due(three, two, year("3", "2026-03-21", mrr=2500))
    assert less[:2] == [("2026-03-01", "late", 3000, 500, 0), ("2026-03-21", "renewed", 2000, 2000, 0)], "nearest first"


@pytest.mark.parametrize("seed", range(3))
def test_e37_no_line_is_renewed_twice(seed: int) -> None:
    """Whatever follows whatever: renewed and upsell of what ended are the lines that follow, each counted once."""
    dice = random.Random(seed)
    lines = []
    for n in range(80):
        first = date(2025, 1, 1) + timedelta(dice.randint(0, 200))
        ends = [first + timedelta(365 + dice.choice([0, 0, 10, 40, 80])) for _ in range(dice.randint(1, 3))]
        lines += [
            year(f"{n}-{k}", end - timedelta(365), end, mrr=dice.randint(1, 50) * 10, account_id=f"a{n:02}")
            for k, end in enumerate(ends)
        ]
        lines += [
            line(f"{n}+{k}", dice.choice(ends) + timedelta(dice.choice([0, 0, 5, 60])), mrr=dice.randint(1, 90) * 10,
                 account_id=f"a{n:02}")
            for k in range(dice.randint(0, 2))
        ]  # fmt: skip
    told = Book(*lines, as_of=date(2026, 12, 31)).counted().rows("SELECT * FROM lens_renewal")
    for n in range(80):
        mine = [one for one in lines if one["account_id"] == f"a{n:02}"]
        ended = [one["ends_on"] for one in mine if one["ends_on"]]
        following = sum(
            one["mrr"] for one in mine
            if not one["ends_on"] and any(-31 <= (one["starts_on"] - end).days <= 90 for end in ended)
        )  # fmt: skip
        rows = [row for row in told if row["account_id"] == f"a{n:02}"]
        assert sum(row["mrr_renewed"] + row["mrr_upsell"] for row in rows) == following
        assert sum(row["mrr_due"] for row in rows) == sum(one["mrr"] for one in mine if one["ends_on"])
        assert all(row["mrr_renewed"] <= row["mrr_due"] for row in rows)


def why(*lines: dict[str, Any], deals: tuple[dict[str, Any], ...] = ()) -> list[tuple[str, str | None, str | None]]:
    """(outcome, kind, reason) of every renewal that is decided or open in 2026."""
    deal = {"account_id": "a", "kind": "renewal", "is_closed": True, "is_won": False, "lost_reason": "price"}
    told = [deal | one | {"id": f"d{n}"} for n, one in enumerate(deals)]
    counted = Book(*lines, as_of=AS_OF, opportunity=told).counted()
    rows = counted.rows("SELECT * FROM lens_renewal WHERE due_on >= '2026-01-01' ORDER BY account_id, due_on")
    return [(row["outcome"], row["churn_kind"], row["reason"]) for row in rows]


LEFT: dict[str, Any] = {"status": "canceled", "cancelled_on": "2026-02-01"}


def test_why_a_renewal_was_lost_is_what_was_said_of_the_line_that_ended() -> None:
    said = {**LEFT, "cancel_kind": "voluntary", "cancel_reason": "missing feature"}
    lost = year("1", "2025-03-01", "2026-03-01", **said)
    assert why(lost) == [("lost", "voluntary", "missing feature")]
    small = year("2", "2025-03-01", "2026-03-01", mrr=20, **{**said, "cancel_reason": "no budget"})
    assert why(small, lost) == [("lost", "voluntary", "missing feature")]  # the larger one
    fewer = year("3", "2026-03-01", mrr=60)
    assert why(lost, fewer)[0] == ("renewed", "voluntary", "missing feature")  # 40 of 100 were not
    assert why(lost, year("3", "2026-03-01"))[0] == ("renewed", None, None)
    assert why(year("1", "2025-12-01", "2026-12-01", cancel_reason="later")) == [("open", None, None)]


def test_why_a_renewal_was_lost_is_else_what_was_said_of_its_deal() -> None:
    lost = year("1", "2025-03-01", "2026-03-01")
    near, old, far = ({"closed_on": date(2026, *day)} for day in ((2, 20), (1, 10), (6, 20)))
    assert why(lost) == [("lost", None, None)]
    assert why(lost, deals=({**old, "lost_reason": "timing"}, near)) == [("lost", None, "price")]  # the last one
    other = ({**near, "is_won": True}, {**near, "kind": "expansion"}, {**near, "account_id": "b"}, far)
    assert why(lost, deals=other) == [("lost", None, None)]
    assert why(lost | {"cancel_reason": "moved"}, deals=(near,)) == [("lost", None, "moved")]
