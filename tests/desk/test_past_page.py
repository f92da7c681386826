"""The scoreboard of an earlier day: offered, made in the background, shown. In a browser: test_frame_browser.py."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairlead.actions import pasts
from fairlead.actions.pasts import State, make, past
from fairlead.workspace import Workspace
from tests.actions.companies import synced_company

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

FEBRUARY = date(2026, 2, 28)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """In place of the demo company: a small one, whose builds are made in a second."""
    return synced_company(tmp_path_factory.mktemp("past") / "small")


def test_an_earlier_day_is_offered_made_and_shown(client: "Client", company_desk: Workspace, bob: "User") -> None:
    client.force_login(bob)
    page = client.get("/", {"as_of": "2026-02"}).content.decode()
    assert "It is not made yet" in page
    assert 'name="day" value="2026-02-28"' in page
    assert past(company_desk, FEBRUARY).state is State.ABSENT  # looking makes nothing
    answer = client.post("/as-of/", {"day": "2026-02-28"})
    assert (answer.status_code, answer["Location"]) == (302, "/?as_of=2026-02-28")
    while past(company_desk, FEBRUARY).state is State.MAKING:
        assert client.get("/", {"as_of": "2026-02-28"}).status_code == 200
    html = client.get("/", {"as_of": "2026-02-28"}).content.decode()
    assert "Sat, Feb 28, 2026" in html
    assert 'id="win_rate"' in html
    assert client.get("/as-of/").status_code == 302


def test_a_day_before_the_record_begins_is_not_offered(client: "Client", company_desk: Workspace, bob: "User") -> None:
    client.force_login(bob)
    for address in ("/", "/tree/", "/follow-up/"):
        answer = client.get(address, {"as_of": "2026-01-04"})
        assert answer.status_code == 400, address
        assert "Nothing is known before 2026-01-05" in answer.content.decode()
        assert "It is not made yet" in client.get(address, {"as_of": "2026-01-05"}).content.decode()
    assert client.post("/as-of/", {"day": "2026-01-04"}).status_code == 400


def test_a_day_that_could_not_be_made_says_why_and_can_be_tried_again(
    client: "Client", company_desk: Workspace, bob: "User", monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Path:
        raise OSError("No space left on device")

    monkeypatch.setattr(pasts, "of_the_past", broken)
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    client.force_login(bob)
    make(company_desk, date(2026, 1, 31))
    while past(company_desk, date(2026, 1, 31)).state is State.MAKING:
        pass
    page = client.get("/", {"as_of": "2026-01-31"}).content.decode()
    for says in ("could not be made", "No space left on device", "Try again"):
        assert says in page


def test_charlie_can_make_none(client: "Client", company_desk: Workspace, charlie: "User") -> None:
    client.force_login(charlie)
    assert client.post("/as-of/", {"day": "2026-01-15"}).status_code == 403
    assert past(company_desk, date(2026, 1, 15)).state is State.ABSENT
