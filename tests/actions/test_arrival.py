"""The laws of time: the same answer whatever order exports arrive in, and the past rebuilt as it was reported.

Random exports of one company at random times, landed by the public verb in the order in which they were made and
in others. What is compared is every row of every table of the builds, not a number or two.
"""

import random
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.actions.building import of_the_past
from fairlead.actions.starting import init
from fairlead.actions.syncing import land, sync
from fairlead.record.engine import Reader
from fairlead.values import Query, quiet
from fairlead.workspace import Workspace, open_workspace

FIRST = datetime(2025, 10, 25, 20, tzinfo=UTC)  # summer time ends in Berlin that night
MAPPING = """\
dates: iso
files:
  - file: accounts.csv
    key: [Id]
    tables:
      - table: account
        columns: {name: Name, segment: Segment}
        keys: {domain: Website}
  - file: deals.csv
    key: [Id]
    tables:
      - table: opportunity
        columns:
          account_id: Account
          stage: Stage
          amount: Amount
          created_at: Created
          close_date: Closed
          is_won: {sql: "Stage = 'closed_won'"}
          is_closed: {sql: "Stage in ('closed_won', 'closed_lost')"}
  - file: lines.csv
    key: [Id]
    tables:
      - table: contract_line
        columns:
          account_id: Account
          starts_on: Starts
          ends_on: Ends
          billing_interval: Per
          amount: Amount
"""
HEADS = {"accounts": "Id,Name,Segment,Website,filename", "deals": "Id,Account,Stage,Amount,Created,Closed",
         "lines": "Id,Account,Starts,Ends,Per,Amount"}  # fmt: skip
Export = Mapping[str, Sequence[str]]
Tables = Mapping[str, list[str]]


def exports(chance: random.Random, count: int) -> list[tuple[datetime, Export]]:
    """Full exports: rows appear, change, go and come back; some are unsound, some name nobody."""
    times = sorted(chance.sample(range(0, 200), count))
    return [(FIRST + timedelta(hours=6 * hours), export(chance)) for hours in times]


def export(chance: random.Random) -> Export:
    def day(first: int = 0) -> str:
        return (date(2025, 3, 1) + timedelta(days=chance.randint(first, first + 150))).isoformat()

    accounts = [f"a{n},Account {chance.randint(1, 2)},{chance.choice(['smb', ''])},{chance.choice('xyz')}.example,page"
                for n in range(6) if chance.random() < 0.9]  # fmt: skip
    deals = [f"d{n},a{n % 7},{chance.choice(['discovery', 'proposal', 'closed_won', 'closed_lost'])},"
             f"{chance.choice(['10.00', '20.50', '-3.10', 'much', ''])},{day()},{day(100)}"
             for n in range(14) if chance.random() < 0.85]  # fmt: skip
    lines = [f"l{n},a{n % 6},{day()},{chance.choice(['', day(200)])},{chance.choice(['month', 'year', 'never'])},"
             f"{chance.choice(['100.06', '49.99'])}" for n in range(8) if chance.random() < 0.85]  # fmt: skip
    rows = {"accounts": accounts, "deals": deals, "lines": lines}
    for some in rows.values():
        chance.shuffle(some)  # so that the same row stands on another line
    return rows


def company(folder: Path) -> Workspace:
    init(folder)
    settings = folder / "fairlead.yaml"
    settings.write_text(settings.read_text().replace("timezone: UTC ", "timezone: Europe/Berlin "))
    (folder / "data" / "mapping.yaml").write_text(MAPPING)
    return open_workspace(folder)


def put(workspace: Workspace, rows: Export) -> None:
    for name, head in HEADS.items():
        (workspace.root / "data" / f"{name}.csv").write_text("\n".join([head, *rows[name]]) + "\n")


def arrive(workspace: Workspace, made: Sequence[tuple[datetime, Export]], now: datetime) -> Path:
    """Land these exports in this order and build after the last; the build's folder."""
    for at, rows in made[:-1]:
        put(workspace, rows)
        land(workspace, at, quiet)
    at, rows = made[-1]
    put(workspace, rows)
    done = sync(workspace, exported_at=at, now=now)
    assert all(t.rows_in == t.kept + t.set_aside for t in done.build.tables)
    return workspace.lake.builds / done.build.build


def tables(build: Path) -> Tables:
    """Every row of every table of a build as text, in an order of its own."""
    reader = Reader(build)
    names = sorted(f"{file.parent.name}.{file.stem}" for file in build.glob("*/*.parquet") if file.stem != "calendar")
    try:
        return {n: sorted(map(str, reader.rows(Query("all", f"FROM {n}")).to_pylist())) for n in names}
    finally:
        reader.close()


@pytest.mark.parametrize("seed", range(2))
def test_e18_the_same_record_whatever_order_exports_arrive_in(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    made = exports(chance, 4)
    now = made[-1][0] + timedelta(days=3)
    straight = tables(arrive(company(tmp_path / "in_order"), made, now))
    assert any(straight["record.change"])
    mixed = chance.sample(made, len(made))
    assert tables(arrive(company(tmp_path / "mixed"), mixed, now)) == straight


def test_e9_e24_the_past_is_rebuilt_as_it_was_reported_then(tmp_path: Path) -> None:
    made = exports(random.Random(100), 3)
    workspace = company(tmp_path / "small")
    reported = [tables(arrive(workspace, [each], each[0])) for each in made]
    later = made[-1][0] + timedelta(days=90)
    shutil.rmtree(workspace.lake.builds)  # so that each is built again
    assert [tables(of_the_past(workspace, at, None, now=later)) for at, _ in made] == reported


FAN_OUT = """\
dates: iso
files:
  - file: deals.csv
    key: [Id, Line]
    tables:
      - table: opportunity
        one_row_per: [Id]
        columns:
          stage: Stage
          amount: Total
          created_at: Created
          is_won: {sql: "Stage = 'closed_won'"}
          is_closed: {sql: "Stage in ('closed_won', 'closed_lost')"}
"""


def test_e45_a_deal_told_on_several_lines_has_a_history_too(tmp_path: Path) -> None:
    workspace = company(tmp_path / "small")
    (workspace.root / "data" / "mapping.yaml").write_text(FAN_OUT)
    for month, (stage, total) in enumerate([("discovery", "10.00"), ("proposal", "20.00")], start=1):
        lines = [f"d1,{n},{stage},{total},2026-01-01" for n in (1, 2)]
        (workspace.root / "data" / "deals.csv").write_text("\n".join(["Id,Line,Stage,Total,Created", *lines]) + "\n")
        seen = datetime(2026, month, 10, 12, tzinfo=UTC)
        done = sync(workspace, exported_at=seen, now=seen)
    reader = Reader(workspace.lake.builds / done.build.build)
    states = reader.rows(Query("days", "SELECT starts_on, stage, amount FROM mart.opportunity_day ORDER BY 1"))
    assert [tuple(map(str, row.values())) for row in states.to_pylist()] == [
        ("2026-01-01", "discovery", "10.00"), ("2026-02-10", "proposal", "20.00"),
    ]  # fmt: skip
