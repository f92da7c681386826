"""Charts of a number's course: rows in, an Altair chart out. The same in the page, the PDF and the notebook.

    chart = lines([Line("Win rate", points)], about)      # altair.LayerChart
    chart.to_dict()                                       # the Vega-Lite description

An undefined period is a gap. A period that is not over is hollow, and its line dashed. Every word on a chart comes
from `picture.wording` or from Babel in the company's locale; nothing is fetched from anywhere.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

import altair as alt

from fairlead.picture.axis import Axis, period_ticks, said_by, unit_words, value_axis
from fairlead.picture.palette import DASHES, MOST_SERIES, SHAPES
from fairlead.picture.theme import HEIGHTS, USUAL, WIDTHS, About, Size, Style, cut, data, finished, given, haloed, key
from fairlead.picture.wording import Number, period_words

MOST_TICKS: dict[Size, int] = {"wide": 14, "medium": 10, "narrow": 5}
LINE_HEIGHT = 15  # pixels between two names at the ends of lines
ROOM = 46  # pixels of a chart's height that its axis and margins take
CUT = 34  # letters of a name beside its line
WORDS_HIGH = 16  # pixels of a line of words on the chart
LETTER = 6.5  # pixels of a letter of them, about
MARGINS = 60  # pixels of a chart's width that its axis takes
SHORT = 18  # letters of a name that two fit beside each other in a narrow legend
STEPS = 24  # a line between two points is looked at so often: steep ones do not leap over words
HIGH = 0.88  # of the axis: above it the last value is said below its point
CROWDED = 40  # periods from which on points would touch


class Line(NamedTuple):
    """A series: its name, and (period, value or None) from oldest to newest."""

    name: str
    points: tuple[tuple[str, Number | None], ...]


class Row(NamedTuple):
    """A value as a chart holds it. `says` is what its tooltip and its label say; `done` is false while it may grow."""

    period: str
    named: str
    series: str
    value: float | None
    says: str
    done: bool


def lines(series: Sequence[Line], about: About, look: Style = USUAL) -> alt.LayerChart:
    """The course of one number, or of up to eight side by side, each with a colour, a dash and a shape of its own.

    More than eight lines cannot be told apart: those after the eighth are left out, and whoever draws says so.
    """
    shown = tuple(series[:MOST_SERIES])
    rows = [row for line in shown for row in _rows(line, about)]
    goal, periods = about.goal, _periods(shown)
    values = [row.value for row in rows]
    baseline = () if goal.baseline is None else (goal.baseline,)
    axis = value_axis([*values, *goal.limits, *baseline], about.unit, about.manner)
    frame = _Frame(about, look, axis, periods, tuple(line.name for line in shown))
    parts = [
        *_goal(frame),
        *_strokes(rows, frame),
        *_points(rows, frame),
        *_remarks(rows, frame),
        *_names(rows, frame),
        _strips(rows, frame),
    ]
    spare = min(CUT, max(map(len, frame.names))) if frame.beside else 0  # a browser's letters may be wider than ours
    return finished(parts, about, look, sides=(4, 8 + spare))


class _Frame(NamedTuple):
    about: About
    look: Style
    axis: Axis
    periods: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def colours(self) -> tuple[str, ...]:
        palette = self.look.palette
        return palette.series[: len(self.names)] if len(self.names) > 1 else (palette.main,)

    @property
    def x(self) -> alt.X:
        ticks = period_ticks(self.periods, self.about.manner, MOST_TICKS[self.look.size])
        axis = alt.Axis(
            values=[name for name, _ in ticks],
            labelExpr=f"{json.dumps(dict(ticks))}[datum.value]",
            labelAngle=0,
            labelOverlap="greedy",
            title=None,
            grid=False,
        )
        scale = alt.Scale(domain=list(self.periods), paddingInner=0, paddingOuter=0.1)
        return alt.X("period:N", sort=None, scale=scale, axis=axis)

    @property
    def y(self) -> alt.Y:
        unit = unit_words(self.about.unit, self.about.manner)
        axis = alt.Axis(
            values=[mark for mark, _ in self.axis.ticks],
            labelExpr=said_by(self.axis),
            title=unit or None,
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleX=0,
            titleY=-10,
            domain=False,
        )
        return alt.Y("value:Q", scale=alt.Scale(domain=[self.axis.low, self.axis.high], nice=False), axis=axis)

    @property
    def one(self) -> bool:
        return len(self.names) == 1

    @property
    def beside(self) -> bool:
        """Whether names stand at the ends of their lines: where there is room; else in a legend."""
        return not self.one and self.look.size != "narrow"


def _periods(series: Sequence[Line]) -> tuple[str, ...]:
    """Every period of any line; lines begin and end together, or the order of names is that of time."""
    longest = max((line.points for line in series), key=len, default=())
    names = dict.fromkeys(name for name, _ in longest)
    more = {name for line in series for name, _ in line.points} - names.keys()
    return tuple(sorted((*names, *more))) if more else tuple(names)


def _rows(line: Line, about: About) -> Iterator[Row]:
    for name, value in line.points:
        said = "undefined" if value is None else about.word(value)
        done = name != about.unfinished
        named = period_words(name, about.manner) + ("" if done else ", so far")
        yield Row(name, named, line.name, None if value is None else float(value), said, done)


def _goal(frame: _Frame) -> Iterator[alt.Chart]:
    """The target as a line, or a band between two; the baseline dashed."""
    goal, palette = frame.about.goal, frame.look.palette
    if goal.low is not None and goal.high is not None:
        band = alt.Chart(given({"low": goal.low, "high": goal.high}))
        yield band.mark_rect(color=palette.band).encode(y=_at("low", frame), y2="high:Q")
    yield from (_rule(limit, frame, [1, 0]) for limit in goal.limits)
    if goal.baseline is not None:
        yield _rule(goal.baseline, frame, [2, 3])


def _remarks(rows: Sequence[Row], frame: _Frame) -> Iterator[alt.Chart]:
    """The target and the baseline in words, each at an end of its line that the course keeps clear of, else on top."""
    goal, said = frame.about.goal, []
    if goal.limits:
        said.append((goal.limits[-1], f"target {goal.says}".strip()))
    if goal.baseline is not None:
        said.append((goal.baseline, f"baseline {frame.about.word(goal.baseline)}"))
    sides, on_top = [False, True], []
    for limit, text in said:
        if spot := _clearest(limit, text, rows, frame, sides):
            sides = [not spot.left]
            yield from _remark(limit, text, frame, spot)
        else:
            on_top.append(text)
    if on_top:
        words = alt.Chart(given({"text": ", ".join(on_top)})).mark_text(
            align="right", baseline="bottom", fontSize=12, color=frame.look.palette.soft
        )
        yield words.encode(x=alt.value("width"), y=alt.value(-6), text="text:N")


class _Spot(NamedTuple):
    """Where words stand on a line across the chart: at its first end or its last, above it or below."""

    left: bool
    above: bool


def _clearest(limit: float, text: str, rows: Sequence[Row], frame: _Frame, sides: Sequence[bool]) -> _Spot | None:
    """The spot from which the course keeps farthest; None where it runs through them all."""
    height = HEIGHTS[frame.look.size] - ROOM
    place, tall, near = frame.axis.share(limit), WORDS_HIGH / height, 2 / height
    boxes = {True: (place + near, place + near + tall), False: (place - near - tall, place - near)}
    spots = [_Spot(left, above) for left in sides for above in (True, False)]
    inside = [spot for spot in spots if boxes[spot.above][0] >= 0 and boxes[spot.above][1] <= 1]
    beside = {left: _passed(text, rows, frame, left=left) for left in sides}

    def clearance(spot: _Spot) -> float:
        low, high = boxes[spot.above]
        return min((max(low - share, share - high, 0.0) for share in beside[spot.left]), default=1.0)

    best = max(inside, key=clearance, default=None)
    return best if best and clearance(best) > 0 else None


def _passed(text: str, rows: Sequence[Row], frame: _Frame, *, left: bool) -> list[float]:
    """The heights that the course and its last value's words pass where words at one end of the chart would stand."""
    wide = min(1.0, LETTER * len(text) / (WIDTHS[frame.look.size] - MARGINS))
    count = min(len(frame.periods), ceil(wide * len(frame.periods)) + 1)
    periods = frame.periods[:count] if left else frame.periods[-count:]
    found: list[float] = []
    for name in frame.names:
        known = {
            row.period: frame.axis.share(row.value) for row in rows if row.series == name and row.value is not None
        }
        course = [known.get(period) for period in periods]
        found += [share for share in course if share is not None]
        for one, other in pairwise(course):
            if one is not None and other is not None:
                found += [one + (other - one) * part / STEPS for part in range(1, STEPS)]
    if frame.one and not left and found:
        last = _last(rows, frame.names[0])
        found += _said_at(frame.axis.share(last.value or 0), frame) if last else []
    return found


