"""Handoffs without a whole build: clocks, facts and the record as given, then the steps that the model asks for."""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Any

import pyarrow as pa

from fairlead.analysis.handoff import handoff_tables
from fairlead.model.handoffs import Handoffs
from fairlead.model.lifecycle import Lifecycle
from fairlead.model.shape import Kind
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect
from fairlead.record.models import in_order
from tests.analysis.builds import ARROW

Rows = Sequence[Mapping[str, Any]]
RECORD = (
    *("person", "opportunity", "account", "member", "activity", "buying_role", "change"),
    *("touch", "contract_line", "usage"),
)
MARTS = ("clock", "facts_person", "facts_opportunity", "facts_account")
STEPS = ("main_contact", "first_deal")


def model(handoffs: Mapping[str, Any], items: Mapping[str, Any], stages: Mapping[str, Any]) -> Model:
    """A model with these handoffs, items and stages, written as in YAML."""
    return Model(
        handoffs=Handoffs.model_validate({"handoffs": handoffs, "items": items}),
        lifecycle=Lifecycle.model_validate({"stages": stages}),
    )


def run(agreed: Model, as_of: date, tables: Mapping[str, Rows]) -> Connection:
    """A connection with mart.handoff and mart.handoff_item made; facts that are not given are the record's rows."""
    connection = connect(threads=1)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute("CREATE TABLE build.clock AS SELECT CAST(? AS DATE) AS as_of_day, 'UTC' AS timezone", [as_of])
    for schema, names in (("record", RECORD), ("mart", MARTS)):
        for name in names:
            _table(connection, schema, name, tables.get(name, tables.get(name.removeprefix("facts_"), ())))
    texts = {f"build.{name}": (files("fairlead.record") / f"sql/build/{name}.sql").read_text() for name in STEPS}
    texts |= {query.name: query.sql for query in handoff_tables(agreed)}
    for name, sql in in_order(texts).items():
        if name in texts:
            connection.execute(f"CREATE TABLE {name} AS {_with_days(name, sql)}")
    return connection


def _with_days(name: str, sql: str) -> str:
    """A declared table with the company days of its times, as a build writes it."""
    table = TABLES.get(name.removeprefix("mart."))
    if table is None or not name.startswith("mart."):
        return sql
    columns = [f"CAST(m.{c.name} AS {c.kind.sql}) AS {c.name}" for c in table.columns]
    columns += [
        f"CAST(timezone('UTC', m.{c.name}) AS DATE) AS {c.name.removesuffix('_at')}_on"
        for c in table.columns
        if c.kind is Kind.TIMESTAMP
    ]
    return f"SELECT {', '.join(columns)} FROM ({sql}) AS m"


def _table(connection: Connection, schema: str, name: str, rows: Rows) -> None:
    columns = TABLES[name].all_columns
    arrays = {c.name: pa.array([row.get(c.name) for row in rows], ARROW[c.kind]) for c in columns}
    connection.register("rows", pa.table(arrays))
    connection.execute(f"CREATE TABLE {schema}.{name} AS FROM rows")
    connection.unregister("rows")


def rows(connection: Connection, sql: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    found: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
    return found
