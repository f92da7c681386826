"""A heat map: two things crossed, each cell with a colour for how much; told apart also without seeing hues.

    chart = heat(Heat(spots, hours, weekdays, bands), about)      # altair.LayerChart

Colours are few and named, from little to much, each clearly darker (on dark ground: brighter) than the one before. A
cell of few is a small square: its colour is true and says little. What has no value is a small ring, and no colour.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

import altair as alt

from fairlead.picture.theme import USUAL, About, Size, Style, data, finished, key
from fairlead.picture.wording import Manner, Number, worded

ROW = 25  # pixels of height a row takes
AXIS = 34
LEGEND, LINE = 12, 18  # pixels above and below the legend, and of each of its lines
ROOM: dict[Size, int] = {"wide": 960, "medium": 640, "narrow": 290}  # pixels there are at least, across
LETTER, SYMBOL = 7, 30  # pixels of a letter, and of what stands between two names of the legend
EVERY: dict[Size, int] = {"wide": 2, "medium": 3, "narrow": 6}  # columns named on the axis
SMALL = 72  # square pixels of a cell of few
RING = 20
MOST_BANDS = 5
# Widths of bands of counts: round to whoever reads them.
STEPS = (1, 2, 3, 4, 5, *(size * 10**power for power in range(9) for size in (10, 15, 20, 25, 30, 40, 50)))


class Spot(NamedTuple):
    """A cell, by the places of its column and row. `says` is its tooltip; `few`: too few stand behind its value."""

    column: int
    row: int
    value: Number | None
    says: str
    few: bool = False


class Band(NamedTuple):
    """Values from `least` on, up to the next band."""

    least: float
    says: str


class Heat(NamedTuple):
    """What is drawn: cells, the names of columns and rows from the first on, and the bands, least first."""

    spots: tuple[Spot, ...]
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    bands: tuple[Band, ...]

    def band(self, value: Number) -> str:
        """The name of the band that a value lies in."""
        return [band for band in self.bands if band.least <= value or band == self.bands[0]][-1].says


class _Drawn(NamedTuple):
    """A cell as the chart holds it."""

    column: int
    row: int
    named: str
    band: str
    says: str


def counted(most: int, manner: Manner) -> tuple[Band, ...]:
    """At most five bands of counts from 1 to `most`, of equal width and round.

    >>> [band.says for band in counted(43, Manner())], [band.says for band in counted(3, Manner())]
    (['1 to 9', '10 to 19', '20 to 29', '30 to 39', '40 and more'], ['1', '2', '3'])
    """
    step = next(step for step in STEPS if max(most, 1) // step < MOST_BANDS or most == step * MOST_BANDS == MOST_BANDS)
    least = list(dict.fromkeys(max(1, step * place) for place in range(max(most, 1) // step + 1)))
    return tuple(Band(one, _from_to(one, after, manner)) for one, after in zip_longest(least, least[1:]))


def _from_to(first: int, after: int | None, manner: Manner) -> str:
    """The counts from one on, until before another one."""
    low = worded(first, "count", manner).text
    if after is None:
        return low if first < MOST_BANDS else f"{low} and more"
    return low if after == first + 1 else f"{low} to {worded(after - 1, 'count', manner).text}"


def shares(least: Sequence[float], manner: Manner) -> tuple[Band, ...]:
    """Bands of shares that begin at these, the first of which is 0.

    >>> [band.says for band in shares((0, 0.5, 0.9), Manner())]
    ['below 50%', '50% to 90%', '90% and more']
    """
    words = [worded(share, "percent", manner).full for share in least]
    told = [f"below {words[1]}", *(f"{low} to {high}" for low, high in pairwise(words[1:]))]
    return tuple(map(Band, least, [*told, f"{words[-1]} and more"]))


def height_of(shown: Heat, size: Size) -> int:
    """How high a heat map is, in pixels."""
    lines = -(-len(shown.bands) // abreast(shown, size))
    return len(shown.rows) * ROW + AXIS + LEGEND + LINE * lines


def abreast(shown: Heat, size: Size) -> int:
    """How many names of the legend have room in a line, right of the names of the rows."""
    names, bands = (max(map(len, some), default=0) for some in (shown.rows, [band.says for band in shown.bands]))
    return min(len(shown.bands), max(1, (ROOM[size] - LETTER * names) // (LETTER * bands + SYMBOL)))


def heat(shown: Heat, about: About, look: Style = USUAL) -> alt.LayerChart:
    """The heat map, columns side by side and rows one below the other."""
    every = _Frame(shown, about, look)
    return finished(list(_layers(every)), about, look, height_of(shown, look.size))


class _Frame(NamedTuple):
    shown: Heat
    about: About
    look: Style

    @property
    def place(self) -> dict[str, Any]:
        """Where cells stand, and what their tooltips say."""
        shown, every = self.shown, EVERY[self.look.size]
        named = list(range(0, len(shown.columns), every))
        return {
            "x": alt.X("column:O", scale=_places(len(shown.columns)), axis=_axis(shown.columns, named)),
            "y": alt.Y("row:O", scale=_places(len(shown.rows)), axis=_axis(shown.rows, list(range(len(shown.rows))))),
            "tooltip": [alt.Tooltip("named:N", title="title"), alt.Tooltip("says:N", title=key(self.about.label))],
        }

    @property
    def colour(self) -> alt.Color:
        names, colours = [band.says for band in self.shown.bands], self.look.palette.heat
        chosen = list(colours[-len(names) :]) if len(names) < len(colours) else list(colours)
        legend = alt.Legend(
            title=None,
            orient="top",
            symbolType="square",
            symbolStrokeWidth=0,
            labelLimit=0,
            columnPadding=16,
            columns=abreast(self.shown, self.look.size),
        )
        return alt.Color("band:N", scale=alt.Scale(domain=names, range=chosen), legend=legend)

    def drawn(self, spots: Sequence[Spot]) -> list[_Drawn]:
        shown = self.shown
        return [
            _Drawn(
                spot.column,
                spot.row,
                f"{shown.rows[spot.row]}, {shown.columns[spot.column]}",
                "" if spot.value is None else shown.band(spot.value),
                spot.says,
            )
            for spot in spots
        ]


def _layers(frame: _Frame) -> Iterator[alt.Chart]:
    """Whole cells, small ones, and rings; the first is there also where nothing is, for it carries the axes."""
    spots, palette = frame.shown.spots, frame.look.palette
    known = [spot for spot in spots if spot.value is not None]
    whole = alt.Chart(data(frame.drawn([spot for spot in known if not spot.few])))
    yield whole.mark_rect(cornerRadius=2).encode(color=frame.colour, **frame.place)
    if few := [spot for spot in known if spot.few]:
        small = alt.Chart(data(frame.drawn(few))).mark_point(shape="square", filled=True, size=SMALL, opacity=1)
        yield small.encode(color=frame.colour, **frame.place)
    if without := [spot for spot in spots if spot.value is None]:
        ring = alt.Chart(data(frame.drawn(without))).mark_point(shape="circle", size=RING, strokeWidth=1, opacity=1)
        yield ring.encode(color=alt.value(palette.edge), **frame.place)


def _places(count: int) -> alt.Scale:
    return alt.Scale(domain=list(range(count)), paddingInner=0.08, paddingOuter=0.04)


def _axis(names: Sequence[str], named: Sequence[int]) -> alt.Axis:
    said = f"{json.dumps(list(names))}[datum.value]"
    return alt.Axis(
        values=list(named), labelExpr=said, labelAngle=0, title=None, domain=False, grid=False, labelOverlap=False
    )
