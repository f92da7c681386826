"""cadence.yaml: who meets how often over which numbers, and what they may decide."""

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Cadence, Named, Names
from fairlead.model.calendars import Weekday


class Meeting(Named):
    """A meeting: its rhythm, its chair, its numbers, and what comes out of it."""

    label: str = Field("", description="Name on pages.")
    cadence: Cadence = Field(description="How often.")
    day: Weekday | None = Field(None, description="Weekday.")
    minutes: int = Field(30, gt=0, description="How long.")
    chair: str | None = Field(None, description="The role that leads it.")
    attends: Names = Field((), description="Roles that attend.")
    metrics: Names = Field((), description="Metrics that are looked at.")
    agenda: Names = Field((), description="Points in order.")
    decides: str = Field("", description="What it may decide.")
    output: str = Field("", description="What is written down afterwards.")
    council: bool = Field(False, description="Whether this is the council that reviews metric integrity.")
    five: Names = Field((), description="The few metrics whose trend this meeting reallocates resources by.")


class Cadences(Agreed):
    """cadence.yaml."""

    in_a_minute: str = Field("", description="The rhythm as an executive would tell it in one minute.")
    meetings: Book[Meeting] = Field(default_factory=dict, description="Meetings by name.")
