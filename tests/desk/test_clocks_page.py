"""The page of clocks, its files and its API: the verb's numbers, each leading to the clocks it counts."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.clocks import clocks, overdue_clocks
from fairlead.actions.timekeeping import Clocks, Due, Held
from fairlead.analysis.escalating import Event
from fairlead.cli.clocks import _overdue
from fairlead.workspace import Workspace
from tests.desk.copies import browsing, copied, edited
from tests.desk.reader import Cell, read, table, tables, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

SENT = ("/clocks/", "/clocks/compliance.csv", "/clocks/overdue.xlsx", "/api/clocks", "/api/clocks/overdue")


@pytest.fixture(scope="module")
def found(company: Workspace) -> Clocks:
    return clocks(company)


def number(cell: Cell) -> int:
    return int(cell.text.replace(",", ""))


def behind(page: "Client", cell: Cell) -> int:
    """How many rows the page behind a number says there are."""
    told = re.search(r"([\d,]+) rows?\b", text(read(page, cell.href or "")))
    assert told, cell
    return int(told[1].replace(",", ""))


def test_every_promise_is_told_with_its_denominator(page: "Client", found: Clocks) -> None:
    html = read(page, "/clocks/")
    shown = table(html, "How each promise is kept")
    assert [row[0].text for row in shown.rows] == [f"{line.title} {line.limits}" for line in found.lines]
    for row, line in zip(shown.rows, found.lines, strict=True):
        cells = dict(zip(shown.head, row, strict=True))
        tally = line.tally
        assert number(cells["Counted"]) == tally.met + tally.breached + tally.overdue == tally.counted
        assert float(cells["Compliance"].value or "") == line.compliance == tally.met / tally.counted
        assert number(cells["Not due yet"]) == tally.clocks - tally.counted
        assert cells["Target"].text == ("missed at least 90%" if line.target else "")
    assert "both count as missed" in text(html)


def test_a_median_time_says_on_the_page_and_in_the_api_that_it_is_of_those_that_stopped(page: "Client") -> None:
    html = read(page, "/clocks/?by=segment")
    assert "Half within" in table(html, "How each promise is kept").head
    assert "Half within: of those that stopped" in html
    known = page.get("/api/openapi.json").json()["components"]["schemas"]
    assert known["TallyShown"]["properties"]["median_seconds"]["description"].startswith(
        "Of those stopped, half within"
    )
    assert known["HandoffRun"]["properties"]["hours"]["description"].startswith("Of those answered, half within")


def test_each_number_leads_to_as_many_clocks_as_it_says(page: "Client") -> None:
    told = table(read(page, "/clocks/?policy=mql_to_sql&by=segment"), "How each promise is kept, by segment")
    (whole,) = table(read(page, "/clocks/?policy=mql_to_sql"), "How each promise is kept").rows
    assert {"(none)", "enterprise"} <= {row[0].text for row in told.rows}
    for row, first in ((whole, 3), *((row, 2) for row in told.rows[:2]), (told.rows[-1], 2)):
        for cell in row[first : first + 5]:
            assert behind(page, cell) == number(cell), cell
    assert sum(number(row[2]) for row in told.rows) == number(whole[3])


def test_days_narrow_the_page_and_what_is_behind_it(page: "Client", company: Workspace) -> None:
    asked = "policy=lead_acceptance&from=2026-03&to=2026-04"
    (row,) = table(read(page, f"/clocks/?{asked}"), "How each promise is kept").rows
    line = clocks(company, policy="lead_acceptance", start="2026-03", end="2026-04").lines[0]
    assert number(row[3]) == behind(page, row[3]) == line.tally.counted
    assert 0 < line.tally.counted < clocks(company, policy="lead_acceptance").lines[0].tally.counted


def test_the_overdue_are_listed_with_who_hears_of_them_next(page: "Client", found: Clocks) -> None:
    html = read(page, "/clocks/")
    shown = table(html, "Clocks that are open and overdue")
    late = found.overdue[: len(shown.rows)]
    assert [row[0].value for row in shown.rows] == [None] * 25
    for row, one in zip(shown.rows, late, strict=True):
        cells = dict(zip(shown.head, row, strict=True))
        assert cells["Who"].text.startswith(one.name)
        assert cells["Owner"].text == (one.owner or "nobody")
        assert cells["Was due"].value == one.due_at.isoformat()
        assert cells["Late by"].value == str(one.late_seconds)
        assert ("working" in cells["Late by"].text) == ("working" in one.limit)
        assert (cells["Hears of it next"].value or None) == (one.next.at.isoformat() if one.next else None)
    assert behind(page, shown.rows[0][0]) == 1
    assert f"25 of {found.overdue_total:,} are shown" in text(html)


def test_both_heat_maps_have_a_picture_and_a_table_that_leads_to_the_clocks(page: "Client", found: Clocks) -> None:
    html = read(page, "/clocks/?policy=mql_to_sql")
    started, met = (one for one in tables(html) if one.head[:2] == ("Hour", "Mon"))
    hours = {(cell.weekday, cell.hour): cell for cell in found.hours}
    busy = max((row for row in started.rows), key=lambda row: number(row[1]))
    assert behind(page, busy[1]) == number(busy[1]) <= hours[1, int(busy[0].value or 0)].tally.clocks
    share, _, counted = next(row[2] for row in met.rows if row[2].href).text.partition(" of ")
    cell = next(row[2] for row in met.rows if row[2].href)
    assert share.endswith("%")
    assert behind(page, cell) == int(counted)
    pictures = [unescape(found) for found in re.findall(r'src="(/charts/[^"]+)"', html)]
    assert [re.split(r"[/.]", one)[2:4] for one in pictures] == [["starts", "mql_to_sql"], ["kept", "mql_to_sql"]]
    for one in pictures:
        assert read(page, one).startswith("<svg")
        assert page.get(one.replace(".svg", ".json")).json()["description"]


def test_r47_attempts_are_audited_by_owner_or_as_the_page_is_cut(page: "Client", found: Clocks) -> None:
    shown = table(read(page, "/clocks/"), "Contact attempts")
    assert [row[0].text for row in shown.rows] == [one.value or "(none)" for one in found.attempts]
    row, one = shown.rows[0], found.attempts[0]
    assert [number(cell) for cell in row[1:4]] == [one.clocks, one.untried, one.tried_late]
    for cell in row[1:4]:
        assert behind(page, cell) == number(cell)
    cut = table(read(page, "/clocks/?by=source"), "Contact attempts")
    assert sum(number(row[1]) for row in cut.rows) == sum(one.clocks for one in found.attempts)


def test_another_policy_stands_beside_what_ran(page: "Client", company: Workspace, found: Clocks) -> None:
    shown = table(read(page, f"/clocks/?under={found.build}"), "What ran, and what would have been")
    assert [row[0].text.partition(" ")[0] for row in shown.rows] == [one.title.partition(" ")[0] for one in found.lines]
    for row in shown.rows:
        assert [cell.text for cell in row[1:5]] == [cell.text for cell in row[5:9]]
        assert row[9].text == "0.0 points"


def test_e77_whose_time_it_was_and_e76_edited_policies_are_said_in_words(
    page: "Client", found: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited_at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    (old,) = (one for one in found.versions if one.policy == "mql_to_sql")
    both = (old._replace(until=edited_at), old._replace(version="later", since=edited_at, limits="1 hour", clocks=7))
    alice, bob = (
        Held(name, name, 3, began, 2, seconds, 7200) for name, began, seconds in (("A", 3, 1800), ("B", 0, 5400))
    )
    told = found._replace(versions=both, held=(alice, bob))
    monkeypatch.setattr("fairlead.desk.pages.clocks.clocks", lambda *_, **__: told)
    html = read(page, "/clocks/")
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table(html, "Whose time it was").rows}
    assert rows == {"A": ["3", "3", "2", "30 minutes", "25.0%"], "B": ["3", "0", "2", "1.50 hours", "75.0%"]}
    first, second = table(html, "Edited policies").rows
    assert (first[1].text.partition(",")[0], second[1].text.partition(",")[0]) == ("until Mon", "since Mon")
    assert [number(row[3]) for row in (first, second)] == [old.clocks, 7]
    assert behind(page, first[3]) == old.clocks


def test_what_is_overdue_since_work_was_over_is_said_not_to_be_answered(
    page: "Client", company: Workspace, found: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Due on Friday evening and looked at on Sunday: no time that counts has passed."""
    told = found._replace(overdue=(found.overdue[0]._replace(late_seconds=0), found.overdue[1]))
    monkeypatch.setattr("fairlead.desk.pages.clocks.clocks", lambda *_, **__: told)
    shown = table(read(page, "/clocks/"), "Clocks that are open and overdue")
    weekend, other = (row[shown.head.index("Late by")] for row in shown.rows)
    assert (weekend.text, weekend.value) == ("not answered", "0")
    assert "not answered" not in other.text
    lines: list[list[object]] = []
    monkeypatch.setattr("fairlead.cli.clocks.show.table", lambda _, rows, **__: lines.extend(rows))
    _overdue(told, company.manner)
    assert [row[4] == "not answered" for row in lines] == [True, False]


