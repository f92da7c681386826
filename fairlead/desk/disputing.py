"""The form in which somebody disputes a definition: what was typed, what it means, and what is wrong with it where."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from babel.numbers import NumberFormatError, parse_decimal
from django.http import HttpRequest

from fairlead.desk.linking import in_words, metric
from fairlead.model.examples import operands_of
from fairlead.model.metrics import Metric
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner

LONGEST = 40  # letters of a number that a person types


class Field(NamedTuple):
    """A field of the form: what was typed in it, and what is wrong with that."""

    name: str
    label: str
    typed: str = ""
    problem: str = ""


class DisputeForm(NamedTuple):
    """The form of one word. `operands` is empty for words without an example to try; `problems` are of no field."""

    says: Field
    raised_in: Field
    operands: tuple[Field, ...]
    gives: Field
    problems: tuple[str, ...] = ()

    @property
    def faulty(self) -> tuple[Field, ...]:
        """The fields with a problem, in order."""
        return tuple(field for field in (self.says, *self.operands, self.gives, self.raised_in) if field.problem)


class Meant(NamedTuple):
    """What the form says: `given` and `gives` are the example, empty and None without one."""

    says: str
    raised_in: str
    given: Mapping[str, float]
    gives: float | None


def blank(model: Model, agreed: Metric | None) -> DisputeForm:
    """The form as it is first shown."""
    names = operands_of(model, agreed) if agreed else ()
    return DisputeForm(
        says=Field("says", "What is wrong with the definition"),
        raised_in=Field("raised_in", "Where it came up"),
        operands=tuple(Field(f"given.{name}", metric(model, name).text or in_words(name)) for name in names),
        gives=Field("gives", "It should give"),
    )


def typed(request: HttpRequest, form: DisputeForm) -> DisputeForm:
    """The form with what was sent; other names than its own are nobody's fields."""

    def fill(field: Field) -> Field:
        return field._replace(typed=request.POST.get(field.name, "").replace("\x00", "").strip())

    return form._replace(
        says=fill(form.says),
        raised_in=fill(form.raised_in),
        operands=tuple(map(fill, form.operands)),
        gives=fill(form.gives),
    )


def understood(form: DisputeForm, manner: Manner) -> tuple[DisputeForm, Meant | None]:
    """What the form means; or the form with a problem at every field that cannot be meant, and None."""
    filled = [field for field in form.operands if field.typed]
    tried = bool(filled or form.gives.typed)
    operands = tuple(_checked(field, manner, needed=tried) for field in form.operands)
    gives = _checked(form.gives, manner, needed=False)
    says = form.says if form.says.typed else form.says._replace(problem="Say what is wrong with it.")
    shown = form._replace(says=says, operands=operands, gives=gives)
    if shown.faulty:
        return shown, None
    given = {f.name.removeprefix("given."): number(f.typed, manner) for f in operands if f.typed}
    value = number(gives.typed, manner) if gives.typed else None
    return shown, Meant(form.says.typed, form.raised_in.typed, given, value)


def _checked(field: Field, manner: Manner, *, needed: bool) -> Field:
    if not field.typed:
        missing = "An example gives a value to each of these." if needed else ""
        return field._replace(problem=missing)
    try:
        number(field.typed, manner)
    except ValueError as fault:
        return field._replace(problem=str(fault))
    return field


def number(text: str, manner: Manner) -> float:
    """A number as a person types it in the company's manner or plainly: `1,200`, `0.25`, `25 %`. Raises ValueError.

    >>> number("25 %", Manner()), number("1,200.5", Manner())
    (0.25, 1200.5)
    """
    plain = text.replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    share = plain.endswith("%")
    plain = plain.removesuffix("%")
    value = _parsed(plain, manner) if len(text) <= LONGEST else None
    if value is None or not math.isfinite(value):
        raise ValueError("This is no number.")
    return value / 100 if share else value


def _parsed(text: str, manner: Manner) -> float | None:
    try:
        return float(parse_decimal(text, locale=manner.locale, strict=True))
    except (NumberFormatError, ValueError, OverflowError):
        pass
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None
