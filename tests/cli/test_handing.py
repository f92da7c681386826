"""`fairlead handoffs`: the same answer as the verb's, for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairlead.actions.handing import handoffs
from fairlead.actions.pricing import seen
from fairlead.cli.app import app
from fairlead.cli.handing import _hours
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import synced_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("handed") / "small")


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(folder), "handoffs", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_json_is_what_the_verb_says(company: Workspace) -> None:
    told = json.loads(run(company.root, "--json"))
    found = handoffs(seen(company))
    assert [(one["name"], one["handed"]) for one in told["handoffs"]] == [(o.name, o.handed) for o in found.handoffs]
    one = json.loads(run(company.root, "closed_won_to_billing", "--json"))
    assert one["running"]["handed"] == 2
    assert json.loads(run(company.root, "--early-churn", "--json"))["churned"] == []
    assert json.loads(run(company.root, "--brief", "--json"))["handoff"] == "mql_to_sql"


@pytest.mark.parametrize(
    ("words", "says"),
    [((), "closed_won_to_billing"), (("closed_won_to_billing",), "Agreed"), (("--brief",), "What could be done"),
     (("--early-churn",), "within 90 days")],
)  # fmt: skip
def test_people_read_tables(company: Workspace, words: tuple[str, ...], says: str) -> None:
    assert says in run(company.root, *words)


def test_a_wait_says_that_it_is_of_those_who_were_answered(company: Workspace) -> None:
    for words in ((), ("closed_won_to_billing",)):
        assert "of answered, half within" in run(company.root, *words)


def test_days_narrow_what_is_counted(company: Workspace) -> None:
    told = json.loads(run(company.root, "closed_won_to_billing", "--from", "2026-02", "--to", "2026-02-28", "--json"))
    assert told["running"]["handed"] == 1


def test_two_questions_at_once_are_refused_and_neither_is_dropped(company: Workspace) -> None:
    for words in (("--early-churn", "--brief"), ("mql_to_sql", "--early-churn")):
        done = CliRunner().invoke(app, ["-C", str(company.root), "handoffs", *words])
        assert isinstance(done.exception, Refused)
        assert "--early-churn" in str(done.exception.problems[0].hint)


def test_less_than_an_hour_is_told_in_minutes(company: Workspace) -> None:
    assert [_hours(value, company.manner).split() for value in (0.181, 1.5)] == [["10.9", "minutes"], ["1.50", "hours"]]
    assert _hours(None, company.manner) == ""


@pytest.mark.parametrize("words", [("nope",), ("--from", "never"), ("--from", "2026-03", "--to", "2026-01")])
def test_what_cannot_be_answered_is_refused(company: Workspace, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["-C", str(company.root), "handoffs", *words])
    assert isinstance(done.exception, Refused)


def test_as_of_an_earlier_day_less_was_handed_over(company: Workspace) -> None:
    told = json.loads(run(company.root, "--as-of", "2026-01-20", "--json"))
    then = handoffs(seen(company, as_of="2026-01-20"))
    assert [one["handed"] for one in told["handoffs"]] == [one.handed for one in then.handoffs]
    assert sum(one.handed for one in then.handoffs) < sum(one.handed for one in handoffs(seen(company)).handoffs)
    known = json.loads(run(company.root, "--known-at", "2030-01-01", "--json"))
    assert [one["handed"] for one in known["handoffs"]] == [one.handed for one in handoffs(seen(company)).handoffs]
