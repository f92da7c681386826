"""From raw to record: money at the rate of its day, terms spread over months, and movements that balance."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.record.lake import Lake
from tests.record.crm import ACCOUNT, DEAL, LINE, RATE, account, deal, line, reasons
from tests.record.lakes import land, made, recipe


def test_e56_money_is_converted_at_a_dated_rate_or_set_aside(lake: Lake) -> None:
    rates = [
        {"key": "1", "currency": "EUR", "starts": "2025-01-01", "rate": "1.10"},
        {"key": "2", "currency": "EUR", "starts": "2025-09-01", "rate": "1.205"},
    ]
    land(lake, "crm", "rate", rates)
    land(lake, "crm", "account", [account("a")])
    deals = [
        deal("won", currency="EUR", stage="closed_won", closes="2025-08-31"),
        deal("open", currency="EUR", amount="0.03"),
        deal("plain"),
        deal("nowhere", currency="CHF"),
        deal("unsaid", currency=None),
    ]
    land(lake, "crm", "opportunity", deals)
    built = made(lake, recipe(RATE, ACCOUNT, DEAL))
    rows = built.rows("SELECT source_id, amount_converted FROM record.opportunity ORDER BY source_id")
    assert {str(row["source_id"]): row["amount_converted"] for row in rows} == {
        "won": Decimal("110.00"),  # the rate of the day it closed
        "open": Decimal("0.04"),  # the latest rate: 0.03 x 1.205 = 0.03615
        "plain": Decimal("100.00"),
    }
    assert reasons(built) == {
        "nowhere": "no-rate: CHF to USD on 2026-03-01: map a file of rates",
        "unsaid": "no-currency: amount is 100.00",
    }


@pytest.mark.parametrize(
    ("per", "times", "amount", "mrr"),
    [("year", "1", "2000", "166.67"), ("year", "2", "2400", "100.00"), ("year", "3", "3600", "100.00"),
     ("month", "3", "100", "33.33"), ("week", "1", "30", "130.00"), ("day", "1", "12", "365.00")],
)  # fmt: skip
def test_e1_e2_terms_are_spread_over_months(lake: Lake, per: str, times: str, amount: str, mrr: str) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "line", [line("1", per=per, times=times, amount=amount)])
    assert made(lake, recipe(ACCOUNT, LINE)).column("SELECT mrr FROM record.contract_line") == [Decimal(mrr)]


def test_e1_an_unknown_term_is_set_aside_and_never_monthly(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    bad = [line("1", per="fortnight"), line("2", ends="2024-12-31"), line("3", seats="-1"), line("4", account="zz")]
    land(lake, "crm", "line", bad)
    built = made(lake, recipe(ACCOUNT, LINE))
    assert built.column("SELECT mrr FROM record.contract_line") == []
    assert {key: why.partition(":")[0] for key, why in reasons(built).items()} == {
        "1": "unknown-interval", "2": "ends-before-start", "3": "negative-quantity", "4": "dangling-reference",
    }  # fmt: skip


def test_e14_a_trial_counts_nothing(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "line", [line("1", status="trialing")])
    assert made(lake, recipe(ACCOUNT, LINE)).column("SELECT mrr FROM record.contract_line") == [Decimal("0.00")]


def test_e3_e4_e5_movements_are_net_and_sum_to_the_closing(lake: Lake) -> None:
    lines = [
        line("1", starts="2025-01-01", ends="2025-06-01"),
        line(
            "2", starts="2025-03-01", ends="2025-05-01", amount="40"
        ),  # a second subscription expands, its end contracts
        line("3", starts="2025-09-01", amount="70"),  # back after churn
    ]
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "line", lines)
    rows = made(lake, recipe(ACCOUNT, LINE)).rows(
        "SELECT strftime(month, '%m') AS m, new_mrr AS n, expansion_mrr AS e, contraction_mrr AS k, churned_mrr AS c,"
        " reactivation_mrr AS r FROM mart.account_month WHERE month < DATE '2026-01-01'"
        " AND new_mrr + expansion_mrr + contraction_mrr + churned_mrr + reactivation_mrr > 0 ORDER BY month"
    )
    assert [(row["m"], row["n"], row["e"], row["k"], row["c"], row["r"]) for row in rows] == [
        ("01", 100, 0, 0, 0, 0), ("03", 0, 40, 0, 0, 0), ("05", 0, 0, 40, 0, 0), ("06", 0, 0, 0, 100, 0),
        ("09", 0, 0, 0, 0, 70),
    ]  # fmt: skip


MANY = "abcdefgh"


@settings(max_examples=8)  # a build takes long, so that many accounts share each
@given(
    st.lists(
        st.tuples(st.integers(0, 700), st.integers(1, 400), st.integers(1, 5000), st.sampled_from(MANY)),
        min_size=4,
        max_size=40,
    )
)
def test_e6_movements_balance_to_the_cent_for_any_lines(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int, int, str]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    start = date(2024, 1, 1).toordinal()
    lines = [
        line(str(n), account=who, amount=f"{cents / 100:.2f}", starts=str(date.fromordinal(start + first)),
             ends=str(date.fromordinal(start + first + days)))
        for n, (first, days, cents, who) in enumerate(spans)
    ]  # fmt: skip
    land(lake, "crm", "account", [account(one) for one in MANY])
    land(lake, "crm", "line", lines)
    rows = made(lake, recipe(ACCOUNT, LINE)).rows("SELECT * FROM mart.account_month ORDER BY account_id, month")
    for row in rows:
        moved = sum((row[f"{k}_mrr"] for k in ("new", "expansion", "reactivation")), Decimal(0))
        moved -= row["contraction_mrr"] + row["churned_mrr"]
        assert row["opening_mrr"] + moved == row["closing_mrr"]
        month = row["month"]
        assert isinstance(month, date)
        last = date.fromordinal(date(month.year + month.month // 12, month.month % 12 + 1, 1).toordinal() - 1)
        last = min(last, date(2026, 3, 1))
        owed = sum(
            (Decimal(str(x["amount"])) for x in lines
             if f"crm:{x['account']}" == row["account_id"] and str(x["starts"]) <= str(last) < str(x["ends"])),
            Decimal(0),
        )  # fmt: skip
        assert row["closing_mrr"] == owed
