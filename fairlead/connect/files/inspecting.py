"""What is dirty in a folder of exports, each kind with a place and an example.

inspect(folder) -> (Finding(kind="ambiguous-dates", where=deals.csv:2, column="Close", example="03/04/2025"), ...)
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fairlead.connect.exports import quoted
from fairlead.connect.files.folder import data_files
from fairlead.connect.files.profile import Column, Profile, Sheet, Value
from fairlead.connect.files.vocabulary import COLUMN_WORDS, plain
from fairlead.connect.laws import (
    AMBIGUOUS_DATES,
    AMBIGUOUS_NUMBERS,
    DIRT,
    DUPLICATE_HEADER,
    FILE_UNREADABLE,
    MIXED_CURRENCIES,
)
from fairlead.model.tables import CANONICAL_BY_NAME, Kind
from fairlead.problem import Law, Problem, Where
from fairlead.record.engine import literal, scratch
from fairlead.values import Progress, quiet

LAW_OF: dict[str, Law] = {
    "ambiguous-dates": AMBIGUOUS_DATES,
    "ambiguous-numbers": AMBIGUOUS_NUMBERS,
    "mixed-currencies": MIXED_CURRENCIES,
    "duplicate-header": DUPLICATE_HEADER,
    "unreadable": FILE_UNREADABLE,
}
MONEY_WORDS = frozenset(
    word
    for table, columns in COLUMN_WORDS.items()
    for name, words in columns.items()
    if (column := CANONICAL_BY_NAME[table].column(name)) and column.kind is Kind.MONEY
    for word in words
) | {"total", "dealtotal", "totalamount", "totalprice", "revenue", "annualrevenue"}


class Finding(NamedTuple):
    """One kind of dirt in one place: `rows` it touches (0: not counted), `example` what stands there.

    `sheet`: of a workbook with several.
    """

    kind: str
    where: Where
    column: str | None
    example: str
    rows: int
    says: str
    sheet: str | None = None

    @property
    def problem(self) -> Problem:
        return LAW_OF.get(self.kind, DIRT).broken(self.says, self.where)


def inspect(folder: Path, *, progress: Progress = quiet) -> tuple[Finding, ...]:
    """Everything dirty in the files of `folder`, file by file."""
    with Profile(folder, data_files(folder), progress) as profile:
        return findings(profile)


def findings(profile: Profile) -> tuple[Finding, ...]:
    """Everything dirty in a profile."""
    failures = [
        Finding("unreadable", Where(f.file), None, "", 0, f"The file cannot be read: {f.says}.")
        for f in profile.failures
    ]
    return (*failures, *(f._replace(sheet=s.sheet) for s in profile.sheets for f in _sheet(s, profile)))


def _sheet(sheet: Sheet, profile: Profile) -> Iterator[Finding]:
    if sheet.header > 1:
        yield Finding(
            "preamble",
            Where(sheet.file, 1),
            None,
            "",
            sheet.header - 1,
            f"The header is on line {sheet.header}; say `header: {sheet.header}`.",
        )
    for name in sheet.repeated:
        says = f"More than one column is called '{name}'; the second is read as '{name} (2)'."
        yield Finding("duplicate-header", Where(sheet.file, sheet.header), name, name, 0, says)
    for dirt in sheet.dirt:
        says = f"{dirt.rows:,} row(s) will be set aside, such as {dirt.example}."
        yield Finding(dirt.code, Where(dirt.file, dirt.line), None, dirt.example, dirt.rows, says)
    for column in sheet.columns:
        yield from _column(sheet, column)
    yield from _fan_outs(sheet, profile)


def _column(sheet: Sheet, column: Column) -> Iterator[Finding]:
    def at(kind: str, value: Value, says: str, rows: int | None = None) -> Finding:
        count = value.rows if rows is None else rows
        return Finding(kind, Where(sheet.file, value.line), column.name, value.text, count, f"{column.name}: {says}")

    for value in column.placeholders[:3]:
        yield at(
            "placeholder",
            value,
            f"'{value.text}' in {value.rows:,} row(s) says nothing; name it under `nulls` or map it.",
        )
    if len(column.date_formats) > 1:
        value = min(column.said, key=lambda v: v.line)
        ways = " and ".join(column.date_formats)
        yield at("ambiguous-dates", value, f"'{value.text}' and every other value fit {ways}.", column.filled)
    for value in column.not_dates[:3]:
        yield at(
            "not-a-date",
            value,
            f"'{value.text}' is no date among dates; {value.rows:,} row(s) will be set aside unless mapped.",
        )
    if not is_amount(column):
        return
    if styles := ambiguous_styles(column):
        value = next(v for v in column.said if "," in v.text or "." in v.text)
        yield at(
            "ambiguous-numbers",
            value,
            f"'{value.text}' is a number in the styles {' and '.join(styles)}.",
            column.filled,
        )
    signs = [s for s in column.signs if s]
    if len(signs) > 1 or (signs and "" in column.signs):
        shown = ", ".join(f"'{v.text}' (line {v.line})" for v in list(column.signs.values())[:3])
        yield at(
            "mixed-currencies",
            next(iter(column.signs.values())),
            f"amounts name different currencies: {shown}.",
            column.filled,
        )
    for value in column.with_text[:3]:
        yield at(
            "number-with-text",
            value,
            f"'{value.text}' is no number; {value.rows:,} row(s) will be set aside unless mapped.",
        )


def is_amount(column: Column) -> bool:
    """Whether a column holds amounts by its name and mostly by its values."""
    return plain(column.name) in MONEY_WORDS and column.share("[0-9]") > 0.5


def ambiguous_styles(column: Column) -> tuple[str, ...]:
    """The styles of numbers under which the values would differ, when more than one fits all of them."""
    points = {"." if s.endswith(".56") or s.endswith(".89") else "," for s in column.number_styles}
    marked = any("," in v.text or "." in v.text for v in column.said)
    if len(points) < 2 or not marked:
        return ()
    grouped = [s for s in column.number_styles if s in ("1,234.56", "1.234,56")]
    plainer = [s for s in column.number_styles if s in ("1234.56", "1234,56")]
    return (*grouped, *plainer)


def _fan_outs(sheet: Sheet, profile: Profile) -> Iterator[Finding]:
    """A total repeated on each line of one thing: always the same within it, and not the same between things."""
    ids = [c for c in sheet.columns if is_reference(c) and 1.2 * c.distinct < c.filled and c.distinct > 1]
    amounts = [c for c in sheet.columns if is_amount(c) and c.distinct > 1]
    if not ids or not amounts or sheet.rows < 4:
        return
    with scratch(profile.root) as db:
        for thing in ids:
            for amount in amounts:
                a, b = quoted(thing.name), quoted(amount.name)
                row = db.execute(
                    f"WITH g AS (SELECT {a} AS thing, count(*) AS n, count(DISTINCT {b}) AS kinds, min({b}) AS v,"
                    f" min(_line) AS line FROM read_parquet({literal(sheet.path)})"
                    f" WHERE _fault IS NULL AND {a} IS NOT NULL AND {b} IS NOT NULL GROUP BY 1)"
                    " SELECT count(*) FILTER (n > 1), count(*) FILTER (n > 1 AND kinds > 1), count(DISTINCT v),"
                    " arg_min(thing, line) FILTER (n > 1), arg_min(v, line) FILTER (n > 1), min(line) FILTER (n > 1),"
                    " sum(n) FILTER (n > 1) FROM g"
                ).fetchall()[0]
                repeated, differing, kinds, example, value, line, rows = row
                if repeated >= 2 and differing == 0 and kinds > max(2, repeated / 4):
                    says = (
                        f"{amount.name}: the total of one {thing.name} ({example}: {value}) stands on each of its"
                        " lines;"
                        f" say `one_row_per: [{thing.name}]` where it is counted."
                    )
                    yield Finding(
                        "fan-out", Where(sheet.file, line), amount.name, f"{example}: {value}", int(rows), says
                    )


def is_reference(column: Column) -> bool:
    """Whether a column names things by their ids, going by its header."""
    name = plain(column.name)
    return name.endswith(("id", "number", "nummer", "nr", "key", "code")) or name in ("deal", "opportunity", "dealname")
