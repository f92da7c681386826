"""Stays in stages and states by day, against a replay of random histories in plain Python.

The replay shares nothing with the SQL: it walks each deal's changes one after the other, and asks for the state
of a day by looking at every change up to it. The histories are as bad as real ones: reopened deals, steps back,
skipped stages, several changes on a day and in an instant, changes before creation, history that contradicts what
the deal says now, currencies with several rates.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from fairlead.record.lake import Lake
from tests.record.lakes import NOW, PIPELINE, Built, land, made, recipe, stage

ZONE = ZoneInfo("America/New_York")
AS_OF = date(2026, 3, 1)
ORDER = {s.name: s.position for s in PIPELINE}
WON, LOST = {"closed_won"}, {"closed_lost"}
STAGES = [*ORDER, "legacy"]  # the last is in no pipeline
RATES = [(date(2025, 3, 1), Decimal("1.10")), (date(2025, 9, 1), Decimal("1.2051")), (date(2026, 2, 1), Decimal("1.3"))]
CHECKED = ("stage", "amount", "close_date", "category", "owner_id", "is_open", "is_qualified")
CLOSED = "('closed_won', 'closed_lost', 'signed')"

ACCOUNT = stage("account", {"name": "name"})
MEMBER = stage("member", {"name": "name"})
RATE = stage("rate", {"currency": "currency", "starts_on": "starts", "rate": "rate"})
DEAL = stage(
    "opportunity",
    {"account_id": "'crm:a'", "stage": "stage", "amount": "amount", "currency": "currency", "close_date": "closes",
     "category": "category", "owner_id": "'crm:' || owner", "created_at": "created", "closed_at": "closed",
     "qualified_at": "qualified", "is_won": f"stage IN {CLOSED} AND stage <> 'closed_lost'",
     "is_closed": f"stage IN {CLOSED}"},
)  # fmt: skip
HISTORY = stage(
    "change",
    {"entity": "'opportunity'", "entity_id": "'crm:' || deal", "field": "field", "old": "was", "new": "now",
     "at": "moment"},
    raw="history",
)  # fmt: skip


class Change(NamedTuple):
    """A change as the source tells it; `key` orders those of one instant."""

    at: datetime
    key: str
    field: str
    old: str | None
    new: str | None


class Deal(NamedTuple):
    key: str
    now: dict[str, str | None]
    created: datetime | None
    closed: datetime | None
    deleted: datetime | None
    qualified: datetime | None
    changes: tuple[Change, ...]

    @property
    def is_closed(self) -> bool:
        return self.now["stage"] in {*WON, *LOST, "signed"}


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def drawn(chance: random.Random, n: int) -> Deal:
    """A deal and a history that may or may not lead to it."""

    def moment(first: int = 0, last: int = 410) -> datetime:
        return datetime(2025, 1, 5, 3, tzinfo=UTC) + timedelta(
            days=chance.randint(first, last), minutes=chance.choice([0, 0, 90, 60 * 23])
        )  # fmt: skip

    created = moment(0, 200) if chance.random() < 0.9 else None
    values: dict[str, list[str | None]] = {
        "stage": [*STAGES, "closed_won"], "amount": ["100.00", "250.55", "0.00", "-80.10", "99999999999.99", None],
        "close_date": ["2025-05-01", "2026-01-31", None], "category": ["commit", "best_case", None],
        "owner_id": ["u1", "u2"],
    }  # fmt: skip
    now = {field: chance.choice(some) for field, some in values.items()}
    now["stage"] = chance.choice([*ORDER, "signed", "closed_won"])
    columns = chance.random() < 0.3  # a history kept as one date a stage: it does not say from where
    changes: list[Change] = []
    instants = [moment() for _ in range(3)]
    for field, some in values.items():
        was = chance.choice(some)
        for step in range(chance.choice([0, 0, 1, 2, 4])):
            new = chance.choice(some)
            at = chance.choice(instants) if chance.random() < 0.5 else moment()
            key = f"{n:03}-{field}-{step}"
            if columns and field == "stage":
                if new not in {c.new for c in changes} and new in ORDER:
                    changes.append(Change(at, f"{n:03}-{new}", field, None, new))
            elif new != was or chance.random() < 0.1:
                changes.append(Change(at, key, field, was if chance.random() < 0.9 else chance.choice(some), new))
                was = new
    if changes and chance.random() < 0.5:
        now["stage"] = next((c.new for c in in_order(changes, "stage")[::-1]), now["stage"]) or "proposal"
    closed = moment(100) if chance.random() < 0.6 else None
    deleted = NOW if chance.random() < 0.1 else None
    return Deal(f"d{n}", now, created, closed, deleted, moment(50) if chance.random() < 0.3 else None, tuple(changes))


def in_order(changes: Sequence[Change], field: str) -> list[Change]:
    """By time; in one instant, steps that do not say from where go forward through the pipeline, others by id."""
    return sorted(
        (c for c in changes if c.field == field),
        key=lambda c: (c.at, ORDER.get(c.new or "", 0) if field == "stage" and c.old is None else 9, c.key),
    )


def told(deal: Deal, field: str) -> list[Change]:
    """A field's changes in order; a closed deal whose history never closes it closes last of all."""
    found = in_order(deal.changes, field)
    closed = closed_at(deal)
    if field == "stage" and closed and (not found or found[-1].new != deal.now["stage"]):
        last = found[-1] if found else None
        found.append(Change(max(closed, last.at) if last else closed, "~", field, last and last.new, deal.now["stage"]))
    return found


