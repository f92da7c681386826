"""What a page's numbers were made from and how fresh they are, in the company's time."""

from datetime import datetime
from typing import NamedTuple, Protocol

from fairlead.picture.wording import Manner, day_words, moment_words


class Made(Protocol):
    """Any answer of a verb that names its build."""

    @property
    def manner(self) -> Manner: ...
    @property
    def as_of(self) -> datetime: ...
    @property
    def build(self) -> str | None: ...
    @property
    def built_at(self) -> datetime | None: ...
    @property
    def seen_at(self) -> datetime | None: ...


class Stamp(NamedTuple):
    """`as_of` is a day, and `day` the same as 2026-11-23; the others are moments, empty where unknown."""

    as_of: str
    as_of_full: str
    day: str
    build: str
    built_at: str
    seen_at: str


def stamp(made: Made) -> Stamp:
    """The stamp of an answer."""
    manner = made.manner
    return Stamp(
        as_of=day_words(made.as_of.astimezone(manner.zone), manner),
        day=made.as_of.astimezone(manner.zone).date().isoformat(),
        as_of_full=moment_words(made.as_of, manner),
        build=made.build or "",
        built_at=moment_words(made.built_at, manner) if made.built_at else "",
        seen_at=moment_words(made.seen_at, manner) if made.seen_at else "",
    )
