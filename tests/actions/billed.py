"""A company whose billing is not what its contracts say, a customer a fault; and rows that cannot be read."""

from pathlib import Path

from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.workspace import Workspace, open_workspace
from tests.shelf import from_shelf

TODAY = "2025-09-30"
NAMES = ("Fine", "Little", "Part", "Void", "Never", "Credited", "Unread")
MAPPING = """\
dates: iso
nulls: [""]
files:
  - file: deals.csv
    key: [id]
    tables:
      - table: account
        one_row_per: [customer]
        columns: {name: customer}
      - table: opportunity
        columns:
          account_id: customer
          name: id
          amount: amount
          currency: currency
          stage: {constant: closed_won}
          is_won: {sql: "won = 'true'"}
          is_closed: {sql: "won = 'true'"}
          created_at: created
          closed_at: closed
  - file: lines.csv
    key: [id]
    tables:
      - table: contract_line
        columns: {account_id: customer, opportunity_id: deal, subscription: id, starts_on: start,
                  billing_interval: interval, amount: amount, currency: currency}
  - file: invoices.csv
    key: [id]
    tables:
      - table: invoice
        columns: {account_id: customer, subscription: line, amount: amount, currency: currency, issued_at: issued,
                  status: status}
"""


def billed_company(folder: Path) -> Workspace:
    """Seven customers at 100 a month since January 2025, as of September's end; synced once in a run."""
    return open_workspace(from_shelf("billed", _made, folder))


def _made(folder: Path) -> None:
    init(folder, company="Billed Company")
    settings = folder / "fairlead.yaml"
    settings.write_text(settings.read_text() + f"today: {TODAY}\n")
    for name, text in (("deals", _deals()), ("lines", _lines()), ("invoices", _invoices())):
        (folder / "data" / f"{name}.csv").write_text("\n".join(text) + "\n")
    (folder / "data" / "mapping.yaml").write_text(MAPPING)
    sync(open_workspace(folder))


def _deals() -> list[str]:
    won = [f"d{name},{name},1200,USD,true,2024-12-01,2025-01-03" for name in NAMES]
    return ["id,customer,amount,currency,won,created,closed", *won]


def _lines() -> list[str]:
    """Unread's line is billed by nobody knows what."""
    head = "id,customer,deal,start,interval,amount,currency"
    told = [f"l{name},{name},d{name},2025-01-05,month,100,USD" for name in NAMES if name != "Unread"]
    return [head, *told, "lUnread,Unread,dUnread,2025-01-05,fortnight,100,USD"]


def _invoices() -> list[str]:
    """Of the rows that are set aside one has no amount to read, and one no rate."""
    found = ["id,customer,line,amount,currency,issued,status"]
    for name, amount, months, status in (
        ("Fine", 100, 9, "paid"), ("Little", 60, 9, "paid"), ("Part", 100, 1, "paid"), ("Void", 100, 9, "void"),
        ("Credited", 100, 9, "paid"),
    ):  # fmt: skip
        issued = range(1, months + 1)
        found += [f"i{name}{n},{name},l{name},{amount},USD,2025-{n:02}-05,{status}" for n in issued]
    return [
        *found,
        "c1,Credited,lCredited,-900,USD,2025-09-20,paid",
        "bad1,Fine,lFine,,USD,2025-09-05,paid",
        "bad2,Fine,lFine,70,CHF,2025-09-05,paid",
    ]
