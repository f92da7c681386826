"""The REST API: the verbs' own numbers, pages, tags, CSV, and one shape for every refusal; closed to everybody else."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from fairlead.actions.asking import Asked, ask
from fairlead.actions.building import builds
from fairlead.actions.dictionary import terms
from fairlead.actions.explaining import dictionary, explain, rows_behind
from fairlead.actions.scoreboard import scoreboard
from fairlead.actions.why import why
from fairlead.desk.api.written import written
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

Get = Callable[..., Any]
IN_ADDRESSES = {"name": "win_rate", "build": "2026", "a": "2026", "b": "2026", "subject": "lifecycle"}
IN_ADDRESSES |= {"stage": "marketing_qualified", "handoff": "mql_to_sql"}
NEEDED = {"/api/ask": {"metrics": "win_rate"}, "/api/why": {"metric": "win_rate", "from": "2026-09", "to": "2026-10"}}


def token_of(user: "User", label: str = "test", days: int = 1) -> str:
    from django.utils import timezone

    from fairlead.desk.people.tokens import make

    return make(user, label, now=timezone.now(), days=days)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def program(company_desk: Workspace, bob: "User") -> Any:
    """Bob's program: a client with his token and no session."""
    from django.test import Client

    return Client(enforce_csrf_checks=True, headers=bearer(token_of(bob)))


@pytest.fixture
def get(program: Any) -> Get:
    """The JSON at an address, numbers exact."""

    def answered(address: str, status: int = 200, **query: Any) -> Any:
        given = program.get(f"{address}?{urlencode(query, doseq=True)}" if query else address)
        assert given.status_code == status, given.content[:500]
        return json.loads(given.content, parse_float=Decimal)

    return answered


def operations() -> Iterator[tuple[str, str]]:
    """Every operation there is, its address filled in; one added later is in these tests unasked."""
    from fairlead.desk.api.description import openapi

    for path, methods in openapi()["paths"].items():
        address = path.format_map(IN_ADDRESSES)
        for method in methods:
            query = urlencode(NEEDED.get(path, {}))
            yield method, f"{address}?{query}" if query else address


