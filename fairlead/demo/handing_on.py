"""Deals and leads that changed hands while a clock ran.

    deal   in evaluation: taken over from a colleague, or lent to one and taken back
    lead   answered, and passed to another colleague before anybody accepted or returned it

Chance comes from a stream of its own, so that all that others draw stays as it was.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, HOUR, NEVER, Chance, Ints, in_office
from fairlead.demo.paths import Moves, in_time
from fairlead.demo.recycling import Again
from fairlead.demo.sold import Deals
from fairlead.demo.staff import Staff
from fairlead.demo.standstill import ONCE, Stood

OF_DEALS, OF_LEADS = 0.04, 0.02  # shares of those who could, at least two


class Handed(NamedTuple):
    """One row a change of owner, in order of time: of a deal, or of a lead (a row of People); rows of Staff."""

    who: Ints
    old: Ints
    new: Ints
    at: Ints


class Hands(NamedTuple):
    """The deals and the leads that changed hands."""

    deals: Handed
    leads: Handed

    def owners(self, rep: Ints) -> Ints:
        """Who owns each lead in the end, given who answers it."""
        found = rep.copy()
        found[self.leads.who] = self.leads.new
        return found


def hand_on(stood: Stood, deals: Deals, again: Again, staff: Staff, chance: Chance) -> Hands:
    """Pass some deals and leads on. One of the deals stood still as well; no lead is among those who came back."""
    dice = chance.of("handing on")
    return Hands(_deals(stood, deals, staff, dice), _leads(again, staff, dice))


def _deals(stood: Stood, deals: Deals, staff: Staff, dice: np.random.Generator) -> Handed:
    stays, pauses = stood.stays, stood.pauses
    first, second = (in_office(stays.at(part), dice) for part in (0.4, 0.75))
    fits = (stays.entered < first) & (first < second) & (second < stays.left) & (stays.span > 6 * DAY)
    fits &= deals.kind[stays.deal] == company.NEW  # no other clock runs on them then
    rows = _some(np.flatnonzero(fits & ~np.isin(stays.deal, pauses.deal)), OF_DEALS, dice)
    paused = np.flatnonzero(fits & np.isin(stays.deal, pauses.deal[pauses.way == ONCE]))
    rows = np.concatenate([paused[:1], rows])
    deal = stays.deal[rows]
    owner, other = deals.owner[deal], _colleagues(deals.owner[deal], staff)
    back = np.arange(len(rows)) % 3 == 2  # lent and taken back; else taken over
    took = Moves(deal, np.where(back, owner, other), np.where(back, other, owner), first[rows])
    returned = Moves(deal[back], other[back], owner[back], second[rows][back])
    return Handed(*in_time(Moves(*(np.concatenate(column) for column in zip(took, returned, strict=True)))))


def _leads(again: Again, staff: Staff, dice: np.random.Generator) -> Handed:
    funnel, earlier = again.funnel, again.earlier
    waits = (funnel.responded_at != NEVER) & (funnel.sal_at == NEVER) & (funnel.recycled_at != NEVER)
    waits[earlier.person] = False
    who = np.flatnonzero(waits)
    since, until = funnel.responded_at[who], funnel.recycled_at[who]
    at = in_office(since + ((until - since) * 0.4).astype(np.int64), dice)
    fits = (at > since + HOUR) & (at < until - HOUR)
    rows = _some(np.flatnonzero(fits), OF_LEADS, dice)
    rep = funnel.rep[who[rows]]
    return Handed(*in_time(Moves(who[rows], rep, _colleagues(rep, staff), at[rows])))


def _some(rows: Ints, share: float, dice: np.random.Generator) -> Ints:
    picked: Ints = np.sort(dice.choice(rows, min(len(rows), max(2, round(share * len(rows)))), replace=False))
    return picked


def _colleagues(member: Ints, staff: Staff) -> Ints:
    """The next one hired for the same role; after the last, the first."""
    found = member.copy()
    for role in np.unique(staff.role[member]):
        peers = np.flatnonzero(staff.role == role)
        mine = staff.role[member] == role
        found[mine] = peers[(np.searchsorted(peers, member[mine]) + 1) % len(peers)]
    return found