def closed_at(deal: Deal) -> datetime | None:
    if not deal.is_closed:
        return None
    if deal.closed or not deal.now["close_date"]:
        return deal.closed
    return datetime.combine(date.fromisoformat(deal.now["close_date"]), datetime.min.time(), ZONE)


def value_on(deal: Deal, field: str, day: date) -> str | None:
    changes = told(deal, field)
    by_then = [c for c in changes if day_of(c.at) <= day]
    if by_then:
        return by_then[-1].new
    return changes[0].old if changes else deal.now[field]


def qualified_on(deal: Deal) -> date | None:
    if deal.qualified:
        return day_of(deal.qualified)
    return min((entered for stage, entered in entries(deal) if stage in ("proposal", "closed_won")), default=None)


def entries(deal: Deal) -> Iterator[tuple[str, date]]:
    for stay in stays(deal):
        yield stay[0], day_of(stay[1])


def stays(deal: Deal) -> list[tuple[str, datetime, float | None]]:
    """(stage, entered, days) of every stay: a walk over the changes that leaves out those that change nothing."""
    changes = told(deal, "stage")
    first = changes[0].old if changes else deal.now["stage"]
    start = min([m for m in (deal.created, changes[0].at if changes else None) if m], default=None)
    walk: list[tuple[str, datetime, bool]] = []
    if first and start:
        walk.append((first, start, deal.created == start))
    for change in changes:
        if change.new and (not walk or walk[-1][0] != change.new):
            walk.append((change.new, change.at, True))
    found: list[tuple[str, datetime, float | None]] = []
    for n, (name, entered, is_dated) in enumerate(walk):
        left = day_of(walk[n + 1][1]) if n + 1 < len(walk) else AS_OF if name not in WON | LOST else None
        found.append((name, entered, float((left - day_of(entered)).days) if left and is_dated else None))
    return found


def converted(deal: Deal, amount: Decimal | None, day: date) -> Decimal | None:
    if amount is None or amount == 0 or deal.now["currency"] == "USD":
        return amount
    rate = max((r for r in RATES if r[0] <= day), default=None)
    return (amount * rate[1]).quantize(Decimal("0.01"), ROUND_HALF_UP) if rate else None


def is_closed_on(deal: Deal, day: date) -> bool:
    name = value_on(deal, "stage", day)
    closed = closed_at(deal)
    since = deal.is_closed and (closed is None or day >= day_of(closed))
    everything = [c for field in ("stage", "amount", "close_date", "category", "owner_id") for c in told(deal, field)]
    over = all(day_of(c.at) <= day for c in everything)
    over &= all(day >= day_of(m) for m in (deal.created, deal.deleted, closed) if m)
    over &= (qualified := qualified_on(deal)) is None or day >= qualified
    gone = deal.deleted is not None and day >= day_of(deal.deleted)
    return name in WON | LOST or (since and (over or name == deal.now["stage"])) or gone


