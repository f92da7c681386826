"""mapping.yaml: what the files of one folder mean. docs/files.md is its reference.

    files:
      - file: deals*.csv
        key: [Deal ID]
        tables:
          - table: opportunity
            columns: {name: Deal Name, amount: {column: Amount, numbers: "1.234,56"}}

Loading reports everything that is wrong and keeps what is right; an entry that cannot be read is left out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError

from fairlead.connect.laws import MAPPING_MISSING, MAPPING_SHAPE, UNDECIDED
from fairlead.model import text
from fairlead.model.agreed import Agreed, Names, one_or_many
from fairlead.model.faults import place_of, problem_of
from fairlead.model.text import Place
from fairlead.problem import Problem, Where

CHOOSE = "choose"


def _as_text(value: object) -> object:
    """A number or truth value in YAML stands for its text: cells are compared as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_texts(value: object) -> object:
    return [_as_text(v) for v in value] if isinstance(value, list) else one_or_many(_as_text(value))


def _blanks(value: object) -> object:
    """A null among the placeholders is the empty cell."""
    listed = value if isinstance(value, list) else [value]
    return ["" if v is None else _as_text(v) for v in listed]


def _as_cell(value: object) -> object:
    """`name: Deal Name` says the same as `name: {column: Deal Name}`."""
    return value if isinstance(value, dict) else {"column": value}


def _value_map(value: object) -> object:
    return {k: _as_text(v) for k, v in value.items()} if isinstance(value, dict) else value


Word = Annotated[str, BeforeValidator(_as_text)]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
Blanks = Annotated[tuple[str, ...], BeforeValidator(_blanks)]
ValueMap = Annotated[Mapping[str, str | None], BeforeValidator(_value_map)]
Unit = Literal["minor", "micros", "thousands", "millions"]
Otherwise = Literal["keep", "set_aside", "null"]


class Reading(Agreed):
    """How cells are read, wherever it is said: for a column, else for its file, else for the folder."""

    dates: Words | None = Field(
        None,
        description="How dates are written: iso, unix_seconds, unix_millis, excel, or strptime formats tried in order.",
    )
    timezone: str | None = Field(
        None, description="IANA timezone of times without an offset, and in which times are cut into days."
    )
    numbers: Word | None = Field(None, description='How numbers are written: "1,234.56", "1.234,56", "1 234,56", ...')
    nulls: Blanks | None = Field(None, description="Cells that mean nothing was said, beside the empty one.")


class Cell(Reading):
    """How one column of the record is filled."""

    column: Words | None = Field(
        None, description="The source's column; several are joined with | (keys of several columns)."
    )
    first: Words = Field((), description="Several source columns: the first that is not empty counts.")
    constant: Word | None = Field(None, description="The same for every row.")
    sql: str | None = Field(
        None, description="A value or condition over the source's columns, from the predicate subset."
    )
    values: ValueMap = Field({}, description="The source's value to the record's.")
    otherwise: Otherwise = Field(
        "set_aside", alias="else", description="What becomes of a value that `values` does not name."
    )
    unit: Unit | None = Field(
        None, description="What one of the numbers is worth: minor (cents), micros, thousands, millions."
    )
    currency_of: bool = Field(False, description="Take the currency from the sign or code in an amount's own text.")
    source: str | None = Field(None, description="References: the source whose key this is.")
    by: str | None = Field(None, description="References: the kind of key this is, such as email or domain.")


class History(Agreed):
    """Field history kept as columns: one column of times for each value that the field took."""

    entity: str = Field(description="The record's table whose rows changed.")
    field: str = Field(description="The record's column that changed.")
    id: Words = Field(description="The source's column that identifies the row.")
    at: Mapping[str, str] = Field(description="Value of the field to the source's column saying when it took it.")
    dates: Words | None = Field(None, description="How these times are written.")
    timezone: str | None = Field(None, description="Timezone of these times where they have no offset.")


Cells = Annotated[Mapping[str, Annotated[Cell, BeforeValidator(_as_cell)]], Field()]


class TableMap(Agreed):
    """One canonical table fed from one file."""

    table: str = Field(description="The record's table.")
    where: str | None = Field(None, description="Which rows are meant for this table; the others are left out.")
    one_row_per: Names = Field((), description="A deal repeated on several lines: keep one row per these columns.")
    deleted: str | None = Field(None, description="Which rows the source itself calls deleted.")
    columns: Cells = Field({}, description="The record's column to the source's.")
    keys: Mapping[str, Words] = Field({}, description="Further names the row answers to: kind to column.")
    same_as: Mapping[str, Words] = Field({}, description="This row is that row of the other source: source to column.")
    history: History | None = Field(None, description="Only with table change: history kept as columns.")
    values: Mapping[str, ValueMap] = Field(
        {}, description="Only with table change: value maps of old and new by field."
    )
    why: Mapping[str, str] = Field(
        {}, description="How each guess was made; written by `fairlead map`, read by people."
    )


class FileMap(Reading):
    """One file, or several matching one pattern, as one table of raw."""

    file: str = Field(description="File name or pattern, relative to the folder.")
    name: str | None = Field(None, description="Name of the raw table; by default made from the file's.")
    sheet: str | None = Field(None, description="Excel: the sheet; by default the first.")
    header: int | None = Field(
        None, ge=1, description="The line (or Excel row) that names the columns; lines above it are no rows."
    )
    encoding: str | None = Field(None, description="Encoding, where finding it fails.")
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="What separates cells, where finding it fails."
    )
    key: Words = Field((), description="The columns that identify a row; without them its whole content does.")
    repeats: Literal["fold", "keep"] = Field(
        "fold", description="Without a key: whether rows that are equal count once or each."
    )
    export: Literal["full", "partial"] | None = Field(
        None, description="Whether missing rows have gone (full) or were not exported (partial)."
    )
    currency: str | None = Field(None, description="Currency of amounts that name none.")
    tables: tuple[TableMap, ...] = Field((), description="The record's tables that this file feeds.")
    why: Mapping[str, str] = Field({}, description="How each guess was made.")


