# ruff: noqa: E501, DTZ001 (tables of cases; naive times are what a cell says)
"""Mapped columns: each cell means one thing under a declared style, or the row is set aside with the cell shown."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from fairlead.model.laws import UNKNOWN_COLUMN as PREDICATE_COLUMN
from tests.connect.staged import Staged

FREE = "gmail.com"  # a mail provider


def read_as(folder: Path, column: str, cell: str, said: str, more: str = "") -> tuple[object, str | None]:
    """The value and reason of one cell mapped to a column of contract_line, spend, person or opportunity."""
    table = {"month": "ledger", "score": "signal", "is_won": "opportunity", "created_at": "person"}.get(
        column, "contract_line"
    )
    (folder / "a.csv").write_text('Id\tCell\n1\t"' + cell.replace('"', '""') + '"\n2\t\n')
    staged = Staged(
        folder,
        f"{more}\nfiles: [{{file: a.csv, key: [Id], tables: [{{table: {table}, columns: {{{column}: {{column: Cell{said}}}}}}}]}}]",
    )
    row, empty = staged.rows(table)
    assert (empty[column], empty["reason"]) == (None, None)
    return row[column], row["reason"]


@pytest.mark.parametrize(
    ("cell", "style", "value"),
    [
        ("1234.56", "1234.56", "1234.56"), ("-5", "1234.56", "-5"), (" 7 ", "1234.56", "7"), ("1e3", "1234.56", None),
        ("1.5e3", "1234.56", "1500"), ("1,234.56", "1234.56", None), ("1,234.56", "1,234.56", "1234.56"),
        ("1,23", "1,234.56", None), ("1.234,56", "1.234,56", "1234.56"), ("1.234", "1.234,56", "1234"),
        ("1.23", "1.234,56", None), ("1234,5", "1234,56", "1234.5"), ("1 234,56", "1 234,56", "1234.56"),
        ("1\u00a0234,56", "1 234,56", "1234.56"), ("1'234.50", "1'234.56", "1234.5"), ("12,34,567.89", "12,34,567.89", "1234567.89"),
        ("(1,200.00)", "1,234.56", "-1200"), ("1,200-", "1,234.56", "-1200"), ("(5", "1,234.56", None), ("$1,200", "1,234.56", "1200"),
        ("-$1,200.5", "1,234.56", "-1200.5"), ("USD 1,200", "1,234.56", "1200"), ("1,200 usd", "1,234.56", "1200"),
        ("12k", "1,234.56", None), ("about 5", "1,234.56", None), ("", "1,234.56", None), ("0.005", "1234.56", "0.01"),
    ],
)  # fmt: skip
def test_amounts_are_read_in_the_declared_style_only(tmp_path: Path, cell: str, style: str, value: str | None) -> None:
    found, reason = read_as(tmp_path, "amount", cell, f', numbers: "{style}"', "currency: USD")
    assert found == (None if value is None else Decimal(value))
    assert reason == (None if value is not None or not cell else f"not-an-amount: Cell is '{cell}'")


@pytest.mark.parametrize(
    ("cell", "unit", "currency", "value"),
    [("1050", "minor", "USD", "10.50"), ("1050", "minor", "JPY", "1050"), ("1050", "minor", "KWD", "1.05"),
     ("1234567", "micros", "USD", "1.23"), ("1.5", "millions", "USD", "1500000"), ("2", "thousands", "EUR", "2000"),
     ("-1", "minor", "USD", "-0.01"), ("9007199254740993", "minor", "USD", "90071992547409.93")],
)  # fmt: skip
def test_units_are_exact_and_know_currencies_without_cents(
    tmp_path: Path, cell: str, unit: str, currency: str, value: str
) -> None:
    assert read_as(tmp_path, "amount", cell, f", unit: {unit}", f"currency: {currency}") == (Decimal(value), None)


@pytest.mark.parametrize(
    ("cell", "dates", "value"),
    [("2025-03-04", "iso", date(2025, 3, 4)), ("03/04/2025", '"%d/%m/%Y"', date(2025, 4, 3)), ("03/04/2025", '"%m/%d/%Y"', date(2025, 3, 4)),
     ("03/04/2025", "iso", None), ("31/02/2025", '"%d/%m/%Y"', None), ("03/04/25", '"%d/%m/%Y"', None), ("03/04/25", '"%d/%m/%y"', date(2025, 4, 3)),
     ("2025-03-04", '"%d/%m/%Y"', date(2025, 3, 4)), ("45000", "excel", date(2023, 3, 15)), ("1735689599", "unix_seconds", date(2025, 1, 1)),
     ("1735689599000", "unix_millis", date(2025, 1, 1)), ("2024-12-31T23:30:00Z", "iso", date(2025, 1, 1)), ("2024-12-31 23:30", "iso", date(2024, 12, 31)),
     ("9999-12-31", "iso", None), ("soon", "iso", None), ("4.3.2025", '["%d/%m/%Y", "%d.%m.%Y"]', date(2025, 3, 4))],
)  # fmt: skip
def test_days_are_read_as_declared_or_as_iso(tmp_path: Path, cell: str, dates: str, value: date | None) -> None:
    found, reason = read_as(tmp_path, "month", cell, f", dates: {dates}", "timezone: Europe/Berlin")
    assert found == value
    assert reason == (None if value else f"not-a-date: Cell is '{cell}'")


@pytest.mark.parametrize(
    ("cell", "dates", "value"),
    [("2025-03-04T10:00:00.000+0000", "iso", datetime(2025, 3, 4, 10)), ("2025-03-04T10:00:00Z", "iso", datetime(2025, 3, 4, 10)),
     ("2025-07-04 10:00:00+02:00", "iso", datetime(2025, 7, 4, 8)), ("2025-07-04 10:00", "iso", datetime(2025, 7, 4, 8)),
     ("2025-01-04", "iso", datetime(2025, 1, 3, 23)), ("04/03/2025 9:05 PM", '"%d/%m/%Y %I:%M %p"', datetime(2025, 3, 4, 20, 5)),
     ("1700000000", "unix_seconds", datetime(2023, 11, 14, 22, 13, 20)), ("45000.5", "excel", datetime(2023, 3, 15, 11)), ("later", "iso", None)],
)  # fmt: skip
def test_times_without_an_offset_are_in_the_declared_timezone(
    tmp_path: Path, cell: str, dates: str, value: datetime | None
) -> None:
    found, reason = read_as(tmp_path, "created_at", cell, f", dates: {dates}", "timezone: Europe/Berlin")
    assert found == (value.replace(tzinfo=UTC) if value else None)
    assert reason == (None if value else f"not-a-time: Cell is '{cell}'")


@pytest.mark.parametrize(
    ("cell", "value"), [("true", True), ("No", False), ("1", True), ("F", False), ("ja", True), ("maybe", None)]
)
def test_truth(tmp_path: Path, cell: str, value: bool | None) -> None:
    assert read_as(tmp_path, "is_won", cell, "") == (
        value,
        None if value is not None else "not-true-or-false: Cell is 'maybe'",
    )


@pytest.mark.parametrize(("cell", "value"), [("12", 12), ("12.0", 12), ("12.5", None), ("1e30", None)])
def test_whole_numbers(tmp_path: Path, cell: str, value: int | None) -> None:
    found, reason = read_as(tmp_path, "billing_interval_count", cell, "")
    assert (found, reason is None) == (value, value is not None)


def test_a_share_is_a_number(tmp_path: Path) -> None:
    assert read_as(tmp_path, "score", "12.5 %", "") == (0.125, None)


@pytest.mark.parametrize("cell", ["None", "NaT", "Select", "--", "n/a"])
def test_placeholders_are_set_aside_unless_declared_or_mapped(tmp_path: Path, cell: str) -> None:
    assert read_as(tmp_path, "status", cell, "") == (cell, f"placeholder: Cell is '{cell}'")
    for folder in ("b", "c"):
        (tmp_path / folder).mkdir()
    assert read_as(tmp_path / "b", "status", cell, "", f'nulls: ["{cell}"]') == (None, None)
    assert read_as(
        tmp_path / "c", "status", cell, f', values: {{"{cell}": none}}, else: keep', f'nulls: ["{cell}"]'
    ) == ("none", None)


def test_currencies_that_disagree_are_set_aside_or_mapped_on_purpose(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'Id,Amount,Money\n1,"$1,200",USD\n2,€900,USD\n3,900,EUR\n4,£5,GBP\n5,7,Euro\n6,C$3,CAD\n'
    )
    table = '{{table: spend, columns: {{amount: {{column: Amount, numbers: "1,234.56"}}, currency: {0}}}}}'
    start = "files: [{file: a.csv, key: [Id], tables: ["
    staged = Staged(
        tmp_path,
        start
        + table.format("Money")
        + ", "
        + table.format("{column: Amount, currency_of: true, constant: USD}")
        + "]}]",
    )
    assert [r["reason"] for r in staged.rows("spend")] == [
        None, "mixed-currency: Amount is '€900' in a row in USD", None, None, "not-a-currency: Money is 'Euro'", None,
    ]  # fmt: skip
    assert [(r["currency"], r["amount"], r["reason"]) for r in staged.rows("spend", 1)] == [
        ("USD", 1200, None), ("EUR", 900, None), ("USD", 900, None), ("GBP", 5, None), ("USD", 7, None), ("CAD", 3, None),
    ]  # fmt: skip


def test_an_amount_in_a_currency_nobody_mapped_is_set_aside(tmp_path: Path) -> None:
    found, reason = read_as(tmp_path, "amount", "$5", "")
    assert (found, reason) == (Decimal(5), "unmapped-currency: Cell is '$5'")


def test_an_expression_may_have_a_unit(tmp_path: Path) -> None:
    """Stripe's price is that of one of the quantity, in cents; a file that writes 1.234,56 changes nothing about it."""
    (tmp_path / "a.csv").write_text('Id,price.unit_amount,Seats\n1,1999,3\n2,"150000000",40\n3,1999,\n4,0,2\n')
    staged = Staged(
        tmp_path,
        """
numbers: "1.234,56"
files:
  - file: a.csv
    key: [Id]
    tables:
      - table: contract_line
        columns:
          currency: {constant: USD}
          amount:
            sql: 'try_cast("price.unit_amount" as bigint) * try_cast(Seats as bigint)'
            unit: minor
""",
    )
    assert staged.codes() == []
    rows = staged.rows("contract_line")
    assert [r["amount"] for r in rows] == [Decimal("59.97"), Decimal("60000000.00"), None, Decimal("0.00")]


