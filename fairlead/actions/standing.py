"""How a value stands to its target."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from fairlead.model.metrics import Limits, Metric, Unit
from fairlead.picture.wording import Manner, Number, worded

NEAR = 0.1  # of the limit: a value that misses by no more than this is near
NEAR_POINTS = 0.02  # for shares, at most two points: a tenth of a limit near 100 % would call every retention near


class Status(StrEnum):
    """How a value stands to its target; `undefined` and `needs` are never zero and never missed."""

    MET = "met"
    NEAR = "near"
    MISSED = "missed"
    NO_TARGET = "no_target"
    UNDEFINED = "undefined"
    NEEDS = "needs"


def status_of(metric: Metric, value: Number | None, needs: Sequence[str]) -> Status:
    """How a value stands to its metric's target; near misses by NEAR of the limit, a share by NEAR_POINTS at most."""
    if needs:
        return Status.NEEDS
    if value is None:
        return Status.UNDEFINED
    if metric.target is None:
        return Status.NO_TARGET
    number = float(value)
    if metric.target.met(number):
        return Status.MET
    low, high = metric.target.low, metric.target.high
    limit = low if low is not None and number < low else high
    if limit is None:
        return Status.MISSED
    margin = round(NEAR * abs(limit), 9)
    if metric.unit is Unit.PERCENT:
        margin = min(NEAR_POINTS, margin)
    missed_by = abs(Decimal(str(number)) - Decimal(str(limit)))
    return Status.NEAR if missed_by <= Decimal(str(margin)) else Status.MISSED


def limits_words(limits: Limits | None, unit: str, manner: Manner) -> str:
    """Limits in words, `at least 25%`; empty where there are none."""
    if limits is None:
        return ""
    low, high = (None if one is None else worded(one, unit, manner).text for one in (limits.low, limits.high))
    if low and high:
        return f"between {low} and {high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""


def targets_by(metric: Metric | None, manner: Manner) -> tuple[tuple[str, str, str], ...]:
    """The limits a metric has for single values of a dimension: dimension, value, and the limits in words."""
    if metric is None or metric.target is None:
        return ()
    return tuple(
        (dimension, value, limits_words(limits, str(metric.unit), manner))
        for dimension, values in metric.target.by.items()
        for value, limits in values.items()
    )


def baseline_words(metric: Metric | None, manner: Manner) -> str:
    """What a metric stood at when its target was agreed; empty where nothing was said."""
    value = metric.target.baseline if metric and metric.target else None
    return "" if metric is None or value is None else worded(value, str(metric.unit), manner).text
