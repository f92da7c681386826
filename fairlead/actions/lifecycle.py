"""The lifecycle and the pipelines as they run: the funnel, time in stages, where people leave, who is stuck."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from fairlead.actions.asking import Asked, Opened, build_for, opened
from fairlead.actions.days import Day, cut_periods, days_of, grain_of, reversed_time
from fairlead.actions.flows import (
    WHOLE,
    Count,
    FlowAsked,
    Funnel,
    JourneyStep,
    Leak,
    Mapped,
    Move,
    StageTold,
    Standing,
    Stuck,
    Time,
)
from fairlead.actions.laws import BAD_QUESTION, UNKNOWN_DIMENSION, UNKNOWN_FLOW, UNKNOWN_STAGE
from fairlead.actions.presets import called, model_under, reading
from fairlead.analysis import lingering
from fairlead.analysis.dimension import dimensions, resolve
from fairlead.analysis.funnel import STAYS, Ask, Step, counts
from fairlead.analysis.stages import LIFECYCLE, pipelines_of
from fairlead.analysis.survival import QUANTILES
from fairlead.model import load
from fairlead.model.lifecycle import Again, DealStage, Lifecycle, Outcome, Skipped, Stage
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.values import Period, Progress, Query, add_months, in_words, moment_from, quiet
from fairlead.workspace import Workspace

MONTHS = 12  # looked at where no time is given
DAY_SECONDS = 86_400
OWN_AMOUNTS, ON_AVERAGE = "the deals' own amounts", "what those who entered it brought on average"
LAST_YEAR = "a year of what they last paid"
Policy = TypeVar("Policy", Skipped, Again)
SEGMENT = "account.segment"  # whose curve tells who is stuck, where nothing else is cut by
NAMED = {"owner": "owner.name"}  # a way to say it that is no column


def funnel(
    workspace: Workspace,
    asked: FlowAsked = WHOLE,
    *,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Funnel:
    """The funnel of a flow. Raises Refused with all that is wrong."""
    build = build_asked(workspace, asked.as_of, known_at, now=now or datetime.now(UTC), progress=progress)
    return _answer(workspace, understood(workspace, opened(build), asked), build, asked.preset)


def build_asked(
    workspace: Workspace, as_of: Day, known_at: datetime | None, *, now: datetime, progress: Progress = quiet
) -> Path:
    """The build that answers as of a day and as known at a time; raises Refused for a day that is none."""
    return build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)


def understood(workspace: Workspace, open_build: Opened, asked: FlowAsked) -> Ask:
    """The question as it can be asked of a build; raises Refused with all that is wrong."""
    flow, by = asked.flow, asked.by
    faults: list[Problem] = []
    steps = _steps(workspace, flow, asked.preset, faults)
    if not steps and not faults:
        faults.append(UNKNOWN_FLOW.broken(f"{flow} has no stages.", hint="Add some to lifecycle.yaml, or a preset."))
    span = _span(open_build, asked, faults)
    cut = NAMED.get(by, by) if by else None
    if cut and (path := resolve(STAYS, cut)):
        cut = ".".join((*path.references, path.column.name))
    elif cut:
        hint = did_you_mean(cut, (*dimensions(STAYS), *NAMED))
        faults.append(UNKNOWN_DIMENSION.broken(f"stage_entry has no '{by}' to cut by.", hint=hint))
    own = workspace.model.lifecycle if flow == LIFECYCLE else workspace.model.lifecycle.pipelines.get(flow)
    default = own or Lifecycle()
    counted = _one_of(Skipped, asked.skipped, default.skipped, faults)
    again = _one_of(Again, asked.reopened, default.reopened, faults)
    if faults:
        raise Refused(faults)
    return Ask(flow, steps, cut, span, asked.cohort, counted, again, open_build.as_of, open_build.timezone)


def _one_of(kind: type[Policy], said: str | None, default: Policy, faults: list[Problem]) -> Policy:
    found = next((one for one in kind if one == said), None)
    if said is not None and found is None:
        faults.append(
            BAD_QUESTION.broken(f"'{said}' is none of {', '.join(kind)}.", hint=did_you_mean(said, list(kind)))
        )
    return found or default


def _span(open_build: Opened, asked: FlowAsked, faults: list[Problem]) -> tuple[Period, ...]:
    """The periods asked for, up to the build's day at most."""
    first_month = open_build.fiscal_year_start
    grain = grain_of(asked.per, faults)
    first, last, _ = days_of(asked.start, asked.end, None, first_month, faults)
    last = min(last or open_build.as_of, open_build.as_of)
    first = first or add_months(last.replace(day=1), 1 - MONTHS)
    if wrong := reversed_time(first, last):
        faults += wrong
        return ()
    if grain is None:
        return (Period(f"{first}/{last}", first, last + timedelta(days=1)),)
    return cut_periods(first, last, grain, first_month)


