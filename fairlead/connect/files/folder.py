"""The files of one folder and the entries of its mapping, brought together: landing, and stages.

folder + mapping.yaml ──land──> raw loads        mapping.yaml + raw columns ──stages──> Stage values
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from fairlead.connect.exports import Export, Landing, Part, raw_columns, table_folder
from fairlead.connect.files import mapping as mappings
from fairlead.connect.files.compiler import Entry
from fairlead.connect.files.compiling import compile_entry
from fairlead.connect.files.delimited import Read
from fairlead.connect.files.mapping import CHOOSE, FileMap, Loaded
from fairlead.connect.files.reading import ENDINGS, OLD, Found, found, read_file
from fairlead.connect.files.sheets import UnreadableError
from fairlead.connect.files.trying import trials, tried
from fairlead.connect.land import already, land
from fairlead.connect.laws import (
    DIRT,
    DUPLICATE_HEADER,
    FILE_EMPTY,
    FILE_UNMAPPED,
    FILE_UNREADABLE,
    KEY_NOT_UNIQUE,
    NO_SUCH_FILE,
    NOT_IN_FILE,
    SAME_TABLE,
)
from fairlead.connect.ledger import entries
from fairlead.problem import Problem, Where, did_you_mean
from fairlead.record.lake import UNFINISHED
from fairlead.record.stage import Stage
from fairlead.values import Progress, plain_name, quiet

MAPPING = "mapping.yaml"


class Table(NamedTuple):
    """One entry of a mapping with the files it reads; `number` is its place in the mapping."""

    name: str
    number: int
    mapped: FileMap
    paths: tuple[Path, ...]


def simplified(name: str) -> str:
    """A file's name as the name of a raw table.

    >>> simplified("Opportunity*.csv"), simplified("2025 Deals (final).xlsx")
    ('opportunity', 't_2025_deals_final')
    """
    stem = re.sub(r"\.[A-Za-z]+$", "", name)
    plain = plain_name(stem)
    return plain if plain[:1].isalpha() else f"t_{plain}".rstrip("_")


def raw_name(mapped: FileMap) -> str:
    """The raw table that an entry lands in."""
    default = simplified(Path(mapped.file).name) + (f"_{simplified(mapped.sheet)}" if mapped.sheet else "")
    return simplified(mapped.name) if mapped.name else default


def data_files(folder: Path) -> tuple[Path, ...]:
    """Every file of a folder that could be an export, hidden and office lock files left out."""
    if not folder.is_dir():
        return ()
    known = (*ENDINGS, *OLD)
    return tuple(
        sorted(
            p for p in folder.rglob("*")
            if p.is_file() and p.suffix.lower() in known and not p.name.startswith((".", "~$"))
            and not any(part.startswith((".", "_")) for part in p.relative_to(folder).parts[:-1])
        )
    )  # fmt: skip


def tables_of(loaded: Loaded, folder: Path, base: Path) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    """The entries of a mapping with their files, and what does not fit together; files are named relative to `base`."""
    problems: list[Problem] = []
    files = {p.relative_to(folder).as_posix(): p for p in data_files(folder)}
    tables: dict[str, Table] = {}
    read: set[str] = set()
    for number, mapped in enumerate(loaded.mapping.files):
        name, where = raw_name(mapped), loaded.where("files", number, "file")
        matching = [f for f in files if fnmatchcase(f, mapped.file)]
        read.update(matching)
        if name in tables:
            problems.append(
                SAME_TABLE.broken(f"'{mapped.file}' lands in '{name}', as '{tables[name].mapped.file}' does.", where)
            )
            continue
        if not matching:
            hint = did_you_mean(mapped.file, files)
            problems.append(NO_SUCH_FILE.broken(f"No file is called '{mapped.file}' in {folder.name}.", where, hint))
        tables[name] = Table(name, number, mapped, tuple(files[f] for f in matching))
    top = files if loaded.mapping.files else {}
    left = [
        f for f in top if f not in read and "/" not in f and not any(fnmatchcase(f, i) for i in loaded.mapping.ignore)
    ]
    problems += [
        FILE_UNMAPPED.broken("No entry of the mapping reads this file.", Where(_shown(files[f], base))) for f in left
    ]
    return tuple(tables.values()), tuple(problems)


def land_folder(  # noqa: PLR0913
    folder: Path,
    mapping: Path,
    source: str,
    raw: Path,
    seen_at: datetime,
    *,
    base: Path | None = None,
    progress: Progress = quiet,
) -> tuple[tuple[Landing, ...], tuple[Problem, ...]]:
    """Land every mapped file of a folder. `base`: the folder that file names are shown relative to."""
    loaded = mappings.load(mapping, _shown(mapping, base or folder))
    tables, problems = tables_of(loaded, folder, base or folder)
    landings: list[Landing] = []
    told = [*loaded.problems, *problems]
    if any(p.is_error for p in told):
        return (), tuple(told)
    for table in tables:
        if table.paths:
            landing, more = _Lander(loaded, table, source, raw, seen_at, base or folder, progress).run()
            told += more
            landings += [landing] if landing else []
    return tuple(landings), tuple(told)


def _shown(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name


class _Lander:
    """Lands one table."""

    def __init__(  # noqa: PLR0913, PLR0917
        self, loaded: Loaded, table: Table, source: str, raw: Path, seen_at: datetime, base: Path, progress: Progress
    ) -> None:
        self.loaded, self.table, self.source, self.raw = loaded, table, source, raw
        self.seen_at, self.base, self.progress = seen_at, base, progress
        self.problems: list[Problem] = []

    def run(self) -> tuple[Landing | None, list[Problem]]:
        files = [f for path in self.table.paths if (f := self._found(path))]
        if len(files) < len(self.table.paths):
            return None, self.problems
        export = self._export(files)
        if same := already(export, self.raw, self.seen_at):
            return same, self.problems
        with working(table_folder(self.raw, self.source, self.table.name)) as temp:
            reads = [self._read(file, temp / f"{number}.parquet") for number, file in enumerate(files)]
            if None in reads or not self._fits(export, [r for r in reads if r]):
                return None, self.problems
            parts: tuple[Part, ...] = tuple(r.part for r in reads if r)
            landing, more = land(export._replace(parts=parts), self.raw, self.seen_at, temp)
        self.problems += more
        self._tell(landing)
        return landing, self.problems

    def _found(self, path: Path) -> Found | None:
        label = _shown(path, self.base)
        try:
            if hint := OLD.get(path.suffix.lower()):
                self.problems.append(FILE_UNREADABLE.broken(f"{path.suffix} files cannot be read.", Where(label), hint))
                return None
            return found(path, label, self.table.mapped.encoding)
        except (UnreadableError, OSError) as bad:
            self.problems.append(FILE_UNREADABLE.broken(f"The file cannot be read: {bad}.", Where(label)))
            return None

    def _export(self, files: Sequence[Found]) -> Export:
        mapped = self.table.mapped
        key = () if CHOOSE in mapped.key else mapped.key
        full = (mapped.export or self.loaded.mapping.export) == "full"
        how = (mapped.sheet, mapped.header, mapped.delimiter, mapped.encoding, key, full, mapped.repeats)
        text = repr([(f.label, f.digest) for f in files]) + repr(how)
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        labels = tuple(f.label for f in files)
        return Export(self.source, self.table.name, labels, digest, (), key, full, mapped.repeats == "keep")

    def _read(self, file: Found, out: Path) -> Read | None:
        try:
            done = read_file(file, self.table.mapped, out, self.progress)
        except UnreadableError as bad:
            self.problems.append(FILE_UNREADABLE.broken(f"The file cannot be read: {bad}.", Where(file.label)))
            return None
        if done is None:
            self.problems.append(FILE_EMPTY.broken("The file is empty, not even a header line.", Where(file.label)))
            return None
        line = Where(file.label, self.table.mapped.header or 1)
        for name in done.headers.repeated:
            message = f"More than one column is called '{name}'; the second is read as '{name} (2)'."
            self.problems.append(DUPLICATE_HEADER.broken(message, line))
        return done

    def _fits(self, export: Export, reads: Sequence[Read]) -> bool:
        """Whether the export has the columns that are mapped: one renamed since the last would be empty in silence.

        An export that arrives late may be from before a column was there; of the first, the stages tell.
        """
        if not self._keyed(export, reads):
            return False
        known = entries(table_folder(self.raw, self.source, self.table.name))
        if not known or known[-1].seen_at > self.seen_at:
            return True
        names = tuple({n.lower(): n for r in reads for n in r.headers.names}.values())
        lacking = [
            problem
            for entry in _entries(self.loaded, self.table.number, self.source, names)
            for problem in compile_entry(entry)[1]
            if problem.code == NOT_IN_FILE.code
        ]
        self.problems += lacking
        return not lacking

    def _keyed(self, export: Export, reads: Sequence[Read]) -> bool:
        """Whether every file has the columns of the key."""
        for number, read in enumerate(reads):
            names = [n.lower() for n in read.headers.names]
            for column in export.key:
                if column.lower() not in names:
                    message = f"'{export.files[number]}' has no column '{column}', which is to be its key."
                    where = self.loaded.where("files", self.table.number, "key")
                    self.problems.append(NOT_IN_FILE.broken(message, where, did_you_mean(column, read.headers.names)))
                    return False
        return True

    def _tell(self, landing: Landing | None) -> None:
        for dirt in landing.dirt if landing else ():
            count = f"{dirt.rows:,} row(s), such as {dirt.example}"
            if dirt.code == "duplicate-key":
                where = self.loaded.where("files", self.table.number, "key")
                self.problems.append(KEY_NOT_UNIQUE.broken(f"{count} ({dirt.file}:{dirt.line}).", where))
            else:
                self.problems.append(DIRT.broken(f"{count}; set aside.", Where(dirt.file, dirt.line)))


@contextmanager
def working(folder: Path) -> Iterator[Path]:
    """A folder for unfinished work, gone afterwards; one that a dying process leaves is swept by the next build."""
    temp = folder / f"{UNFINISHED}{os.getpid()}"
    shutil.rmtree(temp, ignore_errors=True)
    temp.mkdir(parents=True)
    try:
        yield temp
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def stages_of(
    mapping: Path,
    source: str,
    raw: Path,
    *,
    base: Path | None = None,
    columns: Callable[[Path, str, str], tuple[str, ...]] = raw_columns,
) -> tuple[tuple[Stage, ...], tuple[Problem, ...]]:
    """The stages of a mapping over what has been landed; tables that never were landed are left out."""
    loaded = mappings.load(mapping, _shown(mapping, base or mapping.parent))
    stages: list[Stage] = []
    problems: list[Problem] = []
    with trials() as db:
        for entry in entries_of(loaded, source, raw, columns):
            stage, told = compile_entry(entry)
            problems += told
            if stage is not None:
                problems += tried(db, stage, entry, raw)
                stages.append(stage)
    return tuple(stages), tuple(problems)


def faults_of(mapping: Path, *, base: Path | None = None) -> tuple[Problem, ...]:
    """What is wrong with a mapping by itself, whether or not anything was landed by it."""
    return mappings.load(mapping, _shown(mapping, base or mapping.parent)).problems


def entries_of(
    loaded: Loaded, source: str, raw: Path, columns: Callable[[Path, str, str], tuple[str, ...]] = raw_columns
) -> Iterator[Entry]:
    """Every table of every file that has been landed, ready to be compiled."""
    for number, mapped in enumerate(loaded.mapping.files):
        if names := columns(raw, source, raw_name(mapped)):
            yield from _entries(loaded, number, source, names)


def _entries(loaded: Loaded, number: int, source: str, names: tuple[str, ...]) -> Iterator[Entry]:
    """The tables of one entry of a mapping over columns of these names."""
    mapped = loaded.mapping.files[number]
    for place, table in enumerate(mapped.tables):
        yield Entry(source, raw_name(mapped), names, loaded, mapped, table, ("files", number, "tables", place))
