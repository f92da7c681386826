"""A lake made by hand: raw rows as a connector would land them, and stages that read them straight through."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fairlead.analysis.revenue_tables import revenue_tables
from fairlead.analysis.stages import stage_entries
from fairlead.model.lifecycle import Lifecycle
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.model.whole import Model
from fairlead.record.build import build
from fairlead.record.engine import Reader
from fairlead.record.lake import STAMP, Lake
from fairlead.record.recipe import Derived, PipelineStage, Recipe
from fairlead.record.stage import Stage
from fairlead.values import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PIPELINE = (
    PipelineStage("discovery", 1, False, False, False),
    PipelineStage("proposal", 2, True, False, False),
    PipelineStage("closed_won", 3, True, True, False),
    PipelineStage("closed_lost", 4, False, False, True),
)
OUTCOMES = {"closed_won": "won", "closed_lost": "lost"}
MODEL = Model(
    lifecycle=Lifecycle.model_validate(
        {"pipelines": {"sales": {"stages": {s.name: {"outcome": OUTCOMES.get(s.name, "open")} for s in PIPELINE}}}}
    )
)
Row = Mapping[str, str | None]


def land(
    lake: Lake, source: str, table: str, rows: Sequence[Row], seen_at: datetime = NOW, *, gone: Sequence[Row] = ()
) -> None:
    """One load of rows keyed by `key`; `gone` are rows missing from this export, as last seen."""
    every = [*rows, *gone]
    names = sorted({name for row in every for name in row} - {"key"})
    columns: dict[str, pa.Array] = {
        "_key": pa.array([row["key"] for row in every], pa.string()),
        "_seen_at": pa.array([seen_at] * len(every), pa.timestamp("us", tz="UTC")),
        "_deleted": pa.array([n >= len(rows) for n in range(len(every))]),
        "_file": pa.array([f"{source}/{table}.csv"] * len(every), pa.string()),
        "_line": pa.array(range(2, len(every) + 2), pa.int64()),
        "_fault": pa.array([None] * len(every), pa.string()),
    }
    columns |= {name: pa.array([row.get(name) for row in every], pa.string()) for name in names}
    folder = lake.raw / source / table
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"{seen_at.astimezone(UTC).strftime(STAMP)}-00000000.parquet")


def stage(
    table: str, columns: Mapping[str, str], source: str = "crm", raw: str | None = None, keys: str | None = None
) -> Stage:
    """A stage that fills each named column with SQL over the raw row."""
    mapped = [c for c in CANONICAL_BY_NAME[table].columns if not c.derived]
    shown = ", ".join(f'TRY_CAST({columns.get(c.name, "NULL")} AS {c.kind.sql}) AS "{c.name}"' for c in mapped)
    own = (
        f"'{source}' AS source_system, _key AS source_id, _seen_at AS seen_at, _deleted_at AS deleted_at,"
        " _file AS from_file, _line AS from_line, CAST(NULL AS VARCHAR) AS reason"
    )
    raw = raw or table
    relation = f"raw.{source}__{raw}"
    further = f"SELECT _key AS source_id, {keys} AS ref FROM {relation}" if keys else None
    return Stage(table, source, raw, f"SELECT {shown}, {own} FROM {relation}", {c: (c,) for c in columns}, further)


def recipe(
    *stages: Stage,
    sources: Sequence[str] = ("crm",),
    as_of: date = date(2026, 3, 1),
    known_at: datetime | None = None,
    model: Model = MODEL,
) -> Recipe:
    """What a build of these stages is made from; `model` has the lifecycle and the pipelines."""
    derived = tuple(Derived(q.name, q.sql) for q in (*stage_entries(model), *revenue_tables(model)))
    whole = Recipe(tuple(stages), tuple(sources), PIPELINE, "USD", "America/New_York", 1, "model", as_of, known_at)
    return whole._replace(derived=derived)


def made(lake: Lake, made_from: Recipe) -> "Built":
    return Built(build(lake, made_from, now=NOW))


class Built:
    """A finished build and its rows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = Reader(path)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.reader.rows(Query("test", sql)).to_pylist()
        return found

    def column(self, sql: str) -> list[object]:
        return [next(iter(row.values())) for row in self.rows(sql)]
