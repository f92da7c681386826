"""Recurring revenue: opening, what moved it, closing, and retention; as this company counts, and as others would."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.asking import Opened, build_for, holding, opened
from fairlead.actions.days import Day, cut_periods, days_of, grain_of, in_order
from fairlead.actions.laws import BAD_QUESTION, UNKNOWN_DIMENSION, UNKNOWN_LENS
from fairlead.actions.lensing import MOVEMENTS, Difference, counted, differences, told_apart
from fairlead.actions.uncounted import noted, uncounted
from fairlead.analysis import revenue_report as report
from fairlead.analysis.mrr_moved import KINDS
from fairlead.analysis.revenue_cut import is_column, is_dimension, known_dimensions
from fairlead.analysis.revenue_report import LENS, MART, Asked, Told
from fairlead.model.revenue import OURS, Revenue, Switches, differing
from fairlead.picture.wording import Manner, period_words, worded
from fairlead.problem import Problem, Refused, did_you_mean, nearest
from fairlead.record.laws import REVENUE_NOT_BALANCED
from fairlead.values import Grain, Period, Progress, Query, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = Decimal("0.00")
MOST_DIFFERENCES = 200
LINES = ("contract_line",)
WHOLE_MONTHS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
DEFAULT_MONTHS = 12
SIGNS = {"new": 1, "expansion": 1, "reactivation": 1, "contraction": -1, "churn": -1}
AGAINST = (
    "An amount that goes against its kind is part of more: what a customer does within a month (same_month), or within"
    " group_days, is of one kind, that of all of it."
)


class Moved(NamedTuple):
    """How much moved by one kind of movement, in the company's currency; a loss is negative."""

    kind: str
    money: Decimal


class Line(NamedTuple):
    """A period, in all (`value` None and `by` None) or for one value of the dimension. Money in company currency.

    `difference` is what opening and movements leave unexplained of the closing, which is added up from the lines that
    run; anything but 0 is a fault. `nrr`, `grr` and `logo_retention` are shares, None where nobody paid at the start.
    `customers` paid when it began, or had paused and are among the `lost`.
    """

    period: str
    value: str | None
    opening: Decimal
    moved: tuple[Moved, ...]
    closing: Decimal
    difference: Decimal
    nrr: float | None
    grr: float | None
    customers: int
    lost: int
    logo_retention: float | None


class Seen(NamedTuple):
    """Revenue as one lens sees it. `committed` is known to come and in no revenue yet; `cmrr` is revenue with it.

    Known by the last day: of a day that has passed, what was asked for by then, and no later outcome.

    `differ` accounts are told otherwise than we tell them, and their revenue on the last day is `apart` more than ours;
    0 where that was not asked.
    """

    lens: str
    title: str
    says: str
    switches: tuple[str, ...]
    lines: tuple[Line, ...]
    committed: tuple[Moved, ...]
    cmrr: Decimal
    differ: int = 0
    apart: Decimal = NOTHING


class Otherwise(NamedTuple):
    """An account that a lens sees otherwise than we do."""

    lens: str
    account: Difference


class RevenueTold(NamedTuple):
    """Recurring revenue from `start` to `end`, both included, in `currency`.

    `is_past`: the build knows what came after `end`, so that not all it holds of later days was known then.

    `differences` has the largest of each lens, and no more of all than can be shown.
    """

    as_of: date
    start: date
    end: date
    per: str
    by: str | None
    currency: str
    lenses: tuple[Seen, ...]
    differences: tuple[Otherwise, ...]
    differences_total: int
    notes: tuple[Problem, ...]
    build: str
    is_past: bool = False


class Question(NamedTuple):
    asked: Asked
    grain: Grain
    build: Path
    opened: Opened
    agreed: Revenue
    currency: str

    @property
    def is_past(self) -> bool:
        """Whether the build knows what came after the last day that is asked about."""
        return self.opened.is_past or self.asked.end <= self.opened.as_of

    def rows(self, query: Query, given: Mapping[str, "pa.Table"]) -> "pa.Table":
        return self.opened.reader.rows(query, given)

    def told(self, switches: Switches) -> Asked:
        """The question as switches would have it asked."""
        return self.asked.under(switches)


