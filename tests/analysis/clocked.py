"""Clocks without a whole build: rows of the record and of facts as given, then the steps that the model asks for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from fairlead.actions.deriving import working_time_of
from fairlead.analysis.clocks import clock_tables, working_time
from fairlead.analysis.hours import Hours
from fairlead.analysis.policies import Era, versions
from fairlead.model.calendars import Block, Calendar, Calendars, Holiday, Weekday
from fairlead.model.handoffs import Handoffs
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.engine import connect
from tests.analysis.builds import ARROW

Rows = Sequence[Mapping[str, Any]]
READ = ("person", "opportunity", "account", "member", "activity", "signal", "change")
FACTS = ("facts_person", "facts_opportunity", "facts_account", "stage_entry")
NEWS = datetime(2000, 1, 1, tzinfo=UTC)


def model(policies: Mapping[str, Any], calendars: Calendars, section: str = "slas") -> Model:
    """A model that has these policies, written as in handoffs.yaml."""
    return Model(handoffs=Handoffs.model_validate({section: policies}), calendars=calendars)


def calendars(hours: Hours, name: str = "cal") -> Calendars:
    """A calendar of the model that says what some hours do."""
    week = {day: tuple(Block(*one) for one in blocks) for day, blocks in zip(Weekday, hours.week, strict=True)}
    off = tuple(Holiday(on=day, hours=tuple(Block(*one) for one in blocks)) for day, blocks in hours.days)
    return Calendars(
        default=name, calendars={name: Calendar(name=name, timezone=hours.timezone, hours=week, holidays=off)}
    )


class Clocked:
    """The clocks of some rows, looked at `at`. Facts that are not given are the record's rows."""

    def __init__(self, eras: Sequence[Era], at: datetime, zone: str = "UTC", **tables: Rows) -> None:
        self.connection = connect(threads=1)
        for schema in ("record", "kept", "mart", "build"):
            self.connection.execute(f"CREATE SCHEMA {schema}")
        for name in READ:
            self._table("record", name, tables.get(name, ()))
        for name in FACTS:
            self._table("mart", name, tables.get(name, tables.get(name.removeprefix("facts_"), ())))
        for name in ("person", "opportunity", "account"):
            self._table("kept", name, tables.get(f"kept_{name}", ()))
        read_at = "CAST(? AS TIMESTAMPTZ)"
        self.connection.execute(f"CREATE TABLE build.instant AS SELECT {read_at} AS at, {read_at} AS last_at", [at, at])
        self._run(eras, zone)

    def _table(self, schema: str, name: str, rows: Rows) -> None:
        columns = TABLES[name].all_columns
        given = [
            {"seen_at": NEWS, "is_dated": True, "is_created_closed": False, "flow": "sales", **row} for row in rows
        ]
        arrays = {c.name: pa.array([row.get(c.name) for row in given], ARROW[c.kind]) for c in columns}
        self.connection.register("rows", pa.table(arrays))
        self.connection.execute(f"CREATE TABLE {schema}.{name} AS FROM rows")
        self.connection.unregister("rows")

    def _run(self, eras: Sequence[Era], zone: str) -> None:
        found, agreed = versions(eras), eras[-1].model.calendars
        first, *rest = clock_tables(found, agreed, zone)
        self.connection.execute(f"CREATE TABLE {first.name} AS {first.sql}")
        for step in working_time_of(found, agreed, zone):
            self.connection.register("made", step.make(self.connection.sql(step.reads).to_arrow_table()))
            self.connection.execute(f"CREATE TABLE {step.name} AS FROM made")
            self.connection.unregister("made")
        for query in (*working_time(), *rest):
            self.connection.execute(f"CREATE TABLE {query.name} AS {query.sql}")

    def __del__(self) -> None:
        self.connection.close()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.connection.sql(sql).to_arrow_table().to_pylist()
        return found

    def clocks(self) -> dict[tuple[str, str, int], dict[str, Any]]:
        """The rows of mart.clock by policy, subject and cycle."""
        return {(r["policy"], r["subject_id"], r["cycle"]): r for r in self.rows("SELECT * FROM mart.clock")}

    def shares(self) -> dict[tuple[str, str, int], dict[str | None, dict[str, Any]]]:
        """The rows of mart.clock_share, by clock and colleague."""
        found: dict[tuple[str, str, int], dict[str | None, dict[str, Any]]] = {}
        for row in self.rows("SELECT * FROM mart.clock_share"):
            found.setdefault((row["policy"], row["subject_id"], row["cycle"]), {})[row["member_id"]] = row
        return found


def change(  # noqa: PLR0917 - the columns of the change log
    entity_id: str, field: str, at: datetime, old: object, new: object, entity: str = "person"
) -> dict[str, Any]:
    """A row of the change log."""
    told = {"id": f"{entity_id}/{field}/{at.isoformat()}", "entity": entity, "entity_id": entity_id}
    return {**told, "field": field, "old": _said(old), "new": _said(new), "at": at}


def _said(value: object) -> str | None:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else None if value is None else str(value)
