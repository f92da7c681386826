"""Answers as CSV for programs, sent part by part: as long as they may be, they are never held as one text."""

from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse

from fairlead.actions.exporting import csv_parts

if TYPE_CHECKING:
    import pyarrow as pa


def streamed(table: "pa.Table") -> StreamingHttpResponse:
    """The table as CSV."""
    return StreamingHttpResponse(csv_parts(table), content_type="text/csv; charset=utf-8")
