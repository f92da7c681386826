"""The line of working time that a calendar draws over a span of days, and where an instant stands on it.

All numbers are int64 microseconds; arrays in, arrays out, no loop over instants. `analysis.calendar` is the face.
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from fairlead.analysis.hours import Block, Hours, checked, off_days
from fairlead.analysis.zone import DAY, SECOND, Micros, Zone, day_number, zone_of

# Datetimes reach from the year 1 to 9999; a calendar needs a few days around what it is asked.
FIRST_DAY, LAST_DAY = date(2, 1, 1), date(9998, 12, 31)
HUNDREDTHS = 100
NOTHING = np.zeros(1, dtype=np.int64)


class NoWorkingTime(ValueError):  # noqa: N818 - it says what is wrong
    """A calendar in which the working time that was asked for never comes."""


class Line(NamedTuple):
    """Working time over the local days from `first` to `last`: the instants from `lower` to `upper`.

    `start`, `length` and `before` are of its stretches in order: when each begins, how long it is, and the working
    time before it. A stretch of no length at `lower` comes first, so that every instant has one that began.
    `days` are the numbers of the local days that have working time, `day_before` the working time before each of them
    and, at its end, before the day after the last; `day_of` is the index into `days` of each stretch.
    """

    first: date
    last: date
    zone: Zone
    lower: int
    upper: int
    start: Micros
    length: Micros
    before: Micros
    day_of: Micros
    days: Micros
    day_before: Micros

    @property
    def total(self) -> int:
        """All the working time there is."""
        return int(self.day_before[-1])

    def worked(self, instants: Micros) -> Micros:
        """W: the working time from `lower` to each instant."""
        at = np.searchsorted(self.start, instants, side="right") - 1
        found: Micros = self.before[at] + np.minimum(instants - self.start[at], self.length[at])
        return found

    def reached(self, worked: Micros) -> Micros:
        """The earliest instant by which so much working time has passed; it must be in (0, total]."""
        at = np.searchsorted(self.before, worked, side="left") - 1
        return self.start[at] + worked - self.before[at]

    def opened(self, instants: Micros) -> Micros:
        """The instant itself in working time, else when working time next begins; some must be left."""
        at = np.searchsorted(self.start + self.length, instants, side="right")
        return np.maximum(instants, self.start[at])

    def day_index(self, worked: Micros) -> Micros:
        """Which working day W is in, counted from 0. At the end of a day it is in the next."""
        return np.searchsorted(self.day_before, worked, side="right") - 1

    def days_on(self, worked: Micros, hundredths: int) -> Micros:
        """W at which so many hundredths of working days more have passed; `days` must hold them.

        Two fifths of Monday's work and all but two fifths of Tuesday's make one day, however long each of them is.
        Day lengths are whole seconds, so the products below stay within 64 bits.
        """
        day = self.day_index(worked)
        seconds = np.diff(self.day_before) // SECOND
        whole, part = divmod(hundredths, HUNDREDTHS)
        length = seconds[day] * SECOND
        share = (worked - self.day_before[day]) * HUNDREDTHS + part * length
        carried = share // (length * HUNDREDTHS)
        share -= carried * length * HUNDREDTHS
        to = day + whole + carried
        into = -(-seconds[np.minimum(to, len(seconds) - 1)] * share // (seconds[day] * HUNDREDTHS))
        found: Micros = self.day_before[to] + into
        return found

    def same_time_on(self, instants: Micros, days: int) -> Micros:
        """From the opening on, the same local time so many working days later; when closed, the opening after it."""
        local = self.zone.local(self.opened(instants))
        day = np.searchsorted(self.days, local // DAY, side="right") - 1 + days
        return self.opened(self.zone.first(self.days[day] * DAY + local % DAY))


def compiled(hours: Hours, first: date, last: date) -> Line:
    """The line of a span of local days, both in it; raises UnknownZone, UnknownRegion, NoWorkingTime, ValueError.

    A block begins at the first and ends at the last instant at which the wall shows its times; a time that the clocks
    skip is later by what they skipped. No block leaves its day, which ends when the date first changes: so a day that
    a zone skipped has no working time, and nothing counts twice.
    """
    zone = zone_of(hours.timezone, first - timedelta(2), last + timedelta(2))
    day, start, end = _blocks(hours, first, last)
    midnights = zone.first(np.arange(day_number(first), day_number(last) + 2) * DAY)
    ends = midnights[day - day_number(first) + 1]
    started = np.minimum(zone.first(start), ends)
    ended = np.minimum(zone.last(end), ends)
    order = np.argsort(started, kind="stable")  # a skipped time may move a block behind the next one
    day, started, ended = day[order], started[order], ended[order]
    started = np.maximum(started, np.maximum.accumulate(np.concatenate([midnights[:1], ended]))[:-1])
    kept = started < ended
    if not kept.any():
        raise NoWorkingTime(f"there is no working time from {first} to {last}")
    day, started, ended = day[kept], started[kept], ended[kept]
    start = np.concatenate([midnights[:1], started])
    length = np.concatenate([NOTHING, ended - started])
    before = np.cumsum(length) - length
    days, firsts = np.unique(day, return_index=True)
    day_before = np.append(before[firsts + 1], before[-1] + length[-1])
    day_of = np.concatenate([NOTHING, np.searchsorted(days, day)])
    span = (first, last, zone, int(midnights[0]), int(midnights[-1]))
    return Line(*span, start, length, before, day_of, days, day_before)


def _blocks(hours: Hours, first: date, last: date) -> tuple[Micros, Micros, Micros]:
    """Every block of the span: the number of its day, its start and its end in local time."""
    if len(hours.week) != 7:
        raise ValueError("a week has seven days")
    differ = off_days(hours, first, last)
    days = np.arange(day_number(first), day_number(last) + 1, dtype=np.int64)
    usual = days[~np.isin(days, [day_number(day) for day in differ])]
    parts = [_on(usual[(usual + 3) % 7 == weekday], blocks) for weekday, blocks in enumerate(hours.week)]
    parts += [_on(np.array([day_number(day)], dtype=np.int64), blocks) for day, blocks in differ.items()]
    every = np.concatenate(parts)
    return every[:, 0], every[:, 1], every[:, 2]


def _on(days: Micros, blocks: tuple[Block, ...]) -> Micros:
    """These blocks on each of these days, as rows of day, start and end."""
    checked(blocks)
    rows = [np.stack([days, days * DAY + b.start * SECOND, days * DAY + b.end * SECOND], axis=1) for b in blocks]
    return np.concatenate([np.empty((0, 3), dtype=np.int64), *rows])
