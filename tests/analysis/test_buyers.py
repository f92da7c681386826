"""Who bought has left the stage of the qualified, also where their deal is older than what is known of themselves."""

from datetime import datetime
from random import Random
from typing import Any, NamedTuple

import pytest

from fairlead.analysis.funnel import Ask, Step, counted_at, counts
from fairlead.model.handoffs import Handoffs
from fairlead.model.lifecycle import Again, Skipped
from fairlead.model.load import STARTER, presets
from fairlead.model.whole import Model
from fairlead.record.engine import Connection
from fairlead.values import Period
from tests.analysis.flows import AS_OF, KNOWN, START, at, engine, entries, table

RECYCLING = Handoffs.model_validate(
    {"handoffs": {"mql": {"from": "marketing", "to": "sales", "recycling": {"to_stage": "marketing_qualified"}}}}
)
MODELS = {name: Model(lifecycle=one, handoffs=RECYCLING) for name, one in presets(STARTER).items()}
FIVE, FOUR, NINE = (MODELS[name] for name in ("five_stages", "four_stages", "nine_stages"))


def deal(key: str, opened: float, lasts: float | None, how: str) -> dict[str, Any]:
    """Hours after the beginning; `how` it ended: won, lost or deleted."""
    over = None if lasts is None else at(opened + lasts)
    is_closed = over is not None and how != "deleted"
    return {"id": key, "account_id": f"a{key}", "seen_at": KNOWN, "source_system": "crm", "created_at": at(opened),
            "closed_at": over if is_closed else None, "is_closed": is_closed, "is_won": is_closed and how == "won",
            "deleted_at": None if is_closed else over}  # fmt: skip


def person(key: str, **times: Any) -> dict[str, Any]:
    return {"id": key, "seen_at": KNOWN, **times}


def built(model: Model, people: list[dict[str, Any]], deals: list[dict[str, Any]], roles: Any) -> Connection:
    """Every deal has a company of its own, which is a customer from the day after it was won."""
    since = {one["account_id"]: one["closed_at"] for one in deals if one["is_won"] and one["closed_at"].date() < AS_OF}
    return engine(
        model, person=people, facts_person=people, opportunity=deals, facts_opportunity=deals,
        account=[{"id": one["account_id"], "seen_at": KNOWN} for one in deals],
        facts_account=[{"id": key, "customer_since": moment.date(), "is_customer": True}
                       for key, moment in since.items()],
        buying_role=[{"id": f"{p}{d}", "person_id": p, "opportunity_id": d} for p, d in roles],
    )  # fmt: skip


def asked(model: Model, **more: Any) -> Ask:
    steps = tuple(Step(s.name, str(s.subject), n) for n, s in enumerate(model.stages, 1))
    whole = Period("all", at(-9999).date(), AS_OF)
    plain = Ask("lifecycle", steps, None, (whole,), True, Skipped.PASSED, Again.CONTINUES, AS_OF, "UTC")
    return plain._replace(**more)


def published(connection: Connection) -> None:
    rows = entries(connection)
    connection.execute("DROP TABLE mart.stage_entry")
    table(connection, "stage_entry", rows)


def reaching(connection: Connection, ask: Ask, step: str) -> dict[str, Any]:
    """Who reached a step, and the day they did."""
    rows = connection.sql(counted_at(ask, step, None, only_advanced=False).sql).to_arrow_table().to_pylist()
    return {row["who"]: row["day"] for row in rows}


class World(NamedTuple):
    """Two hundred people, and on each of as many deals some of them."""

    people: list[dict[str, Any]]
    deals: list[dict[str, Any]]
    roles: list[tuple[str, str]]

    def deals_of(self, person: str) -> list[dict[str, Any]]:
        own = {what for who, what in self.roles if who == person}
        return [one for one in self.deals if one["id"] in own]


@pytest.fixture(scope="module")
def world() -> World:
    """Hours in steps of five, so that much is at the very same moment; half the people have one deal at most."""
    drawn = Random(5)
    people, deals = [], []
    for n in range(200):
        came, later, back = (5 * drawn.randrange(40) for _ in range(3))
        people.append(
            person(f"p{n}", created_at=at(came), mql_at=at(came), sal_at=at(came), sql_at=at(came + later),
                   recycled_at=at(came + later + back + 1) if n % 3 == 0 else None)
        )  # fmt: skip
        lasts = None if drawn.random() < 0.2 else 5 * drawn.randrange(60)
        deals.append(
            deal(f"d{n}", 5 * drawn.randrange(-40, 60), lasts, drawn.choice(("won", "won", "lost", "deleted")))
        )
    roles = [(f"p{n}", f"d{n}") for n in range(200) if n % 10]
    roles += [(f"p{2 * drawn.randrange(100)}", f"d{drawn.randrange(200)}") for _ in range(150)]
    return World(people, deals, sorted(set(roles)))


def left_sql(came: datetime, qualified: datetime, deals: list[dict[str, Any]]) -> datetime | None:
    """When the deals lead on from the last stage of a person: each is followed from its opening to its end."""
    moments = []
    for one in deals:
        opened, over = one["created_at"], one["closed_at"] or one["deleted_at"]
        is_before = opened < came
        won_since = one["is_won"] and over >= came
        if not is_before or won_since or over is None or over >= qualified:
            moments.append(max(opened, qualified))
    return min(moments, default=None)


