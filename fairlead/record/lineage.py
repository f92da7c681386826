"""From a column of the record or a mart back to the canonical columns that sources fill in, read off the SQL itself."""

from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.schema import MappingSchema

from fairlead.model.tables import CANONICAL, TABLES, Kind, day_name
from fairlead.record.models import sql_models

Place = tuple[str, str]
GENERATED: Mapping[str, tuple[str, ...]] = {
    "amount_converted": ("amount", "currency"),
    "id": (),
    "source_system": (),
    "source_id": (),
    "seen_at": (),
    "deleted_at": (),
}


# The SQL of the tables of a build that follow from the company's model, by qualified name, as its build.json has it.
Derivations = tuple[tuple[str, str], ...]


@cache
def origins(table: str, column: str, derived: Derivations = ()) -> frozenset[Place]:
    """The (canonical table, mapped column) pairs that a column of a table is made from."""
    declared = TABLES[table]
    if (stamp := _timestamp_of(table, column)) is not None:
        return origins(table, stamp, derived)
    if column in GENERATED and declared.schema == "record":
        return frozenset((table, name) for name in GENERATED[column] if declared.column(name))
    return _origins(f"{declared.schema}.{table}", column, derived)


@cache
def _origins(model: str, column: str, derived: Derivations) -> frozenset[Place]:
    """The same for a column of any SQL model; empty for a table that no SQL makes."""
    found: set[Place] = set()
    for schema, name, source in _read_from(model, column, derived):
        if schema == "kept":
            found |= {(name, s) for s in GENERATED.get(source, (source,)) if TABLES[name].column(s)}
        elif schema in ("record", "mart"):
            found |= origins(name, source, derived)
        else:
            found |= _origins(f"{schema}.{name}", source, derived)
    return frozenset(found)


def _timestamp_of(table: str, day: str) -> str | None:
    """The timestamp whose company day a generated column is, or None for any other column."""
    columns = TABLES[table].columns
    if any(c.name == day for c in columns):
        return None
    return next((c.name for c in columns if c.kind is Kind.TIMESTAMP and day_name(c.name) == day), None)


def _read_from(model: str, column: str, derived: Derivations) -> set[tuple[str, str, str]]:
    """The (schema, table, column) triples that one SQL model reads for a column."""
    tree = _columns_of(model, derived).get(column)
    found: set[tuple[str, str, str]] = set()
    for node in tree.walk() if tree else ():
        if not node.downstream and isinstance(node.expression, exp.Table) and node.expression.db:
            found.add((node.expression.db, node.expression.name, node.name.rpartition(".")[2].strip('"')))
    return found


@cache
def _columns_of(model: str, derived: Derivations) -> Mapping[str, Node]:
    """Where every column of one SQL model comes from; all at once, because reading the model is what takes time."""
    sql = sql_models().get(model) or dict(derived).get(model)
    return lineage(None, sql, schema=_schema(derived), dialect="duckdb", trim_selects=False) if sql else {}


@cache
def _schema(derived: Derivations) -> MappingSchema:
    """The columns of every table that a model may read, looked through once for all models."""
    return MappingSchema({**_columns(derived)}, dialect="duckdb")


def _columns(derived: Derivations) -> dict[str, dict[str, dict[str, str]]]:
    """The columns of every table that a model may read, steps on the way among them: what a star stands for."""
    schemas: dict[str, dict[str, dict[str, str]]] = {
        "build": {
            "clock": {"as_of_day": "DATE", "timezone": "VARCHAR", "currency": "VARCHAR", "is_past": "BOOLEAN"},
            "pipeline_stage": dict.fromkeys(("stage", "position", "is_qualified", "is_won", "is_lost"), "VARCHAR"),
            "calendar": dict.fromkeys(("day", "week", "month", "quarter", "year"), "VARCHAR"),
            "identity": dict.fromkeys(("entity", "ref", "id"), "VARCHAR"),
            "rate_span": dict.fromkeys(("currency", "starts_on", "ends_on", "rate"), "VARCHAR"),
        }
    }
    for table in TABLES.values():
        columns = {c.name: c.kind.sql for c in table.all_columns}
        schemas.setdefault(table.schema, {})[table.name] = columns
    for table in CANONICAL:
        columns = {c.name: c.kind.sql for c in table.all_columns} | {"lead_order": "VARCHAR"}
        schemas.setdefault("kept", {})[table.name] = columns
    for name, sql in derived:
        schema, _, step = name.partition(".")
        if schema == "build":
            made = sqlglot.parse_one(sql, dialect="duckdb")
            schemas["build"][step] = dict.fromkeys(made.named_selects if isinstance(made, exp.Query) else (), "VARCHAR")
    return schemas
