"""The reasons of a move as a table: no digit of what was told is lost in it."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import openpyxl

from fairlead.actions.exporting import to_csv, to_xlsx
from fairlead.actions.reasoned import reasoned
from fairlead.actions.why import Cut, Part, RecordPart, Slice, Why

# Seventeen digits: one more than a float tells apart.
WHOLE, FIRST, SECOND, LATE = map(Decimal, ("123456789012345.68", "123456789012345.01", "0.66", "0.01"))
TOLD = Why(
    metric="bookings",
    label="Bookings",
    definition="",
    unit="money",
    better="higher",
    period_from="2026-02",
    period_to="2026-03",
    before=Decimal("0.00"),
    after=WHOLE,
    change=WHOLE,
    whole=Part(
        "bookings",
        "Bookings",
        "money",
        Decimal("0.00"),
        WHOLE,
        WHOLE - LATE,
        (
            Part("first", "First", "money", 0.0, FIRST, FIRST, (), ""),
            Part("second", "Second", "count", 0.1, None, SECOND, (), ""),
        ),
        "",
    ),
    cuts=(
        Cut("segment", "mix", (Slice("a", None, FIRST, FIRST + SECOND, FIRST, SECOND, None, None),), ""),
        Cut("rate", "mix", (Slice(None, 1 / 3, 1e-7, None, None, None, 0.5, 0.5),), ""),
    ),
    record=(RecordPart("late", LATE, 3, "Came late."),),
    restated=LATE,
    sentence="",
    notes=(),
    build="b",
    reported="a",
    sql="",
)


def test_money_of_seventeen_digits_keeps_them_all() -> None:
    table = reasoned(TOLD).to_pylist()
    parts = {(row["of"], row["level"], row["name"]): row for row in table}
    assert parts["whole", 0, "bookings"]["after"] == WHOLE
    first, second = (parts["whole", 1, name]["part"] for name in ("first", "second"))
    assert (first, second) == (FIRST, SECOND)
    assert first + second + parts["record", 1, "late"]["part"] == WHOLE
    assert parts["segment", 1, "a"]["mix"] + parts["segment", 1, "a"]["rate"] == parts["segment", 1, "a"]["part"]


def test_so_does_its_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(reasoned(TOLD)))))
    assert rows[0]["after"] == "123456789012345.680000"
    assert (
        sum(Decimal(row["part"]) for row in rows if row["of"] in {"whole", "record"} and row["level"] == "1") == WHOLE
    )


def test_what_is_not_known_is_empty_and_more_places_are_rounded() -> None:
    row = next(row for row in reasoned(TOLD).to_pylist() if row["of"] == "rate")
    assert (row["name"], row["part"], row["mix"]) == (None, None, None)
    assert (row["before"], row["after"]) == (Decimal("0.333333"), Decimal("0.000000"))


def test_in_a_spreadsheet_they_are_numbers(tmp_path: Path) -> None:
    """Excel itself keeps fifteen digits."""
    to_xlsx(reasoned(TOLD), tmp_path / "why.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "why.xlsx").active
    assert sheet is not None
    names = [cell.value for cell in sheet[1]]
    assert isinstance(sheet[3][names.index("part")].value, (int, float))
    assert sheet[4][names.index("part")].value == 0.66
