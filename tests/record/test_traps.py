"""Wrong-number traps, one by one: each is a row or two that once gave a number nobody would have signed."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from fairlead.record.lake import Lake
from tests.record.crm import ACCOUNT, DEAL, HISTORY, LINE, RATE, account, deal, line, move, reasons
from tests.record.lakes import Row, land, made, recipe, stage

CLOSED_AT = stage("opportunity", {**{c: c for c in ("stage", "amount", "currency")}, "account_id": "'crm:' || account",
    "created_at": "created", "closed_at": "closed", "qualified_at": "qualified",
    "is_won": "stage = 'closed_won'", "is_closed": "stage IN ('closed_won', 'signed', 'parked')"})  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / ".fairlead")
    land(lake, "crm", "account", [account("a")])
    return lake


def rate(key: str, starts: str, of_one: str, currency: str = "EUR") -> Row:
    return {"key": key, "currency": currency, "starts": starts, "rate": of_one}


def test_e64_a_deal_won_on_a_day_that_had_another_move_is_not_open(lake: Lake) -> None:
    """The source knows the day it closed, and that it reached proposal at noon of that day: it closed after that."""
    land(lake, "crm", "opportunity", [deal("1", stage="closed_won", closes="2025-08-01")])
    land(lake, "crm", "history", [move("h1", "2025-08-01", "discovery", "proposal")])
    built = made(lake, recipe(ACCOUNT, DEAL, HISTORY))
    assert built.column("SELECT stage FROM mart.stage_entry ORDER BY sequence") == [
        "discovery", "proposal", "closed_won",
    ]  # fmt: skip
    assert built.column("SELECT is_open FROM mart.opportunity_day ORDER BY starts_on") == [True, False]


def test_e41_stages_entered_on_one_day_follow_the_pipeline(lake: Lake) -> None:
    """Dates kept as columns do not say which came first; 'closed_won' sorts before 'discovery', and was not."""
    land(
        lake,
        "crm",
        "opportunity",
        [deal("1", stage="closed_won", closes="2025-08-01", created="2025-08-01 12:00:00+00")],
    )
    days = [move(f"1|{name}", "2025-08-01", None, name) for name in ("closed_won", "discovery", "proposal")]
    land(lake, "crm", "history", days)
    built = made(lake, recipe(ACCOUNT, DEAL, HISTORY))
    assert built.column("SELECT stage FROM mart.stage_entry ORDER BY sequence") == [
        "discovery", "proposal", "closed_won",
    ]  # fmt: skip
    assert built.column("SELECT is_open FROM mart.opportunity_day") == [False]


def test_a_stay_whose_beginning_nobody_knows_has_no_length(lake: Lake) -> None:
    land(lake, "crm", "opportunity", [deal("1", stage="proposal", created=None)])
    land(lake, "crm", "history", [move("h1", "2025-08-01", "discovery", "proposal")])
    built = made(lake, recipe(ACCOUNT, DEAL, HISTORY))
    assert built.column("SELECT days FROM mart.stage_entry ORDER BY sequence") == [None, 212.0]


def test_a_deal_is_qualified_from_the_day_its_source_says(lake: Lake) -> None:
    land(lake, "crm", "opportunity", [{**deal("1"), "qualified": "2025-07-01 12:00:00+00", "closed": None}])
    built = made(lake, recipe(ACCOUNT, CLOSED_AT))
    rows = built.rows("SELECT starts_on, is_qualified FROM mart.opportunity_day ORDER BY starts_on")
    assert [tuple(row.values()) for row in rows] == [(date(2025, 6, 1), False), (date(2025, 7, 1), True)]


@pytest.mark.parametrize("name", ["signed", "parked"])
def test_a_deal_closed_in_a_stage_of_no_pipeline_is_not_open_after(lake: Lake, name: str) -> None:
    land(lake, "crm", "opportunity", [{**deal("1", stage=name), "closed": "2025-08-01 12:00:00+00", "qualified": None}])
    land(lake, "crm", "history", [move("h1", "2025-09-01", "1", "2", "amount")])
    rows = made(lake, recipe(ACCOUNT, CLOSED_AT, HISTORY)).rows(
        "SELECT starts_on, is_open FROM mart.opportunity_day ORDER BY starts_on"
    )
    assert [tuple(row.values()) for row in rows] == [
        (date(2025, 6, 1), True), (date(2025, 8, 1), False), (date(2025, 9, 1), False),
    ]  # fmt: skip


def test_e42_a_deal_closed_before_it_was_created_has_no_cycle(lake: Lake) -> None:
    deals = [deal("1", stage="closed_won", closes="2025-03-01"), deal("2", stage="closed_won", closes="2025-06-01")]
    land(lake, "crm", "opportunity", deals)
    built = made(lake, recipe(ACCOUNT, DEAL))
    assert built.column("SELECT days_to_close FROM mart.facts_opportunity ORDER BY id") == [None, 0.0]


def test_e56_a_state_before_the_first_rate_has_no_value_and_never_the_foreign_figure(lake: Lake) -> None:
    land(lake, "crm", "rate", [rate("1", "2025-09-01", "2")])
    land(lake, "crm", "opportunity", [deal("1", currency="EUR"), deal("2")])
    built = made(lake, recipe(RATE, ACCOUNT, DEAL))
    values = built.column("SELECT amount_converted FROM mart.opportunity_day ORDER BY opportunity_id")
    assert values == [None, Decimal("100.00")]


def test_e56_small_rates_keep_their_digits(lake: Lake) -> None:
    land(lake, "crm", "rate", [rate("1", "2025-01-01", "0.0000393712", "VND"), rate("2", "2025-01-01", "1e9", "XXX")])
    land(lake, "crm", "opportunity", [deal("1", currency="VND", amount="1000000000")])
    built = made(lake, recipe(RATE, ACCOUNT, DEAL))
    assert built.column("SELECT amount_converted FROM record.opportunity") == [Decimal("39371.20")]
    assert built.column("SELECT amount_converted FROM mart.opportunity_day") == [Decimal("39371.20")]
    assert reasons(built) == {"2": "bad-rate: 1000000000.0"}


def test_e56_the_rate_is_that_of_the_companys_day(lake: Lake) -> None:
    """21:00 in New York on the first of August is 01:00 UTC on the second."""
    land(lake, "crm", "rate", [rate("1", "2025-01-01", "2"), rate("2", "2025-08-02", "9")])
    won = {**deal("1", currency="EUR", stage="closed_won"), "closed": "2025-08-02 01:00:00+00", "qualified": None}
    land(lake, "crm", "opportunity", [won])
    built = made(lake, recipe(RATE, ACCOUNT, CLOSED_AT))
    assert built.column("SELECT amount_converted FROM record.opportunity") == [Decimal("200.00")]
    assert set(built.column("SELECT amount_converted FROM mart.opportunity_day")) == {Decimal("200.00")}


def test_e56_a_rate_taken_back_no_longer_counts_and_of_two_the_leading_one_does(lake: Lake) -> None:
    rates = [rate("1", "2025-01-01", "2"), rate("2", "2025-01-01", "3"), rate("3", "2025-02-01", "9")]
    land(lake, "crm", "rate", rates, datetime(2026, 1, 1, tzinfo=UTC))
    land(lake, "crm", "rate", [], datetime(2026, 1, 2, tzinfo=UTC), gone=rates[2:])
    land(lake, "crm", "opportunity", [deal("1", currency="EUR")])
    built = made(lake, recipe(RATE, ACCOUNT, DEAL))
    assert built.column("SELECT amount_converted FROM record.opportunity") == [Decimal("200.00")]


def test_e1_a_year_is_cut_in_twelve_to_the_cent(lake: Lake) -> None:
    """Half a cent goes up, also where a float of the twelfth part falls just short of it."""
    lines = [line(str(n), per="year", amount=f"{(6 + 12 * n) / 100:.2f}") for n in range(3000)]
    lines += [line(f"week {n}", per="week", amount=f"{n / 100:.2f}") for n in range(1, 3000, 7)]
    lines += [line("large", per="year", amount="99999999999.90", times="3")]
    land(lake, "crm", "line", lines)
    rows = made(lake, recipe(ACCOUNT, LINE)).rows("SELECT * FROM record.contract_line")
    for row in rows:
        part = {"year": Decimal(1), "week": Decimal(52)}[row["billing_interval"]] / row["billing_interval_count"]
        exact = (row["amount"] * part / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert row["mrr"] == row["mrr_converted"] == exact, row["amount"]


def test_e23_a_record_that_the_leading_source_names_is_that_record(tmp_path: Path) -> None:
    lake = Lake(tmp_path / ".fairlead")
    leading = stage("account", {"name": "name"}, "hub", "company", keys="'sf:' || sfid")
    other = stage("account", {"name": "name"}, "sf", "account")
    sale = stage("opportunity", {"account_id": "'sf:' || account", "stage": "stage", "amount": "amount",
        "currency": "currency", "created_at": "created", "is_won": "false", "is_closed": "false"}, "sf")  # fmt: skip
    land(lake, "hub", "company", [{"key": "h1", "name": "H", "sfid": "s1"}])
    land(lake, "sf", "account", [{"key": "s1", "name": "S"}, {"key": "s2", "name": "T"}])
    land(lake, "sf", "opportunity", [deal("1", account="s1"), deal("2", account="s2")])
    built = made(lake, recipe(leading, other, sale, sources=("hub", "sf")))
    assert built.column("SELECT account_id FROM record.opportunity ORDER BY id") == ["hub:h1", "sf:s2"]
    assert built.column("SELECT id FROM record.account ORDER BY id") == ["hub:h1", "sf:s2"]
    assert reasons(built) == {}
    named = built.rows("SELECT ref, id FROM record.identity WHERE entity = 'account' ORDER BY ref")
    assert [tuple(row.values()) for row in named] == [("hub:h1", "hub:h1"), ("sf:s1", "hub:h1"), ("sf:s2", "sf:s2")]


def test_a_change_to_no_number_or_no_day_is_set_aside_and_stops_no_build(lake: Lake) -> None:
    land(lake, "crm", "opportunity", [deal("1", amount="70")])
    land(lake, "crm", "history", [
        move("1", "2025-06-03", "50", "60", "amount"), move("2", "2025-06-04", "60", "Proposal", "amount"),
        move("3", "2025-06-05", "soon", "2026-01-02", "close_date"), move("4", "2025-06-06", "Proposal", "60"),
        move("5", "2025-06-07", "60", None, "amount"), move("6", "2025-06-08", "", "70.00", "amount"),
    ])  # fmt: skip
    built = made(lake, recipe(ACCOUNT, DEAL, HISTORY))
    assert reasons(built) == {
        "2": "unreadable-change: amount from 60 to Proposal",
        "3": "unreadable-change: close_date from soon to 2026-01-02",
    }
    amounts = built.column("SELECT amount FROM mart.opportunity_day ORDER BY starts_on")
    assert amounts[:3] == [Decimal("50.00"), Decimal("60.00"), Decimal("60.00")]
    assert amounts[-2:] == [None, Decimal("70.00")]
