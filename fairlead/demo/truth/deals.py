"""The true rows behind the measures of deals: closed, created, open at each month's end, and moving between stages."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import MONTHS, NEVER, Flags, Ints, Numbers, day_of, month_of
from fairlead.demo.credit import sources
from fairlead.demo.paths import Moves
from fairlead.demo.staff import ROLES
from fairlead.demo.truth.tally import Dimension, Rows
from fairlead.demo.world import World

SEGMENTS = tuple(s.name for s in company.SEGMENTS)
CHANNELS = tuple(c.name for c in company.CHANNELS)
LAST = MONTHS - 1


def cut(world: World, rows: Ints) -> dict[str, Dimension]:
    """The dimensions of deals."""
    source, campaign = sources(world)
    channel = np.where(campaign >= 0, world.campaigns.channel[campaign], -1)
    return {
        "segment": Dimension(world.accounts.segment[world.deals.account[rows]], SEGMENTS),
        "kind": Dimension(world.deals.kind[rows], company.KINDS),
        "source": Dimension(source[rows], CHANNELS),
        "campaign.channel": Dimension(channel[rows], CHANNELS),
        "owner.team": teams(world, world.deals.owner[rows]),
    }


def teams(world: World, member: Ints) -> Dimension:
    """The teams of colleagues (rows of Staff, -1 for nobody)."""
    labels = tuple(dict.fromkeys(r.team for r in ROLES))
    of_role = np.array([labels.index(r.team) for r in ROLES])
    return Dimension(np.where(member >= 0, of_role[world.staff.role[member]], -1), labels)


def _indirect(world: World, rows: Ints) -> dict[str, Dimension]:
    """What tables about deals can be cut by: only the bare names reach through to the deal."""
    named = cut(world, rows)
    return {name: named[name] for name in ("segment", "kind", "source")}


def worth(world: World) -> Ints:
    """Cents of USD: closed deals at the rate of the month they closed in, open ones at the latest."""
    closed = world.paths.closed_at != NEVER
    month = np.where(closed, month_of(world.paths.closed_at), LAST)
    return world.rates.cents(world.paths.amount, world.accounts.currency[world.deals.account], month)


def measures(world: World) -> Mapping[str, Rows]:
    return {**_closed_and_created(world), **_open(world), **_stages(world), **_gates(world), **_changes(world)}


def _closed_and_created(world: World) -> dict[str, Rows]:
    paths, deals = world.paths, world.deals
    closed, created, qualified = month_of(paths.closed_at), month_of(deals.created_at), month_of(paths.qualified_at)
    is_closed, is_won = paths.closed_at != NEVER, paths.is_won == 1
    value = worth(world)
    days = (day_of(np.where(is_closed, paths.closed_at, 0)) - day_of(deals.created_at)).astype(np.float64)
    marketed = sources(world)[1] >= 0

    def rows(how: str, month: Ints, which: Flags, what: Numbers | None = None, cents: bool = False) -> Rows:
        at = np.flatnonzero(which)
        return Rows(how, month[at], at if what is None else what[at], cut(world, at), cents=cents)

    every = np.ones(len(deals.account), bool)
    new, more, again = (is_closed & (deals.kind == kind) for kind in (company.NEW, company.EXPANSION, company.RENEWAL))
    return {
        "won": rows("count", closed, is_won),
        "lost": rows("count", closed, is_closed & ~is_won),
        "closed": rows("count", closed, is_closed),
        "bookings": rows("sum", closed, is_won, value, cents=True),
        "closed_value": rows("sum", closed, is_closed, value, cents=True),
        "new_business_bookings": rows("sum", closed, is_won & new, value, cents=True),
        "expansion_bookings": rows("sum", closed, is_won & more, value, cents=True),
        "renewals_won": rows("count", closed, is_won & again),
        "renewals_closed": rows("count", closed, again),
        "average_days_to_win": rows("avg", closed, is_won, days),
        "average_days_to_close": rows("avg", closed, is_closed, days),
        "deals_created": rows("count", created, every),
        "deals_created_won": rows("count", created, is_won),
        "deals_created_closed": rows("count", created, is_closed),
        "pipeline_created": rows("sum", created, every, value, cents=True),
        "marketing_pipeline_created": rows("sum", created, marketed, value, cents=True),
        "pipeline_qualified": rows("sum", qualified, paths.qualified_at != NEVER, value, cents=True),
    }


def _open(world: World) -> dict[str, Rows]:
    """Open deals at the end of each month, valued as they stood then at the rate of the month they last changed in."""
    paths, deals = world.paths, world.deals
    stage = np.where(deals.imported == 1, company.WON, 0)
    amount = paths.amount.copy()
    amount[paths.amounts.deal[::-1]] = paths.amounts.old[::-1]
    touched = month_of(deals.created_at)
    created, qualified = touched.copy(), month_of(paths.qualified_at)
    tables = (paths.stages, paths.amounts, paths.dates, paths.categories)
    months = [month_of(moves.at) for moves in tables]
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    for m in range(MONTHS):
        for moves, month, state in zip(tables, months, (stage, amount, None, None), strict=True):
            now = np.flatnonzero((month == m) | ((m == 0) & (month < 0)))
            if state is not None:
                state[moves.deal[now]] = moves.new[now]
            touched[moves.deal[now]] = np.maximum(touched[moves.deal[now]], month[now])
        rows = np.flatnonzero((created <= m) & (stage < company.WON))
        cents = world.rates.cents(amount[rows], world.accounts.currency[deals.account[rows]], touched[rows])
        found.append((rows, np.full(len(rows), m), cents, (qualified[rows] <= m).astype(np.int64)))
    deal, month, cents, is_qualified = (np.concatenate(column) for column in zip(*found, strict=True))
    good = np.flatnonzero(is_qualified == 1)
    dimensions, narrow = _indirect(world, deal), _indirect(world, deal[good])
    return {
        "open_pipeline": Rows("sum", month, cents, dimensions, point=True, cents=True),
        "open_deals": Rows("count", month, deal, dimensions, point=True),
        "qualified_pipeline": Rows("sum", month[good], cents[good], narrow, point=True, cents=True),
        "qualified_deals": Rows("count", month[good], deal[good], narrow, point=True),
    }


def _stages(world: World) -> dict[str, Rows]:
    """Every stay of a deal in a stage: the first one begins with the deal."""
    deals, moves = world.deals, world.paths.stages
    count = len(deals.account)
    order = np.lexsort((moves.at, moves.deal))
    moves = Moves(*(column[order] for column in moves))
    deal = np.concatenate([np.arange(count), moves.deal])
    stage = np.concatenate([np.where(deals.imported == 1, company.WON, 0), moves.new])
    entered = np.concatenate([deals.created_at, moves.at])
    first = np.r_[True, moves.deal[1:] != moves.deal[:-1]] if len(order) else np.zeros(0, bool)
    since = np.where(first, deals.created_at[moves.deal], np.r_[0, moves.at[:-1]] if len(order) else moves.at)
    stayed = (day_of(moves.at) - day_of(since)).astype(np.float64)
    ahead = (moves.new == company.WON) | ((moves.new > moves.old) & (moves.new < company.WON))

    def rows(how: str, month: Ints, who: Ints, at_stage: Ints, value: Numbers) -> Rows:
        named = {**_indirect(world, who), "stage": Dimension(at_stage, company.STAGES)}
        return Rows(how, month, value, named)

    moved, leaves = month_of(moves.at), np.flatnonzero(ahead)
    is_closed, is_won = (
        np.flatnonzero(flag[deal]) for flag in (world.paths.closed_at != NEVER, world.paths.is_won == 1)
    )
    began = month_of(entered)
    return {
        "stage_moves": rows("count", moved, moves.deal, moves.new, moves.deal),
        "stage_days": rows("avg", moved, moves.deal, moves.old, stayed),
        "stage_exits": rows("count", moved, moves.deal, moves.old, moves.deal),
        "stage_advances": rows("count", moved[leaves], moves.deal[leaves], moves.old[leaves], moves.deal[leaves]),
        "stage_deals_closed": rows("distinct", began[is_closed], deal[is_closed], stage[is_closed], deal[is_closed]),
        "stage_deals_won": rows("distinct", began[is_won], deal[is_won], stage[is_won], deal[is_won]),
    }


REQUIRED = np.array([5, 3, 4, 4, 4])  # columns that the gate of each open stage asks for


class Passes(NamedTuple):
    """One row a step forward out of an open stage: the deal, the stage it left, when, and what it left it without."""

    deal: Ints
    stage: Ints
    at: Ints
    no_source: Flags
    no_next_step: Flags


def passes(world: World) -> Passes:
    """Every gate that a deal passed. Without a next step: nobody had written one by then, and the gate wants it."""
    moves, steps = world.paths.stages, world.paths.next_steps
    ahead = (moves.old < company.WON) & (moves.new > moves.old) & (moves.new <= company.WON)
    deal, stage, at = moves.deal[ahead], moves.old[ahead], moves.at[ahead]
    written = np.full(len(world.deals.account), NEVER)
    np.minimum.at(written, steps.deal, steps.at)
    return Passes(deal, stage, at, (stage == 0) & (sources(world)[0][deal] < 0), (stage > 0) & (written[deal] > at))


def _gates(world: World) -> dict[str, Rows]:
    """What the gates asked of the deals that passed them, and what was there."""
    found = passes(world)
    month = month_of(found.at)
    named = {name: d for name, d in _indirect(world, found.deal).items() if name != "source"}
    named["stage"] = Dimension(found.stage, company.STAGES)
    asked = REQUIRED[found.stage]
    there = asked - found.no_source - found.no_next_step
    return {
        "gate_fields_required": Rows("sum", month, asked, named),
        "gate_fields_filled": Rows("sum", month, there, named),
    }


def _changes(world: World) -> dict[str, Rows]:
    dates, categories = world.paths.dates, world.paths.categories
    out = np.flatnonzero(dates.new > dates.old)
    pushed = month_of(dates.at[out])
    return {
        "close_date_pushes": Rows("count", pushed, dates.deal[out], {}),
        "deals_pushed": Rows("distinct", pushed, dates.deal[out], {}),
        "category_changes": Rows("count", month_of(categories.at), categories.deal, {}),
    }
