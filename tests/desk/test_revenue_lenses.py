"""The Revenue page where lenses tell months otherwise: who makes the numbers differ stands under them, with why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.actions.leavers import leavers
from tests.desk.copies import browsing
from tests.desk.reader import read, table, text

if TYPE_CHECKING:
    from django.test import Client

SAME, NOBODY = "Both count every account the same way", "Nobody within this time"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Client]":
    with browsing(leavers(tmp_path_factory.mktemp("leavers") / "firm")) as client:
        yield client


def test_under_rates_that_differ_it_never_says_that_all_count_the_same(client: "Client") -> None:
    for lens, account, why in (("hiding", "Dale", "Same month"), ("returning", "Cedar", "Reactivation in NRR")):
        html = read(client, f"/revenue/?lens={lens}")
        ours, theirs = table(html, "As others would count it").rows
        assert (ours[1].text, theirs[4].text) == (theirs[1].text, "1")
        assert ours[2].text != theirs[2].text
        (row,) = table(html, "Who differs, and why").rows
        assert (row[0].text, row[5].text.lower()) == (account, why.lower())
        assert SAME not in text(html)
    assert SAME in text(read(client, "/revenue/?lens=the_same"))


def test_where_only_what_was_before_differs_it_says_from_when_to_ask(client: "Client") -> None:
    words = text(read(client, "/revenue/?lens=hiding&from=2026-05"))
    assert NOBODY in words
    assert "ask from 2025-07-01" in words
    assert SAME not in words
    assert NOBODY not in text(read(client, "/revenue/?lens=hiding&from=2025-07-01"))


@pytest.mark.parametrize(
    ("lens", "months", "kept"),
    [
        ("ours", "told as one", "or back, is in neither"),
        ("hiding", "came and left within a month is not told", "or back, is in neither"),
        ("returning", "told as one", "who comes back counts in NRR"),
        ("counting", None, "or back, is in neither"),
    ],
)
def test_it_says_how_months_and_returns_are_told(client: "Client", lens: str, months: str | None, kept: str) -> None:
    words = text(read(client, f"/revenue/?lens={lens}"))
    assert kept in words
    if months:
        assert months in words
    else:
        assert "told as one" not in words
        assert "is not told" not in words


def test_by_week_nothing_is_told_as_one(client: "Client") -> None:
    assert "told as one" not in text(read(client, "/revenue/?per=week"))


def test_the_api_says_how_many_differ(client: "Client") -> None:
    told = client.get("/api/revenue?from=2026-01&lens=ours,hiding,returning").json()
    assert [seen["differ"] for seen in told["lenses"]] == [0, 1, 1]
    assert {(one["lens"], one["account"], *one["why"]) for one in told["differences"]} == {
        ("hiding", "Dale", "same_month"),
        ("returning", "Cedar", "reactivation_in_nrr"),
    }
    kept = client.get("/revenue/rows/retained/?from=2026-04&to=2026-04&lens=returning")
    assert "Cedar" in kept.content.decode()
