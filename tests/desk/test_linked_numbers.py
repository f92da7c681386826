"""Numbers lead to what is behind them, pages say how fresh they are, and files hold the scores."""

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.pasts import State, past
from fairlead.actions.scoreboard import scoreboard
from fairlead.workspace import Workspace
from tests.actions.companies import synced_company
from tests.desk.reader import read

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """In place of the demo company: a small one."""
    return synced_company(tmp_path_factory.mktemp("linked") / "small")


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def test_tree_and_follow_up_say_how_fresh_their_sources_are(page: "Client") -> None:
    for address in (
        "/tree/",
        "/follow-up/",
        "/metrics/win_rate/why/",
        "/metrics/win_rate/rows/",
        "/dictionary/win_rate/",
    ):
        stamp = read(page, address).partition('<dl class="stamp"')[2].partition("</dl>")[0]
        assert re.search(r'<dt>Sources</dt><dd title="[^"]+"><a[^>]* href="/sources/">', stamp), address


@pytest.mark.parametrize("address", ["/tree/", "/follow-up/"])
def test_an_earlier_day_that_is_not_made_is_offered(page: "Client", company: Workspace, address: str) -> None:
    assert 'name="as_of"' in read(page, address)
    html = read(page, f"{address}?as_of=2026-02-28")
    assert "It is not made yet" in html
    assert past(company, date(2026, 2, 28)).state is State.ABSENT
    assert page.get(f"{address}?as_of=never").status_code == 400


def test_the_scoreboard_is_kept_as_a_file(page: "Client", company: Workspace) -> None:
    assert "/scoreboard.csv" in read(page, "/")
    text = page.get("/scoreboard.csv").content.decode("utf-8-sig")
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(text))}
    for score in scoreboard(company).scores:
        given = rows[score.metric]["value"]
        assert (None if given == "" else float(given)) == (None if score.value is None else float(score.value))
    assert page.get("/scoreboard.xlsx").content[:2] == b"PK"
    assert page.get("/scoreboard.pdf").status_code == 404
    answer = page.get("/scoreboard.csv?as_of=2026-02-28")
    assert (answer.status_code, answer["Location"]) == (302, "/?as_of=2026-02-28")
