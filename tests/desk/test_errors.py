"""The pages for when there is no page."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


def test_not_found_in_the_same_look(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    answer = client.get("/nope")
    assert answer.status_code == 404
    assert b"There is no such page" in answer.content
    assert b"desk.css" in answer.content


def test_a_fault_of_ours_gives_a_calm_page(
    client: "Client", board: Any, bob: "User", monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(bob)
    client.raise_request_exception = False
    board(RuntimeError("secret detail"))
    answer = client.get("/")
    assert answer.status_code == 500
    assert b"Something broke here" in answer.content
    assert b"secret detail" not in answer.content


def test_an_unknown_host_name_says_where_to_add_it(client: "Client") -> None:
    answer = client.get("/sign-in/", headers={"host": "fairlead.example.com"})
    assert answer.status_code == 400
    assert b"hosts: [" in answer.content
