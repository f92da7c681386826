"""Folders that are made once in a run, by the first process that asks, and copied by whoever wants one.

The workers of a run share one shelf: what one of them has written and synced, no other makes again.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

_place: Path | None = None


def stands_in(factory: pytest.TempPathFactory) -> None:
    """Where the shelf of this run is: beside the folders of the workers, or among those of the only process."""
    global _place  # noqa: PLW0603 - one shelf for a process, whoever asks for it
    own = factory.getbasetemp()
    _place = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shelf"
    _place.mkdir(exist_ok=True)


def from_shelf(name: str, make: Callable[[Path], object], to: Path) -> Path:
    """A copy, at `to`, of the folder `name`, which `make` makes where nobody has made it yet."""
    assert _place
    made, done = _place / name, _place / f"{name}.done"
    with (_place / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(made, ignore_errors=True)
            make(made)
            done.touch()
    shutil.copytree(made, to, dirs_exist_ok=True)
    return to
