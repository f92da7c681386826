"""Colours of charts, for light and for dark: told apart also by those who see no red or no green.

The eight colours of series start from Okabe and Ito's set ("Color Universal Design", 2008), moved in lightness until
each stands out from its ground (contrast of 3 and more) and any two stay apart in normal sight, protanopia,
deuteranopia and tritanopia as Machado, Oliveira and Fernandes simulate them (2009). Dashes and the shapes of points
say the same a second time. docs/decisions/charts.md has the measure; tests hold the colours to it.
"""

from typing import Literal, NamedTuple

Scheme = Literal["light", "dark"]

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"


class Palette(NamedTuple):
    """One scheme. `ink` and `soft` are for words, `rule` for lines nobody reads, `ground` is what it is drawn on."""

    ground: str
    ink: str
    soft: str
    rule: str
    edge: str
    main: str
    better: str
    worse: str
    record: str
    band: str
    series: tuple[str, ...]
    heat: tuple[str, ...]  # from little to much: in grey, too, each is darker (or brighter) than the one before


LIGHT = Palette(
    ground="#ffffff",
    ink="#18232c",
    soft="#54626e",
    rule="#dde2e3",
    edge="#7d8a94",
    main="#0b5f7d",
    better="#06488e",
    worse="#a2391b",
    record="#7a7a7a",
    band="#e6f0f3",
    series=("#06488e", "#ba710d", "#2ca68f", "#682a4f", "#9c67f1", "#a2391b", "#17769b", "#1f1f1f"),
    heat=("#d9e8f0", "#a3c8da", "#67a3c0", "#25759a", "#093f59"),
)
DARK = Palette(
    ground="#161e25",
    ink="#e7ecef",
    soft="#a2b0bb",
    rule="#28333d",
    edge="#6d7c88",
    main="#7fc8e6",
    better="#5fb2fc",
    worse="#f0632e",
    record="#9d9d9d",
    band="#1c2c35",
    series=("#347bd2", "#e9980e", "#89f2d1", "#9b587d", "#f7db34", "#d53d06", "#5fb2fc", "#9d9d9d"),
    heat=("#233f4d", "#2d6480", "#438eb0", "#7cbedb", "#cdeefa"),
)
PALETTES: dict[Scheme, Palette] = {"light": LIGHT, "dark": DARK}

DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (1, 0), (6, 3), (2, 2), (8, 3, 2, 3))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
MOST_SERIES = len(SHAPES)
