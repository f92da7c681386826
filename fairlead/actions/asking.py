"""Ask for numbers: metrics by period and dimension, from the published build or from the past."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.building import made_of_the_past, of_the_past
from fairlead.actions.days import Day, day_of, days_of, grain_of, reversed_time
from fairlead.actions.history import dictionary_of
from fairlead.actions.laws import BAD_QUESTION, METRIC_NEEDS, NOT_MADE, UNKNOWN_DIMENSION, UNKNOWN_METRIC
from fairlead.analysis.dimension import dimensions, resolve
from fairlead.analysis.metric import compile_question, first_day
from fairlead.analysis.missing import QUALIFICATION, Supply, missing
from fairlead.analysis.question import Frame, Question, instances
from fairlead.analysis.scan import known_names
from fairlead.model.cut import faults as broken_parts
from fairlead.model.predicate import parse
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.record.engine import Reader, reading
from fairlead.record.lake import manifest
from fairlead.record.laws import NO_BUILD
from fairlead.values import Grain, Progress, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MOST_PERIODS = 5_000
SHORTEST = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28, Grain.QUARTER: 90, Grain.YEAR: 365}  # days of a period


class Asked(NamedTuple):
    """A question as a person puts it: names, and times as text or dates. `start` and `end` are both included."""

    metrics: tuple[str, ...]
    per: str | None = None
    by: tuple[str, ...] = ()
    where: str | None = None
    start: Day = None
    end: Day = None
    as_of: Day = None


class Answer(NamedTuple):
    """`table`: columns metric, period, one a dimension, value (float64, null when undefined), unit.

    `notes` say what could not be computed and why; `build` is what the numbers come from.
    """

    table: "pa.Table"
    sql: str
    notes: tuple[Problem, ...]
    build: str


class Opened(NamedTuple):
    """A build ready for questions, and what it says of itself."""

    reader: Reader
    supply: Supply
    as_of: date
    is_past: bool
    timezone: str
    fiscal_year_start: int


@lru_cache(maxsize=8)
def opened(build: Path) -> Opened:
    """A build opened once a process; builds never change."""
    said = manifest(build)
    filled: dict[str, frozenset[str]] = {}
    for stage in said["lineage"]:
        filled[stage["table"]] = filled.get(stage["table"], frozenset()) | frozenset(stage["columns"])
    reader = reading(build)
    return Opened(
        reader,
        Supply(said["rows"], filled, reader.rows(QUALIFICATION).column(0)[0].as_py()),
        date.fromisoformat(said["as_of"]),
        said["is_past"],
        said["timezone"],
        said["fiscal_year_start"],
    )


def ask(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    metrics: str | Sequence[str],
    *,
    per: Grain | str | None = None,
    by: str | Sequence[str] = (),
    where: str | None = None,
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    defined_on: Day = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Answer:
    """The answer to a question; raises Refused with everything that is wrong with it.

    `start` and `end` are days or periods (2026-Q1), both included; without `start`, from the first data on.
    `as_of` (default: today, or the day the workspace pins) is the last day that counts. `known_at` answers from
    what was known then. `defined_on` (a day, a period or a build) reckons the same rows by the dictionary of then.
    """
    now = now or datetime.now(UTC)
    asked = Asked(_names(metrics), str(per) if per else None, _names(by), where, start, end, as_of)
    read_by = workspace if defined_on is None else workspace.defined_by(dictionary_of(workspace, defined_on))
    build = build_for(workspace, asked, known_at, now=now, progress=progress, model=read_by.model)
    return answer(read_by, asked, build, now)


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    """One name may stand for a list of one."""
    return (names,) if isinstance(names, str) else tuple(names)


class NotMade(Refused):
    """There is no build of `day` (None: of what was known at a moment), and whoever asks does not wait for one."""

    def __init__(self, day: date | None, of: str) -> None:
        self.day = day
        hint = f"Make it first: `fairlead ask ... {of}` does, and where only a day is asked for, its scoreboard page."
        super().__init__([NOT_MADE.broken(f"There is no build for {of} yet.", hint=hint)])


def published(workspace: Workspace) -> Path:
    """The published build; raises Refused, and names the workspace, where there is none yet."""
    build = workspace.lake.current()
    if build is None:
        raise Refused([NO_BUILD.broken(f"There is no build in {workspace.root.resolve()} yet.")])
    return build


def holding(build: Path, table: str, since: str) -> Mapping[str, Any]:
    """The manifest of a build that has the table; Refused for one made before Fairlead did what fills it (`since`)."""
    said = manifest(build)
    if table not in said["rows"]:
        message = f"{build.name} was made before Fairlead {since}."
        raise Refused([NO_BUILD.broken(message, hint="Make another one with `fairlead sync`.")])
    return said


def build_for(  # noqa: PLR0913 - what is asked, of when, and by which dictionary it is read
    workspace: Workspace,
    asked: Asked,
    known_at: datetime | None,
    *,
    now: datetime,
    progress: Progress = quiet,
    model: Model | None = None,
) -> Path:
    """The build that answers: the published one, or one of what was known at `known_at`, or as of an earlier day.

    Asked as of a day before the build's own, what came later must not be counted, and marts hold what did: a
    build of that day is made, once, and only for names that `model` (default: the workspace's) knows. Raises
    Refused when there is none, the day is no day or lies ahead, and NotMade where it would have to be made and the
    workspace is only read.
    """
    day = _day_asked(workspace, asked, model or workspace.model)
    not_ahead(workspace, day, now)
    if known_at is not None:
        level = workspace.as_of(known_at)
        wanted = day if day is not None and day < level else None
    elif day is None or day >= opened(published(workspace)).as_of:
        return published(workspace)
    else:
        wanted = day
    if (made := made_of_the_past(workspace, known_at, wanted, now=now)) is not None:
        return made
    if faults := _faults(model or workspace.model, asked):
        raise Refused(faults)
    if not workspace.may_build:
        raise NotMade(wanted if known_at is None else None, _times_asked(known_at, wanted))
    return of_the_past(workspace, known_at, wanted, now=now, progress=progress)


def _day_asked(workspace: Workspace, asked: Asked, model: Model) -> date | None:
    """The day to ask as of; where it is none, Refused with everything that is wrong with the question's words."""
    first_month = workspace.config.fiscal_year_start
    day = day_of(asked.as_of, first_month, last=True)
    if day is None and asked.as_of is not None:
        faults = _faults(model, asked)
        days_of(asked.start, asked.end, asked.as_of, first_month, faults)
        grain_of(asked.per, faults)
        raise Refused(faults)
    return day


def not_ahead(workspace: Workspace, day: date | None, now: datetime) -> None:
    """Raises Refused for a day to ask as of that lies ahead."""
    today = workspace.as_of(now)
    if day is not None and day > today:
        raise Refused([BAD_QUESTION.broken(f"{day} lies ahead: today is {today}.", hint="Ask as of an earlier day.")])


def _faults(model: Model, asked: Asked) -> list[Problem]:
    """What is wrong with the names of a question, whatever the build."""
    if not asked.metrics:
        return []
    names, faults = _metrics(model, asked.metrics)
    if broken := broken_parts(model, names):
        return [*faults, *broken]
    return faults + _dimensions(model, names, asked.by) + _condition(model, names, asked.where)


def _times_asked(known_at: datetime | None, day: date | None) -> str:
    """The times of a build of the past as a question gives them."""
    told = [f"--as-of {day}"] if day else []
    return " ".join(told + ([f"--known-at {known_at.isoformat()}"] if known_at else []))


def answer(workspace: Workspace, asked: Asked, build: Path, now: datetime) -> Answer:
    """The answer from one build."""
    open_build = opened(build)
    question, notes = understood(workspace, asked, open_build, now)
    query = compile_question(workspace.model.metrics, question)
    return Answer(open_build.reader.rows(query), query.sql, notes, build.name)


def understood(
    workspace: Workspace, asked: Asked, open_build: Opened, now: datetime
) -> tuple[Question, tuple[Problem, ...]]:
    """The question that was meant, and notes on what cannot be computed. Raises Refused with all its faults."""
    model = workspace.model
    names, faults = _metrics(model, asked.metrics)
    if broken := broken_parts(model, names):
        raise Refused([*faults, *broken])
    faults += _dimensions(model, names, asked.by) + _condition(model, names, asked.where)
    times, time_faults = _times(asked, workspace, open_build, now)
    faults += time_faults
    if faults or times is None:
        raise Refused(faults)
    absent = missing(model.metrics, names, open_build.supply)
    notes = _notes(model, names, absent)
    start = times.start
    if start is None:
        rows = open_build.reader.rows(first_day(model.metrics, names, absent))
        start = rows.column(0)[0].as_py() or times.end - timedelta(days=1)
    last = min(times.end, times.as_of + timedelta(days=1))
    frame = Frame(
        start=min(start, last - timedelta(days=1)),
        end=last,
        as_of=times.as_of,
        past=open_build.is_past or times.as_of < open_build.as_of,
        timezone=open_build.timezone,
        fiscal_year_start=open_build.fiscal_year_start,
        grain=times.grain,
    )
    if times.grain and (frame.end - frame.start).days > MOST_PERIODS * SHORTEST[times.grain]:
        message = f"{frame.start} to {frame.end} are too many periods of a {times.grain}: at most {MOST_PERIODS:,}."
        raise Refused([BAD_QUESTION.broken(message, hint="Ask for a shorter time, or for longer periods.")])
    return Question(names, asked.by, asked.where, frame, absent), notes


def _metrics(model: Model, asked: Sequence[str]) -> tuple[tuple[str, ...], list[Problem]]:
    found: list[str] = []
    faults: list[Problem] = []
    for name in asked:
        metric = model.metric(name)
        if metric is not None or name in model.metrics.measures:
            found.append(metric.name if metric else name)
        else:
            faults.append(UNKNOWN_METRIC.broken(f"unknown metric '{name}'.", hint=did_you_mean(name, model.numbers)))
    if not asked:
        faults.append(UNKNOWN_METRIC.broken("no metric was named."))
    return tuple(dict.fromkeys(found)), faults


def _tables(model: Model, names: Sequence[str]) -> dict[str, str]:
    """The tables behind the metrics, each with one of the metrics that read it."""
    return {i.measure.from_: name for name in names for i in instances(model.metrics, name)}


def _dimensions(model: Model, names: Sequence[str], by: Sequence[str]) -> list[Problem]:
    faults = []
    for table, metric in _tables(model, names).items():
        for name in by:
            if resolve(TABLES[table], name) is None:
                message = f"{metric} reads {table}, which has no '{name}' to cut by."
                last = name.rpartition(".")[2]
                known = dimensions(TABLES[table])
                hint = f"Did you mean '{last}'?" if last in known else did_you_mean(name, known)
                faults.append(UNKNOWN_DIMENSION.broken(message, hint=hint))
    return faults


def _condition(model: Model, names: Sequence[str], where: str | None) -> list[Problem]:
    if not where:
        return []
    found: dict[Problem, None] = {}
    for table in _tables(model, names):
        found |= dict.fromkeys(parse(where, known_names(TABLES[table]), wants="condition")[1])
    return list(found)


class _Times(NamedTuple):
    start: date | None
    end: date
    as_of: date
    grain: Grain | None


def _times(
    asked: Asked, workspace: Workspace, open_build: Opened, now: datetime
) -> tuple[_Times | None, list[Problem]]:
    """The times asked for; `end` becomes the first day left out."""
    faults: list[Problem] = []
    days = days_of(asked.start, asked.end, asked.as_of, open_build.fiscal_year_start, faults)
    grain = grain_of(asked.per, faults)
    as_of = days.as_of or workspace.as_of(now)
    start, end = days.start, days.end or as_of
    if wrong := reversed_time(start, end):
        faults += wrong
    elif start and start > as_of:
        faults.append(BAD_QUESTION.broken(f"{start} lies after {as_of}, the day the question is asked on."))
    return (None if faults else _Times(start, end + timedelta(days=1), as_of, grain)), faults


def needs_of(model: Model, name: str, absent: Mapping[str, str]) -> tuple[str, ...]:
    """What a metric or measure waits for: what its definition says it needs, then what no source gives (`absent`)."""
    metric = model.metrics.metrics.get(name)
    lacking = dict.fromkeys(absent[i.name] for i in instances(model.metrics, name) if i.name in absent)
    return (*(metric.needs if metric else ()), *lacking)


def _notes(model: Model, names: Sequence[str], absent: dict[str, str]) -> tuple[Problem, ...]:
    notes = []
    for name in names:
        if needs := needs_of(model, name, absent):
            where = model.where("metrics", "metrics", name) if name in model.metrics.metrics else None
            notes.append(METRIC_NEEDS.broken(f"{name} is undefined: it needs {'; '.join(needs)}.", where))
    return tuple(notes)
