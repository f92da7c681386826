"""Waivers of gates: leave to pass a stage without all that it asks for, and some that no longer held by then.

    passes without a next step ──> waived; or the waiver had run out, or been taken back, before the deal went on
    deals of customers who left within ninety days ──> one stage, of a deal with one contact only, was waived

Chance comes from a stream of its own, so that all that others draw stays as it was.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, NEVER, Chance, Flags, Ints, day_of
from fairlead.demo.paths import Paths
from fairlead.demo.sold import Deals, Lines, Sold
from fairlead.demo.staff import Staff
from fairlead.demo.work import Roles

HOLDS, RUN_OUT, TAKEN_BACK, CHURNED = 0, 1, 2, 3
REASONS = (
    "The sponsor is on leave; the date is agreed by mail.",
    "Legal has the order form; the next step is theirs.",
    "A reference we want before the quarter ends.",
    "One person decides and signs there.",
)
ONE_CONTACT = 3  # the reason of a deal that nobody else at the customer knew of
OF_BARE = 0.08  # share of the passes without a next step that were waived, at least two
STALE = 0.02  # share whose waiver had run out, and as many that were taken back, at least one
LASTS = 14 * DAY
ASKS_FOR_TWO = (1, 3)  # qualification and proposal: at least two contacts


class Waivers(NamedTuple):
    """One row a waiver of all that a stage asks of a deal. `expires` is the last day on which it holds, or NEVER."""

    deal: Ints
    stage: Ints
    fate: Ints
    by: Ints
    reason: Ints
    at: Ints
    expires: Ints
    withdrawn_at: Ints

    @property
    def lets_pass(self) -> Flags:
        """Whether it held when the deal went on."""
        found: Flags = (self.fate == HOLDS) | (self.fate == CHURNED)
        return found


class Passes(NamedTuple):
    """One row a step forward out of an open stage that the deal left once only; `bare`: nobody had written what comes
    next, and the stage asks for it."""

    deal: Ints
    stage: Ints
    since: Ints
    at: Ints
    bare: Flags


def waive(paths: Paths, bought: Sold, roles: Roles, staff: Staff, chance: Chance) -> Waivers:
    """Give the waivers."""
    dice = chance.of("waivers")
    found = _passes(paths, bought.deals)
    churned = _churned(found, bought.lines, roles)
    slow = found.at - found.since > 8 * DAY
    free = found.bare & ~np.isin(found.deal, found.deal[churned])
    picked: list[tuple[int, Ints]] = [(CHURNED, churned)]
    for fate, which, share, least in (
        (RUN_OUT, slow, STALE, 1),
        (TAKEN_BACK, slow, STALE, 1),
        (HOLDS, ~slow, OF_BARE, 2),
    ):
        could = np.flatnonzero(free & which)
        rows = np.sort(dice.choice(could, min(len(could), max(least, round(share * len(could)))), replace=False))
        free[rows] = False
        picked.append((fate, rows))
    fates = np.concatenate([np.full(len(rows), fate) for fate, rows in picked])
    return _given(found, np.concatenate([rows for _, rows in picked]), fates, staff, dice)


def _given(found: Passes, rows: Ints, fate: Ints, staff: Staff, dice: np.random.Generator) -> Waivers:
    since, left = found.since[rows], found.at[rows]
    span = left - since
    at = since + np.where(fate == RUN_OUT, span // 5, span // 2)
    ends = (fate == HOLDS) & (np.arange(len(rows)) % 2 == 0)
    expires = np.where(ends, day_of(left + LASTS), np.where(fate == RUN_OUT, day_of(left) - 2, NEVER))
    head, chief = staff.of("VP Sales")[0], staff.of("CRO")[0]
    return Waivers(
        deal=found.deal[rows],
        stage=found.stage[rows],
        fate=fate,
        by=np.where(np.arange(len(rows)) % 4 == 3, chief, head),
        reason=np.where(fate == CHURNED, ONE_CONTACT, dice.integers(0, ONE_CONTACT, len(rows))),
        at=at,
        expires=expires,
        withdrawn_at=np.where(fate == TAKEN_BACK, since + span * 3 // 4, NEVER),
    )


def _passes(paths: Paths, deals: Deals) -> Passes:
    order = np.lexsort((paths.stages.at, paths.stages.deal))
    deal, old, new, at = (column[order] for column in paths.stages)
    first = np.r_[True, deal[1:] != deal[:-1]] if len(deal) else np.zeros(0, bool)
    since = np.where(first, deals.created_at[deal], np.r_[0, at[:-1]]) if len(deal) else at
    written = np.full(len(deals.account), NEVER)
    np.minimum.at(written, paths.next_steps.deal, paths.next_steps.at)
    pair = deal * len(company.STAGES) + old
    once = np.isin(pair, np.flatnonzero(np.bincount(pair) == 1)) if len(pair) else first
    ahead = once & (old < company.WON) & (new > old) & (new <= company.WON)
    bare = (old > 0) & (written[deal] > at)
    return Passes(deal[ahead], old[ahead], since[ahead], at[ahead], bare[ahead])


def _churned(found: Passes, lines: Lines, roles: Roles) -> Ints:
    """Of each deal whose customer left early, the first pass that lacked something, as far as the simulation knows."""
    pair = np.unique(np.column_stack([roles.deal, roles.person]), axis=0)
    alone = ~np.isin(found.deal, np.flatnonzero(np.bincount(pair[:, 0]) > 1))
    lacks = found.bare | (alone & np.isin(found.stage, ASKS_FOR_TWO))
    rows = np.flatnonzero(lacks & np.isin(found.deal, lines.deal[lines.lost_early == 1]))
    return rows[np.unique(found.deal[rows], return_index=True)[1]]
