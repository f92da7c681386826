"""Look closely at one number: where it stands, what it may be cut by, its neighbours in the tree, and its series."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.asking import Answer, Asked, answer, build_for, needs_of, opened
from fairlead.actions.days import day_of
from fairlead.actions.explaining import Explanation, explain
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.sources import Freshness, freshness
from fairlead.actions.standing import Status, baseline_words, limits_words, status_of, targets_by
from fairlead.actions.trend import Trend, trends
from fairlead.analysis.dimension import dimensions, resolve
from fairlead.analysis.metric import unit_of
from fairlead.analysis.missing import missing
from fairlead.analysis.question import instances
from fairlead.analysis.rhythm import NextReview, audiences, next_review
from fairlead.model.decisions import Dispute
from fairlead.model.metrics import Better, Metric
from fairlead.model.tables import TABLES, Kind, Reached, Table
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner
from fairlead.problem import Refused, did_you_mean
from fairlead.record.lake import manifest
from fairlead.record.laws import NO_BUILD
from fairlead.values import Grain, add_months, in_words, moment_from, period_of
from fairlead.workspace import Workspace

Number = float
EVERYWHERE = ("segment", "persona", "source")  # what every number is looked at by, where its rows know it
SHOWN: Mapping[Grain, int] = {Grain.DAY: 31, Grain.WEEK: 26, Grain.MONTH: 13, Grain.QUARTER: 9, Grain.YEAR: 5}
LONGEST = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31, Grain.QUARTER: 92, Grain.YEAR: 366}
NEAREST = 5
FARTHEST = 2  # references away; what lies farther may be asked for and is not offered


class Neighbour(NamedTuple):
    """A metric or measure beside one in the tree, with its last whole month. `status` is None for a measure."""

    name: str
    label: str
    kind: str
    unit: str
    better: str
    value: Number | None
    previous: Number | None
    status: Status | None


class Tree(NamedTuple):
    """The neighbours: what a number is exactly made of and part of, what it drives and is driven by."""

    made_of: tuple[Neighbour, ...]
    part_of: tuple[Neighbour, ...]
    drives: tuple[Neighbour, ...]
    driven_by: tuple[Neighbour, ...]


class Look(NamedTuple):
    """Where a number stands. `value` and `previous` are of `period`, the last whole month, and the one before it.

    `kind` is metric or measure; `status` is None for a measure. `targets` are the limits for values of a
    dimension: (dimension, value, limits in words). `usual` and `others` are what it may be cut by, `lacking` what
    every number is looked at by and the rows of this one do not know.
    """

    name: str
    label: str
    says: str
    kind: str
    unit: str
    better: str
    explanation: Explanation
    owner_role: str
    owner_title: str
    owner_names: tuple[str, ...]
    value: Number | None
    previous: Number | None
    period: str | None
    before: str | None
    status: Status | None
    needs: tuple[str, ...]
    trend: Trend | None
    freshness: Freshness | None
    target: str
    targets: tuple[tuple[str, str, str], ...]
    baseline: str
    next_review: NextReview | None
    reviews: tuple[str, ...]
    frameworks: tuple[str, ...]
    tree: Tree
    usual: tuple[str, ...]
    others: tuple[str, ...]
    lacking: tuple[str, ...]
    disputes: tuple[Dispute, ...]
    manner: Manner
    as_of: datetime
    build: str | None
    built_at: datetime | None
    seen_at: datetime | None


class Series(NamedTuple):
    """A number by period, and by dimension where asked: what was asked, and the answer. Days are both included."""

    asked: Asked
    start: date
    end: date
    answer: Answer


def look(workspace: Workspace, name: str, *, as_of: str | date | None = None, now: datetime | None = None) -> Look:
    """Everything about where a metric or measure stands; raises Refused, offering the nearest, for an unknown name."""
    now = now or datetime.now(UTC)
    found = explain(workspace, name, now=now)
    model, metric = workspace.model, found.metric
    day = day_of(as_of, workspace.config.fiscal_year_start, last=True) or workspace.as_of(now)
    around = (found.name, *found.made_of, *found.part_of, *found.drives, *found.driven_by)
    known = _known(workspace, tuple(dict.fromkeys(around)), as_of, day, now)
    role = model.role(metric.owner) if metric else None
    own = _neighbour(model, found.name, known)
    usual, others = choices(model, found.name)

    def beside(names: Sequence[str]) -> tuple[Neighbour, ...]:
        return tuple(_neighbour(model, other, known) for other in names)

    return Look(
        name=found.name,
        label=own.label,
        says=metric.definition if metric else model.metrics.measures[found.name].says,
        kind=own.kind,
        unit=own.unit,
        better=own.better,
        explanation=found,
        owner_role=(metric.owner or "") if metric else "",
        owner_title=role.title if role else (metric.owner or "") if metric else "",
        owner_names=role.holders if role else (),
        value=own.value,
        previous=own.previous,
        period=known.period,
        before=known.before,
        status=own.status,
        needs=known.needs.get(found.name, ()),
        trend=known.trend,
        freshness=freshness(workspace, [found.name], now=now).get(found.name) if known.build else None,
        target=limits_words(metric.target, own.unit, workspace.manner) if metric else "",
        targets=targets_by(metric, workspace.manner),
        baseline=baseline_words(metric, workspace.manner),
        next_review=next_review(model, metric, day, workspace.config.fiscal_year_start) if metric else None,
        reviews=reviews_of(model, metric) if metric else (),
        frameworks=_frameworks(model, metric) if metric else (),
        tree=Tree(*(beside(names) for names in (found.made_of, found.part_of, found.drives, found.driven_by))),
        usual=usual,
        others=others,
        lacking=_lacking(model, found.name),
        disputes=_disputes(model, found),
        manner=workspace.manner,
        as_of=workspace.end_of(day) - timedelta(seconds=1),
        build=known.build,
        built_at=known.built_at,
        seen_at=known.seen_at,
    )


def series(workspace: Workspace, asked: Asked, *, now: datetime | None = None) -> Series:
    """The series of a question about one number: `per` a month and the last whole ones unless it says otherwise.

    Without `end` the last period is the last whole one; without `start` there are as many as a picture holds.
    """
    now = now or datetime.now(UTC)
    build = build_for(workspace, asked, None, now=now)
    first_month = opened(build).fiscal_year_start
    grain = next((g for g in Grain if g == (asked.per or Grain.MONTH)), None)
    if grain is None:
        hint = did_you_mean(asked.per or "", list(Grain))
        raise Refused([BAD_QUESTION.broken(f"unknown period '{asked.per}'.", hint=hint)])
    day = day_of(asked.as_of, first_month, last=True) or workspace.as_of(now)
    end = day_of(asked.end, first_month, last=True) or last_whole(day, grain, first_month)
    start = day_of(asked.start, first_month, last=False) or _first(end, grain, first_month)
    whole = asked._replace(per=str(grain), start=asked.start or start, end=asked.end or end)
    return Series(whole, start, end, _answered(workspace, whole, build, day))


@lru_cache(maxsize=64)
def _answered(workspace: Workspace, asked: Asked, build: Path, day: date) -> Answer:
    """The answer as of a day, computed once a process: neither a build nor an opened workspace changes."""
    return answer(workspace, asked, build, workspace.end_of(day) - timedelta(seconds=1))


def last_whole(day: date, grain: Grain, fiscal_year_start: int) -> date:
    """The last day of the last period that is over when `day` is."""
    return period_of(day + timedelta(days=1), grain, fiscal_year_start).start - timedelta(days=1)


def recent(
    workspace: Workspace, grain: Grain, count: int, *, as_of: str | None = None, now: datetime | None = None
) -> list[str]:
    """Names of the last whole periods, newest first."""
    now = now or datetime.now(UTC)
    first_month = workspace.config.fiscal_year_start
    day = day_of(as_of, first_month, last=True) or workspace.as_of(now)
    names = []
    for _ in range(count):
        day = last_whole(day, grain, first_month)
        names.append(period_of(day, grain, first_month).name)
        day -= timedelta(days=1)
    return names


def _first(end: date, grain: Grain, fiscal_year_start: int) -> date:
    """The first day of the series that ends on `end` and holds as many periods as a picture shows."""
    if grain in (Grain.DAY, Grain.WEEK):
        return period_of(end - timedelta(days=LONGEST[grain] * (SHOWN[grain] - 1)), grain).start
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain] * (SHOWN[grain] - 1)
    return period_of(add_months(end.replace(day=1), -months), grain, fiscal_year_start).start


def narrowed(model: Model, name: str, dimension: str, value: str | None, where: str | None = None) -> str:
    """The predicate for one value of a dimension, within `where`.

    >>> narrowed(Model(), "", "segment", "d'Or", "is_won")
    "(is_won) and segment = 'd''Or'"
    """
    kinds = {path.column.kind for t in _tables(model, name) if (path := resolve(t, dimension))}
    if value is None:
        own = f"{dimension} is null"
    elif Kind.BOOLEAN in kinds:
        own = dimension if value == "true" else f"not {dimension}"
    else:
        own = f"{dimension} = '" + value.replace("'", "''") + "'"
    return f"({where}) and {own}" if where else own


def choices(model: Model, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a number may be cut by: first what it usually is and everything is, then everything else.

    Only what all its tables know; a joined column by its short name where that means one thing.
    """
    tables = _tables(model, name)
    if not tables:
        return (), ()

    def meaning(dimension: str) -> tuple[Reached | None, ...]:
        return tuple(resolve(table, dimension) for table in tables)

    metric = model.metrics.metrics.get(name)
    common = [d for d in dimensions(tables[0]) if all(meaning(d)) and d.count(".") < FARTHEST]
    wanted = dict.fromkeys((*(metric.by if metric else ()), *EVERYWHERE))
    usual = {meaning(d): d for d in reversed(wanted) if all(meaning(d))}
    others = {meaning(d): d for d in reversed(common) if meaning(d) not in usual}
    return tuple(reversed(usual.values())), tuple(sorted(others.values()))


