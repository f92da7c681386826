"""The marts of reconciliation: what the CRM won against what billing holds."""

from fairlead.model.shape import Table, boolean, date, integer, mart, money, number, ref, text

ACCOUNT = ref("account_id", "account", "The customer.")
DEAL = ref("opportunity_id", "opportunity", "The deal.")
ENTRY = text("entry", "What is reconciled: deal/ID with all that bills it, or what stands alone.", required=True)

RECONCILIATION: tuple[Table, ...] = (
    mart(
        "reconciliation",
        "A deal with what bills it, or what one of the two has alone. Summed up, the rows are the CRM's won bookings "
        "and billing's contracts.",
        ("entry",),
        ENTRY,
        text(
            "kind",
            "matched, not_due or nothing_due; and as open items not_invoiced, wrong_amount, wrong_term, "
            "wrong_currency, renewed_in_billing, no_deal, duplicate, invoiced_otherwise, churned_in_billing, not_used "
            "or used_without_contract.",
            required=True,
        ),
        boolean("is_open_item", "Somebody has to look at it.", required=True),
        text("how", "How the two were found to be one sale: key or likeness; empty where one stands alone."),
        number("score", "How sure that is: 1 by key; by account, amount and date at most 0.9."),
        text("says", "What is the matter, in words."),
        ACCOUNT,
        DEAL,
        text("line_id", "The contract line, the first where there are several."),
        text("invoice_id", "The invoice, where no contract line is behind it."),
        integer("line_count", "Contract lines, and invoices without one.", required=True),
        ref("owner_id", "member", "Who is to see to it: the deal's owner, else the account's."),
        date("closed_on", "When the deal was won."),
        date("starts_on", "First day of service, or when the invoice was issued."),
        date("invoiced_on", "When the first invoice of it was issued."),
        integer("age_days", "Days since it was won, began, ended in billing, or was first not invoiced."),
        text("crm_currency", "ISO 4217 code of the deal."),
        money("crm_amount", "The deal's amount in its currency."),
        text("billing_currency", "ISO 4217 code in billing; empty where it has several."),
        money("billing_amount", "What billing holds for the time that a deal's amount stands for, in that currency."),
        money("crm_money", "The deal's amount in the company's currency, at the rate of its closing.", required=True),
        money("billing_money", "Billing's in the company's currency, at the rate of the start.", required=True),
        money("matched_money", "What both say.", required=True),
        money("crm_only", "What the CRM says beyond it: crm_money = matched_money + crm_only.", required=True),
        money("billing_only", "What billing says beyond it, at the deal's rate.", required=True),
        money(
            "fx_money",
            "Other rates on other days: billing_money = matched_money + billing_only + fx_money.",
            required=True,
        ),
        money("money", "What is at stake, in the company's currency.", required=True),
        money("due_amount", "Of what was invoiced otherwise: what the periods that have begun cost, net of tax."),
        money("invoiced_amount", "What of it was invoiced, less credits; voided and written off invoices left out."),
    ),
    mart(
        "reconciled_line",
        "What billing holds, line by line, with the deal it belongs to.",
        ("item",),
        text("item", "line/ID or invoice/ID.", required=True),
        ENTRY,
        ref("account_id", "account", "The customer.", required=True),
        DEAL,
        text("line_id", "The contract line."),
        text("invoice_id", "The invoice, where no contract line is behind it."),
        text("how", "key or likeness; empty where it has no deal."),
        number("score", "How sure that is, 0 to 1."),
        date("starts_on", "First day of service, or when the invoice was issued."),
        date("ends_on", "First day without service; empty while it lasts."),
        text("currency", "ISO 4217 code.", required=True),
        money("amount", "Its worth for the time that a deal's amount stands for.", required=True),
        money("amount_converted", "The same in the company's currency.", required=True),
        integer(
            "invoices",
            "Invoices of its subscription since it began; void, draft and uncollectible ones left out.",
            required=True,
        ),
    ),
)
