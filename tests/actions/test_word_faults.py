"""Words of the exports that the model does not know are given a meaning, or told with value and rows."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairlead.actions.asking import opened
from fairlead.actions.checking import check_all
from fairlead.actions.mapping import propose
from fairlead.actions.syncing import sync
from fairlead.cli.app import app
from fairlead.problem import Problem
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
DEALS = """\
Opportunity ID,Opportunity Name,Account ID,Type,Stage,Amount,Close Date,Created Date,Is Won,Is Closed,Closed At
d1,One,a1,New Business,Closed Won,10000,2026-03-15,2026-01-09T09:00:00Z,true,true,2026-03-15T10:00:00Z
d2,Two,a2,Existing Business,Negotiation,5000,2026-07-31,2026-01-16T09:00:00Z,false,false,
d3,Three,a3,Renewal,Closed Lost,7000,2026-03-01,2026-01-20T09:00:00Z,false,true,2026-03-01T09:00:00Z
"""
HISTORY = """\
History ID,Opportunity ID,Field,Old Value,New Value,Created Date
h1,d1,StageName,Discovery,Evaluation,2026-01-19T09:00:00Z
h2,d1,StageName,Evaluation,Negotiation,2026-02-20T09:00:00Z
h3,d1,StageName,Negotiation,Closed Won,2026-03-15T10:00:00Z
h4,d2,StageName,Discovery,Proposal,2026-02-01T09:00:00Z
h5,d2,StageName,Proposal,Legal Review,2026-02-11T09:00:00Z
h6,d2,StageName,Legal Review,Negotiation,2026-02-21T09:00:00Z
h7,d3,StageName,Discovery,Closed Lost,2026-03-01T09:00:00Z
h8,d2,Amount,4000,5000,2026-03-02T09:00:00Z
h9,d2,Colour,Red,Blue,2026-03-02T09:00:00Z
"""
ACTIVITIES = """\
Activity ID,Type,Account ID,Opportunity ID,Activity Date
t1,Outbound call,a1,d1,2026-01-10T10:00:00Z
t2,Email,a1,d1,2026-01-11T10:00:00Z
t3,EMAIL,a2,d2,2026-01-17T10:00:00Z
t4,Meeting,a2,d2,2026-01-18T10:00:00Z
t5,To-do,a2,d2,2026-01-18T11:00:00Z
t6,Fax,a2,d2,2026-01-18T12:00:00Z
"""

LEADS = """\
Lead ID,First Name,Last Name,Email,Company,Account ID,Created Date,Engaged Date,MQL Date,Recycled Date,Recycled Reason,X
p1,One,Clean,one@acme.com,Acme,a1,2026-01-02T09:00:00Z,2026-01-02T10:00:00Z,2026-01-03T09:00:00Z,,,
p2,Two,Back,two@acme.com,Acme,a1,2026-01-02T09:00:00Z,2026-01-03T10:00:00Z,2026-01-04T09:00:00Z,2026-01-09T09:00:00Z,no_budget,
"""
CALLS = """\
Activity ID,Type,Lead ID,Owner ID,Activity Date,Direction,Subject,Room,Automated
t1,Call,p1,u1,2026-01-03T10:00:00Z,outbound,First call,4,false
t2,Call,p2,u1,2026-01-04T10:00:00Z,outbound,Another,4,false
"""


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company's deals with their history, as `fairlead map` reads them; not synced."""
    company = small_company(tmp_path_factory.mktemp("words") / "small")
    (company.data / "mapping.yaml").unlink()
    (company.data / "deals.csv").write_text(DEALS)
    (company.data / "stage_history.csv").write_text(HISTORY)
    (company.data / "activities.csv").write_text(ACTIVITIES)
    propose(company)
    return open_workspace(company.root)


def of(problems: tuple[Problem, ...], code: str) -> list[Problem]:
    return [problem for problem in problems if problem.code == code]


