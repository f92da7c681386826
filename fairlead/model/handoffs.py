"""handoffs.yaml: what one team passes to the next, by when, how good, and what happens when it is late."""

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Duration, Function, Named, Names, Subject


class Item(Named):
    """Something that is passed on: a column of the record, or knowledge that has to be written down."""

    says: str = Field(description="What it is and how one sees that it is good enough.")
    column: str | None = Field(None, description="The column of the subject's facts that holds it.")


class Limit(Named):
    """A time limit for some of the subjects: the first whose condition holds applies."""

    when: str | None = Field(None, description="Predicate over the subject's facts; everybody when left out.")
    within: Duration = Field(description="How long: 5 minutes, 4 working hours, 2 days.")
    says: str = Field("", description="Why these get this limit.")


class Escalation(Agreed):
    """What happens when time runs out."""

    after: Duration = Field(description="How long after the limit has passed.")
    to: str = Field(description="The role that is told.")
    action: str = Field("", description="What that role then does.")


class Recycling(Agreed):
    """When the receiver may return what was handed over, and what must be said."""

    when: str | None = Field(None, description="Predicate under which it may go back.")
    to_stage: str | None = Field(None, description="The stage it goes back to.")
    required: Names = Field((), description="Columns or items that must be captured.")
    reasons: Names = Field((), description="Allowed reasons.")
    playbook: str | None = Field(None, description="The playbook that picks it up.")


class Handoff(Named):
    """A handoff: trigger, expected action, time, quality, escalation; what is provided and what is needed."""

    label: str = Field("", description="Name on pages.")
    from_: Function = Field(alias="from", description="The function that hands over.")
    to: Function = Field(description="The function that takes over.")
    giver: str | None = Field(None, description="The role that answers for handing over.")
    taker: str | None = Field(None, description="The role that answers for taking over.")
    from_stage: str | None = Field(None, description="Stage before.")
    to_stage: str | None = Field(None, description="Stage after.")
    subject: Subject = Field(Subject.PERSON, description="What is handed over: person, opportunity or account.")
    trigger: str | None = Field(None, description="Predicate over the subject's facts that starts the clock.")
    starts: str | None = Field(None, description="Time column at which the clock starts.")
    done: str | None = Field(None, description="Predicate that stops the clock.")
    stops: str | None = Field(None, description="Time column at which the clock stops.")
    action: str = Field("", description="What the receiver is expected to do.")
    human: bool = Field(True, description="Whether only a response by a human being counts.")
    limits: Book[Limit] = Field(default_factory=dict, description="Time limits, the first that applies.")
    calendar: str | None = Field(None, description="Working calendar; the owner's own when left out.")
    quality: str = Field("", description="How one sees that it was done well.")
    needs: Names = Field((), description="Items the receiver needs.")
    provides: Names = Field((), description="Items the giver transfers.")
    escalation: tuple[Escalation, ...] = Field((), description="Who is told when it is late, in order.")
    recycling: Recycling | None = Field(None, description="How it goes back.")
    metric: str | None = Field(None, description="The metric that shows how well it runs.")

    @property
    def unmet(self) -> tuple[str, ...]:
        """What the receiver needs and the giver does not provide."""
        return tuple(name for name in self.needs if name not in self.provides)


class Handoffs(Agreed):
    """handoffs.yaml."""

    items: Book[Item] = Field(default_factory=dict, description="What can be handed over.")
    handoffs: Book[Handoff] = Field(default_factory=dict, description="Handoffs by name.")
    meeting_minimum: Names = Field((), description="Items every qualifying meeting must leave behind.")
