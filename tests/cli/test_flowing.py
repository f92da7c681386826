"""`fairlead funnel`: the same answer as the verb's, as of any day and as known at any time."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairlead.actions.flows import FlowAsked
from fairlead.actions.lifecycle import funnel
from fairlead.actions.syncing import sync
from fairlead.cli.app import app
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import small_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = small_company(tmp_path_factory.mktemp("flowing") / "small")
    sync(workspace)
    return workspace


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(folder), "funnel", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_as_of_an_earlier_day_fewer_had_come(company: Workspace) -> None:
    told = json.loads(run(company.root, "--flow", "sales", "--from", "2000", "--as-of", "2026-02-01", "--json"))
    then = funnel(company, FlowAsked(flow="sales", start="2000", as_of="2026-02-01"))
    assert [(c["step"], c["reached"]) for c in told["counts"]] == [(c.step, c.reached) for c in then.counts]
    assert told["counts"][0]["reached"] < funnel(company, FlowAsked(flow="sales", start="2000")).counts[0].reached
    assert told["as_of"].startswith("2026-02-01")


def test_what_is_known_now_is_known_at_a_later_time(company: Workspace) -> None:
    told = json.loads(run(company.root, "--flow", "sales", "--from", "2000", "--known-at", "2030-01-01", "--json"))
    assert [c["reached"] for c in told["counts"]] == [
        c.reached for c in funnel(company, FlowAsked(flow="sales", start="2000")).counts
    ]
    done = CliRunner().invoke(app, ["-C", str(company.root), "funnel", "--known-at", "2020-01-01"])
    assert isinstance(done.exception, Refused)  # nothing was known then


def test_two_years_of_weeks_are_a_table(company: Workspace) -> None:
    lines = run(company.root, "--flow", "sales", "--weeks").splitlines()
    weekly = funnel(company, FlowAsked(flow="sales")).weekly
    ends = {str(one.week_ends) for one in weekly}
    assert sum(line.strip().startswith(tuple(ends)) for line in lines) == len(ends) == 104
    last = [one for one in weekly if str(one.week_ends) == max(ends)]
    row = next(line for line in lines if line.strip().startswith(max(ends))).split()
    stages = company.model.lifecycle.pipelines["sales"].stages
    standing = {one.stage: str(one.standing) for one in last}
    assert row[1:] == [standing[name] for name in stages if name in standing]
    titles = [stage.label for name, stage in stages.items() if name in standing]
    assert re.split(r"\s{2,}", lines[0].strip()) == ["week to", *titles]


@pytest.mark.parametrize("cut", [("--by", "source"), ("--per", "month")])
def test_weeks_are_not_cut_in_silence(company: Workspace, cut: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["-C", str(company.root), "funnel", "--weeks", "--json", *cut])
    assert isinstance(done.exception, Refused), done.output
    (told,) = done.exception.problems
    assert (told.code, told.hint) == ("bad-question", "Leave out --by and --per, or --weeks.")


@pytest.mark.parametrize(
    "words",
    [("--flow", "x"), ("--by", "nonsense"), ("--per", "fortnight"), ("--preset", "x"), ("--as-of", "never"),
     ("--known-at", "never"), ("--skipped", "maybe"), ("--from", "2026-03", "--to", "2026-01")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(company: Workspace, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["-C", str(company.root), "funnel", *words])
    assert isinstance(done.exception, Refused)
    assert len(done.exception.problems) == 1
