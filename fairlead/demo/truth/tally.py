"""Rows of the simulation counted by period and by one dimension, in numpy and nothing else; and what a gap costs."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import MONTHS, Floats, Ints, Numbers

QUARTER = 3  # the window begins with a fiscal quarter
TICKS = 50_000_000


class Dimension(NamedTuple):
    """A label for each row: `codes` index `labels`, -1 for none."""

    codes: Ints
    labels: tuple[str, ...]


class Rows(NamedTuple):
    """What a measure looks at: a month of the window for each row (others are left out), and what to do with `value`.

    `how`: count, sum, avg, median or distinct; money is summed in whole cents and told in units. `point`: the rows
    hold at the end of their month, so a quarter is its last month.
    """

    how: str
    month: Ints
    value: Numbers
    dimensions: Mapping[str, Dimension]
    point: bool = False
    cents: bool = False


class Leak(NamedTuple):
    """What a gap costs: leads that have it, qualifications they miss on average, and USD."""

    gap: str
    instances: int
    conversions: float
    loss: float
    in_full: float


def table(rows: Rows, quarters: bool, dimension: str | None = None) -> Floats:
    """Values by (label, period); without a dimension there is one label. NaN is undefined."""
    months = MONTHS // QUARTER if quarters else MONTHS
    within = (rows.month >= 0) & (rows.month < MONTHS)
    if quarters and rows.point:
        within &= rows.month % QUARTER == QUARTER - 1
    found = rows.dimensions.get(dimension or "")
    labels = len(found.labels) if found else 1
    if found:
        within &= found.codes >= 0
    at = np.flatnonzero(within)
    period = rows.month[at] // QUARTER if quarters else rows.month[at]
    cell = (found.codes[at] if found else np.zeros(len(at), np.int64)) * months + period
    return _aggregated(rows, rows.value[at], cell, labels * months).reshape(labels, months)


def _aggregated(rows: Rows, value: Numbers, cell: Ints, size: int) -> Floats:
    match rows.how:
        case "count":
            return np.bincount(cell, minlength=size).astype(np.float64)
        case "sum":
            total = np.zeros(size, np.int64)
            np.add.at(total, cell, value)
            return total / 100 if rows.cents else total.astype(np.float64)
        case "distinct":
            return _distinct(value, cell, size)
        case "avg":
            known = ~np.isnan(value)
            total, count = np.bincount(cell[known], value[known], size), np.bincount(cell[known], minlength=size)
            mean: Floats = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
            return mean
        case "median":
            known = np.flatnonzero(~np.isnan(value))
            order = known[np.lexsort((value[known], cell[known]))]
            edges = np.searchsorted(cell[order], np.arange(size + 1))
            ordered, count = value[order], np.diff(edges)
            low = np.minimum(edges[:-1] + (count - 1) // 2, len(ordered) - 1)
            high = np.minimum(edges[:-1] + count // 2, len(ordered) - 1)
            return np.where(count > 0, (ordered[low] + ordered[high]) / 2 if len(ordered) else np.nan, np.nan)
    raise ValueError(rows.how)


def _distinct(value: Ints, cell: Ints, size: int) -> Floats:
    """How many different values each cell has, by ticking them off cell by cell."""
    span = int(value.max(initial=0)) + 1
    if size * span > TICKS:
        return np.bincount(np.unique(cell * span + value) // span, minlength=size).astype(np.float64)
    seen = np.zeros(size * span, bool)
    seen[cell * span + value] = True
    ticks: Floats = seen.reshape(size, span).sum(axis=1).astype(np.float64)
    return ticks
