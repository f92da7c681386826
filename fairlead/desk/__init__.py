"""Done: what people do about it. A Django project over one workspace: people, sign-in, pages.

Pages are thin: they read the request, call one verb of `fairlead.actions`, and show the answer; the only things
the desk keeps of its own are people and what they did. Everything is closed by default: without a decorator that
says otherwise a page is for people who are signed in and have access to the workspace.

The functions here are the doors for the command line. Django is configured from the workspace they are given,
so its models are imported inside them and nowhere above.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from fairlead.problem import Refused

if TYPE_CHECKING:
    from fairlead.desk.api.reference import Group
    from fairlead.desk.people.models import User
    from fairlead.workspace import Workspace


class Ready(NamedTuple):
    """The desk answers at `url`; `link` signs one person in once; `people` counts those who may sign in."""

    url: str
    link: str | None
    people: int


class NewUser(NamedTuple):
    """Somebody who may sign in: without a password, by link. `access` is owner, team or none.

    Who holds which role is said in people.yaml, by this `name` or `email`.
    """

    username: str
    name: str = ""
    email: str = ""
    access: str = "team"
    password: str | None = None


class Person(NamedTuple):
    """A user as they are listed. `tokens` are the labels of those that are good."""

    username: str
    name: str
    email: str
    access: str
    is_active: bool
    has_password: bool
    last_sign_in: datetime | None
    tokens: tuple[str, ...]


class Serving(NamedTuple):
    """How to serve: where, as how many processes and threads, and whom the printed link signs in."""

    host: str = "127.0.0.1"
    port: int = 8000
    link_for: str | None = None
    workers: int = 2
    threads: int = 4


def serve(
    workspace: "Workspace",
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    link_for: str | None = None,
    on_ready: Callable[[Ready], None] | None = None,
) -> None:
    """Serve the desk until Ctrl-C, then return. `on_ready` hears the address and the link when requests are taken.

    `link_for` names whom the link signs in; on a desk without people it makes that person its first owner.
    Port 0 takes any free port. Serve from a process that has asked and synced nothing: the workers are forks of it,
    and the engine's threads do not survive a fork.
    """
    from fairlead.desk.serving import run

    run(workspace, Serving(host, port, link_for), on_ready or (lambda ready: None))


def add_user(workspace: "Workspace", new: NewUser) -> None:
    """Let somebody sign in; refused when the name is taken or the password weak."""
    from fairlead.desk.opening import open_desk

    open_desk(workspace)
    from fairlead.desk.people.users import add

    add(new)


def sign_in_link(workspace: "Workspace", username: str, *, site: str | None = None) -> str:
    """A link that signs `username` in once, within half a day; without `site`, at the desk's own address."""
    from fairlead.desk.opening import open_desk, own_address

    open_desk(workspace)
    from fairlead.desk.people.links import link_for

    return link_for(username, site or own_address(workspace))


def new_token(workspace: "Workspace", username: str, label: str = "token", *, days: int = 365) -> str:
    """A token with which a program of `username` may ask the REST API for so many days. It is not kept: show it now."""
    user = _user(workspace, username)
    from django.utils import timezone

    from fairlead.desk.laws import USER_UNKNOWN
    from fairlead.desk.people.tokens import make

    if not user.is_active:
        hint = f"`fairlead user on {username}` lets them in again."
        raise Refused([USER_UNKNOWN.broken(f"'{username}' may not sign in.", hint=hint)])
    return make(user, label, now=timezone.now(), days=days)


def revoke_tokens(workspace: "Workspace", username: str, label: str | None = None) -> int:
    """End the tokens of `username`, or the one called `label`; returns how many."""
    user = _user(workspace, username)
    from django.utils import timezone

    from fairlead.desk.people.tokens import revoke

    return revoke(user, label, now=timezone.now())


def set_password(workspace: "Workspace", username: str, password: str) -> None:
    """Give `username` a password; every session of theirs ends. Refused when it is weak."""
    from fairlead.desk.people.users import set_password as verb

    verb(_user(workspace, username), password)


def let_out(workspace: "Workspace", username: str) -> None:
    """Let `username` in no more: signed out at once, and their tokens are dead."""
    user = _user(workspace, username)
    from django.utils import timezone

    from fairlead.desk.people.users import turn_off

    turn_off(user, now=timezone.now())


def let_in(workspace: "Workspace", username: str) -> None:
    """Let `username` in again."""
    user = _user(workspace, username)
    from fairlead.desk.people.users import turn_on

    turn_on(user)


def everybody(workspace: "Workspace") -> tuple[Person, ...]:
    """Everybody who may or might sign in."""
    from fairlead.desk.opening import open_desk

    open_desk(workspace)
    from django.utils import timezone

    from fairlead.desk.people.users import everybody as verb

    return verb(now=timezone.now())


def operations(site: str = "http://127.0.0.1:8000") -> "tuple[Group, ...]":
    """Every operation of the REST API, for documentation; `site` stands in the curl lines. Needs no workspace."""
    from fairlead.desk.opening import configured

    configured()
    from fairlead.desk.api.reference import groups

    return groups(site)


def _user(workspace: "Workspace", username: str) -> "User":
    from fairlead.desk.opening import open_desk

    open_desk(workspace)
    from fairlead.desk.people.users import named

    return named(username)
