"""JSON as we write it: a decimal is a number with all its digits, a moment is UTC, nothing is not-a-number."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel


def written(value: Any) -> str:
    """A value as JSON.

    >>> written({"value": Decimal("1243117.40"), "at": datetime(2026, 3, 1, tzinfo=UTC), "share": float("nan")})
    '{"value":1243117.40,"at":"2026-03-01T00:00:00Z","share":null}'
    """
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True)
    if isinstance(value, dict):
        yield "{"
        for place, (key, part) in enumerate(value.items()):
            yield f"{',' if place else ''}{json.dumps(str(key))}:"
            yield from _pieces(part)
        yield "}"
    elif isinstance(value, list | tuple | set | frozenset):
        yield "["
        for place, part in enumerate(value):
            if place:
                yield ","
            yield from _pieces(part)
        yield "]"
    else:
        yield _atom(value)


def _atom(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else "null"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return json.dumps(value, default=_text)


def _text(value: object) -> str:
    """What JSON has no kind for."""
    if isinstance(value, datetime):
        return moment(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def moment(value: datetime) -> str:
    """ISO 8601 in UTC; what has no zone is the record's own, which is UTC.

    >>> moment(datetime.fromisoformat("2026-03-01T01:00:00+01:00"))
    '2026-03-01T00:00:00Z'
    """
    try:
        aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:  # the first or the last day there is, in a zone in which it is another
        return value.isoformat()
    return aware.isoformat().replace("+00:00", "Z")
