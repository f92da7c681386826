"""Gates on the desk: numbers that lead to their rows, one record's gate, waivers given and taken back, the API."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from fairlead.actions.asking import ask, opened, published
from fairlead.actions.at_gate import Need
from fairlead.actions.gate_report import gates_report
from fairlead.actions.gates import gate
from fairlead.actions.lacking import who_lacks
from fairlead.actions.syncing import sync
from fairlead.actions.tables import Narrowed, table_rows
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import gated_company
from tests.actions.test_gates import NOW, SECOND
from tests.desk.copies import browsing
from tests.desk.reader import read, tables

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

D2, D3 = "/gates/opportunity/files:d2/", "/gates/opportunity/files:d3/"
GOOD = {"stage": "discovery", "what": "", "reason": "Known from the last deal.", "until": "2026-04-15"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in which Alice is the sales manager and may waive; Bob is on the team and may not."""
    company = gated_company(tmp_path_factory.mktemp("gates") / "acme", {"sales_manager": "Alice Fairweather"})
    sync(company, now=NOW)
    return company.root


@pytest.fixture
def small(made: Path, tmp_path: Path) -> Workspace:
    return open_workspace(Path(shutil.copytree(made, tmp_path / "acme")))


@pytest.fixture
def alice(small: Workspace) -> Iterator["Client"]:
    with browsing(small, "owner") as client:
        yield client


class Linked(NamedTuple):
    """A count on a page and where it leads."""

    number: int
    table: str
    where: str


def counted(html: str) -> list[Linked]:
    """Every whole number in a table of the page, with the rows it leads to."""
    found = []
    for cell in (cell for table in tables(html) for row in table.rows for cell in row):
        if cell.href and "/tables/" in cell.href and re.fullmatch(r"[\d,]+", cell.text):
            address = urlsplit(unescape(cell.href))
            where = parse_qs(address.query)["where"][0]
            found.append(Linked(int(cell.text.replace(",", "")), address.path.split("/")[-2], where))
    return found