def _steps(workspace: Workspace, flow: str, preset: str | None, faults: list[Problem]) -> tuple[Step, ...]:
    """The steps of a flow, lost stages left out; those of a preset where one is asked for."""
    model = workspace.model
    if preset and preset not in (known := load.presets(workspace.model_folder)):
        faults.append(UNKNOWN_FLOW.broken(f"unknown preset '{preset}'.", hint=did_you_mean(preset, known)))
        return ()
    if flow == LIFECYCLE:
        stages = model_under(workspace, preset).stages
        return tuple(Step(s.name, str(s.subject), n) for n, s in enumerate(stages, 1))
    found = next((f for f in pipelines_of(model) if f.name == flow), None)
    if found is None:
        names = (LIFECYCLE, *(f.name for f in pipelines_of(model)))
        faults.append(UNKNOWN_FLOW.broken(f"unknown flow '{flow}'.", hint=did_you_mean(flow, names)))
        return ()
    if preset:
        faults.append(BAD_QUESTION.broken("a preset is of the lifecycle, not of a pipeline."))
    return tuple(Step(s.stage, "opportunity", s.position) for s in found.spots if s.outcome != Outcome.LOST)


def mapping(workspace: Workspace) -> tuple[Mapped, ...]:
    """The mapping table between presets: every stage of the model and its name in each of them."""
    known = load.presets(workspace.model_folder)
    return tuple(
        Mapped(s.name, s.title, {name: called(workspace.model, preset, s.name) or "" for name, preset in known.items()})
        for s in workspace.model.stages
    )


class _Rows:
    """Runs the funnel's queries on one build, under a preset's names if any; each gives few rows."""

    def __init__(self, workspace: Workspace, open_build: Opened, preset: str | None) -> None:
        self._read = reading(workspace, open_build, preset)

    def __call__(self, query: Query) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._read(query).to_pylist()
        return found


@lru_cache(maxsize=32)
def _answer(workspace: Workspace, ask: Ask, build: Path, preset: str | None) -> Funnel:
    """Computed once a process: neither a build nor an opened workspace changes."""
    model, rows = model_under(workspace, preset), _Rows(workspace, opened(build), preset)
    order = [step.name for step in ask.steps]
    weeks = [Standing(*r.values()) for r in rows(lingering.standing(ask))]
    weekly = tuple(sorted(weeks, key=lambda one: (one.week_ends, order.index(one.stage))))
    last = weekly[-1].week_ends
    said: Mapping[str, Any] = manifest(build)
    return Funnel(
        flow=ask.flow,
        mode="cohort" if ask.is_cohort else "period",
        by=ask.by,
        skipped=str(ask.skipped),
        reopened=str(ask.reopened),
        preset=preset,
        start=ask.periods[0].start,
        end=ask.periods[-1].end - timedelta(days=1),
        steps=tuple(step.name for step in ask.steps),
        counts=_counts(model, ask, rows),
        times=_times(model, ask, rows),
        moves=_moves(ask, rows),
        leaks=_leaks(model, ask, rows),
        standing={one.stage: one.standing for one in weekly if one.week_ends == last},
        stalled=_stalled(ask, rows),
        weekly=weekly,
        mapping=mapping(workspace) if ask.flow == LIFECYCLE else (),
        manner=workspace.manner,
        as_of=workspace.end_of(ask.as_of) - timedelta(seconds=1),
        build=build.name,
        built_at=moment_from(said["made_at"]),
        seen_at=moment_from(said["seen_at"]),
    )


