"""The scoreboard verb: last whole month, history, status, and what is missing said as missing."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fairlead.actions.scoreboard import Status, scoreboard, status_of
from fairlead.actions.syncing import sync
from fairlead.model.metrics import Metric
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company, synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("board") / "small", now=NOW)


def metric(unit: str, **target: object) -> Metric:
    return Metric.model_validate({"name": "m", "unit": unit, "target": target or None})


@pytest.mark.parametrize(
    ("one", "value", "status"),
    [
        (metric("percent", at_least=0.22), 0.22, Status.MET),
        (metric("percent", at_least=0.22), 0.205, Status.NEAR),
        (metric("percent", at_least=0.02), 0.0185, Status.NEAR),
        (metric("percent", at_least=0.02), 0.001, Status.MISSED),
        (metric("percent", at_least=0.22), 0.19, Status.MISSED),
        (metric("percent", at_least=1.008), 0.92, Status.MISSED),
        (metric("months", at_most=18), 18, Status.MET),
        (metric("months", at_most=18), 19.8, Status.NEAR),
        (metric("months", at_most=18), 19.9, Status.MISSED),
        (metric("ratio", between=[3, 5]), 5, Status.MET),
        (metric("ratio", between=[3, 5]), 2.7, Status.NEAR),
        (metric("ratio", between=[3, 5]), 5.6, Status.MISSED),
        (metric("money"), 5, Status.NO_TARGET),
        (metric("money", at_least=1), None, Status.UNDEFINED),
    ],
)
def test_how_a_value_stands_to_its_target(one: Metric, value: float | None, status: Status) -> None:
    assert status_of(one, value, ()) is status


def test_e33_a_value_that_needs_data_is_never_missed() -> None:
    assert status_of(metric("money", at_least=1), None, ("spend",)) is Status.NEEDS


def test_it_shows_the_last_whole_month_and_the_year_before(company: Workspace) -> None:
    board = scoreboard(company, as_of=date(2026, 3, 15), now=NOW)
    (win_rate,) = [score for score in board.scores if score.metric == "win_rate"]
    assert (win_rate.period, win_rate.value, win_rate.previous) == ("2026-02", 1 / 3, 1.0)
    assert win_rate.history[0][0] == "2025-02"
    assert len(win_rate.history) == 13
    assert (win_rate.status, win_rate.target) == (Status.MET, "at least 22.0%")
    on_the_last_day = scoreboard(company, as_of=date(2026, 3, 31), now=NOW)
    assert {score.period for score in on_the_last_day.scores if score.metric == "win_rate"} == {"2026-03"}


def test_what_no_source_gives_is_said_and_not_zero(company: Workspace) -> None:
    board = scoreboard(company, now=NOW)
    (nrr,) = [score for score in board.scores if score.metric == "nrr"]
    assert nrr.status is Status.NEEDS
    assert nrr.value is None
    assert any("contract line rows" in need for need in nrr.needs)


def test_before_the_first_build_it_is_empty_but_there(tmp_path: Path) -> None:
    board = scoreboard(small_company(tmp_path / "fresh"), now=NOW)
    assert board.build is None
    assert all(score.value is None for score in board.scores)
    assert board.company == "Small Company"


def test_money_is_in_the_currency_of_the_build_until_the_next_one(tmp_path: Path) -> None:
    company = synced_company(tmp_path / "small")
    settings = company.root / "fairlead.yaml"
    settings.write_text(settings.read_text().replace("currency: USD", "currency: EUR"))
    assert open_workspace(company.root).config.currency == "EUR"
    assert open_workspace(company.root).manner.currency == "USD"
    sync(open_workspace(company.root))
    assert open_workspace(company.root).manner.currency == "EUR"
