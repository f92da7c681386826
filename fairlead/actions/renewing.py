"""Renewals: what is due month by month, what of it is at risk, which checkpoints have come, what will be renewed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked, Opened, build_for, holding, opened
from fairlead.actions.days import Day, days_of, in_order
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.revenue import LINES
from fairlead.actions.uncounted import noted, uncounted
from fairlead.analysis import renewing
from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.proportion import Interval
from fairlead.analysis.renewal_forecast import Before, Forecast, Rate, forecast, rates
from fairlead.model.agreed import Subject
from fairlead.model.playbooks import Playbook, Step
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Progress, Query, in_words, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = Decimal("0.00")
TABLE = "mart.renewal_watch"
AHEAD = timedelta(days=365)
OPEN = "open"


class Renewal(NamedTuple):
    """A renewal. Money is recurring revenue a month in the company's currency; the last fields are of open ones.

    `churn_kind` and `reason` are of what was not all renewed, where anybody said.
    `says` are the signs of risk in words. `checkpoint` is the one it is in, in days before the due day. `playbooks` are
    those of the model that are called for, with the step that is due.
    """

    account_id: str
    account: str | None
    due_on: date
    month: str
    segment: str | None
    owner_id: str | None
    owner: str | None
    line_count: int
    mrr_due: Decimal
    mrr_renewed: Decimal
    mrr_upsell: Decimal
    outcome: str
    auto_renews: bool | None
    churn_kind: str | None
    reason: str | None
    days_left: int | None
    is_at_risk: bool
    signs: int
    says: str
    usage_now: float | None
    usage_before: float | None
    last_contact_on: date | None
    open_tickets: int | None
    past_due: Decimal | None
    last_score: float | None
    checkpoint: int | None
    is_checkpoint_due: bool
    missed: int
    playbooks: tuple[str, ...]


class Expected(NamedTuple):
    """What is expected to be renewed of what is open, with its interval at 95 %; upsell is beside it, never in it."""

    renewed: Decimal
    low: Decimal
    high: Decimal
    upsell: Decimal


class Month(NamedTuple):
    """What is due in a month: `due` = `renewed` + `lost` + `open`. `expected` is of what is open."""

    month: str
    renewals: int
    due: Decimal
    renewed: Decimal
    lost: Decimal
    open: Decimal
    open_count: int
    at_risk: Decimal
    at_risk_count: int
    upsell: Decimal
    expected: Expected | None


class Checkpoint(NamedTuple):
    """Of open renewals how many are in a state at a checkpoint, and what is due with them."""

    days_before: int
    state: str
    renewals: int
    mrr_due: Decimal


class NotRenewed(NamedTuple):
    """What was due and not renewed for one reason: `kind` is voluntary, involuntary or None where nobody said."""

    kind: str | None
    reason: str | None
    renewals: int
    lost: Decimal


class Renewals(NamedTuple):
    """Renewals that are due from `start` to `end`, both included. `total` is the sum of the months.

    `settled_on`: renewals due up to that day are settled, and the rates are of those.
    """

    as_of: date
    start: date
    end: date
    currency: str
    months: tuple[Month, ...]
    total: Month
    rates: tuple[Rate, ...]
    checkpoints: tuple[Checkpoint, ...]
    reasons: tuple[NotRenewed, ...]
    items: tuple[Renewal, ...]
    settled_on: date
    at_risk_only: bool
    owner: str | None
    notes: tuple[Problem, ...]
    build: str


def renewals(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    start: Day = None,
    end: Day = None,
    at_risk: bool = False,
    owner: str | None = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Renewals:
    """The calendar of what is due, what is at risk, the checkpoints, and what is expected to be renewed.

    `start` and `end` are days or periods, both included; by default from the first of this month a year ahead.
    `at_risk` and `owner` (a name or an id) choose among the renewals listed; the months are always of all. Raises
    Refused for a day or an owner that there is not.
    """
    now = now or datetime.now(UTC)
    days = days_of(start, end, as_of, workspace.config.fiscal_year_start)
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    said = holding(build, TABLE, "watched renewals")
    here = opened(build)
    first = days.start or here.as_of.replace(day=1)
    span = renewing.Span(first, days.end or max(here.as_of, first) + AHEAD)
    in_order(span.start, span.end)
    items = tuple(_items(here, span, workspace.model))
    settled = here.as_of - timedelta(days=workspace.model.revenue.switches.renewals.late_days)
    rate = _rates(here, settled, items, workspace.model)
    return Renewals(
        as_of=here.as_of,
        start=span.start,
        end=span.end,
        currency=said["currency"],
        months=tuple(_months(items, rate)),
        total=_month("", items, rate),
        rates=tuple(rate[key] for key in sorted(rate, key=lambda name: name or "")),
        checkpoints=tuple(Checkpoint(**row) for row in here.reader.rows(renewing.checkpoints()).to_pylist()),
        reasons=tuple(NotRenewed(**row) for row in here.reader.rows(renewing.reasons(span)).to_pylist()),
        items=tuple(one for one in _of(items, owner) if one.is_at_risk or not at_risk),
        settled_on=settled,
        at_risk_only=at_risk,
        owner=owner,
        notes=noted(uncounted(build, LINES)),
        build=build.name,
    )


def _items(here: Opened, span: renewing.Span, model: Model) -> Iterator[Renewal]:
    called = _called_for(here, model)
    for row in here.reader.rows(renewing.due(span)).to_pylist():
        due = _steps(called.get(row["account_id"], ()), row) if row["outcome"] == OPEN else ()
        yield Renewal(**row, playbooks=due)


# playbooks


def _called_for(here: Opened, model: Model) -> Mapping[str, tuple[Playbook, ...]]:
    """The playbooks about customers that the facts of each call for."""
    found: dict[str, tuple[Playbook, ...]] = {}
    table = TABLES[Subject.ACCOUNT.facts]
    for playbook in model.playbooks.playbooks.values():
        if playbook.subject is not Subject.ACCOUNT or not playbook.when:
            continue
        predicate, _ = parse(playbook.when, columns_of(table))
        if predicate is None:
            continue
        columns = Columns(View(table, here.as_of, here.timezone, past=False))
        holds = predicate.render(partial(_column, columns, here.as_of))
        sql = f"SELECT s.id FROM mart.{table.name} AS s {columns.joins} WHERE coalesce({holds}, false)"
        for account in here.reader.rows(Query(f"playbook {playbook.name}", sql)).column(0).to_pylist():
            found[account] = (*found.get(account, ()), playbook)
    return found


def _column(columns: Columns, as_of: date, name: str) -> str:
    """SQL of what a playbook's predicate names."""
    return f"DATE '{as_of}'" if name == "as_of" else columns.sql(name)


