"""mart.stage_entry against replays of the same histories in loops that share nothing with the SQL but its rules."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.stages import lifecycle_stays, stage_entries
from fairlead.model.agreed import Subject
from fairlead.model.handoffs import Handoffs
from fairlead.model.load import STARTER, presets
from fairlead.model.tables import TABLES, Kind
from fairlead.model.whole import Model
from tests.analysis.flows import AS_OF, KNOWN, Change, at, engine, entries, model_of

PRESETS = presets(STARTER)
PEOPLE = ("new", "warm", "ready", "taken")
PERSON = {"subject": "person", "owner": "sdr"}
STAGES = {
    "new": {**PERSON, "enters": "created_at"},
    "warm": {**PERSON, "enters": "engaged_at", "stands_for": ["lukewarm"]},
    "ready": {**PERSON, "enters": "mql_at"},
    "taken": {**PERSON, "enters": "sal_at"},
}
RECYCLING = Handoffs.model_validate(
    {"handoffs": {"mql": {"from": "marketing", "to": "sales", "recycling": {"to_stage": "warm"}}}}
)
LEADS = Model(lifecycle=model_of(stages=STAGES).lifecycle, handoffs=RECYCLING)
BACK_TO = 2
NAMES = {**{name: name for name in PEOPLE}, "lukewarm": "warm"}


class Stay(NamedTuple):
    stage: str
    entered_at: datetime
    left_at: datetime | None
    next_stage: str | None
    cycle: int
    skipped: int
    is_regression: bool
    is_dated: bool


def stays_of(walk: Sequence[tuple[str, datetime, bool]], gone: datetime | None) -> list[Stay]:
    """The stays of a walk through the stages; what came after the day asked on has not happened."""
    walk = [step for step in walk if step[1].date() <= AS_OF]
    found: list[Stay] = []
    cycle = 1
    for n, (stage, entered, is_dated) in enumerate(walk):
        place = PEOPLE.index(stage) + 1
        before = PEOPLE.index(walk[n - 1][0]) + 1 if n else None
        cycle += before is not None and place < before and place <= BACK_TO
        then = walk[n + 1] if n + 1 < len(walk) else None
        left = then[1] if then else max(gone, entered) if gone else None
        jumped = max(place - before - 1, 0) if before else 0
        back = before is not None and place < before
        found.append(Stay(stage, entered, left, then[0] if then else None, cycle, jumped, back, is_dated))
    return found


def replayed(created: datetime | None, changes: Sequence[Change], gone: datetime | None) -> list[Stay]:
    """A history told as changes of the stage, in order of time; days kept as columns in the order of the stages."""
    known = [c for c in changes if c.new in NAMES]
    known.sort(key=lambda c: (c.at, PEOPLE.index(NAMES[str(c.new)]) + 1 if c.old is None else 0, c.id))
    walk: list[tuple[str, datetime, bool]] = []
    if known and (first := NAMES.get(known[0].old or "")):
        start = known[0].at if created is None or created > known[0].at else created
        walk.append((first, start, created is not None and created <= known[0].at))
    for change in known:
        stage = NAMES[str(change.new)]
        if not walk or walk[-1][0] != stage:
            walk.append((stage, change.at, True))
    return stays_of(walk, gone)


def found_of(rows: Sequence[dict[str, Any]], subject_id: str) -> list[Stay]:
    return [Stay(**{name: row[name] for name in Stay._fields}) for row in rows if row["subject_id"] == subject_id]


HOURS = st.integers(0, 12).map(lambda n: at(n * 8)) | st.just(
    at(24 * 100)
)  # ties, same days, and after the day asked on
NAMED = st.sampled_from([*NAMES, "never agreed"])
MOVES = st.lists(st.tuples(st.none() | NAMED, NAMED, HOURS), max_size=7)
LIVES = st.lists(st.tuples(st.none() | HOURS, MOVES, st.none() | HOURS), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(LIVES)
def test_e40_e41_e48_stays_of_people_are_what_a_replay_of_their_history_gives(lives: list[Any]) -> None:
    people, changes = [], []
    for n, (created, moves, gone) in enumerate(lives):
        deleted = gone if gone and gone.date() <= AS_OF else None
        people.append({"id": f"p{n}", "created_at": created, "deleted_at": deleted, "seen_at": KNOWN})
        changes += [
            Change("person", f"p{n}", "stage", old, new, moment, f"{n}-{place}")
            for place, (old, new, moment) in enumerate(moves)
        ]
    with engine(LEADS, changes, person=people, facts_person=[]) as connection:
        rows = entries(connection)
    for n, (created, _, _) in enumerate(lives):
        told = [c for c in changes if c.entity_id == f"p{n}"]
        assert found_of(rows, f"p{n}") == replayed(created, told, people[n]["deleted_at"])
    places = [(row["subject_id"], row["sequence"]) for row in rows]
    assert len(set(places)) == len(places)


COLUMNS = ("created_at", "engaged_at", "mql_at", "sal_at")


def reached(times: dict[str, datetime], returned: datetime | None) -> list[Stay]:
    """Milestones in the order of time, forward only; a return leads back, and nothing is before the first stage."""
    first = times.get("created_at")
    told = [
        (max(t, first) if first else t, 0, place, PEOPLE[place])
        for place, c in enumerate(COLUMNS)
        if (t := times.get(c))
    ]
    if returned:
        told.append((max(returned, first) if first else returned, 1, BACK_TO - 1, "warm"))
    walk: list[tuple[str, datetime, bool]] = []
    furthest = -1
    for moment, is_return, place, stage in sorted(told):
        if is_return:
            furthest = place
        elif place <= furthest:
            continue
        furthest = max(furthest, place)
        if not walk or walk[-1][0] != stage:
            walk.append((stage, moment, True))
    return stays_of(walk, None)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, HOURS)), st.none() | HOURS),
        min_size=1,
        max_size=5,
    )
)
def test_e41_milestones_are_stays_forward_in_time_and_a_return_starts_the_next_cycle(lives: list[Any]) -> None:
    people = [{"id": f"p{n}", **times, "recycled_at": back, "seen_at": KNOWN} for n, (times, back) in enumerate(lives)]
    with engine(LEADS, person=people, facts_person=people) as connection:
        rows = entries(connection)
    for n, (times, back) in enumerate(lives):
        assert found_of(rows, f"p{n}") == reached(times, back), times


def person(**more: Any) -> dict[str, Any]:
    return {"id": "p", "created_at": at(0), "seen_at": KNOWN, **more}


def walked(model: Model, *changes: Change, **rows: Any) -> list[tuple[Any, ...]]:
    """(stage, entered at, next stage, cycle) of every stay."""
    with engine(model, changes, **rows) as connection:
        found = entries(connection)
    return [(r["stage"], r["entered_at"], r["next_stage"], r["cycle"]) for r in found]


def test_a_recycled_lead_comes_back_as_cycle_two_though_its_times_were_overwritten() -> None:
    now = person(engaged_at=at(10), mql_at=at(90), recycled_at=at(40))
    was = Change("person", "p", "mql_at", at(20).isoformat(), at(90).isoformat(), at(90), "1")
    assert walked(LEADS, was, person=[now], facts_person=[now]) == [
        ("new", at(0), "warm", 1), ("warm", at(10), "ready", 1), ("ready", at(20), "warm", 1),
        ("warm", at(40), "ready", 2), ("ready", at(90), None, 2),
    ]  # fmt: skip


def test_a_corrected_time_is_no_second_cycle() -> None:
    now = person(mql_at=at(25))
    was = Change("person", "p", "mql_at", at(20).isoformat(), at(25).isoformat(), at(30), "1")
    assert walked(LEADS, was, person=[now], facts_person=[now]) == [
        ("new", at(0), "ready", 1), ("ready", at(25), None, 1),
    ]  # fmt: skip


DEAL_STAGES = {
    "talk": {"owner": "ae"}, "offer": {"owner": "ae"}, "terms": {"owner": "ae"},
    "won": {"outcome": "won"}, "lost": {"outcome": "lost"},
}  # fmt: skip
WHOLE = Model(
    lifecycle=model_of(
        stages={
            **STAGES,
            "signed": {"subject": "opportunity", "owner": "ae", "enters": "closed_at", "enter_when": "is_won"},
            "live": {"subject": "account", "owner": "csm", "enters": "customer_since"},
        },
        pipelines={"sales": {"stages": DEAL_STAGES}},
    ).lifecycle,
    handoffs=RECYCLING,
)


def deal(key: str = "d", **more: Any) -> dict[str, Any]:
    return {"id": key, "account_id": "a", "stage": "talk", "is_won": False, "is_closed": False, "created_at": at(0),
            "seen_at": KNOWN, "source_system": "crm", **more}  # fmt: skip


def move(new: str, hours: float, old: str | None = None, key: str = "d") -> Change:
    return Change("opportunity", key, "stage", old, new, at(hours), f"{hours:09}")


def deals(*changes: Change, model: Model = WHOLE, **now: Any) -> list[dict[str, Any]]:
    rows = [deal(**now)]
    with engine(model, changes, opportunity=rows, facts_opportunity=rows, person=[], account=[]) as connection:
        return entries(connection, "flow <> 'lifecycle'")


def test_e39_a_reopened_deal_is_told_as_its_second_cycle() -> None:
    won: dict[str, Any] = {"stage": "won", "is_won": True, "is_closed": True, "closed_at": at(90)}
    rows = deals(
        move("offer", 10, "talk"), move("lost", 20, "offer"), move("offer", 50, "lost"), move("won", 90, "offer"), **won
    )
    assert [(r["stage"], r["cycle"], r["is_reopened"], r["skipped"], r["is_regression"]) for r in rows] == [
        ("talk", 1, False, 0, False), ("offer", 1, False, 0, False), ("lost", 1, False, 0, False),
        ("offer", 2, True, 0, False), ("won", 2, False, 1, False),
    ]  # fmt: skip


def test_e40_a_step_back_is_a_regression_and_no_cycle() -> None:
    rows = deals(move("terms", 10, "talk"), move("offer", 20, "terms"))
    assert [(r["stage"], r["cycle"], r["is_regression"], r["skipped"]) for r in rows] == [
        ("talk", 1, False, 0), ("terms", 1, False, 1), ("offer", 1, True, 0),
    ]  # fmt: skip


def test_e42_created_late_or_closed_is_said_where_the_source_keeps_a_history() -> None:
    late = deals(move("terms", 30, "offer"))
    assert [(r["stage"], r["is_created_late"], r["is_created_closed"]) for r in late] == [
        ("offer", True, False), ("terms", False, False),
    ]  # fmt: skip
    closed = deals(stage="won", is_won=True, is_closed=True, closed_at=at(0))
    assert [(r["stage"], r["is_created_late"], r["is_created_closed"], r["days"]) for r in closed] == [
        ("won", False, True, None)
    ]
    assert [r["is_created_late"] for r in deals(stage="terms")] == [False]  # no history at all: nobody can tell


def test_e43_a_deal_that_came_from_another_pipeline_is_read_in_the_one_it_is_in() -> None:
    renewals = {
        "due": {"owner": "csm", "stands_for": ["talk", "offer"]}, "agreed": {"owner": "csm", "stands_for": ["terms"]},
        "won": {"outcome": "won"}, "lost": {"outcome": "lost"},
    }  # fmt: skip
    both = model_of(pipelines={"sales": {"stages": DEAL_STAGES}, "renewals": {"stages": renewals}})
    moves = (move("offer", 10, "talk"), move("terms", 20, "offer"))
    rows = deals(*moves, model=both, pipeline="renewals", stage="terms")
    assert [(r["flow"], r["stage"], r["position"], r["entered_at"]) for r in rows] == [
        ("renewals", "due", 1, at(0)), ("renewals", "agreed", 2, at(20)),
    ]  # fmt: skip
    assert [r["stage"] for r in deals(*moves, model=both, pipeline="sales", stage="terms")] == [
        "talk",
        "offer",
        "terms",
    ]


def test_who_owned_it_when_it_was_entered_and_who_moved_it() -> None:
    owned = Change("opportunity", "d", "owner_id", "alice", "bob", at(15), "o")
    rows = deals(move("offer", 10, "talk"), owned, move("terms", 15, "offer"), owner_id="carol")
    assert [(r["stage"], r["owner_id"]) for r in rows] == [("talk", "alice"), ("offer", "alice"), ("terms", "bob")]
    assert {r["known_at"] for r in rows} == {KNOWN}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_the_last_stay_ends_where_the_deal_and_then_the_company_go_on() -> None:
    ready = person(engaged_at=at(5), mql_at=at(10), account_id="a")
    sold = deal(stage="won", is_won=True, is_closed=True, closed_at=at(100))
    lost = deal("e", stage="lost", is_closed=True, closed_at=at(50))
    since = at(240).date()
    rows: dict[str, Any] = {
        "person": [ready], "facts_person": [ready], "opportunity": [sold, lost], "facts_opportunity": [sold, lost],
        "account": [{"id": "a", "seen_at": KNOWN}],
        "facts_account": [{"id": "a", "customer_since": since, "is_customer": True}],
        "buying_role": [{"id": f"r{d}", "person_id": "p", "opportunity_id": d} for d in "de"],
    }  # fmt: skip
    with engine(WHOLE, **rows) as connection:
        found = entries(connection, "flow = 'lifecycle'")
    live = midnight(since)
    assert [(r["subject"], r["stage"], r["left_at"], r["next_stage"]) for r in found] == [
        ("account", "live", None, None),
        ("opportunity", "signed", live, "live"),
        ("person", "new", at(5), "warm"), ("person", "warm", at(10), "ready"), ("person", "ready", at(100), "signed"),
    ]  # fmt: skip


def test_a_customer_who_left_is_in_no_stage() -> None:
    first, last, later = at(0).date(), at(240).date(), at(300).date()
    rows: dict[str, Any] = {
        "account": [{"id": "a", "seen_at": KNOWN}],
        "facts_account": [{"id": "a", "customer_since": first, "is_customer": False}],
        "mrr_span": [
            {"line_id": "l", "account_id": "a", "starts_on": first, "ends_on": last, "state": "active",
             "mrr": 100},
            {"line_id": "t", "account_id": "a", "starts_on": last, "ends_on": later, "state": "trial"},
        ],
        "person": [], "opportunity": [],
    }  # fmt: skip
    with engine(WHOLE, **rows) as connection:
        found = entries(connection)
    assert [(r["stage"], r["left_at"], r["next_stage"]) for r in found] == [("live", midnight(last), None)]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_the_sql_of_any_lifecycle_stays_in_the_portable_subset(preset: str) -> None:
    model = Model(lifecycle=PRESETS[preset], handoffs=RECYCLING)
    for name, sql, _ in stage_entries(model):
        (spark,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert spark, name
        assert not re.search(r"(?i)\b(asof|generate_series|range\(|recursive|pivot|percentile_cont)\b", sql), name


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_c5_every_preset_has_its_stays(preset: str) -> None:
    """Whatever the names: a lead that was handed over and bought goes through the stages in their order."""
    model = Model(lifecycle=PRESETS[preset], handoffs=RECYCLING)
    lead = person(engaged_at=at(5), mql_at=at(10), sal_at=at(15), sql_at=at(20), account_id="a")
    sold = deal(stage="closed_won", is_won=True, is_closed=True, closed_at=at(100), created_at=at(30))
    rows: dict[str, Any] = {
        "person": [lead], "facts_person": [lead], "opportunity": [sold], "facts_opportunity": [sold],
        "account": [{"id": "a", "seen_at": KNOWN}],
        "facts_account": [
            {"id": "a", "customer_since": at(120).date(), "renewal_since": at(400).date(), "is_customer": True}
        ],
        "buying_role": [{"id": "r", "person_id": "p", "opportunity_id": "d"}],
    }  # fmt: skip
    with engine(model, **rows) as connection:
        found = entries(connection, "flow = 'lifecycle' and is_dated")
    walked = sorted((r["entered_at"], r["position"], r["stage"]) for r in found)
    reached = [stage for _, _, stage in walked]
    dated = [s.name for s in model.stages if s.enters and s.enters not in ("first_value_at",)]
    assert reached == dated


SALES = {"sales": {"stages": DEAL_STAGES}}
TOLD = st.sampled_from(sorted({name for preset in PRESETS.values() for name in preset.stages}))
MOVED = st.lists(st.tuples(TOLD, HOURS), max_size=3)
SOLD = st.tuples(HOURS, st.none() | HOURS, st.booleans(), st.sampled_from("ab"))
LEAD = st.tuples(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*COLUMNS, "sql_at"), HOURS)), st.none() | HOURS, MOVED
)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(sorted(PRESETS)), st.sampled_from(sorted(PRESETS)),
    st.lists(LEAD, min_size=1, max_size=4), st.lists(SOLD, max_size=3), st.lists(HOURS, min_size=2, max_size=2),
)  # fmt: skip
def test_c5_under_a_preset_stays_are_those_of_a_build_that_has_it_as_its_model(
    own: str, other: str, leads: list[Any], sold: list[Any], since: list[datetime]
) -> None:
    """Whatever the build's own lifecycle is: asked for under another, it tells what a build of that one holds."""
    people = [{"id": f"p{n}", **told, "recycled_at": back, "seen_at": KNOWN} for n, (told, back, _) in enumerate(leads)]
    told = [
        Change("person", f"p{n}", "stage", None, stage, moment, f"{n}-{place}")
        for n, (_, _, moves) in enumerate(leads)
        for place, (stage, moment) in enumerate(moves)
    ]
    deals_ = [
        deal(f"d{n}", created_at=created, closed_at=closed, is_closed=bool(closed), is_won=won and bool(closed),
             account_id=account)
        for n, (created, closed, won, account) in enumerate(sold)
    ]  # fmt: skip
    accounts = [
        {"id": key, "customer_since": day.date(), "is_customer": True} for key, day in zip("ab", since, strict=True)
    ]
    rows: dict[str, Any] = {
        "person": people, "facts_person": people, "opportunity": deals_, "facts_opportunity": deals_,
        "account": [{"id": key, "seen_at": KNOWN} for key in "ab"], "facts_account": accounts,
        "buying_role": [{"id": one["id"], "person_id": "p0", "opportunity_id": one["id"]} for one in deals_],
    }  # fmt: skip
    models = [Model(lifecycle=model_of(stages=PRESETS[name].stages, pipelines=SALES).lifecycle,
                    handoffs=RECYCLING) for name in (own, other)]  # fmt: skip
    with engine(models[1], told, **rows) as connection:
        wanted = entries(connection, "flow = 'lifecycle'")
    with engine(models[0], told, **rows) as connection:
        for query in lifecycle_stays(models[1], AS_OF, "UTC"):
            connection.execute(f"CREATE TABLE {query.name} AS {query.sql}")
        sql = "SELECT * FROM stays ORDER BY subject, subject_id, sequence"
        found = connection.sql(sql).to_arrow_table().to_pylist()
    assert all(row["entered_on"] == row["entered_at"].date() for row in found)
    for row in (*wanted, *found):
        del row["sequence"]  # a deal's stays in its pipeline come before, in a build
    columns = found[0].keys() if found else ()
    assert [{name: row[name] for name in columns if name[-3:] != "_on"} for row in wanted] == [
        {name: row[name] for name in columns if name[-3:] != "_on"} for row in found
    ]


@pytest.mark.parametrize("subject", list(Subject))
def test_every_time_column_of_a_subject_may_say_when_a_stage_was_entered(subject: Subject) -> None:
    """Deletion has no day of its own in the facts; the day of every other moment has."""
    timely = [c for c in TABLES[subject.facts].all_columns if c.kind in {Kind.TIMESTAMP, Kind.DATE}]
    assert "deleted_at" in {c.name for c in timely}
    for column in timely:
        stages = {"there": {"subject": subject.value, "enters": column.name}}
        moment = at(30) if column.kind is Kind.TIMESTAMP else at(30).date()
        rows: dict[str, Any] = {subject.value: [{"id": "x", "seen_at": KNOWN}]}
        rows[subject.facts] = [{"id": "x", column.name: moment}]
        with engine(model_of(stages=stages), **rows) as connection:
            (stay,) = entries(connection, "flow = 'lifecycle'")
        assert (stay["stage"], stay["entered_at"].date()) == ("there", at(30).date())
