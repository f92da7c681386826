"""Signing in by password and by link, and out again."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import fairlead.desk
from fairlead.desk import NewUser
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.desk.conftest import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def signed_in(client: "Client") -> str | None:
    """The id of whom the browser is signed in as."""
    return client.session.get("_auth_user_id")


def form(client: "Client", password: str = PASSWORD, to: str = "/sign-in/", **more: str) -> Any:
    return client.post(to, {"username": "bob", "password": password, **more})


def test_a_name_and_its_password_sign_in(client: "Client", bob: "User") -> None:
    answer = form(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client) == str(bob.pk)


def test_a_wrong_password_says_so_and_keeps_the_name(client: "Client", bob: "User") -> None:
    page = form(client, "wrong").content.decode()
    assert 'role="alert"' in page
    assert 'value="bob"' in page
    assert signed_in(client) is None


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(client: "Client", bob: "User") -> None:
    def said(answer: Any) -> str:
        text: str = answer.content.decode()
        return text[text.index('role="alert"') : text.index("<form")]

    unknown = client.post("/sign-in/", {"username": "nobody", "password": "wrong"})
    assert said(unknown) == said(form(client, "wrong"))


def test_next_is_followed_within_the_desk(client: "Client", bob: "User") -> None:
    assert form(client, next="/?as=of")["Location"] == "/?as=of"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\t//evil.example",
    ],
)
def test_next_is_never_followed_elsewhere(client: "Client", bob: "User", elsewhere: str) -> None:
    assert form(client, next=elsewhere)["Location"] == "/"
    client.logout()
    assert client.post(f"/sign-in/?next={elsewhere}", {"username": "bob", "password": PASSWORD})["Location"] == "/"


def test_many_wrong_passwords_make_a_name_wait(client: "Client", bob: "User") -> None:
    for _ in range(8):
        form(client, "wrong")
    assert b"Too many wrong passwords" in form(client).content
    assert signed_in(client) is None
    bob.failed_at = datetime.now(UTC) - timedelta(minutes=2)
    bob.failures = 8
    bob.save()
    assert form(client).status_code == 302
    bob.refresh_from_db()
    assert bob.failures == 0


def test_a_form_without_its_token_is_refused(desk: Workspace, bob: "User") -> None:
    from django.test import Client

    answer = form(Client(enforce_csrf_checks=True))
    assert answer.status_code == 403
    assert b"This form has expired" in answer.content


def test_signing_out_needs_a_post(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    assert client.get("/sign-out/").status_code == 405
    assert signed_in(client) == str(bob.pk)
    answer = client.post("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert signed_in(client) is None


def test_who_is_signed_in_is_not_asked_again(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    assert client.get("/sign-in/")["Location"] == "/"


# one-time links


def link(workspace: Workspace, username: str = "bob") -> str:
    made = fairlead.desk.sign_in_link(workspace, username, site="http://testserver/")
    assert made.startswith("http://testserver/sign-in/link/")
    return made.removeprefix("http://testserver")


def test_a_link_signs_in_once(client: "Client", bob: "User", desk: Workspace) -> None:
    to = link(desk)
    assert b"Sign in as Bob Okafor" in client.get(to).content
    answer = client.post(to)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client) == str(bob.pk)
    client.logout()
    used = client.post(to)
    assert used.status_code == 410
    assert b"no longer works" in used.content
    assert signed_in(client) is None


def test_a_used_link_opened_again_by_who_is_signed_in_leads_to_the_scoreboard(
    client: "Client", bob: "User", desk: Workspace
) -> None:
    to = link(desk)
    client.post(to)
    assert client.get(to)["Location"] == "/"


def test_looking_at_a_link_does_not_use_it_up(client: "Client", bob: "User", desk: Workspace) -> None:
    to = link(desk)
    for _ in range(3):
        assert client.get(to).status_code == 200
        assert client.head(to).status_code in (200, 405)
    assert client.post(to).status_code == 302


def test_a_link_expires_after_half_a_day(bob: "User") -> None:
    from fairlead.desk.people import links

    token = links.make(bob, now=NOW)
    assert links.waiting(token, now=NOW + timedelta(hours=11, minutes=59)) == bob
    assert links.redeem(token, now=NOW + timedelta(hours=12)) is None
    assert links.redeem(token, now=NOW + timedelta(hours=11)) == bob


def test_garbage_is_no_link(client: "Client", bob: "User", desk: Workspace) -> None:
    for token in ("x", "a" * 500, "%00", "..%2f..", link(desk).split("/")[3][:-1]):
        answer = client.get(f"/sign-in/link/{token}/")
        assert answer.status_code in (410, 302), token
        assert signed_in(client) is None


def test_the_token_is_not_in_the_database(bob: "User", desk: Workspace) -> None:
    from fairlead.desk.people.models import SignInLink

    token = link(desk).split("/")[3]
    kept = SignInLink.objects.get()
    assert token not in (kept.digest, str(kept))
    assert len(kept.digest) == 64


def test_a_link_of_somebody_who_left_does_not_work(client: "Client", bob: "User", desk: Workspace) -> None:
    to = link(desk)
    bob.is_active = False
    bob.save()
    assert client.post(to).status_code == 410


def test_a_link_for_nobody_offers_the_nearest_name(bob: "User", desk: Workspace) -> None:
    with pytest.raises(Refused, match="Did you mean 'bob'"):
        link(desk, "bobb")


# adding people


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewUser("bob"), "user-exists"),
        (NewUser("BOB"), "user-exists"),
        (NewUser("no spaces"), "user-name"),
        (NewUser(""), "user-name"),
        (NewUser("dora", password="short"), "weak-password"),
        (NewUser("dora", password="password1234"), "weak-password"),
        (NewUser("dora", access="admin"), "unknown-access"),
    ],
)
def test_who_cannot_be_added(bob: "User", desk: Workspace, new: NewUser, code: str) -> None:
    with pytest.raises(Refused) as refused:
        fairlead.desk.add_user(desk, new)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_user_without_password_signs_in_by_link_only(client: "Client", desk: Workspace) -> None:
    fairlead.desk.add_user(desk, NewUser("dora"))
    assert client.post("/sign-in/", {"username": "dora", "password": ""}).status_code == 200
    assert client.post(link(desk, "dora")).status_code == 302


def test_only_the_first_person_is_made_owner_unasked(desk: Workspace) -> None:
    from fairlead.desk.people.users import first_owner, owners

    first_owner("alice")
    first_owner("mallory")
    assert [user.username for user in owners()] == ["alice"]
