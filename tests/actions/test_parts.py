"""Parts as printed: for any tree, in any unit, every level of what is shown sums to the last digit."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.actions.parts import Named, Part, part_of, shown
from fairlead.analysis.apportion import places_of
from fairlead.analysis.tree import Node, node_of, split
from fairlead.model.metrics import Metrics, Unit
from fairlead.model.whole import Model
from tests.analysis.trees import COUNT, Case, anything, trees, whole_numbers


def nodes(root: Node) -> Iterator[Node]:
    yield root
    for operand in root.operands:
        yield from nodes(operand)


def parts(root: Part) -> Iterator[Part]:
    yield root
    for part in root.parts:
        yield from parts(part)


def dictionary(root: Node, unit: Unit) -> Metrics:
    """The same tree as somebody would write it in the model."""
    inner = {n.name: {"derived": n.formula, "unit": unit} for n in nodes(root) if n.operands}
    return Metrics.model_validate({"measures": {i.name: COUNT for i in root.counted()}, "metrics": inner})


@settings(max_examples=200)
@given(trees(anything) | trees(whole_numbers), st.sampled_from([Unit.PERCENT, Unit.MONEY, Unit.DAYS]))
def test_every_level_sums_to_the_last_digit(case: Case, unit: Unit) -> None:
    metrics = dictionary(case.root, unit)
    root = node_of(metrics, case.root.name)
    found = split(root, case.before, case.after)
    before, after = shown(found.before, unit), shown(found.after, unit)
    change = None if before is None or after is None else after - before
    whole = part_of(found, change, places_of(unit), Named(Model(metrics=metrics), {}))
    assert (whole.before, whole.after, whole.part) == (before, after, change)
    for one in parts(whole):
        told = [part.part for part in one.parts]
        if one.part is None or None in told:
            assert set(told) <= {None}
        elif told:
            assert sum(part or 0 for part in told) == one.part
            assert all(part is not None and part.as_tuple().exponent == -places_of(unit) for part in told)
