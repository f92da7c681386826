"""The page of reconciliation, its files and its API: the verb's numbers, each leading to the rows it adds up."""

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.reconciling import Reconciled, reconcile
from fairlead.workspace import Workspace
from tests.desk.reader import read, table, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")
SENT = ("/reconciliation/", "/reconciliation/open-items.csv", "/reconciliation/bridge.xlsx", "/api/reconciliation")


@pytest.fixture(scope="module")
def found(company: Workspace) -> Reconciled:
    return reconcile(company)


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def test_the_bridge_stands_on_the_page_and_its_numbers_lead_to_their_rows(page: "Client", found: Reconciled) -> None:
    html = read(page, "/reconciliation/")
    shown = table(html, "From the CRM to billing")
    wanted = [found.crm.total, *(step.money for step in found.bridge), found.billing.total]
    assert [row[2].value for row in shown.rows] == [str(money) for money in wanted]
    counts = ((0, found.crm.rows), (1, found.bridge[0].rows), (-1, found.billing.rows))
    for row, rows in ((shown.rows[place], count) for place, count in counts):
        said = re.search(r"([\d,]+) rows?\b", text(read(page, row[1].href or "")))
        assert said
        assert int(said[1].replace(",", "")) == rows
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/builds/[^"]+reconcil[^"]*)"', html)}
    assert len(links) > 8
    assert {page.get(link).status_code for link in links} == {200}


def test_open_items_are_of_the_kind_and_the_owner_asked_for(page: "Client", found: Reconciled) -> None:
    first = found.items[0]
    html = read(page, f"/reconciliation/?kind={first.kind}&owner={first.owner}")
    wanted = [one for one in found.items if (one.kind, one.owner) == (first.kind, first.owner)]
    assert [row[5].value for row in table(html, "Open items").rows] == [str(one.money) for one in wanted]
    assert len(table(read(page, "/reconciliation/?all=yes"), "Open items").rows) == len(found.items)


def test_the_page_begins_with_a_few_open_items_and_leads_to_all(
    page: "Client", found: Reconciled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.desk.pages.reconciliation.FEW", 3)
    owner = next(one.owner for one in found.items if one.owner)
    theirs = [one for one in found.items if one.owner == owner]
    for asked, items in (("", list(found.items)), (f"?owner={owner}", theirs)):
        html = read(page, f"/reconciliation/{asked}")
        assert [row[5].value for row in table(html, "Open items").rows] == [str(one.money) for one in items[:3]]
        link = re.search(rf'The 3 largest. <a href="([^"]+)">All {len(items):,}</a>', html)
        assert (link is not None) is (len(items) > 3)
        if link:
            whole = read(page, unescape(link[1]).partition("#")[0])
            assert len(table(whole, "Open items").rows) == len(items)
            assert "largest. <a" not in whole


def test_what_there_is_not_is_refused(page: "Client") -> None:
    for wrong in ("?kind=nope", "?owner=Nobody+at+all", "?as_of=never"):
        assert page.get(f"/reconciliation/{wrong}").status_code == 400, wrong
        assert page.get(f"/api/reconciliation{wrong}").status_code == 400, wrong
    assert page.get("/reconciliation/nothing.csv").status_code == 404
    assert page.get("/reconciliation/bridge.pdf").status_code == 404


def test_the_files_and_the_api_say_what_the_verb_says(page: "Client", found: Reconciled) -> None:
    said = page.get("/reconciliation/open-items.csv?kind=wrong_amount").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(said)))
    assert [row["entry"] for row in rows] == [one.entry for one in found.items if one.kind == "wrong_amount"]
    bridge = list(csv.DictReader(io.StringIO(page.get("/reconciliation/bridge.csv").content.decode("utf-8-sig"))))
    assert (bridge[0]["money"], bridge[-1]["money"]) == (str(found.crm.total), str(found.billing.total))
    told = page.get("/api/reconciliation").json()
    assert [one["entry"] for one in told["items"]] == [one.entry for one in found.items]
    assert told["crm"]["unexplained"] == 0
    assert told["crm"]["total"] == float(found.crm.total)


def test_what_was_known_by_a_day_is_asked_for_on_the_page(page: "Client") -> None:
    assert '<input type="date" name="known_at" value="">' in read(page, "/reconciliation/")
    html = read(page, "/reconciliation/?known_at=2999-01-01")
    assert "From what was known by 2999-01-01." in text(html)
    assert '<input type="date" name="known_at" value="2999-01-01">' in html
    assert "/reconciliation/open-items.csv?known_at=2999-01-01" in html
    for address in ("/reconciliation/", "/reconciliation/open-items.csv"):
        assert page.get(f"{address}?known_at=2999-01-01").status_code == 200
        assert page.get(f"{address}?known_at=never").status_code == 400
        assert "Nothing was known" in page.get(f"{address}?known_at=2001-01-01").content.decode()


def test_charlie_may_not(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    assert {client.get(address).status_code for address in SENT} == {403}
