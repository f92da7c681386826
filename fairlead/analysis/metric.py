"""From metrics asked together to one SQL query: one scan a table and time axis, then arithmetic on few rows.

    measures of all metrics ── grouped by (table, axis, window) ──> one scan each, by period and dimension
      └─ united on period and dimension ──> `wide` ──> one value expression a metric ──> long rows

Undefined is NULL: a ratio over nothing, an average of nothing, a measure whose data no source gives. A count
or sum of no rows, where the data is there, is a true zero.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from fairlead.analysis.dimension import axis_day, resolve
from fairlead.analysis.question import Frame, Instance, Question, formula, instances
from fairlead.analysis.scan import Shared, dim, quoted, scan, scan_name, scan_of, select, text
from fairlead.model.metrics import Aggregate, Measure, Metric, Metrics, Unit, Window
from fairlead.model.tables import TABLES, Kind
from fairlead.values import Query

ZERO_WHEN_EMPTY = frozenset({Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.SUM})
# Money is rounded to the cent as a decimal: as a float 2.005 is a little less than that, and would lose the half cent
# that goes up when changes are split. Seven places keep apart what up to 100,000 rows can be divided into.
CENTS_FROM = "DECIMAL(38, 7)"


def compile_question(dictionary: Metrics, question: Question) -> Query:
    """The query that answers a question: columns metric, period, one a dimension, value (DOUBLE), unit.

    Every name has been checked; rows come in the order of the metrics, the periods and the dimensions.
    """
    wanted = tuple(dict.fromkeys(i for m in question.metrics for i in instances(dictionary, m)))
    parts = _parts([i for i in wanted if i.name not in question.missing], question)
    values = "\nUNION ALL\n".join(
        _value(dictionary, metric, place, question) for place, metric in enumerate(question.metrics)
    )
    dims = "".join(f", {dim(n)}" for n in range(len(question.by)))
    labels = "".join(f", {dim(n)} AS {quoted(name)}" for n, name in enumerate(question.by))
    sql = (
        "WITH " + ",\n".join(parts) + f"\nSELECT metric, period{labels}, value, unit\nFROM (\n{values}\n) AS answer"
        f"\nJOIN periods USING (period)\nORDER BY place, starts_on{dims}"
    )
    return Query("ask", sql)


def compile_measures(known: Sequence[Instance], question: Question) -> Query:
    """The query for measures as exactly as the engine has them: sums of money as decimals, counts as integers.

    Columns: period, one a dimension (dim1, ...), and one a measure, in this order. NULL is for the reader to judge.
    """
    keys = ["period", *(dim(n) for n in range(len(question.by)))]
    columns = ", ".join([*keys, *(i.column for i in known)])
    sql = "WITH " + ",\n".join(_parts(known, question)) + f"\nSELECT {columns}\nFROM wide\nORDER BY {', '.join(keys)}"
    return Query("measures", sql)


def _parts(known: Sequence[Instance], question: Question) -> list[str]:
    """The CTEs that count these measures; the last, `wide`, has a row a period and combination of dimensions."""
    shared: dict[Shared, list[Instance]] = {}
    for instance in known:
        shared.setdefault(scan_of(instance), []).append(instance)
    scans = {scan_name(one, number): group for number, (one, group) in enumerate(shared.items())}
    parts = [f"periods AS (\n{_periods(question.frame)}\n)"]
    for name, group in scans.items():
        parts += scan(name, group, question)
    return [*parts, f"wide AS (\n{_wide(tuple(scans), known, question)}\n)"]


def _periods(frame: Frame) -> str:
    """The periods asked for, with the last day of each that counts: the last one may be cut short."""
    rows = ",\n".join(
        f"    ({text(p.name)}, DATE '{p.start}', DATE '{p.end}', DATE '{min(p.end, frame.over) - timedelta(days=1)}')"
        for p in frame.periods
    )
    return f"  SELECT * FROM (VALUES\n{rows}\n  ) AS p (period, starts_on, ends_on, last_day)"


def _wide(names: Sequence[str], known: Sequence[Instance], question: Question) -> str:
    """One row a period and combination of dimensions that was met, one column a measure."""
    keys = ["period", *(dim(n) for n in range(len(question.by)))]
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
    return f"{select(columns)}\n  FROM (\n{united}\n  ) AS united\n  GROUP BY {', '.join(keys)}"


def _value(dictionary: Metrics, name: str, place: int, question: Question) -> str:
    """One metric's long rows."""
    metric = dictionary.metrics.get(name)
    expression = _expression(dictionary, name, None, question.missing)
    unit = str(metric.unit if metric else unit_of(dictionary.measures[name]))
    if unit == Unit.MONEY:
        expression = f"round(TRY_CAST({expression} AS {CENTS_FROM}), 2)"
    dims = "".join(f", {dim(n)}" for n in range(len(question.by)))
    return (
        f"SELECT {place} AS place, {text(name)} AS metric, period{dims}, CAST({expression} AS DOUBLE) AS value,"
        f" {text(unit)} AS unit FROM wide"
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
    return value_of(metric, lambda operand: _expression(dictionary, operand, window, missing))


def value_of(metric: Metric, inner: Callable[[str], str]) -> str:
    """SQL of a metric's value over the SQL of what it is directly made of: what answers, and what tries examples."""
    if isinstance(metric.measure, str):
        return inner(metric.measure)
    if metric.ratio:
        return f"({inner(metric.ratio[0])} / nullif({inner(metric.ratio[1])}, 0))"
    if metric.derived:
        return f"({formula(metric.derived).render(inner)})"
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
