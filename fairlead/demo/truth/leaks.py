"""truth/leaks.csv: what gaps of handoffs truly cost, by the odds that the simulation itself draws from.

Leads that were answered late, or never, are given the chance to qualify that they would have had, had they been
answered like those in time under the same limit: each lead's own odds, at the minutes of all those, on average. What
that adds to their chance to qualify, times what a qualified lead under that limit brought, is the loss. That being late
also makes their deals a little harder to win is in `in_full` alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, HOUR, MINUTE, NEVER, START, Flags, Floats, Ints, day_of, local
from fairlead.demo.funnel import chances
from fairlead.demo.recycling import Turns, turns
from fairlead.demo.trade import leaning
from fairlead.demo.truth import kickoffs
from fairlead.demo.truth.deals import worth
from fairlead.demo.truth.tally import Leak
from fairlead.demo.world import World

HEADER = "handoff,gap,instances,conversions_lost,expected_loss,in_full\n"
SETTLED = 180  # days after which a lead has had its time
LIMITS = ("hot", "enterprise", "others")
OPENS, CLOSES, FRIDAY_CLOSES = 9 * HOUR, 17 * HOUR + 30 * MINUTE, 17 * HOUR
FREE = ("2025-01-01", "2025-12-25", "2025-12-26", "2026-01-01")
CHRISTMAS_EVE = ("2025-12-24",)  # until noon
STEPS = 50


def write(file: Path, world: World) -> None:
    with file.open("w") as out:
        out.write(HEADER)
        named = (*(("mql_to_sql", leak) for leak in leaks(world)), ("closed_won_to_onboarding", kickoffs.leak(world)))
        for handoff, leak in named:
            out.write(
                f"{handoff},{leak.gap},{leak.instances},{leak.conversions:.4f},{leak.loss:.2f},{leak.in_full:.2f}\n"
            )


def leaks(world: World) -> Iterator[Leak]:
    """The price of late answers and of none, over leads old enough to have qualified; again where they came again."""
    handed = turns(world.funnel, world.earlier)
    old = settled(handed)
    answered = handed.responded_at != NEVER
    late = is_late(world, handed)
    yield _leak(world, handed, "late response", old & answered & late, old & answered & ~late)
    yield _leak(world, handed, "no response", old & ~answered, old & answered & ~late)


def settled(handed: Turns) -> Flags:
    """Marketing qualified so long ago that they have had the time to get on."""
    today = int(day_of(np.array([END]))[0])
    found: Flags = day_of(handed.mql_at) <= today - SETTLED
    return found


def limits(world: World, handed: Turns) -> Ints:
    """The time limit that each lead is under, a place in LIMITS."""
    account = world.people.account[handed.person]
    large = (account >= 0) & (world.accounts.segment[account] == company.ENTERPRISE)
    return np.where(world.people.fit[handed.person] >= 80, 0, np.where(large, 1, 2))


def is_late(world: World, handed: Turns) -> Flags:
    """Answered after the limit: five minutes, one working hour, or four."""
    answered, limit = handed.responded_at != NEVER, limits(world, handed)
    until = np.where(answered, handed.responded_at, START)
    since = np.where(answered, handed.mql_at, START)
    worked = working(until) - working(since)
    allowed = np.array([0, HOUR, 4 * HOUR])[limit]
    by_clock = (until - since) > 5 * MINUTE
    found: Flags = answered & np.where(limit == 0, by_clock, worked > allowed)
    return found


def working(at: Ints) -> Ints:
    """Seconds of office hours since the window's first day, on New York's wall clock."""
    first = int(day_of(np.array([START]))[0])
    days = np.arange(first, int(day_of(np.array([END]))[0]) + 2)
    weekday = (days + 3) % 7
    closes = np.where(weekday == 4, FRIDAY_CLOSES, CLOSES)
    eve = np.isin(days, _numbers(CHRISTMAS_EVE))
    closes = np.where(eve, 12 * HOUR, closes)
    opened = (weekday < 5) & ~np.isin(days, _numbers(FREE))
    hours = np.where(opened, closes - OPENS, 0)
    before = np.r_[0, np.cumsum(hours)[:-1]]
    place = local(at) // DAY - first
    found: Ints = before[place] + np.clip(local(at) % DAY - OPENS, 0, hours[place])
    return found


def _numbers(days: tuple[str, ...]) -> Ints:
    return np.array(days, "datetime64[D]").astype(np.int64)


class Prospects(NamedTuple):
    """By turn: the chance to qualify, and the chance to win the deal that follows."""

    qualifies: Floats
    wins: Floats


def _leak(world: World, handed: Turns, gap: str, missed: Flags, good: Flags) -> Leak:
    """What `missed` lack beside `good`, limit by limit."""
    lost, loss, in_full = 0.0, 0.0, 0.0
    limit, now = limits(world, handed), _as_it_was(world, handed)
    for place in range(len(LIMITS)):
        here = limit == place
        peers, who = good & here, missed & here
        if not (peers.any() and who.any()):
            continue
        usual = np.quantile(handed.response_minutes[peers], np.linspace(0, 1, 2 * STEPS + 1)[1::2])
        would = _answered_after(world, handed, usual)
        gain = (would.qualifies - now.qualifies)[who].sum()
        brings, wins = _brings(world, handed, here), np.average(now.wins[peers], weights=now.qualifies[peers])
        lost, loss = lost + gain, loss + gain * brings
        in_full += brings / wins * (would.qualifies * would.wins - now.qualifies * now.wins)[who].sum()
    return Leak(gap, int(missed.sum()), float(lost), float(loss), float(in_full))


def _as_it_was(world: World, handed: Turns) -> Prospects:
    """At the minutes that each was really answered after; whoever never was does not qualify."""
    found = _at(world, handed, np.nan_to_num(handed.response_minutes, nan=1e5))
    return found._replace(qualifies=np.where(handed.responded_at == NEVER, 0.0, found.qualifies))


def _answered_after(world: World, handed: Turns, usual: Floats) -> Prospects:
    """On average over `usual` minutes."""
    each = [_at(world, handed, np.full(len(handed.person), minutes)) for minutes in usual]
    qualifies = np.mean([one.qualifies for one in each], axis=0)
    both = np.mean([one.qualifies * one.wins for one in each], axis=0)
    return Prospects(qualifies, np.divide(both, qualifies, out=np.zeros_like(both), where=qualifies > 0))


def _at(world: World, handed: Turns, minutes: Floats) -> Prospects:
    who, every = handed.person, world.people
    people = every._replace(account=every.account[who], channel=every.channel[who], fit=every.fit[who])
    accepts, goes_on = chances(people, minutes)
    base = np.array([s.win for s in company.SEGMENTS])[world.accounts.segment[people.account]]
    qualifies = np.where(people.account >= 0, accepts * goes_on, 0.0)
    return Prospects(qualifies, 1 / (1 + np.exp(-(base + leaning(people, minutes)))))


def _brings(world: World, handed: Turns, here: Flags) -> float:
    """USD that one qualified lead under a limit brought on average."""
    qualified = here & (handed.sql_at != NEVER) & settled(handed)
    return float(brought(world)[handed.person[qualified]].mean()) if qualified.any() else 0.0


def brought(world: World) -> Floats:
    """By person, USD of the first deal that they are the main contact of, if it was won; renewals left out."""
    deals = world.deals
    mine = np.flatnonzero((deals.person >= 0) & (deals.kind != company.RENEWAL) & (deals.created_at < END))
    order = mine[np.lexsort((mine, deals.created_at[mine], deals.person[mine]))]
    first = order[np.r_[True, deals.person[order][1:] != deals.person[order][:-1]]]
    found = np.zeros(len(world.people.account))
    found[deals.person[first]] = np.where(world.paths.is_won[first] == 1, worth(world)[first], 0) / 100
    return found
