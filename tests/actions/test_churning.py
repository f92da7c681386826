"""R100 from the exports to the faces: a customer who left early, the gate that was waived, and what was promised."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from fairlead.actions.asking import opened, published
from fairlead.actions.building import named, set_aside
from fairlead.actions.churning import Leave, left_early
from fairlead.actions.pricing import seen
from fairlead.actions.syncing import sync
from fairlead.actions.waiving import waive
from fairlead.cli.app import app
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import synced_company
from tests.actions.test_gates import SECOND

REASON = "One person signs there, and is on leave."
# Harbour Mills stays from 1 February to 10 March; Norwick Foods has bought and not begun.
CONTRACTS = """\
Id,Account,Deal,Start,End,Amount
c1,a1,d1,2026-02-01,2026-03-10,100
"""
PROMISES = """\
Id,Goals,Scope
d1,Half the time to quote,
d3,,Twelve seats
"""
AMOUNT = "          amount: Amount\n"
PROMISED = """\
          goals: Goals
          scope: Scope
          kind: {sql: "'new'"}
"""
MAPPING = """\
  - file: contracts.csv
    key: [Id]
    tables:
      - table: contract_line
        columns:
          account_id: Account
          opportunity_id: Deal
          starts_on: Start
          ends_on: End
          amount: Amount
          billing_interval: {sql: "'month'"}
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = synced_company(tmp_path_factory.mktemp("churned") / "acme").root
    people = folder / "model/people.yaml"
    people.write_text(people.read_text().replace("sales_manager: {", "sales_manager: {holders: [Vera Vance], ", 1))
    agreed = folder / "model/lifecycle.yaml"
    agreed.write_text(agreed.read_text() + SECOND)
    for deal, stage in (("d1", "sales.closed_won"), ("d3", "lifecycle.closed_won")):
        waive(
            open_workspace(folder), "opportunity", deal, stage=stage, what="product_id", reason=REASON,
            by="Vera Vance", until="2026-04-30",
        )  # fmt: skip
    (folder / "data/contracts.csv").write_text(CONTRACTS)
    deals = (folder / "data/deals.csv").read_text().splitlines()
    told = {line.split(",")[0]: line.partition(",")[2] for line in PROMISES.splitlines()}
    lines = [f"{line},{told.get(line.split(',')[0], ',')}" for line in deals]
    (folder / "data/deals.csv").write_text("\n".join(lines) + "\n")
    mapping = folder / "data/mapping.yaml"
    mapping.write_text(mapping.read_text().replace(AMOUNT, AMOUNT + PROMISED) + MAPPING)
    company = open_workspace(folder)
    sync(company)
    return company


def test_r100_the_waived_gate_and_the_promises_of_an_early_churn_are_told(company: Workspace) -> None:
    found = left_early(seen(company))
    (one,) = found.churned
    assert (one.account, one.starts_on, one.days, one.opportunity_id) == (
        "Harbour Mills", date(2026, 2, 1), 37, "files:d1",
    )  # fmt: skip
    assert one.waived == (Leave("closed_won", "Vera Vance", REASON),)
    assert "goals" in one.written.split(", ")
    assert {p.item: p.says for p in one.promises} == {
        item: "Half the time to quote" if item == "goals" else "" for item in one.written.split(", ")
    }
    assert "scope" in one.unwritten.split(", ")
    assert "1 passed a gate without what it asks" in found.sentence
    common = {(c.what, c.value): c.accounts for c in found.common}
    assert common["gate waived", "closed_won"] == common["written down", "goals"] == (one.account_id,)


def test_people_and_programs_read_which_gate_was_waived_by_whom_and_why(company: Workspace) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["-C", str(company.root), "handoffs", "--early-churn", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert f"Closed won by Vera Vance: {REASON}" in " ".join(run().split())
    assert "Goals: Half the time to quote" in " ".join(run().split())
    told = json.loads(run("--json"))["churned"][0]
    assert {"item": "goals", "says": "Half the time to quote"} in told["promises"]
    assert told["waived"] == [{"stage": "closed_won", "by": "Vera Vance", "reason": REASON}]


def test_a_waiver_is_of_one_gate_in_a_build_too(company: Workspace) -> None:
    """Of two gates of one name: the pipeline's, or the one named with its flow."""
    assert [one for one in set_aside(company, named(company, None)) if one.table == "waiver"] == []
    sql = "SELECT subject_id, flow FROM mart.gate WHERE is_waived ORDER BY ALL"
    rows = opened(published(company)).reader.rows(Query("waived", sql)).to_pylist()
    assert [(r["subject_id"], r["flow"]) for r in rows] == [("files:d1", "sales"), ("files:d3", "lifecycle")]
