"""What is landed and what landing gave: values that every source of rows shares, and the names of raw tables."""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from fairlead.record.engine import columns_in

OWN = ("_key", "_seen_at", "_deleted", "_file", "_line", "_fault")
RESERVED = frozenset({*OWN, "_deleted_at", "_version", "_load", "_content", "_was", "_was_deleted", "_gone"})


class Part(NamedTuple):
    """One file of an export as Parquet on disk: the source's columns as text, then `_file`, `_line`, `_fault`.

    `fault`: SQL over those columns saying what is wrong with a row (`code: detail`, NULL when sound).
    """

    path: Path
    columns: tuple[str, ...]
    rows: int
    fault: str = "_fault"


class Export(NamedTuple):
    """One export of one table. Without `key` a row is identified by its whole content.

    `full`: rows that are missing have gone. `repeats`: without a key, equal rows are all kept, by number.
    """

    source: str
    table: str
    files: tuple[str, ...]
    digest: str
    parts: tuple[Part, ...] = ()
    key: tuple[str, ...] = ()
    full: bool = True
    repeats: bool = False


class Dirt(NamedTuple):
    """Rows of an export that one fault sets aside: how many, and the first of them."""

    code: str
    rows: int
    example: str
    file: str
    line: int


class Counts(NamedTuple):
    """rows = added + changed + unchanged + folded."""

    rows: int
    added: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0
    folded: int = 0
    faults: int = 0


class Landing(NamedTuple):
    """What landing one export did. rows = added + changed + unchanged + folded.

    `folded`: rows that repeat another row of the export exactly. `faults`: rows that will be set aside.
    `path`: the load written, None when nothing was news.
    """

    source: str
    table: str
    files: tuple[str, ...]
    rows: int
    added: int
    changed: int
    deleted: int
    unchanged: int
    folded: int
    faults: int
    path: Path | None
    seen_at: datetime
    dirt: tuple[Dirt, ...] = ()


def table_folder(raw: Path, source: str, table: str) -> Path:
    """Where the loads of one raw table are."""
    return raw / source / table


def view_name(source: str, table: str) -> str:
    """The name of a raw table's view in a build: `raw.<this>`.

    >>> view_name("files", "Deals 2025")
    'files__deals_2025'
    """
    return re.sub(r"[^a-z0-9_]", "_", f"{source}__{table}".lower())


def raw_columns(raw: Path, source: str, table: str) -> tuple[str, ...]:
    """The source's columns of a raw table, in the order first seen; empty when nothing was ever landed."""
    found: dict[str, str] = {}
    for path in sorted(table_folder(raw, source, table).glob("*.parquet")):
        for name in columns_in(path):
            if name not in OWN:
                found.setdefault(name.lower(), name)
    return tuple(found.values())


def quoted(name: str) -> str:
    """A column name as a SQL identifier.

    >>> quoted('Deal "A"')
    '"Deal ""A\""'
    """
    return '"' + name.replace('"', '""') + '"'
