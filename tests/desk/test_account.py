"""The account page: who I am, my tokens, my password; and the same from the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from fairlead.cli.app import app
from fairlead.desk import NewUser, add_user, everybody, let_in, let_out, new_token, revoke_tokens, set_password
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.desk.conftest import PASSWORD, write_workspace

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

NEW = "another long and unlikely phrase"


def token_on(page: str) -> str:
    """The token a page shows."""
    return "fl_" + page.partition("<code>fl_")[2].partition("<")[0]


@pytest.fixture
def at_home(client: "Client", bob: "User") -> Any:
    client.force_login(bob)
    return client


def status(client: "Client", token: str) -> int:
    from django.test import Client

    return Client(headers={"authorization": f"Bearer {token}"}).get("/api/metrics").status_code


def test_it_says_who_i_am_and_what_i_may(at_home: "Client") -> None:
    page = at_home.get("/account/").content.decode()
    for told in ("Bob Okafor", "bob@acme.com", "Team: sees the pages", "VP Sales"):
        assert told in page


def test_a_token_is_made_shown_once_and_revoked(at_home: "Client") -> None:
    made = at_home.post("/account/token/", {"label": " laptop ", "days": "30"})
    token = token_on(made.content.decode())
    assert made["Cache-Control"] == "no-store, private"
    assert status(at_home, token) == 200
    after = at_home.get("/account/").content.decode()
    assert "laptop" in after
    assert token not in after
    done = at_home.post("/account/revoke/", {"label": "laptop"}, follow=True).content.decode()
    assert "The token is revoked" in done
    assert "laptop" not in done
    assert status(at_home, token) == 401


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"label": "", "days": "30"}, "cannot be a label"),
        ({"label": "x" * 81, "days": "30"}, "cannot be a label"),
        ({"label": "a\x00b", "days": "30"}, "cannot be a label"),
        ({"label": "x", "days": "0"}, "cannot be good for 0 days"),
        ({"label": "x", "days": "9" * 30}, "cannot be good for"),
        ({"label": "x", "days": "soon"}, "cannot be good for"),
        ({}, "cannot be a label"),
        ({"label": "taken", "days": "30"}, "There is a token &#x27;taken&#x27; already"),
    ],
)
def test_what_is_no_token_is_refused(at_home: "Client", bob: "User", sent: dict[str, str], told: str) -> None:
    from fairlead.desk.people.models import Token

    at_home.post("/account/token/", {"label": "taken", "days": "30"})
    answer = at_home.post("/account/token/", sent)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert Token.objects.count() == 1


def test_of_two_at_once_only_one_is_made(bob: "User", monkeypatch: pytest.MonkeyPatch) -> None:
    """A button pressed twice: both have looked before either has written."""
    from django.utils import timezone

    from fairlead.desk.people import tokens
    from fairlead.desk.people.models import Token
    from fairlead.problem import Refused

    monkeypatch.setattr(tokens, "_faults", lambda *_: [])
    tokens.make(bob, "ci", now=timezone.now())
    with pytest.raises(Refused, match="There is a token 'ci' already"):
        tokens.make(bob, "ci", now=timezone.now())
    assert Token.objects.filter(user=bob).count() == 1


def test_a_label_is_free_again_when_its_token_is_over_or_revoked_and_never_shared_with_others(
    alice: "User", bob: "User"
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from fairlead.desk.people.tokens import good, make, revoke

    now = timezone.now()
    make(alice, "ci", now=now)
    make(bob, "ci", now=now, days=1)
    later = now + timedelta(days=2)
    make(bob, "ci", now=later)
    assert revoke(bob, "ci", now=later) == 1
    make(bob, "ci", now=later)
    assert sorted(token.user.username for token in good(later)) == ["alice", "bob"]


def test_tokens_that_shared_a_label_are_told_apart_when_the_desk_is_updated(alice: "User", bob: "User") -> None:
    from importlib import import_module

    tell_apart = import_module("fairlead.desk.people.migrations.0003_token_labels").tell_apart

    class Kept:
        def __init__(self, user: "User", label: str) -> None:
            self.user_id, self.label, self.saved = user.pk, label, False

        def save(self, update_fields: list[str]) -> None:
            self.saved = update_fields == ["label"]

    kept = [Kept(bob, "ci"), Kept(bob, "ci"), Kept(alice, "ci"), Kept(bob, "ci (2)"), Kept(bob, "ci")]

    class Apps:
        """The tokens as they were before the constraint."""

        objects = property(lambda self: self)

        def get_model(self, *_: str) -> "Apps":
            return self

        def filter(self, **_: object) -> "Apps":
            return self

        def order_by(self, *_: str) -> list[Kept]:
            return kept

    tell_apart(Apps(), None)
    assert [one.label for one in kept] == ["ci", "ci (2)", "ci", "ci (2) (2)", "ci (3)"]
    assert [one.saved for one in kept] == [False, True, False, True, True]


def test_nobody_revokes_the_token_of_somebody_else(at_home: "Client", alice: "User") -> None:
    from django.utils import timezone

    from fairlead.desk.people.tokens import make

    hers = make(alice, "hers", now=timezone.now())
    assert at_home.post("/account/revoke/", {"label": "hers"}).status_code == 400
    assert status(at_home, hers) == 200
    assert "hers" not in at_home.get("/account/").content.decode()


def test_a_password_is_changed_by_whoever_knows_it(at_home: "Client", bob: "User") -> None:
    from django.test import Client

    elsewhere = Client()
    elsewhere.force_login(bob)
    wrong = at_home.post("/account/password/", {"current": "a guess", "password": NEW})
    assert wrong.status_code == 400
    assert "This is not your password" in wrong.content.decode()
    weak = at_home.post("/account/password/", {"current": PASSWORD, "password": "short"})
    assert "too short" in weak.content.decode()
    assert elsewhere.get("/account/").status_code == 200
    done = at_home.post("/account/password/", {"current": PASSWORD, "password": NEW}, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert at_home.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302, "signed out everywhere else"
    assert Client().login(username="bob", password=NEW)


def test_guessing_the_password_on_the_page_is_slow_too(at_home: "Client", bob: "User") -> None:
    for _ in range(8):
        at_home.post("/account/password/", {"current": "a guess", "password": NEW})
    late = at_home.post("/account/password/", {"current": PASSWORD, "password": NEW})
    assert "Too many wrong passwords" in late.content.decode()
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_whoever_signs_in_by_link_sets_a_first_password(at_home: "Client", bob: "User") -> None:
    bob.set_unusable_password()
    bob.save()
    at_home.force_login(bob)
    assert "You have none" in at_home.get("/account/").content.decode()
    assert at_home.post("/account/password/", {"password": NEW}).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(NEW)


def test_signing_out_everywhere_else_keeps_this_session(at_home: "Client", bob: "User") -> None:
    from django.test import Client

    elsewhere = Client()
    elsewhere.force_login(bob)
    at_home.post("/account/sign-out/")
    assert (at_home.get("/account/").status_code, elsewhere.get("/account/").status_code) == (200, 302)


def test_its_forms_ask_for_their_token(bob: "User") -> None:
    from django.test import Client

    careful = Client(enforce_csrf_checks=True)
    careful.force_login(bob)
    for form in ("token", "revoke", "password", "sign-out"):
        assert careful.post(f"/account/{form}/").status_code == 403
        assert careful.get(f"/account/{form}/").status_code == 405


# The command line.


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path)
    add_user(workspace, NewUser("bob", "Bob Okafor", "bob@acme.com", "team", PASSWORD))
    return workspace


def run(space: Workspace, *words: str, typed: str | None = None) -> str:
    done = CliRunner().invoke(app, ["-C", str(space.root), "user", *words], input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def works(space: Workspace, token: str) -> bool:
    from django.utils import timezone

    from fairlead.desk.opening import open_desk

    open_desk(space)
    from fairlead.desk.people.tokens import user_of

    return user_of(token, now=timezone.now()) is not None


def test_tokens_from_the_command_line(space: Workspace) -> None:
    first = run(space, "token", "bob", "--label", "notebook", "--days", "7").split()[0]
    second = run(space, "token", "bob", "--label", "sheet").split()[0]
    assert works(space, first)
    assert works(space, second)
    assert everybody(space)[0].tokens == ("notebook", "sheet")
    run(space, "revoke", "bob", "notebook")
    assert (works(space, first), works(space, second)) == (False, True)
    run(space, "revoke", "bob")
    assert not works(space, second)


def test_a_password_from_the_command_line(space: Workspace) -> None:
    run(space, "password", "bob", typed=f"{NEW}\n{NEW}\n")
    from fairlead.desk.people.models import User

    assert User.objects.get(username="bob").check_password(NEW)
    with pytest.raises(Refused) as weak:
        set_password(space, "bob", "bob")
    assert weak.value.problems[0].code == "weak-password"


def test_who_is_off_is_out_until_let_in_again(space: Workspace) -> None:
    token = new_token(space, "bob")
    from django.test import Client

    browser = Client(headers={"host": "localhost"})
    assert browser.login(username="bob", password=PASSWORD)
    assert browser.get("/account/").status_code == 200
    run(space, "off", "bob")
    assert not works(space, token)
    assert browser.get("/account/").status_code == 302
    assert "off" in run(space, "list")
    with pytest.raises(Refused) as refused:
        new_token(space, "bob")
    assert "fairlead user on bob" in str(refused.value)
    run(space, "on", "bob")
    assert browser.get("/account/").status_code == 302, "the old session stays ended"
    assert browser.login(username="bob", password=PASSWORD)
    assert not works(space, token)


def test_the_list_tells_everybody(space: Workspace) -> None:
    new_token(space, "bob", "notebook")
    shown = run(space, "list")
    for told in ("bob", "Bob Okafor", "bob@acme.com", "team", "password or link", "notebook"):
        assert told in shown
    assert '"tokens": [' in run(space, "list", "--json")


@pytest.mark.parametrize("verb", [new_token, revoke_tokens, let_out, let_in])
def test_a_name_nobody_has_is_offered_its_nearest(space: Workspace, verb: Any) -> None:
    with pytest.raises(Refused) as refused:
        verb(space, "bobb")
    assert (refused.value.problems[0].code, "Did you mean 'bob'?" in str(refused.value)) == ("user-unknown", True)


def test_a_token_that_is_not_there_is_not_revoked(space: Workspace) -> None:
    new_token(space, "bob", "notebook")
    with pytest.raises(Refused) as refused:
        revoke_tokens(space, "bob", "notebok")
    assert "Did you mean 'notebook'?" in str(refused.value)
