"""Demo companies that several benches of one run share: written once each, gone when the run ends."""

import tempfile
from functools import cache
from pathlib import Path

from bench.process import fairlead


@cache
def _shelf() -> "tempfile.TemporaryDirectory[str]":
    """Where they stand; removed with this process."""
    return tempfile.TemporaryDirectory(prefix="fairlead-bench-")


@cache
def written(scale: float) -> Path:
    """A demo company of this size, its exports written and nothing synced yet."""
    folder = Path(_shelf().name) / f"{scale:g}"
    fairlead("demo", "write", folder, "--scale", f"{scale:g}")
    return folder


def synced(scale: float) -> Path:
    """The same with a published build: one that another bench has made, or one made now."""
    folder = written(scale)
    if not (folder / ".fairlead" / "current").exists():
        fairlead("-C", folder, "sync")
    return folder
