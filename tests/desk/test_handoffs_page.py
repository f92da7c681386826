"""The pages of handoffs, their file and their API: the same numbers as the verb, each leading to its rows."""

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.handing import handoffs
from fairlead.actions.pricing import seen
from fairlead.workspace import Workspace
from tests.actions.companies import synced_company
from tests.desk.reader import read

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """In place of the demo company: a small one, with two deals won."""
    return synced_company(tmp_path_factory.mktemp("handed") / "small")


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def test_all_handoffs_are_on_the_page_and_their_numbers_lead_to_their_rows(page: "Client", company: Workspace) -> None:
    html = read(page, "/handoffs/")
    found = handoffs(seen(company))
    for one in found.handoffs:
        assert f'href="/handoffs/{one.name}/"' in html
    billing = next(one for one in found.handoffs if one.name == "closed_won_to_billing")
    assert billing.handed == 2  # d1 and d3; d6 has no account
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/builds/[^"]+mart\.handoff[^"]*)"', html)]
    assert links
    rows = next(link for link in links if link.endswith("where=handoff+%3D+%27closed_won_to_billing%27"))
    assert "2 rows" in re.sub(r"<[^>]+>", "", read(page, rows))
    for link in dict.fromkeys(links):
        assert page.get(link).status_code == 200, link


def test_a_page_of_one_handoff_shows_the_agreement_side_by_side(page: "Client") -> None:
    html = read(page, "/handoffs/closed_won_to_onboarding/")
    assert "Sales to customer success" in html
    assert "What was agreed" in html
    assert '<dl class="stamp"' in html
    assert "no column shows it" in read(page, "/handoffs/closed_won_to_billing/")


def test_an_unknown_handoff_is_not_found_and_a_wrong_day_is_refused(page: "Client") -> None:
    assert page.get("/handoffs/nope/").status_code == 404
    assert page.get("/handoffs/?from=never").status_code == 400
    assert page.get("/api/handoffs/nope").status_code == 404
    assert "It is not made yet" in read(page, "/handoffs/?as_of=2026-02-28")


def test_gaps_are_kept_as_a_file(page: "Client", company: Workspace) -> None:
    text = page.get("/handoffs/gaps.csv").content.decode("utf-8-sig")
    rows = [(row["handoff"], row["gap"]) for row in csv.DictReader(io.StringIO(text))]
    assert rows == [(gap.handoff, gap.gap) for gap in handoffs(seen(company)).gaps]
    assert page.get("/handoffs/gaps.xlsx").content[:2] == b"PK"
    assert page.get("/handoffs/gaps.pdf").status_code == 404


def test_the_api_tells_what_the_verb_does(page: "Client", company: Workspace) -> None:
    told = page.get("/api/handoffs").json()
    found = handoffs(seen(company))
    assert [(one["name"], one["handed"]) for one in told["handoffs"]] == [(o.name, o.handed) for o in found.handoffs]
    assert (told["worst"], told["reason"], told["build"]) == (found.worst, found.reason, found.build)
    one = page.get("/api/handoffs/closed_won_to_billing").json()
    assert [item["item"] for item in one["package"]] == ["scope", "billing_terms", "billing_contact"]
    assert page.get("/api/early-churn").json()["churned"] == []


def test_how_handoffs_ran_is_kept_as_a_file(page: "Client", company: Workspace) -> None:
    text = page.get("/handoffs/handoffs.csv?from=2026-02").content.decode("utf-8-sig")
    found = handoffs(seen(company, start="2026-02")).handoffs
    assert [(row["name"], int(row["handed"])) for row in csv.DictReader(io.StringIO(text))] == [
        (one.name, one.handed) for one in found
    ]
    assert page.get("/handoffs/nothing.csv").status_code == 404


def test_charlie_sees_none_of_it(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    pages = ("/handoffs/", "/handoffs/mql_to_sql/", "/handoffs/gaps.csv", "/handoffs/handoffs.xlsx")
    for address in (*pages, "/api/handoffs", "/api/handoffs/mql_to_sql", "/api/early-churn"):
        assert client.get(address).status_code == 403, address
