"""The verbs of the lifecycle, on a small company whose people and deals can be counted by hand."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairlead.actions.asking import ask
from fairlead.actions.checking import check_all
from fairlead.actions.clocks import clocks
from fairlead.actions.flows import FlowAsked
from fairlead.actions.lifecycle import funnel, journey, mapping, stage
from fairlead.actions.presets import called
from fairlead.cli.app import app
from fairlead.model.load import STARTER, presets
from fairlead.model.whole import Model
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company, synced_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("lifecycle") / "small")


def test_c5_every_stage_has_a_name_in_every_preset(company: Workspace) -> None:
    told = {one.stage: one.names for one in mapping(company)}
    assert list(told) == list(company.model.lifecycle.stages)
    assert told["marketing_qualified"] == {
        "five_stages": "mql",
        "four_stages": "mql",
        "nine_stages": "marketing_qualified",
    }
    assert told["renewal"] == {"five_stages": "customer", "four_stages": "closed_won", "nine_stages": "renewal"}


def test_c5_who_has_not_reached_a_presets_first_stage_has_not_come_in(company: Workspace) -> None:
    """The preset's MQL is marketing qualified; inquiries lie before it and are nowhere in it."""
    told = {one.stage: one.names["four_stages"] for one in mapping(company)}
    assert [told[name] for name in ("inquiry", "engaged", "sales_accepted")] == ["", "", "mql"]
    assert funnel(company, FlowAsked(preset="four_stages")).steps == ("mql", "sql", "opportunity", "closed_won")


@pytest.mark.parametrize("own", ["four_stages", "five_stages", "nine_stages"])
def test_c5_the_presets_map_onto_each_other_both_ways(company: Workspace, own: str) -> None:
    known = presets(STARTER)
    for other, preset in known.items():
        model = Model(lifecycle=known[own])
        names = [called(model, preset, name) for name in known[own].stages]
        order = [list(preset.stages).index(name) for name in names if name]
        assert order == sorted(order), (own, other)  # the way has one direction under any names


def test_no_question_is_asked_as_of_a_day_that_lies_ahead(company: Workspace) -> None:
    day = "2199-01-01"
    flow, metric = partial(funnel, asked=FlowAsked(as_of=day)), partial(ask, metrics="win_rate", as_of=day)
    for verb in (flow, metric, partial(clocks, as_of=day)):
        with pytest.raises(Refused) as refused:
            verb(company)
        assert "lies ahead" in refused.value.problems[0].message


def test_what_is_wrong_is_said_all_at_once(company: Workspace) -> None:
    with pytest.raises(Refused) as refused:
        funnel(company, FlowAsked(flow="nowhere", by="nothing", per="fortnight", start="never", skipped="maybe"))
    assert [p.code for p in refused.value.problems] == [
        "unknown-flow", "bad-question", "bad-question", "unknown-dimension", "bad-question",
    ]  # fmt: skip
    (hint,) = [p.hint for p in refused.value.problems if "'maybe'" in p.message]
    assert hint == "Known: missing, passed."


def test_a_stage_goes_by_the_names_of_other_presets_too(company: Workspace) -> None:
    assert stage(company, "mql").name == "marketing_qualified"
    assert stage(company, "proposal").flow != "lifecycle"
    with pytest.raises(Refused):
        stage(company, "marketing_qualifed")
    with pytest.raises(Refused) as refused:
        stage(company, "xyzzy")
    assert str(refused.value.problems[0].hint).count("closed_won") <= 1


def test_r22_the_journey_has_every_step_and_function(company: Workspace) -> None:
    told = journey(company)
    assert len(told) == 7
    assert all(len(step.activities) == 3 for step in told)


def test_shares_are_never_above_one_and_standing_is_the_last_week(company: Workspace) -> None:
    for flow in ("lifecycle", *company.model.lifecycle.pipelines):
        for cohort in (True, False):
            found = funnel(company, FlowAsked(flow=flow, cohort=cohort, start="2000"))
            assert all(c.conversion is None or 0 <= c.conversion <= 1 for c in found.counts)
            last = max(one.week_ends for one in found.weekly)
            assert found.standing == {one.stage: one.standing for one in found.weekly if one.week_ends == last}
            assert len({one.week_ends for one in found.weekly}) == 104


def test_the_command_line_says_the_same(company: Workspace) -> None:
    run = CliRunner().invoke(app, ["-C", str(company.root), "funnel", "--json", "--period", "--from", "2000"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    found = funnel(company, FlowAsked(cohort=False, start="2000"))
    assert [(c["step"], c["reached"]) for c in told["counts"]] == [(c.step, c.reached) for c in found.counts]
    plain = CliRunner().invoke(app, ["-C", str(company.root), "funnel", "--flow", "sales"])
    assert "Where they left" in plain.stdout
    assert CliRunner().invoke(app, ["-C", str(company.root), "funnel", "--flow", "x"]).exit_code != 0


def _empty(workspace: Workspace) -> dict[str, str]:
    """Stages that nobody was in, as `check` tells them, and the line of the file that it names."""
    found = {}
    for problem in check_all(workspace):
        if problem.code == "stage-never-entered" and problem.where:
            lines = (workspace.root / problem.where.file).read_text().splitlines()
            found[problem.message.rpartition(" ")[2]] = lines[(problem.where.line or 0) - 1].strip()
            assert not problem.is_error
    return found


def test_a_stage_that_nobody_of_the_build_was_ever_in_is_a_warning_at_its_line(
    company: Workspace, tmp_path: Path
) -> None:
    """Six deals were in discovery, won and lost; nobody else is known, so no more is said."""
    empty = ("qualification", "evaluation", "proposal", "negotiation")
    assert set(_empty(company)) == {f"sales.{name}" for name in empty}
    assert all(line for line in _empty(company).values())
    assert _empty(small_company(tmp_path / "unbuilt")) == {}

    edited = tmp_path / "edited"
    shutil.copytree(company.root, edited)
    text = (edited / "model/lifecycle.yaml").read_text().replace("preset: nine_stages", "preset: four_stages")
    text = text.replace("      discovery:\n", "      talking:\n        stands_for: [discovery]\n")
    (edited / "model/lifecycle.yaml").write_text(text.replace("      qualification:\n", "      looking:\n"))
    found = _empty(
        open_workspace(edited)
    )  # opportunity, which the build's lifecycle had not, was entered by every deal
    assert set(found) == {"sales.looking", *(f"sales.{name}" for name in empty[1:])}
    assert found["sales.looking"] == "looking:"


def test_what_cannot_be_computed_of_a_stage_hides_no_other_problem(company: Workspace, tmp_path: Path) -> None:
    """A comparison with more digits than a number has."""
    edited = tmp_path / "edited"
    shutil.copytree(company.root, edited)
    file = edited / "model/lifecycle.yaml"
    big = "9" * 400
    also = f"\nstages:\n  renewal: {{subject: account, owner: vp_sales, enter_when: mrr > {big}, exit_when: mrr = 0}}\n"
    file.write_text(file.read_text().replace("\npipelines:", f"{also}\npipelines:", 1))
    before = {p.code for p in check_all(company)}
    found = check_all(open_workspace(edited))
    lost = [p for p in found if p.code == "not-computed"]
    assert [str(p.where).rpartition(":")[0] for p in lost] == ["model/lifecycle.yaml"]
    assert {p.code for p in found} >= before - {"stage-never-entered"}
