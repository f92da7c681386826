"""Answers as files: written whole or not at all, and nothing in them that a spreadsheet would run."""

from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from fairlead.actions.exporting import to_csv, to_xlsx
from fairlead.problem import Refused

TABLE = pa.table({"name": ["=1+1", "plain", None], "value": [1.5, None, -2.0]})


def test_text_that_a_spreadsheet_would_run_stays_text(tmp_path: Path) -> None:
    assert to_csv(TABLE).splitlines() == ["name,value", "'=1+1,1.5", "plain,", ",-2.0"]
    to_xlsx(TABLE, tmp_path / "answer.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "answer.xlsx").active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["name", "value"], ["=1+1", 1.5], ["plain", None], [None, -2],
    ]  # fmt: skip
    assert sheet["A2"].data_type == "s"


@pytest.mark.parametrize("path", ["nowhere/answer.xlsx", "."])
def test_what_cannot_be_written_is_said_and_leaves_nothing(
    tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused, match=r"\[not-written\]"):
        to_xlsx(TABLE, tmp_path / path)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == ""


def test_a_file_that_is_there_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "answer.xlsx"
    file.write_text("an older answer")
    to_xlsx(TABLE, file)
    assert openpyxl.load_workbook(file).sheetnames == ["fairlead"]
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("closed: [2026-01] a/b?", "closed   2026-01  a b"),
        ("'quoted'", "quoted"),
        ("[]:*?/\\", "fairlead"),
        ("two\nlines", "two lines"),
        ("win_rate-closed_won-2026-10-01-2026-10-31", "win_rate-closed_won-2026-10-01-"),
    ],
)
def test_any_title_makes_a_sheet(tmp_path: Path, title: str, name: str) -> None:
    to_xlsx(TABLE, tmp_path / "answer.xlsx", title)
    assert openpyxl.load_workbook(tmp_path / "answer.xlsx").sheetnames == [name]
