"""What a page's numbers were made from and how fresh they are, in the company's time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple, Protocol

from fairlead.actions.building import built
from fairlead.actions.sources import Freshness
from fairlead.picture.wording import Manner, day_words, moment_words
from fairlead.workspace import Workspace


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


class Fresh(NamedTuple):
    """How fresh the sources behind a page's numbers are: in a word or two, whole, and which are not looked after."""

    text: str
    says: str
    stale: tuple[str, ...]


class Stamp(NamedTuple):
    """`as_of` is a day, and `day` the same as 2026-11-23; the others are moments, empty where unknown.

    `fresh` is None where no source stands behind the numbers.
    """

    as_of: str
    as_of_full: str
    day: str
    build: str
    built_at: str
    seen_at: str
    fresh: Fresh | None


def stamp(made: Made, behind: Iterable[Freshness | None] = ()) -> Stamp:
    """The stamp of an answer; `behind` is the freshness of each number that the page shows."""
    manner = made.manner
    return Stamp(
        as_of=day_words(made.as_of.astimezone(manner.zone), manner),
        day=made.as_of.astimezone(manner.zone).date().isoformat(),
        as_of_full=moment_words(made.as_of, manner),
        build=made.build or "",
        built_at=moment_words(made.built_at, manner) if made.built_at else "",
        seen_at=moment_words(made.seen_at, manner) if made.seen_at else "",
        fresh=_fresh([one for one in behind if one and one.sources]),
    )


def published(place: Workspace, behind: Iterable[Freshness | None]) -> Stamp | None:
    """The stamp of a page that tells of numbers without asking for any; None before the first build."""
    current = place.lake.current()
    if current is None:
        return None
    made = of_build(place, current.name, date.fromisoformat(built(current, is_current=True).as_of))
    return made._replace(fresh=_fresh([one for one in behind if one and one.sources]))


def of_build(place: Workspace, build: str, day: date) -> Stamp:
    """The stamp of an answer from a build, as of the end of `day`."""
    found, manner = built(place.lake.builds / build, is_current=False), place.manner
    return Stamp(
        as_of=day_words(day, manner),
        as_of_full=day_words(day, manner),
        day=day.isoformat(),
        build=found.build,
        built_at=moment_words(datetime.fromisoformat(found.made_at), manner),
        seen_at=moment_words(datetime.fromisoformat(found.seen_at), manner) if found.seen_at else "",
        fresh=None,
    )


def _fresh(behind: list[Freshness]) -> Fresh | None:
    """All of them as one: as old as the oldest, and stale where any source is."""
    if not behind:
        return None
    oldest = min(behind, key=lambda one: (not one.is_stale, one.seen_at or datetime.min.replace(tzinfo=UTC)))
    sources = {name for one in behind for name in one.sources}
    stale = tuple(dict.fromkeys(name for one in behind for name in one.stale))
    fine = "fresh" if len(sources) == 1 else f"all {len(sources)} fresh"
    return Fresh(f"{len(stale)} of {len(sources)} stale" if stale else fine, oldest.says, stale)