def _stalled(ask: Ask, rows: _Rows) -> tuple[Stuck, ...]:
    """Who is stuck, in the order of the flow; in each stage the longest first."""
    order = [step.name for step in ask.steps]
    found = map(_stuck, rows(lingering.stalled(ask._replace(by=ask.by or SEGMENT))))
    return tuple(sorted(found, key=lambda one: order.index(one.stage)))


def _stuck(row: Mapping[str, Any]) -> Stuck:
    told = {name: row[name] for name in Stuck._fields if name in row}
    return Stuck(**{**told, "days": row["seconds"] / DAY_SECONDS, "p90": row["p90"] / DAY_SECONDS})


def _times(model: Model, ask: Ask, rows: _Rows) -> tuple[Time, ...]:
    """Time in stages, in the order of the flow."""
    order = [step.name for step in ask.steps]
    found = [
        Time(r["cut"], r["stage"], title_of(model, r["stage"]), r["ended"], r["still_open"], *map(_days, _quantiles(r)))
        for r in rows(lingering.times(ask))
    ]
    return tuple(sorted(found, key=lambda time: (time.cut or "", order.index(time.stage))))


def _quantiles(row: Mapping[str, Any]) -> Sequence[float | None]:
    return [row[name] for name in QUANTILES]


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / DAY_SECONDS


def _counts(model: Model, ask: Ask, rows: _Rows) -> tuple[Count, ...]:
    """Every step of every period and cut that was met, those that nobody reached among them."""
    found = {(r["period"], r["cut"], r["step"]): (r["reached"], r["advanced"]) for r in rows(counts(ask))}
    groups = tuple(dict.fromkeys((period, cut) for period, cut, _ in found))
    listed: list[Count] = []
    for period, cut in groups:
        came_in, _ = found.get((period, cut, 1), (0, 0))
        for place, step in enumerate(ask.steps, 1):
            reached, advanced = found.get((period, cut, place), (0, 0))
            is_last = place == len(ask.steps)
            listed.append(
                Count(
                    period, cut, step.name, title_of(model, step.name), reached, advanced,
                    None if is_last or not reached else advanced / reached,
                    reached / came_in if ask.is_cohort and came_in and ask.skipped is Skipped.PASSED else None,
                )
            )  # fmt: skip
    return tuple(listed)


def title_of(model: Model, name: str) -> str:
    """A stage's name on pages."""
    if stage := model.lifecycle.stages.get(name):
        return stage.title
    found = (p.stages[name] for p in model.lifecycle.pipelines.values() if name in p.stages)
    return next((s.label for s in found if s.label), in_words(name))


def _moves(ask: Ask, rows: _Rows) -> tuple[Move, ...]:
    places = {step.name: place for place, step in enumerate(ask.steps)}
    return tuple(
        Move(
            r["stage"], r["next_stage"], _way(places, r["stage"], r["next_stage"]), r["moves"], r["subjects"],
            _days(r["median"]),
        )
        for r in rows(lingering.moves(ask))
    )  # fmt: skip


def _way(places: Mapping[str, int], stage: str, then: str | None) -> str:
    """Where a move leads; out of a closed stage back into the pipeline counts as back."""
    if then is None:
        return "gone"
    if then not in places:
        return "lost"
    return "forward" if stage in places and places[then] >= places[stage] else "back"


