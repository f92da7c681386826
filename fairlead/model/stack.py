"""stack.yaml and automations.yaml: the tools, what they give back, and what runs by itself."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Named, Names, Subject


class Priority(StrEnum):
    MUST = "must"
    HIGH = "high"
    MEDIUM = "medium"


class Direction(StrEnum):
    """Which way data flows between a tool and the CRM."""

    TO_CRM = "to_crm"
    FROM_CRM = "from_crm"
    BOTH = "both"
    NONE = "none"


class Conflict(StrEnum):
    """Who wins when both sides changed."""

    SYSTEM_OF_RECORD = "system_of_record"
    LATEST = "latest"
    A_PERSON = "a_person"


class Layer(Named):
    """A layer of the stack and what it is for."""

    label: str = Field("", description="Name on pages.")
    purpose: str = Field(description="What the layer is for.")
    priority: Priority = Field(description="must, high or medium.")
    minimum: bool = Field(False, description="Part of the smallest stack that works.")
    examples: Names = Field((), description="Products of this kind.")


class ToolStatus(StrEnum):
    PLANNED = "planned"
    IN_USE = "in_use"
    RETIRING = "retiring"


class Tool(Named):
    """A tool: its job, its owner, what it returns to the CRM and what it costs."""

    label: str = Field("", description="Name of the product.")
    layer: str = Field(description="The layer it serves.")
    jobs: Names = Field((), description="What it is used for; one tool a job.")
    owner: str | None = Field(None, description="The role that owns it.")
    admin: str | None = Field(None, description="The role that configures it.")
    status: ToolStatus = Field(ToolStatus.IN_USE, description="planned, in_use or retiring.")
    is_crm: bool = Field(False, description="Whether this is the CRM itself.")
    returns: Names = Field((), description="What it returns to the CRM.")
    direction: Direction = Field(Direction.TO_CRM, description="Which way data flows between it and the CRM.")
    why_both: str = Field("", description="Why both directions are needed, where they are.")
    source: str | None = Field(None, description="Its name as a source in fairlead.yaml.")
    cost_per_year: float | None = Field(None, ge=0, description="Licences and fees a year.")
    seats: int | None = Field(None, ge=0, description="Seats paid for.")
    renews_on: date | None = Field(None, description="When the contract renews.")


class Stack(Agreed):
    """stack.yaml."""

    layers: Book[Layer] = Field(default_factory=dict, description="Layers of the stack.")
    tools: Book[Tool] = Field(default_factory=dict, description="Tools by name.")
    questions: Names = Field((), description="Asked before any tool is bought.")


class Event(StrEnum):
    """What sets an automation off."""

    STAGE_CHANGE = "stage_change"
    USAGE_DROP = "usage_drop"
    NEAR_RENEWAL = "near_renewal"
    RECORD_CREATED = "record_created"
    RECORD_CHANGED = "record_changed"
    LIMIT_PASSED = "limit_passed"
    SCHEDULE = "schedule"


class Automation(Named):
    """Something that runs by itself: owner, purpose, inputs, outputs and how to undo it."""

    label: str = Field("", description="Name on pages.")
    owner: str | None = Field(None, description="The role that answers for it.")
    purpose: str = Field("", description="Why it exists.")
    event: Event | None = Field(None, description="What sets it off.")
    subject: Subject | None = Field(None, description="Whom its condition is about.")
    when: str | None = Field(None, description="Predicate over the subject's facts.")
    inputs: Names = Field((), description="What it reads.")
    outputs: Names = Field((), description="What it writes or sends.")
    rollback: str = Field("", description="How to stop it and undo what it did.")
    guard: str = Field("", description="What keeps it safe.")
    tool: str | None = Field(None, description="The tool it runs in.")
    metric: str | None = Field(None, description="The metric that shows whether it works.")
    is_on: bool = Field(True, description="Whether it runs.")


class Automations(Agreed):
    """automations.yaml."""

    automations: Book[Automation] = Field(default_factory=dict, description="The registry.")
