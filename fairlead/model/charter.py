"""charter.yaml: what revenue operations is for, what it may decide, how it chooses, how it serves."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Function, Named, Names


class ServiceModel(StrEnum):
    """Where the people sit: in one team, in the functions, or a hub with people in the functions."""

    CENTRALISED = "centralised"
    EMBEDDED = "embedded"
    HUB_AND_SPOKE = "hub_and_spoke"


class Motion(Named):
    """A lifecycle motion, and whether revenue operations owns how it runs."""

    says: str = Field(description="Where the motion begins and ends.")
    owned: bool = Field(True, description="Whether revenue operations owns the process (not the people) of it.")
    instead: str | None = Field(None, description="The role that owns it otherwise.")


class Scope(Agreed):
    """What revenue operations owns and what it does not."""

    mission: str = Field("", description="Why it exists, in one sentence.")
    motions: Book[Motion] = Field(default_factory=dict, description="Lead-to-cash, renewals and the other motions.")
    owns: Names = Field((), description="What the lead owns outright, such as CRM configuration.")
    leaves: Names = Field((), description="What it deliberately leaves to the functions.")


class Right(Named):
    """Who may change something, after hearing whom."""

    says: str = Field(description="What exactly may be changed.")
    decides: Names = Field((), description="Roles that decide.")
    consults: Names = Field((), description="Roles heard before the decision.")
    informs: Names = Field((), description="Roles told afterwards.")
    notice: str = Field("", description="How long before it takes effect people are told.")


class Rule(Named):
    """One kind of work and what it weighs when there is more to do than time."""

    says: str = Field(description="What falls under it.")
    weight: float = Field(gt=0, description="Weight beside the others.")


class Prioritisation(Agreed):
    """How to choose between pipeline speed, data quality, enablement and tooling."""

    rule: str = Field("", description="The rule in words, so that everybody can apply it.")
    kinds: Book[Rule] = Field(default_factory=dict, description="The kinds of work and their weights.")


class Service(Agreed):
    """How the functions are served."""

    model: ServiceModel = Field(ServiceModel.HUB_AND_SPOKE, description="Centralised, embedded or hub and spoke.")
    intake: str = Field("", description="How a request is made.")
    response: str = Field("", description="What a requester can count on.")


class Reporting(Agreed):
    """Whom revenue operations reports to, who sponsors it, whom it answers to besides."""

    lead: str | None = Field(None, description="The role that leads revenue operations.")
    reports_to: Names = Field((), description="Roles it reports to; not one function's head alone.")
    sponsor: str | None = Field(None, description="The executive who sponsors it.")
    dotted_lines: Names = Field((), description="Roles it answers to beside the reporting line.")
    partners: tuple[Function, ...] = Field((), description="Functions with a named partnership.")


class ShadowDecision(Agreed):
    """A decision that turned out to live in a spreadsheet, and what becomes of it."""

    what: str = Field(description="What was decided outside the agreed place.")
    found_in: str = Field(description="Where it was found.")
    found_on: date | None = Field(None, description="When.")
    owner: str | None = Field(None, description="The role that brings it back.")
    becomes: str = Field("", description="Where it belongs in this model.")
    settled: bool = Field(False, description="Whether it has been brought back.")


class Pillar(Named):
    """One dimension of maturity, judged on evidence: 1 ad hoc, 2 written, 3 followed, 4 measured, 5 improving."""

    says: str = Field(description="What is looked at.")
    stands_at: int = Field(1, ge=1, le=5, description="Level today, 1 to 5.")
    evidence: str = Field("", description="What shows it.")


class Charter(Agreed):
    """charter.yaml."""

    scope: Scope = Field(default_factory=Scope, description="What revenue operations owns.")
    authority: Book[Right] = Field(default_factory=dict, description="Decision rights by subject.")
    prioritisation: Prioritisation = Field(default_factory=Prioritisation, description="How work is chosen.")
    service: Service = Field(default_factory=Service, description="How the functions are served.")
    reporting: Reporting = Field(default_factory=Reporting, description="Reporting line and sponsor.")
    accountability: Book[Right] = Field(
        default_factory=dict, description="Human accountability for forecasts, pricing and customer commitments."
    )
    shadow_decisions: tuple[ShadowDecision, ...] = Field((), description="Decisions found in spreadsheets.")
    maturity: Book[Pillar] = Field(default_factory=dict, description="Process, technology, data, people, governance.")
