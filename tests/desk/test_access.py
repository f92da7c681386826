"""Closed by default: what the signed-out, Charlie, Bob and Alice get at every address."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.desk.conftest import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User
    from fairlead.workspace import Workspace

OPEN_TO_ALL = {"sign-in", "sign-in-link"}
OPEN_TO_THE_SIGNED_IN = {"sign-out"}


def addresses() -> dict[str, str]:
    """Every page by name; a page added later is in the tests of this file unasked. The API's are in programs.py."""
    from django.urls import URLPattern, reverse

    from fairlead.desk.urls import urlpatterns

    needs = {"token": "x", "name": "win_rate", "form": "csv", "subject": "charter", "build": "2026", "a": "1", "b": "2"}
    needs |= {"record": "x", "what": "churn"}
    needs |= {"kind": "metric", "version": "1", "table": "record.opportunity"}
    named = [(p.name or "", p.pattern.converters) for p in urlpatterns if isinstance(p, URLPattern)]
    return {name: reverse(name, kwargs={key: needs[key] for key in keys}) for name, keys in named}


def test_the_signed_out_see_nothing_but_the_sign_in(client: "Client", board: Any) -> None:
    for name, address in addresses().items():
        if name not in OPEN_TO_ALL:
            answer = client.get(address)
            assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={address}"), name
            assert answer.content == b""


@pytest.mark.parametrize("address", ["/nope", "/admin/", "/api", "/apis/", "/favicon.ico"])
def test_to_the_signed_out_an_unknown_address_looks_like_any_other(client: "Client", address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in/")


def test_the_sign_in_page_names_no_company(client: "Client", board: Any) -> None:
    page = client.get("/sign-in/").content
    assert b"Sign in" in page
    assert b"Acme" not in page


def test_charlie_sees_no_page_and_is_told_whom_to_ask(
    client: "Client", board: Any, alice: "User", bob: "User", charlie: "User"
) -> None:
    client.force_login(charlie)
    for name, address in addresses().items():
        if name in OPEN_TO_ALL | OPEN_TO_THE_SIGNED_IN:
            continue
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 403, name
        assert "Alice Fairweather" in page
        assert "alice@acme.com" in page
        assert "Bob" not in page
        assert "Win rate" not in page


SENT = {
    "label": "mine", "days": "30", "day": "2026-01-01", "says": "It counts too much.", "given": "1", "gives": "1",
    "old": PASSWORD, "new": "another long phrase", "again": "another long phrase", "username": "x", "password": "y",
}  # fmt: skip


def left_behind(desk: "Workspace") -> tuple[object, ...]:
    """Everything that something sent to a page may change."""
    from fairlead.desk.people.models import Token, User

    files = {str(file): file.read_bytes() for file in (desk.root / "model").rglob("*") if file.is_file()}
    lake = sorted(str(file) for file in desk.lake.root.rglob("*") if not file.name.startswith("desk."))
    people = list(User.objects.order_by("pk").values_list("username", "password", "signed_out", "access"))
    return files, lake, people, Token.objects.count()


def test_what_the_signed_out_send_is_not_done(client: "Client", desk: "Workspace", bob: "User") -> None:
    before = left_behind(desk)
    for name, address in addresses().items():
        if name not in OPEN_TO_ALL:
            answer = client.post(address, SENT)
            assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={address}"), name
            assert answer.content == b""
    assert left_behind(desk) == before


def test_what_charlie_sends_is_not_done(client: "Client", desk: "Workspace", alice: "User", charlie: "User") -> None:
    client.force_login(charlie)
    before = left_behind(desk)
    for name, address in addresses().items():
        if name not in OPEN_TO_ALL | OPEN_TO_THE_SIGNED_IN:
            answer = client.post(address, SENT)
            assert answer.status_code == 403, name
            assert "Alice Fairweather" in answer.content.decode()
    assert left_behind(desk) == before


def test_what_is_sent_would_be_done_for_bob(client: "Client", desk: "Workspace", bob: "User") -> None:
    """The same, sent by somebody who may: so that the two tests above refuse something."""
    client.force_login(bob)
    before = left_behind(desk)
    assert client.post(addresses()["make-token"], SENT).status_code == 200
    assert left_behind(desk) != before


def test_charlie_can_sign_out(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    assert client.post("/sign-out/").status_code == 302


def test_bob_and_alice_see_the_scoreboard(client: "Client", board: Any, alice: "User", bob: "User") -> None:
    for user in (alice, bob):
        client.force_login(user)
        assert client.get("/").status_code == 200


def test_who_left_is_signed_out(client: "Client", board: Any, bob: "User") -> None:
    client.force_login(bob)
    bob.is_active = False
    bob.save()
    assert client.get("/").status_code == 302


def test_the_frame_shows_the_role_of_the_model(client: "Client", board: Any, alice: "User", bob: "User") -> None:
    for user, role in ((alice, "RevOps lead"), (bob, "VP Sales")):
        client.force_login(user)
        assert f'{user.name}<span class="me-role"> · {role}' in client.get("/").content.decode()


def test_pages_answer_no_other_verbs(client: "Client", board: Any, bob: "User") -> None:
    client.force_login(bob)
    for verb in (client.post, client.put, client.delete, client.patch):
        assert verb("/").status_code == 405


@pytest.mark.parametrize("path", ["../settings.py", "..%2fsettings.py", "desk/../../settings.py", "desk/nope.css"])
def test_static_files_are_only_those_of_their_folder(client: "Client", path: str) -> None:
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 404
    assert b"SECRET" not in answer.content
