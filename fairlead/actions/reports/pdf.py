"""A report as a PDF, set by typst: offline, with the letters it brings itself."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typst

from fairlead.actions.reports.pack import Line, Miss, Pack
from fairlead.actions.reports.pictures import STATUS, mark_picture, spark_picture
from fairlead.picture.drawn import svg
from fairlead.picture.theme import Style

TEMPLATE = Path(__file__).with_name("scoreboard.typ")
CHART = 250  # pixels of a chart's height: chart, reasons and plan share one page
LETTERS = "Libertinus Serif"
LETTER_PAPER = frozenset({"US", "CA", "MX", "CL", "CO", "PH", "VE"})  # elsewhere paper is A4


def to_pdf(pack: Pack) -> bytes:
    """The report as a PDF; the same report gives the same pages.

    Every word reaches the template as data, so that no label is ever read as markup or code. Letters that the
    template's font does not have (Japanese, say) are taken from the machine's fonts where it has them.
    """
    given = json.dumps(_given(pack), ensure_ascii=False)
    made = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"pack": given}, timestamp=0)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no document")
    return made


def _given(pack: Pack) -> dict[str, Any]:
    """The pack as the template reads it: pictures drawn, names instead of places."""
    territory = pack.locale.rpartition("_")[2]
    return {
        **pack._asdict(),
        "tally": [[one._asdict(), count] for one, count in pack.tally],
        "sections": [{"name": section.name, "lines": _lines(section.lines)} for section in pack.sections],
        "opened": _lines(pack.opened),
        "waiting": _lines(pack.waiting),
        "missed": [_missed(miss) for miss in pack.missed],
        "meanings": [one._asdict() for one in pack.meanings],
        "marks": {status: mark_picture(status) for status in STATUS},
        "paper": "us-letter" if territory in LETTER_PAPER else "a4",
    }


def _lines(lines: Iterable[Line]) -> Sequence[dict[str, Any]]:
    return [_line(one) for one in lines]


def _line(one: Line) -> dict[str, Any]:
    picture = spark_picture(one.spark, one.standing.status)
    return {**one._asdict(), "standing": one.standing._asdict(), "spark": picture}


def _missed(miss: Miss) -> dict[str, Any]:
    look = Style("light", "wide", LETTERS)
    return {
        **miss._asdict(),
        "line": _line(miss.line),
        "parts": [part._asdict() for part in miss.parts],
        "chart": svg(miss.chart, look, height=CHART) if miss.chart else "",
        "says": miss.chart.says if miss.chart else "",
    }
