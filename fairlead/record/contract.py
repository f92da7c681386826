"""What every row must be to count: the rules by which a build keeps a staged row or sets it aside.

A rule is a reason and the SQL condition under which it applies to a row `s` of the staged table. Rules that
follow from the declared tables (required, dates a calendar can hold) are generated; the rest are listed here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from fairlead.model import line_status as status
from fairlead.model.tables import Column, Kind, Table

FIRST_DAY, LAST_DAY = "1970-01-01", "2099-12-31"
INTERVALS = ("day", "week", "month", "year")
LINE_KINDS = ("recurring", "usage", "one_time", "fee")
DISCOUNTS = ("once", "repeating", "forever")
# Money is DECIMAL(18,2): cents of what a row comes to in a year are counted exactly below it. No contract is as large.
LARGEST = "1e13"
A_YEAR = "CASE s.billing_interval WHEN 'month' THEN 12 WHEN 'week' THEN 52 WHEN 'day' THEN 365 ELSE 1 END"
RECURS = "coalesce(s.kind, 'recurring') IN ('recurring', 'usage')"
WORD = status.word("s.status")
# The day on which we saw a row, and no later one than the build is as of: an export may be older than its reading.
SEEN_ON = (
    "least(CAST(timezone((SELECT timezone FROM build.clock), s.seen_at) AS DATE), (SELECT as_of_day FROM build.clock))"
)


class Rule(NamedTuple):
    """`reason` applies to a row when `condition` is true; `detail` is SQL for the value to show."""

    reason: str
    condition: str
    detail: str


def _unreadable(field: str, kind: Kind) -> Rule:
    """A change of a deal whose words are none of what its field holds."""
    words = [f"nullif(s.{side}, '')" for side in ("old", "new")]
    faults = " OR ".join(f"({word} IS NOT NULL AND TRY_CAST({word} AS {kind.sql}) IS NULL)" for word in words)
    condition = f"s.entity = 'opportunity' AND s.field = '{field}' AND ({faults})"
    return Rule(
        "unreadable-change", condition, f"'{field} from ' || coalesce(s.old, '') || ' to ' || coalesce(s.new, '')"
    )


OWN_RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "opportunity": (Rule("won-but-open", "s.is_won AND NOT s.is_closed", "s.stage"),),
        "contract_line": (
            Rule("unknown-interval", f"s.billing_interval NOT IN {INTERVALS}", "s.billing_interval"),
            Rule("amount-too-large", f"abs(CAST(s.amount AS DOUBLE)) * {A_YEAR} >= {LARGEST}", "s.amount"),
            Rule("bad-interval-count", "s.billing_interval_count <= 0", "s.billing_interval_count"),
            Rule("ends-before-start", "s.ends_on < s.starts_on", "s.starts_on || ' to ' || s.ends_on"),
            Rule("negative-quantity", "s.quantity < 0", "s.quantity"),
            # What is charged once may be a credit; a price that recurs is none.
            Rule("negative-amount", f"{RECURS} AND s.amount < 0", "s.amount"),
            Rule("negative-discount", "s.discount < 0", "s.discount"),
            Rule("discount-above-price", f"{RECURS} AND s.discount > s.amount", "s.discount || ' off ' || s.amount"),
            Rule(
                "cancelled-without-date",
                f"{WORD} IN {status.among(status.ENDED)} AND coalesce(s.ends_on, s.cancels_on, s.cancelled_on) IS NULL",
                "s.status",
            ),
            Rule("unknown-status", f"{RECURS} AND {WORD} NOT IN {status.among(('', *status.KNOWN))}", "trim(s.status)"),
            Rule(
                "future-but-begun",
                f"{WORD} IN {status.among(status.FUTURE)} AND s.starts_on <= {SEEN_ON}",
                "'begins on ' || s.starts_on",
            ),
            Rule("unknown-kind", f"s.kind NOT IN {LINE_KINDS}", "s.kind"),
            Rule("unknown-discount", f"s.discount_lasts NOT IN {DISCOUNTS}", "s.discount_lasts"),
            Rule("unknown-cancellation", "s.cancel_kind NOT IN ('voluntary', 'involuntary')", "s.cancel_kind"),
            Rule(
                "ends-before-start",
                "s.discount_ends_on < coalesce(s.discount_starts_on, s.starts_on)",
                "'discount until ' || s.discount_ends_on",
            ),
            Rule("ends-before-start", "s.resumes_on < s.paused_on", "'pause until ' || s.resumes_on"),
            Rule("pause-without-start", "s.resumes_on IS NOT NULL AND s.paused_on IS NULL", "s.resumes_on"),
        ),
        "change": (_unreadable("amount", Kind.MONEY), _unreadable("close_date", Kind.DATE)),
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
    money = tuple(too_large(f"abs(CAST(s.{c.name} AS DOUBLE))", c.name) for c in mapped if c.kind is Kind.MONEY)
    return required + dates + money + OWN_RULES.get(table.name, ())


def too_large(amount: str, name: str) -> Rule:
    """An amount that sums and shares of money could not hold; `amount` is SQL of it as a DOUBLE without its sign."""
    return Rule("amount-too-large", f"{amount} >= {LARGEST}", f"'{name} is ' || s.{name}")


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
