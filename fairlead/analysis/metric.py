"""From metrics asked together to one SQL query: one scan a table and time axis, then arithmetic on few rows.

    measures of all metrics ── grouped by (table, axis, window) ──> one CTE each, by period and dimension
      └─ united on period and dimension ──> `wide` ──> one value expression a metric ──> long rows

Undefined is NULL: a ratio over nothing, an average of nothing, a measure whose data no source gives. A count
or sum of no rows, where the data is there, is a true zero.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View, axis_day, resolve
from fairlead.model.metrics import Aggregate, Measure, Metric, Metrics, Unit, Window
from fairlead.model.predicate import Predicate, columns_of, parse
from fairlead.model.tables import TABLES, Kind, Table
from fairlead.values import Grain, Period, Query, periods, window_start

ZERO_WHEN_EMPTY = frozenset({Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.SUM})
# How a day's aggregates combine into a longer stretch's; the others have to look at the rows again.
COMBINES: Mapping[Aggregate, str] = {
    Aggregate.COUNT: "sum",
    Aggregate.SUM: "sum",
    Aggregate.MIN: "min",
    Aggregate.MAX: "max",
}


class Frame(NamedTuple):
    """The times a question is asked about. `end` is the first company day left out; `past` when `as_of` is before the build's day."""

    start: date
    end: date
    as_of: date
    past: bool
    timezone: str
    fiscal_year_start: int
    grain: Grain | None = None

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods asked for; one, named after its days, when no grain is."""
        if self.grain is None:
            return (Period(f"{self.start}/{self.end - timedelta(days=1)}", self.start, self.end),)
        return periods(self.start, self.end, self.grain, self.fiscal_year_start)


class Question(NamedTuple):
    """What is asked. `missing` maps a measure's name to what no source gives it; such a measure is undefined."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    where: str | None
    frame: Frame
    missing: Mapping[str, str]


class Instance(NamedTuple):
    """A measure as a metric uses it: by name, over a window or over the period itself."""

    name: str
    measure: Measure
    window: Window | None

    @property
    def column(self) -> str:
        """Its column in the query: readable, and unique among the instances of a question."""
        if self.window is None:
            return self.name
        ever = self.window.trailing == "ever"
        return f"{self.name}_ever" if ever else f"{self.name}_last_{self.window.trailing}_{self.window.unit}s"

    @property
    def axis(self) -> tuple[str, ...]:
        """What its rows are placed in time by."""
        return self.measure.during or (self.measure.at or "",)


Shared = tuple[str, tuple[str, ...], Window | None, bool]


def instances(dictionary: Metrics, name: str, window: Window | None = None) -> tuple[Instance, ...]:
    """The measures behind a metric or measure, each once, in the order in which they are met."""
    if name in dictionary.measures:
        return (Instance(name, dictionary.measures[name], window),)
    metric = dictionary.metrics[name]
    window = metric.window or window
    if isinstance(metric.measure, Measure):
        return (Instance(name, metric.measure, window),)
    found = (i for operand in operands(metric) for i in instances(dictionary, operand, window))
    return tuple(dict.fromkeys(found))


def operands(metric: Metric) -> tuple[str, ...]:
    """The measures and metrics a metric is made from directly; its exact edges in the tree."""
    if isinstance(metric.measure, str):
        return (metric.measure,)
    if metric.ratio:
        return metric.ratio
    if metric.derived:
        return _formula(metric.derived).columns
    return ()


@lru_cache(maxsize=1024)
def _formula(text: str) -> Predicate:
    names = frozenset(_names(text))
    predicate, problems = parse(text, names)
    if predicate is None:
        raise ValueError(str(problems[0]))
    return predicate


def _names(text: str) -> Iterator[str]:
    word = ""
    for character in f"{text} ":
        if character.isalnum() or character == "_":
            word += character
        else:
            if word and not word[0].isdigit():
                yield word
            word = ""


