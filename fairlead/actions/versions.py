"""What a metric was defined as over time, and its series under each definition.

models kept ──cut to one metric and what it is made of──> distinct definitions ──> versions, oldest first
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from fairlead.actions.asking import Asked, answer, build_for
from fairlead.actions.days import Day
from fairlead.actions.history import Chapter, chapters
from fairlead.actions.laws import UNKNOWN_METRIC
from fairlead.model.agreed import plain
from fairlead.model.cut import cut
from fairlead.model.diff import diff
from fairlead.model.metrics import Measure, Metric, Metrics
from fairlead.model.whole import Model
from fairlead.picture.wording import Number
from fairlead.problem import Refused, did_you_mean
from fairlead.values import Progress, quiet
from fairlead.workspace import Workspace

# What decides a metric's number, and with its own words what it means; owners, targets and reviews do not.
NUMBER = ("measure", "ratio", "derived", "needs", "unit", "window")
MEANING = ("definition", *NUMBER)


class Version(NamedTuple):
    """One definition of a metric. `until` is None while none has taken its place, `is_built` False before a build.

    `measures` are those it rests on, `changes` in words what is otherwise than in the version before.
    """

    since: datetime
    until: datetime | None
    model_digest: str
    metric: Metric
    measures: Mapping[str, Measure]
    changes: tuple[str, ...]
    is_current: bool
    is_built: bool = True


class Series(NamedTuple):
    """A metric's values by period under one version; None where undefined. `note` says why there are none."""

    version: Version
    points: tuple[tuple[str, Number | None], ...]
    note: str = ""


class _Page(NamedTuple):
    """What one chapter says of a metric: None where it knows no such metric."""

    chapter: Chapter
    part: Model | None


def versions(workspace: Workspace, metric: str) -> tuple[Version, ...]:
    """The distinct definitions of a metric, oldest first; owners, targets and the like make no new one.

    Raises Refused when no model ever had such a metric.
    """
    known = chapters(workspace)
    name = canonical(known, metric)
    pages = [_Page(c, _part(c.model, name)) for c in known if c.model is not None]
    runs = [page for n, page in enumerate(pages) if n == 0 or not _same(pages[n - 1].part, page.part)]
    lost = tuple(c.since for c in known if c.model is None)
    ends = [page.chapter.since for page in runs[1:]]
    return tuple(
        _version(name, before, page, _first_after(page.chapter.since, (*lost, *ends)), lost)
        for before, page in zip([None, *runs], runs, strict=False)
        if page.part is not None
    )


def _first_after(since: datetime, ends: tuple[datetime, ...]) -> datetime | None:
    return min((end for end in ends if end > since), default=None)


def canonical(known: tuple[Chapter, ...], metric: str) -> str:
    """A metric's own name, of the newest model that knows it; raises Refused where none does."""
    for chapter in reversed(known):
        if chapter.model is not None and (found := chapter.model.metric(metric)):
            return found.name
    numbers = known[-1].model.metrics.metrics if known[-1].model else ()
    raise Refused([UNKNOWN_METRIC.broken(f"unknown metric '{metric}'.", hint=did_you_mean(metric, numbers))])


def _version(
    name: str, before: _Page | None, page: _Page, until: datetime | None, lost: tuple[datetime, ...]
) -> Version:
    chapter, part = page.chapter, page.part or Model()
    start = before.chapter.since if before else datetime.min.replace(tzinfo=UTC)
    gaps = sum(1 for at in lost if start < at < chapter.since)
    unknown = (
        f"{gaps} {'model' if gaps == 1 else 'models'} in use before it {'was' if gaps == 1 else 'were'} not kept",
    )
    return Version(
        since=chapter.since,
        until=until,
        model_digest=chapter.digest,
        metric=(chapter.model or part).metrics.metrics[name],
        measures=part.metrics.measures,
        changes=(*(unknown if gaps else ()), *(_changes(before.part, part) if before else ())),
        is_current=until is None,
        is_built=chapter.is_built,
    )


def _part(model: Model | None, name: str) -> Model | None:
    """A model of one metric and of all that it is made of; None where there is no such metric."""
    return None if model is None or name not in model.metrics.metrics else cut(model, (name,))


def _meaning(cut: Model) -> Model:
    """A cut with only what decides the number, and the words of the metric itself."""
    first = next(iter(cut.metrics.metrics))
    kept = {
        name: metric.model_copy(update=_defaults(metric, MEANING if name == first else NUMBER))
        for name, metric in cut.metrics.metrics.items()
    }
    measures = {name: measure.model_copy(update={"says": ""}) for name, measure in cut.metrics.measures.items()}
    return Model(metrics=Metrics.model_construct(measures=measures, metrics=kept))


def _defaults(metric: Metric, kept: tuple[str, ...]) -> dict[str, object]:
    """The other fields of a metric, as when they are left out."""
    fields = type(metric).model_fields
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name not in (*kept, "name")
    }


def _same(a: Model | None, b: Model | None) -> bool:
    if a is None or b is None:
        return a is b
    return plain(_meaning(a).metrics) == plain(_meaning(b).metrics)


def _changes(before: Model | None, after: Model) -> tuple[str, ...]:
    if before is None:
        return ("it was added",)
    changes = diff(_meaning(before), _meaning(after))
    # What it is newly made of was there before, for others; only what it means here has changed.
    return tuple(c.says for c in changes if not (len(c.path) == 2 and None in (c.before, c.after)))


def restated(  # noqa: PLR0913 - a question has this many parts
    workspace: Workspace,
    metric: str,
    *,
    per: str = "month",
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> tuple[Series, ...]:
    """The same rows reckoned under every version of a metric: a change of definition, told from one of business."""
    now = now or datetime.now(UTC)
    found = versions(workspace, metric)
    asked = Asked((found[-1].metric.name,), per, (), None, start, end, as_of)
    build = build_for(workspace, asked, None, now=now, progress=progress)
    given = []
    for version in found:
        model = workspace.model_of(version.model_digest)
        try:
            answered = answer(workspace.defined_by(model or workspace.model), asked, build, now)
        except Refused as refused:
            given.append(Series(version, (), refused.problems[0].says))
            continue
        rows = zip(answered.table["period"].to_pylist(), answered.table["value"].to_pylist(), strict=True)
        given.append(Series(version, tuple(rows), " ".join(note.says for note in answered.notes)))
    return tuple(given)
