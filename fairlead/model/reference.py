"""What editors and docs/model.md say about the model, generated from the types so that it cannot lag behind."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fairlead.model.agreed import Span
from fairlead.model.calendars import Block
from fairlead.model.faults import members
from fairlead.model.predicate import AS_OF, FUNCTIONS
from fairlead.model.whole import SUBJECTS

WORDS: Mapping[type, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", date: "date",
    Span: "length of time, such as `4 working hours`", Block: "stretch of time, such as `09:00-17:30`",
}  # fmt: skip


def schema_json(subject: str) -> dict[str, Any]:
    """The JSON Schema of one YAML file, for editors; names taken from keys are left out."""
    schema = SUBJECTS[subject].model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"Fairlead {subject}.yaml"
    for part in (schema, *schema.get("$defs", {}).values()):
        properties = part.get("properties", {})
        for key in [k for k, v in properties.items() if v.pop("from_key", False)]:
            del properties[key]
    return schema


def reference() -> str:
    """docs/model.md: every key of every subject, what it may hold and what it means."""
    lines = [
        "# The model, key by key",
        "",
        "Generated from the types. One YAML file a subject, in the folder `model/` of the workspace.",
        "",
        "A *predicate* is a SQL condition over the columns of one table, such as `amount >= 5000 and segment = 'smb'`:",
        "comparisons, `and`, `or`, `not`, `in`, `between`, `like`, `ilike`, `is null`, arithmetic, `case`,",
        f"`interval 30 day`, the moment of the question as `{AS_OF}`, and these functions:",
        f"{', '.join(f'`{name}`' for name in sorted(FUNCTIONS))}.",
        "Dividing by zero and a cast that fails give null.",
    ]
    for subject, kind in SUBJECTS.items():
        lines += ["", f"## {subject}.yaml", "", *_docstring(kind)]
        for name, part in _parts(kind, {}).items():
            lines += ["", *([] if part is kind else [f"### {subject}: {name}", "", *_docstring(part), ""])]
            lines += _table(part)
    return "\n".join(lines) + "\n"


def _docstring(kind: type[BaseModel]) -> list[str]:
    return [line.removeprefix("    ") for line in (kind.__doc__ or "").strip().splitlines()]


def _parts(kind: type[BaseModel], found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """A type and every type its fields hold, each once, in the order in which they are met."""
    found[kind.__name__] = kind
    for _, field in _keys(kind):
        for inner in _leaves(field.annotation):
            told = not isinstance(inner, type) or not issubclass(inner, BaseModel) or inner in WORDS
            if not told and inner.__name__ not in found:
                _parts(inner, found)
    return found


def _keys(kind: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in kind.model_fields.items():
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("from_key")):
            yield field.alias or name, field


def _leaves(annotation: Any) -> Iterator[Any]:
    for member in members(annotation):
        if args := get_args(member):
            for arg in args:
                yield from _leaves(arg)
        else:
            yield member


def _table(kind: type[BaseModel]) -> list[str]:
    rows = [
        f"| `{key}` | {_holds(field.annotation)}{' (required)' if field.is_required() else ''} | {field.description} |"
        for key, field in _keys(kind)
    ]
    return ["| key | holds | meaning |", "|---|---|---|", *rows]


def _holds(annotation: Any) -> str:
    return " or ".join(dict.fromkeys(_one(member) for member in members(annotation)))


def _one(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return f"list of {_holds(args[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"by name: {_holds(args[1])}"
    if args:
        return ", ".join(f"`{a}`" for a in args)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    return WORDS.get(kind, kind.__name__)
