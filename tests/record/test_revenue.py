"""Recurring revenue of two public data sets, month by month to the cent, against pandas reading the same files.

The working is `monthly()`: what each customer pays on the last day of each month, and from one month end to the next
how it moved. It shares nothing with the SQL, and sees a month in which nothing is paid as a month like any other.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import contract_problems, set_aside
from fairlead.actions.starting import init
from fairlead.actions.syncing import Synced, sync
from fairlead.record.engine import Reader
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.public import public

DAY = pd.Timedelta(days=1)
KINDS = ("opening", "new", "expansion", "contraction", "churned", "reactivation", "closing")
PLAYBOOK = """\
dates: iso
files:
  - file: subscription_periods.csv
    key: [subscription_id]
    tables:
      - table: account
        one_row_per: [customer_id]
        columns: {name: customer_id}
      - table: contract_line
        columns:
          account_id: customer_id
          starts_on: start_date
          ends_on: end_date
          billing_interval: {constant: month}
          amount: monthly_amount
"""
RAVENSTACK = """\
dates: iso
files:
  - file: ravenstack_accounts.csv
    key: [account_id]
    tables:
      - table: account
        columns: {name: account_name, industry: industry, country: country, created_at: signup_date}
  - file: ravenstack_subscriptions.csv
    key: [subscription_id]
    tables:
      - table: account                       # usage names its account by the subscription
        one_row_per: [account_id]
        columns: {name: account_id}
        keys: {subscription: subscription_id}
      - table: contract_line
        columns:
          account_id: account_id
          starts_on: start_date
          ends_on: end_date
          billing_interval: {column: billing_frequency, values: {monthly: month, annual: year}}
          amount: {sql: "case when billing_frequency = 'annual' then arr_amount else mrr_amount end"}
          status: {column: is_trial, values: {"True": trialing, "False": active}}
  - file: ravenstack_feature_usage.csv
    key: [usage_id, subscription_id, usage_date, feature_name]
    tables:
      - table: usage
        columns:
          account_id: {column: subscription_id, by: subscription}
          day: usage_date
          feature: feature_name
          events: usage_count
  - file: ravenstack_support_tickets.csv
    key: [ticket_id]
    tables:
      - table: signal
        columns:
          account_id: account_id
          kind: {constant: ticket}
          score: satisfaction_score
          at: submitted_at
