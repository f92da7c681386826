"""The trend test: its error rate and power by simulation, its p against another way to get it, gaps and few values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairlead.analysis.trend import FEWEST, Direction, Pace, trend

MONTHS = 24
SEED = 20261123


def p_of_the_kink(values: list[float | None]) -> tuple[float, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """The p of the change of pace by an F-test of two nested fits, and the fitted numbers, all from numpy."""
    times = np.array([t for t, value in enumerate(values) if value is not None], dtype=float)
    heights = np.array([value for value in values if value is not None])
    middle = (times[0] + times[-1]) / 2
    line = np.column_stack([np.ones_like(times), times])
    kinked = np.column_stack([line, np.maximum(0, times - middle)])
    found, errors = [], []
    for design in (line, kinked):
        numbers = np.linalg.lstsq(design, heights, rcond=None)[0]
        found.append(numbers)
        errors.append(float(np.sum((heights - design @ numbers) ** 2)))
    freedom = len(times) - 3
    f = (errors[0] - errors[1]) / (errors[1] / freedom)
    return float(stats.f.sf(f, 1, freedom)), found[1]


@given(st.lists(st.none() | st.floats(-1e6, 1e6, allow_subnormal=False), min_size=FEWEST, max_size=36))
def test_p_and_paces_are_those_of_an_f_test_of_nested_fits(values: list[float | None]) -> None:
    found = trend(values)
    if found.p is None or not 1e-9 < found.p < 1 - 1e-9:
        return
    p, (_, before, change) = p_of_the_kink(values)
    assert found.p == pytest.approx(p, rel=1e-6, abs=1e-9)
    size = max(abs(v) for v in values if v is not None)
    assert found.pace_before == pytest.approx(before, rel=1e-6, abs=1e-9 * size)
    assert found.pace_after == pytest.approx(before + change, rel=1e-6, abs=1e-9 * size)


def share(word: str, bend: float, noise: float, runs: int = 2_000) -> float:
    """How often a line that bends by `bend` a month in its middle gets this word."""
    random = np.random.default_rng(SEED)
    times = np.arange(MONTHS)
    line = 10 + 0.5 * times + bend * np.maximum(0, times - (MONTHS - 1) / 2)
    return sum(trend(list(line + random.normal(0, noise, MONTHS))).word == word for _ in range(runs)) / runs


def test_on_straight_lines_one_in_twenty_is_a_false_alarm() -> None:
    wrong = 1 - share(Pace.STABLE, bend=0, noise=2)
    assert wrong == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 2_000))


@pytest.mark.parametrize(("bend", "word"), [(0.6, Pace.ACCELERATING), (-0.6, Pace.DECELERATING)])
def test_a_known_kink_is_found_as_often_as_theory_says(bend: float, word: Pace) -> None:
    """Power from the noncentral t: the kink over its standard error is how far the test is moved."""
    times = np.arange(MONTHS, dtype=float)
    middle = (MONTHS - 1) / 2
    design = np.column_stack([np.ones_like(times), times, np.maximum(0, times - middle)])
    moved = abs(bend) / (2 * math.sqrt(np.linalg.inv(design.T @ design)[2, 2]))
    power = float(stats.nct.sf(stats.t.isf(0.025, MONTHS - 3), MONTHS - 3, moved))
    assert power > 0.6
    assert share(word, bend, noise=2) == pytest.approx(power, abs=3 * math.sqrt(power * (1 - power) / 2_000))


def test_a_straight_line_without_noise_is_stable_and_a_kink_is_certain() -> None:
    assert trend([0.1 * n for n in range(13)])[:2] == (Pace.STABLE, Direction.RISING)
    assert trend([7.5] * 13)[:2] == (Pace.STABLE, Direction.LEVEL)
    bent = trend([float(n + max(0, n - 6)) for n in range(13)])
    assert (bent.word, bent.p) == (Pace.ACCELERATING, 0.0)
    assert [bent.pace_before, bent.pace_after] == pytest.approx([1, 2])
    assert trend([-float(n * n) for n in range(13)])[:2] == (Pace.DECELERATING, Direction.FALLING)


def test_gaps_stay_in_time() -> None:
    values: list[float | None] = [float(n) for n in range(16)]
    for gap in (2, 3, 4, 11):
        values[gap] = None
    found = trend(values)
    assert (found.word, found.periods) == (Pace.STABLE, 12)
    assert found.pace_before == pytest.approx(1)


def test_too_few_values_give_no_word() -> None:
    found = trend([1.0, None] * (FEWEST - 1))
    assert (found.word, found.p, found.periods) == (Pace.TOO_FEW, None, FEWEST - 1)
    assert found.says == "7 periods have a value; a trend is told from 8 on."


def test_it_says_which_test_how_many_periods_and_p() -> None:
    random = np.random.default_rng(SEED)
    found = trend(list(np.arange(20) + random.normal(0, 1, 20)))
    assert found.p is not None
    assert "t-test of a kink in the middle of 20 periods, p = " in found.says
