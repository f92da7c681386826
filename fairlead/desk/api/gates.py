"""/api/gates and /api/gate: how gates do, who cannot go on, and what one record lacks."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import P, PathEx, Query, Router
from pydantic import Field

from fairlead.actions.at_gate import AtGate, Criterion
from fairlead.actions.gate_report import GatesReport, gates_report
from fairlead.actions.gates import gate as at_gate
from fairlead.actions.gates import record_named
from fairlead.actions.lacking import who_lacks
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following, stretch
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import Cell, Shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace

router = Router(tags=["gates"])

Subject = PathEx[str, P(description="person, opportunity or account.", example="opportunity")]
Record = PathEx[str, P(description="Its id, or its key in its source.", example="salesforce:006Hc0000000000IAR")]


class LackShown(Shown):
    """Something that a gate asks for, and how many lacked it."""

    item: str = Field(description="A required column, or exit for the exit criterion.", examples=["next_step"])
    lacked: int
    slipped: int
    waived: int
    stopped: int


class UntoldShown(Shown):
    """A column without a history."""

    item: str = Field(examples=["contacts"])
    stays: int = Field(description="Of how many who left it was taken as it is today.")


class FaredShown(Shown):
    """How many passed one way, and how many of those succeeded."""

    hits: int
    cases: int
    share: float | None = Field(description="Share from 0 to 1; null without cases.")


class IntervalShown(Shown):
    """An interval at 95 % (Newcombe 1998, method 10), as shares."""

    low: float
    high: float


class ComparedShown(Shown):
    """Those who passed with everything against those who slipped through. No proof of a cause: nobody went by lot."""

    clean: FaredShown
    slipped: FaredShown
    difference: float | None = Field(description="Clean less slipped, as shares.")
    interval: IntervalShown | None
    verdict: str = Field(description="useful, no_difference, too_few, reversed or nothing_after.")


class GateCounts(Shown):
    """How one gate did."""

    flow: str = Field(examples=["sales"])
    stage: str = Field(examples=["discovery"])
    is_end: bool = Field(description="Nothing comes after the stage: nobody passes it.")
    came: int
    waiting: int = Field(description="Still in the stage.")
    waiting_waived: int = Field(description="Of those, who may go on by leave.")
    passed: int = Field(description="clean + slipped + waived.")
    clean: int
    slipped: int
    waived: int
    stopped: int
    from_today: int = Field(description="Of those who came, with something taken as it is today.")
    completeness: float | None = Field(
        description="Of the required fields of those who passed, the share that was there; at an end, of those in it."
    )
    won: ComparedShown | None = Field(description="Of deals, those won of those closed; null for other subjects.")
    won_waived: FaredShown | None
    went_on: ComparedShown = Field(description="Those who left the next stage forward.")
    verdict: str
    says: str = Field(description="The verdict in words.")


class GateReported(GateCounts):
    """One gate: what it asks for, how it did with everybody, and what they lacked."""

    label: str
    subject: str
    owner: str
    required: list[str]
    exit_when: str
    lacks: list[LackShown]
    untold: list[UntoldShown] = Field(description="Columns without a history, which count as they are today.")
    hindsight: str = Field(description="The same in words; empty where the record tells all.")


class GatePart(GateCounts):
    """How one gate did with some."""

    period: str = Field(description="Empty where it is not cut by time.")
    cut: str | None = Field(description="The value of what it is cut by.")
    start: date | None
    end: date | None


class GatesShown(Shown):
    """Every gate, and the same cut."""

    gates: list[GateReported]
    by: str | None
    per: str | None
    parts: list[GatePart] = Field(description="Empty where nothing is cut.")
    start: date | None
    end: date | None
    as_of: date
    build: str
    built_at: datetime | None
    seen_at: datetime | None


class GatesQuery(AsOf):
    """Which gates, of which time, cut by what."""

    flow: str | None = Field(None, max_length=200, description="Only the gates of lifecycle, or of a pipeline.")
    by: str | None = Field(None, max_length=200, description="Cut by this dimension.", examples=["account.segment"])
    per: str | None = Field(None, max_length=40, description="day, week, month, quarter or year.")
    start: str | None = Field(None, alias="from", max_length=40, description="First day or period: 2026-Q1.")
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")


@reads(router, "/gates", GatesShown, may=(400, 409), summary="How the gates do")
def gates(request: HttpRequest, asked: Query[GatesQuery]) -> GatesReport:
    """Who came, passed and was stopped at every gate, what lacked, and whether passing clean goes with winning."""
    space, now = workspace(), timezone.now()
    return gates_report(
        space,
        flow=asked.flow,
        by=asked.by,
        per=asked.per,
        start=asked.start,
        end=asked.end,
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )


class LacksShown(Shown):
    """A record that cannot go on."""

    subject: str
    subject_id: str
    name: str
    account: str
    flow: str
    stage: str
    label: str
    missing: list[str]
    lacks_exit: bool
    owner_id: str | None
    owner: str
    entered_at: datetime
    days: int


class LackingQuery(Paging, AsOf):
    """Who cannot go on, of which flow."""

    flow: str | None = Field(None, max_length=200, description="Only lifecycle, or a pipeline.")


@reads(router, "/gates/lacking", Page[LacksShown], may=(400, 409), summary="Who cannot go on")
def lacking(request: HttpRequest, asked: Query[LackingQuery]) -> Page[LacksShown]:
    """Everybody at a gate who lacks something that nobody waived, the one who waits longest first."""
    found = who_lacks(workspace(), flow=asked.flow, as_of=asked.as_of, now=timezone.now()).records
    return Page[LacksShown](
        items=[LacksShown.model_validate(one) for one in stretch(found, asked)],
        total=len(found),
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, len(found)),
    )


class FillsShown(Shown):
    """A source that fills a column."""

    source: str
    files: list[str]
    columns: list[str]


class WhenceShown(Shown):
    """From where a column should come, and who answers for it."""

    column: str
    origin: str = Field(description="table.column of the record.")
    fills: list[FillsShown] = Field(description="Empty where no source has it.")
    system: str
    owner: str
    steward: str


class ProofShown(Shown):
    """What somebody did in the stay."""

    kind: str = Field(examples=["meeting"])
    at: datetime
    by: str = Field(description="The colleague; empty where none is known.")


class NeedShown(Shown):
    """A required column. Grades of evidence: 0 not filled, 1 filled, 2 somebody acted, 3 the customer confirmed."""

    column: str
    label: str
    value: Cell
    shown: str = Field(description="The name of whom an id means.")
    grade: int
    demanded: int
    is_met: bool
    is_today: bool = Field(description="The record does not tell what it was then.")
    proof: ProofShown | None = Field(
        description="The last entry of the stay that gives it a grade of 2 or 3, or that it was written after."
    )
    written_at: datetime | None = Field(description="When it last became what it is; null where no change is told.")
    is_newer: bool = Field(description="It was written on a later day: nobody has looked at this value since.")
    comes_from: WhenceShown


class NowShown(Shown):
    """A column that a condition reads, and its value."""

    column: str
    value: Cell


class CriterionShown(Shown):
    """A condition that has to hold, as the model says it."""

    text: str
    holds: bool | None
    values: list[NowShown]
    comes_from: list[WhenceShown]


class WaiverShown(Shown):
    """Leave to pass without something."""

    id: str
    stage: str
    what: str = Field(description="A required column, or exit; empty for everything.")
    reason: str
    by: str
    at: datetime
    until: date | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    counts: bool = Field(description="Whether it holds on the day asked about.")
    has_run_out: bool = Field(description="Whether its last day is over by then.")


class DeciderShown(Shown):
    """A role that may waive, and who holds it."""

    name: str
    title: str
    holders: list[str]


class AsksShown(Shown):
    """What one stage asks of the record before it may go on."""

    flow: str
    stage: str
    called: str = Field(description="What a waiver calls the stage: with its flow where two have its name.")
    label: str
    needs: list[NeedShown]
    criteria: list[CriterionShown]
    missing: list[str]
    is_exit_met: bool | None
    blocks: list[str] = Field(description="What lacks and is not waived: columns, and exit for the exit criterion.")
    is_waived: bool
    may_pass: bool
    waivers: list[WaiverShown]
    may_waive: list[DeciderShown]


class GateShown(Shown):
    """A record at its gate."""

    subject: str
    subject_id: str
    name: str
    flow: str
    flows: list[str] = Field(description="Every flow it goes through.")
    stage: str
    to: str | None
    entered_at: datetime
    asks: list[AsksShown]
    entry: list[CriterionShown] = Field(description="The criteria of the stage it wants to enter.")
    may_go: bool
    as_of: date
    build: str
    built_at: datetime | None
    seen_at: datetime | None


class GateQuery(AsOf):
    """Where it wants to go, seen from when."""

    to: str | None = Field(None, max_length=200, description="The stage to go to; default: out of its own.")
    flow: str | None = Field(None, max_length=200, description="Of which flow; default: a deal's pipeline.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")


@reads(router, "/gate/{subject}/{record}", GateShown, may=(400, 404, 409), summary="What a record lacks to go on")
def gate(request: HttpRequest, subject: Subject, record: Record, asked: Query[GateQuery]) -> GateShown:
    """What a record lacks, from where it should come, and who may waive it."""
    space, now = workspace(), timezone.now()
    known = moment_of(asked.known_at, space, now)
    if space.lake.current() is not None:  # without a build nothing is missing yet: the verb says that there is none
        with missing():
            record_named(space, subject, record)
    return _gate(
        at_gate(space, subject, record, to=asked.to, flow=asked.flow, as_of=asked.as_of, known_at=known, now=now)
    )


def _gate(found: AtGate) -> GateShown:
    def criterion(one: Criterion) -> dict[str, Any]:
        told: dict[str, Any] = one._asdict()
        return told | {"values": [{"column": name, "value": value} for name, value in one.values]}

    asks = [one._asdict() | {"criteria": [criterion(c) for c in one.criteria]} for one in found.asks]
    told = found._asdict() | {"asks": asks, "entry": [criterion(c) for c in found.entry]}
    return GateShown.model_validate(told)