def _lacking(model: Model, name: str) -> tuple[str, ...]:
    tables = _tables(model, name)
    return tuple(d for d in EVERYWHERE if not all(resolve(table, d) for table in tables)) if tables else ()


def nearest_numbers(workspace: Workspace, name: str) -> tuple[tuple[str, str], ...]:
    """The (name, label) of the metrics and measures that a misspelt name may mean, the likeliest first."""
    model = workspace.model
    spoken = {n: n for n in model.numbers} | {m.title.casefold(): m.name for m in model.metrics.metrics.values()}
    close = difflib.get_close_matches(name.casefold().replace("-", "_"), list(spoken), n=2 * NEAREST, cutoff=0.5)
    names = list(dict.fromkeys(spoken[found] for found in close))[:NEAREST]
    return tuple((n, _label(model, n)) for n in names)


class _Known(NamedTuple):
    """The last two whole months of some numbers, and the build they come from."""

    values: Mapping[str, tuple[Number | None, Number | None]]
    needs: Mapping[str, tuple[str, ...]]
    period: str | None = None
    before: str | None = None
    trend: Trend | None = None
    build: str | None = None
    built_at: datetime | None = None
    seen_at: datetime | None = None


def _known(workspace: Workspace, names: tuple[str, ...], as_of: str | date | None, day: date, now: datetime) -> _Known:
    model = workspace.model
    end = last_whole(day, Grain.MONTH, 1)
    start = add_months(end.replace(day=1), -1)
    asked = Asked(names, "month", start=start, end=end, as_of=as_of)
    try:
        build = build_for(workspace, asked, None, now=now)
    except Refused as refused:
        if refused.problems[0].code != NO_BUILD.code:
            raise
        return _Known({}, {n: model.metrics.metrics[n].needs for n in names if n in model.metrics.metrics})
    values = _two_months(workspace, asked, build, day)
    lacking = missing(model.metrics, names, opened(build).supply)
    said = manifest(build)
    return _Known(
        values,
        {name: needs_of(model, name, lacking) for name in names},
        period_of(end, Grain.MONTH).name,
        period_of(start, Grain.MONTH).name,
        _trend(workspace, names[0], build, day),
        build.name,
        moment_from(said["made_at"]),
        moment_from(said["seen_at"]),
    )


