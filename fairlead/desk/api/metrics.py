"""/api/metrics: what there is, what each one means, and the records behind its numbers."""

from datetime import date

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from fairlead.actions.asking import Asked
from fairlead.actions.dictionary import Term, terms
from fairlead.actions.explaining import Explanation, explain
from fairlead.actions.records import records
from fairlead.desk.api import names
from fairlead.desk.api.files import streamed
from fairlead.desk.api.freshness import wants_csv
from fairlead.desk.api.moments import Spanned
from fairlead.desk.api.operations import reads
from fairlead.desk.api.paging import Page, Paging, following, stretch
from fairlead.desk.api.refusals import missing
from fairlead.desk.api.shapes import Cell, Figure, ProblemShown, Shown, problems_shown
from fairlead.desk.reading import moment_of
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import Better, Group, Limits, Metric, Unit
from fairlead.workspace import Workspace

router = Router(tags=["metrics"])


class Target(Shown):
    """Where the value should lie; a bound that is null is open."""

    low: Figure | None = Field(description="Good from this value on.", examples=[0.25])
    high: Figure | None = Field(description="Good up to this value.")


class MetricLine(Shown):
    """A metric as it is listed."""

    name: str = Field(description="What it is asked by.", examples=["win_rate"])
    id: str | None = Field(description="Its number in the dictionary.", examples=["M10"])
    label: str = Field(examples=["Win rate"])
    definition: str
    unit: Unit = Field(description="What the value is; percent values are shares: 0.25 is 25 %.")
    better: Better
    tier: int | None = Field(description="1 executive, 2 operational, 3 diagnostic.")
    group: Group | None
    owner: str | None = Field(description="The role that answers for it, by name.", examples=["vp_sales"])
    target: Target | None
    scoreboard: bool = Field(description="Whether it stands on the scoreboard.")
    aliases: list[str] = Field(description="Other names it is found by.")
    needs: list[str] = Field(description="What is missing before it can be computed; empty when nothing is.")


class MetricQuery(Paging):
    q: str = Field("", max_length=200, description="Only metrics with this in their name, label, definition or alias.")
    tier: int | None = Field(None, ge=1, le=3, description="Only this tier.")
    group: Group | None = Field(None, description="Only this group.")
    unit: Unit | None = Field(None, description="Only metrics of this unit.")
    owner: str | None = Field(None, max_length=200, description="Only metrics this role answers for.")
    scoreboard: bool | None = Field(None, description="Only those that stand on the scoreboard, or those that do not.")


@reads(router, "/metrics", Page[MetricLine], may=(409,), summary="The metrics there are")
def metrics(request: HttpRequest, asked: Query[MetricQuery]) -> Page[MetricLine]:
    """The metrics of the dictionary, in its order; with `q` those found by it, best first."""
    space = workspace()
    lines = (_line(space.model.metrics.metrics[t.name], t) for t in terms(space, search=asked.q) if t.kind == "metric")
    found = [line for line in lines if _wanted(line, asked)]
    return Page[MetricLine](
        items=list(stretch(found, asked)),
        total=len(found),
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, len(found)),
    )


def _line(metric: Metric, entry: Term) -> MetricLine:
    return MetricLine(
        name=metric.name,
        id=metric.id,
        label=metric.title,
        definition=metric.definition,
        unit=metric.unit,
        better=metric.better,
        tier=metric.tier,
        group=metric.group,
        owner=metric.owner,
        target=_target(metric.target),
        scoreboard=metric.scoreboard,
        aliases=list(metric.aliases),
        needs=list(entry.needs),
    )


def _target(limits: Limits | None) -> Target | None:
    return Target(low=limits.low, high=limits.high) if limits else None


def _wanted(line: MetricLine, asked: MetricQuery) -> bool:
    same = ("tier", "group", "unit", "owner", "scoreboard")
    return all(getattr(asked, name) is None or getattr(line, name) == getattr(asked, name) for name in same)


class Position(Shown):
    """What one framework says."""

    who: str
    says: str


class DecisionShown(Shown):
    """Where practitioners differ, and what was decided."""

    name: str = Field(examples=["C4"])
    topic: str
    positions: list[Position]
    decision: str


class ExampleShown(Shown):
    """A worked example of the definition."""

    given: dict[str, Figure | None] = Field(examples=[{"won": 1, "closed": 4}])
    gives: Figure | None = Field(description="Null: undefined.", examples=[0.25])


class MeasureShown(Shown):
    """One aggregate over one table that the metric rests on."""

    name: str = Field(examples=["won"])
    column: str = Field(description="Its name in the SQL and in /rows: the name, and the window where there is one.")
    table: str = Field(description="The table whose rows are read.", examples=["opportunity"])
    aggregate: str = Field(examples=["count"])
    expression: str = Field(description="What is aggregated; * for rows.", examples=["*"])
    where: str | None = Field(description="Only rows for which this holds.", examples=["is_won"])
    axis: list[str] = Field(description="The columns that put a row in a period.", examples=[["closed_at"]])
    says: str


