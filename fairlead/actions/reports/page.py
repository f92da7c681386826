"""A report as one HTML file: style and pictures are in it, no script is, and nothing is fetched from anywhere."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from fairlead.actions.reports.pack import Line, Miss, Pack
from fairlead.actions.reports.pictures import STATUS
from fairlead.picture.drawn import svg
from fairlead.picture.marks import mark

HERE = Path(__file__).parent


def to_html(pack: Pack) -> str:
    """The report as a page; every word in it is escaped."""
    pages = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = pages.from_string((HERE / "scoreboard.html").read_text(encoding="utf-8"))
    # Ours: the style sheet is a file of this package, and pictures escape what they are given.
    style = Markup((HERE / "report.css").read_text(encoding="utf-8"))  # noqa: S704
    marks = {status: Markup(mark(status)) for status in STATUS}  # noqa: S704
    return page.render(pack=pack, style=style, marks=marks, spark=_spark, chart=_chart)


def _spark(line: Line) -> Markup:
    return Markup(line.spark)  # noqa: S704


def _chart(miss: Miss) -> Markup:
    return Markup(svg(miss.chart)) if miss.chart else Markup()  # noqa: S704
