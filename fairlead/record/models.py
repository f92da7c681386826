"""The SQL models: one file a table, and those that follow from the company's model, in the order in which they read
each other; and the calendar they use."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from fairlead.record.recipe import Computed, Derived

# A table by its qualified name. Comments, texts and quoted names are met first, so that none is found within them.
_QUALIFIED = re.compile(
    r"""--[^\n]*|/[*].*?[*]/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\b(build|kept|mart|quality|record)\."?(\w+)""",
    re.IGNORECASE | re.DOTALL,
)


@cache
def sql_models() -> Mapping[str, str]:
    """Every SQL model that is a file by its qualified name, in an order in which each comes after what it reads."""
    return in_order(
        {
            f"{schema}.{file.name.removesuffix('.sql')}": file.read_text()
            for schema in ("record", "build", "mart")
            if (folder := files("fairlead.record").joinpath("sql", schema)).is_dir()
            for file in folder.iterdir()
            if file.name.endswith(".sql")
        }
    )


def steps(derived: Sequence[Derived], computed: Sequence[Computed]) -> Mapping[str, str | Computed]:
    """Everything a build runs by qualified name: the SQL of files and of the model, and what Python computes, in order.

    Raises ValueError where two have one name.
    """
    own = {one.name: one.sql for one in derived} | {one.name: one.reads for one in computed}
    if len(own) < len(derived) + len(computed) or own.keys() & sql_models().keys():
        raise ValueError(f"two models of one table among {sorted(own)}")
    made = {one.name: one for one in computed}
    return {name: made.get(name, text) for name, text in in_order({**sql_models(), **own}).items()}


def in_order(texts: Mapping[str, str]) -> Mapping[str, str]:
    """The texts in an order in which each comes after the ones it reads; raises ValueError for a circle."""
    reads = {name: tables_read(text) & texts.keys() - {name} for name, text in texts.items()}
    ordered: dict[str, str] = {}
    while len(ordered) < len(texts):
        ready = sorted(name for name in texts.keys() - ordered.keys() if reads[name] <= ordered.keys())
        if not ready:
            raise ValueError(f"SQL models read each other in a circle: {sorted(texts.keys() - ordered.keys())}")
        ordered |= {name: texts[name] for name in ready}
    return ordered


@lru_cache(maxsize=1_000)
def tables_read(sql: str) -> frozenset[str]:
    """The schema-qualified tables that a SELECT reads; bare names are its own CTEs.

    No alias is called like a schema, so that every name behind one is a table's. Parsing the SQL tells the same, and
    every sync would wait for it.
    """
    return frozenset(f"{found[1]}.{found[2]}" for found in _QUALIFIED.finditer(sql) if found[1])


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
