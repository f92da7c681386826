"""How each deal got to where it is: its stays in stages, the pushes of its close date, changes of amount and category.

Written as four lists of changes in order of time, which are the CRM's field history, and the deal's state at
the end of the window, which is the CRM's deal.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, HOUR, NEVER, Chance, Flags, Ints, day_of
from fairlead.demo.market import Accounts
from fairlead.demo.sold import Deals

NONE = -1
CATEGORY_OF = np.array(
    [0, 0, 1, 1, 2, 4, 3]
)  # the category a stage brings: pipeline, best case, commit, closed, omitted
PACE = np.array([0.8, 1.1, 1.6, 1.0, 0.7])  # how long deals stay in each open stage, relative to the others


class Moves(NamedTuple):
    """One row a change of a field of a deal, in order of time: stage numbers, close days, amounts or categories."""

    deal: Ints
    old: Ints
    new: Ints
    at: Ints


class Paths(NamedTuple):
    """The changes, and by deal its state at the end of the window (`closed_at` NEVER while open)."""

    stages: Moves
    dates: Moves
    amounts: Moves
    categories: Moves
    next_steps: Moves
    stage: Ints
    close_day: Ints
    category: Ints
    amount: Ints
    next_step: Ints
    closed_at: Ints
    is_won: Ints
    qualified_at: Ints
    lost_reason: Ints
    competitor: Ints
    skipped: Ints
    reopened: Ints
    overdue: Ints

    @property
    def is_closed(self) -> Ints:
        return (self.stage >= company.WON).astype(np.int64)


def walk(deals: Deals, accounts: Accounts, chance: Chance) -> Paths:
    """Draw every deal's way between its creation and its close, cut at the end of the window."""
    dice = chance.of("paths")
    count = len(deals.account)
    entered, skipped, reopened = _entries(deals, dice)
    stages = _cut(_changes(entered), np.where(deals.won == 1, company.WON, company.LOST))
    stage = np.where(deals.imported == 1, company.WON, 0)
    last = np.r_[stages.deal[1:] != stages.deal[:-1], True] if len(stages.deal) else np.zeros(0, bool)
    stage[stages.deal[last]] = stages.new[last]
    is_closed = stage >= company.WON
    closed_at = np.where(is_closed, deals.closes_at, NEVER)
    qualified = np.full(count, NEVER)
    reached = (stages.new >= 1) & (stages.new <= company.WON)
    np.minimum.at(qualified, stages.deal[reached], stages.at[reached])
    qualified = np.where(deals.imported == 1, deals.created_at, qualified)
    dates, close_day, overdue = _dates(deals, accounts, is_closed, dice)
    categories = Moves(stages.deal, CATEGORY_OF[stages.old], CATEGORY_OF[stages.new], stages.at)
    moved = categories.old != categories.new
    steps, next_step = _next_steps(deals, chance.of("next steps"))
    lost = stage == company.LOST
    return Paths(
        stages=in_time(stages),
        dates=in_time(dates),
        amounts=in_time(_amounts(deals, accounts, dice)),
        categories=in_time(Moves(*(c[moved] for c in categories))),
        next_steps=in_time(steps),
        stage=stage,
        close_day=close_day,
        category=CATEGORY_OF[stage],
        amount=deals.amount,
        next_step=next_step,
        closed_at=closed_at,
        is_won=(stage == company.WON).astype(np.int64),
        qualified_at=qualified,
        lost_reason=np.where(lost, dice.integers(0, len(company.LOST_REASONS), count), NONE),
        competitor=dice.choice(len(company.COMPETITORS), count, p=[0.55, 0.18, 0.12, 0.15]),
        skipped=skipped,
        reopened=reopened,
        overdue=overdue,
    )


