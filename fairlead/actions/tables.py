"""The tables of a build, row by row: what a count of a build counted, and the SQL that made the table."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.building import named
from fairlead.actions.laws import BAD_QUESTION
from fairlead.analysis.dimension import Columns, View
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import TABLES
from fairlead.problem import Refused, did_you_mean
from fairlead.record.engine import columns_in, reading
from fairlead.record.lake import manifest
from fairlead.record.laws import NO_BUILD
from fairlead.record.models import sql_models
from fairlead.values import Query
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 100


class Narrowed(NamedTuple):
    """Which rows: those that `source` leads, in which a reference of `without` is empty, and for which `where` holds.

    `where` is a predicate over the table's columns and those it refers to. Empty means any.
    """

    source: str = ""
    without: tuple[str, ...] = ()
    where: str = ""


class TableRows(NamedTuple):
    """One page of a table's rows. `total` counts all that were asked for; pages count from 1.

    `sql` is how this version of Fairlead makes the table; empty where it is not made by one query.
    """

    build: str
    table: str
    says: str
    rows: "pa.Table"
    total: int
    page: int
    pages: int
    sql: str


WHOLE = Narrowed()


def table_rows(
    workspace: Workspace, build: str | None, table: str, narrowed: Narrowed = WHOLE, *, page: int = 1
) -> TableRows:
    """The rows of a table (`record.opportunity`) of a build, `PAGE` a page, in the order of its grain.

    A page past the last gives the last. Refused when there is no such build, table or column.
    """
    path = named(workspace, build)
    names = [name for name in manifest(path)["rows"] if name != "quality.set_aside"]
    if table not in names:
        raise Refused([NO_BUILD.broken(f"Build {path.name} has no table '{table}'.", hint=did_you_mean(table, names))])
    columns, bare = _columns(path, table), table.partition(".")[2]
    where, values = _where(narrowed, columns)
    rows_of, holds = _holding(path, table, narrowed.where)
    where = f"{where} AND {holds}"
    grain = [name for name in (TABLES[bare].grain if bare in TABLES else columns) if name in columns]
    order, chosen = (", ".join(f's."{name}"' for name in some) for some in (grain, columns))
    reader = reading(path)
    told = reader.rows(Query("count", f"SELECT count(*) FROM {rows_of} WHERE {where}", values))
    total = int(told.column(0)[0].as_py())
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    asked = f"SELECT {chosen} FROM {rows_of} WHERE {where} ORDER BY {order} LIMIT {PAGE} OFFSET {(page - 1) * PAGE}"
    rows = reader.rows(Query("rows of a table", asked, values))
    says = TABLES[bare].says if bare in TABLES else ""
    return TableRows(path.name, table, says, rows, total, page, pages, _sql_of(path, table))


def _sql_of(build: Path, table: str) -> str:
    """The SQL that made a table: a file of this program, or what followed from the model when it was built."""
    return sql_models().get(table) or manifest(build).get("derived", {}).get(table, "")


def references(table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The references of a record's table that are emptied where they name nobody, and those that may come empty."""
    columns = [c for c in TABLES[table].columns if c.refers] if table in TABLES else []
    emptied = tuple(c.name for c in columns if not c.strict)
    return emptied, tuple(c.name for c in columns if c.strict and not c.required)


def _columns(build: Path, table: str) -> tuple[str, ...]:
    schema, _, name = table.partition(".")
    return columns_in(build / schema / f"{name}.parquet")


def _where(narrowed: Narrowed, columns: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The condition in SQL and its values; names come from the table itself."""
    unknown = [name for name in narrowed.without if name not in columns]
    if narrowed.source and "source_system" not in columns:
        unknown.append("source_system")
    if unknown:
        hint = f"It has {', '.join(columns)}."
        raise Refused([BAD_QUESTION.broken(f"The table has no column '{unknown[0]}'.", hint=hint)])
    parts = ["s.source_system = ?"] if narrowed.source else []
    if narrowed.without:
        parts.append("(" + " OR ".join(f's."{name}" IS NULL' for name in narrowed.without) + ")")
    return " AND ".join(["true", *parts]), (narrowed.source,) if narrowed.source else ()


def _holding(build: Path, table: str, where: str) -> tuple[str, str]:
    """The table as `s` with the tables that a predicate reaches, and the predicate in SQL."""
    known = TABLES.get(table.partition(".")[2])
    if not where or known is None:
        return f"{table} AS s", "true"
    predicate, problems = parse(where, columns_of(known), wants="condition")
    if predicate is None:
        raise Refused(problems)
    said = manifest(build)
    columns = Columns(View(known, date.fromisoformat(said["as_of"]), said["timezone"], past=False))
    holds = predicate.render(columns.sql)
    return f"{table} AS s {columns.joins}", f"coalesce({holds}, false)"
