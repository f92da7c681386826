"""Inspect a build: what went into it, what of that counts, and every row that does not."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.building import Built, SetAside, built, contract_problems, mapped, named, set_aside
from fairlead.actions.word_faults import unknown_words
from fairlead.problem import Problem
from fairlead.record.engine import reading
from fairlead.record.lake import load_of, manifest
from fairlead.record.recipe import Mapped
from fairlead.values import Query
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 200
COLUMNS = (
    'table_name AS "table", source_system AS source, source_id AS key, reason, detail, file, line, "row"'  # as exported
)


class Input(NamedTuple):
    """One raw table a build was made from: the files behind it, and the loads they were landed in.

    `first` and `last` are the moments (ISO 8601) of its first and last load.
    """

    source: str
    table: str
    files: tuple[str, ...]
    loads: int
    first: str
    last: str


class Inspected(NamedTuple):
    """Everything there is to know about a build. `before`: the build made before it, None for the first.

    `aside` are the rows that do not count, by reason; `values` those that were read as others; `is_agreed`
    tells whether its model is the one of today.
    """

    built: Built
    before: str | None
    inputs: tuple[Input, ...]
    aside: tuple[SetAside, ...]
    values: tuple[Mapped, ...]
    problems: tuple[Problem, ...]
    is_agreed: bool
    is_past: bool
    currency: str
    timezone: str
    code_digest: str


class Aside(NamedTuple):
    """One page of the rows a build set aside: `rows` has the columns table, source, key, reason, detail, file, line
    and row (the row itself as JSON). `total` counts all that were asked for; pages count from 1.
    """

    build: str
    rows: "pa.Table"
    total: int
    page: int
    pages: int


class Only(NamedTuple):
    """Which of the rows set aside; empty means any."""

    table: str = ""
    source: str = ""
    reason: str = ""


ANY = Only()


def inspect(workspace: Workspace, name: str | None = None) -> Inspected:
    """A build by its name or the beginning of it (default: the published one). Refused when there is none."""
    path = named(workspace, name)
    said = manifest(path)
    listed = built(path, is_current=path == workspace.lake.current())
    return Inspected(
        built=listed,
        before=_before(workspace, path),
        inputs=_inputs(said),
        aside=set_aside(workspace, path),
        values=mapped(path),
        problems=(*contract_problems(path, listed.tables), *unknown_words(workspace.model, path)),
        is_agreed=listed.model_digest == workspace.model.digest,
        is_past=bool(said["is_past"]),
        currency=said["currency"],
        timezone=said["timezone"],
        code_digest=said["code_digest"],
    )


def _before(workspace: Workspace, path: Path) -> str | None:
    names = [p.name for p in workspace.lake.listed()]
    place = names.index(path.name)
    return names[place - 1] if place else None


def _inputs(said: Mapping[str, Any]) -> tuple[Input, ...]:
    seen: dict[tuple[str, str], list[str]] = {}
    for load in map(load_of, map(Path, said["loads"])):
        seen.setdefault((load.source, load.table), []).append(load.seen_at.isoformat())
    return tuple(
        Input(source, table, tuple(said["files"].get(f"{source}/{table}", ())), len(times), min(times), max(times))
        for (source, table), times in sorted(seen.items())
    )


def rows_aside(
    workspace: Workspace, name: str | None = None, only: Only = ANY, *, page: int = 1, size: int = PAGE
) -> Aside:
    """The rows of a build that do not count, `size` a page, in the order of tables, sources, files and lines.

    A page past the last gives the last. Refused when there is no such build.
    """
    path = named(workspace, name)
    asked = [
        (c, v) for c, v in (("table_name", only.table), ("source_system", only.source), ("reason", only.reason)) if v
    ]
    where = " AND ".join(["true", *(f"{column} = ?" for column, _ in asked)])
    values = tuple(value for _, value in asked)
    reader = reading(path)
    total = reader.rows(Query("count", f"SELECT count(*) FROM quality.set_aside WHERE {where}", values))
    count = int(total.column(0)[0].as_py())
    pages = max(1, -(-count // size))
    page = min(max(1, page), pages)
    rows = reader.rows(
        Query(
            "rows set aside",
            f"SELECT {COLUMNS} FROM quality.set_aside WHERE {where}"
            f" ORDER BY 1, 2, file, line, key LIMIT {size} OFFSET {(page - 1) * size}",
            values,
        )
    )
    return Aside(path.name, rows, count, page, pages)
