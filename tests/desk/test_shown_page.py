"""The table a page shows, as an Excel file: whole, typed, safe to open, and only for who may see the page."""

import io
import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.desk.copies import browsing

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from fairlead.desk.people.models import User
    from fairlead.workspace import Workspace

ADDRESS = "/downloads/table.xlsx"
DEALS = {
    "name": "deals",
    "header": ["Deal", "Amount", "Difference", "Difference"],
    "rows": [["=HYPERLINK(1)", 12.5, 1, "1 more"], ["Zeta, Inc.", None, -3, None], ["-5 percent", 7, 0, "same"]],
}


def send(client: "Client", shown: object) -> "HttpResponse":
    text = shown if isinstance(shown, bytes) else json.dumps(shown).encode()
    return client.post(ADDRESS, {"shown": SimpleUploadedFile("shown.json", text)})  # type: ignore[return-value]


def sheet(answer: "HttpResponse") -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.active is not None
    rows = list(book.active.iter_rows())
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [[cell.value for cell in row] for row in rows]


def test_what_is_shown_comes_back_as_a_file_with_numbers_as_numbers(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    answer = send(client, DEALS)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="deals.xlsx"'
    assert sheet(answer) == [
        ["Deal", "Amount", "Difference", "Difference (2)"],
        ["=HYPERLINK(1)", 12.5, 1, "1 more"],
        ["Zeta, Inc.", None, -3, None],
        ["-5 percent", 7, 0, "same"],
    ]


def test_five_thousand_rows_come_whole(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    rows = [[f"Deal {n}", n, "a name of some length " * 48] for n in range(5_000)]
    found = sheet(send(client, DEALS | {"header": ["Deal", "Amount", "Notes"], "rows": rows}))
    assert len(found) == 5_001
    assert found[-1] == rows[-1]


def test_fifty_columns_come_whole(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    header, row = [f"c{n}" for n in range(50)], list(range(50))
    assert sheet(send(client, DEALS | {"header": header, "rows": [row]})) == [header, row]


def test_a_heading_runs_in_no_spreadsheet_and_a_name_leads_nowhere(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    answer = send(client, {"name": '../a" b[c]:\r\nX: y', "header": ["=1+1", ""], "rows": [["\x00", "x"]]})
    assert answer["Content-Disposition"] == 'attachment; filename="a-b-c-X-y.xlsx"'
    assert sheet(answer)[0] == ["=1+1", "Column 2"]


@pytest.mark.parametrize(
    "shown",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'{"name": "x", "header": ["a"], "rows": [[NaN]]}',
        b'{"name": "x", "header": ["a"], "rows": [[1e999]]}',
        DEALS | {"more": 1},
        DEALS | {"header": []},
        DEALS | {"rows": [[{"a": 1}]]},
        DEALS | {"rows": [["x"]] * 5_001},
        DEALS | {"header": ["x"] * 51},
    ],
)
def test_what_is_no_table_of_a_page_is_refused(client: "Client", bob: "User", shown: object) -> None:
    client.force_login(bob)
    assert send(client, shown).status_code == 400


def test_without_a_table_or_by_an_address_alone_there_is_nothing(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    assert client.post(ADDRESS, {"shown": "text"}).status_code == 400
    assert client.get(ADDRESS).status_code == 405


def test_charlie_and_the_signed_out_get_no_file(client: "Client", alice: "User", charlie: "User") -> None:
    assert send(client, DEALS).status_code == 302
    client.force_login(charlie)
    assert send(client, DEALS).status_code == 403


def test_another_site_gets_no_file(acme: "Workspace") -> None:
    with browsing(acme, strict=True) as client:
        assert send(client, DEALS).status_code == 403