@pytest.mark.usefixtures("company_desk")
@pytest.mark.parametrize(
    "asked", ["?flow=sales", "?flow=lifecycle", "?flow=sales&by=account.segment&per=quarter&from=2026-Q2"]
)
def test_every_count_leads_to_exactly_its_rows(client: "Client", bob: "User", company: Workspace, asked: str) -> None:
    client.force_login(bob)
    links = sorted({link for link in counted(read(client, f"/gates/{asked}")) if link.table == "mart.gate"})
    assert len(links) > 30
    for link in links[-1 :: -(len(links) // 12)]:
        assert table_rows(company, None, link.table, Narrowed(where=link.where)).total == link.number, link


@pytest.mark.usefixtures("company_desk")
def test_the_page_the_files_and_the_api_say_what_the_verb_says(
    client: "Client", bob: "User", company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(bob)
    monkeypatch.setattr("fairlead.desk.pages.gates.FEW_LISTED", 3)
    found, lacks = gates_report(company, flow="sales"), who_lacks(company, flow="sales").records
    html = read(client, "/gates/")
    assert all(one.says.replace("'", "&#x27;") in html for one in found.gates if one.passed)
    at_first = [f'<th scope="row"><a href="/gates/opportunity/{one.subject_id}/">' in html for one in lacks]
    assert at_first == [n < 3 for n in range(len(lacks))]  # the first of them: more are too many on a phone
    every = re.search(rf'<a href="([^"]*)#lacking">All {len(lacks)}</a>', html)
    assert every is not None
    assert "flow=sales" in every[1]
    whole = read(client, unescape(every[1]))
    assert all(f'<th scope="row"><a href="/gates/opportunity/{one.subject_id}/">' in whole for one in lacks)
    assert "#lacking" not in whole
    rows = list(csv.DictReader(io.StringIO(client.get("/gates/report.csv?flow=sales").content.decode("utf-8-sig"))))
    assert [(r["stage"], int(r["came"]), int(r["slipped"])) for r in rows] == [
        (g.stage, g.came, g.slipped) for g in found.gates
    ]
    listed = list(csv.DictReader(io.StringIO(client.get("/gates/lacking.csv?flow=sales").content.decode("utf-8-sig"))))
    assert [r["subject_id"] for r in listed] == [r.subject_id for r in lacks]
    assert client.get("/gates/report.xlsx?by=account.segment").content[:2] == b"PK"
    assert client.get("/gates/report.pdf").status_code == 404
    told = client.get("/api/gates?flow=sales&by=segment").json()
    assert [(g["stage"], g["came"], g["verdict"]) for g in told["gates"]] == [
        (g.stage, g.came, g.verdict) for g in found.gates
    ]
    assert told["by"] == "account.segment"
    useful = next(g for g in found.gates if g.won and g.won.interval)
    shown = next(g for g in told["gates"] if g["stage"] == useful.stage)["won"]
    assert useful.won is not None
    assert useful.won.interval is not None
    assert (shown["interval"]["low"], shown["clean"]["share"]) == (useful.won.interval.low, useful.won.clean.share)
    first = client.get("/api/gates/lacking?flow=sales&limit=2").json()
    assert (len(first["items"]), first["total"]) == (2, len(lacks))
    assert client.get(first["next"]).json()["items"][0]["subject_id"] == lacks[2].subject_id


@pytest.mark.usefixtures("company_desk")
def test_a_field_is_told_with_the_entry_that_speaks_for_it_and_whether_it_was_written_later(
    client: "Client", bob: "User", company: Workspace
) -> None:
    client.force_login(bob)
    open_deals = (
        "SELECT subject_id FROM mart.gate WHERE flow = 'sales' AND is_open AND grade IN (1, 3)"
        " AND stage NOT LIKE 'closed%' ORDER BY subject_id"
    )
    ids = opened(published(company)).reader.rows(Query("open", open_deals)).column(0).to_pylist()
    seen: dict[bool, tuple[str, Need]] = {}
    while len(seen) < 2:  # one written before the customer was last heard, one after
        found = gate(company, "opportunity", ids.pop())
        for need in found.asks[0].needs:
            if need.proof is None:  # nobody did anything in this stay
                continue
            assert need.proof.at >= found.entered_at
            assert need.is_newer is (need.grade == 1)
            zone = company.manner.zone
            late = need.written_at and need.written_at.astimezone(zone).date() > need.proof.at.astimezone(zone).date()
            assert need.is_newer is bool(late)
            seen[need.is_newer] = found.subject_id, need
    record, need = seen[True]
    assert need.proof is not None
    html = read(client, f"/gates/opportunity/{record}/")
    assert re.search(rf"filled: {need.proof.kind}, [^<]*; written later, ", html)
    told = client.get(f"/api/gate/opportunity/{record}").json()["asks"][0]["needs"]
    shown = next(one for one in told if one["column"] == need.column)
    assert (shown["grade"], shown["is_newer"], shown["proof"]["kind"], shown["proof"]["by"]) == (
        1, True, need.proof.kind, need.proof.by,
    )  # fmt: skip


def test_a_completeness_is_the_metrics_and_a_last_stage_tells_that_of_those_in_it(company: Workspace) -> None:
    found = {g.stage: g for g in gates_report(company, flow="sales").gates}
    asked = ask(company, "gate_completeness", by="stage", start="2000-01-01", end="2099-12-31")
    metric = {row["stage"]: row["value"] for row in asked.table.to_pylist()}
    for stage, one in found.items():
        if one.passed and one.required:
            assert one.completeness == pytest.approx(float(metric[stage])), stage
    lost = found["closed_lost"]
    assert lost.is_end
    assert (lost.completeness, lost.stopped, lost.lacks) == (1.0, 0, ())  # every lost deal has its reason
    assert lost.came > lost.waiting  # some were reopened: they were not stopped by it


def test_what_lacked_slipped_was_waived_or_was_stopped(company: Workspace) -> None:
    lacks = [x for one in gates_report(company).gates for x in one.lacks]
    assert len(lacks) > 5
    for one in lacks:
        assert one.lacked == one.slipped + one.waived + one.stopped


@pytest.mark.usefixtures("company_desk")
def test_a_verdict_from_todays_facts_says_that_it_is_hindsight(
    client: "Client", bob: "User", company: Workspace
) -> None:
    client.force_login(bob)
    one = next(g for g in gates_report(company, flow="sales").gates if g.stage == "qualification")
    left = one.came - one.waiting
    assert (one.from_today, [(x.item, x.stays) for x in one.untold]) == (left, [("contacts", left), ("amount", 10)])
    assert f"contacts (of all {left:,})" in one.hindsight
    assert one.says.endswith("But that is hindsight: all of them were judged by what is there today.")
    html = read(client, "/gates/?flow=sales")
    assert "Part of this is hindsight." in html
    assert one.hindsight in html
    shown = next(g for g in client.get("/api/gates?flow=sales").json()["gates"] if g["stage"] == "qualification")
    assert (shown["hindsight"], shown["untold"]) == (one.hindsight, [x._asdict() for x in one.untold])


def test_without_a_build_the_api_says_so_of_one_record_too(alice: "Client", small: Workspace) -> None:
    shutil.rmtree(small.lake.builds)
    answer = alice.get("/api/gate/opportunity/d2")
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (409, "no-build")


@pytest.mark.usefixtures("company_desk")
def test_the_report_comes_before_who_cannot_go_on_and_a_long_cut_ends(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    asked = "?flow=sales&by=owner.name&per=week&from=2025-01"
    html = read(client, f"/gates/{asked}")
    assert html.index("How the gates do") < html.index("Cannot go on")
    rows = {table.caption: len(table.rows) for table in tables(html)}
    assert max(rows.values()) == 200, rows
    total = len(client.get("/gates/report.csv" + asked).content.splitlines()) - 1
    assert total > 200
    assert f"The first 200 of {total}; the files have all." in html


@pytest.mark.usefixtures("company_desk")
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/gates/?by=colour", 400), ("/gates/?per=decade", 400), ("/gates/?flow=x", 400), ("/gates/?from=never", 400),
        ("/gates/opportunity/nope/", 404), ("/gates/deal/nope/", 404), ("/api/gate/opportunity/nope", 404),
        ("/api/gates?by=colour", 400), ("/api/gates?flow=x", 400), ("/api/gates/lacking?flow=x", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(client: "Client", bob: "User", address: str, status: int) -> None:
    client.force_login(bob)
    assert client.get(address).status_code == status


@pytest.mark.usefixtures("company_desk")
def test_charlie_sees_no_gate_and_decides_nothing(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    for address in ("/gates/", D2, "/gates/report.csv", "/api/gates", "/api/gates/lacking", "/api/gate/opportunity/x"):
        assert client.get(address).status_code == 403, address
    for address in ("/api/waivers", "/api/waivers/withdrawn"):
        assert client.post(address, "{}", content_type="application/json").status_code == 403, address


def test_where_one_thing_is_waived_the_page_and_the_api_name_only_what_still_blocks(alice: "Client") -> None:
    assert "Lacks source, exit criterion" in read(alice, D2)
    assert alice.post(D2, {**GOOD, "what": "exit"}).status_code == 302
    html = read(alice, D2)
    assert "Lacks source<" in html
    assert "Lacks source, exit" not in html
    asks = alice.get("/api/gate/opportunity/d2").json()["asks"][0]
    assert (asks["blocks"], asks["may_pass"]) == (["source"], False)
    alice.post(D2, {**GOOD, "what": "source"})
    assert "Waived: source, exit criterion" in read(alice, D2)


def test_the_page_of_a_stage_has_its_gate_in_short(alice: "Client") -> None:
    html = read(alice, "/lifecycle/discovery/")
    assert "Its gate" in html
    assert "/gates/#worth" in html
    assert "Nothing has to be there" in read(alice, "/lifecycle/qualification/") or "Came to it" in html


def test_a_record_is_found_and_its_gate_says_what_lacks_and_from_where(alice: "Client", small: Workspace) -> None:
    assert D2 in read(alice, "/gates/?q=d2")
    assert "Nobody in a stage" in read(alice, "/gates/?q=nobody at all")
    html = read(alice, D3)
    assert "It may not go on yet" in html
    assert "files: Amount in data/deals.csv" in html
    assert "no source fills it; Salesforce leads" in html
    assert "not filled" in html
    assert "meetings &gt;= 1" in html
    assert "mart.facts_opportunity" in html
    ahead = read(alice, f"{D3}?to=evaluation")
    names = ("gate-discovery", "gate-qualification", "gate-evaluation")
    assert [name in ahead for name in names] == [True, True, False]
    assert alice.get(f"{D3}?to=nowhere").status_code == 400
    assert "It is not made yet" in read(alice, f"{D3}?as_of=2026-02-28")


def test_a_deal_that_is_won_has_the_gate_of_its_pipeline_and_that_of_the_lifecycle(
    alice: "Client", small: Workspace
) -> None:
    agreed = small.root / "model/lifecycle.yaml"
    agreed.write_text(agreed.read_text() + SECOND)
    won = "/gates/opportunity/files:d1/"
    pipeline, lifecycle = read(alice, won), read(alice, f"{won}?flow=lifecycle")
    for html, here, other in ((pipeline, "sales", "lifecycle"), (lifecycle, "lifecycle", "sales")):
        assert f'<a href="{won}?flow={here}" aria-current="true">' in html
        assert f'<a href="{won}?flow={other}">' in html
    assert 'name="stage" value="sales.closed_won"' in pipeline
    assert 'name="stage" value="lifecycle.closed_won"' in lifecycle
    sent = alice.post(f"{won}?flow=lifecycle", {**GOOD, "stage": "lifecycle.closed_won"})
    assert (sent.status_code, sent["Location"]) == (302, f"{won}?flow=lifecycle&recorded=yes")
    assert "It may go on." in read(alice, f"{won}?flow=lifecycle")
    assert "It may not go on yet" in read(alice, won)
    told = {flow: alice.get(f"/api/gate/opportunity/d1?flow={flow}").json() for flow in ("lifecycle", "sales")}
    assert {flow: (one["may_go"], one["asks"][0]["called"]) for flow, one in told.items()} == {
        "lifecycle": (True, "lifecycle.closed_won"), "sales": (False, "sales.closed_won"),
    }  # fmt: skip
    assert alice.get(f"{won}?flow=partners").status_code == 400
    assert alice.get("/api/gate/opportunity/d1?flow=partners").status_code == 400
    assert 'aria-label="Flows"' in pipeline


def test_a_waiver_is_given_once_and_taken_back(alice: "Client", small: Workspace) -> None:
    for _ in range(2):  # sent twice
        answer = alice.post(D2, GOOD)
        assert (answer.status_code, answer["Location"]) == (302, f"{D2}?recorded=yes")
    html = read(alice, f"{D2}?recorded=yes")
    assert "Recorded. It counts for this record from now on" in html
    assert "It may go on." in html
    assert "Known from the last deal." in html
    waivers = gate(small, "opportunity", "d2").asks[0].waivers
    assert [(w.by, str(w.until)) for w in waivers] == [("Alice Fairweather", "2026-04-15")]
    assert alice.post(D2, {"withdraw": waivers[0].id}).status_code == 302
    html = read(alice, D2)
    assert "It may not go on yet" in html
    assert "taken back" in html
    assert len(list((small.lake.raw / "desk/waiver").glob("*.parquet"))) == 2  # given and taken back: both are kept


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"reason": " "}, "reason", "reason: a waiver needs one."),
        ({"until": ""}, "until", "until: a waiver ends on a day."),
        ({"until": "2026-03-30"}, "until", "is over"),
        ({"what": "colour"}, "what", "does not ask for"),
    ],
)
def test_what_is_wrong_with_a_waiver_is_said_at_its_field(
    alice: "Client", small: Workspace, change: dict[str, str], field: str, says: str
) -> None:
    answer = alice.post(D2, {**GOOD, **change})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert says in html
    assert re.search(rf'id="discovery-{field}"[^>]* aria-invalid="true"', html)
    assert 'href="#discovery-' in html
    if field != "reason":
        assert "Known from the last deal." in html  # what was typed is still there
    assert not list(small.lake.raw.glob("desk/waiver/*"))


def test_who_may_not_waive_is_told_who_may(small: Workspace) -> None:
    with browsing(small, "team") as bob:
        assert 'name="reason"' not in read(bob, D2)
        assert "May be waived by: " in read(bob, D2)
        answer = bob.post(D2, GOOD)
        assert answer.status_code == 403
        assert "Sales manager (Alice Fairweather)" in answer.content.decode()
        sent = bob.post("/api/waivers", json.dumps(NEW), content_type="application/json", headers=_token(bob))
        assert sent.status_code == 403
        assert "Alice Fairweather" in sent.json()["problems"][0]["hint"]
        assert not list(small.lake.raw.glob("desk/waiver/*"))


def test_whoever_may_not_take_a_waiver_back_is_told_so(small: Workspace) -> None:
    with browsing(small, "owner") as alice:
        alice.post(D2, GOOD)
    leave = gate(small, "opportunity", "d2").asks[0].waivers[0]
    with browsing(small, "team") as bob:
        answer = bob.post(D2, {"withdraw": leave.id})
    assert answer.status_code == 403
    said = re.search(r'<div class="notice bad" role="alert">.*?</div>', answer.content.decode(), re.S)
    assert said is not None
    assert "Nothing was recorded." in said.group()
    assert "may not waive the gate of discovery." in said.group()
    assert "Alice Fairweather" in said.group()


def test_the_page_of_one_record_takes_back_no_waiver_of_another(alice: "Client", small: Workspace) -> None:
    alice.post(D2, GOOD)
    leave = gate(small, "opportunity", "d2").asks[0].waivers[0]
    answer = alice.post(D3, {"withdraw": leave.id})
    assert answer.status_code == 400
    assert "It is a waiver of another record" in answer.content.decode()
    assert gate(small, "opportunity", "d2").asks[0].waivers[0].counts
    assert alice.post("/gates/opportunity/d2/", {"withdraw": leave.id}).status_code == 302  # its key is as good


def test_a_waiver_needs_the_form_token(small: Workspace) -> None:
    with browsing(small, "owner", strict=True) as strict:
        assert strict.post(D2, GOOD).status_code == 403
        assert not list(small.lake.raw.glob("desk/waiver/*"))


NEW = {"subject": "opportunity", "subject_id": "d2", "stage": "discovery", "reason": "So.", "until": "2026-04-15"}


def _token(client: "Client") -> dict[str, str]:
    """The form token of a session, as a page's script sends it."""
    read(client, D2)
    return {"X-CSRFToken": client.cookies["csrftoken"].value} if "csrftoken" in client.cookies else {}


def test_programs_waive_and_take_back_and_see_it_at_once(alice: "Client") -> None:
    def sent(address: str, body: dict[str, str]) -> tuple[int, dict[str, str | None]]:
        answer = alice.post(address, json.dumps(body), content_type="application/json", headers=_token(alice))
        return answer.status_code, answer.json()

    before = alice.get("/api/gate/opportunity/d2")
    assert before.json()["may_go"] is False
    assert before.json()["asks"][0]["needs"][0]["comes_from"]["owner"]
    status, given = sent("/api/waivers", NEW)
    assert (status, given["by"], given["withdrawn_at"]) == (201, "Alice Fairweather", None)
    assert sent("/api/waivers", NEW)[1]["id"] == given["id"]
    after = alice.get("/api/gate/opportunity/d2", headers={"If-None-Match": before["ETag"]})
    assert (after.status_code, after.json()["may_go"]) == (200, True)
    assert alice.get("/api/gate/opportunity/d2", headers={"If-None-Match": after["ETag"]}).status_code == 304
    status, back = sent("/api/waivers/withdrawn", {"waiver": str(given["id"])})
    assert (status, back["withdrawn_by"]) == (201, "Alice Fairweather")
    assert alice.get("/api/gate/opportunity/d2").json()["may_go"] is False
    assert sent("/api/waivers", {**NEW, "until": "soon"})[0] == 400
    assert sent("/api/waivers/withdrawn", {"waiver": "desk:nope"})[0] == 400


def test_a_model_without_gates_says_how_to_make_one(alice: "Client", small: Workspace) -> None:
    (small.root / "model/lifecycle.yaml").write_text("stages: {}\n")
    html = read(alice, "/gates/")
    assert "No stage asks for anything" in html
    assert "required: [amount, close_date]" in html
