"""Deals whose evaluation stood still: put off by the customer, or waiting for its answer.

    parked     the forecast category is omitted from one day to another, or still is
    waiting    the next step says so; some of those parked wait as well, and both together are one pause

Chance comes from a stream of its own, so that all that others draw stays as it was.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, HOUR, NEVER, Chance, Flags, Ints, in_office
from fairlead.demo.paths import CATEGORY_OF, Moves, Paths, in_time
from fairlead.demo.sold import Deals

EVALUATION = company.STAGES.index("evaluation")
OMITTED = company.CATEGORIES.index("omitted")
WAITING = len(company.NEXT_STEPS)
ONCE, OVERLAPPING, LONG, LASTING = 0, 1, 2, 3
WAYS = ("once", "parked and waiting at once", "longer than the budget", "parked still")
SHARES = (0.07, 0.03, 0.06, 0.4)  # of the deals that could, at least one
AT_MOST = 50 * DAY  # of a stay, what the ordinary pauses are cut from
LONG_PAUSE = 33 * DAY


class Stays(NamedTuple):
    """One row a deal that was ever evaluated, renewals left out: since when, until when (END while it still is)."""

    deal: Ints
    entered: Ints
    left: Ints

    @property
    def span(self) -> Ints:
        """Seconds."""
        return self.left - self.entered

    def at(self, part: float) -> Ints:
        """The instant at which so much of the stay has passed, of its first fifty days at most."""
        return self.entered + (np.minimum(self.span, AT_MOST) * part).astype(np.int64)


class Pauses(NamedTuple):
    """One row a deal whose evaluation stood still, in one of WAYS: from `since` until `until`, NEVER while it lasts."""

    deal: Ints
    way: Ints
    since: Ints
    until: Ints


class Stood(NamedTuple):
    """The changes of deals as the CRM tells them, all stays in evaluation, and where they stood still."""

    paths: Paths
    stays: Stays
    pauses: Pauses


class Times(NamedTuple):
    """When each stay would stand still: parked from `a` to `b`, waiting from `c` to `d`; a, c, b and d follow."""

    a: Ints
    b: Ints
    c: Ints
    d: Ints


def evaluations(paths: Paths, deals: Deals) -> Stays:
    """The stays in evaluation. No deal has two."""
    moves = paths.stages
    entered, left = np.full(len(deals.account), NEVER), np.full(len(deals.account), END)
    into, out = moves.new == EVALUATION, moves.old == EVALUATION
    entered[moves.deal[into]] = moves.at[into]
    left[moves.deal[out]] = moves.at[out]
    rows = np.flatnonzero((entered != NEVER) & (deals.kind != company.RENEWAL))
    return Stays(rows, entered[rows], left[rows])


def stand_still(paths: Paths, deals: Deals, chance: Chance) -> Stood:
    """Let some evaluations stand still."""
    dice = chance.of("standstill")
    stays = evaluations(paths, deals)
    times, long = _times(stays, dice), _long(stays, dice)
    free = np.ones(len(stays.deal), bool)
    picked: dict[int, Ints] = {}
    fits = _fits(stays, times, long, paths)
    for way in (LASTING, LONG, OVERLAPPING, ONCE):
        picked[way] = _some(fits[way] & free, SHARES[way], dice)
        free[picked[way]] = False
    spans = {
        ONCE: (times.a, times.b),
        OVERLAPPING: (times.a, times.d),
        LONG: (long, long + LONG_PAUSE),
        LASTING: (times.a, np.full(len(free), NEVER)),
    }
    found = [
        Pauses(stays.deal[rows], np.full(len(rows), way), *(span[rows] for span in spans[way]))
        for way, rows in picked.items()
    ]
    pauses = Pauses(*(np.concatenate(column) for column in zip(*found, strict=True)))
    both = picked[OVERLAPPING]
    parked = pauses._replace(until=pauses.until.copy())
    parked.until[pauses.way == OVERLAPPING] = times.b[both]
    waits = Pauses(stays.deal[both], np.full(len(both), OVERLAPPING), times.c[both], times.d[both])
    return Stood(_told(paths, parked, waits), stays, pauses)


def _times(stays: Stays, dice: np.random.Generator) -> Times:
    a, c, b, d = (in_office(stays.at(part), dice) for part in (0.3, 0.45, 0.65, 0.8))
    return Times(a, b, c, d)


def _long(stays: Stays, dice: np.random.Generator) -> Ints:
    return in_office(stays.entered + 3 * DAY, dice)


def _fits(stays: Stays, times: Times, long: Ints, paths: Paths) -> tuple[Flags, ...]:
    """By way, the stays that can stand still so."""
    a, b, c, d = times
    open_, inside = stays.left == END, (stays.entered < a) & (a < c) & (c < b) & (b < d) & (d < stays.left)
    written, steps = np.full(len(paths.stage), NEVER), paths.next_steps
    written[steps.deal] = steps.at  # in order of time: the last one stays
    settled = written[stays.deal] < a
    return (
        inside & ~open_ & (stays.span > 8 * DAY),
        inside & ~open_ & (stays.span > 10 * DAY) & settled,
        ~open_ & (long + LONG_PAUSE + HOUR < stays.left),
        open_ & (stays.entered < a) & (a < END - HOUR) & (stays.span > 6 * DAY) & (stays.span < 35 * DAY),
    )


def _some(which: Flags, share: float, dice: np.random.Generator) -> Ints:
    rows = np.flatnonzero(which)
    return np.sort(dice.choice(rows, min(len(rows), max(1, round(share * len(rows)))), replace=False))


def _told(paths: Paths, parked: Pauses, waits: Pauses) -> Paths:
    """The CRM's categories and next steps with the pauses in them."""
    over = parked.until != NEVER
    usual, omitted = np.full(len(parked.deal), CATEGORY_OF[EVALUATION]), np.full(len(parked.deal), OMITTED)
    began = Moves(parked.deal, usual, omitted, parked.since)
    ended = Moves(parked.deal[over], omitted[over], usual[over], parked.until[over])
    category = paths.category.copy()
    category[parked.deal[~over]] = OMITTED
    step, waiting = paths.next_step[waits.deal], np.full(len(waits.deal), WAITING)
    waited = (Moves(waits.deal, step, waiting, waits.since), Moves(waits.deal, waiting, step, waits.until))
    return paths._replace(
        categories=_with(paths.categories, began, ended), next_steps=_with(paths.next_steps, *waited), category=category
    )


def _with(moves: Moves, *more: Moves) -> Moves:
    return in_time(Moves(*(np.concatenate(column) for column in zip(moves, *more, strict=True))))
