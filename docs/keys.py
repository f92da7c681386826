"""docs/model.md: every key of the settings and of the model's YAML, from the types that read it."""

import inspect
import re
import types
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fairlead.model.agreed import Agreed, Span
from fairlead.model.calendars import Block
from fairlead.model.whole import SUBJECTS
from fairlead.workspace import Config

PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Span: "length of time, such as `4 working hours`",
    Block: "stretch of the day, such as `09:00-17:30`",
}


def title(kind: type) -> str:
    """A type's name in words: `DecisionRight` is 'Decision right'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).capitalize()


def anchor(subject: str, kind: type) -> str:
    return f"{subject}-{kind.__name__.lower()}"


def unwrapped(annotation: Any) -> Any:
    """An annotation without Annotated."""
    return unwrapped(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def is_book(annotation: Any) -> bool:
    return (
        get_origin(annotation) is not None
        and inspect.isclass(get_origin(annotation))
        and issubclass(get_origin(annotation), Mapping)
    )


def parts(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union, None left out; the annotation itself when it is none."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(a for a in map(unwrapped, get_args(annotation)) if a is not type(None))
    return (annotation,)


def words(annotation: Any, subject: str) -> str:
    """What may be written there, in words."""
    annotation = unwrapped(annotation)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if len(alternatives := parts(annotation)) > 1:
        return ", or ".join(words(a, subject) for a in alternatives)
    if alternatives != (annotation,):
        return words(alternatives[0], subject)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " · ".join(f"`{value}`" for value in arguments)
    if origin in {tuple, list, frozenset}:
        fixed = tuple(a for a in arguments if a is not Ellipsis)
        if len(fixed) == 1:
            return f"list of {words(fixed[0], subject)}"
        return f"[{', '.join(words(a, subject) for a in fixed)}]"
    if is_book(annotation):
        return f"by name: {words(arguments[1], subject)}"
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum):
        return " · ".join(f"`{member.value}`" for member in annotation)
    if inspect.isclass(annotation) and issubclass(annotation, Agreed):
        return f"[{title(annotation).lower()}](#{anchor(subject, annotation)})"
    return {
        "date": "date, `2026-01-31`",
        "datetime": "time, `2026-01-31T09:00:00Z`",
        "time": "time of day, `09:00`",
    }.get(getattr(annotation, "__name__", ""), "anything")


def within(annotation: Any) -> Iterator[type[Agreed]]:
    """The model's own types that an annotation holds."""
    annotation = unwrapped(annotation)
    if inspect.isclass(annotation) and issubclass(annotation, Agreed) and annotation not in PLAIN:
        yield annotation
    for argument in get_args(annotation):
        yield from within(argument)


def types_of(kind: type[Agreed], seen: dict[type[Agreed], None] | None = None) -> tuple[type[Agreed], ...]:
    """A type and all the types in it, each once, in the order in which a reader meets them."""
    seen = {} if seen is None else seen
    seen[kind] = None
    for field in kind.model_fields.values():
        for inner in within(field.annotation):
            if inner not in seen:
                types_of(inner, seen)
    return tuple(seen)


def is_key(field: FieldInfo) -> bool:
    """Whether a field is written in the YAML: an entry's `name` is its key and never written."""
    extra = field.json_schema_extra
    return not (isinstance(extra, dict) and extra.get("from_key"))


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value is PydanticUndefined or value in ("", (), {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | int | float) else ""


def rows(kind: type[Agreed], subject: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in kind.model_fields.items():
        if is_key(field):
            yield f"`{field.alias or name}`", words(field.annotation, subject), default(field), field.description or ""


def docstring(kind: type) -> str:
    """A type's own docstring, its YAML example included."""
    return inspect.cleandoc(kind.__doc__ or "")


def subjects() -> Iterator[tuple[str, tuple[type[Agreed], ...]]]:
    """The settings and every subject of the model with their types, the whole file's first."""
    yield "fairlead", types_of(Config)
    for subject, kind in SUBJECTS.items():
        yield subject, types_of(kind)


def undescribed() -> list[str]:
    """The keys that do not say what they are."""
    return [
        f"{subject}.yaml: {kind.__name__}.{name}"
        for subject, kinds in subjects()
        for kind in kinds
        for name, _, _, says in rows(kind, subject)
        if not says
    ]
