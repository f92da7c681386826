"""How unusual the last move was."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis import swing as module
from fairlead.analysis.swing import swing

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=30)


@given(VALUES)
def test_it_is_the_last_move_over_the_median_of_those_before(values: list[float]) -> None:
    moves = np.abs(np.diff(np.array(values)))
    usual = float(np.median(moves[:-1]))
    found = swing(values)
    if usual == 0:
        assert found is None
    else:
        assert found is not None
        assert math.isclose(found, float(moves[-1]) / usual)


@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=30), st.integers(1, 1000), st.integers(-1000, 1000))
def test_units_do_not_matter(values: list[int], scale: int, shift: int) -> None:
    assert swing([float(value) for value in values]) == pytest.approx(
        swing([value * scale + shift for value in values])
    )


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [1.0, 2.0],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],  # five moves before the last are no habit yet
        [5.0] * 12 + [9.0],  # a number that never moved
        [1.0, 2.0] * 6 + [None],
        [1.0, 2.0] * 6 + [None, 3.0],
        [None, 1.0] * 8,  # no two neighbours
    ],
)
def test_without_a_last_move_or_a_habit_nothing_is_told(values: list[float | None]) -> None:
    assert swing(values) is None


def test_moves_across_a_gap_are_no_moves() -> None:
    steady = [float(value) for value in range(10)]
    assert swing([*steady[:5], None, *steady[5:], 11.0]) == 2.0


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(module).failed == 0
