"""Cohorts as a heat map: what is young is told apart, what is drawn is what the table says."""

from datetime import date
from decimal import Decimal

from fairlead.actions.cohort_drawing import MOST_ROWS, by_value, triangle
from fairlead.actions.cohorts import Age, Cell, Cohort, CohortsTold
from fairlead.picture.wording import PLAIN


def cell(age: int, kept: int, is_running: bool = False) -> Cell:
    return Cell(age, Decimal(kept), kept / 100, 1, is_running)


OLD = Cohort("2026-01", None, 2, Decimal(100), (cell(0, 100), cell(1, 80, is_running=True)))
NEW = Cohort("2026-02", None, 1, Decimal(100), (cell(0, 130, is_running=True),))
AGES = (Age(None, 0, 1.0, 1, 1),)
TOLD = CohortsTold(date(2026, 2, 10), "month", None, "revenue", "USD", (OLD, NEW), AGES, 1, (), "b")


def test_cells_that_are_not_over_are_small_and_marked() -> None:
    drawn = triangle(TOLD, PLAIN)
    assert drawn.heat
    assert [(s.row, s.column, s.value, s.few) for s in drawn.heat.spots] == [
        (0, 0, 1.0, False), (0, 1, 0.8, True), (1, 0, 1.3, True),
    ]  # fmt: skip
    assert [[one.text for one in row[3:]] for row in drawn.rows] == [["100.0%", "80.0% ~"], ["130.0% ~", ""]]
    assert "not over" in drawn.heat.spots[1].says
    assert drawn.note == "Small squares: the month is not over."
    assert drawn.says == "Kept of the revenue 0 months after they started: 100.0% in 1 cohort, 1 too young."


def test_what_is_over_needs_no_note_and_the_latest_are_drawn_where_they_are_many() -> None:
    over = NEW._replace(cells=(cell(0, 100),))
    assert not triangle(TOLD._replace(cohorts=(over,)), PLAIN).note
    many = tuple(over._replace(period=f"20{n}-01") for n in range(10, 10 + MOST_ROWS + 2))
    drawn = triangle(TOLD._replace(cohorts=many), PLAIN)
    assert drawn.heat
    assert (len(drawn.heat.rows), len(drawn.rows)) == (MOST_ROWS, MOST_ROWS + 2)
    assert drawn.heat.rows[-1] == "Jan 2051"
    assert drawn.note.startswith(f"The latest {MOST_ROWS} of {MOST_ROWS + 2} cohorts")


def test_values_stand_by_size_and_nobody_is_compared_with_nothing() -> None:
    small, big = (NEW._replace(value=value, started=Decimal(money)) for value, money in (("small", 5), ("big", 50)))
    ages = (Age("small", 0, 0.5, 1, 0), Age("big", 0, 0.9, 1, 0))
    told = TOLD._replace(by="segment", cohorts=(small, big), ages=ages)
    assert by_value(told, PLAIN).says == "Kept 0 months after they started: most big (90.0%), least small (50.0%)."
    assert [row[0].text for row in by_value(told, PLAIN).rows] == ["big", "small"]
    assert by_value(told._replace(ages=()), PLAIN).says == "No cohort is old enough to tell."
