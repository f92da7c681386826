"""handoffs.yaml: what one team passes to the next, by when, how good, and what happens when it is late."""

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Function, Named, Names
from fairlead.model.timed import Escalation, Limit, Sla, Timed

__all__ = ["Escalation", "Handoff", "Handoffs", "Item", "Limit", "Recycling", "Sla", "Timed"]


class Item(Named):
    """Something that is passed on: a column of the record, or knowledge that has to be written down."""

    says: str = Field(description="What it is and how one sees that it is good enough.")
    column: str | None = Field(None, description="The column of the subject's facts that holds it.")


class Recycling(Agreed):
    """When the receiver may return what was handed over, and what must be said."""

    when: str | None = Field(None, description="Predicate under which it may go back.")
    to_stage: str | None = Field(None, description="The stage it goes back to.")
    required: Names = Field((), description="Columns or items that must be captured.")
    reasons: Names = Field((), description="Allowed reasons.")
    playbook: str | None = Field(None, description="The playbook that picks it up.")


class Handoff(Timed):
    """A handoff: trigger, expected action, time, quality, escalation; what is provided and what is needed."""

    from_: Function = Field(alias="from", description="The function that hands over.")
    to: Function = Field(description="The function that takes over.")
    giver: str | None = Field(None, description="The role that answers for handing over.")
    taker: str | None = Field(None, description="The role that answers for taking over.")
    from_stage: str | None = Field(None, description="Stage before.")
    to_stage: str | None = Field(None, description="Stage after.")
    done: str | None = Field(None, description="Predicate under which it is done.")
    quality: str = Field("", description="How one sees that it was done well.")
    needs: Names = Field((), description="Items the receiver needs.")
    provides: Names = Field((), description="Items the giver transfers.")
    recycling: Recycling | None = Field(None, description="How it goes back.")
    converts: str | None = Field(None, description="Time column that says when it led to what it is for.")
    worth: str | None = Field(None, description="Money column that says what that was worth.")

    @property
    def unmet(self) -> tuple[str, ...]:
        """What the receiver needs and the giver does not provide."""
        return tuple(name for name in self.needs if name not in self.provides)


class Handoffs(Agreed):
    """handoffs.yaml."""

    items: Book[Item] = Field(default_factory=dict, description="What can be handed over.")
    handoffs: Book[Handoff] = Field(default_factory=dict, description="Handoffs by name.")
    slas: Book[Sla] = Field(default_factory=dict, description="Promises of time that are no handoff, by name.")
    meeting_minimum: Names = Field((), description="Items every qualifying meeting must leave behind.")

    @property
    def policies(self) -> tuple[Timed, ...]:
        """Everything that has a clock: handoffs, then SLAs."""
        return tuple(one for book in (self.handoffs, self.slas) for one in book.values() if one.is_clocked)
