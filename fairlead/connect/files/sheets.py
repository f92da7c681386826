"""Read an Excel sheet or a Parquet file into Parquet of text, with row numbers."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fairlead.connect.exports import Part, quoted
from fairlead.connect.files.delimited import Read
from fairlead.connect.files.headers import Headers, named
from fairlead.record.engine import EngineError, literal, scratch
from fairlead.values import Progress

BATCH = 20_000


class UnreadableError(Exception):
    """A file is not what its name says; the message says how."""


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets of a workbook, hidden ones too."""
    book = _opened(path)
    try:
        return tuple(book.sheetnames)
    finally:
        book.close()


def read_sheet(path: Path, label: str, sheet: str | None, header: int, out: Path, progress: Progress) -> Read | None:  # noqa: PLR0913, PLR0917
    """Write one sheet to `out`; None when there is no header. Wholly empty rows are no rows."""
    book = _opened(path)
    try:
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()
        rows = enumerate(page.iter_rows(min_row=header, values_only=True), start=header)
        found = next(((n, row) for n, row in rows if any(c is not None for c in row)), None)
        if found is None:
            return None
        wide = [_text(c) for c in found[1]]
        while wide and wide[-1] is None:
            wide.pop()
        headers = named(wide)
        return _write(path, label, headers, rows, out, progress)
    finally:
        book.close()


def _opened(path: Path) -> Any:
    from openpyxl import load_workbook  # which takes a tenth of a second, and few sources have workbooks

    try:
        return load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as bad:
        raise UnreadableError(f"it is no Excel workbook ({type(bad).__name__})") from bad


def _write(  # noqa: PLR0913, PLR0917
    path: Path, label: str, headers: Headers, rows: Iterator[tuple[int, Sequence[Any]]], out: Path, progress: Progress
) -> Read:
    names = headers.names
    own = [("_file", pa.string()), ("_line", pa.int64()), ("_fault", pa.string())]
    schema = pa.schema([*((n, pa.string()) for n in names), *own])
    total = broken = 0
    with pq.ParquetWriter(out, schema, compression="lz4") as writer:
        held: list[list[Any]] = []
        for line, row in rows:
            texts = [_text(c) for c in row]
            if not any(texts):
                continue
            over = [t for t in texts[len(names) :] if t]
            fault = (
                f"ragged: cells beyond the {len(names)} named columns: {', '.join(map(repr, over))}" if over else None
            )
            broken += fault is not None
            padded = texts[: len(names)] + [None] * (len(names) - len(texts))
            held.append([*padded, label, line, fault])
            if len(held) == BATCH:
                total += _flush(writer, schema, held)
                progress(path.name, total, 0)
        total += _flush(writer, schema, held)
    return Read(Part(out, names, total), headers, broken, total > 0 and broken > total / 2)


def _flush(writer: pq.ParquetWriter, schema: pa.Schema, held: list[list[Any]]) -> int:
    count = len(held)
    if count:
        columns = [pa.array(column, field.type) for column, field in zip(zip(*held, strict=True), schema, strict=True)]
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        held.clear()
    return count


def _text(cell: Any) -> str | None:
    """A cell as a person reading the sheet would write it, dates as ISO.

    >>> _text(12.0), _text(True), _text(datetime(2025, 3, 4)), _text("")
    ('12', 'true', '2025-03-04', None)
    """
    match cell:
        case None | "":
            return None
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell).replace("\0", "\u2400")


def read_columns(path: Path, label: str, out: Path) -> Read:
    """Write a Parquet file's columns as text to `out`; `_line` is the row number."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError) as bad:
        raise UnreadableError("it is no Parquet file") from bad
    headers = named(names)
    pairs = zip(names, headers.names, strict=True)
    shown = [f"CAST({quoted(old)} AS VARCHAR) AS {quoted(new)}" for old, new in pairs]
    try:
        with scratch(out.parent) as connection:
            connection.execute(
                f"COPY (SELECT {', '.join(shown)}, {literal(label)} AS _file, file_row_number + 1 AS _line,"
                f" CAST(NULL AS VARCHAR) AS _fault FROM read_parquet({literal(path)}, file_row_number = true))"
                f" TO {literal(out)} (FORMAT parquet)"
            )
    except EngineError as bad:
        raise UnreadableError(str(bad).split("\n", maxsplit=1)[0]) from bad
    return Read(Part(out, headers.names, pq.read_metadata(out).num_rows), headers, 0, uneven_header=False)
