"""A mapping compiled: each entry becomes a Stage, SQL that reads a raw table as a canonical one.

    TableMap + raw columns ──compile──> Stage(sql, lineage, keys), problems with mapping.yaml:line

The SQL is three steps: `cells` (trimmed text, placeholders empty, rows that are meant), `read` (values in the
table's types), and the rows with `reason`: NULL when everything could be read, else the first `code: detail`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from fairlead.connect.files import cells, refs
from fairlead.connect.files.cells import PLACEHOLDERS, Style
from fairlead.connect.files.mapping import CHOOSE, Cell, FileMap, FolderMap, Loaded, Reading, TableMap
from fairlead.connect.land import quoted, view_name
from fairlead.connect.laws import BAD_VALUE, CANNOT_MAP, NOT_IN_FILE, UNKNOWN_COLUMN
from fairlead.model import predicate
from fairlead.model.tables import FOLDED, Column, Kind, Table
from fairlead.problem import Law, Problem, did_you_mean
from fairlead.record.engine import literal
from fairlead.record.stage import Stage

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
        return f"every AS ({every}), cells AS (SELECT * FROM every WHERE _fault IS NOT NULL OR coalesce({condition}, false))"


def _clean(column: str, nulls: Sequence[str]) -> str:
    if not nulls:
        return f"nullif(trim({column}), '')"
    return f"CASE WHEN lower(trim({column})) IN ({', '.join(map(literal, ('', *nulls)))}) THEN NULL ELSE trim({column}) END"


def says(column: str, cell: str) -> str:
    """SQL of a reason's detail: the column and its offending cell."""
    return f"{literal(column + ' is ' + chr(39))} || left({cell}, 80) || ''''"


def fault(code: str, column: str, cell: str) -> str:
    return f"{literal(code + ': ')} || {says(column, cell)}"


def table_stage(compiler: Compiler, table: Table) -> Stage:
    fills = fills_of(compiler, table)
    condition = _condition(compiler, compiler.entry.table.where, "where")
    deleted = _condition(compiler, compiler.entry.table.deleted, "deleted")
    lines = compiler.several(compiler.entry.table.one_row_per, None, "one_row_per") or []
    keys = _keys(compiler, table, lines)
    sql = select(compiler, table, fills, condition, deleted, lines)
    lineage = {name: fill.uses for name, fill in fills.items()}
    return Stage(table.name, compiler.entry.source, compiler.entry.raw, sql, lineage, keys(condition) if keys else None)


def _condition(compiler: Compiler, text: str | None, place: str) -> str | None:
    if text is None:
        return None
    found = compiler.sql(text, None, place)
    return found[0] if found else None


def fills_of(compiler: Compiler, table: Table) -> dict[str, Fill]:
    """How each mapped column of the table is filled; those that nothing fills are not in it."""
    mapped = {c.name: c for c in mapped_columns(table)}
    fills: dict[str, Fill] = {}
    said = dict(compiler.entry.table.columns)
    if "currency" in mapped and "currency" not in said and compiler.currency() and "amount" in said:
        said["currency"] = Cell(constant=compiler.currency())
    for name in sorted(said, key=lambda n: n != "currency"):
        column = mapped.get(name)
        if column is None:
            derived = table.column(name)
            message = (
                f"'{name}' of {table.name} is worked out by the record, not mapped."
                if derived
                else f"The record's table {table.name} has no column '{name}'."
            )
            compiler.say(UNKNOWN_COLUMN, message, "columns", name, hint=did_you_mean(name, mapped))
        elif fill := _fill(compiler, table, column, said[name], fills.get("currency")):
            fills[name] = fill
    return _changed_values(compiler, fills) if table.name == "change" else fills


def _changed_values(compiler: Compiler, fills: dict[str, Fill]) -> dict[str, Fill]:
    """Old and new values of a history in the record's words, by the field that changed."""
    maps, field = compiler.entry.table.values, fills.get("field")
    if not maps or field is None:
        return fills
    return fills | {name: _by_field(maps, field.value, fills[name]) for name in ("old", "new") if name in fills}


def _by_field(maps: Mapping[str, Mapping[str, str | None]], field: str, fill: Fill) -> Fill:
    cases, unmapped = "", []
    for name, values in maps.items():
        picked, missing = _picked(fill.value, Cell(values=values))
        cases += f" WHEN {literal(name)} THEN {picked}"
        unmapped.append(f"({field} = {literal(name)} AND {missing})")
    reason = fault("unmapped-value", ", ".join(fill.uses), fill.value)
    return Fill(
        f"CASE {field}{cases} ELSE {fill.value} END", (*fill.faults, (" OR ".join(unmapped), reason)), fill.uses
    )