def _entries(deals: Deals, dice: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """When each deal enters each stage after the first: columns 1..4, the reopening (loss, return), then the close.

    NEVER where it does not. Shape (deals, 7): columns are qualification .. negotiation, lost in between,
    proposal again, and the close.
    """
    count = len(deals.account)
    won = deals.won == 1
    deepest = np.where(won, 4, dice.choice(5, count, p=[0.22, 0.28, 0.22, 0.18, 0.10]))
    span = (deals.closes_at - deals.created_at).astype(np.float64)
    days = dice.gamma(2.0, 1.0, (count, 5)) * PACE * (np.arange(5) <= deepest[:, None])
    skips = (dice.random(count) < 0.05) & (deepest >= 2) & (deals.imported == 0)
    days[skips, 1] = 0
    reached = deals.created_at[:, None] + (
        np.cumsum(days, axis=1) / days.sum(axis=1, keepdims=True) * span[:, None]
    ).astype(np.int64)
    into = np.where(np.arange(1, 5) <= deepest[:, None], reached[:, :4], NEVER)
    into[skips, 0] = NEVER
    renewal = deals.kind == company.RENEWAL
    into[renewal, :2] = NEVER
    lost_at = deals.created_at + (span * 0.62).astype(np.int64)
    could = won & ~renewal & (span > 20 * DAY) & (deals.imported == 0) & (deals.closes_at < END)
    again = could & ((dice.random(count) < 0.02) | _first_of(could))
    into = np.where(again[:, None] & (into > lost_at[:, None]) & (into != NEVER), NEVER, into)
    entered = np.column_stack(
        [
            into,
            np.where(again, lost_at, NEVER),
            np.where(again, deals.created_at + (span * 0.85).astype(np.int64), NEVER),
            np.where(deals.imported == 1, NEVER, deals.closes_at),
        ]
    )
    seen = (entered < END).any(axis=1)
    reopened = again & (entered[:, 5] < END)
    jumped = (skips & ~renewal & seen & (into[:, 1] < END)).astype(np.int64)
    return np.where(deals.imported[:, None] == 1, NEVER, entered), jumped, reopened.astype(np.int64)


STAGE_OF_COLUMN = np.array([1, 2, 3, 4, company.LOST, 3, -1])


def _changes(entered: Ints) -> tuple[Ints, Ints, Ints]:
    """(deal, column, at) of every entry, in order of deal and time."""
    deal, column = np.nonzero(entered != NEVER)
    at = entered[deal, column]
    order = np.lexsort((column, at, deal))
    return deal[order], column[order], at[order]


def _cut(entries: tuple[Ints, Ints, Ints], outcome: Ints) -> Moves:
    """Stage changes up to the end of the window; the last column is the close, whose stage is the outcome."""
    deal, column, at = entries
    new = np.where(column == len(STAGE_OF_COLUMN) - 1, outcome[deal], STAGE_OF_COLUMN[column])
    first = np.r_[True, deal[1:] != deal[:-1]] if len(deal) else np.zeros(0, bool)
    old = np.where(first, 0, np.r_[0, new[:-1]]) if len(deal) else new
    held = at < END
    return Moves(deal[held], old[held], new[held], at[held])


def _dates(deals: Deals, accounts: Accounts, is_closed: Flags, dice: np.random.Generator) -> tuple[Moves, Ints, Ints]:
    """Close dates: hoped for at creation, pushed out along the way, the actual day at last."""
    count = len(deals.account)
    cycle = np.array([s.cycle for s in company.SEGMENTS])[accounts.segment[deals.account]]
    created = day_of(deals.created_at)
    day = np.where(
        deals.imported == 1, created, created + np.maximum(cycle * (0.6 + 0.5 * dice.random(count)), 5).astype(np.int64)
    )
    day = np.where(deals.kind == company.RENEWAL, created + 80, day)
    until = np.minimum(deals.closes_at, END)
    forgotten = _first_of(~is_closed)  # nobody has touched the oldest open deal's date
    found: list[Moves] = []
    for place in range(4):
        at = deals.created_at + ((until - deals.created_at) * (0.2 + 0.2 * place + 0.15 * dice.random(count))).astype(
            np.int64
        )
        pushed = day_of(at) + 10 + dice.integers(0, 40, count)
        moves = (
            (dice.random(count) < 0.45)
            & (pushed > day)
            & (at < until - HOUR)
            & (at > deals.created_at)
            & (deals.imported == 0)
            & ~forgotten
        )
        found.append(_moved(moves, day, pushed, at))
        day = np.where(moves, pushed, day)
    today = END // DAY
    stale = ~is_closed & (day < today)
    overdue = stale & ((dice.random(count) < 0.22) | forgotten)
    pushed, at = today + 5 + dice.integers(0, 60, count), END - dice.integers(HOUR, 6 * DAY, count)
    at = np.maximum(at, deals.created_at + ((until - deals.created_at) * 0.97).astype(np.int64))
    renewed = stale & ~overdue
    found.append(_moved(renewed, day, pushed, at))
    day = np.where(renewed, pushed, day)
    closed = day_of(np.where(is_closed, deals.closes_at, 0))
    found.append(_moved(is_closed & (closed != day), day, closed, deals.closes_at))
    day = np.where(is_closed, closed, day)
    return Moves(*(np.concatenate(parts) for parts in zip(*found, strict=True))), day, overdue.astype(np.int64)


def _first_of(which: Flags) -> Flags:
    """The first row alone: however small the company, one of its deals has this fault."""
    found: Flags = which & (np.cumsum(which) == 1)
    return found


def _moved(which: Flags, old: Ints, new: Ints, at: Ints) -> Moves:
    rows = np.flatnonzero(which)
    return Moves(rows, old[rows], new[rows], at[rows])


def _amounts(deals: Deals, accounts: Accounts, dice: np.random.Generator) -> Moves:
    """A quarter of the deals were first entered with another amount."""
    count = len(deals.account)
    until = np.minimum(deals.closes_at, END)
    at = deals.created_at + ((until - deals.created_at) * (0.3 + 0.4 * dice.random(count))).astype(np.int64)
    step = np.where(accounts.currency[deals.account] == company.USD, 60, 600)
    before = (
        np.maximum(np.round(deals.amount * dice.choice([0.7, 0.85, 1.15, 1.3], count) / step).astype(np.int64), 1)
        * step
    )
    moves = (dice.random(count) < 0.25) & (before != deals.amount) & (deals.imported == 0) & (at < until)
    return _moved(moves, before, deals.amount, at)


def _next_steps(deals: Deals, dice: np.random.Generator) -> tuple[Moves, Ints]:
    """When somebody first wrote down what comes next, and wrote something else later; and what stands there at last.

    Of deals that will be won nearly all get a next step, of the others three in four: who asks the customer for one
    knows sooner, so a gate that wants it is worth its trouble.
    """
    count = len(deals.account)
    until = np.minimum(deals.closes_at, END)
    span = until - deals.created_at
    early = np.where(deals.won == 1, 0.35, 0.55) * dice.random(count)
    first_at = deals.created_at + HOUR + (span * early).astype(np.int64)
    written = (dice.random(count) < np.where(deals.won == 1, 0.94, 0.76)) & (deals.imported == 0) & (first_at < until)
    first = dice.integers(0, len(company.NEXT_STEPS), count)
    later_at = first_at + ((until - first_at) * (0.2 + 0.6 * dice.random(count))).astype(np.int64)
    changed = written & (later_at > first_at) & (dice.random(count) < 0.6)
    later = (first + 1 + dice.integers(0, len(company.NEXT_STEPS) - 1, count)) % len(company.NEXT_STEPS)
    none = np.full(count, NONE)
    moves = (_moved(written, none, first, first_at), _moved(changed, first, later, later_at))
    last = np.where(changed, later, np.where(written, first, NONE))
    return Moves(*(np.concatenate(parts) for parts in zip(*moves, strict=True))), last


def in_time(moves: Moves) -> Moves:
    order = np.lexsort((moves.deal, moves.at))
    return Moves(*(column[order] for column in moves))
