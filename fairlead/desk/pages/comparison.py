"""Two builds side by side: what was read, kept and agreed differently, and how the same numbers moved for it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from fairlead.actions.building import builds
from fairlead.actions.comparing import BuildComparison, Reading, TableChange, compare_builds
from fairlead.actions.reported import RECORD
from fairlead.actions.why import RecordPart, Why
from fairlead.desk import behind
from fairlead.desk.counting import Count, counted
from fairlead.desk.pages.builds import Line, line
from fairlead.desk.refusals import refusing
from fairlead.desk.wordings import Said, said, signed
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import Manner, moment_words, period_words
from fairlead.record.lake import load_of
from fairlead.record.recipe import TableCount


class Side(NamedTuple):
    """A fact of both builds: before, after, and how they differ in words (empty when they do not).

    `at` is the part of a build's page that tells how it came about, and `why` the part of this one that tells why they
    differ; empty where none does.
    """

    label: str
    before: str
    after: str
    differs: str
    at: str = ""
    why: str = ""


class Counts(NamedTuple):
    """A table from one source in both builds; a difference is told with its sign."""

    table: str
    source: str
    before: Count | None
    after: Count | None
    more: Count
    aside_before: Count | None
    aside_after: Count | None
    aside_more: Count


class New(NamedTuple):
    """A load that only one of the builds was made from."""

    source: str
    table: str
    seen: str
    seen_at: str


class Reread(NamedTuple):
    """A value read as another one, in more or fewer rows than before."""

    column: str
    source: str
    found: str
    read_as: str
    before: Count
    after: Count


class Share(NamedTuple):
    """What of a move has one reason, and how many records are behind it; empty where nothing is."""

    said: Said
    rows: str


class Moved(NamedTuple):
    """One number of the same period in both builds: what it was told as, what it is now, and why it differs."""

    label: str
    definition: str
    url: str
    period: str
    before: Said
    after: Said
    change: Said
    parts: tuple[Share, ...]
    redefined: str
    is_same: bool


class Page(NamedTuple):
    """The comparison, worded. `kinds` head the parts of every number."""

    a: Line
    b: Line
    sides: tuple[Side, ...]
    counts: tuple[Counts, ...]
    same: int
    gained: tuple[New, ...]
    lost: tuple[New, ...]
    readings: tuple[Reread, ...]
    found: BuildComparison
    moved: tuple[Moved, ...]
    kinds: tuple[str, ...]
    every: tuple[Line, ...]


@require_safe
@refusing("There is no such build", "builds")
def comparison(request: HttpRequest, a: str, b: str) -> HttpResponse:
    """Two builds compared, `a` the earlier one."""
    place = workspace()
    agreed = place.model.digest
    every = tuple(line(one, place.manner, agreed) for one in builds(place))
    return render(request, "comparison.html", {"page": _page(compare_builds(place, a, b), every, place.manner, agreed)})


def _page(found: BuildComparison, every: tuple[Line, ...], manner: Manner, agreed: str) -> Page:
    a, b = (line(built, manner, agreed) for built in (found.a, found.b))
    kinds = _kinds(found.moves)
    different = [table for table in found.tables if not table.is_same]
    return Page(
        a=a,
        b=b,
        sides=tuple(_sides(found, a, b)),
        counts=tuple(_counts(table, manner) for table in different),
        same=len(found.tables) - len(different),
        gained=tuple(_loads(found.only_b, manner)),
        lost=tuple(_loads(found.only_a, manner)),
        readings=tuple(_reread(reading, manner) for reading in found.readings),
        found=found,
        moved=tuple(_moved(why, found.a.build, manner, kinds) for why in found.moves),
        kinds=tuple(RECORD[kind] for kind in kinds),
        every=every,
    )


def _sides(found: BuildComparison, a: Line, b: Line) -> Iterable[Side]:
    """What the builds say of themselves, one beside the other."""
    known = found.changes
    changes = "another" if known is None else "1 change" if len(known) == 1 else f"{len(known)} changes"
    yield Side("Made", a.made, b.made, "")
    yield Side("As of", a.as_of, b.as_of, "" if a.as_of == b.as_of else "another day")
    yield Side("Known at", a.known or "everything seen", b.known or "everything seen", "")
    yield Side("Rows in", a.rows_in.text, b.rows_in.text, _sign(b.rows_in.value - a.rows_in.value), "in", "loads")
    yield Side("Kept", a.kept.text, b.kept.text, _sign(b.kept.value - a.kept.value), "kept", "counts")
    yield Side("Set aside", a.aside.text, b.aside.text, _sign(b.aside.value - a.aside.value), "aside", "counts")
    yield Side("Model", a.model, b.model, "" if a.model_full == b.model_full else changes, why="agreed")
    yield Side("Program", "", "", "changed" if found.code_changed else "")


def _sign(difference: int) -> str:
    return f"{difference:+d}".replace("-", "\u2212") if difference else ""


def _counts(table: TableChange, manner: Manner) -> Counts:
    before, after = table.before, table.after
    return Counts(
        table.table,
        table.source,
        *_pair(before, after, "kept", manner),
        *_pair(before, after, "set_aside", manner),
    )


def _pair(
    before: TableCount | None, after: TableCount | None, name: str, manner: Manner
) -> tuple[Count | None, Count | None, Count]:
    one, other = (getattr(count, name) if count else None for count in (before, after))
    difference = (other or 0) - (one or 0)
    return (
        counted(one, manner) if one is not None else None,
        counted(other, manner) if other is not None else None,
        Count(difference, _sign(difference)),
    )


def _loads(names: Sequence[str], manner: Manner) -> Iterable[New]:
    for name in names:
        load = load_of(Path(name))
        yield New(load.source, load.table, moment_words(load.seen_at, manner), load.seen_at.isoformat())


def _reread(reading: Reading, manner: Manner) -> Reread:
    column = f"{reading.table}.{reading.column}"
    counts = counted(reading.before, manner), counted(reading.after, manner)
    return Reread(column, reading.source, reading.found, reading.read_as or "", *counts)


def _kinds(moves: Sequence[Why]) -> tuple[str, ...]:
    """The reasons that any of the numbers moved for."""
    told = {part.kind for why in moves for part in why.record if part.part or part.rows}
    return tuple(kind for kind in RECORD if kind in told)


def _moved(why: Why, reported: str, manner: Manner, kinds: Sequence[str]) -> Moved:
    parts = {part.kind: part for part in why.record}
    url = behind.why(why.metric, why.period_from, why.period_to, reported=reported)
    return Moved(
        label=why.label,
        definition=why.definition,
        url=url,
        period=period_words(why.period_to, manner),
        before=said(why.before, why.unit, manner),
        after=said(why.after, why.unit, manner, behind.metric(why.metric)),
        change=signed(why.change, why.unit, manner, url),
        parts=tuple(_share(parts.get(kind), why.unit, manner) for kind in kinds),
        redefined=_redefined(why, parts.get("definition")),
        is_same=why.change == 0,
    )


def _redefined(why: Why, part: RecordPart | None) -> str:
    """What of the definition changed, where that moved the number or made it undefined."""
    untold = why.before is None and why.after is None
    return "" if part is None or part.part == 0 or untold else part.says


def _share(part: RecordPart | None, unit: str, manner: Manner) -> Share:
    nothing = Said("", "", "0", "")
    if part is None or (part.part == 0 and not part.rows):
        return Share(nothing, "")
    return Share(signed(part.part, unit, manner), counted(part.rows, manner).text if part.rows else "")


urls = [path("builds/<str:a>/<str:b>/", comparison, name="build-comparison")]
