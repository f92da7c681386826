"""Propose what the columns of the exports mean: a mapping a source, with the reason of every guess."""

from pathlib import Path
from typing import NamedTuple

from fairlead.actions.laws import NO_FILES, NOT_WRITTEN
from fairlead.connect import files
from fairlead.problem import Problem, Refused, Where
from fairlead.values import Progress, quiet
from fairlead.workspace import Source, Workspace


class Proposed(NamedTuple):
    """What was done for one source: the mapping's path, whether it was written, and what is still to choose."""

    source: str
    path: Path
    written: bool
    problems: tuple[Problem, ...]


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
    currency = workspace.config.currency
    try:
        proposal = files.write(source.folder, source.mapping, currency=currency, overwrite=overwrite, progress=progress)
    except OSError as failed:
        raise Refused([NOT_WRITTEN.broken(f"{failed.strerror}.", Where(str(source.mapping)))]) from failed
    return Proposed(source.name, source.mapping, True, proposal.problems)
