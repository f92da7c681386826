"""truth/clocks.csv: clocks that stood still or changed hands: what pauses took out, and whose time it was.

`paused_seconds` are seconds by the clock on the wall, because the limit of an evaluation is in days; no more than the
thirty days that pauses may add. `share` is each colleague's part of the time that counted.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv

from fairlead.demo.clock import DAY, END, NEVER, Floats, Ints
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.sheet import Column, constant, whole
from fairlead.demo.handing_on import Handed
from fairlead.demo.standstill import evaluations
from fairlead.demo.truth.leaks import working
from fairlead.demo.world import World

HEADER = "policy,record,member,paused_seconds,share\n"
BUDGET = 30 * DAY
LOOK = END + DAY  # when clocks are looked at that still run


class Stretches(NamedTuple):
    """One row a stretch of a clock under one owner (a row of Staff): of a deal or a lead, from when until when."""

    who: Ints
    member: Ints
    since: Ints
    until: Ints


class Shares(NamedTuple):
    """One row a clock and colleague; `paused` is of the whole clock, in seconds."""

    who: Ints
    member: Ints
    paused: Ints
    share: Floats


def write(file: Path, world: World) -> None:
    with file.open("wb") as out:
        out.write(HEADER.encode())
        deals, leads = of_deals(world), of_leads(world)
        for policy, found, keys in (
            ("evaluation_time", deals, crm_ids.deal(deals.who)),
            ("lead_acceptance", leads, crm_ids.contact(leads.who)),
        ):
            csv.write_csv(_table(policy, found, keys), out, csv.WriteOptions(include_header=False))


def _table(policy: str, found: Shares, keys: Column) -> pa.Table:
    columns = [constant(policy, found.who), keys, crm_ids.user(found.member), whole(found.paused), found.share]
    return pa.table(columns, names=HEADER.strip().split(","))


def of_deals(world: World) -> Shares:
    """The evaluations that stood still or changed hands."""
    stays, pauses = evaluations(world.paths, world.deals), world.pauses
    count = len(world.deals.account)
    entered, left = np.zeros(count, np.int64), np.zeros(count, np.int64)
    entered[stays.deal], left[stays.deal] = stays.entered, np.where(stays.left == END, LOOK, stays.left)
    from_at, until_at = np.zeros(count, np.int64), np.zeros(count, np.int64)
    from_at[pauses.deal], until_at[pauses.deal] = pauses.since, np.where(pauses.until == NEVER, LOOK, pauses.until)
    who = np.union1d(pauses.deal, world.hands.deals.who)
    held = _stretches(who, world.hands.deals, world.deals.owner, entered, left)
    still = np.minimum(held.until, until_at[held.who]) - np.maximum(held.since, from_at[held.who])
    return _shared(held, held.until - held.since - np.maximum(still, 0), np.minimum(until_at - from_at, BUDGET))


def of_leads(world: World) -> Shares:
    """The leads that changed hands before anybody accepted or returned them, in office hours."""
    funnel, handed = world.funnel, world.hands.leads
    owner = world.hands.owners(funnel.rep)
    held = _stretches(np.unique(handed.who), handed, owner, funnel.mql_at, funnel.recycled_at)
    return _shared(held, working(held.until) - working(held.since), np.zeros(len(owner), np.int64))


def _stretches(who: Ints, handed: Handed, owner: Ints, starts: Ints, ends: Ints) -> Stretches:
    """What each owner had: up to each change of hands whoever gave it away, and to the end whoever owns it now."""
    order = np.lexsort((handed.at, handed.who))
    mine, old, _, at = (column[order] for column in handed)
    first = np.r_[True, mine[1:] != mine[:-1]]
    last = np.zeros(len(owner), np.int64)
    last[mine] = at  # in order of time: the latest stays
    since = np.where(first, starts[mine], np.r_[0, at[:-1]])
    return Stretches(
        np.concatenate([mine, who]),
        np.concatenate([old, owner[who]]),
        np.concatenate([since, np.where(last[who] > 0, last[who], starts[who])]),
        np.concatenate([at, ends[who]]),
    )


def _shared(held: Stretches, counted: Ints, paused: Ints) -> Shares:
    """Seconds that counted, by clock and colleague, as a part of the clock's."""
    pairs, place = np.unique(np.column_stack([held.who, held.member]), axis=0, return_inverse=True)
    who, member = pairs.T
    own = np.bincount(place.ravel(), counted, len(pairs))
    every = np.bincount(who, own)
    return Shares(who, member, paused[who], own / every[who])
