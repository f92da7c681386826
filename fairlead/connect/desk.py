"""What people decide at the desk or the command line, landed in raw like any source's rows: append-only, never changed.

waive() ──> Act ──land_act()──> raw/desk/waiver/LOAD.parquet ──> record.waiver with the next build
"""

import hashlib
from collections.abc import Mapping
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
    said = "\n".join([table, now.isoformat(), *(f"{name}={value}" for name, value in sorted(values.items()))])
    return Act(table, hashlib.sha256(said.encode()).hexdigest()[:16], values)


def land_act(lake: Lake, done: Act, now: datetime) -> None:
    """Land one act as seen at `now` (aware), or just after the one before where two people act at once."""
    names = tuple(c.name for c in CANONICAL_BY_NAME[done.table].columns if not c.derived)
    row: dict[str, list[str | int | None]] = {"id": [done.id], **{name: [done.values.get(name)] for name in names}}
    own = {"_file": pa.array([SOURCE]), "_line": pa.array([1], pa.int64()), "_fault": pa.array([None], pa.string())}
    arrays = {name: pa.array(values, pa.string()) for name, values in row.items()} | own
    folder = table_folder(lake.raw, SOURCE, done.table)
    with lake.editing():
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{UNFINISHED}{done.id}"
        try:
            pq.write_table(pa.table(arrays), file)
            part = Part(file, ("id", *names), 1)
            export = Export(SOURCE, done.table, (SOURCE,), done.id, (part,), key=("id",), full=False)
            last = max((e.seen_at for e in entries(folder)), default=datetime.min.replace(tzinfo=UTC))
            _, problems = land(export, lake.raw, max(now, last + timedelta(microseconds=1)), folder)
        finally:
            file.unlink(missing_ok=True)
    if errors := [p for p in problems if p.is_error]:
        raise Refused(errors)


def stages(raw: Path) -> tuple[Stage, ...]:
    """How the record reads what was decided; nothing before anybody decided anything."""
    return tuple(_stage(name) for name in TABLES if raw_columns(raw, SOURCE, name))


def _stage(name: str) -> Stage:
    """The columns of these rows are the canonical ones: each is read as it is."""
    mapped = [c for c in CANONICAL_BY_NAME[name].columns if not c.derived]
    shown = ", ".join(f'TRY_CAST("{c.name}" AS {c.kind.sql}) AS "{c.name}"' for c in mapped)
    own = (
        f"'{SOURCE}' AS source_system, _key AS source_id, _seen_at AS seen_at, _deleted_at AS deleted_at,"
        " _file AS from_file, _line AS from_line, CAST(NULL AS VARCHAR) AS reason"
    )
    sql = f"SELECT {shown}, {own} FROM raw.{view_name(SOURCE, name)}"
    return Stage(name, SOURCE, name, sql, {c.name: (c.name,) for c in mapped})
