"""How renewals are watched: when somebody is to look at them, and which signs say that one is at risk."""

from collections.abc import Mapping

from pydantic import Field

from fairlead.model.agreed import Agreed


class RenewalWatch(Agreed):
    """Checkpoints before a renewal is due, and signs that it is at risk."""

    checkpoints: tuple[int, ...] = Field(
        (180, 90, 60, 30),
        min_length=1,
        description="Days before the due day from which on somebody is to have spoken with the customer.",
    )
    usage_drop: float = Field(
        0.3, gt=0, le=1, description="Share by which use of the last 30 days is below that of the 90 before: a sign."
    )
    contact_days: int = Field(60, ge=1, le=366, description="Days without a person's contact after which that is one.")
    low_score: float = Field(6, ge=0, le=100, description="A last NPS or CSAT answer of at most so much is one.")
    at_risk_from: int = Field(2, ge=1, le=5, description="Signs from which on a renewal counts as at risk.")
    enough: int = Field(
        10, ge=1, le=1000, description="Renewals that a segment needs for a rate of its own; fewer take the company's."
    )
    why: Mapping[str, str] = Field(default_factory=dict, description="For each of these, the reason for it.")
