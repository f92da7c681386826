"""What every chart has: its sizes, the desk's look on a light or a dark ground, and what it is about."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import altair as alt

from fairlead.picture.axis import unit_words
from fairlead.picture.manners import SPACE
from fairlead.picture.palette import PALETTES, SANS, Palette, Scheme
from fairlead.picture.wording import PLAIN, Manner, Number, worded

Size = Literal["wide", "medium", "narrow"]

WIDTHS: dict[Size, int] = {"wide": 1040, "medium": 680, "narrow": 340}
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
HEIGHTS: dict[Size, int] = {"wide": 320, "medium": 300, "narrow": 260}


class Style(NamedTuple):
    """How a chart is drawn: for which ground, how much room, in which letters."""

    scheme: Scheme = "light"
    size: Size = "wide"
    font: str = SANS

    @property
    def palette(self) -> Palette:
        return PALETTES[self.scheme]


USUAL = Style()


class Goal(NamedTuple):
    """Where a value should lie: above `low`, below `high`; `says` in words. `baseline`: what it was at the start."""

    low: float | None = None
    high: float | None = None
    says: str = ""
    baseline: float | None = None

    @property
    def limits(self) -> tuple[float, ...]:
        return tuple(limit for limit in (self.low, self.high) if limit is not None)


class About(NamedTuple):
    """What is drawn: its label and unit, how the company writes, its goal, and the period that is not over yet."""

    label: str
    unit: str
    manner: Manner = PLAIN
    goal: Goal = Goal()
    unfinished: str | None = None
    says: str = ""

    def word(self, value: Number) -> str:
        return worded(value, self.unit, self.manner).text


def data(rows: Sequence[NamedTuple]) -> alt.InlineData:
    """Rows as they stand in a chart's description."""
    return given(*(row._asdict() for row in rows))


def given(*values: dict[str, Any]) -> alt.InlineData:
    """Values as they stand in a chart's description."""
    return alt.InlineData(values=list(values))


def haloed(rows: alt.InlineData, look: Style, **style: Any) -> Iterator[alt.Chart]:
    """Words with a rim in the colour of the ground, so that lines beneath do not run through them."""
    rim = {**style, "color": look.palette.ground, "stroke": look.palette.ground, "strokeWidth": 4}
    yield alt.Chart(rows).mark_text(**rim, strokeJoin="round")
    yield alt.Chart(rows).mark_text(**style)


def cut(name: str, most: int) -> str:
    """A name that fits."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def key(name: str) -> str:
    """A name as the name of a line in a tooltip.

    Vega writes it into an expression, quoted, where line and paragraph separators are not allowed; and its tooltip
    takes lines called title and image for a heading and a picture's address.
    """
    plain = " ".join(BREAKS.sub(" ", name).split())
    return plain + SPACE if plain.lower() in ("title", "image", "target", "") else plain


def finished(
    layers: Sequence[alt.Chart], about: About, look: Style, height: int = 0, sides: tuple[int, int] = (4, 8)
) -> alt.LayerChart:
    """The layers as one chart with its size, its description for those who do not see it, and the desk's look."""
    palette, font = look.palette, look.font
    above = unit_words(about.unit, about.manner) or about.goal.limits
    axis = alt.AxisConfig(
        labelColor=palette.soft,
        labelFont=font,
        labelFontSize=12,
        titleColor=palette.soft,
        titleFont=font,
        titleFontSize=12,
        titleFontWeight="normal",
        gridColor=palette.rule,
        domainColor=palette.edge,
        ticks=False,
        labelPadding=7,
    )
    legend = alt.LegendConfig(
        labelColor=palette.ink, labelFont=font, labelFontSize=12, titleFont=font, symbolSize=90, rowPadding=3
    )
    chart: alt.LayerChart = (
        alt.LayerChart(layer=list(layers))
        .properties(
            width="container",
            height=height or HEIGHTS[look.size],
            description=about.says or about.label,
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            padding={"left": sides[0], "top": 20 if above else 10, "right": sides[1], "bottom": 4},
        )
        .resolve_scale(color="shared", shape="shared", strokeDash="shared")
        .configure(background="transparent", font=font, axis=axis, legend=legend)
        .configure_view(stroke=None)
        .configure_text(font=font)
    )
    return chart
