# ruff: noqa: RUF001 (the signs are what is looked for)
"""How the bytes of a text file become UTF-8: byte-order marks, encodings found by trying, line ends made plain.

bytes on disk ──Text(encoding, skip, lone CR)──chunks()──> UTF-8 bytes with \\n or \\r\\n line ends
"""

import codecs
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHUNK = 1 << 23
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


class Text(NamedTuple):
    """How one file's bytes are to be read. `mended`: UTF-8 with some bytes that are not, read as U+FFFD.

    `lone_cr`: lines end with a carriage return alone, as old Macs wrote them.
    """

    encoding: str
    skip: int
    mended: bool
    lone_cr: bool
    digest: str
    size: int


def examine(path: Path, encoding: str | None = None) -> Text:
    """Read the whole file once: its digest, its encoding (unless told) and its line ends."""
    digest, head, size = hashlib.sha256(), b"", 0
    tried = _Utf8()
    seen, has_lf, has_cr = set[int](), False, False
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            head = head or chunk[:65536]
            size += len(chunk)
            digest.update(chunk)
            tried.feed(chunk)
            has_lf = has_lf or b"\n" in chunk
            has_cr = has_cr or b"\r" in chunk
            if tried.failed:
                seen |= NOT_IN_CP1252.intersection(chunk)
    skip, found = _marked(head)
    found = encoding or found or _unmarked(head, tried, bool(seen))
    mended = found == "utf-8" and tried.failed
    return Text(found, skip, mended, has_cr and not has_lf, digest.hexdigest(), size)


def chunks(path: Path, text: Text) -> Iterator[bytes]:
    """The file as UTF-8, in pieces that never split a character."""
    decoder = codecs.getincrementaldecoder(text.encoding)("replace")
    plain = text.encoding == "utf-8" and not text.mended
    with path.open("rb") as file:
        file.seek(text.skip)
        while chunk := file.read(CHUNK):
            out = chunk if plain else decoder.decode(chunk).encode("utf-8", "replace")
            yield out.replace(b"\r", b"\n") if text.lone_cr else out
    if not plain and (rest := decoder.decode(b"", final=True)):
        yield rest.encode("utf-8", "replace")


class _Utf8:
    """Whether bytes are UTF-8, and if not, whether they mostly are: counts of good and bad sequences."""

    def __init__(self) -> None:
        self._strict = codecs.getincrementaldecoder("utf-8")("strict")
        self._loose = codecs.getincrementaldecoder("utf-8")("replace")
        self.failed = False
        self.good = self.bad = 0

    def feed(self, chunk: bytes) -> None:
        if not self.failed:
            try:
                decoded = self._strict.decode(chunk)
                self.good += 0 if decoded.isascii() else sum(map(decoded.count, "äöüéèßñçáíóú–—’“”€"))
            except UnicodeDecodeError:
                self.failed = True
        if self.failed:
            text = self._loose.decode(chunk)
            bad = text.count("\ufffd")
            self.bad += bad
            self.good += sum(1 for character in text if ord(character) > 127) - bad


def _marked(head: bytes) -> tuple[int, str | None]:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return len(mark), encoding
    return 0, None


def _unmarked(head: bytes, tried: _Utf8, has_undefined: bool) -> str:
    """UTF-16 shows as zeros at every other byte; what is not UTF-8 is what Western Windows writes."""
    for zeros, letters, encoding in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        high, low = head[zeros : len(head) // 2 * 2 : 2], head[letters : len(head) // 2 * 2 : 2]
        if len(high) > 2 and not any(high[:4]) and high.count(0) > 0.4 * len(high) and low.count(0) < 0.1 * len(low):
            return encoding
    if not tried.failed or tried.good > tried.bad:
        return "utf-8"
    return "latin-1" if has_undefined else "cp1252"
