"""Which exports of one raw table have been landed, and when: `raw/SOURCE/TABLE/exports.json`.

The loads hold rows that were news; an export that brought none leaves no load, yet it says that nothing had
changed by then, and a late landing needs to know. So every export is entered here. Losing the file, or dying
before it is written, costs nothing but time: the loads' own names carry their times.

    Landing ──enter()──> exports.json     one entry an export: seen_at, digest, full or partial, rows
"""

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fairlead.record.lake import load_of, write_atomically

LEDGER = "exports.json"


class Entry(NamedTuple):
    """One landed export. `digest` is of its files' bytes and of how they were read; "" when not known."""

    seen_at: datetime
    digest: str
    full: bool
    key: tuple[str, ...]
    rows: int
    alive: int


def entries(folder: Path) -> tuple[Entry, ...]:
    """Every export landed in this raw table's folder, oldest first."""
    known = {entry.seen_at: entry for entry in _written(folder)}
    for path in folder.glob("*.parquet"):
        at = load_of(path).seen_at
        known.setdefault(at, Entry(at, "", True, (), 0, 0))
    return tuple(known[at] for at in sorted(known))


def enter(folder: Path, entry: Entry) -> None:
    """Add one export to the ledger. Atomic."""
    kept = [e for e in _written(folder) if e.seen_at != entry.seen_at]
    rows = [
        {**e._asdict(), "seen_at": e.seen_at.astimezone(UTC).isoformat(), "key": list(e.key)}
        for e in sorted([*kept, entry])
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / LEDGER, json.dumps(rows, indent=0) + "\n")


def _written(folder: Path) -> tuple[Entry, ...]:
    file = folder / LEDGER
    try:
        told = file.stat()
        return _read(file, (told.st_mtime_ns, told.st_size, told.st_ino))
    except (FileNotFoundError, json.JSONDecodeError):
        return ()


@lru_cache(maxsize=256)
def _read(file: Path, state: tuple[int, int, int]) -> tuple[Entry, ...]:
    """The entries of a ledger in one `state`: its time, its size, its place on the disk."""
    return tuple(
        Entry(datetime.fromisoformat(r["seen_at"]), r["digest"], r["full"], tuple(r["key"]), r["rows"], r["alive"])
        for r in json.loads(file.read_text())
    )
