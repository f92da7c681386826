"""Cohorts: what is left of the customers who started in a month or quarter, and how many are too young to tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.asking import Opened, build_for, holding, opened
from fairlead.actions.days import Day, Days, days_of, in_order, not_too_many
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.lensing import MOVEMENTS
from fairlead.actions.revenue import LINES, uncut
from fairlead.actions.uncounted import noted, uncounted
from fairlead.analysis import cohort as analysis
from fairlead.analysis.cohort import CohortAsk
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Grain, Progress, add_months, period_of, periods, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = Decimal(0)
A_DAY = timedelta(days=1)
REVENUE, LOGOS = "revenue", "logos"
DEFAULT_MONTHS = {Grain.MONTH: 24, Grain.QUARTER: 36}


class Cell(NamedTuple):
    """What is left at the end of the `age`-th period after the one a cohort started in.

    `kept` is money in the company's currency, or customers; `share` of what it started with, None of nothing. Of its
    customers `eligible` could have left by then: the others are bound by their contracts. `is_running`: the period is
    not over yet.
    """

    age: int
    kept: Decimal
    share: float | None
    eligible: int
    is_running: bool


class Cohort(NamedTuple):
    """The customers who started in a period, in all or of one value of the dimension; `started` as `Cell.kept`."""

    period: str
    value: str | None
    customers: int
    started: Decimal
    cells: tuple[Cell, ...]


class Age(NamedTuple):
    """All cohorts of a value that are `age` periods old: the share they kept together; `young` ones are not yet."""

    value: str | None
    age: int
    share: float | None
    cohorts: int
    young: int


class Question(NamedTuple):
    """The question as it is put to a build; `last` is the place of the last cohort asked for."""

    opened: Opened
    ask: CohortAsk
    last: int
    currency: str
    path: Path

    @property
    def build(self) -> str:
        return self.path.name

    @property
    def over(self) -> int:
        """The place of the last period that is over, -1 where none is."""
        ends = [period.end <= self.opened.as_of + A_DAY for period in self.ask.periods]
        return sum(ends) - 1


class CohortsTold(NamedTuple):
    """`what` is revenue or logos; `young` counts the cells of the triangle's missing half, running ones among them."""

    as_of: date
    per: str
    by: str | None
    what: str
    currency: str
    cohorts: tuple[Cohort, ...]
    ages: tuple[Age, ...]
    young: int
    notes: tuple[Problem, ...]
    build: str


