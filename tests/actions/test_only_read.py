"""Questions of an earlier day by whoever only reads: builds that exist answer, none is made."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fairlead.actions import asking, building
from fairlead.actions.asking import NotMade, ask
from fairlead.actions.pasts import State, past
from fairlead.actions.syncing import sync
from fairlead.actions.why import why
from fairlead.connect import files
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = date(2026, 2, 28)


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return synced_company(tmp_path / "small", now=NOW)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The mappings that were tried on their rows, in turn."""
    building._stages.cache_clear()
    seen: list[Path] = []
    really = files.stages

    def watched(mapping: Path, source: str, raw: Path, *, base: Path) -> object:
        seen.append(mapping)
        return really(mapping, source, raw, base=base)

    monkeypatch.setattr(files, "stages", watched)
    return seen


def test_who_only_reads_is_told_which_day_is_not_made(company: Workspace) -> None:
    listed = company.lake.listed()
    with pytest.raises(NotMade, match=r"not-made.*--as-of 2026-02-28") as told:
        ask(company.only_read(), "win_rate", as_of="2026-02", now=NOW)
    assert told.value.day == DAY
    assert company.lake.listed() == listed


def test_a_build_that_is_there_answers_who_only_reads(company: Workspace) -> None:
    made = ask(company, "win_rate", start="2026-02", end="2026-02", as_of=DAY, now=NOW)
    read = ask(company.only_read(), "win_rate", start="2026-02", end="2026-02", as_of=DAY, now=NOW)
    assert read.build == made.build != ask(company, "win_rate", now=NOW).build
    assert read.table.equals(made.table)


def test_a_dictionary_of_the_past_is_no_way_round(company: Workspace) -> None:
    other = company.only_read().defined_by(company.model)
    with pytest.raises(NotMade):
        ask(other, "win_rate", as_of=DAY, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"metrics": "win_rat"}, "unknown-metric"),
        ({"metrics": "win_rate", "by": "sgment"}, "unknown-dimension"),
        ({"metrics": "win_rate", "where": "amount >"}, "predicate-syntax"),
    ],
)
def test_a_wrong_question_is_refused_before_a_build_is_made(
    company: Workspace, wrong: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> Path:
        raise AssertionError("a build was made")

    monkeypatch.setattr(asking, "of_the_past", never)
    with pytest.raises(Refused) as told:
        ask(company, **wrong, as_of=DAY, now=NOW)  # type: ignore[arg-type]
    assert [problem.code for problem in told.value.problems] == [code]


def test_why_refuses_a_wrong_name_first_too(company: Workspace) -> None:
    listed = company.lake.listed()
    with pytest.raises(Refused, match="unknown-metric"):
        why(company, "win_rat", start="2026-01", end="2026-02", as_of=DAY, now=NOW)
    assert company.lake.listed() == listed


def test_a_build_is_sought_without_trying_every_mapping_again(company: Workspace, tried: list[Path]) -> None:
    for _ in range(3):
        assert past(company, DAY, now=NOW).state is State.ABSENT
    again = open_workspace(company.root)
    past(again, date(2026, 1, 31), now=NOW)
    assert len(tried) == 1


def test_a_mapping_that_was_edited_is_tried_again(company: Workspace, tried: list[Path]) -> None:
    ask(company, "win_rate", as_of=DAY, now=NOW)
    mapping = company.sources[0].mapping
    mapping.write_text(mapping.read_text().replace("Stage = 'Closed Won'", "Stage = 'Closed Lost'"))
    assert past(company, DAY, now=NOW).state is State.ABSENT
    assert len(tried) == 2
    mapping.write_text(mapping.read_text().replace("Stage = 'Closed Lost'", "Stagex = 'Closed Lost'"))
    with pytest.raises(Refused):
        past(company, DAY, now=NOW)


def test_rows_that_were_landed_are_tried_again(company: Workspace, tried: list[Path]) -> None:
    past(company, DAY, now=NOW)
    deals = company.data / "deals.csv"
    deals.write_text(deals.read_text() + "d7,a1,Closed Won,10.00,2026-02-05,2026-02-20,u1\n")
    os.utime(deals, (NOW.timestamp() + 60, NOW.timestamp() + 60))
    sync(company, now=datetime(2026, 4, 2, 9, tzinfo=UTC))
    before = len(tried)
    past(company, DAY, now=NOW)
    assert before == 2
    assert len(tried) == 2


def test_another_workspace_is_another_mapping(company: Workspace, tried: list[Path], tmp_path: Path) -> None:
    other = synced_company(tmp_path / "other", now=NOW)
    past(company, DAY, now=NOW)
    past(other, DAY, now=NOW)
    assert {path.parents[1].name for path in tried} == {"small", "other"}
