"""The records behind a number: counted as they are listed, paged without gap or repeat, valued as `ask` values them."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.actions.asking import Asked, ask
from fairlead.actions.explaining import rows_behind
from fairlead.actions.records import records, tallies
from fairlead.actions.syncing import sync
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company, synced_company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("records") / "small")


def ids(workspace: Workspace, limit: int | None, offset: int = 0) -> list[str]:
    asked = Asked(("win_rate",), start="2026-01", end="2026-03")
    found = records(workspace, asked, measure="closed", limit=limit, offset=offset)
    listed: list[str] = found.table["id"].to_pylist()
    return listed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(size=st.integers(1, 7))
def test_pages_of_any_size_cover_every_record_once(company: Workspace, size: int) -> None:
    whole = ids(company, None)
    assert len(whole) == len(set(whole)) == 4
    pages = [ids(company, size, offset) for offset in range(0, len(whole) + size, size)]
    assert [one for page in pages for one in page] == whole


def test_what_is_counted_is_what_ask_answers_and_what_is_listed(company: Workspace) -> None:
    found = {c.column: c for c in tallies(company, Asked(("win_rate",), start="2026-01", end="2026-03"))}
    for name in ("won", "closed"):
        (value,) = ask(company, name, start="2026-01", end="2026-03").table["value"].to_pylist()
        assert found[name].value == value == found[name].rows
    (bookings,) = tallies(company, Asked(("bookings",), start="2026-01", end="2026-03"))
    assert bookings.value == pytest.approx(1000 + 25000.5)
    assert bookings.reading == "sum of amount_converted"


def test_a_sum_of_no_records_is_zero_and_a_mean_of_none_is_undefined(company: Workspace) -> None:
    (none,) = tallies(company, Asked(("bookings",), start="2020-01", end="2020-01"))
    assert (none.rows, none.value) == (0, 0)
    (mean,) = tallies(company, Asked(("average_days_to_win",), start="2020-01", end="2020-01"))
    assert (mean.rows, mean.value) == (0, None)


def test_a_trailing_window_ends_with_its_period_also_before_that_is_over(tmp_path: Path) -> None:
    """As `ask` by month counts it: February and March, not the two months up to the day it is asked on."""
    workspace = small_company(tmp_path / "windowed")
    file = workspace.root / "model" / "metrics.yaml"
    window = "  won_lately: {label: Won, definition: Deals won in the last two months., measure: won, unit: count,"
    window += " owner: vp_sales, target: {at_least: 1}, plan: Look., tier: 2, window: {trailing: 2, unit: month}}\n"
    file.write_text(file.read_text().replace("\nmetrics:\n", f"\nmetrics:\n{window}", 1))
    pinned = workspace.root / "fairlead.yaml"
    pinned.write_text(pinned.read_text().replace("2026-03-31", "2026-03-10"))
    workspace = open_workspace(workspace.root)
    sync(workspace)
    (value,) = ask(workspace, "won_lately", per="month", start="2026-03", end="2026-03").table["value"].to_pylist()
    found = records(workspace, Asked(("won_lately",), start="2026-03", end="2026-03"))
    assert found.table["id"].to_pylist() == ["files:d3"]
    assert found.total == found.chosen.value == value == 1


def test_rows_behind_pages_as_well(company: Workspace) -> None:
    asked = Asked(("closed",), start="2026-01", end="2026-03")
    whole = rows_behind(company, asked)["closed"]["id"].to_pylist()
    assert rows_behind(company, asked, limit=2, offset=3)["closed"]["id"].to_pylist() == whole[3:5]
    assert all(
        place.startswith("data/deals.csv:") for place in rows_behind(company, asked)["closed"]["place"].to_pylist()
    )


def test_a_measure_that_is_not_behind_it_is_refused_with_the_nearest(company: Workspace) -> None:
    with pytest.raises(Refused, match="Did you mean 'closed'"):
        records(company, Asked(("win_rate",), start="2026-01", end="2026-03"), measure="closd")


def test_a_number_of_which_nothing_has_data_says_what_it_needs(company: Workspace) -> None:
    with pytest.raises(Refused, match="spend"):
        records(company, Asked(("spend_total",), start="2026-01", end="2026-03"))
