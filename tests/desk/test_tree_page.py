"""The tree: every metric, drawn and as an outline that says the same; what is red and what that opens."""

import re
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.treeing import tree
from fairlead.workspace import Workspace
from tests.desk.reader import links, read, tables, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def drawn(html: str) -> set[str]:
    return set(re.findall(r'<a class="tree-card[^>]* href="/metrics/(\w+)/"', html))


def outlined(html: str) -> set[str]:
    found = [one for one in tables(html) if "Standing" in one.head]
    return {(row[0].href or "").split("/")[2] for one in found for row in one.rows}


def test_the_drawing_and_the_outline_hold_every_metric(page: "Client", company: Workspace) -> None:
    html = read(page, "/tree/")
    assert drawn(html) == outlined(html) == set(company.model.metrics.metrics)


def test_with_measures_they_hold_these_too(page: "Client", company: Workspace) -> None:
    html = read(page, "/tree/?measures=1")
    assert drawn(html) == outlined(html) == {node.name for node in tree(company).nodes}


def test_a_root_shows_what_leads_to_it_and_nothing_else(page: "Client", company: Workspace) -> None:
    """By brute force: every name from which a path of edges reaches the root."""
    edges = [(edge.source, edge.target) for edge in company.model.edges]
    above = {"pipeline_velocity"}
    for _ in edges:
        above |= {source for source, target in edges if target in above}
    html = read(page, "/tree/?root=pipeline_velocity&measures=1")
    assert drawn(html) == outlined(html) == above
    metrics = above & set(company.model.metrics.metrics)
    assert drawn(read(page, "/tree/?root=pipeline_velocity")) == metrics


def test_what_is_red_is_listed_with_what_it_opens(page: "Client", company: Workspace) -> None:
    found = tree(company)
    html = read(page, "/tree/")
    red = next(one for one in tables(html) if one.caption.startswith("Metrics that miss"))
    labels = {node.name: node.label for node in found.nodes}
    assert [row[0].text for row in red.rows] == [labels[name] for name in found.breached]
    for row, name in zip(red.rows, found.breached, strict=True):
        opened = [n.label for n in found.nodes if n.name in found.opened and name in n.opened_by]
        assert row[-1].text == ", ".join(opened)


def test_exact_and_influence_are_told_apart(page: "Client", company: Workspace) -> None:
    html = read(page, "/tree/?measures=1")
    joined = [edge for edge in company.model.edges if edge.source != edge.target]
    assert len(re.findall(r'class="tree-edge exact', html.split("tree-stage")[1])) == sum(e.exact for e in joined)
    assert "makes it, exactly" in text(html)


def test_the_root_is_offered_and_marked(page: "Client") -> None:
    html = read(page, "/tree/?root=win_rate")
    assert '<option value="win_rate" selected>Win rate</option>' in html
    assert "What leads to Win rate" in text(html)
    assert "/tree/" in links(html)
