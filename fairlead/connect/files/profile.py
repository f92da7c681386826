# ruff: noqa: RUF001 (the signs are what is looked for)
"""What the values of a folder's files look like: the ground on which a mapping is proposed and dirt is found.

file ──read──> rows ──> Sheet(columns=(Column(values, formats, styles, signs, ...), ...), dirt)
"""

import re
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.connect.exports import Dirt, quoted
from fairlead.connect.files import cells
from fairlead.connect.files.cells import NO, PLACEHOLDERS, STYLES, YES
from fairlead.connect.files.mapping import FileMap
from fairlead.connect.files.reading import OLD, found, read_file
from fairlead.connect.files.sheets import UnreadableError, sheet_names
from fairlead.record.engine import Connection, literal, scratch
from fairlead.values import Progress

SAMPLE = 200_000
MOST = 4_000
DAY_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%Y%m%d",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
NUMERIC = re.compile(r"[\d.,'’\s\u00a0]*\d[\d.,'’\s\u00a0]*")
ISO = re.compile(cells.ISO_DAY + "|" + cells.ISO_TIME + "$|" + cells.ISO_OFFSET)


class Value(NamedTuple):
    """A distinct cell of a column: how often it stands and on which line first."""

    text: str
    rows: int
    line: int


class Column:
    """One column of a sheet, its values in the order of how often they stand."""

    def __init__(self, name: str, filled: int, distinct: int, rows: int, values: Sequence[Value]) -> None:
        self.name, self.filled, self.distinct, self.rows = name, filled, distinct, rows
        self.values = tuple(values)

    @property
    def is_unique(self) -> bool:
        return self.rows > 0 and self.filled == self.rows and self.distinct == self.rows

    @cached_property
    def placeholders(self) -> tuple[Value, ...]:
        return tuple(v for v in self.values if v.text.lower() in PLACEHOLDERS)

    @cached_property
    def said(self) -> tuple[Value, ...]:
        """The values that say something."""
        return tuple(v for v in self.values if v.text.lower() not in PLACEHOLDERS)

    def share(self, pattern: str) -> float:
        """The share of distinct values that match."""
        known = [v.text for v in self.said]
        return sum(bool(re.search(pattern, t)) for t in known) / len(known) if known else 0.0

    @cached_property
    def date_formats(self) -> tuple[str, ...]:
        """Every way of writing dates that fits all values; more than one means that nobody can tell from here."""
        texts = [v.text for v in self.said]
        if not texts:
            return ()
        if all(ISO.match(t) for t in texts):
            return ("iso",)
        if all(re.fullmatch(r"1[0-9]{9}", t) for t in texts):
            return ("unix_seconds",)
        if all(re.fullmatch(r"1[0-9]{12}", t) for t in texts):
            return ("unix_millis",)
        if not any(re.search(r"[0-9][/. -]", t) or re.fullmatch("[12][0-9]{7}", t) for t in texts[:20]):
            return ()
        rest = [t for t in texts if not ISO.match(t)]
        ways = [d + t for d in DAY_FORMATS for t in TIMES]
        likely = [w for w in ways if _fitting(rest[:20], w) >= 0.8 * len(rest[:20])]
        fits = {w: _fitting(rest, w) for w in likely}
        best = max(fits.values(), default=0)
        return tuple(w for w, n in fits.items() if n == best) if best >= max(1, 0.9 * len(rest)) else ()

    @property
    def not_dates(self) -> tuple[Value, ...]:
        """In a column that mostly holds dates, the values that are none."""
        looks = r"^\d{1,4}[/.-](\d{1,2}|[A-Za-z]{3,9})[/.-]\d{1,4}"
        if not self.date_formats and self.share(looks) < 0.5:
            return ()
        ways = self.date_formats or ("iso",)
        if any(w in cells.NAMED_DATES and w != "iso" for w in ways):
            return ()
        return tuple(
            v for v in self.said if not ISO.match(v.text) and not any(_fitting([v.text], w) for w in ways if w != "iso")
        )

    @cached_property
    def number_styles(self) -> tuple[str, ...]:
        """Every style of numbers that fits all values, currency signs aside; all that look like numbers, if half do."""
        odd = {v.text for v in self.with_text}
        numbers = [v.text for v in self.said if v.text not in odd]
        texts = [re.sub(r"[-+−()%]", "", re.sub(f"({cells.SIGN})", "", text)).strip() for text in numbers]
        return _styles_of(texts) or _styles_of([t for t in texts if NUMERIC.fullmatch(t)], at_least=len(texts) / 2)

    @cached_property
    def signs(self) -> dict[str, Value]:
        """Currency signs and codes beside numbers, each with its first value; '' for amounts that name none."""
        found: dict[str, Value] = {}
        for value in sorted(self.said, key=lambda v: v.line):
            match = re.search(f"({cells.SIGN})", value.text)
            if re.search("[0-9]", value.text) and not re.search("[A-Za-z]{4}", value.text):
                found.setdefault(match[1].upper() if match else "", value)
        return found

    @cached_property
    def with_text(self) -> tuple[Value, ...]:
        """In a column that mostly holds numbers, the values that are none."""
        texts = self.said
        odd = [
            v
            for v in texts
            if not re.fullmatch(rf"[-+−(]?({cells.SIGN})?\s?[-+]?[\d.,'’\s\u00a0]+\s?({cells.SIGN}|%)?[)-]?", v.text)
        ]
        return tuple(odd) if 0 < len(odd) <= len(texts) / 3 and len(texts) > 2 else ()

    @property
    def is_boolean(self) -> bool:
        texts = {v.text.lower() for v in self.said}
        return 0 < len(texts) <= 2 and texts <= {*YES, *NO}


