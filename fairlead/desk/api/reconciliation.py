"""/api/reconciliation: CRM against billing, as a bridge between the two totals and as open items."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.reconciling import reconcile
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.shapes import Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace

router = Router(tags=["reconciliation"])


class ReconciliationAsked(AsOf):
    """Which open items, and by what was known when; the bridge is always of all."""

    kind: str | None = Field(None, max_length=40, description="Open items of this kind, such as wrong_amount.")
    owner: str | None = Field(None, max_length=200, description="Of this colleague: name, email or id; or `nobody`.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then.")


class BridgeStepShown(Shown):
    """A step from the CRM's total to billing's."""

    name: str = Field(examples=["not_invoiced"])
    title: str
    says: str
    rows: int
    money: Figure = Field(description="By how much it changes the total, in the company's currency.")


class SideShown(Shown):
    """One of the two totals: matched, explained and unexplained are all of it."""

    total: Figure
    rows: int
    matched: Figure
    explained: Figure
    unexplained: Figure


class KindShown(Shown):
    """What is reconciled of one kind."""

    kind: str
    title: str
    says: str
    is_open: bool
    rows: int
    deals: int
    lines: int
    matched: Figure = Field(description="What both sides say.")
    crm_only: Figure
    billing_only: Figure
    fx: Figure
    money: Figure = Field(description="What is at stake.")
    oldest: int | None = Field(description="Days since the oldest of them began.")


class CurrencyShown(Shown):
    """Both totals in one currency, and in the company's at the dated rates."""

    currency: str | None
    crm: Figure
    crm_money: Figure
    billing: Figure
    billing_money: Figure


class OpenItemShown(Shown):
    """Something to be looked at."""

    entry: str
    kind: str
    says: str
    account_id: str | None
    account: str | None
    opportunity_id: str | None
    deal: str | None
    line_id: str | None
    invoice_id: str | None
    owner_id: str | None
    owner: str | None
    owner_email: str | None
    age_days: int | None
    closed_on: date | None
    starts_on: date | None
    how: str | None = Field(description="key or likeness, where a deal and its billing were found to be one.")
    score: float | None = Field(description="How sure that is, 0 to 1.")
    crm_currency: str | None
    crm_amount: Figure | None
    billing_currency: str | None
    billing_amount: Figure | None
    due_amount: Figure | None = Field(
        description="Of what was invoiced otherwise: what was due, in billing's currency."
    )
    invoiced_amount: Figure | None = Field(description="What of it was invoiced, less credits.")
    money: Figure = Field(description="What is at stake, in the company's currency.")


class ReconciliationShown(Shown):
    """CRM against billing as of a day."""

    as_of: date
    currency: str
    build: str
    crm: SideShown
    billing: SideShown
    bridge: list[BridgeStepShown]
    kinds: list[KindShown]
    currencies: list[CurrencyShown]
    items: list[OpenItemShown] = Field(description="The open items asked for, the largest first.")
    items_total: int = Field(description="How many there are in all.")
    owners: list[str] = Field(description="Whose any of them are.")
    notes: list[ProblemShown] = Field(description="What was set aside, and is in none of these numbers.")


@reads(router, "/reconciliation", ReconciliationShown, may=(400, 409), summary="CRM against billing")
def reconciliation(request: HttpRequest, asked: Query[ReconciliationAsked]) -> ReconciliationShown:
    """A bridge from the CRM's won bookings to billing's contracts, and every difference as an open item."""
    space, now = workspace(), timezone.now()
    known = moment_of(asked.known_at, space, now)
    found = reconcile(space, kind=asked.kind, owner=asked.owner, as_of=asked.as_of, known_at=known, now=now)
    return ReconciliationShown.model_validate(found._asdict() | {"notes": problems_shown(found.notes)})
