"""Clocks of service levels: when something is due, how much time it took, and how it stands.

Usable by itself, with `analysis.calendar`. A clock starts, may be paused, and stops; a `Limit` says how long it may
run. The same rules for one clock and for a million (Arrow in, Arrow out). What cannot be is a ValueError: a limit or
a budget that is no number or less than nothing, part of a day where whole ones are meant, a pause that ends before it
begins, a limit in working units without a calendar, a datetime without a timezone, and columns of unequal length.

Time is counted by a measure M: for working units the working time of a calendar, for elapsed ones time itself. A pause
counts with its measured part alone; pauses that overlap or touch are one; what lies before the start is nothing.
Without pauses a clock is due at B. The pause from s to e, after pauses worth P, moves the deadline by M(e) - M(s) when
it begins before the deadline so far: when s < B or M(s) - P < M(B). So the pauses that do are the first ones, and
nothing has to be walked step by step. At most the budget is added. The rules are in docs/decisions/clocks.md.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairlead.analysis.calendar import Calendar, as_instants, as_many, instants, micros, moment, whole_days
from fairlead.analysis.pauses import NEVER, Pause, Pauses, flat, merged, of_one, worth_before
from fairlead.analysis.zone import SECOND, Micros

__all__ = [
    "Limit",
    "Pause",
    "Reading",
    "State",
    "Terms",
    "Unit",
    "chosen",
    "due",
    "due_one",
    "measure",
    "read",
    "read_one",
]

Flags = npt.NDArray[np.bool_]


class Unit(StrEnum):
    """Elapsed time, or working time of a calendar: '1 day' is 24 hours, '1 working day' is not."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_MINUTE = "working minute"
    WORKING_HOUR = "working hour"
    WORKING_DAY = "working day"
    WORKING_DAY_SAME_TIME = "working day, same time"

    @property
    def is_working(self) -> bool:
        """Whether a calendar decides how long it is."""
        return self.startswith("working")

    @property
    def seconds(self) -> int | None:
        """How many seconds, elapsed or working; None for working days, which differ in length."""
        return SECONDS.get(self)


SECONDS: Mapping[Unit, int] = {
    Unit.MINUTE: 60, Unit.HOUR: 3600, Unit.DAY: 86_400, Unit.WORKING_MINUTE: 60, Unit.WORKING_HOUR: 3600
}  # fmt: skip


class Limit(NamedTuple):
    """How long a clock may run: 4 working hours."""

    amount: float
    unit: Unit


class Terms(NamedTuple):
    """What a clock runs under: its limit, whose working time counts, and the most that pauses may add.

    The budget is in measured seconds: working ones for a limit in working units, elapsed ones otherwise.
    """

    limit: Limit
    calendar: Calendar | None = None
    budget: float | None = None

    @property
    def counting(self) -> Calendar | None:
        """The calendar that counts time: none for elapsed time.

        Raises ValueError when there should be one, and for terms that are none: a limit or a budget that is no number
        or less than nothing, part of a day where whole ones are meant.
        """
        for length in (self.limit.amount, self.budget or 0):
            if not (math.isfinite(length) and length >= 0):
                raise ValueError(f"{length} is no length of time")
        if self.limit.unit is Unit.WORKING_DAY_SAME_TIME:
            whole_days(self.limit.amount)
        if self.limit.unit.is_working and self.calendar is None:
            raise ValueError(f"a limit in {self.limit.unit}s needs a calendar")
        return self.calendar if self.limit.unit.is_working else None

    @property
    def most(self) -> int:
        """The budget in microseconds; without one, more than there is time."""
        return NEVER if self.budget is None else round(self.budget * SECOND)


