"""What a metric was defined as when, and its series under each definition."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import builds
from fairlead.actions.history import chapters
from fairlead.actions.syncing import sync
from fairlead.actions.versions import restated, versions
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company, synced_company

MARCH = datetime(2026, 3, 31, 9, tzinfo=UTC)
APRIL = datetime(2026, 4, 30, 9, tzinfo=UTC)
WON = 'won: {from: facts_opportunity, count: "*", where: is_won, at: closed_at'
LARGE = 'won: {from: facts_opportunity, count: "*", where: is_won and amount > 2000, at: closed_at'
DEFINITION = "definition: Deals won, out of all deals won or lost"


def edited(company: Workspace, *pairs: tuple[str, str]) -> Workspace:
    file = company.root / "model" / "metrics.yaml"
    text = file.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    return open_workspace(company.root)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synced under one definition in March, under another since April."""
    company = synced_company(tmp_path_factory.mktemp("versions") / "small", now=MARCH)
    sync(edited(company, (WON, LARGE)), now=APRIL)
    return company.root


@pytest.fixture
def company(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "small")
    return open_workspace(tmp_path / "small")


def test_each_definition_has_its_time_and_what_changed(company: Workspace) -> None:
    first, second = versions(company, "M10")
    assert (first.since, first.until, first.is_current, first.changes) == (MARCH, APRIL, False, ())
    assert (second.since, second.until, second.is_current) == (APRIL, None, True)
    assert second.changes == ("measure won: where changed from is_won to 'is_won and amount > 2000'",)
    assert first.measures["won"].where == "is_won"
    assert set(first.measures) == {"won", "closed"}
    assert first.metric.name == second.metric.name == "win_rate"


def test_a_change_deep_below_a_metric_is_a_version_of_it(company: Workspace) -> None:
    assert len(versions(company, "pipeline_velocity")) == 2
    assert len(versions(company, "nrr")) == 1


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("    target: {at_least: 0.22", "    target: {at_least: 0.23", 2),
        ("    owner: vp_sales\n", "    owner: cro\n", 2),
        (DEFINITION, f"{DEFINITION} in earnest", 3),
        ("    label: Win rate\n", "    label: Rate of winning\n", 2),
        ("says: Deals won.}", "says: Deals that were won.}", 2),
    ],
)
def test_only_what_changes_the_number_or_its_meaning_is_a_version(
    company: Workspace, old: str, new: str, count: int
) -> None:
    digest = company.model.digest
    changed = edited(company, (old, new))
    assert changed.model.digest != digest
    assert len(versions(changed, "win_rate")) == count


def test_an_edit_is_a_version_before_it_is_built(company: Workspace) -> None:
    found = versions(edited(company, (DEFINITION, "definition: Something else")), "win_rate")
    assert [v.is_built for v in found] == [True, True, False]
    assert found[-1].is_current
    assert found[-1].since >= APRIL


def test_back_to_the_old_definition_is_a_version_of_its_own(company: Workspace) -> None:
    sync(edited(company, (LARGE, WON)), now=APRIL + timedelta(days=9))
    found = versions(open_workspace(company.root), "win_rate")
    assert [v.measures["won"].where for v in found] == ["is_won", "is_won and amount > 2000", "is_won"]
    assert found[0].model_digest == found[2].model_digest


def test_deleted_builds_take_no_definition_with_them(company: Workspace) -> None:
    before = versions(company, "win_rate")
    shutil.rmtree(company.lake.builds)
    assert versions(open_workspace(company.root), "win_rate") == before


def test_a_metric_that_came_and_went(company: Workspace) -> None:
    renamed = edited(company, ("  gross_margin:\n", "  margin_gross:\n"))
    (gone,) = versions(renamed, "gross_margin")
    assert not gone.is_current
    (came,) = versions(renamed, "margin_gross")
    assert (came.changes, came.is_current) == (("it was added",), True)
    with pytest.raises(Refused, match="unknown metric 'gross_margn'"):
        versions(renamed, "gross_margn")


def test_a_workspace_from_before_the_archive_says_what_it_does_not_know(company: Workspace) -> None:
    shutil.rmtree(company.lake.models)
    old = open_workspace(company.root)
    assert [c.model is None for c in chapters(old)] == [True, False]
    (found,) = versions(old, "win_rate")
    assert found.changes == ("1 model in use before it was not kept",)
    with pytest.raises(Refused, match="it was not kept") as refused:
        ask(old, "win_rate", defined_on="2026-04-01")
    assert refused.value.problems[0].code == "unknown-dictionary"
    assert "2026-04-30" in (refused.value.problems[0].hint or "")


def won(company: Workspace, defined_on: str | None = None) -> object:
    return ask(company, "won", start="2026-01", end="2026-02", defined_on=defined_on).table["value"][0].as_py()


def test_the_same_rows_by_the_dictionary_of_another_day(company: Workspace) -> None:
    assert won(company) == 1
    assert won(company, "2026-04-29") == 2
    assert won(company, "2026-Q1") == 2
    assert won(company, "2026-04-30") == 1
    first = min(builds(company), key=lambda b: b.made_at)
    assert won(company, first.build) == 2
    assert ask(company, "won", defined_on=first.build).build == ask(company, "won").build


@pytest.mark.parametrize(
    ("when", "says"),
    [("2026-03-30", "No dictionary of 2026-03-30"), ("the other day", "no day, no period and no build")],
)
def test_a_dictionary_nobody_knows_is_refused(company: Workspace, when: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        won(company, when)


def test_the_series_under_every_definition(company: Workspace) -> None:
    first, second = restated(company, "win_rate", start="2026-01", end="2026-02")
    assert first.points == (("2026-01", 1.0), ("2026-02", 1 / 3))
    assert second.points == (("2026-01", 0.0), ("2026-02", 1 / 3))


def test_a_definition_that_cannot_be_asked_any_more_is_told_and_the_others_are(company: Workspace) -> None:
    """A model may name a column that a table no longer has: that version has no series, and says why."""
    kept = next(p for p in company.lake.models.iterdir() if p.name == versions(company, "win_rate")[0].model_digest)
    text = (kept / "metrics.yaml").read_text()
    (kept / "metrics.yaml").write_text(text.replace(WON, WON.replace("is_won,", "was_won,")))
    digest = open_workspace(company.root).defined_by(_read(kept)).model.digest
    kept.rename(kept.with_name(digest))
    used = company.lake.models / "used.json"
    used.write_text(used.read_text().replace(kept.name, digest))
    first, second = restated(open_workspace(company.root), "win_rate", start="2026-01", end="2026-02")
    assert (first.points, "was_won" in first.note) == ((), True)
    assert second.points[0] == ("2026-01", 0.0)


def _read(folder: Path):  # type: ignore[no-untyped-def]
    from fairlead.model.load import load

    return load(folder)[0]


def test_the_archive_changes_no_builds_name(company: Workspace) -> None:
    names = {b.build for b in builds(company)}
    shutil.rmtree(company.lake.models)
    again = sync(open_workspace(company.root), now=APRIL)
    assert not again.is_new
    assert {b.build for b in builds(company)} == names
    assert json.loads((company.lake.models / "used.json").read_text())


def test_without_a_model_of_its_own_the_starter_is_kept(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small")
    shutil.rmtree(company.root / "model")
    bare = open_workspace(company.root)
    sync(bare, now=MARCH)
    assert (bare.lake.models / bare.model.digest / "metrics.yaml").is_file()
    assert won(bare, "2026-03-31") == 2