def _fill(compiler: Compiler, table: Table, column: Column, cell: Cell, currency: Fill | None) -> Fill | None:
    place = ("columns", column.name)
    sources = [n for n in ("column", "first", "sql") if getattr(cell, n)] + ["constant"] * (cell.constant is not None)
    if cell.currency_of and sources == ["column", "constant"]:
        sources = ["column"]
    if len(sources) != 1:
        found = " and ".join(sources) or "none"
        compiler.say(CANNOT_MAP, f"{column.name}: give one of column, first, constant or sql; found {found}.", *place)
        return None
    _misplaced(compiler, column, cell, place)
    if cell.constant is not None and not cell.currency_of:
        return _constant(compiler, column, cell.constant, place)
    if cell.sql is not None:
        return _from_sql(compiler, table, column, cell, currency)
    names = cell.first or cell.column or ()
    aliases = compiler.several(names, cell, *place)
    if aliases is None:
        return None
    text = f"coalesce({', '.join(aliases)})" if len(aliases) > 1 else aliases[0]
    if cell.column and len(aliases) > 1:
        nothing = " AND ".join(f"{a} IS NULL" for a in aliases)
        text = (
            f"CASE WHEN NOT ({nothing}) THEN {' || chr(124) || '.join(f'''coalesce({a}, '')''' for a in aliases)} END"
        )
    used = tuple(compiler.by_name[n.lower()] for n in names)
    return _from_text(compiler, table, column, cell, Fill(text, (), used), currency)


def _from_sql(compiler: Compiler, table: Table, column: Column, cell: Cell, currency: Fill | None) -> Fill | None:
    """An expression's value; days, times and references are read from its text as those of a cell are."""
    found = compiler.sql(cell.sql or "", cell, "columns", column.name, "sql")
    if found is None:
        return None
    if column.refers or column.kind in (Kind.DATE, Kind.TIMESTAMP):
        read = Fill(f"CAST({found[0]} AS VARCHAR)", (), found[1])
        return _from_text(compiler, table, column, cell, read, currency)
    return Fill(f"TRY_CAST({found[0]} AS {column.kind.sql})", (), found[1])


def _misplaced(compiler: Compiler, column: Column, cell: Cell, place: Place) -> None:
    """Settings that would do nothing where they stand."""
    wrong = [
        ("by", cell.by and not column.refers and column.name != "entity_id"),
        ("source", cell.source and not column.refers and column.name != "entity_id"),
        ("unit", cell.unit and column.kind not in (Kind.MONEY, Kind.NUMBER)),
        ("currency_of", cell.currency_of and column.name != "currency"),
        ("dates", cell.dates and column.kind not in (Kind.DATE, Kind.TIMESTAMP)),
        ("numbers", cell.numbers and column.kind not in (Kind.MONEY, Kind.NUMBER, Kind.INTEGER)),
    ]
    for name, is_wrong in wrong:
        if is_wrong:
            compiler.say(CANNOT_MAP, f"{column.name}: `{name}` does nothing here.", *place, name)
    if cell.source and cell.by:
        compiler.say(CANNOT_MAP, f"{column.name}: give `source` or `by`, not both.", *place, "by")


def _constant(compiler: Compiler, column: Column, constant: str, place: Place) -> Fill | None:
    if column.kind is Kind.TEXT and not column.refers:
        return Fill(literal(constant))
    if column.refers:
        return Fill(literal(constant if ":" in constant else f"{compiler.entry.source}:{constant}"))
    if not _readable(column.kind, constant):
        compiler.say(BAD_VALUE, f"{column.name} holds {column.kind}; '{constant}' is none.", *place, "constant")
        return None
    return Fill(f"CAST({literal(constant)} AS {column.kind.sql})")


def _readable(kind: Kind, constant: str) -> bool:
    readers: dict[Kind, Callable[[str], object]] = {
        Kind.BOOLEAN: lambda t: {"true": True, "false": False}[t.lower()],
        Kind.DATE: date.fromisoformat,
        Kind.INTEGER: int,
        Kind.TIMESTAMP: datetime.fromisoformat,
        Kind.NUMBER: float,
        Kind.MONEY: Decimal,
    }
    try:
        readers[kind](constant)
    except (ValueError, KeyError, ArithmeticError):
        return False
    return True


