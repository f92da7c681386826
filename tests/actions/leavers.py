"""A company of six customers who leave and come back in every way in which lenses disagree, with lenses for each."""

from pathlib import Path

from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.workspace import Workspace, open_workspace
from tests.shelf import from_shelf

# Ash grows, Cedar leaves and is back two months later, Dale is back in the same month, Elm comes and leaves in one
# month, Fir pauses for longer than the limit, Gum stays.
LINES = """\
id,customer,starts,ends,amount,paused
1,Ash,2025-01-01,2026-03-01,100,
2,Ash,2026-03-01,,160,
3,Cedar,2025-01-15,2026-02-10,300,
4,Cedar,2026-04-05,,150,
5,Dale,2025-02-01,2026-03-10,200,
6,Dale,2026-03-20,,120,
7,Elm,2026-05-03,2026-05-20,80,
8,Fir,2025-03-01,,90,2026-01-05
9,Gum,2025-03-01,,50,
"""
MAPPING = """\
dates: iso
nulls: [""]
files:
  - file: lines.csv
    key: [id]
    tables:
      - table: account
        one_row_per: [customer]
        columns: {name: customer}
      - table: contract_line
        columns:
          account_id: customer
          starts_on: starts
          ends_on: ends
          billing_interval: {constant: month}
          amount: amount
          paused_on: paused
"""
LENSES = """\
lenses:
  hiding: {label: Hiding, says: Who came and left is hidden., source: a test, switches: {same_month: hidden}}
  counting: {label: Counting, says: Each day counts., source: a test, switches: {same_month: counted}}
  returning: {label: Returning, says: Who comes back counts., source: a test, switches: {reactivation_in_nrr: true}}
  the_same: {label: The same, says: As we do., source: a test}
"""


def leavers(folder: Path) -> Workspace:
    """The company, synced as of June 30, 2026."""
    return open_workspace(from_shelf("leavers", _write, folder))


def _write(folder: Path) -> None:
    init(folder)
    settings = folder / "fairlead.yaml"
    settings.write_text(settings.read_text() + "today: 2026-06-30\n")
    (folder / "data" / "lines.csv").write_text(LINES)
    (folder / "data" / "mapping.yaml").write_text(MAPPING)
    model = folder / "model" / "revenue.yaml"
    model.write_text(model.read_text().replace("lenses:\n", LENSES, 1))
    sync(open_workspace(folder))