def test_picklists_references_and_keys(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Id,Stage,Owner,Site,Mail,Other,Line\n1,Won,Ann@X.example,https://www.Acme.co.uk:443/about?x=1,bob@"
        + FREE
        + ",S1,a\n"
        "2,Odd,,gmail.com,sales@foo.example,,b\n3,,cat@x.example,WWW.Foo.EXAMPLE/,,S3,\n"
    )
    staged = Staged(
        tmp_path,
        """
files:
  - file: a.csv
    key: [Id]
    tables:
      - table: opportunity
        columns:
          stage: {column: Stage, values: {Won: closed_won}}
          owner_id: {column: Owner, by: email}
          account_id: Other
          campaign_id: {column: Other, source: hubspot}
          product_id: {column: [Other, Line]}
          name: {first: [Line, Site]}
          kind: {column: Stage, values: {Won: new}, else: "null"}
          pipeline: {column: Stage, values: {Won: sales}, else: keep}
          is_won: {sql: "Stage = 'Won'"}
      - table: account
        columns: {name: Id, domain: Site}
        keys: {domain: [Site, Mail], stripe: Other}
        same_as: {salesforce: Other}
""",
    )
    assert staged.codes() == []
    rows = staged.rows("opportunity")
    assert [r["reason"] for r in rows] == [None, "unmapped-value: Stage is 'Odd'", None]
    assert [r["owner_id"] for r in rows] == ["email:ann@x.example", None, "email:cat@x.example"]
    assert [r["account_id"] for r in rows] == ["crm:S1", None, "crm:S3"]
    assert [r["campaign_id"] for r in rows] == ["hubspot:S1", None, "hubspot:S3"]
    assert [r["product_id"] for r in rows] == ["crm:S1|a", "crm:|b", "crm:S3|"]
    assert [r["name"] for r in rows] == ["a", "b", "WWW.Foo.EXAMPLE/"]
    assert [(r["kind"], r["pipeline"]) for r in rows] == [("new", "sales"), (None, "Odd"), (None, None)]
    assert [r["domain"] for r in staged.rows("account")] == ["acme.co.uk", "gmail.com", "foo.example"]
    assert staged.refs("account") == {
        ("1", "domain:acme.co.uk"), ("2", "domain:foo.example"), ("3", "domain:foo.example"), ("1", "stripe:S1"), ("3", "stripe:S3"),
        ("1", "salesforce:S1"), ("3", "salesforce:S3"),
    }  # fmt: skip
    assert staged.stage("opportunity").lineage["product_id"] == ("Other", "Line")


