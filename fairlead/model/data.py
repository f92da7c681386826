"""data.yaml: the dictionary, who answers for which data, which system leads, and the lists of allowed values."""

from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Cadence, Named, Names
from fairlead.model.stack import Conflict, Direction


class Definition(Named):
    """A word of the company and what it means; the one place where it is said."""

    says: str = Field(description="The meaning everybody agreed to.")
    when: str | None = Field(None, description="The same as a predicate, where it can be computed.")
    table: str | None = Field(None, description="The table whose columns the predicate names.")
    owner: str | None = Field(None, description="The role that owns the definition.")


class Rule(Named):
    """A rule of quality: the share of rows for which it should hold."""

    table: str = Field(description="The table whose rows are judged.")
    holds: str = Field(description="Predicate that is true for a good row.")
    at_least: float = Field(1.0, ge=0, le=1, description="Share of rows for which it should hold.")
    says: str = Field("", description="Why it matters.")


class Domain(Named):
    """A domain of data: owner (accountable), steward (quality, access), admin (permissions, integrations)."""

    label: str = Field("", description="Name on pages.")
    tables: Names = Field((), description="Tables of the record in this domain.")
    owner: str | None = Field(None, description="The role accountable for the domain.")
    steward: str | None = Field(None, description="The role that keeps quality rules, duplicates and access in order.")
    admin: str | None = Field(None, description="The role with permissions, validation rules and integrations.")
    system: str | None = Field(None, description="Tool that is the system of record.")
    sensitive: Names = Field((), description="Columns that few may see.")
    says: str = Field("", description="Notes on keeping and access.")


class Sync(Agreed):
    """Which system leads for a column, and which way it flows."""

    column: str = Field(description="table.column, or table for all of it.")
    system: str = Field(description="The tool that leads.")
    direction: Direction = Field(Direction.TO_CRM, description="Which way it flows.")
    conflict: Conflict = Field(Conflict.SYSTEM_OF_RECORD, description="Who wins when both changed.")
    why: str = Field("", description="Why it is so; a must for both directions.")


class Picklist(Named):
    """The allowed values of one or several columns, and what each means."""

    columns: Names = Field((), description="table.column, one or several.")
    values: dict[str, str] = Field(default_factory=dict, description="Value and meaning.")
    owner: str | None = Field(None, description="The role that may add a value.")


class Naming(Named):
    """A convention for names, so that reports can be cut by them."""

    applies_to: str = Field(description="What is named: campaigns, properties, stages.")
    pattern: str = Field(description="The pattern, as a regular expression.")
    example: str = Field(description="A name that follows it.")


class ChoreKind(StrEnum):
    DEDUPLICATION = "deduplication"
    ENRICHMENT = "enrichment"
    DECAY = "decay"
    AUDIT = "audit"


class Chore(Named):
    """Hygiene on a rhythm."""

    kind: ChoreKind = Field(description="deduplication, enrichment, decay or audit.")
    cadence: Cadence = Field(description="How often.")
    owner: str | None = Field(None, description="The role that does it.")
    says: str = Field("", description="What is done.")


class Data(Agreed):
    """data.yaml."""

    definitions: Book[Definition] = Field(default_factory=dict, description="The words of the company.")
    domains: Book[Domain] = Field(default_factory=dict, description="Domains with their three roles.")
    sync: tuple[Sync, ...] = Field((), description="System of record and direction, column by column.")
    picklists: Book[Picklist] = Field(default_factory=dict, description="Allowed values.")
    rules: Book[Rule] = Field(default_factory=dict, description="Rules of quality.")
    naming: Book[Naming] = Field(default_factory=dict, description="Naming conventions.")
    hygiene: Book[Chore] = Field(default_factory=dict, description="Hygiene on a rhythm.")
