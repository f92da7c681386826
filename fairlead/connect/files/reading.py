"""One file of any supported kind, read into Parquet; and which rows of it are no rows.

file ──digest_of──> what makes a second reading needless
     ──read_file──> Part on disk whose `fault` knows repeated headers, totals and blank lines
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fairlead.connect.exports import quoted
from fairlead.connect.files.delimited import Read, detect, read, sample_of
from fairlead.connect.files.disguised import is_really
from fairlead.connect.files.mapping import CHOOSE, FileMap
from fairlead.connect.files.sheets import UnreadableError, read_columns, read_sheet, sheet_names
from fairlead.connect.files.text import Text, examine
from fairlead.record.engine import literal
from fairlead.values import Progress

TEXT_ENDINGS = (".csv", ".tsv", ".txt")
ENDINGS = (*TEXT_ENDINGS, ".xlsx", ".xlsm", ".parquet")
OLD = {
    ".xls": "Save it as .xlsx.",
    ".xlsb": "Save it as .xlsx.",
    ".ods": "Save it as .xlsx.",
    ".numbers": "Export it as CSV.",
}
TOTALS = (
    "total", "totals", "grand total", "grand totals", "sub total", "subtotal", "sub-total", "sum", "total:", "summe",
    "gesamt", "gesamtsumme", "zwischensumme", "total général", "total general", "totale", "totaal", "suma",
)  # fmt: skip


class Found(NamedTuple):
    """A file about to be read: `label` is its name as the user would write it, `text` how its bytes are read."""

    path: Path
    label: str
    digest: str
    text: Text | None


def found(path: Path, label: str, encoding: str | None) -> Found:
    """Examine a file without parsing it. Raises UnreadableError for what is no text at all."""
    if path.suffix.lower() in TEXT_ENDINGS:
        if encoding is None and (what := is_really(path)):
            raise UnreadableError(f"it is {what}, whatever its name says")
        try:
            text = examine(path, encoding)
        except LookupError as bad:
            raise UnreadableError(f"there is no encoding '{encoding}'") from bad
        return Found(path, label, text.digest, text)
    with path.open("rb") as file:
        return Found(path, label, hashlib.file_digest(file, "sha256").hexdigest(), None)


def read_file(file: Found, mapped: FileMap, out: Path, progress: Progress) -> Read | None:
    """Read a file as its entry says; None when it has not even a header. Raises UnreadableError."""
    if file.text is not None:
        sample = sample_of(file.path, file.text)
        delimiter = None if mapped.delimiter == CHOOSE else mapped.delimiter
        dialect = detect(sample, delimiter=delimiter, header=mapped.header)
        done = read(file.path, file.label, file.text, dialect, out, progress)
    elif file.path.suffix.lower() == ".parquet":
        done = read_columns(file.path, file.label, out)
    else:
        if mapped.sheet and mapped.sheet not in (names := sheet_names(file.path)):
            raise UnreadableError(f"it has no sheet '{mapped.sheet}', only {', '.join(names)}")
        done = read_sheet(file.path, file.label, mapped.sheet, mapped.header or 1, out, progress)
    if done is None:
        return None
    return done._replace(part=done.part._replace(fault=row_fault(done.headers.names, mapped.key)))


def row_fault(names: Sequence[str], key: Sequence[str]) -> str:
    """SQL of what is wrong with a row: what reading found, else that it is a header again, a total, or blank."""
    columns = [quoted(n) for n in names]
    if not columns:
        return "_fault"
    blank = f"coalesce({', '.join(columns)}) IS NULL" if len(columns) > 1 else f"{columns[0]} IS NULL"
    again = " AND ".join(f"trim({c}) = {literal(n)}" for c, n in zip(columns, names, strict=True) if " (" not in n)
    cases = f"WHEN _fault IS NOT NULL THEN _fault WHEN {blank} THEN 'blank-row: the line holds only separators'"
    if again:
        cases += f" WHEN {again} THEN 'repeated-header: the line repeats the header'"
    return f"CASE {cases} WHEN {_total(names, key)} THEN 'total-line: ' || concat_ws(', ', {', '.join(columns)}) END"


def _total(names: Sequence[str], key: Sequence[str]) -> str:
    """A line that says total in front and leaves its key, or half of its cells, empty."""
    words = ", ".join(map(literal, TOTALS))
    front = " OR ".join(f"lower(trim({quoted(n)})) IN ({words})" for n in names[:3])
    known = {n.lower(): n for n in names}
    keys = [known[k.lower()] for k in key if k.lower() in known]
    if keys:
        empty = " AND ".join(f"({quoted(k)} IS NULL OR lower(trim({quoted(k)})) IN ({words}))" for k in keys)
    else:
        empty = f"{' + '.join(f'CAST({quoted(n)} IS NULL AS INTEGER)' for n in names)} >= {max(1, len(names) // 3)}"
    return f"({front}) AND {empty}"
