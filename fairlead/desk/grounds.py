"""What an answer rests on besides its question: it stays good until any of this changes.

The code of Fairlead, the workspace with its settings and model, the published build and the day; for what tells of
builds, which builds and kept models there are; for what may be of the past, also what of raw has been landed and how
it is mapped, for such an answer may be made anew from those.
"""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from fairlead.connect.desk import SOURCE
from fairlead.desk.workplace import edition
from fairlead.workspace import Workspace

PACKAGE = Path(__file__).parents[1]
OF_THE_PAST = frozenset({"as_of", "known_at", "defined_on", "reported", "under"})  # what asks for it, in an address


def grounds(workspace: Workspace, now: datetime, *, builds: bool = False, past: bool = False) -> tuple[str, ...]:
    """What tells these grounds from any others, known without doing the work."""
    build = workspace.lake.current()
    parts = [code(), str(workspace.root), edition(workspace.root)]
    parts += [str(workspace.as_of(now)), build.name if build else ""]
    if builds or past:
        parts += [*_names(workspace.lake.builds), *_names(workspace.lake.models)]
    if past:
        parts += [str(load.path) for load in workspace.lake.loads()]
        parts += [_stamp(source.mapping) for source in workspace.sources]
    return tuple(parts)


def decided(workspace: Workspace) -> list[str]:
    """What people have decided at the desk, which counts at once: the files it was landed in."""
    return [name for folder in sorted((workspace.lake.raw / SOURCE).glob("*")) for name in _names(folder)]


@cache
def code() -> str:
    """The digest of Fairlead itself: another version may answer otherwise."""
    whole = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        whole.update(file.read_bytes())
    return whole.hexdigest()


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def _stamp(file: Path) -> str:
    return f"{file}:{file.stat().st_mtime_ns}" if file.is_file() else f"{file}:"
