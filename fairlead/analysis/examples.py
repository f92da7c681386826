"""Worked examples as one query: each metric's own value expression, over given operands instead of rows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fairlead.analysis.metric import value_of
from fairlead.analysis.question import formula
from fairlead.analysis.scan import quoted
from fairlead.model.metrics import Measure, Metric, Metrics
from fairlead.values import Query


class Example(NamedTuple):
    """A metric and values for its operands; an operand that is left out is undefined, as one that is None."""

    metric: str
    given: Mapping[str, float | None]


def compile_examples(dictionary: Metrics, examples: Sequence[Example]) -> Query:
    """The query that reckons examples: columns place (from 0) and value (DOUBLE; NULL: undefined). Values are bound."""
    parts: list[str] = []
    params: list[float | None] = []
    for place, example in enumerate(examples):
        metric = dictionary.metrics[example.metric]
        names = dict.fromkeys([*_operands(metric), *example.given])
        columns = ", ".join(f"CAST(? AS DOUBLE) AS {quoted(name)}" for name in names) or "NULL AS nothing"
        params += [example.given.get(name) for name in names]
        parts.append(f"SELECT {place} AS place, CAST({_value(metric)} AS DOUBLE) AS value FROM (SELECT {columns})")
    nothing = "SELECT 0 AS place, CAST(NULL AS DOUBLE) AS value WHERE false"
    return Query("examples", "\nUNION ALL\n".join(parts or [nothing]) + "\nORDER BY place", tuple(params))


def _operands(metric: Metric) -> tuple[str, ...]:
    """What a metric is directly made of; a measure written in place goes by the metric's own name."""
    if isinstance(metric.measure, Measure):
        return (metric.name,)
    if metric.derived:
        return formula(metric.derived).columns
    return metric.ratio or ((metric.measure,) if metric.measure else ())


def _value(metric: Metric) -> str:
    return quoted(metric.name) if isinstance(metric.measure, Measure) else value_of(metric, quoted)
