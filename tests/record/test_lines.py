"""Lines from raw to movements: what is set aside and why, when it was known, whose days they are; and the SQL."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from fairlead.actions.asking import opened
from fairlead.actions.lensing import counted
from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.analysis.beginning import ADDED, with_beginning
from fairlead.analysis.revenue_tables import revenue_of
from fairlead.model.revenue import Switches
from fairlead.record.engine import Reader
from fairlead.record.lake import Lake
from fairlead.record.lineage import origins
from fairlead.values import Query
from fairlead.workspace import open_workspace
from tests.analysis.test_movements_replay import SETS
from tests.record.lakes import Built, land, made, recipe, stage

ACCOUNT = stage("account", {"name": "name"})
FILLED = (
    "starts_on", "ends_on", "billing_interval", "quantity", "amount", "currency", "kind", "discount_lasts", "discount",
    "discount_starts_on", "discount_ends_on", "paused_on", "resumes_on", "cancel_kind", "past_due_on", "status",
)  # fmt: skip
LINE = stage("contract_line", {"account_id": "'crm:' || account", **{name: name for name in FILLED}}, raw="line")
INVOICE = stage("invoice", {"account_id": "'crm:' || account", "amount": "amount"})
RATE = stage("rate", {"currency": "currency", "starts_on": "starts", "rate": "rate"})


def line(key: str, **more: str | None) -> dict[str, str | None]:
    plain = {"account": "a", "starts_on": "2025-01-15", "billing_interval": "month", "amount": "100", "currency": "USD"}
    return {"key": key, **plain, **{name: None for name in FILLED if name not in plain}, **more}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    found = Lake(tmp_path / ".fairlead")
    land(found, "crm", "account", [{"key": "a", "name": "A"}], datetime(2026, 1, 24, tzinfo=UTC))
    return found


def reasons(built: Built) -> dict[str, str]:
    rows = built.rows("SELECT source_id, reason || ': ' || detail AS why FROM quality.set_aside")
    return {str(row["source_id"]): str(row["why"]) for row in rows}


BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "interval": ({"billing_interval": "fortnight"}, "unknown-interval: fortnight"),
    "no_interval": ({"billing_interval": None}, "required: billing_interval is empty"),
    "ends": ({"ends_on": "2024-12-31"}, "ends-before-start: 2025-01-15 to 2024-12-31"),
    "size": ({"amount": "999999999999999"}, "amount-too-large: amount is 999999999999999.00"),
    "a_day": ({"amount": "99999999999", "billing_interval": "day"}, "amount-too-large: 99999999999.00"),
    "off": ({"discount": "10000000000000"}, "amount-too-large: discount is 10000000000000.00"),
    "seats": ({"quantity": "-3"}, "negative-quantity: -3.0"),
    "rate": ({"currency": "CHF"}, "no-rate: CHF to USD on 2025-01-15: map a file of rates"),
    "currency": ({"currency": None}, "no-currency: amount is 100.00"),
    "negative": ({"amount": "-1214"}, "negative-amount: -1214.00"),
    "negative_usage": ({"amount": "-5", "kind": "usage"}, "negative-amount: -5.00"),
    "surcharge": ({"discount": "-50"}, "negative-discount: -50.00"),
    "too_much_off": ({"discount": "300"}, "discount-above-price: 300.00 off 100.00"),
    "status": ({"status": "Signed "}, "unknown-status: Signed"),
    "pending": ({"status": "pending", "kind": "usage"}, "unknown-status: pending"),
    "future": ({"status": "Future"}, "future-but-begun: begins on 2025-01-15"),
    "expired": ({"status": "Expired"}, "cancelled-without-date: Expired"),
    "undated": ({"status": "Canceled"}, "cancelled-without-date: Canceled"),
    "kind": ({"kind": "sometimes"}, "unknown-kind: sometimes"),
    "discount": ({"discount_lasts": "a while"}, "unknown-discount: a while"),
    "cancelled": ({"cancel_kind": "unwilling"}, "unknown-cancellation: unwilling"),
    "discount_ends": ({"discount_ends_on": "2025-01-01"}, "ends-before-start: discount until 2025-01-01"),
    "pause_ends": (
        {"paused_on": "2025-03-01", "resumes_on": "2025-02-01"}, "ends-before-start: pause until 2025-02-01",
    ),
    "pause": ({"resumes_on": "2025-02-01"}, "pause-without-start: 2025-02-01"),
    "nobody": ({"account": "zz"}, "dangling-reference: account_id is crm:zz"),
}  # fmt: skip


def test_e1_what_is_stated_wrongly_is_set_aside_shown_and_counted_as_nothing(lake: Lake) -> None:
    """Never as monthly, as zero or as dollars: of these lines only the sound one is revenue."""
    land(lake, "crm", "line", [line("sound"), *(line(key, **wrong) for key, (wrong, _) in BAD.items())])
    land(lake, "crm", "invoice", [{"key": "i", "account": None, "amount": "5"}])
    built = made(lake, recipe(ACCOUNT, LINE, INVOICE))
    assert reasons(built) == {**{key: why for key, (_, why) in BAD.items()}, "i": "required: account_id is empty"}
    assert built.column("SELECT sum(mrr_converted) FROM mart.mrr_span") == [Decimal("100.00")]
    assert built.column("SELECT sum(amount_converted) FROM mart.mrr_movement") == [Decimal("100.00")]


def test_e56_what_no_sum_of_money_can_hold_is_set_aside_and_the_rest_is_built(lake: Lake) -> None:
    """In the company's currency too, by what a line comes to in a year; whatever is not, goes through every step."""
    land(lake, "crm", "rate", [{"key": "r", "currency": "GBP", "starts": "2025-01-01", "rate": "400"}])
    lines = [
        line("large", amount="800000000000", starts_on="2025-02-01"),
        line("day", amount="20000000000", billing_interval="day"),
        line("pound", amount="1000000000", currency="GBP"),
        line("at_rate", amount="100000000", billing_interval="day", currency="GBP"),
        line("huge", amount="9999999999999998", currency="GBP"),
    ]
    land(lake, "crm", "line", lines)
    land(lake, "crm", "invoice", [{"key": "i", "account": "a", "amount": "-20000000000000"}])
    built = made(lake, recipe(ACCOUNT, LINE, INVOICE, RATE))
    assert reasons(built) == {
        "at_rate": "amount-too-large: amount is 100000000.00",
        "huge": "amount-too-large: amount is 9999999999999998.00",
        "i": "amount-too-large: amount is -20000000000000.00",
    }
    paid = Decimal("800000000000.00") + Decimal("608333333333.33") + Decimal("400000000000.00")
    assert built.column("SELECT sum(amount_converted) FROM mart.mrr_movement") == [paid]


