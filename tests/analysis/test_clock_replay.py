"""Every clock of a build, replayed minute by minute: not one difference in when it is due and how it stands."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.analysis.calendar import Calendar
from fairlead.analysis.clock import Limit, Pause, Terms, Unit, read_one
from fairlead.analysis.policies import Era
from tests.analysis.clocked import Clocked, calendars, change, model
from tests.analysis.minutes import Minutes, Number, instant
from tests.analysis.worlds import World, at, worlds

UNITS = {
    Unit.MINUTE: (1, 2000), Unit.HOUR: (1, 40), Unit.DAY: (1, 3),
    Unit.WORKING_MINUTE: (1, 900), Unit.WORKING_HOUR: (1, 16), Unit.WORKING_DAY: (1, 2),
}  # fmt: skip
OWNERS = ("alice", "bob", None)


class Lead(NamedTuple):
    """A person: qualified, answered (or not), on hold from time to time, handed from owner to owner. In minutes."""

    start: int
    stop: int | None
    holds: tuple[tuple[int, int | None], ...]
    owners: tuple[tuple[int, str | None], ...]  # the first holds since ever


class Promise(NamedTuple):
    """An SLA: so much of a unit; pauses may add `budget` minutes at most."""

    amount: int
    unit: Unit
    budget: int | None


class Story(NamedTuple):
    world: World
    now: int
    leads: tuple[Lead, ...]
    promises: tuple[Promise, ...]


def minutes_until(world: World, now: int) -> st.SearchStrategy[int]:
    """Minutes of the days that were walked, up to now; often the edge of a block."""
    low, owner = world.minutes.safe[0], world.minutes.owner
    sides = enumerate(pairwise(owner[low - world.minutes.begin - 1 : now - world.minutes.begin]), low)
    edges = [minute for minute, (before, after) in sides if before != after] or [low]
    near = st.builds(lambda edge, by: min(max(edge + by, low), now), st.sampled_from(edges), st.integers(-2, 2))
    return st.one_of(st.integers(low, now), near)


@st.composite
def leads(draw: st.DrawFn, world: World, now: int) -> Lead:
    within = minutes_until(world, now)
    start, other = sorted((draw(within), draw(within)))
    marks = sorted(set(draw(st.lists(within, max_size=4))))
    spans: list[tuple[int, int | None]] = list(zip(marks[::2], marks[1::2], strict=False))
    if len(marks) % 2:
        spans.append((marks[-1], None))
    turns = sorted(set(draw(st.lists(within, max_size=2))))
    owners = draw(st.lists(st.sampled_from(OWNERS), min_size=len(turns) + 1, max_size=len(turns) + 1))
    stop = other if draw(st.booleans()) else None
    return Lead(start, stop, tuple(spans), tuple(zip([0, *turns], owners, strict=True)))


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    unit = draw(st.sampled_from(sorted(UNITS)))
    budget = draw(st.none() | st.integers(1, 400)) if unit is not Unit.WORKING_DAY else None
    return Promise(draw(st.integers(*UNITS[unit])), unit, budget)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    world = draw(worlds(days=24))
    low, high = world.minutes.safe
    now = draw(st.integers(low + 60, high - 9 * 1440))  # most deadlines fall on the days that were walked
    return Story(
        world,
        now,
        tuple(draw(st.lists(leads(world, now), min_size=3, max_size=8))),
        tuple(draw(st.lists(promises(), min_size=1, max_size=3))),
    )


def told(story: Story) -> Clocked:
    """The story as the record would hold it."""
    people, log, calls = [], [], []
    for n, lead in enumerate(story.leads):
        who = f"p{n}"
        people.append({"id": who, "mql_at": at(lead.start), "owner_id": lead.owners[-1][1]})
        for since, until in lead.holds:
            log.append(change(who, "recycle_reason", at(since), None, "hold"))
            log += [change(who, "recycle_reason", at(until), "hold", None)] if until is not None else []
        for (_, before), (turn, after) in zip(lead.owners, lead.owners[1:], strict=False):
            log.append(change(who, "owner_id", at(turn), before, after))
        if lead.stop is not None:
            calls.append(
                {"id": f"c{n}", "kind": "call", "direction": "outbound", "person_id": who, "at": at(lead.stop)}
            )
    agreed = {
        f"s{n}": {
            "starts": "mql_at",
            "response": {"kinds": "call"},
            "limits": {"all": {"within": f"{one.amount} {one.unit}s"}},
            "pauses": {"hold": {"column": "recycle_reason", "values": "hold"}},
            **({"pause_budget": _budget(one)} if one.budget else {}),
        }
        for n, one in enumerate(story.promises)
    }
    eras = [Era(None, model(agreed, calendars(story.world.hours)))]
    return Clocked(eras, at(story.now), person=people, change=log, activity=calls)


def _budget(promise: Promise) -> str:
    return f"{promise.budget} {'working ' if promise.unit.is_working else ''}minutes"


class Stood(NamedTuple):
    """A clock as it was replayed: in minutes; `due` None while a pause leaves it open."""

    due: Number | None
    worked: int
    paused: int
    late: Number
    by_owner: dict[str | None, int]


def replayed(minutes: Minutes, lead: Lead, promise: Promise, now: int) -> Stood:
    """Walk through the minutes of a clock's life, one after the other."""
    counts = minutes.is_open if promise.unit.is_working else lambda _minute: True
    end = now if lead.stop is None else lead.stop
    due = deadline(minutes, lead, promise, now)
    moving = [hold for hold in lead.holds if due is None or max(hold[0], lead.start) < due]
    held = {m for since, until in moving for m in range(since, end if until is None else min(until, end))}
    worked = paused = 0
    by_owner: dict[str | None, int] = {}
    for minute in range(lead.start, end):
        if not counts(minute):
            continue
        if minute in held and (promise.budget is None or paused < promise.budget):
            paused += 1
        else:
            worked += 1
            owner = [who for since, who in lead.owners if since <= minute][-1]
            by_owner[owner] = by_owner.get(owner, 0) + 1
    late: Number = 0
    if due is not None and end > due:
        first = -int(-due // 1)
        late = sum(map(counts, range(first, end))) + ((first - due) if counts(first - 1) else 0)
    return Stood(due, worked, paused, late, by_owner)


def deadline(minutes: Minutes, lead: Lead, promise: Promise, now: int) -> Number | None:
    """When it is due: the limit, walked; each held minute before it makes it a minute that counts longer."""
    counts = minutes.is_open if promise.unit.is_working else lambda _minute: True
    length = {"minute": 1, "hour": 60, "day": 1440}
    if promise.unit is Unit.WORKING_DAY:
        due: Number = minutes.after_days(lead.start, Fraction(promise.amount))
    else:
        due = minutes.after(lead.start, promise.amount * length[promise.unit.removeprefix("working ")], counts)
    left, end = promise.budget, now if lead.stop is None else lead.stop
    for since, until in sorted(lead.holds):
        begun, lasts = max(since, lead.start), until is None and lead.stop is None
        over = end if until is None else min(until, end)
        if begun >= due or (begun >= over and not lasts):
            continue
        taken = sum(map(counts, range(begun, over)))
        if left is not None:
            taken = min(taken, left)
            left -= taken
        if lasts and left != 0:
            return None
        due = minutes.after(due, taken, counts)
    return due


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(stories())
def test_a_clock_of_the_build_is_what_walking_its_minutes_gives(story: Story) -> None:
    made = told(story)
    found, shares = made.clocks(), made.shares()
    assert len(found) == len(story.leads) * len(story.promises)
    for n, lead in enumerate(story.leads):
        for m, promise in enumerate(story.promises):
            row = found[f"s{m}", f"p{n}", 1]
            try:
                stood = replayed(story.world.minutes, lead, promise, story.now)
            except IndexError:
                continue  # due on a day after those that were walked
            compare(row, stood, lead, story.now)
            compare_shares(shares[f"s{m}", f"p{n}", 1], row, stood, promise)


def compare(row: dict[str, Any], stood: Stood, lead: Lead, now: int) -> None:
    assert row["due_at"] == (None if stood.due is None else instant(stood.due))
    assert row["working_seconds"] == stood.worked * 60
    assert row["paused_seconds"] == stood.paused * 60
    end = now if lead.stop is None else lead.stop
    is_late = stood.due is not None and end > stood.due
    assert row["late_seconds"] == stood.late * 60 // 1
    if lead.stop is None:
        state = "paused" if stood.due is None else "overdue" if is_late else "running"
    else:
        state = "breached" if is_late else "met"
    assert row["state"] == state
    assert [row[f"is_{name}"] for name in ("open", "met", "breached", "overdue")] == [
        lead.stop is None, state == "met", state == "breached", state == "overdue",
    ]  # fmt: skip
    assert row["counts"] == (state in ("met", "breached", "overdue"))


def compare_shares(
    found: dict[str | None, dict[str, Any]], row: dict[str, Any], stood: Stood, promise: Promise
) -> None:
    """E77: the clock goes on, and every owner has the part of it that passed with them."""
    assert sum(one["working_seconds"] for one in found.values()) == row["working_seconds"]
    assert sum(one["share"] for one in found.values()) == pytest.approx(1)
    if promise.budget is None and stood.worked:
        for owner, minutes in stood.by_owner.items():
            assert found[owner]["share"] == pytest.approx(minutes / stood.worked)
            assert abs(found[owner]["working_seconds"] - minutes * 60) <= 1


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(stories())
def test_one_clock_by_itself_is_read_as_the_build_reads_it(story: Story) -> None:
    """The scalar form that the desk uses for one record gives the row of the build."""
    found, world = told(story).clocks(), story.world
    days = [date(1970, 1, 1) + timedelta(minutes=m) for m in world.minutes.safe]
    calendar = Calendar(world.hours, *days)
    for n, lead in enumerate(story.leads):
        for m, promise in enumerate(story.promises):
            terms = Terms(Limit(promise.amount, promise.unit), calendar, promise.budget and promise.budget * 60)
            holds = [Pause(at(since), None if until is None else at(until)) for since, until in lead.holds]
            stop = None if lead.stop is None else at(lead.stop)
            reading = read_one(terms, at(lead.start), stop, holds, as_of=at(story.now))
            row = found[f"s{m}", f"p{n}", 1]
            assert reading == (
                row["due_at"], row["working_seconds"], row["paused_seconds"], row["late_seconds"], row["state"],
            )  # fmt: skip
