"""/api/funnel, /api/lifecycle: who came how far, how long it took, where they left, and who is stuck."""

from datetime import date, datetime
from typing import Literal, Self

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field, model_validator

from fairlead.actions.flows import FlowAsked, Funnel, StageTold
from fairlead.actions.lifecycle import agreed_stage
from fairlead.actions.lifecycle import funnel as whole
from fairlead.actions.lifecycle import stage as one
from fairlead.actions.whose import whose
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.names import Stage
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import Shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace

router = Router(tags=["lifecycle"])


class CountShown(Shown):
    """A step in a period and cut. Whoever reached it twice counts once, so that a conversion is never above 1."""

    period: str
    cut: str | None
    step: str
    title: str
    reached: int
    advanced: int = Field(description="Of those, how many came to the next step, whenever that was.")
    conversion: float | None = Field(description="Share from 0 to 1; null at the last step and where there is nobody.")
    overall: float | None = Field(description="Share of all who came in; cohorts only.")


class TimeShown(Shown):
    """Days in a stage, those still there censored (Kaplan-Meier); null where so many have not left yet."""

    cut: str | None
    stage: str
    title: str
    ended: int
    still_open: int
    median: float | None
    p75: float | None
    p90: float | None


class MoveShown(Shown):
    """Moves between two stages."""

    stage: str
    next_stage: str | None
    way: str = Field(description="forward, back, lost, or gone: a deal lost, deleted, or a customer no more.")
    moves: int
    subjects: int
    median: float | None = Field(description="Days in the stage before.")


class LeakShown(Shown):
    """Who left a stage other than forward and came no further since, and the money in it."""

    stage: str
    title: str
    left: int
    value: float | None = Field(description="In the company's currency.")
    how: str = Field(description="How it was valued.")


class StuckShown(Shown):
    """Somebody in a stage for longer than nine of ten of their own cut (by default their segment), in days."""

    cut: str | None
    stage: str
    subject: str
    subject_id: str
    name: str | None
    account_id: str | None
    owner_id: str | None
    owner: str | None = Field(description="The owner's name.")
    entered_at: datetime
    days: float
    p90: float


class StandingShown(Shown):
    """How many were in a stage at the end of a week."""

    week_ends: date
    stage: str
    standing: int


class StageNames(Shown):
    """A stage, and what the presets call it."""

    stage: str
    title: str
    names: dict[str, str]


class FunnelShown(Shown):
    """A flow as it ran."""

    flow: str
    mode: str
    by: str | None
    skipped: str
    reopened: str
    preset: str | None
    start: date
    end: date
    steps: list[str]
    counts: list[CountShown]
    times: list[TimeShown]
    moves: list[MoveShown]
    leaks: list[LeakShown]
    standing: dict[str, int] = Field(description="How many are in each stage now.")
    stalled: list[StuckShown]
    weekly: list[StandingShown] = Field(description="How many were in each stage at the end of 104 weeks.")
    mapping: list[StageNames]
    as_of: datetime
    build: str
    built_at: datetime | None
    seen_at: datetime | None


class StageShown(Shown):
    """A stage: what was agreed, and how it runs."""

    name: str
    title: str
    says: str
    flow: str
    subject: str
    owner: str
    owner_names: list[str]
    enters: str | None
    enter_when: str | None
    exit_when: str | None
    required: list[str]
    now: int = Field(description="How many are in it.")
    by: str
    counts: list[CountShown]
    time: TimeShown | None
    times: list[TimeShown]
    arrivals: list[MoveShown]
    departures: list[MoveShown]
    leak: LeakShown | None
    stalled: list[StuckShown]


class StageQuery(AsOf):
    """Which time, and cut by what."""

    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")
    by: str | None = Field(None, description="Cut by this dimension.", max_length=200, examples=["source"])
    start: str | None = Field(
        None, alias="from", max_length=40, description="First day or period; default: twelve months back."
    )
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")


