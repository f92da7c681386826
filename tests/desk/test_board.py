"""The scoreboard over the demo company: what the verb finds, and its views as pages."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fairlead.actions.scoreboard as verb
from fairlead.actions.asking import ask
from fairlead.actions.scoreboard import Scoreboard, Status, scoreboard
from fairlead.actions.syncing import sync
from fairlead.actions.treeing import tree
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


@pytest.fixture(scope="module")
def found(company: Workspace) -> Scoreboard:
    return scoreboard(company)


def test_a_score_is_what_ask_answers(company: Workspace, found: Scoreboard) -> None:
    assert len(found.scores) == len(company.model.scoreboard)
    for score in found.scores:
        table = ask(company, score.metric, start=score.period, end=score.period).table
        assert table.column("value").to_pylist() == [score.value], score.metric


def test_a_score_says_its_trend_its_review_and_how_fresh_it_is(found: Scoreboard) -> None:
    for score in found.scores:
        if score.value is None:
            continue
        assert score.trend, score.metric
        assert score.trend.says
        assert score.next_review, score.metric
        assert score.next_review.day > found.as_of.date()
        assert score.freshness, score.metric
        assert score.freshness.sources
        assert score.limits is None or str(score.limits)


def test_what_moved_most_comes_first_measured_against_its_own_usual_move(found: Scoreboard) -> None:
    swings = {score.metric: score.swing or 0 for score in found.scores}
    assert [why.metric for why in found.moved] == sorted(swings, key=lambda name: -swings[name])[: len(found.moved)]
    assert 1 <= len(found.moved) <= 3
    for why in found.moved:
        score = next(s for s in found.scores if s.metric == why.metric)
        assert (why.period_from, why.period_to) == (score.history[-2][0], score.period)
        assert why.sentence.startswith(score.label)


def test_a_tier_is_a_view_of_all_its_metrics(company: Workspace) -> None:
    for tier in (1, 2):
        names = [m.name for m in company.model.metrics.metrics.values() if m.tier == tier]
        assert [score.metric for score in scoreboard(company, tier=tier).scores] == names


def test_what_a_breach_opens_is_what_the_tree_opens(company: Workspace, found: Scoreboard) -> None:
    """R71, R106: a diagnostic metric is read when one that it makes or drives misses its target."""
    drawn = tree(company)
    view = scoreboard(company, tier=3)
    assert {score.metric for score in view.opened} == set(drawn.opened)
    assert view.opened
    by = {node.name: node.opened_by for node in drawn.nodes}
    assert all(set(score.opened_by) == set(by[score.metric]) for score in view.opened)
    missed = {score.metric for score in found.scores if score.status is Status.MISSED}
    assert all(score.opened_by and set(score.opened_by) <= missed for score in found.opened)
    assert {score.metric for score in found.opened} <= {score.metric for score in view.opened}


def test_it_is_computed_once_for_a_build_and_again_for_another_model(
    company: Workspace, found: Scoreboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(verb, "history", asked)
    assert scoreboard(company).scores == found.scores
    with pytest.raises(AssertionError, match="asked again"):
        scoreboard(open_workspace(company.root))


def test_an_old_look_at_a_source_is_called_stale(tmp_path: Path) -> None:
    workspace = small_company(tmp_path / "small")
    sync(workspace, now=datetime(2026, 3, 20, tzinfo=UTC))
    (win_rate,) = [s for s in scoreboard(workspace).scores if s.metric == "win_rate"]
    assert win_rate.freshness
    assert win_rate.freshness.is_stale
    assert "days ago" in win_rate.freshness.says


# its pages


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("address", "says", "current"),
    [
        ("/", "What moved most", "Board"),
        ("/?tier=1", "North star", "Executive"),
        ("/?tier=2", "Demand quality", "Operational"),
        ("/?tier=3", "Opened by a breach", "Diagnostic"),
        ("/?tier=&as_of=", "What moved most", "Board"),
    ],
)
def test_each_view_is_a_page(
    client: "Client", company_desk: Workspace, bob: "User", *, address: str, says: str, current: str
) -> None:
    client.force_login(bob)
    html = client.get(address).content.decode()
    assert says in words(html)
    assert re.findall(r'aria-current="page">(\w+)</a>(?!</li>)', html) == [current]


def test_who_opened_it_is_named_as_everywhere(client: "Client", company_desk: Workspace, bob: "User") -> None:
    client.force_login(bob)
    opened = words(client.get("/?tier=3").content.decode())
    for score in scoreboard(company_desk, tier=3).opened:
        titles = [company_desk.model.metrics.metrics[name].title for name in score.opened_by]
        assert ", ".join(titles) in opened


@pytest.mark.parametrize("asked", ["yesterday", "2026-02-30", "2999-01-01", "<b>"])
def test_a_day_that_is_none_or_lies_ahead_is_refused(
    client: "Client", company_desk: Workspace, bob: "User", asked: str
) -> None:
    client.force_login(bob)
    answer = client.get("/", {"as_of": asked})
    assert answer.status_code == 400
    assert "That cannot be shown" in answer.content.decode()
    assert "<b>" not in answer.content.decode()
    assert client.post("/as-of/", {"day": asked}).status_code == 400


def test_a_whole_scoreboard_and_its_styles_are_at_most_60_kb(
    client: "Client", company_desk: Workspace, bob: "User"
) -> None:
    client.force_login(bob)
    html = client.get("/").content
    styles = re.findall(rb'rel="stylesheet" href="(/static/[^"]+)"', html)
    assert len(styles) == 3
    size = len(html) + sum(len(b"".join(client.get(style.decode()))) for style in styles)
    assert size <= 60_000, size
