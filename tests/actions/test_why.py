"""Why a number moved: the same numbers as `ask`, exact parts, and what the record changed, planted and found again."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import builds
from fairlead.actions.syncing import sync
from fairlead.actions.why import Why, moves, why
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company
from tests.actions.exact import assert_exact
from tests.shelf import from_shelf

FIRST, SECOND = datetime(2026, 4, 1, 9, tzinfo=UTC), datetime(2026, 4, 20, 9, tzinfo=UTC)

ZERO = Decimal(0)


def deal(key: str, amount: str, closed: str, stage: str = "Closed Won", account: str = "a1") -> str:
    return f"{key},{account},{stage},{amount},2026-01-02,{closed},u1"


HEADER = "Id,Account,Stage,Amount,Created,Closed,Owner"
BEFORE = (
    deal("jan1", "100.00", "2026-01-10"),
    deal("jan2", "250.10", "2026-01-12", account="a2"),
    deal("kept", "1000.00", "2026-02-10"),
    deal("gone", "400.40", "2026-02-11"),
    deal("wrong", "700.00", "2026-02-12", account="a2"),
    deal("moved", "55.55", "2026-02-13"),
    deal("lost", "10.00", "2026-02-14", "Closed Lost"),
    deal("mar1", "2000.00", "2026-03-03", account="a2"),
    deal("mar2", "10.00", "2026-03-04", "Closed Lost"),
)
AFTER = (
    *(row for row in BEFORE if not row.startswith(("gone", "wrong", "moved"))),
    deal("wrong", "777.77", "2026-02-12", account="a2"),
    deal("moved", "55.55", "2026-03-13"),
    deal("late", "30.03", "2026-02-20"),
)


class Company(NamedTuple):
    """A company synced twice; what the first build told is `told`."""

    workspace: Workspace
    told: str


def write_deals(workspace: Workspace, rows: tuple[str, ...]) -> None:
    (workspace.data / "deals.csv").write_text("\n".join([HEADER, *rows]) + "\n")


def today(workspace: Workspace, day: str) -> Workspace:
    """The same workspace, pinned to another day."""
    settings = workspace.root / "fairlead.yaml"
    settings.write_text(re.sub(r"today: .*", f"today: {day}", settings.read_text()))
    return open_workspace(workspace.root)


def redefine(workspace: Workspace, old: str, new: str) -> Workspace:
    file = workspace.root / "model" / "metrics.yaml"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    return open_workspace(workspace.root)


def told_once(root: Path) -> Company:
    """A company synced once, with the deals of then."""

    def make(folder: Path) -> None:
        workspace = small_company(folder)
        write_deals(workspace, BEFORE)
        sync(workspace, now=FIRST)

    workspace = open_workspace(from_shelf("why", make, root))
    return Company(workspace, builds(workspace)[0].build)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    workspace, told = told_once(tmp_path_factory.mktemp("why") / "small")
    write_deals(workspace, AFTER)
    sync(workspace, now=SECOND)
    return Company(workspace, told)


def asked(workspace: Workspace, metric: str, period: str) -> float | None:
    """The same number from `ask`."""
    rows = ask(workspace, metric, start=period, end=period, now=SECOND).table.to_pylist()
    return None if rows[0]["value"] is None else float(rows[0]["value"])


@pytest.mark.parametrize("metric", ["bookings", "win_rate", "average_deal_size", "sales_cycle_length", "won", "lost"])
@pytest.mark.parametrize(("start", "end"), [("2026-01", "2026-02"), ("2026-03", "2026-01"), ("2026-02", "2026-Q1")])
def test_before_and_after_are_what_ask_says(company: Company, metric: str, start: str, end: str) -> None:
    found = why(company.workspace, metric, start=start, end=end, by=["segment"], now=SECOND)
    for value, period in ((found.before, start), (found.after, end)):
        assert float(value or 0) == pytest.approx(asked(company.workspace, metric, period), abs=5e-7), period
    assert_exact(found)


def test_a_ratio_is_split_into_what_it_is_made_of(company: Company) -> None:
    found = why(company.workspace, "win_rate", start="2026-02", end="2026-03", now=SECOND)
    assert (found.before, found.after) == (Decimal("0.750000"), Decimal("0.666667"))
    won, closed = found.whole.parts
    # by hand, for 3 of 4 and 2 of 3: the mean of both orders of change
    assert float(won.part or 0) == pytest.approx(((2 / 4 - 3 / 4) / 2 + (2 / 3 - 3 / 3) / 2), abs=1e-6)
    assert float(closed.part or 0) == pytest.approx(((3 / 3 - 3 / 4) / 2 + (2 / 3 - 2 / 4) / 2), abs=1e-6)
    assert found.sentence.replace("\u00a0", " ") == (
        "Win rate fell 8.3 points, from 75.0% in Feb 2026 to 66.7% in Mar 2026, mostly because of fewer deals won"
        " (\u221229.2 points); fewer deals won or lost gave back 20.8 points."
    )


def test_an_additive_number_is_told_by_segment(company: Company) -> None:
    found = why(company.workspace, "bookings", start="2026-01", end="2026-02", by=["segment", "country"], now=SECOND)
    (by_segment, by_country) = found.cuts
    assert by_segment.kind == by_country.kind == "sum"
    assert {s.value: s.part for s in by_segment.slices} == {
        "smb": Decimal("930.03"), "enterprise": Decimal("527.67"),
    }  # fmt: skip
    assert "mostly in smb" not in found.sentence
    assert "in smb (+$930) and enterprise (+$528)" in found.sentence


def test_an_undefined_end_says_which_input_is_zero(company: Company) -> None:
    found = why(company.workspace, "win_rate", start="2025-12", end="2026-01", by=["segment"], now=SECOND)
    assert (found.before, found.change, found.whole.part) == (None, None, None)
    assert [p.part for p in found.whole.parts] == [None, None]
    assert [(p.before, p.after) for p in found.whole.parts] == [(0, 2), (0, 2)]
    assert found.whole.note == "undefined in 2025-12: no deals won or lost"
    assert "undefined in Dec 2025 (no deals won or lost)" in found.sentence
    assert all(s.part is None for cut in found.cuts for s in cut.slices)


def test_what_no_source_gives_is_named(company: Company) -> None:
    found = why(company.workspace, "nrr", start="2026-01", end="2026-02", now=SECOND)
    assert found.change is None
    assert "contract line rows (no source gives any)" in found.sentence
    assert [note.code for note in found.notes] == ["metric-needs"]


def test_what_is_asked_wrongly_is_refused(company: Company) -> None:
    for changed, code in (
        ({"metric": "win_rat"}, "unknown-metric"),
        ({"start": "soon"}, "bad-question"),
        ({"end": "2026-05"}, "bad-question"),
        ({"end": "2026-01"}, "bad-question"),
        ({"by": ["colour"]}, "unknown-dimension"),
        ({"reported": "1999"}, "no-build"),
    ):
        question = {"metric": "win_rate", "start": "2026-01", "end": "2026-02"} | changed
        with pytest.raises(Refused, match=rf"\[{code}\]"):
            why(company.workspace, question.pop("metric"), **question, now=SECOND)  # type: ignore[arg-type]


def test_a_period_that_is_not_over_is_said_to_be(company: Company) -> None:
    found = why(company.workspace, "won", start="2026-02", end="2026-03", as_of="2026-03-10", now=SECOND)
    assert found.after == 1
    assert [note.code for note in found.notes] == ["period-not-over"]


def test_many_metrics_are_explained_at_once_as_each_alone(company: Company) -> None:
    build = company.workspace.lake.current()
    assert build
    names = ("win_rate", "bookings", "average_deal_size")
    together = moves(company.workspace, names, start="2026-01", end="2026-02", build=build, now=SECOND)
    for name in names:
        alone = why(company.workspace, name, start="2026-01", end="2026-02", now=SECOND)
        assert together[name]._replace(sql="") == alone._replace(sql="")


def record(found: Why) -> dict[str, tuple[Decimal | None, int | None]]:
    return {p.kind: (p.part, p.rows) for p in found.record}


def test_late_removed_and_corrected_records_are_told_to_the_cent(company: Company) -> None:
    found = why(company.workspace, "bookings", start="2026-02", end="2026-03", reported=company.told, now=SECOND)
    assert (found.before, found.restated, found.after) == (
        Decimal("2155.95"), Decimal("1807.80"), Decimal("2055.55"),
    )  # fmt: skip
    assert record(found) == {
        "definition": (ZERO, None),
        "late": (Decimal("30.03"), 1),
        "removed": (Decimal("-400.40"), 1),
        "corrected": (Decimal("77.77") - Decimal("55.55"), 2),
    }
    assert found.whole.part == Decimal("2055.55") - Decimal("1807.80")
    assert found.reported == company.told
    assert_exact(found)


def test_the_classes_of_a_ratio_are_those_of_a_brute_force(company: Company) -> None:
    """Win rate told 4 of 5; now 3 of 4. Every order in which the three classes may have come, by hand."""
    found = why(company.workspace, "win_rate", start="2026-02", end="2026-02", reported=company.told, now=SECOND)
    assert (found.before, found.restated) == (Decimal("0.8"), Decimal("0.75"))
    moves_of = {"late": (1, 1), "removed": (-1, -1), "corrected": (-1, -1)}  # won, closed
    orders = [o for o in product(moves_of, repeat=3) if len(set(o)) == 3]
    expected = dict.fromkeys(moves_of, 0.0)
    for order in orders:
        won, closed = 4, 5
        for kind in order:
            before = won / closed
            won, closed = won + moves_of[kind][0], closed + moves_of[kind][1]
            expected[kind] += (won / closed - before) / len(orders)
    for kind, value in expected.items():
        assert float(record(found)[kind][0] or 0) == pytest.approx(value, abs=2e-6), kind
    assert_exact(found)


def test_a_median_and_a_distinct_count_have_their_classes_too(company: Company) -> None:
    """They do not add up, and yet the record's parts do."""
    for metric in ("average_days_to_win", "sales_cycle_length"):
        found = why(company.workspace, metric, start="2026-02", end="2026-03", reported=company.told, now=SECOND)
        assert found.change is not None
        assert_exact(found)
        assert record(found)["corrected"][0]


