"""Read a chart back from its description and from its SVG."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt

SVG = "{http://www.w3.org/2000/svg}"


def layers(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """The layers of a chart's description with their rows; altair checks it against Vega-Lite's schema on the way."""
    described = chart.to_dict()
    return [{**layer, "rows": described["datasets"][layer["data"]["name"]]} for layer in described["layer"]]


def rows(chart: alt.LayerChart, mark: str, **style: object) -> list[list[dict[str, Any]]]:
    """The rows of every layer of a mark that has this style."""
    return [
        layer["rows"]
        for layer in layers(chart)
        if layer["mark"]["type"] == mark and all(layer["mark"].get(key) == value for key, value in style.items())
    ]


def texts(svg: str) -> list[str]:
    """Everything written in a picture."""
    return ["".join(found.itertext()) for found in ET.fromstring(svg).iter(f"{SVG}text")]


def lines_of(svg: str) -> list[str]:
    """The paths of lines: one a group of line marks."""
    return list(_paths(ET.fromstring(svg)))


def _paths(root: ET.Element) -> Iterator[str]:
    for group in root.iter(f"{SVG}g"):
        if "mark-line" in group.get("class", ""):
            yield from (path.get("d", "") for path in group.iter(f"{SVG}path"))


def pieces(path: str) -> int:
    """How many stretches a path is drawn in."""
    return len(re.findall("M", path))
