"""Before anything was built the pages say what to do, and nothing is counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.starting import init
from fairlead.workspace import Workspace
from tests.desk.conftest import opened_desk
from tests.desk.reader import text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Workspace]:
    """The desk of a company that has just begun: the starter model, and no build."""
    workspace = init(tmp_path / "new", company="Just Begun")
    with opened_desk(workspace):
        yield workspace


@pytest.mark.parametrize(
    "address",
    [
        "/metrics/win_rate/",
        "/metrics/win_rate/why/",
        "/metrics/win_rate/rows/",
        "/tree/",
        "/follow-up/",
        "/lifecycle/adopted/",
        "/revenue/",
        "/cohorts/",
    ],
)
def test_a_company_that_built_nothing_is_told_how(client: "Client", bob: "User", address: str) -> None:
    client.force_login(bob)
    answer = client.get(address)
    assert answer.status_code == 200
    said = text(answer.content.decode())
    assert "Nothing has been built yet" in said
    assert "fairlead sync" in said


def test_a_handoff_that_nobody_agreed_is_not_found_before_the_first_build_either(
    client: "Client", bob: "User", opened: Workspace
) -> None:
    client.force_login(bob)
    known = next(iter(opened.model.handoffs.handoffs))
    assert client.get(f"/handoffs/{known}/").status_code == 200
    assert client.get("/handoffs/nosuch/").status_code == 404


def test_a_stage_that_nobody_agreed_is_not_found_before_the_first_build_either(
    client: "Client", bob: "User", opened: Workspace
) -> None:
    client.force_login(bob)
    assert client.get("/lifecycle/nosuch/").status_code == 404


@pytest.mark.parametrize("file", ["series.csv", "rows.xlsx", "why.csv"])
def test_its_files_are_not_there_yet(client: "Client", bob: "User", file: str) -> None:
    client.force_login(bob)
    answer = client.get(f"/metrics/win_rate/{file}")
    assert answer.status_code == 404
    assert "Nothing has been built yet" in text(answer.content.decode())
