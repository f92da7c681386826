"""Landing: what is news is written once, the state at every time is the true one, whatever order exports come in."""

import hashlib
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.connect.land import Export, Landing, Part, land, raw_columns, table_folder
from fairlead.connect.ledger import LEDGER
from fairlead.record.lake import STAMP

START = datetime(2025, 1, 1, tzinfo=UTC)
Rows = list[dict[str, str | None]]


class Version(NamedTuple):
    seen_at: datetime
    deleted: bool
    cells: dict[str, str | None]
    fault: str | None


def export_of(folder: Path, rows: Rows, *, key: tuple[str, ...] = ("Id",), **more: bool) -> Export:
    """The rows as an export of one file that has been read."""
    columns = tuple(dict.fromkeys(c for row in rows for c in row if c != "_fault")) or key or ("Id",)
    data = {c: pa.array([row.get(c) for row in rows], pa.string()) for c in columns}
    data["_file"] = pa.array(["deals.csv"] * len(rows), pa.string())
    data["_line"] = pa.array(range(2, len(rows) + 2), pa.int64())
    data["_fault"] = pa.array([row.get("_fault") for row in rows], pa.string())
    digest = hashlib.sha256(repr((columns, rows, key, more)).encode()).hexdigest()[:32]
    path = folder / f"{digest}.in"
    pq.write_table(pa.table(data), path)
    return Export("crm", "deal", ("deals.csv",), digest, (Part(path, columns, len(rows)),), key, **more)


def landed(root: Path, rows: Rows, day: float, *, key: tuple[str, ...] = ("Id",), **more: bool) -> Landing:
    (root / "temp").mkdir(exist_ok=True)
    landing, problems = land(
        export_of(root / "temp", rows, key=key, **more), root / "raw", START + timedelta(days=day), root / "temp"
    )
    assert landing is not None, problems
    return landing


def state(root: Path, day: float) -> dict[str, Version]:
    """Key to its last version by `day`, read from the loads without any of the code under test."""
    at = START + timedelta(days=day)
    found: dict[str, Version] = {}
    for path in sorted(table_folder(root / "raw", "crm", "deal").glob("*.parquet")):
        for row in pq.ParquetFile(path).read().to_pylist():
            cells = {k: v for k, v in row.items() if not k.startswith("_") and v is not None}
            version = Version(row["_seen_at"], row["_deleted"], cells, row["_fault"])
            if version.seen_at <= at and (row["_key"] not in found or found[row["_key"]].seen_at < version.seen_at):
                found[row["_key"]] = version
    return found


def alive(root: Path, day: float) -> dict[str, dict[str, str | None]]:
    return {key: version.cells for key, version in state(root, day).items() if not version.deleted}


def balances(landing: Landing) -> bool:
    return landing.rows == landing.added + landing.changed + landing.unchanged + landing.folded


def test_an_export_read_twice_adds_nothing(tmp_path: Path) -> None:
    rows: Rows = [{"Id": "1", "Amount": "10"}, {"Id": "2", "Amount": "20"}]
    first = landed(tmp_path, rows, 0)
    again = landed(tmp_path, rows, 1)
    assert (first.added, first.path is not None) == (2, True)
    assert (again.rows, again.unchanged, again.path) == (2, 2, None)
    assert len(list(table_folder(tmp_path / "raw", "crm", "deal").glob("*.parquet"))) == 1


def test_an_equal_export_with_other_bytes_adds_nothing(tmp_path: Path) -> None:
    landed(tmp_path, [{"Id": "1", "Amount": "10"}, {"Id": "2", "Amount": None}], 0)
    again = landed(tmp_path, [{"Id": "2", "Amount": None}, {"Id": "1", "Amount": "10"}], 1)
    assert (again.unchanged, again.path) == (2, None)


