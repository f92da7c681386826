"""Sync: lands, builds and publishes; what goes wrong leaves everything as it was."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import fairlead
from fairlead.actions.asking import ask
from fairlead.actions.building import builds, set_aside
from fairlead.actions.syncing import sync
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import DEALS, small_company, synced_company

JANUARY = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return small_company(tmp_path / "small")


@pytest.fixture
def synced(tmp_path: Path) -> Workspace:
    """The same, synced in January."""
    return synced_company(tmp_path / "small", now=JANUARY)


def values(workspace: Workspace, *metrics: str, **more: object) -> list[object]:
    values: list[object] = ask(workspace, metrics, **more).table["value"].to_pylist()  # type: ignore[arg-type]
    return values


def raw_files(workspace: Workspace) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in workspace.lake.raw.rglob("*.parquet")}


def test_a_sync_publishes_numbers(company: Workspace) -> None:
    done = sync(company, now=JANUARY)
    assert done.is_new
    assert (done.build.rows_in, done.build.kept, done.build.set_aside) == (9, 8, 1)
    assert values(company, "bookings", "win_rate", per="month", start="2026-01", end="2026-02") == [
        1000.0,
        25000.5,
        1.0,
        1 / 3,
    ]
    (reason,) = set_aside(company, company.lake.builds / done.build.build)
    assert (reason.reason, reason.file, reason.line) == ("dangling-reference", "data/deals.csv", 7)


def test_the_same_export_twice_adds_nothing(company: Workspace) -> None:
    first = sync(company, now=JANUARY)
    before = raw_files(company)
    second = sync(company, now=JANUARY + timedelta(hours=1))
    assert raw_files(company) == before
    assert not second.is_new
    assert second.build.build == first.build.build
    assert len(builds(company)) == 1


def test_a_changed_row_adds_one_version_and_a_missing_one_is_marked_deleted(synced: Workspace) -> None:
    before = raw_files(synced)
    won = DEALS.replace("d5,a3,Discovery,900.00,2026-02-20,2026-04-30", "d5,a3,Closed Won,950.00,2026-02-20,2026-03-30")
    changed = won.replace("d2,a1,Closed Lost,500.00,2026-01-07,2026-02-11,u1\n", "")
    (synced.root / "data" / "deals.csv").write_text(changed)
    done = sync(synced, now=JANUARY + timedelta(days=1))
    landed = {x.table: (x.added, x.changed, x.deleted, x.unchanged) for x in done.landings}
    assert landed == {"accounts": (0, 0, 0, 3), "deals": (0, 1, 1, 4)}
    assert len(raw_files(synced)) == len(before) + 1
    assert before.items() <= raw_files(synced).items()
    assert values(synced, "lost", "won") == [1.0, 3.0]


def test_e24_what_was_known_then_is_answered_from_then(synced: Workspace) -> None:
    (synced.root / "data" / "deals.csv").write_text(DEALS.replace("25000.50", "26000.00"))
    later = JANUARY + timedelta(days=2)
    sync(synced, now=later)
    now = later + timedelta(days=1)
    assert values(synced, "bookings", now=now) == [27000.0]
    assert values(synced, "bookings", known_at=JANUARY + timedelta(hours=1), now=now) == [26000.5]
    assert [b.is_current for b in builds(synced)] == [True, False]  # the past was built once, and is not published
    assert values(synced, "bookings", now=now) == [27000.0]


def test_asking_before_anything_was_known_is_refused(synced: Workspace) -> None:
    with pytest.raises(Refused, match="Nothing was known yet"):
        ask(synced, ["won"], known_at=JANUARY - timedelta(days=1))


def test_references_that_find_nobody_are_told(company: Workspace) -> None:
    mapping = company.root / "data" / "mapping.yaml"
    mapping.write_text(mapping.read_text().replace("amount: Amount", "amount: Amount\n          owner_id: Owner"))
    (told,) = [p for p in sync(company, now=JANUARY).problems if p.code == "many-broken-references"]
    assert told.message == "files: opportunity: 5 references of 5 rows find nobody."
    assert not told.is_error


def test_a_mapping_in_error_refuses_and_leaves_the_published_build(company: Workspace) -> None:
    published = sync(company, now=JANUARY).build.build
    mapping = company.root / "data" / "mapping.yaml"
    mapping.write_text(mapping.read_text().replace("amount: Amount", "amount: Amont"))
    with pytest.raises(Refused) as refused:
        sync(company, now=JANUARY + timedelta(hours=1))
    assert any(
        "Amont" in str(p) and p.where and p.where.file.endswith("mapping.yaml") and p.where.line
        for p in refused.value.problems
    )
    assert any("'Amount'" in str(p) for p in refused.value.problems)
    assert company.lake.current() == company.lake.builds / published


def test_without_files_a_sync_says_what_to_do(tmp_path: Path) -> None:
    from fairlead.actions.starting import init

    with pytest.raises(Refused, match="fairlead map"):
        sync(init(tmp_path / "empty"))


def test_the_same_from_python(synced: Workspace) -> None:
    table = fairlead.open(synced.root).ask("win_rate", "won", per="quarter", by=["segment"])
    assert table == fairlead.open(str(synced.root)).ask(["win_rate", "won"], per="quarter", by="segment")
    assert table.column_names == ["metric", "period", "segment", "value", "unit"]
    assert table.to_pylist() == [
        {"metric": "win_rate", "period": "2026-Q1", "segment": "enterprise", "value": 0.5, "unit": "percent"},
        {"metric": "win_rate", "period": "2026-Q1", "segment": "smb", "value": 0.5, "unit": "percent"},
        {"metric": "won", "period": "2026-Q1", "segment": "enterprise", "value": 1.0, "unit": "count"},
        {"metric": "won", "period": "2026-Q1", "segment": "smb", "value": 1.0, "unit": "count"},
    ]


def test_the_second_of_two_builds_says_who_holds_the_lock(company: Workspace) -> None:
    with company.lake.building(JANUARY):
        code = (
            "from fairlead.actions.syncing import sync; from fairlead.workspace import open_workspace;"
            f" from pathlib import Path; sync(open_workspace(Path({str(company.root)!r})))"
        )
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert f"Process {os.getpid()}, since 2026-04-01 09:00:00 UTC, is building here." in second.stderr
    sync(company, now=JANUARY)


def test_builds_say_what_they_were_made_from(synced: Workspace) -> None:
    (synced.root / "data" / "deals.csv").write_text(DEALS.replace("900.00", "901.00"))
    sync(synced, now=JANUARY + timedelta(hours=1))
    new, old = builds(synced)
    assert new.is_current
    assert not old.is_current
    assert new.load_digest != old.load_digest
    assert new.model_digest == old.model_digest
    said = json.loads((synced.lake.builds / new.build / "build.json").read_text())
    assert said["loads"] == sorted(said["loads"])
    assert len(said["loads"]) == 3


def test_a_column_renamed_since_the_last_export_is_refused_not_read_as_empty(synced: Workspace) -> None:
    deals = synced.data / "deals.csv"
    before, told = values(synced, "bookings"), raw_files(synced)
    header, _, rest = deals.read_text().partition("\n")
    deals.write_text(header.replace("Amount", "Betrag") + "\n" + rest)
    with pytest.raises(Refused, match="has no column 'Amount'") as refused:
        sync(synced, now=JANUARY + timedelta(days=1))
    assert [p.code for p in refused.value.problems] == ["not-in-file"]
    assert (values(synced, "bookings"), raw_files(synced)) == (before, told)


def test_an_older_export_may_lack_a_column_that_came_later(synced: Workspace) -> None:
    deals = synced.data / "deals.csv"
    header, _, rest = deals.read_text().partition("\n")
    deals.write_text(header.replace("Amount", "Betrag") + "\n" + rest)
    assert sync(synced, exported_at=JANUARY - timedelta(days=9), now=JANUARY + timedelta(days=1)).landings


def test_an_export_is_never_of_a_time_that_is_yet_to_come(company: Workspace) -> None:
    with pytest.raises(Refused, match="yet to come"):
        sync(company, exported_at=JANUARY + timedelta(days=1), now=JANUARY)
    today = sync(company, exported_at=company.end_of(JANUARY.date()), now=JANUARY)
    assert {x.seen_at for x in today.landings} == {JANUARY}


LINES = """\
Id,Account,Starts,Ends,Amount
l1,a1,2026-01-10,,100
l2,a2,2026-02-10,,250
l3,a1,2026-02-20,2026-03-20,40
"""
LINE_MAPPING = """\
  - file: lines.csv
    key: [Id]
    tables:
      - table: contract_line
        columns:
          account_id: Account
          starts_on: Starts
          ends_on: Ends
          amount: Amount
          billing_interval: {constant: month}
          billing_interval_count: {constant: 1}
"""


def test_as_of_an_earlier_day_what_came_later_has_not_happened(company: Workspace) -> None:
    (company.root / "data" / "lines.csv").write_text(LINES)
    mapping = company.root / "data" / "mapping.yaml"
    mapping.write_text(mapping.read_text() + LINE_MAPPING)
    published = sync(company, now=JANUARY).build.build
    february = {"start": "2026-02", "end": "2026-02", "per": "month"}
    assert values(company, "new_mrr", "expansion_mrr", "won", "closed", **february) == [250.0, 40.0, 1.0, 3.0]
    asked = {**february, "as_of": "2026-02-15"}
    assert values(company, "new_mrr", "expansion_mrr", "won", "closed", **asked) == [250.0, 0.0, 0.0, 2.0]
    assert values(company, "new_mrr", "mrr", **{**february, "as_of": "2026-02-09"}) == [0.0, 100.0]
    assert values(company, "open_deals", "deals_created_won", as_of="2026-01-31") == [2.0, 1.0]
    assert company.lake.current() == company.lake.builds / published
