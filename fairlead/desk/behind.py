"""Addresses of what stands behind a number: its page, why it moved, and the records it was made from."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from fairlead.values import in_words

__all__ = ["asking", "in_words", "metric", "rows", "to", "why"]

Asked = str | date | int | Sequence[str] | None


def to(page: str, metric: str, /, **query: Asked) -> str:
    """The address of a page about a metric; parts of the query without a value are left out.

    `start` and `end` are written `from` and `to`, as people type them.
    """
    return reverse(page, kwargs={"name": metric}) + asking(query)


def asking(query: Mapping[str, Asked]) -> str:
    """The query part of an address, `?` included; empty where nothing is asked."""
    spoken = {"start": "from", "end": "to"}
    said = {spoken.get(key, key): value for key, value in query.items() if value not in (None, "", ())}
    return "?" + urlencode(said, doseq=True) if said else ""


def metric(name: str, /, **query: Asked) -> str:
    return to("metric", name, **query)


def why(name: str, start: str, end: str, /, **query: Asked) -> str:
    return to("why", name, start=start, end=end, **query)


def rows(name: str, period: str | None, /, **query: Asked) -> str:
    """The records behind a number in one period."""
    return to("rows", name, start=period, end=period, **query)
