"""Looking closely: where a number stands, what it may be cut by, and the series a page shows."""

from datetime import UTC, date, datetime

import pytest

from fairlead.actions.asking import Asked, ask
from fairlead.actions.looking import choices, last_whole, look, narrowed, nearest_numbers, recent, series
from fairlead.actions.standing import Status
from fairlead.problem import Refused
from fairlead.values import Grain
from fairlead.workspace import Workspace
from tests.actions.companies import small_company, synced_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("looking") / "small")


def test_it_stands_where_ask_says(company: Workspace) -> None:
    """Deals closed in February: one won of three; in January one of one; in March none, so undefined."""
    found = look(company, "win_rate", as_of=date(2026, 2, 28))
    assert (found.period, found.before) == ("2026-02", "2026-01")
    assert [found.value, found.previous] == pytest.approx([1 / 3, 1])
    assert found.status is Status.MET
    now = look(company, "M10")
    assert (now.name, now.period, now.value) == ("win_rate", "2026-03", None)
    assert now.previous == pytest.approx(1 / 3)
    assert now.status is Status.UNDEFINED
    assert [n.name for n in now.tree.made_of] == ["won", "closed"]
    assert [n.name for n in now.tree.part_of] == ["pipeline_velocity"]


def test_before_the_last_month_is_over_the_one_before_stands(company: Workspace) -> None:
    assert look(company, "win_rate", as_of=date(2026, 3, 30)).period == "2026-02"


@pytest.mark.parametrize(
    ("day", "grain", "first_month", "last"),
    [
        (date(2026, 3, 31), Grain.MONTH, 1, date(2026, 3, 31)),
        (date(2026, 3, 30), Grain.MONTH, 1, date(2026, 2, 28)),
        (date(2026, 11, 22), Grain.WEEK, 1, date(2026, 11, 22)),  # a Sunday
        (date(2026, 11, 21), Grain.WEEK, 1, date(2026, 11, 15)),
        (date(2026, 4, 30), Grain.QUARTER, 2, date(2026, 4, 30)),  # fiscal quarters from February
        (date(2026, 4, 30), Grain.QUARTER, 1, date(2026, 3, 31)),
        (date(2026, 12, 31), Grain.YEAR, 1, date(2026, 12, 31)),
        (date(2026, 5, 5), Grain.DAY, 1, date(2026, 5, 5)),
    ],
)
def test_the_last_whole_period(day: date, grain: Grain, first_month: int, last: date) -> None:
    assert last_whole(day, grain, first_month) == last


def test_the_last_periods_by_name(company: Workspace) -> None:
    assert recent(company, Grain.MONTH, 3) == ["2026-03", "2026-02", "2026-01"]
    assert recent(company, Grain.QUARTER, 2, as_of="2026-02") == ["2025-Q4", "2025-Q3"]


def test_a_series_holds_whole_periods_unless_it_is_asked_for_others(company: Workspace) -> None:
    found = series(company, Asked(("closed",)))
    assert (found.asked.per, found.end) == ("month", date(2026, 3, 31))
    periods = found.answer.table["period"].to_pylist()
    assert (len(periods), periods[-1]) == (13, "2026-03")
    early = series(company, Asked(("closed",), as_of="2026-03-15"))
    assert early.answer.table["period"].to_pylist()[-1] == "2026-02"
    running = series(company, Asked(("closed",), end="2026-03", as_of="2026-03-15"))
    assert running.answer.table["period"].to_pylist()[-1] == "2026-03"
    given = ask(company, "closed", per="week", start=series(company, Asked(("closed",), "week")).start)
    assert len(series(company, Asked(("closed",), "week")).answer.table) == 26 <= given.table.num_rows


def test_a_series_over_far_too_many_periods_is_refused(company: Workspace) -> None:
    with pytest.raises(Refused, match="too many periods"):
        series(company, Asked(("closed",), "day", start="1900", end="2026"))


def test_every_number_may_be_cut_by_segment_persona_and_source_where_its_rows_know_them(company: Workspace) -> None:
    usual, others = choices(company.model, "win_rate")
    assert usual[:2] == ("segment", "source")
    assert look(company, "win_rate").lacking == ("persona",)
    assert look(company, "leads").lacking == ()
    assert not set(usual) & set(others)
    for name in (*usual, *others):  # whatever is offered can be asked for
        ask(company, "win_rate", by=name)


def test_a_condition_for_one_value_gives_the_value_of_the_cut(company: Workspace) -> None:
    for dimension in ("segment", "is_overdue", "account.name"):
        cut = ask(company, "closed", by=dimension).table.to_pylist()
        assert cut
        for row in cut:
            where = narrowed(company.model, "closed", dimension, row[dimension])
            assert ask(company, "closed", where=where).table["value"].to_pylist() == [row["value"]], where


def test_within_another_condition_it_narrows_that(company: Workspace) -> None:
    where = narrowed(company.model, "closed", "segment", "smb", "is_won or amount > 600")
    both = ask(company, "closed", where="(is_won or amount > 600) and segment = 'smb'").table["value"].to_pylist()
    assert ask(company, "closed", where=where).table["value"].to_pylist() == both


def test_a_misspelt_name_finds_its_like_by_name_and_by_label(company: Workspace) -> None:
    assert nearest_numbers(company, "win-rat")[0] == ("win_rate", "Win rate")
    assert nearest_numbers(company, "Net revenue retntion")[0][0] == "nrr"
    assert nearest_numbers(company, "zzzzzzzzzzzz") == ()


def test_without_a_build_there_is_no_value_and_no_complaint(tmp_path_factory: pytest.TempPathFactory) -> None:
    unbuilt = small_company(tmp_path_factory.mktemp("unbuilt") / "small")
    found = look(unbuilt, "win_rate", now=datetime(2026, 4, 1, tzinfo=UTC))
    assert (found.build, found.value, found.needs) == (None, None, ())
