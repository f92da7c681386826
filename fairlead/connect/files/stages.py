"""A mapping compiled: each entry becomes a Stage, SQL that reads a raw table as a canonical one.

    TableMap + raw columns ──compile──> Stage(sql, lineage, keys), problems with mapping.yaml:line

The SQL is three steps: `cells` (trimmed text, placeholders empty, rows that are meant), `read` (values in the
table's types), and the rows with `reason`: NULL when everything could be read, else the first `code: detail`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fairlead.connect.files import cells, refs
from fairlead.connect.files.compiler import Compiler, Entry, Fill, mapped_columns
from fairlead.connect.files.fills import fills_of
from fairlead.connect.laws import CANNOT_MAP
from fairlead.model.tables import FOLDED, Column, Kind, Table
from fairlead.record.engine import literal
from fairlead.record.stage import Stage, ValueMap


def table_stage(compiler: Compiler, table: Table) -> Stage:
    fills = fills_of(compiler, table)
    condition = _condition(compiler, compiler.entry.table.where, "where")
    deleted = _condition(compiler, compiler.entry.table.deleted, "deleted")
    lines = compiler.several(compiler.entry.table.one_row_per, None, "one_row_per") or []
    keys = _keys(compiler, table, lines)
    sql = select(compiler, table, fills, condition, deleted, lines)
    lineage = {name: fill.uses for name, fill in fills.items()}
    entry = compiler.entry
    return Stage(
        table.name, entry.source, entry.raw, sql, lineage, keys(condition) if keys else None, _mapped(fills, entry)
    )


def _mapped(fills: Mapping[str, Fill], entry: Entry) -> dict[str, ValueMap]:
    """The value maps of columns that are read from one source column, which a build counts."""
    said = {name: entry.table.columns[name] for name in fills if name in entry.table.columns}
    return {
        name: ValueMap(fills[name].uses[0], cell.values)
        for name, cell in said.items()
        if cell.values and len(fills[name].uses) == 1
    }


def _condition(compiler: Compiler, text: str | None, place: str) -> str | None:
    if text is None:
        return None
    found = compiler.sql(text, None, place)
    return found[0] if found else None


def _keys(compiler: Compiler, table: Table, lines: Sequence[str]) -> "KeySql | None":
    """SQL of the pairs (source_id, ref) of an entity's further names."""
    said = compiler.entry.table
    if (said.keys or said.same_as) and table.name not in (*FOLDED, "opportunity"):
        compiler.say(CANNOT_MAP, f"Rows of {table.name} have no further names; `keys` belongs to entities.", "keys")
        return None
    found: list[str] = []
    for place, named in (("keys", said.keys), ("same_as", said.same_as)):
        for kind, columns in named.items():
            aliases = compiler.several(columns, None, place, kind) or []
            found += [refs.name(kind, alias) for alias in aliases]
    return KeySql(compiler, tuple(found), source_id(lines)) if found else None


class KeySql(NamedTuple):
    """Called with the entry's condition, the SQL of its key pairs."""

    compiler: Compiler
    names: tuple[str, ...]
    source_id: str

    def __call__(self, condition: str | None) -> str:
        every = " UNION ALL ".join(
            f"SELECT {self.source_id} AS source_id, {n} AS ref FROM cells WHERE _fault IS NULL" for n in self.names
        )
        steps = f"WITH {self.compiler.cells_sql(condition)}, named AS ({every})"
        return f"{steps} SELECT DISTINCT source_id, ref FROM named WHERE ref IS NOT NULL"


def source_id(lines: Sequence[str]) -> str:
    """SQL of a row's own key: its raw key, or what it is kept one row per."""
    return " || chr(124) || ".join(f"coalesce({c}, '')" for c in lines) if lines else "_key"


def select(  # noqa: PLR0913, PLR0917
    compiler: Compiler,
    table: Table,
    fills: Mapping[str, Fill],
    condition: str | None,
    deleted: str | None,
    lines: Sequence[str],
) -> str:
    """The whole SELECT of a stage."""
    values = ", ".join(["*", *(f"{fill.value} AS v_{name}" for name, fill in fills.items())])
    steps = [compiler.cells_sql(condition), f"read AS (SELECT {values} FROM cells)"]
    faults = [pair for fill in fills.values() for pair in fill.faults]
    origin, keep = "read", ""
    if lines:
        steps.append(f"placed AS ({_placed(lines, fills)})")
        origin, keep = "placed", " WHERE place = 1 OR differs"
        named = literal(f"fan-out: lines of one {', '.join(compiler.entry.table.one_row_per)} differ: ")
        faults.append(("place > 1", f"{named} || {source_id(lines)}"))
    gone = (
        f"CASE WHEN {deleted} THEN coalesce(_deleted_at, _seen_at) ELSE _deleted_at END" if deleted else "_deleted_at"
    )
    cases = "".join(f" WHEN {when} THEN {then}" for when, then in dict.fromkeys(faults))
    shown = [_shown(column, fills) for column in mapped_columns(table)]
    carried = [
        f"{literal(compiler.entry.source)} AS source_system", f"{source_id(lines)} AS source_id", "_seen_at AS seen_at",
        f"{gone} AS deleted_at", "_file AS from_file", "_line AS from_line",
        f"CASE WHEN _fault IS NOT NULL THEN _fault{cases} END AS reason",
    ]  # fmt: skip
    return f"WITH {', '.join(steps)} SELECT {', '.join([*shown, *carried])} FROM {origin}{keep}"


def _shown(column: Column, fills: Mapping[str, Fill]) -> str:
    if column.name not in fills:
        return f"CAST(NULL AS {column.kind.sql}) AS {column.name}"
    value = f"v_{column.name}"
    if column.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.INTEGER):
        value = f"CASE WHEN {cells.in_reason(column.kind, value)} THEN {value} END"
    return f"CAST({value} AS {column.kind.sql}) AS {column.name}"


def _placed(lines: Sequence[str], fills: Mapping[str, Fill]) -> str:
    """Rows with their place among the lines of one thing, and whether they differ from the first of them."""
    alike = " || chr(31) || ".join(f"coalesce(CAST(v_{name} AS VARCHAR), '')" for name in fills) or "''"
    group = ", ".join(lines)
    order = f"PARTITION BY {group}, _fault ORDER BY (_deleted_at IS NOT NULL), _line, _key"
    return (
        f"SELECT *, CASE WHEN _fault IS NULL THEN row_number() OVER ({order}) ELSE 1 END AS place,"
        f" (_deleted_at IS NULL AND _fault IS NULL AND {alike} <> first_value({alike}) OVER ({order})) AS differs"
        " FROM read"
    )
