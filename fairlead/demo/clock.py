"""The demo's clock: thirty-six months of a company in New York, and one stream of chance per part.

Instants are int64 seconds since 1970 in UTC; `NEVER` stands for "has not happened". Days are int64 days
since 1970 in the company's timezone, months are counted from the first month of the window.
"""

import zlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fairlead.zones import zone

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]

ZONE = zone("America/New_York")
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
NEVER = np.int64(np.iinfo(np.int64).max)
MONTHS = 36
FIRST_YEAR, FIRST_MONTH = 2023, 11
FISCAL_YEAR_START = 2


def instant(year: int, month: int, day: int = 1) -> int:
    """Midnight in New York, in seconds."""
    return int(datetime(year, month, day, tzinfo=ZONE).timestamp())


START = instant(2023, 11, 1)
# Nothing is dated on the last day, so that "today" means the same whether its midnight opens or closes it.
END = instant(2026, 10, 31)


def month_start(month: int) -> tuple[int, int]:
    """Year and month of the window's `month`, which may be negative.

    >>> month_start(0), month_start(2), month_start(-11)
    ((2023, 11), (2024, 1), (2022, 12))
    """
    index = FIRST_YEAR * 12 + FIRST_MONTH - 1 + month
    return index // 12, index % 12 + 1


def month_opens(month: int) -> int:
    """The instant a month of the window begins in New York."""
    return instant(*month_start(month))


def _utc_day(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days


def _offset(at: int) -> int:
    """New York's offset from UTC at an instant, in seconds."""
    return int((datetime.fromtimestamp(at, ZONE).utcoffset() or timedelta()).total_seconds())


@cache
def _offsets() -> tuple[Ints, Ints]:
    """Where New York's offset from UTC changes, and the offset from there on (seconds)."""
    edges, offsets = [0], [-5 * HOUR]
    for day in range(_utc_day(2020), _utc_day(2029)):
        if _offset((day + 1) * DAY) != offsets[-1]:
            hour = next(h for h in range(1, 25) if _offset(day * DAY + h * HOUR) != offsets[-1])
            edges.append(day * DAY + hour * HOUR)
            offsets.append(_offset((day + 1) * DAY))
    return np.array(edges, np.int64), np.array(offsets, np.int64)


def local(at: Ints) -> Ints:
    """Seconds on New York's wall clock."""
    edges, offsets = _offsets()
    return at + offsets[np.searchsorted(edges, at, side="right") - 1]


def day_of(at: Ints) -> Ints:
    """The company day of instants; NEVER stays NEVER."""
    at = np.asarray(at, np.int64)
    happened = at != NEVER
    return np.where(happened, local(np.where(happened, at, 0)) // DAY, NEVER)


def month_of_day(day: Ints) -> Ints:
    """The month of the window that days fall in (negative before it); NEVER stays NEVER."""
    day = np.asarray(day, np.int64)
    happened = day != NEVER
    months = np.where(happened, day, 0).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = (FIRST_YEAR - 1970) * 12 + FIRST_MONTH - 1
    return np.where(happened, months - first, NEVER)


def month_of(at: Ints) -> Ints:
    """The month of the window that instants fall in, in the company's timezone."""
    return month_of_day(day_of(at))


def first_day(month: int) -> int:
    """The first company day of a month of the window."""
    year, number = month_start(month)
    return int((datetime(year, number, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days)


def noonish(day: Ints) -> Ints:
    """An instant that is on the same day in New York and in UTC: 15:00 UTC."""
    return np.where(day == NEVER, NEVER, np.asarray(day, np.int64) * DAY + 15 * HOUR)


def in_office(at: Ints, chance: np.random.Generator) -> Ints:
    """The same local day (or the Monday after a weekend), moved into office hours."""
    day = local(at) // DAY
    weekday = (day + 3) % 7
    day = day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
    return day * DAY + 13 * HOUR + 30 * MINUTE + chance.integers(0, 8 * HOUR, len(day))


class Chance(NamedTuple):
    """A seed that every part of the simulation takes its own stream from, so that parts do not disturb each other."""

    seed: int

    def of(self, part: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(part.encode())])
