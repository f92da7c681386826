"""The public CRM export, synced with the mapping of examples/maven, against pandas reading the same files.

The working is `deals()` and `expected()`: it knows the files and the definitions in words, and none of our code.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import set_aside
from fairlead.actions.syncing import Synced, sync
from fairlead.workspace import Workspace, open_workspace
from tests.public import public

EXAMPLE = Path(__file__).parents[2] / "examples" / "maven"
Values = Mapping[tuple[str, str | None], float]  # (period, member of the dimension): value

PERIODS: Mapping[str, Callable[["pd.Series[pd.Timestamp]"], "pd.Series[str]"]] = {
    "day": lambda days: days.dt.strftime("%Y-%m-%d"),
    "week": lambda days: days.dt.strftime("%G-W%V"),
    "month": lambda days: days.dt.strftime("%Y-%m"),
    "quarter": lambda days: days.dt.strftime("%Y-Q") + days.dt.quarter.astype(str),
    "year": lambda days: days.dt.strftime("%Y"),
}
DIMENSIONS = {
    "product.family": "series", "owner.team": "regional_office", "account.industry": "sector",
    "account.country": "office_location", "stage": "deal_stage", "product.name": "product",
}  # fmt: skip


class Maven(NamedTuple):
    workspace: Workspace
    synced: Synced
    deals: pd.DataFrame


def deals(folder: Path) -> pd.DataFrame:
    """One row a deal with the account's, product's and agent's columns; names mended as a person would."""
    frame = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    frame["product"] = frame["product"].replace("GTXPro", "GTX Pro")
    accounts = pd.read_csv(folder / "accounts.csv").replace({"technolgy": "technology", "Philipines": "Philippines"})
    for name in ("accounts", "products", "sales_teams"):
        other = accounts if name == "accounts" else pd.read_csv(folder / f"{name}.csv")
        frame = frame.merge(other, how="left", on=other.columns[0], validate="many_to_one")
    stages = {"Prospecting": "discovery", "Engaging": "qualification", "Won": "closed_won", "Lost": "closed_lost"}
    frame["deal_stage"] = frame["deal_stage"].map(stages)
    frame["won"] = frame["deal_stage"] == "closed_won"
    frame["closed"] = frame["won"] | (frame["deal_stage"] == "closed_lost")
    frame["days"] = (frame["close_date"] - frame["engage_date"]).dt.days
    return frame


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Maven:
    folder = public("maven_crm")
    root = tmp_path_factory.mktemp("maven") / "maven"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".fairlead"))
    workspace = open_workspace(root, data=folder)
    return Maven(workspace, sync(workspace), deals(folder))


def expected(frame: pd.DataFrame, grain: str, column: str | None) -> Mapping[str, Values]:
    """Every metric by the period in which its deals closed (or were engaged) and by one column."""
    closed = frame[frame["closed"]]
    won = frame[frame["won"]]

    def by(rows: pd.DataFrame, day: str) -> list["pd.Series[str]"]:
        keys = [PERIODS[grain](rows[day])]
        return keys if column is None else [*keys, rows[column]]

    def cut(rows: pd.DataFrame, day: str = "close_date") -> "pd.api.typing.DataFrameGroupBy[tuple[str, ...]]":
        return rows.groupby(by(rows, day), dropna=False)

    found = {
        "win_rate": cut(closed)["won"].mean(),
        "closed": cut(closed).size(),
        "lost": cut(closed[~closed["won"]]).size(),
        "bookings": cut(won)["close_value"].sum(),
        "average_deal_size": cut(won)["close_value"].mean(),  # the answer is rounded to the cent
        "sales_cycle_length": cut(won)["days"].mean(),
        "days_to_close": cut(closed)["days"].mean(),
        "deals_created": cut(frame[frame["engage_date"].notna()], "engage_date").size(),
    }
    return {name: keyed(series) for name, series in found.items()}


def keyed(series: "pd.Series[float]") -> Values:
    """A grouped series as {(period, member): value}; no member is None."""
    rows = series.to_dict().items()
    pairs = [(key if isinstance(key, tuple) else (key, None), float(value)) for key, value in rows]
    return {(period, None if pd.isna(member) else member): value for (period, member), value in pairs}


