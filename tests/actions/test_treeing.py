"""The tree as it stands: the same numbers as `ask`, and the diagnostic branches that a red metric opens."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.standing import Status
from fairlead.actions.treeing import Node, Tree, leading, tree
from fairlead.model.whole import Edge
from fairlead.workspace import Workspace
from tests.actions.companies import small_company, synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("tree") / "small", now=NOW)


@pytest.fixture(scope="module")
def grown(company: Workspace) -> Tree:
    return tree(company, now=NOW)


def by_name(found: Tree) -> dict[str, Node]:
    return {node.name: node for node in found.nodes}


def test_values_are_those_of_the_last_whole_month(company: Workspace, grown: Tree) -> None:
    nodes = by_name(grown)
    assert {node.period for node in grown.nodes} == {"2026-03"}
    rows = ask(company, ["won", "win_rate", "bookings"], per="month", start="2026-02", now=NOW).table.to_pylist()
    for row in rows:
        node = nodes[row["metric"]]
        assert row["value"] == (node.value if row["period"] == "2026-03" else node.previous)


def test_every_edge_ends_at_nodes_and_measures_are_among_them(company: Workspace, grown: Tree) -> None:
    nodes = by_name(grown)
    assert grown.edges == company.model.edges
    assert {end for edge in grown.edges for end in (edge.source, edge.target)} <= nodes.keys()
    assert set(company.model.metrics.metrics) <= nodes.keys()
    assert (nodes["won"].kind, nodes["won"].status, nodes["won"].trend) == ("measure", Status.NO_TARGET, None)
    assert nodes["nrr"].status is Status.NEEDS


def test_a_red_metric_opens_the_diagnostic_ones_that_lead_to_it(grown: Tree) -> None:
    nodes = by_name(grown)
    reached = leading(grown.edges)
    assert set(grown.breached) == {node.name for node in grown.nodes if node.status is Status.MISSED}
    for node in grown.nodes:
        above = set(grown.breached) & reached.get(node.name, frozenset())
        assert set(node.opened_by) == above
        if node.tier == 3 or node.kind == "measure":
            assert node.is_open == bool(above)
        else:
            assert node.is_open
    assert set(grown.opened) == {n.name for n in grown.nodes if n.tier == 3 and n.is_open}
    assert nodes["win_rate"].target == "at least 22.0%"


def test_what_leads_to_what_through_others_and_round_in_circles() -> None:
    edges = [Edge("a", "b", True), Edge("b", "c", False), Edge("c", "b", False), Edge("x", "a", True)]
    assert leading(edges) == {
        "a": {"b", "c"}, "b": {"c"}, "c": {"b"}, "x": {"a", "b", "c"},
    }  # fmt: skip


def test_before_the_first_build_it_is_drawn_without_numbers(tmp_path: Path) -> None:
    found = tree(small_company(tmp_path / "fresh"), now=NOW)
    assert found.build is None
    assert found.nodes
    assert {node.value for node in found.nodes} == {None}
    assert found.opened == ()
