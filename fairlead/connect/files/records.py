"""Where the records of delimited text begin and end, found with array arithmetic instead of a loop over rows.

A record ends at a line end outside quotes. A quote opens only at the start of a field and closes only before a
delimiter or a line end; every other quote is text, so a stray one spoils its own record and no other.

    UTF-8 chunk ──scan()──> Records(starts, ends, lines, fields, odd)
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LF, CR, NUL = 10, 13, 0
Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Records(NamedTuple):
    """Whole records in a piece of text. Byte offsets; `ends` leaves out the line end.

    `lines`: line on which each begins, counted from 0 at the start of the piece. `fields`: how many it has.
    `odd`: it holds a zero byte, or a quote that neither opens nor closes a field. `consumed`: bytes spoken for.
    """

    starts: Positions
    ends: Positions
    lines: Positions
    fields: Positions
    odd: Flags
    consumed: int
    newlines: int


def scan(data: bytes, delimiter: int, quote: int, *, final: bool, give_up: bool = False) -> Records:
    """The whole records in `data`, which begins at the start of one; the rest waits, unless this is `final`.

    `give_up`: a quote that is still open at the end of `data` has been waited for long enough.
    """
    array = np.frombuffer(data, dtype=np.uint8)
    breaks = np.flatnonzero(array == LF)
    quotes = np.flatnonzero(array == quote) if quote else np.empty(0, np.int64)
    outside, stray = _outside(array, breaks, quotes, delimiter, final=final or give_up)
    record_breaks = breaks[outside(breaks)]
    ends = record_breaks
    open_tail = len(array) > (record_breaks[-1] + 1 if len(record_breaks) else 0)
    if final and open_tail:
        ends = np.append(record_breaks, len(array))
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64) if len(ends) else np.empty(0, np.int64)
    consumed = int(min(ends[-1] + 1, len(array))) if len(ends) else 0
    delimiters = np.flatnonzero(array == delimiter)
    delimiters = delimiters[outside(delimiters)]
    counts = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts)
    lines = np.searchsorted(breaks, starts)
    with_cr = (ends > starts) & (array[np.maximum(ends - 1, 0)] == CR)
    odd = _holding(np.flatnonzero(array == NUL), starts, ends) | _holding(stray, starts, ends)
    newlines = int(np.searchsorted(breaks, consumed))
    return Records(starts, ends - with_cr, lines, counts + 1, odd, consumed, newlines)


def _holding(positions: Positions, starts: Positions, ends: Positions) -> Flags:
    """Which records hold one of these positions."""
    if not len(positions):
        return np.zeros(len(starts), np.bool_)
    found: Flags = np.searchsorted(positions, ends) > np.searchsorted(positions, starts)
    return found


class _Outside:
    """Tells which positions are outside quoted fields, given where quoted fields open and close."""

    def __init__(self, opens: Positions, closes: Positions) -> None:
        self.opens, self.closes = opens, closes

    def __call__(self, positions: Positions) -> Flags:
        found: Flags = np.searchsorted(self.opens, positions) == np.searchsorted(self.closes, positions)
        return found


def _outside(
    array: npt.NDArray[np.uint8], breaks: Positions, quotes: Positions, delimiter: int, *, final: bool
) -> tuple[_Outside, Positions]:
    """Quoted spans, and the quotes that belong to none. Regular text is told apart by counting alone."""
    none = np.empty(0, np.int64)
    if not len(quotes):
        return _Outside(none, none), none
    before = np.where(quotes > 0, array[np.maximum(quotes - 1, 0)], LF)
    last = len(array) - 1
    after = np.where(quotes < last, array[np.minimum(quotes + 1, last)], LF)
    opens, closes = quotes[0::2], quotes[1::2]
    may_open = (before == delimiter) | (before == LF)
    may_close = (after == delimiter) | (after == LF) | (after == CR)
    doubled_open = np.zeros(len(opens), np.bool_)
    doubled_open[1:] = opens[1:] == closes[: len(opens) - 1] + 1
    doubled_close = np.zeros(len(closes), np.bool_)
    followed = opens[1 : len(closes) + 1]
    doubled_close[: len(followed)] = followed == closes[: len(followed)] + 1
    regular = bool(np.all(may_open[0::2] | doubled_open) and np.all(may_close[1::2] | doubled_close))
    if regular and (len(opens) == len(closes) or not final):
        return _Outside(opens, closes), none
    return _walk(quotes, may_open, may_close, final=final)


def _walk(quotes: Positions, may_open: Flags, may_close: Flags, *, final: bool) -> tuple[_Outside, Positions]:
    """The slow way, over quotes: an opening whose field never closes properly is text, and so is any other quote."""
    where, can_open, can_close = quotes.tolist(), may_open.tolist(), may_close.tolist()
    opens: list[int] = []
    closes: list[int] = []
    stray: list[int] = []
    i, count = 0, len(where)
    while i < count:
        if not can_open[i]:
            i += 1  # a quote inside an unquoted field is text and harms nobody
            continue
        j = i + 1
        while j + 1 < count and where[j + 1] == where[j] + 1:
            j += 2  # a doubled quote stands for one
        if j >= count and not final:
            opens.append(where[i])  # it may close in text yet to come
            break
        if j < count and can_close[j]:
            opens.append(where[i])
            closes.append(where[j])
            i = j + 1
        else:
            stray.append(where[i])
            i += 1
    return _Outside(np.array(opens, np.int64), np.array(closes, np.int64)), np.array(stray, np.int64)
