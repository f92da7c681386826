"""Metric trees made up by hypothesis: nodes with formulas over nodes or counts, and what was counted at two ends."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from fairlead.analysis.question import Instance
from fairlead.analysis.shapley import Number
from fairlead.analysis.tree import Node
from fairlead.model.metrics import Measure

COUNT = Measure.model_validate({"from": "opportunity", "count": "*", "at": "closed_at"})
FORMULAS: Mapping[int, tuple[str, ...]] = {
    1: ("12 * a", "-a", "abs(a)"),
    2: ("a / b", "a * b", "a - b", "a + b", "coalesce(a, 0) - b", "(a - b) / a"),
    3: ("a * b / c", "(a + b - c) / a", "a + b + c", "a / (b * c)", "greatest(a, b) / c"),
    4: ("a * b * c / d", "(a + b - c - d) / a"),
}


class Case(NamedTuple):
    root: Node
    before: Mapping[str, Number]
    after: Mapping[str, Number]


def leaf(name: str) -> Node:
    return Node(name, Instance(name, COUNT, None), "", ())


def node(formula: str, *operands: Node, name: str = "root") -> Node:
    """A node whose formula names its operands a, b, c, d."""
    renamed = formula
    for letter, operand in zip("abcd", operands, strict=False):
        renamed = "".join(
            operand.name if part == letter else part for part in _words(renamed, {o.name for o in operands})
        )
    return Node(name, None, renamed, operands)


def _words(text: str, known: set[str]) -> list[str]:
    """A formula in its words, so that a letter within a function's name stays."""
    import re

    return re.findall(r"[A-Za-z_]\w*|\W|\d+", text)


@st.composite
def trees(draw: st.DrawFn, values: st.SearchStrategy[Number], depth: int = 2) -> Case:
    """A tree up to `depth` formulas deep with `values` at both ends."""
    counter = iter(range(1000))

    def grown(left: int) -> Node:
        name = f"n{next(counter)}"
        if left == 0 or (left < depth and draw(st.booleans())):
            return leaf(name)
        formula = draw(st.sampled_from(FORMULAS[draw(st.integers(1, 3 if left < depth else 4))]))
        operands = [grown(left - 1) for letter in "abcd" if letter in _words(formula, set())]
        return node(formula, *operands, name=name)

    root = grown(depth)
    columns = [i.column for i in root.counted()]
    ends = [{column: draw(values) for column in columns} for _ in range(2)]
    return Case(root, *ends)


whole_numbers = st.integers(-4, 6).map(Fraction)
anything = st.none() | whole_numbers | st.fractions(min_value=-9, max_value=9, max_denominator=7)
positive = st.integers(1, 9).map(Fraction)
