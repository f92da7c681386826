"""When each clock is heard of: the moments of its policy's warnings and steps, by the calendar it runs on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import ceil
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairlead.analysis.calendar import Calendar, as_instants, instants
from fairlead.analysis.clock import Limit, Terms, Unit, due
from fairlead.analysis.escalating import Moved, Running, Step
from fairlead.analysis.hours import Hours
from fairlead.analysis.policies import Version
from fairlead.analysis.ruling import MICROS, SECONDS
from fairlead.analysis.timetable import hours_in
from fairlead.analysis.zone import Micros
from fairlead.model.agreed import Span
from fairlead.model.calendars import Calendars
from fairlead.model.timed import Timed, Warn

WARNING, ESCALATION = "warning", "escalation"
REST = 30  # days in which nobody works at all
GROUP = ("policy", "version", "limit_name", "calendar")
Key = tuple[str, str, int]  # a clock: its policy, subject and cycle
Moves = Mapping[Key, tuple[Moved, ...]]
STAYED: Moves = MappingProxyType({})


def running(
    rows: pa.Table, found: Sequence[Version], calendars: Calendars, moves: Moves = STAYED
) -> tuple[Running, ...]:
    """The clocks of some rows of mart.clock with the moments at which somebody hears of them.

    Each is read under the version that it ran under; under the newest of the policy where that is not known any more.
    """
    if not rows.num_rows:
        return ()
    groups = rows.select(GROUP).group_by(list(GROUP)).aggregate([]).to_pylist()
    known = {(v.name, v.digest): v.policy for v in found} | {(v.name, ""): v.policy for v in found}
    return tuple(clock for group in groups for clock in _of_group(rows, group, known, calendars, moves))


def _of_group(
    rows: pa.Table,
    group: Mapping[str, str],
    known: Mapping[tuple[str, str], Timed],
    calendars: Calendars,
    moves: Moves,
) -> Iterator[Running]:
    policy = known.get((group["policy"], group["version"])) or known.get((group["policy"], ""))
    if policy is None:
        return
    same = (pc.equal(rows[name], group[name]) for name in GROUP)
    mine = rows.filter(pc.and_(pc.and_(next(same), next(same)), pc.and_(next(same), next(same))))
    calendar = _calendar(calendars, group["calendar"], mine)
    steps = [*_warnings(policy, group["limit_name"], calendar, mine), *_escalations(policy, calendar, mine)]
    for place, row in enumerate(mine.to_pylist()):
        told = tuple(step._replace(at=at) for step, times in steps if (at := times[place]) is not None)
        key = row["policy"], row["subject_id"], row["cycle"]
        yield Running(*key, row["owner_id"], row["stopped_at"], told, moves.get(key, ()))


def moved(rows: pa.Table) -> Moves:
    """By clock, whose its subject became; rows of (policy, subject_id, cycle, at, owner_id) in order of time."""
    found: dict[Key, list[Moved]] = {}
    for row in rows.to_pylist():
        key = row["policy"], row["subject_id"], row["cycle"]
        found.setdefault(key, []).append(Moved(row["at"], row["owner_id"]))
    return {key: tuple(moves) for key, moves in found.items()}


def reach(found: Sequence[Version]) -> int:
    """Days after a deadline beyond which no ladder has a step any more, on calendars with an hour of work a day."""
    spans = [step.after for version in found for step in version.policy.escalation]
    return REST + max((_days(span) for span in spans), default=0)


def _days(span: Span) -> int:
    """The most days that a span may last: a working hour one, a working day two weeks."""
    if span.elapsed is not None:
        return span.elapsed.days + 1
    hours = span.amount * SECONDS[span.unit.removeprefix("working ").partition(",")[0]] / 3600
    return ceil(hours / 24 * 14 if "day" in span.unit else hours)


def _calendar(calendars: Calendars, key: str, rows: pa.Table) -> Calendar | None:
    """The calendar that a clock names, over the days of these rows; None when the model does not have it any more."""
    days = [day.date() for day in (pc.min(rows["started_at"]).as_py(), pc.max(rows["due_at"]).as_py()) if day]
    try:
        return compiled(hours_in(calendars, key), min(days), max(days) + timedelta(days=60)) if days else None
    except (KeyError, ValueError):
        return None


@lru_cache(maxsize=32)
def compiled(hours: Hours, first: date, last: date) -> Calendar:
    """A calendar over a span of days, kept: every question about open clocks asks for the same few."""
    return Calendar(hours, first, last)


_NEVER = datetime.max.replace(tzinfo=UTC)
Moments = tuple[Step, list[Any]]  # a step without its time, and its time for each row


def _escalations(policy: Timed, calendar: Calendar | None, rows: pa.Table) -> Iterator[Moments]:
    for number, step in enumerate(policy.escalation, 1):
        times = _after(step.after, rows["due_at"].combine_chunks(), calendar)
        if times is not None:
            yield Step(ESCALATION, number, _NEVER, step.to, step.action), times.to_pylist()


def _after(span: Span, starts: pa.Array, calendar: Calendar | None) -> pa.Array | None:
    limit = Limit(span.amount, Unit(span.unit.value))
    if limit.unit.is_working and calendar is None:
        return None
    return due(Terms(limit, calendar), starts)


def _warnings(policy: Timed, limit_name: str, calendar: Calendar | None, rows: pa.Table) -> Iterator[Moments]:
    limit = policy.limits.get(limit_name)
    if limit is None:
        return
    starts, ends = (rows[name].combine_chunks() for name in ("started_at", "due_at"))
    base = _after(limit.within, starts, calendar)
    if base is None:
        return
    counting = calendar if Unit(limit.within.unit.value).is_working else None
    for number, warn in enumerate(policy.warn_at, 1):
        yield (
            Step(WARNING, number, _NEVER, "owner", f"{warn} of {limit.within}" if warn.share else str(warn)),
            (_before(warn, starts, ends, base, counting).to_pylist()),
        )


def _before(warn: Warn, starts: pa.Array, ends: pa.Array, base: pa.Array, calendar: Calendar | None) -> pa.Array:
    """When so much of the limit is left; where that is more than there is, when the limit begins to run.

    A share of the limit is taken to the microsecond, and halves go up, as SQL rounds them in mart.clock.
    """
    (start, end, based), missing = instants(starts, ends, base)
    whole = _between(calendar, start, based)
    left = np.floor((1 - warn.share) * whole + 0.5).astype(np.int64) if warn.share is not None else _length(warn.before)
    passed = np.maximum(_between(calendar, start, end) - left, 0)
    if calendar is None:
        return as_instants(start + passed, missing)
    found = calendar.after_micros(start, passed)
    return as_instants(found if passed.all() else np.where(passed > 0, found, calendar.opens_micros(start)), missing)


def _between(calendar: Calendar | None, start: Micros, end: Micros) -> Micros:
    return end - start if calendar is None else calendar.worked_micros(start, end)


def _length(span: Span | None) -> np.int64:
    """A span in microseconds of the time that the limit counts."""
    return np.int64(0 if span is None else span.amount * SECONDS[span.unit.removeprefix("working ")] * MICROS)


def around(clock: Running, at: datetime) -> tuple[Step | None, Step | None]:
    """The last step that has come by then, and the next one."""
    before = [step for step in clock.steps if step.at <= at]
    after = [step for step in clock.steps if step.at > at]
    return max(before, key=_when, default=None), min(after, key=_when, default=None)


def _when(step: Step) -> datetime:
    return step.at
