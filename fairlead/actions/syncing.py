"""Sync: land the exports, build, publish."""

from datetime import UTC, datetime
from typing import NamedTuple

from fairlead.actions.building import Built, built, contract_problems, recipe
from fairlead.actions.history import chapters
from fairlead.actions.laws import FUTURE_EXPORT, NO_FILES
from fairlead.actions.line_faults import lines_changed, lines_gone
from fairlead.actions.word_faults import unknown_words
from fairlead.connect import files
from fairlead.connect.land import Landing
from fairlead.problem import Problem, Refused, Where
from fairlead.record import archive
from fairlead.record.build import build
from fairlead.values import Progress, quiet
from fairlead.workspace import Workspace


class Synced(NamedTuple):
    """What a sync did. `is_new` is False when nothing had changed and the published build stands."""

    landings: tuple[Landing, ...]
    problems: tuple[Problem, ...]
    build: Built
    is_new: bool


def sync(
    workspace: Workspace,
    *,
    exported_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Synced:
    """Land every source's exports as seen at `exported_at` (default: now), build, check and publish.

    Raises Refused with every problem when there is nothing to land or a mapping is in error; what was published
    stays published.
    """
    now = now or datetime.now(UTC)
    seen_at = _seen_at(workspace, exported_at, now)
    with workspace.lake.building(now):
        landings, problems = land(workspace, seen_at, progress)
        made_from, mapping_problems = recipe(workspace, now)
        problems += mapping_problems
        if errors := [p for p in problems if p.is_error]:
            raise Refused(list(dict.fromkeys(errors)))
        before = workspace.lake.current()
        known = chapters(workspace)
        since = min(known[-1].since, now) if len(known) > 1 else now  # as the recipe of this build has it
        archive.keep(workspace.lake, workspace.model, workspace.model_folder)
        path = build(workspace.lake, made_from, now=now, progress=progress)
        workspace.lake.publish(path)
        archive.use(workspace.lake, workspace.model.digest, since)
    listed = built(path, is_current=True)
    problems += contract_problems(path, listed.tables)
    problems += unknown_words(workspace.model, path)
    if any(landing.deleted for landing in landings):
        problems += lines_gone(path, seen_at)
    if before is not None and before != path and any(landing.changed for landing in landings):
        problems += lines_changed(path, before, seen_at)
    return Synced(landings, tuple(dict.fromkeys(problems)), listed, path != before)


def _seen_at(workspace: Workspace, exported_at: datetime | None, now: datetime) -> datetime:
    """When the exports were taken. Today as a day means its end, which is yet to come: now, then."""
    if exported_at is None or now < exported_at <= workspace.end_of(now.astimezone(workspace.zone).date()):
        return now
    if exported_at > now:
        raise Refused([FUTURE_EXPORT.broken(f"{exported_at:%Y-%m-%d %H:%M} is yet to come.")])
    return exported_at


def land(
    workspace: Workspace, seen_at: datetime, progress: Progress
) -> tuple[tuple[Landing, ...], tuple[Problem, ...]]:
    """Land every source's exports. A source whose mapping is in error lands nothing; the others do."""
    landings: list[Landing] = []
    problems: list[Problem] = []
    if not workspace.sources:
        raise Refused([NO_FILES.broken(f"There is nothing to read in {workspace.data}.", Where(str(workspace.data)))])
    for source in workspace.sources:
        found, faults = files.land(
            source.folder,
            source.mapping,
            source.name,
            workspace.lake.raw,
            seen_at,
            base=workspace.base,
            progress=progress,
        )
        landings += found
        problems += faults
    return tuple(landings), tuple(problems)
