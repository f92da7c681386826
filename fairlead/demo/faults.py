"""What is wrong with the exports, on purpose: chosen here, written by `exports`, listed in truth/planted.csv.

Two faults change what the CRM says about deals that really happened; the others add rows or spellings.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, NEVER, Chance, Flags, Ints, instant
from fairlead.demo.paths import CATEGORY_OF, Moves, Paths
from fairlead.demo.world import World

INDUSTRY_DRIFTS = instant(2025, 3)  # 'Financial Services' becomes 'FinServ'
STAGE_DRIFTS = instant(2025, 6)  # 'Proposal' becomes 'Proposal/Price Quote'
SOURCE_DRIFTS = instant(2026, 1)  # 'Paid Social' becomes 'Social (Paid)'


class Faults(NamedTuple):
    """Rows of the World (or flags over them) that the exports tell wrongly, twice or in another spelling."""

    twin_people: Ints
    twin_people_at: Ints
    twin_accounts: Ints
    twin_accounts_at: Ints
    wrong_amount: Ints  # deals
    true_amount: Ints
    left_open: Ints  # renewals that were lost and billed as such, still open in the CRM
    unbilled: Ints  # won deals
    stray: Ints  # accounts that the extra deals lean on: two without rate, ..., see `exports.salesforce`


def plant(world: World, scale: float, chance: Chance) -> tuple[World, Faults]:
    """Choose what goes wrong, and the world as the CRM then tells it."""
    dice = chance.of("faults")
    people, accounts, deals = world.people, world.accounts, world.deals
    few = max(3, round(12 * scale))
    twins = np.sort(dice.choice(len(people.account), max(4, round(0.012 * len(people.account))), replace=False))
    late = people.created_at[twins] + dice.integers(1, 90, len(twins)) * DAY
    twins, late = twins[late < END], late[late < END]
    doubles = np.sort(dice.choice(len(accounts.segment), max(2, round(0.012 * len(accounts.segment))), replace=False))
    since = accounts.created_at[doubles] + dice.integers(3, 120, len(doubles)) * DAY
    doubles, since = doubles[since < END], since[since < END]
    won = np.flatnonzero(
        (world.paths.is_won == 1) & (deals.billed == 1) & (deals.imported == 0) & (deals.kind == company.NEW)
    )
    wrong = np.sort(dice.choice(won, min(few, len(won)), replace=False))
    gone = np.ones(len(accounts.segment), bool)
    gone[world.lines.account[world.lines.ends == NEVER]] = False
    lost = np.flatnonzero((world.paths.stage == company.LOST) & (deals.kind == company.RENEWAL) & gone[deals.account])
    left_open = np.sort(dice.choice(lost, min(max(1, few // 4), len(lost)), replace=False))
    unbilled = np.flatnonzero((deals.billed == 0) & (world.paths.is_won == 1))
    amount = world.paths.amount.copy()
    amount[wrong] = amount[wrong] * 6 // 5 // 60 * 60
    paths = _reopen(world.paths, deals.closes_at, left_open)._replace(amount=amount)
    paths = paths._replace(amounts=_last_amounts(paths.amounts, amount))
    stray = dice.choice(len(accounts.segment), few, replace=False)
    faults = Faults(twins, late, doubles, since, wrong, world.paths.amount[wrong], left_open, unbilled, stray)
    return world._replace(paths=paths), faults


def _last_amounts(moves: Moves, amount: Ints) -> Moves:
    """Amount changes end in what the CRM says now."""
    return moves._replace(new=amount[moves.deal])


def _reopen(paths: Paths, closes_at: Ints, left_open: Ints) -> Paths:
    """The CRM never heard that these deals were lost: their last move is missing."""
    chosen = np.zeros(len(paths.stage), bool)
    chosen[left_open] = True

    def without(moves: Moves) -> Moves:
        kept = ~(chosen[moves.deal] & (moves.at >= closes_at[moves.deal]))
        return Moves(*(column[kept] for column in moves))

    last = np.zeros(len(paths.stage), np.int64)
    closing = chosen[paths.stages.deal] & (paths.stages.new == company.LOST)
    last[paths.stages.deal[closing]] = paths.stages.old[closing]
    stage = np.where(chosen, last, paths.stage)
    dates = without(paths.dates)
    day = paths.close_day.copy()
    gone = chosen[paths.dates.deal] & (paths.dates.at >= closes_at[paths.dates.deal])
    day[paths.dates.deal[gone]] = paths.dates.old[gone]
    return paths._replace(
        stages=without(paths.stages),
        categories=without(paths.categories),
        dates=dates,
        stage=stage,
        close_day=day,
        category=np.where(chosen, CATEGORY_OF[stage], paths.category),
        closed_at=np.where(chosen, NEVER, paths.closed_at),
        lost_reason=np.where(chosen, -1, paths.lost_reason),
        overdue=np.where(chosen, (day <= END // DAY - 1).astype(np.int64), paths.overdue),
    )


def drifted(world: World) -> tuple[Flags, Flags, Flags]:
    """(accounts, deals, people) whose picklist value is in the new spelling."""
    finserv = company.INDUSTRIES.index("Financial Services")
    accounts = (world.accounts.industry == finserv) & (world.accounts.created_at >= INDUSTRY_DRIFTS)
    latest = np.zeros(len(world.deals.account), np.int64)
    np.maximum.at(latest, world.paths.stages.deal, world.paths.stages.at)
    deals = (world.paths.stage == 3) & (latest >= STAGE_DRIFTS)
    people = (world.people.channel == 2) & (world.people.created_at >= SOURCE_DRIFTS)
    return accounts, deals, people
