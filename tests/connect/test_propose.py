# ruff: noqa: E501 (files as they are written)
"""Proposals: what is plain is proposed with its reason; what is not is left to a person."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fairlead.connect.files import inspect, mapping, propose, write
from fairlead.problem import Refused
from tests.connect.staged import Staged

PUBLIC = Path(__file__).parents[3] / "shared" / "data"


def proposed(folder: Path) -> tuple[str, mapping.Loaded]:
    text = propose(folder, currency="USD").text
    (folder / "mapping.yaml").write_text(text)
    return text, mapping.load(folder / "mapping.yaml")


def test_a_salesforce_export_is_recognised_by_its_names(tmp_path: Path) -> None:
    (tmp_path / "Account.csv").write_text(
        "Id,Name,Website,OwnerId,IsDeleted\n" + "".join(f"001{i},A{i},a{i}.com,0051,false\n" for i in range(30))
    )
    (tmp_path / "Opportunity.csv").write_text(
        "Id,Name,AccountId,Amount,StageName,CloseDate,IsWon,IsClosed,CreatedDate\n"
        + "".join(
            f"006{i},D{i},001{i % 30},{i}.5,{('Closed Won', 'Prospecting')[i % 2]},2025-01-{i % 28 + 1:02},{('true', 'false')[i % 2]},{('true', 'false')[i % 2]},2024-05-01T10:00:00.000+0000\n"
            for i in range(60)
        )
    )
    (tmp_path / "OpportunityFieldHistory.csv").write_text(
        "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
        + "".join(f"h{i},006{i},StageName,a,b,2024-05-01T10:00:00.000+0000\n" for i in range(30))
    )
    _, loaded = proposed(tmp_path)
    assert loaded.problems == ()
    found = {f.file: f for f in loaded.mapping.files}
    assert {f.file: [t.table for t in f.tables] for f in found.values()} == {
        "Account.csv": ["account"], "Opportunity.csv": ["opportunity"], "OpportunityFieldHistory.csv": ["change"],
    }  # fmt: skip
    assert all(f.key == ("Id",) for f in found.values())
    deal = found["Opportunity.csv"].tables[0]
    assert deal.columns["account_id"].column == ("AccountId",)
    assert "100% of its values are in Id of Account.csv" in deal.why["account_id"]
    assert deal.columns["stage"].values["Closed Won"] == "closed_won"
    account = found["Account.csv"].tables[0]
    assert (account.keys["domain"], account.deleted) == (("Website",), "IsDeleted = 'true'")
    staged = Staged(tmp_path, (tmp_path / "mapping.yaml"))
    assert [r["reason"] for r in staged.rows("opportunity")] == [None] * 60


def test_stripes_nested_headers_are_recognised_and_a_price_counts_as_often_as_it_was_sold(tmp_path: Path) -> None:
    (tmp_path / "subscription_items.csv").write_text(
        "id,subscription.id,subscription.customer,subscription.status,subscription.start_date,subscription.ended_at,price.unit_amount,price.currency,price.recurring.interval,price.recurring.interval_count,quantity,discount.amount_off\n"
        + "".join(
            f"si_{n}A,sub_{n}A,cus_{n}A,active,{1680706800 + n * 86400},,{n}999,usd,month,1,{n},50\n"
            for n in range(1, 9)
        )
    )
    _, loaded = proposed(tmp_path)
    assert loaded.problems == ()
    line = next(t for t in loaded.mapping.files[0].tables if t.table == "contract_line")
    assert line.columns["billing_interval"].column == ("price.recurring.interval",)
    assert "that of one" in line.why["amount"]
    rows = Staged(tmp_path, (tmp_path / "mapping.yaml")).rows("contract_line")
    assert [(r["reason"], r["quantity"], r["amount"], r["discount"]) for r in rows] == [
        (None, n, Decimal(n * (n * 1000 + 999)) / 100, Decimal("0.50")) for n in range(1, 9)
    ]
    assert [(r["currency"], str(r["starts_on"])) for r in rows[:2]] == [("USD", "2023-04-06"), ("USD", "2023-04-07")]


def test_what_was_sold_is_recognised_for_the_handoff(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "Deal ID,Deal Name,Deal Stage,Amount,Customer Goals,Promises,Scope of Work,Key Stakeholders,Kick-off Date\n"
        + "".join(
            f"d{n},Deal {n},closedwon,{n}00,Halve the time to close,Single sign-on by May,Forty seats,Head of finance,2026-05-0{n}\n"
            for n in range(1, 9)
        )
    )
    _, loaded = proposed(tmp_path)
    (deal,) = loaded.mapping.files[0].tables
    names = ("goals", "commitments", "scope", "stakeholders", "kickoff_date")
    assert {name: deal.columns[name].column for name in names} == {
        "goals": ("Customer Goals",), "commitments": ("Promises",), "scope": ("Scope of Work",),
        "stakeholders": ("Key Stakeholders",), "kickoff_date": ("Kick-off Date",),
    }  # fmt: skip


def test_the_end_of_what_is_paid_for_is_no_renewal(tmp_path: Path) -> None:
    """Chargebee's current_term_end comes every month; what a contract was agreed until is when it renews."""
    (tmp_path / "subscriptions.csv").write_text(
        "id,customer_id,start_date,current_term_end,contract_term_end,trial_end,billing_period_unit,plan_amount,status\n"
        + "".join(
            f"s{n},c{n},2026-01-0{n},2026-02-0{n},2027-01-0{n},2026-01-1{n},month,{n}00,active\n" for n in range(1, 9)
        )
    )
    _, loaded = proposed(tmp_path)
    (table,) = [t for t in loaded.mapping.files[0].tables if t.table == "contract_line"]
    assert table.columns["renews_on"].column == ("contract_term_end",)
    assert table.columns["trial_ends_on"].column == ("trial_end",)


