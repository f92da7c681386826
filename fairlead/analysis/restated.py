"""What the record changed about a number since an earlier build told it: records that came late, went, or changed.

Every record that counted in either build is of one class: `late` where the earlier build did not have it, `removed`
where it is gone or deleted now, and else `kept`, and then it may be counted differently now (`corrected`). Each
class may be taken as it was then or as it is now, which gives eight states of what was counted, the first wholly
then and the last wholly now. Any measure can be taken over a state, also one that does not add up.
"""

from collections.abc import Sequence
from datetime import date

from fairlead.analysis.dimension import Columns, View, axis_day, happens, resolve
from fairlead.analysis.question import Instance, Question
from fairlead.analysis.rows import from_where
from fairlead.analysis.scan import checked, text
from fairlead.analysis.shapley import Number
from fairlead.analysis.tree import Node, Values, value
from fairlead.model.metrics import Aggregate
from fairlead.model.tables import TABLES
from fairlead.values import Query

CLASSES = ("late", "removed", "corrected")  # bits of a state, from the lowest
STATES = 1 << len(CLASSES)
PLAYERS = ("definition", *CLASSES)
EARLIER = "earlier."


def looks_ahead(instance: Instance) -> bool:
    """Whether a measure counts by what may have happened after its period, such as deals created in it and won since.

    Its value for one period changes with the days, though the record of that period does not.
    """
    table, measure = TABLES[instance.measure.from_], instance.measure
    own = {axis_day(table, column) for column in instance.axis}
    texts = [t for t in (measure.reading.expression, measure.where) if t and t != "*"]
    paths = (resolve(table, column) for t in texts for column in checked(t, table).columns)
    moments = {happens(path) for path in paths if path is not None}
    return bool(moments - own - {None})


def compile_states(instances: Sequence[Instance], then: Question, now: Question) -> Query:
    """The query for each measure in each of the eight states, and how many records are behind each class.

    One row: columns m0_s0, m0_s1, ..., m1_s0, ..., then late, removed and corrected; of the kept records those
    count that are counted differently. `then` and `now` ask for the same one period of the earlier build and of
    the later one.
    """
    parts = [part for n, instance in enumerate(instances) for part in _tagged(instance, n, then, now)]
    each = [f"(SELECT {', '.join(_states(i, n))} FROM tagged{n}) AS m{n}" for n, i in enumerate(instances)]
    touched = "\n  UNION ALL\n".join(_touched(i, n) for n, i in enumerate(instances))
    behind = ", ".join(
        f"count(DISTINCT (source, key)) FILTER (WHERE class = {text(name)}) AS {name}" for name in CLASSES
    )
    sides = "\n  CROSS JOIN ".join([*each, f"(SELECT {behind} FROM (\n{touched}\n)) AS records"])
    return Query("states", "WITH " + ",\n".join(parts) + f"\nSELECT *\nFROM {sides}")


def _tagged(instance: Instance, n: int, then: Question, now: Question) -> list[str]:
    """CTEs that end with every row that counts in either build: its class, its record, and the value aggregated.

    What was there then, deleted or not, has not come late; what is deleted now has gone. Records are looked up in
    the other build only where they count in this one: a build may have millions.
    """
    was, known = _columns(instance, then, EARLIER), _columns(instance, now, "")
    kept = (
        f"SELECT CASE WHEN k.key IS NULL THEN '{gone}' ELSE '{there}' END AS tag, c.key, c.amount"
        f" FROM counted_{side}{n} AS c LEFT JOIN known_{other}{n} AS k ON k.key = c.key"
        for side, other, there, gone in (("now", "then", "kept_now", "late"), ("then", "now", "kept_then", "removed"))
    )
    return [
        f"counted_now{n} AS MATERIALIZED (\n{_rows(instance, now, known)}\n)",
        f"counted_then{n} AS MATERIALIZED (\n{_rows(instance, then, was)}\n)",
        f"known_then{n} AS ({_known(instance, was, 'true', f'counted_now{n}')})",
        f"known_now{n} AS ({_known(instance, known, known.alive, f'counted_then{n}')})",
        f"tagged{n} AS MATERIALIZED (\n  " + "\n  UNION ALL\n  ".join(kept) + "\n)",
    ]


def _rows(instance: Instance, question: Question, columns: Columns) -> str:
    """The rows of one build that count, each with its record and what is aggregated."""
    amount = _amount(instance, columns)
    return f"  SELECT s.{_key(instance)} AS key, {amount} AS amount\n{from_where(instance, question, columns)}"