class State(StrEnum):
    """How a clock stands. Overdue and breached are both too late; breached ones have stopped since."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    BREACHED = "breached"


STATES = pa.array([state.value for state in State])


class Measured(NamedTuple):
    """Whole measured seconds: worked, without the pauses, and paused."""

    worked: pa.Int64Array
    paused: pa.Int64Array


class Reading(NamedTuple):
    """A clock as of some moment, in whole measured seconds; `late` counts on after the deadline.

    `due` is None while a pause that moves it is still open.
    """

    due: datetime | None
    worked: int
    paused: int
    late: int
    state: State


class _Clocks(NamedTuple):
    """Clocks as of a moment: where each began, and stopped or stands."""

    start: Micros
    end: Micros
    stopped: Flags
    pauses: Pauses


class _Found(NamedTuple):
    """What is found of clocks, in microseconds; `state` is the number of the state."""

    due: Micros
    unknown: Flags
    worked: Micros
    paused: Micros
    late: Micros
    state: Micros

    def shown(self, missing: Flags | None) -> pa.Table:
        """As Arrow, with whole seconds; nothing where the start is missing."""
        whole = [pa.array(c // SECOND, pa.int64(), mask=missing) for c in (self.worked, self.paused, self.late)]
        states = STATES.take(pa.array(self.state, pa.int64(), mask=missing))
        columns = [as_instants(self.due, _either(self.unknown, missing)), *whole, states]
        return pa.table(columns, names=list(Reading._fields))


def chosen(milestone: str | None, policy: str | None, record: str | None, default: str | None) -> str | None:
    """The calendar that holds: the first of limit, handoff or SLA, owner or customer, and company that names one."""
    return milestone or policy or record or default


def due(
    terms: Terms, starts: pa.Array, pauses: pa.ListArray | None = None, as_of: datetime | None = None
) -> pa.TimestampArray:
    """When clocks are due; null while a pause that moves the deadline is still open.

    `pauses` holds a list of {start, end} for each clock. An open pause that has used up the budget as of `as_of` moves
    the deadline no further.
    """
    as_many(starts, pauses)
    (start,), missing = instants(starts)
    at, unknown = _due(terms, start, flat(pauses), as_of)
    return as_instants(at, _either(unknown, missing))


def due_one(
    terms: Terms, start: datetime, pauses: Sequence[Pause] = (), as_of: datetime | None = None
) -> datetime | None:
    """As `due`, of one clock."""
    at, unknown = _due(terms, micros(start), of_one(pauses), as_of)
    return None if unknown[0] else moment(at)


def measure(
    terms: Terms, starts: pa.Array, stops: pa.Array, pauses: pa.ListArray | None = None, *, as_of: datetime
) -> Measured:
    """How long clocks ran; those that did not stop run until `as_of`.

    A stop before the start is 0, never negative. What is paused beyond the budget counts as worked.
    """
    as_many(starts, stops, pauses)
    (start,), missing = instants(starts)
    (stop,), going = instants(stops)
    end = stop if going is None else np.where(going, micros(as_of), stop)
    found = _measured(terms, start, end, flat(pauses))
    return Measured(*(pa.array(column // SECOND, pa.int64(), mask=missing) for column in found))


def read(
    terms: Terms, starts: pa.Array, stops: pa.Array, pauses: pa.ListArray | None = None, *, as_of: datetime
) -> pa.Table:
    """Clocks as of a moment, with the columns of a `Reading`.

    What came after `as_of` had not come: a later stop is none, a pause that ended later is open. A clock that stops
    within a pause ends it. Stopped exactly when due is met.
    """
    as_many(starts, stops, pauses)
    (start,), missing = instants(starts)
    (stop,), going = instants(stops)
    now = micros(as_of)
    stopped = stop <= now if going is None else (stop <= now) & ~going
    return _read(terms, _Clocks(start, np.where(stopped, stop, now), stopped, flat(pauses)), as_of).shown(missing)


def read_one(
    terms: Terms, start: datetime, stop: datetime | None, pauses: Sequence[Pause] = (), *, as_of: datetime
) -> Reading:
    """As `read`, of one clock."""
    stopped = stop is not None and stop <= as_of
    end = stop if stop is not None and stopped else as_of
    found = _read(terms, _Clocks(micros(start), micros(end), np.array([stopped]), of_one(pauses)), as_of)
    (row,) = found.shown(None).to_pylist()
    return Reading(**{**row, "state": State(row["state"])})


def _either(flags: Flags, others: Flags | None) -> Flags:
    return flags if others is None else flags | others


def _measuring(calendar: Calendar | None, *times: Micros) -> Callable[[Micros], Micros]:
    """M over these instants."""
    return (lambda at: at) if calendar is None else calendar.over(*times).worked


def _base(terms: Terms, start: Micros) -> Micros:
    """When clocks that never pause are due."""
    calendar, (amount, unit) = terms.counting, terms.limit
    if unit.seconds is not None:
        return _moved(calendar, start, np.int64(round(amount * unit.seconds * SECOND)))
    if calendar is None:
        return start
    if unit is Unit.WORKING_DAY:
        return calendar.days_micros(start, amount)
    return calendar.same_time_micros(start, amount)


def _moved(calendar: Calendar | None, at: Micros, more: Micros | np.int64) -> Micros:
    return at + more if calendar is None else calendar.after_micros(at, more)


def _due(terms: Terms, start: Micros, pauses: Pauses, as_of: datetime | None) -> tuple[Micros, Flags]:
    """When clocks are due, and whether that is still open."""
    calendar, base = terms.counting, _base(terms, start)
    found = merged(pauses, start)
    unknown = np.zeros(len(start), dtype=bool)
    if not len(found.owner):
        return base, unknown
    now = start[:1] if as_of is None else micros(as_of)
    closed = np.where(found.is_open, found.start, found.end)
    measured = _measuring(calendar, base, found.start, closed, now)
    began = measured(found.start)
    worth = measured(closed) - began
    before = worth_before(found.owner, worth)
    counts = _moving(found, base, began - before, measured(base))
    more = np.zeros(len(start), dtype=np.int64)
    np.add.at(more, found.owner[counts], worth[counts])
    lasting = counts & found.is_open
    used_up = before + np.maximum(measured(now) - began, 0) >= terms.most
    unknown[found.owner[lasting & ~used_up]] = True
    more[found.owner[lasting & used_up]] = terms.most
    return _moved(calendar, base, np.minimum(more, terms.most)), unknown


def _moving(found: Pauses, base: Micros, run: Micros, limit: Micros) -> Flags:
    """Which pauses move the deadline: those before it, or at which less had run (`run`, of each pause) than it has."""
    moving: Flags = (found.start < base[found.owner]) | (run < limit[found.owner])
    return moving


def _measured(terms: Terms, start: Micros, end: Micros, pauses: Pauses) -> tuple[Micros, Micros]:
    """Measured time from start to end: worked, and paused within the budget by pauses that move the deadline."""
    end = np.maximum(end, start)
    found = merged(pauses.until(end), start)
    base = _base(terms, start) if len(found.owner) else start
    measured = _measuring(terms.counting, start, end, base)
    paused = np.zeros(len(start), dtype=np.int64)
    began = measured(found.start)
    worth = measured(found.end) - began
    counts = _moving(found, base, began - worth_before(found.owner, worth), measured(base))
    np.add.at(paused, found.owner[counts], worth[counts])
    paused = np.minimum(paused, terms.most)
    return measured(end) - measured(start) - paused, paused


def _read(terms: Terms, clocks: _Clocks, as_of: datetime) -> _Found:
    start, end, stopped, pauses = clocks
    pauses = pauses.known_at(int(micros(as_of)[0])).until(np.where(stopped, end, NEVER))
    at, unknown = _due(terms, start, pauses, as_of)
    worked, paused = _measured(terms, start, end, pauses)
    measured = _measuring(terms.counting, start, end, at)
    over = ~unknown & (end > at)
    late = np.where(over, measured(end) - measured(at), 0)
    order = tuple(State)
    ways = [(stopped & over, State.BREACHED), (stopped, State.MET), (unknown, State.PAUSED), (over, State.OVERDUE)]
    state = np.select([way for way, _ in ways], [order.index(name) for _, name in ways], order.index(State.RUNNING))
    return _Found(at, unknown, worked, paused, late, state)
