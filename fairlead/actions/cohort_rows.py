"""The customers behind a cell of the cohorts: who started in a period, and what is left of each of them later."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.cohorts import A_DAY, REVENUE, Question, understood
from fairlead.actions.days import Day
from fairlead.actions.laws import BAD_QUESTION
from fairlead.analysis import cohort as analysis
from fairlead.analysis.cohort import Chosen
from fairlead.problem import Refused, did_you_mean
from fairlead.values import Query, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 100


class Customer(NamedTuple):
    """A customer of a cohort: what it `started` with and what is `kept` of that at the end of day `end`, money a month.

    `is_here`: it is still a customer, paused ones too; else it left on `left_on`. `is_free`: it could have left.
    """

    account_id: str
    account: str | None
    cohort: str
    started_on: date
    end: date
    started: Decimal
    kept: Decimal
    is_here: bool
    left_on: date | None
    is_free: bool


class CustomersTold(NamedTuple):
    """Some of a cell's customers: `total` of them, who `started` with so much and of which so much is `kept`.

    `cohort` is None for all that are old enough. `here` are still customers, and `free` could have left.
    """

    as_of: date
    per: str
    by: str | None
    value: str | None
    cohort: str | None
    age: int
    currency: str
    rows: tuple[Customer, ...]
    total: int
    started: Decimal
    kept: Decimal
    here: int
    free: int
    build: str


class Asking(NamedTuple):
    """What is asked, as of the verb `cohorts`; `cohort` is one of its periods, None for all that are `age` old."""

    per: str = "month"
    by: str | None = None
    start: Day = None
    end: Day = None
    as_of: Day = None
    known_at: datetime | None = None
    cohort: str | None = None
    age: int = 0
    value: str | None = None


def customers(
    workspace: Workspace, asked: Asking, *, limit: int = PAGE, offset: int = 0, now: datetime | None = None
) -> CustomersTold:
    """The customers of a cell, those who started with the most first. Raises Refused for what is no cell."""
    question, chosen, query = _found(workspace, asked, now or datetime.now(UTC))
    there, periods = question.opened, question.ask.periods
    sums = there.reader.rows(analysis.sums(query)).to_pylist()[0]
    rows = there.reader.rows(analysis.page(query, limit, offset)).to_pylist()

    def last_day(cohort: int) -> date:
        return min(periods[cohort + chosen.age].end - A_DAY, there.as_of)

    return CustomersTold(
        there.as_of,
        str(question.ask.grain),
        asked.by,
        asked.value,
        asked.cohort,
        asked.age,
        question.currency,
        tuple(
            Customer(**row | {"cohort": periods[row["cohort"]].name, "end": last_day(row["cohort"])}) for row in rows
        ),
        sums["total"],
        sums["started"],
        sums["kept"],
        sums["here"],
        sums["free"],
        question.build,
    )


def customers_table(workspace: Workspace, asked: Asking, *, limit: int, now: datetime | None = None) -> "pa.Table":
    """The same for a file, a row a customer."""
    import pyarrow as pa

    rows = customers(workspace, asked, limit=limit, now=now).rows
    return pa.table({name: [getattr(row, name) for row in rows] for name in Customer._fields})


def _found(workspace: Workspace, asked: Asking, now: datetime) -> tuple[Question, Chosen, Query]:
    times = Times((), asked.per, (), None, asked.start, asked.end, asked.as_of)
    question = understood(workspace, times, asked.by, REVENUE, asked.known_at, now, quiet)
    chosen = _chosen(question, asked)
    return question, chosen, analysis.customers(question.ask, chosen)


def _chosen(question: Question, asked: Asking) -> Chosen:
    """The cohorts that are meant; raises Refused where there is none such, or none as old."""
    names = [period.name for period in question.ask.periods[: question.last + 1]]
    if asked.cohort is not None and asked.cohort not in names:
        hint = did_you_mean(asked.cohort, names)
        raise Refused([BAD_QUESTION.broken(f"'{asked.cohort}' is none of the cohorts asked for.", hint=hint)])
    if asked.cohort is None:
        first, last = 0, min(question.last, question.over - asked.age)
    else:
        first = last = names.index(asked.cohort)
    if asked.age < 0 or last < 0 or last + asked.age >= len(question.ask.periods):
        hint = f"Ages count {question.ask.grain}s from 0, up to the one that is running."
        raise Refused(
            [BAD_QUESTION.broken(f"No cohort asked for is {asked.age} {question.ask.grain}s old.", hint=hint)]
        )
    return Chosen(first, last, asked.age, asked.value)
