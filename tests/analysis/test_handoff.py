"""mart.handoff and mart.handoff_item, against a replay of each handoff by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.model.load import STARTER, load
from tests.analysis.handed_over import Rows, model, rows, run

START = datetime(2026, 1, 5, tzinfo=UTC)
AS_OF = date(2026, 2, 28)
HOURS = 24 * 40
ITEMS = {
    "email": {"says": "Email.", "column": "email"},
    "touches": {"says": "Touches.", "column": "touches"},
    "fit": {"says": "Fit.", "column": "fit_score"},
    "pain": {"says": "Pain."},
}
STAGES = {
    "qualified": {"enters": "mql_at", "exit_when": "sal_at is not null"},
    "accepted": {"enters": "sal_at", "exit_when": "sql_at is not null"},
}
HANDOFF: Mapping[str, Any] = {
    "from": "marketing", "to": "sales", "from_stage": "qualified", "to_stage": "accepted", "subject": "person",
    "trigger": "mql_at is not null", "starts": "mql_at", "response": {}, "limits": {"all": {"within": "4 hours"}},
    "needs": ["email", "touches", "pain"], "provides": ["email", "fit"],
    "recycling": {"to_stage": "qualified", "reasons": ["no_fit"]}, "converts": "won_at", "worth": "won_amount",
}  # fmt: skip


class Turn(NamedTuple):
    """One time round: when it was handed over (hours), answered, late or not; None for what did not happen."""

    starts: int
    answered: int | None
    late: bool | None


class Lead(NamedTuple):
    """A person: turns in order, and every time that a column has or had, in hours; the last one it has now.

    `reasons` are those of the returns, in the same order, each overwritten when the next one came.
    """

    turns: tuple[Turn, ...]
    accepted: tuple[int, ...]
    returned: tuple[int, ...]
    won: int | None
    email: str | None
    touches: int
    reasons: tuple[str | None, ...]

    @property
    def reason(self) -> str | None:
        return self.reasons[max(len(self.returned) - 1, 0)]


def _at(hour: int | None) -> datetime | None:
    return None if hour is None else START + timedelta(hours=hour)


hours = st.integers(0, HOURS)
turns = st.lists(hours, min_size=1, max_size=3, unique=True).flatmap(
    lambda starts: st.tuples(
        *(
            st.builds(Turn, st.just(s), st.none() | st.integers(s, s + 90), st.sampled_from([True, False, None]))
            for s in sorted(starts)
        )
    )
)
leads = st.builds(
    Lead,
    turns,
    st.lists(hours, max_size=3, unique=True).map(tuple),
    st.lists(hours, max_size=3, unique=True).map(tuple),
    st.none() | hours,
    st.sampled_from([None, "", " ", "a@acme.com"]),
    st.sampled_from([0, 3]),
    st.tuples(*[st.sampled_from([None, "no_fit", "odd"])] * 3),
)


def _tables(every: list[Lead]) -> dict[str, list[dict[str, Any]]]:
    people, clocks, changes = [], [], []
    for n, lead in enumerate(every):
        who = f"p{n}"
        people.append(
            {
                "id": who, "email": lead.email, "touches": lead.touches, "fit_score": 0 if n % 2 else None,
                "mql_at": _at(lead.turns[-1].starts), "sal_at": _at(lead.accepted[-1] if lead.accepted else None),
                "recycled_at": _at(lead.returned[-1] if lead.returned else None), "recycle_reason": lead.reason,
                "won_at": _at(lead.won), "won_amount": None if lead.won is None else Decimal("100.50"),
            }
        )  # fmt: skip
        clocks += [
            {
                "policy": "pass", "kind": "handoff", "limit_name": "all", "subject_id": who, "cycle": cycle,
                "started_at": _at(turn.starts), "stopped_at": _at(turn.answered), "working_seconds": 60,
                "is_breached": turn.late is True and turn.answered is not None,
                "is_overdue": turn.late is True and turn.answered is None, "is_met": turn.late is False,
            }
            for cycle, turn in enumerate(lead.turns, 1)
        ]  # fmt: skip
        for field, values in (("sal_at", lead.accepted), ("recycled_at", lead.returned)):
            changes += [
                {"entity": "person", "entity_id": who, "field": field, "old": str(_at(old)), "new": str(_at(new))}
                for old, new in pairwise(values)
            ]
        for k, at in enumerate(lead.returned[1:]):
            row: dict[str, Any] = {"entity": "person", "entity_id": who, "field": "recycle_reason"}
            told = {"id": f"{who}/{k}", "at": _at(at), "old": lead.reasons[k], "new": lead.reasons[k + 1]}
            changes.append(row | told)
    touched = [{"id": f"t{n}", "person_id": f"p{n}", "at": _at(0)} for n, lead in enumerate(every) if lead.touches]
    return {"person": people, "facts_person": people, "clock": clocks, "change": changes, "touch": touched}


def _first(values: tuple[int, ...], turn: Turn, until: int | None) -> int | None:
    """The first of the times on the day of the trigger or later and before the next turn."""
    day = turn.starts // 24
    return min((v for v in values if v // 24 >= day and (until is None or v < until)), default=None)


def _reason(lead: Lead, returned: int) -> str | None:
    """Why it was returned then: what the record holds of the last return, and of another what was overwritten next."""
    if returned == lead.returned[-1]:
        return lead.reason
    overwritten = {at: lead.reasons[k] for k, at in enumerate(lead.returned[1:]) if at > returned}
    return overwritten[min(overwritten)] if overwritten else None


def _later(lead: Lead, cycle: int) -> bool:
    """Whether a turn after this one led to a sale."""
    turns = [*lead.turns, None]
    spans = [(turn, then.starts if then else None) for turn, then in pairwise(turns) if turn]
    return lead.won is not None and any(_first((lead.won,), *span) is not None for span in spans[cycle:])


def _has(every: list[Lead], n: int) -> dict[str, bool | None]:
    """What was there of the items; what a source fills for nobody is not known of anybody."""
    emails = [bool(lead.email and lead.email.strip()) for lead in every]
    scores = [k % 2 == 1 for k in range(len(every))]  # a score of 0 is a score
    return {
        "email": emails[n] if any(emails) else None,
        "touches": every[n].touches > 0,
        "fit": scores[n] if any(scores) else None,
        "pain": None,
    }


def _expected(every: list[Lead], n: int, cycle: int) -> dict[str, Any]:
    lead = every[n]
    turn = lead.turns[cycle - 1]
    until = lead.turns[cycle].starts if cycle < len(lead.turns) else None
    accepted, returned = _first(lead.accepted, turn, until), _first(lead.returned, turn, until)
    won = None if lead.won is None else _first((lead.won,), turn, until)
    has = {item: there for item, there in _has(every, n).items() if there is not None and item != "fit"}
    reason = None if returned is None else _reason(lead, returned)
    is_told = returned is not None and (reason is not None or returned == lead.returned[-1])
    answered = turn.answered is not None
    is_accepted = True if accepted is not None else False if returned is not None or answered or turn.late else None
    parts = [sum(has.values()) / len(has), None if turn.late is None else float(not turn.late)]
    parts.append(None if is_accepted is None else float(is_accepted))
    parts.append(0.0 if returned is not None else 1.0 if answered else None)
    known = [part for part in parts if part is not None]
    return {
        "subject_id": f"p{n}", "cycle": cycle, "accepted_at": _at(accepted), "returned_at": _at(returned),
        "converted_at": _at(won), "value": None if won is None else Decimal("100.50"), "needed": 3, "seen": len(has),
        "provided": sum(has.values()), "missing": ", ".join(i for i in has if not has[i]) or None,
        "is_late": turn.late, "is_accepted": is_accepted, "is_returned": returned is not None,
        "is_converted": won is not None, "return_reason": reason,
        "is_reason_agreed": reason == "no_fit" if is_told else None,
        "came_back": None if returned is None else cycle < len(lead.turns),
        "converted_after": None if returned is None else _later(lead, cycle) or (won is not None and won > returned),
        "quality": pytest.approx(sum(known) / len(known)) if len(known) > 1 else None,
    }  # fmt: skip


@settings(max_examples=30)
@given(st.lists(leads, min_size=1, max_size=6))
def test_every_handoff_is_what_a_replay_by_hand_says(every: list[Lead]) -> None:
    found = run(model({"pass": HANDOFF}, ITEMS, STAGES), AS_OF, _tables(every))
    told = rows(found, "SELECT * FROM mart.handoff ORDER BY subject_id, cycle")
    wanted = [_expected(every, n, c) for n, lead in enumerate(every) for c in range(1, len(lead.turns) + 1)]
    assert [{name: row[name] for name in wanted[0]} for row in told] == wanted
    items = rows(found, "SELECT * FROM mart.handoff_item")
    assert len(items) == 4 * len(wanted)
    for row in items:
        assert row["is_there"] is _has(every, int(row["subject_id"][1:]))[row["item"]]
        assert (row["is_needed"], row["is_promised"]) == (row["item"] != "fit", row["item"] in ("email", "fit"))


def test_an_item_is_judged_by_what_it_was_at_the_handoff_and_says_where_only_today_is_known() -> None:
    """p1 got the email a week later, p2 lost it; p3 never changed, but its source tells; that of p4 tells nothing."""
    filled = {"p1": "a@acme.com", "p2": None, "p3": "c@acme.com", "p4": "d@acme.com", "p5": "e@acme.com"}
    systems = {"p1": "crm", "p2": "crm", "p3": "crm", "p4": "other", "p5": "crm"}
    changed = [("p5", None, "e@acme.com", 0), ("p1", None, "a@acme.com", 24 * 9), ("p2", "b@acme.com", None, 24 * 9)]
    tables: dict[str, Rows] = {
        "person": [
            {"id": who, "email": email, "source_system": systems[who], "mql_at": _at(24 * 2)}
            for who, email in filled.items()
        ],
        "clock": [
            {"policy": "pass", "kind": "handoff", "subject_id": who, "cycle": 1, "started_at": _at(24 * 2)}
            for who in filled
        ],
        "change": [
            {"id": f"c{n}", "entity": "person", "entity_id": who, "field": "email", "old": old, "new": new,
             "at": _at(hour), "source_system": "crm"}
            for n, (who, old, new, hour) in enumerate(changed)
        ],
        "touch": [{"id": f"t{day}", "person_id": "p1", "at": _at(24 * day)} for day in (9, 10)],
    }  # fmt: skip
    people = [{**person, "touches": 2 if person["id"] == "p1" else 0} for person in tables["person"]]
    found = run(model({"pass": HANDOFF}, ITEMS, STAGES), AS_OF, {**tables, "facts_person": people})
    told = rows(found, "SELECT subject_id, item, is_there, is_today FROM mart.handoff_item ORDER BY subject_id")
    assert {(r["subject_id"], r["is_there"], r["is_today"]) for r in told if r["item"] == "email"} == {
        ("p1", False, False), ("p2", True, False), ("p3", True, False), ("p4", True, True), ("p5", True, False),
    }  # fmt: skip
    assert {(r["is_there"], r["is_today"]) for r in told if r["item"] == "touches"} == {(False, False)}
    assert {(r["is_there"], r["is_today"]) for r in told if r["item"] == "pain"} == {(None, None)}


def test_a_handoff_without_a_clock_is_whoever_meets_its_trigger() -> None:
    plain = {k: v for k, v in HANDOFF.items() if k not in ("response", "limits", "starts")}
    plain |= {"trigger": "fit_score >= 50 and created_at < as_of - interval 10 day"}
    people = [
        {"id": "p1", "fit_score": 60, "created_at": _at(0)},
        {"id": "p2", "fit_score": 40, "created_at": _at(0)},
        {"id": "p3", "fit_score": 60, "created_at": datetime(2026, 2, 26, tzinfo=UTC)},
        {"id": "p4", "fit_score": 60, "created_at": _at(0), "deleted_at": _at(1)},
    ]
    found = run(model({"pass": plain}, ITEMS, STAGES), AS_OF, {"person": people})
    told = rows(found, "SELECT * FROM mart.handoff")
    assert [(row["subject_id"], row["triggered_at"], row["is_late"], row["cycle"]) for row in told] == [
        ("p1", None, None, 1)
    ]


def test_where_nothing_could_say_no_nothing_is_accepted_and_one_part_alone_is_no_quality() -> None:
    plain = {k: v for k, v in HANDOFF.items() if k not in ("response", "limits", "recycling")} | {"needs": ["pain"]}
    people: Rows = [{"id": "p1", "mql_at": _at(0), "sal_at": _at(9)}, {"id": "p2", "mql_at": _at(0)}]
    told = rows(run(model({"pass": plain}, ITEMS, STAGES), AS_OF, {"person": people}), "SELECT * FROM mart.handoff")
    assert {(row["subject_id"], row["accepted_at"]) for row in told} == {("p1", _at(9)), ("p2", None)}
    assert [(row["is_accepted"], row["quality"]) for row in told] == [(None, None)] * 2
    stopped = rows(
        run(model({"pass": plain | {"stops": "sql_at"}}, ITEMS, STAGES), AS_OF, {"person": people}),
        "SELECT is_accepted, quality FROM mart.handoff ORDER BY subject_id",
    )
    assert [(row["is_accepted"], row["quality"]) for row in stopped] == [(True, None), (None, None)]


def test_a_deal_counts_for_one_person_and_a_person_for_their_first_deal() -> None:
    roles: Rows = [
        {"id": "r1", "opportunity_id": "o1", "person_id": "p1", "is_primary": False},
        {"id": "r2", "opportunity_id": "o1", "person_id": "p2", "is_primary": True},
        {"id": "r3", "opportunity_id": "o2", "person_id": "p1", "is_primary": None},
        {"id": "r4", "opportunity_id": "o2", "person_id": "p2", "is_primary": None},
        {"id": "r5", "opportunity_id": "o3", "person_id": "p2", "is_primary": True},
    ]
    people: Rows = [{"id": "p1", "mql_at": _at(5)}, {"id": "p2", "mql_at": _at(9)}]
    deals: Rows = [
        {"id": name, "kind": kind, "created_at": _at(hour), "created_on": date(2026, 1, 6), "is_won": False}
        for name, kind, hour in (("o1", "new", 50), ("o2", "new", 30), ("o3", "renewal", 10))
    ]
    tables = {"person": people, "opportunity": deals, "buying_role": roles}
    found = run(model({}, ITEMS, STAGES), AS_OF, tables)
    contacts = rows(found, "SELECT opportunity_id, person_id FROM build.main_contact ORDER BY 1")
    assert [(c["opportunity_id"], c["person_id"]) for c in contacts] == [("o1", "p2"), ("o2", "p1"), ("o3", "p2")]
    firsts = rows(found, "SELECT person_id, opportunity_id FROM build.first_deal ORDER BY 1")
    assert [(f["person_id"], f["opportunity_id"]) for f in firsts] == [("p1", "o2"), ("p2", "o1")]
    assert rows(found, "SELECT * FROM mart.handoff") == rows(found, "SELECT * FROM mart.handoff_item") == []


def test_a_model_that_names_what_is_not_there_still_builds() -> None:
    odd = {**HANDOFF, "converts": "wn_at", "worth": "wn", "needs": ["email", "nothing"], "to_stage": "nowhere"}
    items = {**ITEMS, "email": {"says": "Email.", "column": "emall"}}
    found = run(
        model({"pass": odd}, items, STAGES), AS_OF, _tables([Lead((Turn(3, 4, False),), (), (), 9, "", 0, (None,))])
    )
    (row,) = rows(found, "SELECT * FROM mart.handoff")
    assert (row["is_converted"], row["is_accepted"], row["value"], row["seen"], row["completeness"]) == (
        None, None, None, 0, None,
    )  # fmt: skip


def test_every_handoff_of_the_starter_makes_its_tables() -> None:
    agreed, _ = load(STARTER)
    found = run(agreed, AS_OF, {})
    assert rows(found, "SELECT * FROM mart.handoff") == []
