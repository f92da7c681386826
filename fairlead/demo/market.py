"""The market: companies that could buy, and the people at them who come forward, one inquiry each.

seasons, growth ──> when they come ──> which channel ──> which company ──> how well they fit
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import (
    DAY,
    END,
    HOUR,
    MINUTE,
    MONTHS,
    START,
    Chance,
    Floats,
    Ints,
    in_office,
    month_opens,
    month_start,
)
from fairlead.demo.staff import Staff
from fairlead.demo.words import FIRST_NAMES, LAST_NAMES, TITLES

PER_REGION = 8
SHOPPING = 540 * DAY  # how long a company looks around


class Accounts(NamedTuple):
    """One row a company. `legacy` companies were customers before the window opens."""

    segment: Ints
    region: Ints
    country: Ints  # index into the region's countries
    currency: Ints
    industry: Ints
    employees: Ints
    created_at: Ints
    owner: Ints  # the seller, a row of Staff
    manager: Ints  # the customer success manager
    legacy: Ints


class People(NamedTuple):
    """One row a person, in the order they came. `account` is -1 for those whose company is not known."""

    account: Ints
    channel: Ints
    campaign: Ints
    persona: Ints
    title: Ints
    first: Ints
    last: Ints
    twin: Ints  # the how-manieth of that name at that company
    country: Ints  # region times PER_REGION plus country, -1 when not given
    fit: Ints
    created_at: Ints
    keenness: Floats


class Campaigns(NamedTuple):
    """One row a campaign: a channel over some months."""

    channel: Ints
    first_month: Ints
    months: Ints


def campaigns() -> Campaigns:
    """A campaign a quarter for every channel, twelve each, so that the running one is found by arithmetic."""
    channel = np.repeat(np.arange(len(company.CHANNELS)), MONTHS // 3)
    first = np.tile(np.arange(0, MONTHS, 3), len(company.CHANNELS))
    return Campaigns(channel, first, np.full(len(channel), 3))


def running(channel: Ints, month: Ints) -> Ints:
    """The campaign of a channel in a month of the window."""
    return channel * (MONTHS // 3) + np.clip(month, 0, MONTHS - 1) // 3


def companies(scale: float, staff: Staff, chance: Chance) -> Accounts:
    """About 3000 companies at scale 1; `created_at` is filled in when their people are known."""
    dice = chance.of("companies")
    count = max(60, round(3000 * scale))
    segment = dice.choice(len(company.SEGMENTS), count, p=[s.share for s in company.SEGMENTS])
    region = dice.choice(len(company.REGIONS), count, p=[r.share for r in company.REGIONS])
    country = (dice.random(count) * np.array([len(r.countries) for r in company.REGIONS])[region]).astype(np.int64)
    money = [[company.CURRENCIES.index(c[1]) for c in r.countries] + [0] * 4 for r in company.REGIONS]
    widest = max(map(len, money))
    currency = np.array([row + [0] * (widest - len(row)) for row in money], np.int64)[region, country]
    low, high = np.array([5, 200, 2000])[segment], np.array([200, 2000, 20000])[segment]
    employees = np.exp(np.log(low) + dice.random(count) * (np.log(high) - np.log(low))).astype(np.int64)
    sellers = [staff.of(role) for role in ("AE SMB", "AE Mid-Market", "AE Enterprise")]
    draw = dice.random(count)
    owner = np.choose(segment, [who[(draw * len(who)).astype(np.int64)] for who in sellers])
    managers = staff.of("CSM")
    legacy = dice.random(count) < np.array([0.030, 0.045, 0.05])[segment]
    return Accounts(
        segment,
        region,
        country,
        currency,
        dice.integers(0, len(company.INDUSTRIES), count),
        employees,
        np.full(count, END),
        owner,
        managers[dice.integers(0, len(managers), count)],
        legacy.astype(np.int64),
    )


def people(scale: float, accounts: Accounts, chance: Chance) -> tuple[People, Accounts]:
    """About 30k people at scale 1, and the companies with the day each was first heard of."""
    dice = chance.of("people")
    count = max(400, round(30_000 * scale))
    created_at = np.sort(_arrivals(count, dice))
    month = _months(created_at)
    channel = dice.choice(len(company.CHANNELS), count, p=[c.share for c in company.CHANNELS])
    account = _employers(created_at, channel, accounts, dice)
    known = account >= 0
    segment = np.where(known, accounts.segment[account], -1)
    persona = dice.choice(len(company.PERSONAS), count, p=company.PERSONA_SHARES)
    fit = 38 + np.array([4, 14, 18, 0])[segment] + np.array(company.PERSONA_FIT)[persona] + dice.normal(0, 13, count)
    home = np.where(known, account, dice.integers(0, len(accounts.segment), count))
    keen = np.array([c.keen for c in company.CHANNELS])[channel]
    first, last = dice.integers(0, len(FIRST_NAMES), count), dice.integers(0, len(LAST_NAMES), count)
    found = People(
        account=account,
        channel=channel,
        campaign=running(channel, month),
        persona=persona,
        title=dice.integers(0, len(TITLES["champion"]), count),
        first=first,
        last=last,
        twin=_twins(account, first, last),
        country=np.where(dice.random(count) < 0.93, (accounts.region * PER_REGION + accounts.country)[home], -1),
        fit=np.clip(np.round(fit), 0, 100).astype(np.int64),
        created_at=created_at,
        keenness=keen * dice.gamma(2.0, 0.5, count),
    )
    return found, accounts._replace(created_at=_first_heard(found, accounts, dice))


def _arrivals(count: int, dice: np.random.Generator) -> Ints:
    """Instants over the window: growing a little every month, with seasons, mostly on working days and hours."""
    weight = np.array([1.012**m * company.SEASON[month_start(m)[1] - 1] for m in range(MONTHS)])
    month = dice.choice(MONTHS, count, p=weight / weight.sum())
    opens = np.array([month_opens(m) for m in range(MONTHS)] + [END])
    at = opens[month] + (dice.random(count) * (opens[month + 1] - opens[month])).astype(np.int64)
    office = dice.random(count) < 0.72
    at = np.where(office, in_office(at, dice), at)
    return np.clip(at, START + HOUR, END - HOUR)


def _months(at: Ints) -> Ints:
    opens = np.array([month_opens(m) for m in range(MONTHS)])
    return np.clip(np.searchsorted(opens, at, side="right") - 1, 0, MONTHS - 1)


def _employers(created_at: Ints, channel: Ints, accounts: Accounts, dice: np.random.Generator) -> Ints:
    """Each person's company, among those that are shopping by then; larger ones send more people.

    -1 where the channel does not say.
    """
    count = len(accounts.segment)
    enters = START - SHOPPING + (dice.random(count) * (END - START + SHOPPING)).astype(np.int64)
    enters = np.where(accounts.legacy == 1, START - dice.integers(0, SHOPPING, count), enters)
    pull = np.array([s.people for s in company.SEGMENTS])[accounts.segment] * dice.gamma(3.0, 1.0, count)
    order = np.argsort(enters, kind="stable")
    edges = np.concatenate([[0.0], np.cumsum(pull[order])])
    low = edges[np.searchsorted(enters[order], created_at - SHOPPING)]
    high = edges[np.searchsorted(enters[order], created_at)]
    found = np.searchsorted(edges, low + dice.random(len(channel)) * (high - low), side="right") - 1
    known = dice.random(len(channel)) < np.array([c.company_known for c in company.CHANNELS])[channel]
    return np.where(known, order[np.clip(found, 0, count - 1)], -1)


def _twins(account: Ints, first: Ints, last: Ints) -> Ints:
    """0 for the first of a name at a company, 1 for the next, ... so that no two have one address."""
    code = (account + 1) * 100_000 + first * 300 + last
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    starts = np.r_[True, ordered[1:] != ordered[:-1]]
    place = np.arange(len(code)) - np.maximum.accumulate(np.where(starts, np.arange(len(code)), 0))
    rank = np.empty(len(code), np.int64)
    rank[order] = place
    return rank


def _first_heard(people: People, accounts: Accounts, dice: np.random.Generator) -> Ints:
    """A company enters the CRM ten minutes before its first person does; others were on a list bought some day."""
    count = len(accounts.segment)
    first = START + dice.integers(1, (END - START) // DAY - 2, count) * DAY + 15 * HOUR
    known = people.account >= 0
    earliest = np.full(count, END)
    np.minimum.at(earliest, people.account[known], people.created_at[known] - 10 * MINUTE)
    first = np.where(earliest < END, earliest, first)
    return np.where(accounts.legacy == 1, START - dice.integers(30, 330, count) * DAY - 8 * HOUR, first)
