"""The true rows behind the measures of people, what was done with them, and what finding them cost."""

from collections.abc import Mapping

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import MINUTE, NEVER, Flags, Ints, Numbers, month_of, month_of_day
from fairlead.demo.credit import synced
from fairlead.demo.faults import Faults
from fairlead.demo.funnel import TOUCH_CHANNELS
from fairlead.demo.recycling import turns
from fairlead.demo.truth.deals import CHANNELS, SEGMENTS, teams
from fairlead.demo.truth.promises import promises
from fairlead.demo.truth.tally import Dimension, Rows
from fairlead.demo.work import KINDS, MEETING, OUTBOUND
from fairlead.demo.world import World


def measures(world: World, faults: Faults) -> Mapping[str, Rows]:
    return {
        **_people(world, faults),
        **_promises(world),
        **_leakage(world),
        **_packages(world),
        **_work(world),
        **_spend(world),
    }


def unfolded(world: World, faults: Faults) -> Flags:
    """Which twins stay people of their own: a twin of somebody the CRM knows is recognised by its email."""
    known = np.zeros(len(world.people.account), bool)
    known[synced(world)] = True
    return ~known[faults.twin_people]


def _cut(world: World, rows: Ints) -> dict[str, Dimension]:
    people = world.people
    account = people.account[rows]
    return {
        "segment": Dimension(np.where(account >= 0, world.accounts.segment[account], -1), SEGMENTS),
        "source": Dimension(people.channel[rows], CHANNELS),
        "persona": Dimension(people.persona[rows], company.PERSONAS),
        "campaign.channel": Dimension(world.campaigns.channel[people.campaign[rows]], CHANNELS),
        "owner.team": teams(world, world.funnel.rep[rows]),
    }


def _earliest(who: Ints, at: Ints, count: int) -> Ints:
    first = np.full(count, NEVER)
    np.minimum.at(first, who, at)
    return first


def _people(world: World, faults: Faults) -> dict[str, Rows]:
    people, funnel, done, roles = world.people, world.funnel, world.activities, world.roles
    count = len(people.account)
    created, mql, sql = month_of(people.created_at), month_of(funnel.mql_at), month_of(funnel.sql_at)
    of_somebody = done.person >= 0
    met = of_somebody & (done.kind == MEETING)
    met_at = _earliest(done.person[met], done.at[met], count)
    tried = of_somebody & (done.direction == OUTBOUND) & (done.automated == 0)
    attempts = np.bincount(done.person[tried & (done.kind != MEETING)], minlength=count).astype(np.float64)
    is_mql = funnel.mql_at != NEVER
    after = np.flatnonzero(tried & (done.at >= funnel.mql_at[done.person]) & is_mql[done.person])
    answered_at = _earliest(done.person[after], done.at[after], count)
    answered = answered_at != NEVER
    minutes = np.where(
        answered, (np.where(answered, answered_at, 0) - np.where(is_mql, funnel.mql_at, 0)) / MINUTE, np.nan
    )
    deal_at = _earliest(roles.person, world.deals.created_at[roles.deal], count)
    won = np.zeros(count, bool)
    won[roles.person[world.paths.is_won[roles.deal] == 1]] = True
    complete = (people.account >= 0) & (people.country >= 0)
    own = unfolded(world, faults)
    twins, twins_at = faults.twin_people[own], month_of(faults.twin_people_at[own])

    def rows(month: Ints, which: Flags, how: str = "count", value: Numbers | None = None) -> Rows:
        at = np.flatnonzero(which)
        return Rows(how, month[at], at if value is None else value[at], _cut(world, at))

    every = np.ones(count, bool)
    known = np.concatenate([np.arange(count), twins])
    return {
        "leads": rows(created, every),
        "people_known": Rows("count", np.concatenate([created, twins_at]), known, _cut(world, known)),
        "duplicates": Rows("count", twins_at, twins, _cut(world, twins)),
        "leads_won": rows(created, won),
        "leads_met": rows(created, met_at != NEVER),
        "leads_qualified": rows(created, funnel.sql_at != NEVER),
        "people_met": rows(month_of(met_at), met_at != NEVER),
        "people_met_with_deal": rows(month_of(met_at), (met_at != NEVER) & (deal_at != NEVER)),
        "mqls": rows(mql, is_mql),
        "mqls_accepted": rows(mql, is_mql & (funnel.sal_at != NEVER)),
        "mqls_to_sql": rows(mql, is_mql & (funnel.sql_at != NEVER)),
        "mqls_complete": rows(mql, is_mql & complete),
        "mqls_answered": rows(mql, is_mql & answered),
        "mqls_in_five_minutes": rows(mql, is_mql & (np.nan_to_num(minutes, nan=1e9) <= 5)),
        "median_response": rows(mql, is_mql, "median", minutes),
        "average_attempts": rows(mql, is_mql, "avg", attempts),
        "recycled": rows(month_of(funnel.recycled_at), funnel.recycled_at != NEVER),
        "sqls": rows(sql, funnel.sql_at != NEVER),
        "sqls_with_deal": rows(sql, (funnel.sql_at != NEVER) & (deal_at != NEVER)),
    }


