"""Propose what the columns of the exports mean: a mapping a source, with the reason of every guess."""

from pathlib import Path
from typing import NamedTuple

from fairlead.actions.laws import NO_FILES, NOT_WRITTEN
from fairlead.connect import files
from fairlead.problem import Problem, Refused, Where
from fairlead.values import Progress, quiet
from fairlead.workspace import Source, Workspace


class Proposed(NamedTuple):
    """What was done for one source: the mapping's path, whether it was written, what is still to choose or unread."""

    source: str
    path: Path
    written: bool
    problems: tuple[Problem, ...]
    unread: tuple[files.Unread, ...] = ()


def propose(workspace: Workspace, *, overwrite: bool = False, progress: Progress = quiet) -> tuple[Proposed, ...]:
    """Write a proposed mapping for every source that has none; with `overwrite`, for all of them.

    Raises Refused when there are no exports at all.
    """
    if not workspace.sources:
        raise Refused([NO_FILES.broken(f"There is nothing to read in {workspace.data}.", Where(str(workspace.data)))])
    return tuple(_propose(workspace, source, overwrite, progress) for source in workspace.sources)


def _propose(workspace: Workspace, source: Source, overwrite: bool, progress: Progress) -> Proposed:
    if source.mapping.exists() and not overwrite:
        return Proposed(source.name, source.mapping, False, ())
    config = workspace.config
    try:
        proposal = files.write(
            source.folder,
            source.mapping,
            currency=config.currency,
            timezone=config.timezone,
            overwrite=overwrite,
            progress=progress,
        )
    except OSError as failed:
        raise Refused([NOT_WRITTEN.broken(f"{failed.strerror}.", Where(str(source.mapping)))]) from failed
    placed = tuple(_placed(problem, workspace, source) for problem in proposal.problems)
    unread = tuple(one._replace(file=_shown(source.folder / one.file, workspace)) for one in proposal.unread)
    return Proposed(source.name, source.mapping, True, placed, unread)


def _placed(problem: Problem, workspace: Workspace, source: Source) -> Problem:
    """The same problem with its file as other commands write it: relative to the workspace, or to --data."""
    if problem.where is None:
        return problem
    own = problem.where.file == files.MAPPING
    path = source.mapping if own else source.folder / problem.where.file
    return problem._replace(where=problem.where._replace(file=_shown(path, workspace)))


def _shown(path: Path, workspace: Workspace) -> str:
    return path.relative_to(workspace.base).as_posix() if path.is_relative_to(workspace.base) else path.name
