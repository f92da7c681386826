"""The demo's renewals: what is due follows from the exports, months add up, the forecast keeps within what is due."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fairlead.actions.asking import opened, published
from fairlead.actions.renewing import Renewals, renewals
from fairlead.actions.revenue import revenue
from fairlead.analysis import renewing
from fairlead.analysis.renewal_forecast import Before, forecast, rates
from fairlead.analysis.revenue_report import clock_row, lens_steps
from fairlead.problem import Refused
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import export

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def found(running: Running) -> Renewals:
    return renewals(running.workspace)


def test_every_yearly_line_that_runs_is_due_on_its_next_anniversary(found: Renewals, running: Running) -> None:
    wanted: dict[date, int] = defaultdict(int)
    for one in export(running.folder, "stripe/subscription_items.csv"):
        if one["subscription.ended_at"] or one["price.recurring.interval"] != "year":
            continue
        day = datetime.fromtimestamp(int(one["subscription.start_date"]), UTC).date()
        while day <= AS_OF:
            is_leap_day = (day.month, day.day) == (2, 29)
            day = day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)
        wanted[day] += 1
    told: dict[date, int] = defaultdict(int)
    for item in found.items:
        if item.outcome == "open":
            told[item.due_on] += item.line_count
    assert wanted
    assert told == wanted


def test_months_add_up_and_what_is_expected_keeps_within_what_is_open(found: Renewals) -> None:
    assert found.start == date(2026, 10, 1)
    for one in (*found.months, found.total):
        assert one.due == one.renewed + one.lost + one.open
        assert one.at_risk <= one.open
        if one.expected:
            assert Decimal(0) <= one.expected.low <= one.expected.renewed <= one.expected.high <= one.open
    for name in ("renewals", "due", "renewed", "lost", "open", "at_risk", "upsell"):
        assert sum(getattr(one, name) for one in found.months) == getattr(found.total, name)
    assert found.total.due == sum((one.mrr_due for one in found.items), Decimal(0))
    assert found.total.expected
    assert {one.segment for one in found.rates} >= {"smb", "mid_market", "enterprise"}


STEPS = ((30, "Signature"), (60, "Send terms"), (90, "Business review"), (120, "Open the renewal deal"))


def test_the_renewal_playbook_is_told_with_the_step_that_is_due(found: Renewals) -> None:
    told = set()
    for one in found.items:
        if one.outcome != "open" or one.days_left is None:
            continue
        step = next((words for days, words in STEPS if one.days_left <= days), None)
        said = [words for words in one.playbooks if words.startswith("Renewal: ")]
        assert all(step and words.startswith(f"Renewal: {step}") for words in said)
        assert one.playbooks[: len(said)] == tuple(said)
        told |= {step} if said else set()
    assert len(told) > 1


def test_at_risk_and_owner_choose_among_the_renewals(found: Renewals, running: Running) -> None:
    risky = renewals(running.workspace, at_risk=True)
    assert {one.is_at_risk for one in risky.items} <= {True}
    assert (risky.months, risky.total) == (found.months, found.total)
    owner = found.items[0].owner
    assert owner
    mine = renewals(running.workspace, owner=owner.lower())
    assert mine.items == tuple(one for one in found.items if one.owner == owner)
    for wrong in ({"owner": "Nobody at all"}, {"start": "soon"}, {"start": "2026-05", "end": "2026-04"}):
        with pytest.raises(Refused):
            renewals(running.workspace, **wrong)  # type: ignore[arg-type]


def test_reasons_are_those_of_the_exports_and_sum_to_what_was_lost(running: Running) -> None:
    found = renewals(running.workspace, start="2024-01-01", end="2026-10-31")
    assert sum((one.lost for one in found.reasons), Decimal(0)) == found.total.lost > 0
    short = [one for one in found.items if one.outcome != "open" and one.mrr_renewed < one.mrr_due]
    assert sum(one.renewals for one in found.reasons) == len(short)
    words = "subscription.cancellation_details."
    lines = export(running.folder, "stripe/subscription_items.csv")
    said = {one[f"{words}feedback"] or one[f"{words}reason"] for one in lines} - {""}
    told = {one.reason for one in short if one.churn_kind}
    assert told <= said
    assert told
    deals = {one["Loss_Reason__c"] for one in export(running.folder, "salesforce/Opportunity.csv")} - {""}
    assert {one.reason for one in short if not one.churn_kind} <= {None, *deals}


QUARTERS = [date(year, month, 1) - timedelta(1) for year in (2024, 2025, 2026) for month in (2, 5, 8, 11)][3:-2]
STEPS_TO_RENEWALS = ("lens_mrr_line", "lens_mrr_stretch", "lens_span", "lens_renewal")


class Past:
    """The renewals of the demo as of any day: from what its lines say today, and as they were known then."""

    def __init__(self, running: Running) -> None:
        self.here, self.revenue = opened(published(running.workspace)), running.workspace.model.revenue

    def asked(self, day: date, *queries: Query) -> list[list[dict[str, Any]]]:
        clock = clock_row(day, self.here.timezone, "USD", is_past=day < self.here.as_of)
        given = {"lens_clock": self.here.reader.rows(clock)}
        for step in lens_steps(self.revenue.switches):
            if step.name in STEPS_TO_RENEWALS:
                given[step.name] = self.here.reader.rows(step, given)
        told = (query._replace(sql=query.sql.replace("mart.renewal ", "lens_renewal ")) for query in queries)
        return [self.here.reader.rows(query, given).to_pylist() for query in told]


def test_what_was_forecast_at_the_end_of_each_quarter_is_what_then_came(running: Running) -> None:
    """Half a year ahead, by what was known then, and the rates of what had been settled by then."""
    past = Past(running)
    sql = "SELECT r.*, a.segment FROM mart.renewal AS r JOIN record.account AS a ON a.id = r.account_id"
    (became,) = past.asked(AS_OF, Query("renewals", sql))
    kept = {(row["account_id"], row["due_on"]): row["mrr_renewed"] for row in became}
    within, lost = [], 0
    for day in QUARTERS:
        settled = day - timedelta(past.revenue.switches.renewals.late_days)
        then, before = past.asked(day, Query("renewals", sql), renewing.history(settled))
        open_then = [row for row in then if row["outcome"] == "open" and row["due_on"] <= day + timedelta(182)]
        rate = rates([Before(**row) for row in before], [row["segment"] for row in then], past.revenue.watch.enough)
        said = forecast(((row["segment"], float(row["mrr_due"])) for row in open_then), rate)
        came = sum(float(kept.get((row["account_id"], row["due_on"]), 0)) for row in open_then)
        due = sum(float(row["mrr_due"]) for row in open_then)
        if said:
            within.append(said.interval.low - 0.01 <= came <= said.interval.high + 0.01)
        lost += came < due
    assert len(within) >= 6
    assert sum(within) >= len(within) - 1
    assert lost, "some of what was open then was lost later"


def test_e23_e36_who_renews_is_kept_whoever_counts(running: Running) -> None:
    """A lens that ends revenue at the cancellation differs by the weeks of notice of those who left, and no more."""
    told = revenue(running.workspace, per="year", lenses=("ours", "stripe"), compare=False)
    ours, stripe = ([line for line in one.lines if line.nrr is not None] for one in told.lenses)
    assert len(ours) == len(stripe) >= 2
    for one, other in zip(ours, stripe, strict=True):
        assert one.nrr is not None
        assert other.nrr == pytest.approx(one.nrr, abs=0.02)
        back, again = (sum(m.money for m in x.moved if m.kind == "reactivation") for x in (one, other))
        assert again <= back + one.opening / 100, "who renewed has not come back"
