"""lifecycle.yaml: one lifecycle from first touch to renewal, and the pipelines deals move through."""

from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Function, Named, Names, Subject, Titled


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
    next: Names = Field((), description="Stages that may follow; the one written below when left out.")
    stands_for: Names = Field((), description="Names this stage has in the other presets: the mapping between them.")


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
    outcome: Outcome = Field(Outcome.OPEN, description="open, won or lost.")
    qualified: bool = Field(False, description="Whether deals in this stage count as qualified pipeline.")
    category: str | None = Field(None, description="Forecast category assumed until a person sets one.")
    within_days: float | None = Field(None, gt=0, description="Days after which a deal has been here too long.")


class Pipeline(Named):
    """An ordered row of stages for some kinds of deals."""

    label: str = Field("", description="Name on pages.")
    kinds: Names = Field((), description="Kinds of deals that run through it; all when left out.")
    stages: Book[DealStage] = Field(default_factory=dict, description="Stages from first to last.")


class FunnelRow(Named):
    """What each team does at one step of the customer's way."""

    label: str = Field("", description="Name on pages.")
    activities: dict[Function, Names] = Field(default_factory=dict, description="Activities by function.")


class Lifecycle(Agreed):
    """lifecycle.yaml."""

    preset: str | None = Field(None, description="Lifecycle to start from: nine_stages, four_stages or five_stages.")
    stages: Book[Stage] = Field(default_factory=dict, description="Stages in order; they add to the preset's.")
    pipelines: Book[Pipeline] = Field(default_factory=dict, description="Pipelines of deals.")
    funnel: Book[FunnelRow] = Field(default_factory=dict, description="Who does what from awareness to expansion.")
