"""Answers as files to keep: CSV for other programs, Excel for people."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from fairlead.actions.exporting import to_csv, to_xlsx

if TYPE_CHECKING:
    import pyarrow as pa

BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(table: "pa.Table", name: str, form: str) -> HttpResponse:
    """A table as the file `name.form`; a form other than csv and xlsx is no page of ours."""
    match form:
        case "csv":
            # The mark at the start tells Excel that the text is UTF-8.
            answer = HttpResponse("\ufeff" + to_csv(table), content_type="text/csv; charset=utf-8")
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
