"""Build the record and the marts from raw, check them against the contract, and write an immutable build.

A build is a pure function of (raw seen by `known_at`, stages and model, code, the day `as_of`): its name is the
digest of these, and a build that exists already is not made again. Nothing is visible until all of it is.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fairlead.model.tables import CANONICAL, LINEAGE, TABLES, Kind, Table
from fairlead.record import contract, identity, staging
from fairlead.record.engine import Connection, answer, connect, literal, parquet, statement, undamaged
from fairlead.record.lake import UNFINISHED, Lake, Load
from fairlead.record.models import calendar_sql, steps
from fairlead.record.recipe import Computed, Mapped, Recipe, TableCount, Told, manifest_of, name_of
from fairlead.record.stage import Stage
from fairlead.record.views import at_versions, columns_after, raw_view, versions_view
from fairlead.values import Progress, Query, quiet

FEW = 2048  # rows of a table that is not looked up in its file again by every step that reads it; DuckDB's own batch


def existing(lake: Lake, recipe: Recipe) -> Path | None:
    """The finished build of `recipe`, or None. Needs no lock: a build is there whole or not at all."""
    target = lake.builds / name_of(recipe, lake.loads(recipe.known_at))
    return target if (target / "build.json").exists() else None


def build(lake: Lake, recipe: Recipe, *, now: datetime, progress: Progress = quiet) -> Path:
    """Make the build of `recipe` and return its folder; an equal build is returned as it is. Does not publish."""
    if (made := existing(lake, recipe)) is not None:
        return made
    loads = lake.loads(recipe.known_at)
    target = lake.builds / name_of(recipe, loads)
    started = time.monotonic()
    fresh = lake.builds / f"{UNFINISHED}{target.name}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    work = _Work(connect(temp=fresh / "spill"), recipe, loads, fresh, progress)
    try:
        with undamaged():
            work.run()
        found = work.counts(), work.outputs(), work.files(), work.mapped()
    finally:
        work.connection.close()
        shutil.rmtree(fresh / "spill", ignore_errors=True)
    said = manifest_of(recipe, loads, Told(now, time.monotonic() - started, *found))
    (fresh / "build.json").write_text(json.dumps(said, indent=1))
    shutil.rmtree(target, ignore_errors=True)  # a build without its build.json: somebody took it away
    fresh.rename(target)
    return target


class _Work:
    """One build under way: a connection, and the folder that is being filled."""

    def __init__(
        self, connection: Connection, recipe: Recipe, loads: Sequence[Load], folder: Path, progress: Progress
    ) -> None:
        self.connection = connection
        self.recipe = recipe
        self.loads = loads
        self.folder = folder
        self.progress = progress
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.written: dict[str, int] = {}
        self.kept: list[Table] = []  # the tables that a source may have rows of

    def run(self) -> None:
        for schema in ("raw", "raw_versions", "stage", "build", "judged", "kept", "record", "mart", "quality"):
            self.connection.execute(f"CREATE SCHEMA {schema}")
        models = steps(self.recipe.derived, self.recipe.computed)
        total = len(CANONICAL) + len(models) + 2
        self._prepare()
        for done, table in enumerate(CANONICAL, 1):
            self.progress(f"reading {table.name}", done, total)
            self._keep(table)
        for done, (name, step) in enumerate(models.items(), len(CANONICAL) + 1):
            self.progress(f"building {name}", done, total)
            self._run(name, step)
        self.progress("checking", total, total)
        self._write_identity()
        self._copy("quality.set_aside", "SELECT * FROM quality.set_aside ORDER BY ALL")

    def _prepare(self) -> None:
        recipe, run = self.recipe, self.connection.execute
        by_table: dict[tuple[str, str], list[Load]] = {}
        for load in self.loads:
            by_table.setdefault((load.source, load.table), []).append(load)
        for (source, table), loads in by_table.items():
            later = columns_after(loads)
            run(f"CREATE VIEW raw.{source}__{table} AS {raw_view(loads, later)}")
            run(f"CREATE VIEW raw_versions.{source}__{table} AS {versions_view(loads, later)}")
        self.landed = by_table
        run(
            "CREATE TABLE build.clock AS SELECT CAST(? AS DATE) AS as_of_day, CAST(? AS VARCHAR) AS timezone,"
            " CAST(? AS VARCHAR) AS currency, CAST(? AS BOOLEAN) AS is_past",
            [recipe.as_of, recipe.timezone, recipe.currency, recipe.is_past],
        )
        run(
            "CREATE TABLE build.pipeline_stage (stage VARCHAR, position BIGINT, is_qualified BOOLEAN, is_won BOOLEAN,"
            " is_lost BOOLEAN)"
        )
        self._fill("build.pipeline_stage", recipe.pipeline)
        run("CREATE TABLE build.stage (stage VARCHAR)")
        names = dict.fromkeys([*recipe.stage_names, *(stage.name for stage in recipe.pipeline)])
        self._fill("build.stage", [(name,) for name in names])
        run("CREATE TABLE build.rate_span (currency VARCHAR, starts_on DATE, ends_on DATE, rate DOUBLE)")
        run(identity.CREATE)
        set_aside = {c: "BIGINT" if c == "line" else "VARCHAR" for c in staging.SET_ASIDE_COLUMNS.split(", ")}
        run(f"CREATE TABLE quality.set_aside ({', '.join(f'{c} {kind}' for c, kind in set_aside.items())})")
        run(f"CREATE TABLE build.calendar AS {calendar_sql(recipe.fiscal_year_start)}")

    def _fill(self, name: str, rows: Sequence[Sequence[object]]) -> None:
        """Put a few rows into a table."""
        if rows:
            each = f"({', '.join('?' for _ in rows[0])})"
            values = [value for row in rows for value in row]
            self.connection.execute(f"INSERT INTO {name} VALUES {', '.join([each] * len(rows))}", values)

    def _keep(self, table: Table) -> None:
        recipe, run = self.recipe, self._do
        stages = [s for s in recipe.stages if s.table == table.name and (s.source, s.raw) in self.landed]
        if not stages and table.name != "change":  # which differences between syncs fill too
            run(f"CREATE VIEW kept.{table.name} AS {staging.nothing(table)}")
            return
        self.kept.append(table)
        priority = {source: place for place, source in enumerate(recipe.sources)}
        run(f"CREATE TABLE stage.{table.name} AS {staging.staged(table, stages, priority, recipe.currency)}")
        if table.name == "change":
            self._add_differences()
        else:
            self._count_left_out(table, stages)
        run(f"CREATE TABLE judged.{table.name} AS {staging.judged(table, recipe.currency)}")
        run(f"DROP TABLE stage.{table.name}")
        if self._one(f"SELECT count(verdict) FROM judged.{table.name}"):
            run(f"INSERT INTO quality.set_aside {staging.set_aside(table)}")
        if table.name in staging.REFERRED:
            run(f"CREATE OR REPLACE TABLE build.key AS {identity.keys(stages)}")
            for statement in identity.statements(table, recipe.sources):
                run(statement)
        run(f"CREATE VIEW kept.{table.name} AS {staging.kept(table)}")
        if table.name == "rate":
            run(
                "INSERT INTO build.rate_span SELECT currency, starts_on, lead(starts_on) OVER"
                " (PARTITION BY currency ORDER BY starts_on), rate FROM (SELECT * FROM kept.rate"
                " WHERE deleted_at IS NULL"
                " QUALIFY row_number() OVER (PARTITION BY currency, starts_on ORDER BY lead_order) = 1)"
            )

    def _count_left_out(self, table: Table, stages: Sequence[Stage]) -> None:
        """Raw rows that a stage does not read as rows of this table: not meant for it, or folded into another."""
        rows = self._all(f"SELECT origin, count(*) FROM stage.{table.name} GROUP BY origin") if stages else []
        staged = {origin: int(str(count)) for origin, count in rows}
        for origin, stage in enumerate(stages):
            there = self._one(f"SELECT count(*) FROM raw.{stage.source}__{stage.raw}")
            read = staged.get(origin, 0)
            self.left_out[table.name, stage.source] += max(there - read, 0)

    def _add_differences(self) -> None:
        """Append to stage.change what changed between syncs, for fields whose history no source tells."""
        columns = [f'"{c.name}"' for c in staging.mapped(TABLES["change"])]
        for stage in self.recipe.stages:
            table = TABLES[stage.table]
            if not staging.has_tracked(table) or len(self.landed.get((stage.source, stage.raw), ())) < 2:
                continue
            pointed = stage._replace(sql=at_versions(stage.sql))
            priority = self.recipe.sources.index(stage.source)
            untold = (
                "NOT EXISTS (SELECT 1 FROM stage.change AS told WHERE told.entity = d.entity AND told.field = d.field"
                " AND told.source_system = d.source_system)"
            )
            self.connection.execute(
                f"INSERT INTO stage.change SELECT {', '.join([*columns, *staging.CARRIED])}, {priority}, {staging.SEEN}"
                f" FROM ({staging.differences(table, pointed)}) AS d WHERE {untold}"
            )

    def _run(self, name: str, step: str | Computed) -> None:
        """One step: a declared table of the build, or one on the way to those."""
        schema, _, table = name.partition(".")
        if isinstance(step, Computed):
            made = step.make(answer(self.connection, Query(name, step.reads)))
            self.connection.register("computed", made)
            self.connection.execute(f"CREATE TABLE {name} AS FROM computed")
            self.connection.unregister("computed")
        elif schema == "build":
            self._do(f"CREATE TABLE {name} AS {step}")
        else:
            self._write(TABLES[table], step)

    def _write(self, table: Table, sql: str) -> None:
        """Run one SQL model, hold it to its declaration, and write it in the order of its grain."""
        zone = literal(self.recipe.timezone)
        dated = [c for c in table.all_columns if c.derived and c.says.startswith("Day of ")]
        moments = (c for c in table.columns if c.kind is Kind.TIMESTAMP and c not in LINEAGE)
        days = [
            f'CAST(timezone({zone}, m."{c.name}") AS DATE) AS "{day.name}"'
            for c, day in zip(moments, dated, strict=True)
        ]
        declared = [c for c in table.all_columns if c not in dated]
        columns = ", ".join([*(f'CAST(m."{c.name}" AS {c.kind.sql}) AS "{c.name}"' for c in declared), *days])
        kinds = ", ".join(f'"{c.name}" {c.kind.sql}' for c in (*declared, *dated))
        rows = self._copy(
            f"{table.schema}.{table.name}",
            f"SELECT {columns} FROM ({sql}) AS m ORDER BY {', '.join(table.grain)}",
            kinds,
        )
        if rows and self._do(contract.is_broken(table)).fetchall()[0][0]:
            self._mend(table)

    def _mend(self, table: Table) -> None:
        """Set aside the rows of a written table that break its declaration, and write it again without them."""
        run, name = self.connection.execute, f"{table.schema}.{table.name}"
        run(f"CREATE OR REPLACE TEMP TABLE broken AS {contract.broken_rows(table)}")
        run(
            f"INSERT INTO quality.set_aside SELECT '{table.name}', 'fairlead', NULL, split_part(reason, ': ', 1),"
            f" substr(reason, strpos(reason, ': ') + 2), '{name}', NULL, CAST(to_json(broken) AS VARCHAR) FROM broken"
        )
        run(f"CREATE OR REPLACE TEMP TABLE whole AS FROM {name}")
        run(f"DROP {self._shown_as(name)} {name}")
        place = f"row_number() OVER (PARTITION BY {', '.join(f'w.{g}' for g in table.grain)})"
        required = " AND ".join(["true", *(f"w.{c.name} IS NOT NULL" for c in table.columns if c.required)])
        kept = f"SELECT w.* FROM whole AS w WHERE {required} QUALIFY {place} = 1"
        self._copy(name, f"{kept} ORDER BY {', '.join(table.grain)}")

    def _copy(self, name: str, sql: str, kinds: str = "") -> int:
        """Write the rows of a SELECT as a table of the build; how many there are.

        `kinds`: its columns as SQL declares them; of a table without rows they need not be read from its file again.
        """
        schema, _, table = name.partition(".")
        file = self.folder / schema / f"{table}.parquet"
        file.parent.mkdir(exist_ok=True)
        copied = self._do(f"COPY ({sql}) TO ? (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)", [str(file)])
        rows = int(copied.fetchall()[0][0])
        self.written[name] = rows
        if name != "quality.set_aside":
            shown = f"AS FROM {parquet([file])}" if rows or not kinds else f"({kinds})"
            self.connection.execute(f"CREATE {self._shown_as(name)} {name} {shown}")
        return rows

    def _shown_as(self, name: str) -> str:
        """How the steps to come read a written table: one of few rows from memory, the others from their file."""
        return "TABLE" if self.written[name] <= FEW else "VIEW"

    def _write_identity(self) -> None:
        self._copy("record.identity", "SELECT * FROM build.identity ORDER BY entity, ref")

    def counts(self) -> tuple[TableCount, ...]:
        """Rows in, kept and set aside for each canonical table and source."""
        each = "\nUNION ALL\n".join(
            f"SELECT '{t.name}', source_system, count(*), count(*) FILTER (verdict IS NULL),"
            " count(*) FILTER (verdict IS NOT NULL),"
            " CAST(coalesce(sum(broken_references) FILTER (verdict IS NULL), 0) AS BIGINT),"
            " CAST(coalesce(sum(empty_references) FILTER (verdict IS NULL), 0) AS BIGINT)"
            f" FROM judged.{t.name} GROUP BY source_system"
            for t in self.kept
        )
        rows = self.connection.execute(f"{each} ORDER BY 1, 2").fetchall()
        return tuple(TableCount._make((*row, self.left_out[row[0], row[1]])) for row in rows)

    def outputs(self) -> dict[str, int]:
        """Rows written, by qualified table name."""
        return dict(sorted(self.written.items()))

    def files(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The source's files behind each raw table, by (source, raw table)."""
        return {
            (source, raw): tuple(
                str(name) for (name,) in self._all(f"SELECT DISTINCT _file FROM raw.{source}__{raw} ORDER BY 1")
            )
            for source, raw in self.landed
        }

    def mapped(self) -> tuple[Mapped, ...]:
        """How many rows of raw each entry of a value map was applied to; entries never met are left out."""
        found: list[Mapped] = []
        for stage in self.recipe.stages:
            if (stage.source, stage.raw) not in self.landed:
                continue
            for column, (source_column, values) in stage.mapped.items():
                name = '"' + source_column.replace('"', '""') + '"'
                changed = [value for value, read_as in values.items() if value != read_as]
                rows = self._all(
                    f"SELECT trim({name}), count(*) FROM raw.{stage.source}__{stage.raw} WHERE _deleted_at IS NULL"
                    f" AND trim({name}) IN ({', '.join(map(literal, changed)) or 'NULL'}) GROUP BY 1 ORDER BY 1"
                )
                told = (stage.table, column, stage.source, stage.raw, source_column)
                found += [Mapped(*told, str(value), values[str(value)], int(str(n))) for value, n in rows]
        return tuple(found)

    def _do(self, sql: str, values: Sequence[object] = ()) -> Connection:
        """Run SQL whose text many builds have in common."""
        return self.connection.execute(statement(self.connection, sql), list(values))

    def _all(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def _one(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        return int(row[0]) if row else 0
