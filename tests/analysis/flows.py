"""Histories of stages made by hand: the tables that the generated SQL reads, in an engine of their own."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any, NamedTuple

import pyarrow as pa

from fairlead.analysis.stages import stage_entries
from fairlead.model.lifecycle import Lifecycle
from fairlead.model.tables import TABLES, day_name
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect
from fairlead.record.models import in_order
from tests.analysis.builds import ARROW

AS_OF = date(2026, 3, 1)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
KNOWN = datetime(2026, 3, 1, tzinfo=UTC)
READ = ("change", "person", "opportunity", "account", "buying_role", "mrr_span",
        "facts_person", "facts_opportunity", "facts_account")  # fmt: skip


class Change(NamedTuple):
    entity: str
    entity_id: str
    field: str
    old: str | None
    new: str | None
    at: datetime
    id: str


def at(hours: float) -> datetime:
    """So many hours after noon of the first of January 2026, UTC."""
    return START + timedelta(hours=hours)


def engine(
    model: Model, changes: Sequence[Change] = (), *, as_of: date = AS_OF, **rows: Sequence[dict[str, Any]]
) -> Connection:
    """mart.stage_entry of these rows; timestamps in UTC, and the company's day is the day in UTC."""
    connection = connect(threads=1)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"CREATE TABLE build.clock AS SELECT DATE '{as_of}' AS as_of_day, 'UTC' AS timezone")
    columns = "stage VARCHAR, position BIGINT, is_won BOOLEAN, is_lost BOOLEAN"
    connection.execute(f"CREATE TABLE build.pipeline_stage ({columns})")
    told = [{**c._asdict(), "seen_at": KNOWN, "source_system": "crm"} for c in changes]
    for name in READ:
        table(connection, name, told if name == "change" else rows.get(name, ()))
    for line in model.lifecycle.pipelines.values():
        for place, stage in enumerate(line.stages.values(), 1):
            values = [stage.name, place, stage.outcome == "won", stage.outcome == "lost"]
            connection.execute("INSERT INTO build.pipeline_stage VALUES (?, ?, ?, ?)", values)
    own = files("fairlead.record").joinpath("sql", "build", "deal_stay.sql").read_text()
    for step, sql in in_order({q.name: q.sql for q in stage_entries(model)} | {"build.deal_stay": own}).items():
        connection.execute(f"CREATE TABLE {step} AS {sql}")
    return connection


def table(connection: Connection, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """One table of the record or the marts with the columns as built; a timestamp's day follows from it."""
    shape = TABLES[name]
    whole = [_with_days(row) for row in rows]
    arrays = {c.name: pa.array([row.get(c.name) for row in whole], ARROW[c.kind]) for c in shape.all_columns}
    connection.register("rows", pa.table(arrays))
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {shape.schema}")
    connection.execute(f"CREATE TABLE {shape.schema}.{name} AS FROM rows")
    connection.unregister("rows")


def _with_days(row: dict[str, Any]) -> dict[str, Any]:
    moments = {k: v for k, v in row.items() if isinstance(v, datetime) and k not in ("seen_at", "deleted_at")}
    return {day_name(name): value.date() for name, value in moments.items()} | row


def entries(connection: Connection, where: str = "true") -> list[dict[str, Any]]:
    """The stays, in order."""
    sql = f"SELECT * FROM mart.stage_entry WHERE {where} ORDER BY subject, subject_id, sequence"
    found: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
    return found


def model_of(**lifecycle: Any) -> Model:
    return Model(lifecycle=Lifecycle.model_validate(lifecycle))
