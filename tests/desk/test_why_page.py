"""Why a number moved: every part the verb gives, to the last digit, and as a file."""

import io
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest

from fairlead.actions.why import Part, why
from fairlead.workspace import Workspace
from tests.desk.reader import links, read, table, text
from tests.desk.test_metric_pages import body

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")
ASKED = "?from=2026-09&to=2026-10"


@pytest.fixture
def page(client: "Client", bob: "User") -> "Client":
    client.force_login(bob)
    return client


def flat(part: Part) -> list[Part]:
    return [part, *(below for inner in part.parts for below in flat(inner))]


def test_without_periods_the_last_whole_month_is_told(page: "Client", company: Workspace) -> None:
    html = read(page, "/metrics/win_rate/why/")
    told = why(company, "win_rate", start="2026-09", end="2026-10")
    assert told.sentence.replace("\xa0", " ") in text(html).replace("\xa0", " ")
    assert 'name="from" value="2026-09"' in html
    assert 'name="to" value="2026-10"' in html


@pytest.mark.parametrize("metric", ["pipeline_velocity", "win_rate", "nrr", "cac_payback", "bookings", "leads"])
def test_every_part_is_there_at_its_level_and_the_first_ones_sum_to_the_change(
    page: "Client", company: Workspace, metric: str
) -> None:
    told = why(company, metric, start="2026-09", end="2026-10")
    shown = table(read(page, f"/metrics/{metric}/why/{ASKED}"), "What ")
    assert [row[0].text.split("  ")[0] for row in shown.rows if row[0].text.startswith(told.label)]
    assert len(shown.rows) == len(flat(told.whole))
    for row, part in zip(shown.rows, flat(told.whole), strict=True):
        assert row[0].text.startswith(part.label)
        if part.part is not None:
            assert row[3].title == f"{part.part:+f}"
    if told.whole.parts and told.change is not None:
        assert sum(part.part for part in told.whole.parts if part.part is not None) == told.change


def test_a_part_leads_to_the_records_it_was_counted_from(page: "Client") -> None:
    """Of the measure as this metric uses it: a trailing window of its own is kept."""
    shown = table(read(page, f"/metrics/win_rate/why/{ASKED}"), "What ")
    won = next(row for row in shown.rows if row[0].text == "Won")
    found = urlsplit(won[2].href or "")
    assert found.path == "/metrics/win_rate/rows/"
    assert parse_qs(found.query) == {"from": ["2026-10"], "to": ["2026-10"], "measure": ["won"]}
    assert page.get(won[2].href or "").status_code == 200


def test_a_cut_tells_mix_and_rate_apart(page: "Client", company: Workspace) -> None:
    told = why(company, "win_rate", start="2026-Q3", end="2026-Q4", by=["segment"])
    shown = table(read(page, "/metrics/win_rate/why/?from=2026-Q3&to=2026-Q4&by=segment"), "Win rate by Segment")
    (cut,) = told.cuts
    assert cut.kind == "mix"
    assert len(shown.rows) == len(cut.slices)
    for row, one in zip(shown.rows, cut.slices, strict=True):
        assert row[0].text == (one.value or "(none)")
        assert [row[shown.head.index(name)].value for name in ("Adds", "by mix", "by rate")] == [
            str(one.part), str(one.mix), str(one.rate)
        ]  # fmt: skip


def test_several_cuts_at_once(page: "Client") -> None:
    html = read(page, f"/metrics/bookings/why/{ASKED}&by=segment&by=source")
    assert table(html, "Bookings by Segment").rows
    assert table(html, "Bookings by Source").rows


def test_the_files_hold_every_part(page: "Client", company: Workspace) -> None:
    html = read(page, f"/metrics/pipeline_velocity/why/{ASKED}&by=segment")
    csv = next(link for link in links(html) if "/why.csv" in link)
    xlsx = next(link for link in links(html) if "/why.xlsx" in link)
    frame = pd.read_csv(io.BytesIO(body(page, csv)), encoding="utf-8-sig")
    assert len(pd.read_excel(io.BytesIO(body(page, xlsx)))) == len(frame)
    told = why(company, "pipeline_velocity", start="2026-09", end="2026-10", by=["segment"])
    whole = frame[frame["of"] == "whole"]
    assert whole["name"].tolist() == [part.name for part in flat(told.whole)]
    assert whole[whole["level"] == 1]["part"].sum() == pytest.approx(float(told.change or 0), abs=1e-9)
    segments = frame[frame["of"] == "segment"]
    assert segments["part"].sum() == pytest.approx(float(told.change or 0), abs=1e-9)
    assert segments["name"].tolist() == [one.value for one in told.cuts[0].slices]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=nope", "from"),
        ("to=nope", "to"),
        ("by=nope", "by"),
        ("where=nope", "where"),
        ("reported=nope", "reported"),
        ("from=9999", "from"),
        ("from=2026-09&to=2027-06", "from"),
    ],
)
def test_a_bad_question_is_told_at_its_field(page: "Client", query: str, field: str) -> None:
    html = read(page, f"/metrics/win_rate/why/?{query}", 400)
    assert f'id="{field}-fault"' in html or 'id="to-fault"' in html


def test_a_bad_question_for_a_file_is_a_page_that_says_so(page: "Client") -> None:
    said = text(read(page, "/metrics/win_rate/why.csv?from=nope", 400))
    assert "is no period" in said


def test_undefined_ends_are_stated(page: "Client", company: Workspace) -> None:
    """Before the first deal there is nothing to divide by: said, not zero."""
    html = read(page, "/metrics/win_rate/why/?from=2019-01&to=2026-10")
    assert "undefined" in text(html)


def test_what_an_earlier_build_told_leads_to_that_build_and_not_to_the_rows_of_this_one(company: Workspace) -> None:
    from fairlead.actions.looking import look
    from fairlead.desk.pages.why import shown
    from fairlead.desk.reading import Typed

    told = why(company, "win_rate", start="2026-09", end="2026-10")
    of = look(company, "win_rate")
    earlier = shown(told._replace(reported="2026-10-01-0123456789ab", restated=told.before), of, Typed(), company)
    assert earlier.before.url == "/builds/2026-10-01-0123456789ab/"
    assert earlier.restated is not None
    assert urlsplit(earlier.restated.url).path == "/metrics/win_rate/rows/"
    assert urlsplit(shown(told, of, Typed(), company).before.url).path == "/metrics/win_rate/rows/"