ignore: [ravenstack_churn_events.csv]
"""


class Company(NamedTuple):
    workspace: Workspace
    synced: Synced
    reader: Reader

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.reader.rows(Query("test", sql)).to_pylist()
        return found


def company(root: Path, mapping: str, today: str, data: Path) -> Company:
    init(root)
    settings = root / "fairlead.yaml"
    settings.write_text(settings.read_text() + f"today: {today}\nsources: [{{name: files, folder: .}}]\n")
    (root / "data" / "mapping.yaml").write_text(mapping)
    workspace = open_workspace(root, data=data)
    synced = sync(workspace)
    return Company(workspace, synced, Reader(workspace.lake.builds / synced.build.build))


def monthly(lines: pd.DataFrame, last_day: str) -> pd.DataFrame:
    """Lines (customer, starts, ends, mrr in whole cents) as one row a customer and month, with every movement."""
    months = pd.period_range(lines["starts"].min(), last_day, freq="M")
    closings = {}
    for month in months:
        last = min(month.end_time.normalize(), pd.Timestamp(last_day))
        there = lines[(lines["starts"] <= last) & (lines["ends"].isna() | (lines["ends"] > last))]
        closings[str(month)] = there.groupby("customer")["mrr"].sum()
    grid = pd.DataFrame(closings).reindex(lines["customer"].unique()).fillna(0).astype("int64")
    found = []
    for customer, paid in grid.iterrows():
        before, ever = 0, False
        for month, closing in paid.items():
            moved = dict.fromkeys(KINDS, 0) | {"opening": before, "closing": closing}
            change = closing - before
            kind = (
                ("reactivation" if ever else "new") if before == 0 else "churned" if closing == 0
                else "expansion" if change > 0 else "contraction"
            )  # fmt: skip
            moved[kind] = abs(change)
            ever = ever or closing > 0
            if before or closing:
                found.append({"customer": customer, "month": month, **moved})
            before = closing
    return pd.DataFrame(found)


def assert_same(company: Company, expected: pd.DataFrame) -> None:
    """Every row and every movement of mart.account_month."""
    names = ", ".join(f"CAST({k}_mrr * 100 AS BIGINT) AS {k}" for k in KINDS)
    sql = "split_part(account_id, ':', 2) AS customer, strftime(month, '%Y-%m') AS month"
    found = pd.DataFrame(company.rows(f"SELECT {sql}, {names} FROM mart.account_month"))
    keys = ["customer", "month"]
    pd.testing.assert_frame_equal(
        found.set_index(keys).sort_index(), expected.set_index(keys).sort_index(), check_dtype=False
    )


def rates(rows: pd.DataFrame) -> Mapping[str, float | None]:
    """What the dictionary says of a month, in words of the sums of its movements."""
    s = rows[list(KINDS)].sum() / 100
    there, gone = rows["opening"] > 0, (rows["opening"] > 0) & (rows["closing"] == 0)
    plain: dict[str, float | None] = {f"{k}_mrr": float(s[k]) for k in KINDS[:-1]}
    plain |= {"mrr": float(s["closing"]), "customers": float((rows["closing"] > 0).sum())}
    if not s["opening"]:
        return plain | dict.fromkeys(("nrr", "grr", "gross_churn_rate", "expansion_rate", "customer_churn_rate"))
    return plain | {
        "nrr": (s["opening"] + s["expansion"] - s["contraction"] - s["churned"]) / s["opening"],
        "grr": (s["opening"] - s["contraction"] - s["churned"]) / s["opening"],
        "gross_churn_rate": (s["contraction"] + s["churned"]) / s["opening"],
        "expansion_rate": s["expansion"] / s["opening"],
        "customer_churn_rate": gone.sum() / there.sum(),
    }


def assert_rates(company: Company, expected: pd.DataFrame, by: str | None = None) -> None:
    grouped = expected.groupby(["month", by] if by else ["month"])
    right = {key: rates(rows) for key, rows in grouped}
    names = list(next(iter(right.values())))
    answer = ask(company.workspace, names, per="month", by=[f"account.{by}"] if by else [])
    found: dict[Any, dict[str, float | None]] = {}
    for row in answer.table.to_pylist():
        key = (row["period"], row[f"account.{by}"]) if by else (row["period"],)
        found.setdefault(key, {})[row["metric"]] = row["value"]
    for key, values in right.items():
        assert found[key] == pytest.approx(values, abs=1e-9), key
    for key in found.keys() - right.keys():
        assert not any(found[key].values()), key


@pytest.fixture(scope="module")
def playbook(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("playbook") / "p", PLAYBOOK, "2020-01-31", public("mrr_playbook"))


@pytest.fixture(scope="module")
def playbook_lines() -> pd.DataFrame:
    frame = pd.read_csv(public("mrr_playbook") / "subscription_periods.csv", parse_dates=["start_date", "end_date"])
    frame["mrr"] = (frame["monthly_amount"] * 100).astype("int64")
    frame["customer_id"] = frame["customer_id"].astype(str)
    return frame.rename(columns={"customer_id": "customer", "start_date": "starts", "end_date": "ends"})


def test_e3_e4_e5_gaps_returns_and_the_end_of_data(playbook: Company, playbook_lines: pd.DataFrame) -> None:
    """Data ends with January 2020: what was paid until then has not churned, and nothing is said of February."""
    expected = monthly(playbook_lines, "2020-01-31")
    assert (expected["reactivation"] > 0).any()
    assert_same(playbook, expected)
    assert_rates(playbook, expected)
    assert playbook.rows("SELECT CAST(max(month) AS VARCHAR) AS last FROM mart.account_month") == [
        {"last": "2020-01-01"}
    ]


def test_e19_a_day_in_the_middle_of_a_month_ends_it(tmp_path: Path, playbook_lines: pd.DataFrame) -> None:
    made = company(tmp_path / "p", PLAYBOOK, "2019-06-15", public("mrr_playbook"))
    known = playbook_lines[playbook_lines["starts"] <= "2019-06-15"]
    assert_same(made, monthly(known, "2019-06-15"))


@pytest.fixture(scope="module")
def ravenstack_lines() -> pd.DataFrame:
    frame = pd.read_csv(public("ravenstack") / "ravenstack_subscriptions.csv", parse_dates=["start_date", "end_date"])
    annual = frame["billing_frequency"] == "annual"
    paid = frame["mrr_amount"].where(~annual, frame["arr_amount"])
    exact = [
        0 if trial else int((Decimal(str(amount)) * 100 / (12 if yearly else 1)).quantize(Decimal(1), ROUND_HALF_UP))
        for amount, yearly, trial in zip(paid, annual, frame["is_trial"], strict=True)
    ]
    return frame.assign(mrr=exact).rename(
        columns={"account_id": "customer", "start_date": "starts", "end_date": "ends"}
    )


@pytest.fixture(scope="module")
def ravenstack(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("raven") / "r", RAVENSTACK, "2024-12-31", public("ravenstack"))


def test_e6_e14_stacked_subscriptions_move_to_the_cent(ravenstack: Company, ravenstack_lines: pd.DataFrame) -> None:
    expected = monthly(ravenstack_lines, "2024-12-31")
    assert {kind for kind in KINDS if (expected[kind] > 0).any()} == set(KINDS)
    assert_same(ravenstack, expected)
    assert_rates(ravenstack, expected)


def test_e32_e34_segments_are_rated_by_themselves_and_add_up(
    ravenstack: Company, ravenstack_lines: pd.DataFrame
) -> None:
    accounts = pd.read_csv(public("ravenstack") / "ravenstack_accounts.csv")[["account_id", "industry"]]
    rows = monthly(ravenstack_lines, "2024-12-31").merge(accounts, left_on="customer", right_on="account_id")
    assert_rates(ravenstack, rows, by="industry")


def test_e14_e16_use_and_signals_count_once_by_account(ravenstack: Company) -> None:
    """Usage names subscriptions; its account is known by them. Repeated usage ids are other rows, and none is lost."""
    folder = public("ravenstack")
    lines = pd.read_csv(folder / "ravenstack_subscriptions.csv")[["subscription_id", "account_id"]]
    usage = pd.read_csv(folder / "ravenstack_feature_usage.csv").merge(lines, how="left", on="subscription_id")
    assert usage["account_id"].notna().all()
    by_account = usage.groupby("account_id")["usage_count"].sum().to_dict()
    sql = "SELECT split_part(account_id, ':', 2) AS account, sum(events) AS events FROM record.usage GROUP BY ALL"
    assert {row["account"]: row["events"] for row in ravenstack.rows(sql)} == by_account
    per_month = usage[usage["usage_count"] > 0].groupby(usage["usage_date"].str[:7])["account_id"].nunique()
    answer = ask(ravenstack.workspace, ["accounts_using"], per="month").table.to_pylist()
    assert {row["period"]: row["value"] for row in answer} == per_month.to_dict()
    assert set_aside(ravenstack.workspace, ravenstack.reader.build) == ()
    assert ravenstack.rows("SELECT count(*) AS n FROM record.signal") == [{"n": 2000}]
    names = ravenstack.rows("SELECT count(*) AS n FROM record.account WHERE name LIKE 'Company_%'")
    assert names == [{"n": 500}]  # the file of accounts leads: the other only lends its ids


def daily(lines: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Lines (customer, starts, ends, mrr in cents, trial) as cents by customer, day and kind of every net change.

    Somebody is a customer while any line runs that is no trial, be it for nothing.
    """
    found: dict[tuple[str, str, str], int] = {}
    for customer, own in lines[~lines["trial"]].groupby("customer"):
        days = sorted({*own["starts"], *own["ends"].dropna()})
        runs = [
            (a, None if pd.isna(b) else b, int(c))
            for a, b, c in zip(own["starts"], own["ends"], own["mrr"], strict=True)
        ]
        paid = False
        for day in days:
            there = [[c for a, b, c in runs if a <= on and (b is None or b > on)] for on in (day - DAY, day)]
            before, now = map(sum, there)
            was, stays = map(bool, there)
            kind = (
                "new" if not paid and now > before
                else "reactivation" if not was
                else "churn" if not stays
                else "expansion" if now > before else "contraction"
            )  # fmt: skip
            if now != before:
                found[str(customer), f"{day:%Y-%m-%d}", kind] = now - before
            paid = paid or now > 0
    return found


