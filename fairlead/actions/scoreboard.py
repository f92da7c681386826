"""The scoreboard: the few numbers everybody sees, each against its target, as one build has them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import Asked, build_for, needs_of, opened
from fairlead.actions.checking import check_model
from fairlead.actions.days import Day
from fairlead.actions.pasts import day_asked
from fairlead.actions.sources import Freshness, freshness
from fairlead.actions.standing import Status, limits_words, status_of
from fairlead.actions.treeing import DIAGNOSTIC, leading
from fairlead.actions.trend import History, Trend, history, trend
from fairlead.actions.why import Why, moves
from fairlead.analysis.missing import missing
from fairlead.analysis.rhythm import NextReview, next_review
from fairlead.analysis.swing import swing
from fairlead.model.metrics import Limits, Metric
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner, Number, worded
from fairlead.record.lake import manifest
from fairlead.values import moment_from
from fairlead.workspace import Workspace

__all__ = ["Number", "Score", "Scoreboard", "Status", "scoreboard", "status_of"]

MONTHS_SHOWN = 13
MOVES_TOLD = 3


class Score(NamedTuple):
    """One metric on the scoreboard.

    `value` and `previous` are for `period` and the one before it; percent values are shares (0.25 is 25 %).
    `history` is (period name, value or None) from oldest to newest, `period` last. `target` is worded
    ("at least 25%"), empty when there is none; `limits` is the same for a picture, and `baseline` the worded value
    when it was set. `needs` says what is missing when it cannot be computed, and `why` in words why a value is
    undefined, where that is known. `decision` tells what was decided where practitioners differ. `swing` is the last
    move as a multiple of the usual one. `opened_by` are the metrics whose breach opens this one, of tier 3.
    """

    metric: str
    label: str
    definition: str
    unit: str
    value: Number | None
    period: str | None
    previous: Number | None
    target: str
    status: Status
    history: tuple[tuple[str, Number | None], ...]
    owner_role: str
    owner_name: str | None
    tier: int
    needs: tuple[str, ...]
    decision: str | None
    better: str
    why: str = ""
    trend: Trend | None = None
    next_review: NextReview | None = None
    baseline: str = ""
    freshness: Freshness | None = None
    limits: Limits | None = None
    swing: float | None = None
    opened_by: tuple[str, ...] = ()
    group: str = ""


class Scoreboard(NamedTuple):
    """The scores in the model's order, and what they were made from. `build` is None before the first sync.

    `moved` says of the scores that moved most, against what each usually moves, how and why. `opened` are metrics
    of tier 3 that a miss among the scores opens.
    """

    company: str
    manner: Manner
    as_of: datetime
    build: str | None
    built_at: datetime | None
    seen_at: datetime | None
    scores: tuple[Score, ...]
    problems: int
    moved: tuple[Why, ...] = ()
    opened: tuple[Score, ...] = ()


def scoreboard(
    workspace: Workspace, *, tier: int | None = None, as_of: Day = None, now: datetime | None = None
) -> Scoreboard:
    """The scoreboard of the published build: each metric's last whole month, and the year before it.

    With a `tier`, every metric of that tier instead of the few chosen; of tier 3 those that a miss anywhere above
    opens are in `opened`, the others in `scores`. `as_of` (default: today, or the day the
    workspace pins) is the last day that counts; for a day before the build's own, a build of that day answers.
    """
    now = now or datetime.now(UTC)
    day = workspace.as_of(now) if as_of is None else day_asked(workspace, as_of, now=now)
    build = build_for(workspace, Asked((), as_of=as_of), None, now=now) if workspace.lake.current() else None
    made = _made(workspace, build, day, tier)
    fresh = freshness(workspace, [s.metric for s in (*made.scores, *made.opened)], now=now) if build else {}
    return made._replace(
        scores=tuple(score._replace(freshness=fresh.get(score.metric)) for score in made.scores),
        opened=tuple(score._replace(freshness=fresh.get(score.metric)) for score in made.opened),
    )


@lru_cache(maxsize=16)
def _made(workspace: Workspace, build: Path | None, day: date, tier: int | None) -> Scoreboard:
    """All of it but how fresh it is: computed once a process, for neither a build nor an opened workspace changes."""
    scores = _scores(workspace, _chosen(workspace, tier), build, day)
    missed = _missed(scores)
    diagnostics: tuple[Score, ...] = ()
    if tier == DIAGNOSTIC:
        above = [m for m in workspace.model.metrics.metrics.values() if m.tier != DIAGNOSTIC]
        missed, diagnostics = _missed(_scores(workspace, above, build, day)), scores
    elif tier is None:
        candidates = _led_to(workspace, missed)
        diagnostics = _scores(workspace, candidates, build, day)
    open_to = _open(workspace, diagnostics, missed)
    said = manifest(build) if build else {}
    return Scoreboard(
        company=workspace.config.company,
        manner=workspace.manner,
        as_of=workspace.end_of(day) - timedelta(seconds=1),
        build=build.name if build else None,
        built_at=moment_from(said.get("made_at")),
        seen_at=moment_from(said.get("seen_at")),
        scores=tuple(score for score in scores if score.metric not in {one.metric for one in open_to}),
        problems=sum(1 for p in check_model(workspace) if p.is_error),
        moved=_moved(workspace, scores, build, day) if build and tier != DIAGNOSTIC else (),
        opened=open_to,
    )


def _chosen(workspace: Workspace, tier: int | None) -> tuple[Metric, ...]:
    """The metrics of a view, in the model's order."""
    if tier is None:
        return workspace.model.scoreboard
    return tuple(m for m in workspace.model.metrics.metrics.values() if (m.tier or DIAGNOSTIC) == tier)


