"""Numbers worded for templates: what is read, every digit of it, what a table sorts by, and where it leads."""

from decimal import Decimal
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from fairlead.picture import reasons
from fairlead.picture.marks import WORDS, mark
from fairlead.picture.wording import Change, Manner, change, worded

Number = float | Decimal


class Said(NamedTuple):
    """A number as a page shows it; `text` is empty where it is undefined. `url` is how it came about."""

    text: str
    full: str
    sort: str
    url: str


class Moved(NamedTuple):
    """A change as a page shows it."""

    change: Change
    sort: str
    url: str


class Standing(NamedTuple):
    """How a value stands to its target, as shape and as word."""

    status: str
    word: str
    mark: SafeString


def said(value: Number | None, unit: str, manner: Manner, url: str = "") -> Said:
    """A value in its unit; undefined is said in words by the template, and never zero."""
    if value is None:
        return Said("", "", "", url)
    words = worded(value, unit, manner)
    return Said(words.text, words.full, str(value), url)


def signed(part: Decimal | None, unit: str, manner: Manner, url: str = "") -> Said:
    """A part of a change, with its sign; shares are told in points."""
    if part is None:
        return Said("", "", "", url)
    return Said(reasons.signed(part, unit, manner), f"{part:+f}", str(part), url)


def moved(  # noqa: PLR0913, PLR0917 - as the wording it stands on
    now: Number | None, before: Number | None, unit: str, better: str, manner: Manner, url: str = ""
) -> Moved | None:
    """The change from one period to the next; None where one of the two is undefined."""
    found = change(now, before, unit, better, manner)
    if found is None or now is None or before is None:
        return None
    return Moved(found, str(Decimal(str(now)) - Decimal(str(before))), url)


def standing(status: str) -> Standing:
    return Standing(str(status), WORDS[status], mark_safe(mark(status)))  # noqa: S308 - a picture of our own
