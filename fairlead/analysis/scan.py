"""One scan: the measures that share a table, a time axis and a window, by period and dimension, as CTEs.

Every scan reads its table once, or twice where rows that come and go are counted; what it gives has one row a
period and combination of dimensions.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View, axis_day, resolve
from fairlead.analysis.question import Frame, Instance, Question
from fairlead.model.metrics import Aggregate, Window
from fairlead.model.predicate import Predicate, columns_of, parse
from fairlead.model.tables import TABLES, Kind, Table
from fairlead.values import window_start

# How a day's aggregates combine into a longer stretch's; the others have to look at the rows again.
COMBINES: Mapping[Aggregate, str] = MappingProxyType(
    {
        Aggregate.COUNT: "sum",
        Aggregate.SUM: "sum",
        Aggregate.MIN: "min",
        Aggregate.MAX: "max",
    }
)

Shared = tuple[str, tuple[str, ...], Window | None, bool]


def scan_of(i: Instance) -> Shared:
    """Instances with the same answer here are read in one scan."""
    combined = _adds_up(i) if i.measure.during else i.window is not None and i.measure.reading.aggregate in COMBINES
    return (i.measure.from_, i.axis, i.window, combined)


def scan_name(shared: Shared, number: int) -> str:
    """What a scan's rows are called in the query."""
    table, axis, _, _ = shared
    return f"{table}_by_{'_'.join(axis)}{number or ''}"


def dim(n: int) -> str:
    return f"dim{n + 1}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


class Scan(NamedTuple):
    """One scan under way: the instances it serves, and their table's columns, dimensions and rows that count."""

    name: str
    group: tuple[Instance, ...]
    columns: Columns
    dims: tuple[str, ...]
    counted: str
    frame: Frame

    @property
    def first(self) -> Instance:
        """Any of the instances: they share table, axis and window."""
        return self.group[0]

    @property
    def table(self) -> str:
        """SQL of the table with the joins its columns need."""
        table = self.columns.view.table
        return f"  FROM {table.schema}.{table.name} AS s" + (f"\n  {self.columns.joins}" if self.columns.joins else "")

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the dimensions' columns."""
        return tuple(dim(n) for n in range(len(self.dims)))

    def days(self) -> tuple[str | None, ...]:
        """The date columns that place its rows in time."""
        return tuple(axis_day(self.columns.view.table, name) for name in self.first.axis)

    def aggregates(self, sign: str = "") -> list[str]:
        return [f"{sign}{aggregate(i, self.columns)} AS {i.column}" for i in self.group]


def scan(name: str, group: Sequence[Instance], question: Question) -> list[str]:
    """The CTEs of one scan; the last, called `name`, has period, the dimensions and one column a measure."""
    frame = question.frame
    columns = Columns(View(TABLES[group[0].measure.from_], frame.as_of, frame.timezone, frame.past))
    dims = tuple(f"CAST({columns.sql(d)} AS VARCHAR) AS {dim(n)}" for n, d in enumerate(question.by))
    counted = condition(question.where, columns)
    for instance in group:
        aggregate(instance, columns)  # so that the joins they need are known
    one = Scan(name, tuple(group), columns, dims, counted, frame)
    if one.first.measure.during:
        return _comings_and_goings(one) if _adds_up(one.first) else _during(one)
    return _plain(one) if one.first.window is None else _trailing(one, one.first.window)


def condition(where: str | None, columns: Columns) -> str:
    """The rows that count at all: alive, and what the question asks for."""
    asked = f" AND {checked(where, columns.view.table).render(columns.sql)}" if where else ""
    return f"{columns.alive}{asked}"


@lru_cache(maxsize=256)
def known_names(table: Table) -> Mapping[str, Kind]:
    """Every name a question may use on a table, with its kind: own and dotted columns, bare names of joined ones."""
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


def aggregate(instance: Instance, columns: Columns) -> str:
    """SQL of a measure over the rows at hand."""
    measure, table = instance.measure, columns.view.table
    kind, expression = measure.reading
    inner = "*" if expression == "*" else checked(expression, table).render(columns.sql)
    function = f"count(DISTINCT {inner})" if kind is Aggregate.DISTINCT else f"{kind}({inner})"
    where = f" FILTER (WHERE {checked(measure.where, table).render(columns.sql)})" if measure.where else ""
    return function + where


def select(columns: Sequence[str]) -> str:
    return "  SELECT\n    " + ",\n    ".join(columns)


def _plain(scan: Scan) -> list[str]:
    """Rows by the period their day is in."""
    frame, (day,) = scan.frame, scan.days()
    within = f"s.{day} >= DATE '{frame.start}' AND s.{day} < DATE '{frame.over}'"
    period, joined = f"{text(frame.periods[0].name)} AS period", ""
    if frame.chosen:
        period = "periods.period AS period"
        joined = f"\n  JOIN periods ON s.{day} >= periods.starts_on AND s.{day} <= periods.last_day"
    elif frame.grain is not None:
        period, joined = (
            f"calendar.{frame.grain} AS period",
            f"\n  JOIN mart.calendar AS calendar ON calendar.day = s.{day}",
        )
    rows = f"{select([period, *scan.dims, *scan.aggregates()])}\n{scan.table}{joined}"
    return [f"{scan.name} AS (\n{rows}\n  WHERE {within} AND {scan.counted}\n  GROUP BY ALL\n)"]


