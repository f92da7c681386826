"""The marts of renewals that are due: signs of risk and checkpoints."""

from fairlead.model.shape import Table, boolean, date, integer, mart, money, number, ref, text

ACCOUNT = ref("account_id", "account", "The account.", required=True)
DUE = date("due_on", "The day on which it is due.", required=True)

RENEWING: tuple[Table, ...] = (
    mart(
        "renewal_watch",
        "A renewal that is still open, with the signs that say it is at risk.",
        ("account_id", "due_on"),
        ACCOUNT,
        DUE,
        ref("owner_id", "member", "The account's owner."),
        text("segment", "Segment of the account."),
        integer("days_left", "Days until it is due; negative once that has passed.", required=True),
        money("mrr_due", "Recurring revenue that is due, in the company's currency.", required=True),
        boolean("auto_renews", "All of it renews unless it is cancelled."),
        number("usage_now", "Events of the last 30 days."),
        number("usage_before", "Events of 30 days, on average of the 90 before."),
        boolean("is_usage_down", "The one is so far below the other that it is a sign.", required=True),
        date("last_contact_on", "Last contact by a person."),
        boolean("is_without_contact", "That is so long ago that it is a sign, or there was none.", required=True),
        integer("open_tickets", "Tickets, complaints and disputes that are open; any is a sign.", required=True),
        money("past_due", "Invoices past due, in the company's currency; any is a sign.", required=True),
        number("last_score", "Last NPS or CSAT answer."),
        boolean("is_unhappy", "That is so low that it is a sign.", required=True),
        integer("signs", "How many of these signs there are.", required=True),
        boolean("is_at_risk", "As many as make it at risk.", required=True),
        text("says", "The signs in words."),
        integer("checkpoint", "Days before the due day of the checkpoint that it is in; empty before the first."),
        boolean("is_checkpoint_due", "Nobody has spoken with them since that checkpoint.", required=True),
        integer("missed", "Earlier checkpoints that passed without anybody speaking with them.", required=True),
    ),
    mart(
        "renewal_checkpoint",
        "A checkpoint before a renewal that is still open.",
        ("account_id", "due_on", "days_before"),
        ACCOUNT,
        DUE,
        integer("days_before", "How many days before.", required=True),
        date("starts_on", "First day of it.", required=True),
        date("ends_on", "First day of the next one, or the due day.", required=True),
        date("contact_on", "First contact by a person in it."),
        text("state", "kept, missed, due (it runs, and nobody has spoken with them yet) or ahead.", required=True),
    ),
)
