"""The Cohorts page and what was lost on the Revenue page: every number with who is behind it, and the REST of both."""

import csv
import io
import json
import re
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from fairlead.actions.cohorts import CohortsTold, cohorts
from fairlead.actions.leaving import leaving
from fairlead.actions.pasts import Past, State
from fairlead.desk import earlier
from fairlead.workspace import Workspace
from tests.desk.reader import Cell, read, table, text, with_column

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")
ASKED = "?per=quarter&from=2025-Q1"


@pytest.fixture(scope="module")
def told(company: Workspace) -> CohortsTold:
    return cohorts(company, per="quarter", start="2025-Q1")


def behind(page: "Client", cell: Cell) -> str:
    return text(read(page, unescape(cell.href or "")))


def given(page: "Client", address: str) -> Any:
    return json.loads(page.get(address).content, parse_float=Decimal)


def file(page: "Client", address: str) -> list[dict[str, str]]:
    answer = page.get(address)
    whole = b"".join(answer) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"))))


def test_the_triangle_says_what_the_verb_says_and_each_cell_leads_to_its_customers(
    page: "Client", told: CohortsTold
) -> None:
    html = read(page, f"/cohorts/{ASKED}")
    shown = with_column(html, "Started with")
    assert [row[0].value for row in shown.rows] == [one.period for one in told.cohorts]
    for row, one in zip(shown.rows, told.cohorts, strict=True):
        cells = [cell for cell in row[3:] if cell.text]
        assert [float(cell.value or 0) for cell in cells] == [cell.share for cell in one.cells]
        assert [cell.text.endswith("~") for cell in cells] == [cell.is_running for cell in one.cells]
    one = max(told.cohorts, key=lambda one: one.customers)
    row = shown.rows[told.cohorts.index(one)]
    for at in (0, 1, len(one.cells) - 1):
        said = behind(page, row[3 + at])
        assert f"{one.customers} started with ${one.started:,.2f} a month." in said
        assert f"pay ${one.cells[at].kept:,.2f}" in said
        assert f"{one.cells[at].eligible} could have left by then" in said
    assert f"{told.young} cells are too young to tell" in text(html)
    together = table(html, "All together")
    assert [cell.text for cell in together.column("Too young")] == [str(age.young) for age in told.ages]
    cell = together.column("Kept")[2]
    kept = sum((one.cells[2].kept for one in told.cohorts[: told.ages[2].cohorts]), Decimal(0))
    assert f"pay ${kept:,.2f}" in behind(page, cell)


def test_the_customers_lead_to_their_movements_and_lines(page: "Client", company: Workspace, told: CohortsTold) -> None:
    one = told.cohorts[0]
    address = f"/cohorts/customers/{ASKED}&cohort={one.period}&age=3"
    shown = table(read(page, address), "Customers")
    assert sum(Decimal(cell.value or 0) for cell in shown.column("Kept")) == one.cells[3].kept
    logos = cohorts(company, per="quarter", start="2025-Q1", what="logos").cohorts[0]
    assert sum(cell.text.startswith("stayed") for cell in shown.column("Then")) == logos.cells[3].kept
    first = shown.rows[0]
    assert f"Movements: {first[0].text}" in behind(page, first[0])
    for name in ("Started with", "Kept"):
        cell = shown.column(name)[0]
        assert re.search(r"\b[1-9]\d* rows?\b", behind(page, cell)), name
    rows = file(page, f"/cohorts/customers.csv{ASKED}&cohort={one.period}&age=3")
    assert [row["account"] for row in rows] == [cell.text for cell in shown.column("Customer")]
    assert page.get(f"/cohorts/customers.xlsx{ASKED}").content[:2] == b"PK"


def test_values_of_a_dimension_stand_beside_each_other_and_lead_to_their_triangles(
    page: "Client", company: Workspace
) -> None:
    found = cohorts(company, per="quarter", start="2025-Q1", by="segment", what="logos")
    html = read(page, f"/cohorts/{ASKED}&by=segment&what=logos")
    shown = with_column(html, "Customers")
    values = {one.value for one in found.cohorts}
    assert {row[0].text for row in shown.rows} == values
    row = shown.rows[0]
    of = [one for one in found.cohorts if one.value == row[0].text]
    assert [cell.text for cell in row[1:3]] == [str(len(of)), str(sum(one.customers for one in of))]
    assert f"{row[2].text} started with" in behind(page, row[2])
    kept = with_column(html, "+2")
    at = next(line for line in kept.rows if line[0].text == row[0].text)[3]
    share = next(age.share for age in found.ages if (age.value, age.age) == (row[0].text, 2))
    assert float(at.value or 0) == share
    own = read(page, unescape(row[0].href or ""))
    assert f"Customers kept of each cohort, segment {row[0].text}" in own
    assert [one.value for one in with_column(own, "Started").column("Cohort")] == [one.period for one in of]
    assert "Segment" in text(own)


def test_cohorts_of_a_source_lead_to_customers_whose_rows_are_all_theirs(page: "Client", company: Workspace) -> None:
    """A renewal has no deal of its own, and is of the source that brought its customer."""
    whole, cut = (cohorts(company, per="quarter", start="2025-Q1", by=by).cohorts for by in (None, "source"))
    assert sum(one.started for one in cut) == sum(one.started for one in whole)
    most = max(cut, key=lambda one: one.customers)
    rows = file(page, f"/cohorts/customers.csv{ASKED}&by=source&value={most.value}&cohort={most.period}")
    assert len(rows) == most.customers
    html = read(page, f"/cohorts/customers/{ASKED}&by=source&value={most.value}&cohort={most.period}")
    kept = with_column(html, "Kept").column("Kept")[0]
    assert "opportunity.source" not in unescape(kept.href or "")