def test_e11_e14_e26_of_lines_whose_status_is_known_only_what_is_paid_counts(lake: Lake) -> None:
    """Written in any way; a credit that is charged once and the status of a fee are no revenue, and no mistake."""
    said = {
        "active": "Active", "renewing": "Non Renewing", "trial": "In Trial", "draft": " Draft", "unpaid": "Unpaid",
        "paused": "Paused", "late": "Past due",
    }  # fmt: skip
    rows = [line(key, status=status) for key, status in said.items()]
    rows += [
        line("soon", status="future", starts_on="2026-05-01"),
        line("gone", status="EXPIRED", ends_on="2025-06-01"),
    ]
    rows += [line("credit", kind="one_time", amount="-40"), line("fee", kind="fee", status="invoiced")]
    land(lake, "crm", "line", rows, datetime(2026, 1, 24, 12, tzinfo=UTC))
    built = made(lake, recipe(ACCOUNT, LINE, as_of=date(2026, 1, 31)))
    assert reasons(built) == {}
    counted = built.rows(
        "SELECT split_part(line_id, ':', 2) AS line FROM mart.mrr_span WHERE mrr > 0"
        " AND starts_on <= '2026-01-31' AND coalesce(ends_on > '2026-01-31', true) ORDER BY 1"
    )
    assert [row["line"] for row in counted] == ["active", "late", "renewing"]
    moves = built.rows(
        "SELECT moved_on, kind, amount FROM mart.mrr_movement WHERE moved_on > '2025-01-15' ORDER BY 1, 2"
    )
    assert [(f"{row['moved_on']:%y-%m-%d}", row["kind"], float(row["amount"])) for row in moves] == [
        ("25-06-01", "contraction", -100), ("26-01-24", "contraction", -100), ("26-01-24", "pause", -100),
        ("26-04-24", "contraction", -100), ("26-04-24", "pause", 100), ("26-05-01", "expansion", 100),
    ]  # fmt: skip


