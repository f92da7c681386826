"""/api/clocks: how promises of time are kept, who is late and hears of it next, and what another policy would say."""

from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.clocks import clocks as whole
from fairlead.actions.clocks import overdue_clocks
from fairlead.actions.timekeeping import Clocks, Due
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following
from fairlead.desk.api.shapes import Shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace
from fairlead.workspace import Workspace

router = Router(tags=["clocks"])


class TallyShown(Shown):
    """Clocks due in the time asked for."""

    clocks: int
    met: int
    breached: int = Field(description="Stopped too late.")
    overdue: int = Field(description="Open and past the deadline.")
    pending: int = Field(description="Open and not due yet; they do not count.")
    mended: int = Field(description="Met, though they looked breached until the stop was logged.")
    counted: int = Field(description="met + breached + overdue: the denominator of compliance.")
    median_seconds: float | None = Field(
        description="Of those stopped, half within: seconds that count. Overdue ones are not in it."
    )


class LineShown(Shown):
    """A policy, in all or for one value of the dimension."""

    policy: str = Field(examples=["mql_to_sql"])
    kind: str = Field(description="handoff or sla.")
    title: str
    value: str | None
    tally: TallyShown
    compliance: float | None = Field(description="met / counted, 0 to 1; null where nothing counts yet.")
    metric: str | None = Field(description="The metric that the policy names, where it counts clocks.")
    target: float | None = Field(description="The least share that this metric wants.")
    limits: str = Field(description="In words: of the newest version that a clock ran under.")
    counts: str = Field(description="What time they count: working time, elapsed time or both.")


class HourShown(Shown):
    """Clocks that started in an hour of the week, where they were counted."""

    weekday: int = Field(description="1 is Monday.")
    hour: int = Field(description="0 to 23.")
    tally: TallyShown
    compliance: float | None


class StepShown(Shown):
    """A moment at which somebody hears of a clock."""

    kind: str = Field(description="warning or escalation.")
    number: int
    at: datetime
    to: str = Field(description="A role, or owner, manager, queue or council.")
    action: str


class OverdueShown(Shown):
    """A clock that is open and overdue."""

    policy: str
    title: str
    limit: str
    subject: str = Field(description="person, opportunity or account.")
    subject_id: str
    cycle: int
    name: str
    account: str | None
    segment: str | None
    owner: str | None = Field(description="Who owns the subject as of the day, whoever the clock began with.")
    started_at: datetime
    due_at: datetime
    late_seconds: int = Field(description="Past the deadline, in seconds that count.")
    counts: str = Field(description="What time those are of: working time or elapsed time.")
    attempts: int
    last: StepShown | None = Field(description="Who heard of it last.")
    next: StepShown | None = Field(description="Who hears of it next; null where the ladder ends, or there is none.")


class TriesShown(Shown):
    """Contact attempts of one value of the dimension."""

    value: str | None
    clocks: int
    untried: int = Field(description="Nobody tried.")
    tried_late: int = Field(description="Tried, and not before the deadline.")
    attempts: int
    in_time: int = Field(description="Attempts before the deadline.")
    median_seconds: float | None = Field(description="From the start to the first attempt, elapsed.")


class HeldShown(Shown):
    """A colleague's part of the clocks whose subject changed hands while they ran."""

    member_id: str | None = Field(description="Null: nobody owned it.")
    member: str | None
    clocks: int
    began: int = Field(description="Began with them.")
    late: int = Field(description="Of the clocks, those that were not met.")
    seconds: int = Field(description="That passed with them.")
    all_seconds: int = Field(description="That the same clocks took in all.")


class PolicyVersion(Shown):
    """A version of a policy, and how many clocks ran under it."""

    policy: str
    title: str
    version: str
    since: datetime | None = Field(description="Null: ever.")
    until: datetime | None = Field(description="Null: it holds.")
    limits: str
    clocks: int


class ToldShown(Shown):
    """Somebody who was told of an open clock in the last day."""

    id: str
    policy: str
    subject_id: str
    cycle: int
    kind: str
    number: int
    at: datetime
    to: str
    owner_id: str | None = Field(description="Who owned the subject then; `manager` is theirs.")
    action: str
    passed_over: list[str] = Field(description="Those who were away, so that it went up the ladder to `to`.")


class ClocksTried(Shown):
    """A policy as it was, and as it would have been; null where it was not there."""

    policy: str
    title: str
    was: TallyShown | None
    would_be: TallyShown | None
    limits_were: str
    limits_would_be: str


class ClocksShown(Shown):
    """How clocks stand; /api/clocks/overdue lists the overdue."""

    as_of: date
    measured_at: datetime | None = Field(description="When open clocks were looked at.")
    policy: str | None
    start: date | None
    end: date
    lines: list[LineShown]
    by: str | None
    cut: list[LineShown]
    hours: list[HourShown]
    overdue_total: int
    reaching: list[str] = Field(description="The policies whose attempts are counted.")
    attempts: list[TriesShown] = Field(description="By the dimension, else by owner.")
    held: list[HeldShown]
    versions: list[PolicyVersion]
    told: list[ToldShown]
    under: str | None
    tried: list[ClocksTried]
    build: str


class DueQuery(AsOf):
    """Which clocks: those due in some days."""

    policy: str | None = Field(None, max_length=200, description="A handoff or SLA.", examples=["mql_to_sql"])
    start: str | None = Field(None, alias="from", max_length=40, description="First day or period: 2026-Q1.")
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")


class ClocksQuery(DueQuery):
    """Cut by what, and under which policies."""

    by: str | None = Field(None, max_length=200, description="Cut by this dimension.", examples=["segment"])
    under: str | None = Field(
        None, max_length=60, description="Try the policies of now, of a day or of a build on the same history."
    )


class OverdueQuery(DueQuery, Paging):
    """Which stretch of the overdue."""


@reads(router, "/clocks", ClocksShown, may=(400, 409), summary="How promises of time are kept")
def clocks(request: HttpRequest, asked: Query[ClocksQuery]) -> Clocks:
    """Compliance by policy and dimension, by hour of the week, contact attempts, and other policies tried."""
    space, now = workspace(), timezone.now()
    due = _due(asked, space, now)
    return whole(space, **due._asdict(), by=asked.by, under=asked.under, limit=0, now=now)


@reads(router, "/clocks/overdue", Page[OverdueShown], may=(400, 409), summary="The overdue clocks")
def clocks_overdue(request: HttpRequest, asked: Query[OverdueQuery]) -> Page[OverdueShown]:
    """Open clocks past their deadline, the latest due first, each with who hears of it next."""
    space, now = workspace(), timezone.now()
    due = _due(asked, space, now)
    found = overdue_clocks(space, due, limit=asked.limit, offset=asked.offset, now=now)
    return Page[OverdueShown](
        items=[OverdueShown.model_validate(one) for one in found.items],
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, found.total),
    )


def _due(asked: DueQuery, space: Workspace, now: datetime) -> Due:
    return Due(asked.policy, asked.start, asked.end, asked.as_of, moment_of(asked.known_at, space, now))
