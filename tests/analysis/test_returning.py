"""Customers who left and came back: a cycle for each stay, told day by day from random lines of companies."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fairlead.analysis import lingering
from fairlead.analysis.funnel import Ask, Step, counts
from fairlead.model.lifecycle import Again, Skipped
from fairlead.model.revenue import Revenue, Switches
from fairlead.model.whole import Model
from fairlead.record.engine import Connection
from fairlead.values import Period
from tests.analysis.flows import KNOWN, engine, entries, model_of, table

FIRST, AS_OF = date(2026, 1, 1), date(2028, 6, 30)
CUSTOMER = {"subject": "account", "owner": "csm"}
STAGES = {
    "onboarding": {**CUSTOMER, "enters": "customer_since"},
    "adopted": {**CUSTOMER, "enters": "first_value_at"},
    "renewal": {**CUSTOMER, "enters": "renewal_since"},
}


def model(group_days: int = 1, before: Mapping[str, Any] | None = None) -> Model:
    stages = model_of(stages={**(before or {}), **STAGES}).lifecycle
    return Model(lifecycle=stages, revenue=Revenue(switches=Switches(group_days=group_days)))


def on(days: int) -> date:
    return FIRST + timedelta(days=days)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class Line(NamedTuple):
    """Days from the first: paid from `start` on for `paid` days (None: on and on), then paused for so many."""

    start: int
    paid: int | None
    paused: int = 0


def spans(lines: Sequence[Line], account: str = "a") -> list[dict[str, Any]]:
    """The lines as mart.mrr_span has them; each was tried for ten days, and was free for thirty in the end."""
    rows = []
    for n, line in enumerate(lines):
        over = None if line.paid is None else line.start + line.paid
        parts = [("trial", line.start - 10, line.start), ("active", line.start, over)]
        if over is not None:
            rest = over + line.paused
            parts += [("paused", over, rest)] * (line.paused > 0) + [("free", rest, rest + 30)]
        rows += [
            {"line_id": f"{account}{n}", "account_id": account, "state": state, "starts_on": on(start),
             "ends_on": None if end is None else on(end), "mrr": 100 * (state == "active"),
             "mrr_converted": 100 * (state == "active")}
            for state, start, end in parts
        ]  # fmt: skip
    return rows


class There(NamedTuple):
    """Where a company is at the end of a day."""

    cycle: int
    stage: str


def replayed(lines: Sequence[Line], value: int | None, group_days: int) -> dict[int, There]:
    """Day by day: whoever was away for `group_days` begins anew; short absences are told when they are over."""
    last = (AS_OF - FIRST).days
    happened = [line for line in lines if line.start <= last]
    found: dict[int, There] = {}
    cycle, begun, seen, renewing = 0, 0, -999, False
    for day in range(last + 1):
        paid = any(line.start <= day and (line.paid is None or day < line.start + line.paid) for line in happened)
        kept = any(line.paid is not None and 0 <= day - line.start - line.paid < line.paused for line in happened)
        if not paid and not kept:
            continue
        if cycle == 0 or day - seen - 1 >= group_days:
            cycle, begun, renewing = cycle + 1, day, False
        used = value is not None and (cycle == 1 or value >= begun)
        for missed in range(max(seen + 1, begun), day + 1):
            renewing = renewing or (missed == day and day >= begun + 245)
            is_used = used and value is not None and value <= missed
            found[missed] = There(cycle, "renewal" if renewing else "adopted" if is_used else "onboarding")
        seen = day
    return found


DAYS = st.integers(0, 960)
LINE = st.builds(Line, DAYS, st.none() | st.integers(1, 400), st.just(0) | st.integers(1, 40))
BOOKS = st.lists(
    st.tuples(st.lists(LINE, min_size=1, max_size=4), st.none() | DAYS, st.booleans()), min_size=1, max_size=4
)


def books(given_: Sequence[tuple[list[Line], int | None, bool]]) -> list[tuple[list[Line], int | None]]:
    """At times the first use is on the very day of the last line: perhaps that of a return."""
    return [(lines, lines[-1].start if is_same else value) for lines, value, is_same in given_]


@settings(max_examples=25, deadline=None)
@given(BOOKS, st.sampled_from([1, 7]))
@example([([Line(0, 1, 1)], 2, False)], 1)  # first used at the moment that they left
def test_e7_stays_of_customers_are_those_of_a_replay_day_by_day(lives: Any, group_days: int) -> None:
    told = books(lives)
    keys = [f"a{n}" for n in range(len(told))]
    facts = [
        {"id": key, "customer_since": first if first <= AS_OF else None,
         "first_value_at": None if value is None or first > AS_OF else midnight(on(value))}
        for key, (lines, value) in zip(keys, told, strict=True)
        for first in [on(min(line.start for line in lines))]
    ]  # fmt: skip
    rows: dict[str, Any] = {
        "account": [{"id": key, "seen_at": KNOWN} for key in keys], "facts_account": facts,
        "mrr_span": [row for key, (lines, _) in zip(keys, told, strict=True) for row in spans(lines, key)],
    }  # fmt: skip
    with engine(model(group_days), as_of=AS_OF, **rows) as connection:
        found = entries(connection)
    for key, (lines, value) in zip(keys, told, strict=True):
        own = [row for row in found if row["subject_id"] == key]
        there: dict[int, There] = {}
        for row in own:
            start, end = row["entered_at"].date(), row["left_at"].date() if row["left_at"] else AS_OF + timedelta(1)
            for day in range((start - FIRST).days, (end - FIRST).days):
                assert day not in there  # in one stage at a time
                there[day] = There(row["cycle"], row["stage"])
        assert there == replayed(lines, value, group_days)
        for row, after in zip_longest(own, own[1:]):
            goes_on = after is not None and after["cycle"] == row["cycle"] and after["entered_at"] == row["left_at"]
            if row["left_at"] and row["left_at"] > row["entered_at"]:
                assert row["next_stage"] == (after["stage"] if after and goes_on else None)
            assert not row["is_regression"]


STAY, AWAY = Line(0, 300), Line(600, None)


def company(*lines: Line, before: Any = None, as_of: date = AS_OF, **rows: Any) -> Connection:
    """A company of these lines that first used the product after 20 days."""
    facts = [{"id": "a", "customer_since": FIRST, "first_value_at": midnight(on(20)), "is_customer": True}]
    return engine(
        model(before=before), as_of=as_of, account=[{"id": "a", "seen_at": KNOWN}],
        facts_account=facts, mrr_span=spans(lines), **rows,
    )  # fmt: skip


def test_a_customer_who_left_and_came_back_begins_a_second_cycle() -> None:
    with company(STAY, AWAY) as connection:
        rows = entries(connection)
    told = [(r["stage"], r["cycle"], r["entered_at"], r["left_at"], r["next_stage"], r["skipped"]) for r in rows]
    assert told == [
        ("onboarding", 1, midnight(on(0)), midnight(on(20)), "adopted", 0),
        ("adopted", 1, midnight(on(20)), midnight(on(245)), "renewal", 0),
        ("renewal", 1, midnight(on(245)), midnight(on(300)), None, 0),
        ("onboarding", 2, midnight(on(600)), midnight(on(845)), "renewal", 0),
        ("renewal", 2, midnight(on(845)), None, None, 1),
    ]


def test_who_left_in_onboarding_comes_back_to_it() -> None:
    with company(Line(0, 10), Line(15, None)) as connection:
        rows = entries(connection, f"entered_at < TIMESTAMPTZ '{on(200)} 00:00Z'")
    assert [(r["stage"], r["cycle"], r["left_at"], r["next_stage"]) for r in rows] == [
        ("onboarding", 1, midnight(on(10)), None),
        ("onboarding", 2, midnight(on(20)), "adopted"),
        ("adopted", 2, midnight(on(260)), "renewal"),
    ]


SIGNED = {"signed": {"subject": "opportunity", "owner": "ae", "enters": "closed_at", "enter_when": "is_won"}}


def asked(model_: Model) -> Ask:
    steps = tuple(Step(s.name, str(s.subject), n) for n, s in enumerate(model_.stages, 1))
    return Ask("lifecycle", steps, None, (Period("all", FIRST, AS_OF),), True, Skipped.PASSED, Again.CONTINUES, AS_OF,
               "UTC")  # fmt: skip


def run(connection: Connection, query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.sql(query.sql).to_arrow_table().to_pylist()
    return found


def published(connection: Connection) -> None:
    """The stays with their days, as a build publishes them."""
    rows = entries(connection)
    connection.execute("DROP TABLE mart.stage_entry")
    table(connection, "stage_entry", rows)


def test_who_came_back_is_no_leak_stands_again_and_has_ended_a_stay() -> None:
    for lines, leaks, standing, ended in (
        ((STAY,), 1, 0, 1),
        ((STAY, AWAY), 0, 1, 1),
        ((STAY, Line(600, 30)), 1, 0, 1),
    ):
        with company(*lines) as connection:
            published(connection)
            ask = asked(model())
            assert sum(row["lost"] for row in run(connection, lingering.leaks(ask))) == leaks
            assert sum(row["standing"] for row in run(connection, lingering.standing(ask, weeks=1))) == standing
            (time,) = [row for row in run(connection, lingering.times(ask)) if row["stage"] == "renewal"]
            assert time["ended"] == ended


def test_a_deal_that_won_a_customer_back_goes_on_with_the_return() -> None:
    """The first deal began the first stay; the second was signed while the company was away."""
    deals = [
        {"id": key, "account_id": "a", "is_won": True, "is_closed": True, "stage": "won", "seen_at": KNOWN,
         "created_at": midnight(on(day - 5)), "closed_at": midnight(on(day))}
        for key, day in (("first", 0), ("back", 590))
    ]  # fmt: skip
    person = {"id": "p", "created_at": midnight(on(580)), "seen_at": KNOWN}
    new = {"new": {"subject": "person", "owner": "sdr", "enters": "created_at"}}
    roles = [{"id": "r", "person_id": "p", "opportunity_id": "back"}]
    rows: dict[str, Any] = {"opportunity": deals, "facts_opportunity": deals, "buying_role": roles, "person": [person],
                            "facts_person": [person]}  # fmt: skip
    for as_of, reached in ((on(599), {1: 1, 2: 1}), (on(800), {1: 1, 2: 1, 3: 1})):
        with company(STAY, AWAY, before={**new, **SIGNED}, as_of=as_of, **rows) as connection:
            published(connection)
            signed = {r["subject_id"]: (r["left_at"], r["next_stage"]) for r in entries(connection, "stage = 'signed'")}
            ask = asked(model(before={**new, **SIGNED}))._replace(as_of=as_of)
            assert {row["step"]: row["reached"] for row in run(connection, counts(ask))} == reached
        assert signed["first"][1] == "onboarding"
        assert signed["back"] == ((midnight(on(600)), "onboarding") if as_of > on(600) else (None, None))
