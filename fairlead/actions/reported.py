"""What the record has changed about a number since a build told it: definition, late, removed and corrected records."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.actions.asking import Asked, build_for, opened
from fairlead.actions.building import named
from fairlead.actions.laws import BAD_QUESTION, DEFINITION_UNKNOWN, OTHER_CODE
from fairlead.actions.splitting import ONE_DAY, Compared, compared, is_missing, is_zero_when_empty
from fairlead.analysis.missing import missing
from fairlead.analysis.question import Instance, Question
from fairlead.analysis.restated import (
    CLASSES,
    PLAYERS,
    STATES,
    compile_states,
    looks_ahead,
    values_by_state,
)
from fairlead.analysis.shapley import Number, shares
from fairlead.analysis.tree import Node, Values, node_of
from fairlead.model.arithmetic import exact
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, Severity
from fairlead.record.engine import EngineError, reading
from fairlead.record.lake import manifest
from fairlead.values import Progress
from fairlead.workspace import Workspace

SAYS: Mapping[str, tuple[str, str]] = {
    "late": ("record the earlier build did not have", "records the earlier build did not have"),
    "removed": ("record that is gone or deleted since", "records that are gone or deleted since"),
    "corrected": ("record that counts differently now", "records that count differently now"),
}


class Called(NamedTuple):
    """How a verb was called: what was known, at what time, and whom to tell of long work."""

    known_at: datetime | None
    now: datetime
    progress: Progress


# What the kinds are called, in the order they are told.
RECORD: Mapping[str, str] = {
    "definition": "Definition changed",
    "late": "Came in late",
    "corrected": "Corrected",
    "removed": "Removed",
    "since": "Happened since",
}


class RecordPart(NamedTuple):
    """What of a move is the record and not business.

    `kind`: "definition" (the dictionary changed), "late" (records the earlier build did not have), "removed" (gone
    or deleted since), "corrected" (counted differently now), "since" (happened after the earlier build's day).
    `rows` counts the records behind it, where they are records.
    """

    kind: str
    part: Decimal | None
    rows: int | None
    says: str


class Changed(NamedTuple):
    """One part of it, exactly."""

    kind: str
    part: Number
    rows: int | None
    says: str


class Reported(NamedTuple):
    """What the earlier build told (`before`), and the parts that lead from there to what is known now."""

    build: str
    before: Number
    parts: tuple[Changed, ...]
    notes: tuple[Problem, ...]


class _Sides(NamedTuple):
    """The earlier build and the later one, level with it: both are asked for the period by what had happened then.

    `nodes`, `models` and `questions` are of the earlier dictionary and build, and of the later ones.
    """

    builds: tuple[Path, Path]
    models: tuple[Model, Model]
    nodes: tuple[Node, Node]
    questions: tuple[Question, Question]


def reported(workspace: Workspace, asked: Asked, told: str, restated: Number, called: Called) -> Reported:
    """How the build `told` (a name or its beginning) gave a metric for the period `asked.start`, and what changed.

    `restated` is the same by the present record, dictionary and day; the parts sum exactly to `restated` less what
    was told. Raises Refused when there is no such build, or when it is older than the period.
    """
    (name,) = asked.metrics
    earlier = named(workspace, told)
    single = asked._replace(end=asked.start, by=())
    build = build_for(workspace, single, called.known_at, now=called.now)
    today = compared(workspace, single, opened(build), called.now)
    day = _day(earlier, today)
    model, notes = _dictionary(workspace, earlier, build)
    if name not in model.numbers:
        unknown = DEFINITION_UNKNOWN.broken(f"{name} was not in the dictionary of {earlier.name}.")
        return Reported(earlier.name, None, (), (*notes, unknown))
    nodes = (node_of(model.metrics, name), node_of(workspace.model.metrics, name))
    goes_on = _goes_on(nodes, today, day)
    then = single._replace(as_of=day)
    level = build_for(workspace, then, called.known_at, now=called.now, progress=called.progress) if goes_on else build
    sides = _Sides(
        (earlier, level),
        (model, workspace.model),
        nodes,
        (
            compared(workspace.defined_by(model), then, opened(earlier), called.now).question,
            compared(workspace, then if goes_on else single, opened(level), called.now).question,
        ),
    )
    values, rows = _counted(sides)
    parts = _parts(sides, values, rows)
    if goes_on:
        parts.append(
            Changed("since", _less(restated, values[-1]), None, f"what happened after {day}, that build's day")
        )
    return Reported(earlier.name, values[0], tuple(parts), notes)


def _day(earlier: Path, today: Compared) -> date:
    """The last day that counts for both builds."""
    day = min(opened(earlier).as_of, today.question.frame.as_of)
    if today.before.start > day:
        message = f"Build {earlier.name} is of {day}, before {today.before.name} began."
        raise Refused([BAD_QUESTION.broken(message, hint="Name a build of that period, or a later one.")])
    return day


def _dictionary(workspace: Workspace, earlier: Path, build: Path) -> tuple[Model, tuple[Problem, ...]]:
    """The dictionary the earlier build was made with, and what makes a comparison with it less than certain."""
    said, says = manifest(earlier), manifest(build)
    model, notes = workspace.model_of(said["model_digest"]), []
    if model is None:
        notes.append(DEFINITION_UNKNOWN.broken(f"The dictionary of {earlier.name} was not kept: today's is taken."))
    if said["code_digest"] != says["code_digest"]:
        notes.append(OTHER_CODE.broken(f"{earlier.name} was made by another version of Fairlead."))
    return model or workspace.model, tuple(notes)


def _goes_on(nodes: Sequence[Node], today: Compared, day: date) -> bool:
    """Whether the number went on to change after a day only because time did: its period was not over, or it counts
    by what happens later."""
    if day >= today.question.frame.as_of:
        return False
    return day < today.before.end - ONE_DAY or any(looks_ahead(i) for node in nodes for i in node.counted())


def _counted(sides: _Sides) -> tuple[list[Number], Mapping[str, int]]:
    """The metric in every state of definition and classes, and how many records are behind each class."""
    lacking = [
        [missing(model.metrics, question.metrics, opened(build).supply) for build in sides.builds]
        for model, question in zip(sides.models, sides.questions, strict=True)
    ]
    own = [tuple(node.counted()) for node in sides.nodes]
    instances = tuple(dict.fromkeys(i for group in own for i in group))
    row = _read(sides, instances)

    def counted(which: int, state: int) -> Values:
        """What was counted for one of the dictionaries in a state of the classes."""
        here = [lacking[which][0]] * (state < STATES - 1) + [lacking[which][1]] * (state > 0)
        return {i.column: _amount(i, row[f"m{instances.index(i)}_s{state}"], here) for i in own[which]}

    states = [(counted(0, state), counted(1, state)) for state in range(STATES)]
    return values_by_state(*sides.nodes, states), {kind: row.get(kind, 0) for kind in CLASSES}


def _amount(instance: Instance, given: Any, lacking: Sequence[Mapping[str, str]]) -> Number:
    """A count or sum of nothing is zero, unless no source gives it in any build that the state is made of."""
    if all(is_missing(instance, one) for one in lacking):
        return None
    return exact(0 if given is None and is_zero_when_empty(instance) else given)


def _read(sides: _Sides, instances: Sequence[Instance]) -> Mapping[str, Any]:
    """One row with every measure in every state, and the number of records by class."""
    if not instances:
        return {}
    earlier, level = sides.builds
    try:
        told = reading(level, earlier).rows(compile_states(instances, *sides.questions))
    except EngineError as bad:
        message = f"{earlier.name} lacks what is asked for: {str(bad).splitlines()[0]}"
        raise Refused([OTHER_CODE.broken(message)._replace(severity=Severity.ERROR)]) from bad
    found: dict[str, Any] = told.to_pylist()[0]
    return found


def _parts(sides: _Sides, values: Sequence[Number], rows: Mapping[str, int]) -> list[Changed]:
    """What each player adds: the definition, then the classes of records."""
    gained = shares(values) or [None] * len(PLAYERS)
    parts = [Changed(PLAYERS[0], gained[0], None, _defined(*sides.nodes))]
    for kind, gain in zip(CLASSES, gained[1:], strict=True):
        count = rows[kind]
        parts.append(Changed(kind, gain, count, f"{count:,} {SAYS[kind][count != 1]}"))
    return parts


def _defined(then: Node, now: Node) -> str:
    """What is defined differently, as far down as it can be told."""
    changed = tuple(dict.fromkeys(_differing(then, now)))
    return f"another definition of {', '.join(changed)}" if changed else "the definition is the same"


def _differing(then: Node, now: Node) -> list[str]:
    if then.instance and now.instance:
        return [] if _meaning(then.instance) == _meaning(now.instance) else [now.name]
    if then.formula != now.formula or len(then.operands) != len(now.operands):
        return [now.name]
    return [name for a, b in zip(then.operands, now.operands, strict=True) for name in _differing(a, b)]


def _meaning(instance: Instance) -> tuple[object, ...]:
    """What is counted, whatever is said of it."""
    return instance.measure.model_copy(update={"says": ""}), instance.window


def _less(after: Number, before: Number) -> Number:
    return None if after is None or before is None else after - before