def test_a_changed_definition_is_a_part_of_its_own(tmp_path: Path) -> None:
    workspace, told = told_once(tmp_path / "small")
    workspace = redefine(
        workspace,
        "bookings: {from: facts_opportunity, sum: amount_converted, where: is_won, at: closed_at, says",
        "bookings: {from: facts_opportunity, sum: amount_converted, where: is_won and amount_converted >= 500,"
        " at: closed_at, says",
    )
    write_deals(workspace, AFTER)
    sync(workspace, now=SECOND)
    found = why(workspace, "bookings", start="2026-02", end="2026-03", reported=told, now=SECOND)
    assert (found.before, found.restated) == (Decimal("2155.95"), Decimal("1777.77"))
    # Small deals are out now: 400.40 and 55.55 of then, 30.03 of now. What is small and went or came is half the
    # record's and half the definition's; what was corrected and is big is the record's alone.
    half = Decimal("0.5")
    expected = {
        "definition": -half * (Decimal("400.40") + Decimal("55.55") + Decimal("30.03")),
        "late": half * Decimal("30.03"),
        "removed": -half * Decimal("400.40"),
        "corrected": Decimal("77.77") - half * Decimal("55.55"),
    }
    for kind, value in expected.items():
        assert abs((record(found)[kind][0] or 0) - value) <= Decimal("0.01"), kind
    assert_exact(found)
    assert next(p for p in found.record if p.kind == "definition").says == "another definition of bookings"


