"""`fairlead gate`, `gates`, `waive` and `withdraw`: for people and for programs, and what they refuse."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairlead.actions.gate_report import gates_report
from fairlead.actions.gates import gate
from fairlead.actions.syncing import sync
from fairlead.cli.app import app
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import gated_company
from tests.actions.test_gates import NOW

WAIVE = ("waive", "opportunity", "d2", "--stage", "discovery", "--reason", "So.", "--until", "2026-04-15")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    company = gated_company(tmp_path_factory.mktemp("gates") / "acme", {"sales_manager": "Alice Archer"})
    sync(company, now=NOW)
    return company


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(folder), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_people_read_what_lacks_in_words(company: Workspace) -> None:
    told = run(company.root, "gate", "opportunity", "d3", "--to", "evaluation")
    for words in ("discovery", "lacks", "not filled", "meetings >= 1", "Amount in data/deals.csv", "Alice Archer"):
        assert words in told
    assert "It may not go on yet to evaluation" in told


def test_json_is_what_the_verbs_say(company: Workspace) -> None:
    one = json.loads(run(company.root, "gate", "opportunity", "d3", "--json"))
    found = gate(company, "opportunity", "d3")
    assert (one["stage"], one["may_go"], one["asks"][0]["missing"]) == ("discovery", False, list(found.asks[0].missing))
    assert one["asks"][0]["criteria"][0]["text"] == "meetings >= 1"
    told = json.loads(run(company.root, "gates", "--json"))
    assert [(g["stage"], g["came"], g["verdict"]) for g in told["gates"]] == [
        (g.stage, g.came, g.verdict) for g in gates_report(company).gates
    ]
    cut = json.loads(run(company.root, "gates", "--flow", "sales", "--by", "segment", "--per", "month", "--json"))
    assert sum(p["came"] for p in cut["parts"] if p["stage"] == "discovery") == 2
    first = json.loads(run(company.root, "gates", "--lacking", "--flow", "sales", "--json"))["records"][0]
    assert (first["subject_id"], first["missing"]) == ("files:d2", ["source"])


def test_people_read_the_report_and_who_waits(company: Workspace) -> None:
    told = run(company.root, "gates", "--flow", "sales")
    assert "sales.discovery" in told
    assert "Too few to say." in told
    assert "sales.discovery lacked: exit 2 (slipped 0, stopped 2)" in told
    assert "account.segment" in run(company.root, "gates", "--by", "segment")
    assert "Bob Baker" in run(company.root, "gates", "--lacking", "--flow", "sales")


def test_an_earlier_day_and_an_earlier_knowledge_are_answered_from_their_own_build(
    company: Workspace, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(company.root, tmp_path / "acme"))
    early = json.loads(run(folder, "gate", "opportunity", "d2", "--as-of", "2026-03-05", "--json"))
    assert early["as_of"] == "2026-03-05"
    assert datetime.fromisoformat(early["entered_at"]).date().isoformat() == "2026-02-20"
    assert json.loads(run(folder, "gates", "--as-of", "2026-03-05", "--json"))["as_of"] == "2026-03-05"
    told = json.loads(run(folder, "gates", "--known-at", "2099-01-01", "--json"))
    assert told["build"] == json.loads(run(folder, "gates", "--json"))["build"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("gate", "deal", "d2"), "unknown-record"),
        (("gate", "opportunity", "d9"), "unknown-record"),
        (("gate", "opportunity", "d2", "--to", "sold"), "bad-gate"),
        (("gates", "--flow", "x"), "unknown-flow"),
        (("gates", "--by", "colour"), "unknown-dimension"),
        (("gates", "--per", "decade"), "bad-question"),
        (("gates", "--from", "never"), "bad-question"),
        (("gates", "--as-of", "nope"), "bad-question"),
        (("gates", "--json", "--as-of", "2026-13-45"), "bad-question"),
        (("gates", "--lacking", "--as-of", "nope"), "bad-question"),
        (("gate", "opportunity", "d2", "--as-of", "nope"), "bad-question"),
        (("gates", "--lacking", "--by", "segment"), "bad-question"),
        ((*WAIVE, "--by", "Charlie Cole"), "may-not-waive"),
        ((*WAIVE, "--by", "Alice Archer", "--what", "colour"), "bad-waiver"),
        (("withdraw", "desk:nope", "--by", "Alice Archer"), "unknown-record"),
    ],
)
def test_what_cannot_be_is_one_clear_refusal(company: Workspace, words: tuple[str, ...], code: str) -> None:
    done = CliRunner().invoke(app, ["-C", str(company.root), *words])
    assert isinstance(done.exception, Refused)
    assert [p.code for p in done.exception.problems] == [code]
    assert not list(company.lake.raw.glob("desk/waiver/*"))


def test_a_waiver_is_given_and_taken_back(company: Workspace, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(company.root, tmp_path / "acme"))
    assert "may leave discovery until 2026-04-15 without what lacks" in run(folder, *WAIVE, "--by", "Alice Archer")
    told = run(folder, "gate", "opportunity", "d2")
    assert "Waived (everything) by Alice Archer until 2026-04-15: So." in told
    waiver = told.partition("[")[2].partition("]")[0]
    assert json.loads(run(folder, *WAIVE, "--by", "Alice Archer", "--json"))["id"] == waiver
    assert "no longer" in run(folder, "withdraw", waiver, "--by", "Alice Archer")
    assert "taken back by Alice Archer" in run(folder, "gate", "opportunity", "d2")
    assert (
        json.loads(run(folder, "withdraw", waiver, "--by", "Alice Archer", "--json"))["withdrawn_by"] == "Alice Archer"
    )


def test_of_two_waivers_one_is_taken_back_and_only_what_then_blocks_is_named(
    company: Workspace, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(company.root, tmp_path / "acme"))
    asked = ("gate", "opportunity", "d2")
    assert "Discovery: lacks source, the exit criterion" in run(folder, *asked)
    given = {
        what: json.loads(run(folder, *WAIVE, "--what", what, "--by", "Alice Archer", "--json"))["id"]
        for what in ("source", "exit")
    }
    assert "Discovery: waived" in run(folder, *asked)
    run(folder, "withdraw", given["source"], "--by", "Alice Archer")
    assert "Discovery: lacks source\n" in run(folder, *asked)
    asks = json.loads(run(folder, *asked, "--json"))["asks"][0]
    assert (asks["blocks"], asks["missing"], asks["is_exit_met"]) == (["source"], ["source"], False)
    run(folder, "withdraw", given["exit"], "--by", "Alice Archer")
    assert json.loads(run(folder, *asked, "--json"))["asks"][0]["blocks"] == ["source", "exit"]
