"""The records behind one number: the same rows, the same conditions, not aggregated."""

from collections.abc import Sequence
from datetime import timedelta

from fairlead.analysis.dimension import Columns, View, axis_day
from fairlead.analysis.metric import ZERO_WHEN_EMPTY
from fairlead.analysis.question import Instance, Question
from fairlead.analysis.scan import aggregate, checked, condition, text
from fairlead.model.tables import LINEAGE, TABLES, Table
from fairlead.values import Query, window_start

CARRIED = ("source_system", "source_id")


def behind(instance: Instance, question: Question, limit: int | None, offset: int = 0) -> Query:
    """The rows a measure counted over the whole time asked for: keys, its time, its value, what its condition names.

    Columns: measure, period_from and period_to (the days looked at), the table's grain, its columns that the
    measure rests on, the dimensions asked for, and source_system and source_id where the table has them. In the
    order of the grain, which names a row, so that `limit` and `offset` page through every row once.
    """
    frame = question.frame
    table = TABLES[instance.measure.from_]
    columns = Columns(View(table, frame.as_of, frame.timezone, frame.past))
    shown = [f'{columns.sql(name)} AS "{name}"' for name in _shown(instance, table, question.by)]
    rows = from_where(instance, question, columns)
    order = ", ".join(f"s.{name}" for name in table.grain)
    sql = (
        f"SELECT '{instance.column}' AS measure, {', '.join(shown)}"
        f"\n{rows}\nORDER BY {order}"
        + (f"\nLIMIT {limit}" if limit is not None else "")
        + (f"\nOFFSET {offset}" if offset else "")
    )
    return Query(f"rows behind {instance.name}", sql)


def tally(instances: Sequence[Instance], question: Question) -> Query:
    """How many rows each measure counted, and what it makes of them: columns measure, rows (BIGINT), value (DOUBLE)."""
    return Query("tally of the rows", "\nUNION ALL\n".join(_tallied(i, question) for i in instances))


def _tallied(instance: Instance, question: Question) -> str:
    frame = question.frame
    columns = Columns(View(TABLES[instance.measure.from_], frame.as_of, frame.timezone, frame.past))
    value = f"CAST({aggregate(instance, columns)} AS DOUBLE)"
    if instance.measure.reading.aggregate in ZERO_WHEN_EMPTY:
        value = f"coalesce({value}, 0)"
    rows = from_where(instance, question, columns)
    return f"SELECT {text(instance.column)} AS measure, count(*) AS rows, {value} AS value\n{rows}"


def from_where(instance: Instance, question: Question, columns: Columns) -> str:
    """FROM and WHERE: the rows that count. Call it after every other use of `columns`: it writes their joins."""
    table = columns.view.table
    clauses = [condition(question.where, columns), _in_time(instance, table, question)]
    if instance.measure.where:
        clauses.append(checked(instance.measure.where, table).render(columns.sql))
    joins = f"\n  {columns.joins}" if columns.joins else ""
    return f"FROM {columns.view.named(table)} AS s{joins}\nWHERE " + "\n  AND ".join(clauses)


def _in_time(instance: Instance, table: Table, question: Question) -> str:
    frame = question.frame
    last = min(frame.end - timedelta(days=1), frame.as_of)
    if instance.measure.during:
        starts, ends = (axis_day(table, c) for c in instance.measure.during)
        return f"s.{starts} <= DATE '{last}' AND (s.{ends} IS NULL OR s.{ends} > DATE '{last}')"
    day = axis_day(table, instance.measure.at or "")
    first = frame.start
    if instance.window is not None:  # a window ends with its period, also where that is not over yet
        first = window_start(frame.periods[-1].end, instance.window.trailing, instance.window.unit)
    return f"s.{day} BETWEEN DATE '{first}' AND DATE '{last}'"


def _shown(instance: Instance, table: Table, by: tuple[str, ...]) -> list[str]:
    """Names to show, each once: the grain, a name, when, how much, why, and where it came from."""
    measure = instance.measure
    expression = measure.reading.expression
    names = [*table.grain, *(n for n in ("name",) if table.column(n)), *instance.axis]
    if expression != "*":
        names += checked(expression, table).columns
    if measure.where:
        names += checked(measure.where, table).columns
    names += by
    carried = {c.name for c in LINEAGE} & set(CARRIED)
    names += [n for n in CARRIED if n in carried and table.column(n)]
    return list(dict.fromkeys(names))
