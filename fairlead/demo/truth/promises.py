"""Which leads were answered in time: by office hours in New York, counted here once more and in another way.

A lead is due after five minutes when it fits very well, else after one working hour in the largest companies and four
in all others. Overtime is not worked, and holidays are not either.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import DAY, END, HOUR, MINUTE, NEVER, Flags, Ints, local
from fairlead.demo.recycling import Turns, turns
from fairlead.demo.work import CALL, EMAIL, OUTBOUND, disposition
from fairlead.demo.world import World

HOT_FIT, ENTERPRISE = 80, 2
LOOK = END + DAY + HOUR  # the end of the company's last day, on which the clocks went back an hour before
OPENS, CLOSES, FRIDAY_CLOSES, HALF_CLOSES = 9 * HOUR, 17 * HOUR + 30 * MINUTE, 17 * HOUR, 12 * HOUR
OFF = ("2025-01-01", "2025-12-25", "2025-12-26", "2026-01-01", "2026-12-25")
HALF = ("2025-12-24", "2026-12-24")


class Promises(NamedTuple):
    """One row each time a lead was handed to sales: when the answer was due, whether it counts, whether it came."""

    person: Ints
    due_at: Ints
    counts: Flags
    met: Flags


def promises(world: World) -> Promises:
    """The clock of every lead."""
    people, every = world.people, turns(world.funnel, world.earlier)
    who, start = every.person, every.mql_at
    account = people.account[who]
    large = (account >= 0) & (world.accounts.segment[account] == ENTERPRISE)
    due = np.where(people.fit[who] >= HOT_FIT, start + 5 * MINUTE, _after(start, np.where(large, 1, 4) * HOUR))
    answered = _answered(world, every)
    open_ = (answered == NEVER) | (answered > LOOK)
    return Promises(who, due, ~open_ | (due < LOOK), ~open_ & (answered <= due))


def _answered(world: World, every: Turns) -> Ints:
    """When each was first reached by somebody of ours: from the day before they were first qualified on, or since."""
    done = world.activities
    rows = np.flatnonzero(
        (done.person >= 0) & (done.direction == OUTBOUND) & (done.automated == 0) & (done.kind <= EMAIL)
    )
    reached = rows[(done.kind[rows] != CALL) | (disposition(done, rows) == 0)]
    found = np.full(len(every.person), NEVER)
    came_back = np.isin(every.person, world.earlier.person) & (every.until == NEVER)
    begins = np.where(came_back, every.mql_at, every.mql_at - DAY)
    for latest in (True, False):  # a person has one row among the latest turns and one among the earlier ones
        rows = np.flatnonzero((every.until == NEVER) == latest)
        row = np.full(len(world.people.account), -1)
        row[every.person[rows]] = rows
        turn = row[done.person[reached]]
        fits = (turn >= 0) & (done.at[reached] >= begins[turn]) & (done.at[reached] < every.until[turn])
        np.minimum.at(found, turn[fits], done.at[reached[fits]])
    return found


def _after(start: Ints, seconds: Ints) -> Ints:
    """Walk from opening to opening: a day takes what it has left, until nothing is left to wait."""
    at, left = start.copy(), seconds.copy()
    found = np.full(len(start), NEVER)
    for _ in range(12):  # a long weekend is over by then
        wall = local(at)
        day = wall // DAY
        opened = np.maximum(wall, day * DAY + OPENS)
        there = np.maximum(day * DAY + _closing(day) - opened, 0)
        done = (found == NEVER) & (left <= there)
        found = np.where(done, at + (opened - wall) + left, found)
        left = left - there
        at = _midnight(day + 1)
    return found


def _closing(day: Ints) -> Ints:
    """When work ends on a local day, in seconds since midnight; before it begins on a day off."""
    weekday = (day + 3) % 7
    closes = np.where(weekday == 4, FRIDAY_CLOSES, CLOSES)
    closes = np.where(np.isin(day, _days(HALF)), HALF_CLOSES, closes)
    return np.where((weekday >= 5) | np.isin(day, _days(OFF)), 0, closes)


def _days(texts: tuple[str, ...]) -> Ints:
    return np.array(texts, "datetime64[D]").astype(np.int64)


def _midnight(day: Ints) -> Ints:
    """The instant a local day begins."""
    guess = day * DAY + 5 * HOUR
    return guess - (local(guess) - day * DAY)