def _steps(called: Sequence[Playbook], row: Mapping[str, Any]) -> tuple[str, ...]:
    """Each playbook with the step that is due, those first that count days before the due day, once they have come."""
    first = sorted(called, key=lambda playbook: not _ahead(playbook))
    return tuple(text for playbook in first if (text := _step(playbook, row["days_left"] or 0)))


def _ahead(playbook: Playbook) -> list[Step]:
    """Its steps that come before a date, such as that of a renewal."""
    return [step for step in playbook.steps if step.day is not None and step.day < 0]


def _step(playbook: Playbook, days_left: int) -> str:
    title = playbook.label or in_words(playbook.name)
    ahead = _ahead(playbook)
    if not ahead:
        return title
    come = [step for step in ahead if -(step.day or 0) >= days_left]
    return f"{title}: {come[-1].do.removesuffix('.')}" if come else ""


# months and rates


def _rates(here: Opened, settled: date, items: Sequence[Renewal], model: Model) -> Mapping[str | None, Rate]:
    before = [Before(**row) for row in here.reader.rows(renewing.history(settled)).to_pylist()]
    return rates(before, [one.segment for one in items], model.revenue.watch.enough)


def _months(items: Sequence[Renewal], rate: Mapping[str | None, Rate]) -> Iterator[Month]:
    months: dict[str, list[Renewal]] = defaultdict(list)
    for one in items:
        months[one.month].append(one)
    return (_month(month, months[month], rate) for month in sorted(months))