class FolderMap(Reading):
    """The whole mapping of a folder."""

    export: Literal["full", "partial"] = Field("full", description="Whether rows missing from an export have gone.")
    currency: str | None = Field(None, description="Currency of amounts that name none.")
    files: tuple[FileMap, ...] = Field((), description="The files.")
    ignore: Words = Field((), description="Files that are left alone on purpose.")


class Loaded(NamedTuple):
    """A mapping as read: `places` has the line of everything in it, `problems` what was wrong with it."""

    mapping: FolderMap
    places: Mapping[Place, Where]
    problems: tuple[Problem, ...]
    file: str

    def where(self, *place: str | int) -> Where:
        """The nearest line that says what stands at `place`."""
        path = tuple(map(str, place))
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Where(self.file, 1))


def load(path: Path, shown: str | None = None) -> Loaded:
    """The mapping at `path`; a missing one is empty with a problem."""
    file = shown or str(path)
    if not path.is_file():
        broken = MAPPING_MISSING.broken("There is no mapping for the files of this folder.", Where(file))
        return Loaded(FolderMap(), {}, (broken,), file)
    return understand(text.read(path, file), file)


def understand(read: text.Text, file: str) -> Loaded:
    """The mapping that YAML data means."""
    data = read.data if isinstance(read.data, dict) else {}
    problems = list(read.problems)
    if read.data is not None and not isinstance(read.data, dict):
        problems.append(MAPPING_SHAPE.broken("The file must be a mapping (key: value).", Where(file, 1)))
    loader = _Loader(file, read.places, problems)
    files = data.get("files")
    listed = files if isinstance(files, list) else []
    if files is not None and not isinstance(files, list):
        problems.append(MAPPING_SHAPE.broken("`files` must be a list.", loader.where(("files",))))
    whole = loader.valid(FolderMap, {k: v for k, v in data.items() if k != "files"}, ()) or FolderMap()
    good: list[FileMap] = []
    places = dict(read.places)
    for number, entry in enumerate(listed):
        found = loader.file(entry, ("files", str(number)))
        if found is not None:
            kept, numbers = found
            _renumber(places, read.places, number, len(good), numbers)
            good.append(kept)
    problems += _undecided(data, (), read.places)
    return Loaded(whole.model_copy(update={"files": tuple(good)}), places, tuple(problems), file)


def _renumber(
    places: dict[Place, Where], written: Mapping[Place, Where], old: int, new: int, tables: tuple[int, ...]
) -> None:
    """Places follow the entries that were kept, so that `files.0.tables.1` is the second table kept."""
    for place, where in written.items():
        if place[:2] == ("files", str(old)):
            if place[2:3] == ("tables",) and len(place) > 3:
                if int(place[3]) in tables:
                    places["files", str(new), "tables", str(tables.index(int(place[3]))), *place[4:]] = where
            else:
                places["files", str(new), *place[2:]] = where


class _Loader:
    """Validates pieces, so that what is wrong with one costs no other."""

    def __init__(self, file: str, places: Mapping[Place, Where], problems: list[Problem]) -> None:
        self.name, self.places, self.problems = file, places, problems

    def where(self, place: Place) -> Where:
        while place and place not in self.places:
            place = place[:-1]
        return self.places.get(place, Where(self.name, 1))

    def file(self, entry: Any, place: Place) -> tuple[FileMap, tuple[int, ...]] | None:
        if not isinstance(entry, dict):
            self.problems.append(MAPPING_SHAPE.broken("Each entry of `files` begins with `file:`.", self.where(place)))
            return None
        tables = entry.get("tables")
        if tables is not None and not isinstance(tables, list):
            self.problems.append(MAPPING_SHAPE.broken("`tables` must be a list.", self.where((*place, "tables"))))
        bare = self.valid(FileMap, {k: v for k, v in entry.items() if k != "tables"}, place)
        listed = tables if isinstance(tables, list) else []
        found = [self.valid(TableMap, t, (*place, "tables", str(i))) for i, t in enumerate(listed)]
        if bare is None:
            return None
        numbers = tuple(i for i, t in enumerate(found) if t is not None)
        return bare.model_copy(update={"tables": tuple(t for t in found if t is not None)}), numbers

    def valid(self, kind: type[Any], data: Any, place: Place) -> Any:
        """`data` as `kind`, or None with its problems told."""
        try:
            return kind.model_validate(data)
        except ValidationError as bad:
            for error in bad.errors(include_url=False):
                inner = place_of(error, data)
                self.problems.append(problem_of(error, inner, kind, self.where((*place, *inner))))
            return None


def _undecided(data: Any, place: Place, places: Mapping[Place, Where]) -> Iterator[Problem]:
    if data == CHOOSE:
        yield UNDECIDED.broken(f"'{place[-1] if place else CHOOSE}' is not chosen yet.", places.get(place))
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in ("why", "values"):
                yield from _undecided(value, (*place, key), places)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _undecided(value, (*place, str(index)), places)
