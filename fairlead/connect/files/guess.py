"""What a file probably is, and what its columns probably mean: guesses, each with its why.

Sheet ──classify──> Guess(table, key, columns={"amount": Match(column, why)}, missing=("stage",))
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fairlead.connect.files.profile import Column, Sheet
from fairlead.connect.files.vocabulary import COLUMN_WORDS, FILE_WORDS, ID_WORDS, NEEDS, own, plain
from fairlead.model.tables import CANONICAL_BY_NAME, Kind, Table


class Match(NamedTuple):
    """A source column taken for one of the record's, and why."""

    column: str
    why: str


class Guess(NamedTuple):
    """What a sheet was taken for. `keys`: more than one column that could be the key, none better than another."""

    sheet: Sheet
    table: str
    key: tuple[str, ...]
    key_why: str
    keys: tuple[str, ...]
    columns: Mapping[str, Match]


def classify(sheet: Sheet) -> Guess | None:
    """The table whose words fit the sheet best, or None when none fits well."""
    scored = sorted(((_score(sheet, name), name) for name in COLUMN_WORDS), reverse=True)
    best, name = scored[0]
    if best < 3:
        return None
    table = CANONICAL_BY_NAME[name]
    key, why, several = key_of(sheet, name)
    return Guess(sheet, name, key, why, several, matched(sheet, table))


def _score(sheet: Sheet, table: str) -> float:
    """Columns that fit, more for what is seldom elsewhere, and more still when the file's name says so."""
    found = matched(sheet, CANONICAL_BY_NAME[table])
    if any(name not in found for name in NEEDS.get(table, ())):
        return 0
    stem = sheet.file.lower().rsplit("/", 1)[-1] + (sheet.sheet or "").lower()
    longest = max((len(w) for w in FILE_WORDS.get(table, ()) if w in stem or w in stem.replace("_", "")), default=0)
    named = 3 + longest / 10 if longest else 0
    if plain(stem.split(".")[0]).endswith("history") != (table == "change"):
        named = -2 if table == "change" else named
    return sum(_weight(table, name, match) for name, match in found.items()) + named


def _weight(table: str, name: str, match: Match) -> float:
    words = COLUMN_WORDS[table][name]
    place = words.index(plain(match.column)) if plain(match.column) in words else len(words)
    elsewhere = sum(any(plain(match.column) in w for w in columns.values()) for columns in COLUMN_WORDS.values())
    return (1.0 if elsewhere <= 3 else 0.5) - 0.01 * place


def matched(sheet: Sheet, table: Table) -> dict[str, Match]:
    """The record's columns found among the sheet's headers, each header used once, the likeliest pair first."""
    pairs = []
    stem = plain(table.name)
    for name, words in COLUMN_WORDS[table.name].items():
        for column in sheet.columns:
            header = plain(column.name)
            bare = plain(own(column.name, table.name)).removeprefix(stem) or header
            for place, word in enumerate(words):
                if word in (header, bare):
                    pairs.append((place + (0 if header == word else 0.5), name, column))
                    break
    found: dict[str, Match] = {}
    used: set[str] = set()
    for _, name, column in sorted(pairs, key=lambda p: (p[0], p[1])):
        kind = table.column(name)
        if name in found or column.name in used or kind is None or not _could_be(kind.kind, column):
            continue
        found[name] = Match(column.name, f"the column is called {column.name}{_looks(kind.kind, column)}")
        used.add(column.name)
    return found


def _could_be(kind: Kind, column: Column) -> bool:
    """Whether the values allow the kind at all; an empty column allows everything."""
    if not column.said:
        return True
    match kind:
        case Kind.DATE | Kind.TIMESTAMP:
            return bool(column.date_formats) or column.share(r"[0-9].*[0-9]") > 0.8
        case Kind.MONEY | Kind.NUMBER | Kind.INTEGER:
            return column.share("[0-9]") > 0.5 and "iso" not in column.date_formats
        case Kind.BOOLEAN:
            return column.is_boolean
        case Kind.TEXT:
            return True


def _looks(kind: Kind, column: Column) -> str:
    match kind:
        case Kind.DATE | Kind.TIMESTAMP if len(column.date_formats) == 1:
            return f"; all values read as {column.date_formats[0]}"
        case Kind.BOOLEAN if column.said:
            return f"; its values are {' and '.join(v.text for v in column.said)}"
        case Kind.MONEY | Kind.NUMBER | Kind.INTEGER if column.said:
            return f"; numbers such as {column.said[0].text}"
        case _:
            return ""


def key_of(sheet: Sheet, table: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The key, why, and when nothing tells them apart, every column that could be it."""
    measures = _measures(sheet, CANONICAL_BY_NAME[table])
    unique = [c for c in sheet.columns if c.is_unique and c.name not in measures]
    words = ID_WORDS.get(table, ())
    named = [c for w in words for c in sheet.columns if plain(c.name) == w]
    for column in named:
        if column.is_unique:
            return (
                (column.name,),
                f"{column.name} is called like a key and every one of its {column.rows:,} values is unique",
                (),
            )
        if plain(column.name).endswith(("id", "nummer", "nr")) and (nearly := _nearly([column])):
            return nearly
    if len(unique) == 1 and (sheet.rows > 20 or plain(unique[0].name).endswith("id")):
        return (
            (unique[0].name,),
            f"{unique[0].name} is the only column whose {unique[0].rows:,} values are all unique",
            (),
        )
    ids = [c.name for c in unique if plain(c.name).endswith(("id", "number", "code", "email"))]
    if len(ids) == 1:
        return (ids[0],), f"{ids[0]} is the only unique column that is called like a key", ()
    return _nearly(named) or ((), "", tuple(c.name for c in unique))


def _measures(sheet: Sheet, table: Table) -> set[str]:
    """Columns that are amounts or times: unique by chance, and not for long."""
    kinds = (Kind.MONEY, Kind.NUMBER, Kind.INTEGER, Kind.DATE, Kind.TIMESTAMP)
    counted = {m.column for name, m in matched(sheet, table).items() if (c := table.column(name)) and c.kind in kinds}
    return counted | {c.name for c in sheet.columns if c.said and c.date_formats}


def _nearly(named: Sequence[Column]) -> tuple[tuple[str, ...], str, tuple[str, ...]] | None:
    """The first column called like a key of which few values repeat: a key with faults, rather than no key."""
    column = next((c for c in named if c.rows and c.filled == c.rows and c.distinct > 0.95 * c.rows), None)
    if column is None:
        return None
    first = column.values[0]
    why = (
        f"{column.name} is called like a key, yet {column.rows - column.distinct:,} rows repeat a value, such as"
        f" '{first.text}' (line {first.line}): where they differ, all of them are set aside"
    )
    return (column.name,), why, ()


def overlap(column: Column, other: Column) -> float:
    """The share of a column's values that are values of another."""
    known = {v.text for v in other.said}
    told = [v.text in known for v in column.said]
    return sum(told) / len(told) if told else 0.0


def missing(table: Table, filled: Sequence[str]) -> tuple[str, ...]:
    """Required columns that nothing fills."""
    return tuple(c.name for c in table.columns if c.required and not c.derived and c.name not in filled)
