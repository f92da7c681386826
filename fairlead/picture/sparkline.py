"""A sparkline: the course of one number as a small SVG with an accessible title. Colour comes from CSS classes."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import NamedTuple

from fairlead.picture.wording import PLAIN, Manner, period_words

Number = float | Decimal
History = Sequence[tuple[str, Number | None]]

WIDTH, HEIGHT, MARGIN = 132.0, 32.0, 4.0
LEAST_SPAN = 0.1  # of the largest size: a number that hardly moved looks as if it hardly moved


class Goal(NamedTuple):
    """Where the values should lie: from `low` up, down from `high`; `says` in words."""

    low: float | None
    high: float | None
    says: str

    @property
    def limits(self) -> tuple[float, ...]:
        return tuple(limit for limit in (self.low, self.high) if limit is not None)


class Dot(NamedTuple):
    """A defined value and where it is drawn."""

    at: int
    x: float
    y: float


class Frame(NamedTuple):
    """What heights are measured in: the value in the middle, and how much of it the room holds."""

    middle: float
    span: float

    def y(self, value: float) -> float:
        return HEIGHT / 2 - (value - self.middle) / self.span * (HEIGHT - 2 * MARGIN)


def sparkline(
    history: History, *, label: str, say: Callable[[Number], str], manner: Manner = PLAIN, goal: Goal | None = None
) -> str:
    """The `history` of (period, value or None), oldest first, as one `<svg class="spark">`; `say` words a value.

    An undefined period is a gap, never a zero. The limits of `goal` are drawn across, where they are near enough
    to leave the course itself its room.
    """
    values = [value for _, value in history]
    frame = _frame([float(value) for value in values if value is not None], goal)
    dots = _dots(values, frame)
    parts = [f"<title>{escape(summary(history, label=label, say=say, manner=manner, goal=goal))}</title>"]
    if dots and goal:
        heights = [frame.y(limit) for limit in goal.limits]
        parts += [_limit(y) for y in heights if MARGIN / 2 <= y <= HEIGHT - MARGIN / 2]
    parts += [f'<path class="spark-line" d="{_path(run)}"/>' for run in _runs(dots) if len(run) > 1]
    parts += [_circle("spark-dot", run[0], 1.5) for run in _runs(dots) if len(run) == 1]
    if dots and dots[-1].at == len(history) - 1:
        parts.append(_circle("spark-last", dots[-1], 3))
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    return f'<svg class="spark" viewBox="{box}" role="img">{"".join(parts)}</svg>'


def summary(
    history: History, *, label: str, say: Callable[[Number], str], manner: Manner = PLAIN, goal: Goal | None = None
) -> str:
    """What the picture shows, in one sentence, for those who do not see it."""
    known = [(period, value) for period, value in history if value is not None]
    if not known:
        return f"{label}: no values yet"
    low, high = (pick(known, key=lambda pair: pair[1]) for pick in (min, max))
    last_period, last = history[-1]
    return (
        f"{label}, {period_words(history[0][0], manner)} to {period_words(last_period, manner)}: "
        f"lowest {say(low[1])} ({period_words(low[0], manner)}), "
        f"highest {say(high[1])} ({period_words(high[0], manner)}), latest {_said(last, say)}"
        f"{f', target {goal.says}' if goal else ''}"
    )


def _frame(known: Sequence[float], goal: Goal | None) -> Frame:
    """The heights of the values, and of the limits that are no farther off than the values are apart."""
    if not known:
        return Frame(0.0, 1.0)
    low, high = min(known), max(known)
    span = max(high - low, LEAST_SPAN * max(abs(low), abs(high)))
    for limit in goal.limits if goal else ():
        if low - span <= limit <= high + span:
            low, high = min(low, limit), max(high, limit)
    span = max(high - low, LEAST_SPAN * max(abs(low), abs(high))) or 1.0
    return Frame((low + high) / 2, span)


def _dots(values: Sequence[Number | None], frame: Frame) -> list[Dot]:
    return [
        Dot(index, _x(index, len(values)), frame.y(float(value)))
        for index, value in enumerate(values)
        if value is not None
    ]


def _limit(y: float) -> str:
    return f'<path class="spark-limit" d="M0 {y:.1f}H{WIDTH:g}"/>'


def _x(index: int, count: int) -> float:
    return WIDTH / 2 if count == 1 else MARGIN + index * (WIDTH - 2 * MARGIN) / (count - 1)


def _runs(dots: Sequence[Dot]) -> list[list[Dot]]:
    """The dots in stretches without a gap."""
    runs = [[dot] for dot in dots[:1]]
    for before, dot in pairwise(dots):
        if dot.at == before.at + 1:
            runs[-1].append(dot)
        else:
            runs.append([dot])
    return runs


def _path(run: Sequence[Dot]) -> str:
    return "M" + "L".join(f"{dot.x:.1f} {dot.y:.1f}" for dot in run)


def _circle(name: str, dot: Dot, radius: float) -> str:
    return f'<circle class="{name}" cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{radius:g}"/>'


def _said(value: Number | None, say: Callable[[Number], str]) -> str:
    return "undefined" if value is None else say(value)