def test_what_allows_two_readings_is_left_to_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "Deal ID,Code,Deal Name,Deal Stage,Close Date,Amount,Amount\n"
        + "".join(f"{i},K{i},D{i},Won,0{i}/04/2025,$5,\n" for i in range(1, 6))
        + "6,K6,D6,Lost,03/04/2025,€900,\n"
    )
    text, loaded = proposed(tmp_path)
    assert 'choose: "%d/%m/%Y" or "%m/%d/%Y"; deals.csv:2 says 01/04/2025' in text
    assert {p.code for p in loaded.problems} == {"undecided"}
    lines = {p.where.line for p in loaded.problems if p.where}
    assert all("choose" in text.splitlines()[line - 1] for line in lines if line)
    assert Staged(tmp_path, tmp_path / "mapping.yaml").landings == ()
    kinds = {f.kind for f in inspect(tmp_path)}
    assert {"ambiguous-dates", "mixed-currencies", "duplicate-header"} <= kinds


@pytest.mark.parametrize(
    ("amounts", "style"),
    [(["1.234,56", "12 pcs"], "1.234,56"), (["1,234.56", "12 pcs"], "1,234.56"), (["1.234", "12 pcs"], "choose")],
)
def test_how_a_few_numbers_are_written_is_seen_beside_text(tmp_path: Path, amounts: list[str], style: str) -> None:
    rows = "".join(f"{n};D{n};Won;{amount};2025-01-0{n}\n" for n, amount in enumerate(amounts, 1))
    (tmp_path / "deals.csv").write_text(f"Deal ID;Deal Name;Stage;Amount;Close Date\n{rows}")
    _, loaded = proposed(tmp_path)
    assert loaded.mapping.files[0].tables[0].columns["amount"].numbers == style


def test_two_keys_are_not_guessed_between(tmp_path: Path) -> None:
    (tmp_path / "spend.csv").write_text(
        "Date,Spend,Ref Code,Row Number\n" + "".join(f"2025-01-0{i},{i}.1,r{i},{i}\n" for i in range(1, 9))
    )
    text, loaded = proposed(tmp_path)
    assert "key: choose" in text
    assert [p.code for p in loaded.problems] == ["undecided"]


