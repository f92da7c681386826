"""Explain a number: what it means, who answers for it, how it came about, down to file and column, and its records."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked, build_for, needs_of, opened, understood
from fairlead.actions.laws import UNKNOWN_METRIC
from fairlead.analysis.dimension import resolve
from fairlead.analysis.metric import compile_question
from fairlead.analysis.missing import DERIVED_FROM, missing
from fairlead.analysis.question import Instance, instances, operands
from fairlead.analysis.rows import behind
from fairlead.analysis.scan import known_names
from fairlead.model.decisions import Decision
from fairlead.model.metrics import Metric
from fairlead.model.predicate import parse
from fairlead.model.tables import CANONICAL_BY_NAME, TABLES
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.record.lineage import origins
from fairlead.record.views import raw_view
from fairlead.values import Progress, Query, add_months, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MONTHS_SHOWN = 12


class Origin(NamedTuple):
    """One column a measure rests on, and the source's file and columns it comes from."""

    measure: str
    table: str
    column: str
    source: str
    files: tuple[str, ...]
    columns: tuple[str, ...]


class Explanation(NamedTuple):
    """Everything there is to know about a metric. `sql` and `lineage` are empty before the first build."""

    name: str
    metric: Metric | None
    owner: str
    decision: Decision | None
    made_of: tuple[str, ...]
    part_of: tuple[str, ...]
    drives: tuple[str, ...]
    driven_by: tuple[str, ...]
    measures: tuple[Instance, ...]
    sql: str
    lineage: tuple[Origin, ...]
    notes: tuple[Problem, ...]


class Entry(NamedTuple):
    """A line of the dictionary."""

    id: str
    name: str
    label: str
    definition: str
    unit: str
    owner: str
    needs: tuple[str, ...]


def dictionary(workspace: Workspace) -> tuple[Entry, ...]:
    """Every metric of the dictionary, in the model's order."""
    model = workspace.model
    build = workspace.lake.current()
    names = tuple(model.metrics.metrics)
    lacking = missing(model.metrics, names, opened(build).supply) if build else {}
    return tuple(
        Entry(
            m.id or "",
            m.name,
            m.title,
            m.definition,
            str(m.unit),
            _owner(model, m),
            needs_of(model, m.name, lacking),
        )
        for m in model.metrics.metrics.values()
    )


def explain(workspace: Workspace, name: str, *, now: datetime | None = None) -> Explanation:
    """What a metric or measure is; raises Refused, offering the nearest name, when there is none of that name."""
    now = now or datetime.now(UTC)
    model = workspace.model
    metric = model.metric(name)
    known = metric.name if metric else name
    if metric is None and name not in model.metrics.measures:
        raise Refused([UNKNOWN_METRIC.broken(f"unknown metric '{name}'.", hint=did_you_mean(name, model.numbers))])
    measures = instances(model.metrics, known)
    build = workspace.lake.current()
    sql, notes = _sql(workspace, known, build, now) if build else ("", ())
    edges = model.edges
    return Explanation(
        name=known,
        metric=metric,
        owner=_owner(model, metric),
        decision=model.decisions.decisions.get(metric.decision or "") if metric else None,
        made_of=operands(metric) if metric else (),
        part_of=tuple(e.target for e in edges if e.exact and e.source == known),
        drives=tuple(e.target for e in edges if not e.exact and e.source == known),
        driven_by=tuple(e.source for e in edges if not e.exact and e.target == known),
        measures=measures,
        sql=sql,
        lineage=lineage(measures, manifest(build)) if build else (),
        notes=notes,
    )


def _sql(workspace: Workspace, name: str, build: Path, now: datetime) -> tuple[str, tuple[Problem, ...]]:
    """The query for the last twelve months, as an example of how the number comes about."""
    first = add_months(workspace.as_of(now).replace(day=1), -MONTHS_SHOWN + 1)
    question, notes = understood(workspace, Asked((name,), "month", start=first), opened(build), now)
    return compile_question(workspace.model.metrics, question).sql, notes


def _owner(model: Model, metric: Metric | None) -> str:
    role = model.people.roles.get(metric.owner or "") if metric else None
    if role is None:
        return ""
    return f"{role.title} ({', '.join(role.holders)})" if role.holders else role.title


