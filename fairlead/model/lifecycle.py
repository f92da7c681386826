"""lifecycle.yaml: one lifecycle from first touch to renewal, and the pipelines deals move through."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Function, Named, Names, Subject, Titled

Grade = Annotated[int, Field(ge=1, le=3)]
EVIDENCE = "Evidence demanded: 1 filled, 2 somebody acted in the stay, 3 the customer did; for all, or by column."


def demanded(evidence: int | Mapping[str, int], column: str) -> int:
    """The grade of evidence that a stage demands for one of its required columns: 1 filled, 2 acted on, 3 confirmed."""
    return evidence if isinstance(evidence, int) else evidence.get(column, 1)


class Skipped(StrEnum):
    """How a stage counts that was jumped over: as passed on the way, or as one that they were never in."""

    PASSED = "passed"
    MISSING = "missing"


class Again(StrEnum):
    """How those count who come back (a returned lead, a reopened deal): on their one way, or from the start again."""

    CONTINUES = "continues"
    AGAIN = "again"


class Stage(Titled):
    """A stage of the lifecycle: who owns it, what lets somebody in and what lets them out.

    ```yaml
    marketing_qualified:
      subject: person
      owner: vp_marketing
      enters: mql_at
      exit_when: sal_at is not null
      required: [email, account_id, source]
    ```
    """

    says: str = Field("", description="What being in this stage means.")
    subject: Subject = Field(Subject.PERSON, description="Who is in the stage: person, opportunity or account.")
    owner: str | None = Field(None, description="The one role responsible for whoever is in this stage.")
    enters: str | None = Field(None, description="Time column of the subject that says when the stage was entered.")
    enter_when: str | None = Field(None, description="Entry criterion: a predicate over the subject's facts.")
    exit_when: str | None = Field(None, description="Exit criterion: a predicate over the subject's facts.")
    required: Names = Field((), description="Columns of the subject that must be filled on leaving.")
    evidence: Grade | dict[str, Grade] = Field(1, description=EVIDENCE)
    next: Names = Field((), description="Stages that may follow; the one written below when left out.")
    stands_for: Names = Field((), description="Names this stage has in the other presets: the mapping between them.")

    def demanded(self, column: str) -> int:
        """The grade of evidence demanded for a required column."""
        return demanded(self.evidence, column)


class Outcome(StrEnum):
    """What a pipeline stage means for the deal."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DealStage(Named):
    """A stage of a pipeline: what must be true before a deal may leave it."""

    label: str = Field("", description="Name on pages.")
    says: str = Field("", description="What a deal in this stage looks like.")
    owner: str | None = Field(None, description="The role responsible for deals in this stage.")
    enter_when: str | None = Field(None, description="Entry criterion: a predicate over facts_opportunity.")
    exit_when: str | None = Field(None, description="Exit criterion: a predicate over facts_opportunity.")
    required: Names = Field((), description="Columns that must be filled before a deal leaves the stage.")
    evidence: Grade | dict[str, Grade] = Field(1, description=EVIDENCE)
    outcome: Outcome = Field(Outcome.OPEN, description="open, won or lost.")
    qualified: bool = Field(False, description="Whether deals in this stage count as qualified pipeline.")
    category: str | None = Field(None, description="Forecast category assumed until a person sets one.")
    within_days: float | None = Field(None, gt=0, description="Days after which a deal has been here too long.")
    stands_for: Names = Field(
        (), description="Names this stage has in other pipelines, for deals that come from there."
    )

    def demanded(self, column: str) -> int:
        """The grade of evidence demanded for a required column."""
        return demanded(self.evidence, column)


class Pipeline(Named):
    """An ordered row of stages for some kinds of deals."""

    label: str = Field("", description="Name on pages.")
    kinds: Names = Field((), description="Kinds of deals that run through it; all when left out.")
    stages: Book[DealStage] = Field(default_factory=dict, description="Stages from first to last.")
    skipped: Skipped = Field(Skipped.PASSED, description="passed: a stage jumped over counts as reached; or missing.")
    reopened: Again = Field(
        Again.CONTINUES, description="continues: a reopened deal counts once, as it ended; again: each time for itself."
    )


class FunnelRow(Named):
    """What each team does at one step of the customer's way."""

    label: str = Field("", description="Name on pages.")
    activities: dict[Function, Names] = Field(default_factory=dict, description="Activities by function.")


class Lifecycle(Agreed):
    """lifecycle.yaml."""

    preset: str | None = Field(None, description="Lifecycle to start from: nine_stages, four_stages or five_stages.")
    stages: Book[Stage] = Field(default_factory=dict, description="Stages in order; they add to the preset's.")
    pipelines: Book[Pipeline] = Field(default_factory=dict, description="Pipelines of deals.")
    skipped: Skipped = Field(Skipped.PASSED, description="passed: a stage jumped over counts as reached; or missing.")
    reopened: Again = Field(
        Again.CONTINUES,
        description="continues: who comes back after a return counts once; again: each time for itself.",
    )
    funnel: Book[FunnelRow] = Field(default_factory=dict, description="Who does what from awareness to expansion.")
