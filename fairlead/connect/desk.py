"""What people decide at the desk or the command line, landed in raw like any source's rows: append-only, never changed.

waive() ──> Act ──land_act()──> raw/desk/waiver/LOAD.parquet ──> record.waiver with the next build

Who takes something back lands it again, under the same id, with who took it back and when.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from fairlead.connect.exports import Export, Part, raw_columns, table_folder, view_name
from fairlead.connect.land import land
from fairlead.connect.ledger import entries
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.problem import Refused
from fairlead.record.lake import UNFINISHED, Lake
from fairlead.record.stage import Stage

SOURCE = "desk"
TABLES = ("waiver",)


class Act(NamedTuple):
    """One row that a person made: the canonical `table`, and its columns as text. `id` tells it from all others."""

    table: str
    id: str
    values: Mapping[str, str | None]


def act(table: str, values: Mapping[str, str | None], now: datetime) -> Act:
    """An act of `now`; its id follows from what it says and when."""
    return Act(table, _digest(table, now.isoformat(), values)[:16], values)


def _digest(*parts: str | Mapping[str, str | None]) -> str:
    told = (part if isinstance(part, str) else "\n".join(f"{n}={v}" for n, v in sorted(part.items())) for part in parts)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def land_act(lake: Lake, done: Act, now: datetime) -> None:
    """Land one act as seen at `now` (aware), or just after the one before where two people act at once."""
    with lake.editing():
        land_held(lake, done, now)


def land_held(lake: Lake, done: Act, now: datetime) -> None:
    """Land one act as `land_act` does, for whoever holds `lake.editing()` already."""
    names = tuple(c.name for c in CANONICAL_BY_NAME[done.table].columns if not c.derived)
    row: dict[str, list[str | int | None]] = {"id": [done.id], **{name: [done.values.get(name)] for name in names}}
    own = {"_file": pa.array([SOURCE]), "_line": pa.array([1], pa.int64()), "_fault": pa.array([None], pa.string())}
    arrays = {name: pa.array(values, pa.string()) for name, values in row.items()} | own
    folder = table_folder(lake.raw, SOURCE, done.table)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{UNFINISHED}{done.id}"
    try:
        pq.write_table(pa.table(arrays), file)
        part = Part(file, ("id", *names), 1)
        digest = _digest(done.id, done.values)
        export = Export(SOURCE, done.table, (SOURCE,), digest, (part,), key=("id",), full=False)
        last = max((e.seen_at for e in entries(folder)), default=datetime.min.replace(tzinfo=UTC))
        _, problems = land(export, lake.raw, max(now, last + timedelta(microseconds=1)), folder)
    finally:
        file.unlink(missing_ok=True)
    if errors := [p for p in problems if p.is_error]:
        raise Refused(errors)


def stages(raw: Path) -> tuple[Stage, ...]:
    """How the record reads what was decided; nothing before anybody decided anything."""
    return tuple(_stage(name, known) for name in TABLES if (known := raw_columns(raw, SOURCE, name)))


def columns(table: str, known: Collection[str]) -> str:
    """SQL of the canonical columns of these rows, each read as it is; empty where it is not among the `known`."""
    mapped = (c for c in CANONICAL_BY_NAME[table].columns if not c.derived)
    told = ((f'"{c.name}"' if c.name in known else "NULL", c) for c in mapped)
    return ", ".join(f'TRY_CAST({value} AS {c.kind.sql}) AS "{c.name}"' for value, c in told)


def _stage(name: str, known: Collection[str]) -> Stage:
    own = (
        f"'{SOURCE}' AS source_system, _key AS source_id, _seen_at AS seen_at, _deleted_at AS deleted_at,"
        " _file AS from_file, _line AS from_line, CAST(NULL AS VARCHAR) AS reason"
    )
    sql = f"SELECT {columns(name, known)}, {own} FROM raw.{view_name(SOURCE, name)}"
    mapped = (c.name for c in CANONICAL_BY_NAME[name].columns if not c.derived)
    return Stage(name, SOURCE, name, sql, {name: (name,) for name in mapped if name in known})
