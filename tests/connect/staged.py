"""A folder with one mapping, landed and staged: what its stages give."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlglot

from fairlead.connect.files import land, stages
from fairlead.connect.land import table_folder, view_name
from fairlead.problem import Problem
from fairlead.record.engine import connect, parquet
from fairlead.record.stage import Stage

DAY = datetime(2025, 6, 1, tzinfo=UTC)


class Staged:
    """Stages over what was landed, run on the raw views that a build would have."""

    def __init__(self, folder: Path, mapping: str | Path, files: Path | None = None) -> None:
        self.raw = folder / "raw"
        path = mapping if isinstance(mapping, Path) else folder / "mapping.yaml"
        if isinstance(mapping, str):
            path.write_text(mapping)
        self.landings, told = land(files or folder, path, "crm", self.raw, DAY)
        self.stages, more = stages(path, "crm", self.raw)
        self.problems: tuple[Problem, ...] = (*told, *more)
        self.db = connect()
        self.db.execute("CREATE SCHEMA raw")
        for raw in {s.raw for s in self.stages}:
            loads = parquet(sorted(table_folder(self.raw, "crm", raw).glob("*.parquet")))
            view = f"raw.{view_name('crm', raw)}"
            self.db.execute(f"CREATE VIEW {view} AS SELECT *, CAST(NULL AS TIMESTAMPTZ) AS _deleted_at FROM {loads}")

    def rows(self, table: str, nth: int = 0) -> list[dict[str, Any]]:
        stage = self.stage(table, nth)
        sqlglot.parse_one(stage.sql, dialect="duckdb")
        found: list[dict[str, Any]] = self.db.sql(stage.sql).to_arrow_table().to_pylist()
        return sorted(found, key=lambda r: r["from_line"])

    def refs(self, table: str) -> set[tuple[str, str]]:
        keys = self.stage(table).keys
        assert keys is not None
        return {(r["source_id"], r["ref"]) for r in self.db.sql(keys).to_arrow_table().to_pylist()}

    def stage(self, table: str, nth: int = 0) -> Stage:
        return [s for s in self.stages if s.table == table][nth]

    def codes(self) -> list[str]:
        return [f"{p.code} {p.where}" for p in self.problems]
