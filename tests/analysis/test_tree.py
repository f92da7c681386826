"""The split of a metric's change: exact for any tree, the same in any order, and what every order written out gives."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import permutations, product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.shapley import Number
from fairlead.analysis.tree import Lack, Node, Split, lacks, node_of, split, value
from fairlead.model.load import STARTER, load
from fairlead.model.metrics import Metrics
from tests.analysis.trees import Case, anything, leaf, node, positive, trees, whole_numbers

STARTERS = load(STARTER)[0].metrics


def every(found: Split) -> Iterator[Split]:
    yield found
    for part in found.parts:
        yield from every(part)


@settings(max_examples=300)
@given(trees(anything) | trees(whole_numbers))
def test_parts_sum_exactly_to_the_change_at_every_level(case: Case) -> None:
    found = split(case.root, case.before, case.after)
    assert (found.before, found.after) == (value(case.root, case.before), value(case.root, case.after))
    if found.before is None or found.after is None:
        assert all(one.part is None for one in every(found))
        return
    assert found.part == found.after - found.before
    for one in every(found):
        known = [part.part for part in one.parts]
        if not one.parts or one.part is None:
            continue
        if one.is_whole:
            assert known == [None] * len(known)
        else:
            assert sum(part or 0 for part in known) == one.part


@given(trees(anything))
def test_what_did_not_change_adds_nothing(case: Case) -> None:
    for one in every(split(case.root, case.before, case.after)):
        own = [i.column for i in one.node.counted()]
        if one.part is not None and all(case.before[c] == case.after[c] for c in own):
            assert one.part == 0


@given(trees(anything))
def test_forth_and_back_are_the_same_with_other_signs(case: Case) -> None:
    forth, back = split(case.root, case.before, case.after), split(case.root, case.after, case.before)
    pairs = zip(every(forth), every(back), strict=True)
    assert all((a.part is None and b.part is None) or a.part == -(b.part or 0) for a, b in pairs)


@given(st.permutations("abcd"), st.lists(positive, min_size=8, max_size=8))
def test_the_order_of_factors_does_not_matter(order: list[str], counted: list[Number]) -> None:
    before, after = dict(zip("wxyz", counted[:4], strict=True)), dict(zip("wxyz", counted[4:], strict=True))
    found = {
        part.node.name: part.part
        for formula, names in (("a * b * c / d", "wxyz"), ("a * b * c / d", "yxwz"), ("c / d * b * a", "xwyz"))
        for part in split(node(formula, *map(leaf, names)), before, after).parts
    }
    shuffled = "".join("wxyz"["abcd".index(letter)] for letter in order)
    again = Node("root", None, "w * x * y / z", tuple(leaf(name) for name in shuffled))
    assert {part.node.name: part.part for part in split(again, before, after).parts} == found


@given(*[positive] * 4)
def test_a_product_of_two_is_split_at_the_mean_of_the_other(a: Fraction, b: Fraction, c: Fraction, d: Fraction) -> None:
    """The midpoint rule, which economists write for price and volume."""
    found = split(node("a * b", leaf("x"), leaf("y")), {"x": a, "y": b}, {"x": c, "y": d})
    assert [part.part for part in found.parts] == [(c - a) * (b + d) / 2, (d - b) * (a + c) / 2]


def orders(one: Node) -> Iterator[tuple[str, ...]]:
    """Every order of the leaves in which those of one operand stay together: what Owen's value is the mean over."""
    if not one.operands:
        yield (one.name,)
        return
    for order in permutations(one.operands):
        for inner in product(*(tuple(orders(operand)) for operand in order)):
            yield tuple(name for names in inner for name in names)


def by_every_order(case: Case) -> Mapping[str, Fraction]:
    """What each leaf adds at its turn, in the mean over every order."""
    told = list(orders(case.root))
    gained = dict.fromkeys(told[0], Fraction(0))
    for order in told:
        state = dict(case.before)
        for name in order:
            was = value(case.root, state) or Fraction(0)
            state[name] = case.after[name]
            gained[name] += ((value(case.root, state) or Fraction(0)) - was) / len(told)
    return gained


FORMS = ("a * b / c", "a / b", "a * b", "(a + b) / c", "a / (b * c)")


