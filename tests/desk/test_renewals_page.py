"""The page of renewals, its files and its API: the verb's numbers, each leading to the rows it adds up."""

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.renewing import Renewals, renewals
from fairlead.picture.wording import day_words
from fairlead.workspace import Workspace
from tests.desk.reader import read, table, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")
SENT = ("/renewals/", "/renewals/renewals.csv", "/renewals/calendar.xlsx", "/api/renewals")


@pytest.fixture(scope="module")
def found(company: Workspace) -> Renewals:
    return renewals(company)


def test_the_calendar_stands_on_the_page_and_its_numbers_lead_to_their_rows(page: "Client", found: Renewals) -> None:
    html = read(page, "/renewals/")
    shown = table(html, "Calendar")
    wanted = [*found.months, found.total]
    assert [row[2].value for row in shown.rows] == [str(one.due) for one in wanted]
    assert [row[8].value or "" for row in shown.rows] == [
        str(one.expected.low) if one.expected else "" for one in wanted
    ]
    for row, one in zip(shown.rows[-2:], wanted[-2:], strict=True):
        said = re.search(r"([\d,]+) rows?\b", text(read(page, row[1].href or "")))
        assert said
        assert int(said[1].replace(",", "")) == one.renewals
    ahead = [cell.href for row in shown.rows for cell in row[7:11] if cell.value]
    assert ahead == ["#rates"] * len(ahead) != [], "what is expected is no sum of rows: it leads to its rates"
    assert 'id="rates"' in html
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/builds/[^"]+renewal[^"]*)"', html)}
    chosen = sorted(links)[:: max(1, len(links) // 25)]
    assert len(chosen) > 10
    assert {page.get(link).status_code for link in chosen} == {200}


def test_coming_renewals_are_of_the_risk_and_the_owner_asked_for(
    page: "Client", found: Renewals, company: Workspace
) -> None:
    still = [one for one in found.items if one.outcome == "open"]
    shown = table(read(page, "/renewals/?all=yes"), "Coming renewals")
    assert [row[4].value for row in shown.rows] == [str(one.mrr_due) for one in still]
    due = [row[1] for row in shown.rows]
    assert [(one.text, one.value) for one in due] == [
        (day_words(one.due_on, company.manner), one.due_on.isoformat()) for one in still
    ]
    owner = still[0].owner
    html = read(page, f"/renewals/?owner={owner}&risk=only")
    risky = [one for one in still if one.owner == owner and one.is_at_risk]
    rows = table(html, "Coming renewals").rows if risky else []
    assert len(rows) == len(risky)
    assert "Only those at risk and of" in text(html)


def test_the_page_begins_with_the_next_ones_and_leads_to_all(
    page: "Client", found: Renewals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.desk.pages.renewals.FEW", 3)
    count = sum(one.outcome == "open" for one in found.items)
    html = read(page, "/renewals/")
    assert len(table(html, "Coming renewals").rows) == 3
    link = re.search(rf'The next 3. <a href="([^"]+)">All {count:,}</a>', html)
    assert link
    assert len(table(read(page, unescape(link[1]).partition("#")[0]), "Coming renewals").rows) == count


def test_why_it_was_not_renewed_leads_to_the_renewals_and_files_keep_the_time(
    page: "Client", company: Workspace
) -> None:
    told = renewals(company, start="2024-01", end="2026-10")
    html = read(page, "/renewals/?from=2024-01&to=2026-10")
    shown = table(html, "Why it was not renewed")
    assert [(row[1].text, row[2].value, row[3].value) for row in shown.rows] == [
        (one.reason or "not said", str(one.renewals), str(one.lost)) for one in told.reasons
    ]
    assert shown.rows
    for row, one in zip(shown.rows, told.reasons, strict=True):
        said = re.search(r"([\d,]+) rows?\b", text(read(page, row[2].href or "")))
        assert said
        assert int(said[1].replace(",", "")) == one.renewals
    link = re.search(r'href="([^"]*/renewals.csv[^"]*)"', html)
    assert link
    rows = csv.DictReader(io.StringIO(page.get(unescape(link[1])).content.decode("utf-8-sig")))
    assert [row["due_on"] for row in rows] == [str(one.due_on) for one in told.items]


def test_what_there_is_not_is_refused(page: "Client") -> None:
    for wrong in ("?owner=Nobody+at+all", "?as_of=never", "?from=soon", "?from=2027&to=2026"):
        assert page.get(f"/renewals/{wrong}").status_code == 400, wrong
        assert page.get(f"/api/renewals{wrong}").status_code == 400, wrong
    assert page.get("/renewals/?risk=some").status_code == 400
    assert page.get("/renewals/nothing.csv").status_code == 404
    assert page.get("/renewals/calendar.pdf").status_code == 404


def test_the_files_and_the_api_say_what_the_verb_says(page: "Client", found: Renewals) -> None:
    said = csv.DictReader(io.StringIO(page.get("/renewals/renewals.csv").content.decode("utf-8-sig")))
    assert [row["mrr_due"] for row in said] == [str(one.mrr_due) for one in found.items]
    calendar = csv.DictReader(io.StringIO(page.get("/renewals/calendar.csv").content.decode("utf-8-sig")))
    assert [row["month"] for row in calendar] == [one.month for one in found.months]
    told = page.get("/api/renewals").json()
    assert told["total"]["due"] == float(found.total.due)
    assert [one["account_id"] for one in told["items"]] == [one.account_id for one in found.items]
    assert [one["low"] for one in told["rates"]] == pytest.approx([one.interval.low for one in found.rates])


def test_what_was_known_by_a_day_is_asked_for_on_the_page(page: "Client") -> None:
    assert '<input type="date" name="known_at" value="">' in read(page, "/renewals/")
    html = read(page, "/renewals/?known_at=2999-01-01")
    assert "From what was known by 2999-01-01." in text(html)
    assert '<input type="date" name="known_at" value="2999-01-01">' in html
    assert "/renewals/renewals.csv?known_at=2999-01-01" in html
    for address in ("/renewals/", "/renewals/renewals.csv"):
        assert page.get(f"{address}?known_at=2999-01-01").status_code == 200
        assert page.get(f"{address}?known_at=never").status_code == 400
        assert "Nothing was known" in page.get(f"{address}?known_at=2001-01-01").content.decode()


def test_charlie_may_not(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    assert {client.get(address).status_code for address in SENT} == {403}
