"""What the model's types hold, as facts for a page: from the fields, and what they say of themselves."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from fairlead.actions.standing import limits_words
from fairlead.model.agreed import Agreed, Span, Titled
from fairlead.model.calendars import Block
from fairlead.model.decisions import Decision
from fairlead.model.examples import given_words
from fairlead.model.examples import shown as value_words
from fairlead.model.handoffs import Handoff
from fairlead.model.mentions import Mention, Sort, conditions, mentions
from fairlead.model.metrics import Example, Limits, Metric, Unit
from fairlead.model.whole import SUBJECTS, Model
from fairlead.picture.wording import Manner, day_words, worded
from fairlead.values import in_words, spoken

Place = tuple[str, ...]
Refers = tuple[tuple[str, str], ...]

UNITLESS = Unit.SCORE
NAME = re.compile(r"[a-z][a-z0-9_]*")
RULES = ("where", "derived", "pattern")  # SQL or patterns besides the conditions over a table


class Fact(NamedTuple):
    """One thing that was agreed: as `text`, as `items`, or as further `facts`; `says` is what it is in general.

    `refers` pairs each text that names something else with where that is told (`role:cro`, `metric:win_rate`).
    `kind` is `rule` for SQL, empty otherwise. `unmet` are the items that a receiver needs and nobody provides.
    """

    name: str
    label: str
    says: str
    text: str
    items: tuple[str, ...]
    facts: tuple["Fact", ...]
    refers: Refers
    kind: str = ""
    unmet: tuple[str, ...] = ()


class Telling(NamedTuple):
    """A model being told: what is named where, and how its company writes."""

    model: Model
    manner: Manner
    named: Mapping[Place, tuple[Mention, ...]]
    rules: frozenset[Place]


def telling(model: Model, manner: Manner) -> Telling:
    """What it takes to tell any part of a model."""
    named: dict[Place, tuple[Mention, ...]] = {}
    for mention in mentions(model):
        named[mention.place] = (*named.get(mention.place, ()), mention)
    return Telling(model, manner, named, frozenset(c.place for c in conditions(model)))


def words(name: str) -> str:
    """A key in words; an `id` is the number that a company gives an entry.

    >>> words("is_crm"), words("id")
    ('Is CRM', 'Number')
    """
    return "Number" if name == "id" else in_words(name)


def title_of(entry: Agreed, key: str) -> str:
    """What an entry is called on pages: its label, its key in words, or its first words."""
    if isinstance(entry, Titled):
        return entry.title
    if isinstance(entry, Decision):
        return f"{key}: {entry.topic}"
    if label := getattr(entry, "label", ""):
        return str(label)
    if key and not key.isdigit():
        return words(key)
    first = _first_text(entry)
    text = str(getattr(entry, first)) if first else str(int(key) + 1)
    return words(text) if NAME.fullmatch(text) else text


def _first_text(entry: Agreed) -> str | None:
    """The field that an entry without a name of its own is told by: the first text it must have."""
    fields = type(entry).model_fields.items()
    return next((n for n, field in fields if field.is_required() and isinstance(getattr(entry, n), str)), None)


def facts_of(entry: Agreed, place: Place, told: Telling, unit: Unit | None = None) -> tuple[Fact, ...]:
    """Every field of an entry that says something, in the order of its type."""
    unit = entry.unit if isinstance(entry, Metric) else unit
    found = tuple(
        fact(name, field, getattr(entry, name), (*place, field.alias or name), told, unit)
        for name, field in type(entry).model_fields.items()
        if name not in ("name", "label") and _says_something(field, getattr(entry, name))
    )
    return tuple(_with_gap(one, entry) for one in found) if isinstance(entry, Handoff) else found


def _with_gap(one: Fact, handoff: Handoff) -> Fact:
    """What is needed, with what nobody provides."""
    if one.name != "needs":
        return one
    called = zip(handoff.needs, one.items, strict=True)
    return one._replace(unmet=tuple(text for name, text in called if name in handoff.unmet))


def _says_something(field: FieldInfo, value: object) -> bool:
    if value in (None, "", (), {}):
        return False
    return not isinstance(value, bool) or field.is_required() or value != field.default


def fact(  # noqa: PLR0913, PLR0917
    name: str, field: FieldInfo, value: Any, place: Place, told: Telling, unit: Unit | None = None
) -> Fact:
    """One field of an entry."""
    return _fact(name, words(field.alias or name), field.description or "", value, place, told, unit)


def _fact(  # noqa: PLR0913, PLR0917
    name: str, label: str, says: str, value: Any, place: Place, told: Telling, unit: Unit | None
) -> Fact:
    shown = Fact(name, label, says, "", (), (), ())
    if isinstance(value, Example):
        return shown._replace(text=f"{given_words(value.given)} gives {value_words(value.gives)}")
    if isinstance(value, Limits):
        more = tuple(_inside(value, place, told, unit))
        return shown._replace(text=limits_words(value, str(unit or UNITLESS), told.manner), facts=more)
    if isinstance(value, Span) or not isinstance(value, Agreed | Mapping | tuple) or isinstance(value, Block):
        return _single(shown, value, place, told)
    if isinstance(value, tuple) and not any(isinstance(v, Agreed) for v in value):
        refers = _refers(place, told, name, value)
        texts = dict(zip(map(str, value), (text for text, _ in refers), strict=False)) if refers else {}
        return shown._replace(items=tuple(texts.get(str(v), _text(v, told.manner)) for v in value), refers=refers)
    return shown._replace(facts=tuple(_inside(value, place, told, unit)))


def _single(shown: Fact, value: Any, place: Place, told: Telling) -> Fact:
    refers = _refers(place, told, shown.name, (value,))
    rule = place in told.rules or shown.name in RULES
    return shown._replace(
        text=refers[0][0] if refers else _text(value, told.manner), refers=refers, kind="rule" if rule else ""
    )


def _inside(value: Any, place: Place, told: Telling, unit: Unit | None) -> Iterator[Fact]:
    """The facts within a value that has parts: a type's fields, a mapping's entries, a list's items."""
    if isinstance(value, Agreed):
        hidden = ("at_least", "at_most", "between") if isinstance(value, Limits) else ()
        yield from (f for f in facts_of(value, place, told, unit) if f.name not in hidden)
        return
    pairs = value.items() if isinstance(value, Mapping) else ((str(n), one) for n, one in enumerate(value))
    for key, one in pairs:
        label = title_of(one, str(key)) if isinstance(one, Agreed) else words(str(key))
        found = _fact(str(key), label, "", one, (*place, str(key)), told, unit)
        first = _first_text(one) if isinstance(one, Agreed) and isinstance(value, tuple) else None
        yield _without(found, first) if first else found


