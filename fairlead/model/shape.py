"""What a table of the record is: its kinds of columns, its grain, and what every table carries."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Kind(StrEnum):
    """What a column holds. Money is DECIMAL(18,2); a timestamp is an instant, a date a day without a zone."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"

    @property
    def sql(self) -> str:
        """The DuckDB type."""
        return SQL_TYPES[self]


SQL_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TEXT: "VARCHAR",
        Kind.INTEGER: "BIGINT",
        Kind.NUMBER: "DOUBLE",
        Kind.MONEY: "DECIMAL(18,2)",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.DATE: "DATE",
        Kind.TIMESTAMP: "TIMESTAMPTZ",
    }
)


class Column(NamedTuple):
    """One column. `refers` names the table whose `id` it holds.

    `required`: a row without it is set aside. `strict` (only with `refers`): a row whose reference finds
    nobody is set aside; without it the row is kept, the reference is emptied and counted as broken.
    `derived`: computed by the record's SQL, never mapped from a source.
    """

    name: str
    kind: Kind
    says: str
    required: bool = False
    refers: str | None = None
    strict: bool = False
    derived: bool = False


class Table(NamedTuple):
    """One table: `schema` is record or mart, `grain` the columns that identify a row."""

    schema: str
    name: str
    says: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns as built: declared, lineage (canonical tables only), and the days of timestamps."""
        carried = self.columns + (LINEAGE if self.schema == "record" else ())
        return carried + tuple(
            Column(day_name(c.name), Kind.DATE, f"Day of {c.name} in the company's timezone.", derived=True)
            for c in carried
            if c.kind is Kind.TIMESTAMP and c not in LINEAGE
        )

    def column(self, name: str) -> Column | None:
        """The column of that name as built, or None."""
        return next((c for c in self.all_columns if c.name == name), None)


def day_name(timestamp: str) -> str:
    """The name of the company-day column that goes with a timestamp column.

    >>> day_name("created_at"), day_name("at")
    ('created_on', 'day')
    """
    return "day" if timestamp == "at" else f"{timestamp.removesuffix('_at')}_on"


def mart(name: str, says: str, grain: tuple[str, ...], *columns: Column) -> Table:
    return Table("mart", name, says, grain, columns)


def text(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.TEXT, says, required=required, derived=derived)


def money(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.MONEY, says, required=required, derived=derived)


def integer(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.INTEGER, says, required=required, derived=derived)


def number(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.NUMBER, says, required=required, derived=derived)


def boolean(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.BOOLEAN, says, required=required, derived=derived)


def date(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.DATE, says, required=required, derived=derived)


def at(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.TIMESTAMP, says, required=required, derived=derived)


def ref(name: str, refers: str, says: str, *, required: bool = False, strict: bool = False) -> Column:
    return Column(name, Kind.TEXT, says, required=required, refers=refers, strict=strict)


LINEAGE: tuple[Column, ...] = (
    text("source_system", "The source this row came from, as named in fairlead.yaml.", derived=True),
    text("source_id", "The row's own key in that source.", derived=True),
    at("seen_at", "When we learnt this version of the row.", derived=True),
    at("deleted_at", "When the row was first missing from a full export, or deleted in the source.", derived=True),
)

ID = text("id", "Canonical id: source and key of the source record that leads.", required=True, derived=True)
CONVERTED = money("amount_converted", "Amount in the company's currency at the dated rate.", derived=True)
