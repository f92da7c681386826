"""Behind a number of recurring revenue: its movements, the accounts that pay, the customers of a cohort."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.days import Day
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.lensing import counted
from fairlead.actions.revenue import Line, Question, seen_by, understood
from fairlead.analysis import revenue_rows as rows
from fairlead.analysis.revenue_report import LENS, MART, Told
from fairlead.analysis.revenue_rows import WHAT, Chosen
from fairlead.model.revenue import OURS, Switches
from fairlead.problem import Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.values import Period, Query, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 100
SPANS = "mart.mrr_span"


class Behind(NamedTuple):
    """A movement, an account with revenue, or a customer of a cohort; money in the company's currency.

    `kind` is what reports tell it as, `kind_of_day` what mart.mrr_movement has: within a month a customer's changes
    are one. Of a cohort `money` is what counts in NRR, `before` and `after` what the customer paid.
    """

    account_id: str
    account: str | None
    product: str | None
    moved_on: date | None
    kind: str | None
    kind_of_day: str | None
    money: Decimal
    before: Decimal | None
    after: Decimal | None
    reason: str | None
    churn_kind: str | None
    line_id: str | None
    opportunity_id: str | None
    is_provisional: bool | None
    known_at: datetime | None


class BehindTold(NamedTuple):
    """Some of the rows behind a number: `total` of them, `money` in all. `start` and `end` are both included.

    `whole` is the time as one period, with what it opened and closed with and what was kept. `account` is the id that
    was asked for, `name` its name.
    """

    what: str
    lens: str
    as_of: date
    start: date
    end: date
    per: str
    by: str | None
    value: str | None
    currency: str
    account: str | None
    name: str | None
    whole: Line
    rows: tuple[Behind, ...]
    total: int
    money: Decimal
    build: str


class Asking(NamedTuple):
    """What is asked, as of the verb `revenue`, under one `lens`; `period` is one of its periods, None for all."""

    start: Day = None
    end: Day = None
    per: str = "month"
    by: str | None = None
    lens: str = OURS
    as_of: Day = None
    known_at: datetime | None = None
    period: str | None = None
    value: str | None = None
    account: str | None = None


class _Found(NamedTuple):
    question: Question
    switches: Switches
    given: Mapping[str, "pa.Table"]

    @property
    def told(self) -> Told:
        return LENS if self.given else MART

    def query(self, what: str, asked: Asking) -> Query:
        """The rows behind a number; raises Refused where revenue has no such number."""
        if what not in WHAT:
            hint = did_you_mean(what, WHAT)
            raise Refused([BAD_QUESTION.broken(f"'{what}' is nothing that revenue has.", hint=hint)])
        chosen = Chosen(what, asked.account, asked.value)
        return rows.behind(self.question.told(self.switches), self.told, chosen)

    def named(self, account: str | None) -> str | None:
        """An account's name, its id where it has none."""
        if account is None:
            return None
        names = self.question.opened.reader.rows(rows.called(account)).column(0).to_pylist()
        return next(filter(None, names), account)

    def over(self, period: Period) -> Line:
        """One stretch of time as one period, over all values of the dimension."""
        asked = self.question.asked._replace(periods=(period,), by=None)
        (line,) = seen_by(self.question._replace(asked=asked), OURS, self.switches, self.given).lines
        return line


def behind(  # noqa: PLR0913 - what is asked, and which stretch of the rows
    workspace: Workspace, what: str, asked: Asking, *, limit: int = PAGE, offset: int = 0, now: datetime | None = None
) -> BehindTold:
    """The rows behind a number, the most money first: `what` is a kind of movement, movements (all of them), opening,
    closing, retained or lost.

    Raises Refused with everything that is wrong with the question.
    """
    found = _found(workspace, asked, now or datetime.now(UTC))
    question, start, end = found.question, found.question.asked.start, found.question.asked.end
    query = found.query(what, asked)
    sums = question.rows(rows.sums(query), found.given).to_pylist()[0]
    told = question.rows(rows.page(query, limit, offset), found.given).to_pylist()
    return BehindTold(
        what,
        asked.lens,
        question.opened.as_of,
        start,
        end - timedelta(days=1),
        str(question.grain),
        asked.by,
        asked.value,
        question.currency,
        asked.account,
        found.named(asked.account),
        found.over(Period("whole", start, end)),
        tuple(Behind(**row) for row in told),
        sums["total"],
        sums["money"],
        question.build.name,
    )


def year(workspace: Workspace, asked: Asking, *, now: datetime | None = None) -> tuple[date, Line]:
    """The twelve months up to the end of the time asked for as one cohort, and their first day."""
    found = _found(workspace, asked, now or datetime.now(UTC))
    end = found.question.asked.end
    start = _year_before(end)
    return start, found.over(Period("twelve months", start, end))


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - 1, day=28)


def _found(workspace: Workspace, asked: Asking, now: datetime) -> _Found:
    """The question over the one period asked for, and the tables that answer it."""
    times = Times((), asked.per, (), None, asked.start, asked.end, asked.as_of)
    question = understood(workspace, times, asked.by, (asked.lens,), asked.known_at, now, quiet)
    periods = tuple(one for one in question.asked.periods if asked.period in (None, one.name))
    if not periods:
        raise Refused([BAD_QUESTION.broken(f"'{asked.period}' is none of the periods asked for.")])
    question = question._replace(asked=question.asked._replace(periods=periods))
    switches = question.agreed.lens(asked.lens) or question.agreed.switches
    given = {} if asked.lens == OURS else counted(question.opened, question.currency, switches)
    return _Found(question, switches, given)


def has_lines(workspace: Workspace, build: str) -> bool:
    """Whether the build has any line of a contract that is paid for; without one there is nothing to tell."""
    return bool(manifest(workspace.lake.builds / build)["rows"].get(SPANS))


def behind_table(
    workspace: Workspace, what: str, asked: Asking, *, limit: int, now: datetime | None = None
) -> "pa.Table":
    """The rows behind a number for a file: a column a part of `Behind`, without those that say nothing of these."""
    found = _found(workspace, asked, now or datetime.now(UTC))
    told = found.question.rows(rows.page(found.query(what, asked), limit, 0), found.given)
    there = [name for name in Behind._fields if told[name].null_count < told.num_rows or name == "account_id"]
    return told.select(there)
