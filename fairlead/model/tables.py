"""The record's shape: every canonical table and mart, its grain, its columns and what they refer to.

The SQL under `record/sql/` produces these tables and the contract holds it to them; predicates, measures
and mappings may name these columns and no others.

Every canonical table also carries the lineage columns of `LINEAGE`. For every timestamp column the build
adds its day in the company's timezone (`created_at` gives `created_on`, `at` gives `day`), so that
periods are cut once and in one place.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Kind(StrEnum):
    """What a column holds. Money is DECIMAL(18,2); a timestamp is an instant, a date a day without a zone."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"

    @property
    def sql(self) -> str:
        """The DuckDB type."""
        return SQL_TYPES[self]


SQL_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TEXT: "VARCHAR",
        Kind.INTEGER: "BIGINT",
        Kind.NUMBER: "DOUBLE",
        Kind.MONEY: "DECIMAL(18,2)",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.DATE: "DATE",
        Kind.TIMESTAMP: "TIMESTAMPTZ",
    }
)


class Column(NamedTuple):
    """One column. `refers` names the table whose `id` it holds.

    `required`: a row without it is set aside. `strict` (only with `refers`): a row whose reference finds
    nobody is set aside; without it the row is kept, the reference is emptied and counted as broken.
    `derived`: computed by the record's SQL, never mapped from a source.
    """

    name: str
    kind: Kind
    says: str
    required: bool = False
    refers: str | None = None
    strict: bool = False
    derived: bool = False


