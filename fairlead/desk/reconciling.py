"""CRM against billing worded for its page: the bridge between the two totals, and the open items.

Every number has the rows of mart.reconciliation behind it that it adds up.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.actions.reconciling import TABLE, OpenItem, Reconciled, Side
from fairlead.actions.tables import Narrowed
from fairlead.desk.behind import asking
from fairlead.desk.pages.tables import address
from fairlead.desk.reading import Typed
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import said
from fairlead.picture.wording import Manner, Number

LINES = "mart.reconciled_line"
# The rows of the steps that are no kind of their own.
OF_NO_KIND = {"currency": "fx_money <> 0", "contracted": "kind = 'not_invoiced' and billing_only <> 0"}
FEW = 40  # open items on the page until all are asked for
EMPTY = "No source brings contracts or invoices: map one (contract_line, invoice) and `fairlead sync`."


class Shown(NamedTuple):
    """An answer on its way to a page, and how numbers are written and linked; `form` as it was asked.

    `most`: open items that are shown, None for all of them.
    """

    found: Reconciled
    manner: Manner
    form: Typed = Typed()
    most: int | None = None

    def rows(self, where: str = "", table: str = TABLE) -> str:
        return address(self.found.build, table, Narrowed(where=where))

    def cell(self, value: Number | None, unit: str, where: str = "", table: str = TABLE) -> Cell:
        return Cell(number=said(value, unit, self.manner, self.rows(where, table)))

    def cents(self, value: Number, where: str = "", table: str = TABLE) -> Cell:
        """Money to the cent, for what has to add up under the reader's eyes."""
        number = said(value, "money", self.manner, self.rows(where, table))
        return Cell(number=number._replace(text=number.full))

    def won(self) -> str:
        return f"is_won and deleted_at is null and closed_on <= date '{self.found.as_of}'"


def quoted(value: str) -> str:
    """A text as predicates write it."""
    return "'" + value.replace("'", "''") + "'"


def bridge_sheet(told: Shown) -> Sheet:
    """The CRM's total, what changes it, billing's total."""
    found = told.found
    rows = [
        [
            Cell("Won in the CRM"),
            told.cell(found.crm.rows, "count", told.won(), "record.opportunity"),
            told.cents(found.crm.total, told.won(), "record.opportunity"),
            Cell("Deals won, at the rates of the days they were closed."),
        ]
    ]
    for step in found.bridge:
        where = f"kind = {quoted(step.kind)}" if step.kind else OF_NO_KIND.get(step.name, "")
        count = told.cell(step.rows if step.kind else None, "count", where)
        rows.append([Cell(step.title), count, told.cents(step.money, where), Cell(step.says)])
    rows.append(
        [
            Cell("In billing"),
            told.cell(found.billing.rows, "count", "", LINES),
            told.cents(found.billing.total, "", LINES),
            Cell("Contract lines for the time that a deal's amount stands for, and invoices without a line."),
        ]
    )
    says = (
        "What was won, what changes it kind by kind, and what billing holds: to the cent. A step is net, what billing "
        "has more less what it has less; what is at stake in a kind adds up both, item by item."
    )
    return sheet("bridge", "From the CRM to billing", says, "Step|#Rows|#Money|What it is", rows, EMPTY)


def sides_sheet(told: Shown) -> Sheet:
    """Each total in its three parts."""

    def row(title: str, side: Side, own: str) -> list[Cell]:
        return [
            Cell(title),
            told.cents(side.total),
            told.cents(side.matched, "matched_money <> 0"),
            told.cents(side.explained, own),
            told.cents(side.unexplained),
        ]

    found = told.found
    rows = [
        row("CRM", found.crm, "crm_only <> 0"),
        row("Billing", found.billing, "billing_only <> 0 or fx_money <> 0"),
    ]
    says = (
        "Matched and explained are the total; anything that is unexplained is a fault, and shown here. Both totals are "
        "of contracts, for the time that a deal's amount stands for; whether the periods that have begun were invoiced "
        "as the contract says is beside them, among the open items."
    )
    return sheet("sides", "Both totals", says, "Side|#Total|#Matched|#Explained|#Unexplained", rows)


def kinds_sheet(told: Shown) -> Sheet:
    """The open items by kind."""
    times = {"as_of": told.form.as_of, "known_at": told.form.known_at}
    rows = [
        [
            Cell(one.title, f"{asking({'kind': one.kind, **times})}#items"),
            told.cell(one.rows, "count", where := f"kind = {quoted(one.kind)}"),
            told.cell(one.money, "money", where),
            told.cell(one.oldest, "days", where),
            Cell(one.says),
        ]
        for one in told.found.kinds
        if one.is_open
    ]
    columns = "Kind|#Items|#At stake|#Oldest|What it is"
    return sheet("kinds", "What is open", "", columns, rows, "Nothing is open: the CRM and billing say the same.")


def currencies_sheet(told: Shown) -> Sheet:
    """Both totals currency by currency."""
    rows = [
        [
            Cell(one.currency or "(none)"),
            told.cell(one.crm, "number", where := f"crm_currency = {quoted(one.currency or '')}"),
            told.cell(one.crm_money, "money", where),
            told.cell(one.billing, "number", line := f"currency = {quoted(one.currency or '')}", LINES),
            told.cell(one.billing_money, "money", line, LINES),
        ]
        for one in told.found.currencies
    ]
    company = told.found.currency
    says = (
        f"Won and billed in their own currencies, and in {company} at the rates of closing and of the start of service."
    )
    columns = f"Currency|#Won|#Won, {company}|#Billed|#Billed, {company}"
    return sheet("currencies", "By currency", says, columns, rows, EMPTY)


def items_sheet(told: Shown) -> Sheet:
    """The open items that are asked for, the largest first."""
    items = told.found.items
    rows = [_item(told, one) for one in items[: told.most]]
    titles = {one.kind: one.title for one in told.found.kinds}
    says = titles.get(told.found.kind or "", "")
    says = ", ".join(filter(None, [says, f"of {told.found.owner}" if told.found.owner else ""]))
    columns = "What|Kind|Account|Owner|#Days|#At stake|Says|How sure"
    return sheet("items", "Open items", says, columns, rows, "There is none.")


def _item(told: Shown, one: OpenItem) -> list[Cell]:
    where = f"entry = {quoted(one.entry)}"
    how = {"key": "by key", "likeness": "by account, amount and date"}.get(one.how or "", "")
    title = next((kind.title for kind in told.found.kinds if kind.kind == one.kind), one.kind)
    return [
        Cell(one.deal or one.line_id or one.invoice_id or one.account or one.entry, told.rows(where)),
        Cell(title),
        Cell(one.account or ""),
        Cell(one.owner or "nobody"),
        told.cell(one.age_days, "days", where),
        told.cell(one.money, "money", where),
        Cell(one.says),
        Cell(how),
    ]


def sheets(told: Shown) -> Sequence[Sheet]:
    """All of the page, in order."""
    return [make(told) for make in (bridge_sheet, sides_sheet, kinds_sheet, items_sheet, currencies_sheet)]
