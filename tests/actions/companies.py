"""A small company in a folder: a handful of deals in CSV, a mapping, the starter model."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.workspace import Workspace, open_workspace
from tests.shelf import from_shelf

ACCOUNTS = """\
Id,Name,Segment,Country
a1,Harbour Mills,smb,US
a2,Norwick Foods,enterprise,DE
a3,Tallow & Sons,smb,US
"""
DEALS = """\
Id,Account,Stage,Amount,Created,Closed,Owner
d1,a1,Closed Won,1000.00,2026-01-05,2026-01-20,u1
d2,a1,Closed Lost,500.00,2026-01-07,2026-02-11,u1
d3,a2,Closed Won,25000.50,2026-01-09,2026-02-28,u2
d4,a2,Closed Lost,700.00,2026-02-01,2026-02-14,u2
d5,a3,Discovery,900.00,2026-02-20,2026-04-30,u1
d6,a9,Closed Won,1.00,2026-02-20,2026-02-22,u1
"""
MAPPING = """\
dates: iso
files:
  - file: accounts.csv
    key: [Id]
    tables:
      - table: account
        columns: {name: Name, segment: Segment, country: Country}
  - file: deals.csv
    key: [Id]
    tables:
      - table: opportunity
        columns:
          account_id: Account
          stage: {column: Stage, values: {Closed Won: closed_won, Closed Lost: closed_lost, Discovery: discovery}}
          amount: Amount
          created_at: Created
          close_date: Closed
          is_won: {sql: "Stage = 'Closed Won'"}
          is_closed: {sql: "Stage in ('Closed Won', 'Closed Lost')"}
"""


GATED_MEMBERS = """\
Id,Name,Email
u1,Alice Archer,alice@acme.com
u2,Bob Baker,bob@acme.com
u3,Charlie Cole,charlie@acme.com
"""
GATED_DEALS = """\
Id,Account,Stage,Amount,Created,Closed,Owner,Next
d1,a1,Closed Won,1000.00,2026-01-05,2026-01-20,u1,
d2,a2,Discovery,900.00,2026-02-20,2026-04-30,u2,
d3,a3,Discovery,,2026-02-21,2026-04-30,u2,Call
"""
GATED_MAPPING = """\
dates: iso
files:
  - file: members.csv
    key: [Id]
    tables:
      - table: member
        columns: {name: Name, email: Email}
  - file: accounts.csv
    key: [Id]
    tables:
      - table: account
        columns: {name: Name, segment: Segment, country: Country}
  - file: deals.csv
    key: [Id]
    tables:
      - table: opportunity
        columns:
          account_id: Account
          owner_id: Owner
          stage: {column: Stage, values: {Closed Won: closed_won, Closed Lost: closed_lost, Discovery: discovery}}
          amount: Amount
          next_step: Next
          created_at: Created
          close_date: Closed
          is_won: {sql: "Stage = 'Closed Won'"}
          is_closed: {sql: "Stage in ('Closed Won', 'Closed Lost')"}
"""


def small_company(folder: Path) -> Workspace:
    """Made by `init`, pinned to 2026-03-31, nothing synced yet."""
    return open_workspace(from_shelf("small-new", _write, folder))


def _write(folder: Path) -> None:
    init(folder, company="Small Company")
    settings = folder / "fairlead.yaml"
    settings.write_text(settings.read_text() + "today: 2026-03-31\n")
    (folder / "data" / "accounts.csv").write_text(ACCOUNTS)
    (folder / "data" / "deals.csv").write_text(DEALS)
    (folder / "data" / "mapping.yaml").write_text(MAPPING)


def synced_company(folder: Path, now: datetime | None = None) -> Workspace:
    """The small company, synced once, at `now`: made once in a run, and a copy for whoever asks."""
    name = f"small-{now:%Y%m%dT%H%M%S}" if now else "small"
    return open_workspace(from_shelf(name, lambda made: sync(small_company(made), now=now), folder))


def gated_company(root: Path, holders: Mapping[str, str]) -> Workspace:
    """Three deals, two of them at their first gate; `holders` says who holds which role. Not synced yet."""
    small_company(root)
    for name, text in (("members.csv", GATED_MEMBERS), ("deals.csv", GATED_DEALS), ("mapping.yaml", GATED_MAPPING)):
        (root / "data" / name).write_text(text)
    people = root / "model/people.yaml"
    told = people.read_text()
    for role, holder in holders.items():
        told = told.replace(f"{role}: {{", f"{role}: {{holders: [{holder}], ", 1)
    people.write_text(told)
    return open_workspace(root)
