"""A number by period and by dimension: the table under the trend, and the same as a file."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.looking import Look, Series, narrowed, series
from fairlead.desk import behind
from fairlead.desk.downloads import download
from fairlead.desk.reading import Typed, typed
from fairlead.desk.unanswered import answering
from fairlead.desk.wordings import Moved, Said, moved, said
from fairlead.desk.workplace import workspace
from fairlead.model.whole import Model
from fairlead.picture.wording import day_words, period_words

MOST = 100  # values of a dimension on the page; the files have them all
NONE = "(none)"


class Line(NamedTuple):
    """One period of an uncut number, and its change since the period before; both lead to how they came about."""

    period: str
    name: str
    value: Said
    moved: Moved | None


class Row(NamedTuple):
    """One value of the dimension, or combination of them, over the periods."""

    labels: tuple[str, ...]
    url: str
    values: tuple[Said, ...]


class Shown(NamedTuple):
    """The series, worded: `lines` (newest first) where it is not cut, else `rows` by value with a column a period."""

    per: str
    start: str
    end: str
    dimensions: tuple[str, ...]
    periods: tuple[str, ...]
    lines: tuple[Line, ...]
    rows: tuple[Row, ...]
    left_out: int
    notes: tuple[str, ...]
    csv: str
    xlsx: str


@require_safe
@answering
def series_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """The series as the page of the number shows it, as CSV or Excel."""
    asked, place = typed(request), workspace()
    found = series(place, asked.asked(name))
    return download(found.answer.table, f"{found.asked.metrics[0]}-by-{found.asked.per}", form)


def shown(found: Series, look: Look, form: Typed, model: Model) -> Shown:
    """A series as the page shows it."""
    table = found.answer.table.to_pylist()
    by, manner = found.asked.by, look.manner
    rows = _rows(table, found, look, model) if by else []
    return Shown(
        per=found.asked.per or "",
        start=day_words(found.start, manner),
        end=day_words(found.end, manner),
        dimensions=tuple(behind.in_words(name) for name in by),
        periods=tuple(period_words(name, manner) for name in _periods(table)) if by else (),
        lines=() if by else tuple(_lines(table, found, look)),
        rows=tuple(rows[:MOST]),
        left_out=max(0, len(rows) - MOST),
        notes=tuple(note.says for note in found.answer.notes),
        csv=_file(look.name, form, "csv"),
        xlsx=_file(look.name, form, "xlsx"),
    )


def _file(name: str, form: Typed, kind: str) -> str:
    return reverse("series", kwargs={"name": name, "form": kind}) + behind.asking(form.asking())


def _periods(table: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(row["period"] for row in table))


def _lines(table: Sequence[Mapping[str, Any]], found: Series, look: Look) -> list[Line]:
    """Newest first."""
    manner, asked = look.manner, found.asked
    lines = []
    before: Mapping[str, Any] | None = None
    for row in table:
        period, value = row["period"], row["value"]
        change = None
        if before is not None:
            url = behind.why(look.name, before["period"], period, where=asked.where, as_of=asked.as_of)
            change = moved(value, before["value"], look.unit, look.better, manner, url)
        url = behind.rows(look.name, period, where=asked.where, as_of=asked.as_of)
        lines.append(Line(period, period_words(period, manner), said(value, look.unit, manner, url), change))
        before = row
    return lines[::-1]


def _rows(table: Sequence[Mapping[str, Any]], found: Series, look: Look, model: Model) -> list[Row]:
    """The values of the dimensions with the greatest last value first; each cell leads to its records."""
    asked, periods = found.asked, _periods(table)
    values: dict[tuple[str | None, ...], dict[str, float | None]] = {}
    for row in table:
        values.setdefault(tuple(row[name] for name in asked.by), {})[row["period"]] = row["value"]

    def last(item: tuple[tuple[str | None, ...], Mapping[str, float | None]]) -> tuple[bool, float]:
        value = item[1].get(periods[-1])
        return (value is None, -(value or 0))

    return [_row(key, by_period, periods, found, look, model) for key, by_period in sorted(values.items(), key=last)]


def _row(  # noqa: PLR0913, PLR0917 - a row needs what it shows and what it leads to
    key: tuple[str | None, ...],
    values: Mapping[str, float | None],
    periods: Sequence[str],
    found: Series,
    look: Look,
    model: Model,
) -> Row:
    asked, where = found.asked, found.asked.where
    for dimension, value in zip(asked.by, key, strict=True):
        where = narrowed(model, look.name, dimension, value, where)
    return Row(
        tuple(NONE if value is None else value for value in key),
        behind.metric(look.name, per=asked.per, start=asked.start, end=asked.end, where=where, as_of=asked.as_of),
        tuple(
            said(values.get(p), look.unit, look.manner, behind.rows(look.name, p, where=where, as_of=asked.as_of))
            for p in periods
        ),
    )


urls = [path("metrics/<str:name>/series.<str:form>", series_file, name="series")]
