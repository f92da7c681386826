"""Charts of parts: what a change is made of, and one period's values side by side. Bars lie, so that names fit."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import altair as alt

from fairlead.picture.axis import Axis, said_by, unit_words, value_axis
from fairlead.picture.reasons import signed
from fairlead.picture.theme import USUAL, WIDTHS, About, Size, Style, cut, data, finished, given, haloed, key
from fairlead.picture.wording import Number

BAR = 30  # pixels of height a bar and the space around it take
FRAME = 48  # pixels for the axis
MARGIN = 16
NAMES: dict[Size, int] = {"wide": 36, "medium": 28, "narrow": 15}  # letters of a name beside its bar
LETTER = 7.4  # pixels, about, of a letter
MOST_MARKS: dict[Size, int] = {"wide": 5, "medium": 4, "narrow": 2}

Kind = Literal["total", "better", "worse", "same", "record"]


class Step(NamedTuple):
    """A part of a change. `kind`: for the better or the worse, neither, or the record and not business."""

    name: str
    part: Decimal
    kind: Kind


class End(NamedTuple):
    """What a change goes from, or to."""

    name: str
    value: Number


class Bar(NamedTuple):
    """A bar as a chart holds it, in the row called `row`: from `start` to `end`, and its words at `at`."""

    row: str
    name: str
    start: float
    end: float
    kind: Kind
    says: str
    at: float


class Link(NamedTuple):
    """A thin line from the end of one bar down to the beginning of the next."""

    at: float
    row: str
    below: str


def waterfall(before: End, after: End, steps: Sequence[Step], about: About, look: Style = USUAL) -> alt.LayerChart:
    """From one value to another, part by part: each bar begins where the one above it ends.

    The two values are ticks and not bars: the axis need not begin at zero, and a bar that does not would lie.
    """
    bars = _steps(before, after, steps, about)
    axis = _roomy(bars, about, look, zero=False)
    palette = look.palette
    colours = {"better": palette.better, "worse": palette.worse, "same": palette.edge, "record": palette.record}
    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None)
    x, y = _along(axis, "start", about), _rows(bars, look)
    links = alt.Chart(data([Link(a.end, a.row, b.row) for a, b in pairwise(bars)]))
    parts = alt.Chart(data([bar for bar in bars if bar.kind != "total"]))
    totals = alt.Chart(data([bar for bar in bars if bar.kind == "total"]))
    layers = [
        links.mark_rule(color=palette.edge).encode(x=_along(axis, "at", about), y=y, y2="below:N"),
        parts.mark_bar(height=17, cornerRadius=2).encode(x=x, x2="end:Q", y=y, color=colour, tooltip=_tips(about)),
        totals.mark_tick(thickness=4, height=22, opacity=1, color=palette.ink).encode(x=x, y=y, tooltip=_tips(about)),
        *_words(bars, axis, about, look),
    ]
    return finished(layers, about, look, height_of(len(bars)), sides=(MARGIN, 8))


def bars(values: Sequence[tuple[str, Number | None]], about: About, look: Style = USUAL) -> alt.LayerChart:
    """One period's values side by side, as they come, from zero; an undefined one is said and not drawn."""
    drawn = [_value_bar(str(at), name, value, about) for at, (name, value) in enumerate(values)]
    axis = _roomy(drawn, about, look, zero=True)
    palette, y = look.palette, _rows(drawn, look)
    known = alt.Chart(data([bar for bar, (_, value) in zip(drawn, values, strict=True) if value is not None]))
    mark = known.mark_bar(height=17, cornerRadiusEnd=2, color=palette.main)
    layers: list[alt.Chart] = [mark.encode(x=_along(axis, "start", about), x2="end:Q", y=y, tooltip=_tips(about))]
    layers += _goal(axis, about, look)
    return finished([*layers, *_words(drawn, axis, about, look)], about, look, height_of(len(drawn)), sides=(MARGIN, 8))