def test_a_fan_out_is_found_and_left_to_be_chosen(tmp_path: Path) -> None:
    rows = "".join(f"L{i}{n},D{i},Won,{100 + 7 * i},item {n}\n" for i in range(8) for n in range(3))
    (tmp_path / "deal_lines.csv").write_text("Line ID,Deal ID,Deal Stage,Amount,Item\n" + rows)
    found = [f for f in inspect(tmp_path) if f.kind == "fan-out"]
    assert [(f.where.line, f.column, f.rows) for f in found] == [(2, "Amount", 24)]
    assert "one_row_per: choose" in proposed(tmp_path)[0]


def test_a_mapping_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Id,Stage\n1,Won\n")
    target = tmp_path / "mapping.yaml"
    write(tmp_path, target)
    target.write_text("mine")
    with pytest.raises(Refused, match="mapping-exists"):
        write(tmp_path, target)
    assert target.read_text() == "mine"
    assert write(tmp_path, target, overwrite=True).text == target.read_text()


DIRTY = """Deal ID;Name;Betrag;Closed;Stage
1;a;1.234,56;04.03.2025;Won
2;b;€ 900;05.03.2025;Lost
3;c;$1.200,50;06.03.2025;Select
4;d;12k;31.02.2025;Lost
5;e
Deal ID;Name;Betrag;Closed;Stage
6;f;n/a;17.03.2025;None
7;g;5,5;18.03.2025;Won
8;h;6,5;19.03.2025;Won
9;i;7,5;20.03.2025;Won
10;j;8,5;21.03.2025;Won
11;k;8,5;22.03.2025;Won
12;l;8,5;23.03.2025;Won
13;m;8,5;24.03.2025;Won
Total;;12;;
"""


def test_each_kind_of_dirt_is_found_with_its_place_and_an_example(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DIRTY)
    found = {(f.kind, f.where.line, f.example.split(":")[0]) for f in inspect(tmp_path)}
    assert found == {
        ("ragged", 6, "ragged"), ("repeated-header", 7, "repeated-header"), ("total-line", 16, "total-line"), ("placeholder", 8, "n/a"),
        ("placeholder", 8, "None"), ("placeholder", 4, "Select"), ("mixed-currencies", 2, "1.234,56"), ("number-with-text", 5, "12k"),
        ("not-a-date", 5, "31.02.2025"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "tables"),
    [("maven_crm", {"account": 85, "product": 7, "member": 35, "opportunity": 8800}), ("ravenstack", {"account": 500, "contract_line": 5000, "signal": 600}),
     ("mrr_playbook", {"account": 55, "contract_line": 121})],
)  # fmt: skip
def test_public_exports_are_proposed_and_load(tmp_path: Path, folder: str, tables: dict[str, int]) -> None:
    if not (PUBLIC / folder).is_dir():
        pytest.skip("the public data is not here")
    text = propose(PUBLIC / folder, currency="USD").text
    (tmp_path / "mapping.yaml").write_text(text)
    staged = Staged(tmp_path, tmp_path / "mapping.yaml", files=PUBLIC / folder)
    assert not [p for p in staged.problems if p.is_error]
    counted = {t: sum(r["reason"] is None for r in staged.rows(t)) for t in tables}
    assert counted == tables


