"""When a metric is looked at next: the first day after a given one on which its reviews fall."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from fairlead.model.agreed import Cadence
from fairlead.model.calendars import Calendar, Weekday
from fairlead.model.metrics import Metric
from fairlead.model.whole import Model
from fairlead.values import Grain, in_words, period_of

GRAINS = {Cadence.MONTHLY: Grain.MONTH, Cadence.QUARTERLY: Grain.QUARTER, Cadence.YEARLY: Grain.YEAR}
WEEKDAYS = tuple(Weekday)
WORKDAYS = WEEKDAYS[:5]
LONGEST_BREAK = 31  # days: a calendar in which nobody works for longer says nothing of when people meet


class Audience(NamedTuple):
    """A meeting or a role that looks at a metric: how often, and on which weekday where that is agreed."""

    name: str
    label: str
    kind: str
    cadence: Cadence
    day: Weekday | None


class NextReview(NamedTuple):
    """A meeting, or a role, by its label, and the day on which it looks."""

    label: str
    day: date


def next_review(model: Model, metric: Metric, after: date, fiscal_year_start: int = 1) -> NextReview | None:
    """The next time anybody looks at a metric; None where it is looked at only when something turns red.

    Its own `review` says who and how often; meetings that list it look at it in their own rhythm, on days on which
    people work by the model's default calendar.
    """
    calendar = model.calendars.calendars.get(model.calendars.default or "")
    days = [
        NextReview(one.label, next_day(one.cadence, one.day, after, fiscal_year_start, calendar))
        for one in audiences(model, metric)
        if one.cadence is not Cadence.TRIGGERED
    ]
    return min(days, key=lambda review: review.day, default=None)


def next_day(
    cadence: Cadence, weekday: Weekday | None, after: date, fiscal_year_start: int = 1, calendar: Calendar | None = None
) -> date:
    """The first day after `after` in this rhythm.

    A week's meeting without a day is on its Monday; a month's, a quarter's or a year's is on the first day of its
    weekday, or, without one, on the first working day: of `calendar`, or no Saturday or Sunday. Quarters and years
    are fiscal.

    >>> next_day(Cadence.WEEKLY, Weekday.THURSDAY, date(2026, 11, 23))
    datetime.date(2026, 11, 26)
    >>> next_day(Cadence.MONTHLY, None, date(2026, 10, 31))  # November 1st is a Sunday
    datetime.date(2026, 11, 2)
    """
    first = after + timedelta(days=1)
    if cadence is Cadence.DAILY:
        return _on(first, None, calendar)
    if cadence is Cadence.WEEKLY:
        return _on(first, weekday or Weekday.MONDAY, calendar)
    period = period_of(after, GRAINS[cadence], fiscal_year_start)
    held = _on(period.start, weekday, calendar)
    return held if held > after else _on(period.end, weekday, calendar)


def audiences(model: Model, metric: Metric) -> Iterator[Audience]:
    """Who looks at a metric how often: as the metric says, then the meetings that list it besides."""
    meetings, named = model.cadence.meetings, {review.audience for review in metric.review}
    for review in metric.review:
        meeting, role = meetings.get(review.audience), model.role(review.audience)
        label = (meeting.label if meeting else role.title if role else "") or in_words(review.audience)
        kind = "meeting" if meeting else "role"
        yield Audience(review.audience, label, kind, review.cadence, meeting.day if meeting else None)
    for meeting in meetings.values():
        if metric.name in meeting.metrics and meeting.name not in named:
            yield Audience(
                meeting.name, meeting.label or in_words(meeting.name), "meeting", meeting.cadence, meeting.day
            )


def _on(start: date, weekday: Weekday | None, calendar: Calendar | None) -> date:
    """The first day from `start` on that is this weekday, or without one a working day."""
    if weekday is None:
        days = (start + timedelta(days=n) for n in range(LONGEST_BREAK))
        return next((day for day in days if _works(day, calendar)), start)
    return start + timedelta(days=(WEEKDAYS.index(weekday) - start.weekday()) % 7)


def _works(day: date, calendar: Calendar | None) -> bool:
    """Whether people work on a day: a holiday only where it has hours of its own."""
    holiday = next((one for one in calendar.holidays if one.on == day), None) if calendar else None
    if holiday:
        return bool(holiday.hours)
    weekday = WEEKDAYS[day.weekday()]
    return bool(calendar.hours.get(weekday)) if calendar and calendar.hours else weekday in WORKDAYS
