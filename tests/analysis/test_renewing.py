"""Renewals that are open: each sign of risk by hand, and the checkpoints against a day-by-day replay."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.renewing import renewal_watch
from fairlead.model.renewing import RenewalWatch
from fairlead.model.revenue import Revenue
from fairlead.model.whole import Model
from fairlead.record.engine import connect
from fairlead.record.models import in_order
from tests.analysis.flows import table

AS_OF = date(2026, 10, 31)
Row = dict[str, Any]


def noon(days_ago: int) -> datetime:
    return datetime.combine(AS_OF - timedelta(days_ago), time(12), UTC)


def run(watch: RenewalWatch = RenewalWatch(), **given: Sequence[Row]) -> dict[str, list[Row]]:  # noqa: B008 - frozen
    """mart.renewal_watch and mart.renewal_checkpoint of these rows."""
    connection = connect(threads=1)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"CREATE TABLE build.clock AS SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone")
    accounts = [{"id": row["account_id"], "owner_id": "olga"} for row in given["renewal"]]
    for name in ("renewal", "account", "activity", "usage", "signal", "invoice"):
        table(connection, name, accounts if name == "account" else given.get(name, ()))
    for step, sql in in_order({q.name: q.sql for q in renewal_watch(Model(revenue=Revenue(watch=watch)))}).items():
        connection.execute(f"CREATE TABLE {step} AS {sql}")
    found = {
        name: connection.sql(f"SELECT * FROM mart.{name} ORDER BY ALL").to_arrow_table().to_pylist()
        for name in ("renewal_watch", "renewal_checkpoint")
    }
    connection.close()
    return found


def due(account: str, days: int, outcome: str = "open") -> Row:
    return {"account_id": account, "due_on": AS_OF + timedelta(days), "mrr_due": Decimal(100), "outcome": outcome,
            "line_count": 1, "mrr_renewed": Decimal(0), "mrr_upsell": Decimal(0)}  # fmt: skip


def met(account: str, days_ago: int, **other: Any) -> Row:
    return {"id": f"{account}{days_ago}", "account_id": account, "kind": "call", "at": noon(days_ago), **other}


def used(account: str, days_ago: int, events: int) -> Row:
    return {"account_id": account, "day": AS_OF - timedelta(days_ago), "events": events}


def test_every_sign_of_risk_is_told_apart() -> None:
    names = ("well", "down", "same", "silent", "robot", "ticket", "solved", "owing", "unhappy", "happy again", "late")
    asked = [{"id": f"t {who}", "account_id": who, "kind": "ticket", "at": noon(9),
              "resolved_at": noon(1) if who == "solved" else None} for who in ("ticket", "solved")]  # fmt: skip
    said = [
        {"id": f"{who} {ago}", "account_id": who, "kind": "nps", "score": score, "at": noon(ago)}
        for who, score, ago in (("unhappy", 9, 90), ("unhappy", 3, 9), ("happy again", 3, 90), ("happy again", 9, 9))
    ]
    owed = [{"id": "i", "account_id": "owing", "amount_converted": Decimal("12.50"), "status": "open",
             "due_at": noon(1)},
            {"id": "j", "account_id": "well", "amount_converted": Decimal(5), "status": "open", "due_at": noon(-1)},
            {"id": "k", "account_id": "well", "amount_converted": Decimal(5), "status": "paid", "due_at": noon(9),
             "paid_at": noon(8)},
            {"id": "l", "account_id": "late", "amount_converted": Decimal(5), "status": "paid", "due_at": noon(9),
             "paid_at": noon(-8)}]  # fmt: skip
    activity = [met(who, 5) for who in names if who not in ("silent", "robot")]
    activity += [met("silent", 61), met("robot", 2, automated=True)]
    use = [used(who, ago, 100) for who in names if who != "down" for ago in (5, 40, 70, 100)]
    use += [used("down", 5, 69), *(used("down", ago, 100) for ago in (40, 70, 100))]
    found = run(renewal=[due(who, 100) for who in names], activity=activity, usage=use, signal=[*asked, *said],
                invoice=owed)["renewal_watch"]  # fmt: skip
    assert {row["account_id"]: row["says"] for row in found} == {
        "well": None, "down": "use is down", "same": None, "silent": "no contact", "robot": "no contact",
        "ticket": "open tickets", "solved": None, "owing": "past due", "unhappy": "a low answer", "happy again": None,
        "late": "past due",
    }  # fmt: skip
    assert {row["account_id"] for row in found if row["signs"]} == {row["account_id"] for row in found if row["says"]}
    assert not any(row["is_at_risk"] for row in found)
    owing = next(row for row in found if row["account_id"] == "owing")
    assert (owing["past_due"], owing["owner_id"], owing["days_left"]) == (Decimal("12.50"), "olga", 100)
    down = next(row for row in found if row["account_id"] == "down")
    assert (down["usage_now"], down["usage_before"]) == (69, 100)


def test_at_risk_from_as_many_signs_as_the_model_says() -> None:
    given: dict[str, Any] = {
        "renewal": [due("a", 10)],
        "signal": [{"id": "t", "account_id": "a", "kind": "ticket", "at": noon(3)}],
    }
    (two,) = run(**given)["renewal_watch"]
    assert (two["signs"], two["says"], two["is_at_risk"]) == (2, "no contact, open tickets", True)
    (three,) = run(RenewalWatch(at_risk_from=3), **given)["renewal_watch"]
    assert not three["is_at_risk"]


def test_what_is_settled_is_watched_no_more() -> None:
    found = run(renewal=[due("a", 10), due("b", -10, "renewed"), due("c", 30, "lost")])
    assert [row["account_id"] for row in found["renewal_watch"]] == ["a"]
    assert {row["account_id"] for row in found["renewal_checkpoint"]} == {"a"}


@settings(max_examples=15)
@given(st.integers(0, 10**9))
def test_checkpoints_are_what_walking_through_the_days_gives(seed: int) -> None:
    dice = random.Random(seed)
    renewal = [due(f"a{n}", dice.randint(-20, 220)) for n in range(8)]
    activity = [met(f"a{dice.randint(0, 7)}", dice.randint(-5, 220), automated=dice.choice([None, False, True]))
                for _ in range(12)]  # fmt: skip
    for place, one in enumerate(activity):
        one["id"] = f"v{place}"
    found = run(renewal=renewal, activity=activity)
    told = {(row["account_id"], row["days_before"]): row["state"] for row in found["renewal_checkpoint"]}
    for one in renewal:
        days = {v["at"].date() for v in activity if v["account_id"] == one["account_id"] and not v["automated"]}
        wanted: dict[int, str] = {}
        for point, after in ((180, 90), (90, 60), (60, 30), (30, 0)):
            inside = [one["due_on"] - timedelta(n) for n in range(point, after, -1)]
            passed = [day for day in inside if day <= AS_OF]
            spoken = any(day in days for day in passed)
            is_over = one["due_on"] - timedelta(after) <= AS_OF
            wanted[point] = "ahead" if not passed else "kept" if spoken else "missed" if is_over else "due"
        assert {point: told[one["account_id"], point] for point in wanted} == wanted
        (watch,) = [row for row in found["renewal_watch"] if row["account_id"] == one["account_id"]]
        assert watch["missed"] == list(wanted.values()).count("missed")
        assert watch["is_checkpoint_due"] == ("due" in wanted.values())
        come = [point for point, state in wanted.items() if state != "ahead"]
        assert watch["checkpoint"] == (min(come) if come else None)
