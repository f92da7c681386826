"""Values every room speaks: a query to run, periods of the company's calendar, and word of work under way."""

import re
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, NamedTuple

# Told of each step of long work: what is being done, how much of it is done, and out of how much.
Progress = Callable[[str, int, int], None]


def quiet(_what: str, _done: int, _total: int) -> None:
    """Progress for nobody."""


_WRITTEN_SO = (
    *("AI", "API", "ARPA", "ARR", "B2B", "CAC", "CEO", "CFO", "CRM", "CRO", "CSM", "CSV", "GRR", "ICP", "ID", "KPI"),
    *("LTV", "MQL", "MRR", "NPS", "NRR", "QBR", "RACI", "RevOps", "ROI", "SAL", "SDR", "SLA", "SMB", "SQL", "VP"),
)
# What a word of a name is written as, where it is not written as it stands: of `mqls` MQLs.
ACRONYMS: Mapping[str, str] = {one.lower() + s: one + s for one in _WRITTEN_SO for s in ("", "s")}
SEAM = re.compile(r"_+|\.(?=[a-z])")


def spoken(name: str) -> str:
    """A name of the model in words, as it stands within a sentence.

    >>> spoken("churned_mrr"), spoken("account.segment"), spoken("mqls_to_sql")
    ('churned MRR', 'account segment', 'MQLs to SQL')
    """
    return " ".join(ACRONYMS.get(word, word) for word in SEAM.split(name.strip("_")))


def in_words(name: str) -> str:
    """A name of the model in words, as a label.

    >>> in_words("churned_mrr"), in_words("is_crm"), in_words("from_")
    ('Churned MRR', 'Is CRM', 'From')
    """
    words = spoken(name)
    return words[:1].upper() + words[1:]


def moment_from(text: str | None) -> datetime | None:
    """A moment as manifests write it (ISO 8601); None for none."""
    return datetime.fromisoformat(text) if text else None


class Query(NamedTuple):
    """SQL written by a pure function and run in one place (`record.engine`). Values are bound, never spliced."""

    name: str
    sql: str
    params: tuple[Any, ...] = ()


class Grain(StrEnum):
    """The lengths of time a number may be asked per. Quarters and years are the company's fiscal ones."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Period(NamedTuple):
    """A stretch of company days: `start` is in it, `end` is the first day after it."""

    name: str
    start: date
    end: date


def period_of(day: date, grain: Grain, fiscal_year_start: int = 1) -> Period:
    """The period of `grain` that holds `day`.

    Weeks are ISO 8601 weeks (Monday first). A fiscal year that starts in month m > 1 is named after the
    calendar year it ends in, as most companies and the US government do.

    >>> period_of(date(2026, 1, 29), Grain.WEEK).name
    '2026-W05'
    >>> period_of(date(2026, 2, 10), Grain.QUARTER, fiscal_year_start=2)
    Period(name='2027-Q1', start=datetime.date(2026, 2, 1), end=datetime.date(2026, 5, 1))
    """
    match grain:
        case Grain.DAY:
            return Period(day.isoformat(), day, day + timedelta(days=1))
        case Grain.WEEK:
            start = day - timedelta(days=day.weekday())
            iso = day.isocalendar()
            return Period(f"{iso.year}-W{iso.week:02}", start, start + timedelta(days=7))
        case Grain.MONTH:
            start = day.replace(day=1)
            return Period(f"{day:%Y-%m}", start, add_months(start, 1))
        case Grain.QUARTER | Grain.YEAR:
            months_in = (day.month - fiscal_year_start) % 12
            year_start = add_months(day.replace(day=1), -months_in)
            year = year_start.year if fiscal_year_start == 1 else year_start.year + 1
            if grain is Grain.YEAR:
                return Period(f"{year}", year_start, add_months(year_start, 12))
            quarter = months_in // 3
            start = add_months(year_start, 3 * quarter)
            return Period(f"{year}-Q{quarter + 1}", start, add_months(start, 3))


def periods(start: date, end: date, grain: Grain, fiscal_year_start: int = 1) -> tuple[Period, ...]:
    """Every period of `grain` that shares a day with [start, end), in order; empty when start >= end."""
    found: list[Period] = []
    day = start
    while day < end:
        found.append(period_of(day, grain, fiscal_year_start))
        day = found[-1].end
    return tuple(found)


def add_months(first: date, months: int) -> date:
    """The first-of-month date `months` after a first-of-month date."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def window_start(end: date, count: int | Literal["ever"], unit: str) -> date:
    """The first day of the stretch of `count` units (day, week, month, quarter, year) that ends before day `end`.

    >>> window_start(date(2026, 4, 1), 12, "month")
    datetime.date(2025, 4, 1)
    """
    if count == "ever":
        return date.min
    if unit in ("day", "week"):
        return end - timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    first = add_months(end.replace(day=1), -months)
    return first.replace(day=min(end.day, (add_months(first, 1) - timedelta(days=1)).day))


def span_of(text: str, fiscal_year_start: int = 1) -> Period | None:
    """The period that a person writes as 2026, 2026-Q1, 2026-03, 2026-W05 or 2026-03-31; None for anything else.

    Years are from 1900 to 2999: 0026 is a slip, and far from the calendar's ends there is always a period before and
    one after.

    >>> span_of("2026-Q1").end
    datetime.date(2026, 4, 1)
    >>> span_of("31.3.2026") is None
    True
    """
    found = re.fullmatch(r"((?:19|2\d)\d{2})(?:-(?:Q([1-4])|W(\d{2})|(\d{2})(?:-(\d{2}))?))?", text.strip())
    if found is None:
        return None
    try:
        return _period_written(found, fiscal_year_start)
    except (ValueError, OverflowError):  # no such day, or none after it
        return None


def _period_written(found: re.Match[str], fiscal_year_start: int) -> Period:
    """The period of the parts that `span_of` found; raises ValueError when the calendar has no such day."""
    year, quarter, week, month, day = (int(part) if part else None for part in found.groups())
    if week:
        return period_of(date.fromisocalendar(year or 0, week, 1), Grain.WEEK)
    if day:
        return period_of(date(year or 0, month or 0, day), Grain.DAY)
    if month:
        return period_of(date(year or 0, month, 1), Grain.MONTH)
    first = date((year or 0) - (fiscal_year_start > 1), fiscal_year_start, 1)
    if quarter:
        return period_of(add_months(first, 3 * (quarter - 1)), Grain.QUARTER, fiscal_year_start)
    return period_of(first, Grain.YEAR, fiscal_year_start)


def plain_name(text: str) -> str:
    """A name in small letters, digits and underscores; letters with marks lose them.

    A name in another script becomes a number of its own, so that two of them stay two.

    >>> plain_name("Kosten-Übersicht (EU)"), plain_name("売上")
    ('kosten_ubersicht_eu', 'nf82d7e37')
    """
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", letters.lower()).strip("_") or f"n{zlib.crc32(text.encode()):08x}"
