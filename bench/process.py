"""Run a command as its own process and see what it took."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Taken(NamedTuple):
    """Wall-clock seconds, and the most memory the process ever held."""

    seconds: float
    megabytes: float


def run(*arguments: str | os.PathLike[str]) -> Taken:
    """Run this Python with `arguments`; raises with what it printed when it fails."""
    return measured([sys.executable, *map(str, arguments)])


def fairlead(*arguments: str | os.PathLike[str]) -> Taken:
    """Run the `fairlead` command that belongs to this Python."""
    return measured([str(Path(sys.executable).with_name("fairlead")), *map(str, arguments)])


def measured(command: Sequence[str]) -> Taken:
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{printed}")
    per_megabyte = 1024**2 if sys.platform == "darwin" else 1024
    return Taken(time.perf_counter() - started, used.ru_maxrss / per_megabyte)
