"""Clocks under other policies than they ran under, from the tables of a build and without making a new one."""

from collections.abc import Sequence

from fairlead.analysis.clock_report import Told
from fairlead.analysis.clocks import clock_tables
from fairlead.analysis.policies import Version
from fairlead.model.calendars import Calendars
from fairlead.values import Query

TRIED = "tried_clock"
STEPS = (("build.clock_", "clock_"), ("build.instant", "instant"), ("mart.working_", "working_"))


def instant(end_of_day: str) -> str:
    """SQL of the moment that the build's clocks were read at; the end of its day where it has none."""
    end = f"TIMESTAMPTZ '{end_of_day}'"
    at = f"coalesce(max(k.measured_at), {end})"
    return f"SELECT {at} AS at, least({at}, {end} - INTERVAL 1 MICROSECOND) AS last_at FROM mart.clock AS k"


def timetable_rows(found: Sequence[Version], timezone: str, reads: str, end_of_day: str) -> Query:
    """The rows that decide which calendars are compiled for the policies that are tried."""
    begun = next(q.sql for q in clock_tables(found, Calendars(), timezone, rows_behind="") if q.name.endswith("begun"))
    return Query(
        "timezones", _inlined(f"WITH instant AS ({instant(end_of_day)}),\nclock_begun AS (\n{begun}\n)\n{reads}")
    )


def tried(found: Sequence[Version], calendars: Calendars, timezone: str, end_of_day: str) -> Told:
    """The clocks of these policies as a question reads them; tables `working_*` have to be given with it."""
    made = clock_tables(found, calendars, timezone, rows_behind="")
    steps = [(query.name.removeprefix("build."), query.sql) for query in made if query.name.startswith("build.")]
    steps.append(("every_clock", next(query.sql for query in made if query.name == "mart.clock")))
    parts = ",\n".join(f"{name} AS MATERIALIZED (\n{_inlined(sql)}\n)" for name, sql in steps)
    days = ", ".join(
        f"CAST(timezone('{timezone}', k.{name}_at) AS DATE) AS {name}_on" for name in ("started", "due", "stopped")
    )
    last = f"{TRIED} AS MATERIALIZED (SELECT k.*, {days} FROM every_clock AS k)"
    return Told(TRIED, f"WITH instant AS (\n{instant(end_of_day)}\n),\n{parts},\n{last}\n")


def _inlined(sql: str) -> str:
    """The SQL of a step with the steps of a build beside it instead of in tables."""
    for build, here in STEPS:
        sql = sql.replace(build, here)
    return sql