def table(company: Workspace, name: str, columns: str) -> list[tuple[object, ...]]:
    """Rows of a table of the published build, by the source's own key."""
    build = company.lake.current()
    assert build
    query = Query("t", f"SELECT source_id, {columns} FROM {name} ORDER BY source_id")
    return [tuple(row.values()) for row in opened(build).reader.rows(query).to_pylist()]


def copy(company: Workspace, folder: Path, change: Callable[[str], str] = str) -> Workspace:
    """Another company with the same exports and the mapping as `change` makes it; not synced."""
    other = small_company(folder)
    for name in ("deals.csv", "stage_history.csv", "activities.csv"):
        (other.data / name).write_text((company.data / name).read_text())
    (other.data / "mapping.yaml").write_text(change((company.data / "mapping.yaml").read_text()))
    return open_workspace(other.root)


def stages(company: Workspace) -> dict[str, list[str]]:
    """The stages of each deal in the order in which it entered them."""
    build = company.lake.current()
    assert build
    query = Query("s", "SELECT * FROM mart.stage_entry WHERE flow = 'sales' ORDER BY entered_at")
    rows = opened(build).reader.rows(query).to_pylist()
    return {deal: [r["stage"] for r in rows if r["subject_id"] == f"files:{deal}"] for deal in ("d1", "d2", "d3")}


def test_the_stages_of_a_history_are_proposed_in_the_words_of_the_model(proposed: Workspace) -> None:
    """By hand: d1 skipped two stages, d3 was lost from discovery; Legal Review is nobody's stage."""
    text = (proposed.data / "mapping.yaml").read_text()
    assert "# kept as they are: Legal Review" in text
    found = sync(proposed, now=NOW)
    assert stages(proposed) == {
        "d1": ["discovery", "evaluation", "negotiation", "closed_won"],
        "d2": ["discovery", "proposal", "Legal Review", "negotiation"],
        "d3": ["discovery", "closed_lost"],
    }
    (problem,) = of(found.problems, "unknown-stage-in-history")
    assert (str(problem.where), problem.is_error) == ("data/stage_history.csv", False)
    assert problem.message.endswith("that the model does not have: 'Legal Review' (2 rows).")
    assert of(check_all(proposed), "unknown-stage-in-history") == [problem]


def test_a_history_that_nobody_mapped_is_told_with_its_file_values_and_rows(
    proposed: Workspace, tmp_path: Path
) -> None:
    """As it was proposed before: the deals' stages are mapped and those of the history are not."""
    company = copy(proposed, tmp_path / "unmapped", lambda text: re.sub(r" +values:\n +stage: \{.*\n", "", text))
    (problem,) = of(sync(company, now=NOW).problems, "unknown-stage-in-history")
    assert str(problem.where) == "data/stage_history.csv"
    assert problem.message == (
        "The history of opportunity.stage names stages that the model does not have: 'Discovery' (3 rows),"
        " 'Negotiation' (3 rows), 'Evaluation' (2 rows), 'Legal Review' (2 rows), 'Proposal' (2 rows),"
        " 'Closed Lost' (1 row), 'Closed Won' (1 row)."
    )


def test_a_stage_that_another_stands_for_is_known(proposed: Workspace, tmp_path: Path) -> None:
    company = copy(proposed, tmp_path / "stands")
    file = company.root / "model/lifecycle.yaml"
    told = file.read_text()
    file.write_text(told.replace("      negotiation:\n", "      negotiation:\n        stands_for: [Legal Review]\n", 1))
    found = sync(open_workspace(company.root), now=NOW)
    assert not of(found.problems, "unknown-stage-in-history")


