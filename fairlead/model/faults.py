"""What pydantic finds wrong, as Problems in the words of somebody who writes YAML."""

import re
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from fairlead.model.agreed import HAND_WRITTEN
from fairlead.model.laws import MISSING_KEY, UNKNOWN_KEY, WRONG_TYPE, WRONG_VALUE
from fairlead.model.text import Place
from fairlead.problem import Problem, Where, did_you_mean, nearest

WRITTEN = "Write it in the form that is named here; docs/model.md has every key's."
WANTED: Mapping[str, str] = {
    "string": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "tuple": "a list",
    "list": "a list", "mapping": "a mapping (key: value)", "dict": "a mapping (key: value)",
    "model": "a mapping (key: value)", "date": "a date such as 2026-01-31", "finite": "a finite number",
}  # fmt: skip


def members(annotation: Any) -> Iterator[Any]:
    """The types a field may hold, with `Annotated`, unions and None taken apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin is Union or isinstance(annotation, types.UnionType):
        for member in get_args(annotation):
            yield from members(member)
    elif annotation is not type(None):
        yield annotation


def keys_of(kind: type[BaseModel]) -> dict[str, Any]:
    """The YAML keys of a type and what each may hold; a name taken from the key above is none."""
    return {
        (field.alias or name): field.annotation
        for name, field in kind.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("from_key"))
    }


def types_at(kind: Any, place: Place) -> list[Any]:
    """The types that may stand at a place below a type."""
    here = list(members(kind))
    for step in place:
        below: list[Any] = []
        for one in here:
            if isinstance(one, type) and issubclass(one, BaseModel):
                below += members(keys_of(one).get(step, type(None)))
            elif args := get_args(one):
                below += members(args[1] if issubclass(get_origin(one) or object, Mapping) else args[0])
        here = below
    return here


def place_of(error: ErrorDetails, data: Any) -> Place:
    """The part of an error's location that exists in the data: names of union members are none."""
    place: list[str] = []
    for found in error["loc"]:
        step = "name" if found == HAND_WRITTEN else found
        inside = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if inside:
            data = data[step]
            place.append(str(step))
    return tuple(place)


def at(data: Any, place: Place) -> Any:
    """The data at a place."""
    for step in place:
        data = data[step] if isinstance(data, dict) else data[int(step)]
    return data


def wanted(error: ErrorDetails) -> str | None:
    """What sort of value was wanted, where an error is about that."""
    return next((says for start, says in WANTED.items() if error["type"].startswith(start)), None)


def problem_of(
    error: ErrorDetails, place: Place, subject: Any, where: Where, also: tuple[ErrorDetails, ...] = ()
) -> Problem:
    """One pydantic error as a Problem; `place` is where it stands in the data of `subject`.

    `also` are those of the other sorts of value that the same place may hold: one thing is wrong, and told once.
    """
    named = ".".join(place) or "the file"
    kind, last = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "missing":
        return MISSING_KEY.broken(f"{named}: '{last}' is missing", where)
    if kind == "extra_forbidden":
        known = [k for t in types_at(subject, place[:-1]) if _is_model(t) for k in keys_of(t)]
        return UNKNOWN_KEY.broken(
            f"{'.'.join(place[:-1]) or named}: unknown key '{place[-1]}'", where, did_you_mean(place[-1], known)
        )
    if kind in ("enum", "literal_error"):
        allowed = re.findall(r"'?([\w .%-]+?)'?(?:, | or |$)", str(error["ctx"]["expected"]))
        shown = nearest(str(error["input"]), allowed)
        hint = f"Did you mean '{shown}'?" if shown else f"One of: {', '.join(allowed)}."
        return WRONG_VALUE.broken(f"{named}: '{error['input']}' is none of the values it may have", where, hint)
    if kind == "value_error":
        return WRONG_VALUE.broken(f"{named}: {error['ctx']['error']}", where, WRITTEN)
    sorts = tuple(dict.fromkeys(filter(None, map(wanted, (error, *also)))))
    message = f"expected {' or '.join(sorts)}, found {_seen(error['input'])}" if sorts else error["msg"]
    return WRONG_TYPE.broken(f"{named}: {message}", where)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _seen(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing" if value is None else f"'{str(value)[:60]}'"