def _month(month: str, items: Sequence[Renewal], rate: Mapping[str | None, Rate]) -> Month:
    still = [one for one in items if one.outcome == OPEN]
    due, renewed = _sum(one.mrr_due for one in items), _sum(one.mrr_renewed for one in items)
    waiting, risky = _sum(one.mrr_due for one in still), [one for one in still if one.is_at_risk]
    return Month(
        month=month,
        renewals=len(items),
        due=due,
        renewed=renewed,
        lost=due - renewed - waiting,
        open=waiting,
        open_count=len(still),
        at_risk=_sum(one.mrr_due for one in risky),
        at_risk_count=len(risky),
        upsell=_sum(one.mrr_upsell for one in items),
        expected=_expected(forecast(((one.segment, float(one.mrr_due)) for one in still), rate)),
    )


def _expected(found: Forecast | None) -> Expected | None:
    if found is None:
        return None
    return Expected(*(Decimal(f"{one:.2f}") for one in (found.expected, *found.interval, found.upsell)))


def _sum(money: Iterable[Decimal]) -> Decimal:
    return sum(money, NOTHING)


def _of(items: Sequence[Renewal], owner: str | None) -> Sequence[Renewal]:
    """Those of one owner; raises Refused where nobody of that name owns one."""
    if owner is None:
        return items
    said = owner.strip().casefold()
    found = [one for one in items if said in {word.casefold() for word in (one.owner, one.owner_id) if word}]
    if not found:
        hint = did_you_mean(owner, sorted({one.owner for one in items if one.owner}))
        raise Refused([BAD_QUESTION.broken(f"nobody called '{owner}' has a renewal that is due.", hint=hint)])
    return found


# files


def items_table(items: Sequence[Renewal]) -> "pa.Table":
    """Renewals as a table, a row each; playbooks with semicolons between them."""
    import pyarrow as pa

    kinds = dict.fromkeys(("mrr_due", "mrr_renewed", "mrr_upsell", "past_due"), pa.decimal128(18, 2))
    kinds |= dict.fromkeys(("line_count", "days_left", "signs", "open_tickets", "checkpoint", "missed"), pa.int64())
    kinds |= dict.fromkeys(("auto_renews", "is_at_risk", "is_checkpoint_due"), pa.bool_())
    kinds |= dict.fromkeys(("usage_now", "usage_before", "last_score"), pa.float64())
    kinds |= dict.fromkeys(("due_on", "last_contact_on"), pa.date32())
    told = [one._replace(playbooks=("; ".join(one.playbooks),))._asdict() for one in items]
    columns = {name: [row[name][0] if name == "playbooks" else row[name] for row in told] for name in Renewal._fields}
    return pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in columns.items()})


def months_table(found: Renewals) -> "pa.Table":
    """The calendar as a table, a row a month."""
    import pyarrow as pa

    names = ("month", "renewals", "due", "renewed", "lost", "open", "open_count", "at_risk", "at_risk_count", "upsell")
    money = pa.decimal128(18, 2)
    kinds = {"month": pa.string()} | dict.fromkeys(("renewals", "open_count", "at_risk_count"), pa.int64())
    columns = {name: pa.array([getattr(one, name) for one in found.months], kinds.get(name, money)) for name in names}
    for name in Expected._fields:
        values = [getattr(one.expected, name) if one.expected else None for one in found.months]
        columns[f"expected_{name}"] = pa.array(values, money)
    return pa.table(columns)


def rates_table(found: Renewals) -> "pa.Table":
    """The rates of the forecast as a table, a row a segment; shares from 0 to 1."""
    from fairlead.actions.exporting import as_table

    names = ["segment", "renewals", "rate", *Interval._fields, "upsell", "is_own"]
    return as_table(names, [[r.segment, r.renewals, r.share, *r.interval, r.upsell, r.is_own] for r in found.rates])