class Table(NamedTuple):
    """One table: `schema` is record or mart, `grain` the columns that identify a row."""

    schema: str
    name: str
    says: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns as built: declared, lineage (canonical tables only), and the days of timestamps."""
        carried = self.columns + (LINEAGE if self.schema == "record" else ())
        return carried + tuple(
            Column(day_name(c.name), Kind.DATE, f"Day of {c.name} in the company's timezone.", derived=True)
            for c in carried
            if c.kind is Kind.TIMESTAMP and c not in LINEAGE
        )

    def column(self, name: str) -> Column | None:
        """The column of that name as built, or None."""
        return next((c for c in self.all_columns if c.name == name), None)


def day_name(timestamp: str) -> str:
    """The name of the company-day column that goes with a timestamp column.

    >>> day_name("created_at"), day_name("at")
    ('created_on', 'day')
    """
    return "day" if timestamp == "at" else f"{timestamp.removesuffix('_at')}_on"


def text(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.TEXT, says, required=required, derived=derived)


def money(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.MONEY, says, required=required, derived=derived)


def integer(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.INTEGER, says, required=required, derived=derived)


def number(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.NUMBER, says, required=required, derived=derived)


def boolean(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.BOOLEAN, says, required=required, derived=derived)


def date(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.DATE, says, required=required, derived=derived)


def at(name: str, says: str, *, required: bool = False, derived: bool = False) -> Column:
    return Column(name, Kind.TIMESTAMP, says, required=required, derived=derived)


def ref(name: str, refers: str, says: str, *, required: bool = False, strict: bool = False) -> Column:
    return Column(name, Kind.TEXT, says, required=required, refers=refers, strict=strict)


LINEAGE: tuple[Column, ...] = (
    text("source_system", "The source this row came from, as named in fairlead.yaml.", derived=True),
    text("source_id", "The row's own key in that source.", derived=True),
    at("seen_at", "When we learnt this version of the row.", derived=True),
    at("deleted_at", "When the row was first missing from a full export, or deleted in the source.", derived=True),
)

ID = text("id", "Canonical id: source and key of the source record that leads.", required=True, derived=True)
CONVERTED = money("amount_converted", "Amount in the company's currency at the dated rate.", derived=True)


def _canonical(name: str, says: str, *columns: Column, grain: tuple[str, ...] = ("id",)) -> Table:
    return Table("record", name, says, grain, (ID, *columns))


CANONICAL: tuple[Table, ...] = (
    _canonical(
        "member",
        "A colleague.",
        text("name", "Full name.", required=True),
        text("email", "Work email, lower case."),
        text("function", "Marketing, sales, customer success, finance, revops, product."),
        text("role", "Job role."),
        text("team", "Team today; `membership` holds the history."),
        text("manager_name", "Manager's name, when that is all the source gives."),
        text("timezone", "IANA timezone."),
        text("calendar", "Working calendar, as named in calendars.yaml."),
        boolean("is_active", "False for leavers."),
        at("created_at", "When the colleague's user was created."),
    ),
    _canonical(
        "membership",
        "A colleague in a team under a manager, for a stretch of time.",
        ref("member_id", "member", "The colleague.", required=True, strict=True),
        ref("manager_id", "member", "Their manager."),
        text("team", "Team name."),
        date("starts_on", "First day."),
        date("ends_on", "First day after; empty while it lasts."),
    ),
    _canonical(
        "product",
        "A thing that is sold.",
        text("name", "Product name.", required=True),
        text("family", "Product family or series."),
        money("list_price", "List price in the company's currency."),
    ),
    _canonical(
        "rate",
        "One unit of a currency in the company's currency, from a day on.",
        text("currency", "ISO 4217 code.", required=True),
        date("starts_on", "First day the rate holds.", required=True),
        number("rate", "Company currency per unit.", required=True),
    ),
    _canonical(
        "account",
        "A company we sell to, might sell to, or sell through.",
        text("name", "Company name.", required=True),
        text("domain", "Web domain, lower case, without www."),
        ref("parent_id", "account", "Parent company."),
        text("segment", "Segment, as agreed in the model."),
        text("industry", "Industry."),
        text("country", "ISO 3166 alpha-2 code, or the name as given."),
        text("region", "Sales region."),
        integer("employees", "Number of employees."),
        ref("owner_id", "member", "Account owner."),
        at("created_at", "When the account was created in its source."),
    ),
    _canonical(
        "campaign",
        "A marketing campaign.",
        text("name", "Campaign name.", required=True),
        text("channel", "Marketing channel."),
        date("starts_on", "First day."),
        date("ends_on", "Last day."),
        money("budget", "Budget in the company's currency."),
    ),
    _canonical(
        "person",
        "A human being: lead or contact.",
        ref("account_id", "account", "Their company."),
        text("email", "Email, lower case."),
        text("name", "Full name."),
        text("title", "Job title."),
        text("persona", "Persona, as agreed in the model."),
        text("phone", "Phone number."),
        text("country", "Country."),
        text("source", "Lead source: the channel that first brought them."),
        text("consent", "Marketing consent status."),
        ref("campaign_id", "campaign", "Campaign that first brought them."),
        ref("owner_id", "member", "Lead or contact owner."),
        integer("fit_score", "Fit score, 0 to 100."),
        at("created_at", "When the person was created: the inquiry."),
        at("engaged_at", "When they became engaged."),
        at("mql_at", "When they became marketing qualified."),
        at("sal_at", "When sales accepted them."),
        at("sql_at", "When they became sales qualified."),
        at("recycled_at", "When sales last returned them to nurture."),
        text("recycle_reason", "Why sales returned them."),
    ),
    _canonical(
        "opportunity",
        "A deal, as it stands now.",
        ref("account_id", "account", "The customer.", strict=True),
        text("name", "Deal name."),
        text("kind", "new, expansion or renewal."),
        text("pipeline", "Pipeline."),
        text("stage", "Stage, as agreed in the model.", required=True),
        money("amount", "Amount in the deal's currency."),
        text("currency", "ISO 4217 code."),
        CONVERTED,
        date("close_date", "Expected close date; the actual one once closed."),
        text("category", "Forecast category set by a person."),
        ref("owner_id", "member", "Deal owner."),
        text("source", "Source of the deal."),
        ref("campaign_id", "campaign", "Primary campaign."),
        ref("partner_id", "account", "Partner who brought it."),
        ref("product_id", "product", "Main product."),
        text("next_step", "Next step, as written by a person."),
        at("created_at", "When the deal was created."),
        at("qualified_at", "When it became qualified pipeline."),
        at("closed_at", "When it was won or lost; empty while open."),
        boolean("is_won", "True once won.", required=True),
        boolean("is_closed", "True once won or lost.", required=True),
        text("lost_reason", "Why it was lost."),
    ),
    _canonical(
        "buying_role",
        "A person's part in a deal.",
        ref("opportunity_id", "opportunity", "The deal.", required=True, strict=True),
        ref("person_id", "person", "The person.", required=True, strict=True),
        text("role", "Decision maker, champion, evaluator, ..."),
        boolean("is_primary", "The deal's main contact."),
    ),
    _canonical(
        "change",
        "A field change, from the source's history or from differences between syncs.",
        text("entity", "Table the change is about.", required=True),
        text("entity_id", "Id of the row in that table.", required=True),
        text("field", "Canonical column that changed.", required=True),
        text("old", "Value before."),
        text("new", "Value after."),
        at("at", "When it changed.", required=True),
        ref("changed_by", "member", "Who changed it."),
    ),
    _canonical(
        "activity",
        "A call, email, meeting or task.",
        text("kind", "call, email, meeting, task or note.", required=True),
        text("direction", "inbound or outbound."),
        boolean("automated", "True for sequences and auto-replies."),
        ref("person_id", "person", "With whom."),
        ref("account_id", "account", "With which company."),
        ref("opportunity_id", "opportunity", "About which deal."),
        ref("member_id", "member", "By which colleague."),
        at("at", "When it happened.", required=True),
        at("logged_at", "When it was logged in the source."),
        text("outcome", "Outcome, as given by the source."),
    ),
    _canonical(
        "touch",
        "One person meeting one campaign or channel.",
        ref("person_id", "person", "Who.", required=True, strict=True),
        ref("account_id", "account", "Their company."),
        ref("campaign_id", "campaign", "Which campaign."),
        text("channel", "Channel."),
        text("kind", "form, visit, event, email_click, ..."),
        at("at", "When.", required=True),
    ),
    _canonical(
        "spend",
        "Money spent on a channel or campaign on a day.",
        date("day", "The day.", required=True),
        text("channel", "Channel."),
        ref("campaign_id", "campaign", "Campaign."),
        money("amount", "Amount in its currency.", required=True),
        text("currency", "ISO 4217 code."),
        CONVERTED,
    ),
    _canonical(
        "contract_line",
        "A recurring line for a term.",
        ref("account_id", "account", "The customer.", required=True, strict=True),
        ref("opportunity_id", "opportunity", "The deal that sold it."),
        ref("product_id", "product", "What is sold."),
        text("subscription", "Subscription or contract it belongs to."),
        date("starts_on", "First day of service.", required=True),
        date("ends_on", "First day without service; empty while it lasts."),
        text("billing_interval", "day, week, month or year.", required=True),
        integer("billing_interval_count", "Intervals per charge: 3 with month is quarterly."),
        number("quantity", "Seats or units."),
        money("amount", "Charge per interval, all units, before discount.", required=True),
        text("currency", "ISO 4217 code."),
        CONVERTED,
        money("discount", "Recurring discount per interval."),
        text("status", "Status, as given by the source."),
        date("trial_ends_on", "Last day of trial."),
        date("cancelled_on", "When cancellation was asked for."),
        money("mrr", "Monthly recurring revenue in its currency.", derived=True),
        money("mrr_converted", "Monthly recurring revenue in the company's currency.", derived=True),
    ),
    _canonical(
        "invoice",
        "An invoice.",
        ref("account_id", "account", "Who was billed.", required=True, strict=True),
        text("subscription", "Subscription it bills."),
        text("number", "Invoice number."),
        money("amount", "Amount before tax.", required=True),
        money("tax", "Tax."),
        text("currency", "ISO 4217 code."),
        CONVERTED,
        at("issued_at", "When it was issued."),
        at("due_at", "When it is due."),
        at("paid_at", "When it was paid in full."),
        text("status", "draft, open, paid, uncollectible or void."),
    ),
    _canonical(
        "payment",
        "A payment, refund or credit.",
        ref("invoice_id", "invoice", "The invoice."),
        ref("account_id", "account", "Who paid.", strict=True),
        text("kind", "payment, refund or credit.", required=True),
        money("amount", "Amount, positive.", required=True),
        text("currency", "ISO 4217 code."),
        CONVERTED,
        at("at", "When.", required=True),
        text("status", "succeeded, pending or failed."),
    ),
    _canonical(
        "usage",
        "Use of a feature by an account on a day.",
        ref("account_id", "account", "Who.", required=True, strict=True),
        text("feature", "Feature.", required=True),
        date("day", "The day.", required=True),
        integer("people", "Distinct users."),
        integer("events", "Events."),
    ),
    _canonical(
        "signal",
        "A survey answer, ticket or other health input.",
        ref("account_id", "account", "About whom.", required=True, strict=True),
        ref("person_id", "person", "From whom."),
        text("kind", "nps, csat, ticket, onboarding, ...", required=True),
        number("score", "Score, on the kind's own scale."),
        at("at", "When.", required=True),
        at("resolved_at", "When it was closed or completed."),
    ),
    _canonical(
        "ledger",
        "Finance's own figure for a month.",
        date("month", "First day of the month.", required=True),
        text("line", "revenue, cost_of_revenue, marketing_cost, sales_cost, headcount, cash_in, ...", required=True),
        text("segment", "Segment, or empty for the whole company."),
        money("amount", "Amount; a count for headcount.", required=True),
        text("currency", "ISO 4217 code."),
        CONVERTED,
    ),
)

CANONICAL_BY_NAME: Mapping[str, Table] = MappingProxyType({t.name: t for t in CANONICAL})

# Entities that several sources describe: their rows fold into one by identity.
FOLDED: tuple[str, ...] = ("member", "product", "account", "campaign", "person")


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

TABLES: Mapping[str, Table] = MappingProxyType({t.name: t for t in CANONICAL + MARTS})


class Reached(NamedTuple):
    """How a column is reached from a table: the references to follow (many to one, so rows never fan out)."""

    references: tuple[str, ...]
    table: Table
    column: Column


def reach(table: Table, name: str) -> Reached | None:
    """The column a dotted name means seen from `table`, or None.

    `segment` is the table's own column; `account.segment` follows `account_id`; `account.owner.team` follows
    two references.
    """
    *hops, last = name.split(".")
    here = table
    for hop in hops:
        link = here.column(f"{hop}_id") or here.column(hop)
        if link is None or link.refers is None:
            return None
        here = TABLES[link.refers]
    column = here.column(last)
    return None if column is None else Reached(tuple(hops), here, column)


def reachable(table: Table, depth: int = 2) -> tuple[str, ...]:
    """Every dotted name `reach` knows from `table`, own columns first, at most `depth` references deep."""
    own = tuple(c.name for c in table.all_columns)
    if depth == 0:
        return own
    joined = (
        f"{c.name.removesuffix('_id')}.{name}"
        for c in table.all_columns
        if c.refers is not None
        for name in reachable(TABLES[c.refers], depth - 1)
    )
    return (*own, *joined)