def revenue(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    start: Day = None,
    end: Day = None,
    per: Grain | str = Grain.MONTH,
    by: str | None = None,
    lenses: Sequence[str] = (OURS,),
    as_of: Day = None,
    known_at: datetime | None = None,
    compare: bool = True,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> RevenueTold:
    """Opening, movements by kind, closing, NRR and GRR by period, under each lens; `ours` is how the build counts.

    `start` and `end` are days or periods, both included; by default the twelve months up to `as_of`. `by` cuts by a
    dimension. Accounts that a lens sees otherwise than we do are told with the switches that make the difference,
    unless `compare` is false: that takes the longest.
    Raises Refused with everything that is wrong with the question.
    """
    now = now or datetime.now(UTC)
    times = Times((), str(per), (), None, start, end, as_of)
    question = understood(workspace, times, by, tuple(lenses), known_at, now, progress)
    seen: list[Seen] = []
    found: list[list[Otherwise]] = []
    for place, lens in enumerate(dict.fromkeys(lenses), 1):
        progress(f"counting as {lens}", place, len(lenses))
        switches = question.agreed.lens(lens) or question.agreed.switches
        made = {} if lens == OURS else counted(question.opened, question.currency, switches)
        seen.append(seen_by(question, lens, switches, made))
        if lens != OURS and compare:
            ours, told = question.agreed.switches, (question.opened, question.currency, question.asked)
            where = told_apart(question.opened, question.asked, ours, made, switches)
            each = [
                one._replace(told=where.get(one.account_id, ())) for one in differences(*told, ours, made, switches)
            ]
            found.append([Otherwise(lens, one) for one in each])
            more = sum((one.would_be - one.was for one in each), NOTHING)
            seen[-1] = seen[-1]._replace(differ=len(each), apart=more)
    asked, days = question.asked, question.opened.as_of
    return RevenueTold(
        as_of=days,
        start=asked.start,
        end=asked.end - timedelta(days=1),
        per=str(question.grain),
        by=by,
        currency=question.currency,
        lenses=tuple(seen),
        differences=tuple(one for each in found for one in each[: MOST_DIFFERENCES // len(found)]),
        differences_total=sum(map(len, found)),
        notes=(*_notes(seen, workspace.manner), *noted(uncounted(question.build, LINES))),
        build=question.build.name,
        is_past=question.is_past,
    )


def understood(  # noqa: PLR0913, PLR0917 - the parts of the question, once
    workspace: Workspace,
    times: Times,
    by: str | None,
    lenses: tuple[str, ...],
    known_at: datetime | None,
    now: datetime,
    progress: Progress,
) -> Question:
    """What is asked; raises Refused with all that is wrong with it."""
    faults = _faults(workspace.model.revenue, by, lenses)
    grain = grain_of(times.per or str(Grain.MONTH), faults)
    days = days_of(times.start, times.end, times.as_of, workspace.config.fiscal_year_start, faults)
    if faults or grain is None:
        raise Refused(faults)
    build = build_for(workspace, times, known_at, now=now, progress=progress)
    there, said = opened(build), holding(build, MOVEMENTS, "told how recurring revenue moved")
    whole = _periods(days.start, min(days.end or there.as_of, there.as_of), there.as_of, grain, there.fiscal_year_start)
    model = workspace.model_of(said["model_digest"]) or workspace.model
    agreed = workspace.model.revenue.model_copy(update={"switches": model.revenue.switches})
    return Question(Asked(whole, by, grain in WHOLE_MONTHS, False), grain, build, there, agreed, said["currency"])


def _periods(first: date | None, last: date, as_of: date, grain: Grain, fiscal: int) -> tuple[Period, ...]:
    """The periods from one day to another; those at the ends are as short as the days that were asked for."""
    if first is None:
        month = last.year * 12 + last.month - DEFAULT_MONTHS
        first = date(month // 12, month % 12 + 1, 1)
    in_order(first, last, as_of)
    return cut_periods(first, last, grain, fiscal)


def _faults(agreed: Revenue, by: str | None, lenses: tuple[str, ...]) -> list[Problem]:
    faults = []
    if not lenses:
        faults.append(BAD_QUESTION.broken("no lens is named.", hint=f"Name {', '.join((OURS, *agreed.lenses))}."))
    for name in lenses:
        if agreed.lens(name) is None:
            hint = did_you_mean(name, [OURS, *agreed.lenses])
            faults.append(UNKNOWN_LENS.broken(f"there is no lens '{name}'.", hint=hint))
    return faults + uncut("Recurring revenue", by)


def uncut(what: str, by: str | None) -> list[Problem]:
    """What is wrong with cutting recurring revenue by a name, and what may be meant."""
    if by is None or is_dimension(by):
        return []
    known = known_dimensions()
    hint = did_you_mean(by, known if nearest(by, known) else [name for name in known if "." not in name])
    why = ": it may change of itself, and movements would not sum to revenue" if is_column(by) else ""
    return [UNKNOWN_DIMENSION.broken(f"{what} cannot be cut by '{by}'{why}.", hint=hint)]


def _told(given: Mapping[str, "pa.Table"]) -> Told:
    return LENS if given else MART


def seen_by(question: Question, lens: str, switches: Switches, given: Mapping[str, "pa.Table"]) -> Seen:
    asked, told = question.told(switches), _told(given)
    lens_of = question.agreed.lenses.get(lens)
    ahead = report.committed(asked, told, seen_in=question.opened.timezone if question.is_past else None)
    coming = tuple(Moved(**row) for row in question.rows(ahead, given).to_pylist())
    flows = question.rows(report.flows(asked, told), given).to_pylist()
    closings = question.rows(report.closings(asked, told), given).to_pylist()
    retained = question.rows(report.retained(asked, told), given).to_pylist()
    values = dict.fromkeys(row["value"] for row in (*flows, *closings))
    lines = [
        line
        for value in values or {None: None}
        for line in _lines(asked, value, *(_at(rows, value) for rows in (flows, closings, retained)))
    ]
    last = sum((line.closing for line in lines if line.period == asked.periods[-1].name), NOTHING)
    return Seen(
        lens,
        lens_of.title if lens_of else "Ours",
        lens_of.says if lens_of else "As revenue.yaml of the build says.",
        differing(question.agreed.switches, switches),
        tuple(sorted(lines, key=lambda line: (line.value or "", line.period))) if asked.by else tuple(lines),
        coming,
        last + sum((one.money for one in coming), NOTHING),
    )


Rows = Mapping[int, Mapping[str, Any]]


def _at(rows: Sequence[Mapping[str, Any]], value: str | None) -> Rows:
    """The rows of one value of the dimension, by the place of their period."""
    return {row["place"]: row for row in rows if row["value"] == value}


def _lines(asked: Asked, value: str | None, flows: Rows, closings: Rows, retained: Rows) -> Sequence[Line]:
    """One value's periods in order: what one closes with, the next one opens with."""
    opening = sum((flows[-1][kind] for kind in KINDS), NOTHING) if -1 in flows else NOTHING
    base, customers = (retained[-1]["base"], int(retained[-1]["customers"])) if -1 in retained else (NOTHING, 0)
    found = []
    for place, period in enumerate(asked.periods):
        row, kept = flows.get(place, {}), retained.get(place, {})
        moved = tuple(Moved(kind, row.get(kind, NOTHING)) for kind in KINDS)
        closing = closings.get(place, {}).get("closing", NOTHING)
        expected = opening + sum((one.money for one in moved), NOTHING)
        lost, there = int(kept.get("lost", 0)), customers + int(kept.get("idle", 0))
        found.append(
            Line(
                period.name,
                value,
                opening,
                moved,
                closing,
                closing - expected,
                _share(base + kept.get("grown", NOTHING), base),
                _share(base + kept.get("kept", NOTHING), base),
                there,
                lost,
                _share(Decimal(there - lost), Decimal(there)),
            )
        )
        opening = expected
        base += kept.get("base", NOTHING)
        customers += int(kept.get("customers", 0))
    return found


def _share(part: Decimal, whole: Decimal) -> float | None:
    """None where there is nothing to take a share of."""
    return float(part / whole) if whole else None


def _notes(seen: Sequence[Seen], manner: Manner) -> tuple[Problem, ...]:
    """What does not balance, said and never hidden."""
    hint = "It is a fault in Fairlead: please report it with its movements, to which Balance on the page Revenue leads."

    def said(line: Line) -> str:
        money = worded(line.difference, "money", manner).full
        return f"{_named(line, manner)}: {money} of the revenue at the end is not explained by movements."

    return tuple(
        REVENUE_NOT_BALANCED.broken(f"{one.title}, {said(line)}", hint=hint)
        for one in seen
        for line in one.lines
        if line.difference
    )


def against(lines: Sequence[Line]) -> str:
    """Why some amounts go against their kind, as an expansion that is negative; empty where none does."""
    return AGAINST if any(one.money * SIGNS.get(one.kind, 0) < 0 for line in lines for one in line.moved) else ""


def _named(line: Line, manner: Manner) -> str:
    period = period_words(line.period, manner)
    return f"{period} {line.value}" if line.value else period


def table(told: RevenueTold) -> "pa.Table":
    """The lines of all lenses as rows for a file: a column a kind, money in the company's currency, shares 0 to 1."""
    from fairlead.actions.exporting import as_table

    shares = ("nrr", "grr", "customers", "lost", "logo_retention")
    names = ["lens", "period", *([told.by] if told.by else []), "opening", *KINDS, "closing", "difference", *shares]
    rows = [
        [
            seen.lens,
            line.period,
            *([line.value] if told.by else []),
            *map(float, (line.opening, *(one.money for one in line.moved), line.closing, line.difference)),
            *(getattr(line, name) for name in shares),
        ]
        for seen in told.lenses
        for line in seen.lines
    ]
    return as_table(names, rows)


def largest(told: RevenueTold, count: int) -> list[Otherwise]:
    """The accounts that differ most, as many of each lens."""
    each = max(1, count // max(1, len({one.lens for one in told.differences})))
    place: dict[str, int] = {}
    found = []
    for one in told.differences:
        place[one.lens] = place.get(one.lens, 0) + 1
        found += [one] if place[one.lens] <= each else []
    return found
