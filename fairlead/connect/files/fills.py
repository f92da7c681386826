"""How each column of the record is filled: constants, expressions, picklists, references, typed values."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from fairlead.connect.files import cells, refs
from fairlead.connect.files.cells import PLACEHOLDERS, Style
from fairlead.connect.files.compiler import Compiler, Fill, Place, fault, mapped_columns
from fairlead.connect.files.mapping import Cell
from fairlead.connect.laws import BAD_VALUE, CANNOT_MAP, UNKNOWN_COLUMN
from fairlead.model.tables import Column, Kind, Table
from fairlead.problem import did_you_mean
from fairlead.record.engine import literal
from fairlead.record.staging import ABOUT

# Columns that name a row of the table which another column of theirs says.
ABOUT_WHOM = frozenset(key for _, key in ABOUT.values())


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
    """An expression's value; days, times, references and what has a unit are read from its text as a cell is."""
    found = compiler.sql(cell.sql or "", cell, "columns", column.name, "sql")
    if found is None:
        return None
    if cell.unit:
        cell = cell.model_copy(
            update={"numbers": "1,234.56"}
        )  # as the engine writes a number, whatever the file's way is
    if column.refers or cell.unit or column.kind in (Kind.DATE, Kind.TIMESTAMP):
        read = Fill(f"CAST({found[0]} AS VARCHAR)", (), found[1])
        return _from_text(compiler, table, column, cell, read, currency)
    return Fill(f"TRY_CAST({found[0]} AS {column.kind.sql})", (), found[1])


def _misplaced(compiler: Compiler, column: Column, cell: Cell, place: Place) -> None:
    """Settings that would do nothing where they stand."""
    wrong = [
        ("by", cell.by and not column.refers and column.name not in ABOUT_WHOM),
        ("source", cell.source and not column.refers and column.name not in ABOUT_WHOM),
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


def _from_text(compiler: Compiler, table: Table, column: Column, cell: Cell, read: Fill, currency: Fill | None) -> Fill:  # noqa: PLR0913, PLR0917
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
    if column.refers or column.name in ABOUT_WHOM:
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


def _currency(  # noqa: PLR0913, PLR0917
    compiler: Compiler, cell: Cell, value: str, text: str, faults: list[tuple[str, str]], uses: tuple[str, ...]
) -> Fill:
    """An ISO 4217 code: as written, or the one that an amount's text names itself."""
    if cell.currency_of:
        return Fill(cells.currency_in(value, cell.constant or compiler.currency()), tuple(faults), uses)
    code = f"upper({value})"
    broken = f"{value} IS NOT NULL AND NOT regexp_matches({code}, '^[A-Z]{{3}}$')"
    return Fill(code, (*faults, (broken, fault("not-a-currency", ", ".join(uses), text))), uses)


def _money(compiler: Compiler, cell: Cell, read: Fill, style: Style, currency: Fill | None, shown: str) -> Fill:  # noqa: PLR0913, PLR0917
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
