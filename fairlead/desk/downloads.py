"""Answers as files to keep: CSV for other programs, Excel for people."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse

from fairlead.actions.exporting import csv_parts, to_csv, to_xlsx
from fairlead.picture.wording import Manner, worded

if TYPE_CHECKING:
    import pyarrow as pa

MARK = "\ufeff"  # at the start of CSV it tells Excel that the text is UTF-8
MOST = {"csv": 1_000_000, "xlsx": 100_000}  # rows in a file; more would not open in a spreadsheet
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def most(form: str, rows: int, manner: Manner) -> str:
    """How many rows a file of so many would hold, in words; empty where that is all of them."""
    return worded(MOST[form], "count", manner).full if rows > MOST[form] else ""


def long(table: "pa.Table", name: str, form: str) -> HttpResponseBase:
    """A table of up to `MOST` rows as a file; CSV is sent part by part, never held as one text."""
    if form != "csv":
        return download(table, name, form)
    answer = StreamingHttpResponse(chain([MARK], csv_parts(table)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def download(table: "pa.Table", name: str, form: str) -> HttpResponse:
    """A table as the file `name.form`; a form other than csv and xlsx is no page of ours."""
    match form:
        case "csv":
            answer = HttpResponse(MARK + to_csv(table), content_type="text/csv; charset=utf-8")
        case "xlsx":
            answer = HttpResponse(_book(table, name), content_type=BOOK)
        case _:
            raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _book(table: "pa.Table", title: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "table.xlsx"
        to_xlsx(table, file, title)
        return file.read_bytes()
