"""Gates against a replay by hand, one record against the whole, and what a comparison of two shares is taken to say."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.actions.asking import opened
from fairlead.analysis.gate import gate_entries, gates
from fairlead.analysis.gate_facts import Source, facts_sql
from fairlead.analysis.gate_record import gate_rows, proofs, written
from fairlead.analysis.gate_report import Ask, Fared, Verdict, compared, counts, lacking
from fairlead.model.agreed import Subject
from fairlead.model.load import load
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect
from fairlead.values import Grain, Period, Query, periods
from fairlead.workspace import open_workspace
from tests.analysis.builds import ARROW
from tests.analysis.gated import AS_OF, LIFECYCLE, Activity, Change, Deal, Leave, at, deals, expected, fared, tables

CLOCK = f"(SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone)"
CHECKED = (
    *("at", "is_open", "required_count", "filled_count", "is_exit_met", "grade", "is_passed", "is_clean"),
    *("is_slipped", "is_stopped", "is_waived", "waived_by", "is_last_pass"),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("model")
    (folder / "lifecycle.yaml").write_text(LIFECYCLE)
    return load(folder)[0]


@cache
def empty() -> Connection:
    """The record without rows, made once."""
    db = connect()
    for schema in ("record", "mart", "build"):
        db.execute(f"CREATE SCHEMA {schema}")
    for table in TABLES.values():
        columns = ", ".join(f'"{c.name}" {c.kind.sql}' for c in table.all_columns)
        db.execute(f"CREATE TABLE {table.schema}.{table.name} ({columns})")
    db.execute(f"CREATE TABLE build.clock AS FROM {CLOCK}")
    return db


def gated(model: Model, world: Sequence[Deal]) -> tuple[Connection, list[dict[str, Any]]]:
    """mart.gate over a world, as its steps make it; the connection that holds the world."""
    db = empty()
    db.execute("DELETE FROM mart.gate")
    for name, rows in tables(world).items():
        table = TABLES[name]
        db.execute(f"DELETE FROM {table.schema}.{name}")
        arrays = {c.name: pa.array([row.get(c.name) for row in rows], ARROW[c.kind]) for c in table.all_columns}
        db.register("rows", pa.table(arrays))
        db.execute(f"INSERT INTO {table.schema}.{name} SELECT * FROM rows")
    for query in gate_entries(model):
        if query.name == "mart.gate":
            return db, db.sql(query.sql).to_arrow_table().to_pylist()
        db.execute(f"CREATE OR REPLACE TABLE {query.name} AS {query.sql}")
    raise AssertionError("no mart.gate")


def kept(db: Connection, rows: list[dict[str, Any]]) -> None:
    """mart.gate as a build keeps it: with the company days of its moments."""
    days = {"day": "at", "entered_on": "entered_at"}
    full = [{**row, **{name: row[moment].date() for name, moment in days.items()}} for row in rows]
    columns = TABLES["gate"].all_columns
    db.register("rows", pa.table({c.name: pa.array([r.get(c.name) for r in full], ARROW[c.kind]) for c in columns}))
    db.execute("INSERT INTO mart.gate SELECT * FROM rows")


def named(text: str | None) -> set[str]:
    return set(text.split(", ")) if text else set()


@settings(max_examples=30)
@given(world=st.lists(deals(), min_size=1, max_size=8))
def test_a_gate_says_what_a_replay_of_every_event_says(model: Model, world: list[Deal]) -> None:
    _, rows = gated(model, world)
    wanted = expected(world)
    assert {(r["subject_id"], r["sequence"]) for r in rows} == set(wanted)
    for row in rows:
        want = wanted[row["subject_id"], row["sequence"]]
        assert {name: row[name] for name in CHECKED} == {name: want[name] for name in CHECKED}
        assert named(row["missing"]) == want["missing"]
        assert named(row["from_today"]) == want["from_today"]
        assert row["completeness"] == want["filled_count"] / want["required_count"]


@settings(max_examples=6)
@given(world=st.lists(deals(), min_size=2, max_size=5))
def test_one_record_is_judged_as_in_the_whole(model: Model, world: list[Deal]) -> None:
    db, rows = gated(model, world)
    own = [g for g in gates(model) if g.subject == "opportunity"]
    for n in range(len(world)):
        alone = db.sql(gate_rows(model, own, f"d{n}", CLOCK).sql).to_arrow_table().to_pylist()
        whole = sorted((r for r in rows if r["subject_id"] == f"d{n}"), key=lambda r: r["sequence"])
        assert alone == whole


@settings(max_examples=10)
@given(world=st.lists(deals(), min_size=1, max_size=4))
def test_what_speaks_for_a_field_is_the_last_entry_of_the_stay_and_when_it_was_written(
    model: Model, world: list[Deal]
) -> None:
    db, rows = gated(model, world)
    for n, deal in enumerate(world):
        place, (_, entered) = len(deal.path), deal.path[-1]
        own = [a for a in deal.activities if not a.automated and a.hour >= entered]
        met = [a for a in own if a.kind == "meeting" or a.direction == "inbound"]
        wanted = {grade: at(max(a.hour for a in some)) for grade, some in ((2, own), (3, met)) if some}
        asked = proofs(Subject.OPPORTUNITY, f"d{n}", place, CLOCK)
        found = db.sql(asked.sql, params=asked.params).to_arrow_table().to_pylist()
        assert {row["grade"]: row["at"] for row in found} == wanted
        grade = next((r["grade"] for r in rows if (r["subject_id"], r["sequence"]) == (f"d{n}", place)), None)
        assert grade in {None, 0, 1, *wanted}  # the gate's own grade has an entry that speaks for it
        asked = written(Subject.OPPORTUNITY, f"d{n}", CLOCK)
        told = {r["field"]: r["at"] for r in db.sql(asked.sql, params=asked.params).to_arrow_table().to_pylist()}
        assert told == {c.field: at(max(o.hour for o in deal.changes if o.field == c.field)) for c in deal.changes}


DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 5))


@settings(max_examples=10)
@given(world=st.lists(deals(), min_size=2, max_size=12), days=st.tuples(DAYS, DAYS))
def test_the_report_counts_what_following_every_deal_counts(
    model: Model, world: list[Deal], days: tuple[date, date]
) -> None:
    """By segment and month, within any days: came, clean, slipped, waived, stopped, won and went on."""
    db, rows = gated(model, world)
    kept(db, rows)
    start, end = min(days), max(days)
    months = [
        Period(p.name, max(p.start, start), min(p.end, end + timedelta(days=1)))
        for p in periods(start, end + timedelta(days=1), Grain.MONTH)
    ]
    found = db.sql(counts(model, Ask(start, end, tuple(months), "account.segment", AS_OF, "UTC")).sql)
    told = {(r["stage"], r["period"], r["cut"]): r for r in found.to_arrow_table().to_pylist()}
    for stage in ("discovery", "proposal"):
        for month in months:
            for cut in (None, "smb", "enterprise"):
                want = fared(world, stage, cut, month.start, month.end - timedelta(days=1))
                row = told.pop((stage, month.name, cut), None)
                if row is None:
                    assert want.came == 0
                    continue
                assert {n: row[n] for n in ("came", "clean", "slipped", "waived", "stopped")} == {
                    n: getattr(want, n) for n in ("came", "clean", "slipped", "waived", "stopped")
                }
                named = ("won_clean", "closed_clean", "won_slipped", "closed_slipped")
                assert tuple(row[n] or 0 for n in named) == want.won
                assert tuple(row[n] or 0 for n in ("on_clean", "went_clean", "on_slipped", "went_slipped")) == want.on
    assert {stage for stage, _, _ in told} <= {"closed_lost"}


@settings(max_examples=6)
@given(world=st.lists(deals(), min_size=2, max_size=8))
def test_who_lacks_something_is_who_is_open_and_stopped(model: Model, world: list[Deal]) -> None:
    db, rows = gated(model, world)
    kept(db, rows)
    found = db.sql(lacking([g for g in gates(model) if g.forward]).sql).to_arrow_table().to_pylist()
    wanted = {key: row for key, row in expected(world).items() if row["is_open"] and row["is_stopped"]}
    last = {f"d{n}": deal.path[-1] for n, deal in enumerate(world)}
    assert {r["subject_id"] for r in found} == {key for key, _ in wanted if last[key][0] != "closed_lost"}
    for row in found:
        want = next(w for (key, _), w in wanted.items() if key == row["subject_id"])
        assert named(row["missing"]) == want["missing"]
        assert row["lacks_exit"] is (want["is_exit_met"] is False)
        assert row["days"] == (AS_OF - at(last[row["subject_id"]][1]).date()).days
    assert [r["days"] for r in found] == sorted((r["days"] for r in found), reverse=True)


def test_open_stays_have_the_facts_of_the_facts_table(halyard: Path) -> None:
    """Every column that a gate may ask for, of everybody who is in a stage: as it is then, which is now."""
    workspace = open_workspace(halyard)
    build = workspace.lake.current()
    assert build is not None
    there = opened(build)
    clock = f"(SELECT DATE '{there.as_of}' AS as_of_day, '{there.timezone}' AS timezone)"
    for subject in Subject:
        table = TABLES[subject.facts]
        names = [c.name for c in table.all_columns if c.name != "id"]
        last = (
            f"SELECT e.* FROM mart.stage_entry AS e WHERE e.subject = '{subject}' AND e.left_at IS NULL"
            " QUALIFY row_number() OVER (PARTITION BY e.subject_id ORDER BY e.flow = 'lifecycle', e.sequence DESC) = 1"
        )
        then = facts_sql(workspace.model, subject, names, Source(last, clock))
        shown = ", ".join(f'sum(CASE WHEN s."{n}" IS DISTINCT FROM o."{n}" THEN 1 ELSE 0 END) AS "{n}"' for n in names)
        sql = f"SELECT count(*) AS of, {shown} FROM ({then}) AS s JOIN mart.{table.name} AS o ON o.id = s._subject_id"
        row = there.reader.rows(Query("differences", sql)).to_pylist()[0]
        assert row.pop("of") > 30, subject
        assert {name: n for name, n in row.items() if n} == {}, subject


def a_deal(**parts: Any) -> Deal:
    fields = {"amount": "100.00", "next_step": "call", "owner_id": "m1", "close_date": "2026-03-05"}
    plain = Deal((("discovery", 0), ("proposal", 48)), fields, (), (), (), 1, "smb")
    return plain._replace(**parts)


def test_a_field_filled_after_the_gate_was_empty_at_it(model: Model) -> None:
    met = (Activity(24, "meeting", "outbound", False),)
    late = a_deal(changes=(Change(72, "next_step", None, "call"),), activities=met)
    by_then = a_deal(changes=(Change(30, "next_step", None, "call"),), activities=met)
    _, rows = gated(model, [late, by_then])
    first = {r["subject_id"]: r for r in rows if r["stage"] == "discovery"}
    assert (first["d0"]["missing"], first["d0"]["is_slipped"]) == ("next_step", True)
    assert (first["d1"]["missing"], first["d1"]["is_clean"]) == (None, True)


def test_a_meeting_says_nothing_of_what_was_written_on_a_later_day(model: Model) -> None:
    """Next step asks for somebody who acted; what was there all along is as old as the record tells."""
    met = (Activity(24, "meeting", "outbound", False),)
    before = a_deal(changes=(Change(20, "next_step", None, "call"),), activities=met)
    same_day = a_deal(changes=(Change(47, "next_step", None, "call"),), activities=met)
    later = a_deal(changes=(Change(48, "next_step", None, "call"),), activities=met)
    untold = a_deal(activities=met)._replace(fields={**before.fields, "next_step": "call"})
    _, rows = gated(model, [before, same_day, later, untold])
    first = {r["subject_id"]: r for r in rows if r["stage"] == "discovery"}
    assert [first[f"d{n}"]["missing"] for n in range(4)] == [None, None, "next_step", None]
    assert [first[f"d{n}"]["grade"] for n in range(4)] == [3, 3, 1, 3]


def test_a_waiver_that_has_run_out_counts_no_longer(model: Model) -> None:
    left_on = datetime(2026, 1, 7, tzinfo=UTC).date()
    day_before = datetime(2026, 1, 6, tzinfo=UTC).date()
    holds = a_deal(waivers=(Leave("discovery", None, 1, left_on),))
    over = a_deal(waivers=(Leave("discovery", None, 1, day_before),))
    later = a_deal(waivers=(Leave("discovery", None, 49, None),))
    half = a_deal(waivers=(Leave("discovery", "next_step", 1, None),))
    _, rows = gated(model, [holds, over, later, half])
    first = {r["subject_id"]: r["is_waived"] for r in rows if r["stage"] == "discovery"}
    assert first == {"d0": True, "d1": False, "d2": False, "d3": False}


def test_the_starters_gates_are_sql_that_runs(model: Model) -> None:
    starter = load(Path(__file__).parents[2] / "fairlead/model/starter")[0]
    _, rows = gated(starter, [a_deal()])
    assert {r["stage"] for r in rows} == {"discovery", "proposal"}
    assert {r["missing"] for r in rows if r["stage"] == "discovery"} == {"source"}


def test_a_gate_is_judged_by_the_interval_of_the_difference() -> None:
    assert compared(Fared(80, 100), Fared(40, 100)).verdict is Verdict.USEFUL
    assert compared(Fared(40, 100), Fared(80, 100)).verdict is Verdict.REVERSED
    assert compared(Fared(500, 1000), Fared(505, 1000)).verdict is Verdict.NO_DIFFERENCE
    assert compared(Fared(10, 20), Fared(9, 20)).verdict is Verdict.TOO_FEW
    assert compared(Fared(90, 100), Fared(0, 9)).verdict is Verdict.TOO_FEW
    assert compared(Fared(90, 100), Fared(0, 0)).verdict is Verdict.TOO_FEW
    assert compared(Fared(0, 100), Fared(0, 100), has_after=False).verdict is Verdict.NOTHING_AFTER
