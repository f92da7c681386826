"""What follows: misses with their plans, counted back as long as they last, one's own first."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from fairlead.actions import followup
from fairlead.actions.asking import ask
from fairlead.actions.branches import outline, within
from fairlead.actions.followup import follow_up
from fairlead.actions.standing import Status, status_of
from fairlead.actions.syncing import sync
from fairlead.actions.treeing import tree
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Bookings (new_arr's like) miss in February and March; win rate has nothing in March."""
    workspace = small_company(tmp_path_factory.mktemp("follow") / "small")
    settings = workspace.root / "fairlead.yaml"
    settings.write_text(settings.read_text().replace("2026-03-31", "2026-02-28"))
    workspace = open_workspace(workspace.root)
    sync(workspace)
    return workspace


def test_every_miss_is_a_step_and_nothing_else(company: Workspace) -> None:
    found = follow_up(company)
    assert {s.node.name for s in found.steps} == set(tree(company).breached)
    assert found.steps
    for step in found.steps:
        metric = company.model.metrics.metrics[step.node.name]
        assert step.plan == metric.plan
        assert step.owner == company.model.people.roles[metric.owner or ""].title


def test_misses_are_counted_back_month_by_month(company: Workspace) -> None:
    """By hand: the months before the last one that miss today's target without a break."""
    for step in follow_up(company).steps:
        metric = company.model.metrics.metrics[step.node.name]
        given = ask(company, step.node.name, per="month", start="2024-03", end="2026-02").table
        standing = [status_of(metric, value, ()) for value in given["value"].to_pylist()]
        count = 0
        while count < len(standing) and standing[-1 - count] is Status.MISSED:
            count += 1
        assert step.missed_for == count
        assert step.since == given["period"].to_pylist()[-count]
        assert step.always is (count == len(standing))


def test_all_of_it_is_told_at_the_end_of_the_day_asked_for(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Misses and moves go by one clock, whenever the page is looked at."""
    clocks = []
    for name in ("history", "moves"):
        really = getattr(followup, name)

        def watched(*given: Any, really: Any = really, **named: Any) -> Any:
            clocks.append(named["now"])
            return really(*given, **named)

        monkeypatch.setattr(followup, name, watched)
    found = follow_up(company, now=datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert clocks == [company.end_of(date(2026, 2, 28))] * 2
    assert found.months == len(history_of(company, found.steps[0].node.name))


def history_of(company: Workspace, name: str) -> list[str]:
    """The months that misses are counted in, by hand: up to two years back from February 2026."""
    given: list[str] = ask(company, name, per="month", start="2024-03", end="2026-02").table["period"].to_pylist()
    return given


def test_ones_own_come_first_then_the_executive_ones(company: Workspace) -> None:
    steps = follow_up(company).steps
    last = company.model.metrics.metrics[steps[-1].node.name].owner
    turned = follow_up(company, mine={last or ""}).steps
    assert turned[0].is_mine
    mine = [step.is_mine for step in turned]
    assert mine == sorted(mine, reverse=True)
    tiers = [step.node.tier or 9 for step in turned if not step.is_mine]
    assert tiers == sorted(tiers)


def test_an_open_dispute_is_listed_and_a_settled_one_is_not(tmp_path: Path) -> None:
    workspace = small_company(tmp_path / "quarrels")
    file = workspace.root / "model" / "decisions.yaml"
    kept = file.read_text().split("\ndisputes:")[0]
    said = "\ndisputes:\n  - {term: win_rate, says: Merged deals are no losses.}\n"
    said += "  - {term: nrr, says: Counted twice., settled: It was not.}\n"
    file.write_text(kept + said)
    workspace = open_workspace(workspace.root)
    assert [d.says for d in follow_up(workspace).disputes] == ["Merged deals are no losses."]


def test_before_the_first_build_nothing_follows(tmp_path: Path) -> None:
    found = follow_up(small_company(tmp_path / "unbuilt"))
    assert (found.steps, found.build, found.watched) == ((), None, 0)


def test_a_root_keeps_what_leads_to_it(company: Workspace) -> None:
    whole = tree(company)
    part = within(whole, root="win_rate", measures=True)
    names = {node.name for node in part.nodes}
    assert {"win_rate", "won", "closed", "win_rate_by_stage"} <= names
    assert not {"new_arr", "pipeline_velocity"} & names
    assert all({edge.source, edge.target} <= names for edge in part.edges)
    assert {edge for edge in whole.edges if {edge.source, edge.target} <= names} == set(part.edges)


def test_the_outline_holds_every_node_once_and_what_it_is_made_of(company: Workspace) -> None:
    whole = within(tree(company), measures=True)
    leaves = [leaf for limb in outline(whole) for leaf in limb.leaves]
    assert sorted(leaf.node.name for leaf in leaves) == sorted(node.name for node in whole.nodes)
    rate = next(leaf for leaf in leaves if leaf.node.name == "win_rate")
    assert [node.name for node in rate.made_of] == ["won", "closed"]
    assert "stage_conversion" in [node.name for node in rate.driven_by]