def compile_question(dictionary: Metrics, question: Question) -> Query:
    """The query that answers a question: columns metric, period, one a dimension, value (DOUBLE), unit.

    Every name has been checked; rows come in the order of the metrics, the periods and the dimensions.
    """
    wanted = tuple(dict.fromkeys(i for m in question.metrics for i in instances(dictionary, m)))
    known = [i for i in wanted if i.name not in question.missing]
    shared: dict[Shared, list[Instance]] = {}
    for instance in known:
        shared.setdefault(_scan_of(instance), []).append(instance)
    parts = [f"periods AS (\n{_periods(question.frame)}\n)"]
    names = []
    for group in shared.values():
        name = f"{group[0].measure.from_}_by_{'_'.join(group[0].axis)}{len(names) or ''}"
        names.append(name)
        parts += _scan(name, group, question)
    parts.append(f"wide AS (\n{_wide(names, known, question)}\n)")
    values = "\nUNION ALL\n".join(
        _value(dictionary, metric, place, question) for place, metric in enumerate(question.metrics)
    )
    dims = "".join(f", {_dim(n)}" for n in range(len(question.by)))
    labels = "".join(f", {_dim(n)} AS {_quoted(name)}" for n, name in enumerate(question.by))
    sql = (
        "WITH " + ",\n".join(parts) + f"\nSELECT metric, period{labels}, value, unit\nFROM (\n{values}\n) AS answer"
        f"\nJOIN periods USING (period)\nORDER BY place, starts_on{dims}"
    )
    return Query("ask", sql)


def _scan_of(i: Instance) -> Shared:
    """Instances with the same answer here are read in one scan."""
    combined = i.window is not None and i.measure.reading.aggregate in COMBINES
    return (i.measure.from_, i.axis, i.window, combined)


def _dim(n: int) -> str:
    return f"dim{n + 1}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _periods(frame: Frame) -> str:
    """The periods asked for, with the last day of each that counts."""
    rows = ",\n".join(
        f"    ({_text(p.name)}, DATE '{p.start}', DATE '{p.end}', DATE '{min(p.end - timedelta(days=1), frame.as_of)}')"
        for p in frame.periods
    )
    return f"  SELECT * FROM (VALUES\n{rows}\n  ) AS p (period, starts_on, ends_on, last_day)"


def _scan(name: str, group: list[Instance], question: Question) -> list[str]:
    """The CTEs of one scan: dimensions, then one aggregate a measure, by period."""
    first = group[0]
    columns = _columns(first, question)
    dims = [f"CAST({columns.sql(d)} AS VARCHAR) AS {_dim(n)}" for n, d in enumerate(question.by)]
    aggregates = [f"{_aggregate(i, columns)} AS {i.column}" for i in group]
    counted = condition(question.where, columns)
    if first.measure.during:
        body = _during(first, columns, dims, aggregates, counted)
        return [f"{name} AS (\n{body}\n)"]
    if first.window is None:
        body = _plain(first, columns, dims, aggregates, counted, question.frame)
        return [f"{name} AS (\n{body}\n)"]
    return _trailing(name, group, columns, dims, counted, question)


def _columns(instance: Instance, question: Question) -> Columns:
    frame = question.frame
    return Columns(View(TABLES[instance.measure.from_], frame.as_of, frame.timezone, frame.past))


def condition(where: str | None, columns: Columns) -> str:
    """The rows that count at all: alive, and what the question asks for."""
    asked = f" AND {checked(where, columns.view.table).render(columns.sql)}" if where else ""
    return f"{columns.alive}{asked}"


@lru_cache(maxsize=256)
def known_names(table: Table) -> Mapping[str, Kind]:
    """Every name a question may use on a table, with its kind: own and dotted columns, and bare names of joined ones."""
    dotted = columns_of(table)
    bare = {name.rpartition(".")[2] for name in dotted} - dotted.keys()
    found = {name: path.column.kind for name in sorted(bare) if (path := resolve(table, name))}
    return MappingProxyType({**dotted, **found})


@lru_cache(maxsize=4096)
def checked(text: str, table: Table) -> Predicate:
    """A text that has been checked when the model was loaded or the question was taken."""
    predicate, problems = parse(text, known_names(table))
    if predicate is None:
        raise ValueError("\n".join(map(str, problems)))
    return predicate


