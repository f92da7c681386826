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


class Dot(NamedTuple):
    """A defined value and where it is drawn."""

    at: int
    x: float
    y: float


def sparkline(history: History, *, label: str, say: Callable[[Number], str], manner: Manner = PLAIN) -> str:
    """The `history` of (period, value or None), oldest first, as one `<svg class="spark">`.

    An undefined period is a gap, never a zero. Each period has its own tooltip, worded by `say`.
    """
    dots = _dots([value for _, value in history])
    parts = [f"<title>{escape(summary(history, label=label, say=say, manner=manner))}</title>"]
    parts += [f'<path class="spark-line" d="{_path(run)}"/>' for run in _runs(dots) if len(run) > 1]
    parts += [_circle("spark-dot", run[0], 1.5) for run in _runs(dots) if len(run) == 1]
    if dots and dots[-1].at == len(history) - 1:
        parts.append(_circle("spark-last", dots[-1], 3))
    parts.append(_tooltips(history, say, manner))
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    return f'<svg class="spark" viewBox="{box}" role="img" focusable="false">{"".join(parts)}</svg>'


def summary(history: History, *, label: str, say: Callable[[Number], str], manner: Manner = PLAIN) -> str:
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
    )


def _dots(values: Sequence[Number | None]) -> list[Dot]:
    known = [float(value) for value in values if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    span = max(high - low, LEAST_SPAN * max(abs(low), abs(high))) or 1.0
    middle, room = (low + high) / 2, HEIGHT - 2 * MARGIN
    return [
        Dot(index, _x(index, len(values)), HEIGHT / 2 - (float(value) - middle) / span * room)
        for index, value in enumerate(values)
        if value is not None
    ]


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


def _tooltips(history: History, say: Callable[[Number], str], manner: Manner) -> str:
    """An unseen strip over each period that answers the pointer with its value; needs no script."""
    width = WIDTH / max(1, len(history))
    strips = (
        f'<rect x="{index * width:.1f}" width="{width:.1f}" height="{HEIGHT:g}">'
        f"<title>{escape(f'{period_words(period, manner)}: {_said(value, say)}')}</title></rect>"
        for index, (period, value) in enumerate(history)
    )
    return f'<g class="spark-strips">{"".join(strips)}</g>'


def _said(value: Number | None, say: Callable[[Number], str]) -> str:
    return "undefined" if value is None else say(value)
