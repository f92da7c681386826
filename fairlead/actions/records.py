"""The records behind a number, page by page, beside what each measure makes of them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Asked, build_for, opened, understood
from fairlead.actions.explaining import with_place
from fairlead.actions.laws import UNKNOWN_METRIC
from fairlead.analysis.metric import unit_of
from fairlead.analysis.question import Instance, Question, instances
from fairlead.analysis.rows import behind, tally
from fairlead.problem import Refused, did_you_mean
from fairlead.values import Grain, Progress, period_of, quiet, span_of
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa


class Counted(NamedTuple):
    """One measure behind a number: how many `rows` it counted and the `value` it makes of them.

    `column` names it in the answer: the measure's name and its window. `reading` says how the value comes about
    ("count", "sum of amount_converted"). Without data `rows` and `value` are None and `lacks` says what is missing.
    """

    column: str
    name: str
    says: str
    reading: str
    unit: str
    rows: int | None
    value: float | None
    lacks: str = ""


class Records(NamedTuple):
    """The records of one measure (`chosen`) behind a metric, from row `offset` on, and the measures beside it.

    `table`: measure, the grain, when, how much, why, and `place` (file:line) where one row of a file stands behind.
    `start` and `end` are the first and last day counted.
    """

    metric: str
    measures: tuple[Counted, ...]
    chosen: Counted
    table: "pa.Table"
    offset: int
    start: date
    end: date
    as_of: date
    build: str

    @property
    def total(self) -> int:
        return self.chosen.rows or 0


def records(  # noqa: PLR0913 - a question has this many parts
    workspace: Workspace,
    asked: Asked,
    *,
    measure: str | None = None,
    limit: int | None = 100,
    offset: int = 0,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Records:
    """A page of the records behind a metric over the time asked for; `measure` (default: the first with data) is whose.

    Pages of any size cover every row once. Raises Refused for a question that cannot be asked, a measure that is
    not behind the metric, and a metric of which nothing has data.
    """
    now = now or datetime.now(UTC)
    build = build_for(workspace, asked, known_at, now=now, progress=progress)
    question, found = _behind(workspace, asked, build, now)
    measures = _counted(found, question, build)
    chosen = _chosen(measures, measure)
    instance = next(i for i in found if i.column == chosen.column)
    rows = with_place(workspace, behind(instance, question, limit, offset), instance, build)
    frame = question.frame
    return Records(
        metric=question.metrics[0],
        measures=measures,
        chosen=chosen,
        table=opened(build).reader.rows(rows),
        offset=offset,
        start=frame.start,
        end=min(frame.end, frame.over) - date.resolution,
        as_of=frame.as_of,
        build=build.name,
    )


def tallies(workspace: Workspace, asked: Asked, *, now: datetime | None = None) -> tuple[Counted, ...]:
    """How many records each measure behind a metric counted over the time asked for; Refused as `records` is."""
    now = now or datetime.now(UTC)
    build = build_for(workspace, asked, None, now=now)
    question, found = _behind(workspace, asked, build, now)
    return _counted(found, question, build)


def _behind(workspace: Workspace, asked: Asked, build: Path, now: datetime) -> tuple[Question, list[Instance]]:
    """The question, and the measures behind its metrics; Refused where none of them has data."""
    question, notes = understood(workspace, _by_period(workspace, asked), opened(build), now)
    found = [i for name in question.metrics for i in instances(workspace.model.metrics, name)]
    if not [i for i in found if i.name not in question.missing]:
        raise Refused(notes)
    return question, found


def _by_period(workspace: Workspace, asked: Asked) -> Asked:
    """Asked for one whole period, a trailing window ends with it also where the period is not over yet."""
    if asked.per or not isinstance(asked.start, str) or asked.start != asked.end:
        return asked
    first_month = workspace.config.fiscal_year_start
    span = span_of(asked.start, first_month)
    grain = next((g for g in Grain if span and period_of(span.start, g, first_month) == span), None)
    return asked._replace(per=str(grain)) if grain else asked


def _counted(found: list[Instance], question: Question, build: Path) -> tuple[Counted, ...]:
    known = list(dict.fromkeys(i for i in found if i.name not in question.missing))
    rows = opened(build).reader.rows(tally(known, question)).to_pylist()
    tallied = {row["measure"]: (row["rows"], row["value"]) for row in rows}
    return tuple(
        Counted(
            i.column,
            i.name,
            i.measure.says,
            _reading(i),
            str(unit_of(i.measure)),
            *tallied.get(i.column, (None, None)),
            lacks=question.missing.get(i.name, ""),
        )
        for i in dict.fromkeys(found)
    )


def _reading(instance: Instance) -> str:
    kind, expression = instance.measure.reading
    words = {"count": "count", "distinct": "different values", "avg": "mean", "min": "least", "max": "greatest"}
    said = words.get(kind, str(kind))
    return said if expression == "*" else f"{said} of {expression}"


def _chosen(measures: tuple[Counted, ...], wanted: str | None) -> Counted:
    if wanted is None:
        return next(m for m in measures if not m.lacks)
    found = next((m for m in measures if wanted in (m.column, m.name)), None)
    if found is None:
        names = [m.column for m in measures]
        raise Refused([UNKNOWN_METRIC.broken(f"no measure '{wanted}' behind it.", hint=did_you_mean(wanted, names))])
    if found.lacks:
        raise Refused([UNKNOWN_METRIC.broken(f"measure '{wanted}' has no data: it needs {found.lacks}.", hint="")])
    return found
