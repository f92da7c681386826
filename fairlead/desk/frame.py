"""What every page's frame shows beside the page itself: the rooms with their pages, where we are, who is here."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from fairlead.desk.people.models import User
from fairlead.desk.people.roles import roles_of
from fairlead.desk.workplace import workspace
from fairlead.problem import Refused

# The house's four rooms, and in each the pages that have no page above them, by the names of their addresses.
ROOMS = (
    ("Agreed", {"model": "Model", "dictionary": "Dictionary"}),
    ("Happened", {"sources": "Sources", "builds": "Builds"}),
    (
        "Means",
        {
            "scoreboard": "Scoreboard",
            "tree": "Tree",
            "lifecycle": "Lifecycle",
            "revenue": "Revenue",
            "cohorts": "Cohorts",
        },
    ),
    (
        "Done",
        {
            "follow-up": "Follow-up",
            "handoffs": "Handoffs",
            "gates": "Gates",
            "clocks": "Clocks",
            "renewals": "Renewals",
            "reconciliation": "Reconciliation",
        },
    ),
)
# "g" and then this letter goes there.
KEYS = {
    "model": "m",
    "dictionary": "d",
    "sources": "o",
    "builds": "b",
    "scoreboard": "s",
    "tree": "t",
    "lifecycle": "l",
    "revenue": "r",
    "cohorts": "a",
    "follow-up": "f",
    "handoffs": "h",
    "gates": "e",
    "clocks": "c",
    "renewals": "n",
    "reconciliation": "i",
}
# Pages below those of the navigation: the page each is reached from.
ABOVE = {
    "metric": "scoreboard",
    "why": "scoreboard",
    "rows": "scoreboard",
    "term": "dictionary",
    "subject": "model",
    "build": "builds",
    "build-comparison": "builds",
    "set-aside": "builds",
    "table": "builds",
    "handoff": "handoffs",
    "gate": "gates",
    "stage": "lifecycle",
    "who": "lifecycle",
    "revenue-rows": "revenue",
    "cohorts-customers": "cohorts",
}


class Link(NamedTuple):
    """A page of the navigation, reached also by "g" and its `key`.

    `current` is the value of aria-current: page, true (we are somewhere below it) or empty.
    """

    label: str
    url: str
    key: str
    current: str


class Room(NamedTuple):
    """A room and its pages."""

    name: str
    links: tuple[Link, ...]


def frame(request: HttpRequest) -> dict[str, Any]:
    """The rooms, the company, the user and their roles for the signed-in; nothing for the signed-out."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_authenticated:
        return {"user": None}
    match = request.resolver_match
    return {
        "user": user,
        "roles": SimpleLazyObject(lambda: _roles(user)),
        "company": SimpleLazyObject(_company),
        "rooms": _rooms(match.url_name or "" if match else ""),
        "account": _address("account"),
        "palette": _address("palette"),
    }


@lru_cache(maxsize=64)
def _rooms(here: str) -> tuple[Room, ...]:
    """The rooms as seen from the page called `here`; a room whose pages are not there yet is left out."""
    found = (Room(room, tuple(_links(pages, here))) for room, pages in ROOMS)
    return tuple(room for room in found if room.links)


def _links(pages: dict[str, str], here: str) -> list[Link]:
    current = {here: "page", ABOVE.get(here, ""): "true"}
    found = ((name, label, _address(name)) for name, label in pages.items())
    return [Link(label, url, KEYS[name], current.get(name, "")) for name, label, url in found if url]


def _address(name: str) -> str:
    """The address of a page by its name, empty where there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _company() -> str:
    """The company's name; none where the settings cannot be read: the page itself says what is wrong with them."""
    try:
        return workspace().config.company
    except Refused:
        return ""


def _roles(user: User) -> tuple[str, ...]:
    """No roles where the workspace cannot be read: the page itself says what is wrong with it."""
    try:
        return roles_of(user, workspace().model)
    except Refused:
        return ()
