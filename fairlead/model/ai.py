"""ai.yaml: approved tools, what they may see and keep, what they are used for, and who answers."""

from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Named, Names


class AiTool(Named):
    """An AI tool: who owns it, what it may see, how long it keeps it."""

    label: str = Field("", description="Name of the product.")
    owner: str | None = Field(None, description="The role that answers for it.")
    approved: bool = Field(False, description="Whether it may be used.")
    data: Names = Field((), description="Data domains it may see.")
    retention_days: int | None = Field(None, ge=0, description="Days it may keep what it saw; 0 for not at all.")
    trains: bool = Field(False, description="Whether the vendor may train on the data.")
    says: str = Field("", description="Conditions of use.")


class Kind(StrEnum):
    SUMMARISE = "summarise"
    DRAFT = "draft"
    PREDICT = "predict"
    CLASSIFY = "classify"


class UseCase(Named):
    """One use: with which tool, checked by whom against what."""

    kind: Kind = Field(description="summarise, draft, predict or classify.")
    tool: str | None = Field(None, description="The tool.")
    says: str = Field("", description="What it does.")
    human: str | None = Field(None, description="The role that reads the result before it counts.")
    checked_against: Names = Field((), description="Data domains its results are validated against.")
    is_on: bool = Field(False, description="Whether it is in use.")
    phase: int = Field(1, ge=1, le=3, description="Phase of the launch it belongs to; predictions in the third.")


class Ai(Agreed):
    """ai.yaml."""

    principles: Names = Field((), description="What always holds.")
    accountable: str | None = Field(None, description="The role that answers for the policy.")
    tools: Book[AiTool] = Field(default_factory=dict, description="Tools by name.")
    use_cases: Book[UseCase] = Field(default_factory=dict, description="Uses by name.")
