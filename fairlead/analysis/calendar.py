"""Working time: how much of it lies between two instants, and when so much of it has passed.

Usable by itself: `Hours` says when people work, `Calendar` compiles that over a span of days, and then answers for
one pair of instants or for a million (Arrow in, Arrow out), without a loop over them.

    >>> office = ((Block(9 * 3600, 17 * 3600),),) * 5 + ((),) * 2
    >>> berlin = Calendar(Hours("Europe/Berlin", office), date(2026, 1, 1), date(2026, 12, 31))
    >>> friday = datetime(2026, 3, 27, 15, tzinfo=UTC)      # 16:00; the clocks change on Sunday
    >>> berlin.after_one(friday, 2 * 3600).isoformat()      # one hour on Friday, one on Monday
    '2026-03-30T08:00:00+00:00'

The rules for clock changes and working days are in docs/decisions/calendars.md.
"""

import math
from collections.abc import Callable, Sized
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairlead.analysis.hours import Block, Hours, UnknownRegion
from fairlead.analysis.line import FIRST_DAY, HUNDREDTHS, LAST_DAY, Line, NoWorkingTime, compiled
from fairlead.analysis.zone import EPOCH, SECOND, Micros, UnknownZone

__all__ = ["Block", "Calendar", "Hours", "NoWorkingTime", "UnknownRegion", "UnknownZone"]

INSTANT = pa.timestamp("us", tz="UTC")
MICROSECOND = timedelta(microseconds=1)