def test_the_maven_example_reads_the_export_whole(tmp_path: Path) -> None:
    if not (PUBLIC / "maven_crm").is_dir():
        pytest.skip("the public data is not here")
    example = Path(__file__).parents[2] / "examples/maven/data/mapping.yaml"
    staged = Staged(tmp_path, example, files=PUBLIC / "maven_crm")
    assert staged.codes() == []
    deals = staged.rows("opportunity")
    assert (len(deals), sum(r["reason"] is None for r in deals)) == (8800, 8800)
    assert sum(r["amount"] or 0 for r in deals if r["is_won"]) == 10005534
    assert {r["product_id"] for r in deals} == {f"crm:{p['source_id']}" for p in staged.rows("product")}
    assert {r["industry"] for r in staged.rows("account")} & {"technolgy"} == set()
    assert len(staged.rows("member")) + len(staged.rows("member", 1)) == 35 + 6
    assert sum(r["is_closed"] for r in deals) == 4238 + 2473
    assert sum(r["closed_at"] is not None for r in deals) == 4238 + 2473
    assert len(staged.rows("change")) == 8800 - 500


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "a PNG picture"), ("b.csv", b"PK\x03\x04" + bytes(90), "a zip archive or an Excel workbook"),
        ("c.txt", bytes(range(1, 32)) * 99, "no text at all"), ("d.csv", b"\n<!DOCTYPE html><html>", "a web page"), ("e.xlsx", b"a,b\n1,2\n", "no Excel workbook"),
        ("f.parquet", b"PAR1x", "no Parquet file"), ("g.csv", b"", "not even a header"), ("h.csv", b"\n\n\r\n", "not even a header"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    proposal = propose(tmp_path)
    assert [(p.code, p.where and p.where.file) for p in proposal.problems] == [("file-unreadable", name)]
    assert says in proposal.problems[0].message


def test_what_is_found_in_one_sheet_is_not_said_of_another(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Companies"
    rows: list[list[Any]] = [
        ["Export of today"],
        ["Company ID", "Company name", "Website"],
        *([i, f"C{i}", f"c{i}.de"] for i in range(9)),
    ]
    for row in rows:
        first.append(row)
    second = book.create_sheet("People")
    second.append(["Record ID", "Email", "Company ID"])
    for i in range(9):
        second.append([f"P{i}", f"p{i}@c.de", i])
    book.save(tmp_path / "book.xlsx")
    text, loaded = proposed(tmp_path)
    assert loaded.problems == ()
    assert text.count("The header is on line 2") == 1
    assert [(f.sheet, f.header) for f in loaded.mapping.files] == [("Companies", 2), ("People", None)]


def test_an_unrecognised_file_shows_its_columns_and_its_dirt(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Alpha,Beta,Alpha\n1,03/04/2025,x\n2,05/06/2025,y\n")
    text, _ = proposed(tmp_path)
    assert "# x.csv: Alpha, Beta, Alpha (2)" in text
    assert "found: x.csv:1: More than one column is called 'Alpha'" in text
    assert "found: x.csv:2: Beta: '03/04/2025' and every other value fit %d/%m/%Y and %m/%d/%Y" in text
    assert "ignore: [x.csv]" in text


def test_a_key_with_a_few_faults_is_preferred_to_a_name_that_happens_to_be_unique(tmp_path: Path) -> None:
    rows = "".join(f"{8 if i == 9 else i},Company {i},c{i}.de,{i}.5\n" for i in range(30))
    (tmp_path / "companies.csv").write_text("Company ID,Company name,Website,Revenue\n" + rows)
    text, loaded = proposed(tmp_path)
    assert loaded.mapping.files[0].key == ("Company ID",)
    assert "1 rows repeat a value, such as '8' (line 10)" in text


def test_an_amount_is_no_key(tmp_path: Path) -> None:
    rows = "".join(f"{i % 28 + 1:02}.03.2025;Google;{i},5\n" for i in range(40))
    (tmp_path / "Kosten.csv").write_text("Datum;Kanal;Kosten\n" + rows)
    _, loaded = proposed(tmp_path)
    assert (loaded.mapping.files[0].tables[0].table, loaded.mapping.files[0].key) == ("spend", ())


def test_units_beside_a_number_are_not_taken_for_a_currency(tmp_path: Path) -> None:
    rows = "".join(f"{i},D{i},Won,{i}00\n" for i in range(1, 9))
    (tmp_path / "deals.csv").write_text("Deal ID,Deal Name,Deal Stage,Amount\n" + rows + "9,D9,Won,12 pcs\n")
    assert [(f.kind, f.where.line) for f in inspect(tmp_path)] == [("number-with-text", 10)]


def test_the_companys_timezone_is_proposed(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Id,Stage\n1,Won\n")
    assert "timezone: Europe/Berlin" in propose(tmp_path, timezone="Europe/Berlin").text