def _promises(world: World) -> dict[str, Rows]:
    """Leads whose answer was due, and those who had it by then."""
    found = promises(world)
    month, every = month_of(found.due_at), _cut(world, found.person)
    cuts = {name: every[name] for name in ("segment", "persona", "owner.team")}

    def rows(which: Flags) -> Rows:
        at = np.flatnonzero(which)
        return Rows("count", month[at], at, {name: Dimension(d.codes[at], d.labels) for name, d in cuts.items()})

    return {"answers_due": rows(found.counts), "answers_in_time": rows(found.met)}


def _leakage(world: World) -> dict[str, Rows]:
    """Leads that were answered or kept waiting too long, and those of them who got stuck: neither on nor sent back."""
    handed, counts = turns(world.funnel, world.earlier), promises(world).counts
    month = month_of(handed.mql_at)
    sent_back = (handed.recycled_at != NEVER) & (handed.reason < company.AGREED_REASONS)

    def rows(which: Flags) -> Rows:
        at = np.flatnonzero(which)
        cuts = _cut(world, handed.person[at])
        return Rows("count", month[at], at, {name: cuts[name] for name in ("segment", "persona")})

    return {
        "leads_handed": rows(counts),
        "leads_leaked": rows(counts & (handed.sql_at == NEVER) & ~sent_back),
    }


def _packages(world: World) -> dict[str, Rows]:
    """Leads as often as they were handed over, and those whose company and country are known: all else always is."""
    handed, people = turns(world.funnel, world.earlier), world.people
    month = month_of(handed.mql_at)

    def rows(which: Flags) -> Rows:
        at = np.flatnonzero(which)
        cuts = _cut(world, handed.person[at])
        return Rows("count", month[at], at, {name: cuts[name] for name in ("segment", "persona")})

    whole = (people.account >= 0) & (people.country >= 0)
    return {"packages_seen": rows(month >= 0), "packages_whole": rows(whole[handed.person])}


def _work(world: World) -> dict[str, Rows]:
    done, met = world.activities, world.touches
    month = month_of(done.at)
    human, meeting = np.flatnonzero(done.automated == 0), np.flatnonzero(done.kind == MEETING)

    def rows(how: str, at: Ints, value: Ints) -> Rows:
        account = done.account[at]
        segment = np.where(account >= 0, world.accounts.segment[account], -1)
        return Rows(
            how,
            month[at],
            value,
            {
                "segment": Dimension(segment, SEGMENTS),
                "kind": Dimension(done.kind[at], KINDS),
                "member.team": teams(world, done.member[at]),
            },
        )

    return {
        "human_activities": rows("count", human, human),
        "active_reps": rows("distinct", human, done.member[human]),
        "meetings_held": rows("count", meeting, meeting),
        "touches": Rows("count", month_of(met.at), met.person, {"channel": Dimension(met.channel, TOUCH_CHANNELS)}),
    }


def _spend(world: World) -> dict[str, Rows]:
    spent = world.spend
    channels = Dimension(spent.channel, CHANNELS)
    dimensions = {"channel": channels, "campaign.channel": channels}
    return {"spend_total": Rows("sum", month_of_day(spent.day), spent.cents, dimensions, cents=True)}
