"""The program that draws charts in the browser: made from vl-convert's own copy, once a version, and kept."""

import fcntl
import gzip
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

VERSION = version("vl-convert-python")
MAKING = "import sys, vl_convert; sys.stdout.write(vl_convert.javascript_bundle())"


def bundle(folder: Path) -> Path:
    """The bundle as a gzip file in `folder`; made when it is not there, in a few seconds, by one process only.

    In a process of its own: making it takes 200 MB, which this one would keep.
    """
    made = folder / f"charts-{VERSION}.js.gz"
    if made.is_file():
        return made
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "charts.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_file():
            _make(made)
    return made


def _make(target: Path) -> None:
    done = subprocess.run([sys.executable, "-c", MAKING], capture_output=True, check=True)  # noqa: S603
    fresh = target.with_suffix(".unfinished")
    fresh.write_bytes(gzip.compress(done.stdout, mtime=0))
    fresh.replace(target)
    for old in target.parent.glob("charts-*.js.gz"):
        if old != target:
            old.unlink(missing_ok=True)
