"""truth/metrics.csv: every measure and metric by month and fiscal quarter, in all and by one dimension."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import FISCAL_YEAR_START, MONTHS, Floats, month_start
from fairlead.demo.faults import Faults
from fairlead.demo.truth import customers, deals, demand, renewals
from fairlead.demo.truth.formulas import FORMULAS, Formula
from fairlead.demo.truth.tally import QUARTER, Rows, table
from fairlead.demo.world import World

CENT = Decimal("0.01")
HEADER = "metric,grain,period,dimension,member,value\n"
# Dimensions told by quarter as well; the others by month only.
QUARTERLY = ("segment",)


class Series(NamedTuple):
    """One metric's values: `values[label, period]`, one label when it is not cut."""

    metric: str
    dimension: str
    labels: tuple[str, ...]
    values: Floats
    quarters: bool
    money: bool


def write(file: Path, world: World, faults: Faults) -> None:
    rows = {
        **deals.measures(world),
        **demand.measures(world, faults),
        **customers.measures(world),
        **renewals.measures(world),
    }
    with file.open("w") as out:
        out.write(HEADER)
        for series in _all(rows):
            out.writelines(_lines(series))


def _all(rows: Mapping[str, Rows]) -> Iterator[Series]:
    for name, measure in rows.items():
        if name not in FORMULAS:
            yield from _one(name, Formula((name,), lambda value: value, measure.cents), rows)
    for name, formula in FORMULAS.items():
        yield from _one(name, formula, rows)


def _one(name: str, formula: Formula, rows: Mapping[str, Rows]) -> Iterator[Series]:
    """A metric in all, then by every dimension that all its measures share."""
    parts = [rows[need] for need in formula.needs]
    shared = [d for d in parts[0].dimensions if all(d in part.dimensions for part in parts)]
    for dimension in (None, *shared):
        for quarters in (False, True):
            if quarters and dimension not in (None, *QUARTERLY):
                continue
            values = formula.make(*(table(part, quarters, dimension) for part in parts))
            labels = parts[0].dimensions[dimension].labels if dimension else ("",)
            yield Series(name, dimension or "", labels, values, quarters, formula.money)


def period_names(quarters: bool) -> tuple[str, ...]:
    """2023-11, ... or 2024-Q4, ... (a fiscal year is named after the year it ends in).

    >>> period_names(True)[:2]
    ('2024-Q4', '2025-Q1')
    """
    if not quarters:
        return tuple("{}-{:02}".format(*month_start(m)) for m in range(MONTHS))
    names = []
    for m in range(0, MONTHS, QUARTER):
        year, month = month_start(m)
        into = (month - FISCAL_YEAR_START) % 12
        names.append(f"{year + (1 if month >= FISCAL_YEAR_START else 0)}-Q{into // QUARTER + 1}")
    return tuple(names)


def _lines(series: Series) -> Iterator[str]:
    grain, names = ("quarter", period_names(True)) if series.quarters else ("month", period_names(False))
    for label, row in zip(series.labels, series.values, strict=True):
        for name, value in zip(names, row, strict=True):
            yield f"{series.metric},{grain},{name},{series.dimension},{label},{shown(value, series.money)}\n"


def shown(value: float, money: bool) -> str:
    """The value as text: money to the cent (half a cent up), whole numbers plainly, nothing when undefined."""
    if np.isnan(value):
        return ""
    if money:
        # By way of its shortest text: 2.005 as a float is a little less, and would lose its half cent.
        return f"{Decimal(f'{value:.7f}').quantize(CENT, ROUND_HALF_UP):f}"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
