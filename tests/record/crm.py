"""Rows of a small CRM and its billing as they are landed, and the stages that read them."""

from datetime import UTC, datetime

from tests.record.lakes import Built, stage

JANUARY = datetime(2026, 1, 10, 15, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 10, 15, tzinfo=UTC)

ACCOUNT = stage("account", {"name": "name", "domain": "domain", "created_at": "created"}, keys="'domain:' || domain")
DEAL = stage(
    "opportunity",
    {
        "account_id": "'crm:' || account",
        "stage": "stage",
        "amount": "amount",
        "currency": "currency",
        "close_date": "closes",
        "owner_id": "'crm:' || owner",
        "created_at": "created",
        "is_won": "stage = 'closed_won'",
        "is_closed": "stage IN ('closed_won', 'closed_lost')",
    },
)


def account(key: str, **more: str | None) -> dict[str, str | None]:
    return {"key": key, "name": f"Account {key}", "domain": f"{key}.example", "created": "2025-01-01", **more}


def deal(key: str, **more: str | None) -> dict[str, str | None]:
    plain = {
        "account": "a",
        "stage": "discovery",
        "amount": "100.00",
        "currency": "USD",
        "created": "2025-06-01 12:00:00+00",
    }
    return {"key": key, **plain, "closes": "2026-04-01", "owner": None, **more}


HISTORY = stage(
    "change",
    {
        "entity": "'opportunity'",
        "entity_id": "'crm:' || deal",
        "field": "field",
        "old": "was",
        "new": "now",
        "at": "moment",
    },
    raw="history",
)


def move(key: str, moment: str, was: str | None, now: str | None, field: str = "stage") -> dict[str, str | None]:
    return {"key": key, "deal": "1", "field": field, "was": was, "now": now, "moment": f"{moment} 12:00:00+00"}


RATE = stage("rate", {"currency": "currency", "starts_on": "starts", "rate": "rate"})
LINE = stage(
    "contract_line",
    {"account_id": "'crm:' || account", "starts_on": "starts", "ends_on": "ends", "billing_interval": "per",
     "billing_interval_count": "times", "quantity": "seats", "amount": "amount", "status": "status"},
    raw="line",
)  # fmt: skip


def line(key: str, **more: str | None) -> dict[str, str | None]:
    plain = {"account": "a", "starts": "2025-01-15", "ends": None, "per": "month", "times": "1", "amount": "100"}
    return {"key": key, **plain, "seats": "1", "status": "active", **more}


def reasons(built: Built) -> dict[str, str]:
    rows = built.rows("SELECT source_id, reason || ': ' || detail AS why FROM quality.set_aside")
    return {str(row["source_id"]): str(row["why"]) for row in rows}
