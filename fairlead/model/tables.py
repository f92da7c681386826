"""The record's shape: every canonical table and mart, its grain, its columns and what they refer to.

The SQL under `record/sql/` produces these tables and the contract holds it to them; predicates, measures
and mappings may name these columns and no others.

Every canonical table also carries the lineage columns of `LINEAGE`. For every timestamp column the build
adds its day in the company's timezone (`created_at` gives `created_on`, `at` gives `day`), so that
periods are cut once and in one place.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from fairlead.model.canonical import CANONICAL, CANONICAL_BY_NAME, FOLDED
from fairlead.model.marts import MARTS
from fairlead.model.shape import CONVERTED, ID, LINEAGE, SQL_TYPES, Column, Kind, Table, day_name

__all__ = [
    "CANONICAL", "CANONICAL_BY_NAME", "CONVERTED", "FOLDED", "ID", "LINEAGE", "MARTS", "SQL_TYPES", "TABLES",
    "Column", "Kind", "Reached", "Table", "day_name", "reach", "reachable",
]  # fmt: skip

TABLES: Mapping[str, Table] = MappingProxyType({t.name: t for t in CANONICAL + MARTS})


class Reached(NamedTuple):
    """How a column is reached from a table: the references to follow (many to one, so rows never fan out)."""

    references: tuple[str, ...]
    table: Table
    column: Column


def reach(table: Table, name: str) -> Reached | None:
    """The column a dotted name means seen from `table`, or None.

    `segment` is the table's own column; `account.segment` follows `account_id`; `account.owner.team` follows
    two references.
    """
    *hops, last = name.split(".")
    here = table
    for hop in hops:
        link = here.column(f"{hop}_id") or here.column(hop)
        if link is None or link.refers is None:
            return None
        here = TABLES[link.refers]
    column = here.column(last)
    return None if column is None else Reached(tuple(hops), here, column)


def reachable(table: Table, depth: int = 2) -> tuple[str, ...]:
    """Every dotted name `reach` knows from `table`, own columns first, at most `depth` references deep."""
    own = tuple(c.name for c in table.all_columns)
    if depth == 0:
        return own
    joined = (
        f"{c.name.removesuffix('_id')}.{name}"
        for c in table.all_columns
        if c.refers is not None
        for name in reachable(TABLES[c.refers], depth - 1)
    )
    return (*own, *joined)