def test_a_person_leaves_the_last_stage_for_a_deal_that_was_opened_before_they_came(world: World) -> None:
    with built(FIVE, *world) as connection:
        rows = {(r["subject_id"], r["cycle"]): r for r in entries(connection, "stage = 'sql'")}
    lefts = set()
    for one in world.people:
        if one["recycled_at"]:
            continue
        left = left_sql(one["created_at"], one["sql_at"], world.deals_of(one["id"]))
        told = rows[one["id"], 1]
        assert (told["left_at"], told["next_stage"]) == (left, None if left is None else "opportunity"), one
        lefts.add(left is None)
    assert lefts == {True, False}


@pytest.fixture(scope="module")
def days(world: World) -> dict[tuple[str, bool], dict[str, Any]]:
    """By stage, and whether by the period people came in: who reached it, and when."""
    found = {}
    for name, model, steps in (
        ("nine", NINE, ("closed_won", "onboarding")), ("four", FOUR, ("closed_won",)), ("five", FIVE, ("customer",))
    ):  # fmt: skip
        with built(model, *world) as connection:
            published(connection)
            for is_cohort in (True, False):
                ask = asked(model, is_cohort=is_cohort)
                rows = connection.sql(counts(ask).sql).to_arrow_table().to_pylist()
                assert all(row["advanced"] <= row["reached"] for row in rows)
                for step in steps:
                    found[f"{name} {step}", is_cohort] = reaching(connection, ask, step)
    return found


@pytest.mark.parametrize("is_cohort", [True, False])
@pytest.mark.parametrize("stage", ["nine closed_won", "nine onboarding", "four closed_won", "five customer"])
def test_customers_are_the_same_people_on_the_same_day_whatever_the_preset(
    world: World, days: dict[tuple[str, bool], dict[str, Any]], stage: str, is_cohort: bool
) -> None:
    """Whoever is on a deal that was won since they came: followed deal by deal."""
    known = {}
    for one in world.people:
        won = [d["closed_at"] for d in world.deals_of(one["id"]) if d["is_won"] and d["closed_at"] >= one["created_at"]]
        if won:
            known[one["id"]] = min(won).date()
    assert days[stage, is_cohort] == known
    older = [d for one in known for d in world.deals_of(one) if d["created_at"] < START and d["is_won"]]
    assert len(older) > 10


@pytest.mark.parametrize(
    ("model", "reached"), [(NINE, [2, 2, 2, 2, 2, 1, 1]), (FOUR, [2, 2, 2, 1]), (FIVE, [2, 2, 2, 2, 1])]
)
def test_a_deal_is_won_for_the_cycle_it_was_won_in(model: Model, reached: list[int]) -> None:
    """Opened in the first cycle, won in the second: both came up to the deal, and the second alone is a customer."""
    lead = person("p", created_at=at(0), mql_at=at(5), sql_at=at(20), recycled_at=at(50))
    with built(model, [lead], [deal("d", 30, 100, "won")], [("p", "d")]) as connection:
        published(connection)
        rows = connection.sql(counts(asked(model, reopened=Again.AGAIN)).sql).to_arrow_table().to_pylist()
    assert [row["reached"] for row in rows] == reached


def test_a_deal_that_was_over_before_somebody_came_is_none_of_theirs() -> None:
    """Won, lost or deleted before; the company is a customer only since: nothing of that is their way."""
    lead = person("p", created_at=at(100), mql_at=at(100), sql_at=at(120))
    for how in ("won", "lost", "deleted"):
        for model in (FIVE, FOUR, NINE):
            with built(model, [lead], [deal("d", 10, 80, how)], [("p", "d")]) as connection:
                published(connection)
                rows = entries(connection, "subject = 'person' AND left_at IS NULL")
                found = connection.sql(counts(asked(model)).sql).to_arrow_table().to_pylist()
            assert [row["stage"] for row in rows] == [next(s.name for s in model.stages if s.enters == "sql_at")]
            assert max(row["step"] for row in found) == [s.enters for s in model.stages].index("sql_at") + 1


def test_a_deal_that_was_open_when_somebody_came_is_reached_that_day() -> None:
    """Opened 50 hours before, won 200 after: an opportunity from the first day on, a customer later."""
    lead = person("p", created_at=at(0), mql_at=at(10), sql_at=at(20))
    with built(FIVE, [lead], [deal("d", -50, 250, "won")], [("p", "d")]) as connection:
        published(connection)
        days = {step: reaching(connection, asked(FIVE), step) for step in ("marketing_lead", "opportunity", "customer")}
        (last,) = entries(connection, "stage = 'sql'")
    assert (last["left_at"], last["next_stage"], last["days"]) == (at(20), "opportunity", 0)
    assert days == {"marketing_lead": {"p": START.date()}, "opportunity": {"p": START.date()},
                    "customer": {"p": at(200).date()}}  # fmt: skip
