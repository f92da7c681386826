"""Working time the slow way: every minute of some days, one after the other, looked at on the wall of its zone.

Nothing here comes from the code it judges but the type of its question: zoneinfo says what the wall shows, and the
rules of docs/decisions/calendars.md are followed literally, by walking. Instants are minutes since 1970.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from fairlead.analysis.hours import Hours
from tests.analysis.wall import wall

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Number = int | Fraction
Span = tuple[int, int | None]  # a pause: from and until; None when it is open


def instant(minutes: Number) -> datetime:
    """An instant; what is finer than a microsecond is rounded up."""
    return EPOCH + timedelta(microseconds=-int(-Fraction(minutes) * 60_000_000 // 1))


def midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 1440


def day_of(shown: int) -> date:
    return date(1970, 1, 1) + timedelta(shown // 1440)


class Wall(NamedTuple):
    """What the wall shows at each minute from `begin` on, in minutes since a local 1970; and when it shows what."""

    begin: int
    shows: list[int]
    when: dict[int, list[int]]


@lru_cache(maxsize=64)
def walk(timezone: str, first: date, last: date) -> Wall:
    """The UTC days from `first` to `last`, minute by minute."""
    zone = wall(timezone)
    begin, end = midnight(first), midnight(last) + 1440
    shows, when = [], defaultdict(list)
    for at in range(begin, end):
        local = (EPOCH + timedelta(minutes=at)).astimezone(zone)
        shown = at + int(local.utcoffset().total_seconds()) // 60  # type: ignore[union-attr]
        shows.append(shown)
        when[shown].append(at)
    return Wall(begin, shows, when)


class Minutes:
    """The minutes of the UTC days from `first` to `last`; `owner` of each is the local day that works in it, if any."""

    def __init__(self, hours: Hours, first: date, last: date) -> None:
        self.begin, self.shows, self.when = walk(hours.timezone, first, last)
        self.end = self.begin + len(self.shows)
        self.owner: list[date | None] = [None] * len(self.shows)
        differ, day, final = dict(hours.days), day_of(self.shows[0]) + timedelta(1), day_of(self.shows[-1])
        while day < final:
            for block in differ.get(day, hours.week[day.weekday()]):
                self._work(day, block.start // 60, block.end // 60)
            day += timedelta(1)
        self.size = {day: number for day, number in Counter(self.owner).items() if day}
        self.safe = (self.first_shown(day_of(self.shows[0]) + timedelta(1)), self.first_shown(final))

    def _work(self, day: date, start: int, end: int) -> None:
        """Mark the minutes from the first showing of the start to the last of the end, within the day."""
        over = self.first_shown(day + timedelta(1))
        since = self.showing(midnight(day) + start)[0]
        until = self.showing(midnight(day) + end)[-1]
        for at in range(since, min(until, over)):
            if self.owner[at - self.begin] is None:
                self.owner[at - self.begin] = day

    def showing(self, wall: int) -> list[int]:
        """The minutes at which the wall shows this; where it never does, as much later as the clocks skipped."""
        if found := self.when.get(wall):
            return found
        for at, (before, after) in enumerate(pairwise(self.shows), self.begin):
            if before < wall < after:
                return [at + wall - before]
        raise AssertionError(f"{wall} is not among the minutes walked")

    def first_shown(self, day: date) -> int:
        """The first minute of a local day."""
        return self.showing(midnight(day))[0]

    def is_open(self, at: int) -> bool:
        return self.owner[at - self.begin] is not None

    def worked(self, start: int, end: int) -> int:
        return sum(day is not None for day in self.owner[start - self.begin : max(start, end) - self.begin])

    def opens(self, at: int) -> int:
        while not self.is_open(at):
            at += 1
        return at

    def after(self, at: Number, amount: Number, counts: Callable[[int], bool] | None = None) -> Number:
        """When so many minutes that count have passed; the start itself for none. `at` may lie within a minute."""
        counts, left, minute = counts or self.is_open, amount, math.floor(at)
        rest = minute + 1 - at
        while left > 0:
            if counts(minute):
                if left <= rest:
                    return minute + 1 - rest + left
                left -= rest
            minute, rest = minute + 1, 1
        return at

    def after_days(self, at: int, days: Fraction) -> Number:
        """When so many working days have passed, each minute being its share of its own day."""
        left = days
        while True:
            if day := self.owner[at - self.begin]:
                share = Fraction(1, self.size[day])
                if left <= share:
                    return at + left * self.size[day]
                left -= share
            at += 1

    def same_time(self, at: int, days: int) -> int:
        shown = self.shows[self.opens(at) - self.begin]
        later = sorted(day for day in self.size if day > day_of(shown))
        return self.opens(self.showing(midnight(later[days - 1]) + shown % 1440)[0])

    def moved(
        self, base: Number, clock: tuple[int, Sequence[Span]], counts: Callable[[int], bool], budget: int
    ) -> Number:
        """The deadline of a clock (its start and pauses), moved by one pause after the other while the budget lasts."""
        start, pauses = clock
        paused = sorted({at for since, until in pauses for at in range(max(since, start), until or 0)})
        for run in runs(paused):
            if run[0] < base:
                more = min(sum(map(counts, run)), budget)
                base, budget = self.after(base, more, counts), budget - more
        return base


def runs(minutes: Sequence[int]) -> list[list[int]]:
    """Minutes that follow each other without a gap, together."""
    found: list[list[int]] = []
    for at in minutes:
        if found and found[-1][-1] == at - 1:
            found[-1].append(at)
        else:
            found.append([at])
    return found
