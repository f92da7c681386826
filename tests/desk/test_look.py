"""The look's promises that need no browser: contrast of every pair of colours that meet, in light and in dark."""

import re
from itertools import product
from pathlib import Path

import pytest

import fairlead.desk

ROOT = Path(fairlead.desk.__file__).parents[2]
STATIC = Path(fairlead.desk.__file__).parent / "static" / "desk"
TEMPLATES = Path(fairlead.desk.__file__).parent / "templates"
TOKEN = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")

TEXT = {
    "paper": ["ink", "soft", "accent", "met", "near", "missed", "none"],
    "surface": ["ink", "soft", "accent", "met", "near", "missed", "none"],
    "none-tint": ["ink", "none"],
    "met-tint": ["met"],
    "near-tint": ["near"],
    "missed-tint": ["missed", "ink"],
    "accent": ["on-accent"],
    "shade": ["ink", "soft", "accent"],
    "accent-tint": ["ink", "soft"],
}
SHAPES = {"surface": ["line", "edge", "accent"], "paper": ["edge", "accent"]}


def schemes() -> dict[str, dict[str, str]]:
    """The colours by name, in light and in dark."""
    light, dark = (dict(TOKEN.findall(part)) for part in (STATIC / "tokens.css").read_text().split("@media"))
    assert light.keys() == dark.keys()
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance of #rrggbb."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_shapes_stand_out(scheme: str) -> None:
    colours = schemes()[scheme]
    faint = [
        f"{front} on {back}: {found:.2f}"
        for pairs, least in ((TEXT, 4.5), (SHAPES, 3.0))
        for back, fronts in pairs.items()
        for front in fronts
        if (found := contrast(colours[front], colours[back])) < least
    ]
    assert not faint


def test_colours_are_named_in_one_place() -> None:
    loose = {
        f"{file.name}: {colour}"
        for file in STATIC.glob("*.css")
        if file.name != "tokens.css"
        for colour in re.findall(r"#[0-9a-f]{3,8}\b|rgb\([^)]*\)", file.read_text().split("@media print")[0])
    }
    assert not loose


def test_what_others_copy_from_is_written_down() -> None:
    """Every part that docs/decisions/look.md names has its rule, and every part under templates/parts is there."""
    told = (ROOT / "docs" / "decisions" / "look.md").read_text()
    styles = "".join(file.read_text() for file in STATIC.glob("*.css"))
    classes = set(re.findall(r"`\.([a-z-]+)", told)) | set(re.findall(r'class="([a-z-]+)"', told))
    assert {name for name in classes if not re.search(rf"\.{name}\b", styles)} == set()
    for name in re.findall(r"parts/([a-z_]+\.html)", told):
        assert (TEMPLATES / "parts" / name).is_file(), name


def test_styles_use_only_tokens_that_exist() -> None:
    named = set(re.findall(r"(--[a-z0-9-]+):", "".join(file.read_text() for file in STATIC.glob("*.css"))))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", "".join(file.read_text() for file in STATIC.glob("*.css"))))
    assert used <= named


def test_no_style_or_script_loads_from_elsewhere() -> None:
    for file, part in product(STATIC.iterdir(), ("http:", "https:", "@import", "//fonts")):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert part not in text, file.name