def _aggregate(instance: Instance, columns: Columns) -> str:
    """SQL of a measure over the rows at hand."""
    measure, table = instance.measure, columns.view.table
    aggregate, expression = measure.reading
    inner = "*" if expression == "*" else checked(expression, table).render(columns.sql)
    function = {Aggregate.DISTINCT: f"count(DISTINCT {inner})"}.get(aggregate, f"{aggregate}({inner})")
    where = f" FILTER (WHERE {checked(measure.where, table).render(columns.sql)})" if measure.where else ""
    return function + where


def _select(columns: list[str]) -> str:
    return "  SELECT\n    " + ",\n    ".join(columns)


def _table(columns: Columns) -> str:
    table = columns.view.table
    return f"  FROM {table.schema}.{table.name} AS s" + (f"\n  {columns.joins}" if columns.joins else "")


def _plain(
    first: Instance, columns: Columns, dims: list[str], aggregates: list[str], condition: str, frame: Frame
) -> str:
    """Rows by the period their day is in."""
    day = axis_day(columns.view.table, first.measure.at or "")
    start, end = frame.periods[0].start, min(frame.periods[-1].end, frame.as_of + timedelta(days=1))
    within = f"s.{day} >= DATE '{max(start, frame.start)}' AND s.{day} < DATE '{min(end, frame.end)}'"
    if frame.grain is None:
        period = f"{_text(frame.periods[0].name)} AS period"
        joined = ""
    else:
        period = f"calendar.{frame.grain} AS period"
        joined = f"\n  JOIN mart.calendar AS calendar ON calendar.day = s.{day}"
    return f"{_select([period, *dims, *aggregates])}\n{_table(columns)}{joined}\n  WHERE {within} AND {condition}\n  GROUP BY ALL"


def _during(first: Instance, columns: Columns, dims: list[str], aggregates: list[str], condition: str) -> str:
    """Rows that hold on the last day of each period."""
    starts, ends = (axis_day(columns.view.table, c) for c in first.axis)
    holds = f"s.{starts} <= periods.last_day AND (s.{ends} IS NULL OR s.{ends} > periods.last_day)"
    return (
        f"{_select(['periods.period AS period', *dims, *aggregates])}\n{_table(columns)}\n  JOIN periods ON {holds}"
        f"\n  WHERE {condition}\n  GROUP BY ALL"
    )


def _trailing(
    name: str, group: list[Instance], columns: Columns, dims: list[str], condition: str, question: Question
) -> list[str]:
    """Rows of a stretch that ends with each period: days first where they add up, the rows themselves where not."""
    first, frame = group[0], question.frame
    window = first.window
    assert window is not None  # noqa: S101 - `_scan` asks for no other
    day = axis_day(columns.view.table, first.measure.at or "")
    stretches = ",\n".join(
        f"    ({_text(p.name)}, DATE '{window_start(p.end, window.trailing, window.unit)}',"
        f" DATE '{min(p.end, frame.as_of + timedelta(days=1))}')"
        for p in frame.periods
    )
    stretch = f"{name}_stretch AS (\n  SELECT * FROM (VALUES\n{stretches}\n  ) AS w (period, starts_on, ends_on)\n)"
    keys = [_dim(n) for n in range(len(dims))]
    if first.measure.reading.aggregate not in COMBINES:
        rows = [f"{_aggregate(i, columns)} AS {i.column}" for i in group]
        body = (
            f"{_select(['w.period AS period', *dims, *rows])}\n{_table(columns)}\n  JOIN {name}_stretch AS w"
            f" ON s.{day} >= w.starts_on AND s.{day} < w.ends_on\n  WHERE {condition}\n  GROUP BY ALL"
        )
        return [stretch, f"{name} AS (\n{body}\n)"]
    daily = [f"s.{day} AS day", *dims, *(f"{_aggregate(i, columns)} AS {i.column}" for i in group)]
    days = f"{name}_daily AS (\n{_select(daily)}\n{_table(columns)}\n  WHERE s.{day} IS NOT NULL AND {condition}\n  GROUP BY ALL\n)"
    sums = [f"{COMBINES[i.measure.reading.aggregate]}(d.{i.column}) AS {i.column}" for i in group]
    body = (
        f"{_select(['w.period AS period', *(f'd.{k}' for k in keys), *sums])}\n  FROM {name}_daily AS d\n  JOIN {name}_stretch AS w"
        f" ON d.day >= w.starts_on AND d.day < w.ends_on\n  GROUP BY ALL"
    )
    return [stretch, days, f"{name} AS (\n{body}\n)"]


