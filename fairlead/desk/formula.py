"""How a number is made, in words whose parts lead to what they mean."""

import re

from fairlead.desk.linking import Piece, in_words, metric
from fairlead.model.metrics import Aggregate, Measure, Metric
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model

NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
SIGNS = {"*": "\u00d7", "/": "\u00f7", "-": "\u2212"}
READ = {
    Aggregate.COUNT: "The number of rows of",
    Aggregate.DISTINCT: "The number of different {} in",
    Aggregate.SUM: "The sum of {} over",
    Aggregate.AVG: "The mean of {} over",
    Aggregate.MIN: "The smallest {} in",
    Aggregate.MAX: "The largest {} in",
    Aggregate.MEDIAN: "The median of {} over",
}


def formula(model: Model, found: Metric) -> tuple[Piece, ...]:
    """A metric as it is reckoned: its operands by their titles, signs as in arithmetic."""
    if found.ratio:
        over, under = found.ratio
        return (metric(model, over), Piece(" \u00f7 "), metric(model, under))
    if isinstance(found.measure, str):
        return (metric(model, found.measure),)
    if found.measure:
        return reading(found.measure)
    return _derived(model, found.derived or "")


def _derived(model: Model, text: str) -> tuple[Piece, ...]:
    """An expression with the names of numbers replaced by their titles; anything else stands as it is written."""
    pieces: list[Piece] = []
    end = 0
    for found in NAME.finditer(text):
        name = found[0]
        if model.metric(name) is None and model.measure(name) is None:
            continue
        pieces += [Piece(_signs(text[end : found.start()])), metric(model, name)]
        end = found.end()
    return tuple(piece for piece in (*pieces, Piece(_signs(text[end:]))) if piece.text)


def _signs(text: str) -> str:
    return "".join(SIGNS.get(letter, letter) for letter in text)


def reading(measure: Measure) -> tuple[Piece, ...]:
    """A measure as a sentence: what is added up or counted, of which rows, in which period."""
    aggregate, expression = measure.reading
    what = READ[aggregate].format(in_words(expression).lower())
    table = TABLES.get(measure.from_)
    pieces = [Piece(f"{what} "), Piece(measure.from_, title=table.says if table else "", tone="code")]
    if aggregate is Aggregate.COUNT and expression != "*":
        pieces += [Piece(" where "), Piece(expression, tone="code"), Piece(" is known")]
    if measure.where:
        pieces += [Piece(" for which "), Piece(measure.where, tone="code")]
    if measure.during:
        start, end = measure.during
        pieces += [Piece(", as in force at the end of the period, from "), Piece(start, tone="code")]
        pieces += [Piece(" until "), Piece(end, tone="code")]
    elif measure.at:
        pieces += [Piece(", in the period of "), Piece(measure.at, tone="code")]
    return (*pieces, Piece("."))
