"""Clocks worded for pages: every number with the clocks behind it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse

from fairlead.actions import hourly
from fairlead.actions.drawing import Drawing
from fairlead.actions.tables import Narrowed
from fairlead.actions.timekeeping import NOT_ANSWERED, Clocks, Held, Late, Line, Ruled, Tally, Tried, Tries
from fairlead.analysis.clock_report import valued
from fairlead.analysis.escalating import Event, Step
from fairlead.analysis.hearing import WARNING
from fairlead.desk.behind import Asked
from fairlead.desk.charting import Figure, figure
from fairlead.desk.pages.charts import EVERY
from fairlead.desk.pages.tables import address
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import Said, Standing, said, signed, standing
from fairlead.model.timed import Rung
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner, Number, length_words, moment_words, worded
from fairlead.values import in_words

TABLE = "mart.clock"
WORKING = "working time"
# What is counted of a policy that is tried, and which clocks each number counts.
COUNTED = {
    "compliance": "counts",
    "met": "is_met",
    "missed": "counts and not is_met",
    "counted": "counts",
}


class Telling(NamedTuple):
    """Who hears of a clock: their name, when, and what they do; `at` sorts. Empty where nobody does."""

    to: str
    when: str
    at: str
    action: str


class Kept(NamedTuple):
    """How a policy is kept, in all or for one value of a dimension, worded."""

    title: str
    url: str
    limits: str
    value: str
    compliance: Said
    standing: Standing | None
    goal: str
    goal_url: str
    counted: Said
    met: Said
    late: Said
    overdue: Said
    pending: Said
    mended: Said
    half: Said
    counts: str


class TriedShown(NamedTuple):
    """A policy as it was and as it would have been, worded; `was` and `would_be` hold COUNTED, in order."""

    title: str
    limits: str
    limits_tried: str
    was: tuple[Said, ...]
    would_be: tuple[Said, ...]
    difference: Said


class LateShown(NamedTuple):
    """An overdue clock, worded."""

    name: str
    url: str
    of: str
    title: str
    limit: str
    owner: str
    due: str
    due_at: str
    late: Said
    counts: str
    last: Telling
    next: Telling
    unheard: str


class Heard(NamedTuple):
    """Somebody who was told of a clock in the last day, worded."""

    when: str
    at: str
    to: str
    title: str
    subject: str
    url: str
    what: str


class Ticking:
    """The answer on its way to a page: how its numbers are written and linked."""

    def __init__(self, found: Clocks, model: Model, manner: Manner) -> None:
        self.found, self.model, self.manner = found, model, manner

    def rows(self, *conditions: str) -> str:
        """The address of the clocks that a number counts."""
        return self.whole(self.found.where(*conditions))

    def whole(self, where: str) -> str:
        return address(self.found.build, TABLE, Narrowed(where=where))

    def cell(self, value: Number | None, unit: str, url: str) -> Cell:
        return Cell(number=said(value, unit, self.manner, url))

    def lasting(self, seconds: float | None, url: str, *, counts: str = "elapsed time") -> Said:
        """How long, as a number that leads to its rows; `counts`: what time it is of, as the page says below."""
        if seconds is None:
            return Said("", "", "", url)
        words = length_words(seconds, self.manner, "both" if counts == WORKING else counts)
        return Said(words, f"{worded(round(seconds), 'count', self.manner).full} seconds", str(seconds), url)

    def who(self, to: str) -> str:
        """Who is told, in words: a role by its title."""
        role = self.model.role(to)
        return role.title if role else f"the {to}" if to in set(Rung) else in_words(to)

    def telling(self, step: Step | None) -> Telling:
        if step is None:
            return Telling("", "", "", "")
        words = f"warning, {step.action}" if step.kind == WARNING else step.action
        return Telling(self.who(step.to), moment_words(step.at, self.manner), step.at.isoformat(), words)


def sentence(found: Clocks, manner: Manner) -> str:
    """How promises were kept, in a sentence or two, the denominator said."""
    tallies = [line.tally for line in found.lines]
    met, counted, late, overdue, pending = (
        sum(getattr(tally, name) for tally in tallies) for name in ("met", "counted", "breached", "overdue", "pending")
    )

    def count(number: int) -> str:
        return worded(number, "count", manner).text

    if not tallies:
        return "No clock was due in this time."
    if not counted:
        return f"None of {count(pending)} clocks was due yet, so there is no compliance to tell."
    share = worded(met / counted, "percent", manner).text
    says = (
        f"{share} were met: {count(met)} of {count(counted)} clocks that were due. {count(late)} stopped too late and "
    )
    says += f"{count(overdue)} are open and overdue; both count as missed."
    if not pending:
        return says
    return f"{says} {count(pending)} more {'is' if pending == 1 else 'are'} open and not due yet, and left out."


def kept(told: Ticking, line: Line, by: str | None = None, url: str = "") -> Kept:
    """A policy, or a value of a dimension of it; `url` is where it was agreed."""
    mine = (f"policy = '{line.policy}'", *((valued(by, line.value),) if by else ()))
    tally, goal = line.tally, ""
    if line.target is not None:
        goal = f"at least {worded(line.target, 'percent', told.manner).full}"

    def count(number: int, where: str) -> Said:
        return said(number, "count", told.manner, told.rows(*mine, where))

    return Kept(
        line.title,
        url,
        line.limits,
        "(none)" if line.value is None else line.value,
        said(line.compliance, "percent", told.manner, told.rows(*mine, "counts")),
        None if line.is_kept is None else standing("met" if line.is_kept else "missed"),
        goal,
        reverse("metric", kwargs={"name": line.metric}) if line.metric else "",
        count(tally.counted, "counts"),
        count(tally.met, "is_met"),
        count(tally.breached, "is_breached"),
        count(tally.overdue, "is_overdue"),
        count(tally.pending, "is_open and not is_overdue"),
        count(tally.mended, "was_breached"),
        told.lasting(tally.median_seconds, told.rows(*mine, "not is_open"), counts=line.counts),
        "" if line.counts == "both" else line.counts,
    )


def heading(by: str) -> str:
    """A dimension as the heading of its column."""
    return in_words(by.rpartition(".")[2])


def tried(told: Ticking, one: Tried) -> TriedShown:
    """What ran beside what would have been; numbers of what is tried are in no table and lead to how they come."""
    mine, how = f"policy = '{one.policy}'", "#how-tried"
    difference = None
    if one.was and one.would_be and one.was.compliance is not None and one.would_be.compliance is not None:
        difference = Decimal(str(one.would_be.compliance)) - Decimal(str(one.was.compliance))
    return TriedShown(
        one.title,
        one.limits_were,
        one.limits_would_be,
        _tried(one.was, told, {name: told.rows(mine, where) for name, where in COUNTED.items()}),
        _tried(one.would_be, told, dict.fromkeys(COUNTED, how)),
        signed(difference, "percent", told.manner, how),
    )


def _tried(tally: Tally | None, told: Ticking, urls: dict[str, str]) -> tuple[Said, ...]:
    """Compliance, met, missed and counted; nothing where the policy was not there."""
    units = {"compliance": "percent"}
    return tuple(
        said(getattr(tally, name) if tally else None, units.get(name, "count"), told.manner, urls[name])
        for name in COUNTED
    )


def late(told: Ticking, one: Late) -> LateShown:
    """An overdue clock."""
    url = told.whole(_this(one.policy, one.subject_id, one.cycle))
    return LateShown(
        one.name,
        url,
        " · ".join(filter(None, (one.account if one.account != one.name else "", one.segment))),
        one.title,
        one.limit,
        one.owner or "nobody",
        moment_words(one.due_at, told.manner),
        one.due_at.isoformat(),
        _late_by(told, one, url),
        one.counts if one.late_seconds else "",
        told.telling(one.last),
        told.telling(one.next),
        one.unheard,
    )


def _late_by(told: Ticking, one: Late, url: str) -> Said:
    """How late; while no time that counts has passed since it fell due, that it is still not answered."""
    if not one.late_seconds:
        return Said(NOT_ANSWERED, "", "0", url)
    return told.lasting(one.late_seconds, url, counts=one.counts)


def heard(told: Ticking, event: Event, titles: dict[str, str]) -> Heard:
    """Somebody who was told in the last day."""
    return Heard(
        moment_words(event.at, told.manner),
        event.at.isoformat(),
        told.who(event.to),
        titles.get(event.policy, event.policy),
        event.subject_id,
        told.whole(_this(event.policy, event.subject_id, event.cycle)),
        f"warning, {event.action}" if event.kind == WARNING else event.action,
    )


def _this(policy: str, subject_id: str, cycle: int) -> str:
    """The predicate of one clock."""
    subject = subject_id.replace("'", "''")
    return f"policy = '{policy}' and subject_id = '{subject}' and cycle = {cycle}"


def attempts(told: Ticking) -> Sheet:
    """R47: who was tried, how often and how soon."""
    by = told.found.by or "owner"
    names = ", ".join(f"'{name}'" for name in told.found.reaching)
    rows = [_attempts_row(told, one, f"policy in ({names})", valued(by, one.value)) for one in told.found.attempts]
    says = (
        "Attempts by people, those that reached nobody too. In time: before the deadline. Half tried within: from the "
        "start to the first attempt, by the clock on the wall."
    )
    columns = f"{heading(by)}|#Clocks|#Nobody tried|#Tried too late|#Attempts|#In time|#Half tried within"
    return sheet("attempts", "Contact attempts", says, columns, rows, "Nobody was to be reached in this time.")


def _attempts_row(told: Ticking, one: Tries, *mine: str) -> list[Cell]:
    def cell(number: int, *more: str) -> Cell:
        return told.cell(number, "count", told.rows(*mine, *more))

    return [
        Cell("(none)" if one.value is None else one.value),
        cell(one.clocks),
        cell(one.untried, "attempts = 0"),
        cell(one.tried_late, "attempts > 0 and attempts_in_time = 0"),
        cell(one.attempts, "attempts > 0"),
        cell(one.in_time, "attempts_in_time > 0"),
        Cell(number=told.lasting(one.median_seconds, told.rows(*mine, "attempts > 0"))),
    ]


def held(told: Ticking) -> Sheet:
    """Whose time it was, of clocks whose subject changed hands."""
    rows = [_held_row(told, one) for one in told.found.held]
    says = (
        "Of the clocks whose subject changed hands while they ran: the clock goes on, and each has the part of its "
        "time that passed with them."
    )
    columns = "Colleague|#Clocks|#Began with them|#Late or overdue|#Time with them|#Of the clocks' time"
    return sheet("held", "Whose time it was", says, columns, rows, "No clock changed hands while it ran.")


def _held_row(told: Ticking, one: Held) -> list[Cell]:
    whose = "member_id is null" if one.member_id is None else f"member_id = '{one.member_id}'"
    url = address(told.found.build, "mart.clock_share", Narrowed(where=f"{whose} and share > 0 and share < 1"))
    return [
        Cell(one.member or "nobody"),
        *(told.cell(number, "count", url) for number in (one.clocks, one.began, one.late)),
        Cell(number=told.lasting(one.seconds, url)),
        told.cell(one.share, "percent", url),
    ]


def versions(told: Ticking) -> Sheet:
    """Policies that were edited while clocks ran: each clock is judged by the version it started under."""
    changed = [one for one in told.found.versions if _is_changed(one, told.found.versions)]
    rows = [
        [
            Cell(one.title),
            Cell(_held_from(one, told.manner)),
            Cell(one.limits or "not kept"),
            told.cell(
                one.clocks, "count", told.rows(f"policy = '{one.policy}'", f"version = '{one.version}'")
            ),
        ]
        for one in changed
    ]  # fmt: skip
    says = "Each clock is judged by the policy as it was when the clock started."
    empty = "No promise was edited while these clocks ran."
    return sheet("versions", "Edited policies", says, "Promise|Held|Limits|#Clocks", rows, empty)


def _is_changed(one: Ruled, every: Sequence[Ruled]) -> bool:
    return sum(other.policy == one.policy for other in every) > 1 or one.until is not None


def _held_from(one: Ruled, manner: Manner) -> str:
    since, until = (moment_words(at, manner) if at else "" for at in (one.since, one.until))
    if not since:
        return f"until {until}" if until else "not known"
    return f"{since} to {until}" if until else f"since {since}"


def figures(told: Ticking, query: dict[str, Asked]) -> tuple[Figure, ...]:
    """The two heat maps; each cell of their tables leads to the clocks that started in that hour."""
    found, manner = told.found, told.manner
    kinds = (("starts", hourly.starts, ()), ("kept", hourly.kept, ("counts",)))
    return tuple(_figure(told, kind, draw(found.hours, manner), query, conditions) for kind, draw, conditions in kinds)


def _figure(told: Ticking, kind: str, drawing: Drawing, query: dict[str, Asked], conditions: Sequence[str]) -> Figure:
    def rows(hour: str, weekday: int) -> str:
        return told.rows(f"start_weekday = {weekday} and start_hour = {int(hour)}", *conditions)

    return figure(drawing, kind, told.found.policy or EVERY, query, rows=rows)
