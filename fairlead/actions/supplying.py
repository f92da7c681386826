"""What each source supplies: the record's columns it fills, every export that was read, and what is wrong with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.actions.sources import SourceState, sources
from fairlead.connect.ledger import entries
from fairlead.problem import Problem
from fairlead.record.lake import load_of, manifest
from fairlead.workspace import Source, Workspace


class Filled(NamedTuple):
    """A table of the record that a source's table fills: (column there, columns here) in the mapping's order."""

    record: str
    table: str
    columns: tuple[tuple[str, tuple[str, ...]], ...]


class Exported(NamedTuple):
    """One export that was read: how many rows it had, how many the table has since, and whether there was news.

    `full`: it held every row, so that those missing from it have gone.
    """

    table: str
    seen_at: datetime
    rows: int
    alive: int
    full: bool
    had_news: bool


class Supply(NamedTuple):
    """A source with all that is known of it. `exports` newest first; `mapping` as people write it."""

    state: SourceState
    mapping: str
    fills: tuple[Filled, ...]
    exports: tuple[Exported, ...]
    problems: tuple[Problem, ...]


def supplies(workspace: Workspace, *, tried: bool = True, now: datetime | None = None) -> tuple[Supply, ...]:
    """Every source with what it fills, its exports and its problems, leading one first.

    `tried`: each mapping is also tried against what was landed, which takes seconds the first time.
    """
    now = now or datetime.now(UTC)
    build = workspace.lake.current()
    said: Mapping[str, Any] = manifest(build) if build else {}
    found = zip(sources(workspace, now=now), workspace.sources, strict=True)
    return tuple(
        _supply(workspace, state, source, said)._replace(problems=_problems(workspace, source, tried=tried))
        for state, source in found
    )


def _supply(workspace: Workspace, state: SourceState, source: Source, said: Mapping[str, Any]) -> Supply:
    inside = source.mapping.is_relative_to(workspace.root)
    return Supply(
        state=state,
        mapping=source.mapping.relative_to(workspace.root).as_posix() if inside else source.mapping.name,
        fills=tuple(
            Filled(s["table"], s["raw"], tuple((column, tuple(names)) for column, names in s["columns"].items()))
            for s in said.get("lineage", ())
            if s["source"] == source.name
        ),
        exports=_exports(workspace, state),
        problems=(),
    )


def _exports(workspace: Workspace, state: SourceState) -> tuple[Exported, ...]:
    found = []
    for table in state.tables:
        folder = workspace.lake.raw / state.name / table.name
        news = {load_of(path).seen_at for path in folder.glob("*.parquet")}
        found += [Exported(table.name, e.seen_at, e.rows, e.alive, e.full, e.seen_at in news) for e in entries(folder)]
    return tuple(sorted(found, key=lambda e: (e.seen_at, e.table), reverse=True))


def _problems(workspace: Workspace, source: Source, *, tried: bool) -> tuple[Problem, ...]:
    """What is wrong with a mapping by itself, and against what was landed; found once for as long as both stay."""
    if not tried:
        return _faults(source, workspace.base)
    told = source.mapping.stat() if source.mapping.is_file() else None
    landed = (path.name for path in workspace.lake.raw.glob(f"{source.name}/*/*.parquet"))
    edition = (told.st_mtime_ns if told else 0, told.st_size if told else 0, *sorted(landed))
    return _found(source, workspace.lake.raw, workspace.base, edition)


@lru_cache(maxsize=64)
def _found(source: Source, raw: Path, base: Path, edition: tuple[int | str, ...]) -> tuple[Problem, ...]:
    from fairlead.connect import files  # here: it brings the readers of every kind of file

    staged = files.stages(source.mapping, source.name, raw, base=base)[1]
    return tuple(dict.fromkeys([*_faults(source, base), *staged]))


def _faults(source: Source, base: Path) -> tuple[Problem, ...]:
    from fairlead.connect import files  # here: as above

    return tuple(files.faults(source.mapping, base=base))
