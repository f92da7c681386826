"""What is lost leaves the lifecycle: deals on the day they closed, people with the last of their deals."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis import lingering
from fairlead.analysis.funnel import Ask, Step, counts
from fairlead.model.lifecycle import Again, Skipped
from fairlead.model.whole import Model
from fairlead.record.engine import Connection
from fairlead.values import Period
from tests.analysis.flows import AS_OF, KNOWN, at, engine, entries, model_of, table

QUALIFIED = {"subject": "person", "owner": "ae", "enters": "sql_at"}
SIGNED = {"subject": "opportunity", "owner": "ae", "enters": "closed_at", "enter_when": "is_won"}
LONG = Model(
    lifecycle=model_of(
        stages={
            "new": {"subject": "person", "owner": "sdr", "enters": "created_at"},
            "qualified": QUALIFIED,
            "signed": SIGNED,
        }
    ).lifecycle
)
SHORT = Model(
    lifecycle=model_of(
        stages={
            "qualified": QUALIFIED,
            "deal": {"subject": "opportunity", "owner": "ae", "enters": "created_at", "exit_when": "is_closed"},
            "customer": {"subject": "account", "owner": "csm", "enters": "customer_since"},
        }
    ).lifecycle
)


def deal(key: str, created: float, closed: float | None = None, *, won: bool = False, **more: Any) -> dict[str, Any]:
    """Hours after the beginning; closed and not won is lost."""
    return {"id": key, "account_id": "a", "stage": "talk", "source_system": "crm", "seen_at": KNOWN,
            "created_at": at(created), "closed_at": None if closed is None else at(closed),
            "is_closed": closed is not None, "is_won": won, **more}  # fmt: skip


def company(model: Model, *deals: dict[str, Any], since: float | None = None, **person: Any) -> Connection:
    """A lead who was qualified after 20 hours and is on all the deals of their company, a customer `since` then."""
    lead = {"id": "p", "created_at": at(0), "sql_at": at(20), "account_id": "a", "seen_at": KNOWN, **person}
    known = [{"id": "a", "customer_since": at(since).date(), "is_customer": True}] if since is not None else []
    return engine(
        model, person=[lead], facts_person=[lead], opportunity=deals, facts_opportunity=deals,
        account=[{"id": "a", "seen_at": KNOWN}], facts_account=known,
        buying_role=[{"id": one["id"], "person_id": "p", "opportunity_id": one["id"]} for one in deals],
    )  # fmt: skip


def last(model: Model, *deals: dict[str, Any], **person: Any) -> tuple[datetime | None, str | None]:
    """When the lead left the stage of the qualified, and for which."""
    with company(model, *deals, **person) as connection:
        (row,) = entries(connection, "stage = 'qualified' AND flow = 'lifecycle'")
    return row["left_at"], row["next_stage"]


def test_a_person_leaves_the_lifecycle_with_the_last_of_their_deals_that_is_lost() -> None:
    assert last(LONG) == (None, None)  # no deal at all
    assert last(LONG, deal("d", 30, 100)) == (at(100), None)
    assert last(LONG, deal("d", 10, 100)) == (at(100), None)  # was open when they came to the stage
    assert last(LONG, deal("d", 30, 100), deal("e", 40, 70)) == (at(100), None)
    assert last(LONG, deal("d", 30, 100), deal("e", 40)) == (None, None)
    assert last(LONG, deal("d", 30, 100), deal("e", 40, 900, won=True)) == (at(900), "signed")
    assert last(LONG, deal("d", 1, 19)) == (None, None)  # was over before they came to the stage
    assert last(LONG, deal("d", 30, 24 * 300)) == (None, None)  # closes after the day asked on
    assert last(LONG, deal("d", 30, 100), deal("gone", 40, deleted_at=at(50))) == (at(100), None)


LIVES = st.lists(
    st.tuples(st.integers(1, 60), st.none() | st.integers(0, 60), st.booleans()), min_size=1, max_size=5
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(LIVES)
def test_whatever_their_deals_a_person_leaves_when_none_is_left_to_win(lives: list[Any]) -> None:
    deals = [
        deal(f"d{n}", start, None if lasts is None else start + lasts, won=won and lasts is not None)
        for n, (start, lasts, won) in enumerate(lives)
    ]
    there = [one for one in deals if one["closed_at"] is None or one["closed_at"] >= at(20)]
    won = sorted(one["closed_at"] for one in deals if one["is_won"])
    expected: tuple[datetime | None, str | None] = (None, None)
    if won:
        expected = (max(won[0], at(20)), "signed")
    elif there and all(one["is_closed"] for one in there):
        expected = (max(one["closed_at"] for one in there), None)
    assert last(LONG, *deals) == expected


def test_a_lost_deal_leaves_on_the_day_it_closed_and_no_other_deals_win_moves_it_on() -> None:
    """Two are lost and one is open when the company buys by a fourth one; a fifth one is won from the customer."""
    bought = deal("bought", 50, 400, won=True)
    more = deal("more", 600, 800, won=True)
    with company(SHORT, deal("l1", 30, 100), deal("l2", 60, 300), deal("open", 200), bought, more, since=480) as found:
        rows = entries(found, "stage = 'deal'")
    since = datetime(2026, 1, 21, tzinfo=UTC)
    assert at(480).date() == since.date()
    assert {r["subject_id"]: (r["left_at"], r["next_stage"]) for r in rows} == {
        "l1": (at(100), None), "l2": (at(300), None), "open": (None, None), "bought": (since, "customer"),
        "more": (at(800), "customer"),
    }  # fmt: skip


def test_a_deal_created_after_it_was_lost_is_in_no_stage() -> None:
    with company(SHORT, deal("late", 100, 90)) as found:
        (row,) = entries(found, "stage = 'deal'")
    assert (row["left_at"], row["next_stage"]) == (at(100), None)


@pytest.mark.parametrize("enter_when", ["not is_won", "lost_reason is not null"])
def test_a_stage_for_the_lost_keeps_them(enter_when: str) -> None:
    stages = {"deal": {"subject": "opportunity", "owner": "ae", "enters": "created_at"},
              "lost": {**SIGNED, "enter_when": enter_when}}  # fmt: skip
    model = Model(lifecycle=model_of(stages=stages).lifecycle)
    with company(model, deal("d", 10, 100, lost_reason="price")) as found:
        rows = entries(found, "flow = 'lifecycle'")
    assert [(r["stage"], r["left_at"], r["next_stage"]) for r in rows] == [
        ("deal", at(100), "lost"), ("lost", None, None),
    ]  # fmt: skip


def asked(model: Model) -> Ask:
    steps = tuple(Step(s.name, str(s.subject), n) for n, s in enumerate(model.stages, 1))
    whole = Period("all", at(0).date(), AS_OF)
    return Ask("lifecycle", steps, None, (whole,), True, Skipped.PASSED, Again.CONTINUES, AS_OF, "UTC")


def published(connection: Connection) -> None:
    """What the queries read beside the stays, which have their days as a build publishes them."""
    rows = entries(connection)
    connection.execute("DROP TABLE mart.stage_entry")
    for name in ("stage_entry", "contract_line", "member"):
        table(connection, name, rows if name == "stage_entry" else [])


def run(connection: Connection, query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.sql(query.sql).to_arrow_table().to_pylist()
    return found


def test_what_was_lost_is_a_leak_with_its_money_an_end_of_its_time_and_stands_nowhere() -> None:
    """Of four deals one is lost after 70 h, one deleted after 10, one won after 100, one open."""
    deals = [deal("lost", 30, 100, amount_converted=Decimal(900)), deal("gone", 30, deleted_at=at(40)),
             deal("won", 30, 130, won=True), deal("open", 30)]  # fmt: skip
    with company(SHORT, *deals, since=120) as found:
        published(found)
        ask = asked(SHORT)
        (leak,) = [one for one in run(found, lingering.leaks(ask)) if one["value"] is not None]
        (time,) = [one for one in run(found, lingering.times(ask)) if one["stage"] == "deal"]
        standing = {one["stage"]: one["standing"] for one in run(found, lingering.standing(ask, weeks=1))}
        listed = run(found, lingering.left(ask, "deal"))
    assert {one["who"]: one["value"] for one in listed} == {"gone": None, "lost": Decimal(900)}
    assert (leak["stage"], leak["value"]) == ("deal", Decimal(900))
    assert (time["ended"], time["still_open"]) == (2, 1)
    assert time["median"] == 100 * 3600  # of the three at risk after 70 h one left, of the two after 100 h another
    assert standing == {"qualified": 0, "deal": 1, "customer": 1}


def test_who_lost_reaches_no_stage_that_the_company_came_to_by_another_deal() -> None:
    with company(SHORT, deal("lost", 30, 100), since=300) as found:
        published(found)
        reached = {row["step"]: row["reached"] for row in run(found, counts(asked(SHORT)))}
    assert reached == {1: 1, 2: 1}