WRONG = ("policy=nope", "by=nonsense", "from=never", "under=nope", "under=/etc", "under=..", "from=2026-03&to=2026-01")


@pytest.mark.parametrize("asked", WRONG)
def test_what_cannot_be_asked_is_refused_by_page_api_and_files(page: "Client", asked: str) -> None:
    for address in ("/clocks/", "/api/clocks", *(() if "under" in asked or "by" in asked else SENT[1:])):
        assert page.get(f"{address}?{asked}").status_code == 400, address


def test_an_earlier_day_is_offered_and_no_other_file_is_made(page: "Client") -> None:
    assert "It is not made yet" in read(page, "/clocks/?as_of=2026-02-28")
    assert page.get("/clocks/overdue.pdf").status_code == 404
    assert page.get("/charts/starts/nope.svg").status_code == 400


def test_the_files_hold_all_lines_and_all_that_is_overdue(page: "Client", company: Workspace, found: Clocks) -> None:
    def rows(address: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(page.get(address).content.decode("utf-8-sig"))))

    late = rows("/clocks/overdue.csv?policy=mql_to_sql")
    assert len(late) == overdue_clocks(company, Due("mql_to_sql")).total
    assert {row["policy"] for row in late} == {"mql_to_sql"}
    assert {row["counts"] for row in late} <= {"working time", "elapsed time"}
    cut = rows("/clocks/compliance.csv?by=segment")
    assert {row["segment"] for row in cut} >= {"enterprise", ""}
    assert sum(int(row["counted"]) for row in cut) == sum(line.tally.counted for line in found.lines)
    for name in ("overdue", "compliance"):
        assert page.get(f"/clocks/{name}.xlsx").content[:2] == b"PK"


