"""The workspace this desk serves."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from fairlead.workspace import SETTINGS, Workspace, open_workspace

Edition = tuple[tuple[str, int, int], ...]


def workspace() -> Workspace:
    """The workspace as its files are now: read again when a setting or the model was edited, and only then.

    It is only read: a page or a program's question is answered from the builds there are.
    """
    root: Path = settings.FAIRLEAD_ROOT
    return _opened(root, _edition(root))


@lru_cache(maxsize=2)
def _opened(root: Path, edition: Edition) -> Workspace:
    return open_workspace(root).only_read()


def _edition(root: Path) -> Edition:
    """What tells one state of the settings and the model from another, without reading them."""
    files = [root / SETTINGS, *sorted((root / "model").rglob("*.yaml"))]
    return tuple((str(file), (told := file.stat()).st_mtime_ns, told.st_size) for file in files if file.is_file())


def edition(root: Path) -> str:
    """The digest of all settings and the whole model, comments included; read again only after an edit."""
    return _digest(_edition(root))


@lru_cache(maxsize=2)
def _digest(edition: Edition) -> str:
    whole = hashlib.sha256()
    for file, _, _ in edition:
        whole.update(Path(file).name.encode() + b"\0" + Path(file).read_bytes() + b"\0")
    return whole.hexdigest()