def _during(scan: Scan) -> list[str]:
    """Rows that hold on the last day of each period."""
    starts, ends = scan.days()
    holds = f"s.{starts} <= periods.last_day AND (s.{ends} IS NULL OR s.{ends} > periods.last_day)"
    rows = f"{select(['periods.period AS period', *scan.dims, *scan.aggregates()])}\n{scan.table}"
    return [f"{scan.name} AS (\n{rows}\n  JOIN periods ON {holds}\n  WHERE {scan.counted}\n  GROUP BY ALL\n)"]


def _comings_and_goings(scan: Scan) -> list[str]:
    """The same for counts and exact sums, without meeting every row with every period it holds in.

    What holds on a day is what has come by then less what has gone by then: two scans by day, then few rows.
    """
    starts, ends = scan.days()
    came = f"s.{starts} IS NOT NULL AND (s.{ends} IS NULL OR s.{ends} > s.{starts}) AND {scan.counted}"
    went = f"s.{ends} > s.{starts} AND {scan.counted}"
    moves = "\n  UNION ALL\n".join(
        f"{select([f's.{day} AS day', *scan.dims, *scan.aggregates(sign)])}\n{scan.table}"
        f"\n  WHERE {rows}\n  GROUP BY ALL"
        for day, sign, rows in ((starts, "", came), (ends, "-", went))
    )
    sums = [f"sum(m.{i.column}) AS {i.column}" for i in scan.group]
    body = (
        f"{select(['periods.period AS period', *(f'm.{k}' for k in scan.keys), *sums])}\n  FROM {scan.name}_moves AS m"
        f"\n  JOIN periods ON m.day <= periods.last_day\n  GROUP BY ALL"
    )
    return [f"{scan.name}_moves AS (\n{moves}\n)", f"{scan.name} AS (\n{body}\n)"]


def _adds_up(instance: Instance) -> bool:
    """Whether comings less goings are exact: counts, and sums of money or whole numbers."""
    kind, expression = instance.measure.reading
    if kind is not Aggregate.SUM:
        return kind is Aggregate.COUNT
    path = resolve(TABLES[instance.measure.from_], expression)
    return path is not None and path.column.kind in (Kind.MONEY, Kind.INTEGER)


def _trailing(scan: Scan, window: Window) -> list[str]:
    """Rows of a stretch that ends with each period: days first where they add up, the rows themselves where not."""
    (day,) = scan.days()
    stretch = f"{scan.name}_stretch AS (\n{_stretches(scan.frame, window)}\n)"
    if scan.first.measure.reading.aggregate not in COMBINES:
        rows = f"{select(['w.period AS period', *scan.dims, *scan.aggregates()])}\n{scan.table}"
        meet = f"JOIN {scan.name}_stretch AS w ON s.{day} >= w.starts_on AND s.{day} < w.ends_on"
        return [stretch, f"{scan.name} AS (\n{rows}\n  {meet}\n  WHERE {scan.counted}\n  GROUP BY ALL\n)"]
    daily = f"{select([f's.{day} AS day', *scan.dims, *scan.aggregates()])}\n{scan.table}"
    within = f"s.{day} >= DATE '{_earliest(scan.frame, window)}' AND s.{day} < DATE '{scan.frame.over}'"
    days = f"{scan.name}_daily AS (\n{daily}\n  WHERE {within} AND {scan.counted}\n  GROUP BY ALL\n)"
    sums = [f"{COMBINES[i.measure.reading.aggregate]}(d.{i.column}) AS {i.column}" for i in scan.group]
    body = (
        f"{select(['w.period AS period', *(f'd.{k}' for k in scan.keys), *sums])}\n  FROM {scan.name}_daily AS d"
        f"\n  JOIN {scan.name}_stretch AS w ON d.day >= w.starts_on AND d.day < w.ends_on\n  GROUP BY ALL"
    )
    return [stretch, days, f"{scan.name} AS (\n{body}\n)"]


def _earliest(frame: Frame, window: Window) -> date:
    """The first day that any of the stretches holds."""
    return min(window_start(period.end, window.trailing, window.unit) for period in frame.periods)


def _stretches(frame: Frame, window: Window) -> str:
    """The stretch of days that ends with each period; nothing after the time asked for counts."""
    rows = ",\n".join(
        f"    ({text(p.name)}, DATE '{window_start(p.end, window.trailing, window.unit)}',"
        f" DATE '{min(p.end, frame.over)}')"
        for p in frame.periods
    )
    return f"  SELECT * FROM (VALUES\n{rows}\n  ) AS w (period, starts_on, ends_on)"
