"""From raw to record: verdicts, references, history, money, the past; each on rows small enough to check by eye."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.record.engine import connect
from fairlead.record.lake import Lake, manifest
from fairlead.record.models import calendar_sql, sql_models
from fairlead.values import Grain, period_of
from tests.record.lakes import NOW, Built, land, made, recipe, stage

JANUARY = datetime(2026, 1, 10, 15, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 10, 15, tzinfo=UTC)

ACCOUNT = stage("account", {"name": "name", "domain": "domain", "created_at": "created"}, keys="'domain:' || domain")
DEAL = stage(
    "opportunity",
    {
        "account_id": "'crm:' || account",
        "stage": "stage",
        "amount": "amount",
        "currency": "currency",
        "close_date": "closes",
        "owner_id": "'crm:' || owner",
        "created_at": "created",
        "is_won": "stage = 'closed_won'",
        "is_closed": "stage IN ('closed_won', 'closed_lost')",
    },
)


def account(key: str, **more: str | None) -> dict[str, str | None]:
    return {"key": key, "name": f"Account {key}", "domain": f"{key}.example", "created": "2025-01-01", **more}


def deal(key: str, **more: str | None) -> dict[str, str | None]:
    plain = {
        "account": "a",
        "stage": "discovery",
        "amount": "100.00",
        "currency": "USD",
        "created": "2025-06-01 12:00:00+00",
    }
    return {"key": key, **plain, "closes": "2026-04-01", "owner": None, **more}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / ".fairlead")


def reasons(built: Built) -> dict[str, str]:
    rows = built.rows("SELECT source_id, reason || ': ' || detail AS why FROM quality.set_aside")
    return {str(row["source_id"]): str(row["why"]) for row in rows}


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


def test_e48_a_deleted_deal_keeps_its_past(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    land(lake, "crm", "opportunity", [], FEBRUARY, gone=[deal("2")])
    built = made(lake, recipe(ACCOUNT, DEAL))
    rows = built.rows("SELECT id, deleted_at FROM record.opportunity ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("crm:1", None), ("crm:2", FEBRUARY)]
    days = built.rows("SELECT starts_on, ends_on, is_open FROM mart.opportunity_day WHERE opportunity_id = 'crm:2'")
    assert [tuple(row.values()) for row in days] == [
        (date(2025, 6, 1), date(2026, 2, 10), True),
        (date(2026, 2, 10), None, False),
    ]


def test_differences_between_syncs_become_changes_seen_when_we_saw_them(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    land(lake, "crm", "opportunity", [deal("1", stage="proposal", amount="250.00")], FEBRUARY)
    built = made(lake, recipe(ACCOUNT, DEAL))
    changes = built.rows('SELECT entity_id, field, old, new, "at" FROM record.change ORDER BY field')
    assert changes == [
        {"entity_id": "crm:1", "field": "amount", "old": "100.00", "new": "250.00", "at": FEBRUARY},
        {"entity_id": "crm:1", "field": "stage", "old": "discovery", "new": "proposal", "at": FEBRUARY},
    ]
    days = built.rows(
        "SELECT starts_on, ends_on, stage, amount FROM mart.opportunity_day WHERE opportunity_id = 'crm:1'"
    )
    assert days == [
        {
            "starts_on": date(2025, 6, 1),
            "ends_on": date(2026, 2, 10),
            "stage": "discovery",
            "amount": Decimal("100.00"),
        },
        {"starts_on": date(2026, 2, 10), "ends_on": None, "stage": "proposal", "amount": Decimal("250.00")},
    ]


def test_a_deal_that_two_looks_saw_open_and_closed_closed_on_its_closing_day(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    closed = [deal("1", stage="closed_won", closes="2026-01-25"), deal("2", stage="proposal")]
    land(lake, "crm", "opportunity", closed, FEBRUARY)
    built = made(lake, recipe(ACCOUNT, DEAL))
    days = built.rows(
        "SELECT starts_on, ends_on, stage, is_open, is_won FROM mart.opportunity_day WHERE opportunity_id = 'crm:1'"
        " ORDER BY starts_on"
    )
    assert [tuple(day.values())[2:] for day in days if day["ends_on"] is None] == [("closed_won", False, True)]
    assert next(day["starts_on"] for day in days if day["is_won"]) == date(2026, 1, 25)
    assert all(day["is_open"] for day in days if day["starts_on"] < date(2026, 1, 25))
    (step,) = built.rows("SELECT old, new, day FROM record.change WHERE field = 'stage' AND entity_id = 'crm:1'")
    assert tuple(step.values()) == ("discovery", "closed_won", date(2026, 1, 25))
    (other,) = built.rows("SELECT \"at\" FROM record.change WHERE field = 'stage' AND entity_id = 'crm:2'")
    assert other["at"] == FEBRUARY


def test_a_deal_whose_outcome_was_corrected_was_open_until_it_closed(lake: Lake) -> None:
    """Lost in one export and won in the next: it was not lost from the day it was created on."""
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", stage="closed_lost", closes="2025-12-20")], JANUARY)
    land(lake, "crm", "opportunity", [deal("1", stage="closed_won", closes="2025-12-20")], FEBRUARY)
    built = made(lake, recipe(ACCOUNT, DEAL))
    days = built.rows("SELECT starts_on, stage, is_open, is_won FROM mart.opportunity_day ORDER BY starts_on")
    assert [tuple(day.values()) for day in days] == [
        (date(2025, 6, 1), None, True, False),
        (date(2025, 12, 20), "closed_won", False, True),
    ]
    assert built.column("SELECT stage FROM mart.stage_entry") == ["closed_won"]


HISTORY = stage(
    "change",
    {
        "entity": "'opportunity'",
        "entity_id": "'crm:' || deal",
        "field": "field",
        "old": "was",
        "new": "now",
        "at": "moment",
    },
    raw="history",
)


def move(key: str, moment: str, was: str | None, now: str | None, field: str = "stage") -> dict[str, str | None]:
    return {"key": key, "deal": "1", "field": field, "was": was, "now": now, "moment": f"{moment} 12:00:00+00"}


def test_stays_in_stages_follow_the_history_and_close_with_the_deal(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", stage="closed_won", closes="2025-08-01")])
    land(lake, "crm", "history", [move("h1", "2025-06-11", "discovery", "proposal")])
    built = made(lake, recipe(ACCOUNT, DEAL, HISTORY))
    stays = built.rows(
        "SELECT sequence, stage, entered_on, left_on, next_stage, days FROM mart.stage_entry ORDER BY sequence"
    )
    assert [tuple(row.values()) for row in stays] == [
        (1, "discovery", date(2025, 6, 1), date(2025, 6, 11), "proposal", 10.0),
        (2, "proposal", date(2025, 6, 11), date(2025, 8, 1), "closed_won", 51.0),
        (3, "closed_won", date(2025, 8, 1), None, None, None),
    ]
    (facts,) = built.rows("SELECT qualified_on, days_to_close, days_in_stage FROM mart.facts_opportunity")
    assert facts == {"qualified_on": date(2025, 6, 11), "days_to_close": 61.0, "days_in_stage": None}


def test_a_state_is_what_the_last_change_made_it_and_before_that_what_the_change_found(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", amount="300.00", stage="proposal")])
    moves = [
        move("h1", "2025-07-01", "100.00", "200.00", "amount"),
        move("h2", "2025-07-20", "200.00", None, "amount"),
        move("h3", "2025-07-20", "discovery", "proposal"),
        move("h4", "2025-08-02", None, "300.00", "amount"),
    ]
    land(lake, "crm", "history", moves)
    rows = made(lake, recipe(ACCOUNT, DEAL, HISTORY)).rows(
        "SELECT starts_on, stage, amount, is_qualified FROM mart.opportunity_day ORDER BY starts_on"
    )
    assert [tuple(row.values()) for row in rows] == [
        (date(2025, 6, 1), "discovery", Decimal("100.00"), False),
        (date(2025, 7, 1), "discovery", Decimal("200.00"), False),
        (date(2025, 7, 20), "proposal", None, True),
        (date(2025, 8, 2), "proposal", Decimal("300.00"), True),
    ]


RATE = stage("rate", {"currency": "currency", "starts_on": "starts", "rate": "rate"})


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


LINE = stage(
    "contract_line",
    {"account_id": "'crm:' || account", "starts_on": "starts", "ends_on": "ends", "billing_interval": "per",
     "billing_interval_count": "times", "quantity": "seats", "amount": "amount", "status": "status"},
    raw="line",
)  # fmt: skip


def line(key: str, **more: str | None) -> dict[str, str | None]:
    plain = {"account": "a", "starts": "2025-01-15", "ends": None, "per": "month", "times": "1", "amount": "100"}
    return {"key": key, **plain, "seats": "1", "status": "active", **more}


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
    rows = manifest(made(lake, recipe()).path)["rows"]
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