class Calendar:
    """Working time by some hours. It is compiled over a span of days, and over more when a question goes beyond it.

    Instants are Arrow timestamps or aware datetimes, exact to the microsecond. Nothing in, nothing out. Raises
    NoWorkingTime when the span has none, or when the working time that was asked for never comes; UnknownZone,
    UnknownRegion; ValueError for blocks that overlap, a span that ends before it begins, a length that is no number or
    less than nothing, a part of a day where whole ones are asked for, and starts that are not as many as their ends.
    """

    def __init__(self, hours: Hours, first: date, last: date) -> None:
        if first > last:
            raise ValueError(f"a calendar cannot begin on {first} and end on {last}")
        self.hours = hours
        self._line = compiled(hours, first, last)

    def worked(self, starts: pa.Array, ends: pa.Array) -> pa.Int64Array:
        """Whole working seconds between instants; 0 where the end is before the start."""
        (start, end), missing = instants(starts, ends)
        return pa.array(self.worked_micros(start, end) // SECOND, pa.int64(), mask=missing)

    def after(self, starts: pa.Array, seconds: float) -> pa.TimestampArray:
        """The earliest instant by which so many working seconds have passed; 0 is the start itself."""
        (start,), missing = instants(starts)
        return as_instants(self.after_micros(start, _lasting(seconds)), missing)

    def after_days(self, starts: pa.Array, days: float) -> pa.TimestampArray:
        """The earliest instant by which so many working days have passed, to the hundredth of a day.

        From two fifths of a working day on, one working day lasts to two fifths of the next, however long each is.
        """
        (start,), missing = instants(starts)
        return as_instants(self.days_micros(start, days), missing)

    def same_time(self, starts: pa.Array, days: float) -> pa.TimestampArray:
        """The same local time so many working days after the start, or after the opening that follows it.

        Where that is outside working time, the next opening. Whole days only.
        """
        (start,), missing = instants(starts)
        return as_instants(self.same_time_micros(start, days), missing)

    def opens(self, starts: pa.Array) -> pa.TimestampArray:
        """The start itself within working time, else the next opening."""
        (start,), missing = instants(starts)
        return as_instants(self.opens_micros(start), missing)

    def worked_one(self, start: datetime, end: datetime) -> int:
        """Whole working seconds between two instants."""
        return int(self.worked_micros(micros(start), micros(end))[0]) // SECOND

    def after_one(self, start: datetime, seconds: float) -> datetime:
        """As `after`, of one instant."""
        return moment(self.after_micros(micros(start), _lasting(seconds)))

    def after_days_one(self, start: datetime, days: float) -> datetime:
        """As `after_days`, of one instant."""
        return moment(self.days_micros(micros(start), days))

    def same_time_one(self, start: datetime, days: float) -> datetime:
        """As `same_time`, of one instant."""
        return moment(self.same_time_micros(micros(start), days))

    def opens_one(self, start: datetime) -> datetime:
        """As `opens`, of one instant."""
        return moment(self.opens_micros(micros(start)))

    @property
    def line(self) -> Line:
        """What it has compiled."""
        return self._line

    # The same over int64 microseconds, as numpy has them.

    def worked_micros(self, start: Micros, end: Micros) -> Micros:
        """Working microseconds between instants; 0 where the end is before the start."""
        line = self.over(start, end)
        worked = line.worked(end)
        worked -= line.worked(start)
        return np.maximum(worked, 0, out=worked)

    def after_micros(self, start: Micros, length: Micros | np.int64) -> Micros:
        """The earliest instants by which so many working microseconds have passed since `start`."""
        line = self.over(start)
        target = line.worked(start) + length
        line = self.reaching(line, int(target.max(initial=0)))
        return np.where(length > 0, line.reached(np.maximum(target, 1)), start)

    def days_micros(self, start: Micros, days: float) -> Micros:
        """The earliest instants by which so many working days have passed since `start`."""
        hundredths = round(_length(days) * HUNDREDTHS)
        if hundredths == 0:
            return start
        line = self.over(start)
        worked = line.worked(start)
        line = self.having(line, int(line.day_index(worked).max(initial=0)) + math.ceil(days) + 2)
        return line.reached(line.days_on(worked, hundredths))

    def same_time_micros(self, start: Micros, days: float) -> Micros:
        """The same local times so many working days later."""
        whole = whole_days(days)
        line = self.over(start)
        line = self.having(line, int(line.day_index(line.worked(start)).max(initial=0)) + whole + 3)
        return line.same_time_on(start, whole)

    def opens_micros(self, start: Micros) -> Micros:
        """The instants themselves within working time, else the next openings."""
        line = self.over(start)
        return self.reaching(line, int(line.worked(start).max(initial=0)) + 1).opened(start)

    # The span

    def over(self, *times: Micros) -> Line:
        """The line over all these instants."""
        line = self._line
        lowest = min((int(t.min()) for t in times if t.size), default=line.lower)
        highest = max((int(t.max()) for t in times if t.size), default=line.lower)
        if line.lower <= lowest and highest <= line.upper:
            return line
        first, last = ((EPOCH + timedelta(microseconds=t)).date() for t in (lowest, highest))
        if first < FIRST_DAY or last > LAST_DAY:
            raise ValueError(f"calendars know the days from {FIRST_DAY} to {LAST_DAY}, and not {first} to {last}")
        return self._widened(min(first - timedelta(2), line.first), max(last + timedelta(2), line.last))

    def reaching(self, line: Line, worked: int) -> Line:
        """`line`, drawn on until it has so many working microseconds; raises NoWorkingTime."""
        weekly = sum(block.end - block.start for blocks in self.hours.week for block in blocks) * SECOND
        return self._drawn_on(line, lambda drawn: worked - drawn.total, weekly)

    def having(self, line: Line, days: int) -> Line:
        """`line`, drawn on until it has so many working days; raises NoWorkingTime."""
        return self._drawn_on(line, lambda drawn: days - len(drawn.days), sum(map(bool, self.hours.week)))

    def _drawn_on(self, line: Line, missing: Callable[[Line], int], weekly: int) -> Line:
        """`line` with days added at its end until nothing is missing, at least twice as many each time."""
        while (lack := missing(line)) > 0:
            weeks = lack / weekly if weekly else math.inf
            special = max((day for day, blocks in self.hours.days if blocks), default=line.last)
            if not weekly and special > line.last:
                line = self._widened(line.first, special)
            elif (days := max(weeks * 7 + 366, (line.last - line.first).days)) > (LAST_DAY - line.last).days:
                raise NoWorkingTime(f"after {line.last} there is not as much working time as was asked for")
            else:
                line = self._widened(line.first, line.last + timedelta(days))
        return line

    def _widened(self, first: date, last: date) -> Line:
        """The line over more days, kept for the next question."""
        self._line = compiled(self.hours, first, last)
        return self._line


def instants(*columns: pa.Array | pa.ChunkedArray) -> tuple[tuple[Micros, ...], npt.NDArray[np.bool_] | None]:
    """Arrow timestamps as microseconds, and where one of them is missing (None when none is).

    A missing one stands as the first that is there, so that it widens no span. Raises ValueError for timestamps without
    a timezone, as a single naive datetime does, and for columns of which one is longer than another.
    """
    as_many(*columns)
    columns = tuple(c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns)
    if naive := next((c.type for c in columns if pa.types.is_timestamp(c.type) and c.type.tz is None), None):
        raise ValueError(f"{naive} has no timezone")
    missing = None
    if any(column.null_count for column in columns):
        missing = np.logical_or.reduce([column.is_null().to_numpy(zero_copy_only=False) for column in columns])
    return tuple(_micros(column) for column in columns), missing


def as_many(*columns: Sized | None) -> None:
    """Raise ValueError where one of the columns that are there is longer than another."""
    lengths = [len(column) for column in columns if column is not None]
    if len(set(lengths)) > 1:
        raise ValueError(f"columns of {' and '.join(map(str, lengths))} rows do not go together")


def _micros(column: pa.Array) -> Micros:
    numbers: Any = column.cast(INSTANT).cast(pa.int64())
    if numbers.null_count:
        present = numbers.drop_null()
        numbers = numbers.fill_null(present[0] if len(present) else 0)
    found: Micros = numbers.to_numpy(zero_copy_only=False)
    return found


def _length(amount: float) -> float:
    """The amount itself; raises ValueError for one that is no number, without end or less than nothing."""
    if not (math.isfinite(amount) and amount >= 0):
        raise ValueError(f"{amount} is no length of working time")
    return amount


def whole_days(days: float) -> int:
    """The days as a whole number; raises ValueError for a part of a day, and as `_length`."""
    if _length(days) != round(days):
        raise ValueError(f"{days} is no number of whole working days")
    return round(days)


def _lasting(seconds: float) -> np.int64:
    """Seconds in microseconds."""
    return np.int64(round(_length(seconds) * SECOND))


def as_instants(found: Micros, missing: npt.NDArray[np.bool_] | None) -> pa.TimestampArray:
    """Microseconds as Arrow timestamps."""
    return pa.array(found, pa.int64(), mask=missing).cast(INSTANT)


def micros(at: datetime) -> Micros:
    """One aware datetime as an array of one; raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no timezone")
    return np.array([(at - EPOCH) // MICROSECOND], dtype=np.int64)


def moment(found: Micros) -> datetime:
    """The only one of an array, as a datetime in UTC."""
    return (EPOCH + timedelta(microseconds=int(found[0]))).astimezone(UTC)
