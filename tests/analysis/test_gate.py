"""Gates against a replay by hand, one record against the whole, and the comparison of two shares against scipy."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from math import comb
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from fairlead.analysis.gate import gate_entries, gates
from fairlead.analysis.gate_record import gate_rows
from fairlead.analysis.gate_report import Fared, Verdict, compared
from fairlead.analysis.proportion import difference, wilson
from fairlead.model.load import load
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect
from tests.analysis.builds import ARROW
from tests.analysis.gated import AS_OF, LIFECYCLE, Activity, Change, Deal, Leave, deals, expected, tables

CLOCK = f"(SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone)"
CHECKED = (
    *("at", "is_open", "required_count", "filled_count", "is_exit_met", "grade", "is_passed", "is_clean"),
    *("is_slipped", "is_stopped", "is_waived", "waived_by"),
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
    for table in TABLES.values():
        db.execute(f"DELETE FROM {table.schema}.{table.name}")
    for name, rows in tables(world).items():
        table = TABLES[name]
        arrays = {c.name: pa.array([row.get(c.name) for row in rows], ARROW[c.kind]) for c in table.all_columns}
        db.register("rows", pa.table(arrays))
        db.execute(f"INSERT INTO {table.schema}.{name} SELECT * FROM rows")
    for query in gate_entries(model):
        if query.name == "mart.gate":
            return db, db.sql(query.sql).to_arrow_table().to_pylist()
        db.execute(f"CREATE OR REPLACE TABLE {query.name} AS {query.sql}")
    raise AssertionError("no mart.gate")


def named(text: str | None) -> set[str]:
    return set(text.split(", ")) if text else set()


@settings(max_examples=60)
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


@settings(max_examples=15)
@given(world=st.lists(deals(), min_size=2, max_size=5))
def test_one_record_is_judged_as_in_the_whole(model: Model, world: list[Deal]) -> None:
    db, rows = gated(model, world)
    own = [g for g in gates(model) if g.subject == "opportunity"]
    for n in range(len(world)):
        alone = db.sql(gate_rows(model, own, f"d{n}", CLOCK).sql).to_arrow_table().to_pylist()
        whole = sorted((r for r in rows if r["subject_id"] == f"d{n}"), key=lambda r: r["sequence"])
        assert alone == whole


def a_deal(**parts: Any) -> Deal:
    fields = {"amount": "100.00", "next_step": "call", "owner_id": "m1", "close_date": "2026-03-05"}
    plain = Deal((("discovery", 0), ("proposal", 48)), fields, (), (), (), 1, "smb")
    return plain._replace(**parts)


def test_a_field_filled_after_the_gate_was_empty_at_it(model: Model) -> None:
    met = (Activity(24, "meeting", "outbound", False),)
    late = a_deal(changes=(Change(72, "next_step", None, "call"),), activities=met)
    by_then = a_deal(changes=(Change(48, "next_step", None, "call"),), activities=met)
    _, rows = gated(model, [late, by_then])
    first = {r["subject_id"]: r for r in rows if r["stage"] == "discovery"}
    assert (first["d0"]["missing"], first["d0"]["is_slipped"]) == ("next_step", True)
    assert (first["d1"]["missing"], first["d1"]["is_clean"]) == (None, True)


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


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (0, 17), (3, 3), (5, 12), (40, 90), (999, 1000)])
def test_a_share_has_wilsons_interval(hits: int, count: int) -> None:
    known = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert wilson(hits, count) == pytest.approx((known.low, known.high), abs=1e-12)


def test_the_difference_of_shares_is_as_newcombe_published() -> None:
    """Table II of the paper (1998), method 10: 56/70 against 48/80, 9/10 against 3/10, and 10/10 against 0/20."""
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert difference(10, 10, 0, 20) == pytest.approx((0.6791, 1.0), abs=5e-5)
    assert difference(0, 0, 1, 2) is None


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    """Every outcome of 20 against 15 cases, weighed by how likely it is: 95 % of them hold the truth, for any truth."""
    found = {(x, y): difference(x, 20, y, 15) for x in range(21) for y in range(16)}
    shares = [n / 10 for n in range(1, 10)]
    held = {
        (one, other): sum(
            comb(20, x) * one**x * (1 - one) ** (20 - x) * comb(15, y) * other**y * (1 - other) ** (15 - y)
            for (x, y), interval in found.items()
            if interval is not None and interval.low <= one - other <= interval.high
        )
        for one in shares
        for other in shares
    }
    assert min(held.values()) >= 0.92
    assert 0.945 <= sum(held.values()) / len(held) <= 0.97


def test_a_gate_is_judged_by_the_interval_of_the_difference() -> None:
    assert compared(Fared(80, 100), Fared(40, 100)).verdict is Verdict.USEFUL
    assert compared(Fared(40, 100), Fared(80, 100)).verdict is Verdict.REVERSED
    assert compared(Fared(500, 1000), Fared(505, 1000)).verdict is Verdict.NO_DIFFERENCE
    assert compared(Fared(10, 20), Fared(9, 20)).verdict is Verdict.TOO_FEW
    assert compared(Fared(90, 100), Fared(0, 9)).verdict is Verdict.TOO_FEW
    assert compared(Fared(90, 100), Fared(0, 0)).verdict is Verdict.TOO_FEW
    assert compared(Fared(0, 100), Fared(0, 100), has_after=False).verdict is Verdict.NOTHING_AFTER
