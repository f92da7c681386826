"""The marts of handoffs: what was handed over, with which items, and what became of it."""

from fairlead.model.shape import Column, Table, at, boolean, integer, money, number, ref, text


def _mart(name: str, says: str, grain: tuple[str, ...], *columns: Column) -> Table:
    return Table("mart", name, says, grain, columns)


HANDOFFS: tuple[Table, ...] = (
    _mart(
        "handoff",
        "A person, deal or customer that was handed over, once each time.",
        ("handoff", "subject_id", "cycle"),
        text("handoff", "The handoff, as named in handoffs.yaml.", required=True),
        text("subject", "What was handed over: person, opportunity or account.", required=True),
        text("subject_id", "Its id.", required=True),
        integer("cycle", "1 for the first time, 2 after it came back.", required=True),
        ref("person_id", "person", "The person; of a deal its main contact."),
        ref("opportunity_id", "opportunity", "The deal; of a person the first that they are the main contact of."),
        ref("account_id", "account", "The company."),
        ref("giver_id", "member", "Who handed over: the owner of the deal or customer."),
        ref("taker_id", "member", "Who took over: whoever answered first, or the person's owner."),
        text("limit_name", "The time limit that applied."),
        at("triggered_at", "When it was handed over; empty where the agreement names no time."),
        at("responded_at", "When the receiver responded."),
        at("accepted_at", "When the next stage was entered."),
        at("returned_at", "When it was returned."),
        text("return_reason", "Why it was returned."),
        boolean("is_reason_agreed", "Whether that is one of the agreed reasons; empty when not returned."),
        integer("needed", "Items the receiver needs."),
        integer("seen", "Of those, items that a column of the record can show."),
        integer("provided", "Of those seen, items that are there."),
        number("completeness", "provided / seen, 0 to 1; empty when none can be seen."),
        text("missing", "Items seen to be missing, by name."),
        integer("working_seconds", "Seconds until the response, or so far, that count for its limit."),
        boolean("is_late", "Past its limit; empty while that is open."),
        boolean("is_accepted", "Accepted; empty while it is neither answered, late nor returned."),
        boolean("is_returned", "Returned.", required=True),
        boolean("is_converted", "It led to what the handoff is for; empty where the agreement does not say."),
        at("converted_at", "When."),
        money("value", "What that has brought so far, in the company's currency; 0 where nothing yet."),
        number("quality", "Mean of what is known of: completeness, in time, accepted, not returned; 0 to 1."),
    ),
    _mart(
        "handoff_item",
        "An item of a handoff that is needed or promised.",
        ("handoff", "subject_id", "cycle", "item"),
        text("handoff", "The handoff.", required=True),
        text("subject_id", "Id of what was handed over.", required=True),
        integer("cycle", "1 for the first time, 2 after it came back.", required=True),
        text("item", "The item, as named in handoffs.yaml.", required=True),
        boolean("is_needed", "The receiver needs it.", required=True),
        boolean("is_promised", "The giver has promised it.", required=True),
        boolean("is_there", "It is there; empty where no column of the record can show it."),
    ),
)
