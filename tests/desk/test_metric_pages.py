"""The page of a number: its figures are those of `ask`, its exports what it shows, and it is there for every number."""

import io
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from fairlead.actions.asking import ask
from fairlead.actions.why import why
from fairlead.desk import behind
from fairlead.picture.wording import worded
from fairlead.workspace import Workspace
from tests.desk.reader import HOSTILE, links, read, table, tables, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def body(client: "Client", address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer) if answer.streaming else answer.content


def test_the_head_says_where_the_last_whole_month_stands(page: "Client", company: Workspace) -> None:
    given = ask(company, "win_rate", start="2026-10", end="2026-10").table["value"].to_pylist()[0]
    said = text(read(page, "/metrics/win_rate/"))
    assert f"{worded(given, 'percent', company.manner).text} Oct 2026" in said.replace("\xa0", " ")
    for part in ("M10", "Win rate", "at least 22.0%", "enterprise : at least 18.0%", "Astrid Weiss VP Sales"):
        assert part in said, part
    assert "Next review Mon, Nov 2, 2026 Executive review" in said
    assert "Read the five largest losses" in said
    assert "A growth framework" in said


def test_the_table_under_the_trend_is_what_ask_answers(page: "Client", company: Workspace) -> None:
    """Every value, newest first, each leading to the records of its period."""
    given = ask(company, "win_rate", per="month", start="2025-10", end="2026-10").table
    expected = dict(zip(given["period"].to_pylist(), given["value"].to_pylist(), strict=True))
    shown = table(read(page, "/metrics/win_rate/"), "Win rate, ")
    assert [cell.value for cell in shown.column("Period")] == sorted(expected, reverse=True)
    for period, cell in zip(sorted(expected, reverse=True), shown.column("Value"), strict=True):
        value = expected[period]
        assert (float(cell.value) if cell.value else None) == value
        if value is not None:
            assert parse_qs(urlsplit(cell.href or "").query) == {"from": [period], "to": [period]}


@pytest.mark.parametrize("per", ["day", "week", "month", "quarter", "year"])
def test_each_length_of_period_shows_whole_ones(page: "Client", company: Workspace, per: str) -> None:
    shown = table(read(page, f"/metrics/bookings/?per={per}"), "Bookings, ")
    periods = [cell.value or "" for cell in shown.column("Period")]
    given = ask(company, "bookings", per=per, start=periods[-1], end=periods[0]).table
    assert [float(c.value or "nan") for c in shown.column("Value")] == given["value"].to_pylist()[::-1]


def test_by_a_dimension_every_value_leads_to_its_own_records(page: "Client", company: Workspace) -> None:
    given = ask(company, "win_rate", per="quarter", by="segment", start="2027-Q1", end="2027-Q3").table.to_pandas()
    shown = table(
        read(page, "/metrics/win_rate/?per=quarter&by=segment&from=2027-Q1&to=2027-Q3"), "Win rate by Segment"
    )
    assert len(shown.rows) == given["segment"].nunique()
    for row in shown.rows:
        segment = row[0].text
        expected = given[given["segment"] == segment]["value"].tolist()
        assert [float(cell.value) if cell.value else None for cell in row[1:]] == pytest.approx(
            [None if pd.isna(v) else v for v in expected], nan_ok=True
        )
        for cell in row[1:]:
            if cell.href:
                assert parse_qs(urlsplit(cell.href).query)["where"] == [f"segment = '{segment}'"]


def test_why_it_moved_is_what_the_verb_says(page: "Client", company: Workspace) -> None:
    told = why(company, "pipeline_velocity", start="2026-09", end="2026-10")
    html = read(page, "/metrics/pipeline_velocity/")
    shown = table(html, "What the change from Sep 2026 to Oct 2026")
    assert told.sentence.replace("\xa0", " ") in text(html).replace("\xa0", " ")
    assert [row[0].text for row in shown.rows] == [told.label, *(part.label for part in told.whole.parts)]


@pytest.mark.parametrize(
    "query", ["", "?per=quarter", "?by=segment", "?by=segment&by=source&per=year", "?where=is_won"]
)
def test_a_download_holds_what_is_shown(page: "Client", query: str) -> None:
    html = read(page, f"/metrics/win_rate/{query}")
    csv = next(link for link in links(html) if "/series.csv" in link)
    xlsx = next(link for link in links(html) if "/series.xlsx" in link)
    frame = pd.read_csv(io.BytesIO(body(page, csv)), encoding="utf-8-sig")
    book = pd.read_excel(io.BytesIO(body(page, xlsx)))
    pd.testing.assert_frame_equal(frame, book)
    shown = table(html, "Win rate")
    values = [
        cell.value for row in shown.rows for name, cell in zip(shown.head, row, strict=True) if is_number(name, shown)
    ]
    assert sorted(float(v) for v in values if v) == pytest.approx(sorted(frame["value"].dropna()))


def is_number(name: str, shown: object) -> bool:
    return name == "Value" or name[-4:].isdigit()