@pytest.mark.parametrize("grain", PERIODS)
@pytest.mark.parametrize("dimension", [None, *DIMENSIONS])
def test_e25_numbers_of_the_public_crm_are_those_of_pandas(maven: Maven, grain: str, dimension: str | None) -> None:
    right = expected(maven.deals, grain, DIMENSIONS[dimension] if dimension else None)
    found: dict[str, dict[tuple[str, str | None], float]] = {name: {} for name in right}
    answer = ask(maven.workspace, list(right), per=grain, by=[dimension] if dimension else [])
    for row in answer.table.to_pylist():
        found[row["metric"]][row["period"], row[dimension] if dimension else None] = row["value"]
    for metric, values in right.items():
        said = {key: value for key, value in found[metric].items() if value or (key in values and value is not None)}
        assert said == pytest.approx(values, abs=0.005001 if metric == "average_deal_size" else 1e-9), metric
    if dimension:
        whole = ask(maven.workspace, ["closed"], per=grain).table.to_pylist()
        parts = pd.Series(found["closed"]).groupby(level=0).sum()
        assert {row["period"]: row["value"] for row in whole if row["value"]} == parts[parts > 0].to_dict()


def test_e61_open_deals_and_their_value_at_the_end_of_each_month(maven: Maven) -> None:
    """Open from the day it was engaged until the day before it closed; 500 deals without any date are never placed."""
    frame = maven.deals[maven.deals["engage_date"].notna()]
    answer = ask(maven.workspace, ["open_deals", "total_pipeline"], per="month").table.to_pylist()
    found = {(row["metric"], row["period"]): row["value"] for row in answer}
    for period in pd.period_range("2016-10", "2017-12", freq="M"):
        last = period.end_time.normalize()
        there = frame[(frame["engage_date"] <= last) & (frame["close_date"].isna() | (frame["close_date"] > last))]
        assert found["open_deals", str(period)] == len(there)
        assert found["total_pipeline", str(period)] == there["close_value"].sum()


def test_e61_the_past_is_answered_with_what_had_closed_by_then(maven: Maven) -> None:
    frame, day = maven.deals, pd.Timestamp("2017-06-15")
    then = frame[frame["closed"] & (frame["close_date"] <= day)]
    cohort = then[then["engage_date"].dt.strftime("%Y-%m") == "2017-05"]
    answer = ask(
        maven.workspace,
        ["bookings", "win_rate", "win_rate_of_created"],
        per="month",
        start="2017-05",
        as_of="2017-06-15",
    )
    found = {(row["metric"], row["period"]): row["value"] for row in answer.table.to_pylist()}
    june = then[then["close_date"].dt.strftime("%Y-%m") == "2017-06"]
    assert found["bookings", "2017-06"] == june["close_value"].sum()
    assert found["win_rate", "2017-06"] == pytest.approx(june["won"].mean())
    assert found["win_rate_of_created", "2017-05"] == pytest.approx(cohort["won"].mean())


def test_nothing_of_the_public_crm_is_lost_and_its_dirt_is_shown(maven: Maven) -> None:
    build = maven.synced.build
    frame = maven.deals
    assert (build.rows_in, build.set_aside, build.broken_references) == (build.kept, 0, 0)
    assert {t.table: t.kept for t in build.tables} == {
        "account": 85, "product": 7, "membership": 35, "member": 35 + frame["manager"].nunique(),
        "opportunity": len(frame), "change": int(frame["engage_date"].notna().sum() + frame["closed"].sum()),
    }  # fmt: skip
    assert set_aside(maven.workspace, maven.workspace.lake.builds / build.build) == ()
    empty = {t.table: t.empty_references for t in build.tables}
    assert empty["opportunity"] == frame["account"].isna().sum()


def test_what_rests_on_qualified_deals_is_undefined_where_the_export_knows_no_qualified_stage(maven: Maven) -> None:
    """Thousands of deals closed and none was ever in a stage that qualifies: no velocity, rather than none of it."""
    asked = ["pipeline_velocity", "qualified_pipeline_created", "win_rate"]
    answer = ask(maven.workspace, asked, per="month", start="2017-10", end="2017-12")
    values = {row["metric"]: row["value"] for row in answer.table.to_pylist()}
    assert (values["pipeline_velocity"], values["qualified_pipeline_created"]) == (None, None)
    assert values["win_rate"]
    assert [note.message.partition(":")[0] for note in answer.notes] == [
        "pipeline_velocity is undefined", "qualified_pipeline_created is undefined",
    ]  # fmt: skip
    assert "qualified_at" in answer.notes[0].message
