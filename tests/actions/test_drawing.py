"""What is drawn about a number: what `ask` and `why` answer, no more and no less."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import fairlead
from fairlead.actions.asking import Asked, ask
from fairlead.actions.drawing import MOST_STEPS, change, course, versions
from fairlead.actions.syncing import sync
from fairlead.actions.why import Cut, Slice, why
from fairlead.picture.theme import Style
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("drawing") / "small", now=NOW)


def test_a_course_is_what_ask_answers(company: Workspace) -> None:
    drawing = course(company, Asked(("win_rate",), start="2026-01"), now=NOW)
    told = ask(company, "win_rate", per="month", start="2026-01", end="2026-03", now=NOW).table
    points = tuple(zip(told["period"].to_pylist(), told["value"].to_pylist(), strict=True))
    assert drawing.lines[0].points == points
    assert [row[0].sort for row in drawing.rows] == [name for name, _ in reversed(points)]
    assert drawing.rows[0][1].text == "undefined"
    assert drawing.about.goal.says == "at least 22.0%"
    assert drawing.says.startswith("Win rate, Jan 2026 to Mar 2026: ")


def test_a_period_that_is_not_over_is_known_as_such(company: Workspace) -> None:
    asked = Asked(("win_rate",), start="2026-01", end="2026-03-15", as_of="2026-03-15")
    assert course(company, asked, now=NOW).about.unfinished == "2026-03"
    whole = Asked(("win_rate",), start="2026-01", end="2026-02", as_of="2026-02-28")
    assert course(company, whole, now=NOW).about.unfinished is None


def test_cut_by_a_dimension_there_is_a_line_a_value(company: Workspace) -> None:
    drawing = course(company, Asked(("win_rate",), "month", ("segment",), start="2026-01", end="2026-02"), now=NOW)
    assert {line.name for line in drawing.lines} == {"smb", "enterprise"}
    assert drawing.columns == ("Segment", "Jan 2026", "Feb 2026")
    assert drawing.form == "lines"


def test_one_period_is_bars_side_by_side(company: Workspace) -> None:
    drawing = course(
        company, Asked(("bookings",), "quarter", ("account.name",), start="2026-Q1", end="2026-Q1"), now=NOW
    )
    assert drawing.form == "bars"
    values = [value for _, value in drawing.values if value is not None]
    assert values == sorted(values, reverse=True)
    assert not drawing.about.goal.limits


def test_the_target_of_a_sum_is_not_held_against_its_parts(company: Workspace) -> None:
    whole = course(company, Asked(("new_pipeline",), start="2026-01"), now=NOW)
    cut = course(company, Asked(("new_pipeline",), "month", ("segment",), start="2026-01"), now=NOW)
    assert whole.about.goal.limits
    assert not cut.about.goal.limits
    rate = course(company, Asked(("win_rate",), "month", ("segment",), start="2026-01"), now=NOW)
    assert rate.about.goal.limits


def test_what_cannot_be_asked_cannot_be_drawn(company: Workspace) -> None:
    with pytest.raises(Refused, match="win_rate"):
        course(company, Asked(("win_rat",)), now=NOW)


def test_a_change_is_drawn_by_its_parts_to_the_last_digit(company: Workspace) -> None:
    moved = why(company, "win_rate", start="2026-01", end="2026-02", by=["segment"], now=NOW)
    drawing = change(moved, company.manner)
    assert drawing is not None
    assert drawing.form == "change"
    before, after = drawing.ends
    assert (before.name, after.name) == ("Jan 2026", "Feb 2026")
    assert Decimal(str(before.value)) + sum(step.part for step in drawing.steps) == Decimal(str(after.value))
    assert drawing.says == moved.sentence
    assert {step.kind for step in drawing.steps} <= {"better", "worse"}
    sliced = change(moved, company.manner, dimension="segment")
    assert sliced is not None
    assert Decimal(str(before.value)) + sum(step.part for step in sliced.steps) == Decimal(str(after.value))
    assert {step.name for step in sliced.steps} <= {"smb", "enterprise", "(none)"}


def test_many_segments_end_in_one_part_and_still_sum(company: Workspace) -> None:
    moved = why(company, "win_rate", start="2026-01", end="2026-02", now=NOW)
    total = moved.change or Decimal(0)
    small = total / 100
    slices = [Slice(f"s{n}", 1, 2, small, None, None, None, None) for n in range(99)]
    slices.append(Slice(None, 1, 2, total - 99 * small, None, None, None, None))
    drawing = change(
        moved._replace(cuts=(Cut("segment", "sum", tuple(slices), ""),)), company.manner, dimension="segment"
    )
    assert drawing is not None
    assert sum(step.part for step in drawing.steps) == total
    assert len(drawing.steps) == MOST_STEPS + 1
    assert drawing.steps[-1].name == f"{100 - MOST_STEPS} others"


def test_an_undefined_change_is_not_drawn(company: Workspace) -> None:
    moved = why(company, "win_rate", start="2026-02", end="2026-03", now=NOW)
    assert moved.after is None
    assert change(moved, company.manner) is None


def test_each_definition_has_its_line(company: Workspace, tmp_path: Path) -> None:
    own = synced_company(tmp_path / "own", now=NOW)
    file = own.root / "model" / "metrics.yaml"
    text = file.read_text()
    file.write_text(text.replace("ratio: [won, closed]", "ratio: [closed, won]", 1))
    changed = Workspace(own.root, own.config)
    sync(changed, now=datetime(2026, 4, 2, tzinfo=UTC))
    drawing = versions(changed, "win_rate", Asked(("win_rate",), start="2026-01", end="2026-02"), now=NOW)
    assert len(drawing.lines) == 2
    assert drawing.lines[0].name.startswith("now, since ")
    now, before = (dict(line.points)["2026-02"] for line in drawing.lines)
    assert now == pytest.approx(3.0)
    assert before == pytest.approx(1 / 3)


def test_a_measure_is_drawn_as_what_it_is(company: Workspace) -> None:
    drawing = course(company, Asked(("bookings",), start="2026-01", as_of=date(2026, 3, 31)), now=NOW)
    assert (drawing.about.label, drawing.about.unit) == ("Bookings", "money")
    assert "$25,000" in drawing.rows[1][1].text or "$25.0K" in drawing.rows[1][1].text


def test_a_notebook_gets_the_same_chart(company: Workspace) -> None:
    chart = fairlead.open(company.root).chart("win_rate", by="segment", start="2026-01", end="2026-02")
    described = chart.to_dict()
    assert described["description"].startswith("Win rate by segment, Feb 2026")
    drawing = course(company, Asked(("win_rate",), "month", ("segment",), start="2026-01", end="2026-02"), now=NOW)
    assert described["datasets"].keys() == drawing.chart(Style("light", "medium")).to_dict()["datasets"].keys()
