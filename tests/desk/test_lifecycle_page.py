"""Lifecycle and stage pages: the way across functions, the flow with its leaks, every number with its rows."""

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.flows import FILES, FlowAsked, Move
from fairlead.actions.lifecycle import funnel
from fairlead.actions.whose import whose
from fairlead.desk.flowing import plot
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
WRONGLY = {
    "?skipped=zz": 400,
    "?reopened=zz": 400,
    "?flow=x": 400,
    "?by=nonsense": 400,
    "?from=never": 400,
    "?preset=x": 400,
    "nonsense/": 404,
}


@pytest.mark.parametrize("asked", OTHERWISE)
def test_the_lifecycle_can_be_asked_otherwise(page: "Client", asked: str) -> None:
    html = read(page, f"/lifecycle/{asked}")
    assert "Where money leaves" in html
    assert 'class="num" data-value' in html


@pytest.mark.parametrize(("asked", "status"), WRONGLY.items())
def test_what_cannot_be_asked_is_refused(page: "Client", asked: str, status: int) -> None:
    assert page.get(f"/lifecycle/{asked}").status_code == status


def test_a_length_of_time_that_there_is_not_is_told_in_words(page: "Client") -> None:
    said = page.get("/lifecycle/?per=foo").content.decode()
    assert "&#x27;foo&#x27; is no length of time to count by." in said
    assert "It may be day, week, month, quarter, year." in said


def test_c5_under_a_preset_numbers_lead_to_who_they_count_and_to_no_stage_of_the_model(page: "Client") -> None:
    html = read(page, "/lifecycle/?preset=four_stages")
    times = html[html.index('id="times-title"') : html.index('id="stuck-title"')]
    assert times.count("Opportunity") == 1
    assert "mart.stage_entry" not in times  # its stays stand in no table of the build
    assert 'href="#mapping"' in times
    (opened,) = re.findall(r'href="(/lifecycle/opportunity/who/[^"]+what=reached[^"]*)"', html)[:1]
    assert _listed(page, opened) > 0


def test_c5_a_presets_first_stage_holds_only_who_reached_it(company: Workspace) -> None:
    own = {c.step: c for c in funnel(company, FlowAsked(cohort=False, start="2000")).counts}
    found = funnel(company, FlowAsked(cohort=False, start="2000", preset="four_stages"))
    assert found.counts[0].step == "mql"
    assert 0 < found.counts[0].reached < own["inquiry"].reached
    assert {m.stage for m in found.moves} <= {"mql", "sql", "opportunity", "closed_won"}


def test_how_skipped_and_reopened_count_can_be_chosen(page: "Client") -> None:
    html = read(page, "/lifecycle/?skipped=missing&reopened=again")
    assert "count as missing" in html
    assert "comes back counts each time" in html
    assert 'value="missing" selected' in html
    assert "skipped=missing" in html[html.index("/who/") :]  # those behind a number are counted the same way


def test_moves_back_are_drawn_as_numbers_are_written_elsewhere(company: Workspace) -> None:
    found = funnel(company)
    back = Move("sales_accepted", "engaged", "back", 1311, 1200, None)
    assert ">1,311<" in plot(company, found._replace(moves=(back,)))


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
    assert re.search(r"Of those who came into the stage \w+, \w+ \d+, \d{4} to [^:]+: days until half", html)