def _said_below(share: float, frame: _Frame) -> bool:
    """Whether the last value is said below its point: near the top, and where a limit would run through its words."""
    tall = 28 / (HEIGHTS[frame.look.size] - ROOM)
    limits = [frame.axis.share(limit) for limit in frame.about.goal.limits]
    return share > HIGH or (share > 2 * tall and any(0 < limit - share < tall for limit in limits))


def _said_at(share: float, frame: _Frame) -> list[float]:
    """The heights between which the last value is said."""
    height = HEIGHTS[frame.look.size] - ROOM
    way = -1 if _said_below(share, frame) else 1
    return [share + way * pixels / height for pixels in (6, 12, 18, 24)]


def _at(field: str, frame: _Frame) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[frame.axis.low, frame.axis.high], nice=False))


def _rule(value: float, frame: _Frame, dash: list[float]) -> alt.Chart:
    mark = alt.Chart(given({"limit": value})).mark_rule(strokeWidth=1.5)
    rule: alt.Chart = mark.encode(
        y=_at("limit", frame), color=alt.value(frame.look.palette.edge), strokeDash=alt.value(dash)
    )
    return rule


def _remark(value: float, text: str, frame: _Frame, spot: _Spot) -> Iterator[alt.Chart]:
    """Words on a line across the chart."""
    left, above = spot
    words = given({"limit": value, "text": text})
    side: dict[str, Any] = {"align": "left", "dx": 4} if left else {"align": "right", "dx": -4}
    side |= {"baseline": "bottom", "dy": -3} if above else {"baseline": "top", "dy": 4}
    place = alt.value(0) if left else alt.value("width")
    for chart in haloed(words, frame.look, color=frame.look.palette.soft, fontSize=12, **side):
        yield chart.encode(x=place, y=_at("limit", frame), text="text:N")


