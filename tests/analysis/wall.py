"""Time zones as the standard library finds them in the package tzdata, with the operating system's files left out."""

from functools import cache
from zoneinfo import TZPATH, ZoneInfo, reset_tzpath


@cache
def wall(name: str) -> ZoneInfo:
    """What the wall shows by the one table that the product reads too, and without the code that reads it there."""
    try:
        reset_tzpath(())
        return ZoneInfo.no_cache(name)
    finally:
        reset_tzpath(TZPATH)