def _without(item: Fact, field: str) -> Fact:
    """An item of a list that is called by one of its fields: the field is not told again, and lends its reference."""
    own = next((f for f in item.facts if f.name == field), None)
    if own is None:
        return item
    label = own.refers[0][0] if own.refers else item.label
    return item._replace(label=label, refers=own.refers, facts=tuple(f for f in item.facts if f is not own))


def _text(value: Any, manner: Manner) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "undefined"
    if isinstance(value, StrEnum):
        return spoken(value.value)
    if isinstance(value, Block):
        return " to ".join(value.words)
    if isinstance(value, date):
        return day_words(value, manner)
    return worded(value, "score", manner).full if isinstance(value, int | float) else str(value)


# Where a name of each sort is told: the subject whose page holds its entry.
HOMES: Mapping[str, str] = {
    "role": "people", "process": "people", "stage": "lifecycle", "metric": "metrics", "measure": "metrics",
    "tool": "stack", "layer": "stack", "domain": "data", "definition": "data", "pool": "routing",
    "calendar": "calendars", "item": "handoffs", "handoff": "handoffs", "playbook": "playbooks",
    "meeting": "cadence", "decision": "decisions", "framework": "decisions",
}  # fmt: skip


def _refers(place: Place, told: Telling, name: str, values: tuple[Any, ...]) -> Refers:
    """What a field's names refer to, in their order; nothing for a field that names nothing."""
    if found := told.named.get(place):
        return tuple(link(told.model, mention.sort, mention.name) for mention in found)
    if name in ("touches", "term"):
        return tuple(_word(told.model, str(value)) for value in values)
    return ()


def _word(model: Model, name: str) -> tuple[str, str]:
    """A word that may be a metric, a subject, or any other word of the dictionary."""
    if metric := model.metric(name):
        return metric.title, f"metric:{metric.name}"
    return words(name), f"subject:{name}" if name in SUBJECTS else f"term:{name}"


def link(model: Model, sort: Sort, name: str) -> tuple[str, str]:
    """A name of some sort, in words, and where it is told."""
    if sort == "audience":
        sort = "meeting" if name in model.cadence.meetings else "role"
    kind = "measure" if sort == "number" and name in model.metrics.measures else "metric" if sort == "number" else sort
    books: Mapping[str, Mapping[str, Agreed]] = {
        "role": model.people.roles, "metric": model.metrics.metrics, "tool": model.stack.tools,
        "layer": model.stack.layers, "domain": model.data.domains, "pool": model.routing.pools,
        "calendar": model.calendars.calendars, "handoff": model.handoffs.handoffs,
        "playbook": model.playbooks.playbooks, "meeting": model.cadence.meetings,
        "framework": model.decisions.frameworks, "stage": model.lifecycle.stages,
    }  # fmt: skip
    entry = books.get(kind, {}).get(name)
    if kind == "decision" and (decision := model.decisions.decisions.get(name)):
        return f"{name}: {decision.topic}", f"decision:{name}"
    return (title_of(entry, name) if entry else words(name) if kind != "table" else name), f"{kind}:{name}"
