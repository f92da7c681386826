"""How fresh the sources are, and so every number: when each was last looked at, and when it last changed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.actions.explaining import lineage
from fairlead.analysis.question import instances
from fairlead.connect.ledger import Entry, entries
from fairlead.picture.wording import moment_words
from fairlead.record.lake import load_of, manifest
from fairlead.workspace import Source, Workspace


class TableState(NamedTuple):
    """One table of a source as it was landed. `rows`: those of its last export; `changed_at`: when it last had news."""

    name: str
    rows: int
    seen_at: datetime
    changed_at: datetime | None
    exports: int
    files: tuple[str, ...]
    records: tuple[str, ...]


class SourceState(NamedTuple):
    """A source and its age. `seen_at` and `changed_at` are None before the first sync; `age` then is None too.

    `age` is from the last look at it to now, or to the end of the day the workspace pins. `records` are the tables
    of the record it gives.
    """

    name: str
    folder: str
    tables: tuple[TableState, ...]
    records: tuple[str, ...]
    seen_at: datetime | None
    changed_at: datetime | None
    age: timedelta | None
    stale_after: timedelta
    is_stale: bool
    files: tuple[str, ...]
    says: str


class Freshness(NamedTuple):
    """The stamp of a number: the sources behind it, the oldest look at any of them, and whether that is too old."""

    sources: tuple[str, ...]
    seen_at: datetime | None
    is_stale: bool
    says: str
    stale: tuple[str, ...] = ()


def sources(workspace: Workspace, *, now: datetime | None = None) -> tuple[SourceState, ...]:
    """Every source, leading one first; those never synced too."""
    now = now or datetime.now(UTC)
    build = workspace.lake.current()
    said = manifest(build) if build else {}
    return tuple(_state(workspace, source, said, now) for source in workspace.sources)


def freshness(workspace: Workspace, metrics: Sequence[str], *, now: datetime | None = None) -> dict[str, Freshness]:
    """How fresh each metric or measure is: by name, for the names that the dictionary knows."""
    now = now or datetime.now(UTC)
    build = workspace.lake.current()
    said = manifest(build) if build else {}
    states = {s.name: _state(workspace, s, said, now, built=True) for s in workspace.sources} if build else {}
    return {name: _fresh(workspace, name, said, states) for name in metrics if name in workspace.model.numbers}


def _fresh(workspace: Workspace, name: str, said: Mapping[str, Any], states: Mapping[str, SourceState]) -> Freshness:
    origins = lineage(instances(workspace.model.metrics, name), said) if said else ()
    behind = tuple(states[s] for s in dict.fromkeys(o.source for o in origins) if s in states)
    seen = [state.seen_at for state in behind if state.seen_at]
    oldest, stale = min(seen, default=None), tuple(state.name for state in behind if state.is_stale)
    return Freshness(tuple(s.name for s in behind), oldest, bool(stale), _fresh_words(workspace, behind), stale)


def _fresh_words(workspace: Workspace, behind: Sequence[SourceState]) -> str:
    if not behind:
        return "No source stands behind it yet."
    oldest = min(behind, key=lambda s: s.seen_at or datetime.min.replace(tzinfo=UTC))
    if oldest.seen_at is None or oldest.age is None:
        return f"{oldest.name} was never looked at."
    older = "" if not oldest.is_stale else f", longer ago than the {_span_words(oldest.stale_after)} agreed"
    names = "" if len(behind) == 1 else f", the oldest of {len(behind)} sources,"
    return f"{oldest.name}{names} was last looked at {_ago(oldest.age)}{older}."


def _state(
    workspace: Workspace, source: Source, said: Mapping[str, Any], now: datetime, *, built: bool = False
) -> SourceState:
    """A source as it is, or, with `built`, as far as the published build knows it."""
    folder = workspace.lake.raw / source.name
    tables = tuple(
        _table(path, source.name, said, landed)
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if path.is_dir() and (landed := _looks(path, source.name, said, built=built))
    )
    seen_at = max((t.seen_at for t in tables), default=None)
    end = workspace.end_of(workspace.config.today) if workspace.config.today else now
    age = max(end - seen_at, timedelta(0)) if seen_at else None
    stale_after = _stale_after(workspace, source.name)
    is_stale = age is None or age > stale_after
    return SourceState(
        name=source.name,
        folder=_shown(source.folder, workspace),
        tables=tables,
        records=tuple(dict.fromkeys(r for t in tables for r in t.records)),
        seen_at=seen_at,
        changed_at=max((t.changed_at for t in tables if t.changed_at), default=None),
        age=age,
        stale_after=stale_after,
        is_stale=is_stale,
        files=tuple(dict.fromkeys(f for t in tables for f in t.files)),
        says=_says(workspace, seen_at, age, stale_after),
    )


def _looks(path: Path, source: str, said: Mapping[str, Any], *, built: bool) -> tuple[Entry, ...]:
    """When a table was looked at; with `built`, only before the first load that the build was not made from."""
    looks = entries(path)
    if not built:
        return looks
    known = set(said.get("loads", ()))
    missed = [load_of(p).seen_at for p in path.glob("*.parquet") if f"{source}/{path.name}/{p.name}" not in known]
    return tuple(look for look in looks if not missed or look.seen_at < min(missed))


def _table(path: Path, source: str, said: Mapping[str, Any], landed: tuple[Entry, ...]) -> TableState:
    news = [load_of(file).seen_at for file in path.glob("*.parquet")]
    gives = (s["table"] for s in said.get("lineage", ()) if (s["source"], s["raw"]) == (source, path.name))
    return TableState(
        name=path.name,
        rows=landed[-1].alive,
        seen_at=landed[-1].seen_at,
        changed_at=max(news, default=None),
        exports=len(landed),
        files=tuple(said.get("files", {}).get(f"{source}/{path.name}", ())),
        records=tuple(dict.fromkeys(gives)),
    )


def _stale_after(workspace: Workspace, source: str) -> timedelta:
    config = workspace.config
    own = next((s.stale_after for s in config.sources if s.name == source), None)
    return (own or config.stale_after).elapsed or timedelta(0)


def _shown(folder: Path, workspace: Workspace) -> str:
    return folder.relative_to(workspace.root).as_posix() if folder.is_relative_to(workspace.root) else str(folder)


def _says(workspace: Workspace, seen_at: datetime | None, age: timedelta | None, stale_after: timedelta) -> str:
    if seen_at is None or age is None:
        return "Never looked at; `fairlead sync` reads it."
    at = moment_words(seen_at, workspace.manner)
    stale = f"; stale, for more than {_span_words(stale_after)} have passed" if age > stale_after else ""
    return f"Last looked at {_ago(age)} ({at}){stale}."


def _ago(age: timedelta) -> str:
    """An age in its largest whole unit: `3 days ago`."""
    return f"{_span_words(age)} ago" if age >= timedelta(minutes=1) else "just now"


def _span_words(span: timedelta) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if span.total_seconds() >= size:
            count = int(span.total_seconds() // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