def exact(value: float | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


# The numbers are those of the verbs.


def test_ask_gives_the_verbs_numbers(company_desk: Workspace, get: Get) -> None:
    asked = {"metrics": ["win_rate", "new_arr"], "per": "month", "by": ["account.segment"], "from": "2023"}
    table = ask(company_desk, ["win_rate", "new_arr"], per="month", by="account.segment", start="2023").table
    rows = get("/api/ask", **asked)["items"]
    assert len(rows) == table.num_rows > 10
    for row, expected in zip(rows, table.to_pylist(), strict=True):
        assert (row["metric"], row["period"], row["unit"]) == tuple(expected[n] for n in ("metric", "period", "unit"))
        assert row["by"] == {"account.segment": expected["account.segment"]}
        assert row["value"] == exact(expected["value"])
    assert any(row["value"] is None for row in rows)
    assert any(row["value"] for row in rows)


def test_money_is_a_number_exact_to_the_cent(get: Get) -> None:
    rows = get("/api/ask", metrics="new_arr", per="month")["items"]
    found = [row["value"] for row in rows if row["value"]]
    assert all(value == round(value, 2) for value in found)
    assert written([Decimal("12345678901234567.89"), Decimal("0.10")]) == "[12345678901234567.89,0.10]"


def test_the_scoreboard_is_the_verbs(company_desk: Workspace, get: Get) -> None:
    shown, board = get("/api/scoreboard"), scoreboard(company_desk)
    assert [s["metric"] for s in shown["scores"]] == [s.metric for s in board.scores]
    assert [s["value"] for s in shown["scores"]] == [exact(s.value) for s in board.scores]
    assert [s["status"] for s in shown["scores"]] == [str(s.status) for s in board.scores]
    assert shown["build"] == board.build
    assert shown["as_of"].endswith("Z")
    assert datetime.fromisoformat(shown["as_of"]) == board.as_of


def test_why_is_the_verbs_and_sums_up(company_desk: Workspace, get: Get) -> None:
    shown = get("/api/why", metric="pipeline_velocity", by="account.segment", **{"from": "2026-08", "to": "2026-09"})
    told = why(company_desk, "pipeline_velocity", start="2026-08", end="2026-09", by=("account.segment",))
    assert shown["change"] == told.change
    assert sum(part["part"] for part in shown["whole"]["parts"]) == shown["whole"]["part"] == told.whole.part
    assert shown["sentence"] == told.sentence
    assert [cut["dimension"] for cut in shown["cuts"]] == ["account.segment"]


def test_a_metric_is_what_explain_says(company_desk: Workspace, get: Get) -> None:
    shown, told = get("/api/metrics/M10"), explain(company_desk, "win_rate")
    assert (shown["name"], shown["sql"]) == ("win_rate", told.sql)
    assert shown["made_of"] == list(told.made_of)
    assert len(shown["lineage"]) == len(told.lineage) > 0
    assert get("/api/metrics/won")["metric"] is None


def test_the_tree_the_model_and_the_sources_answer(company_desk: Workspace, get: Get) -> None:
    model = company_desk.model
    tree = get("/api/tree")
    assert {(e["source"], e["target"]) for e in tree["edges"]} == {(e.source, e.target) for e in model.edges}
    assert set(model.metrics.metrics) <= {node["name"] for node in tree["nodes"]}
    lifecycle = get("/api/model/lifecycle")
    stages = next(s for s in lifecycle["sections"] if s["name"] == "stages")
    assert [entry["name"] for entry in stages["entries"]] == list(model.lifecycle.stages)
    assert {s["name"] for s in get("/api/model")["items"]} >= {"charter", "metrics", "cadence"}
    assert [s["name"] for s in get("/api/sources")["items"]] == [s.name for s in company_desk.sources]


def test_builds_are_the_verbs(company_desk: Workspace, get: Get) -> None:
    newest = builds(company_desk)[0]
    line = get("/api/builds", limit=1)["items"][0]
    assert (line["build"], line["rows_in"], line["kept"]) == (newest.build, newest.rows_in, newest.kept)
    shown = get(f"/api/builds/{newest.build}")
    assert shown["rows"] == dict(newest.rows)
    assert sum(table["rows_in"] for table in shown["tables"]) == newest.rows_in
    same = get(f"/api/builds/{newest.build}/compare/{newest.build}")
    assert same["only_a"] == same["only_b"] == []
    assert all(table["is_same"] for table in same["tables"])
    assert all(move["change"] in (0, None) for move in same["moves"])


def test_metrics_are_searched_and_chosen(company_desk: Workspace, get: Get) -> None:
    every = company_desk.model.metrics.metrics.values()
    assert get("/api/metrics", limit=500)["total"] == len(every)
    money = get("/api/metrics", limit=500, unit="money")["items"]
    assert {m["name"] for m in money} == {m.name for m in every if m.unit == "money"}
    first = get("/api/metrics", limit=500, tier=1, scoreboard="true")["items"]
    assert {m["name"] for m in first} == {m.name for m in every if m.tier == 1 and m.scoreboard}
    assert "win_rate" in {m["name"] for m in get("/api/metrics", q="WIN RATE")["items"]}
    assert get("/api/dictionary", q="win rate")["items"][0]["name"] == "win_rate"
    assert get("/api/dictionary/win_rate")["explained"]["name"] == "win_rate"


# Pages.


@pytest.mark.parametrize("size", [1, 7, 500])
def test_pages_cover_everything_once(company_desk: Workspace, get: Get, size: int) -> None:
    lists = {
        "/api/metrics": [e.name for e in dictionary(company_desk)],
        "/api/dictionary": [t.ref for t in terms(company_desk)],
    }
    for address, expected in lists.items():
        key = "ref" if "dictionary" in address else "name"
        wanted = expected[:3] if size == 1 else expected
        assert [item[key] for item in pages(get, address, size, most=len(wanted))] == wanted


def test_pages_of_rows_cover_every_record_once(company_desk: Workspace, get: Get) -> None:
    behind = rows_behind(company_desk, Asked(("win_rate",), start="2026-Q2", end="2026-Q3"))
    query = {"from": "2026-Q2", "to": "2026-Q3", "measure": "closed"}
    found = list(pages(get, f"/api/metrics/win_rate/rows?{urlencode(query)}", 4))
    assert [row["id"] for row in found] == behind["closed"].column("id").to_pylist()
    assert len(found) > 4


def test_an_answer_of_ask_is_paged_too(get: Get) -> None:
    whole = get("/api/ask", metrics="win_rate", per="month")["items"]
    assert list(pages(get, "/api/ask?metrics=win_rate&per=month", 5)) == whole


def pages(get: Get, address: str, size: int, most: int = 10**6) -> Iterator[Any]:
    """What `next` leads to, entry by entry."""
    at: str | None = f"{address}{'&' if '?' in address else '?'}limit={size}"
    told = 0
    while at and told < most:
        page = get(at)
        assert len(page["items"]) <= size
        yield from page["items"]
        told += len(page["items"])
        at = page["next"]
    if at is None:
        assert told == page["total"]


def test_a_page_past_the_end_is_empty(get: Get) -> None:
    page = get("/api/metrics", offset=10**9)
    assert (page["items"], page["next"]) == ([], None)
    assert page["total"] > 0


# Tags.


def test_what_has_not_changed_is_not_sent_again(company_desk: Workspace, program: "Client", alice: "User") -> None:
    for method, address in operations():
        if method != "get":
            continue
        first = program.get(address)
        tag = first["ETag"]
        assert tag.startswith('"'), "a strong tag"
        assert first["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Authorization", "Cookie"} <= set(first["Vary"].split(", "))
        again = program.get(address, headers={"if-none-match": f'"x", {tag}'})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        anybody = program.get(address, headers=bearer(token_of(alice, address)))
        assert anybody["ETag"] == tag, "the same question has one tag for everybody"
        assert program.get(address, headers={"if-none-match": '"other"'}).status_code == 200


def test_tags_differ_where_answers_do(program: "Client") -> None:
    asked = ["/api/metrics", "/api/metrics?limit=5", "/api/dictionary", "/api/ask?metrics=win_rate"]
    tags = [program.get(address)["ETag"] for address in asked]
    tags.append(program.get(asked[-1], headers={"accept": "text/csv"})["ETag"])
    assert len(set(tags)) == len(tags)


def test_the_tag_is_known_before_the_work(program: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from fairlead.desk.api import numbers

    tag = program.get("/api/scoreboard")["ETag"]

    def work(*_: object, **__: object) -> None:
        raise AssertionError("the work was done")

    monkeypatch.setattr(numbers, "scores", work)
    assert program.get("/api/scoreboard", headers={"if-none-match": tag}).status_code == 304


# CSV and HEAD.


def test_ask_as_csv_is_the_whole_answer(company_desk: Workspace, program: "Client") -> None:
    given = program.get("/api/ask?metrics=win_rate&per=month&limit=1", headers={"accept": "text/csv"})
    table = ask(company_desk, "win_rate", per="month").table
    rows = list(csv.DictReader(io.StringIO(b"".join(given.streaming_content).decode())))  # type: ignore[attr-defined]
    assert given["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["period"] for row in rows] == table.column("period").to_pylist()
    assert [float(row["value"]) if row["value"] else None for row in rows] == table.column("value").to_pylist()


def test_rows_as_csv_are_all_rows(company_desk: Workspace, program: "Client") -> None:
    given = program.get("/api/metrics/win_rate/rows?measure=closed&limit=1", headers={"accept": "text/csv"})
    behind = rows_behind(company_desk, Asked(("win_rate",)))["closed"]
    parts = list(given.streaming_content)  # type: ignore[attr-defined]
    assert len(b"".join(parts).splitlines()) == behind.num_rows + 1


@pytest.mark.parametrize(
    "address", ["/api/metrics/win_rate/rows?measure=closed", "/api/ask?metrics=win_rate&per=month"]
)
def test_csv_is_sent_in_parts(program: "Client", monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    from fairlead.actions import exporting
    from fairlead.desk.api import files

    monkeypatch.setattr(files, "csv_parts", lambda table: exporting.csv_parts(table, rows=2))
    csv_wanted = {"accept": "text/csv"}
    given = program.get(address, headers=csv_wanted)
    parts = [bytes(part) for part in given.streaming_content]  # type: ignore[attr-defined]
    assert max(part.count(b"\n") for part in parts) <= 2
    assert len(parts) > 2
    told = program.head(address, headers=csv_wanted)
    assert (told.status_code, list(told.streaming_content), told["ETag"]) == (200, [], given["ETag"])  # type: ignore[attr-defined]


def test_head_answers_like_get_without_the_body(program: "Client") -> None:
    asked, told = program.get("/api/metrics"), program.head("/api/metrics")
    assert (told.status_code, told.content, told["ETag"]) == (200, b"", asked["ETag"])


# Refusals.


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/metrics/win_rat", 404, "unknown-metric"),
        ("/api/metrics/win_rat/rows", 404, "unknown-metric"),
        ("/api/dictionary/nothing_like_it", 404, "unknown-metric"),
        ("/api/model/nothing", 404, "unknown-subject"),
        ("/api/builds/nothing", 404, "no-build"),
        ("/api/builds/2026/compare/nothing", 404, "no-build"),
        ("/api/nothing", 404, "not-found"),
        ("/api/metrics/", 404, "not-found"),
        ("/api/nothing%0Aat%00all", 404, "not-found"),
        ("/api/ask?metrics=win_rat", 400, "unknown-metric"),
        ("/api/ask?metrics=win_rate&by=nothing", 400, "unknown-dimension"),
        ("/api/ask?metrics=win_rate&per=fortnight", 400, "bad-question"),
        ("/api/ask?metrics=win_rate&from=2026-02-31", 400, "bad-question"),
        ("/api/ask?metrics=win_rate&as_of=0001-01-01", 400, "bad-question"),
        ("/api/ask?metrics=win_rate&to=9999-12-31", 400, "bad-question"),
        ("/api/ask?metrics=win_rate&from=1900&per=day", 400, "bad-question"),
        ("/api/ask?metrics=win_rate&known_at=1900-01-01", 400, "no-files"),
        ("/api/ask?metrics=win_rate&known_at=yesterday", 400, "bad-question"),
        ("/api/ask?metrics=win_rate&where=nothing%20%3E%201", 400, "no-such-column"),
        ("/api/ask?metrics=win_rate&where=" + "%28" * 3000, 400, "predicate-syntax"),
        ("/api/ask?metrics=win_rate&where=name%20%3D%20'%00'", 400, "predicate-syntax"),
        ("/api/ask?metrics=win_rate&where=amount%20%3E%20" + "9" * 400, 400, "not-computed"),
        ("/api/ask?metrics=%00", 400, "unknown-metric"),
        ("/api/ask?metrics=%ED%A0%80&per=%FF", 400, "unknown-metric"),
        ("/api/scoreboard?as_of=1.1.2026", 400, "bad-question"),
        ("/api/why?metric=win_rate&from=2026-09&to=x", 400, "bad-question"),
        ("/api/ask", 422, "bad-parameter"),
        ("/api/ask?metrics=win_rate&form=2026", 422, "bad-parameter"),
        ("/api/metrics?limit=501", 422, "bad-parameter"),
        ("/api/metrics?limit=0", 422, "bad-parameter"),
        ("/api/metrics?offset=-1", 422, "bad-parameter"),
        ("/api/metrics?offset=" + "9" * 5000, 422, "bad-parameter"),
        ("/api/metrics?tier=4", 422, "bad-parameter"),
        ("/api/sources?x=1", 422, "bad-parameter"),
    ],
)
def test_every_refusal_has_one_shape(get: Get, address: str, status: int, code: str) -> None:
    problems = get(address, status=status)["problems"]
    assert code in {problem["code"] for problem in problems}
    for problem in problems:
        assert set(problem) == {"code", "severity", "message", "hint", "file", "line"}
        assert problem["message"]
        assert problem["severity"] == "error"


def test_a_misspelt_name_is_offered_its_nearest(get: Get) -> None:
    assert get("/api/metrics/win_rat", status=404)["problems"][0]["hint"] == "Did you mean 'win_rate'?"
    assert "Did you mean 'from'?" in get("/api/ask?metrics=win_rate&form=1", status=422)["problems"][0]["message"]


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete", "trace"])
def test_other_methods_are_told_which_there_are(program: "Client", verb: str) -> None:
    for address, allowed in (("/api/metrics", "GET"), ("/api/openapi.json", "GET, HEAD"), ("/api/", "GET, HEAD")):
        given = getattr(program, verb)(address)
        assert (given.status_code, given["Allow"]) == (405, allowed)
        assert given.json()["problems"][0]["code"] == "wrong-method"


def test_before_the_first_build_there_is_nothing_to_ask(desk: Workspace, bob: "User") -> None:
    from django.test import Client

    program = Client(headers=bearer(token_of(bob)))
    given = program.get("/api/ask?metrics=win_rate")
    assert (given.status_code, given.json()["problems"][0]["code"]) == (409, "no-build")
    assert program.get("/api/scoreboard").json()["build"] is None
    assert program.get("/api/builds").json()["total"] == 0
    assert program.get("/api/sources").status_code == 200
    assert program.get("/api/tree").status_code == 200


def test_a_workspace_that_cannot_be_read_says_so(desk: Workspace, bob: "User", monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import Client

    settings = desk.root / "fairlead.yaml"
    before = settings.read_text()
    try:
        settings.write_text("timezone: Nowhere\n")
        given = Client(headers=bearer(token_of(bob))).get("/api/scoreboard")
    finally:
        settings.write_text(before)
    assert (given.status_code, given.json()["problems"][0]["code"]) == (503, "wrong-value")


# Who may come in.


def test_the_signed_out_learn_nothing_but_how_to_sign_in(company_desk: Workspace, client: "Client") -> None:
    answers = set()
    unknown = [("get", "/api/nothing"), ("get", "/api/"), ("get", "/api/openapi.json"), ("put", "/api/metrics")]
    for method, address in [*operations(), *unknown]:
        for headers in ({}, bearer("fl_wrong"), bearer(""), {"authorization": "Basic Ym9iOng="}):
            given = getattr(client, method)(address, headers=headers)
            assert given.status_code == 401, address
            assert given["WWW-Authenticate"] == 'Bearer realm="Fairlead"'
            assert "ETag" not in given
            answers.add(given.content)
    assert len(answers) == 1, "every address, every method and every wrong token look the same"


def test_charlie_is_refused_at_every_operation(company_desk: Workspace, client: "Client", charlie: "User") -> None:
    token = bearer(token_of(charlie))
    for method, address in [*operations(), ("get", "/api/nothing"), ("get", "/api/openapi.json")]:
        given = getattr(client, method)(address, headers=token)
        assert (given.status_code, given.json()["problems"][0]["code"]) == (403, "no-access"), address
    client.force_login(charlie)
    assert client.get("/api/metrics").status_code == 403


def test_bob_is_let_in_at_every_operation(program: "Client") -> None:
    for method, address in operations():
        if method == "get":
            assert program.get(address).status_code == 200, address


def test_a_token_ends(company_desk: Workspace, bob: "User", client: "Client") -> None:
    from django.utils import timezone

    from fairlead.desk.people.models import Token
    from fairlead.desk.people.tokens import revoke
    from fairlead.desk.people.users import turn_off, turn_on

    def status(token: str) -> int:
        return client.get("/api/metrics", headers=bearer(token)).status_code

    over, revoked, left = (token_of(bob, label) for label in ("over", "revoked", "left"))
    assert {status(t) for t in (over, revoked, left)} == {200}
    Token.objects.filter(label="over").update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke(bob, "revoked", now=timezone.now())
    assert (status(over), status(revoked), status(left)) == (401, 401, 200)
    turn_off(bob, now=timezone.now())
    assert status(left) == 401
    turn_on(bob)
    assert status(left) == 401, "what was ended stays ended"


def test_a_wrong_token_is_not_made_up_for_by_a_session(company_desk: Workspace, client: "Client", bob: "User") -> None:
    client.force_login(bob)
    assert client.get("/api/metrics").status_code == 200
    assert client.get("/api/metrics", headers=bearer("fl_wrong")).status_code == 401


def test_only_the_digest_of_a_token_is_kept(company_desk: Workspace, bob: "User") -> None:
    from fairlead.desk.people.models import Token

    token = token_of(bob)
    assert token.startswith("fl_")
    assert token not in str(list(Token.objects.values_list()))
    assert token not in repr(Token.objects.get())


def test_use_is_noted_once_an_hour(company_desk: Workspace, bob: "User") -> None:
    from django.utils import timezone

    from fairlead.desk.people.models import Token
    from fairlead.desk.people.tokens import user_of

    token, now = token_of(bob), timezone.now()
    for minutes, noted in ((0, 0), (30, 0), (61, 61), (90, 61)):
        assert user_of(token, now=now + timedelta(minutes=minutes)) == bob
        assert Token.objects.get().last_used_at == now + timedelta(minutes=noted)


# Disputes: the one operation that changes something.

DISPUTE = {"term": "win_rate", "says": "A merged deal is not lost.", "given": {"won": 1, "closed": 4}, "gives": 0.3333}


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch, company_desk: Workspace) -> list[dict[str, Any]]:
    """What was given to the verb, which writes nothing here: the company is everybody's."""
    from fairlead.actions.disputing import Contested
    from fairlead.desk.api import agreed
    from fairlead.model.decisions import Dispute
    from fairlead.problem import Where

    said: list[dict[str, Any]] = []

    def verb(workspace: Workspace, **given: Any) -> Dispute:
        said.append(given)
        return Dispute(term=given["term"], says=given["says"], raised_by=given["by"])

    def told(workspace: Workspace, term: str | None = None) -> tuple[Contested, ...]:
        made = [Dispute(term="win_rate", says=one["says"], raised_by=one["by"]) for one in said]
        return tuple(Contested(1, one, Where("model/decisions.yaml"), None, None, "Win rate") for one in made)

    monkeypatch.setattr(agreed, "raise_dispute", verb)
    monkeypatch.setattr(agreed, "contested", told)
    return said


def test_a_dispute_is_raised_in_the_name_of_whoever_asks(program: "Client", raised: list[dict[str, Any]]) -> None:
    given = program.post("/api/disputes", DISPUTE, content_type="application/json")
    assert given.status_code == 201, given.content
    assert given.json()["raised_by"] == "Bob Okafor"
    assert raised[0]["given"] == {"won": 1, "closed": 4}
    assert raised[0]["gives"] == 0.3333


def test_a_session_changes_nothing_without_its_form_token(
    company_desk: Workspace, bob: "User", raised: list[dict[str, Any]]
) -> None:
    from django.conf import settings
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bob)
    given = browser.post("/api/disputes", DISPUTE, content_type="application/json")
    assert (given.status_code, given.json()["problems"][0]["code"]) == (403, "form-expired")
    assert not raised
    browser.get("/account/")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    sent = {"x-csrftoken": token}
    assert browser.post("/api/disputes", DISPUTE, content_type="application/json", headers=sent).status_code == 201


UNREADABLE = (
    *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000),
    b'{"term": "win_rate"}',
    b'{"term": 1, "says": "x"}',
    b'{"term": "win_rate", "says": "x", "gives": 1e999}',
    b'{"term": "win_rate", "says": "x", "more": 1}',
    b'{"term": "win_rate", "says": "\\ud800"}',
    b'{"term": "win_rate", "says": "x", "given": {"won": NaN}}',
)


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_body_that_cannot_be_read_is_refused(program: "Client", raised: list[dict[str, Any]], body: bytes) -> None:
    given = program.post("/api/disputes", body, content_type="application/json")
    assert (given.status_code, given.json()["problems"][0]["code"]) == (422, "bad-parameter")
    assert not raised


