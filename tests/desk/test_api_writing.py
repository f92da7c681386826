"""The REST API: what programs may write, and the description of all of it."""

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fairlead.workspace import Workspace
from tests.desk.programs import Get

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


# Disputes, which are written into the model.

DISPUTE = {"term": "win_rate", "says": "A merged deal is not lost.", "given": {"won": 1, "closed": 4}, "gives": 0.3333}


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch, company_desk: Workspace) -> list[dict[str, Any]]:
    """What was given to the verb, which writes nothing here: the company is everybody's."""
    from fairlead.actions.disputing import Contested
    from fairlead.desk.api import agreed
    from fairlead.model.decisions import Dispute
    from fairlead.problem import Where

    said: list[dict[str, Any]] = []

    def verb(workspace: Workspace, **given: Any) -> Dispute:
        said.append(given)
        return Dispute(term=given["term"], says=given["says"], raised_by=given["by"])

    def told(workspace: Workspace, term: str | None = None) -> tuple[Contested, ...]:
        made = [Dispute(term="win_rate", says=one["says"], raised_by=one["by"]) for one in said]
        return tuple(Contested(1, one, Where("model/decisions.yaml"), None, None, "Win rate") for one in made)

    monkeypatch.setattr(agreed, "raise_dispute", verb)
    monkeypatch.setattr(agreed, "contested", told)
    return said


def test_a_dispute_is_raised_in_the_name_of_whoever_asks(program: "Client", raised: list[dict[str, Any]]) -> None:
    given = program.post("/api/disputes", DISPUTE, content_type="application/json")
    assert given.status_code == 201, given.content
    assert given.json()["raised_by"] == "Bob Okafor"
    assert raised[0]["given"] == {"won": 1, "closed": 4}
    assert raised[0]["gives"] == 0.3333


def test_a_session_changes_nothing_without_its_form_token(
    company_desk: Workspace, bob: "User", raised: list[dict[str, Any]]
) -> None:
    from django.conf import settings
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)
    given = browser.post("/api/disputes", DISPUTE, content_type="application/json")
    assert (given.status_code, given.json()["problems"][0]["code"]) == (403, "form-expired")
    assert not raised
    browser.get("/account/")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    sent = {"x-csrftoken": token}
    assert browser.post("/api/disputes", DISPUTE, content_type="application/json", headers=sent).status_code == 201


UNREADABLE = (
    *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000),
    b'{"term": "win_rate"}',
    b'{"term": 1, "says": "x"}',
    b'{"term": "win_rate", "says": "x", "gives": 1e999}',
    b'{"term": "win_rate", "says": "x", "more": 1}',
    b'{"term": "win_rate", "says": "\\ud800"}',
    b'{"term": "win_rate", "says": "x", "given": {"won": NaN}}',
)


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_body_that_cannot_be_read_is_refused(program: "Client", raised: list[dict[str, Any]], body: bytes) -> None:
    given = program.post("/api/disputes", body, content_type="application/json")
    assert (given.status_code, given.json()["problems"][0]["code"]) == (422, "bad-parameter")
    assert not raised


def test_a_body_too_large_is_refused(program: "Client", raised: list[dict[str, Any]]) -> None:
    given = program.post("/api/disputes", b" " * 3_000_000, content_type="application/json")
    assert given.status_code in (400, 413)
    assert given.json()["problems"][0]["code"] == "bad-parameter"


@pytest.fixture
def waived(monkeypatch: pytest.MonkeyPatch, company_desk: Workspace) -> None:
    """Waivers, too, are given and taken back without being written down."""
    from fairlead.actions.waiving import Waived
    from fairlead.desk.api import waivers

    def verb(*_: Any, by: str, now: datetime, **given: Any) -> Waived:
        return Waived("desk:1", "opportunity", "x", "X", "discovery", "", given.get("reason", ""), by, now, None)

    monkeypatch.setattr(waivers, "give", verb)
    monkeypatch.setattr(waivers, "take_back", verb)


# The description.


def test_the_description_tells_every_refusal_with_its_shape(get: Get) -> None:
    for path, methods in get("/api/openapi.json")["paths"].items():
        for operation in methods.values():
            told = operation["responses"]
            assert {"401", "403", "405", "422"} <= set(told), path
            assert ("404" in told) == ("{" in path)
            for status, answer in told.items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Problems"}
            assert operation["summary"]
            assert operation["description"]
            assert all(one.get("description") for one in operation["parameters"]), path
            assert operation["security"] == [{"Token": []}, {"Session": []}]


def test_the_page_of_the_api_is_ours(program: "Client") -> None:
    from fairlead.desk.api.description import openapi

    page = program.get("/api/").content.decode()
    for path in openapi()["paths"]:
        assert path in page
    assert "http://testserver/api/metrics/win_rate/rows" in page
    assert "cdn" not in page


@pytest.mark.usefixtures("raised", "waived")
def test_every_curl_line_of_the_documentation_works(program: "Client") -> None:
    told = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"^curl .*$", told, re.MULTILINE)
    assert len(lines) > 15
    for line in lines:
        found = re.search(r'"http://127[.]0[.]0[.]1:8000([^"]+)"', line)
        assert found, line
        sent = re.search(r"-d '(.*)'", line)
        if sent:
            given = program.post(found[1], sent[1], content_type="application/json")
        else:
            given = program.get(found[1], headers={"accept": "text/csv"} if "text/csv" in line else {})
        assert given.status_code in (200, 201), (line, given.content[:300])
