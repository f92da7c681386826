"""The demo company as the tests see it: written, synced, and its truth read back."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

Key = tuple[str, str]  # member, period
Truth = Mapping[tuple[str, str], Mapping[str, Mapping[Key, float | None]]]  # (grain, dimension), metric


def truth(folder: Path) -> Truth:
    """truth/metrics.csv as {(grain, dimension): {metric: {(member, period): value}}}."""
    found: dict[tuple[str, str], dict[str, dict[Key, float | None]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows(folder / "truth" / "metrics.csv"):
        value = float(row["value"]) if row["value"] else None
        found[row["grain"], row["dimension"]][row["metric"]][row["member"], row["period"]] = value
    return found


def planted(folder: Path) -> Mapping[str, list[dict[str, str]]]:
    """truth/planted.csv by fault."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder / "truth" / "planted.csv"):
        found[row["fault"]].append(row)
    return found


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def export(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of an export that are as wide as its header."""
    return [row for row in rows(folder / "data" / name) if None not in row and None not in row.values()]
