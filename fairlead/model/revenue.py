"""revenue.yaml: where practitioners count recurring revenue differently, and how this company does."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Titled
from fairlead.model.reconciliation import Reconciliation
from fairlead.model.renewing import RenewalWatch

OURS = "ours"


class ChurnDate(StrEnum):
    SERVICE_END = "service_end"
    BILLING_END = "billing_end"
    WHEN_SCHEDULED = "when_scheduled"


class Discounts(StrEnum):
    FOREVER = "forever"
    ALL = "all"
    NONE = "none"


class PausedAs(StrEnum):
    OWN = "own"
    CHURN = "churn"
    COUNTS = "counts"


class FreeAs(StrEnum):
    CONTRACTION = "contraction"
    CHURN = "churn"


class Usage(StrEnum):
    EXCLUDED = "excluded"
    INCLUDED = "included"


class Refunds(StrEnum):
    IGNORED = "ignored"
    EARLY_ANNUAL = "early_annual"


class SameMonth(StrEnum):
    GROUPED = "grouped"
    COUNTED = "counted"
    HIDDEN = "hidden"


class RateOf(StrEnum):
    SERVICE_START = "service_start"
    PERIOD_END = "period_end"


class Customer(StrEnum):
    ACCOUNT = "account"
    PARENT = "parent"


class Escalator(StrEnum):
    APART = "apart"
    EXPANSION = "expansion"


class PastDue(Agreed):
    """How long unpaid revenue counts."""

    after_days: int | None = Field(
        None, ge=1, le=90, description="Days after which a line that is past due has churned; none: once cancelled."
    )


class Paused(Agreed):
    """What a pause is."""

    counts_as: PausedAs = Field(
        PausedAs.OWN,
        description="own: a movement of its own, and no churn before the limit. churn: it has left, and comes back. "
        "counts: it stays revenue.",
    )
    limit_days: int = Field(90, ge=1, le=730, description="Days after which a pause of its own has become churn.")


class Fx(Agreed):
    """Which rate converts recurring revenue into the company's currency."""

    rate: RateOf = Field(
        RateOf.SERVICE_START,
        description="service_start: the rate of the line's first day, for its life. period_end: that of each month's "
        "last day.",
    )
    constant_on: date | None = Field(None, description="The rates of this day for all days: constant currency.")
    apart: bool = Field(True, description="Currency is a movement of its own, and not expansion or contraction.")


class Migration(Agreed):
    """Lines of one customer that move from one billing system to another, or into the line that follows them."""

    within_days: int = Field(
        31, ge=0, le=366, description="Days between the end and the follower's start that are stitched; 0: none."
    )


class Renewals(Agreed):
    """Which changes near the day on which lines are due are their renewal."""

    early_days: int = Field(
        120, ge=0, le=366, description="Days before the due day in which a line that ends and is followed has renewed."
    )
    late_days: int = Field(90, ge=0, le=366, description="Days after it in which somebody may still renew.")


class Switches(Agreed):
    """Every decision behind recurring revenue. What is left out has its default."""

    churn_date: ChurnDate = Field(
        ChurnDate.SERVICE_END,
        description="The day revenue ends: after the last day of service, after the last day billed, or when the "
        "cancellation was asked for.",
    )
    discounts: Discounts = Field(
        Discounts.FOREVER,
        description="Discounts that reduce it: those that last forever, all of them while they last, or none.",
    )
    past_due: PastDue = Field(default_factory=PastDue, description="How long unpaid revenue counts.")
    paused: Paused = Field(default_factory=Paused, description="What a pause is.")
    free: FreeAs = Field(
        FreeAs.CONTRACTION,
        description="A customer whose lines all cost nothing any more: contraction, and stays one; or churn.",
    )
    usage: Usage = Field(Usage.EXCLUDED, description="Whether lines of usage count.")
    refunds: Refunds = Field(
        Refunds.IGNORED,
        description="early_annual: a yearly line that was cancelled and refunded ends on the day of the refund.",
    )
    same_month: SameMonth = Field(
        SameMonth.GROUPED,
        description="What a customer does within one month: grouped to its net, each counted, or counted with those "
        "hidden who came and left.",
    )
    reactivation_in_nrr: bool = Field(
        False, description="Whether who comes back is in NRR of the period, also who had left before it began."
    )
    group_days: int = Field(
        1, ge=1, le=31, description="A customer's changes within so many days of each other are of one kind."
    )
    fx: Fx = Field(default_factory=Fx, description="Which rate converts it.")
    customer: Customer = Field(
        Customer.ACCOUNT, description="Whose net change a movement is: the account's, or that of its topmost parent."
    )
    escalator: Escalator = Field(
        Escalator.APART, description="Price steps that were sold in advance: a movement of their own, or expansion."
    )
    migration: Migration = Field(default_factory=Migration, description="Lines that move between billing systems.")
    renewals: Renewals = Field(default_factory=Renewals, description="How early and how late a renewal may come.")


class Lens(Titled):
    """How somebody else would count, as a full set of switches: what it leaves out has the default."""

    says: str = Field("", description="What it stands for.")
    source: str = Field("", description="Where it is documented that they count so.")
    switches: Switches = Field(default_factory=Switches, description="Its switches.")


class Revenue(Agreed):
    """revenue.yaml."""

    switches: Switches = Field(default_factory=Switches, description="How this company counts.")
    why: Mapping[str, str] = Field(default_factory=dict, description="For each switch, the reason for it.")
    lenses: Book[Lens] = Field(default_factory=dict, description="Other ways of counting, to be seen beside ours.")
    reconciliation: Reconciliation = Field(
        default_factory=Reconciliation, description="How deals that were won are held against billing."
    )
    watch: RenewalWatch = Field(default_factory=RenewalWatch, description="How renewals that are due are watched.")

    def lens(self, name: str) -> Switches | None:
        """The switches of a lens, `ours` among them; None where there is no such lens."""
        if name == OURS:
            return self.switches
        found = self.lenses.get(name)
        return found.switches if found else None


def differing(a: Switches, b: Switches) -> tuple[str, ...]:
    """The names of the switches in which two sets differ."""
    return tuple(name for name in Switches.model_fields if getattr(a, name) != getattr(b, name))
