"""Counting by period and member in numpy equals counting row by row in Python."""

import math
import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairlead.demo.truth.tally import Dimension, Rows, table

LABELS = ("a", "b")
rows = st.lists(st.tuples(st.integers(-2, 40), st.integers(0, 5), st.integers(-1, 1)), max_size=60)


def counted(how: str, values: list[int]) -> float:
    match how:
        case "count":
            return len(values)
        case "sum":
            return sum(values)
        case "distinct":
            return len(set(values))
        case "avg":
            return statistics.fmean(values) if values else math.nan
        case _:
            return statistics.median(values) if values else math.nan


@given(
    rows, st.sampled_from(["count", "sum", "distinct", "avg", "median"]), st.booleans(), st.booleans(), st.booleans()
)
def test_table_equals_counting_row_by_row(
    found: list[tuple[int, int, int]], how: str, quarters: bool, by_label: bool, point: bool
) -> None:
    months, values, codes = (
        (np.array(column, np.int64) for column in zip(*found, strict=True)) if found else [np.zeros(0, np.int64)] * 3
    )
    held = values.astype(float) if how in ("avg", "median") else values
    measured = table(
        Rows(how, months, held, {"x": Dimension(codes, LABELS)}, point=point), quarters, "x" if by_label else None
    )
    for label in range(2 if by_label else 1):
        for period in range(measured.shape[1]):
            mine = [
                value
                for month, value, code in found
                if 0 <= month < 36
                and (month // 3 if quarters else month) == period
                and (not point or not quarters or month % 3 == 2)
                and (code == label if by_label else True)
            ]
            assert (
                measured[label, period] == counted(how, mine)
                or math.isclose(measured[label, period], counted(how, mine))
                or (math.isnan(measured[label, period]) and math.isnan(counted(how, mine)))
            )
