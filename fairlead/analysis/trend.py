"""Whether a number is accelerating, stable or decelerating: a stated test over many periods, not two points.

A straight line with a kink in the middle of the time looked at is fitted by least squares,

    value = a + b * t + c * max(0, t - middle)

so b is the pace before the middle and b + c the pace after it. The pace has changed when c differs from nothing by
Student's t-test, two-sided, at 5 %: on a straight line with independent noise one test in twenty is wrong.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

FEWEST = 8  # defined values: with three numbers fitted, fewer leave nothing to judge the noise by
LEVEL = 0.05
NOISE = 1e-9  # of the size of the values: less than this is the rounding of the values themselves


class Pace(StrEnum):
    """How the pace changed. Paces are signed: a number that falls ever faster decelerates."""

    ACCELERATING = "accelerating"
    STABLE = "stable"
    DECELERATING = "decelerating"
    TOO_FEW = "too few"


class Direction(StrEnum):
    """Which way the straight line through all values goes, where its slope differs from nothing by the same test."""

    RISING = "rising"
    FALLING = "falling"
    LEVEL = "level"


class Trend(NamedTuple):
    """`word` and `direction` as words, and what they rest on; paces are changes of the value per period.

    `p` is that of the change of pace, None with too few values; `periods` counts the defined ones.
    """

    word: str
    direction: str
    says: str
    pace_before: float | None
    pace_after: float | None
    p: float | None
    periods: int


class _Fitted(NamedTuple):
    """The last coefficient of a least-squares fit, its two-sided p, and all coefficients."""

    coefficients: tuple[float, ...]
    p: float


def trend(values: Sequence[float | None]) -> Trend:
    """The trend of values one period apart, oldest first; None leaves a gap in time."""
    known = [(float(t), float(value)) for t, value in enumerate(values) if value is not None]
    count = len(known)
    if count < FEWEST:
        says = f"{count} periods have a value; a trend is told from {FEWEST} on."
        return Trend(Pace.TOO_FEW, Direction.LEVEL, says, None, None, None, count)
    times, heights = zip(*known, strict=True)
    middle = (times[0] + times[-1]) / 2
    line = _fitted([[1.0, t - middle] for t in times], heights)
    kinked = _fitted([[1.0, t - middle, max(0.0, t - middle)] for t in times], heights)
    slope, before, change = line.coefficients[1], *kinked.coefficients[1:]
    word = _word(kinked.p, change, Pace.ACCELERATING, Pace.DECELERATING, Pace.STABLE)
    direction = _word(line.p, slope, Direction.RISING, Direction.FALLING, Direction.LEVEL)
    return Trend(word, direction, _says(word, kinked.p, count), before, before + change, kinked.p, count)


def _word(p: float, size: float, up: str, down: str, neither: str) -> str:
    if p >= LEVEL or not size:
        return neither
    return up if size > 0 else down


def _says(word: str, p: float, count: int) -> str:
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
    how = f"t-test of a kink in the middle of {count} periods, {told}"
    if word == Pace.STABLE:
        return f"The pace of the second half does not differ from that of the first by more than chance ({how})."
    more = "higher" if word == Pace.ACCELERATING else "lower"
    return f"The pace of the second half is {more} than that of the first ({how})."


def _fitted(rows: Sequence[Sequence[float]], heights: Sequence[float]) -> _Fitted:
    """Ordinary least squares by the normal equations, and the t-test of the last coefficient."""
    width, count = len(rows[0]), len(rows)
    scale = max(map(abs, heights)) or 1.0
    moment = [[sum(row[i] * row[j] for row in rows) for j in range(width)] for i in range(width)]
    with_heights = [sum(row[i] * y / scale for row, y in zip(rows, heights, strict=True)) for i in range(width)]
    found = _solved(moment, with_heights)
    last = _solved(moment, [0.0] * (width - 1) + [1.0])[-1]  # of the inverse: the last coefficient's own variance
    errors = [
        y / scale - sum(c * x for c, x in zip(found, row, strict=True)) for row, y in zip(rows, heights, strict=True)
    ]
    left = sum(error * error for error in errors) / (count - width)
    coefficients = tuple(c * scale for c in found)
    if abs(found[-1]) * count < NOISE:
        return _Fitted((*coefficients[:-1], 0.0), 1.0)
    if left < NOISE**2:
        return _Fitted(coefficients, 0.0)
    return _Fitted(coefficients, _two_sided(found[-1] / math.sqrt(left * last), count - width))


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Gauss and Jordan with pivots, for the two or three equations there are."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for n in range(len(rows)):
        best = max(range(n, len(rows)), key=lambda m: abs(rows[m][n]))
        rows[n], rows[best] = rows[best], rows[n]
        for m, line in enumerate(rows):
            if m != n:
                factor = line[n] / rows[n][n]
                rows[m] = [a - factor * b for a, b in zip(line, rows[n], strict=True)]
    return [line[-1] / line[n] for n, line in enumerate(rows)]


def _two_sided(t: float, freedom: int) -> float:
    """The chance of a t at least as far from nothing, by Student's distribution."""
    from scipy.special import stdtr  # here: what shows no trend need not wait for scipy

    return float(2 * stdtr(freedom, -abs(t)))
