"""Names seen from a table: which column a bare or dotted name means, and the joins that lead to it.

Joins only follow references (many to one), so a row is never counted twice however it is cut.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from fairlead.model.tables import LINEAGE, TABLES, Column, Kind, Reached, Table, day_name, reach, reachable

DEPTH = 2

# What is true only from a moment on: asked as of an earlier time, it was not true yet.
TRUE_SINCE: Mapping[str, str] = MappingProxyType(
    {
        "is_won": "closed_at",
        "is_closed": "closed_at",
        "lost_reason": "closed_at",
        "days_to_close": "closed_at",
        "won_amount": "won_at",
        "recycle_reason": "recycled_at",
        "response_minutes": "first_response_at",
        "days_to_revenue": "first_paid_at",
        "days_to_value": "first_value_at",
    }
)
# Timestamps that speak of the future when they are written.
PLANNED = frozenset({"due_at"})


@lru_cache(maxsize=4096)
def resolve(table: Table, name: str) -> Reached | None:
    """The column `name` means seen from `table`, or None.

    A dotted name follows references as written. A bare name is the table's own column, or that of the nearest
    table it refers to; among equally near ones the references named like their tables (`account.segment` before
    `partner.segment`), or at least the first of them (`account.owner.team` before `first_deal.owner.team`).
    What is counted of a customer goes by the deal it began with: `first_deal.source` before `opportunity.source`.
    """
    if (own := reach(table, name)) is not None or "." in name:
        return own
    begins = table.column("first_deal_id") is not None
    for depth in range(1, DEPTH + 1):
        found = [
            dotted for dotted in reachable(table, DEPTH) if dotted.count(".") == depth and dotted.endswith(f".{name}")
        ]
        found = [dotted for dotted in found if not (begins and dotted.startswith("opportunity."))]
        plain = [dotted for dotted in found if _named_like_tables(table, dotted)]
        plain = plain or [dotted for dotted in found if _named_like_tables(table, _first_hop(dotted))] or found
        if len(plain) == 1:
            return reach(table, plain[0])
        if plain:
            return None
    return None


def _first_hop(dotted: str) -> str:
    """The first reference alone, as a dotted name."""
    return f"{dotted.partition('.')[0]}.id"


def _named_like_tables(table: Table, dotted: str) -> bool:
    *hops, _ = dotted.split(".")
    here = table
    for hop in hops:
        link = here.column(f"{hop}_id")
        if link is None or link.refers != hop:
            return False
        here = TABLES[hop]
    return True


def dimensions(table: Table) -> tuple[str, ...]:
    """The names a table can sensibly be cut by: text and true/false columns, own and joined, ids left out.

    A joined column goes by its bare name as well, where that means one thing only.
    """
    dotted = [name for name in reachable(table, DEPTH) if _cuts(table, name)]
    bare = [name.rpartition(".")[2] for name in dotted if "." in name]
    return tuple(
        dict.fromkeys([*(n for n in dotted if "." not in n), *(n for n in bare if resolve(table, n)), *dotted])
    )


def _cuts(table: Table, name: str) -> bool:
    path = reach(table, name)
    if path is None or name.endswith("id") or path.column in LINEAGE:
        return False
    return path.column.kind in (Kind.TEXT, Kind.BOOLEAN)


class View(NamedTuple):
    """A table seen at a time: `as_of` is the last company day that counts; `past` when it is before the build's.

    `build` is where the engine has the build's schemas when it has two of them: `earlier.`. `without_gone` leaves
    out rows that are deleted now also when the past is asked about.
    """

    table: Table
    as_of: date
    timezone: str
    past: bool
    build: str = ""
    without_gone: bool = False

    def named(self, table: Table) -> str:
        """SQL of a table of the same build."""
        return f"{self.build}{table.schema}.{table.name}"


class Columns:
    """Writes a table's columns as SQL and remembers the joins they need. The table itself is alias `s`."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._hops: dict[tuple[str, ...], str] = {}

    def sql(self, name: str) -> str:
        """SQL of a name that `resolve` knows, or of `as_of`; raises KeyError for any other."""
        if name == "as_of":
            return as_of_instant(self.view.as_of, self.view.timezone)
        path = resolve(self.view.table, name)
        if path is None:
            raise KeyError(name)
        return self._masked(path)

    def _masked(self, path: Reached) -> str:
        """A column as it stood: asked about the past, what happened later has not happened yet."""
        alias = self._alias(path.references)
        plain = f"{alias}.{path.column.name}"
        moment = happens(path)
        if not self.view.past or moment is None:
            return plain
        condition = f"{alias}.{moment} <= DATE '{self.view.as_of}'"
        if path.column.kind is Kind.BOOLEAN:
            return f"({plain} AND coalesce({condition}, false))"
        return f"CASE WHEN {condition} THEN {plain} END"

    def _alias(self, references: tuple[str, ...]) -> str:
        if not references:
            return "s"
        for depth in range(1, len(references) + 1):
            self._hops.setdefault(references[:depth], "__".join(references[:depth]))
        return self._hops[references]

    @property
    def joins(self) -> str:
        """The LEFT JOINs that the columns written so far need."""
        lines = []
        for hops, alias in self._hops.items():
            before = "__".join(hops[:-1]) or "s"
            here = self.view.table
            for hop in hops[:-1]:
                here = TABLES[_link(here, hop).refers or ""]
            link = _link(here, hops[-1])
            target = TABLES[link.refers or ""]
            lines.append(f"LEFT JOIN {self.view.named(target)} AS {alias} ON {alias}.id = {before}.{link.name}")
        return "\n  ".join(lines)

    @property
    def alive(self) -> str:
        """SQL that leaves out rows deleted by then, or 'true' for tables that know no deletion."""
        if self.view.table.column("deleted_at") is None:
            return "true"
        if not self.view.past or self.view.without_gone:
            return "s.deleted_at IS NULL"
        return f"(s.deleted_at IS NULL OR s.deleted_at >= {as_of_instant(self.view.as_of, self.view.timezone)})"


def _link(table: Table, hop: str) -> Column:
    link = table.column(f"{hop}_id") or table.column(hop)
    if link is None:
        raise KeyError(hop)
    return link


def happens(path: Reached) -> str | None:
    """The company-day column that says when a column's value came to be, or None when it is not tied to a moment."""
    column, table = path.column, path.table
    if column.kind is Kind.TIMESTAMP and column not in LINEAGE and column.name not in PLANNED:
        return day_name(column.name)
    moments = {day_name(c.name) for c in table.columns if c.kind is Kind.TIMESTAMP and c.name not in PLANNED}
    if column.kind is Kind.DATE and column.name in moments:
        return column.name
    since = TRUE_SINCE.get(column.name)
    return day_name(since) if since and table.column(since) else None


def as_of_instant(day: date, timezone: str) -> str:
    """SQL of the instant at which company day `day` is over."""
    return f"timezone('{timezone}', TIMESTAMP '{day + timedelta(days=1)} 00:00:00')"


def axis_day(table: Table, column: str) -> str | None:
    """The date column that cuts rows into periods by `column`: itself, or the company day of a timestamp."""
    found = table.column(column)
    if found is None:
        return None
    return day_name(column) if found.kind is Kind.TIMESTAMP and found not in LINEAGE else column
