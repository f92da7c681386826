"""Working time as tables and SQL, so that a build counts it where the rows are.

Four small tables hold what calendars say over a span of days. Each question is then joins on equality (calendar and
UTC day, bucket or working day) with a range left over, in the portable subset. Times are int64 microseconds.

    working_segment  calendar, day (UTC), from_at, until_at: each instant of the span is in exactly one row
    working_reach    calendar, bucket of working time: in which stretch so much working time is reached
    working_day      calendar, working_day (counted): the working time before it, and its length
    working_wall     calendar, working_day, local time of day: the instant, or the opening after it
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from fairlead.analysis.calendar import INSTANT, Block, Calendar, Hours
from fairlead.analysis.line import Line
from fairlead.analysis.zone import DAY, SECOND, Micros
from fairlead.model import calendars as agreed

BUCKET = 4 * 3600 * SECOND  # of working time; a stretch has a row for each bucket that it reaches into


def hours_of(calendar: agreed.Calendar, timezone: str) -> Hours:
    """A calendar of the model in the timezone of whoever it is for, unless it names its own."""
    return Hours(
        calendar.timezone or timezone,
        tuple(_blocks(calendar.hours.get(weekday, ())) for weekday in agreed.Weekday),
        tuple((holiday.on, _blocks(holiday.hours)) for holiday in calendar.holidays),
        calendar.holidays_of,
    )


def _blocks(blocks: tuple[agreed.Block, ...]) -> tuple[Block, ...]:
    return tuple(Block(*block) for block in blocks)


class WorkingTables(NamedTuple):
    """The tables, to be written as `mart.working_segment` and so on."""

    segment: pa.Table
    reach: pa.Table
    day: pa.Table
    wall: pa.Table


def working_tables(calendars: Mapping[str, Calendar]) -> WorkingTables:
    """The tables of some calendars, each over the days it is compiled for."""
    lines = [(name, calendar.line) for name, calendar in calendars.items()]
    kinds = (_segments, _reaches, _days, _walls)
    return WorkingTables(*(pa.concat_tables([_named(name, kind(line)) for name, line in lines]) for kind in kinds))


def _named(calendar: str, table: pa.Table) -> pa.Table:
    return table.add_column(0, "calendar", pa.array([calendar] * table.num_rows, pa.string()))


def _segments(line: Line) -> pa.Table:
    """What holds from one instant at which something changes to the next, cut at UTC and local midnights too."""
    every_day = np.arange(line.lower // DAY, line.upper // DAY + 2) * DAY
    marks = [every_day, line.zone.first(every_day), line.zone.last(every_day), line.zone.turns]
    marks += [line.start, line.start + line.length, np.array([line.upper])]
    points = np.unique(np.concatenate(marks))
    points = points[(points >= line.lower) & (points <= line.upper)]
    since = points[:-1]
    worked, opened = line.worked(since), _opened(line, since)
    day, local = line.day_index(worked), line.zone.local(opened)
    gone = opened < since  # after the last working time of the span
    day_at = np.minimum(day, len(line.days) - 1)
    return pa.table(
        {
            "day": (since // DAY).astype("datetime64[D]"),
            "from_at": _instants(since),
            "until_at": _instants(points[1:]),
            "worked_before": worked,
            "is_working": opened == since,
            "working_day": pa.array(day, mask=gone),
            "day_before": pa.array(line.day_before[day_at], mask=gone),
            "day_length": pa.array(np.diff(line.day_before)[day_at], mask=gone),
            "local_day": pa.array(np.searchsorted(line.days, local // DAY, side="right") - 1, mask=gone),
            "local_time": pa.array(local % DAY, mask=gone),
        }
    )


def _opened(line: Line, instants: Micros) -> Micros:
    """As `Line.opened`; before the span where no working time is left."""
    ends = line.start + line.length
    at = np.searchsorted(ends, instants, side="right")
    starts = np.append(line.start, 0)[at]
    found: Micros = np.where(at < len(ends), np.maximum(instants, starts), line.lower - 1)
    return found


def _reaches(line: Line) -> pa.Table:
    """Each stretch of working time, once for every bucket of working time that it reaches into."""
    start, length, before = line.start[1:], line.length[1:], line.before[1:]
    first, last = before // BUCKET, (before + length - 1) // BUCKET
    at = np.repeat(np.arange(len(start)), last - first + 1)
    nth = np.arange(len(at)) - np.searchsorted(at, at)
    return pa.table(
        {
            "bucket": first[at] + nth,
            "worked_before": before[at],
            "worked_until": (before + length)[at],
            "from_us": start[at],
        }
    )


def _days(line: Line) -> pa.Table:
    return pa.table(
        {
            "working_day": np.arange(len(line.days)),
            "day": line.days.astype("datetime64[D]"),
            "worked_before": line.day_before[:-1],
            "day_length": np.diff(line.day_before),
        }
    )


def _walls(line: Line) -> pa.Table:
    """For each working day the stretches of local time that stand for working time, or for the opening that follows."""
    edges = np.concatenate([line.start, line.start + line.length])
    marks = [edges + line.zone.offset(edges + around) for around in (-DAY, 0, DAY)]
    turned = line.zone.turns + np.maximum(line.zone.offsets[:-1], line.zone.offsets[1:])
    points = np.unique(np.concatenate([*marks, turned, line.days * DAY, (line.days + 1) * DAY]))
    since, until = points[:-1], points[1:]
    day = np.searchsorted(line.days, since // DAY)
    kept = line.days[np.minimum(day, len(line.days) - 1)] == since // DAY
    since, until, day = since[kept], until[kept], day[kept]
    at = line.zone.first(since)
    opened = _opened(line, at)
    return pa.table(
        {
            "working_day": day,
            "local_from": since % DAY,
            "local_until": since % DAY + (until - since),
            "from_us": pa.array(opened, mask=opened < at),
            "is_working": opened == at,
        }
    )


def _instants(found: Micros) -> pa.Array:
    return pa.array(found, pa.int64()).cast(INSTANT)


class Part(NamedTuple):
    """A piece of a query: what its FROM needs, and the expression that gives the value."""

    joins: str
    value: str


def placed_sql(instant: str, calendar: str, alias: str) -> Part:
    """The working microseconds before an instant, W; null beyond the span of the tables."""
    joins = f"""