def test_charlie_sees_neither(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    for address in (
        "/lifecycle/",
        "/lifecycle/mql/",
        "/lifecycle/mql/who/",
        "/lifecycle/funnel.csv",
        "/api/funnel",
        "/api/lifecycle/mql",
        "/api/lifecycle/mql/who",
    ):
        assert client.get(address).status_code == 403, address


def test_the_api_says_the_same_as_the_verb(page: "Client", company: Workspace) -> None:
    given = page.get("/api/funnel?flow=sales&by=source&mode=period").json()
    found = funnel(company, FlowAsked(flow="sales", by="source", cohort=False))
    assert [(c["cut"], c["step"], c["reached"], c["advanced"]) for c in given["counts"]] == [
        (c.cut, c.step, c.reached, c.advanced) for c in found.counts
    ]
    assert given["as_of"].startswith(f"{found.as_of:%Y-%m-%d}")
    stage = page.get("/api/lifecycle/mql").json()
    assert (stage["name"], stage["flow"]) == ("marketing_qualified", "lifecycle")
    assert page.get("/api/lifecycle/nonsense").status_code == 404
    assert page.get("/api/funnel?preset=nonsense").status_code == 400


def test_the_api_lists_who_is_behind_every_number_as_the_page_does(page: "Client", company: Workspace) -> None:
    found = funnel(company, FlowAsked(by="source"))
    most = max((c for c in found.counts if c.cut), key=lambda c: c.reached)
    address = f"/api/lifecycle/{most.step}/who?by=source&cut={most.cut}"
    first = page.get(f"{address}&limit=3").json()
    assert (first["total"], len(first["items"])) == (most.reached, 3)
    known = whose(company, most.step, FlowAsked(by="source"), cut=most.cut)
    second = page.get(first["next"]).json()
    assert [one["subject_id"] for one in (*first["items"], *second["items"])] == [
        one.subject_id for one in known.members[:6]
    ]
    assert page.get(f"{address}&what=advanced").json()["total"] == most.advanced
    left = page.get("/api/lifecycle/negotiation/who?flow=sales&what=left").json()
    assert left["total"] == whose(company, "negotiation", FlowAsked("sales"), what="left").total > 0
    assert all(one["value"] is not None for one in left["items"])
    assert page.get("/api/lifecycle/mql/who").json()["total"] > 0  # a name of another preset means the same stage
    assert page.get("/api/lifecycle/nonsense/who").status_code == 404


def test_a_cut_of_nothing_and_a_flow_there_is_not_are_refused(page: "Client") -> None:
    refused = page.get("/api/lifecycle/closed_won/who?cut=events")
    assert refused.status_code == 422
    assert "cut is a value of `by`" in refused.json()["problems"][0]["message"]
    assert page.get("/api/lifecycle/closed_won/who?by=source&cut=nosuch").json()["total"] == 0
    for address in ("/api/lifecycle/closed_won", "/api/lifecycle/closed_won/who"):
        refused = page.get(f"{address}?flow=nope")
        assert (refused.status_code, refused.json()["problems"][0]["code"]) == (400, "unknown-flow")
    assert page.get("/api/lifecycle/mql/who?what=liked").status_code == 422
    assert page.get("/api/lifecycle/mql/who?period=1999").status_code == 400


def _listed(page: "Client", link: str) -> int:
    """How many the page behind a number counts."""
    found = re.search(r"the funnel counts: ([\d,]+)", read(page, unescape(link)))
    assert found, link
    return int(found[1].replace(",", ""))


ASKED = (
    "",
    "?by=source",
    "?mode=period&per=quarter",
    "?preset=four_stages&by=account.segment",
    "?flow=sales&by=owner.name",
)


@pytest.mark.parametrize("asked", ASKED)
def test_every_number_of_the_funnel_leads_to_as_many_as_it_counts(page: "Client", asked: str) -> None:
    html = read(page, f"/lifecycle/{asked}")
    numbers = re.findall(r'data-value="(\d+)"><a class="figure" href="(/lifecycle/\w+/who/[^"]+)"', html)
    assert len(numbers) > 10
    for number, link in numbers[:: max(1, len(numbers) // 12)]:
        assert _listed(page, link) == int(number), link


def test_numbers_of_stays_lead_to_as_many_rows(page: "Client") -> None:
    """Time in stage, moves and weeks: the rows behind each are counted there."""
    html = read(page, "/lifecycle/?flow=sales&weeks=104") + read(page, "/lifecycle/adopted/")
    numbers = re.findall(r'data-value="(\d+)"><a class="figure" href="(/builds/[^"]+mart\.stage_entry[^"]+)"', html)
    assert len(numbers) > 100
    for number, link in numbers[:: len(numbers) // 15]:
        assert re.search(rf">{int(number):,} rows?</a>", read(page, unescape(link))), link


def test_who_left_is_listed_with_the_money_they_had(page: "Client", company: Workspace) -> None:
    leak = next(one for one in funnel(company, FlowAsked(flow="sales")).leaks if one.stage == "negotiation")
    html = read(page, "/lifecycle/negotiation/who/?flow=sales&what=left")
    values = [float(value) for value in re.findall(r'class="num" data-value="([\d.]+)"', html)]
    assert len(values) == leak.left
    assert sum(values) == pytest.approx(leak.value)


def test_who_is_stuck_is_named_and_all_of_them_are_in_the_file(page: "Client", company: Workspace) -> None:
    stuck = funnel(company).stalled
    places = [list(company.model.lifecycle.stages).index(one.stage) for one in stuck]
    assert places == sorted(places)
    html = read(page, "/lifecycle/")
    assert len(stuck) > 3
    assert all(one.name and one.name in html for one in stuck[:3])
    told = list(csv.DictReader(io.StringIO(page.get("/lifecycle/stuck.csv").content.decode("utf-8-sig"))))
    assert [row["subject_id"] for row in told] == [one.subject_id for one in stuck]


def test_the_tables_are_kept_as_files(page: "Client", company: Workspace) -> None:
    for name in FILES:
        assert page.get(f"/lifecycle/{name}.xlsx").content[:2] == b"PK"
    text = page.get("/lifecycle/weeks.csv?flow=sales").content.decode("utf-8-sig")
    rows = [(row["week_ends"], row["stage"], int(row["standing"])) for row in csv.DictReader(io.StringIO(text))]
    assert rows == [
        (str(one.week_ends), one.stage, one.standing) for one in funnel(company, FlowAsked(flow="sales")).weekly
    ]
    assert len({day for day, _, _ in rows}) == 104
    for address in ("/lifecycle/nothing.csv", "/lifecycle/funnel.pdf", "/lifecycle/nothing/who/"):
        assert page.get(address).status_code == 404, address
    for asked in ("what=x", "period=2026-01", "page=0", "by=nonsense"):
        assert page.get(f"/lifecycle/inquiry/who/?{asked}").status_code == 400, asked