def _from_text(compiler: Compiler, table: Table, column: Column, cell: Cell, read: Fill, currency: Fill | None) -> Fill:
    """From a cell's text to the column's value: placeholders, picklists, references, then the column's type."""
    shown, text = ", ".join(read.uses), read.value
    faults: list[tuple[str, str]] = []
    if loose := [p for p in PLACEHOLDERS if p not in {v.lower() for v in cell.values}]:
        faults.append((f"lower({text}) IN ({', '.join(map(literal, loose))})", fault("placeholder", shown, text)))
    value = text
    if cell.values:
        value, unmapped = _picked(text, cell)
        if unmapped:
            faults.append((unmapped, fault("unmapped-value", shown, text)))
    if column.refers or (table.name == "change" and column.name == "entity_id"):
        return Fill(_reference(compiler, cell, value), tuple(faults), read.uses)
    if column.name == "currency":
        return _currency(compiler, cell, value, text, faults, read.uses)
    style = compiler.style(cell, "columns", column.name)
    if column.kind is Kind.TEXT:
        plain = {"email": f"lower({value})", "domain": f"coalesce({refs.domain(value)}, lower({value}))"}
        return Fill(plain.get(column.name, value), tuple(faults), read.uses)
    if column.kind is Kind.MONEY:
        return _money(compiler, cell, Fill(value, tuple(faults), read.uses), style, currency, shown)
    found = cells.typed(column.kind, value, style)
    scaled = f"{found.value} * {cells.FACTORS[cell.unit]}" if cell.unit in cells.FACTORS else found.value
    failing = f"{value} IS NOT NULL AND NOT coalesce({cells.in_reason(column.kind, f'v_{column.name}')}, false)"
    return Fill(scaled, (*faults, (failing, fault(found.code, shown, text))), read.uses)


def _picked(text: str, cell: Cell) -> tuple[str, str | None]:
    """SQL of a value through its map, and when it is one that the map does not name (None: never a fault)."""
    cases = "".join(f" WHEN {literal(k)} THEN {'NULL' if v is None else literal(v)}" for k, v in cell.values.items())
    other = f" ELSE {text}" if cell.otherwise == "keep" else ""
    unmapped = f"{text} IS NOT NULL AND {text} NOT IN ({', '.join(map(literal, cell.values))})"
    return f"CASE {text}{cases}{other} END", unmapped if cell.otherwise == "set_aside" else None


def _reference(compiler: Compiler, cell: Cell, value: str) -> str:
    if cell.by:
        return refs.name(cell.by, value)
    return f"{literal((cell.source or compiler.entry.source) + ':')} || {value}"


def _currency(
    compiler: Compiler, cell: Cell, value: str, text: str, faults: list[tuple[str, str]], uses: tuple[str, ...]
) -> Fill:
    """An ISO 4217 code: as written, or the one that an amount's text names itself."""
    if cell.currency_of:
        return Fill(cells.currency_in(value, cell.constant or compiler.currency()), tuple(faults), uses)
    code = f"upper({value})"
    broken = f"{value} IS NOT NULL AND NOT regexp_matches({code}, '^[A-Z]{{3}}$')"
    return Fill(code, (*faults, (broken, fault("not-a-currency", ", ".join(uses), text))), uses)


def _money(compiler: Compiler, cell: Cell, read: Fill, style: Style, currency: Fill | None, shown: str) -> Fill:
    """An amount; one that names a currency must name the row's."""
    assumed = compiler.currency()
    code = currency.value if currency else literal(assumed) if assumed else "NULL"
    value = cells.money(read.value, style.numbers, cell.unit, code)
    named = f"{cells.sign_of(read.value)} <> ''"
    unknown = (f"{read.value} IS NOT NULL AND ({value}) IS NULL", fault("not-an-amount", shown, read.value))
    if code == "NULL":
        mixed = (named, fault("unmapped-currency", shown, read.value))
    else:
        other = f"({cells.foreign(read.value, code)}) IS NOT false AND {named}"
        mixed = (other, f"{fault('mixed-currency', shown, read.value)} || coalesce(' in a row in ' || {code}, '')")
    return Fill(value, (*read.faults, unknown, mixed), read.uses)