def lineage(measures: Sequence[Instance], said: Mapping[str, Any]) -> tuple[Origin, ...]:
    """Where each column the measures rest on comes from, as the build's manifest says."""
    found: dict[Origin, None] = {}
    derived = tuple(said.get("derived", {}).items())
    for instance in measures:
        table = instance.measure.from_
        for column in _columns(instance):
            for canonical, mapped in sorted(origins(*_reached(table, column), derived)):
                found |= dict.fromkeys(_sources(instance.name, canonical, mapped, said))
    return tuple(found)


def _reached(table: str, name: str) -> tuple[str, str]:
    """The table and column that a name means, seen from a table."""
    path = resolve(TABLES[table], name)
    return (path.table.name, path.column.name) if path else (table, name)


def _columns(instance: Instance) -> tuple[str, ...]:
    measure, expression = instance.measure, instance.measure.reading.expression
    texts = [text for text in (expression, measure.where) if text and text != "*"]
    named = (parse(text, known_names(TABLES[measure.from_]))[0] for text in texts)
    return tuple(dict.fromkeys([*instance.axis, *(c for p in named if p for c in p.columns)]))


def _sources(measure: str, table: str, column: str, said: Mapping[str, Any]) -> list[Origin]:
    return [
        Origin(
            measure,
            table,
            column,
            stage["source"],
            tuple(said["files"].get(f"{stage['source']}/{stage['raw']}", ())),
            tuple(stage["columns"][column]),
        )
        for stage in said["lineage"]
        if stage["table"] == table and column in stage["columns"]
    ]


def rows_behind(  # noqa: PLR0913 - a question has this many parts
    workspace: Workspace,
    asked: Asked,
    *,
    limit: int | None = None,
    offset: int = 0,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> dict[str, "pa.Table"]:
    """The records behind a metric over the time asked for: one Arrow table a measure, by measure name.

    At most `limit` of each, after the first `offset`, in an order that never varies. Each row says in `place` the
    file and line it was read from, where one row of a file stands behind it.
    """
    now = now or datetime.now(UTC)
    build = build_for(workspace, asked, known_at, now=now, progress=progress)
    question, notes = understood(workspace, asked, opened(build), now)
    found = [i for name in question.metrics for i in instances(workspace.model.metrics, name)]
    if not [i for i in found if i.name not in question.missing] and notes:
        raise Refused(notes)
    reader = opened(build).reader
    return {
        i.column: reader.rows(with_place(workspace, behind(i, question, limit, offset), i, build))
        for i in found
        if i.name not in question.missing
    }


def with_place(workspace: Workspace, rows: Query, instance: Instance, build: Path) -> Query:
    """The rows with `place`, the `file:line` in the source's export that the leading record was last read from."""
    table = TABLES[instance.measure.from_]
    key = table.grain[0]
    reference = next((c.refers for c in table.columns if c.name == key and c.refers), None)
    subject = reference or DERIVED_FROM.get(table.name, table.name)
    said = manifest(build)
    if subject not in CANONICAL_BY_NAME:
        return rows
    known_at = datetime.fromisoformat(said["known_at"]) if said["known_at"] else None
    loads = [
        load
        for load in workspace.lake.loads(known_at)
        if f"{load.source}/{load.table}/{load.path.name}" in said["loads"]
    ]
    raws = sorted({(s["source"], s["raw"]) for s in said["lineage"] if s["table"] == subject})
    parts = [
        f"SELECT '{source}:' || _key AS _id, min(_file || ':' || _line) AS place FROM ("
        f"{raw_view([load for load in loads if (load.source, load.table) == (source, raw)])})"
        f" WHERE '{source}:' || _key IN (SELECT \"{key}\" FROM found) GROUP BY _id"
        for source, raw in raws
        if any((load.source, load.table) == (source, raw) for load in loads)
    ]
    if not parts:
        return rows
    places = f"SELECT _id, min(place) AS place FROM ({' UNION ALL '.join(parts)}) GROUP BY _id"
    order = ", ".join(f'r."{name}"' for name in table.grain)
    return Query(
        rows.name,
        f"WITH found AS MATERIALIZED ({rows.sql}) SELECT r.*, places.place FROM found AS r"
        f' LEFT JOIN ({places}) AS places ON places._id = r."{key}" ORDER BY {order}',
    )