@lru_cache(maxsize=256)
def _trend(workspace: Workspace, name: str, build: Path, day: date) -> Trend | None:
    """The trend as of a day, told once a process as the answers are."""
    return trends(workspace, [name], build=build, day=day, now=workspace.end_of(day)).get(name)


def _two_months(
    workspace: Workspace, asked: Asked, build: Path, day: date
) -> dict[str, tuple[Number | None, Number | None]]:
    """By metric, the values of the earlier and the later of the two months asked for."""
    found: dict[str, list[Number | None]] = {}
    for row in _answered(workspace, asked, build, day).table.select(["metric", "value"]).to_pylist():
        found.setdefault(row["metric"], []).append(row["value"])
    return {name: (values[0], values[-1]) for name, values in found.items()}


def _neighbour(model: Model, name: str, known: _Known) -> Neighbour:
    metric = model.metrics.metrics.get(name)
    previous, value = known.values.get(name, (None, None))
    if metric is None:
        unit = str(unit_of(model.metrics.measures[name]))
        return Neighbour(name, _label(model, name), "measure", unit, str(Better.NEITHER), value, previous, None)
    status = status_of(metric, value, known.needs.get(name, ()))
    return Neighbour(name, metric.title, "metric", str(metric.unit), str(metric.better), value, previous, status)


def _label(model: Model, name: str) -> str:
    metric = model.metrics.metrics.get(name)
    return metric.title if metric else in_words(name)


def _tables(model: Model, name: str) -> list[Table]:
    if name not in model.numbers:
        return []
    return list({i.measure.from_: TABLES[i.measure.from_] for i in instances(model.metrics, name)}.values())


def reviews_of(model: Model, metric: Metric) -> tuple[str, ...]:
    """Who looks at a metric how often: `Pipeline review, weekly`."""
    return tuple(f"{one.label}, {one.cadence}" for one in audiences(model, metric))


def _frameworks(model: Model, metric: Metric) -> tuple[str, ...]:
    known = model.decisions.frameworks
    return tuple(known[name].title if name in known else name for name in metric.frameworks)


def _disputes(model: Model, found: Explanation) -> tuple[Dispute, ...]:
    """Disputes about this term, by any of its names."""
    metric = found.metric
    names = {found.name, *((metric.id or "", metric.title, *metric.aliases) if metric else ())}
    spoken = {name.casefold() for name in names if name}
    return tuple(d for d in model.decisions.disputes if d.term.casefold() in spoken)
