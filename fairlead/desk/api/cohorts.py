"""/api/cohorts: what is left of those who started together, and who they are; /api/churn: why revenue was lost."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.cohort_rows import Asking as Times
from fairlead.actions.cohort_rows import customers
from fairlead.actions.cohorts import REVENUE
from fairlead.actions.cohorts import cohorts as verb
from fairlead.actions.leaving import leaving
from fairlead.desk.api.moments import AsOf
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following
from fairlead.desk.api.shapes import Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace

router = Router(tags=["revenue"])


class CellShown(Shown):
    """What is left of a cohort at the end of the `age`-th period after the one it started in."""

    age: int
    kept: Figure = Field(description="Recurring revenue a month in the company's currency, or customers.")
    share: float | None = Field(description="Of what it started with; null of nothing.")
    eligible: int = Field(description="Customers who could have left by then: contracts bound the others.")
    is_running: bool = Field(description="The period is not over.")


class CohortShown(Shown):
    """Who started in a period, in all or of one value of the dimension."""

    period: str = Field(examples=["2026-03"])
    value: str | None = Field(description="The value of the dimension; null where it has none, and where nothing cuts.")
    customers: int
    started: Figure
    cells: list[CellShown]


class AgeShown(Shown):
    """What all cohorts of a value that are `age` periods old kept together."""

    value: str | None
    age: int
    share: float | None
    cohorts: int
    young: int = Field(description="Cohorts that are not as old yet.")


class CohortsShown(Shown):
    """The triangle; with a dimension one for each of its values."""

    as_of: date
    per: str
    by: str | None
    what: str
    currency: str
    cohorts: list[CohortShown]
    ages: list[AgeShown]
    young: int = Field(description="Cells that cannot tell yet: their period is not over, or has not begun.")
    notes: list[ProblemShown] = Field(description="What was set aside of the contract lines.")
    build: str


class CohortsQuery(AsOf):
    """Which cohorts."""

    per: str = Field("month", max_length=20, description="month or quarter.")
    by: str | None = Field(None, max_length=200, description="Cut by this dimension.", examples=["segment"])
    start: str | None = Field(
        None, alias="from", max_length=40, description="First day or period; default: two years, by quarter three."
    )
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")


class KeptQuery(CohortsQuery):
    """Of revenue or of customers."""

    what: str = Field(REVENUE, max_length=20, description="revenue or logos.")


class CustomersQuery(CohortsQuery, Paging):
    """Which cell."""

    cohort: str | None = Field(None, max_length=40, description="A cohort's period; none: all that are as old.")
    age: int = Field(0, ge=0, le=1200, description="Periods after the one it started in.")
    value: str | None = Field(None, max_length=400, description="With `by`: those of this value; none: of none.")


class CohortCustomer(Shown):
    """A customer of a cohort; money is recurring revenue a month, in the company's currency."""

    account_id: str
    account: str | None
    cohort: str
    started_on: date
    end: date = Field(description="The last day that counts.")
    started: Figure
    kept: Figure
    is_here: bool = Field(description="Still a customer, paused ones too.")
    left_on: date | None
    is_free: bool = Field(description="It could have left by then.")


class RevenueLost(Shown):
    """Revenue lost for one reason."""

    kind: str | None = Field(description="voluntary, involuntary; null where nobody says.")
    reason: str | None
    movement: str = Field(description="churn or contraction.")
    customers: int
    money: Figure


class LifetimeShown(Shown):
    """What a customer is worth: arpa times margin over churn. Null where nothing was paid or lost."""

    segment: str | None = Field(description="The value of `by`; null in what is told of all customers.")
    arpa: float | None
    margin: float | None = Field(description="Gross margin; null without a ledger: the value is one of revenue then.")
    churn: float | None = Field(description="The share of recurring revenue lost a month.")
    value: float | None
    low: float | None = Field(description="The lower end of the interval at 95 %.")
    high: float | None = Field(description="The upper end; null where nothing may be lost.")
    customers: int


class ChurnShown(Shown):
    """Revenue lost from `start` to `end`, both included."""

    start: date
    end: date
    currency: str
    lost: list[RevenueLost]
    lifetime: LifetimeShown
    segments: list[LifetimeShown] = Field(description="The same of each segment, or value of `by`.")
    by: str
    notes: list[ProblemShown] = Field(description="What was set aside of the contract lines.")
    build: str


class ChurnQuery(AsOf):
    """Of which time, cut by what."""

    by: str = Field("segment", max_length=200, description="Cut lifetime value by this dimension.", examples=["source"])
    start: str | None = Field(
        None, alias="from", max_length=40, description="First day or period; default: a year back."
    )
    end: str | None = Field(None, alias="to", max_length=40, description="Last day or period, included.")
    known_at: str | None = Field(None, max_length=40, description="Answer from what was known then: 2026-03-31.")


@reads(router, "/cohorts", CohortsShown, may=(400, 409), summary="Cohorts, what is left of them later")
def cohorts(request: HttpRequest, asked: Query[KeptQuery]) -> CohortsShown:
    """Who started in each month or quarter, what is left of them in each after, and how many are too young to tell."""
    space, now = workspace(), timezone.now()
    told = verb(
        space,
        per=asked.per,
        by=asked.by,
        what=asked.what,
        start=asked.start,
        end=asked.end,
        as_of=asked.as_of,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
    return CohortsShown.model_validate(told._asdict() | {"notes": problems_shown(told.notes)})


@reads(router, "/cohorts/customers", Page[CohortCustomer], may=(400, 409), summary="The customers of a cohort")
def cohort_customers(request: HttpRequest, asked: Query[CustomersQuery]) -> Page[CohortCustomer]:
    """Who is behind a cell, those who started with the most first; their money adds up to it."""
    space, now = workspace(), timezone.now()
    known = moment_of(asked.known_at, space, now)
    times = Times(asked.per, asked.by, asked.start, asked.end, asked.as_of, known)
    chosen = times._replace(cohort=asked.cohort, age=asked.age, value=asked.value)
    found = customers(space, chosen, limit=asked.limit, offset=asked.offset, now=now)
    return Page[CohortCustomer](
        items=[CohortCustomer.model_validate(one) for one in found.rows],
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, found.total),
    )


@reads(router, "/churn", ChurnShown, may=(400, 409), summary="Why revenue was lost, and a customer's worth")
def churn(request: HttpRequest, asked: Query[ChurnQuery]) -> ChurnShown:
    """Revenue lost by reason, voluntarily or not, and lifetime value with its interval."""
    space, now = workspace(), timezone.now()
    known = moment_of(asked.known_at, space, now)
    told = leaving(space, start=asked.start, end=asked.end, by=asked.by, as_of=asked.as_of, known_at=known, now=now)
    return ChurnShown.model_validate(told._asdict() | {"notes": problems_shown(told.notes)})
