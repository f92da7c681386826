"""What every row must be to count: the rules by which a build keeps a staged row or sets it aside.

A rule is a reason and the SQL condition under which it applies to a row `s` of the staged table. Rules that
follow from the declared tables (required, dates a calendar can hold) are generated; the rest are listed here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from fairlead.model.tables import Column, Kind, Table

FIRST_DAY, LAST_DAY = "1970-01-01", "2099-12-31"
INTERVALS = ("day", "week", "month", "year")


class Rule(NamedTuple):
    """`reason` applies to a row when `condition` is true; `detail` is SQL for the value to show."""

    reason: str
    condition: str
    detail: str


OWN_RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "opportunity": (Rule("won-but-open", "s.is_won AND NOT s.is_closed", "s.stage"),),
        "contract_line": (
            Rule("unknown-interval", f"s.billing_interval NOT IN {INTERVALS}", "s.billing_interval"),
            Rule("bad-interval-count", "s.billing_interval_count <= 0", "s.billing_interval_count"),
            Rule("ends-before-start", "s.ends_on < s.starts_on", "s.starts_on || ' to ' || s.ends_on"),
            Rule("negative-quantity", "s.quantity < 0", "s.quantity"),
        ),
        "membership": (Rule("ends-before-start", "s.ends_on < s.starts_on", "s.starts_on || ' to ' || s.ends_on"),),
        "rate": (Rule("bad-rate", "s.rate <= 0 OR s.rate >= 1e8", "s.rate"),),
        "payment": (Rule("negative-amount", "s.amount < 0", "s.amount"),),
        "waiver": (
            Rule("unknown-subject", "s.subject NOT IN ('person', 'opportunity', 'account')", "s.subject"),
            Rule("unknown-stage", "s.stage NOT IN (SELECT n.stage FROM build.stage AS n)", "s.stage"),
            Rule("no-reason", "trim(s.waiver_reason) = ''", "'waiver_reason is empty'"),
            Rule("nobody-waived", "s.waived_by_id IS NULL AND s.waived_by IS NULL", "'waived_by is empty'"),
            Rule(
                "ends-before-start",
                "s.expires_on < CAST(timezone((SELECT timezone FROM build.clock), s.at) AS DATE)",
                "s.at || ' to ' || s.expires_on",
            ),
        ),
        "usage": (Rule("negative-count", "s.people < 0 OR s.events < 0", "least(s.people, s.events)"),),
    }
)


def rules(table: Table) -> tuple[Rule, ...]:
    """Every rule of a canonical table, in the order in which a row's reason is decided."""
    mapped = [c for c in table.columns if not c.derived]
    required = tuple(Rule("required", f"s.{c.name} IS NULL", f"'{c.name} is empty'") for c in mapped if c.required)
    dates = tuple(map(_within_calendar, (c for c in mapped if c.kind in (Kind.DATE, Kind.TIMESTAMP))))
    return required + dates + OWN_RULES.get(table.name, ())


def _within_calendar(column: Column) -> Rule:
    """A date the calendar does not hold (year 0202, 9999 for 'never') is a mistake, and would drop out of periods."""
    day = f"CAST(s.{column.name} AS DATE)"
    outside = f"{day} NOT BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"
    return Rule("date-out-of-range", outside, f"'{column.name} is ' || s.{column.name}")


def verdict(applied: tuple[Rule, ...]) -> str:
    """SQL of the first reason that applies, as `reason: detail`, or NULL for a sound row."""
    cases = "\n".join(
        f"    WHEN {rule.condition} THEN '{rule.reason}: ' || coalesce(CAST({rule.detail} AS VARCHAR), 'empty')"
        for rule in applied
    )
    return f"CASE\n    WHEN s.reason IS NOT NULL THEN s.reason\n{cases}\n  END"


def broken_rows(table: Table) -> str:
    """SQL of a written table's rows that break its declaration: every column, and `reason` as `reason: detail`.

    The staged rules leave none of these; what the record's own SQL makes is held to the same declaration.
    """
    missing = "".join(
        f"WHEN t.{c.name} IS NULL THEN 'required: {c.name} is empty' " for c in table.columns if c.required
    )
    grain = ", ".join(f"t.{name}" for name in table.grain)
    shown = " || '|' || ".join(f"coalesce(CAST(t.{name} AS VARCHAR), '')" for name in table.grain)
    return (
        f"SELECT * FROM (SELECT t.*, CASE {missing}WHEN row_number() OVER (PARTITION BY {grain} ORDER BY {grain}) > 1"
        f" THEN 'repeated-grain: ' || {shown} END AS reason FROM {table.schema}.{table.name} AS t)"
        " WHERE reason IS NOT NULL"
    )


def is_broken(table: Table) -> str:
    """SQL of one true or false: whether any written row breaks the declaration. One scan, no window."""
    missing = [f"count(*) FILTER (WHERE t.{c.name} IS NULL) > 0" for c in table.columns if c.required]
    grain = ", ".join(f"t.{name}" for name in table.grain)
    conditions = [f"count(DISTINCT hash({grain})) < count(*)", *missing]
    return f"SELECT {' OR '.join(conditions)} FROM {table.schema}.{table.name} AS t"
