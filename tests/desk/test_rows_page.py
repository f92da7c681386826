"""The records behind a number: every one once, from page to page, and all of them in a file."""

import io
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from fairlead.actions.asking import Asked, ask
from fairlead.actions.explaining import rows_behind
from fairlead.workspace import Workspace
from tests.desk.reader import links, read, table, text
from tests.desk.test_metric_pages import body

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def test_the_records_are_those_behind_the_number(page: "Client", company: Workspace) -> None:
    given = rows_behind(company, Asked(("win_rate",), start="2026-09", end="2026-10"))["closed"].to_pylist()
    html = read(page, "/metrics/win_rate/rows/?from=2026-09&to=2026-10&measure=closed")
    shown = table(html, "Records 1 to")
    assert [cell.text for cell in shown.column("ID")] == [row["id"] for row in given]
    assert [cell.text for cell in shown.column("File and line")] == [row["place"] for row in given]
    count = ask(company, "closed", start="2026-09", end="2026-10").table["value"].to_pylist()[0]
    assert f"Count over {count:.0f} records of closed gives {count:.0f}" in text(html)


def test_pages_cover_every_record_once_in_one_order(page: "Client", company: Workspace) -> None:
    given = rows_behind(company, Asked(("leads",), start="2026", end="2026"))["leads"]
    assert given.num_rows > 200
    address = "/metrics/leads/rows/?from=2026&to=2026"
    found: list[str] = []
    while address:
        html = read(page, address)
        found += [cell.text for cell in table(html, "Records ").column("ID")]
        following = re.search(r'<a href="([^"]+)" rel="next"', html)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == given["id"].to_pylist()


@pytest.mark.parametrize("number", ["", "99999999"])
def test_a_page_that_is_not_there_is_the_nearest_that_is(page: "Client", number: str) -> None:
    shown = table(read(page, f"/metrics/leads/rows/?from=2026&to=2026&page={number}"), "Records ")
    assert shown.rows


def test_the_files_hold_all_the_records(page: "Client", company: Workspace) -> None:
    html = read(page, "/metrics/leads/rows/?from=2026&to=2026")
    csv = next(link for link in links(html) if "/rows.csv" in link)
    xlsx = next(link for link in links(html) if "/rows.xlsx" in link)
    frame = pd.read_csv(io.BytesIO(body(page, csv)), encoding="utf-8-sig")
    given = rows_behind(company, Asked(("leads",), start="2026", end="2026"))["leads"].to_pandas()
    assert frame["id"].tolist() == given["id"].tolist()
    assert frame["place"].tolist() == given["place"].tolist()
    assert pd.read_excel(io.BytesIO(body(page, xlsx)))["id"].tolist() == given["id"].tolist()


def test_a_condition_narrows_page_and_file_alike(page: "Client", company: Workspace) -> None:
    query = "?from=2026&to=2026&where=segment+%3D+%27smb%27"
    html = read(page, f"/metrics/bookings/rows/{query}")
    given = rows_behind(company, Asked(("bookings",), None, (), "segment = 'smb'", "2026", "2026"))["bookings"]
    assert [c.text for c in table(html, "Records ").column("ID")] == given["id"].to_pylist()
    csv = next(link for link in links(html) if "/rows.csv" in link)
    assert len(pd.read_csv(io.BytesIO(body(page, csv)), encoding="utf-8-sig")) == given.num_rows


def test_each_measure_of_a_metric_has_its_own_records(page: "Client") -> None:
    html = read(page, "/metrics/pipeline_velocity/rows/?from=2026-10&to=2026-10")
    measures = [link for link in links(html) if "measure=" in link]
    assert len(measures) >= 4
    for address in measures:
        assert "gives" in text(read(page, address))


def test_a_time_without_records_says_so(page: "Client") -> None:
    assert "No record was counted" in text(read(page, "/metrics/leads/rows/?from=2015-01&to=2015-01"))


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=nope", "from"), ("where=nope", "where"), ("measure=nope", "measure"), ("from=2031", "from")],
)
def test_a_bad_question_is_told_at_its_field(page: "Client", query: str, field: str) -> None:
    assert f'id="{field}-fault"' in read(page, f"/metrics/win_rate/rows/?{query}", 400)


def test_only_known_kinds_of_file(page: "Client") -> None:
    for address in ("rows.exe", "series.exe", "why.exe"):
        assert page.get(f"/metrics/win_rate/{address}").status_code == 404


@pytest.mark.parametrize("number", ["-1", "0", "x", "1e9", "٣"])
def test_what_is_no_page_is_told_with_what_is_one(page: "Client", number: str) -> None:
    said = text(read(page, f"/metrics/leads/rows/?from=2026&to=2026&page={number}", 400))
    assert f"'{number}' is no page. Pages count from 1." in said


def test_the_two_kinds_of_files_say_what_they_hold(page: "Client") -> None:
    html = read(page, "/metrics/leads/rows/?from=2026&to=2026")
    total = table(html, "Records 1 to").caption.partition(" of ")[2].partition(" ")[0]
    assert f"All {total} as a file: CSV" in text(html)
    assert 'data-files="This page"' in html
