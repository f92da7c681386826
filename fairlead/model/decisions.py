"""decisions.yaml: where practitioners contradict each other and what was decided; claims with their sources."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Named, Names, Titled


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


class Framework(Titled):
    """A practitioners' framework that a metric or a position comes from: named in words, not advertised."""

    says: str = Field("", description="What it is about.")


class Dispute(Agreed):
    """A quarrel about a definition, so that it is had once; with a worked example it can be tried.

    ```yaml
    - term: win_rate
      says: A deal that was merged into another one is not lost.
      raised_by: vp_sales
      given: {won: 1, closed: 4}
      gives: 0.3333
      settled: Merged deals are taken out of closed.
      agreed: true
    ```
    """

    term: str = Field(description="The metric or word.")
    says: str = Field(description="What is disputed.")
    raised_by: str = Field("", description="Who raised it.")
    raised_on: date | None = Field(None, description="When.")
    raised_in: str = Field("", description="Where it came up.")
    given: Mapping[str, float | None] = Field(
        default_factory=dict, description="A worked example: the metric's operands and their values."
    )
    gives: float | None = Field(None, description="What the example should give, says who raised it; null: undefined.")
    settled: str = Field("", description="How it was settled; empty while open.")
    settled_on: date | None = Field(None, description="When it was settled.")
    settled_by: str = Field("", description="Who settled it.")
    agreed: bool | None = Field(
        None, description="Once settled: true when the definition is to give the example, false when it is not."
    )
    decision: str | None = Field(None, description="The decision (C1, C2, ...) that settled it.")

    @property
    def is_open(self) -> bool:
        return not self.settled


class Decisions(Agreed):
    """decisions.yaml."""

    decisions: Book[Decision] = Field(default_factory=dict, description="Decisions by number.")
    claims: Book[Claim] = Field(default_factory=dict, description="Claims and benchmarks.")
    frameworks: Book[Framework] = Field(default_factory=dict, description="Frameworks by name.")
    disputes: tuple[Dispute, ...] = Field((), description="Disputes about definitions.")
