"""The lake on disk: where raw loads and builds are, what is published, and who may build.

Raw is append-only and builds are immutable, so readers need no lock. One process at a time lands and builds:
it holds a file lock that the operating system releases however the process ends.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.problem import Refused, Where
from fairlead.record.laws import BUILD_RUNNING, LAKE_DAMAGED

UNFINISHED = ".unfinished-"
STAMP = "%Y%m%dT%H%M%S.%fZ"


class Load(NamedTuple):
    """One landed file of raw: all rows of one source table that were news at `seen_at`."""

    source: str
    table: str
    path: Path
    seen_at: datetime


class Lake(NamedTuple):
    """The `.fairlead` folder of a workspace. `pinned`: the build to read instead of the published one."""

    root: Path
    pinned: Path | None = None

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def builds(self) -> Path:
        return self.root / "builds"

    @property
    def models(self) -> Path:
        return self.root / "models"

    def loads(self, known_at: datetime | None = None) -> tuple[Load, ...]:
        """Every load seen by `known_at` (default: all), oldest first, in an order that never varies."""
        found = (load_of(path) for path in self.raw.glob("*/*/*.parquet"))
        seen = (load for load in found if known_at is None or load.seen_at <= known_at)
        return tuple(sorted(seen, key=lambda load: (load.source, load.table, load.seen_at, load.path.name)))

    def current(self) -> Path | None:
        """The published build, or None before the first one."""
        if self.pinned is not None:
            return self.pinned
        try:
            build = self.builds / (self.root / "current").read_text(errors="replace").strip()
        except FileNotFoundError:
            return None
        return build if (build / "build.json").exists() else None

    def publish(self, build: Path) -> None:
        """Make `build` the one that everybody reads from the next question on. Atomic."""
        write_atomically(self.root / "current", build.name + "\n")

    def listed(self) -> tuple[Path, ...]:
        """Every finished build, oldest first."""
        if not self.builds.is_dir():
            return ()
        finished = [p for p in self.builds.iterdir() if not p.name.startswith(".") and (p / "build.json").exists()]
        return tuple(sorted(finished, key=lambda p: (manifest(p)["made_at"], p.name)))

    @contextmanager
    def building(self, now: datetime) -> Iterator[None]:
        """Hold the right to land and build; raises Refused, naming the holder, when another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "another process"
                raise Refused([BUILD_RUNNING.broken(f"{holder} is building here.", Where(str(self.root)))]) from None
            lock.truncate(0)
            lock.write(f"Process {os.getpid()}, since {now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC,")
            lock.flush()
            self._sweep()
            yield
            lock.truncate(0)

    @contextmanager
    def editing(self) -> Iterator[None]:
        """Hold the right to change the model's files, waiting for whoever has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "editing").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _sweep(self) -> None:
        """Remove what a process that died left behind; only the holder of the lock may."""
        left_behind = ((self.builds, ""), (self.models, ""), (self.raw, "*/*/"))
        for left in [path for folder, under in left_behind for path in folder.glob(f"{under}{UNFINISHED}*")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


@lru_cache(maxsize=4096)
def load_of(path: Path) -> Load:
    """The load that a raw file's path names; Refused when it is no load of ours."""
    stamp = path.stem.rsplit("-", 1)[0]
    try:
        seen_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise Refused([LAKE_DAMAGED.broken("Its name is not that of a load.", Where(str(path)))]) from None
    return Load(path.parts[-3], path.parts[-2], path, seen_at)


def manifest(build: Path) -> Mapping[str, Any]:
    """What a build says it was made from: the content of its build.json. Refused when that cannot be read.

    Everybody is given the same object for the same file; nobody changes it.
    """
    file = build / "build.json"
    told = file.stat()
    return _read(file, (told.st_mtime_ns, told.st_size, told.st_ino))


@lru_cache(maxsize=64)
def _read(file: Path, state: tuple[int, int, int]) -> Mapping[str, Any]:
    """The content of a build.json in one `state`: its time, its size, its place on the disk."""
    try:
        content: Mapping[str, Any] = json.loads(file.read_text())
    except ValueError:  # broken JSON, or no text at all
        raise Refused([LAKE_DAMAGED.broken("It cannot be read.", Where(str(file)))]) from None
    return content


@lru_cache(maxsize=64)
def currency_of(build: Path) -> str | None:
    """The currency a build's money is in; None when the build cannot be read."""
    try:
        said: str | None = manifest(build).get("currency")
    except (Refused, OSError):
        return None
    return said


def write_atomically(path: Path, text: str) -> None:
    """Replace a small file so that a reader, or a crash, sees the old text or the new and nothing else."""
    fresh = path.with_name(f"{UNFINISHED}{path.name}")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