def test_e1_e2_revenue_is_of_months_whatever_is_billed(lake: Lake) -> None:
    billed = {
        "year": ("2000", "166.67"),
        "week": ("30", "130.00"),
        "day": ("12", "365.00"),
        "month": ("19.99", "19.99"),
    }
    land(lake, "crm", "line", [line(per, billing_interval=per, amount=amount) for per, (amount, _) in billed.items()])
    built = made(lake, recipe(ACCOUNT, LINE))
    found = built.rows("SELECT split_part(line_id, ':', 2) AS per, mrr_converted FROM mart.mrr_span")
    assert {row["per"]: str(row["mrr_converted"]) for row in found} == {per: mrr for per, (_, mrr) in billed.items()}
    total = sum(Decimal(mrr) for _, mrr in billed.values())
    assert built.column("SELECT sum(amount_converted) FROM mart.mrr_movement") == [total]


def test_e13_a_discount_in_a_foreign_currency_is_converted_with_its_line(lake: Lake) -> None:
    land(lake, "crm", "rate", [{"key": "r", "currency": "EUR", "starts": "2025-01-01", "rate": "1.10"}])
    land(lake, "crm", "line", [line("1", currency="EUR", discount="20", discount_lasts="once")])
    row = made(lake, recipe(RATE, ACCOUNT, LINE)).rows("SELECT * FROM record.contract_line")[0]
    names = ("mrr", "mrr_converted", "list_mrr", "list_mrr_converted")
    assert [str(row[name]) for name in names] == ["80.00", "88.00", "100.00", "110.00"]


def test_e24_what_is_learnt_later_is_restated_and_what_was_known_is_still_known(lake: Lake) -> None:
    """In February the line is said to have ended on January 20; what was known in January does not know it."""
    before, after = datetime(2026, 1, 25, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)
    land(lake, "crm", "line", [line("1")], before)
    land(lake, "crm", "line", [line("1", ends_on="2026-01-20")], after)
    then = made(lake, recipe(ACCOUNT, LINE, known_at=datetime(2026, 1, 26, tzinfo=UTC), as_of=date(2026, 1, 26)))
    now = made(lake, recipe(ACCOUNT, LINE))
    sql = "SELECT kind, known_at FROM mart.mrr_movement ORDER BY moved_on"
    assert [tuple(row.values()) for row in then.rows(sql)] == [("new", before)]
    assert [tuple(row.values()) for row in now.rows(sql)] == [("new", after), ("churn", after)]


def test_e25_every_row_of_the_source_is_counted_or_set_aside(lake: Lake) -> None:
    """5,000 lines and one wrong one: nothing is cut off on the way, and the sum is the sum of the file."""
    rows = [line(str(n), amount=str(n % 97 + 1)) for n in range(5_000)]
    land(lake, "crm", "line", [*rows, line("wrong", amount=None)])
    built = made(lake, recipe(ACCOUNT, LINE))
    total = sum(n % 97 + 1 for n in range(5_000))
    assert built.column("SELECT count(*) FROM record.contract_line") == [5_000]
    assert built.column("SELECT sum(amount_converted) FROM mart.mrr_movement") == [Decimal(total)]
    assert list(reasons(built)) == ["wrong"]


MAPPING = """\
dates: unix_seconds
timezone: America/New_York
files:
  - file: lines.csv
    key: [id]
    tables:
      - table: account
        one_row_per: [customer]
        columns: {name: customer}
      - table: contract_line
        columns: {account_id: customer, starts_on: starts, billing_interval: {constant: month}, amount: amount}
"""


