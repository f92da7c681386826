"""What the status of a contract line means, in the words of billing systems.

The words are those of Stripe, Chargebee, Recurly, Zuora and Maxio, and a few plain ones. They are compared trimmed, in
lower case, with an underscore for each space or hyphen. One that means different things in different systems (pending,
failed, inactive) is in no list: such a line is set aside until a mapping says what it means.
"""

# A customer who pays. `non_renewing` and its like pay to the end of the term; soft failures are tried again.
PAYING = (
    "active", "activated", "live", "non_renewing", "pending_cancellation", "pending_renewal", "past_due",
    "soft_failure", "assessing",
)  # fmt: skip
TRIAL = ("trialing", "in_trial", "trial")
PAUSED = ("paused", "on_hold", "suspended")
UNPAID = ("unpaid",)  # nobody tries to collect it any more
FUTURE = ("future",)  # begins on its first day, and not before
ENDED = ("canceled", "cancelled", "expired", "transferred", "ended", "terminated", "churned")
# Nothing was ever paid for it.
NOT_BEGUN = (
    "incomplete", "incomplete_expired", "trial_ended", "awaiting_signup", "failed_to_create", "draft",
    "pending_activation", "pendingactivation", "pending_acceptance", "pendingacceptance",
)  # fmt: skip
KNOWN = (*PAYING, *TRIAL, *PAUSED, *UNPAID, *FUTURE, *ENDED, *NOT_BEGUN)


def word(status: str) -> str:
    """SQL of the word that a status is compared as; '' for an empty one."""
    return f"coalesce(replace(replace(lower(trim({status})), ' ', '_'), '-', '_'), '')"


def among(words: tuple[str, ...]) -> str:
    """SQL list of words."""
    listed = ", ".join(f"'{each}'" for each in words)
    return f"({listed})"
