"""What sellers and customer managers do all day: calls, emails, tasks and meetings, and who sits on which deal.

MQL ──> (automated email) ──> first human answer ──> attempts ──> meeting ──> SQL, and again for those who come back
deal ──> calls, emails, meetings while it is open      customer ──> a review every quarter
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, HOUR, MINUTE, NEVER, START, Chance, Ints, in_office
from fairlead.demo.funnel import Funnel
from fairlead.demo.market import People
from fairlead.demo.recycling import Again
from fairlead.demo.sold import Deals, Joined, Sold

CALL, EMAIL, TASK, MEETING = 0, 1, 2, 3
KINDS = ("call", "email", "task", "meeting")
NEITHER, INBOUND, OUTBOUND = 0, 1, 2
DIRECTIONS = ("", "inbound", "outbound")
DISPOSITIONS = ("Connected", "Left voicemail", "No answer")
ROLES = ("champion", "decision_maker", "evaluator", "end_user")
LATE = 15 * DAY


class Activities(NamedTuple):
    """One row an activity; -1 where it is about nobody, no company or no deal.

    In order of time, those with leads who came back last. `answers` is 1 for what first answers a lead.
    """

    person: Ints
    account: Ints
    deal: Ints
    member: Ints
    kind: Ints
    direction: Ints
    automated: Ints
    at: Ints
    logged_at: Ints
    answers: Ints


class Roles(NamedTuple):
    """One row a person on a deal."""

    deal: Ints
    person: Ints
    role: Ints
    primary: Ints


def roles(deals: Deals, joined: Joined, people: People, chance: Chance) -> Roles:
    """The main contact of each deal, those who joined it, and up to three colleagues who were known by then."""
    dice = chance.of("roles")
    order = np.argsort(people.account, kind="stable")
    edges = np.searchsorted(people.account[order], np.arange(deals.account.max(initial=0) + 2))
    first, size = edges[deals.account], edges[deals.account + 1] - edges[deals.account]
    main = np.flatnonzero(deals.person >= 0)
    deal, person = [main, joined.deal], [deals.person[main], joined.person]
    primary = [np.ones(len(main), np.int64), np.zeros(len(joined.deal), np.int64)]
    for _ in range(3):
        drawn = order[
            np.minimum(first + (dice.random(len(first)) * np.maximum(size, 1)).astype(np.int64), len(order) - 1)
        ]
        fits = (
            (size > 0)
            & (deals.person >= 0)
            & (people.created_at[drawn] < deals.created_at)
            & (deals.kind != company.RENEWAL)
            & (dice.random(len(first)) < 0.18)
        )
        rows = np.flatnonzero(fits)
        deal.append(rows)
        person.append(drawn[rows])
        primary.append(np.zeros(len(rows), np.int64))
    every = np.column_stack([np.concatenate(deal), np.concatenate(person), np.concatenate(primary)])
    pair = every[:, 0] * len(people.account) + every[:, 1]
    kept = every[np.sort(np.unique(pair, return_index=True)[1])]  # the main contact comes first and wins
    kept = kept[np.lexsort((-kept[:, 2], kept[:, 0]))]
    return Roles(kept[:, 0], kept[:, 1], people.persona[kept[:, 1]], kept[:, 2])


def activities(people: People, funnel: Funnel, sold: Sold, chance: Chance) -> Activities:
    """Everything that was done, cut at the end of the window; two in a hundred were logged weeks late."""
    dice = chance.of("activities")
    parts = [
        *_development(people, funnel, dice),
        _selling(sold.deals, dice),
        _reviews(sold, dice),
    ]
    columns = [np.concatenate([part[i] for part in parts]) for i in range(7)]
    person, account, deal, member, kind, direction, at = columns
    automated = np.concatenate([np.full(len(part[0]), part[7]) for part in parts])
    held = np.flatnonzero((at < END) & (at >= START))
    held = held[np.lexsort((kind[held], person[held], at[held]))]
    at = at[held]
    late = (dice.random(len(held)) < 0.02) & (automated[held] == 0) & (at < END - 45 * DAY)
    wait = np.where(late, LATE + dice.integers(0, 30 * DAY, len(held)), dice.integers(0, 40 * MINUTE, len(held)))
    who = person[held]
    return Activities(
        who,
        account[held],
        deal[held],
        member[held],
        kind[held],
        direction[held],
        automated[held],
        at,
        np.minimum(at + wait, END - 1),
        ((who >= 0) & (at == funnel.responded_at[who])).astype(np.int64),
    )


def with_second_turns(done: Activities, people: People, again: Again, chance: Chance) -> Activities:
    """What was done, and after it what was done with leads who came back: answered, tried, met."""
    dice, funnel = chance.of("second turns"), again.funnel
    came = again.earlier.person
    answered = came[funnel.responded_at[came] != NEVER]
    answered_at = funnel.responded_at[answered]
    tries = np.repeat(answered, dice.poisson(1.0, len(answered)))
    tried_at = funnel.responded_at[tries] + (dice.gamma(1.2, 2.5, len(tries)) * DAY).astype(np.int64) + 10 * MINUTE
    met = came[funnel.sql_at[came] != NEVER]
    kinds = [np.where(dice.random(len(some)) < 0.45, CALL, EMAIL) for some in (answered, tries)]
    person = np.concatenate([answered, tries, met])
    at = np.concatenate([answered_at, tried_at, funnel.sql_at[met] - 45 * MINUTE])
    kind = np.concatenate([*kinds, np.full(len(met), MEETING)])
    none, zero = np.full(len(person), -1), np.zeros(len(person), np.int64)
    direction = np.where(kind == MEETING, NEITHER, OUTBOUND)
    answers = np.arange(len(person)) < len(answered)
    more = Activities(
        person, people.account[person], none, funnel.rep[person], kind, direction, zero, at,
        np.minimum(at + dice.integers(0, 40 * MINUTE, len(person)), END - 1), answers.astype(np.int64),
    )  # fmt: skip
    held = np.flatnonzero(at < END)
    return Activities(*(np.concatenate([old, new[held]]) for old, new in zip(done, more, strict=True)))


Part = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints, int]


def _development(people: People, funnel: Funnel, dice: np.random.Generator) -> list[Part]:
    """What sales development does with MQLs."""

    def part(who: Ints, kind: Ints | int, direction: Ints | int, at: Ints, automated: int = 0) -> Part:
        none = np.full(len(who), -1)
        spread = np.broadcast_to
        return (
            who,
            people.account[who],
            none,
            funnel.rep[who],
            spread(kind, who.shape),
            spread(direction, who.shape),
            at,
            automated,
        )

    qualified = np.flatnonzero(funnel.mql_at != NEVER)
    greeted = qualified[dice.random(len(qualified)) < 0.6]
    answered = np.flatnonzero(funnel.responded_at != NEVER)
    kind = np.where(dice.random(len(answered)) < 0.45, CALL, EMAIL)
    tries = np.repeat(answered, dice.poisson(1.3, len(answered)))
    tried_at = funnel.responded_at[tries] + (dice.gamma(1.2, 2.5, len(tries)) * DAY).astype(np.int64) + 10 * MINUTE
    replies = answered[dice.random(len(answered)) < 0.3]
    replied_at = funnel.responded_at[replies] + (dice.gamma(1.0, 20.0, len(replies)) * HOUR).astype(np.int64) + MINUTE
    met = np.flatnonzero(funnel.sql_at != NEVER)
    heard = np.flatnonzero(
        (funnel.sal_at != NEVER) & (funnel.sql_at == NEVER) & (dice.random(len(people.account)) < 0.35)
    )
    heard_at = funnel.sal_at[heard] + (dice.gamma(1.5, 3.0, len(heard)) * DAY).astype(np.int64) + HOUR
    return [
        part(greeted, EMAIL, OUTBOUND, funnel.mql_at[greeted] + dice.integers(60, 180, len(greeted)), automated=1),
        part(answered, kind, OUTBOUND, funnel.responded_at[answered]),
        part(tries, np.where(dice.random(len(tries)) < 0.5, CALL, EMAIL), OUTBOUND, tried_at),
        part(replies, EMAIL, INBOUND, replied_at),
        part(met, MEETING, NEITHER, funnel.sql_at[met] - 45 * MINUTE),
        part(heard, MEETING, NEITHER, in_office(heard_at, dice) + DAY),
    ]


def disposition(done: Activities, rows: Ints) -> Ints:
    """Places in DISPOSITIONS of calls: the one that answered a lead reached them, two of three did not."""
    return np.where(done.answers[rows] == 1, 0, rows % len(DISPOSITIONS))


def _selling(deals: Deals, dice: np.random.Generator) -> Part:
    """What a deal takes while it is open: more of it the longer it lasts."""
    until = np.minimum(deals.closes_at, END)
    span = until - deals.created_at
    often = np.where(deals.imported == 1, 0, 5 + np.minimum(span / DAY, 200) / 9)
    deal = np.repeat(np.arange(len(deals.account)), dice.poisson(often))
    at = (
        deals.created_at[deal]
        + 30 * MINUTE
        + (dice.random(len(deal)) * np.maximum(span[deal] - HOUR, 1)).astype(np.int64)
    )
    moved = in_office(at, dice)
    at = np.where((moved > deals.created_at[deal]) & (moved < until[deal]), moved, at)
    kind = dice.choice(4, len(deal), p=[0.26, 0.42, 0.10, 0.22])
    direction = np.where(kind <= EMAIL, np.where(dice.random(len(deal)) < 0.25, INBOUND, OUTBOUND), NEITHER)
    return deals.person[deal], deals.account[deal], deal, deals.owner[deal], kind, direction, at, 0


def _reviews(sold: Sold, dice: np.random.Generator) -> Part:
    """A business review every quarter of a line, by the customer's manager."""
    accounts, deals, lines = sold
    ends = np.minimum(lines.ends, END // DAY)
    count = np.maximum(ends - lines.starts, 0) // 91
    line = np.repeat(np.arange(len(lines.account)), count)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    at = in_office((lines.starts[line] + 91 * (place + 1)) * DAY + 15 * HOUR, dice)
    at = np.where(at // DAY < ends[line], at, NEVER)
    deal = lines.deal[line]
    person = np.where(deal >= 0, deals.person[deal], -1)
    none = np.full(len(line), -1)
    account = lines.account[line]
    kind, direction = np.full(len(line), MEETING), np.full(len(line), NEITHER)
    return person, account, none, accounts.manager[account], kind, direction, at, 0
