"""A published build made by hand: any tables of the record or the marts, as parquet, ready for questions."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fairlead.model.tables import TABLES, Kind
from fairlead.record.engine import Reader, connect, literal
from fairlead.record.models import calendar_sql
from fairlead.record.recipe import code_digest

ARROW = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.MONEY: pa.decimal128(18, 2),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}


def write_table(folder: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """One table with all its declared columns; those a row does not name are empty."""
    table = TABLES[name]
    arrays = {c.name: pa.array([row.get(c.name) for row in rows], ARROW[c.kind]) for c in table.all_columns}
    (folder / table.schema).mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays), folder / table.schema / f"{name}.parquet")


def write_calendar(folder: Path, fiscal_year_start: int = 1) -> None:
    (folder / "mart").mkdir(parents=True, exist_ok=True)
    file = folder / "mart" / "calendar.parquet"
    sql = f"SELECT * FROM ({calendar_sql(fiscal_year_start)}) WHERE day BETWEEN '2019-01-01' AND '2031-12-31'"
    connect().execute(f"COPY ({sql}) TO {literal(file)} (FORMAT parquet)")


def reader_of(folder: Path, **tables: Sequence[Mapping[str, Any]]) -> Reader:
    for name, rows in tables.items():
        write_table(folder, name, rows)
    if not (folder / "mart" / "calendar.parquet").exists():
        write_calendar(folder)
    (folder / "build.json").write_text(json.dumps({"code_digest": code_digest()}))
    return Reader(folder)
