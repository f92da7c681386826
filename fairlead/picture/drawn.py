"""A chart as an SVG, drawn here and now: no browser, no network."""

from typing import Protocol

import altair as alt
import vl_convert

from fairlead.picture.theme import USUAL, WIDTHS, Look


class Drawable(Protocol):
    """What can be drawn in some look."""

    def chart(self, look: Look = USUAL) -> alt.LayerChart: ...


def svg(drawable: Drawable, look: Look = USUAL, *, height: int | None = None) -> str:
    """The chart as an SVG of the look's width. Nothing is fetched, whatever the description may say."""
    described = drawable.chart(look).to_dict()
    described["width"] = WIDTHS[look.size]
    if height is not None:
        described["height"] = height
    return vl_convert.vegalite_to_svg(described, allowed_base_urls=[])
