"""Random calendars in awkward places and weeks, for the tests of working time."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st

from fairlead.analysis.calendar import INSTANT, Block, Calendar, Hours
from tests.analysis.minutes import EPOCH, Minutes
from tests.analysis.wall import wall

# Half and quarter hours, both hemispheres, changes by 30 minutes and by two hours, at midnight and just after it,
# and islands that skipped a day.
ZONES = {
    "UTC": (1999, 2031), "Europe/Berlin": (1980, 2037), "America/New_York": (1975, 2037),
    "Australia/Lord_Howe": (1985, 2037), "Australia/Adelaide": (1987, 2037), "America/St_Johns": (1987, 2012),
    "Pacific/Apia": (2009, 2013), "Pacific/Kiritimati": (1994, 1995), "Pacific/Kwajalein": (1993, 1993),
    "Pacific/Chatham": (1990, 2037), "America/Sao_Paulo": (1990, 2020), "America/Havana": (1998, 2037),
    "Asia/Kathmandu": (1985, 1990), "Asia/Kolkata": (2000, 2030), "Asia/Beirut": (1993, 2037),
    "Africa/Casablanca": (2012, 2037), "Antarctica/Troll": (2005, 2037), "America/Scoresbysund": (2000, 2030),
    "Asia/Tehran": (1992, 2023), "America/Caracas": (2006, 2017), "Asia/Pyongyang": (2014, 2019),
}  # fmt: skip
# A walked week is slow, and making it smaller would take minutes: what fails is shown as it was found.
FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
WEEK = 12 * 86_400


def quickly(examples: int) -> settings:
    """So many random cases."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=examples, deadline=None, phases=FOUND, suppress_health_check=slow)


@cache
def turns(zone: str, year: int) -> tuple[date, ...]:
    """The days of a year on which a zone changed its offset."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(n) for n in range(366)]
    offsets = [day.astimezone(wall(zone)).utcoffset() for day in days]
    return tuple(day.date() for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after)


class World(NamedTuple):
    """A calendar, its minutes around some days, and the calendar compiled over a few of them."""

    hours: Hours
    minutes: Minutes
    calendar: Calendar


@st.composite
def blocks(draw: st.DrawFn, at_least: int = 0) -> tuple[Block, ...]:
    step = draw(st.sampled_from([5, 15, 30, 60]))
    count = draw(st.integers(at_least, 3))
    marks = sorted(draw(st.lists(st.integers(0, 1440 // step), min_size=2 * count, max_size=2 * count, unique=True)))
    return tuple(Block(a * step * 60, b * step * 60) for a, b in zip(marks[::2], marks[1::2], strict=True))


@st.composite
def worlds(draw: st.DrawFn, days: int = 12) -> World:
    """A world of so many days, more often than not around a change of the clocks."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    year = draw(st.integers(*ZONES[zone]))
    around = draw(st.sampled_from([*turns(zone, year), date(year, 12, 20)]))
    first = around - timedelta(draw(st.sampled_from([3, days - 4])))
    last = first + timedelta(days)
    week = tuple(draw(blocks()) for _ in range(7))
    differ = draw(st.dictionaries(st.integers(0, days).map(lambda n: first + timedelta(n)), blocks(), max_size=3))
    hours = Hours(zone, week, tuple(differ.items()))
    minutes = Minutes(hours, first, last)
    assume(len(minutes.size) >= 2)
    begun = draw(st.integers(0, days - 1))
    opened = sorted(minutes.size)[begun % len(minutes.size)]
    return World(hours, minutes, Calendar(hours, opened, opened))


def moments(world: World) -> st.SearchStrategy[int]:
    """Minutes of the days that have been walked, often the edge of a block."""
    low, high = world.minutes.safe
    owner = world.minutes.owner
    sides = enumerate(pairwise(owner[low - world.minutes.begin - 1 : high - world.minutes.begin]), low)
    edges = [at for at, (before, after) in sides if before != after]
    near = st.builds(
        lambda at, by: min(max(at + by, low), high - 1), st.sampled_from(edges or [low]), st.integers(-2, 2)
    )
    return st.one_of(st.integers(low, high - 1), near)


def arrow(minutes: list[int]) -> pa.Array:
    """Minutes since 1970 as Arrow."""
    return pa.array([at * 60_000_000 for at in minutes], pa.int64()).cast(INSTANT)


def at(minutes: int) -> datetime:
    return EPOCH + timedelta(minutes=minutes)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    """What the wall shows in a zone, as an instant."""
    return datetime(*parts, tzinfo=wall(zone), fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def h(*texts: str) -> tuple[Block, ...]:
    """'09:00-17:00' as blocks."""
    return tuple(Block(*(_seconds(part) for part in text.split("-"))) for text in texts)


def _seconds(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    return hour * 3600 + minute * 60


def week(*texts: str, weekend: tuple[Block, ...] = ()) -> tuple[tuple[Block, ...], ...]:
    """The same hours from Monday to Friday."""
    return (h(*texts),) * 5 + (weekend,) * 2
