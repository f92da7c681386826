"""Files that are not what their names say: told by their first bytes, before anything tries to read them as text.

picture.csv: b"\\x89PNG..." -> "a PNG picture"
"""

from pathlib import Path

HEAD = 4096
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
MARKUP = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"{\\rtf", "rich text"),
)
CONTROLS = bytes(n for n in range(32) if n not in b"\0\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f")
MANY = 0.02


def is_really(path: Path) -> str | None:
    """What a file that is said to be text is instead: None when it may be text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    named = next((what for mark, what in SIGNATURES if head.startswith(mark)), None)
    marked = next((what for mark, what in MARKUP if plain.startswith(mark)), None)
    return named or marked or ("no text at all" if _is_binary(head) else None)


def _is_binary(head: bytes) -> bool:
    """Many bytes that no text has. Zeros do not count: UTF-16 is full of them."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or not head:
        return False
    return len(head) - len(head.translate(None, CONTROLS)) > MANY * len(head)