def test_rows_left_out_deleted_and_broken(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,Kind,IsDeleted\n1,deal,false\n2,lead,false\n3,deal,true\n4\n")
    staged = Staged(
        tmp_path,
        """files: [{file: a.csv, key: [Id], tables: [{table: opportunity, where: "Kind = 'deal'", deleted: "IsDeleted = 'true'", columns: {name: Id}}]}]""",
    )
    rows = staged.rows("opportunity")
    assert [(r["source_id"], r["deleted_at"] is not None, r["reason"] is None) for r in rows] == [
        ("1", False, True), ("3", True, True), ("4", False, False),
    ]  # fmt: skip


def test_a_total_repeated_on_each_line_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Line,Deal,Total,Item\n1,D1,100,x\n2,D1,100,y\n3,D2,50,x\n4,D2,60,y\n5,D3,7,z\n")
    staged = Staged(
        tmp_path,
        "files: [{file: a.csv, key: [Line], tables: [{table: opportunity, one_row_per: [Deal], columns: {name: Deal, amount: Total}}]}]",
    )
    rows = staged.rows("opportunity")
    assert [(r["source_id"], r["amount"], (r["reason"] or "").split(":")[0]) for r in rows] == [
        ("D1", 100, ""), ("D2", 50, ""), ("D2", 60, "fan-out"), ("D3", 7, ""),
    ]  # fmt: skip


def test_history_as_a_file_and_as_columns(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(
        "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate,By\nh1,D1,StageName,Prospecting,Closed Won,2025-01-02T03:04:05Z,U1\n"
        "h2,D1,CloseDate,2025-01-01,2025-02-01,2025-01-03,U1\nh3,D1,Color,a,b,2025-01-03,U1\nh4,D1,StageName,Odd,Closed Won,2025-01-04,U1\n"
    )
    (tmp_path / "d.csv").write_text("Id,Qualified,Proposed\nD1,2025-01-02,\nD2,,maybe\n")
    staged = Staged(
        tmp_path,
        """
files:
  - file: h.csv
    key: [Id]
    tables:
      - table: change
        where: "Field in ('StageName', 'CloseDate')"
        columns: {entity: {constant: opportunity}, entity_id: OpportunityId, field: {column: Field, values: {StageName: stage, CloseDate: close_date}},
                  old: OldValue, new: NewValue, at: CreatedDate, changed_by: By}
        values: {stage: {Closed Won: closed_won, Prospecting: discovery}}
  - file: d.csv
    key: [Id]
    tables:
      - table: change
        history: {entity: opportunity, field: stage, id: Id, at: {qualification: Qualified, proposal: Proposed}}
""",
    )
    assert staged.codes() == []
    assert [
        (r["field"], r["old"], r["new"], r["entity_id"], r["changed_by"], r["reason"]) for r in staged.rows("change")
    ] == [
        ("stage", "discovery", "closed_won", "crm:D1", "crm:U1", None),
        ("close_date", "2025-01-01", "2025-02-01", "crm:D1", "crm:U1", None),
        ("stage", None, "closed_won", "crm:D1", "crm:U1", "unmapped-value: OldValue is 'Odd'"),
    ]
    assert [(r["source_id"], r["entity_id"], r["new"], r["at"], r["reason"]) for r in staged.rows("change", 1)] == [
        ("D1|stage|qualification", "crm:D1", "qualification", datetime(2025, 1, 2, tzinfo=UTC), None),
        ("D2|stage|proposal", "crm:D2", "proposal", None, "not-a-time: Proposed is 'maybe'"),
    ]


def test_a_waiver_names_the_deal_by_its_key_in_the_source(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("Id,Deal,Stage,Why,By,At\nw1,D1,Proposal,Signed by mail,U1,2025-01-02\n")
    staged = Staged(
        tmp_path,
        """
files:
  - file: w.csv
    key: [Id]
    tables:
      - table: waiver
        columns: {subject: {constant: opportunity}, subject_id: Deal, stage: {column: Stage, values: {Proposal: proposal}},
                  waiver_reason: Why, waived_by_id: By, at: At}
""",
    )
    assert staged.codes() == []
    assert [(r["subject_id"], r["stage"], r["waived_by_id"], r["reason"]) for r in staged.rows("waiver")] == [
        ("crm:D1", "proposal", "crm:U1", None)
    ]


BAD = """export: full
dats: iso
files:
  - file: a.csv
    key: [Idd]
    tables:
      - table: oportunity
        columns: {name: Name}
  - file: b.csv
    key: [Id]
    tables:
      - table: opportunity
        columns:
          nam: Name
          name: Nme
          amount_converted: Id
          amount: {column: Amount, numbers: "1;2"}
          close_date: {column: Amount, dates: "dd/mm"}
          stage: {constant: a, column: Name}
          is_won: {constant: perhaps}
          is_closed: {sql: "Nme = 'x'"}
          kind: {column: Name, by: email}
"""


def test_every_fault_of_a_mapping_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,Name,Amount\n1,A,2\n")
    (tmp_path / "b.csv").write_text("Id,Name,Amount\n1,A,2\n")
    first = Staged(tmp_path, BAD)
    assert first.landings == ()
    assert any(
        p.where == ("mapping.yaml", 2) and "'dats'" in p.message and "dates" in (p.hint or "") for p in first.problems
    )
    second = Staged(tmp_path, BAD.replace("dats: iso\n", "\n"))
    told = {(p.code, p.where.line if p.where else None) for p in second.problems}
    assert told == {
        ("not-in-file", 5), ("unknown-column", 14), ("not-in-file", 15), ("unknown-column", 16), ("bad-value", 17), ("bad-value", 18),
        ("cannot-map", 19), ("bad-value", 20), (PREDICATE_COLUMN.code, 21), ("cannot-map", 22),
    }  # fmt: skip
    hints = {p.where.line: p.hint for p in second.problems if p.where}
    assert (hints[5], hints[14], hints[15]) == ("Did you mean 'Id'?", "Did you mean 'name'?", "Did you mean 'Name'?")


def test_a_format_that_fits_no_row_is_a_fault_of_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,When\n1,2025/03/04\n2,2025/03/05\n")
    staged = Staged(
        tmp_path,
        "dates: '%d/%m/%Y'\nfiles: [{file: a.csv, key: [Id], tables: [{table: opportunity, columns: {close_date: When}}]}]",
    )
    assert [p.code for p in staged.problems] == ["every-row-fails"]
    assert "When is '2025/03/04'" in staged.problems[0].message


def test_what_is_not_chosen_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,When\n1,03/04/2025\n")
    staged = Staged(
        tmp_path,
        "files: [{file: a.csv, key: [Id], tables: [{table: opportunity, columns: {close_date: {column: When, dates: choose}}}]}]",
    )
    assert staged.landings == ()
    assert "undecided mapping.yaml:1" in staged.codes()