def cohorts(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    per: Grain | str = Grain.MONTH,
    by: str | None = None,
    what: str = REVENUE,
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> CohortsTold:
    """Who started in each month or fiscal quarter from `start` to `end`, and what is left of them in each one after.

    By default the cohorts of the last two years by month, of three by quarter. Raises Refused with everything that is
    wrong with the question.
    """
    now = now or datetime.now(UTC)
    times = Times((), str(per), (), None, start, end, as_of)
    asked = understood(workspace, times, by, what, known_at, now, progress)
    found = _cohorts(asked, what)
    ages = _ages(found, len(asked.ask.periods))
    return CohortsTold(
        as_of=asked.opened.as_of,
        per=str(asked.ask.grain),
        by=by,
        what=what,
        currency=asked.currency,
        cohorts=found,
        ages=ages,
        young=sum(age.young for age in ages),
        notes=noted(uncounted(asked.path, LINES)),
        build=asked.build,
    )


def understood(  # noqa: PLR0913, PLR0917 - the parts of the question, once
    workspace: Workspace,
    times: Times,
    by: str | None,
    what: str,
    known_at: datetime | None,
    now: datetime,
    progress: Progress,
) -> Question:
    """What is asked; raises Refused with all that is wrong with it."""
    grain, days = _checked(workspace, times, by, what)
    build = build_for(workspace, times, known_at, now=now, progress=progress)
    there, said = opened(build), holding(build, MOVEMENTS, "told how recurring revenue moved")
    ask, last = _asked(there, days, grain, by)
    return Question(there, ask, last, said["currency"], build)


def _checked(workspace: Workspace, times: Times, by: str | None, what: str) -> tuple[Grain, Days]:
    """The length of the periods, and the days; raises Refused with all that is wrong with the question."""
    faults: list[Problem] = []
    grain = next((g for g in analysis.SIZES if g == times.per), None)
    for value, known in ((times.per, list(analysis.SIZES)), (what, [REVENUE, LOGOS])):
        if value not in known:
            hint = did_you_mean(str(value), [str(one) for one in known])
            faults.append(BAD_QUESTION.broken(f"unknown '{value}': it is {' or '.join(known)}.", hint=hint))
    faults += uncut("Cohorts", by)
    days = days_of(times.start, times.end, times.as_of, workspace.config.fiscal_year_start, faults)
    if faults or grain is None:
        raise Refused(faults)
    return grain, days


def _asked(there: Opened, days: Days, grain: Grain, by: str | None) -> tuple[CohortAsk, int]:
    """The question, and the place of the last cohort; its periods go on up to the one that is running."""
    fiscal = there.fiscal_year_start
    running = period_of(there.as_of, grain, fiscal)
    first = days.start
    if first is None:
        first = add_months(running.start, analysis.SIZES[grain] - DEFAULT_MONTHS[grain])
    last = min(days.end or there.as_of, there.as_of)
    in_order(first, last, there.as_of)
    whole = periods(first, running.end, grain, fiscal)
    not_too_many(whole, grain)
    place = next(n for n, period in enumerate(whole) if last < period.end)
    return CohortAsk(whole, grain, by, there.as_of), place


def _cohorts(question: Question, what: str) -> tuple[Cohort, ...]:
    """Every cohort up to the last one asked for, by value and period."""
    there, ask = question.opened, question.ask
    rows: dict[tuple[str | None, int], dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for row in there.reader.rows(analysis.cells(ask)).to_pylist():
        if row["cohort"] <= question.last:
            rows[row["value"], row["cohort"]][row["place"]] = row
    free: dict[tuple[str | None, int], dict[int, int]] = defaultdict(dict)
    for row in there.reader.rows(analysis.free_to_leave(ask)).to_pylist():
        free[row["value"], row["cohort"]][row["place"]] = row["customers"]
    order = sorted(rows, key=lambda key: (key[0] is None, key[0] or "", key[1]))
    return tuple(_cohort(ask, key, rows[key], free[key], what) for key in order)


def _cohort(
    ask: CohortAsk,
    key: tuple[str | None, int],
    turns: Mapping[int, Mapping[str, Any]],
    free: Mapping[int, int],
    what: str,
) -> Cohort:
    """One cohort: what moved in each period, added up."""
    value, place = key
    customers = int(turns[place]["base"])
    started = turns[place]["started"] if what == REVENUE else Decimal(customers)
    kept, eligible, cells = NOTHING, 0, []
    for n in range(place, len(ask.periods)):
        turn = turns.get(n)
        if turn:
            kept += turn["money"] if what == REVENUE else Decimal(turn["logos"])
        eligible += free.get(n, 0)
        is_running = ask.periods[n].end > ask.as_of + A_DAY
        cells.append(Cell(n - place, kept, _share(kept, started), eligible, is_running))
    return Cohort(ask.periods[place].name, value, customers, started, tuple(cells))


def _ages(found: Sequence[Cohort], periods_told: int) -> tuple[Age, ...]:
    """What the cohorts of each value that are old enough kept together, at each age that any of them has reached."""
    ages = []
    for value in dict.fromkeys(one.value for one in found):
        of = [one for one in found if one.value == value]
        for age in range(periods_told):
            old = [(one, one.cells[age]) for one in of if len(one.cells) > age and not one.cells[age].is_running]
            if not old:
                break
            kept = sum((cell.kept for _, cell in old), NOTHING)
            share = _share(kept, sum((one.started for one, _ in old), NOTHING))
            ages.append(Age(value, age, share, len(old), len(of) - len(old)))
    return tuple(ages)


def _share(part: Decimal, whole: Decimal) -> float | None:
    """None where there is nothing to take a share of."""
    return float(part / whole) if whole else None


def table(told: CohortsTold) -> "pa.Table":
    """A row a cell, for a file: shares from 0 to 1, money in the company's currency."""
    from fairlead.actions.exporting import as_table

    names = ["cohort", *([told.by] if told.by else []), "customers", "started", "age", "kept", "share"]
    rows = [
        [
            one.period,
            *([one.value] if told.by else []),
            one.customers,
            float(one.started),
            cell.age,
            float(cell.kept),
            cell.share,
            cell.eligible,
            "running" if cell.is_running else "over",
        ]
        for one in told.cohorts
        for cell in one.cells
    ]
    return as_table([*names, "eligible", "period"], rows)
