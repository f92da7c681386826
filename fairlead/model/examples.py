"""Worked examples of metrics: what they may be given, what the definition makes of it, and when two values agree."""

import math
from collections.abc import Mapping

from fairlead.model.arithmetic import reckon
from fairlead.model.metrics import Measure, Metric
from fairlead.model.whole import Model

Given = Mapping[str, float | None]

CLOSE = 1e-9  # of the larger value: what the same sum in another order may differ by
TINY = 1e-15  # of the largest operand: what binary fractions leave of a difference of equals


def operands_of(model: Model, metric: Metric) -> tuple[str, ...]:
    """The names an example gives values to; a measure written in place goes by the metric's own name."""
    return model.operands(metric) or ((metric.name,) if isinstance(metric.measure, Measure) else ())


def reckoned(model: Model, metric: Metric, given: Given) -> float | None:
    """What a metric's definition gives by plain arithmetic; None when undefined.

    Raises NotImplementedError for functions that only the engine knows, ArithmeticError where a value overflows.
    """
    operands = operands_of(model, metric)
    text = metric.derived or (f"{operands[0]} / {operands[1]}" if metric.ratio else operands[0])
    return reckon(text, given)


def agree(a: float | None, b: float | None, given: Given) -> bool:
    """Whether two values are the same but for the last digits that the way of reckoning decides."""
    if a is None or b is None:
        return a is b
    if a == 0 or b == 0:
        size = max((abs(value) for value in given.values() if value is not None), default=0.0)
        return abs(a - b) <= TINY * max(1.0, size)
    return math.isclose(a, b, rel_tol=CLOSE)


def shown(value: float | None) -> str:
    """A value of an example in a message."""
    return "undefined" if value is None else f"{value:.12g}"


def given_words(given: Given) -> str:
    """`won 1, closed 4`"""
    return ", ".join(f"{name} {shown(value)}" for name, value in given.items())
