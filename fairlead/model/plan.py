"""plan.yaml: the roadmap by phases with evidence, the baselines, and what changed and why."""

from datetime import date

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Named, Names


class Task(Named):
    """One piece of work, done when its evidence is there, not when its date has passed."""

    says: str = Field(description="What is done.")
    owner: str | None = Field(None, description="The role that does it.")
    evidence: str = Field("", description="What shows that it is done.")
    done_on: date | None = Field(None, description="When the evidence was seen.")


class Phase(Named):
    """A phase of the roadmap."""

    label: str = Field("", description="Name on pages.")
    days: tuple[int, int] | None = Field(None, description="First and last day, counted from the start.")
    goal: str = Field("", description="What is true at its end.")
    tasks: Book[Task] = Field(default_factory=dict, description="The work.")


class Baseline(Named):
    """A metric's value before anything was changed."""

    value: float = Field(description="The value.")
    on: date = Field(description="The day it was taken.")
    says: str = Field("", description="How it was taken.")


class Announcement(Agreed):
    """What changed in a process or a field, and why: published to everybody it touches."""

    on: date = Field(description="From when it holds.")
    what: str = Field(description="What changed.")
    why: str = Field(description="Why.")
    for_: Names = Field((), alias="for", description="Roles it touches.")


class Template(Named):
    """Another way to lay out the road, for comparison."""

    says: str = Field(description="How the phases are cut.")
    takes: str = Field(description="How long it is said to take.")
    phases: Names = Field((), description="Its phases.")


class Plan(Agreed):
    """plan.yaml."""

    starts_on: date | None = Field(None, description="Day 1 of the roadmap.")
    first_handoff: str | None = Field(None, description="The handoff with the most friction, mended first.")
    phases: Book[Phase] = Field(default_factory=dict, description="Phases in order.")
    baselines: Book[Baseline] = Field(default_factory=dict, description="Values before the start, by metric.")
    announcements: tuple[Announcement, ...] = Field((), description="What changed and why.")
    templates: Book[Template] = Field(default_factory=dict, description="Other roadmaps, side by side.")
