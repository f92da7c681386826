"""What the demo's truth says of billing is found by reconciliation: every planted fault, and nothing else."""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

import pytest

from fairlead.actions.reconciling import Reconciled, reconcile
from fairlead.demo.clock import DAY, END
from tests.demo.conftest import Running
from tests.demo.demos import export, planted


@pytest.fixture(scope="module")
def found(running: Running) -> Reconciled:
    return reconcile(running.workspace)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("wrong_amount", "wrong_amount"),
        ("churned_in_billing", "churned_but_open"),
    ],
)
def test_every_planted_difference_is_an_open_item_and_no_other(
    found: Reconciled, running: Running, kind: str, fault: str
) -> None:
    wanted = {f"salesforce:{row['record']}" for row in planted(running.folder)[fault]}
    assert wanted
    assert {one.opportunity_id for one in found.items if one.kind == kind} == wanted


class Lost(NamedTuple):
    """What was never asked for again of a subscription, in its currency; of one that is `never` nothing was asked."""

    line: str
    deal: str
    money: Decimal
    is_running: bool
    never: bool


@pytest.fixture(scope="module")
def lost(running: Running) -> list[Lost]:
    """The subscriptions whose invoices were voided or written off, less those that ended at once and the too young."""
    undone = {row["record"] for row in planted(running.folder)["undone_invoice"]}
    invoices: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in export(running.folder, "stripe/invoices.csv"):
        invoices[row["subscription"]].append(row)
    told = []
    for item in export(running.folder, "stripe/subscription_items.csv"):
        bills = invoices[item["subscription.id"]]
        ends = int(item["subscription.ended_at"] or END + 2 * DAY)
        paid_on = max((int(one["created"]) for one in bills if one["id"] not in undone), default=0)
        missed = [
            one
            for one in bills
            if one["id"] in undone and int(one["created"]) + 2 * DAY < ends
            if int(one["created"]) < max(END - 30 * DAY, paid_on)
        ]
        if missed:
            money = sum((Decimal(one["total"]) / 100 for one in missed), Decimal(0))
            never = all(one["id"] in undone for one in bills)
            told.append(Lost(item["id"], item["metadata.crm_opportunity_id"], money, ends > END, never))
    return told


def test_e28_what_was_never_invoiced_is_found_and_nothing_else(
    found: Reconciled, running: Running, lost: list[Lost]
) -> None:
    """No contract, or one whose every invoice was voided or written off."""
    wanted = {f"salesforce:{row['record']}" for row in planted(running.folder)["won_not_invoiced"]}
    assert wanted
    wanted |= {f"salesforce:{one.deal}" for one in lost if one.never and one.deal}
    items = [one for one in found.items if one.kind == "not_invoiced"]
    assert {one.opportunity_id for one in items} == wanted
    (step,) = (one for one in found.bridge if one.name == "not_invoiced")
    assert -step.money == sum(one.money for one in items)


def test_e28_every_invoice_that_was_undone_is_missed_to_the_cent_and_no_other(
    found: Reconciled, lost: list[Lost]
) -> None:
    wanted = {f"stripe:{one.line}": one for one in lost if not (one.never and one.deal)}
    items = {one.line_id: one for one in found.items if one.kind == "invoiced_otherwise"}
    assert wanted
    assert items.keys() == wanted.keys()
    for line, one in wanted.items():
        item = items[line]
        assert item.due_amount is not None
        assert item.invoiced_amount is not None
        assert (item.due_amount - item.invoiced_amount == one.money) or not one.is_running


def test_what_billing_renewed_without_a_deal_is_found(found: Reconciled, running: Running) -> None:
    items = export(running.folder, "stripe/subscription_items.csv")
    wanted = {f"stripe:{one['id']}" for one in items if not one["metadata.crm_opportunity_id"]}
    assert wanted
    assert {one.line_id for one in found.items if one.kind == "renewed_in_billing"} == wanted
    assert not [one for one in found.items if one.kind in ("no_deal", "duplicate", "wrong_term", "wrong_currency")]


def test_the_bridge_leads_from_one_total_to_the_other_to_the_cent(found: Reconciled) -> None:
    assert found.crm.unexplained == found.billing.unexplained == Decimal(0)
    assert found.crm.total + sum(step.money for step in found.bridge) == found.billing.total
    for side in (found.crm, found.billing):
        assert side.total == side.matched + side.explained + side.unexplained
    assert found.crm.total == sum(one.crm_money for one in found.currencies)
    assert found.billing.total == sum(one.billing_money for one in found.currencies)
    assert [one.money for one in found.items] == sorted((one.money for one in found.items), reverse=True)
    assert {one.currency for one in found.currencies} >= {"USD", "EUR"}
    assert all(one.crm == one.crm_money for one in found.currencies if one.currency == "USD")


def test_kinds_and_owners_choose_among_the_open_items(found: Reconciled, running: Running) -> None:
    wrong = reconcile(running.workspace, kind="wrong_amount")
    assert {one.kind for one in wrong.items} == {"wrong_amount"}
    assert (wrong.bridge, wrong.items_total) == (found.bridge, len(found.items))
    owner = wrong.items[0].owner
    assert owner
    mine = reconcile(running.workspace, owner=owner.upper())
    assert set(mine.items) == {one for one in found.items if one.owner == owner}
