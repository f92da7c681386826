"""The Revenue page: what moved recurring revenue and what was kept, every number with its rows, and the REST of it."""

import csv
import io
import json
import re
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.asking import ask, opened
from fairlead.actions.pasts import Past, State
from fairlead.actions.revenue import AGAINST, SIGNS, Moved, RevenueTold, revenue
from fairlead.actions.revenue_rows import Asking, year
from fairlead.analysis.mrr_moved import KINDS
from fairlead.desk import earlier
from fairlead.desk.pages import revenue as page_of
from fairlead.values import Query
from fairlead.workspace import Workspace
from tests.desk.reader import Cell, Table, read, table, text, with_column

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")
ASKED = "?from=2026-05&per=quarter"


@pytest.fixture(scope="module")
def told(company: Workspace) -> RevenueTold:
    return revenue(company)


def amount(cell: Cell) -> float:
    return float(cell.value or 0)


def test_the_page_says_what_the_verb_says(page: "Client", told: RevenueTold) -> None:
    html = read(page, "/revenue/")
    shown = table(html, "Recurring revenue period by period")
    lines = told.lenses[0].lines
    for name, column in (("opening", "Opening"), ("closing", "Closing")):
        assert [amount(cell) for cell in shown.column(column)] == [float(getattr(line, name)) for line in lines]
    moved = [kind for kind in KINDS if any(dict(line.moved)[kind] for line in lines)]
    assert len(shown.head) == 4 + len(moved)
    assert [amount(cell) for cell in shown.column("New")] == [float(dict(line.moved)["new"]) for line in lines]
    rates = table(html, "Retention period by period")
    assert [float(cell.value or "nan") for cell in rates.column("NRR")] == [line.nrr for line in lines]
    assert [amount(cell) for cell in rates.column("Lost")] == [line.lost for line in lines]
    words = text(html)
    assert "Movements sum to MRR to the cent in all 12 months." in words
    assert ("Committed after" in words) == bool(told.lenses[0].committed)