def test_kinds_of_activities_and_deals_are_proposed_in_the_words_of_the_record(proposed: Workspace) -> None:
    """A fax is nobody's kind and stays what it is; who began a call is what its kind says."""
    text = (proposed.data / "mapping.yaml").read_text()
    assert "# kept as they are: Fax" in text
    found = sync(proposed, now=NOW)
    assert table(proposed, "record.activity", "kind, direction") == [
        ("t1", "call", "outbound"), ("t2", "email", None), ("t3", "email", None), ("t4", "meeting", None),
        ("t5", "task", None), ("t6", "Fax", None),
    ]  # fmt: skip
    assert table(proposed, "record.opportunity", "kind") == [("d1", "new"), ("d2", "expansion"), ("d3", "renewal")]
    assert not of(found.problems, "unknown-activity-kind")


def test_activities_of_which_none_is_of_a_kind_that_a_clock_waits_for_are_told(
    proposed: Workspace, tmp_path: Path
) -> None:
    company = copy(
        proposed, tmp_path, lambda text: re.sub(r"kind: \{column: Type, values: .*?\}.*\}", "kind: Type", text)
    )
    (problem,) = of(sync(company, now=NOW).problems, "unknown-activity-kind")
    assert (str(problem.where), problem.is_error) == ("data/activities.csv", False)
    assert problem.message == (
        "No activity is of a kind that a clock waits for (call, email, meeting), but: 'EMAIL' (1 row), 'Email' (1 row),"
        " 'Fax' (1 row), 'Meeting' (1 row), 'Outbound call' (1 row), 'To-do' (1 row)."
    )
    assert of(check_all(company), "unknown-activity-kind") == [problem]


def test_a_column_that_has_the_words_of_the_record_needs_no_map(tmp_path: Path) -> None:
    company = small_company(tmp_path)
    (company.data / "mapping.yaml").unlink()
    own = ACTIVITIES.replace("Outbound call", "call").replace("To-do", "task").lower().replace("fax", "note")
    (company.data / "activities.csv").write_text(own)
    propose(company)
    assert "kind: type\n" in (company.data / "mapping.yaml").read_text()


def test_columns_that_no_table_reads_are_named_and_those_of_leads_are_recognised(tmp_path: Path) -> None:
    """What holds nothing is not named; a key and the two halves of a name are read."""
    company = small_company(tmp_path)
    (company.data / "mapping.yaml").unlink()
    (company.data / "deals.csv").unlink()
    (company.data / "leads.csv").write_text(LEADS)
    (company.data / "activities.csv").write_text(CALLS)
    (found,) = propose(company)
    assert [(one.file, one.columns) for one in found.unread] == [
        ("data/activities.csv", ("Subject", "Room")),
        ("data/leads.csv", ("Company",)),
    ]
    text = (company.data / "mapping.yaml").read_text()
    assert "    # left unread: Subject, Room\n" in text
    for line in ("engaged_at: Engaged Date", "recycled_at: Recycled Date", "recycle_reason: Recycled Reason"):
        assert f"          {line}\n" in text
    assert "          person_id: Lead ID\n" in text
    sync(company, now=NOW)
    assert table(company, "record.person", "engaged_at IS NOT NULL AS e, recycled_on, recycle_reason") == [
        ("p1", True, None, None),
        ("p2", True, date(2026, 1, 9), "no_budget"),
    ]
    assert table(company, "record.activity", "person_id") == [("t1", "files:p1"), ("t2", "files:p2")]


def test_the_command_names_the_columns_that_are_left_unread(tmp_path: Path) -> None:
    company = small_company(tmp_path)
    wide = [f"Custom {n}" for n in range(20)]
    (company.data / "leads.csv").write_text(
        ",".join(["Lead ID", "Email", *wide]) + "\n" + ",".join(["p1", "one@acme.com", *("x" for _ in wide)]) + "\n"
    )
    run = CliRunner().invoke(app, ["-C", str(company.root), "map", "--overwrite"])
    assert run.exit_code == 0, run.output
    (line,) = [line for line in run.stdout.splitlines() if "leads.csv: left unread" in line]
    assert line == f"data/leads.csv: left unread: {', '.join(wide[:12])}, and 8 others"
