"""What was planted is in the exports, exactly there, and the sync says so."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.demo.conftest import Running
from tests.demo.demos import export, planted

SET_ASIDE = {
    "currency_without_rate": "no-rate",
    "orphan_deal": "dangling-reference",
    "unagreed_stage": "unmapped-value",
    "repeated_header": "repeated-header",
    "ragged_row": "ragged",
}


def set_aside(running: Running) -> list[dict[str, str]]:
    build = running.workspace.lake.current()
    assert build is not None
    table = parquet.read_table(build / "quality" / "set_aside.parquet", columns=["reason", "source_id"])
    return list(table.to_pylist())


def test_every_kind_of_fault_is_planted(demo: Path) -> None:
    assert {kind for kind, rows in planted(demo).items() if rows} >= {
        "duplicate_person", "duplicate_account", "late_activity", "picklist_drift", "overdue_deal", "skipped_stage",
        "reopened_deal", "created_closed", "wrong_amount", "churned_but_open", "slow_response", "worthless_channel",
        "slow_handoff", "failed_payment", "cancellation", *SET_ASIDE,
    }  # fmt: skip


def test_what_cannot_be_trusted_is_set_aside_and_nothing_else(running: Running) -> None:
    quality = running.build
    found = Counter(row["reason"] for row in set_aside(running))
    faults = planted(running.folder)
    assert found == {reason: len(faults[kind]) for kind, reason in SET_ASIDE.items()}
    assert all(table.rows_in == table.kept + table.set_aside for table in quality.tables)
    assert all(table.broken_references == 0 for table in quality.tables)


@pytest.mark.parametrize(
    ("kind", "reason"), [(k, r) for k, r in SET_ASIDE.items() if r in ("no-rate", "dangling-reference")]
)
def test_deals_set_aside_are_the_planted_ones(running: Running, kind: str, reason: str) -> None:
    found = {row["source_id"] for row in set_aside(running) if row["reason"] == reason}
    assert found == {row["record"] for row in planted(running.folder)[kind]}


def test_duplicate_people_share_an_email_and_no_others_do(demo: Path) -> None:
    twins = {row["record"] for row in planted(demo)["duplicate_person"]}
    seen: set[str] = set()
    repeated = set()
    for row in export(demo, "hubspot/contacts.csv"):
        email = row["email"].lower()
        if email in seen:
            repeated.add(row["hs_object_id"])
        seen.add(email)
    assert repeated == twins


def test_duplicate_accounts_share_a_website_and_no_others_do(demo: Path) -> None:
    twins = {row["record"] for row in planted(demo)["duplicate_account"]}
    seen: set[str] = set()
    repeated = set()
    for row in export(demo, "salesforce/Account.csv"):
        domain = row["Website"].split("//")[1].removeprefix("www.").split("/")[0]
        if domain in seen:
            repeated.add(row["Id"])
        seen.add(domain)
    assert repeated == twins


def test_late_activities_were_logged_weeks_after_and_no_others(demo: Path) -> None:
    late = {row["record"] for row in planted(demo)["late_activity"]}
    found = set()
    for file, column in (("Task", "CompletedDateTime"), ("Event", "StartDateTime")):
        for row in export(demo, f"salesforce/{file}.csv"):
            if row["Id"] != "Id" and _time(row["CreatedDate"]) - _time(row[column]) >= timedelta(days=15):
                found.add(row["Id"])
    assert found == late


def test_overdue_deals_are_open_with_a_close_date_in_the_past_and_no_others(demo: Path) -> None:
    overdue = {row["record"] for row in planted(demo)["overdue_deal"]}
    found = {
        row["Id"]
        for row in export(demo, "salesforce/Opportunity.csv")
        if row["IsClosed"] == "false" and row["CloseDate"] < "2026-10-31"
    }
    assert found == overdue


def test_reopened_and_skipping_deals_show_in_the_history(demo: Path) -> None:
    stages: dict[str, list[str]] = {}
    for row in export(demo, "salesforce/OpportunityFieldHistory.csv"):
        if row["Field"] == "StageName":
            stages.setdefault(row["OpportunityId"], []).append(row["NewValue"])
    reopened = {deal for deal, path in stages.items() if "Closed Lost" in path[:-1]}
    assert reopened == {row["record"] for row in planted(demo)["reopened_deal"]}
    kinds = {row["Id"]: row["Type"] for row in export(demo, "salesforce/Opportunity.csv")}
    skipped = {
        deal
        for deal, path in stages.items()
        if kinds[deal] != "Renewal" and "Qualification" not in path and {"Evaluation", "Closed Won"} & set(path)
    }
    assert skipped >= {row["record"] for row in planted(demo)["skipped_stage"]}


def test_the_wrong_amounts_differ_from_the_contract(demo: Path) -> None:
    deals = {row["Id"]: row for row in export(demo, "salesforce/Opportunity.csv")}
    lines = {row["metadata.crm_opportunity_id"]: row for row in export(demo, "stripe/subscription_items.csv")}
    wrong = planted(demo)["wrong_amount"]
    assert wrong
    for row in wrong:
        line = lines[row["record"]]
        months = {"year": 1, "month": 12}[line["price.recurring.interval"]]
        contract = (int(line["price.unit_amount"]) - int(line["discount.amount_off"])) * months / 100
        crm = float(deals[row["record"]]["Amount"])
        assert crm != contract
        assert row["detail"] == f"CRM {crm:.0f}, contract {contract:.0f}"


def test_won_deals_that_are_not_invoiced_are_the_planted_ones(demo: Path) -> None:
    billed = {row["metadata.crm_opportunity_id"] for row in export(demo, "stripe/subscription_items.csv")}
    new = {
        row["Id"]
        for row in export(demo, "salesforce/Opportunity.csv")
        if row["IsWon"] == "true" and row["Type"] == "New Business"
    }
    assert new - billed == {row["record"] for row in planted(demo)["won_not_invoiced"]}


def test_renewals_still_open_belong_to_ended_subscriptions(demo: Path) -> None:
    deals = {row["Id"]: row for row in export(demo, "salesforce/Opportunity.csv")}
    customers = {row["metadata.crm_account_id"]: row["id"] for row in export(demo, "stripe/customers.csv")}
    running = {
        row["subscription.customer"]
        for row in export(demo, "stripe/subscription_items.csv")
        if not row["subscription.ended_at"]
    }
    for row in planted(demo)["churned_but_open"]:
        deal = deals[row["record"]]
        assert deal["IsClosed"] == "false"
        assert customers.get(deal["AccountId"], "unnamed") not in running


def test_a_worthless_channel_has_many_leads_and_no_wins(demo: Path) -> None:
    leads = [row for row in export(demo, "hubspot/contacts.csv") if row["lead_source"] == "Content Syndication"]
    won = [
        row
        for row in export(demo, "salesforce/Opportunity.csv")
        if row["LeadSource"] == "Content Syndication" and row["IsWon"] == "true"
    ]
    assert len(leads) > 200
    assert won == []


def test_early_churn_ends_within_ninety_days(demo: Path) -> None:
    lines = {row["id"]: row for row in export(demo, "stripe/subscription_items.csv")}
    for row in planted(demo)["early_churn"]:
        line = lines[row["record"]]
        assert int(line["subscription.ended_at"]) - int(line["subscription.start_date"]) < 90 * 86400


def test_who_left_and_why_is_told_of_exactly_those(running: Running) -> None:
    """In the record line by line, and in what the movements lost, customer by customer; nobody else was cancelled."""
    faults = planted(running.folder)
    kinds = {"failed_payment": "involuntary", "cancellation": "voluntary"}
    wanted = {row["record"]: (kind, row["detail"]) for name, kind in kinds.items() for row in faults[name]}
    build = running.workspace.lake.current()
    assert build is not None
    lines = parquet.read_table(build / "record" / "contract_line.parquet").to_pylist()
    told = {one["source_id"]: (one["cancel_kind"], one["cancel_reason"]) for one in lines}
    assert {key: said for key, said in told.items() if said != (None, None)} == wanted
    asked_before = {one["source_id"] for one in lines if one["ends_on"] and one["cancelled_on"] < one["ends_on"]}
    assert asked_before <= {row["record"] for row in faults["cancellation"]}, "what goes on was never cancelled"
    by_account = {(one["account_id"], one["ends_on"]): told[one["source_id"]] for one in lines}
    moved = parquet.read_table(build / "mart" / "mrr_movement.parquet").to_pylist()
    lost = [one for one in moved if one["kind"] == "churn"]
    assert {kind for one in lost if (kind := one["churn_kind"])} == {"voluntary", "involuntary"}
    for one in lost:
        assert (one["churn_kind"], one["reason"]) == by_account[one["account_id"], one["moved_on"]]
        assert one["reason"], "everybody who left has said why, or failed to pay"


def test_the_slow_region_waits_for_its_kickoff(demo: Path) -> None:
    regions = {row["Id"]: row["Region__c"] for row in export(demo, "salesforce/Account.csv")}
    won: dict[str, datetime] = {}
    for row in export(demo, "salesforce/Opportunity.csv"):
        if row["IsWon"] == "true" and row["Type"] == "New Business":
            won[row["AccountId"]] = _time(row["Closed_At__c"])
    waits: dict[str, list[float]] = {"EMEA": [], "North America": [], "APAC": []}
    for row in export(demo, "support/onboarding.csv"):
        if row["milestone"] == "Kickoff" and row["crm_account_id"] in won:
            gap = _time(row["started_at"]) - won[row["crm_account_id"]]
            waits[regions[row["crm_account_id"]]].append(gap / timedelta(days=1))
    mean = {region: sum(days) / len(days) for region, days in waits.items()}
    assert mean["EMEA"] > 2 * mean["North America"]


def _time(text: str) -> datetime:
    return datetime.strptime(text.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S.%f%z")
