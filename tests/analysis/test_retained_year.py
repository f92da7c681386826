"""Twelve months and a first birthday, against what a customer's lines come to at the days in question."""

from decimal import Decimal
from typing import Any

from fairlead.analysis.missing import MADE_OF
from fairlead.model.marts_of_revenue import REVENUE
from tests.analysis.counted import Book, Counted, line
from tests.analysis.test_retention import before, rates


def years(counted: Counted) -> dict[tuple[str, str], tuple[float, float, float, bool]]:
    """(base, net, kept, is kept) by account and month, as 12 for the last one of 2026."""
    rows = counted.rows("SELECT * FROM lens_account_year WHERE year(month) = 2026")
    money = ("base_mrr", "net_mrr", "kept_mrr")
    return {(r["account_id"], f"{r['month']:%m}"): (*(float(r[n]) for n in money), r["is_kept"]) for r in rows}


def test_e32_e34_twelve_months_are_a_closed_cohort_capped_by_customer() -> None:
    """a grows and shrinks, b leaves, c leaves and comes back for more, d comes within the year and is in no part."""
    counted = Book(
        before("1", 100, "a"), line("2", "04-01", "09-01", 50, account_id="a"), before("3", 20, "a", "10-01"),
        before("4", 100, "b", "03-01"),
        before("5", 80, "c", "05-01"), line("6", "07-01", mrr=200, account_id="c"), line("7", "08-01", account_id="c"),
        line("8", "02-01", mrr=900, account_id="d"),
    ).counted()  # fmt: skip
    found = years(counted)
    assert found["a", "12"] == (120, -20, 100, True)
    assert found["a", "08"] == (120, 50, 120, True)
    assert found["b", "12"] == (100, -100, 0, False)
    assert found["c", "12"] == (80, -80, 0, False)
    assert ("d", "12") not in found
    december = [value for (_, month), value in found.items() if month == "12"]
    base, net, kept = (sum(column) for column in list(zip(*december, strict=True))[:3])
    assert (base + net) / base == rates(counted, "01-01", "12-31")[0], "as `fairlead revenue --per year` says"
    assert kept / base == rates(counted, "01-01", "12-31")[1]


def test_a_year_that_has_not_passed_is_not_told() -> None:
    """Who started in June 2025 paid when July began; twelve months of that are over at the end of June 2026."""
    months = [month for _, month in years(Book(before("1", 100, "a")).counted())]
    assert sorted(months) == ["06", "07", "08", "09", "10", "11", "12"]


def starts(counted: Counted) -> dict[str, tuple[Any, ...]]:
    rows = counted.rows("SELECT * FROM lens_customer_start")
    return {
        r["account_id"]: (f"{r['started_on']}", f"{r['year_month']:%Y-%m}", r["started_mrr"], r["mrr_after_year"])
        for r in rows
    }


def test_a_customers_first_birthday_is_the_end_of_the_month_a_year_after() -> None:
    """The yearly contract that ends on its birthday is lost by then; one of this year has none yet."""
    counted = Book(
        line("1", "2025-06-10", "06-10", account_id="a"), line("2", "2025-06-10", mrr=30, account_id="b"),
        line("3", "2025-06-20", mrr=15, account_id="b"), line("4", "03-01", account_id="c"),
        line("5", "2025-12-31", mrr=40, account_id="d"),
    ).counted()  # fmt: skip
    assert starts(counted) == {
        "a": ("2025-06-10", "2026-06", Decimal(100), Decimal(0)),
        "b": ("2025-06-10", "2026-06", Decimal(30), Decimal(45)),
        "c": ("2026-03-01", "2027-03", Decimal(100), None),
        "d": ("2025-12-31", "2026-12", Decimal(40), Decimal(40)),
    }


def test_without_contracts_every_table_of_revenue_says_what_is_missing() -> None:
    assert {MADE_OF.get(table.name) for table in REVENUE} == {"contract_line"}
