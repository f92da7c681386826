"""/api/renewals: what is due to renew, what is at risk, the checkpoints, and what is expected to be renewed."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.renewing import renewals as verb
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.shapes import Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace

router = Router(tags=["renewals"])


class RenewalsAsked(AsOf):
    """Which renewals, and by what was known when; the months are always of all."""

    start: str | None = Field(None, alias="from", max_length=40, description="First day or period: 2026-Q1.")
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    at_risk: bool = Field(False, description="List only renewals that are at risk.")
    owner: str | None = Field(None, max_length=200, description="List only those of this colleague: name or id.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then.")


class ExpectedShown(Shown):
    """What is expected of what is open, with its interval at 95 %."""

    renewed: Figure
    low: Figure
    high: Figure
    upsell: Figure = Field(description="Beside it, never in it.")


class MonthShown(Shown):
    """What is due in a month: due = renewed + lost + open. Recurring revenue a month."""

    month: str = Field(description="2026-03; empty in the total.")
    renewals: int
    due: Figure
    renewed: Figure
    lost: Figure
    open: Figure
    open_count: int
    at_risk: Figure
    at_risk_count: int
    upsell: Figure
    expected: ExpectedShown | None = Field(description="Null where nothing is open, or nothing was due before.")


class RateShown(Shown):
    """What a segment kept of what was due."""

    segment: str | None
    renewals: int
    share: float
    low: float
    high: float
    upsell: float
    is_own: bool = Field(description="False: too few of its own, so the company's.")


class CheckpointShown(Shown):
    """Open renewals in a state at a checkpoint."""

    days_before: int
    state: str = Field(description="kept, missed or due.")
    renewals: int
    mrr_due: Figure


class NotRenewedShown(Shown):
    """What was due and not renewed for one reason."""

    kind: str | None = Field(description="voluntary or involuntary; null where nobody said.")
    reason: str | None
    renewals: int
    lost: Figure


class RenewalShown(Shown):
    """A renewal; the fields after the reason are of open ones."""

    account_id: str
    account: str | None
    due_on: date
    segment: str | None
    owner_id: str | None
    owner: str | None
    line_count: int
    mrr_due: Figure
    mrr_renewed: Figure
    mrr_upsell: Figure
    outcome: str = Field(description="open, renewed, early, late or lost.")
    auto_renews: bool | None
    churn_kind: str | None = Field(description="voluntary or involuntary, of what was not all renewed.")
    reason: str | None = Field(description="Why not, where anybody said.")
    days_left: int | None
    is_at_risk: bool
    signs: int
    says: str = Field(description="The signs of risk in words.")
    usage_now: float | None
    usage_before: float | None
    last_contact_on: date | None
    open_tickets: int | None
    past_due: Figure | None
    last_score: float | None
    checkpoint: int | None = Field(description="The checkpoint it is in, in days before the due day.")
    is_checkpoint_due: bool
    missed: int
    playbooks: list[str] = Field(description="Playbooks that are called for, with the step that is due.")


class RenewalsShown(Shown):
    """Renewals that are due in a stretch of time."""

    as_of: date
    start: date
    end: date
    currency: str
    notes: list[ProblemShown] = Field(description="What was set aside of the contract lines.")
    build: str
    months: list[MonthShown]
    total: MonthShown
    rates: list[RateShown]
    checkpoints: list[CheckpointShown]
    reasons: list[NotRenewedShown]
    items: list[RenewalShown]
    settled_on: date = Field(description="Renewals due up to that day are settled; the rates are of those.")


@reads(router, "/renewals", RenewalsShown, may=(400, 409), summary="Renewals")
def renewals(request: HttpRequest, asked: Query[RenewalsAsked]) -> RenewalsShown:
    """The calendar of what is due, what is at risk, the checkpoints, and the forecast apart from upsell."""
    space, now = workspace(), timezone.now()
    found = verb(
        space,
        start=asked.start,
        end=asked.end,
        at_risk=asked.at_risk,
        owner=asked.owner,
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
    told: dict[str, Any] = found._asdict()
    told["rates"] = [one._asdict() | one.interval._asdict() for one in found.rates]
    return RenewalsShown.model_validate(told | {"notes": problems_shown(found.notes)})
