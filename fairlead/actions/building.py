"""Make builds: of now, to be published, and of the past, to be asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.actions.deriving import computed, derived
from fairlead.actions.laws import NO_FILES
from fairlead.actions.line_faults import unknown_status
from fairlead.analysis.gate_columns import LIFECYCLE
from fairlead.analysis.revenue_report import left_at_once, unbalanced
from fairlead.connect import desk
from fairlead.model.lifecycle import Outcome
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, Where, did_you_mean
from fairlead.record import archive
from fairlead.record.build import build, existing
from fairlead.record.engine import Reader
from fairlead.record.lake import manifest
from fairlead.record.laws import (
    MANY_BROKEN,
    MOST_LEFT,
    MUCH_SET_ASIDE,
    NO_BUILD,
    NOT_BALANCED,
    REVENUE_NOT_BALANCED,
)
from fairlead.record.recipe import Mapped, PipelineStage, Recipe, TableCount
from fairlead.record.stage import Stage
from fairlead.values import Progress, Query, quiet
from fairlead.workspace import Source, Workspace

MANY_AT_ONCE = 3  # customers, most of all, who leave on one day: fewer may well have
MUCH = 0.05


def recipe(
    workspace: Workspace, now: datetime, known_at: datetime | None = None, as_of: date | None = None
) -> tuple[Recipe, tuple[Problem, ...]]:
    """What a build of this workspace is made from besides raw, and the problems of its mappings.

    `as_of` makes it a build of an earlier day; by default it is of the day of `known_at`, or of `now`.
    """
    stages: list[Stage] = []
    problems: list[Problem] = []
    for source in workspace.sources:
        raw = workspace.lake.raw
        found, faults = _stages(source, raw, workspace.base, _edition(source, raw))
        stages += found
        problems += faults
    decided = desk.stages(workspace.lake.raw)
    config, day = workspace.config, workspace.as_of(known_at or now)
    return Recipe(
        stages=(*stages, *decided),
        sources=(*(source.name for source in workspace.sources), *([desk.SOURCE] if decided else [])),
        pipeline=pipeline(workspace.model),
        currency=config.currency,
        timezone=config.timezone,
        fiscal_year_start=config.fiscal_year_start,
        model_digest=workspace.model.digest,
        as_of=min(as_of or day, day),
        known_at=known_at,
        is_past=as_of is not None and as_of < day,
        derived=derived(workspace, now),
        computed=computed(workspace, now),
        stage_names=stage_names(workspace.model),
    ), tuple(problems)


Edition = tuple[tuple[str, int, int], ...]


@lru_cache(maxsize=64)
def _stages(source: Source, raw: Path, base: Path, edition: Edition) -> tuple[tuple[Stage, ...], tuple[Problem, ...]]:
    """The stages of a source, tried on its rows once for each `edition`: trying takes seconds."""
    from fairlead.connect import files  # here: a question of the published build need not wait for Excel to be loaded

    return files.stages(source.mapping, source.name, raw, base=base)


def _edition(source: Source, raw: Path) -> Edition:
    """What tells one state of a source's mapping and landed rows from another, without reading them."""
    landed = sorted((raw / source.name).glob("*/*.parquet"))
    return tuple(
        (str(f), (told := f.stat()).st_mtime_ns, told.st_size) for f in (source.mapping, *landed) if f.exists()
    )


def stage_names(model: Model) -> tuple[str, ...]:
    """The names of all stages, of the lifecycle and of every pipeline; and with their flow before them."""
    lines = [(LIFECYCLE, tuple(model.lifecycle.stages))]
    lines += [(line.name, tuple(line.stages)) for line in model.lifecycle.pipelines.values()]
    alone = dict.fromkeys(name for _, names in lines for name in names)
    return (*alone, *(f"{flow}.{name}" for flow, names in lines for name in names))


def pipeline(model: Model) -> tuple[PipelineStage, ...]:
    """The stages of all pipelines, each once, in order; one of the same name in a later pipeline means the same."""
    stages: dict[str, PipelineStage] = {}
    for line in model.lifecycle.pipelines.values():
        for stage in line.stages.values():
            won, lost = stage.outcome is Outcome.WON, stage.outcome is Outcome.LOST
            stages.setdefault(stage.name, PipelineStage(stage.name, len(stages) + 1, stage.qualified, won, lost))
    return tuple(stages.values())


def of_the_past(
    workspace: Workspace,
    known_at: datetime | None,
    as_of: date | None,
    *,
    now: datetime,
    progress: Progress = quiet,
) -> Path:
    """The build of what was known at `known_at` (aware; None: everything) as of `as_of` (None: that day itself).

    Made when it is not there yet, and never published.
    """
    made_from = _recipe_of_the_past(workspace, known_at, as_of, now)
    if (made := existing(workspace.lake, made_from)) is not None:
        return made
    with workspace.lake.building(now):
        archive.keep(workspace.lake, workspace.model, workspace.model_folder)
        return build(workspace.lake, made_from, now=now, progress=progress)


def made_of_the_past(
    workspace: Workspace, known_at: datetime | None, as_of: date | None, *, now: datetime
) -> Path | None:
    """The build that `of_the_past` gives, where it is there already; None where it would have to be made."""
    return existing(workspace.lake, _recipe_of_the_past(workspace, known_at, as_of, now))


