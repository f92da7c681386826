"""The demo workspace on disk: the same bytes for a seed, exports that refer to each other, a plausible company."""

import hashlib
from pathlib import Path

import pytest
import yaml

from fairlead.demo import write
from tests.demo.demos import export, truth

SMALL = 0.02


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 11), ("two", 11), ("other", 12)):
        write(tmp_path / name, scale=SMALL, seed=seed)
    one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    data = [file for file in one if file.startswith(("data", "truth")) and file.endswith("s.csv")]
    assert all(one[file] != other[file] for file in data)


def test_writing_again_over_an_older_demo_leaves_the_newer_one(tmp_path: Path) -> None:
    write(tmp_path / "again", scale=SMALL, seed=1)
    write(tmp_path / "again", scale=SMALL, seed=2)
    write(tmp_path / "once", scale=SMALL, seed=2)
    assert digests(tmp_path / "again") == digests(tmp_path / "once")


def test_progress_is_told_of_every_step(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    write(tmp_path, scale=SMALL, progress=lambda step, done, total: steps.append((step, done, total)))
    assert [done for _, done, _ in steps] == list(range(len(steps)))
    assert steps[-1][1] == steps[-1][2]


def test_the_workspace_is_whole(demo: Path) -> None:
    settings = yaml.safe_load((demo / "fairlead.yaml").read_text())
    assert str(settings["today"]) == "2026-10-31"
    assert [source["name"] for source in settings["sources"]][:3] == ["salesforce", "hubspot", "stripe"]
    for source in settings["sources"]:
        assert (demo / "data" / source["folder"] / "mapping.yaml").is_file()
    assert (demo / "model" / "metrics.yaml").is_file()
    assert (demo / "truth" / "README.md").read_text().startswith("# What is true")


@pytest.mark.parametrize(
    ("file", "column", "target", "key"),
    [
        ("salesforce/Contact.csv", "AccountId", "salesforce/Account.csv", "Id"),
        ("salesforce/Contact.csv", "OwnerId", "salesforce/User.csv", "Id"),
        ("salesforce/OpportunityFieldHistory.csv", "OpportunityId", "salesforce/Opportunity.csv", "Id"),
        ("salesforce/OpportunityContactRole.csv", "ContactId", "salesforce/Contact.csv", "Id"),
        ("salesforce/Opportunity.csv", "CampaignId", "salesforce/Campaign.csv", "Id"),
        ("salesforce/Event.csv", "WhoId", "salesforce/Contact.csv", "Id"),
        ("hubspot/contacts.csv", "salesforcecontactid", "salesforce/Contact.csv", "Id"),
        ("hubspot/page_sessions.csv", "contactId", "hubspot/contacts.csv", "hs_object_id"),
        ("hubspot/email_events.csv", "recipient", "hubspot/contacts.csv", "email"),
        ("stripe/customers.csv", "metadata.crm_account_id", "salesforce/Account.csv", "Id"),
        ("stripe/subscription_items.csv", "subscription.customer", "stripe/customers.csv", "id"),
        ("stripe/charges.csv", "invoice", "stripe/invoices.csv", "id"),
        ("stripe/refunds.csv", "charge.id", "stripe/charges.csv", "id"),
        ("product/usage.csv", "crm_account_id", "salesforce/Account.csv", "Id"),
        ("ads/google_ads.csv", "campaign.id", "salesforce/Campaign.csv", "Google_Ads_Id__c"),
    ],
)
def test_exports_refer_to_rows_that_exist(demo: Path, file: str, column: str, target: str, key: str) -> None:
    known = {row[key] for row in export(demo, target)}
    assert {row[column] for row in export(demo, file)} - known <= {""}


def test_names_are_invented(demo: Path) -> None:
    for name, column in (("hubspot/contacts.csv", "email"), ("stripe/customers.csv", "email")):
        assert all(row[column].lower().endswith(".example") for row in export(demo, name))
    domains = [row["Website"].split("//")[1].split("/")[0] for row in export(demo, "salesforce/Account.csv")]
    assert all(domain.endswith(".example") for domain in domains)


def test_a_deal_moves_forward_in_time(demo: Path) -> None:
    last: dict[str, str] = {}
    for row in export(demo, "salesforce/OpportunityFieldHistory.csv"):
        assert row["CreatedDate"] >= last.get(row["OpportunityId"], "")
        last[row["OpportunityId"]] = row["CreatedDate"]
    for row in export(demo, "salesforce/Opportunity.csv"):
        assert not row["Closed_At__c"] or row["CreatedDate"] <= row["Closed_At__c"] < "2026-10-31"


def test_history_ends_in_what_the_deal_says_now(demo: Path) -> None:
    told: dict[tuple[str, str], str] = {}
    for row in export(demo, "salesforce/OpportunityFieldHistory.csv"):
        if row["Field"] != "created":
            told[row["OpportunityId"], row["Field"]] = row["NewValue"]
    for row in export(demo, "salesforce/Opportunity.csv"):
        for field in ("StageName", "CloseDate", "Amount", "ForecastCategoryName"):
            assert told.get((row["Id"], field), row[field]) == row[field]


def test_the_company_is_plausible(tmp_path: Path) -> None:
    write(tmp_path, scale=0.5, seed=3)
    quarterly = truth(tmp_path)["quarter", ""]

    def mean(metric: str, periods: int = 8) -> float:
        values = [v for (_, _), v in list(quarterly[metric].items())[-periods:] if v is not None]
        return sum(values) / len(values)

    def total(metric: str) -> float:
        return sum(value or 0 for value in quarterly[metric].values())

    assert 0.18 <= mean("win_rate") <= 0.30
    assert 0.015 <= total("leads_won") / total("leads") <= 0.05
    assert 1.0 <= mean("nrr") ** 12 <= 1.2  # a quarter's rate is the mean of its months
    assert 10 <= mean("cac_payback") <= 24
    assert 0.75 <= mean("gross_margin") <= 0.82
    by_segment = truth(tmp_path)["quarter", "segment"]
    for segment, days in (("smb", 25), ("mid_market", 70), ("enterprise", 130)):
        values = [v for (member, _), v in by_segment["sales_cycle_length"].items() if member == segment and v]
        assert 0.6 * days <= sum(values) / len(values) <= 1.3 * days


def test_answering_soon_wins_more(demo: Path) -> None:
    """The cause is in the data: MQLs answered within the hour become sales qualified more often than late ones."""
    fast: list[bool] = []
    slow: list[bool] = []
    first: dict[str, str] = {}
    for row in export(demo, "salesforce/Task.csv"):
        if row["Direction__c"] == "Outbound" and row["TaskSubtype"] != "ListEmail":
            first.setdefault(row["WhoId"], row["CompletedDateTime"][:19])
    for row in export(demo, "hubspot/contacts.csv"):
        mql, answered = row["hs_v2_date_entered_marketingqualifiedlead"][:19], first.get(row["salesforcecontactid"])
        if mql and answered and row["lead_source"] != "Content Syndication":
            qualified = bool(row["hs_v2_date_entered_salesqualifiedlead"])
            (fast if answered[:13] == mql[:13] else slow if answered[:10] > mql[:10] else []).append(qualified)
    assert sum(fast) / len(fast) > sum(slow) / len(slow) + 0.05