def _missed(scores: Sequence[Score]) -> tuple[str, ...]:
    return tuple(score.metric for score in scores if score.status is Status.MISSED)


def _led_to(workspace: Workspace, missed: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics of tier 3 that make or drive one that missed its target."""
    above = leading(workspace.model.edges)
    diagnostics = _chosen(workspace, DIAGNOSTIC)
    return tuple(m for m in diagnostics if not m.scoreboard and above.get(m.name, frozenset()).intersection(missed))


def _open(workspace: Workspace, scores: Sequence[Score], missed: Sequence[str]) -> tuple[Score, ...]:
    """The scores that lead to a missed one, each saying to which."""
    above = leading(workspace.model.edges)
    by = {s.metric: tuple(name for name in missed if name in above.get(s.metric, frozenset())) for s in scores}
    return tuple(score._replace(opened_by=by[score.metric]) for score in scores if by[score.metric])


def _moved(workspace: Workspace, scores: Sequence[Score], build: Path, day: date) -> tuple[Why, ...]:
    """How and why the scores moved that moved most, each against its own usual move; the biggest first."""
    told = sorted((s for s in scores if s.swing), key=lambda s: -(s.swing or 0))[:MOVES_TOLD]
    if not told:
        return ()
    start, end = told[0].history[-2][0], told[0].history[-1][0]
    names = [score.metric for score in told]
    found = moves(workspace, names, start=start, end=end, build=build, now=workspace.end_of(day))
    return tuple(found[score.metric] for score in told)


def _scores(workspace: Workspace, metrics: Sequence[Metric], build: Path | None, day: date) -> tuple[Score, ...]:
    """The metrics over their last whole months, from one query."""
    names = tuple(metric.name for metric in metrics)
    told: Mapping[str, History] = {}
    lacking: Mapping[str, str] = {}
    if build and names:
        told = history(workspace, names, build=build, day=day, now=workspace.end_of(day))
        lacking = missing(workspace.model.metrics, names, opened(build).supply)
    return tuple(
        _score(workspace, m, told.get(m.name, ()), needs_of(workspace.model, m.name, lacking), day) for m in metrics
    )


def _score(workspace: Workspace, metric: Metric, told: History, needs: tuple[str, ...], day: date) -> Score:
    model, manner = workspace.model, workspace.manner
    values = [value for _, value in told]
    value = values[-1] if values else None
    role = model.role(metric.owner)
    target = metric.target
    baseline = target.baseline if target else None
    return Score(
        metric=metric.name,
        label=metric.title,
        definition=metric.definition,
        unit=str(metric.unit),
        value=value,
        period=told[-1][0] if told else None,
        previous=values[-2] if len(values) > 1 else None,
        target=limits_words(target, str(metric.unit), manner),
        status=status_of(metric, value, needs),
        history=told[-MONTHS_SHOWN:],
        owner_role=role.title if role else metric.owner or "",
        owner_name=role.holders[0] if role and role.holders else None,
        tier=metric.tier or DIAGNOSTIC,
        needs=needs,
        decision=_decision(model, metric),
        better=str(metric.better),
        why="" if value is not None or needs else "nothing to divide by in this period",
        trend=trend(values) if any(value is not None for value in values) else None,
        next_review=next_review(model, metric, day, workspace.config.fiscal_year_start),
        baseline="" if baseline is None else worded(baseline, str(metric.unit), manner).text,
        limits=target,
        swing=swing(values),
        group=str(metric.group or ""),
    )


def _decision(model: Model, metric: Metric) -> str | None:
    """What was decided where practitioners differ; the decision's number where nobody wrote it down."""
    found = model.decisions.decisions.get(metric.decision or "")
    return found.decision or found.topic if found else metric.decision
