"""What compiling one entry of a mapping knows: its settings, the source columns in use, and what is wrong with it."""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.connect.exports import quoted, view_name
from fairlead.connect.files import cells
from fairlead.connect.files.cells import Style
from fairlead.connect.files.mapping import CHOOSE, Cell, FileMap, Loaded, Reading, TableMap
from fairlead.connect.laws import BAD_VALUE, CANNOT_MAP, NOT_IN_FILE
from fairlead.model import predicate
from fairlead.model.tables import Column, Table
from fairlead.problem import Law, Problem, did_you_mean
from fairlead.record.engine import literal

Place = tuple[str | int, ...]


class Fill(NamedTuple):
    """SQL that fills one column from `cells`, and its faults: (condition over `cells` and `read`, reason)."""

    value: str
    faults: tuple[tuple[str, str], ...] = ()
    uses: tuple[str, ...] = ()


class Entry(NamedTuple):
    """One table of one file of a mapping, with where it stands and what it is read from."""

    source: str
    raw: str
    columns: tuple[str, ...]
    loaded: Loaded
    file: FileMap
    table: TableMap
    place: Place


def mapped_columns(table: Table) -> tuple[Column, ...]:
    """The columns that sources fill in."""
    return tuple(c for c in table.columns if not c.derived)


class Compiler:
    """Compiles one entry. `cells` collects the source columns in use; `problems` what is wrong."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.problems: list[Problem] = []
        self.cells: dict[tuple[str, tuple[str, ...]], str] = {}
        self.by_name = {c.lower(): c for c in entry.columns}

    # Names and settings

    def say(self, law: Law, message: str, *place: str | int, hint: str | None = None) -> None:
        self.problems.append(law.broken(message, self.entry.loaded.where(*self.entry.place, *place), hint))

    def setting(self, cell: Reading | None, name: str) -> object:
        """What the column says, else its file, else the folder."""
        for said in (cell, self.entry.file, self.entry.loaded.mapping):
            if said is not None and (value := getattr(said, name, None)) is not None:
                return value
        return None

    def nulls(self, cell: Cell | None) -> tuple[str, ...]:
        found = self.setting(cell, "nulls")
        listed = found if isinstance(found, tuple) else ()
        named = {v.strip().lower() for v in (cell.values if cell else {})}
        return tuple(sorted({v.strip().lower() for v in listed} - named - {""}))

    def currency(self) -> str | None:
        return self.entry.file.currency or self.entry.loaded.mapping.currency

    def style(self, cell: Reading, *place: str | int) -> Style:
        dates, zone, numbers = (self.setting(cell, n) for n in ("dates", "timezone", "numbers"))
        style = Style(
            dates if isinstance(dates, tuple) else Style().dates,
            zone if isinstance(zone, str) else Style().timezone,
            numbers if isinstance(numbers, str) else Style().numbers,
        )
        return self._checked(style, *place)

    def _checked(self, style: Style, *place: str | int) -> Style:
        if style.numbers not in cells.STYLES and style.numbers != CHOOSE:
            known = ", ".join(f'"{s}"' for s in cells.STYLES)
            self.say(BAD_VALUE, f"numbers: no style '{style.numbers}'.", *place, "numbers", hint=f"Known: {known}.")
        if style.numbers not in cells.STYLES:
            style = style._replace(numbers=Style().numbers)
        bad = [d for d in style.dates if d not in cells.NAMED_DATES and "%" not in d and d != CHOOSE]
        for way in bad:
            hint = did_you_mean(way, [*cells.NAMED_DATES, "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"])
            self.say(BAD_VALUE, f"dates: '{way}' is no way of writing dates.", *place, "dates", hint=hint)
        good = tuple(d for d in style.dates if d not in bad and d != CHOOSE) or Style().dates
        return style._replace(dates=good)

    # Cells

    def cell(self, column: str, mapped: Cell | None, *place: str | int) -> str | None:
        """The SQL name in `cells` of a source column with its placeholders empty, or None with a problem."""
        found = self.by_name.get(column.lower())
        if found is None:
            if column != CHOOSE:
                message = f"'{self.entry.file.file}' has no column '{column}'."
                self.say(NOT_IN_FILE, message, *place, hint=did_you_mean(column, self.entry.columns))
            return None
        key = (found, self.nulls(mapped))
        return self.cells.setdefault(key, f"c{len(self.cells) + 1}")

    def several(self, columns: Sequence[str], mapped: Cell | None, *place: str | int) -> list[str] | None:
        found = [self.cell(c, mapped, *place) for c in columns]
        return None if None in found else [c for c in found if c is not None]

    def sql(self, text: str, mapped: Cell | None, *place: str | int) -> tuple[str, tuple[str, ...]] | None:
        """A predicate or value over the source's columns as SQL over `cells`, with the columns it uses."""
        where = self.entry.loaded.where(*self.entry.place, *place)
        parsed, problems = predicate.parse(text, self.entry.columns, where)
        self.problems += problems
        if parsed is None:
            return None
        if parsed.uses_as_of:
            self.say(CANNOT_MAP, "A mapping may not depend on the time it is read: no as_of.", *place)
            return None
        known = {c: self.cell(c, mapped, *place) or "NULL" for c in parsed.columns}
        return f"({parsed.render(lambda name: known[name])})", parsed.columns

    def cells_sql(self, condition: str | None) -> str:
        """The CTE `cells`; rows that do not meet `condition` are left out unless they are broken themselves."""
        shown = [f"{_clean(f'r.{quoted(column)}', nulls)} AS {alias}" for (column, nulls), alias in self.cells.items()]
        own = "r._key, r._seen_at, r._deleted_at, r._file, r._line, r._fault"
        every = f"SELECT {', '.join([own, *shown])} FROM raw.{view_name(self.entry.source, self.entry.raw)} AS r"
        if condition is None:
            return f"cells AS ({every})"
        meant = f"SELECT * FROM every WHERE _fault IS NOT NULL OR coalesce({condition}, false)"
        return f"every AS ({every}), cells AS ({meant})"


def _clean(column: str, nulls: Sequence[str]) -> str:
    if not nulls:
        return f"nullif(trim({column}), '')"
    nothing = ", ".join(map(literal, ("", *nulls)))
    return f"CASE WHEN lower(trim({column})) IN ({nothing}) THEN NULL ELSE trim({column}) END"


def says(column: str, cell: str) -> str:
    """SQL of a reason's detail: the column and its offending cell."""
    return f"{literal(column + ' is ' + chr(39))} || left({cell}, 80) || ''''"


def fault(code: str, column: str, cell: str) -> str:
    return f"{literal(code + ': ')} || {says(column, cell)}"
