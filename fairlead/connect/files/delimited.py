"""Read a delimited text file into Parquet: every cell as text, every line accounted for.

    path ──examine──> Text ──detect──> Dialect ──read──> Part on disk, and what its header says

Sound records go through Arrow's parser in pieces of some megabytes; a record that is broken (too many or too few
fields, a stray quote, a zero byte, bytes that are no text) is cut by hand and carries its fault.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from fairlead.connect.exports import Part
from fairlead.connect.files.headers import Headers, named
from fairlead.connect.files.records import Records, scan
from fairlead.connect.files.text import Text, chunks
from fairlead.values import Progress

DELIMITERS = (",", ";", "\t", "|")
PATIENCE = 1 << 26  # an open quote is given up on after this many bytes
LOST = "\ufffd"


class Dialect(NamedTuple):
    """How a file is cut into cells. `header`: its line, from 1; lines above it are no rows."""

    delimiter: str
    quote: str
    header: int = 1


def detect(sample: bytes, *, delimiter: str | None = None, header: int | None = None) -> Dialect:
    """The dialect of a file by its beginning: the delimiter that cuts most records into equally many fields."""
    told = re.match(rb"sep=(.)\r?\n", sample)
    if told:
        found = delimiter or told[1].decode("utf-8", "replace")
        return Dialect(found, _quote(sample, found), header or 2)
    best = max(DELIMITERS, key=lambda d: _evenness(sample, d)) if delimiter is None else delimiter
    return Dialect(best, _quote(sample, best), header or 1)


def sample_of(path: Path, text: Text) -> bytes:
    """The beginning of a file as UTF-8, cut at a line end."""
    piece = next(chunks(path, text), b"")[: 1 << 18]
    return piece if piece.count(b"\n") < 2 or text.size < len(piece) else piece[: piece.rfind(b"\n") + 1]


def _evenness(sample: bytes, delimiter: str) -> tuple[float, int]:
    records = scan(sample, ord(delimiter), ord('"'), final=True)
    counts = Counter(n for n in records.fields[:500].tolist())
    if not counts:
        return 0.0, 0
    fields, rows = max(counts.items(), key=lambda item: (item[0] > 1, item[1]))
    return (rows / sum(counts.values()), fields) if fields > 1 else (0.0, 0)


def _quote(sample: bytes, delimiter: str) -> str:
    """A double quote, unless only single ones stand around fields."""
    single = rf"(?:^|{re.escape(delimiter)})'[^'\n]*'(?=\r?$|{re.escape(delimiter)})".encode()
    if b'"' not in sample and len(re.findall(single, sample, re.MULTILINE)) > sample.count(b"\n"):
        return "'"
    return '"'


class Read(NamedTuple):
    """What reading a file gave. `preamble`: the header line is much shorter than the lines below it."""

    part: Part
    headers: Headers
    broken: int
    uneven_header: bool


def read(path: Path, label: str, text: Text, dialect: Dialect, out: Path, progress: Progress) -> Read | None:  # noqa: PLR0913, PLR0917
    """Write the file at `path` to `out` as Parquet; None when there is not even a header."""
    pieces = _pieces(path, text, dialect, progress)
    first = next(pieces, None)
    if first is None:
        return None
    header = cells(_cut(first.data, first.records, 0), dialect)
    headers = named(header)
    reader = _Reader(label, headers.names, dialect, mended=text.mended)
    rows = broken = 0
    with pq.ParquetWriter(out, reader.schema, compression="lz4") as writer:
        for number, piece in enumerate(_after_header(first, pieces)):
            table, faults = reader.table(piece, skip=1 if number == 0 else 0)
            writer.write_table(table)
            rows += table.num_rows
            broken += faults
    if not rows and not "".join(header).strip():
        return None
    return Read(Part(out, headers.names, rows), headers, broken, rows > 0 and broken > rows / 2)


class _Piece(NamedTuple):
    """Some whole records of a file; `line` is the line, from 1, on which the first begins."""

    data: bytes
    records: Records
    line: int


def _after_header(first: _Piece, rest: Iterator[_Piece]) -> Iterator[_Piece]:
    yield first
    yield from rest


def _pieces(path: Path, text: Text, dialect: Dialect, progress: Progress) -> Iterator[_Piece]:
    held, line, done = b"", 1, 0
    skip = dialect.header - 1
    delimiter, quote = ord(dialect.delimiter), ord(dialect.quote)
    stream = chunks(path, text)
    chunk: bytes | None = next(stream, None)
    while chunk is not None:
        following = next(stream, None)
        held += chunk
        done += len(chunk)
        while skip and b"\n" in held:
            held, line, skip = held[held.index(b"\n") + 1 :], line + 1, skip - 1
        records = scan(held, delimiter, quote, final=following is None, give_up=len(held) > PATIENCE)
        if len(records.starts):
            yield _Piece(held, records, line)
        held, line = held[records.consumed :], line + records.newlines
        progress(path.name, min(done, text.size), text.size)
        chunk = following


def cells(record: str, dialect: Dialect) -> list[str]:
    r"""One record cut into cells, forgiving: a quote that does not enclose a field is text.

    >>> cells('a,"b, c",5 x', Dialect(",", "\x22"))
    ['a', 'b, c', '5 x']
    """
    q, d = re.escape(dialect.quote), re.escape(dialect.delimiter)
    pattern = re.compile(rf"(?:{q}((?:[^{q}]|{q}{q})*){q}(?={d}|\Z)|([^{d}]*))({d}|\Z)", re.DOTALL)
    found: list[str] = []
    position = 0
    while match := pattern.match(record, position):
        inner = match[1]
        found.append(match[2] if inner is None else inner.replace(dialect.quote * 2, dialect.quote))
        if not match[3]:
            break
        position = match.end()
    return found


def _cut(data: bytes, records: Records, index: int) -> str:
    return data[records.starts[index] : records.ends[index]].decode("utf-8", "replace")


class _Reader:
    """Turns pieces of one file into Arrow tables of one schema."""

    def __init__(self, label: str, names: Sequence[str], dialect: Dialect, *, mended: bool) -> None:
        self.label, self.names, self.dialect, self.mended = label, list(names), dialect, mended
        own = [("_file", pa.string()), ("_line", pa.int64()), ("_fault", pa.string())]
        self.schema = pa.schema([*((name, pa.string()) for name in names), *own])

    def table(self, piece: _Piece, skip: int) -> tuple[pa.Table, int]:
        """The rows of a piece, after `skip` records, and how many of them are broken."""
        data, records = piece.data, piece.records
        wanted = records.ends > records.starts
        wanted[:skip] = False
        odd = records.odd | (records.fields != len(self.names))
        if self.mended:
            lost = np.array([m.start() for m in re.finditer(LOST.encode(), data)], np.int64)
            odd |= np.searchsorted(lost, records.ends) > np.searchsorted(lost, records.starts)
        sound = np.flatnonzero(wanted & ~odd)
        broken = np.flatnonzero(wanted & odd)
        table = self._sound(piece, sound)
        if table is None:  # the parser sees these records otherwise than we do: cut each by hand
            broken, table = np.flatnonzero(wanted), None
        parts = [] if table is None else [table]
        if len(broken):
            parts.append(self._by_hand(piece, broken, odd))
        return pa.concat_tables(parts), int(np.count_nonzero(wanted & odd))

    def _sound(self, piece: _Piece, which: np.ndarray) -> pa.Table | None:
        if not len(which):
            return self.schema.empty_table()
        multiline = piece.records.newlines > len(piece.records.starts)
        try:
            parsed = pc.read_csv(
                pa.BufferReader(_joined(piece, which)),
                read_options=pc.ReadOptions(column_names=self.names, block_size=1 << 22),
                parse_options=pc.ParseOptions(
                    delimiter=self.dialect.delimiter, quote_char=self.dialect.quote, newlines_in_values=multiline
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                    quoted_strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            return None
        if parsed.num_rows != len(which):
            return None
        lines = pa.array(piece.records.lines[which] + piece.line)
        return self._finished(parsed, lines, pa.nulls(len(which), pa.string()))

    def _finished(self, table: pa.Table, lines: pa.Array, faults: pa.Array) -> pa.Table:
        label = pa.repeat(pa.scalar(self.label), table.num_rows)
        for name, values in (("_file", label), ("_line", lines), ("_fault", faults)):
            table = table.append_column(name, values)
        return table

    def _by_hand(self, piece: _Piece, which: np.ndarray, odd: np.ndarray) -> pa.Table:
        rows: list[list[str | None]] = []
        faults: list[str | None] = []
        for index in which.tolist():
            text = _cut(piece.data, piece.records, index)
            found = cells(text, self.dialect)
            faults.append(self._fault(text, found, odd=bool(piece.records.odd[index]) or bool(odd[index])))
            padded = [cell.replace("\0", "\u2400") or None for cell in found[: len(self.names)]]
            rows.append(padded + [None] * (len(self.names) - len(padded)))
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        table = pa.Table.from_arrays(columns, names=self.names)
        lines = pa.array(piece.records.lines[which] + piece.line)
        return self._finished(table, lines, pa.array(faults, pa.string()))

    def _fault(self, text: str, found: Sequence[str], *, odd: bool) -> str | None:
        if "\0" in text:
            return f"nul-byte: {text.count(chr(0))} zero byte(s) in the line"
        if self.mended and LOST in text:
            return f"bad-encoding: the line is not UTF-8: {_short(text)}"
        if len(found) > len(self.names):
            over = ", ".join(repr(cell) for cell in found[len(self.names) :])
            return f"ragged: {len(found)} fields where the header has {len(self.names)}; over: {over}"
        if len(found) < len(self.names):
            return f"ragged: {len(found)} fields where the header has {len(self.names)}: {_short(text)}"
        return f"stray-quote: {_short(text)}" if odd else None


def _short(text: str, most: int = 120) -> str:
    plain = text.replace("\0", "\u2400").replace("\r", "").replace("\n", " ")
    return plain if len(plain) <= most else plain[: most - 3] + "..."


def _joined(piece: _Piece, which: np.ndarray) -> bytes | memoryview:
    """The bytes of these records, in as few slices as there are runs of neighbours."""
    starts, data = piece.records.starts, memoryview(piece.data)
    stops = np.append(starts[1:], piece.records.consumed)
    if len(which) == which[-1] - which[0] + 1:
        return data[int(starts[which[0]]) : int(stops[which[-1]])]
    cuts = np.flatnonzero(np.diff(which) > 1)
    begins = starts[which[np.concatenate(([0], cuts + 1))]].tolist()
    finishes = stops[which[np.concatenate((cuts, [len(which) - 1]))]].tolist()
    return b"".join(data[a:b] for a, b in zip(begins, finishes, strict=True))
