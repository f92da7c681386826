"""The SQL models: one file a table, in the order in which they read each other; and the calendar they use."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp


@cache
def sql_models() -> Mapping[str, str]:
    """Every SQL model by its qualified name, in an order in which each comes after the tables it reads."""
    texts = {
        f"{schema}.{file.name.removesuffix('.sql')}": file.read_text()
        for schema in ("record", "mart")
        for file in files("fairlead.record").joinpath("sql", schema).iterdir()
        if file.name.endswith(".sql")
    }
    reads = {name: tables_read(text) & texts.keys() - {name} for name, text in texts.items()}
    ordered: dict[str, str] = {}
    while len(ordered) < len(texts):
        ready = sorted(name for name in texts.keys() - ordered.keys() if reads[name] <= ordered.keys())
        if not ready:
            raise ValueError(f"SQL models read each other in a circle: {sorted(texts.keys() - ordered.keys())}")
        ordered |= {name: texts[name] for name in ready}
    return ordered


def tables_read(sql: str) -> set[str]:
    """The schema-qualified tables that a SELECT reads; bare names are its own CTEs."""
    return {f"{t.db}.{t.name}" for t in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Table) if t.db}


def calendar_sql(fiscal_year_start: int) -> str:
    """SQL of every day the contract admits, with the names of its periods (as `values.period_of` names them)."""
    ahead = f"date_trunc('month', day) + INTERVAL {(13 - fiscal_year_start) % 12} MONTH"
    return (
        "SELECT day, strftime(day, '%G-W%V') AS week, strftime(day, '%Y-%m') AS month,"
        " fiscal_year || '-Q' || fiscal_quarter AS quarter, CAST(fiscal_year AS VARCHAR) AS year FROM (SELECT day,"
        f" year({ahead}) AS fiscal_year,"
        f" quarter({ahead}) AS fiscal_quarter"
        " FROM (SELECT CAST(unnest(range(DATE '1970-01-01', DATE '2100-01-01', INTERVAL 1 DAY)) AS DATE) AS day))"
    )