class OriginShown(Shown):
    """One column that a measure rests on, and the file and columns it comes from."""

    measure: str
    table: str
    column: str
    source: str
    files: list[str]
    columns: list[str]


class MetricShown(Shown):
    """Everything there is to know about a metric or a measure."""

    name: str
    metric: MetricLine | None = Field(description="Null for a bare measure.")
    owner: str = Field(description="The role that answers for it, and who holds it.")
    plan: str = Field(description="What is done when it misses its target.")
    note: str = Field(description="What a reader should know.")
    decision: DecisionShown | None
    examples: list[ExampleShown]
    made_of: list[str] = Field(description="What it is exactly made of; its change splits over these.")
    part_of: list[str] = Field(description="What is exactly made of it.")
    drives: list[str] = Field(description="What it influences.")
    driven_by: list[str] = Field(description="What influences it.")
    measures: list[MeasureShown]
    sql: str = Field(description="The query of its last twelve months; empty before the first build.")
    lineage: list[OriginShown]
    notes: list[ProblemShown] = Field(description="What cannot be computed, and why.")


@reads(router, "/metrics/{name}", MetricShown, may=(404, 409), summary="One metric")
def metric(request: HttpRequest, name: names.Metric) -> MetricShown:
    """What a metric or a measure means, what it is made of, and where its data comes from."""
    space = workspace()
    with missing():
        found = explain(space, name, now=timezone.now())
    return metric_shown(found, space)


def metric_shown(found: Explanation, space: Workspace) -> MetricShown:
    """Everything that explains a metric, in its shape."""
    metric = found.metric
    entry = next((t for t in terms(space) if metric and (t.kind, t.name) == ("metric", metric.name)), None)
    return MetricShown(
        name=found.name,
        metric=_line(metric, entry) if metric and entry else None,
        owner=found.owner,
        plan=metric.plan if metric else "",
        note=metric.note if metric else "",
        decision=DecisionShown.model_validate(found.decision) if found.decision else None,
        examples=[ExampleShown.model_validate(one) for one in metric.examples] if metric else [],
        made_of=list(found.made_of),
        part_of=list(found.part_of),
        drives=list(found.drives),
        driven_by=list(found.driven_by),
        measures=[
            MeasureShown(
                name=i.name,
                column=i.column,
                table=i.measure.from_,
                aggregate=str(i.measure.reading.aggregate),
                expression=i.measure.reading.expression,
                where=i.measure.where,
                axis=list(i.axis),
                says=i.measure.says,
            )
            for i in found.measures
        ],
        sql=found.sql,
        lineage=[OriginShown.model_validate(one) for one in found.lineage],
        notes=problems_shown(found.notes),
    )


class Counted(Shown):
    """One measure behind the number."""

    column: str = Field(description="What `measure` chooses it by.")
    name: str
    reading: str = Field(description="How the value comes about.", examples=["sum of amount_converted"])
    unit: str = Field(description="What the value is.", examples=["money"])
    rows: int | None = Field(description="How many rows it counted; null without data.")
    value: Figure | None = Field(description="What it makes of them.")
    lacks: str = Field(description="What is missing, where there is no data.")


class RowQuery(Spanned, Paging):
    measure: str | None = Field(None, max_length=200, description="Whose rows; default: the first measure with data.")
    by: list[str] = Field([], max_length=8, description="Dimensions to show beside each row.")


class RowsShown(Page[dict[str, Cell]]):
    """The records behind one measure, in the order of their keys. `place` is the file and line of each."""

    metric: str
    measure: str = Field(description="Whose rows these are.")
    measures: list[Counted] = Field(description="Every measure behind the number.")
    columns: list[str] = Field(description="The columns of every row, in order.")
    start: date = Field(description="The first day counted.")
    end: date = Field(description="The last day counted.")
    as_of: date
    build: str = Field(description="The build the rows come from. Pages of one answer have one build.")


@reads(router, "/metrics/{name}/rows", RowsShown, may=(400, 404, 409), csv=True, summary="The records behind a number")
def rows(request: HttpRequest, name: names.Metric, asked: Query[RowQuery]) -> RowsShown | HttpResponseBase:
    """The rows that a metric's measures counted. With `Accept: text/csv` all rows of the measure as CSV."""
    space, now = workspace(), timezone.now()
    with missing():
        explain(space, name, now=now)
    whole = wants_csv(request)
    found = records(
        space,
        Asked((name,), None, tuple(asked.by), asked.where, asked.start, asked.end, asked.as_of),
        measure=asked.measure,
        limit=None if whole else asked.limit,
        offset=0 if whole else asked.offset,
        known_at=moment_of(asked.known_at, space, now),
        now=now,
    )
    if whole:
        return streamed(found.table)
    return RowsShown(
        items=found.table.to_pylist(),
        total=found.total,
        limit=asked.limit,
        offset=asked.offset,
        next=following(request, asked, found.total),
        metric=found.metric,
        measure=found.chosen.column,
        measures=[Counted.model_validate(one) for one in found.measures],
        columns=found.table.column_names,
        start=found.start,
        end=found.end,
        as_of=found.as_of,
        build=found.build,
    )
