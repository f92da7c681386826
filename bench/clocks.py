"""Working time between a million pairs of instants, and the same pairs through what PyPI has for it."""

import json
import subprocess
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bench.figure import Figure, rows, seconds
from bench.peers import python_with
from fairlead.analysis.calendar import INSTANT, Block, Calendar, Hours
from fairlead.analysis.clock import Limit, Terms, Unit, due
from fairlead.analysis.zone import SECOND

FIRST, LAST = date(2016, 1, 1), date(2026, 12, 31)
NOON, ONE = 12 * 3600, 13 * 3600
WHOLE = ((Block(9 * 3600, 17 * 3600),),) * 5 + ((),) * 2
SPLIT = ((Block(8 * 3600, NOON), Block(ONE, 18 * 3600)),) * 5 + ((Block(9 * 3600, NOON),), ())
NIGHT = ((Block(0, 6 * 3600), Block(22 * 3600, 86_400)),) * 7
FOUR = (
    Hours("Europe/Berlin", WHOLE, holidays_of=("DE-BY",)),
    Hours("America/New_York", SPLIT, holidays_of=("US",)),
    Hours("Asia/Kolkata", SPLIT),
    Hours("Australia/Sydney", NIGHT),
)
PEERS = ("business-duration==0.68", "businesstimedelta==1.0.1", "holidays==0.109", "setuptools<81")
HOLIDAYS = [f"{year}-{day}" for year in range(2016, 2027) for day in ("01-01", "05-01", "12-25", "12-26")]
LIMIT = 4 * 3600
Counting = Callable[[Calendar, pa.Array, pa.Array], object]


class Pairs(NamedTuple):
    """Instants, and which calendar each pair is counted by."""

    starts: pa.Array
    ends: pa.Array
    calendar: np.ndarray[Any, np.dtype[np.int64]]


@cache
def pairs() -> Pairs:
    """Pairs over nine years, up to a month apart, in no order."""
    chance, count = np.random.default_rng(4), rows(1_000_000)
    start = chance.integers(1_451_606_400, 1_735_689_600, count) * SECOND
    end = start + chance.integers(0, 30 * 86_400, count) * SECOND
    starts, ends = (pa.array(at).cast(INSTANT) for at in (start, end))
    return Pairs(starts, ends, chance.integers(0, len(FOUR), count))


def per_pair(count: Counting) -> float:
    """Microseconds for each pair, the best of some runs; `count` is given each calendar's starts and ends."""
    calendars = [Calendar(hours, FIRST, LAST) for hours in FOUR]
    given = pairs()

    def all_four() -> None:
        for nth, calendar in enumerate(calendars):
            chosen = pa.array(np.flatnonzero(given.calendar == nth))
            count(calendar, given.starts.take(chosen), given.ends.take(chosen))

    return min(seconds(all_four) for _ in range(5)) / len(given.starts) * 1e6


def worked() -> Figure:
    """Working time between instants."""
    taken = per_pair(lambda calendar, starts, ends: calendar.worked(starts, ends))
    says = f"working time of a pair, of {len(pairs().starts):,} on {len(FOUR)} calendars"
    return Figure(says, taken, "µs", 1, detail="sorting them to their calendars included")


def deadlines() -> Figure:
    """When four working hours are over, and one working day."""
    hours, day = (per_pair(_dues(limit)) for limit in (Limit(4, Unit.WORKING_HOUR), Limit(1, Unit.WORKING_DAY)))
    detail = f"4 working hours; 1 working day {day:.2f} µs"
    return Figure(
        f"when it is due, of {len(pairs().starts):,} clocks on {len(FOUR)} calendars", hours, "µs", 1, detail=detail
    )


def _dues(limit: Limit) -> Counting:
    return lambda calendar, starts, _: due(Terms(limit, calendar), starts)


def against_peers() -> Figure:
    """The same pairs through business-duration and businesstimedelta: the same answers, and how much sooner."""
    says = "working time, times faster than business-duration and businesstimedelta"
    python = python_with(*PEERS)
    if python is None:
        return Figure(says, 0, "x", 1000, at_least=True, detail=f"not measured: could not install {', '.join(PEERS)}")
    wall = _local_pairs(200)
    given = {"pairs": [[at.isoformat() for at in pair] for pair in wall], "holidays": HOLIDAYS, "seconds": LIMIT}
    script = Path(__file__).with_name("clock_peers.py")
    run = subprocess.run([python, script], input=json.dumps(given), capture_output=True, text=True, check=True)
    theirs = json.loads(run.stdout)
    _same(theirs, wall)
    berlin = _berlin()
    starts, ends = pairs().starts, pairs().ends
    ours = min(seconds(lambda: berlin.worked(starts, ends)) for _ in range(5)) / len(starts)
    per = {name: answer["taken"] / len(wall) for name, answer in theirs.items()}
    detail = f"ours {ours * 1e6:.2f} µs a pair; " + ", ".join(
        f"{name} {one * 1e6:,.0f} µs" for name, one in per.items()
    )
    least = min(per["business_duration"], per["businesstimedelta"]) / ours
    return Figure(says, least, "x", 1000, at_least=True, detail=f"{detail}; the same answers")


def _berlin() -> Calendar:
    off = tuple((date.fromisoformat(day), ()) for day in HOLIDAYS)
    return Calendar(Hours("Europe/Berlin", WHOLE, off), FIRST, LAST)


def _local_pairs(count: int) -> list[tuple[datetime, datetime]]:
    """The first pairs by the wall of Berlin, as the peers read them; the seconds between are kept."""
    zone = ZoneInfo("Europe/Berlin")
    columns = (pairs().starts[:count].to_pylist(), pairs().ends[:count].to_pylist())
    starts, ends = ([at.astimezone(zone).replace(tzinfo=None) for at in column] for column in columns)
    return [pair for pair in zip(starts, ends, strict=True) if pair[1] - pair[0] >= timedelta(0)]


def _same(theirs: dict[str, Any], wall: list[tuple[datetime, datetime]]) -> None:
    """Raises when an answer differs from ours."""
    zone = ZoneInfo("Europe/Berlin")
    starts, ends = (pa.array([pair[side].replace(tzinfo=zone) for pair in wall], INSTANT) for side in (0, 1))
    berlin = _berlin()
    ours = berlin.worked(starts, ends).to_pylist()
    for name in ("business_duration", "businesstimedelta"):
        other = [round(found) for found in theirs[name]["found"]]
        unlike = [(pair, mine, their) for pair, mine, their in zip(wall, ours, other, strict=True) if mine != their]
        if unlike:
            raise RuntimeError(f"{name} answers differently {len(unlike)} times: {unlike[0]}")
    when = [at.isoformat() for at in berlin.after(starts, LIMIT).to_pylist()]
    if when != theirs["businesstimedelta_due"]["found"]:
        raise RuntimeError("businesstimedelta is due at other times")
