"""What is asked: metrics, dimensions, a condition and a frame of time; and the measures behind a metric."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from fairlead.model.metrics import Measure, Metric, Metrics, Window
from fairlead.model.predicate import Predicate, parse
from fairlead.values import Grain, Period, periods


class Frame(NamedTuple):
    """The times a question is asked about.

    `end` is the first company day left out; `past` when `as_of` is before the build's day. `chosen` are the only
    periods asked for, where these are not all from start to end; they may overlap or lie apart.
    """

    start: date
    end: date
    as_of: date
    past: bool
    timezone: str
    fiscal_year_start: int
    grain: Grain | None = None
    chosen: tuple[Period, ...] = ()

    @property
    def over(self) -> date:
        """The first day that does not count: the time asked for ends, and so does what has happened."""
        return min(self.end, self.as_of + timedelta(days=1))

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods asked for; one, named after its days, when no grain is."""
        if self.chosen:
            return self.chosen
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
        return formula(metric.derived).columns
    return ()


@lru_cache(maxsize=1024)
def formula(text: str) -> Predicate:
    """The arithmetic of a derived metric; its columns are the measures and metrics it is made from."""
    predicate, problems = parse(text, frozenset(re.findall(r"[A-Za-z_]\w*", text)))
    if predicate is None:
        raise ValueError(str(problems[0]))
    return predicate
