"""routing.yaml: who gets a new lead or account, by rules tried from the top."""

from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Duration, Named, Names, Subject


class Method(StrEnum):
    """How a pool shares out."""

    ROUND_ROBIN = "round_robin"
    WEIGHTED = "weighted"
    LEAST_LOADED = "least_loaded"


class Pool(Named):
    """People who take turns."""

    label: str = Field("", description="Name on pages.")
    team: str | None = Field(None, description="The team whose active members take part.")
    members: Names = Field((), description="Names or emails, when it is not a whole team.")
    method: Method = Field(Method.ROUND_ROBIN, description="How turns are taken.")
    weights: dict[str, float] = Field(default_factory=dict, description="Shares by member, for weighted pools.")
    cap_per_day: int | None = Field(None, gt=0, description="Most that one member gets in a day.")
    calendar: str | None = Field(None, description="Members take part only in their working time.")


class Route(Named):
    """One rule: the first whose condition holds decides."""

    when: str | None = Field(None, description="Predicate over the subject's facts; everybody when left out.")
    to: str = Field(description="A pool, or `owner` for the account's owner.")
    says: str = Field("", description="Why.")


class Routing(Agreed):
    """routing.yaml."""

    subject: Subject = Field(Subject.PERSON, description="What is routed.")
    on: str | None = Field(None, description="Stage whose entry starts routing.")
    rules: Book[Route] = Field(default_factory=dict, description="Rules in order: named accounts first.")
    fallback: str | None = Field(None, description="The pool that takes what no rule took or nobody could.")
    fallback_within: Duration | None = Field(None, description="How long the fallback may hold it.")
    pools: Book[Pool] = Field(default_factory=dict, description="Pools by name.")
    reroute_on: Names = Field((), description="Columns whose change routes again.")