def _leaks(model: Model, ask: Ask, rows: _Rows) -> tuple[Leak, ...]:
    """Who left each stage for good, with the money in it, in the order of the flow."""
    brought = {r["position"]: float(r["won_value"]) / r["entered"] for r in rows(lingering.worth(ask)) if r["entered"]}
    places = {step.name: step.position for step in ask.steps}
    order = list(places)
    found: list[Leak] = []
    for row in sorted(rows(lingering.leaks(ask)), key=lambda r: order.index(r["stage"])):
        name, lost = row["stage"], row["lost"]
        if row["value"] is not None or not row["furthest"]:
            own = model.lifecycle.stages.get(name) if ask.flow == LIFECYCLE else None
            how = LAST_YEAR if own and own.subject == "account" else OWN_AMOUNTS
            found.append(Leak(name, title_of(model, name), lost, float(row["value"] or 0), how))
        else:
            each = brought.get(places[name])
            value = None if each is None else row["furthest"] * each
            found.append(Leak(name, title_of(model, name), lost, value, ON_AVERAGE))
    return tuple(found)


def stage(  # noqa: PLR0913 - as the funnel's
    workspace: Workspace,
    name: str,
    *,
    of: str | None = None,
    by: str | None = None,
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
) -> StageTold:
    """One stage of the lifecycle or of a pipeline: its agreement, who is in it, for how long, and where they go.

    Another preset's name means the stage that stands for it; `of` is its flow, where several have a stage of that name.
    `by` (default: source) cuts its conversion and times.
    Raises Refused where there is no such stage.
    """
    flow, agreed = agreed_stage(workspace.model, name, of)
    asked = FlowAsked(flow, start=start, end=end, as_of=as_of)
    whole = funnel(workspace, asked, known_at=known_at, now=now)
    cut = by or "source"
    parts = funnel(workspace, asked._replace(by=cut), known_at=known_at, now=now)
    role = workspace.model.role(agreed.owner)
    own = agreed.name
    return StageTold(
        name=own,
        title=title_of(workspace.model, own),
        says=agreed.says,
        flow=flow,
        subject=str(getattr(agreed, "subject", "opportunity")),
        owner=role.title if role else agreed.owner or "",
        owner_names=role.holders if role else (),
        enters=getattr(agreed, "enters", None),
        enter_when=agreed.enter_when,
        exit_when=agreed.exit_when,
        required=agreed.required,
        names=tuple((p, n) for one in whole.mapping if one.stage == own for p, n in one.names.items() if n),
        now=whole.standing.get(own, 0),
        by=parts.by or cut,
        counts=tuple(c for c in parts.counts if c.step == own and c.reached),
        time=next((t for t in whole.times if t.stage == own), None),
        times=tuple(t for t in parts.times if t.stage == own),
        arrivals=tuple(m for m in whole.moves if m.next_stage == own),
        departures=tuple(m for m in whole.moves if m.stage == own),
        leak=next((one for one in whole.leaks if one.stage == own), None),
        stalled=tuple(s for s in parts.stalled if s.stage == own),
        whole=whole,
    )


def agreed_stage(model: Model, name: str, of: str | None = None) -> tuple[str, Stage | DealStage]:
    """A stage and its flow: of `of`, or else the lifecycle's before a pipeline's. Refused when there is none."""
    if (agreed := model.stage(name)) and of in (None, LIFECYCLE):
        return LIFECYCLE, agreed
    for line in model.lifecycle.pipelines.values():
        if name in line.stages and of in (None, line.name):
            return line.name, line.stages[name]
    lines = model.lifecycle.pipelines.values()
    if of is not None and of not in (flows := (LIFECYCLE, *model.lifecycle.pipelines)):
        raise Refused([UNKNOWN_FLOW.broken(f"unknown flow '{of}'.", hint=did_you_mean(of, flows))])
    known = dict.fromkeys([*model.lifecycle.stages, *(s for p in lines for s in p.stages)])
    raise Refused([UNKNOWN_STAGE.broken(f"unknown stage '{name}'.", hint=did_you_mean(name, known))])


def journey(workspace: Workspace) -> tuple[JourneyStep, ...]:
    """The customer's way across functions, as agreed: who does what from awareness to expansion."""
    return tuple(
        JourneyStep(row.name, row.label or in_words(row.name), tuple(row.activities.items()))
        for row in workspace.model.lifecycle.funnel.values()
    )