def test_the_pictures_are_drawn_live_and_still(page: "Client") -> None:
    for asked in (ASKED, f"{ASKED}&by=segment", f"{ASKED}&by=segment&value=smb&what=logos"):
        html = read(page, f"/cohorts/{asked}")
        (link,) = re.findall(r'data-chart="([^"]+)"', html)
        spec = json.loads(page.get(unescape(link)).content)
        drawn = [cell for data in spec["datasets"].values() for cell in data]
        cells = [c.text for row in with_column(html, "+1").rows for c in row if c.text.rstrip(" ~").endswith("%")]
        assert len(drawn) == len(cells) > 5
        assert page.get(unescape(link).replace(".json", ".svg")).content.startswith(b"<svg")
    assert page.get("/charts/cohorts/zz.json?scheme=light").status_code == 400


def test_files_hold_every_cell(page: "Client", told: CohortsTold) -> None:
    rows = file(page, f"/cohorts/table.csv{ASKED}")
    assert [float(row["kept"]) for row in rows] == [float(c.kept) for one in told.cohorts for c in one.cells]
    assert page.get(f"/cohorts/table.xlsx{ASKED}").content[:2] == b"PK"
    assert page.get("/cohorts/table.pdf").status_code == page.get("/cohorts/customers.pdf").status_code == 404


WRONGLY = (
    "?per=week", "?what=zz", "?by=nonsense", "?from=never", "?known_at=never", "?from=2026-05&to=2026-01",
    "customers/?cohort=1999-01", "customers/?age=x", "customers/?age=999", "customers/?page=x",
    f"customers/{ASKED}&cohort=2025-Q1&age=99",
)  # fmt: skip


@pytest.mark.parametrize("asked", WRONGLY)
def test_what_cannot_be_asked_is_refused(page: "Client", asked: str) -> None:
    assert page.get(f"/cohorts/{asked}").status_code == 400


def test_nobody_started_and_an_earlier_day_that_is_not_made(page: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nobody started to pay in that time." in read(page, "/cohorts/?from=2019-01&to=2019-03")
    empty = read(page, "/cohorts/?from=2019-01&to=2019-03&as_of=2026-10-31")
    assert "up to Sat, Oct 31, 2026. Choose other months above, or look as of a later day." in text(empty)
    monkeypatch.setattr(earlier, "past", lambda _, day: Past(day, State.ABSENT))
    for address in ("/cohorts/", "/cohorts/customers/"):
        assert "It is not made yet" in read(page, f"{address}?as_of=2026-02-28")


def test_what_was_lost_stands_on_the_revenue_page_with_its_movements(page: "Client", company: Workspace) -> None:
    found = leaving(company, start="2025-11", end="2026-10")
    html = read(page, "/revenue/?from=2025-11&to=2026-10")
    shown = table(html, "For which reasons")
    assert [(row[4].value, row[3].text) for row in shown.rows] == [
        (str(one.money), str(one.customers)) for one in found.lost
    ]
    for row, one in zip(shown.rows, found.lost, strict=True):
        moved = table(read(page, unescape(row[4].href or "")), "Rows of").column("Amount converted")
        assert -sum(Decimal(cell.value or 0) for cell in moved) == one.money
    worth = found.lifetime
    assert worth.value
    assert f'title="${worth.value:,.2f}"' in html
    assert f'title="${worth.low or 0:,.2f}"' in html
    assert "A customer is worth" in text(html)
    assert "A customer is worth" not in text(read(page, "/revenue/?from=2026-05&lens=chartmogul"))


def test_charlie_sees_none_of_it(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    for address in (
        "/cohorts/", "/cohorts/customers/", "/cohorts/table.csv", "/cohorts/customers.csv", "/api/cohorts",
        "/charts/cohorts/revenue.svg?scheme=light", "/api/cohorts/customers", "/api/churn",
    ):  # fmt: skip
        assert client.get(address).status_code == 403, address


def test_the_api_says_the_same_as_the_verbs(page: "Client", company: Workspace, told: CohortsTold) -> None:
    shown = given(page, f"/api/cohorts{ASKED}")
    assert shown["young"] == told.young
    assert [[c["kept"] for c in one["cells"]] for one in shown["cohorts"]] == [
        [cell.kept for cell in one.cells] for one in told.cohorts
    ]
    one = told.cohorts[1]
    whole = given(page, f"/api/cohorts/customers{ASKED}&cohort={one.period}&age=2&limit=500")
    assert whole["total"] == one.customers
    assert sum(row["kept"] for row in whole["items"]) == one.cells[2].kept
    assert sum(row["is_free"] for row in whole["items"]) == one.cells[2].eligible
    left = leaving(company)
    churn = given(page, "/api/churn")
    assert [row["money"] for row in churn["lost"]] == [row.money for row in left.lost]
    assert float(churn["lifetime"]["value"]) == pytest.approx(left.lifetime.value)
    for wrong in ("cohorts?per=week", "cohorts/customers?cohort=1999", "churn?from=soon"):
        assert page.get(f"/api/{wrong}").status_code == 400