@settings(max_examples=40)
@given(
    st.sampled_from(FORMS), st.sampled_from(FORMS), st.sampled_from(FORMS), st.lists(positive, min_size=16, max_size=16)
)
def test_leaves_get_the_mean_over_every_order_that_keeps_branches_together(
    top: str, left: str, right: str, counted: list[Number]
) -> None:
    names = iter("pqrstuvw")

    def branch(formula: str, name: str) -> Node:
        return node(formula, *(leaf(next(names)) for letter in "abc" if letter in formula), name=name)

    operands = [branch(left, "left"), branch(right, "right"), leaf("single")]
    root = node(top, *operands[: sum(letter in top for letter in "abc")])
    columns = [i.column for i in root.counted()]
    case = Case(root, dict(zip(columns, counted[:8], strict=False)), dict(zip(columns, counted[8:], strict=False)))
    found = split(root, case.before, case.after)
    assert {one.node.name: one.part for one in found.leaves()} == by_every_order(case)


def test_undefined_states_on_the_way_are_gone_around() -> None:
    """With nothing closed there is no rate: only the order that closes first stays defined."""
    found = split(
        node("a / (b - c)", leaf("x"), leaf("y"), leaf("z")),
        {"x": Fraction(2), "y": Fraction(3), "z": Fraction(1)},
        {"x": Fraction(6), "y": Fraction(5), "z": Fraction(3)},
    )
    # y - z is 2; with z alone changed it is 0. So y comes before z, and three orders are left of six:
    # x, y, z: +2 -3/2 +3/2    y, x, z: -1/2 +1 +3/2    y, z, x: -1/2 +1/2 +2
    assert [part.part for part in found.parts] == [Fraction(5, 3), Fraction(-5, 6), Fraction(7, 6)]


def test_where_no_order_stays_defined_the_part_stays_whole() -> None:
    root = Node("root", None, "x / nullif(x - y, 0)", (leaf("x"), leaf("y")))
    found = split(root, {"x": Fraction(1), "y": Fraction(2)}, {"x": Fraction(2), "y": Fraction(1)})
    assert (found.part, found.is_whole, [part.part for part in found.parts]) == (Fraction(3), True, [None, None])


class Undefined(NamedTuple):
    formula: str
    values: tuple[Number, Number]
    lacks: tuple[Lack, ...]


@pytest.mark.parametrize(
    "case",
    [
        Undefined("a / b", (Fraction(1), Fraction(0)), (Lack("y", is_missing=False),)),
        Undefined("a / b", (Fraction(0), Fraction(0)), (Lack("y", is_missing=False),)),
        Undefined("a / b", (None, Fraction(0)), (Lack("x", is_missing=True),)),
        Undefined("a * b", (None, None), (Lack("x", is_missing=True), Lack("y", is_missing=True))),
        Undefined("a / (a - b)", (Fraction(1), Fraction(1)), (Lack("root", is_missing=False),)),
        Undefined("a * b", (Fraction(0), Fraction(1)), ()),
    ],
)
def test_what_makes_a_number_undefined_is_named(case: Undefined) -> None:
    root = node(case.formula, leaf("x"), leaf("y"))
    assert lacks(root, dict(zip("xy", case.values, strict=True))) == case.lacks


def test_velocity_is_split_into_deals_win_rate_size_and_cycle() -> None:
    root = node_of(STARTERS, "pipeline_velocity")
    assert [part.name for part in root.parts] == [
        "qualified_deals", "win_rate", "average_deal_size", "sales_cycle_length",
    ]  # fmt: skip
    counted = ["qualified_deals", "won", "closed", "bookings", "average_days_to_win__sum", "average_days_to_win__count"]
    before = dict(zip(counted, map(Fraction, (50, 10, 40, 100_000, 300, 10)), strict=True))
    after = dict(zip(counted, map(Fraction, (50, 8, 40, 80_000, 240, 8)), strict=True))
    found = split(root, before, after)
    # Size and cycle are what they were: the fall is that of the win rate alone.
    assert [part.part for part in found.parts] == [0, found.part, 0, 0]
    assert found.parts[3].node.parts == ()


def test_every_metric_of_the_starter_model_has_a_tree() -> None:
    for name, metric in STARTERS.metrics.items():
        root = node_of(STARTERS, name)
        assert root.name == name
        assert bool(list(root.counted())) == metric.computable


def test_windows_hand_down_and_one_measure_is_one_leaf() -> None:
    dictionary = Metrics.model_validate({
        "measures": {
            "won": {"from": "opportunity", "count": "*", "at": "closed_at"},
            "days": {"from": "opportunity", "avg": "days_to_close", "at": "closed_at"},
        },
        "metrics": {
            "cycle": {"measure": "days", "unit": "days"},
            "score": {"derived": "won / cycle", "unit": "score", "window": {"trailing": 12}},
        },
    })  # fmt: skip
    root = node_of(dictionary, "score")
    assert [i.column for i in root.counted()] == [
        "won_last_12_months", "days__sum_last_12_months", "days__count_last_12_months",
    ]  # fmt: skip
    assert [(part.name, part.parts) for part in root.parts] == [("won", ()), ("cycle", ())]
