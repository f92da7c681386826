"""Why a number moved: split exactly over what it is made of, over segments, and from what the record has changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import Asked, build_for, opened
from fairlead.actions.days import Day
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.parts import Cut, Named, Part, Slice, causes_of, cut_of, part_of, places_in, shown
from fairlead.actions.reported import Called, RecordPart, Reported
from fairlead.actions.reported import reported as changed_since
from fairlead.actions.splitting import Compared, Taken, compared, cuts, taken
from fairlead.analysis.apportion import apportion, places_of
from fairlead.analysis.tree import lacks
from fairlead.model.metrics import Better
from fairlead.picture.reasons import AsTold, Cause, Move, sentence, since_told
from fairlead.picture.wording import Number
from fairlead.problem import Problem, Refused
from fairlead.values import Progress, quiet
from fairlead.workspace import Workspace

__all__ = ["Cut", "Part", "RecordPart", "Slice", "Why", "moves", "why"]


class Why(NamedTuple):
    """A metric's move from one period to another.

    `change` = `after` - `before`, as printed. Without `reported` it is `whole.part`, and `record` is empty. With it,
    `before` is what that build told, `restated` the same period as it is known now, and `change` is the sum of
    `record` and of `whole.part`, the move from `restated` to `after`.
    """

    metric: str
    label: str
    definition: str
    unit: str
    better: str
    period_from: str
    period_to: str
    before: Number | None
    after: Number | None
    change: Decimal | None
    whole: Part
    cuts: tuple[Cut, ...]
    record: tuple[RecordPart, ...]
    restated: Number | None
    sentence: str
    notes: tuple[Problem, ...]
    build: str
    reported: str | None
    sql: str


def why(  # noqa: PLR0913 - the public verb: every part of the question is a keyword of its own
    workspace: Workspace,
    metric: str,
    *,
    start: str,
    end: str,
    by: Sequence[str] = (),
    where: str | None = None,
    reported: str | None = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Why:
    """Why a metric moved from period `start` to period `end` (2026-09, 2026-Q3, 2026-W05, a day).

    `by` cuts the move by dimensions, each by itself. `reported` names a build: what of the move is business, and
    what the record has changed since that build told the first period. Raises Refused with everything wrong.
    """
    now = now or datetime.now(UTC)
    asked = Asked((metric,), None, tuple(by), where, start, end, as_of)
    build = build_for(workspace, asked, known_at, now=now, progress=progress)
    question = compared(workspace, asked, opened(build), now)
    if question.before == question.after and reported is None:
        message = f"{question.before.name} cannot have moved against itself."
        raise Refused([BAD_QUESTION.broken(message, hint="Name two periods, or the build that told this one.")])
    (name,) = question.question.metrics
    plain = question._replace(question=question.question._replace(by=()))
    whole = taken(workspace, opened(build), plain)[name]
    found = _why(workspace, name, plain, whole, build)
    named = Named(workspace.model, plain.question.missing)
    if reported is not None:
        called = Called(known_at, now, progress)
        then = changed_since(workspace, asked._replace(metrics=(name,)), reported, whole.split.before, called)
        found = _against(workspace, found, then, named)
    if not by:
        return found
    told = tuple(
        cut_of(dimension, cutting, found.whole.part, found.unit, named)
        for dimension, cutting in cuts(opened(build), plain, whole, tuple(dict.fromkeys(by)))
    )
    return _with_cuts(workspace, found, told, named)


def moves(  # noqa: PLR0913 - many metrics, two periods, one build, one time
    workspace: Workspace, metrics: Sequence[str], *, start: str, end: str, build: Path, now: datetime
) -> dict[str, Why]:
    """Why each of several metrics moved, from one query over one build; without cuts."""
    if not metrics:
        return {}
    asked = compared(workspace, Asked(tuple(metrics), start=start, end=end), opened(build), now)
    found = taken(workspace, opened(build), asked)
    return {name: _why(workspace, name, asked, found[name], build) for name in asked.question.metrics}


def _why(workspace: Workspace, name: str, asked: Compared, found: Taken, build: Path) -> Why:
    """One metric's move, without cuts."""
    model, metric = workspace.model, workspace.model.metrics.metrics.get(name)
    named = Named(model, asked.question.missing)
    unit = named.unit(found.split.node)
    before, after = shown(found.split.before, unit), shown(found.split.after, unit)
    change = after - before if before is not None and after is not None else None
    whole = part_of(found.split, change, places_of(unit), named)
    lacking = [named.lack(lacks(found.split.node, end)) for end in found.totals]
    if any(lacking):
        whole = whole._replace(note=_undefined(asked, lacking))
    move = Move(named.label(name), unit, asked.before.name, asked.after.name, before, after, *lacking)
    measure = model.metrics.measures.get(name)
    return Why(
        metric=name,
        label=move.label,
        definition=metric.definition if metric else measure.says if measure else "",
        unit=unit,
        better=str(metric.better if metric else Better.NEITHER),
        period_from=asked.before.name,
        period_to=asked.after.name,
        before=before,
        after=after,
        change=change,
        whole=whole,
        cuts=(),
        record=(),
        restated=None,
        sentence=sentence(move, causes_of(whole, named), workspace.manner),
        notes=asked.notes,
        build=build.name,
        reported=None,
        sql=found.sql,
    )


def _against(workspace: Workspace, found: Why, then: Reported, named: Named) -> Why:
    """The same, told from what the earlier build said: the record's parts, then those of business."""
    before = shown(then.before, found.unit)
    restated, after = (None if value is None else Decimal(value) for value in (found.before, found.after))
    record = _record(then, None if before is None or restated is None else restated - before, found.unit)
    told = AsTold(then.build, before, restated, tuple(Cause(p.says, p.part) for p in record if p.part is not None))
    move = Move(found.label, found.unit, found.period_from, found.period_to, before, found.after)
    causes = causes_of(found.whole, named)
    return found._replace(
        before=before,
        change=after - before if before is not None and after is not None else None,
        restated=restated,
        record=record,
        reported=then.build,
        notes=(*found.notes, *then.notes),
        sentence=since_told(move, told, causes, workspace.manner),
    )


def _record(then: Reported, total: Decimal | None, unit: str) -> tuple[RecordPart, ...]:
    """The record's parts as printed, so that they sum to `total` to the last digit."""
    exact = [part.part for part in then.parts if part.part is not None]
    whole = total is not None and len(exact) == len(then.parts)
    told = apportion(exact, total, places_of(unit)) if whole and total is not None else [None] * len(then.parts)
    return tuple(RecordPart(p.kind, part, p.rows, p.says) for p, part in zip(then.parts, told, strict=True))


def _undefined(asked: Compared, lacking: Sequence[str]) -> str:
    """Which end has no value, and why."""
    names = (asked.before.name, asked.after.name)
    return "; ".join(f"undefined in {name}: {lack}" for name, lack in zip(names, lacking, strict=True) if lack)


def _with_cuts(workspace: Workspace, found: Why, told: tuple[Cut, ...], named: Named) -> Why:
    """The same with its cuts; where the metric has no parts of its own, the sentence tells the segments."""
    if found.whole.parts or found.reported or not told:
        return found._replace(cuts=told)
    move = Move(found.label, found.unit, found.period_from, found.period_to, found.before, found.after)
    says = sentence(move, places_in(told[0]), workspace.manner, within=True)
    return found._replace(cuts=told, sentence=says if found.change is not None else found.sentence)
