"""Colours: seen against their ground, and told apart by people who see no red, no green or no blue."""

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

import fairlead.desk
from fairlead.picture.palette import DASHES, PALETTES, SHAPES, Palette, Scheme

TOKENS = Path(fairlead.desk.__file__).parent / "static" / "desk" / "tokens.css"
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
APART = 0.1  # in OKLab: about five times what can just be told apart
SERIES_APART = {"light": 0.11, "dark": 0.13}


def linear(colour: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def distance(one: str, other: str, sight: str) -> float:
    """How far apart two colours look (Ottosson's OKLab, 2020)."""
    a, b = (TO_LAB @ np.cbrt(TO_LMS @ np.clip(SIGHTS[sight] @ linear(c), 0, 1)) for c in (one, other))
    return float(np.linalg.norm(a - b))


def tokens(scheme: Scheme) -> dict[str, str]:
    """The desk's own colours."""
    light, _, dark = TOKENS.read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", PALETTES)
def test_any_two_series_are_told_apart(scheme: Scheme, sight: str) -> None:
    pairs = combinations(PALETTES[scheme].series, 2)
    assert min(distance(one, other, sight) for one, other in pairs) >= SERIES_APART[scheme]


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", PALETTES)
def test_better_worse_and_the_record_are_told_apart(scheme: Scheme, sight: str) -> None:
    palette = PALETTES[scheme]
    pairs = combinations((palette.better, palette.worse, palette.record), 2)
    assert min(distance(one, other, sight) for one, other in pairs) >= APART


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", PALETTES)
def test_heat_goes_from_little_to_much_also_without_hues(scheme: Scheme, sight: str) -> None:
    palette = PALETTES[scheme]
    assert min(distance(one, other, sight) for one, other in pairwise(palette.heat)) >= APART
    against = [contrast(colour, palette.ground) for colour in palette.heat]
    assert against == sorted(against)
    assert min(b / a for a, b in pairwise(against)) >= 1.4
    assert against[0] >= 1.2


@pytest.mark.parametrize("scheme", PALETTES)
def test_lines_stand_out_from_their_ground_and_words_can_be_read(scheme: Scheme) -> None:
    palette: Palette = PALETTES[scheme]
    for ground in (palette.ground, tokens(scheme)["surface"]):
        for colour in (*palette.series, palette.main, palette.better, palette.worse, palette.record, palette.edge):
            assert contrast(colour, ground) >= 3, colour
        for words in (palette.ink, palette.soft):
            assert contrast(words, ground) >= 4.5, words


@pytest.mark.parametrize("scheme", PALETTES)
def test_charts_stand_on_the_desks_ground(scheme: Scheme) -> None:
    assert PALETTES[scheme].ground == tokens(scheme)["surface"]
    assert PALETTES[scheme].ink == tokens(scheme)["ink"]


def test_every_series_has_a_second_sign() -> None:
    signs = list(zip(DASHES, SHAPES, strict=True))
    assert len(set(signs)) == len(signs) == len(PALETTES["light"].series) == len(PALETTES["dark"].series)
    assert len(set(SHAPES)) == len(SHAPES)
