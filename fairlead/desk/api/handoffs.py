"""/api/handoffs: how handoffs run, what their gaps cost, both sides of the story, and customers who left early."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import P, PathEx, Query, Router
from pydantic import Field

from fairlead.actions import handing
from fairlead.actions.briefing import brief
from fairlead.actions.churning import left_early
from fairlead.actions.pricing import Gap, Seen, seen
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import Figure, Shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace

router = Router(tags=["handoffs"])

Named = PathEx[str, P(description="A handoff of the model.", example="mql_to_sql")]


class HandoffDays(AsOf):
    """Which handoffs: those of some days, by what was known when."""

    start: str | None = Field(None, alias="from", max_length=40, description="First day or period: 2026-Q1.")
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then.")


class HandoffRun(Shown):
    """How one handoff ran; shares are 0 to 1, null where nothing is known."""

    name: str = Field(examples=["mql_to_sql"])
    title: str
    giver: str = Field(description="The function that hands over.")
    taker: str
    handed: int
    responded: int
    late: float | None = Field(description="Answered late, or past the limit without an answer.")
    hours: float | None = Field(description="Of those answered, half within: hours that count for the limit.")
    accepted: float | None
    returned: float | None
    completeness: float | None
    quality: float | None
    friction: float | None = Field(description="Share that did not run clean: late, returned or incomplete.")
    lost: Figure = Field(description="What its gaps count for in the total.")


class GapShown(Shown):
    """Something that a handoff lacks, and what that costs; nulls where it has no price, and `note` says why."""

    handoff: str
    gap: str = Field(examples=["company"])
    kind: str = Field(description="agreement, record, time or unseen.")
    says: str
    known: int = Field(description="Handoffs of which it can be told.")
    lacking: int
    compared: int | None = Field(description="Of those, old enough and with peers.")
    converted_with: float | None
    converted_without: float | None
    costs_alone: Figure | None = Field(description="The loss if this were the only gap.")
    low: Figure | None = Field(description="Lower end of its interval at 95 %.")
    high: Figure | None
    counts_for: Figure = Field(description="What it counts for in the total: no deal counts twice.")
    deals: int
    ease: float = Field(description="How easily it is closed, 0 to 1.")
    note: str


class SlowShown(Shown):
    """Where a handoff takes conspicuously longer than elsewhere."""

    handoff: str
    dimension: str
    value: str
    answered: int
    hours: float
    others: float


class TotalShown(Shown):
    """What gaps count for together, and its interval at 95 %."""

    amount: Figure
    low: Figure
    high: Figure


class HandoffsShown(Shown):
    """Every handoff, and its gaps ranked."""

    currency: str
    build: str
    start: date
    end: date
    as_of: date
    worst: str | None = Field(description="The handoff that chafes most.")
    reason: str
    total: TotalShown = Field(
        description="Adds only what seems to cost something, so it is rather too high than too low."
    )
    certain: TotalShown = Field(
        description="Of the total, what gaps count for whose interval leaves out zero and that are no hindsight."
    )
    handoffs: list[HandoffRun]
    gaps: list[GapShown]
    slow: list[SlowShown]


class PackageShown(Shown):
    """An item of the agreement."""

    item: str
    says: str
    is_needed: bool
    is_promised: bool
    column: str | None
    seen: int
    there: int


class RecycledShown(Shown):
    """What came back, by one value of a dimension."""

    dimension: str
    value: str
    handed: int
    returned: int
    not_agreed: int
    came_back: int
    converted: int


class SideShown(Shown):
    """Both sides of the story for one value of a dimension."""

    dimension: str
    value: str
    handed: int
    answered: float
    late_count: int
    minutes: float | None
    attempts: float | None
    accepted: float
    in_time: float | None
    late: float | None


class ChoiceShown(Shown):
    """Something that could be done."""

    name: str
    says: str
    supported: bool


class BriefShown(Shown):
    """Weak leads or no follow-up: what each explains of the acceptances that are missing."""

    sentence: str
    handed: int
    accepted: int
    apart: int = Field(description="Handed over, and not known yet whether accepted or answered in time.")
    missing: float
    leads: float = Field(description="Of those missing, what weak leads explain; of a deal what was handed over.")
    answers: float
    weak: list[str]
    sides: list[SideShown]
    choices: list[ChoiceShown]


class OneHandoffShown(Shown):
    """One handoff with what was agreed."""

    currency: str
    build: str
    running: HandoffRun
    package: list[PackageShown]
    gaps: list[GapShown]
    total: TotalShown
    certain: TotalShown
    slow: SlowShown | None
    recycled: list[RecycledShown]
    brief: BriefShown


class LeaveShown(Shown):
    """A gate that was waived."""

    stage: str
    by: str
    reason: str


class PromiseShown(Shown):
    """A promised item that was written down, and what its column reads today."""

    item: str
    says: str


class ChurnedShown(Shown):
    """A customer who left within 90 days, and the sale."""

    account_id: str
    account: str
    starts_on: date
    left_on: date
    days: int
    mrr: Figure
    discount: float | None
    opportunity_id: str | None
    deal: str | None
    seller: str | None
    source: str | None
    written: str
    unwritten: str
    late: str
    slipped: str
    waived: list[LeaveShown]
    promises: list[PromiseShown]


class EarlyChurnShown(Shown):
    """Customers who left early, of those who started."""

    sentence: str
    started: int
    mrr: Figure
    unseen: list[str] = Field(description="Promised items that no column can show: not known to be written down.")
    churned: list[ChurnedShown]


def _seen(asked: HandoffDays) -> Seen:
    space, now = workspace(), timezone.now()
    known = moment_of(asked.known_at, space, now)
    return seen(space, start=asked.start, end=asked.end, as_of=asked.as_of, known_at=known, now=now)


def _gap(gap: Gap) -> GapShown:
    price = gap.price
    told: dict[str, Any] = gap._asdict() | {"counts_for": gap.charged.amount, "deals": gap.charged.deals}
    told |= dict.fromkeys(("compared", "converted_with", "converted_without", "costs_alone", "low", "high"))
    if price:
        told |= {"compared": price.compared, "converted_with": price.share_with, "costs_alone": price.alone}
        told |= {"converted_without": price.share_without, **price.interval._asdict()}
    return GapShown.model_validate(told)


@reads(router, "/handoffs", HandoffsShown, may=(400, 409), summary="The handoffs and their gaps")
def handoffs(request: HttpRequest, asked: Query[HandoffDays]) -> HandoffsShown:
    """Every handoff as it ran, its gaps priced and ranked, and the one to begin with."""
    found = handing.handoffs(_seen(asked))
    return HandoffsShown.model_validate(found._asdict() | {"gaps": [_gap(gap) for gap in found.gaps]})


@reads(router, "/handoffs/{handoff}", OneHandoffShown, may=(400, 404, 409), summary="One handoff")
def one_handoff(request: HttpRequest, handoff: Named, asked: Query[HandoffDays]) -> OneHandoffShown:
    """One handoff: the package, its gaps, what came back, and the neutral brief."""
    with missing():
        handing.named(workspace(), handoff)
    here = _seen(asked)
    found = handing.handoff(here, handoff)
    told = found._asdict() | {"gaps": [_gap(gap) for gap in found.gaps], "brief": brief(here, handoff)}
    return OneHandoffShown.model_validate(told)


@reads(router, "/early-churn", EarlyChurnShown, may=(400, 409), summary="Customers who left within 90 days")
def early_churn(request: HttpRequest, asked: Query[HandoffDays]) -> EarlyChurnShown:
    """Customers who left within 90 days of starting, traced to the deal that brought them."""
    return EarlyChurnShown.model_validate(left_early(_seen(asked)))
