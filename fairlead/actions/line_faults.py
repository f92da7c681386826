"""What a build and a sync say of contract lines that are not in revenue, though they were sent or once were."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fairlead.analysis import line_faults
from fairlead.problem import Problem, Where
from fairlead.record.engine import Reader
from fairlead.record.lake import manifest
from fairlead.record.laws import LINES_CHANGED, LINES_GONE, UNKNOWN_STATUS

SHOWN = 8


def unknown_status(reader: Reader) -> tuple[Problem, ...]:
    """A warning for each file of a build whose lines have a status that nobody knows: words, lines and money."""
    rows = reader.rows(line_faults.unknown_statuses()).to_pylist()
    found = []
    for file in dict.fromkeys(row["file"] for row in rows):
        said = [row for row in rows if row["file"] == file]
        words = ", ".join(f"'{row['word']}' ({row['rows']})" for row in said[:SHOWN])
        more = f" and {len(said) - SHOWN} others" if len(said) > SHOWN else ""
        lines = sum(row["rows"] for row in said)
        message = (
            f"{lines} contract {'line of' if lines == 1 else 'lines of'} {said[0]['money']} a month"
            f" {'has' if lines == 1 else 'have'} a status that is not known: {words}{more}. They are set aside."
        )
        found.append(UNKNOWN_STATUS.broken(message, Where(file, min(row["line"] for row in said))))
    return tuple(found)


def lines_gone(path: Path, seen_at: datetime | None = None) -> tuple[Problem, ...]:
    """A warning for each source whose lines went with the export seen at `seen_at`, or that a build is without.

    A sync says it of its own export; check, for as long as the published build has them as gone.
    """
    said = manifest(path)
    reader = Reader(path)
    try:
        query = line_faults.gone(seen_at, date.fromisoformat(said["as_of"]), said["currency"])
        rows = reader.rows(query).to_pylist()
    finally:
        reader.close()
    return tuple(
        LINES_GONE.broken(
            f"{row['rows']} contract {'line' if row['rows'] == 1 else 'lines'} of {row['source']} with"
            f" {row['mrr']:,.2f} {row['currency']} a month {'is' if row['rows'] == 1 else 'are'} gone from the export,"
            f" and so from every month from {row['first_on']:%Y-%m} to {row['last_on']:%Y-%m}."
        )
        for row in rows
    )


def lines_changed(path: Path, before: Path, seen_at: datetime) -> tuple[Problem, ...]:
    """A warning for each source whose lines have another price in place since `before`, by the export of `seen_at`."""
    said = manifest(path)
    reader = Reader(path, earlier=before)
    try:
        query = line_faults.changed(seen_at, date.fromisoformat(said["as_of"]), said["currency"])
        rows = reader.rows(query).to_pylist()
    finally:
        reader.close()
    return tuple(
        LINES_CHANGED.broken(
            f"{row['rows']} contract {'line' if row['rows'] == 1 else 'lines'} of {row['source']}"
            f" {'has' if row['rows'] == 1 else 'have'} another amount, discount, currency or interval in place:"
            f" {row['had']:,.2f} {row['currency']} a month became {row['mrr']:,.2f}, in every month from"
            f" {row['first_on']:%Y-%m} to {row['last_on']:%Y-%m}, as if it had always been so.",
            _file(said, row["source"]),
        )
        for row in rows
    )


def _file(said: Mapping[str, Any], source: str) -> Where | None:
    """The file of a source's contract lines, where it is one."""
    lines = ("contract_line", source)
    raw = {f"{source}/{one['raw']}" for one in said["lineage"] if (one["table"], one["source"]) == lines}
    files = [file for name in sorted(raw) for file in said["files"].get(name, ())]
    return Where(files[0]) if len(files) == 1 else None