def _recipe_of_the_past(workspace: Workspace, known_at: datetime | None, as_of: date | None, now: datetime) -> Recipe:
    """What such a build is made from; raises Refused where it cannot be."""
    if known_at is not None and not workspace.lake.loads(known_at):
        message = f"Nothing was known yet at {known_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
        raise Refused(
            [NO_FILES.broken(message, hint="Ask for a later time; `fairlead builds` shows when data was seen.")]
        )
    made_from, problems = recipe(workspace, now, known_at, as_of)
    if errors := [p for p in problems if p.is_error]:
        raise Refused(errors)
    return made_from


class Built(NamedTuple):
    """A build as it is listed. `seconds`: how long it took; `known_at` only for builds of the past."""

    build: str
    made_at: str
    as_of: str
    known_at: str | None
    seen_at: str | None
    seconds: float
    rows_in: int
    kept: int
    set_aside: int
    broken_references: int
    model_digest: str
    load_digest: str
    is_current: bool
    tables: tuple[TableCount, ...]
    rows: Mapping[str, int]


def builds(workspace: Workspace) -> tuple[Built, ...]:
    """Every build there is, newest first."""
    current = workspace.lake.current()
    return tuple(built(path, is_current=path == current) for path in reversed(workspace.lake.listed()))


def built(path: Path, *, is_current: bool) -> Built:
    """One build as it is listed."""
    said: Mapping[str, Any] = manifest(path)
    tables = tuple(TableCount(**count) for count in said["tables"])
    return Built(
        **{name: said[name] for name in ("build", "made_at", "as_of", "known_at", "seen_at", "seconds", "rows")},
        **{name: said[name] for name in ("model_digest", "load_digest")},
        rows_in=sum(t.rows_in for t in tables),
        kept=sum(t.kept for t in tables),
        set_aside=sum(t.set_aside for t in tables),
        broken_references=sum(t.broken_references for t in tables),
        is_current=is_current,
        tables=tables,
    )


def named(workspace: Workspace, name: str | None) -> Path:
    """A build by its name or the beginning of it; without one, the published build. Refused when there is none."""
    listed = workspace.lake.listed()
    if name is None:
        path = workspace.lake.current()
    else:
        path = next((p for p in reversed(listed) if p.name.startswith(name)), None)
    if path is None:
        known = [p.name for p in listed]
        raise Refused(
            [
                NO_BUILD.broken(
                    f"There is no build '{name or ''}'.", hint=did_you_mean(name or "", known) if known else None
                )
            ]
        )
    return path


class SetAside(NamedTuple):
    """Rows set aside for one reason: how many, and the first of them as an example with its file and line."""

    table: str
    source: str
    reason: str
    rows: int
    detail: str
    file: str
    line: int


def set_aside(workspace: Workspace, path: Path) -> tuple[SetAside, ...]:
    """Why rows of a build do not count, most rows first."""
    reader = Reader(path)
    try:
        rows = reader.rows(
            Query(
                "set aside",
                "SELECT table_name, source_system, reason, count(*) AS rows, min_by(detail, (file, line)) AS detail,"
                " min_by(file, (file, line)) AS file, min_by(line, (file, line)) AS line"
                " FROM quality.set_aside GROUP BY ALL ORDER BY rows DESC, table_name, source_system, reason",
            )
        ).to_pylist()
    finally:
        reader.close()
    return tuple(SetAside(*row.values()) for row in rows)


def mapped(path: Path) -> tuple[Mapped, ...]:
    """The rows of a build whose values were read as others, as its mappings say; most rows first."""
    found = [Mapped(**one) for one in manifest(path)["mapped"]]
    return tuple(sorted(found, key=lambda m: -m.rows))


def contract_problems(path: Path, counts: Sequence[TableCount]) -> tuple[Problem, ...]:
    """What the counts of a build say is wrong with it."""
    found = []
    for count in counts:
        where = Where(f"{path.name}/build.json")
        named = f"{count.source}: {count.table}"
        if count.rows_in != count.kept + count.set_aside:
            found.append(NOT_BALANCED.broken(f"{named} took in {count.rows_in} rows and accounts for fewer.", where))
        if count.set_aside > MUCH * count.rows_in:
            message = f"{named}: {count.set_aside} of {count.rows_in} rows were set aside."
            found.append(MUCH_SET_ASIDE.broken(message))
        if count.broken_references > MUCH * count.kept:
            message = f"{named}: {count.broken_references} references of {count.kept} rows find nobody."
            found.append(MANY_BROKEN.broken(message))
    reader = Reader(path)
    try:
        return (*found, *unknown_status(reader), *_revenue_problems(reader))
    finally:
        reader.close()


def _revenue_problems(reader: Reader) -> tuple[Problem, ...]:
    """What movements of recurring revenue leave unexplained, and an end of the data that would look like churn."""
    (row,), last = reader.rows(unbalanced()).to_pylist(), reader.rows(left_at_once()).to_pylist()
    where = Where(f"{reader.build.name}/mart/mrr_movement.parquet")
    found = []
    if row["accounts"]:
        message = f"Movements leave {row['money']} of the recurring revenue of {row['accounts']} accounts unexplained."
        found.append(REVENUE_NOT_BALANCED.broken(message, where))
    for end in last:
        if end["customers"] >= MANY_AT_ONCE:
            message = f"{end['customers']} of {end['before']} customers left on {end['day']}, all at once."
            hint = f"Is that the end of the data? Then `today: {end['day'] - timedelta(days=1)}` is its last whole day."
            found.append(MOST_LEFT.broken(message, where, hint))
    return tuple(found)
