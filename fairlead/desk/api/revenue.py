"""/api/revenue: what moved recurring revenue and what was kept, as we count and as others would; its movements."""

from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.revenue import RevenueTold
from fairlead.actions.revenue import revenue as whole
from fairlead.actions.revenue_rows import Asking as Times
from fairlead.actions.revenue_rows import behind
from fairlead.analysis.revenue_rows import MOVEMENTS
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following
from fairlead.desk.api.shapes import Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace
from fairlead.model.revenue import OURS

router = Router(tags=["revenue"])


class MovedShown(Shown):
    """How much moved by one kind of movement; a loss is negative."""

    kind: str = Field(
        description="new, expansion, contraction, churn, reactivation; fx, pause, resume, escalator, transfer"
    )
    money: Figure


class RevenueLine(Shown):
    """A period, in all or for one value of the dimension. Money is in the company's currency."""

    period: str = Field(examples=["2026-10"])
    value: str | None = Field(description="The value of the dimension; null where it has none, and where nothing cuts.")
    opening: Figure
    moved: list[MovedShown]
    closing: Figure = Field(description="Added up from the lines that run on the last day, not from the movements.")
    difference: Figure = Field(description="Of the closing, what opening and movements leave unexplained: 0.")
    nrr: float | None = Field(description="Share of the opening, of those who paid then; null where nobody did.")
    grr: float | None
    customers: int = Field(description="Who paid when the period began.")
    lost: int = Field(description="Of those, who left.")
    logo_retention: float | None


class LensSeen(Shown):
    """Revenue as one lens sees it."""

    lens: str
    title: str
    says: str
    switches: list[str] = Field(description="The switches in which it differs from ours.")
    lines: list[RevenueLine]
    committed: list[MovedShown] = Field(description="Known to come after the last day, and in no revenue yet.")
    cmrr: Figure = Field(description="MRR on the last day, with what is committed.")
    differ: int = Field(description="Accounts that it tells otherwise than we do.")
    apart: Figure = Field(description="What these have more than ours on the last day: the difference of the closing.")


class ToldApart(Shown):
    """What an account moved in a period by one kind, as we tell it and as the lens does."""

    period: str = Field(description="Empty for what was before: the revenue at the start.")
    kind: str = Field(description="A kind of movement; opening; or nrr, the money that counts in it.")
    ours: Figure
    theirs: Figure


class SeenOtherwise(Shown):
    """An account that a lens sees otherwise than we do."""

    lens: str
    account_id: str
    account: str | None
    was: Figure = Field(description="Recurring revenue on the last day, as we count.")
    would_be: Figure = Field(description="The same as the lens counts.")
    moved: Figure = Field(description="Money that is told as another kind or day, or otherwise in NRR, once, no sign.")
    why: list[str] = Field(description="The switches that make the difference.")
    told: list[ToldApart] = Field(
        description="Where: by period and kind. Without nrr they add up to the difference on the last day."
    )


class RevenueShown(Shown):
    """Recurring revenue over some time; `start` and `end` are both included."""

    as_of: date
    start: date
    end: date
    per: str
    by: str | None
    currency: str
    lenses: list[LensSeen]
    differences: list[SeenOtherwise] = Field(description="The 200 largest at most.")
    differences_total: int
    notes: list[ProblemShown] = Field(description="What does not balance, and what was set aside.")
    build: str


class MovementShown(Shown):
    """A movement of recurring revenue: a product of an account, on a day."""

    account_id: str
    account: str | None
    product: str | None
    moved_on: date
    kind: str = Field(description="As reports tell it: within a month a customer's movements are one.")
    kind_of_day: str = Field(description="As mart.mrr_movement has it.")
    money: Figure = Field(description="In the company's currency; a loss is negative.")
    before: Figure | None = Field(description="The customer's recurring revenue before that day.")
    after: Figure | None
    reason: str | None
    churn_kind: str | None
    line_id: str | None
    opportunity_id: str | None
    is_provisional: bool | None = Field(description="A later rate may replace the one it was converted with.")
    known_at: datetime | None


class RevenueQuery(AsOf):
    """Which time, cut by what."""

    start: str | None = Field(
        None, alias="from", max_length=40, description="First day or period; default: a year back."
    )
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    per: str = Field("month", max_length=20, description="day, week, month, quarter or year.")
    by: str | None = Field(None, max_length=200, description="Cut by this dimension.", examples=["segment"])
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")


class LensQuery(RevenueQuery):
    """Counted as whom."""

    lens: str = Field(OURS, max_length=400, description="ours, or lenses of the model, with commas between them.")


class MovementsQuery(RevenueQuery, Paging):
    """Which movements."""

    lens: str = Field(OURS, max_length=200, description="ours, or a lens of the model.")
    kind: str | None = Field(None, max_length=40, description="Only movements told as this kind.", examples=["churn"])
    value: str | None = Field(None, max_length=400, description="With `by`: only those of this value; none: of none.")
    account: str | None = Field(None, max_length=400, description="Only those of this account or customer.")


@reads(router, "/revenue", RevenueShown, may=(400, 409), summary="Recurring revenue, what moved it, what was kept")
def revenue(request: HttpRequest, asked: Query[LensQuery]) -> RevenueShown:
    """Opening, movements by kind, closing, NRR and GRR by period, under each lens, and who differs."""
    space, now = workspace(), timezone.now()
    told = whole(
        space,
        start=asked.start,
        end=asked.end,
        per=asked.per,
        by=asked.by,
        lenses=[name.strip() for name in asked.lens.split(",") if name.strip()] or [OURS],
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
    return _shown(told)


def _shown(told: RevenueTold) -> RevenueShown:
    others = [{"lens": one.lens, **one.account._asdict()} for one in told.differences]
    return RevenueShown.model_validate(told._asdict() | {"differences": others, "notes": problems_shown(told.notes)})


@reads(router, "/revenue/movements", Page[MovementShown], may=(400, 409), summary="The movements")
def revenue_movements(request: HttpRequest, asked: Query[MovementsQuery]) -> Page[MovementShown]:
    """The movements of some time, the most money first; their money adds up to what /api/revenue tells."""
    space, now = workspace(), timezone.now()
    known = moment_of(asked.known_at, space, now)
    times = Times(asked.start, asked.end, asked.per, asked.by, asked.lens, asked.as_of, known)
    chosen = times._replace(value=asked.value, account=asked.account)
    found = behind(space, asked.kind or MOVEMENTS, chosen, limit=asked.limit, offset=asked.offset, now=now)
    return Page[MovementShown](
        items=[MovementShown.model_validate(one) for one in found.rows],
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, found.total),
    )
