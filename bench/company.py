"""A synthetic company of any size, written as a published build by DuckDB's `range()`: no simulation, just rows.

Every column of the record and the marts exists; those the benches read are filled, the others empty.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from fairlead.model.tables import CANONICAL, TABLES, Table
from fairlead.record.models import calendar_sql

AS_OF = date(2026, 1, 1)


def some(count: int, salt: int = 0) -> str:
    """SQL of a number below `count`, the same for the same row and salt, in no order."""
    return f"CAST(hash(i + {salt}) % {count} AS BIGINT)"


def one_of(salt: int, *names: str) -> str:
    """SQL of one of these texts."""
    return f"{list(names)}[{some(len(names), salt)} + 1]"


DAY = f"DATE '2023-01-01' + CAST({some(1000)} AS INTEGER)"

# Columns by expression over `i`, the number of the row.
MEMBERS = {"id": "'crm:m' || i", "name": "'Member ' || i", "team": one_of(1, "north", "south", "west")}
ACCOUNTS = {
    "id": "'crm:a' || i",
    "name": "'Account ' || i",
    "segment": one_of(1, "enterprise", "mid_market", "small"),
    "country": one_of(2, "DE", "FR", "GB", "US"),
    "owner_id": f"'crm:m' || {some(100, 3)}",
}


def deals(accounts: int) -> Mapping[str, str]:
    """Deals of 1,000 days, one in four won, one in ten still open, none of them in the order of their dates."""
    is_closed = f"{some(10, 2)} > 0"
    closed_on = f"{DAY} + CAST({some(90, 1)} AS INTEGER)"
    amount = f"CAST(100 + {some(100_000, 5)} AS DECIMAL(18, 2))"
    return {
        "id": "'crm:o' || i",
        "account_id": f"'crm:a' || {some(accounts, 3)}",
        "kind": one_of(4, "new", "new", "expansion", "renewal"),
        "stage": f"CASE WHEN {is_closed} THEN 'closed' ELSE 'open' END",
        "amount": amount,
        "amount_converted": amount,
        "currency": "'EUR'",
        "owner_id": f"'crm:m' || {some(100, 6)}",
        "source": one_of(7, "inbound", "outbound", "partner"),
        "created_on": DAY,
        "created_at": f"CAST({DAY} AS TIMESTAMPTZ)",
        "closed_on": f"CASE WHEN {is_closed} THEN {closed_on} END",
        "closed_at": f"CASE WHEN {is_closed} THEN CAST({closed_on} AS TIMESTAMPTZ) END",
        "is_closed": is_closed,
        "is_won": f"{is_closed} AND {some(4, 8)} = 0",
        "days_to_close": f"CASE WHEN {is_closed} THEN {some(90, 1)} END",
        "is_marketing_sourced": f"{some(2, 9)} = 0",
        "meetings": some(6, 10),
        "pushes": some(4, 11),
    }


def activities(accounts: int) -> Mapping[str, str]:
    """Calls, emails and meetings over the same days."""
    return {
        "id": "'crm:t' || i",
        "account_id": f"'crm:a' || {some(accounts, 3)}",
        "kind": one_of(4, "call", "email", "meeting", "task"),
        "direction": one_of(5, "inbound", "outbound"),
        "automated": f"{some(3, 6)} = 0",
        "member_id": f"'crm:m' || {some(100, 7)}",
        "person_id": f"'crm:p' || {some(100_000, 8)}",
        "day": DAY,
        "at": f"CAST({DAY} AS TIMESTAMPTZ)",
    }


def write(workspace: Path, *, opportunities: int, activity: int = 0) -> Path:
    """Write the build under `workspace`/.fairlead, publish it and return its folder."""
    build = workspace / ".fairlead" / "builds" / "2026-01-01-bench"
    accounts = max(10, opportunities // 50)
    filled: Mapping[str, tuple[int, Mapping[str, str]]] = {
        "member": (100, MEMBERS),
        "account": (accounts, ACCOUNTS),
        "opportunity": (opportunities, deals(accounts)),
        "facts_opportunity": (opportunities, deals(accounts)),
        "activity": (activity, activities(accounts)),
    }
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    counts = {}
    for table in TABLES.values():
        count, columns = filled.get(table.name, (0, {}))
        sql = calendar_sql(1) if table.name == "calendar" else select(table, count, columns)
        file = build / table.schema / f"{table.name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
        counts[f"{table.schema}.{table.name}"] = count
    (build / "build.json").write_text(json.dumps(manifest(build.name, counts)))
    (workspace / ".fairlead" / "current").write_text(build.name + "\n")
    return build


def select(table: Table, count: int, columns: Mapping[str, str]) -> str:
    """`count` rows of a table: what `columns` fills, and NULL of the right type elsewhere."""
    shown = (f"CAST({columns.get(c.name, 'NULL')} AS {c.kind.sql}) AS {c.name}" for c in table.all_columns)
    return f"SELECT {', '.join(shown)} FROM range({count}) AS numbers(i)"


def manifest(name: str, counts: Mapping[str, int]) -> dict[str, object]:
    """What a build says about itself, as `record.build` writes it."""
    moment = f"{AS_OF.isoformat()}T00:00:00+00:00"
    told = {
        "build": name,
        "made_at": moment,
        "seen_at": moment,
        "as_of": AS_OF.isoformat(),
        "known_at": None,
        "is_past": False,
    }
    company = {"currency": "EUR", "timezone": "UTC", "fiscal_year_start": 1}
    lineage = [
        {"table": t.name, "source": "crm", "raw": t.name, "columns": {c.name: [] for c in t.columns}} for t in CANONICAL
    ]
    digests = {"model_digest": "bench", "code_digest": "bench", "load_digest": "bench"}
    return {
        **told,
        **company,
        **digests,
        "seconds": 0.0,
        "loads": [],
        "tables": [],
        "lineage": lineage,
        "rows": dict(counts),
    }
