"""The REST API refuses in one shape, and is closed to everybody who may not."""

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from fairlead.workspace import Workspace
from tests.desk.programs import IN_ADDRESSES, NEEDED, OF_RECORDS, Get, bearer, operations, token_of

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


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


def test_a_time_that_is_none_is_refused_wherever_one_may_be_said(get: Get) -> None:
    from fairlead.desk.api.description import openapi

    asked = set()
    for path, methods in openapi()["paths"].items():
        told = {one["name"] for one in methods.get("get", {}).get("parameters", ()) if one["in"] == "query"}
        for name in told & {"as_of", "known_at", "from", *(["to"] if "from" in told else [])}:  # else a stage
            address = path.format_map(IN_ADDRESSES | (OF_RECORDS if "{record}" in path else {}))
            problems = get(f"{address}?{urlencode(NEEDED.get(path, {}) | {name: 'nope'})}", status=400)["problems"]
            assert [one["code"] for one in problems] == ["bad-question"], (path, name)
            assert "'nope' is no " in problems[0]["message"], (path, name)
            asked.add((path, name))
    assert {("/api/gates", "as_of"), ("/api/gates/lacking", "as_of"), ("/api/ask", "known_at")} <= asked


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
