"""The marts: what follows from the canonical tables, and what predicates and measures read."""

from fairlead.model.canonical import CANONICAL_BY_NAME
from fairlead.model.shape import LINEAGE, Column, Table, at, boolean, date, integer, money, number, ref, text


def _mart(name: str, says: str, grain: tuple[str, ...], *columns: Column) -> Table:
    return Table("mart", name, says, grain, columns)


def _and(canonical: str, *columns: Column) -> tuple[Column, ...]:
    """The columns of a canonical table, then more: a facts table holds everything its subject does."""
    return (*CANONICAL_BY_NAME[canonical].columns, LINEAGE[3], *columns)


MARTS: tuple[Table, ...] = (
    _mart(
        "calendar",
        "A day, and the periods of the company's calendar that hold it.",
        ("day",),
        date("day", "The day.", required=True),
        text("week", "ISO week, 2026-W05.", required=True),
        text("month", "Month, 2026-03.", required=True),
        text("quarter", "Fiscal quarter, 2026-Q1.", required=True),
        text("year", "Fiscal year, 2026.", required=True),
    ),
    _mart(
        "stage_entry",
        "A deal's stay in a stage.",
        ("opportunity_id", "sequence"),
        ref("opportunity_id", "opportunity", "The deal.", required=True),
        integer("sequence", "1 for the first stage the deal was in.", required=True),
        text("stage", "The stage.", required=True),
        at("entered_at", "When the deal entered it.", required=True),
        at("left_at", "When it left; empty while it is there."),
        text("next_stage", "The stage it went to."),
        number("days", "Days in the stage, up to now while it is there."),
    ),
    _mart(
        "opportunity_day",
        "A deal's state from one day it changed to the next.",
        ("opportunity_id", "starts_on"),
        ref("opportunity_id", "opportunity", "The deal.", required=True),
        date("starts_on", "First day of this state.", required=True),
        date("ends_on", "First day of the next state; empty for the last."),
        text("stage", "Stage."),
        money("amount", "Amount in the deal's currency."),
        money("amount_converted", "Amount in the company's currency."),
        date("close_date", "Expected close date."),
        text("category", "Forecast category."),
        ref("owner_id", "member", "Owner."),
        ref("account_id", "account", "Customer."),
        boolean("is_open", "Neither won, lost nor deleted.", required=True),
        boolean("is_qualified", "Qualified pipeline.", required=True),
        boolean("is_won", "Won.", required=True),
    ),
    _mart(
        "facts_opportunity",
        "A deal with what is known about it.",
        ("id",),
        *_and(
            "opportunity",
            integer("contacts", "People with a buying role."),
            integer("meetings", "Meetings held."),
            integer("activities", "Activities by people, automated ones left out."),
            at("last_activity_at", "Last activity by a person."),
            integer("pushes", "Times the close date moved out."),
            number("days_in_stage", "Days in the current stage."),
            number("age_days", "Days since creation, up to closing."),
            number("days_to_close", "Days from creation to closing; empty while open."),
            boolean("is_marketing_sourced", "Has a primary campaign."),
            boolean("is_overdue", "Open with a close date in the past."),
        ),
    ),
    _mart(
        "facts_person",
        "A person with what is known about them.",
        ("id",),
        *_and(
            "person",
            text("segment", "Segment of their company."),
            integer("touches", "Touches."),
            at("first_touch_at", "First touch."),
            at("last_touch_at", "Last touch."),
            integer("attempts", "Outbound contact attempts by people."),
            integer("meetings", "Meetings held."),
            at("first_meeting_at", "First meeting."),
            at("first_response_at", "First response by a human after qualification."),
            number("response_minutes", "Minutes from qualification to the first human response; elapsed time."),
            at("first_opportunity_at", "When their first deal was created."),
            boolean("has_won", "On a deal that was won."),
            boolean("is_complete", "Email, company, country and source are all known."),
            boolean("is_duplicate", "Shares an email with an older person."),
        ),
    ),
    _mart(
        "facts_account",
        "A company with what is known about it.",
        ("id",),
        *_and(
            "account",
            at("first_touch_at", "First touch of anybody there."),
            at("first_won_at", "First deal won."),
            date("customer_since", "First day of the first paid contract."),
            at("first_paid_at", "First payment."),
            number("days_to_revenue", "Days from first touch to first payment."),
            money("mrr", "Monthly recurring revenue now, in the company's currency."),
            boolean("is_customer", "Has recurring revenue now."),
            integer("people", "People known there."),
            integer("open_opportunities", "Open deals."),
            at("last_activity_at", "Last activity by a person."),
            integer("active_people", "Distinct users, at most on one day of the last 30."),
            at("first_value_at", "First day of product use."),
            number("days_to_value", "Days from contract start to first product use."),
            at("onboarded_at", "When onboarding was completed."),
        ),
    ),
    _mart(
        "account_month",
        "A customer's recurring revenue in a month, and how it moved.",
        ("account_id", "month"),
        ref("account_id", "account", "The customer.", required=True),
        date("month", "First day of the month.", required=True),
        money("opening_mrr", "MRR at the start of the month, in the company's currency.", required=True),
        money("new_mrr", "From nothing ever before.", required=True),
        money("expansion_mrr", "Increase of an existing customer.", required=True),
        money("contraction_mrr", "Decrease of a customer who stays, positive.", required=True),
        money("churned_mrr", "Lost with the customer, positive.", required=True),
        money("reactivation_mrr", "From a customer who came back.", required=True),
        money("closing_mrr", "MRR at the end of the month.", required=True),
    ),
)