def _keys(compiler: Compiler, table: Table, lines: Sequence[str]) -> "KeySql | None":
    """SQL of the pairs (source_id, ref) of an entity's further names."""
    said = compiler.entry.table
    if (said.keys or said.same_as) and table.name not in (*FOLDED, "opportunity"):
        compiler.say(CANNOT_MAP, f"Rows of {table.name} have no further names; `keys` belongs to entities.", "keys")
        return None
    found: list[str] = []
    for place, named in (("keys", said.keys), ("same_as", said.same_as)):
        for kind, columns in named.items():
            aliases = compiler.several(columns, None, place, kind) or []
            found += [refs.name(kind, alias) for alias in aliases]
    return KeySql(compiler, tuple(found), source_id(lines)) if found else None


class KeySql(NamedTuple):
    """Called with the entry's condition, the SQL of its key pairs."""

    compiler: Compiler
    names: tuple[str, ...]
    source_id: str

    def __call__(self, condition: str | None) -> str:
        every = " UNION ALL ".join(
            f"SELECT {self.source_id} AS source_id, {n} AS ref FROM cells WHERE _fault IS NULL" for n in self.names
        )
        return f"WITH {self.compiler.cells_sql(condition)}, named AS ({every}) SELECT DISTINCT source_id, ref FROM named WHERE ref IS NOT NULL"


def source_id(lines: Sequence[str]) -> str:
    """SQL of a row's own key: its raw key, or what it is kept one row per."""
    return " || chr(124) || ".join(f"coalesce({c}, '')" for c in lines) if lines else "_key"


def select(
    compiler: Compiler,
    table: Table,
    fills: Mapping[str, Fill],
    condition: str | None,
    deleted: str | None,
    lines: Sequence[str],
) -> str:
    """The whole SELECT of a stage."""
    values = ", ".join(["*", *(f"{fill.value} AS v_{name}" for name, fill in fills.items())])
    steps = [compiler.cells_sql(condition), f"read AS (SELECT {values} FROM cells)"]
    faults = [pair for fill in fills.values() for pair in fill.faults]
    origin, keep = "read", ""
    if lines:
        steps.append(f"placed AS ({_placed(lines, fills)})")
        origin, keep = "placed", " WHERE place = 1 OR differs"
        named = literal(f"fan-out: lines of one {', '.join(compiler.entry.table.one_row_per)} differ: ")
        faults.append(("place > 1", f"{named} || {source_id(lines)}"))
    gone = (
        f"CASE WHEN {deleted} THEN coalesce(_deleted_at, _seen_at) ELSE _deleted_at END" if deleted else "_deleted_at"
    )
    cases = "".join(f" WHEN {when} THEN {then}" for when, then in dict.fromkeys(faults))
    shown = [_shown(column, fills) for column in mapped_columns(table)]
    carried = [
        f"{literal(compiler.entry.source)} AS source_system", f"{source_id(lines)} AS source_id", "_seen_at AS seen_at",
        f"{gone} AS deleted_at", "_file AS file", "_line AS line",
        f"CASE WHEN _fault IS NOT NULL THEN _fault{cases} END AS reason",
    ]  # fmt: skip
    return f"WITH {', '.join(steps)} SELECT {', '.join([*shown, *carried])} FROM {origin}{keep}"


def _shown(column: Column, fills: Mapping[str, Fill]) -> str:
    if column.name not in fills:
        return f"CAST(NULL AS {column.kind.sql}) AS {column.name}"
    value = f"v_{column.name}"
    if column.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.INTEGER):
        value = f"CASE WHEN {cells.in_reason(column.kind, value)} THEN {value} END"
    return f"CAST({value} AS {column.kind.sql}) AS {column.name}"


def _placed(lines: Sequence[str], fills: Mapping[str, Fill]) -> str:
    """Rows with their place among the lines of one thing, and whether they differ from the first of them."""
    alike = " || chr(31) || ".join(f"coalesce(CAST(v_{name} AS VARCHAR), '')" for name in fills) or "''"
    group = ", ".join(lines)
    order = f"PARTITION BY {group}, _fault ORDER BY (_deleted_at IS NOT NULL), _line, _key"
    return (
        f"SELECT *, CASE WHEN _fault IS NULL THEN row_number() OVER ({order}) ELSE 1 END AS place,"
        f" (_deleted_at IS NULL AND _fault IS NULL AND {alike} <> first_value({alike}) OVER ({order})) AS differs FROM read"
    )


def entries_of(mapping: FolderMap) -> list[tuple[int, FileMap, int, TableMap]]:
    """Every table of every file with its numbers."""
    return [(i, f, j, t) for i, f in enumerate(mapping.files) for j, t in enumerate(f.tables)]
