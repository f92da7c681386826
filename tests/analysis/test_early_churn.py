"""R100: who left within 90 days, by hand: the stay, the deal, what was promised, what was late, which gate gave way."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fairlead.analysis.early_churn import early_churn, started
from fairlead.analysis.handed import Span
from fairlead.record.engine import Connection, connect
from tests.analysis.flows import table

START = date(2026, 1, 1)
SPAN = Span(date(2025, 12, 1), date(2026, 5, 1), date(2026, 5, 1))
# Customer: its paid lines, as days from the start to the end (None: still running).
LINES: dict[str, list[tuple[int, int | None]]] = {
    "early": [(0, 45)],
    "to the day": [(0, 90)],
    "a day later": [(0, 91)],
    "went on": [(0, 50), (50, None)],  # the next line begins where the first one ends
    "came back": [(-300, -31), (10, 20)],  # the second stay is the short one
    "leaves later": [(60, 130)],  # after the day it is seen on
    "paused": [(0, 100)],  # a pause is no leaving
    "on trial": [(0, 110)],  # of which eighty days were paid
}
# What of these days was otherwise than paid: from and until which day of the line.
STATES: dict[str, list[tuple[int, int | None, str]]] = {
    "paused": [(0, 40, "active"), (40, 80, "paused"), (80, None, "active")],
    "on trial": [(0, 30, "trial"), (30, None, "active")],
}


@pytest.fixture(scope="module")
def world() -> Iterator[Connection]:
    connection = connect(threads=1)
    lines: list[dict[str, Any]] = [
        {"id": f"{who}/{n}", "account_id": who, "opportunity_id": "deal" if who == "early" else None,
         "starts_on": START + timedelta(days=since),
         "ends_on": None if until is None else START + timedelta(days=until),
         "mrr": Decimal(100), "mrr_converted": Decimal(100), "amount": Decimal(200), "discount": Decimal(50)}
        for who, stays in LINES.items()
        for n, (since, until) in enumerate(stays)
    ]  # fmt: skip
    spans = [
        {"line_id": line["id"], "account_id": line["account_id"], "opportunity_id": line["opportunity_id"],
         "starts_on": line["starts_on"] + timedelta(days=since), "state": state, "mrr_converted": line["mrr_converted"],
         "ends_on": line["ends_on"] if until is None else line["starts_on"] + timedelta(days=until)}
        for line in lines
        for since, until, state in STATES.get(line["account_id"], [(0, None, "active")])
    ]  # fmt: skip
    of = {"handoff": "kickoff", "subject": "opportunity", "subject_id": "deal", "cycle": 1}
    tables: dict[str, list[dict[str, Any]]] = {
        "contract_line": lines,
        "mrr_span": spans,
        "account": [{"id": who, "name": who.title()} for who in LINES],
        "opportunity": [{"id": "deal", "name": "The deal", "kind": "new", "owner_id": "sam", "source": "outbound"}],
        "member": [{"id": "sam", "name": "Sam Seller"}],
        "person": [{"id": "ann", "source": "events"}],
        "handoff": [
            {**of, "opportunity_id": "deal", "person_id": "ann", "is_late": False, "is_returned": False},
            {**of, "handoff": "answer", "subject": "person", "subject_id": "ann", "person_id": "ann", "is_late": True,
             "is_returned": False},
        ],
        "handoff_item": [
            {**of, "item": "scope", "is_needed": True, "is_promised": True, "is_there": True},
            {**of, "item": "goals", "is_needed": True, "is_promised": True, "is_there": None},
            {**of, "item": "budget", "is_needed": True, "is_promised": True, "is_there": False},
            {**of, "item": "hopes", "is_needed": True, "is_promised": False, "is_there": False},
        ],
        "gate": [
            {"subject": "opportunity", "subject_id": "deal", "opportunity_id": "deal", "sequence": n, "stage": stage,
             "is_slipped": slipped, "is_waived": not slipped, "waived_by": None if slipped else "Vera",
             "waiver_reason": None if slipped else "The sponsor is away, and asked us to."}
            for n, (stage, slipped) in enumerate([("proposal", True), ("negotiation", False)])
        ],
    }  # fmt: skip
    for name, rows in tables.items():
        table(connection, name, rows)
    yield connection
    connection.close()


def test_r100_who_left_within_ninety_days_and_nobody_else(world: Connection) -> None:
    found = world.sql(early_churn(SPAN).sql).to_arrow_table().to_pylist()
    assert {row["account_id"]: row["days"] for row in found} == {
        "early": 45,
        "to the day": 90,
        "came back": 10,
        "on trial": 80,
    }
    count = world.sql(started(SPAN).sql).to_arrow_table().to_pylist()
    assert count == [{"customers": 7}]  # "leaves later" has had no ninety days yet
    longer = SPAN._replace(start=date(2025, 1, 1))  # who came back is one customer with two stays
    assert world.sql(started(longer).sql).to_arrow_table().to_pylist() == count


def test_r100_the_sale_is_told_with_what_was_promised_and_which_gate_gave_way(world: Connection) -> None:
    (row,) = [r for r in world.sql(early_churn(SPAN).sql).to_arrow_table().to_pylist() if r["account_id"] == "early"]
    assert (row["deal"], row["seller"], row["source"]) == (
        "The deal",
        "Sam Seller",
        "events",
    )  # whoever came brought it
    assert (row["written"], row["unwritten"]) == ("scope", "budget")  # nobody can see goals
    assert (row["late"], row["slipped"]) == ("answer", "proposal")
    assert row["waived"] == [{"stage": "negotiation", "by": "Vera", "reason": "The sponsor is away, and asked us to."}]
    assert (row["mrr"], row["discount"]) == (Decimal(100), 0.25)


def test_only_those_who_started_in_the_time_asked_for(world: Connection) -> None:
    later = SPAN._replace(start=date(2026, 1, 5))
    found = world.sql(early_churn(later).sql).to_arrow_table().to_pylist()
    assert [r["account_id"] for r in found] == ["on trial", "came back"]
