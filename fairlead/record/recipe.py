"""What a build is made from, what it says of itself, and the name that follows from the first."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.record.lake import Load
from fairlead.record.stage import Stage

if TYPE_CHECKING:
    import pyarrow as pa


class PipelineStage(NamedTuple):
    """A stage deals go through, in order; `is_qualified` from the stage on that makes pipeline qualified."""

    name: str
    position: int
    is_qualified: bool
    is_won: bool
    is_lost: bool


class Derived(NamedTuple):
    """A table whose SQL follows from the model, such as the clocks of its handoffs: one SELECT over qualified names.

    `name` is `mart.TABLE` for a declared table, which is written with the build, or `build.TABLE` for a step to one.
    """

    name: str
    sql: str


class Computed(NamedTuple):
    """A table on the way, `build.TABLE`, that Python makes of the few rows that `reads` selects.

    `says` is all that `make` depends on besides those rows: it is part of what the build is made from.
    """

    name: str
    reads: str
    says: str
    make: "Callable[[pa.Table], pa.Table]"


class Recipe(NamedTuple):
    """What a build is made from, besides raw. `sources` in order of priority; `stage_names` of all flows.

    `is_past`: `as_of` lies before the day on which `known_at` (or now) falls, so that the record knows more than had
    happened by then.
    """

    stages: tuple[Stage, ...]
    sources: tuple[str, ...]
    pipeline: tuple[PipelineStage, ...]
    currency: str
    timezone: str
    fiscal_year_start: int
    model_digest: str
    as_of: date
    known_at: datetime | None = None
    is_past: bool = False
    derived: tuple[Derived, ...] = ()
    computed: tuple[Computed, ...] = ()
    stage_names: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """All of it but the stages and `known_at`, as text that is the same in every process."""
        computed = tuple((one.name, one.reads, one.says) for one in self.computed)
        return f"{self._replace(stages=(), known_at=None, computed=())!r}{computed!r}"


class TableCount(NamedTuple):
    """Rows of one canonical table from one source: rows_in = kept + set_aside, always.

    Of the kept rows' references, `broken_references` named nobody and were emptied; `empty_references` came empty
    where most rows have one, such as a deal without an account. `left_out` rows of the source's raw tables are no
    rows of this table: the mapping's `where` says so, or they repeat another line of the same thing.
    """

    table: str
    source: str
    rows_in: int
    kept: int
    set_aside: int
    broken_references: int
    empty_references: int = 0
    left_out: int = 0


class Mapped(NamedTuple):
    """Rows of a source whose value was read as another one, because the mapping says so."""

    table: str
    column: str
    source: str
    raw: str
    source_column: str
    found: str
    read_as: str | None
    rows: int


class Told(NamedTuple):
    """What a finished build says of itself: counts, rows by table, the files behind each raw table, values replaced."""

    made_at: datetime
    seconds: float
    counts: tuple[TableCount, ...]
    rows: Mapping[str, int]
    files: Mapping[tuple[str, str], tuple[str, ...]]
    mapped: tuple[Mapped, ...]


def name_of(recipe: Recipe, loads: Sequence[Load]) -> str:
    """A build's name: the day it is as of, and the digest of all that it is made from."""
    made_from = [
        *(load.path.name for load in loads),
        *(repr((s.table, s.source, s.raw, s.sql, s.keys, dict(s.mapped))) for s in recipe.stages),
        recipe.said,
        code_digest(),
    ]
    return f"{recipe.as_of.isoformat()}-{hashlib.sha256(chr(10).join(made_from).encode()).hexdigest()[:12]}"


def manifest_of(recipe: Recipe, loads: Sequence[Load], told: Told) -> dict[str, Any]:
    """The content of build.json."""
    return {
        "build": name_of(recipe, loads),
        "made_at": told.made_at.isoformat(),
        "seconds": round(told.seconds, 3),
        "as_of": recipe.as_of.isoformat(),
        "is_past": recipe.is_past,
        "known_at": recipe.known_at.isoformat() if recipe.known_at else None,
        "seen_at": max(load.seen_at for load in loads).isoformat() if loads else None,
        "currency": recipe.currency,
        "timezone": recipe.timezone,
        "fiscal_year_start": recipe.fiscal_year_start,
        "model_digest": recipe.model_digest,
        "code_digest": code_digest(),
        "loads": [f"{load.source}/{load.table}/{load.path.name}" for load in loads],
        "load_digest": hashlib.sha256("\n".join(load.path.name for load in loads).encode()).hexdigest()[:16],
        "tables": [count._asdict() for count in told.counts],
        "rows": dict(told.rows),
        "files": {f"{source}/{raw}": list(names) for (source, raw), names in told.files.items()},
        "mapped": [mapped._asdict() for mapped in told.mapped],
        "derived": {one.name: one.sql for one in recipe.derived},
        "lineage": [
            {"table": s.table, "source": s.source, "raw": s.raw, "columns": {k: list(v) for k, v in s.lineage.items()}}
            for s in recipe.stages
        ],
    }


@cache
def code_digest() -> str:
    """Digest of the code that decides a build's rows: this room and the declared tables."""
    here = files("fairlead.record")
    declared = (
        files("fairlead.model").joinpath(name)
        for name in (
            "shape.py",
            "line_status.py",
            "canonical.py",
            "marts.py",
            *(f"marts_of_{w}.py" for w in ("clocks", "handoffs", "reconciliation", "renewing", "revenue")),
        )
    )
    sources = [*_walk(here, (".py", ".sql")), *declared]
    texts = (source.read_bytes() for source in sorted(sources, key=str))
    return hashlib.sha256(b"\n".join(texts)).hexdigest()[:16]


def _walk(folder: Traversable, endings: tuple[str, ...]) -> Iterable[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, endings)
        elif entry.name.endswith(endings):
            yield entry
