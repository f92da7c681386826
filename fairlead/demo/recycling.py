"""Leads that sales returned, and those of them who come back: when their company is buying, or just so.

    returned, with a reason ──(their company opens a deal)──> MQL again ──> answered ──> accepted ──> SQL, on that deal
                            └─(nobody knows their company)──> MQL again ──> answered ──> accepted, or returned again

Whoever comes back has the odds of everybody else. Chance comes from a stream of its own, and all that others draw from
the first time round stays as it was.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, MINUTE, NEVER, Chance, Floats, Ints
from fairlead.demo.funnel import Funnel, accept, chances, give_back, meet, responses
from fairlead.demo.market import People
from fairlead.demo.sold import Deals, Joined
from fairlead.demo.staff import Staff

WITH_DEAL, WITHOUT_COMPANY = 0.22, 0.06  # share of those returned who come back
REST = 20 * DAY  # nobody comes back before
OFF_LIST = 0.04  # of returns, those with a reason that nobody agreed on
FAR = 2**34  # above every instant of the window, in seconds


class Turns(NamedTuple):
    """One row each time a person was handed to sales. NEVER where something did not happen.

    `until` is when the next turn of the same person began; NEVER for their latest.
    """

    person: Ints
    mql_at: Ints
    responded_at: Ints
    sal_at: Ints
    sql_at: Ints
    recycled_at: Ints
    reason: Ints
    until: Ints

    @property
    def response_minutes(self) -> Floats:
        """Minutes from qualification to the first human answer; NaN without one."""
        answered = self.responded_at != NEVER
        return np.where(answered, (np.where(answered, self.responded_at, 0) - self.mql_at) / MINUTE, np.nan)


class Again(NamedTuple):
    """What became of them: the funnel as it stands now, the `earlier` turns of those who came back, their deals."""

    funnel: Funnel
    earlier: Turns
    joined: Joined


def come_back(people: People, first: Funnel, deals: Deals, staff: Staff, chance: Chance) -> Again:
    """Give every return its reason, and some of those returned a second turn."""
    dice = chance.of("recycling")
    off = dice.random(len(first.recycle_reason)) < OFF_LIST
    other = dice.integers(company.AGREED_REASONS, len(company.RECYCLE_REASONS), len(off))
    reason = np.where(off, other, first.recycle_reason)
    first = first._replace(recycle_reason=reason)
    back_at, deal = _returns(people, first, deals, dice)
    who = np.flatnonzero(back_at != NEVER)
    again = _second(people, first, back_at, staff, dice)
    earlier = Turns(
        who, first.mql_at[who], first.responded_at[who], first.sal_at[who], first.sql_at[who], first.recycled_at[who],
        first.recycle_reason[who], back_at[who],
    )  # fmt: skip
    closes = np.where(deal >= 0, deals.closes_at[deal], 0)
    joins = np.flatnonzero((again.sql_at != NEVER) & (back_at != NEVER) & (again.sql_at < closes))
    return Again(again, earlier, Joined(deal[joins], joins))


def _returns(people: People, first: Funnel, deals: Deals, dice: np.random.Generator) -> tuple[Ints, Ints]:
    """When each person comes back (NEVER), and the deal that their company works on then (-1)."""
    count = len(people.account)
    returned = (first.recycled_at != NEVER) & (first.recycled_at < END - REST)
    since = np.where(returned, first.recycled_at, 0)
    following = _next_deal(people.account, since + REST, deals)
    deal = np.where(returned, following, -1)
    begins = np.where(deal >= 0, deals.created_at[deal], 0)
    span = np.where(deal >= 0, np.minimum(deals.closes_at[deal], END) - begins, 0)
    during = begins + (span * (0.05 + 0.3 * dice.random(count))).astype(np.int64)
    alone = since + REST + (dice.gamma(2.0, 45.0, count) * DAY).astype(np.int64)
    draw = dice.random(count)
    comes = (deal >= 0) & (draw < WITH_DEAL)
    comes_alone = returned & (people.account < 0) & (draw < WITHOUT_COMPANY)
    at = np.where(comes, during, np.where(comes_alone, alone, NEVER))
    return np.where(at < END, at, NEVER), np.where(comes, deal, -1)


def _next_deal(account: Ints, after: Ints, deals: Deals) -> Ints:
    """For each account the first deal opened after an instant, renewals left out; -1 when there is none."""
    rows = np.flatnonzero((deals.imported == 0) & (deals.kind != company.RENEWAL) & (deals.created_at < END))
    key = deals.account[rows] * FAR + deals.created_at[rows]
    order = rows[np.argsort(key, kind="stable")]
    place = np.searchsorted(np.sort(key), account * FAR + after, side="right")
    found = order[np.minimum(place, len(order) - 1)]
    return np.where((place < len(order)) & (deals.account[found] == account), found, -1)


def _second(people: People, first: Funnel, back_at: Ints, staff: Staff, dice: np.random.Generator) -> Funnel:
    """The funnel with the latest turn of those who came back; a date of before stays until it is overwritten."""
    rep, responded_at = responses(people, back_at, staff, dice)
    minutes = np.where(
        responded_at != NEVER, (np.where(responded_at != NEVER, responded_at, 0) - back_at) / MINUTE, 1e5
    )
    accepts, goes_on = chances(people, minutes)
    sal_at = accept(responded_at, accepts, dice)
    sql_at = meet(people, sal_at, goes_on, dice)
    recycled_at, sal_at = give_back(responded_at, sal_at, sql_at, dice)
    reason = dice.integers(0, company.AGREED_REASONS, len(back_at))
    again = back_at != NEVER

    def latest(now: Ints, before: Ints) -> Ints:
        return np.where(again & (now != NEVER), now, before)

    return first._replace(
        mql_at=np.where(again, back_at, first.mql_at),
        responded_at=np.where(again, responded_at, first.responded_at),
        sal_at=latest(sal_at, first.sal_at),
        sql_at=latest(sql_at, first.sql_at),
        recycled_at=latest(recycled_at, first.recycled_at),
        recycle_reason=np.where(again & (recycled_at != NEVER), reason, first.recycle_reason),
        rep=np.where(again, rep, first.rep),
    )


def turns(funnel: Funnel, earlier: Turns) -> Turns:
    """Every time a lead was handed to sales: the latest time of each, then the earlier ones."""
    who = np.flatnonzero(funnel.mql_at != NEVER)
    begun = funnel.mql_at[who]

    def own(at: Ints) -> Ints:
        return np.where(at[who] >= begun, at[who], NEVER)

    latest = Turns(
        who, begun, funnel.responded_at[who], own(funnel.sal_at), own(funnel.sql_at), own(funnel.recycled_at),
        funnel.recycle_reason[who], np.full(len(who), NEVER),
    )  # fmt: skip
    return Turns(*(np.concatenate(pair) for pair in zip(latest, earlier, strict=True)))
