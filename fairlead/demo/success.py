"""After the sale: onboarding, product use that foreshadows what customers do next, surveys and tickets."""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, HOUR, NEVER, Chance, Ints, in_office
from fairlead.demo.market import Accounts
from fairlead.demo.sold import Deals, Lines


class Stays(NamedTuple):
    """One row a customer's unbroken time as a customer. `left` is NEVER while it lasts."""

    account: Ints
    starts: Ints
    left: Ints
    lost_early: Ints
    deal: Ints


class Usage(NamedTuple):
    """One row an account, feature and week."""

    account: Ints
    feature: Ints
    day: Ints
    people: Ints
    events: Ints


class Onboardings(NamedTuple):
    """One row a stay: kickoff and completion (NEVER when not yet)."""

    account: Ints
    kickoff_at: Ints
    done_at: Ints


class Signals(NamedTuple):
    """Surveys (score 0 to 10) or tickets (score is the priority, 1 to 4), in order of time."""

    account: Ints
    score: Ints
    at: Ints
    resolved_at: Ints


def stays(lines: Lines, count: int) -> Stays:
    """Customers' stays, from their lines: a stay ends when the last of its lines does."""
    order = np.lexsort((lines.starts, lines.account))
    account, starts, ends = lines.account[order], lines.starts[order], lines.ends[order]
    reach = np.maximum.accumulate(
        account * 10_000_000 + np.minimum(ends, 1_000_000)
    )  # account by account: the latest end so far
    fresh = (
        np.r_[True, (account[1:] != account[:-1]) | (starts[1:] > reach[:-1] % 10_000_000 + 1)]
        if len(account)
        else np.zeros(0, bool)
    )
    first = np.flatnonzero(fresh)
    last = np.r_[first[1:] - 1, len(account) - 1].astype(np.int64) if len(first) else first
    left = reach[last] % 10_000_000
    return Stays(
        account[first],
        starts[first],
        np.where(left >= 1_000_000, NEVER, left),
        lines.lost_early[order][first],
        lines.deal[order][first],
    )


def onboardings(held: Stays, deals: Deals, accounts: Accounts, chance: Chance) -> Onboardings:
    """Kickoff some days after winning: weeks after, in the slow region. Done in one to two months, if they stay."""
    dice = chance.of("onboarding")
    won_at = np.where(held.deal >= 0, deals.closes_at[held.deal], held.starts * DAY + 15 * HOUR)
    usual = np.array([r.kickoff_days for r in company.REGIONS])[accounts.region[held.account]]
    kickoff = in_office(won_at + (usual * dice.gamma(6.0, 1 / 6, len(usual)) * DAY).astype(np.int64) + DAY, dice)
    done = in_office(kickoff + (dice.gamma(5.0, 8.0, len(usual)) * DAY).astype(np.int64), dice)
    done = np.where((done < END) & (done // DAY < held.left) & (dice.random(len(done)) < 0.93), done, NEVER)
    begun = kickoff < END
    return Onboardings(held.account[begun], kickoff[begun], done[begun])


def usage(held: Stays, lines: Lines, accounts: Accounts, chance: Chance) -> Usage:
    """A row a week and feature while they are customers: adoption grows, and fades two months before they leave."""
    dice = chance.of("usage")
    ends = np.minimum(held.left, END // DAY)
    first = held.starts + dice.integers(2, 20, len(held.account))
    weeks = np.maximum(ends - first, 0) // 7
    stay = np.repeat(np.arange(len(held.account)), weeks)
    week = np.arange(len(stay)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    day = first[stay] + week * 7
    seats = np.array([9, 45, 160])[accounts.segment[held.account]] * dice.gamma(6.0, 1 / 6, len(held.account))
    grown = np.minimum(0.25 + week / 16, 1.0)
    leaving = np.clip((held.left[stay] - day) / 70, 0.1, 1.0)
    season = np.array(company.SEASON)[(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) % 12]
    level = seats[stay] * grown * leaving * np.sqrt(season)
    parts = []
    for feature, share in enumerate((0.9, 0.55, 0.4, 0.2)):
        adopts = (dice.random(len(held.account)) < (1.0, 0.75, 0.6, 0.35)[feature])[stay]
        users = np.round(level * share * (0.85 + 0.3 * dice.random(len(stay)))).astype(np.int64)
        rows = np.flatnonzero(adopts & (users > 0))
        events = users[rows] * 6 + dice.integers(0, 9, len(rows))
        parts.append((held.account[stay[rows]], np.full(len(rows), feature), day[rows], users[rows], events))
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    order = np.lexsort((columns[1], columns[0], columns[2]))
    return Usage(*(c[order] for c in columns))


def surveys(held: Stays, chance: Chance) -> Signals:
    """A score from 0 to 10 about every half year, lower when they are about to leave."""
    dice = chance.of("surveys")
    ends = np.minimum(held.left, END // DAY)
    count = np.maximum(ends - held.starts, 0) // 180
    stay = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
    day = held.starts[stay] + 120 + place * 180 + dice.integers(0, 40, len(stay))
    mood = np.where(held.left[stay] - day < 120, 5.2, 8.3)
    score = np.clip(np.round(mood + dice.normal(0, 1.7, len(stay))), 0, 10).astype(np.int64)
    at = in_office(day * DAY + 15 * HOUR, dice)
    kept = (dice.random(len(stay)) < 0.55) & (at // DAY < ends[stay])
    return _in_time(Signals(held.account[stay[kept]], score[kept], at[kept], np.full(int(kept.sum()), NEVER)))


def tickets(held: Stays, accounts: Accounts, chance: Chance) -> Signals:
    """Support tickets: priority 1 (urgent) to 4 (low), and when each was solved."""
    dice = chance.of("tickets")
    ends = np.minimum(held.left, END // DAY)
    often = np.maximum(ends - held.starts, 0) / 365 * np.array([2.0, 5.0, 11.0])[accounts.segment[held.account]]
    stay = np.repeat(np.arange(len(often)), dice.poisson(often))
    at = (held.starts[stay] * DAY + dice.random(len(stay)) * (ends - held.starts)[stay] * DAY).astype(np.int64)
    score = dice.choice([1, 2, 3, 4], len(stay), p=[0.05, 0.2, 0.5, 0.25])
    solved = at + (dice.gamma(1.2, 20.0, len(stay)) * HOUR * score).astype(np.int64) + HOUR
    return _in_time(Signals(held.account[stay], score, at, np.where(solved < END, solved, NEVER)))


def _in_time(rows: Signals) -> Signals:
    order = np.lexsort((rows.account, rows.at))
    return Signals(*(column[order] for column in rows))
