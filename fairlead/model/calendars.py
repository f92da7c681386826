"""calendars.yaml: when people work, so that clocks count working time."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer

from fairlead.model.agreed import Agreed, Book, Named, Names, one_or_many

BLOCK = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$")


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Block(NamedTuple):
    """A stretch of working time within a day, in seconds since midnight; 24:00 is 86400."""

    start: int
    end: int

    @property
    def words(self) -> tuple[str, str]:
        """When it begins and ends, as a clock shows it: 09:00 and 17:30."""
        begins, ends = (f"{mark // 3600:02}:{mark // 60 % 60:02}" for mark in self)
        return begins, ends


def _block(value: object) -> object:
    """'09:00-12:30' as a Block."""
    if not isinstance(value, str):
        return value
    if (found := BLOCK.match(value)) is None:
        raise ValueError(f"'{value}' is no stretch of time; write '09:00-17:30'")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 3600 + minute * 60, end_hour * 3600 + end_minute * 60
    if max(minute, end_minute) > 59 or hour > 23 or end > 86_400:
        raise ValueError(f"'{value}' has an hour or minute that no clock shows")
    return Block(start, end)


Stretch = Annotated[
    Block,
    BeforeValidator(_block, json_schema_input_type=str),
    PlainSerializer(lambda block: "-".join(block.words), return_type=str),
]
Blocks = Annotated[tuple[Stretch, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])]


class Holiday(Agreed):
    """A day off of the company's own, or a day with other hours: half a day, or a Saturday worked."""

    on: date = Field(description="The day.")
    label: str = Field("", description="What is celebrated.")
    hours: Blocks = Field((), description="Hours worked nevertheless, also on a public holiday; none when left out.")


class Calendar(Named):
    """Working hours of a week, and the days that differ."""

    label: str = Field("", description="Name on pages.")
    timezone: str | None = Field(None, description="IANA timezone; each owner's own when left out.")
    hours: dict[Weekday, Blocks] = Field(default_factory=dict, description="Working time by weekday.")
    holidays_of: Names = Field(
        (), description="Countries (DE) and regions (DE-BY, US-CA) whose public holidays are days off."
    )
    holidays: tuple[Holiday, ...] = Field((), description="Days off of its own, and days with other hours.")
    regions: Names = Field(
        (), description="Countries of the customers it is meant for; says nothing about holidays, see `holidays_of`."
    )


class Calendars(Agreed):
    """calendars.yaml."""

    default: str | None = Field(None, description="The calendar that holds when nothing else is said.")
    calendars: Book[Calendar] = Field(default_factory=dict, description="Calendars by name.")
