"""Column names as a header line gives them, made unambiguous."""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.connect.exports import RESERVED

INVISIBLE = " \t\r\n\u00a0\ufeff\u200b"


class Headers(NamedTuple):
    """Names of columns in order, each once whatever its case; `repeated`: the names that came more than once."""

    names: tuple[str, ...]
    repeated: tuple[str, ...]


def named(cells: Sequence[str | None]) -> Headers:
    """The columns of a header line: a blank one is named by its place, a repeated one by its count.

    >>> named(["Name", "", "name", "Name"]).names
    ('Name', 'column 2', 'name (2)', 'Name (3)')
    """
    taken = set(RESERVED)
    names: list[str] = []
    repeated: dict[str, str] = {}
    for place, cell in enumerate(cells, start=1):
        plain = (cell or "").strip(INVISIBLE).replace("\0", "") or f"column {place}"
        name, count = plain, 1
        while name.lower() in taken:
            count += 1
            name = f"{plain} ({count})"
        if count > 1:
            repeated.setdefault(plain.lower(), plain)
        taken.add(name.lower())
        names.append(name)
    return Headers(tuple(names), tuple(repeated.values()))