def _style(frame: _Frame, legend: alt.Legend | None) -> dict[str, Any]:
    """Colour and dash by series; one number needs neither."""
    if frame.one:
        return {"color": alt.value(frame.colours[0])}
    names = list(frame.names)
    dashes = [list(dash) for dash in DASHES[: len(names)]]
    return {
        "color": alt.Color("series:N", scale=alt.Scale(domain=names, range=list(frame.colours)), legend=legend),
        "strokeDash": alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=dashes), legend=legend),
    }


def _legend(frame: _Frame) -> alt.Legend | None:
    if frame.one or frame.beside:
        return None
    columns = 1 if any(len(name) > SHORT for name in frame.names) else 2
    return alt.Legend(title=None, orient="top", columns=columns, symbolStrokeWidth=2, labelLimit=280 // columns)


def _strokes(rows: Sequence[Row], frame: _Frame) -> Iterator[alt.Chart]:
    """The lines: whole ones, and a dashed stretch into a period that is not over."""
    done = [row for row in rows if row.done]
    whole = alt.Chart(data(done)).mark_line(strokeWidth=2, invalid="break-paths-show-path-domains")
    yield whole.encode(x=frame.x, y=frame.y, detail="series:N", **_style(frame, _legend(frame)))
    if stretch := [row for name in frame.names for row in _last_stretch([r for r in rows if r.series == name])]:
        colour = _style(frame, None)["color"]
        dashed = alt.Chart(data(stretch)).mark_line(strokeWidth=1.5, strokeDash=[3, 3])
        yield dashed.encode(x=frame.x, y=frame.y, detail="series:N", color=colour)


def _last_stretch(rows: Sequence[Row]) -> list[Row]:
    """The last finished row and the unfinished one, where both have a value."""
    last = list(rows[-2:])
    return last if len(last) == 2 and not last[1].done and None not in (last[0].value, last[1].value) else []


def _points(rows: Sequence[Row], frame: _Frame) -> Iterator[alt.Chart]:
    """A point a value; in a crowd only those that no line would show."""
    known = _lonely(rows, frame) if len(frame.periods) > CROWDED else [row for row in rows if row.value is not None]
    for done in (True, False):
        chosen = [row for row in known if row.done == done]
        if not chosen:
            continue
        hollow: dict[str, Any] = {} if done else {"fill": frame.look.palette.ground}
        mark = alt.Chart(data(chosen)).mark_point(
            size=46, filled=done, opacity=1, strokeWidth=1 if done else 2, **hollow
        )
        yield mark.encode(x=frame.x, y=frame.y, **_shapes(frame, done=done))


def _shapes(frame: _Frame, *, done: bool) -> dict[str, Any]:
    if frame.one:
        return {"color": alt.value(frame.colours[0])}
    names, legend = list(frame.names), _legend(frame) if done else None
    return {
        "color": alt.Color("series:N", scale=alt.Scale(domain=names, range=list(frame.colours)), legend=legend),
        "shape": alt.Shape("series:N", scale=alt.Scale(domain=names, range=list(SHAPES[: len(names)])), legend=legend),
    }


def _lonely(rows: Sequence[Row], frame: _Frame) -> list[Row]:
    """Values without a neighbour, and each line's last."""
    found = []
    for name in frame.names:
        own = [row for row in rows if row.series == name]
        for at, row in enumerate(own):
            near = [own[i].value for i in (at - 1, at + 1) if 0 <= i < len(own)]
            if row.value is not None and (at == len(own) - 1 or all(value is None for value in near)):
                found.append(row)
    return found


class _End(NamedTuple):
    period: str
    y: float
    series: str
    text: str


def _names(rows: Sequence[Row], frame: _Frame) -> Iterator[alt.Chart]:
    """One number: its last value in words. Several: their names at the ends of their lines, moved apart."""
    ends = [last for name in frame.names if (last := _last(rows, name))]
    if frame.one and ends:
        end = ends[0]
        low = _said_below(frame.axis.share(end.value or 0), frame)
        style: dict[str, Any] = {
            "dy": 18 if low else -13,
            "align": "right",
            "dx": 6,
            "fontWeight": 600,
            "fontSize": 14,
        }
        for text in haloed(data([end]), frame.look, color=frame.look.palette.ink, **style):
            yield text.encode(x=frame.x, y=frame.y, text="says:N")
    elif frame.beside and ends:
        text = alt.Chart(data(_apart(ends, frame))).mark_text(align="left", dx=8, fontSize=12, fontWeight=500)
        colour = _style(frame, None)["color"]
        yield text.encode(x=alt.value("width"), y=_at("y", frame), text="text:N", color=colour)


def _last(rows: Sequence[Row], name: str) -> Row | None:
    return next((row for row in reversed(rows) if row.series == name and row.value is not None), None)


def _apart(ends: Sequence[Row], frame: _Frame) -> list[_End]:
    """Names at their lines' ends, none nearer to the next than a line of text: pushed up from the bottom, then down."""
    pixels = HEIGHTS[frame.look.size] - ROOM
    gap = LINE_HEIGHT / pixels
    sorted_ends = sorted(ends, key=lambda row: row.value or 0)
    places = [frame.axis.share(row.value or 0) for row in sorted_ends]
    for at in range(1, len(places)):
        places[at] = max(places[at], places[at - 1] + gap)
    for at in range(len(places) - 1, -1, -1):
        highest = 1.0 if at == len(places) - 1 else places[at + 1] - gap
        places[at] = min(places[at], highest)
    span = frame.axis.high - frame.axis.low
    return [
        _End(row.period, frame.axis.low + place * span, row.series, cut(row.series, CUT))
        for row, place in zip(sorted_ends, places, strict=True)
    ]


def _strips(rows: Sequence[Row], frame: _Frame) -> alt.Chart:
    """An unseen strip over each period, whose tooltip has every value of it in words."""
    keys = {name: f"v{at}" for at, name in enumerate(frame.names)}
    strips: dict[str, dict[str, Any]] = {}
    for row in rows:
        strip = strips.setdefault(row.period, {"period": row.period, "named": row.named, "t": frame.about.goal.says})
        strip[keys[row.series]] = row.says
    tips = [alt.Tooltip("named:N", title="title"), *(alt.Tooltip(f"{keys[n]}:N", title=key(n)) for n in frame.names)]
    if frame.about.goal.says:
        tips.append(alt.Tooltip("t:N", title="target"))
    pick = alt.selection_point(name="at", on="pointerover", clear="pointerout", fields=["period"])
    shown = alt.when(pick, empty=False).then(alt.value(0.16)).otherwise(alt.value(0))
    mark = alt.Chart(given(*strips.values())).mark_bar(color=frame.look.palette.edge)
    over = mark.encode(x=frame.x, y=alt.value(0), y2=alt.value("height"), opacity=shown, tooltip=tips)
    chart: alt.Chart = over.add_params(pick)
    return chart