def _wide(names: list[str], known: list[Instance], question: Question) -> str:
    """One row a period and combination of dimensions that was met, one column a measure."""
    keys = ["period", *(_dim(n) for n in range(len(question.by)))]
    unions = [f"  SELECT * FROM {name}" for name in names]
    if question.by:
        combos = " UNION ".join(f"SELECT {', '.join(keys[1:])} FROM {name}" for name in names)
        if names:
            unions.append(f"  SELECT periods.period, combos.* FROM periods CROSS JOIN ({combos}) AS combos")
    else:
        unions.append("  SELECT period FROM periods")
    if not unions:
        nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {key}" for key in keys)
        unions.append(f"  SELECT {nothing} WHERE false")
    united = "\n  UNION ALL BY NAME\n".join(unions)
    columns = [*keys, *(f"max({i.column}) AS {i.column}" for i in known)]
    return f"{_select(columns)}\n  FROM (\n{united}\n  ) AS united\n  GROUP BY {', '.join(keys)}"


def _value(dictionary: Metrics, name: str, place: int, question: Question) -> str:
    """One metric's long rows."""
    metric = dictionary.metrics.get(name)
    expression = _expression(dictionary, name, None, question.missing)
    unit = str(metric.unit if metric else unit_of(dictionary.measures[name]))
    if unit == Unit.MONEY:
        expression = f"round({expression}, 2)"
    dims = "".join(f", {_dim(n)}" for n in range(len(question.by)))
    return (
        f"SELECT {place} AS place, {_text(name)} AS metric, period{dims}, CAST({expression} AS DOUBLE) AS value,"
        f" {_text(unit)} AS unit FROM wide"
    )


def unit_of(measure: Measure) -> Unit:
    """The unit of a bare measure: money and days are known by their columns, everything else is counted."""
    aggregate, expression = measure.reading
    path = resolve(TABLES[measure.from_], expression)
    if aggregate in (Aggregate.COUNT, Aggregate.DISTINCT) or path is None:
        return Unit.COUNT
    if path.column.kind is Kind.MONEY:
        return Unit.MONEY
    name = path.column.name
    return Unit.DAYS if name == "days" or "days" in name.split("_") else Unit.COUNT


def _expression(dictionary: Metrics, name: str, window: Window | None, missing: Mapping[str, str]) -> str:
    """SQL of a metric's value over the columns of `wide`."""
    if name in dictionary.measures:
        return _operand(Instance(name, dictionary.measures[name], window), missing)
    metric = dictionary.metrics[name]
    window = metric.window or window
    if isinstance(metric.measure, Measure):
        return _operand(Instance(name, metric.measure, window), missing)

    def inner(operand: str) -> str:
        return _expression(dictionary, operand, window, missing)

    if isinstance(metric.measure, str):
        return inner(metric.measure)
    if metric.ratio:
        return f"({inner(metric.ratio[0])} / nullif({inner(metric.ratio[1])}, 0))"
    if metric.derived:
        return f"({_formula(metric.derived).render(inner)})"
    return "CAST(NULL AS DOUBLE)"


def _operand(instance: Instance, missing: Mapping[str, str]) -> str:
    if instance.name in missing:
        return "CAST(NULL AS DOUBLE)"
    value = f"CAST({instance.column} AS DOUBLE)"
    return f"coalesce({value}, 0)" if instance.measure.reading.aggregate in ZERO_WHEN_EMPTY else value


def first_day(dictionary: Metrics, metrics: tuple[str, ...], missing: Mapping[str, str]) -> Query:
    """The query for the first company day that any of these metrics has data on (one row, one DATE, or NULL)."""
    axes = {(i.measure.from_, i.axis[0]) for m in metrics for i in instances(dictionary, m) if i.name not in missing}
    parts = [
        f"SELECT min({axis_day(TABLES[table], column)}) AS day FROM {TABLES[table].schema}.{table}"
        for table, column in sorted(axes)
    ]
    return Query(
        "first day", f"SELECT min(day) FROM ({' UNION ALL '.join(parts) or 'SELECT NULL::DATE AS day'}) AS firsts"
    )
