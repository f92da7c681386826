"""A table as a page shows it, filtered and sorted, sent back and answered as an Excel file."""

import math
import re
from typing import Annotated

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fairlead.actions.exporting import as_table
from fairlead.desk.downloads import download

MOST_ROWS, MOST_COLUMNS = 5_000, 50
MOST_BYTES = 16 * 1024 * 1024
NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
Cell = str | float | None
Text = Annotated[str, Field(max_length=1_000)]


class Shown(BaseModel):
    """What table.js sends: the words of the header, and of each row shown its cells, in the order shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Text
    header: Annotated[list[Text], Field(min_length=1, max_length=MOST_COLUMNS)]
    rows: Annotated[
        list[Annotated[list[Annotated[Cell, Field(union_mode="smart")]], Field(max_length=MOST_COLUMNS)]],
        Field(max_length=MOST_ROWS),
    ]

    @field_validator("rows")
    @classmethod
    def _finite(cls, rows: list[list[Cell]]) -> list[list[Cell]]:
        if any(isinstance(cell, float) and not math.isfinite(cell) for row in rows for cell in row):
            raise ValueError("a number is not finite")
        return rows


@require_POST
def book(request: HttpRequest) -> HttpResponse:
    """The file `shown` (JSON) as an Excel file; 400 where it cannot be read or is larger than any table of a page."""
    sent = request.FILES.get("shown")
    if sent is None or sent.size is None or sent.size > MOST_BYTES:
        raise BadRequest("There is no table, or it is too large.")
    try:
        shown = Shown.model_validate_json(sent.read())
    except ValidationError as failed:
        raise BadRequest("The table cannot be read.") from failed
    name = NOT_A_NAME.sub("-", shown.name).strip("-")[:80] or "table"
    return download(as_table(shown.header, shown.rows), name, "xlsx")


urls = [path("downloads/table.xlsx", book, name="shown-table")]