def test_cmrr_leads_to_movements_that_add_up_to_it(
    page: "Client", company: Workspace, told: RevenueTold, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = company.lake.current()
    assert build
    every = Query("all", "SELECT sum(s.amount_converted) FROM mart.mrr_movement AS s")
    (cmrr,) = opened(build).reader.rows(every).column(0).to_pylist()
    assert told.lenses[0].cmrr == cmrr
    coming = told.lenses[0]._replace(committed=(Moved("new", Decimal(10)),))
    monkeypatch.setattr(page_of, "revenue", lambda *_, **__: told._replace(lenses=(coming,)))
    page_of._whole.cache_clear()
    html = read(page, "/revenue/")
    page_of._whole.cache_clear()
    shown = re.search(r'CMRR\s+<a[^>]*href="([^"]+)"', html)
    assert shown
    assert shown[1].endswith("/tables/mart.mrr_movement/")


def test_twelve_months_are_those_of_the_dictionary_with_their_targets(page: "Client", company: Workspace) -> None:
    names = {"nrr_year": "nrr", "grr_year": "grr", "logo_retention": "logo_retention"}
    for end in ("2026-10", "2026-06"):
        found = ask(company, list(names), per="month", start=end, end=end).table.to_pylist()
        _, line = year(company, Asking(end=end))
        for row in found:
            assert row["value"] == pytest.approx(getattr(line, names[row["metric"]])), (end, row["metric"])
    words = text(read(page, "/revenue/"))
    assert re.search(r"target at least 110(\.0)?%", words)
    assert "target at least 100.8% a month" in words


def test_the_charts_are_drawn_and_their_tables_lead_on(page: "Client") -> None:
    html = read(page, f"/revenue/{ASKED}&by=segment")
    for title in ("What moved MRR", "MRR over time by segment", "NRR by segment"):
        assert f">{title}</div>" in html
    for link in re.findall(r'data-chart="([^"]+)"', html):
        spec = json.loads(page.get(unescape(link)).content)
        assert spec["layer"]
        assert page.get(unescape(link).replace(".json", ".svg")).content.startswith(b"<svg")
    wrong = page.get("/charts/bridge/nobody.json?scheme=light")
    assert (wrong.status_code, "no lens" in wrong.json()["problems"][0]) == (400, True)
    closing = with_column(html, "enterprise")
    rows = text(read(page, unescape(closing.column("enterprise")[0].href or "")))
    assert closing.column("enterprise")[0].text
    assert "Segment: enterprise" in rows


def together(page: "Client", cell: Cell) -> str:
    """The sum that the page behind a number tells."""
    found = re.search(r"(?:Movements: [\d,]+,|with) ([^ ]+) together", text(read(page, unescape(cell.href or ""))))
    assert found, cell
    return found[1]


@pytest.mark.parametrize("asked", [ASKED, f"{ASKED}&by=segment", f"{ASKED}&lens=chartmogul"])
def test_every_number_is_the_sum_of_the_rows_behind_it(page: "Client", asked: str) -> None:
    shown = table(read(page, f"/revenue/{asked}"), "Recurring revenue period by period")
    row = shown.rows[-1]
    numbers = [cell for cell in row if cell.href]
    assert len(numbers) >= 3
    for cell in numbers[-3:] if "lens" in asked else numbers:
        assert together(page, cell) == cell.title


def test_a_cut_by_source_balances_and_adds_up_to_all_of_it(page: "Client", told: RevenueTold) -> None:
    html = read(page, "/revenue/?by=source")
    assert 'class="problem ' not in html
    assert "in all 12 months, for each source." in text(html)
    shown = table(html, "Recurring revenue period by period")
    assert len({row[1].text for row in shown.rows}) > 2
    assert sum(map(amount, shown.column("Closing"))) == pytest.approx(
        float(sum(line.closing for line in told.lenses[0].lines))
    )
    fullest = max(shown.rows, key=lambda row: sum(bool(cell.href) for cell in row))
    numbers = [cell for cell in fullest if cell.href]
    assert len(numbers) >= 4
    for cell in numbers:
        assert together(page, cell) == cell.title
    assert "cannot be cut by" in text(page.get("/revenue/?by=stage").content.decode())


def test_e7_an_amount_against_its_kind_is_explained(page: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    assert AGAINST not in text(read(page, "/revenue/?per=quarter"))
    monkeypatch.setitem(SIGNS, "new", -1)
    assert AGAINST in text(read(page, "/revenue/?per=quarter"))


def test_an_account_leads_to_its_lines_and_a_number_to_the_rows_of_the_build(page: "Client") -> None:
    for what in ("closing", "retained", "movements"):
        shown: Table = with_column(read(page, f"/revenue/rows/{what}/"), "Account")
        for cell in shown.rows[0]:
            if cell.href:
                assert re.search(r" rows?\b|Movements: \d", text(read(page, unescape(cell.href))))
        assert "/tables/record.contract_line/" in (shown.rows[0][0].href or "")


def test_lenses_stand_side_by_side_with_who_differs_and_why(page: "Client") -> None:
    asked = "?from=2024-02&per=quarter"  # few leave: a quarter alone may have nobody whom lenses see otherwise
    assert "Count them side by side" in read(page, "/revenue/")
    html = read(page, f"/revenue/{asked}&lens=all")
    shown = table(html, "As others would count it")
    assert [row[0].text for row in shown.rows] == ["Ours", "ChartMogul", "Stripe Billing", "ProfitWell"]
    found = page.get(f"/api/revenue{asked}&lens=ours,stripe").json()
    assert [amount(shown.rows[n][1]) for n in (0, 2)] == [seen["lines"][-1]["closing"] for seen in found["lenses"]]
    assert shown.rows[2][4].text == str(found["differences_total"])
    differs = table(html, "Who differs, and why")
    rows = [row for row in differs.rows if row[1].text == "Stripe Billing"]
    assert rows
    for row, one in zip(rows, found["differences"], strict=False):
        assert (row[0].text, amount(row[2]), amount(row[4])) == (one["account"], one["was"], one["moved"])
        assert row[5].text.lower() == ", ".join(one["why"]).replace("_", " ")
    assert "as Stripe Billing would count" in text(read(page, unescape(rows[0][4].href or "")))
    for row in rows:
        for cell in (row[0], row[2], row[3], row[4]):
            behind = read(page, unescape(cell.href or ""))
            assert f": {row[0].text}</h1>" in behind
            for side in ("As we count", "As Stripe Billing would count"):
                assert f"<h2>{side}</h2>" in behind
    ours, theirs = (seen["lines"][-1]["closing"] for seen in found["lenses"])
    assert found["lenses"][1]["apart"] == pytest.approx(theirs - ours)
    file = page.get(f"/revenue/differences.csv{asked}&lens=all").content.decode("utf-8-sig")
    told = [row for row in csv.DictReader(io.StringIO(file)) if row["lens"] == "stripe"]
    assert [row["account_id"] for row in told] == [one["account_id"] for one in found["differences"]]


def test_files_hold_the_table_and_the_movements(page: "Client", told: RevenueTold) -> None:
    def rows(address: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(b"".join(page.get(address)).decode("utf-8-sig"))))

    lines = told.lenses[0].lines
    assert [float(row["closing"]) for row in rows("/revenue/table.csv")] == [float(line.closing) for line in lines]
    moved = sum((Decimal(row["money"]) for row in rows("/revenue/movements.csv")), Decimal(0))
    assert moved == lines[-1].closing - lines[0].opening
    assert {row["kind"] for row in rows("/revenue/churn.csv")} == {"churn"}
    assert page.get("/revenue/movements.xlsx").content[:2] == b"PK"
    assert page.get("/revenue/table.pdf").status_code == page.get("/revenue/nonsense.csv").status_code == 404


def test_what_does_not_balance_is_said_and_shown(
    page: "Client", told: RevenueTold, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairlead.record.laws import REVENUE_NOT_BALANCED

    seen = told.lenses[0]
    off = seen._replace(lines=(*seen.lines[:-1], seen.lines[-1]._replace(difference=Decimal("0.01"))))
    broken = told._replace(lenses=(off,), notes=(REVENUE_NOT_BALANCED.broken("0.01 is unexplained."),))
    monkeypatch.setattr(page_of, "revenue", lambda *_, **__: broken)
    page_of._whole.cache_clear()
    html = read(page, "/revenue/")
    page_of._whole.cache_clear()
    assert "Movements do not add up to MRR." in text(html)
    assert "0.01 is unexplained." in html
    balance = table(html, "Recurring revenue period by period").column("Balance")
    assert [cell.text for cell in balance] == ["exact"] * 11 + ["+$0.01"]


WRONGLY = {
    "?per=zz": 400, "?lens=zz": 400, "?by=nonsense": 400, "?from=never": 400, "?known_at=never": 400,
    "?from=2026-05&to=2026-01": 400, "?as_of=2999-01-01": 400, "?per=day&from=1900": 400,
    "rows/nonsense/": 400, "rows/new/?period=1999": 400,
    "rows/new/?page=x": 400, "nonsense/": 404,
}  # fmt: skip


@pytest.mark.parametrize(("asked", "status"), WRONGLY.items())
def test_what_cannot_be_asked_is_refused(page: "Client", asked: str, status: int) -> None:
    assert page.get(f"/revenue/{asked}").status_code == status


def test_an_earlier_day_that_is_not_made_is_offered(page: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier, "past", lambda _, day: Past(day, State.ABSENT))
    for address in ("/revenue/", "/revenue/rows/new/"):
        assert "It is not made yet" in read(page, f"{address}?as_of=2026-02-28")


@pytest.mark.parametrize("address", ["/revenue/", "/cohorts/", "/lifecycle/", "/reconciliation/", "/clocks/"])
def test_another_day_is_asked_for_with_all_else_that_was_asked(page: "Client", address: str) -> None:
    html = read(page, f"{address}?by=&owner=nobody&as_of=2026-10-31&note=%22%3E")
    form = html[html.index('<form class="as-of"') :].split("</form>")[0]
    kept = {unescape(name): unescape(value) for name, value in re.findall(r'"hidden" name="(.*?)" value="(.*?)"', form)}
    assert kept == {"by": "", "owner": "nobody", "note": '">'}


def test_what_was_known_by_a_day_can_be_asked_for(page: "Client") -> None:
    html = read(page, "/revenue/?known_at=2999-01-01")
    assert "from what was known by 2999-01-01" in html
    assert "known_at=2999-01-01" in (table(html, "Retention period by period").column("NRR")[0].href or "")
    assert "Nothing was known" in read(page, "/revenue/?known_at=2001-01-01", 400)


def test_charlie_sees_none_of_it(client: "Client", charlie: "User") -> None:
    client.force_login(charlie)
    for address in (
        "/revenue/", "/revenue/rows/churn/", "/revenue/movements.csv", "/charts/mrr/ours.svg?scheme=light",
        "/api/revenue", "/api/revenue/movements",
    ):  # fmt: skip
        assert client.get(address).status_code == 403, address


def test_the_api_says_the_same_as_the_verb(page: "Client", company: Workspace) -> None:
    given = json.loads(page.get("/api/revenue?from=2026-05&per=quarter&by=segment").content, parse_float=Decimal)
    found = revenue(company, start="2026-05", per="quarter", by="segment")
    assert [seen["lens"] for seen in given["lenses"]] == ["ours"]
    for shown, seen in zip(given["lenses"], found.lenses, strict=True):
        assert [(one["period"], one["value"], one["closing"]) for one in shown["lines"]] == [
            (line.period, line.value, line.closing) for line in seen.lines
        ]
        for one, line in zip(shown["lines"], seen.lines, strict=True):
            assert {m["kind"]: m["money"] for m in one["moved"]} == dict(line.moved)
    assert page.get("/api/revenue?lens=nobody").status_code == 400
    assert "too many periods" in page.get("/api/revenue?per=day&from=1900").content.decode()


def test_the_api_tells_the_movements_page_by_page(page: "Client", told: RevenueTold) -> None:
    address: str | None = "/api/revenue/movements?kind=new&limit=7"
    items = []
    while address:
        given = json.loads(page.get(address).content, parse_float=Decimal)
        items += given["items"]
        address = given["next"]
    assert len(items) == given["total"]
    assert len({(one["line_id"], one["account_id"], one["product"], one["moved_on"]) for one in items}) == len(items)
    assert sum(one["money"] for one in items) == sum(dict(line.moved)["new"] for line in told.lenses[0].lines)
    assert {one["kind"] for one in items} == {"new"}
    assert page.get("/api/revenue/movements?kind=nonsense").status_code == 400
