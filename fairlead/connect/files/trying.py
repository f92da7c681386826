"""A stage tried on rows that were landed: a mapping under which no value of a column can be read is itself wrong."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.connect.exports import table_folder, view_name
from fairlead.connect.files.compiler import Entry
from fairlead.connect.laws import EVERY_ROW_FAILS
from fairlead.problem import Problem
from fairlead.record.engine import Connection, EngineError, parquet, scratch, statement
from fairlead.record.stage import Stage

SAMPLE = 2_000


@contextmanager
def trials() -> Iterator[Connection]:
    """A connection on which the stages of a mapping are tried, one after the other."""
    with tempfile.TemporaryDirectory() as temp, scratch(Path(temp)) as db:
        db.execute("CREATE SCHEMA raw")
        yield db


def tried(db: Connection, stage: Stage, entry: Entry, raw: Path) -> tuple[Problem, ...]:
    """Problems of a stage over the last rows landed: a reason that all of them share, and SQL that cannot run."""
    files = sorted(table_folder(raw, stage.source, stage.raw).glob("*.parquet"))
    if not files:
        return ()
    where = entry.loaded.where(*entry.place, "table")
    name = view_name(stage.source, stage.raw)
    rows = f"SELECT *, CAST(NULL AS TIMESTAMPTZ) AS _deleted_at FROM {parquet(files)} WHERE NOT _deleted"
    db.execute(f"CREATE OR REPLACE VIEW raw.{name} AS {rows} AND _fault IS NULL LIMIT {SAMPLE}")
    try:
        db.execute(statement(db, f"CREATE OR REPLACE TABLE staged AS SELECT reason FROM ({stage.sql})"))
    except EngineError as bad:
        return (EVERY_ROW_FAILS.broken(f"{stage.table}: {str(bad).splitlines()[0]}", where),)
    worst = db.execute(
        "SELECT split_part(reason, ' is ', 1) AS what, count(*) AS n, min(reason), (SELECT count(*) FROM staged)"
        " FROM staged WHERE reason IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1"
    ).fetchone()
    if worst is None or worst[1] < worst[3]:
        return ()
    return (EVERY_ROW_FAILS.broken(f"No row of '{entry.file.file}' can be read as {stage.table}: {worst[2]}.", where),)
