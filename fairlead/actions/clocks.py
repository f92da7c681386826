"""Clocks: how well promises of time are kept, who is late, who hears of it next, and what another policy would say."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked as Times
from fairlead.actions.asking import Opened, build_for, opened
from fairlead.actions.days import Day, days_of, reversed_time
from fairlead.actions.deriving import policies
from fairlead.actions.history import dictionary_of
from fairlead.actions.laws import UNKNOWN_DICTIONARY, UNKNOWN_DIMENSION, UNKNOWN_POLICY
from fairlead.actions.timekeeping import Cell, Clocks, Due, Held, Late, Line, Overdue, Ruled, Tally, Tried, Tries
from fairlead.analysis.clock import Unit
from fairlead.analysis.clock_report import (
    CLOCK,
    FAR,
    MART,
    Asked,
    attempts,
    by_hour,
    compliance,
    held,
    is_dimension,
    known_dimensions,
    open_clocks,
    overdue,
    owners_since,
    ruled_by,
)
from fairlead.analysis.escalating import Event, Running, events
from fairlead.analysis.hearing import around, moved, reach, running
from fairlead.analysis.policies import Era, Version, versions
from fairlead.analysis.question import instances
from fairlead.analysis.timetable import READS, reach_of, timetables
from fairlead.analysis.trying import timetable_rows, tried
from fairlead.model.check import check
from fairlead.model.load import load
from fairlead.model.timed import Timed
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Progress, Query, quiet, span_of
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MOST_OVERDUE = 200
NOW = "now"
OWNER = "owner"


class _Question(NamedTuple):
    """What is asked, understood: the clocks, the build they are in, and the policies they ran under.

    `ran`: of each policy the newest version that a clock asked for ran under.
    """

    workspace: Workspace
    asked: Asked
    build: Path
    opened: Opened
    found: tuple[Version, ...]
    titles: Mapping[str, str]
    targets: Mapping[str, tuple[str, float]]
    ruled: tuple[Ruled, ...]
    ran: Mapping[str, Timed]

    @property
    def until(self) -> datetime:
        """The end of the day that is told of."""
        return self.workspace.end_of(self.opened.as_of)

    def rows(self, query: Query) -> "pa.Table":
        return self.opened.reader.rows(query)


def clocks(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    policy: str | None = None,
    by: str | None = None,
    start: Day = None,
    end: Day = None,
    under: str | Path | None = None,
    limit: int | None = MOST_OVERDUE,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Clocks:
    """How clocks that were due from `start` to `end` (days or periods, both included) stand; of `policy`, or of all.

    `by` cuts compliance by a dimension; `limit` is how many overdue clocks are told, all for None. `under` tries the
    policies of another model on the same history: `now` (the workspace's), a day, a build, or, as a Path, a folder with
    a model or a workspace.
    Raises Refused with everything that is wrong with the question.
    """
    now = now or datetime.now(UTC)
    question = _understood(workspace, Due(policy, start, end, as_of, known_at), by, now, progress)
    asked, rows = question.asked, question.rows
    lines = _lines(question, rows(compliance(asked, None)))
    measured, reaching = _measured_at(question), _reaching(question)
    tries = rows(attempts(asked, by or OWNER, reaching)).to_pylist() if reaching else []
    return Clocks(
        as_of=question.opened.as_of,
        measured_at=measured,
        policy=policy,
        start=asked.start,
        end=asked.end,
        lines=lines,
        by=by,
        cut=_lines(question, rows(compliance(asked, by))) if by else (),
        hours=_cells(question),
        overdue=_late(question, rows(overdue(asked, question.until, limit)), measured),
        overdue_total=sum(line.tally.overdue for line in lines),
        reaching=reaching,
        attempts=tuple(Tries(**row) for row in tries),
        held=tuple(Held(**row) for row in rows(held(asked)).to_pylist()),
        versions=question.ruled,
        told=_told(question, measured),
        under=None if under is None else str(under),
        tried=() if under is None else _tried(question, lines, under),
        build=question.build.name,
    )


def hours(workspace: Workspace, due: Due, *, now: datetime | None = None) -> tuple[Cell, ...]:
    """The clocks by the hour of the week in which they started; raises Refused as `clocks` does."""
    return _cells(_understood(workspace, due, None, now or datetime.now(UTC), quiet))


def overdue_clocks(
    workspace: Workspace, due: Due, *, limit: int = MOST_OVERDUE, offset: int = 0, now: datetime | None = None
) -> Overdue:
    """The overdue clocks from `offset` on, at most `limit`; raises Refused as `clocks` does."""
    question = _understood(workspace, due, None, now or datetime.now(UTC), quiet)
    total = sum(row["overdue"] for row in question.rows(compliance(question.asked, None)).to_pylist())
    rows = question.rows(overdue(question.asked, question.until, limit, offset))
    found = _late(question, rows, _measured_at(question))
    return Overdue(found, total, question.opened.as_of, question.build.name)


def _understood(workspace: Workspace, due: Due, by: str | None, now: datetime, progress: Progress) -> _Question:
    """What is asked; raises Refused with all that is wrong with it."""
    found = policies(workspace, now)
    titles = {version.name: version.policy.title for version in found}
    faults = _faults(titles, due.policy, by)
    days = days_of(due.start, due.end, due.as_of, workspace.config.fiscal_year_start, faults)
    faults += reversed_time(days.start, days.end)
    if faults:
        raise Refused(faults)
    build = build_for(workspace, Times((), as_of=due.as_of), due.known_at, now=now, progress=progress)
    asked, there = Asked(days.end or FAR, days.start, due.policy), opened(build)
    rows = there.reader.rows(ruled_by(asked)).to_pylist()
    ruled = tuple(_ruled(found, titles, row) for row in rows)
    known = {(one.name, one.digest): one.policy for one in found}
    ran = {one.policy: known[one.policy, one.version] for one in ruled if (one.policy, one.version) in known}
    targets = dict(_targets(workspace.model))
    return _Question(workspace, asked, build, there, found, titles, targets, ruled, ran)


def _targets(model: Model) -> Iterator[tuple[str, tuple[str, float]]]:
    """Of the policies whose metric counts clocks and has such a target: the metric, the least share to be met."""
    for policy in model.handoffs.policies:
        metric = model.metric(policy.metric) if policy.metric else None
        if metric is None or metric.target is None or metric.target.low is None:
            continue
        if all(one.measure.from_ == CLOCK.name for one in instances(model.metrics, metric.name)):
            yield policy.name, (metric.name, float(metric.target.low))


def _reaching(question: _Question) -> tuple[str, ...]:
    """The policies asked for in which somebody is to be reached: those that an answer from us stops."""
    wanted = (version.policy for version in question.found if question.asked.policy in (None, version.name))
    return tuple(dict.fromkeys(p.name for p in wanted if p.response and p.response.from_us))


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
    """In the order of the model; policies that are not in it any more come last."""
    order = {name: place for place, name in enumerate(question.titles)}
    lines = [_line(question, row) for row in rows.to_pylist()]
    return tuple(sorted(lines, key=lambda line: order.get(line.policy, len(order))))


def _line(question: _Question, row: Mapping[str, Any]) -> Line:
    tally, name = _tally(row), row["policy"]
    policy = question.ran.get(name)
    limits, counts = (_limits(policy), _counts(policy)) if policy else ("", "")
    metric, target = question.targets.get(name, (None, None))
    title = question.titles.get(name, name)
    return Line(name, row["kind"], title, row["value"], tally, tally.compliance, metric, target, limits, counts)


def _cells(question: _Question) -> tuple[Cell, ...]:
    return tuple(_cell(row) for row in question.rows(by_hour(question.asked)).to_pylist())


def _cell(row: Mapping[str, Any]) -> Cell:
    tally = _tally(row)
    return Cell(row["start_weekday"], row["start_hour"], tally, tally.compliance)


def _late(question: _Question, rows: "pa.Table", at: datetime | None) -> tuple[Late, ...]:
    """Overdue clocks, each with who heard of it last and who hears of it next."""
    heard = {_key(one): one for one in running(rows, question.found, question.workspace.model.calendars)}
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


def _ruled(found: Sequence[Version], titles: Mapping[str, str], row: Mapping[str, Any]) -> Ruled:
    """A version of a policy in words; the clocks of one that was not kept are told all the same."""
    name, title = row["policy"], titles.get(row["policy"], row["policy"])
    known = next((one for one in found if (one.name, one.digest) == (name, row["version"])), None)
    if known is None:
        return Ruled(name, title, row["version"], None, None, "", row["clocks"])
    return Ruled(name, title, known.digest, known.since, known.until, _limits(known.policy), row["clocks"])


def _limits(policy: Timed) -> str:
    """A policy's limits in words: hot 5 minutes, others 4 working hours."""
    if len(policy.limits) == 1:
        return str(next(iter(policy.limits.values())).within)
    return ", ".join(f"{name} {limit.within}" for name, limit in policy.limits.items())


def _counts(policy: Timed) -> str:
    """What time its limits count."""
    kinds = {Unit(limit.within.unit.value).is_working for limit in policy.limits.values()}
    return "both" if len(kinds) > 1 else "working time" if True in kinds else "elapsed time"


def _told(question: _Question, at: datetime | None) -> tuple[Event, ...]:
    """Who heard of open clocks in the day before they were looked at."""
    if at is None:
        return ()
    days = reach(question.found)
    rows = question.rows(open_clocks(question.asked, days))
    moves = moved(question.rows(owners_since(question.asked, question.until, days)))
    clocks = running(rows, question.found, question.workspace.model.calendars, moves)
    return events(clocks, at - timedelta(days=1), at)


def _tried(question: _Question, lines: Sequence[Line], under: str | Path) -> tuple[Tried, ...]:
    """Each policy as it was and as it would have been by the model that is tried."""
    workspace, was = question.workspace, {line.policy: line.tally for line in lines}
    model, zone = _model(workspace, under), workspace.config.timezone
    found = versions([Era(None, model)])
    end = workspace.end_of(question.opened.as_of).isoformat()
    table = question.rows(timetable_rows(found, zone, READS, end))
    compiled = timetables(table, model.calendars, zone, reach_of(found))
    given = {f"working_{name}": part for name, part in zip(compiled._fields, compiled, strict=True)}
    told = tried(found, model.calendars, zone, end)
    rows = question.opened.reader.rows(compliance(question.asked, None, told), given).to_pylist()
    would, then = {row["policy"]: _tally(row) for row in rows}, {one.name: one.policy for one in found}
    titles = {**question.titles} | {name: policy.title for name, policy in then.items()}
    return tuple(
        Tried(name, titles.get(name, name), was.get(name), would.get(name), *(
            _limits(said[name]) if name in said else "" for said in (question.ran, then)
        ))
        for name in dict.fromkeys([*was, *would])
    )  # fmt: skip


def _model(workspace: Workspace, under: str | Path) -> Model:
    """The model that is tried: the workspace's own, that of a day or build, or one in a folder. Raises Refused."""
    if under == NOW:
        return workspace.model
    if isinstance(under, str):
        builds = [build.name for build in workspace.lake.listed()]
        if span_of(under, workspace.config.fiscal_year_start) is None and not any(b.startswith(under) for b in builds):
            newest = f" ({builds[-1]})" if builds else ""
            hint = (
                f"Write `now`, a day or period such as 2026-03-31, or a build{newest}; the command line also tries a"
                " folder: ./model."
            )
            raise Refused([UNKNOWN_DICTIONARY.broken(f"There are no policies under the name '{under}'.", hint=hint)])
        return dictionary_of(workspace, under)
    own = under / "model"
    model, problems = load(own if own.is_dir() else under)
    if errors := [problem for problem in (*problems, *check(model)) if problem.is_error]:
        raise Refused(errors)
    return model
