"""Every derived column of the facts tables, against loops over the record of a small demo company.

The loops share nothing with the SQL but the record they start from, and the words in which docs/tables.md says what
each column is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fairlead.record.engine import Reader
from fairlead.values import Query
from tests.demo.conftest import Running

ZONE = ZoneInfo("America/New_York")
AS_OF = date(2026, 10, 31)
Row = Mapping[str, Any]


class Record:
    """The record's rows, read once a table; rows deleted in their source left out unless asked for."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.known: dict[str, list[Row]] = {}

    def every(self, table: str) -> list[Row]:
        if table not in self.known:
            self.known[table] = self.reader.rows(Query("rows", f"FROM {table}")).to_pylist()
        return self.known[table]

    def alive(self, table: str) -> Iterator[Row]:
        return (row for row in self.every(f"record.{table}") if row["deleted_at"] is None)

    def by(self, table: str, column: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.alive(table):
            if row[column] is not None:
                found[row[column]].append(row)
        return found


@pytest.fixture(scope="module")
def record(running: Running) -> Iterator[Record]:
    reader = Reader(running.workspace.lake.builds / running.build.build)
    yield Record(reader)
    reader.close()


def day(moment: datetime | None) -> date | None:
    return moment.astimezone(ZONE).date() if moment else None


def days_between(first: date | None, last: date | None) -> float | None:
    return float((last - first).days) if first and last else None


def first(moments: Iterable[Any]) -> Any:
    return min((m for m in moments if m is not None), default=None)


def last(moments: Iterable[Any]) -> Any:
    return max((m for m in moments if m is not None), default=None)


def happened(activities: Iterable[Row]) -> list[Row]:
    """By people, and not still to come."""
    return [a for a in activities if not a["automated"] and (day(a["at"]) or AS_OF) <= AS_OF]


def assert_columns(record: Record, table: str, expected: Mapping[str, Row]) -> None:
    found = {row["id"]: row for row in record.every(f"mart.{table}")}
    assert found.keys() == expected.keys()
    for key, columns in expected.items():
        for name, value in columns.items():
            said = found[key][name]
            said = said.timestamp() if isinstance(said, datetime) else said
            right = value.timestamp() if isinstance(value, datetime) else value
            assert said == (pytest.approx(right) if isinstance(right, float) else right), (key, name)
    names = next(iter(expected.values()))
    for name in names:  # a column that is always the same proves little
        assert len({str(found[key][name]) for key in expected}) > 1, name


def test_facts_of_deals(record: Record) -> None:
    roles, acts = record.by("buying_role", "opportunity_id"), record.by("activity", "opportunity_id")
    stays: dict[str, list[Row]] = defaultdict(list)
    for stay in record.every("mart.stage_entry"):
        stays[stay["opportunity_id"]].append(stay)
    pushes: dict[str, int] = defaultdict(int)
    for change in record.every("record.change"):
        if (change["entity"], change["field"]) == ("opportunity", "close_date") and change["old"] and change["new"]:
            pushes[change["entity_id"]] += date.fromisoformat(change["new"]) > date.fromisoformat(change["old"])
    expected = {}
    for deal in record.every("record.opportunity"):
        done = happened(acts[deal["id"]])
        created, closed = day(deal["created_at"]), day(deal["closed_at"])
        in_order = sorted(stays[deal["id"]], key=lambda stay: stay["sequence"])
        qualified = first(s["entered_at"] for s in in_order if s["stage"] in QUALIFIED)
        expected[deal["id"]] = {
            "contacts": len({role["person_id"] for role in roles[deal["id"]]}),
            "meetings": sum(a["kind"] == "meeting" for a in done),
            "activities": len(done),
            "last_activity_at": last(a["at"] for a in done),
            "pushes": pushes[deal["id"]],
            "qualified_at": deal["qualified_at"] or qualified,
            "days_in_stage": None if deal["is_closed"] else days_between(day(in_order[-1]["entered_at"]), AS_OF),
            "age_days": days_between(created, closed or AS_OF),
            "days_to_close": days_between(created, closed),
            "is_marketing_sourced": deal["campaign_id"] is not None,
            "is_overdue": bool(
                not deal["is_closed"] and not deal["deleted_at"] and deal["close_date"] and deal["close_date"] < AS_OF
            ),
        }
    assert_columns(record, "facts_opportunity", expected)


QUALIFIED = ("qualification", "evaluation", "proposal", "negotiation", "closed_won")


def test_facts_of_people(record: Record) -> None:
    touches, acts = record.by("touch", "person_id"), record.by("activity", "person_id")
    roles = record.by("buying_role", "person_id")
    deals = {deal["id"]: deal for deal in record.alive("opportunity")}
    accounts = {account["id"]: account for account in record.every("record.account")}
    oldest: dict[str, Row] = {}
    for person in sorted(record.alive("person"), key=lambda p: (p["created_at"], p["id"])):
        if person["email"]:
            oldest.setdefault(person["email"].lower(), person)
    expected = {}
    for person in record.every("record.person"):
        done, met = happened(acts[person["id"]]), [t["at"] for t in touches[person["id"]]]
        out = [a for a in done if a["direction"] == "outbound"]
        answered = first(a["at"] for a in out if person["mql_at"] and a["at"] >= person["mql_at"])
        own = [deals[r["opportunity_id"]] for r in roles[person["id"]] if r["opportunity_id"] in deals]
        twin = oldest.get((person["email"] or "").lower())
        expected[person["id"]] = {
            "segment": accounts[person["account_id"]]["segment"] if person["account_id"] else None,
            "touches": len(met),
            "first_touch_at": first(met),
            "last_touch_at": last(met),
            "attempts": sum(a["kind"] != "meeting" for a in out),
            "meetings": sum(a["kind"] == "meeting" for a in done),
            "first_meeting_at": first(a["at"] for a in done if a["kind"] == "meeting"),
            "first_response_at": answered,
            "response_minutes": (answered - person["mql_at"]).total_seconds() / 60 if answered else None,
            "first_opportunity_at": first(deal["created_at"] for deal in own),
            "has_won": any(deal["is_won"] for deal in own),
            "is_complete": all(person[c] is not None for c in ("email", "account_id", "country", "source")),
            "is_duplicate": bool(twin and not person["deleted_at"] and twin["id"] != person["id"]),
        }
    assert_columns(record, "facts_person", expected)


def paid_from(lines: Iterable[Row], day: date) -> date | None:
    """The first day from `day` on, and not to come, on which some line was paid for; looked for day by day."""
    spans = [(line["starts_on"], line["ends_on"] or AS_OF + timedelta(days=1)) for line in lines if line["mrr"] > 0]
    while day <= AS_OF:
        if any(start <= day < end for start, end in spans):
            return day
        day += timedelta(days=1)
    return None


def last_stay(lines: Iterable[Row]) -> date | None:
    """The day on which whoever pays now, or paid last, began to without a day in between."""
    spans = sorted(
        (x["starts_on"], x["ends_on"] or date.max) for x in lines if x["mrr"] > 0 and x["starts_on"] <= AS_OF
    )
    began, until = None, date.min
    for start, end in spans:
        began = start if start > until else began
        until = max(until, end)
    return began


def test_facts_of_accounts(record: Record) -> None:
    people, acts = record.by("person", "account_id"), record.by("activity", "account_id")
    deals, lines = record.by("opportunity", "account_id"), record.by("contract_line", "account_id")
    usage, signals = record.by("usage", "account_id"), record.by("signal", "account_id")
    persons = {person["id"]: person for person in record.every("record.person")}
    invoices = {invoice["id"]: invoice for invoice in record.every("record.invoice")}
    touched, paid = defaultdict(list), defaultdict(list)
    for touch in record.alive("touch"):
        touched[touch["account_id"] or persons[touch["person_id"]]["account_id"]].append(touch["at"])
    for payment in record.alive("payment"):
        if payment["kind"] == "payment" and payment["status"] in (None, "succeeded"):
            payer = payment["account_id"] or invoices.get(payment["invoice_id"], {}).get("account_id")
            paid[payer].append(payment["at"])
    expected = {}
    for account in record.every("record.account"):
        key = account["id"]
        now = [x for x in lines[key] if x["starts_on"] <= AS_OF and (x["ends_on"] is None or x["ends_on"] > AS_OF)]
        mrr = sum((x["mrr_converted"] for x in now), Decimal(0))
        since = first(x["starts_on"] for x in lines[key] if x["mrr"] > 0)
        again = last_stay(lines[key])
        used = first(u["day"] for u in usage[key] if u["events"] or u["people"])
        month = [u["people"] for u in usage[key] if AS_OF - timedelta(days=30) < u["day"] <= AS_OF]
        expected[key] = {
            "first_touch_at": first(touched[key]),
            "first_won_at": first(deal["closed_at"] for deal in deals[key] if deal["is_won"]),
            "customer_since": since,
            "renewal_since": paid_from(lines[key], again + timedelta(days=245)) if again else None,
            "first_paid_at": first(paid[key]),
            "days_to_revenue": days_between(day(first(touched[key])), day(first(paid[key]))),
            "mrr": mrr,
            "is_customer": mrr > 0,
            "people": len(people[key]),
            "open_opportunities": sum(not deal["is_closed"] for deal in deals[key]),
            "last_activity_at": last(a["at"] for a in happened(acts[key])),
            "active_people": last(month) or 0,
            "first_value_on": used,
            "days_to_value": days_between(since, used) if since and used and used >= since else None,
            "onboarded_at": first(s["resolved_at"] for s in signals[key] if s["kind"] == "onboarding"),
        }
    assert_columns(record, "facts_account", expected)
