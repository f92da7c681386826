"""Clocks: how well promises of time are kept, who is late, who hears of it next, and what another policy would say."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.asking import Day, Opened, build_for, day_of, opened
from fairlead.actions.deriving import policies
from fairlead.actions.history import dictionary_of
from fairlead.actions.laws import BAD_QUESTION, UNKNOWN_DIMENSION, UNKNOWN_POLICY
from fairlead.analysis.clock_report import (
    MART,
    Asked,
    attempts,
    by_hour,
    compliance,
    is_dimension,
    known_dimensions,
    open_clocks,
    overdue,
)
from fairlead.analysis.escalating import Event, Running, Step, events
from fairlead.analysis.hearing import around, running
from fairlead.analysis.policies import Era, Version, versions
from fairlead.analysis.timetable import READS, reach_of, timetables
from fairlead.analysis.trying import timetable_rows, tried
from fairlead.model.check import check
from fairlead.model.load import load
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Progress, Query, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MOST_OVERDUE = 200
NOW = "now"
FAR = date(2999, 12, 31)


class Tally(NamedTuple):
    """Clocks due in the time asked for. `counted` are closed, or open and overdue; `pending` are open and not due yet.

    `mended`: met, though it looked breached until the stop was logged. `median_seconds` of those that stopped, in
    seconds that count.
    """

    clocks: int
    met: int
    breached: int
    overdue: int
    pending: int
    mended: int
    counted: int
    median_seconds: float | None

    @property
    def compliance(self) -> float | None:
        """Share that was met, 0 to 1; None where nothing counts yet."""
        return self.met / self.counted if self.counted else None


class Line(NamedTuple):
    """A policy, in all (`value` is None and so is the dimension) or for one value of the dimension."""

    policy: str
    kind: str
    title: str
    value: str | None
    tally: Tally
    compliance: float | None


class Cell(NamedTuple):
    """Clocks that started in an hour of the week: `weekday` 1 is Monday, `hour` 0 to 23, where they were counted."""

    weekday: int
    hour: int
    tally: Tally
    compliance: float | None


class Late(NamedTuple):
    """A clock that is open and overdue. `late_seconds` are seconds that count; `next` is who hears of it next."""

    policy: str
    title: str
    limit: str
    subject: str
    subject_id: str
    cycle: int
    name: str
    account: str | None
    segment: str | None
    owner: str | None
    started_at: datetime
    due_at: datetime
    late_seconds: int
    attempts: int
    last: Step | None
    next: Step | None


class Tries(NamedTuple):
    """An owner's contact attempts: of how many clocks, how many nobody tried, and how many were tried too late.

    `median_seconds`: from the start to the first attempt, by the clock on the wall.
    """

    owner: str | None
    clocks: int
    untried: int
    tried_late: int
    attempts: int
    in_time: int
    median_seconds: float | None


class Tried(NamedTuple):
    """A policy as it was and as it would have been under the one that is tried."""

    policy: str
    title: str
    was: Tally | None
    would_be: Tally | None


class Clocks(NamedTuple):
    """How clocks stand. `lines` are policies in all; `cut` the same by dimension `by`; `tried` only with `under`.

    `told`: whom the last day's warnings and steps of the ladder were for, of clocks that are still open.
    """

    as_of: date
    measured_at: datetime | None
    start: date | None
    end: date
    lines: tuple[Line, ...]
    by: str | None
    cut: tuple[Line, ...]
    hours: tuple[Cell, ...]
    overdue: tuple[Late, ...]
    overdue_total: int
    attempts: tuple[Tries, ...]
    told: tuple[Event, ...]
    under: str | None
    tried: tuple[Tried, ...]
    build: str


class _Question(NamedTuple):
    """What is asked, understood: the clocks, the build they are in, and the policies they ran under."""

    asked: Asked
    build: Path
    opened: Opened
    found: tuple[Version, ...]
    titles: Mapping[str, str]

    def rows(self, query: Query) -> "pa.Table":
        return self.opened.reader.rows(query)


def clocks(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    policy: str | None = None,
    by: str | None = None,
    start: Day = None,
    end: Day = None,
    under: str | None = None,
    limit: int = MOST_OVERDUE,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Clocks:
    """How clocks that were due from `start` to `end` (days or periods, both included) stand; of `policy`, or of all.

    `by` cuts compliance by a dimension; `limit` is how many overdue clocks are told. `under` tries the policies of
    another model on the same history: `now` (the workspace's), a day, a build, or a folder with a model. Raises
    Refused with everything that is wrong with the question.
    """
    now = now or datetime.now(UTC)
    question = _understood(workspace, Times((), start=start, end=end, as_of=as_of), policy, by, known_at, now, progress)
    asked, rows = question.asked, question.rows
    lines = _lines(question, rows(compliance(asked, None)))
    measured = _measured_at(question)
    return Clocks(
        as_of=question.opened.as_of,
        measured_at=measured,
        start=asked.start,
        end=asked.end,
        lines=lines,
        by=by,
        cut=_lines(question, rows(compliance(asked, by))) if by else (),
        hours=tuple(_cell(row) for row in rows(by_hour(asked)).to_pylist()),
        overdue=_late(workspace, question, limit, measured),
        overdue_total=sum(line.tally.overdue for line in lines),
        attempts=tuple(Tries(**row) for row in rows(attempts(asked)).to_pylist()),
        told=_told(workspace, question, measured),
        under=under,
        tried=_tried(workspace, question, lines, under) if under else (),
        build=question.build.name,
    )


def _understood(  # noqa: PLR0913, PLR0917 - the parts of the question, once
    workspace: Workspace,
    times: Times,
    policy: str | None,
    by: str | None,
    known_at: datetime | None,
    now: datetime,
    progress: Progress,
) -> _Question:
    """What is asked; raises Refused with all that is wrong with it."""
    found = policies(workspace, now)
    titles = {version.name: version.policy.title for version in found}
    faults = _faults(titles, policy, by)
    fiscal = workspace.config.fiscal_year_start
    days = [day_of(value, fiscal, last=last) for value, last in ((times.start, False), (times.end, True))]
    for value, day in zip(
        (times.start, times.end, times.as_of), (*days, day_of(times.as_of, fiscal, last=True)), strict=True
    ):
        if value is not None and day is None:
            faults.append(BAD_QUESTION.broken(f"'{value}' is no day and no period."))
    if days[0] and days[1] and days[0] > days[1]:
        faults.append(BAD_QUESTION.broken(f"The time asked for ends ({days[1]}) before it starts ({days[0]})."))
    if faults:
        raise Refused(faults)
    build = build_for(workspace, times, known_at, now=now, progress=progress)
    there = opened(build)
    return _Question(Asked(days[1] or FAR, days[0], policy), build, there, found, titles)


def _faults(titles: Mapping[str, str], policy: str | None, by: str | None) -> list[Problem]:
    """What is wrong with the names of a question."""
    faults = []
    if policy is not None and policy not in titles:
        message = f"'{policy}' is no handoff and no SLA that has a clock."
        faults.append(UNKNOWN_POLICY.broken(message, hint=did_you_mean(policy, titles)))
    if by is not None and not is_dimension(by):
        message = f"Clocks cannot be cut by '{by}'."
        faults.append(UNKNOWN_DIMENSION.broken(message, hint=did_you_mean(by, known_dimensions())))
    return faults


def _measured_at(question: _Question) -> datetime | None:
    """When the build looked at its clocks; None where it has none."""
    found: datetime | None = question.rows(Query("measured", f"SELECT max(s.measured_at) FROM {MART.table} AS s"))[0][
        0
    ].as_py()
    return found


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(**{name: row[name] for name in Tally._fields})


def _lines(question: _Question, rows: "pa.Table") -> tuple[Line, ...]:
    return tuple(_line(question, row) for row in rows.to_pylist())


def _line(question: _Question, row: Mapping[str, Any]) -> Line:
    tally = _tally(row)
    title = question.titles.get(row["policy"], row["policy"])
    return Line(row["policy"], row["kind"], title, row["value"], tally, tally.compliance)


def _cell(row: Mapping[str, Any]) -> Cell:
    tally = _tally(row)
    return Cell(row["start_weekday"], row["start_hour"], tally, tally.compliance)


def _late(workspace: Workspace, question: _Question, limit: int, at: datetime | None) -> tuple[Late, ...]:
    """The overdue clocks, each with who heard of it last and who hears of it next."""
    rows = question.rows(overdue(question.asked, limit))
    heard = {_key(one): one for one in running(rows, question.found, workspace.model.calendars)}
    found = []
    for row in rows.to_pylist():
        clock = heard.get((row["policy"], row["subject_id"], row["cycle"]))
        last, following = around(clock, at) if clock and at else (None, None)
        told = {name: row[name] for name in Late._fields if name in row}
        title = question.titles.get(row["policy"], row["policy"])
        found.append(Late(**told, title=title, limit=row["limit_text"], last=last, next=following))
    return tuple(found)


def _key(clock: Running) -> tuple[str, str, int]:
    return clock.policy, clock.subject_id, clock.cycle


def _told(workspace: Workspace, question: _Question, at: datetime | None) -> tuple[Event, ...]:
    """Who heard of open clocks in the day before they were looked at."""
    if at is None:
        return ()
    rows = question.rows(open_clocks(question.asked))
    clocks = running(rows, question.found, workspace.model.calendars)
    return events(clocks, at - timedelta(days=1), at)


def _tried(workspace: Workspace, question: _Question, lines: Sequence[Line], under: str) -> tuple[Tried, ...]:
    """Each policy as it was and as it would have been by the model that is tried."""
    model = _model(workspace, under)
    found, zone = versions([Era(None, model)]), workspace.config.timezone
    titles = {**question.titles} | {version.name: version.policy.title for version in found}
    end = workspace.end_of(question.opened.as_of).isoformat()
    table = question.rows(timetable_rows(found, zone, READS, end))
    compiled = timetables(table, model.calendars, zone, reach_of(found))
    given = {f"working_{name}": part for name, part in zip(compiled._fields, compiled, strict=True)}
    told = tried(found, model.calendars, zone, end)
    rows = question.opened.reader.rows(compliance(question.asked, None, told), given).to_pylist()
    was, would = {line.policy: line.tally for line in lines}, {row["policy"]: _tally(row) for row in rows}
    return tuple(
        Tried(name, titles.get(name, name), was.get(name), would.get(name)) for name in dict.fromkeys([*was, *would])
    )


def _model(workspace: Workspace, under: str) -> Model:
    """The model that is tried: the workspace's own, that of a day or build, or one in a folder. Raises Refused."""
    if under == NOW:
        return workspace.model
    if (folder := Path(under)).is_dir():
        model, problems = load(folder)
        if errors := [problem for problem in (*problems, *check(model)) if problem.is_error]:
            raise Refused(errors)
        return model
    return dictionary_of(workspace, under)
