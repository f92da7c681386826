"""Local time, many instants at once: what the clock on the wall says, and when it says it.

A `Zone` is an IANA timezone over a span of time, as the few instants at which its offset changes. Everything here is
int64 microseconds: instants since 1970-01-01T00:00Z, local times as if that midnight had been local.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from fairlead.zones import zone

Micros = npt.NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownZone(ValueError):  # noqa: N818 - it says what is wrong
    """The name of no IANA timezone."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


class Zone(NamedTuple):
    """Offset `offsets[n]` (µs east of UTC) holds from instant `turns[n - 1]` to before `turns[n]`."""

    turns: Micros
    offsets: Micros

    def offset(self, instants: Micros) -> Micros:
        """What is added to an instant to get its local time."""
        return self.offsets[np.searchsorted(self.turns, instants, side="right")]

    def local(self, instants: Micros) -> Micros:
        """What the clock on the wall says."""
        return instants + self.offset(instants)

    def first(self, local: Micros) -> Micros:
        """The first instant at which the wall says so; a time that the clocks skipped is later by what they skipped."""
        turned = self.turns + np.maximum(self.offsets[:-1], self.offsets[1:])
        return local - self.offsets[np.searchsorted(turned, local, side="right")]

    def last(self, local: Micros) -> Micros:
        """The last instant at which the wall says so; a time that the clocks skipped is later by what they skipped."""
        return local - self.offsets[np.searchsorted(self.turns + self.offsets[1:], local, side="right")]


@lru_cache(maxsize=256)
def zone_of(name: str, first: date, last: date) -> Zone:
    """The timezone between two UTC days, both in it; raises UnknownZone.

    Its offset is looked at once a day, and a change is then narrowed down to its second: no zone of the timezone
    database changed its offset forth and back within 24 hours.
    """
    try:
        named = zone(name)
    except ZoneInfoNotFoundError as unknown:
        raise UnknownZone(f"unknown timezone '{name}'") from unknown
    marks = range(day_number(first) * 86_400, (day_number(last) + 1) * 86_400 + 1, 86_400)
    seen = [_offset(named, mark) for mark in marks]
    around = zip(pairwise(marks), pairwise(seen), strict=True)
    turns = [_turn(named, *between) for between, (before, after) in around if before != after]
    offsets = [seen[0], *(_offset(named, turn) for turn in turns)]
    return Zone(_frozen(turns), _frozen(offsets))


def _offset(named: ZoneInfo, second: int) -> int:
    """The offset in seconds at so many seconds since 1970."""
    offset = (EPOCH + timedelta(seconds=second)).astimezone(named).utcoffset() or timedelta()
    return offset.days * 86_400 + offset.seconds


def _turn(named: ZoneInfo, before: int, after: int) -> int:
    """The first second with another offset than `before` has."""
    held = _offset(named, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(named, middle) == held else (before, middle)
    return after


def _frozen(seconds: list[int]) -> Micros:
    array = np.array(seconds, dtype=np.int64) * SECOND
    array.setflags(write=False)
    return array
