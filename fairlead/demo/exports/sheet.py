"""Columns of text out of numbers, and CSV files out of columns, a stretch of rows at a time."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from fairlead.demo.clock import NEVER, Flags, Ints, Numbers

CHUNK = 250_000
Column = Any  # an Arrow array of text; pyarrow has no types of its own
Columns = Mapping[str, Column]


class Rows(NamedTuple):
    """A stretch of rows of a file: `of(numbers)` cuts a full column to it."""

    start: int
    stop: int

    def of(self, numbers: Numbers) -> Numbers:
        return numbers[self.start : self.stop]


def write(file: Path, count: int, columns: Callable[[Rows], Columns], extra: Sequence[str] = ()) -> None:
    """Write `count` rows as CSV; `extra` are raw lines put after the first stretch of rows."""
    file.parent.mkdir(parents=True, exist_ok=True)
    options = csv.WriteOptions(include_header=False)
    with file.open("wb") as out:
        for start in range(0, max(count, 1), CHUNK):
            table = pa.table(dict(columns(Rows(start, min(start + CHUNK, count)))))
            if start == 0:
                out.write((",".join(map(quoted, table.column_names)) + "\n").encode())
            csv.write_csv(table, out, options)
            if start == 0:
                out.write("".join(f"{line}\n" for line in extra).encode())


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def line(cells: Sequence[str]) -> str:
    """One raw CSV line."""
    return ",".join(map(quoted, cells))


def ids(prefix: str, rows: Ints, suffix: str = "", width: int = 10) -> Column:
    """Keys such as 001Hc0000000042AAM; empty where the row is negative."""
    digits = pc.utf8_lpad(whole(rows), width, "0")
    return pc.binary_join_element_wise(prefix, digits, suffix, "")


def whole(numbers: Ints) -> Column:
    """Whole numbers as text; empty where negative or NEVER."""
    numbers = np.asarray(numbers, np.int64)
    return pa.array(numbers, mask=(numbers < 0) | (numbers == NEVER)).cast(pa.string())


def money(cents: Ints) -> Column:
    """1234.50 from cents."""
    cents = np.asarray(cents, np.int64)
    tail = pc.utf8_lpad(pa.array(cents % 100).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(pa.array(cents // 100).cast(pa.string()), tail, ".")


def units(amounts: Ints, tail: str = ".00") -> Column:
    return pc.binary_join_element_wise(pa.array(amounts).cast(pa.string()), tail, "")


def pick(words: Sequence[str | None], numbers: Numbers) -> Column:
    """The words that numbers stand for; empty where negative."""
    numbers = np.asarray(numbers, np.int64)
    return pc.take(pa.array(list(words), pa.string()), pa.array(numbers, mask=numbers < 0))


def where(condition: Flags, yes: Column | str, no: Column | str | None) -> Column:
    return pc.if_else(pa.array(condition), yes, pa.scalar(no, pa.string()) if no is None or isinstance(no, str) else no)


def join(*parts: Column | str) -> Column:
    return pc.binary_join_element_wise(*parts, "")


def constant(text: str, like: Numbers) -> Column:
    return pa.repeat(pa.scalar(text), len(like))


def empty(like: Numbers) -> Column:
    return pa.nulls(len(like), pa.string())


def _instants(at: Ints) -> pa.Array:
    at = np.asarray(at, np.int64)
    return pa.array(np.where(at == NEVER, 0, at), pa.timestamp("s"), mask=at == NEVER)


def iso(at: Ints, tail: str = ".000Z") -> Column:
    """2025-03-04T15:30:00.000Z; empty where it never happened."""
    return join(pc.replace_substring(_instants(at).cast(pa.string()), " ", "T", max_replacements=1), tail)


def days(day: Ints) -> Column:
    """2025-03-04; empty where it never happens."""
    day = np.asarray(day, np.int64)
    return pa.array(np.where(day == NEVER, 0, day).astype(np.int32), pa.date32(), mask=day == NEVER).cast(pa.string())


def millis(at: Ints) -> Column:
    at = np.asarray(at, np.int64)
    return whole(np.where(at == NEVER, NEVER, at * np.where(at == NEVER, 1, 1000)))


def seconds(at: Ints) -> Column:
    """Unix seconds; those before 1970 do not occur."""
    return whole(at)


def flags(yes: Flags) -> Column:
    return pick(("false", "true"), np.asarray(yes).astype(np.int64))