def test_a_body_too_large_is_refused(program: "Client", raised: list[dict[str, Any]]) -> None:
    given = program.post("/api/disputes", b" " * 3_000_000, content_type="application/json")
    assert given.status_code in (400, 413)
    assert given.json()["problems"][0]["code"] == "bad-parameter"


# The description.


def test_the_description_tells_every_refusal_with_its_shape(get: Get) -> None:
    for path, methods in get("/api/openapi.json")["paths"].items():
        for operation in methods.values():
            told = operation["responses"]
            assert {"401", "403", "405", "422"} <= set(told), path
            assert ("404" in told) == ("{" in path)
            for status, answer in told.items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/Problems"}
            assert operation["summary"]
            assert operation["description"]
            assert all(one.get("description") for one in operation["parameters"]), path
            assert operation["security"] == [{"Token": []}, {"Session": []}]


def test_the_page_of_the_api_is_ours(program: "Client") -> None:
    from fairlead.desk.api.description import openapi

    page = program.get("/api/").content.decode()
    for path in openapi()["paths"]:
        assert path in page
    assert "http://testserver/api/metrics/win_rate/rows" in page
    assert "cdn" not in page


def test_every_curl_line_of_the_documentation_works(program: "Client", raised: list[dict[str, Any]]) -> None:
    told = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"^curl .*$", told, re.MULTILINE)
    assert len(lines) > 15
    for line in lines:
        found = re.search(r'"http://127[.]0[.]0[.]1:8000([^"]+)"', line)
        assert found, line
        sent = re.search(r"-d '(.*)'", line)
        if sent:
            given = program.post(found[1], sent[1], content_type="application/json")
        else:
            given = program.get(found[1], headers={"accept": "text/csv"} if "text/csv" in line else {})
        assert given.status_code in (200, 201), (line, given.content[:300])