def movements(company: Company, where: str = "true") -> dict[tuple[str, str, str], int]:
    sql = (
        "SELECT split_part(account_id, ':', 2) AS customer, CAST(moved_on AS VARCHAR) AS day, kind,"
        f" CAST(sum(amount_converted) * 100 AS BIGINT) AS cents FROM mart.mrr_movement WHERE {where} GROUP BY ALL"
    )
    return {(row["customer"], row["day"], row["kind"]): row["cents"] for row in company.rows(sql)}


def test_e6_each_days_movements_are_pandas_own(
    playbook: Company, playbook_lines: pd.DataFrame, ravenstack: Company, ravenstack_lines: pd.DataFrame
) -> None:
    """The playbook's 121 periods, and the 5,000 stacked subscriptions of the other, by customer, day and kind."""
    assert movements(playbook) == daily(playbook_lines.assign(trial=False))
    found = movements(ravenstack)
    assert found == daily(ravenstack_lines.assign(trial=ravenstack_lines["is_trial"]))
    assert {kind for _, _, kind in found} == {"new", "expansion", "contraction", "churn", "reactivation"}


def test_e26_the_end_of_the_data_is_no_churn(tmp_path: Path, playbook_lines: pd.DataFrame) -> None:
    """The export was taken when January 2020 had begun: 28 running periods end with it, and nobody has left by that.

    As of the last day it knows whole, those ends are scheduled; December's churn is that of December.
    """
    made = company(tmp_path / "p", PLAYBOOK, "2019-12-31", public("mrr_playbook"))
    assert_same(made, monthly(playbook_lines, "2019-12-31"))
    ending = playbook_lines[playbook_lines["ends"] == "2020-01-01"]
    coming = movements(made, "is_scheduled AND moved_on = '2020-01-01' AND kind = 'churn'")
    assert len(coming) == ending["customer"].nunique() == 28
    assert -sum(coming.values()) == ending["mrr"].sum()
    assert made.rows("SELECT max(month) AS last FROM mart.account_month")[0]["last"].strftime("%Y-%m") == "2019-12"
    assert "most-left-at-once" not in {problem.code for problem in contract_problems(made.reader.build, ())}


def test_e26_a_build_after_the_end_of_the_data_says_which_day_was_its_last(playbook: Company) -> None:
    (problem,) = contract_problems(playbook.reader.build, ())
    assert (problem.code, problem.is_error) == ("most-left-at-once", False)
    assert "28 of 28 customers left on 2020-01-01, all at once" in problem.message
    assert "`today: 2019-12-31`" in (problem.hint or "")