def test_e27_the_month_ends_where_the_company_is(tmp_path: Path) -> None:
    """A second before midnight in New York is still February; UTC has been in March for five hours."""
    last = int(datetime(2026, 3, 1, 4, 59, 59, tzinfo=UTC).timestamp())
    init(tmp_path / "w")
    settings = tmp_path / "w" / "fairlead.yaml"
    settings.write_text(f"{settings.read_text()}today: 2026-03-31\n")
    (tmp_path / "w" / "data" / "lines.csv").write_text(f"id,customer,starts,amount\n1,A,{last},10\n2,B,{last + 1},20\n")
    (tmp_path / "w" / "data" / "mapping.yaml").write_text(MAPPING)
    workspace = open_workspace(tmp_path / "w")
    reader = Reader(workspace.lake.builds / sync(workspace).build.build)
    sql = "SELECT CAST(month AS VARCHAR) AS month, new_mrr FROM mart.account_month WHERE new_mrr > 0 ORDER BY month"
    found = [(row["month"], int(row["new_mrr"])) for row in reader.rows(Query("months", sql)).to_pylist()]
    assert found == [("2026-02-01", 10), ("2026-03-01", 20)]


# What a build has beside what is counted: the day for a moment, and what a customer began with.
OF_A_BUILD = {"known_on", *ADDED}


def test_a_build_and_a_lens_with_its_switches_count_alike(lake: Lake) -> None:
    rows = [
        line("1", ends_on="2025-06-01"), line("2", starts_on="2025-06-01", amount="150", paused_on="2025-08-01"),
        line("3", starts_on="2025-03-03", discount="20", discount_lasts="repeating", discount_ends_on="2025-09-01"),
        line("4", starts_on="2025-05-05", past_due_on="2025-07-01", status="unpaid"),
    ]  # fmt: skip
    land(lake, "crm", "line", rows)
    path = made(lake, recipe(ACCOUNT, LINE)).path
    given = counted(opened(path), "USD", Switches())
    for table, key in (("movement", "moved_on, kind"), ("span", "line_id, starts_on")):
        there = opened(path).reader.rows(Query("build", f"SELECT * FROM mart.mrr_{table} ORDER BY {key}")).to_pylist()
        names = ", ".join(name for name in there[0] if name not in OF_A_BUILD)
        sql = f"SELECT {names} FROM lens_{table} ORDER BY {key}"
        again = opened(path).reader.rows(Query("lens", sql), given).to_pylist()
        assert [{k: v for k, v in row.items() if k not in OF_A_BUILD} for row in there] == again


@pytest.mark.parametrize("switches", SETS, ids=range(len(SETS)))
def test_the_sql_of_any_switches_stays_in_the_portable_subset(switches: dict[str, Any]) -> None:
    steps = revenue_of(Switches.model_validate({**switches, "refunds": "early_annual"}))
    for name, sql, _ in map(with_beginning, steps):
        (spark,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert spark, name
        banned = r"(?i)\b(asof|generate_series|range\(|recursive|pivot|quantile_cont|date_diff)\b"
        assert not re.search(banned, sql), name
        assert sql.startswith("-- Grain: "), name


@pytest.mark.parametrize(
    ("table", "column"),
    [("mrr_span", "mrr_converted"), ("mrr_movement", "amount_converted"), ("account_month", "new_mrr")],
)
def test_revenue_is_traced_to_the_columns_of_the_lines(table: str, column: str) -> None:
    """Through every step on the way, whatever star stands in it."""
    found = origins(table, column, tuple((one.name, one.sql) for one in recipe(ACCOUNT).derived))
    names = {name for _, name in found}
    assert {origin for origin, _ in found} == {"contract_line"}
    assert names >= {"amount", "billing_interval", "currency", "discount", "starts_on", "paused_on", "status"}
    assert names.isdisjoint({"cancel_reason", "quantity", "renews_on"})