def _styles_of(texts: Sequence[str], at_least: float = 1) -> tuple[str, ...]:
    """The styles of numbers that fit every one of at least so many texts."""
    if len(texts) < max(at_least, 1):
        return ()
    return tuple(s for s in STYLES if all(re.fullmatch(cells.digits(s)[0], t) for t in texts))


def _fitting(texts: Sequence[str], way: str) -> int:
    """How many texts are dates of this way of writing."""
    count = 0
    for text in texts:
        try:
            count += 1900 <= datetime.strptime(text, way).year < 2200  # noqa: DTZ007 only whether it can be read
        except ValueError:
            continue
    return count


class Sheet(NamedTuple):
    """One file, or one sheet of a workbook, as it was read. `rows` on disk at `path` while the profile lasts."""

    file: str
    sheet: str | None
    rows: int
    columns: tuple[Column, ...]
    repeated: tuple[str, ...]
    dirt: tuple[Dirt, ...]
    header: int
    path: Path

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


class Failure(NamedTuple):
    """A file that cannot be read, and why."""

    file: str
    says: str


class Profile:
    """All sheets of a folder. Use as a context: rows stay on disk until it ends, so that files can be compared."""

    def __init__(self, folder: Path, files: Sequence[Path], progress: Progress) -> None:
        self.folder, self.files, self.progress = folder, files, progress
        self.sheets: list[Sheet] = []
        self.failures: list[Failure] = []

    def __enter__(self) -> "Profile":
        self._temp = tempfile.TemporaryDirectory(prefix="fairlead-look-")
        self.root = Path(self._temp.name)
        for number, path in enumerate(self.files):
            self.progress(path.name, number, len(self.files))
            self._file(path, path.relative_to(self.folder).as_posix())
        return self

    def __exit__(self, *_: object) -> None:
        self._temp.cleanup()

    def _file(self, path: Path, label: str) -> None:
        try:
            if hint := OLD.get(path.suffix.lower()):
                raise UnreadableError(f"{path.suffix} files cannot be read. {hint}")
            sheets = sheet_names(path) if path.suffix.lower() in (".xlsx", ".xlsm") else (None,)
            for sheet in sheets:
                self._sheet(path, label, sheet, several=len(sheets) > 1)
        except (UnreadableError, OSError) as bad:
            self.failures.append(Failure(label, str(bad)))

    def _sheet(self, path: Path, label: str, sheet: str | None, *, several: bool) -> None:
        out = self.root / f"{len(self.sheets)}.parquet"
        examined = found(path, label, None)
        header = 1
        read = read_file(examined, FileMap(file=label, sheet=sheet), out, lambda *_: None)
        if read and read.uneven_header and (below := self._header_below(out, read.part.columns)):
            again = read_file(examined, FileMap(file=label, sheet=sheet, header=below), out, lambda *_: None)
            if again and again.broken < read.broken:
                read, header = again, below
        if read is None:
            if sheet is None:
                self.failures.append(Failure(label, "it is empty, not even a header line"))
            return
        with scratch(self.root) as db:
            columns, dirt, rows = _columns(db, out, read.part.columns, read.part.fault)
        named = sheet if several else None
        self.sheets.append(Sheet(label, named, rows, columns, read.headers.repeated, dirt, header, out))

    @staticmethod
    def _header_below(out: Path, _columns: Sequence[str]) -> int | None:
        """The line of the first record that has the width of most: where lines above the header made all ragged."""
        with scratch(out.parent) as db:
            lines = db.execute(
                "SELECT _line, regexp_extract(_fault, '^ragged: ([0-9]+)', 1) AS wide"
                f" FROM read_parquet({literal(out)})"
                " WHERE _fault LIKE 'ragged%' ORDER BY _line LIMIT 1000"
            ).fetchall()
        if not lines:
            return None
        widths = [wide for _, wide in lines]
        usual = max(set(widths), key=widths.count)
        return int(next(line for line, wide in lines if wide == usual))


def _columns(
    db: Connection, path: Path, names: Sequence[str], fault: str
) -> tuple[tuple[Column, ...], tuple[Dirt, ...], int]:
    source = f"read_parquet({literal(path)})"
    db.execute(f"CREATE VIEW every AS SELECT *, {fault} AS _wrong FROM {source}")
    dirt = db.execute(
        "SELECT split_part(_wrong, ':', 1), count(*), arg_min(_wrong, _line), arg_min(_file, _line), min(_line)"
        " FROM every WHERE _wrong IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    rows = db.execute("SELECT count(*) FROM every WHERE _wrong IS NULL").fetchall()[0][0]
    db.execute(f"CREATE TABLE sample AS SELECT * FROM every WHERE _wrong IS NULL LIMIT {SAMPLE}")
    return tuple(_column(db, n, rows) for n in names), tuple(Dirt(*d) for d in dirt), rows


def _column(db: Connection, name: str, rows: int) -> Column:
    cell = f"nullif(trim({quoted(name)}), '')"
    values = db.execute(
        f"SELECT {cell} AS v, count(*) AS n, min(_line) FROM sample WHERE {cell} IS NOT NULL"
        f" GROUP BY 1 ORDER BY n DESC, v LIMIT {MOST}"
    ).fetchall()
    counts: list[Any] = db.execute(
        f"SELECT count({cell}), approx_count_distinct({cell}) FROM every WHERE _wrong IS NULL"
    ).fetchall()
    filled, distinct = counts[0]
    if distinct > 0.8 * rows:
        distinct = db.execute(f"SELECT count(DISTINCT {cell}) FROM every WHERE _wrong IS NULL").fetchall()[0][0]
    return Column(name, filled, distinct, rows, [Value(*v) for v in values])
