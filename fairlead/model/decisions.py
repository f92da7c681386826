"""decisions.yaml: where practitioners contradict each other and what was decided; claims with their sources."""

from datetime import date

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Named, Names


class Position(Agreed):
    """What one framework says."""

    who: str = Field(description="The framework.")
    says: str = Field(description="Its position.")


class Decision(Named):
    """A contradiction, and the decision shown beside every number it touches."""

    topic: str = Field(description="What it is about.")
    positions: tuple[Position, ...] = Field((), description="What the frameworks say.")
    decision: str = Field("", description="What was decided here.")
    decided_by: str | None = Field(None, description="The role that decided.")
    touches: Names = Field((), description="Metrics or subjects it touches.")


class Claim(Named):
    """A claim or benchmark with its source: a register, never a promise."""

    says: str = Field(description="The claim.")
    attributed_to: Names = Field((), description="To whom it is attributed; empty where nobody is named.")
    disputed: bool = Field(False, description="Whether the attribution or the figure is disputed.")
    note: str = Field("", description="What a reader should know.")
    metrics: Names = Field((), description="Metrics it is a benchmark for.")


class Dispute(Agreed):
    """A quarrel about a definition, so that it is had once."""

    term: str = Field(description="The metric or word.")
    raised_on: date | None = Field(None, description="When.")
    raised_in: str = Field("", description="Where it came up.")
    says: str = Field(description="What is disputed.")
    settled: str = Field("", description="How it was settled; empty while open.")


class Decisions(Agreed):
    """decisions.yaml."""

    decisions: Book[Decision] = Field(default_factory=dict, description="Decisions by number.")
    claims: Book[Claim] = Field(default_factory=dict, description="Claims and benchmarks.")
    disputes: tuple[Dispute, ...] = Field((), description="Disputes about definitions.")
