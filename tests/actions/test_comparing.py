"""Two builds side by side: what went in, what was agreed, what was read otherwise, and how the numbers moved."""

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.comparing import BuildComparison, compare_builds
from fairlead.actions.syncing import sync
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import DEALS, MAPPING, small_company

FIRST = datetime(2026, 4, 1, 9, tzinfo=UTC)
SECOND = datetime(2026, 4, 2, 9, tzinfo=UTC)


class Pair:
    """A company with two builds: the second knows a late deal, a corrected one, another win rate and a smaller file."""

    def __init__(self, folder: Path) -> None:
        company = small_company(folder)
        deals, model = folder / "data" / "deals.csv", folder / "model" / "metrics.yaml"
        deals.write_text(DEALS.replace("d6,a9", "d6,a3"))
        self.a = sync(company, now=FIRST).build.build
        deals.write_text(
            DEALS.replace("d6,a9", "d6,a3")
            .replace("d5,a3,Discovery", "d5,a3,Closed Won")
            .replace("2026-04-30", "2026-03-10")
            .replace("d1,a1,Closed Won,1000.00", "d1,a1,Closed Won,1500.00")
        )
        closed = "where: is_closed, at: closed_at"
        model.write_text(model.read_text().replace(closed, "where: is_won, at: closed_at", 1))
        mapping = MAPPING.replace("Discovery: discovery", "Discovery: qualification")
        (folder / "data" / "mapping.yaml").write_text(mapping)
        self.b = sync(open_workspace(folder), now=SECOND).build.build
        self.company = open_workspace(folder)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(tmp_path_factory.mktemp("comparing") / "small")


@pytest.fixture(scope="module")
def found(pair: Pair) -> BuildComparison:
    return compare_builds(pair.company, pair.a, pair.b, now=SECOND)


def test_counts_and_loads_stand_beside_each_other(pair: Pair, found: BuildComparison) -> None:
    assert (found.a.build, found.b.build) == (pair.a, pair.b)
    assert (found.a.is_current, found.b.is_current) == (False, True)
    by_name = {(t.table, t.source): t for t in found.tables}
    deals = by_name["opportunity", "files"]
    assert deals.before is not None
    assert deals.after is not None
    assert (deals.before.rows_in, deals.after.rows_in) == (6, 6)
    assert by_name["account", "files"].is_same
    assert found.only_a == ()
    (load,) = found.only_b
    assert load.startswith("files/deals/20260402T")


def test_what_was_agreed_and_read_otherwise_is_in_words(found: BuildComparison) -> None:
    assert found.changes is not None
    assert [c.says for c in found.changes] == ["measure closed: where changed from is_closed to is_won"]
    assert [(r.found, r.read_as, r.before, r.after) for r in found.readings] == [
        ("Closed Won", "closed_won", 3, 4),
        ("Discovery", "discovery", 1, 0),
    ]
    assert not found.code_changed
    assert found.settings == ()


def test_the_other_way_round_it_is_the_reverse(pair: Pair, found: BuildComparison) -> None:
    back = compare_builds(pair.company, pair.b, pair.a, now=SECOND)
    assert (back.only_a, back.only_b) == (found.only_b, found.only_a)
    assert [(t.before, t.after) for t in back.tables] == [(t.after, t.before) for t in found.tables]
    moved = {why.metric: (why.before, why.after) for why in found.moves}
    for why in back.moves:
        assert (why.after, why.before) == moved[why.metric]


def test_the_scoreboards_numbers_move_by_parts_that_add_up(pair: Pair, found: BuildComparison) -> None:
    """In January a deal was corrected (1,000 to 1,500); March is the last month that was whole in both."""
    assert {why.metric for why in found.moves} <= {m.name for m in pair.company.model.scoreboard}
    moves = {why.metric: why for why in found.moves}
    assert {why.period_from for why in found.moves} == {"2026-03"}
    assert all(why.reported == pair.a for why in found.moves)
    win_rate = moves["win_rate"]
    asked = ask(pair.company, "win_rate", start="2026-03", end="2026-03")
    assert win_rate.after == asked.table["value"][0].as_py() == 1.0
    for why in found.moves:
        if why.change is not None:
            parts = [part.part for part in why.record]
            assert sum((p for p in parts if p is not None), Decimal(0)) == why.change


def test_names_may_be_beginnings_and_wrong_ones_are_refused(pair: Pair) -> None:
    assert compare_builds(pair.company, pair.a[:16], pair.a, now=SECOND).changes == ()
    with pytest.raises(Refused, match="no build 'zebra'"):
        compare_builds(pair.company, pair.a, "zebra")


@pytest.fixture
def bare(pair: Pair, tmp_path: Path) -> Workspace:
    shutil.copytree(pair.company.root, tmp_path / "small")
    company = open_workspace(tmp_path / "small")
    shutil.rmtree(company.lake.models)
    return company


def test_models_that_were_not_kept_are_said_to_be_unknown(bare: Workspace, pair: Pair) -> None:
    forward = compare_builds(bare, pair.a, pair.b, now=SECOND)
    assert forward.changes is None
    assert "not kept" in forward.notes[0]
    back = compare_builds(bare, pair.b, pair.a, now=SECOND)
    assert (back.changes, back.moves) == (None, ())