def test_a_changed_row_adds_one_version_and_a_missing_one_is_marked_deleted(tmp_path: Path) -> None:
    landed(tmp_path, [{"Id": "1", "Amount": "10"}, {"Id": "2", "Amount": "20"}, {"Id": "3", "Amount": "5"}], 0)
    news = landed(tmp_path, [{"Id": "1", "Amount": "11"}, {"Id": "3", "Amount": "5"}], 1)
    assert (news.added, news.changed, news.deleted, news.unchanged) == (0, 1, 1, 1)
    assert news.path is not None
    written = {r["_key"]: r for r in pq.ParquetFile(news.path).read().to_pylist()}
    assert written.keys() == {"1", "2"}
    assert (written["2"]["_deleted"], written["2"]["Amount"]) == (True, "20")
    assert alive(tmp_path, 0).keys() == {"1", "2", "3"}
    assert alive(tmp_path, 1) == {"1": {"Id": "1", "Amount": "11"}, "3": {"Id": "3", "Amount": "5"}}


def test_a_row_that_comes_back_is_added_again(tmp_path: Path) -> None:
    for day, rows in enumerate(([{"Id": "1"}, {"Id": "2"}], [{"Id": "2"}], [{"Id": "1"}, {"Id": "2"}])):
        last = landed(tmp_path, rows, day)  # type: ignore[arg-type]
    assert (last.added, last.unchanged) == (1, 1)
    assert [sorted(alive(tmp_path, day)) for day in range(3)] == [["1", "2"], ["2"], ["1", "2"]]


def test_a_partial_export_deletes_nothing_and_may_not_come_late(tmp_path: Path) -> None:
    landed(tmp_path, [{"Id": "1", "Amount": "1"}, {"Id": "2", "Amount": "2"}], 0, full=False)
    news = landed(tmp_path, [{"Id": "2", "Amount": "3"}], 2, full=False)
    assert (news.changed, news.deleted) == (1, 0)
    assert alive(tmp_path, 2)["1"] == {"Id": "1", "Amount": "1"}
    late = export_of(tmp_path / "temp", [{"Id": "1", "Amount": "9"}], full=False)
    landing, problems = land(late, tmp_path / "raw", START + timedelta(days=1), tmp_path / "temp")
    assert landing is None
    assert [p.code for p in problems] == ["partial-late"]
    assert alive(tmp_path, 2)["1"] == {"Id": "1", "Amount": "1"}


def test_two_exports_of_one_instant_are_refused(tmp_path: Path) -> None:
    landed(tmp_path, [{"Id": "1"}], 0)
    other = export_of(tmp_path / "temp", [{"Id": "2"}])
    landing, problems = land(other, tmp_path / "raw", START, tmp_path / "temp")
    assert (landing, [p.code for p in problems]) == (None, ["same-instant"])


def test_a_new_column_is_news_and_a_lost_one_is_empty(tmp_path: Path) -> None:
    landed(tmp_path, [{"Id": "1", "Amount": "1"}, {"Id": "2", "Amount": "2"}], 0)
    wider = landed(tmp_path, [{"Id": "1", "Amount": "1", "Stage": "Won"}, {"Id": "2", "Amount": "2", "Stage": None}], 1)
    assert (wider.changed, wider.unchanged) == (1, 1)
    narrower = landed(tmp_path, [{"Id": "1", "Stage": "Won"}, {"Id": "2", "Stage": None}], 2)
    assert narrower.changed == 2
    assert alive(tmp_path, 2) == {"1": {"Id": "1", "Stage": "Won"}, "2": {"Id": "2"}}
    assert raw_columns(tmp_path / "raw", "crm", "deal") == ("Id", "Amount", "Stage")


def test_equal_twins_fold_and_unequal_ones_are_both_kept_with_a_fault(tmp_path: Path) -> None:
    rows: Rows = [{"Id": "1", "A": "x"}, {"Id": "1", "A": "x"}, {"Id": "2", "A": "y"}, {"Id": "2", "A": "z"}]
    landing = landed(tmp_path, rows, 0)
    assert (landing.rows, landing.added, landing.folded, landing.faults) == (4, 3, 1, 2)
    now = state(tmp_path, 0)
    assert sorted(v.cells["A"] or "" for v in now.values()) == ["x", "y", "z"]
    assert {k for k, v in now.items() if v.fault is None} == {"1"}
    assert all(v.fault == "duplicate-key: more than one row has Id = 2" for k, v in now.items() if k[0] == "2")
    assert [d.code for d in landing.dirt] == ["duplicate-key"]
    assert balances(landing)


