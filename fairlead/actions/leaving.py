"""Why customers left: voluntarily or not and for which reason; and what a customer is worth, with its interval."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.asking import ask, build_for, holding, opened
from fairlead.actions.days import Day, days_of, in_order
from fairlead.actions.laws import UNKNOWN_DIMENSION
from fairlead.actions.lensing import MOVEMENTS
from fairlead.actions.revenue import LINES
from fairlead.actions.uncounted import noted, uncounted
from fairlead.analysis import leaving as analysis
from fairlead.analysis.dimension import dimensions, resolve
from fairlead.analysis.leaving import Sums
from fairlead.analysis.revenue_cut import OWN
from fairlead.model.tables import TABLES
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Progress, add_months, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MONTHS = 12
SEGMENT = "segment"
METRICS = {"arpa": "arpa", "margin": "gross_margin"}


class Lost(NamedTuple):
    """Revenue lost for one reason: `kind` is voluntary, involuntary or None; `movement` churn or contraction."""

    kind: str | None
    reason: str | None
    movement: str
    customers: int
    money: Decimal


class Lifetime(NamedTuple):
    """What a customer is worth: `arpa` times `margin` over `churn`, the share of revenue lost a month.

    `low` and `high` are the 95 % interval that few customers leave of the churn; `high` is None where it may be 0, and
    all is None where nothing was lost or paid. Without a ledger `margin` is None, and the value is one of revenue.
    `segment` is the value of what they are cut by, None for all customers and for those without one.
    """

    segment: str | None
    arpa: float | None
    margin: float | None
    churn: float | None
    value: float | None
    low: float | None
    high: float | None
    customers: int


class LeavingTold(NamedTuple):
    """From `start` to `end`, both included; money in `currency`. `lifetime` is of all customers, `segments` of each
    value of `by`."""

    start: date
    end: date
    currency: str
    lost: tuple[Lost, ...]
    lifetime: Lifetime
    segments: tuple[Lifetime, ...]
    by: str
    notes: tuple[Problem, ...]
    build: str


def leaving(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    start: Day = None,
    end: Day = None,
    by: str = SEGMENT,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> LeavingTold:
    """Revenue lost by reason, and lifetime value, of the twelve months up to `as_of` or from `start` to `end`.

    `by` tells customers apart: by what their account says, the deal they began with (`source`), or `cohort`. Raises
    Refused for days that are none, and for what customers cannot be told apart by.
    """
    now = now or datetime.now(UTC)
    times = Times((), None, (), None, start, end, as_of)
    faults: list[Problem] = []
    cut_by = _dimension(by, faults)
    days = days_of(start, end, as_of, workspace.config.fiscal_year_start, faults)
    if faults:
        raise Refused(faults)
    build = build_for(workspace, times, known_at, now=now, progress=progress)
    there, said = opened(build), holding(build, MOVEMENTS, "told how recurring revenue moved")
    last = min(days.end or there.as_of, there.as_of)
    first = days.start or add_months(last.replace(day=1), 1 - MONTHS)
    in_order(first, last, there.as_of)
    lost = tuple(Lost(**row) for row in there.reader.rows(analysis.reasons(first, last)).to_pylist())
    (row,) = there.reader.rows(analysis.sums(first, last)).to_pylist()
    cut = there.reader.rows(analysis.sums(first, last, by=cut_by)).to_pylist()
    asked = partial(_paid, workspace, start=first, end=last, as_of=as_of, known_at=known_at, now=now)
    (whole,) = asked(by=()).values()
    each = asked(by=(cut_by,)) if cut else {}
    segments = tuple(_of_segment(one, each, whole) for one in cut)
    lifetime = _lifetime(None, Sums(**row), *whole)
    notes = noted(uncounted(build, LINES))
    return LeavingTold(first, last, said["currency"], lost, lifetime, segments, by, notes, build.name)


def _dimension(by: str, faults: list[Problem]) -> str:
    """The name by which customers' months know it; a fault where they do not."""
    table = TABLES["account_month"]
    name = by if resolve(table, by) else OWN.get(by, by)
    known = dimensions(table)
    if name not in known:
        hint = did_you_mean(by, [one for one in known if "." not in one])
        faults.append(UNKNOWN_DIMENSION.broken(f"Lifetime value cannot be cut by '{by}'.", hint=hint))
    return name


class Paid(NamedTuple):
    """Revenue a customer and month, and what of it is left after its cost, as a share; None where nobody knows."""

    arpa: float | None
    margin: float | None


def _of_segment(row: Mapping[str, Any], each: Mapping[str | None, Paid], whole: Paid) -> Lifetime:
    """A row of sums and its segment; where the ledger cannot tell its costs apart, with the company's margin."""
    segment = row["value"]
    arpa, margin = each.get(segment, Paid(None, None))
    told = Sums(**{name: row[name] for name in Sums._fields})
    return _lifetime(segment, told, arpa, whole.margin if margin is None else margin)


def _paid(workspace: Workspace, *, by: tuple[str, ...], **times: Any) -> Mapping[str | None, Paid]:
    """By value of the dimension, or under None of all; what the dictionary cannot cut so is None."""
    found: dict[str | None, dict[str, float | None]] = {} if by else {None: {}}
    for name in Paid._fields:
        metric = METRICS[name]
        if metric not in workspace.model.metrics.metrics:
            continue
        try:
            rows = ask(workspace, metric, by=by, **times).table.to_pylist()
        except Refused:
            if not by:
                raise
            continue  # the ledger knows segments, and no sources; a metric of one's own perhaps not even those
        for row in rows:
            found.setdefault(row[by[0]] if by else None, {})[name] = row["value"]
    return {segment: Paid(values.get("arpa"), values.get("margin")) for segment, values in found.items()}


def _lifetime(segment: str | None, told: Sums, arpa: float | None, margin: float | None) -> Lifetime:
    between = analysis.interval(told)

    def worth(churn: float | None) -> float | None:
        return arpa * (1 if margin is None else margin) / churn if arpa is not None and churn else None

    low, high = (worth(between.high), worth(between.low)) if between and told.rate else (None, None)
    return Lifetime(segment, arpa, margin, told.rate, worth(told.rate), low, high, told.customers)


def table(told: LeavingTold) -> "pa.Table":
    """The reasons for a file: a row a reason, money in the company's currency."""
    from fairlead.actions.exporting import as_table

    rows = [[one.movement, one.kind, one.reason, one.customers, float(one.money)] for one in told.lost]
    return as_table(["movement", "kind", "reason", "customers", "mrr_lost"], rows)


def lifetimes_table(told: LeavingTold) -> "pa.Table":
    """Lifetime value for a file: of all customers, which `of` says, then a row each value of the dimension."""
    from fairlead.actions.exporting import as_table

    named = [("all", told.lifetime), *((told.by, one) for one in told.segments)]
    return as_table(["of", *Lifetime._fields], [[of, *one] for of, one in named])
