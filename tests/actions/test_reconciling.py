"""`fairlead reconcile`: what was invoiced beside what the contract charges, and what is in none of the numbers."""

from decimal import Decimal
from pathlib import Path

import pytest

from fairlead.actions.reconciling import Reconciled, items_table, reconcile
from fairlead.actions.revenue import revenue
from fairlead.actions.uncounted import uncounted
from fairlead.workspace import Workspace
from tests.actions.billed import billed_company
from tests.actions.companies import synced_company


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return billed_company(tmp_path_factory.mktemp("billed") / "firm")


@pytest.fixture(scope="module")
def told(billed: Workspace) -> Reconciled:
    return reconcile(billed)


def test_a_deal_that_is_not_invoiced_as_its_contract_says_is_an_open_item_with_its_amount(told: Reconciled) -> None:
    """Fine has all nine; Part one of the eight that can be missed by now; September is too young for that."""
    items = {one.account: one for one in told.items}
    assert {one.account: one.kind for one in told.items} == dict.fromkeys(
        ("Void", "Never", "Unread"), "not_invoiced"
    ) | dict.fromkeys(("Little", "Part", "Credited"), "invoiced_otherwise")
    said = {one.account: tuple(map(str, (one.due_amount, one.invoiced_amount, one.money))) for one in told.items}
    assert said == {
        "Little": ("900.00", "540.00", "360.00"),
        "Part": ("800.00", "100.00", "700.00"),
        "Credited": ("900.00", "0.00", "900.00"),
    } | dict.fromkeys(("Void", "Never", "Unread"), ("None", "None", "1200.00"))
    assert {items[name].entry for name in ("Little", "Part", "Credited")} == {
        f"deal/files:d{name}" for name in ("Little", "Part", "Credited")
    }
    assert items["Credited"].says == "9 of 9 periods were invoiced, 900.00 USD less than due. Credited on 2025-09-20."
    assert items_table(told.items).column("due_amount").to_pylist()[-1] == Decimal(900)


def test_the_bridge_says_of_what_was_not_invoiced_what_the_list_says(told: Reconciled) -> None:
    """Two of the three have a contract: billing's total holds them, and nothing is matched with them."""
    steps = {step.name: step for step in told.bridge}
    (listed,) = (one for one in told.kinds if one.kind == "not_invoiced")
    assert (-steps["not_invoiced"].money, steps["not_invoiced"].rows) == (listed.money, listed.rows)
    assert (listed.money, listed.rows, steps["contracted"].money) == (Decimal(3600), 3, Decimal(2400))
    assert set(steps) == {"not_invoiced", "contracted"}
    assert (told.crm.total, told.crm.matched, told.crm.unexplained) == (Decimal(8400), Decimal(4800), Decimal(0))
    assert (told.billing.total, told.billing.matched, told.billing.unexplained) == (
        Decimal(7200),
        Decimal(4800),
        Decimal(0),
    )
    assert told.crm.total + sum(step.money for step in told.bridge) == told.billing.total


def test_e1_what_was_set_aside_is_said_beside_the_numbers_that_lack_it(billed: Workspace, told: Reconciled) -> None:
    assert [note.message for note in told.notes] == [
        "1 of 7 contract lines was set aside and is in none of these numbers. Charges of 100.00 USD stand in it.",
        "2 of 40 invoices were set aside and are in none of these numbers. Amounts of 70.00 CHF stand in them. "
        "No amount can be read in 1 of them.",
    ]
    assert {(note.code, note.is_error) for note in told.notes} == {("rows-uncounted", False)}
    assert [note.message for note in revenue(billed).notes] == [told.notes[0].message]


def test_where_nothing_was_set_aside_of_what_a_number_is_made_from_nothing_is_said(tmp_path: Path) -> None:
    """The small company has a deal of nobody, which was won, and no line that cannot be read."""
    company = synced_company(tmp_path / "small")
    build = company.lake.builds / reconcile(company).build
    assert uncounted(build, ("contract_line", "invoice")) == ()
    (deal,) = uncounted(build, ("opportunity",))
    assert deal.says == (
        "1 deal that may be won was set aside and is in none of these numbers. Amounts of 1.00 USD stand in it."
    )
