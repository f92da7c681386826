"""What a handoff and an SLA share: what a clock runs on, what starts, stops and pauses it, and who hears of it."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from fairlead.model.agreed import DURATION, Agreed, Book, Duration, Named, Names, Span, SpanUnit, Subject, one_or_many

SHARE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")


def _short(span: Span) -> Span:
    """A span that says by itself how many seconds of a limit it takes."""
    if span.unit in (SpanUnit.WORKING_DAY, SpanUnit.WORKING_DAY_SAME_TIME):
        raise ValueError(f"'{span}' differs in length from day to day; write working hours")
    return span


Short = Annotated[Duration, AfterValidator(_short)]


class HoursOf(StrEnum):
    """Whose working time a clock counts where no calendar is named."""

    OWNER = "owner"
    CUSTOMER = "customer"
    COMPANY = "company"


class Rung(StrEnum):
    """Steps of a ladder that are found for each clock: its owner, their manager, the queue, the council."""

    OWNER = "owner"
    MANAGER = "manager"
    QUEUE = "queue"
    COUNCIL = "council"


class Limit(Named):
    """A time limit for some of the subjects: the first whose condition held when the clock started applies."""

    when: str | None = Field(None, description="Predicate over the subject's facts; everybody when left out.")
    within: Duration = Field(description="How long: 5 minutes, 4 working hours, 2 days.")
    calendar: str | None = Field(None, description="Working calendar of this limit; it goes before the policy's.")
    says: str = Field("", description="Why these get this limit.")


class Response(Agreed):
    """What counts as an answer: the first activity, or signal, of these since the clock started.

    ```yaml
    response: {kinds: [call, email], failed: [No answer, Left voicemail]}
    ```

    Internal notes and tasks are none; neither is a failed attempt, nor a meeting that the prospect booked.
    """

    kinds: Names = Field(("call", "email", "meeting"), description="Kinds of activities that count.")
    direction: Literal["outbound", "inbound", "any"] = Field(
        "outbound", description="outbound: from us; inbound: from them; any: a meeting has two sides."
    )
    failed: Names = Field((), description="Outcomes of an activity that is an attempt and no answer.")
    signals: Names = Field((), description="Kinds of signals about the customer that count as well, as `kickoff`.")

    @property
    def from_us(self) -> bool:
        """Whether somebody is to be reached, rather than waited for."""
        return bool(self.kinds) and self.direction == "outbound"


class Pause(Named):
    """Time that does not count: while a column of the subject held one of these values, as the change log has it."""

    column: str = Field(description="Column of the subject: stage, ...")
    values: Names = Field(description="Values under which the clock stands still.")
    says: str = Field("", description="Why it is nobody's fault.")


class Warn(Agreed):
    """A point at which somebody is warned: `80%` of the limit, or `30 minutes` before it."""

    share: float | None = Field(None, gt=0, description="Part of the limit that has passed, as a share of 1.")
    before: Short | None = Field(None, description="How long before the deadline.")

    def __str__(self) -> str:
        return f"{self.share:.0%}" if self.share is not None else f"{self.before} before"


def _warn(value: object) -> object:
    """'80%' or '30 minutes' as the parts of a Warn."""
    if not isinstance(value, str):
        return value
    if found := SHARE.match(value):
        return {"share": float(found[1]) / 100}
    text = value.removesuffix("before").strip()
    if DURATION.match(text) is None:
        raise ValueError(f"'{value}' is no point of a limit; write '80%' or '30 minutes'")
    return {"before": text}


Warns = Annotated[
    tuple[Annotated[Warn, BeforeValidator(_warn, json_schema_input_type=str)], ...],
    BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...]),
]


class Escalation(Agreed):
    """What happens when time runs out."""

    after: Duration = Field(description="How long after the limit has passed.")
    to: str = Field(description="Who is told: a role, or owner, manager, queue or council.")
    action: str = Field("", description="What they then do.")


class Timed(Named):
    """Something that has to happen in time, once for each subject and cycle."""

    label: str = Field("", description="Name on pages.")
    subject: Subject = Field(Subject.PERSON, description="What it is about: person, opportunity or account.")
    trigger: str | None = Field(None, description="Predicate over the subject's facts that starts the clock.")
    starts: str | None = Field(None, description="Time column at which the clock starts.")
    stage: str | None = Field(None, description="Stage on entering which it starts, and on leaving which it stops.")
    stops: Names = Field((), description="Time columns that stop the clock, the first of them.")
    response: Response | None = Field(None, description="What answer stops the clock.")
    human: bool = Field(True, description="Whether only a response by a human being counts.")
    action: str = Field("", description="What the receiver is expected to do.")
    limits: Book[Limit] = Field(default_factory=dict, description="Time limits, the first that applies.")
    calendar: str | None = Field(None, description="Working calendar; the owner's own when left out.")
    hours_of: HoursOf = Field(HoursOf.OWNER, description="Whose timezone and calendar: owner, customer or company.")
    pauses: Book[Pause] = Field(default_factory=dict, description="When the clock stands still.")
    pause_budget: Short | None = Field(None, description="How much pauses may add at most; any length if left out.")
    warn_at: Warns = Field((), description="When somebody is warned: `80%` of the limit, `30 minutes` before it.")
    escalation: tuple[Escalation, ...] = Field((), description="Who is told when it is late, in order.")
    metric: str | None = Field(None, description="The metric that shows how well it runs.")

    @property
    def is_clocked(self) -> bool:
        """Whether a clock can run: it starts at a time, ends at one, and has a limit."""
        return bool(self.limits and (self.stage or (self.starts and (self.stops or self.response))))

    @property
    def title(self) -> str:
        """Name on pages."""
        return self.label or self.name


class Sla(Timed):
    """A promise of time that is no handoff: acceptance, a kickoff, how long a deal may stay in a stage."""

    owner: str | None = Field(None, description="The role that answers for keeping it.")
    says: str = Field("", description="What is promised, to whom.")
