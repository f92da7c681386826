"""The marts of recurring revenue: stretches of lines, movements, and customers by month."""

from fairlead.model.shape import Column, Table, at, boolean, date, integer, money, ref, text


def _mart(name: str, says: str, grain: tuple[str, ...], *columns: Column) -> Table:
    return Table("mart", name, says, grain, columns)


ACCOUNT = ref("account_id", "account", "The account.", required=True)
CUSTOMER = ref("customer_id", "account", "The customer: the account, or its topmost parent, as revenue.yaml says.")
PRODUCT = ref("product_id", "product", "What is sold.")
DEAL = ref("opportunity_id", "opportunity", "The deal that sold it.")
CURRENCY = text("currency", "ISO 4217 code of the line's currency.")
BEGAN_WITH = (
    ref(
        "first_deal_id", "opportunity", "The deal the customer began with: the largest of its first day that was paid."
    ),
    text("cohort", "The month the customer first paid in, as 2026-03."),
)
PROVISIONAL = boolean("is_provisional", "Converted at the last rate known, which a later one may replace.")

REVENUE: tuple[Table, ...] = (
    _mart(
        "mrr_span",
        "A stretch of days in which a line's recurring revenue and its state stay the same.",
        ("line_id", "starts_on"),
        text("line_id", "The contract line.", required=True),
        CUSTOMER,
        ACCOUNT,
        PRODUCT,
        DEAL,
        *BEGAN_WITH,
        text("subscription", "Subscription or contract it belongs to."),
        date("starts_on", "First day.", required=True),
        date("ends_on", "First day after; empty while it lasts."),
        text(
            "state",
            "active or past_due, which count; trial, free, paused, lapsed (paused too long) or usage, which do not.",
            required=True,
        ),
        CURRENCY,
        money("monthly", "What it costs a month in its currency, whether it counts or not.", required=True),
        money("monthly_converted", "The same in the company's currency.", required=True),
        money("mrr", "Monthly recurring revenue in its currency: 0 where it does not count.", required=True),
        money("mrr_converted", "The same in the company's currency.", required=True),
        date("rated_on", "The day at whose rate it is converted."),
        PROVISIONAL,
        at("known_at", "When we learnt of the line as it is."),
    ),
    _mart(
        "mrr_movement",
        "How recurring revenue moved: a product of an account, a day and a kind. Kinds are the customer's net change "
        "of the day; summed up to a day, the rows are the revenue of that day.",
        ("account_id", "product_id", "moved_on", "kind"),
        ACCOUNT,
        PRODUCT,
        date("moved_on", "The day.", required=True),
        text(
            "kind",
            "new, expansion, contraction, churn or reactivation; apart from them fx, pause, resume, escalator, "
            "transfer (between products, nothing in all) and unbalanced (what does not add up).",
            required=True,
        ),
        CUSTOMER,
        money("amount", "By how much, in the line's currency; empty where it has several."),
        CURRENCY,
        money("amount_converted", "By how much, in the company's currency; a loss is negative.", required=True),
        money("mrr_before", "The customer's recurring revenue before that day, in the company's currency."),
        money("mrr_after", "The same after it."),
        boolean("was_customer", "It was a customer before that day."),
        boolean("is_customer", "It is one after it."),
        text("line_id", "The contract line, where it is one."),
        DEAL,
        date("service_end_on", "Of what was lost: first day without service."),
        date("billing_end_on", "Of what was lost: first day that was not billed."),
        date("scheduled_on", "Of what was lost: when its end was asked for."),
        text("churn_kind", "voluntary or involuntary, where it is known."),
        text("reason", "Why it was lost, as given by the source."),
        boolean("is_scheduled", "It lies in the future: committed, and in no revenue yet.", required=True),
        PROVISIONAL,
        at("known_at", "When we learnt of it."),
    ),
    _mart(
        "account_month",
        "A customer's recurring revenue in a month, and how it moved.",
        ("account_id", "month"),
        ref("account_id", "account", "The customer.", required=True),
        date("month", "First day of the month.", required=True),
        *BEGAN_WITH,
        money("opening_mrr", "MRR at the start of the month, in the company's currency.", required=True),
        money("new_mrr", "From nothing ever before.", required=True),
        money("expansion_mrr", "Increase of an existing customer.", required=True),
        money("contraction_mrr", "Decrease of a customer who stays, positive.", required=True),
        money("churned_mrr", "Lost with the customer, positive.", required=True),
        money("reactivation_mrr", "From a customer who came back.", required=True),
        money("fx_mrr", "By which other rates changed it; may be negative.", required=True),
        money("pause_mrr", "What resumed less what was paused; may be negative.", required=True),
        money("escalator_mrr", "Price steps that were sold in advance.", required=True),
        money("unbalanced_mrr", "What does not add up; 0, or the build is wrong and says so.", required=True),
        money("closing_mrr", "MRR at the end of the month.", required=True),
        money(
            "gained_mrr", "In NRR: what a customer with an opening grew by; and returns, if they count.", required=True
        ),
        money(
            "lost_mrr", "In NRR and GRR: what of the opening was lost, positive, never more than all.", required=True
        ),
        boolean("is_lost", "It was a customer when the month began, perhaps a paused one, and left.", required=True),
    ),
    _mart(
        "account_year",
        "A customer who paid twelve months before the end of a month, and what those months did to its revenue. Who had"
        " paused then is in it where it left since; where returns are in NRR, who came back since, too.",
        ("account_id", "month"),
        ref("account_id", "account", "The customer.", required=True),
        date("month", "First day of the last of the twelve months.", required=True),
        *BEGAN_WITH,
        money("base_mrr", "MRR when the twelve months began, in the company's currency.", required=True),
        money(
            "net_mrr",
            "Its expansion less contraction and churn since; what it does after a return only if that counts.",
        ),
        money("kept_mrr", "What was kept of the base: never more than all of it, never less than nothing."),
        boolean("is_kept", "It did not leave in the twelve months; empty where it only came back in them."),
    ),
    _mart(
        "customer_start",
        "A customer's first day, and what it came to a year later.",
        ("account_id",),
        ref("account_id", "account", "The customer.", required=True),
        date("started_on", "The day it first paid.", required=True),
        *BEGAN_WITH,
        date("year_month", "First day of the month twelve months after the one it started in.", required=True),
        money("started_mrr", "MRR at the end of its first day, in the company's currency.", required=True),
        money("mrr_after_year", "MRR at the end of that month; empty while it is not over."),
    ),
    _mart(
        "renewal",
        "What of a customer is due to renew on a day, and what became of it. Evergreen lines are never due.",
        ("account_id", "due_on"),
        ACCOUNT,
        date("due_on", "The day on which it is due.", required=True),
        CUSTOMER,
        *BEGAN_WITH,
        integer("line_count", "Lines that are due on it.", required=True),
        money("mrr_due", "Recurring revenue that is due, in the company's currency.", required=True),
        money("mrr_renewed", "What of it was renewed; more than that is upsell.", required=True),
        money("mrr_upsell", "What was agreed beyond it.", required=True),
        text("outcome", "open, renewed, early, late or lost, as far as was known on the day.", required=True),
        date("renewed_on", "When what follows began; the due day where lines run on."),
        boolean("is_co_termed", "Several lines are due on one day.", required=True),
        boolean("is_split", "More lines follow than were due.", required=True),
        boolean("auto_renews", "All of them renew unless they are cancelled.", required=True),
        text("churn_kind", "voluntary or involuntary, of what was not renewed, where it was said."),
        text("reason", "Why not all of it was renewed: said of the line that ended, else of the renewal deal lost."),
    ),
)
