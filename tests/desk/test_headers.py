"""What every answer tells the browser, and that no page needs more than the policy allows."""

import re
from typing import TYPE_CHECKING, Any

from fairlead.desk.headers import POLICY
from tests.desk.conftest import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""")


def pages(client: "Client", bob: "User", charlie: "User") -> dict[str, Any]:
    """Every kind of page there is."""
    found = {"sign-in": client.get("/sign-in/"), "used link": client.get("/sign-in/link/x/")}
    client.force_login(bob)
    found |= {"scoreboard": client.get("/"), "not found": client.get("/nope")}
    client.force_login(charlie)
    return found | {"forbidden": client.get("/")}


def test_every_page_has_the_policy_and_keeps_to_it(client: "Client", board: Any, bob: "User", charlie: "User") -> None:
    for name, answer in pages(client, bob, charlie).items():
        html = answer.content.decode()
        assert answer["Content-Security-Policy"] == POLICY, name
        assert not INLINE.search(html), name
        assert not ELSEWHERE.search(html), name
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", ")), name


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "*" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_cookies_are_closed_to_scripts_and_to_other_sites(client: "Client", bob: "User") -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "bob", "password": PASSWORD})
    assert len(client.cookies) == 2
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key


def test_styles_are_kept_for_a_year_under_an_address_that_names_their_content(client: "Client") -> None:
    page = client.get("/sign-in/").content.decode()
    address = re.search(r'href="(/static/desk/desk\.css\?v=[0-9a-f]{8})"', page)
    assert address
    answer = client.get(address[1])
    assert answer.status_code == 200
    assert "max-age=31536000" in answer["Cache-Control"]


def test_healthz_says_ok_and_nothing_else(client: "Client") -> None:
    answer = client.get("/healthz", headers={"host": "any.host.example"})
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert not answer.cookies
