"""Time zones, from the one table that Fairlead brings along.

`ZoneInfo(name)` reads the operating system's files where it has any, and the engine has a table of its own: where they
differ, a clock would start in another hour than its deadline counts from. The package `tzdata` is locked, and says what
the engine says. The process's own way to find time zones is left as it is.
"""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TABLE = files("tzdata")


@cache
def zone_names() -> frozenset[str]:
    """The names of all time zones (IANA).

    >>> "Europe/Berlin" in zone_names(), "Europe/Berlln" in zone_names()
    (True, False)
    """
    return frozenset(TABLE.joinpath("zones").read_text(encoding="utf-8").split())


@cache
def zone(name: str) -> ZoneInfo:
    """A time zone by its name; raises ZoneInfoNotFoundError, a KeyError.

    >>> zone("Africa/Casablanca").key
    'Africa/Casablanca'
    """
    if name not in zone_names():
        raise ZoneInfoNotFoundError(f"No time zone found with key {name}")
    with TABLE.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
