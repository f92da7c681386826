"""How deals are held against billing: what counts as the same sale, as the same money, and as late."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from fairlead.model.agreed import Agreed


class AmountIs(StrEnum):
    """What the amount of a deal stands for: what the contract is worth in a year, or in a month."""

    YEAR = "year"
    MONTH = "month"

    @property
    def months(self) -> int:
        return 12 if self is AmountIs.YEAR else 1


class Reconciliation(Agreed):
    """Deals against contract lines and invoices. Shares are 0 to 1, of the deal's amount."""

    amount_is: AmountIs = Field(
        AmountIs.YEAR, description="What a deal's amount stands for: a year of the contract, or a month."
    )
    same_within: float = Field(
        0.005, ge=0, lt=1, description="Share by which amounts may differ and still be the same."
    )
    same_rate_within: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="The same where deal and billing are in two currencies: rates of two days are in it.",
    )
    like_within: float = Field(
        0.5, gt=0, le=1, description="Share by which amounts may differ where no key says that they are one sale."
    )
    like_days: int = Field(
        45, ge=1, le=366, description="Days between closing and the start of service of one sale without a key."
    )
    invoiced_within_days: int = Field(
        30, ge=0, le=366, description="Days after which what was won is to be in billing."
    )
    renewed_within_days: int = Field(
        90, ge=0, le=366, description="The same for renewals, which are won before their term begins."
    )
    idle_days: int = Field(60, ge=1, le=366, description="Days without use after which a customer does not use it.")
    why: Mapping[str, str] = Field(default_factory=dict, description="For each of these, the reason for it.")