def test_other_names_lead_to_the_one_it_goes_by(page: "Client") -> None:
    for other in ("M10", "m10", "close%20rate"):
        answer = page.get(f"/metrics/{other}/?per=quarter")
        assert (answer.status_code, answer["Location"]) == (302, "/metrics/win_rate/?per=quarter")
    assert page.get("/metrics/M10/why/?from=2026-01")["Location"] == "/metrics/win_rate/why/?from=2026-01"
    assert page.get("/metrics/M10/rows/?from=2026-01")["Location"] == "/metrics/win_rate/rows/?from=2026-01"
    assert page.get("/tree/?root=M10")["Location"] == "/tree/?root=win_rate"


@pytest.mark.parametrize("address", ["/metrics/win-rat/", "/metrics/win-rat/why/", "/metrics/win-rat/rows/",
                                     "/metrics/win-rat/series.csv", "/metrics/win-rat/rows.csv",
                                     "/metrics/win-rat/why.xlsx", "/tree/?root=win-rat"])  # fmt: skip
def test_an_unknown_name_offers_the_nearest(page: "Client", address: str) -> None:
    html = read(page, address, 404)
    assert "/metrics/win_rate/" in links(html)


def test_a_name_like_nothing_is_not_found_and_not_echoed_raw(page: "Client") -> None:
    from urllib.parse import quote

    html = read(page, f"/metrics/{quote(HOSTILE, safe='')}/".replace("%2F", "_"), 404)
    assert "<script>alert" not in html
    assert "Nothing in the dictionary" in text(html)


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("where=segmnt+%3D+1", "where", "Did you mean 'segment'?"),
        ("where=drop+table", "where", "Cannot be read"),
        ("by=segmnt", "by", "to cut by"),
        ("from=yesterday", "from", "no day and no period"),
        ("to=31.12.", "to", "no day and no period"),
        ("from=2030-01", "from", "before it starts"),
        ("as_of=x", "as_of", "no day and no period"),
        ("per=fortnight", "per", "Unknown period"),
        ("per=day&from=1900&to=2026", "from", "too many periods"),
        ("from=9999-12-31", "from", "no day and no period"),
    ],
)
def test_a_bad_question_is_told_at_its_field(page: "Client", query: str, field: str, says: str) -> None:
    html = read(page, f"/metrics/win_rate/?{query}", 400)
    fault = html[html.index(f'id="{field}-fault"') :]
    assert says in text(fault[: fault.index("</p>")])
    assert field == "per" or f'aria-describedby="{field}-fault"' in html
    assert 'class="figure-big"' in html  # where it stands is shown all the same


@pytest.mark.parametrize("address", ["/metrics/win_rate/", "/metrics/win_rate/why/", "/metrics/win_rate/rows/"])
@pytest.mark.parametrize("name", ["where", "by", "from", "to", "as_of", "per", "measure", "reported", "page"])
def test_hostile_input_is_words_and_never_markup(page: "Client", address: str, name: str) -> None:
    answer = page.get(address, {name: HOSTILE})
    assert answer.status_code in (200, 400)
    html = answer.content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_values_of_a_dimension_are_escaped_and_quoted() -> None:
    from fairlead.actions.looking import narrowed
    from fairlead.model.whole import Model

    where = narrowed(Model(), "", "name", "O'Brien & <b>Sons</b>")
    assert where == "name = 'O''Brien & <b>Sons</b>'"
    assert "<b>" not in behind.metric("win_rate", where=where)


def test_a_number_without_data_says_what_it_needs_and_is_not_zero(page: "Client") -> None:
    said = text(read(page, "/metrics/forecast_accuracy/"))
    assert "It cannot be computed yet" in said
    assert "It needs forecast submissions." in said
    assert "How it went" not in said
    for more in ("why", "rows"):
        assert "forecast submissions" in text(read(page, f"/metrics/forecast_accuracy/{more}/"))
    assert page.get("/metrics/forecast_accuracy/rows.csv").status_code == 400


def test_every_number_of_the_dictionary_has_its_pages(page: "Client", company: Workspace) -> None:
    for place, name in enumerate(company.model.numbers):
        for further in ("", ("why/", "rows/")[place % 2]):  # those two are opened in turn: each takes its time
            answer = page.get(f"/metrics/{name}/{further}")
            assert answer.status_code == 200, (name, further)
            assert b"<h1>" in answer.content


def test_every_figure_is_a_link(page: "Client") -> None:
    """Values lead to records, changes to why; only what is undefined leads nowhere."""
    html = read(page, "/metrics/win_rate/")
    for one in tables(html):
        for row in one.rows:
            for cell in row[1:]:
                if cell.title and cell.text[:1].isdigit():
                    assert cell.href, (one.caption, cell)


def test_lineage_and_sql_go_down_to_file_and_column(page: "Client") -> None:
    html = read(page, "/metrics/win_rate/")
    lineage = table(html, "Lineage of")
    assert ("opportunity.closed_at", "data/salesforce/Opportunity.csv") in [
        (r[1].text, r[3].text) for r in lineage.rows
    ]
    assert 'data-copy="sql"' in html
    assert "FROM mart.facts_opportunity AS s" in text(html)


def test_pages_load_nothing_inline(page: "Client") -> None:
    for address in ("/metrics/win_rate/?by=segment", "/metrics/win_rate/why/?by=segment", "/tree/", "/follow-up/"):
        html = read(page, address)
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick" not in html
