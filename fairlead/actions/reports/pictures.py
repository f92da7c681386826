"""Pictures of a report, with their colours in them: a file that is handed out has no style sheet beside it."""

from fairlead.picture.marks import mark
from fairlead.picture.palette import LIGHT

STATUS = {
    "met": "#17714a",
    "near": "#845300",
    "missed": "#b0261c",
    "no_target": "#52606b",
    "undefined": "#52606b",
    "needs": "#52606b",
}
SPARK = (
    ".spark-line{{fill:none;stroke:{soft};stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}}"
    ".spark-limit{{fill:none;stroke:{edge};stroke-width:1;stroke-dasharray:2 3}}"
    ".spark-dot{{fill:{soft}}}.spark-last{{fill:{status}}}"
)
MARK = ".mark{{fill:{status}}}.hollow{{fill:none;stroke:{status};stroke-width:1.6}}.dashed{{stroke-dasharray:2.2 2.2}}"


def spark_picture(spark: str, status: str) -> str:
    """A sparkline as an SVG that stands by itself."""
    return _standing_alone(spark, SPARK.format(soft=LIGHT.soft, edge=LIGHT.edge, status=STATUS[status]))


def mark_picture(status: str) -> str:
    """The mark of a status as an SVG that stands by itself."""
    return _standing_alone(mark(status), MARK.format(status=STATUS[status]))


def _standing_alone(svg: str, style: str) -> str:
    head, bracket, rest = svg.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"{bracket}<style>{style}</style>{rest}'
