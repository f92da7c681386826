"""A chart as an SVG, drawn here and now: no browser, no network."""

from contextlib import suppress
from importlib import import_module
from typing import Protocol

import altair as alt
import vl_convert

from fairlead.picture.theme import USUAL, WIDTHS, Style

# Altair asks of every value whether it is one of numpy's or pandas', once anybody has imported these; and fails on one
# that another thread has half imported. So they are whole before anything is drawn, where they are installed at all.
for name in ("numpy", "pandas"):
    with suppress(ImportError):
        import_module(name)


class Drawable(Protocol):
    """What can be drawn in some look."""

    def chart(self, look: Style = USUAL) -> alt.LayerChart: ...


def svg(drawable: Drawable, look: Style = USUAL, *, height: int | None = None) -> str:
    """The chart as an SVG of the look's width. Nothing is fetched, whatever the description may say."""
    described = drawable.chart(look).to_dict()
    described["width"] = WIDTHS[look.size]
    if height is not None:
        described["height"] = height
    return vl_convert.vegalite_to_svg(described, allowed_base_urls=[])
