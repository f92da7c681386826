"""Lifecycle and stage pages: the way across functions, the flow with its leaks, every number with its rows."""

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.lifecycle import funnel
from fairlead.workspace import Workspace
from tests.desk.reader import read

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def test_r22_the_lifecycle_shows_who_does_what_and_the_flow_with_its_leaks(page: "Client", company: Workspace) -> None:
    html = read(page, "/lifecycle/")
    for step in company.model.lifecycle.funnel.values():
        assert step.label in html
    drawing = html[html.index('<svg class="flow"') : html.index("</svg>", html.index('<svg class="flow"'))]
    found = funnel(company)
    for stage in company.model.stages:
        assert stage.title in drawing
        assert f"/lifecycle/{stage.name}/" in drawing
    assert drawing.count("moved on") == sum(c.conversion is not None for c in found.counts)
    assert drawing.count(" left<") == len(found.leaks)
    assert "left_at+is+null" in drawing


OTHERWISE = (
    "?flow=sales",
    "?mode=period&per=quarter",
    "?by=source",
    "?preset=four_stages",
    "?flow=sales&by=owner.name",
)
WRONGLY = {"?flow=x": 400, "?by=nonsense": 400, "?from=never": 400, "?preset=x": 400, "nonsense/": 404}


@pytest.mark.parametrize("asked", OTHERWISE)
def test_the_lifecycle_can_be_asked_otherwise(page: "Client", asked: str) -> None:
    html = read(page, f"/lifecycle/{asked}")
    assert "Where money leaves" in html
    assert 'class="num" data-value' in html


@pytest.mark.parametrize(("asked", "status"), WRONGLY.items())
def test_what_cannot_be_asked_is_refused(page: "Client", asked: str, status: int) -> None:
    assert page.get(f"/lifecycle/{asked}").status_code == status


def test_a_number_leads_to_the_stays_it_counts(page: "Client", company: Workspace) -> None:
    html = read(page, "/lifecycle/")
    standing = dict(funnel(company).standing)
    drawing = html[html.index('<svg class="flow"') :]
    links = re.findall(r'<a class="flow-figure" href="([^"]+)" aria-label="([\d,]+) in ', drawing)
    assert [int(n.replace(",", "")) for _, n in links] == [standing[s.name] for s in company.model.stages]
    link, number = links[2]
    rows = read(page, unescape(link))
    assert re.search(rf"{number} rows?</a>", rows)


@pytest.mark.parametrize("name", ["marketing_qualified", "mql", "closed_won", "proposal", "adopted"])
def test_a_stage_says_what_was_agreed_and_how_it_runs(page: "Client", name: str) -> None:
    html = read(page, f"/lifecycle/{name}/")
    for title in ("Agreed", "How it runs", "Time in stage", "Where they come from, and where they go", "Stuck"):
        assert title in html
    assert "In it now" in html


def test_charlie_sees_neither(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    for address in ("/lifecycle/", "/lifecycle/mql/", "/api/funnel", "/api/lifecycle/mql"):
        assert client.get(address).status_code == 403, address


def test_the_api_says_the_same_as_the_verb(page: "Client", company: Workspace) -> None:
    given = page.get("/api/funnel?flow=sales&by=source&mode=period").json()
    found = funnel(company, flow="sales", by="source", cohort=False)
    assert [(c["cut"], c["step"], c["reached"], c["advanced"]) for c in given["counts"]] == [
        (c.cut, c.step, c.reached, c.advanced) for c in found.counts
    ]
    assert given["as_of"].startswith(f"{found.as_of:%Y-%m-%d}")
    stage = page.get("/api/lifecycle/mql").json()
    assert (stage["name"], stage["flow"]) == ("marketing_qualified", "lifecycle")
    assert page.get("/api/lifecycle/nonsense").status_code == 404
    assert page.get("/api/funnel?preset=nonsense").status_code == 400


def test_a_leak_leads_to_the_stays_that_ended_other_than_forward(page: "Client", company: Workspace) -> None:
    html = read(page, "/lifecycle/?flow=sales")
    leak = next(one for one in funnel(company, flow="sales").leaks if one.stage == "negotiation")
    table = html[html.index('data-name="leaks"') :]
    found = re.search(rf'>Negotiation</a></th><td[^>]*><a class="figure" href="([^"]+)"[^>]*>{leak.left}</a>', table)
    assert found
    rows = read(page, unescape(found[1]))
    assert re.search(rf"{leak.left} rows?</a>", rows)