class OneStageQuery(StageQuery):
    """Which time, cut by what, and of which flow."""

    flow: str | None = Field(None, description="The flow it is of, where several have one of that name.")


class FunnelQuery(StageQuery):
    """Which flow, counted how."""

    flow: str = Field("lifecycle", description="lifecycle, or a pipeline.")
    mode: Literal["cohort", "period"] = Field("cohort", description="By when they came in, or entered the stage.")
    per: str | None = Field(None, description="day, week, month, quarter or year.")
    preset: str | None = Field(None, description="Under the names of another lifecycle.", examples=["four_stages"])
    skipped: str | None = Field(None, description="Stages jumped over: passed or missing; default: the model's.")
    reopened: str | None = Field(None, description="Who comes back: continues or again; default: the model's.")

    def question(self) -> FlowAsked:
        """As the verbs take it."""
        return FlowAsked(
            self.flow, self.by, self.mode == "cohort", self.per, self.start, self.end, self.preset, self.skipped,
            self.reopened, self.as_of,
        )  # fmt: skip


@reads(router, "/funnel", FunnelShown, may=(400, 409), summary="The funnel of the lifecycle or of a pipeline")
def funnel(request: HttpRequest, asked: Query[FunnelQuery]) -> Funnel:
    """Who came how far, how long it took, where they left and who is stuck."""
    space, now = workspace(), timezone.now()
    return whole(space, asked.question(), known_at=moment_of(asked.known_at, space, now), now=now)


class MemberShown(Shown):
    """Somebody whom a number of the funnel counts."""

    subject: str
    subject_id: str
    name: str | None
    account: str | None = Field(description="Their company's name.")
    owner: str | None
    day: date | None = Field(description="Since when they are at the stage, or the day they left it.")
    moved_on: bool | None = Field(description="Null for who left.")
    value: float | None = Field(description="In the company's currency; of who left.")


class WhoQuery(Paging, FunnelQuery):
    """Which number of the funnel: asked as the funnel is, of one step."""

    what: Literal["reached", "advanced", "left"] = Field("reached", description="Who reached it, moved on, or left.")
    period: str | None = Field(None, max_length=40, description="One of the funnel's periods; default: all of them.")
    cut: str | None = Field(None, max_length=200, description="The value of `by`; null: those without one.")

    @model_validator(mode="after")
    def _is_cut(self) -> Self:
        """Whose value `cut` is has to be said; without it everybody would be told as if they had that value."""
        if self.cut is not None and self.by is None:
            raise ValueError("cut is a value of `by`, which is missing")
        return self


@reads(router, "/lifecycle/{stage}/who", Page[MemberShown], may=(400, 404, 409), summary="Who is behind a number")
def lifecycle_who(request: HttpRequest, stage: Stage, asked: Query[WhoQuery]) -> Page[MemberShown]:
    """The people, deals or customers whom one number of the funnel counts."""
    space, now = workspace(), timezone.now()
    step = stage
    if asked.preset is None:
        with missing():
            step = agreed_stage(space.model, stage, asked.flow)[1].name
    found = whose(
        space,
        step,
        asked.question(),
        what=asked.what,
        period=asked.period,
        cut=asked.cut,
        size=asked.limit,
        offset=asked.offset,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
    return Page[MemberShown](
        items=[MemberShown.model_validate(one) for one in found.members],
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, found.total),
    )


@reads(router, "/lifecycle/{stage}", StageShown, may=(400, 404, 409), summary="A stage")
def lifecycle_stage(request: HttpRequest, stage: Stage, asked: Query[OneStageQuery]) -> StageTold:
    """What was agreed about a stage, who is in it, how long they stay and where they go."""
    space, now = workspace(), timezone.now()
    with missing():
        agreed_stage(space.model, stage, asked.flow)
    return one(
        space,
        stage,
        of=asked.flow,
        by=asked.by,
        start=asked.start,
        end=asked.end,
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