def test_what_happened_after_the_builds_day_is_no_correction(tmp_path: Path) -> None:
    workspace = small_company(tmp_path / "small")
    write_deals(workspace, BEFORE)
    told = sync(today(workspace, "2026-02-11"), now=datetime(2026, 2, 12, 9, tzinfo=UTC)).build.build
    workspace = today(workspace, "2026-03-31")
    write_deals(workspace, AFTER)
    sync(workspace, now=SECOND)
    found = why(workspace, "bookings", start="2026-02", end="2026-03", reported=told, now=SECOND)
    assert found.before == Decimal("1400.40")
    assert record(found) == {
        "definition": (ZERO, None),
        "late": (ZERO, 0),
        "removed": (Decimal("-400.40"), 1),
        "corrected": (ZERO, 0),
        "since": (Decimal("777.77") + Decimal("30.03"), None),
    }
    assert_exact(found)


def test_a_cohort_that_goes_on_to_win_is_no_correction(tmp_path: Path) -> None:
    """Deals created in January and won since: that more are won later is what happened, not the record."""
    workspace = small_company(tmp_path / "small")
    write_deals(workspace, BEFORE)
    told = sync(today(workspace, "2026-02-10"), now=datetime(2026, 2, 11, 9, tzinfo=UTC)).build.build
    workspace = today(workspace, "2026-03-31")
    sync(workspace, now=SECOND)
    found = why(workspace, "deals_created_won", start="2026-01", end="2026-01", reported=told, now=SECOND)
    assert (found.before, found.restated) == (3, 7)
    assert record(found) == {
        "definition": (ZERO, None),
        "late": (ZERO, 0),
        "removed": (ZERO, 0),
        "corrected": (ZERO, 0),
        "since": (Decimal(4), None),
    }