def test_the_api_tells_what_the_verb_does(page: "Client", company: Workspace) -> None:
    told = page.get("/api/clocks?by=segment&under=now").json()
    verb = clocks(company, by="segment", under="now")
    for name, lines in (("lines", verb.lines), ("cut", verb.cut)):
        assert [(one["policy"], one["value"], one["tally"]["counted"], one["compliance"]) for one in told[name]] == [
            (one.policy, one.value, one.tally.counted, one.compliance) for one in lines
        ]
    assert told["overdue_total"] == verb.overdue_total
    assert [one["would_be"]["met"] for one in told["tried"]] == [one.would_be.met for one in verb.tried if one.would_be]
    assert len(told["hours"]) == len(verb.hours)


def test_e85_a_program_hears_who_was_told_and_who_was_passed_over(
    page: "Client", found: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    event = Event("e1", "answer", "ada", 1, "escalation", 2, at, "queue", "bob", "Take it.", ("owner", "manager"))
    monkeypatch.setattr("fairlead.desk.api.clocks.whole", lambda *_, **__: found._replace(told=(event,)))
    (told,) = page.get("/api/clocks").json()["told"]
    assert told == event._asdict() | {"at": "2026-03-02T08:00:00Z", "passed_over": ["owner", "manager"]}


def test_the_overdue_come_page_by_page(page: "Client", company: Workspace) -> None:
    every, address = [], "/api/clocks/overdue?policy=lead_acceptance&limit=20"
    while address:
        told = page.get(address).json()
        every += [(one["subject_id"], one["late_seconds"]) for one in told["items"]]
        address = told["next"]
    found = overdue_clocks(company, Due("lead_acceptance"), limit=10_000)
    assert every == [(one.subject_id, one.late_seconds) for one in found.items]
    assert len(every) == told["total"] == found.total > 20


@pytest.mark.usefixtures("company_desk")
def test_charlie_sees_none_of_it(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    for address in SENT:
        assert client.get(address).status_code == 403, address


def test_a_company_without_promises_is_told_how_to_make_one(
    company: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = copied(company, tmp_path_factory.mktemp("unpromised") / "acme")
    text_of = (place.model_folder / "handoffs.yaml").read_text()
    edited(place.root, "model/handoffs.yaml", (text_of, text_of[: text_of.index("handoffs:")] + "handoffs: {}\n"))
    with browsing(place) as visitor:
        assert "No promise of time is agreed yet" in read(visitor, "/clocks/")
