"""Takes moves apart: two periods of one build, counted in one query, each metric split exactly over its tree."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fairlead.actions.asking import Asked, Opened, understood
from fairlead.actions.days import day_of
from fairlead.actions.laws import BAD_QUESTION, FINE_CUT, PERIOD_NOT_OVER, PERIODS_DIFFER
from fairlead.analysis.metric import ZERO_WHEN_EMPTY, compile_measures
from fairlead.analysis.question import Instance, Question
from fairlead.analysis.segments import Cutting, Ends, Member, cut
from fairlead.analysis.tree import Node, Split, Values, node_of, split
from fairlead.model.arithmetic import exact
from fairlead.problem import Problem, Refused
from fairlead.values import Period, Query, span_of
from fairlead.workspace import Workspace

MOST_MEMBERS = 10_000
ONE_DAY = timedelta(days=1)
MUCH_LONGER = 1.2  # times: months differ in length too, and nobody minds


class Compared(NamedTuple):
    """Two periods to compare: what is asked of them, and what cannot be told."""

    question: Question
    before: Period
    after: Period
    notes: tuple[Problem, ...]


def compared(workspace: Workspace, asked: Asked, open_build: Opened, now: datetime) -> Compared:
    """The two periods that `asked.start` and `asked.end` name; raises Refused with everything that is wrong."""
    before, after = _periods(asked, open_build.fiscal_year_start)
    day = day_of(asked.as_of, open_build.fiscal_year_start, last=True) or workspace.as_of(now)
    if late := [p.name for p in (before, after) if p.start > day]:
        message = f"{late[0]} lies after {day}, the day the question is asked on."
        raise Refused([BAD_QUESTION.broken(message, hint="Ask for periods that have begun.")])
    first, last = min(before.start, after.start), max(before.end, after.end) - ONE_DAY
    question, notes = understood(workspace, asked._replace(start=first, end=last), open_build, now)
    chosen = tuple(dict.fromkeys((before, after)))
    frame = question.frame._replace(chosen=chosen)
    unfinished = [
        PERIOD_NOT_OVER.broken(f"{period.name} is not over: it is counted up to {frame.as_of}.")
        for period in chosen
        if period.end > frame.over
    ]
    uneven = _uneven(workspace, question.metrics, before, after)
    return Compared(question._replace(frame=frame), before, after, (*notes, *unfinished, *uneven))


def _uneven(workspace: Workspace, names: Sequence[str], before: Period, after: Period) -> tuple[Problem, ...]:
    """A warning where periods of clearly different lengths are compared in what adds up over time."""
    days = [(period.end - period.start).days for period in (before, after)]
    added = [name for name in names if _adds_up_over_time(node_of(workspace.model.metrics, name))]
    if not added or max(days) <= MUCH_LONGER * min(days):
        return ()
    told = f"{before.name} has {days[0]} days and {after.name} {days[1]}: part of the move of {', '.join(added)}"
    return (PERIODS_DIFFER.broken(f"{told} is only that."),)


def _adds_up_over_time(node: Node) -> bool:
    """Whether a longer period holds more of it: what happened in it is counted or summed, and set against nothing."""
    if node.instance is None:
        return "/" not in node.formula and any(map(_adds_up_over_time, node.operands))
    counted = node.instance
    return is_zero_when_empty(counted) and counted.window is None and not counted.measure.during


def _periods(asked: Asked, fiscal_year_start: int) -> tuple[Period, Period]:
    texts = (str(asked.start), str(asked.end))
    spans = [span_of(text, fiscal_year_start) for text in texts]
    if faults := [BAD_QUESTION.broken(f"'{t}' is no period.") for t, s in zip(texts, spans, strict=True) if s is None]:
        raise Refused(faults)
    before, after = (span for span in spans if span is not None)
    return before, after


class Taken(NamedTuple):
    """A metric's move, split over its tree; `sql` is the query that counted for it."""

    split: Split
    totals: Ends
    sql: str


def taken(workspace: Workspace, open_build: Opened, asked: Compared) -> dict[str, Taken]:
    """Every metric's move, from one query."""
    metrics = asked.question.metrics
    nodes = {name: node_of(workspace.model.metrics, name) for name in metrics}
    query = counting(tuple(nodes.values()), asked.question)
    found = counted(open_build, query, tuple(nodes.values()), asked.question)
    totals = ends(found, asked, None)
    return {name: Taken(split(node, *totals), totals, query.sql) for name, node in nodes.items()}


def cuts(open_build: Opened, asked: Compared, whole: Taken, by: Sequence[str]) -> list[tuple[str, Cutting]]:
    """One metric's move by each of these dimensions; Refused where one has too many values to tell anything."""
    root, given = whole.split.node, []
    for dimension in by:
        question = asked.question._replace(by=(dimension,))
        found = counted(open_build, counting((root,), question), (root,), question)
        members: dict[Member, None] = dict.fromkeys(member for _, member in found)
        if len(members) > MOST_MEMBERS:
            message = f"{dimension} has {len(members):,} values in these periods; at most {MOST_MEMBERS:,} can be told."
            raise Refused([FINE_CUT.broken(message)])
        given.append((dimension, cut(whole.split, whole.totals, {m: ends(found, asked, m) for m in members})))
    return given


def counting(nodes: Sequence[Node], question: Question) -> Query:
    """The query that counts everything these nodes are made of."""
    return compile_measures([i for i in instances_of(nodes) if not is_missing(i, question.missing)], question)


def instances_of(nodes: Sequence[Node]) -> tuple[Instance, ...]:
    return tuple(dict.fromkeys(i for node in nodes for i in node.counted()))


def is_missing(instance: Instance, missing: Mapping[str, str]) -> bool:
    """Whether no source gives the data for a measure, or for the average it is half of."""
    return instance.name.removesuffix("__sum").removesuffix("__count") in missing


Counted = Mapping[tuple[str, Member], Values]  # by period and member of the one dimension, if there is one


def counted(open_build: Opened, query: Query, nodes: Sequence[Node], question: Question) -> Counted:
    """What the query counted, exactly. A count or sum of no rows is zero; what no source gives is None."""
    rows = open_build.reader.rows(query).to_pydict()
    every = instances_of(nodes)
    columns = {i.column: rows.get(i.column, [None] * len(rows["period"])) for i in every}
    zeros = {i.column for i in every if is_zero_when_empty(i) and not is_missing(i, question.missing)}
    members = rows.get("dim1", [None] * len(rows["period"]))
    return {
        (period, member): {
            name: exact(column[row] if column[row] is not None or name not in zeros else 0)
            for name, column in columns.items()
        }
        for row, (period, member) in enumerate(zip(rows["period"], members, strict=True))
    }


def is_zero_when_empty(instance: Instance) -> bool:
    return instance.measure.reading.aggregate in ZERO_WHEN_EMPTY


def ends(found: Counted, asked: Compared, member: Member) -> Ends:
    """What was counted for one member in the two periods."""
    return Ends(found[asked.before.name, member], found[asked.after.name, member])
