"""The metric tree as it stands: every metric and measure with its value, what it is made of and what is red."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import Asked, build_for, needs_of, opened
from fairlead.actions.days import Day
from fairlead.actions.pasts import day_asked
from fairlead.actions.standing import Status, limits_words, status_of
from fairlead.actions.trend import History, Trend, history, trend
from fairlead.analysis.metric import unit_of
from fairlead.analysis.missing import missing
from fairlead.model.metrics import Metric
from fairlead.model.whole import Edge, Model
from fairlead.picture.wording import Manner, Number
from fairlead.record.lake import manifest
from fairlead.values import in_words, moment_from
from fairlead.workspace import Workspace

DIAGNOSTIC = 3  # the tier that is read when another one misses its target


class Node(NamedTuple):
    """A metric or measure in the tree, over its last whole month (`period`) and the one before it.

    Metrics of the tiers 1 and 2 are always open. One of tier 3, and a measure, is open when a metric that it makes
    or drives, directly or through others, misses its target; `opened_by` names those. Measures have no target and
    no owner, and no trend is told of them.
    """

    name: str
    label: str
    kind: str
    unit: str
    value: Number | None
    previous: Number | None
    period: str | None
    status: Status
    tier: int | None
    group: str
    owner: str
    target: str
    is_open: bool
    opened_by: tuple[str, ...]
    needs: tuple[str, ...]
    trend: Trend | None


class Tree(NamedTuple):
    """Every node and edge. `breached` metrics miss their target; `opened` are those of tier 3 that are to be read.

    `build` is None before the first sync.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    breached: tuple[str, ...]
    opened: tuple[str, ...]
    manner: Manner
    as_of: datetime
    build: str | None
    built_at: datetime | None
    seen_at: datetime | None


def tree(workspace: Workspace, *, as_of: Day = None, now: datetime | None = None) -> Tree:
    """The tree over the last whole months. `as_of` (default: today, or the pinned day) is the last day that counts."""
    now = now or datetime.now(UTC)
    day = workspace.as_of(now) if as_of is None else day_asked(workspace, as_of, now=now)
    build = build_for(workspace, Asked((), as_of=as_of), None, now=now) if workspace.lake.current() else None
    return _grown(workspace, build, day)


@lru_cache(maxsize=16)
def _grown(workspace: Workspace, build: Path | None, day: date) -> Tree:
    """Computed once a process: neither a build nor an opened workspace changes."""
    model = workspace.model
    names = tuple(dict.fromkeys([*model.metrics.metrics, *(n for e in model.edges for n in (e.source, e.target))]))
    told = history(workspace, names, build=build, day=day, now=workspace.end_of(day)) if build else {}
    lacking = missing(model.metrics, names, opened(build).supply) if build else {}
    nodes = [_node(workspace, name, told.get(name, ()), needs_of(model, name, lacking)) for name in names]
    breached = tuple(node.name for node in nodes if node.status is Status.MISSED)
    nodes = _opened(nodes, model.edges, breached)
    said = manifest(build) if build else {}
    return Tree(
        nodes=tuple(nodes),
        edges=model.edges,
        breached=breached,
        opened=tuple(n.name for n in nodes if n.tier == DIAGNOSTIC and n.is_open),
        manner=workspace.manner,
        as_of=workspace.end_of(day) - timedelta(seconds=1),
        build=build.name if build else None,
        built_at=moment_from(said.get("made_at")),
        seen_at=moment_from(said.get("seen_at")),
    )


def _node(workspace: Workspace, name: str, told: History, needs: tuple[str, ...]) -> Node:
    model, metric = workspace.model, workspace.model.metrics.metrics.get(name)
    values = [value for _, value in told]
    value = values[-1] if values else None
    return Node(
        name=name,
        label=metric.title if metric else in_words(name),
        kind="metric" if metric else "measure",
        unit=str(metric.unit if metric else unit_of(model.metrics.measures[name])),
        value=value,
        previous=values[-2] if len(values) > 1 else None,
        period=told[-1][0] if told else None,
        status=_status(metric, value, needs),
        tier=metric.tier if metric else None,
        group=str(metric.group or "") if metric else "",
        owner=_owner(model, metric),
        target=limits_words(metric.target if metric else None, str(metric.unit if metric else ""), workspace.manner),
        is_open=metric is not None and metric.tier != DIAGNOSTIC,
        opened_by=(),
        needs=needs,
        trend=trend(values) if metric else None,
    )


def _status(metric: Metric | None, value: Number | None, needs: tuple[str, ...]) -> Status:
    if metric is not None:
        return status_of(metric, value, needs)
    return Status.NEEDS if needs else Status.UNDEFINED if value is None else Status.NO_TARGET


def _owner(model: Model, metric: Metric | None) -> str:
    role = model.role(metric.owner) if metric else None
    return role.title if role else ""


def _opened(nodes: Iterable[Node], edges: Iterable[Edge], breached: tuple[str, ...]) -> list[Node]:
    """Which nodes the breached metrics open: all that lead to one of them."""
    above = leading(edges)
    found = []
    for node in nodes:
        reached = above.get(node.name, frozenset())
        by = tuple(name for name in breached if name in reached)
        found.append(node._replace(opened_by=by, is_open=node.is_open or bool(by)))
    return found


def leading(edges: Iterable[Edge]) -> Mapping[str, frozenset[str]]:
    """For each name, every metric that it makes or drives, directly or through others (never itself)."""
    targets: dict[str, set[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, set()).add(edge.target)
    return {name: frozenset(_reached(name, targets)) - {name} for name in targets}


def _reached(name: str, targets: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        further = targets.get(waiting.pop(), set()) - found
        found |= further
        waiting += further
    return found
