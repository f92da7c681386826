"""When people work, as a value: hours of the week, days that differ, public holidays of countries and regions."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple


class UnknownRegion(ValueError):  # noqa: N818 - it says what is wrong
    """A country or region whose public holidays nobody here knows."""


class Block(NamedTuple):
    """Working time within a day: seconds since local midnight, 0 to 86400; the end is not in it."""

    start: int
    end: int


class Hours(NamedTuple):
    """What a calendar says.

    `week` is Monday to Sunday. `days` are days that differ: without blocks a day off, with them a half day or a
    Saturday worked. `holidays_of` names countries and regions ("DE", "DE-BY", "US-CA", as PyPI's holidays has them)
    whose public holidays are days off, unless `days` says otherwise.
    """

    timezone: str
    week: tuple[tuple[Block, ...], ...]
    days: tuple[tuple[date, tuple[Block, ...]], ...] = ()
    holidays_of: tuple[str, ...] = ()


def off_days(hours: Hours, first: date, last: date) -> dict[date, tuple[Block, ...]]:
    """The days of the span that differ from their weekday, and their blocks; raises UnknownRegion, ValueError."""
    public = {day for region in hours.holidays_of for day in public_holidays(region, first.year, last.year)}
    differ: dict[date, tuple[Block, ...]] = {**dict.fromkeys(public, ()), **dict(hours.days)}
    return {day: blocks for day, blocks in differ.items() if first <= day <= last}


@lru_cache(maxsize=256)
def public_holidays(region: str, first_year: int, last_year: int) -> frozenset[date]:
    """The public holidays of a country ("DE") or a region of it ("DE-BY"); raises UnknownRegion."""
    import holidays  # a tenth of a second, which only a calendar that names a region has to wait

    country, _, subdivision = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=range(first_year, last_year + 1))
    except NotImplementedError as unknown:
        raise UnknownRegion(f"no public holidays of '{region}' are known") from unknown
    return frozenset(found)


def checked(blocks: Sequence[Block]) -> None:
    """Raises ValueError when blocks are out of order, overlap or leave their day."""
    marks = [mark for block in blocks for mark in block]
    if (
        marks != sorted(marks)
        or any(b.start >= b.end for b in blocks)
        or (marks and not 0 <= marks[0] <= marks[-1] <= 86_400)
    ):
        raise ValueError(f"working time must be in order, within its day and without overlap: {blocks}")
