"""The cadence as a week, and what comes more rarely beside it."""

from collections.abc import Iterable
from typing import NamedTuple

from fairlead.desk.linking import Piece, anchor, in_words, role
from fairlead.model.agreed import Cadence
from fairlead.model.cadence import Meeting
from fairlead.model.calendars import Weekday
from fairlead.model.whole import Model

TITLES = {
    Cadence.DAILY: "Every day",
    Cadence.WEEKLY: "Every week, on no fixed day",
    Cadence.MONTHLY: "Every month",
    Cadence.QUARTERLY: "Every quarter",
    Cadence.YEARLY: "Every year",
    Cadence.TRIGGERED: "When something turns red",
}
WORKDAYS = tuple(Weekday)[:5]


class Slot(NamedTuple):
    """A meeting in the week: where it is told in full, how long, who leads it, how many numbers it looks at."""

    title: str
    href: str
    minutes: int
    chair: tuple[Piece, ...]
    metrics: int
    decides: str


class Times(NamedTuple):
    """A day of the week, or a longer rhythm, and its meetings."""

    title: str
    slots: tuple[Slot, ...]


class Rhythm(NamedTuple):
    """The rhythm in a minute, the week, and what comes more rarely. `weekly_minutes` is what a week costs."""

    in_a_minute: str
    week: tuple[Times, ...]
    rarer: tuple[Times, ...]
    weekly_minutes: int


def rhythm(model: Model) -> Rhythm:
    """The cadence of a model as a calendar."""
    meetings = model.cadence.meetings.values()
    weekly = [m for m in meetings if m.cadence is Cadence.WEEKLY and m.day]
    days = [*WORKDAYS, *(day for day in Weekday if day not in WORKDAYS and any(m.day is day for m in weekly))]
    rest = [m for m in meetings if m not in weekly]
    return Rhythm(
        in_a_minute=model.cadence.in_a_minute,
        week=tuple(Times(in_words(day), _slots(model, (m for m in weekly if m.day is day))) for day in days),
        rarer=tuple(
            Times(title, slots)
            for cadence, title in TITLES.items()
            if (slots := _slots(model, (m for m in rest if m.cadence is cadence)))
        ),
        weekly_minutes=sum(m.minutes for m in meetings if m.cadence is Cadence.WEEKLY),
    )


def _slots(model: Model, meetings: Iterable[Meeting]) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            title=m.label or in_words(m.name),
            href=f"#{anchor('meetings', m.name)}",
            minutes=m.minutes,
            chair=role(model, m.chair),
            metrics=len(m.metrics),
            decides=m.decides,
        )
        for m in meetings
    )