def test_a_broken_row_never_takes_the_key_of_a_sound_one(tmp_path: Path) -> None:
    broken: dict[str, str | None] = {"Id": "1", "A": None, "_fault": "ragged: 1 fields where the header has 2"}
    landing = landed(tmp_path, [broken, {"Id": "1", "A": "x"}], 0)
    now = state(tmp_path, 0)
    assert (now["1"].fault, now["1"].cells) == (None, {"Id": "1", "A": "x"})
    assert (len(now), landing.faults) == (2, 1)


def test_rows_without_a_key_are_kept_and_said_to_have_none(tmp_path: Path) -> None:
    landing = landed(tmp_path, [{"Id": None, "A": "x"}, {"Id": " ", "A": "y"}, {"Id": "1", "A": "z"}], 0)
    assert (landing.added, landing.faults) == (3, 2)
    assert {v.fault for v in state(tmp_path, 0).values()} == {None, "no-key: Id is empty"}


@pytest.mark.parametrize(("repeats", "kept"), [(False, 2), (True, 3)])
def test_without_a_key_the_whole_row_is_one(tmp_path: Path, repeats: bool, kept: int) -> None:
    rows: Rows = [{"Day": "1", "Spend": "5"}, {"Day": "1", "Spend": "5"}, {"Day": "2", "Spend": "5"}]
    landing = landed(tmp_path, rows, 0, key=(), repeats=repeats)
    assert (landing.added, landing.folded) == (kept, 3 - kept)
    assert landed(tmp_path, rows[::-1], 1, key=(), repeats=repeats).path is None


def test_a_lost_ledger_costs_nothing(tmp_path: Path) -> None:
    rows: Rows = [{"Id": "1", "A": "x"}]
    landed(tmp_path, rows, 0)
    (table_folder(tmp_path / "raw", "crm", "deal") / LEDGER).unlink()
    assert landed(tmp_path, rows, 1).unchanged == 1


def test_another_key_is_said(tmp_path: Path) -> None:
    landed(tmp_path, [{"Id": "1", "A": "x"}], 0)
    export = export_of(tmp_path / "temp", [{"Id": "1", "A": "x"}], key=("Id", "A"))
    _, problems = land(export, tmp_path / "raw", START + timedelta(days=1), tmp_path / "temp")
    assert [p.code for p in problems] == ["key-changed"]


CELL = st.one_of(st.none(), st.sampled_from(["x", "y", "1|2"]))
EXPORT = st.dictionaries(st.sampled_from("abcd"), st.tuples(CELL, CELL), max_size=4)


@settings(max_examples=30, deadline=None)
@given(st.lists(EXPORT, min_size=1, max_size=5), st.data())
def test_any_order_of_arrival_gives_the_state_of_every_time(
    exports: list[dict[str, tuple[str, str]]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(exports))))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for day in order:
            rows: Rows = [{"Id": k, "A": a, "B": b} for k, (a, b) in exports[day].items()]
            assert balances(landed(root, rows, day))
        for day, export in enumerate(exports):
            truth = {k: {"Id": k, "A": a, "B": b} for k, (a, b) in export.items()}
            truth = {k: {c: v for c, v in row.items() if v is not None} for k, row in truth.items()}
            assert alive(root, day) == truth, f"on day {day}, landed in order {order}"
            assert alive(root, day + 0.5) == truth


@settings(max_examples=25, deadline=None)
@given(st.lists(EXPORT, min_size=1, max_size=4))
def test_in_order_a_key_gets_one_version_for_each_time_it_changed(exports: list[dict[str, tuple[str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for day, export in enumerate(exports):
            landed(root, [{"Id": k, "A": a, "B": b} for k, (a, b) in export.items()], day)
        versions = sum(
            pq.read_metadata(p).num_rows for p in table_folder(root / "raw", "crm", "deal").glob("*.parquet")
        )
    states = [{}, *exports]
    assert versions == sum(
        a.get(k) != b.get(k) for a, b in zip(states, exports, strict=False) for k in a.keys() | b.keys()
    )


def test_a_load_is_named_by_its_time_and_content(tmp_path: Path) -> None:
    landing = landed(tmp_path, [{"Id": "1"}], 0)
    assert landing.path is not None
    assert landing.path.name.startswith(f"{START:{STAMP}}-")
    assert not list(landing.path.parent.glob(".unfinished*"))