def test_without_the_dictionary_of_then_todays_is_taken_and_said(company: Company, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "copy"
    shutil.copytree(company.workspace.root, root)
    told = root / ".fairlead" / "builds" / company.told / "build.json"
    digest = re.search(r'"model_digest": "(\w+)"', told.read_text())
    assert digest
    told.write_text(told.read_text().replace(digest[1], "0" * 64))
    found = why(open_workspace(root), "bookings", start="2026-02", end="2026-03", reported=company.told, now=SECOND)
    assert [note.code for note in found.notes] == ["definition-unknown"]
    assert record(found)["definition"] == (ZERO, None)


def test_a_build_older_than_the_period_told_nothing_of_it(tmp_path: Path) -> None:
    workspace = today(small_company(tmp_path / "small"), "2026-02-20")
    told = sync(workspace, now=datetime(2026, 2, 21, tzinfo=UTC)).build.build
    workspace = today(workspace, "2026-03-31")
    sync(workspace, now=SECOND)
    with pytest.raises(Refused, match="before 2026-03 began"):
        why(workspace, "bookings", start="2026-03", end="2026-03", reported=told, now=SECOND)


def test_days_are_periods_too(company: Company) -> None:
    found = why(company.workspace, "bookings", start="2026-02-10", end=str(date(2026, 2, 12)), now=SECOND)
    assert (found.before, found.after) == (Decimal("1000.00"), Decimal("777.77"))


def test_periods_of_different_lengths_are_said_to_be_where_a_number_adds_up_over_time(company: Company) -> None:
    def notes(metric: str, start: str, end: str) -> list[str]:
        return [note.code for note in why(company.workspace, metric, start=start, end=end, now=SECOND).notes]

    assert "periods-differ" in notes("bookings", "2026-01", "2026-Q1")
    assert "periods-differ" not in notes("bookings", "2026-01", "2026-02")
    assert "periods-differ" not in notes("win_rate", "2026-01", "2026-Q1")  # a rate is not more for a longer time
    assert "periods-differ" not in notes("open_pipeline", "2026-01", "2026-Q1")  # nor is what there is at its end