LEFT JOIN mart.working_segment AS {alias}
  ON {alias}.calendar = {calendar} AND {alias}.day = CAST({instant} AS DATE)
  AND {instant} >= {alias}.from_at AND {instant} < {alias}.until_at"""
    within = f"CASE WHEN {alias}.is_working THEN date_diff('microsecond', {alias}.from_at, {instant}) ELSE 0 END"
    return Part(joins, f"({alias}.worked_before + {within})")


def worked_sql(start: str, end: str, calendar: str, alias: str = "w") -> Part:
    """Whole working seconds between two instants, 0 where the end is before the start."""
    before, after = placed_sql(start, calendar, f"{alias}_start"), placed_sql(end, calendar, f"{alias}_end")
    return Part(before.joins + after.joins, f"greatest({after.value} - {before.value}, 0) // {SECOND}")


def reached_sql(worked: str, calendar: str, alias: str) -> Part:
    """The earliest instant at which W has come so far; `worked` must be above 0."""
    joins = f"""
LEFT JOIN mart.working_reach AS {alias}
  ON {alias}.calendar = {calendar} AND {alias}.bucket = ({worked} - 1) // {BUCKET}
  AND {alias}.worked_before < {worked} AND {worked} <= {alias}.worked_until"""
    return Part(joins, instant_sql(f"{alias}.from_us + {worked} - {alias}.worked_before"))


def instant_sql(micros: str) -> str:
    """The instant so many microseconds after 1970, in a session whose timezone is UTC."""
    return f"CAST(make_timestamp({micros}) AS TIMESTAMPTZ)"


def micros_sql(instant: str) -> str:
    """Microseconds from 1970 to an instant."""
    return f"date_diff('microsecond', TIMESTAMPTZ '1970-01-01 00:00:00+00', {instant})"


def after_sql(start: str, amount: str, unit: str, calendar: str, alias: str = "a") -> Part:
    """When a clock without pauses is due: expressions for its start, and for amount and unit of its limit.

    The unit is one of `clock.Unit`, as text. Null beyond the span of the tables.
    """
    s, d, r, w = (f"{alias}_{part}" for part in ("start", "day", "reach", "wall"))
    at = placed_sql(start, calendar, s)
    seconds = f"CASE WHEN {unit} LIKE '%minute' THEN 60 WHEN {unit} LIKE '%hour' THEN 3600 ELSE 86400 END"
    length = f"CAST(round({amount} * {seconds} * {SECOND}) AS BIGINT)"
    hundredths = f"CAST(round({amount} * 100) AS BIGINT)"
    share = f"(({at.value} - {s}.day_before) * 100 + {hundredths} % 100 * {s}.day_length)"
    rest, day_seconds = f"({share} % ({s}.day_length * 100))", f"({s}.day_length // {SECOND} * 100)"
    into = f"(({d}.day_length // {SECOND} * {rest} + {day_seconds} - 1) // {day_seconds})"
    worked = (
        f"(CASE {unit} WHEN 'working day' THEN {d}.worked_before + {into} "
        f"WHEN 'working hour' THEN {at.value} + {length} WHEN 'working minute' THEN {at.value} + {length} END)"
    )
    reached = reached_sql(worked, calendar, r)
    within = f"CASE WHEN {s}.is_working THEN date_diff('microsecond', {s}.from_at, {start}) ELSE 0 END"
    local = f"({s}.local_time + {within})"
    joins = f"""{at.joins}
LEFT JOIN mart.working_day AS {d}
  ON {d}.calendar = {calendar} AND {unit} = 'working day'
  AND {d}.working_day = {s}.working_day + {hundredths} // 100 + {share} // ({s}.day_length * 100){reached.joins}
LEFT JOIN mart.working_wall AS {w}
  ON {w}.calendar = {calendar} AND {unit} = 'working day, same time'
  AND {w}.working_day = {s}.local_day + CAST(round({amount}) AS BIGINT)
  AND {local} >= {w}.local_from AND {local} < {w}.local_until"""
    same = instant_sql(f"{w}.from_us + CASE WHEN {w}.is_working THEN {local} - {w}.local_from ELSE 0 END")
    elapsed = instant_sql(f"{micros_sql(start)} + {length}")
    value = f"CASE WHEN {unit} NOT LIKE 'working%' THEN {elapsed} ELSE coalesce({reached.value}, {same}) END"
    return Part(joins, value)
