"""The drawn tree: every card once, none on another, edges by their kind, links, and few crossings."""

import random
import re
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.picture.layers import PASSING, layout
from fairlead.picture.treeplot import Card, Lane, Tie, treeplot, wrapped

SVG = "{http://www.w3.org/2000/svg}"
LANES = (Lane("a", "North star"), Lane("b", "Pipeline & more"))
NAMES = st.integers(2, 14).map(lambda count: [f"m{n}" for n in range(count)])


class Box(NamedTuple):
    """Where a card lies."""

    name: str
    x: float
    y: float
    width: float
    height: float


def card(name: str, group: str = "a", status: str = "met", **more: object) -> Card:
    return Card(name, f"Label of {name}", group, status, "12%", f"/metrics/{name}/", **more)  # type: ignore[arg-type]


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def boxes(svg: str) -> list[Box]:
    found = []
    for link in drawn(svg).iter(f"{SVG}a"):
        x, y = map(float, re.findall(r"-?[\d.]+", link.get("transform", "")))
        rect = next(link.iter(f"{SVG}rect"))
        name = link.get("href", "").split("/")[2]
        found.append(Box(name, x, y, float(rect.get("width", 0)), float(rect.get("height", 0))))
    return found


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Card], list[Tie]]:
    """Any graph, cycles and loops included."""
    names = draw(NAMES)
    cards = [card(name, draw(st.sampled_from("abz")), draw(st.sampled_from(["met", "missed"]))) for name in names]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names), st.booleans()), max_size=25))
    return cards, [Tie(*pair) for pair in pairs]


@given(trees())
def test_every_card_is_drawn_once_and_none_lies_on_another(tree: tuple[list[Card], list[Tie]]) -> None:
    cards, ties = tree
    svg = treeplot(cards, ties, LANES, title="x")
    found = boxes(svg)
    assert sorted(box.name for box in found) == sorted(one.name for one in cards)
    assert all(apart(one, other) for one, other in combinations(found, 2))
    root = drawn(svg)
    wide, high = float(root.get("width", 0)), float(root.get("height", 0))
    assert all(box.x >= 0 and box.x + box.width <= wide for box in found)
    assert all(box.y >= 0 and box.y + box.height <= high for box in found)


@given(trees())
def test_every_tie_is_drawn_once_by_its_kind(tree: tuple[list[Card], list[Tie]]) -> None:
    cards, ties = tree
    edges = [
        path.get("class", "").split() for path in drawn(treeplot(cards, ties, LANES, title="x")).iter(f"{SVG}path")
    ]
    pairs = {(tie.source, tie.target) for tie in ties if tie.source != tie.target}
    exact = {(tie.source, tie.target) for tie in ties if tie.exact and tie.source != tie.target}
    assert sum("tree-edge" in names for names in edges) == len(pairs)
    assert sum("exact" in names for names in edges) == len(exact)
    assert sum("influence" in names for names in edges) == len(pairs) - len(exact)


@given(trees())
def test_the_same_tree_is_drawn_the_same(tree: tuple[list[Card], list[Tie]]) -> None:
    assert treeplot(*tree, LANES, title="x") == treeplot(*tree, LANES, title="x")


def test_drivers_stand_to_the_right_of_what_they_drive() -> None:
    cards = [card(name) for name in ("outcome", "middle", "driver")]
    svg = treeplot(cards, [Tie("driver", "middle", False), Tie("middle", "outcome", True)], LANES, title="x")
    places = {box.name: box.x for box in boxes(svg)}
    assert places["outcome"] < places["middle"] < places["driver"]


def test_what_is_red_and_what_leads_to_it_is_told_apart() -> None:
    cards = [card("top", status="missed"), card("cause", status="missed"), card("fine"), card("far"), card("alone")]
    ties = [Tie("cause", "top", True), Tie("fine", "top", False), Tie("far", "fine", False), Tie("top", "alone", False)]
    root = drawn(treeplot(cards, ties, LANES, title="x"))
    edges = [path.get("class", "") for path in root.iter(f"{SVG}path") if "tree-edge" in path.get("class", "")]
    assert edges == [
        "tree-edge exact red",
        "tree-edge influence strong",
        "tree-edge influence strong",
        "tree-edge influence",
    ]
    calm = {link.get("href") for link in root.iter(f"{SVG}a") if "calm" in link.get("class", "").split()}
    assert calm == {"/metrics/alone/"}


def test_a_card_links_and_says_its_value_and_status() -> None:
    hostile = card("m0")._replace(label='<b>"A" & b', value="<i>", href='/metrics/m0/?a=1&b="2"')
    svg = treeplot([hostile, card("m1")], [Tie("m0", "m1", True)], LANES, title="A & <b>")
    link = next(drawn(svg).iter(f"{SVG}a"))
    assert link.get("href") == '/metrics/m0/?a=1&b="2"'
    assert link.get("aria-label") == '<b>"A" & b: <i>, met'
    assert "<b>" not in svg
    assert "style=" not in svg
    assert drawn(svg).get("aria-label") == "A & <b>"


def test_undefined_and_missing_data_are_said() -> None:
    cards = [card("m0", status="needs")._replace(value=""), card("m1", status="undefined")._replace(value="")]
    said = ["".join(text.itertext()) for text in drawn(treeplot(cards, [], LANES, title="x")).iter(f"{SVG}text")]
    assert {"needs data", "undefined"} <= set(said)


def test_closed_cards_and_measures_are_marked() -> None:
    svg = treeplot([card("m0", is_open=False), card("m1", kind="measure")], [], LANES, title="x")
    names = [link.get("class", "").split() for link in drawn(svg).iter(f"{SVG}a")]
    assert "closed" in names[0]
    assert "measure" in names[1]


def test_no_cards_are_no_error() -> None:
    assert treeplot([], [], LANES, title="x").startswith("<svg")


@pytest.mark.parametrize("seed", range(5))
def test_ordering_cuts_crossings(seed: int) -> None:
    """Against the order in which the nodes are given."""
    chance = random.Random(seed)
    left, right = ([f"{side}{n}" for n in range(14)] for side in "lr")
    edges = [(chance.choice(left), chance.choice(right)) for _ in range(24)]
    lanes = dict.fromkeys([*right, *left], 0)
    found = layout(lanes, edges, height=40, gap=8, between=20)
    height = {node.name: node.y for node in found.nodes}

    def crossings(place: dict[str, float]) -> int:
        return sum((place[a] - place[c]) * (place[b] - place[d]) < 0 for (a, b), (c, d) in combinations(set(edges), 2))

    given = {name: float(at) for at, name in enumerate([*right, *left])}
    assert crossings(height) <= 0.6 * crossings(given)


def test_an_edge_that_passes_a_column_goes_round_its_cards() -> None:
    lanes = {"top": 0, "a": 0, "b": 0, "far": 0}
    found = layout(lanes, [("a", "top"), ("b", "a"), ("far", "b"), ("far", "top")], height=40, gap=8, between=20)
    (route,) = [one for one in found.routes if (one.source, one.target) == ("far", "top")]
    assert [column for column, _ in route.points] == [0, 1, 2, 3]
    at = {node.name: node.y for node in found.nodes}
    assert abs(route.points[1][1] - at["a"]) >= (40 + 8 + PASSING) / 2 - 1e-6


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("Win rate", ("Win rate",)),
        ("Meeting-to-opportunity rate", ("Meeting-to-", "opportunity rate")),
        ("A" * 50, ("A" * 20, "A" * 19 + "…")),
    ],
)
def test_labels_fit_their_card(label: str, lines: tuple[str, ...]) -> None:
    assert wrapped(label) == lines
