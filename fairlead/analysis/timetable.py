"""Which calendars a build compiles, over which days: those of the model, in the timezones that its people work in."""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import pyarrow as pa

from fairlead.analysis.calendar import Calendar
from fairlead.analysis.hours import Hours
from fairlead.analysis.policies import Version
from fairlead.analysis.ruling import ALWAYS
from fairlead.analysis.working import WorkingTables, hours_of, working_tables
from fairlead.model.agreed import Span, SpanUnit
from fairlead.model.calendars import Block, Calendars, Weekday
from fairlead.model.calendars import Calendar as Agreed

# The few rows that decide which calendars are compiled: timezones of people, the first start, and the look.
READS = """SELECT z.timezone, b.first_at, i.at AS last_at
FROM (SELECT DISTINCT m.timezone FROM record.member AS m UNION SELECT NULL AS timezone) AS z
CROSS JOIN (SELECT min(c.started_at) AS first_at FROM build.clock_begun AS c) AS b
CROSS JOIN build.instant AS i"""

DAY_AND_NIGHT = Agreed(name=ALWAYS, hours=dict.fromkeys(Weekday, (Block(0, 86_400),)))
# Working days may be a week apart, and a working hour is taken to be all that a day has.
APART: Mapping[SpanUnit, float] = {
    SpanUnit.MINUTE: 1 / 1440, SpanUnit.HOUR: 1 / 24, SpanUnit.DAY: 1,
    SpanUnit.WORKING_MINUTE: 1 / 30, SpanUnit.WORKING_HOUR: 2,
    SpanUnit.WORKING_DAY: 7, SpanUnit.WORKING_DAY_SAME_TIME: 7,
}  # fmt: skip
SPARE = 45


def reach_of(found: Iterable[Version]) -> int:
    """How many days after the look the latest deadline may lie, generously."""
    spans = [s for v in found for s in (v.policy.pause_budget, *(one.within for one in v.policy.limits.values())) if s]
    return SPARE + math.ceil(max((_days(span) for span in spans), default=0))


def _days(span: Span) -> float:
    return span.amount * APART[span.unit]


def timetables(rows: pa.Table, calendars: Calendars, timezone: str, reach: int) -> WorkingTables:
    """The tables of working time for the rows that `READS` selects. `timezone` is the company's, `reach` in days."""
    said = rows.to_pylist()
    zones = sorted({row["timezone"] for row in said if row["timezone"]} | {timezone})
    first = min((row["first_at"] for row in said if row["first_at"]), default=None)
    last = max(row["last_at"] for row in said)
    return working_tables(dict(_compiled(calendars, zones, timezone, _span(first or last, last, reach))))


def _span(first: datetime, last: datetime, reach: int) -> tuple[date, date]:
    return first.date() - timedelta(days=3), last.date() + timedelta(days=reach)


def _compiled(
    calendars: Calendars, zones: Iterable[str], company: str, span: tuple[date, date]
) -> Iterator[tuple[str, Calendar]]:
    """Every calendar in every timezone it is read in; what cannot be compiled is left out: `fairlead check` says so."""
    for agreed in (*calendars.calendars.values(), DAY_AND_NIGHT):
        for zone in (agreed.timezone,) if agreed.timezone else zones:
            try:
                yield key_of(agreed.name, zone), Calendar(hours_of(agreed, zone), *span)
            except ValueError:
                continue


def key_of(calendar: str, zone: str) -> str:
    """What a calendar is called in the tables."""
    return f"{calendar}@{zone}"


def hours_in(calendars: Calendars, key: str) -> Hours:
    """The hours that a key of the tables stands for; raises KeyError when the model does not have them any more."""
    name, _, zone = key.partition("@")
    return hours_of(DAY_AND_NIGHT if name == ALWAYS else calendars.calendars[name], zone)
