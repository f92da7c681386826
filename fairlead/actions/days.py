"""The times of a question as people write them: what was meant, and what is wrong with them."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from fairlead.actions.laws import BAD_QUESTION
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Grain, Period, periods, span_of

Day = date | str | None
FIRST_YEAR, LAST_YEAR = 1900, 2999  # as values.span_of reads them
MOST_PERIODS = 1_100  # three years of days: more of them nobody reads, and no browser shows


class Days(NamedTuple):
    """The first and the last day asked for, both included, and the day a question is asked as of; None: not said."""

    start: date | None
    end: date | None
    as_of: date | None


def day_of(value: Day, fiscal_year_start: int, *, last: bool) -> date | None:
    """The day a person means: a date, or the first or last day of a period; None for anything else."""
    if value is None or isinstance(value, date):
        return value
    span = span_of(value, fiscal_year_start)
    if span is None:
        return None
    return span.end - timedelta(days=1) if last else span.start


def days_of(start: Day, end: Day, as_of: Day, fiscal_year_start: int, faults: list[Problem] | None = None) -> Days:
    """The days that were said. What is no day is added to `faults`; where there is no such list, Refused is raised."""
    said = ((start, False), (end, True), (as_of, True))
    found = Days(*(day_of(day, fiscal_year_start, last=last) for day, last in said))
    wrong = [
        BAD_QUESTION.broken(f"'{day}' is no day and no period.", hint=_years(str(day)))
        for (day, _), read in zip(said, found, strict=True)
        if day is not None and read is None
    ]
    if faults is None and wrong:
        raise Refused(wrong)
    if faults is not None:
        faults += wrong
    return found


def reversed_time(first: date | None, last: date | None) -> list[Problem]:
    """The fault of a time that ends before it starts; empty where it does not, or is open."""
    if not (first and last and first > last):
        return []
    return [BAD_QUESTION.broken(f"The time asked for ends ({last}) before it starts ({first}).")]


def _years(said: str) -> str | None:
    """What to do about a year that is none; None where something else is wrong."""
    year = re.match(r"\d{4}(?!\d)", said)
    if year and not FIRST_YEAR <= int(year[0]) <= LAST_YEAR:
        return f"Years are from {FIRST_YEAR} to {LAST_YEAR}."
    return None


def in_order(first: date, last: date, as_of: date | None = None) -> None:
    """Raise Refused for a time that ends before it starts, or starts after `as_of`, the last day that is told."""
    if as_of and first > as_of:
        message = f"{first} lies after {as_of}, the last day that can be told."
        raise Refused([BAD_QUESTION.broken(message, hint="Ask for a time that begins by then.")])
    if wrong := reversed_time(first, last):
        raise Refused(wrong)


def grain_of(per: str | None, faults: list[Problem]) -> Grain | None:
    """The length of periods that was said; what is none is added to `faults`."""
    grain = next((g for g in Grain if g == per), None)
    if per and grain is None:
        faults.append(BAD_QUESTION.broken(f"unknown period '{per}'.", hint=did_you_mean(str(per), list(Grain))))
    return grain


def cut_periods(first: date, last: date, grain: Grain, fiscal_year_start: int) -> tuple[Period, ...]:
    """The periods from one day to another, both included; those at the ends are as short as the days asked for.

    Raises Refused for more than can be told.
    """
    after = last + timedelta(days=1)
    found = tuple(
        one._replace(start=max(one.start, first), end=min(one.end, after))
        for one in periods(first, after, grain, fiscal_year_start)
    )
    not_too_many(found, grain)
    return found


def not_too_many(found: Sequence[Period], grain: Grain) -> None:
    """Raise Refused for more periods than a report can tell."""
    if len(found) <= MOST_PERIODS:
        return
    message = f"{found[0].start} to {found[-1].end - timedelta(days=1)} are too many periods of a {grain}:"
    sizes = list(Grain)
    hint = f"Ask for a shorter time, or for longer periods (per: {', '.join(sizes[sizes.index(grain) + 1 :])})."
    raise Refused([BAD_QUESTION.broken(f"{message} {len(found):,}, and at most {MOST_PERIODS:,} are told.", hint=hint)])