@pytest.fixture(scope="module", params=[1, 2])
def simulated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Deal], Built]:
    chance = random.Random(request.param)
    deals = [drawn(chance, n) for n in range(250)]
    for deal in deals:
        deal.now["currency"] = chance.choice(["USD", "EUR"])
    lake = Lake(tmp_path_factory.mktemp("lake"))
    land(lake, "crm", "account", [{"key": "a", "name": "A"}])
    land(lake, "crm", "member", [{"key": u, "name": u} for u in ("u1", "u2")])
    rates: list[dict[str, str | None]] = [
        {"key": str(n), "currency": "EUR", "starts": str(day), "rate": str(rate)} for n, (day, rate) in enumerate(RATES)
    ]
    land(lake, "crm", "rate", rates)
    rows = {deal.key: row_of(deal) for deal in deals}
    gone = [rows[d.key] for d in deals if d.deleted]
    land(lake, "crm", "opportunity", list(rows.values()), NOW - timedelta(days=30))
    land(lake, "crm", "opportunity", [], NOW, gone=gone)
    history: list[dict[str, str | None]] = [
        {"key": c.key, "deal": d.key, "field": c.field, "was": c.old, "now": c.new, "moment": c.at.isoformat()}
        for d in deals for c in d.changes
    ]  # fmt: skip
    chance.shuffle(history)
    land(lake, "crm", "history", history)
    built = made(lake, recipe(RATE, MEMBER, ACCOUNT, DEAL, HISTORY, as_of=AS_OF))
    aside = set(map(str, built.column("SELECT source_id FROM quality.set_aside")))
    kept = [d for d in deals if d.key not in aside]
    assert len(kept) > 200
    return kept, built


def row_of(deal: Deal) -> dict[str, str | None]:
    def said(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    now = deal.now
    return {
        "key": deal.key, "stage": now["stage"], "amount": now["amount"], "currency": now["currency"],
        "closes": now["close_date"], "category": now["category"], "owner": now["owner_id"],
        "created": said(deal.created), "closed": said(deal.closed), "qualified": said(deal.qualified),
    }  # fmt: skip


def test_e39_e40_e41_stays_in_stages_are_what_a_replay_gives(simulated: tuple[list[Deal], Built]) -> None:
    deals, built = simulated
    found: dict[str, list[tuple[object, ...]]] = {d.key: [] for d in deals}
    sql = "SELECT *, opportunity_id[5:] AS key FROM mart.stage_entry"
    for row in built.rows(f"{sql} ORDER BY opportunity_id, sequence"):
        assert row["sequence"] == len(found[row["key"]]) + 1
        found[row["key"]].append((row["stage"], row["entered_at"], row["days"], row["left_at"], row["next_stage"]))
    for deal in deals:
        walked = stays(deal)
        gone = deal.deleted if walked and walked[-1][0] not in WON | LOST else None
        after = [*((entered, name) for name, entered, _ in walked[1:]), (gone, None)][: len(walked)]
        assert found[deal.key] == [(*stay, *then) for stay, then in zip(walked, after, strict=True)], deal


def test_e39_e45_e48_e56_states_by_day_are_what_a_replay_gives(simulated: tuple[list[Deal], Built]) -> None:
    deals, built = simulated
    found: dict[str, list[dict[str, object]]] = {d.key: [] for d in deals}
    for row in built.rows(
        "SELECT *, opportunity_id[5:] AS key FROM mart.opportunity_day ORDER BY opportunity_id, starts_on"
    ):
        found[str(row["key"])].append(row)
    for deal in deals:
        states = found[deal.key]
        assert all(a["ends_on"] == b["starts_on"] for a, b in pairwise(states))
        assert not states or states[-1]["ends_on"] is None
        for state in states:
            first = state["starts_on"]
            last = state["ends_on"] or AS_OF + timedelta(days=9)
            assert isinstance(first, date)
            assert isinstance(last, date)
            for day in (first, last - timedelta(days=1)):
                amount = value_on(deal, "amount", day)
                closes, qualified = value_on(deal, "close_date", day), qualified_on(deal)
                assert {name: state[name] for name in CHECKED} == {
                    "stage": value_on(deal, "stage", day),
                    "amount": Decimal(amount) if amount else None,
                    "close_date": date.fromisoformat(closes) if closes else None,
                    "category": value_on(deal, "category", day),
                    "owner_id": f"crm:{value_on(deal, 'owner_id', day)}",
                    "is_open": not is_closed_on(deal, day),
                    "is_qualified": qualified is not None and qualified <= day,
                }, (deal, day)  # fmt: skip
            assert state["amount_converted"] == converted(deal, Decimal(amount) if amount else None, first), deal


def test_a_deal_that_is_closed_now_is_not_open_today(simulated: tuple[list[Deal], Built]) -> None:
    deals, built = simulated
    open_now = set(
        built.column("SELECT opportunity_id[5:] FROM mart.opportunity_day WHERE is_open AND ends_on IS NULL")
    )
    assert not open_now & {d.key for d in deals if d.is_closed}
