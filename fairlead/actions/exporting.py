"""Answers as files that other programs read: JSON, CSV, Excel."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.actions.laws import NOT_WRITTEN
from fairlead.problem import Refused, Where

if TYPE_CHECKING:
    import pyarrow as pa

NO_SHEET = frozenset("[]:*?/\\")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_json(table: "pa.Table") -> str:
    """A list of one object a row; an undefined value is null."""
    return json.dumps(table.to_pylist(), indent=1, ensure_ascii=False, default=str)


def to_csv(table: "pa.Table") -> str:
    """CSV with a header; an undefined value is an empty cell. Text a spreadsheet would run is kept as text."""
    return "".join(csv_parts(table))


def csv_parts(table: "pa.Table", rows: int = 5_000) -> Iterator[str]:
    """The same CSV in parts of so many rows, for answers too long to be held as text."""
    yield _csv([table.column_names])
    for batch in table.to_batches(max_chunksize=rows):
        yield _csv([_inert(v) for v in row.values()] for row in batch.to_pylist())


def _csv(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_table(names: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> "pa.Table":
    """Rows as a table: a column of numbers alone stays numbers, any other is text; what is missing at an end is null.

    Names that are empty or come twice are told apart: `Difference`, `Difference (2)`, `Column 3`.
    """
    import pyarrow as pa

    told: list[str] = []
    for place, name in enumerate(names, 1):
        said, again = name or f"Column {place}", 2
        while said in told:
            said, again = f"{name or f'Column {place}'} ({again})", again + 1
        told.append(said)
    columns = [[row[place] if place < len(row) else None for row in rows] for place in range(len(told))]
    return pa.table([_column(values) for values in columns], names=told)


def _column(values: Sequence[str | float | None]) -> "pa.Array[Any]":
    import pyarrow as pa

    if all(value is None or isinstance(value, (int, float)) for value in values):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([value if value is None or isinstance(value, str) else f"{value:.15g}" for value in values])


def to_xlsx(table: "pa.Table", path: Path, title: str = "fairlead") -> None:
    """Write one sheet with a frozen header; raises Refused when the file cannot be written."""
    to_book({title: table}, path)


def to_book(sheets: "Mapping[str, pa.Table]", path: Path) -> None:
    """Write a sheet a table, by its title; raises Refused when the file cannot be written."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for title, table in sheets.items():
        sheet = book.create_sheet(_sheet_name(title))
        sheet.freeze_panes = "A2"
        header: list[Any] = [_cell(sheet, name) for name in table.column_names]
        for cell in header:
            cell.font = Font(bold=True)
        sheet.append(header)
        for row in table.to_pylist():
            sheet.append([_cell(sheet, value) for value in row.values()])
    whole = io.BytesIO()
    book.save(whole)
    write_file(path, whole.getvalue())


def _sheet_name(title: str) -> str:
    """A title as Excel allows it for a sheet: without some letters, no quote at an end, and not too long."""
    plain = "".join(" " if letter in NO_SHEET or not letter.isprintable() else letter for letter in title)
    return plain[:31].strip(" '") or "fairlead"


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises Refused when it cannot be."""
    if path.is_dir():
        raise Refused([NOT_WRITTEN.broken("This is a folder.", Where(str(path)), "Name a file in it.")])
    fresh = path.with_name(f".{path.name}.unfinished")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as failed:
        fresh.unlink(missing_ok=True)
        raise Refused([NOT_WRITTEN.broken(f"{failed.strerror}.", Where(str(path)))]) from failed


def _cell(sheet: Any, value: object) -> object:
    """A value Excel can hold: times without zone (UTC), and text that stays text."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
        cell.data_type = "s"
        return cell
    return value
