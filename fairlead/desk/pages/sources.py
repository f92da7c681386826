"""Sources: where the rows come from, how fresh each is, and what to do about one that is not."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from fairlead.actions.sources import TableState
from fairlead.actions.supplying import Exported, Filled, Supply, supplies
from fairlead.desk import trying
from fairlead.desk.counting import Count, counted
from fairlead.desk.refusals import refusing
from fairlead.desk.workplace import workspace
from fairlead.model.tables import TABLES
from fairlead.picture.wording import Manner, moment_words
from fairlead.problem import Problem

RECENT = 20  # exports shown of each source; the rest are counted


class Table(NamedTuple):
    """A table of a source."""

    name: str
    files: tuple[str, ...]
    rows: Count
    seen: str
    seen_at: str
    changed: str
    changed_at: str
    exports: Count
    records: tuple[str, ...]


class Fill(NamedTuple):
    """A column of the record, and the columns of the source it is filled from; none for a constant."""

    record: str
    says: str
    table: str
    columns: tuple[tuple[str, str], ...]


class Export(NamedTuple):
    """One export that was read."""

    table: str
    seen: str
    seen_at: str
    rows: Count
    alive: Count
    kind: str
    news: str


class Shown(NamedTuple):
    """A source, worded. `standing` is fresh, stale or never."""

    name: str
    folder: str
    mapping: str
    standing: str
    says: str
    seen: str
    changed: str
    records: tuple[str, ...]
    tables: tuple[Table, ...]
    fills: tuple[Fill, ...]
    exports: tuple[Export, ...]
    older: int
    rows: Count
    problems: tuple[Problem, ...]


@require_safe
@refusing("Sources cannot be shown", "scoreboard")
def listed(request: HttpRequest) -> HttpResponse:
    """Every source with its freshness, what it gives, its exports and its problems."""
    place, tried = workspace(), "tried" in request.GET
    if tried and not trying.is_done(place):
        return render(request, "trying.html")
    shown = tuple(_shown(supply, place.manner) for supply in supplies(place, tried=tried))
    stale = [source.name for source in shown if source.standing != "fresh"]
    build = place.lake.current()
    context = {
        "sources": shown,
        "stale": stale,
        "build": build.name if build else "",
        "data": place.config.data,
        "tried": tried,
        "faulty": any(source.problems for source in shown),
    }
    return render(request, "sources.html", context)


def _shown(supply: Supply, manner: Manner) -> Shown:
    state = supply.state
    return Shown(
        name=state.name,
        folder=state.folder,
        mapping=supply.mapping,
        standing="never" if state.seen_at is None else "stale" if state.is_stale else "fresh",
        says=state.says,
        seen=moment_words(state.seen_at, manner) if state.seen_at else "",
        changed=moment_words(state.changed_at, manner) if state.changed_at else "",
        records=state.records,
        tables=tuple(_table(table, manner) for table in state.tables),
        fills=tuple(map(_fill, supply.fills)),
        exports=tuple(_export(export, manner) for export in supply.exports[:RECENT]),
        older=max(0, len(supply.exports) - RECENT),
        rows=counted(sum(table.rows for table in state.tables), manner),
        problems=supply.problems,
    )


def _table(table: TableState, manner: Manner) -> Table:
    return Table(
        name=table.name,
        files=table.files,
        rows=counted(table.rows, manner),
        seen=moment_words(table.seen_at, manner),
        seen_at=table.seen_at.isoformat(),
        changed=moment_words(table.changed_at, manner) if table.changed_at else "",
        changed_at=table.changed_at.isoformat() if table.changed_at else "",
        exports=counted(table.exports, manner),
        records=table.records,
    )


def _fill(filled: Filled) -> Fill:
    says = TABLES[filled.record].says if filled.record in TABLES else ""
    columns = tuple((column, ", ".join(names) or "always the same") for column, names in filled.columns)
    return Fill(filled.record, says, filled.table, columns)


def _export(export: Exported, manner: Manner) -> Export:
    return Export(
        table=export.table,
        seen=moment_words(export.seen_at, manner),
        seen_at=export.seen_at.isoformat(),
        rows=counted(export.rows, manner),
        alive=counted(export.alive, manner),
        kind="full" if export.full else "partial",
        news="news" if export.had_news else "as before",
    )


urls = [path("sources/", listed, name="sources")]
