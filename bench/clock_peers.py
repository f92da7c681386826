"""Run by the Python of an environment that has them: the same pairs of instants through two packages from PyPI.

Reads {pairs: [[start, end], ...], holidays: [...], seconds} in local time of Berlin; writes what each of them found
(seconds of working time; for businesstimedelta also when so many have passed) and how long it took.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

import pytz  # type: ignore[import-untyped]
from business_duration import businessDuration  # type: ignore[import-not-found]
from businesstimedelta import (  # type: ignore[import-not-found]
    BusinessTimeDelta,
    HolidayRule,
    Rules,
    WorkDayRule,
)

BERLIN = pytz.timezone("Europe/Berlin")
OPEN, CLOSE = clock(9), clock(17)


def timed(work: Callable[[], list[Any]]) -> dict[str, Any]:
    started = time.perf_counter()
    found = work()
    return {"found": found, "taken": time.perf_counter() - started}


def main() -> None:
    given = json.load(sys.stdin)
    pairs = [tuple(map(datetime.fromisoformat, pair)) for pair in given["pairs"]]
    off = [date.fromisoformat(day) for day in given["holidays"]]
    rules = Rules([WorkDayRule(OPEN, CLOSE, [0, 1, 2, 3, 4], tz=BERLIN), HolidayRule(off, tz=BERLIN)], tz=BERLIN)
    there = [(BERLIN.localize(start), BERLIN.localize(end)) for start, end in pairs]
    limit = BusinessTimeDelta(rules, timedelta=timedelta(seconds=given["seconds"]))
    answers = {
        "business_duration": timed(
            lambda: [businessDuration(start, end, OPEN, CLOSE, [5, 6], off, unit="sec") for start, end in pairs]
        ),
        "businesstimedelta": timed(
            lambda: [rules.difference(start, end).timedelta.total_seconds() for start, end in there]
        ),
        "businesstimedelta_due": timed(
            lambda: [(start + limit).astimezone(pytz.utc).isoformat() for start, _ in there]
        ),
    }
    json.dump(answers, sys.stdout)


main()
