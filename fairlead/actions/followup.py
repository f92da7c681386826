"""What follows from the numbers: every metric that misses its target, with the plan that was agreed for that."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import Asked, build_for
from fairlead.actions.looking import reviews_of
from fairlead.actions.standing import Status, status_of
from fairlead.actions.treeing import Node, Tree, tree
from fairlead.actions.trend import MONTHS, History, history
from fairlead.actions.why import Why, moves
from fairlead.analysis.rhythm import NextReview, next_review
from fairlead.model.decisions import Dispute
from fairlead.model.metrics import Metric
from fairlead.picture.wording import Manner
from fairlead.workspace import Workspace


class Step(NamedTuple):
    """A metric that misses its target, and what was agreed to do about it.

    `missed_for` counts the whole months in a row, the last one included, and `since` is the first of them;
    `always` where every month looked at missed. `why` is the move of the last month on the one before. `opened`
    are the diagnostic metrics that are to be read because of it.
    """

    node: Node
    plan: str
    owner: str
    owner_names: tuple[str, ...]
    is_mine: bool
    missed_for: int
    since: str
    always: bool
    why: Why | None
    opened: tuple[Node, ...]
    reviews: tuple[str, ...]
    next_review: NextReview | None


class FollowUp(NamedTuple):
    """The steps, one's own first, then by tier and by how long they miss; and disputes nobody has settled.

    `watched` counts the metrics that have a target and a value. `months` are looked at to count misses.
    `build` is None before the first sync.
    """

    steps: tuple[Step, ...]
    disputes: tuple[Dispute, ...]
    near: tuple[Node, ...]
    watched: int
    months: int
    manner: Manner
    as_of: datetime
    build: str | None
    built_at: datetime | None
    seen_at: datetime | None


def follow_up(
    workspace: Workspace, *, mine: Collection[str] = (), as_of: date | None = None, now: datetime | None = None
) -> FollowUp:
    """What follows from the published build. `mine` names the roles of whoever asks: their metrics come first."""
    now = now or datetime.now(UTC)
    found = tree(workspace, as_of=as_of, now=now)
    metrics = [node for node in found.nodes if node.kind == "metric"]
    missed = [node for node in metrics if node.status is Status.MISSED]
    steps = _steps(workspace, found, missed, mine, as_of, now) if missed else []
    return FollowUp(
        steps=tuple(sorted(steps, key=_urgency)),
        disputes=tuple(d for d in workspace.model.decisions.disputes if d.is_open),
        near=tuple(node for node in metrics if node.status is Status.NEAR),
        watched=sum(1 for node in metrics if node.status in (Status.MET, Status.NEAR, Status.MISSED)),
        months=MONTHS,
        manner=found.manner,
        as_of=found.as_of,
        build=found.build,
        built_at=found.built_at,
        seen_at=found.seen_at,
    )


def _urgency(step: Step) -> tuple[bool, int, int]:
    """One's own first, then the executive tier, then what misses longest."""
    return (not step.is_mine, step.node.tier or 9, -step.missed_for)


def _steps(  # noqa: PLR0913, PLR0917 - the tree, whose it is, and when
    workspace: Workspace,
    found: Tree,
    missed: Sequence[Node],
    mine: Collection[str],
    as_of: date | None,
    now: datetime,
) -> list[Step]:
    names = [node.name for node in missed]
    build = build_for(workspace, Asked((), as_of=as_of), None, now=now)
    day = as_of or workspace.as_of(now)
    told = history(workspace, names, build=build, day=day, now=workspace.end_of(day))
    why = _moves(workspace, told, names, build, workspace.end_of(day))
    return [_step(workspace, found, node, told[node.name], why.get(node.name), mine, day) for node in missed]


def _moves(
    workspace: Workspace, told: Mapping[str, History], names: Sequence[str], build: Path, now: datetime
) -> dict[str, Why]:
    """Why each moved over the last month told."""
    periods = [period for period, _ in told[names[0]]]
    if len(periods) < 2:
        return {}
    return moves(workspace, names, start=periods[-2], end=periods[-1], build=build, now=now)


def _step(  # noqa: PLR0913, PLR0917 - what is known of one metric, from four answers
    workspace: Workspace,
    found: Tree,
    node: Node,
    told: History,
    why: Why | None,
    mine: Collection[str],
    day: date,
) -> Step:
    model = workspace.model
    metric = model.metrics.metrics[node.name]
    role = model.role(metric.owner)
    count = _missed_for(metric, told)
    return Step(
        node=node,
        plan=metric.plan,
        owner=node.owner,
        owner_names=role.holders if role else (),
        is_mine=metric.owner in mine,
        missed_for=count,
        since=told[-count][0] if count else "",
        always=count == len(told),
        why=why,
        opened=tuple(n for n in found.nodes if n.name in found.opened and node.name in n.opened_by),
        reviews=reviews_of(model, metric),
        next_review=next_review(model, metric, day, workspace.config.fiscal_year_start),
    )


def _missed_for(metric: Metric, told: History) -> int:
    """How many months in a row, the last one included, missed the target as it is agreed today."""
    count = 0
    for _, value in reversed(told):
        if status_of(metric, value, ()) is not Status.MISSED:
            break
        count += 1
    return count
