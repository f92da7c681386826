"""From raw to record: verdicts, references, identity, the past; each on rows small enough to check by eye."""

from datetime import date
from pathlib import Path

import pytest
import sqlglot

from fairlead.record.engine import connect
from fairlead.record.lake import Lake, manifest
from fairlead.record.models import calendar_sql, sql_models
from fairlead.values import Grain, period_of
from tests.record.crm import ACCOUNT, DEAL, FEBRUARY, JANUARY, account, deal, reasons
from tests.record.lakes import NOW, Built, land, made, recipe, stage


def test_rows_in_are_rows_kept_and_rows_set_aside(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a"), account("b", name=None)])
    land(
        lake, "crm", "opportunity", [deal("1"), deal("2", account="b"), deal("3", stage=None), deal("4", account=None)]
    )
    built = made(lake, recipe(ACCOUNT, DEAL))
    counts = {(t["table"], t["source"]): t for t in manifest(built.path)["tables"]}
    assert counts["account", "crm"] == {
        "table": "account", "source": "crm", "rows_in": 2, "kept": 1, "set_aside": 1,
        "broken_references": 0, "empty_references": 0, "left_out": 0,
    }  # fmt: skip
    assert (counts["opportunity", "crm"]["rows_in"], counts["opportunity", "crm"]["kept"]) == (4, 2)
    assert counts["opportunity", "crm"]["empty_references"] == 1
    assert reasons(built) == {
        "b": "required: name is empty",
        "2": "dangling-reference: account_id is crm:b",
        "3": "required: stage is empty",
    }
    assert built.column("SELECT id FROM record.opportunity") == ["crm:1", "crm:4"]


def test_rows_not_meant_for_a_table_are_counted_as_left_out(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a"), account("b"), account("c")])
    some = ACCOUNT._replace(sql=f"{ACCOUNT.sql} WHERE _key <> 'b'")
    (count,) = manifest(made(lake, recipe(some)).path)["tables"]
    assert (count["rows_in"], count["kept"], count["left_out"]) == (2, 2, 1)


def test_a_soft_reference_that_finds_nobody_is_emptied_and_counted(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", owner="u9")])
    built = made(lake, recipe(ACCOUNT, DEAL))
    assert built.rows("SELECT id, owner_id FROM record.opportunity") == [{"id": "crm:1", "owner_id": None}]
    assert [t["broken_references"] for t in manifest(built.path)["tables"] if t["table"] == "opportunity"] == [1]


def test_a_set_aside_row_keeps_what_it_said_and_where(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2", account="nobody", amount="7.50")])
    (row,) = made(lake, recipe(ACCOUNT, DEAL)).rows("SELECT * FROM quality.set_aside")
    assert (row["file"], row["line"], row["table_name"]) == ("crm/opportunity.csv", 3, "opportunity")
    assert '"amount":7.5' in str(row["row"]).replace(" ", "")


def test_a_row_is_set_aside_with_its_place_also_where_the_table_has_a_line_of_its_own(lake: Lake) -> None:
    ledger = stage(
        "ledger",
        {
            "month": "CAST(month AS DATE)",
            "line": "what",
            "amount": "CAST(amount AS DECIMAL(18, 2))",
            "currency": "'CHF'",
        },
    )
    land(lake, "crm", "ledger", [{"key": "1", "month": "2026-01-01", "what": "sales_cost", "amount": "5.00"}])
    (row,) = made(lake, recipe(ledger)).rows("SELECT * FROM quality.set_aside")
    assert (row["file"], row["line"], row["reason"]) == ("crm/ledger.csv", 2, "no-rate")
    assert '"line":"sales_cost"' in str(row["row"]).replace(" ", "")


def test_a_date_no_calendar_holds_is_set_aside(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", closes="0202-04-01"), deal("2", closes="9999-12-31"), deal("3")])
    assert set(reasons(made(lake, recipe(ACCOUNT, DEAL)))) == {"1", "2"}


def test_e27_days_are_the_companys(lake: Lake) -> None:
    land(
        lake,
        "crm",
        "account",
        [account("a", created="2026-01-01 04:59:59+00"), account("b", created="2026-01-01 05:00:00+00")],
    )
    rows = made(lake, recipe(ACCOUNT)).rows("SELECT created_on FROM record.account ORDER BY id")
    assert [row["created_on"] for row in rows] == [
        date(2025, 12, 31),
        date(2026, 1, 1),
    ]  # midnight in New York is 05:00 UTC


def test_two_sources_describe_one_account_and_the_leading_one_wins_field_by_field(lake: Lake) -> None:
    billing = stage(
        "account", {"name": "name", "industry": "industry"}, "billing", "customer", keys="'domain:' || domain"
    )
    land(lake, "crm", "account", [account("a"), account("b")])
    customers: list[dict[str, str | None]] = [
        {"key": "c1", "name": "A Ltd", "domain": "a.example", "industry": "Shipping"},
        {"key": "c2", "name": "C Ltd", "domain": "c.example", "industry": None},
    ]
    land(lake, "billing", "customer", customers)
    built = made(lake, recipe(ACCOUNT, billing, sources=("crm", "billing")))
    rows = built.rows("SELECT id, name, industry FROM record.account ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [
        ("billing:c2", "C Ltd", None),
        ("crm:a", "Account a", "Shipping"),
        ("crm:b", "Account b", None),
    ]
    said = built.rows("SELECT id, matched_by FROM record.identity WHERE ref = 'billing:c1'")
    assert said == [{"id": "crm:a", "matched_by": "domain:a.example"}]
    assert sum(t["kept"] for t in manifest(built.path)["tables"]) == 4  # folded rows are kept, not lost


def test_e92_a_key_shared_within_a_source_goes_to_the_smaller_id_whatever_the_order(tmp_path: Path) -> None:
    billing = stage("account", {"name": "name"}, "billing", "customer", keys="'domain:' || domain")
    answers = set()
    for turn, order in enumerate((("a", "b"), ("b", "a"))):
        lake = Lake(tmp_path / str(turn))
        land(lake, "crm", "account", [account(key, domain="same.example") for key in order])
        land(lake, "billing", "customer", [{"key": "c", "name": "C", "domain": "same.example"}])
        built = made(lake, recipe(ACCOUNT, billing, sources=("crm", "billing")))
        answers.add(str(built.column("SELECT id FROM record.identity WHERE ref = 'billing:c'")))
    assert answers == {"['crm:a']"}


def contents(built: Built) -> dict[str, bytes]:
    """Every table's rows, in their order, as text."""
    return {
        f"{file.parent.name}.{file.stem}": str(built.rows(f"SELECT * FROM {file.parent.name}.{file.stem}")).encode()
        for file in sorted(built.path.glob("*/*.parquet"))
        if file.stem != "calendar"
    }


def test_e18_the_past_is_rebuilt_row_for_row(tmp_path: Path) -> None:
    then, later = Lake(tmp_path / "then"), Lake(tmp_path / "later")
    for lake in (then, later):
        land(lake, "crm", "account", [account("a"), account("b")], JANUARY)
        land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    land(later, "crm", "opportunity", [deal("1", stage="closed_won", amount="999"), deal("3")], FEBRUARY)
    land(later, "crm", "account", [account("c", new_column="x")], FEBRUARY)
    as_reported = made(then, recipe(ACCOUNT, DEAL, as_of=date(2026, 1, 10)))
    rebuilt = made(later, recipe(ACCOUNT, DEAL, as_of=date(2026, 1, 10), known_at=JANUARY))
    assert contents(rebuilt) == contents(as_reported)
    assert contents(made(later, recipe(ACCOUNT, DEAL, as_of=date(2026, 1, 10)))) != contents(as_reported)


def test_a_build_that_exists_is_not_made_again(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    first = made(lake, recipe(ACCOUNT)).path
    before = {p: p.stat().st_mtime_ns for p in first.rglob("*")}
    assert made(lake, recipe(ACCOUNT)).path == first
    assert {p: p.stat().st_mtime_ns for p in first.rglob("*")} == before
    assert made(lake, recipe(ACCOUNT, as_of=date(2026, 3, 2))).path != first
    land(lake, "crm", "account", [account("b")], FEBRUARY)
    assert made(lake, recipe(ACCOUNT)).path != first


def test_without_any_rows_every_table_is_there_and_empty(lake: Lake) -> None:
    rows = dict(manifest(made(lake, recipe()).path)["rows"])
    assert rows.pop("mart.calendar") == 47_482
    assert set(rows.values()) == {0}
    assert {n for n in sql_models() if not n.startswith("build.")} <= rows.keys() | {"mart.calendar"}


@pytest.mark.parametrize("start", range(1, 13))
def test_the_calendar_names_periods_as_python_does(start: int) -> None:
    days = (
        connect()
        .execute(f"SELECT * FROM ({calendar_sql(start)}) WHERE day BETWEEN '2023-12-20' AND '2026-01-12'")
        .fetchall()
    )
    assert len(days) == 755
    for day, *names in days:
        assert names == [period_of(day, grain, start).name for grain in list(Grain)[1:]]


def test_models_stay_in_the_portable_subset() -> None:
    for name, sql in sql_models().items():
        (spark,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert spark, name


def test_nothing_is_published_by_building(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    path = made(lake, recipe(ACCOUNT)).path
    assert lake.current() is None
    lake.publish(path)
    assert lake.current() == path
    assert [p.name for p in lake.listed()] == [path.name]
    assert NOW.isoformat() == manifest(path)["made_at"]
