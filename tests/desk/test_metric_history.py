"""A definition that changed: both versions on the page, the course under each, and what is not business told apart."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.syncing import sync
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import synced_company
from tests.desk.conftest import opened_desk
from tests.desk.reader import read, table, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

DEFINED = "Deals won, out of all deals won or lost, counted in the period in which they closed."
CHANGED = "Deals won above 5,000, out of all deals won or lost."


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Built with the starter's win rate; then with one that counts only deals above 5,000 as won."""
    workspace = synced_company(tmp_path_factory.mktemp("history") / "small")
    file = workspace.root / "model" / "metrics.yaml"
    before = file.read_text()
    after = before.replace(
        "where: is_won, at: closed_at, says: Deals won.",
        "where: is_won and amount > 5000, at: closed_at, says: Deals won.",
    )
    file.write_text(after.replace(DEFINED, CHANGED))
    workspace = open_workspace(workspace.root)
    sync(workspace)
    return workspace


@pytest.fixture
def opened(changed: Workspace) -> Iterator[Workspace]:
    with opened_desk(changed):
        yield changed


def test_both_definitions_are_told_newest_first(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    html = read(client, "/metrics/win_rate/")
    told = table(html, "Definitions of Win rate")
    assert [cell.text for cell in told.column("Definition")] == [CHANGED, DEFINED]
    assert told.column("Until")[0].text == "in force"
    assert "amount > 5000" in told.column("What changed")[0].text
    assert "under each definition" in text(html)


def test_what_the_definition_changed_is_no_business(client: "Client", bob: "User", changed: Workspace) -> None:
    """January had one win of 1,000 out of one: 100 % as reported, 0 % by today's definition."""
    client.force_login(bob)
    first = changed.lake.listed()[0].name
    html = read(client, f"/metrics/win_rate/why/?from=2026-01&to=2026-02&reported={first}")
    told = table(html, "What the record changed")
    row = next(row for row in told.rows if row[0].text.startswith("Definition changed"))
    assert float(row[told.head.index("Adds")].title or "nan") == -1.0
    assert f"Build {first} told 100.0% for Jan 2026; as the record knows it now, it is 0.0%" in text(html)


def test_two_definitions_of_one_day_are_told_apart_in_the_chart(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    html = read(client, "/metrics/win_rate/")
    figure = html[html.index('id="versions-win_rate"') :].partition("</figure>")[0]
    names = re.findall(r'<th scope="col" class="num">([^<]+)</th>', figure)
    assert len(names) == 2
    bare = {name.removeprefix("now, ") for name in names}
    assert len(bare) == 2