def _known(instance: Instance, columns: Columns, condition: str, among: str) -> str:
    """The records of one build among those that count in the other."""
    key, table = _key(instance), columns.view.named(columns.view.table)
    return (
        f"SELECT DISTINCT s.{key} AS key FROM {table} AS s WHERE {condition} AND s.{key} IN (SELECT key FROM {among})"
    )


def _key(instance: Instance) -> str:
    """The record a row belongs to."""
    return TABLES[instance.measure.from_].grain[0]


def _columns(instance: Instance, question: Question, build: str) -> Columns:
    frame = question.frame
    table = TABLES[instance.measure.from_]
    return Columns(View(table, frame.as_of, frame.timezone, frame.past, build, without_gone=not build))


def _amount(instance: Instance, columns: Columns) -> str:
    """SQL of what is aggregated."""
    expression = instance.measure.reading.expression
    return "1" if expression == "*" else checked(expression, columns.view.table).render(columns.sql)


def _aggregate(instance: Instance, tags: Sequence[str]) -> str:
    kind = instance.measure.reading.aggregate
    function = "count(DISTINCT amount)" if kind is Aggregate.DISTINCT else f"{kind}(amount)"
    return f"{function} FILTER (WHERE tag IN ({', '.join(map(text, tags))}))"


def _states(instance: Instance, number: int) -> list[str]:
    return [f"{_aggregate(instance, tags_of(state))} AS m{number}_s{state}" for state in range(STATES)]


def tags_of(state: int) -> tuple[str, ...]:
    """The rows of a state: of each class either those of then or those of now.

    >>> tags_of(0), tags_of(7)
    (('removed', 'kept_then'), ('late', 'kept_now'))
    """
    late, removed, corrected = (bool(state >> bit & 1) for bit in range(len(CLASSES)))
    chosen = ("late" if late else None, None if removed else "removed", "kept_now" if corrected else "kept_then")
    return tuple(tag for tag in chosen if tag)


def _touched(instance: Instance, number: int) -> str:
    """The records of a measure by class; a kept one counts when what is taken over its rows differs."""
    source = text(instance.measure.from_)

    def told(tag: str) -> str:
        held = f"FILTER (WHERE tag = '{tag}')"
        return f"({_aggregate(instance, (tag,))}, count(amount) {held}, min(amount) {held}, max(amount) {held})"

    return (
        f"  SELECT {source} AS source, key, tag AS class FROM tagged{number} WHERE tag IN ('late', 'removed')"
        f"\n  UNION ALL\n  SELECT {source}, key, 'corrected' FROM tagged{number} WHERE tag IN ('kept_then', 'kept_now')"
        f"\n  GROUP BY key HAVING {told('kept_now')} IS DISTINCT FROM {told('kept_then')}"
    )


def values_by_state(then: Node, now: Node, states: Sequence[tuple[Values, Values]]) -> list[Number]:
    """The metric in every state of definition and classes, as `shapley.shares` takes them; `PLAYERS` are its bits.

    `states` has, for each state of the classes, what was counted for the earlier definition and for the later one.
    """
    return [value(now if state & 1 else then, states[state >> 1][state & 1]) for state in range(1 << len(PLAYERS))]


def months_restated(until: date) -> Query:
    """The months that were over by `until` and whose revenue at the end a build and its `earlier` tell otherwise.

    month, and what it `was` and is `now` in the company's currency; where it changed most first, of equals the latest.
    """
    return Query(
        "months told apart",
        f"""SELECT coalesce(n.month, w.month) AS month, coalesce(w.mrr, 0) AS was, coalesce(n.mrr, 0) AS now
FROM (SELECT m.month, sum(m.closing_mrr) AS mrr FROM mart.account_month AS m GROUP BY m.month) AS n
FULL JOIN (SELECT m.month, sum(m.closing_mrr) AS mrr FROM earlier.mart.account_month AS m GROUP BY m.month) AS w
  ON w.month = n.month
WHERE coalesce(n.mrr, 0) <> coalesce(w.mrr, 0)
  AND coalesce(n.month, w.month) + INTERVAL 1 MONTH <= DATE '{until}' + INTERVAL 1 DAY
ORDER BY abs(coalesce(n.mrr, 0) - coalesce(w.mrr, 0)) DESC, month DESC""",
    )
