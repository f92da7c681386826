"""What every type of the model is made of: frozen, described, named by its key in the YAML."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fairlead.values import in_words

# A hand-written `name` under this key is unknown to every type, and `faults` finds its place without the blank.
HAND_WRITTEN = "name "


class Agreed(BaseModel):
    """Base of every model type: frozen, unknown keys refused, YAML names with aliases."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, value: Any) -> Any:
        """A key without a value says as much as no key; one that nobody knows is still refused."""
        if not isinstance(value, dict) or None not in value.values():
            return value
        known = {name for key, field in cls.model_fields.items() for name in (key, field.alias)}
        return {k: v for k, v in value.items() if v is not None or k not in known}


class Named(Agreed):
    """An entry of a `Book`: its name is its key, so it is never written twice."""

    name: str = Field("", description="The key this entry stands under.", json_schema_extra={"from_key": True})


class Titled(Named):
    """An entry that pages show by a label, or by its name in words."""

    label: str = Field("", description="Name on pages; the key in words when left out.")

    @property
    def title(self) -> str:
        """The name on pages."""
        return self.label or in_words(self.name)


def one_or_many(value: object) -> object:
    """A single name may stand for a list of one: `owner: vp_sales` and `owner: [vp_sales]` say the same."""
    return [value] if isinstance(value, str) else value


def _with_names(value: object) -> object:
    """Give every entry of a mapping its key as `name`; another name written by hand is refused as an unknown key."""
    if not isinstance(value, dict):
        return value
    return {key: _named(str(key), entry) if isinstance(entry, dict) else entry for key, entry in value.items()}


def _named(key: str, entry: dict[str, Any]) -> dict[str, Any]:
    written = {HAND_WRITTEN: entry["name"]} if entry.get("name", key) != key else {}
    return {**entry, "name": key, **written}


T = TypeVar("T")
Book = Annotated[Mapping[str, T], BeforeValidator(_with_names)]
Names = Annotated[tuple[str, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])]

DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s+(working\s+)?(minute|hour|day)s?\s*(,\s*same\s+time)?\s*$")


class SpanUnit(StrEnum):
    """Elapsed time, or working time of a calendar: '1 day' is 24 hours, '1 working day' is not."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_MINUTE = "working minute"
    WORKING_HOUR = "working hour"
    WORKING_DAY = "working day"
    WORKING_DAY_SAME_TIME = "working day, same time"


class Span(Agreed):
    """A length of time, written `5 minutes`, `4 working hours`, `2 days` or `1 working day, same time`."""

    amount: float = Field(gt=0, description="How many.")
    unit: SpanUnit = Field(description="Of what: elapsed minutes, hours, days, or working ones.")

    @property
    def elapsed(self) -> timedelta | None:
        """How long by the clock on the wall; None for working time, which a calendar decides."""
        unit = {SpanUnit.MINUTE: "minutes", SpanUnit.HOUR: "hours", SpanUnit.DAY: "days"}.get(self.unit)
        return timedelta(**{unit: self.amount}) if unit else None

    def __str__(self) -> str:
        unit, comma, same_time = self.unit.partition(",")
        return f"{self.amount:g} {unit}{'' if self.amount == 1 else 's'}{comma}{same_time}"


def _span(value: object) -> object:
    """'4 working hours' as the parts of a Span."""
    if not isinstance(value, str):
        return value
    if (found := DURATION.match(value)) is None:
        raise ValueError(f"'{value}' is no length of time; write '5 minutes', '4 working hours' or '2 days'")
    amount, working, unit, same_time = found.groups()
    if same_time and not (working and unit == "day" and float(amount).is_integer()):
        raise ValueError(f"'{value}': the same time comes after whole working days; write '1 working day, same time'")
    return {
        "amount": float(amount),
        "unit": f"{'working ' if working else ''}{unit}{', same time' if same_time else ''}",
    }


Duration = Annotated[Span, BeforeValidator(_span, json_schema_input_type=str)]


class Cadence(StrEnum):
    """How often. `triggered` is looked at when something above it degrades, and on no calendar."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    TRIGGERED = "triggered"


class Function(StrEnum):
    """The functions of the company that share the revenue process."""

    MARKETING = "marketing"
    SALES = "sales"
    CUSTOMER_SUCCESS = "customer_success"
    FINANCE = "finance"
    REVOPS = "revops"
    EXECUTIVE = "executive"
    PRODUCT = "product"
    IT = "it"
    PARTNERSHIPS = "partnerships"


class Subject(StrEnum):
    """What a stage, a handoff or a rule is about. Its predicates may name the columns of `facts`."""

    PERSON = "person"
    OPPORTUNITY = "opportunity"
    ACCOUNT = "account"

    @property
    def facts(self) -> str:
        """The table whose columns a predicate about this subject may name."""
        return f"facts_{self.value}"


def plain(thing: Agreed) -> dict[str, Any]:
    """The meaning of a value as plain data: defaults left out, YAML's own names."""
    return thing.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"name"})