def _goal(axis: Axis, about: About, look: Style) -> Iterator[alt.Chart]:
    """The target as a line down through the bars, named at its top."""
    x = _along(axis, "limit", about)
    rules = [alt.Chart(given({"limit": limit, "text": f"target {about.goal.says}"})) for limit in about.goal.limits]
    for rule in rules:
        yield rule.mark_rule(color=look.palette.ink, strokeWidth=1.5).encode(x=x)
    for rule in rules[-1:]:
        side: Any = "right" if axis.share(about.goal.limits[-1]) > 0.6 else "left"
        words = rule.mark_text(color=look.palette.soft, fontSize=12, dy=-8, align=side)
        yield words.encode(x=x, y=alt.value(0), text="text:N")


def height_of(count: int) -> int:
    """How high a chart of so many bars is."""
    return BAR * count + FRAME


def _steps(before: End, after: End, steps: Sequence[Step], about: About) -> list[Bar]:
    """The bars from top to bottom, each from where the last one ended."""
    here = float(before.value)
    found = [Bar("0", before.name, here, here, "total", about.word(before.value), here)]
    for at, step in enumerate(steps, 1):
        end = here + float(step.part)
        words = signed(step.part, about.unit, about.manner)
        found.append(Bar(str(at), step.name, here, end, step.kind, words, max(here, end)))
        here = end
    last = float(after.value)
    return [*found, Bar(str(len(found)), after.name, last, last, "total", about.word(after.value), last)]


def _value_bar(row: str, name: str, value: Number | None, about: About) -> Bar:
    if value is None:
        return Bar(row, name, 0.0, 0.0, "same", "undefined", 0.0)
    end = float(value)
    return Bar(row, name, 0.0, end, "same", about.word(value), max(0.0, end))


def _roomy(drawn: Sequence[Bar], about: About, look: Style, *, zero: bool) -> Axis:
    """An axis that is long enough for the words to the right of the bars."""
    ends = [value for bar in drawn for value in (bar.start, bar.end)]
    goal = about.goal.limits if zero else ()
    axis = value_axis([*ends, *goal], about.unit, about.manner, zero=zero, most=MOST_MARKS[look.size])
    names = max(len(cut(bar.name, NAMES[look.size])) for bar in drawn)
    pixels = WIDTHS[look.size] - names * LETTER - 2 * MARGIN
    free = [1 - min(0.8, (len(bar.says) * LETTER + MARGIN) / pixels) for bar in drawn]
    high = max(axis.low + (bar.at - axis.low) / share for bar, share in zip(drawn, free, strict=True))
    return axis._replace(high=max(axis.high, high))


def _along(axis: Axis, field: str, about: About) -> alt.X:
    marks = [mark for mark, _ in axis.ticks]
    shown = alt.Axis(
        values=marks, labelExpr=said_by(axis), title=unit_words(about.unit, about.manner) or None, domain=False,
        labelOverlap="greedy", labelSeparation=10,
    )  # fmt: skip
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[axis.low, axis.high], nice=False), axis=shown)


def _rows(drawn: Sequence[Bar], look: Style) -> alt.Y:
    names = [cut(bar.name, NAMES[look.size]) for bar in drawn]
    shown = alt.Axis(
        labelExpr=f"{json.dumps(names)}[toNumber(datum.value)]", title=None, grid=False, domain=False,
        labelColor=look.palette.ink, labelLimit=300,
    )  # fmt: skip
    return alt.Y("row:N", sort=None, scale=alt.Scale(domain=[bar.row for bar in drawn]), axis=shown)


def _tips(about: About) -> list[alt.Tooltip]:
    return [alt.Tooltip("name:N", title="title"), alt.Tooltip("says:N", title=key(about.label))]


def _words(drawn: Sequence[Bar], axis: Axis, about: About, look: Style) -> Iterator[alt.Chart]:
    """Each bar's value to its right."""
    for total in (False, True):
        chosen = [bar for bar in drawn if (bar.kind == "total") == total]
        style: dict[str, Any] = {"align": "left", "dx": 6, "color": look.palette.ink, "fontSize": 13}
        for chart in haloed(data(chosen), look, fontWeight=600 if total else 400, **style) if chosen else ():
            yield chart.encode(x=_along(axis, "at", about), y=_rows(drawn, look), text="says:N")
