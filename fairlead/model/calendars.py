"""calendars.yaml: when people work, so that clocks count working time."""

import re
from datetime import date, time
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field

from fairlead.model.agreed import Agreed, Book, Named, Names

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
    """A stretch of working time within a day. An end of 24:00 is written 24:00 and kept as the last minute."""

    start: time
    end: time


def _block(value: object) -> object:
    """'09:00-12:30' as a Block."""
    if not isinstance(value, str):
        return value
    if (found := BLOCK.match(value)) is None:
        raise ValueError(f"'{value}' is no stretch of time; write '09:00-17:30'")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    try:
        end = time.max if (end_hour, end_minute) == (24, 0) else time(end_hour, end_minute)
        return Block(time(hour, minute), end)
    except ValueError:
        raise ValueError(f"'{value}' has an hour or minute that no clock shows") from None


Blocks = Annotated[tuple[Annotated[Block, BeforeValidator(_block, json_schema_input_type=str)], ...], BeforeValidator(
    lambda value: [value] if isinstance(value, str) else value
)]  # fmt: skip


class Holiday(Agreed):
    """A day off, or a day with other hours."""

    on: date = Field(description="The day.")
    label: str = Field("", description="What is celebrated.")
    hours: Blocks = Field((), description="Hours worked nevertheless; none when left out.")


class Calendar(Named):
    """Working hours of a week, and the days that differ."""

    label: str = Field("", description="Name on pages.")
    timezone: str | None = Field(None, description="IANA timezone; each owner's own when left out.")
    hours: dict[Weekday, Blocks] = Field(default_factory=dict, description="Working time by weekday.")
    holidays: tuple[Holiday, ...] = Field((), description="Days off.")
    regions: Names = Field((), description="Countries or regions it is meant for.")


class Calendars(Agreed):
    """calendars.yaml."""

    default: str | None = Field(None, description="The calendar that holds when nothing else is said.")
    calendars: Book[Calendar] = Field(default_factory=dict, description="Calendars by name.")
