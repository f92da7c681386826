"""A company whose billing is not what its contracts say: what its pages say of that, and of rows they cannot count."""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.actions.billed import billed_company
from tests.desk.copies import browsing
from tests.desk.reader import read, table, text

if TYPE_CHECKING:
    from django.test import Client

LINES = "1 of 7 contract lines was set aside and is in none of these numbers."
INVOICES = "2 of 40 invoices were set aside and are in none of these numbers."


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Client"]:
    with browsing(billed_company(tmp_path_factory.mktemp("billed") / "firm")) as client:
        yield client


def test_what_was_set_aside_is_said_beside_the_numbers_and_leads_to_its_rows(client: "Client") -> None:
    told_by = {address: [LINES] for address in ("/revenue/", "/cohorts/", "/renewals/")}
    for address, says in (told_by | {"/reconciliation/": [LINES, INVOICES]}).items():
        html = read(client, address)
        notices = re.findall(r'<p class="notice">([^<]*set aside[^<]*)<a href="([^"]+)"', html)
        assert [next(one for one in says if one in told) for told, _ in notices] == says, address
        for told, link in notices:
            words = text(read(client, unescape(link)))
            assert ("fortnight" in words) is (LINES in told)
            assert ("CHF to USD" in words) is (INVOICES in told)
    told = client.get("/api/reconciliation").json()["notes"]
    assert [note["message"].startswith(says) for note, says in zip(told, (LINES, INVOICES), strict=True)] == [True] * 2
    for of in ("revenue", "cohorts", "renewals", "churn"):
        (note,) = client.get(f"/api/{of}").json()["notes"]
        assert (note["code"], note["message"].startswith(LINES)) == ("rows-uncounted", True), of
    words = text(read(client, "/revenue/"))
    assert "Movements sum to MRR to the cent" in words
    assert "do not add up" not in words


def test_the_bridge_and_the_list_say_the_same_of_what_was_not_invoiced(client: "Client") -> None:
    html = read(client, "/reconciliation/")
    steps = {row[0].text: row for row in table(html, "From the CRM to billing").rows}
    kinds = {row[0].text: row for row in table(html, "What is open").rows}
    assert steps["Not invoiced"][2].value == "-3600.00"
    assert kinds["Not invoiced"][2].value == "3600.00"
    assert steps["Contract, no invoice"][2].value == "2400.00"
    assert re.search(r"\b2 rows\b", text(read(client, steps["Contract, no invoice"][2].href or "")))
    items = {row[2].text: row for row in table(html, "Open items").rows}
    assert "1 of 8 periods was invoiced, 700.00 USD less than due." in " ".join(cell.text for cell in items["Part"])
    shown = client.get("/api/reconciliation?kind=invoiced_otherwise").json()["items"]
    assert [(one["account"], one["due_amount"], one["invoiced_amount"], one["money"]) for one in shown] == [
        ("Credited", 900, 0, 900), ("Part", 800, 100, 700), ("Little", 900, 540, 360),
    ]  # fmt: skip
