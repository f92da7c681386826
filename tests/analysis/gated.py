"""Small random worlds of deals for the tests of gates, and what the gates should say of them, worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

START = datetime(2026, 1, 5, tzinfo=UTC)
AS_OF = date(2026, 3, 1)
OVER = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(seconds=1)
HOUR = timedelta(hours=1)
LAST = 24 * 40
STAGES = ("discovery", "proposal", "closed_won", "closed_lost")
LIFECYCLE = """
stages: {}
pipelines:
  sales:
    stages:
      discovery:
        owner: seller
        exit_when: meetings >= 1 and (amount >= 100 or pushes < 1)
        required: [amount, next_step, owner_id]
        evidence: {next_step: 2}
      proposal:
        owner: seller
        exit_when: last_activity_at >= as_of - interval 5 day and contacts >= 1 and account.segment = 'smb'
        required: [amount, close_date]
        evidence: 3
      closed_won: {owner: seller, enter_when: is_won, outcome: won}
      closed_lost: {owner: seller, enter_when: lost_reason is not null, required: [lost_reason], outcome: lost}
"""
FIELDS = ("amount", "next_step", "owner_id", "close_date")
VALUES: Mapping[str, tuple[str | None, ...]] = {
    "amount": (None, "50.00", "100.00"),
    "next_step": (None, "", "call"),
    "owner_id": (None, "m1", "m2"),
    "close_date": (None, "2026-02-01", "2026-03-05"),
}


class Change(NamedTuple):
    hour: int
    field: str
    old: str | None
    new: str | None


class Activity(NamedTuple):
    hour: int
    kind: str
    direction: str
    automated: bool


class Leave(NamedTuple):
    """A waiver: of a stage, of something or all (None), from an hour on, up to a day (None: for good).

    `back`: the hour at which it was taken back, None where it was not.
    """

    stage: str
    what: str | None
    hour: int
    until: date | None
    back: int | None = None


class Deal(NamedTuple):
    """A deal: the hours at which it entered each stage it was in, how its fields changed, what people did."""

    path: tuple[tuple[str, int], ...]
    fields: Mapping[str, str | None]
    changes: tuple[Change, ...]
    activities: tuple[Activity, ...]
    waivers: tuple[Leave, ...]
    contacts: int
    segment: str | None


def at(hour: int) -> datetime:
    return START + hour * HOUR


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    hours = st.integers(0, LAST)
    entered = sorted(draw(st.lists(hours, min_size=1, max_size=4, unique=True)))
    names = [draw(st.sampled_from(("discovery", "proposal")))]
    while len(names) < len(entered):
        names.append(draw(st.sampled_from([s for s in STAGES if s != names[-1]])))
    changes = []
    fields: dict[str, str | None] = {}
    for field in FIELDS:
        value = draw(st.sampled_from(VALUES[field]))
        for hour in sorted(draw(st.lists(hours, max_size=2, unique=True))):
            new = draw(st.sampled_from([v for v in VALUES[field] if v != value]))
            changes.append(Change(hour, field, value, new))
            value = new
        fields[field] = value
    activity = st.builds(
        Activity,
        hours,
        st.sampled_from(("call", "meeting", "email")),
        st.sampled_from(("inbound", "outbound")),
        st.sampled_from((False, False, True)),
    )
    waiver = st.builds(
        Leave,
        st.sampled_from(STAGES[:2]),
        st.sampled_from((None, "exit", "amount", "next_step")),
        hours,
        st.sampled_from((None, date(2026, 1, 20), date(2026, 3, 20))),
        st.one_of(st.none(), hours),
    )
    return Deal(
        tuple(zip(names, entered, strict=True)),
        fields,
        tuple(changes),
        tuple(draw(st.lists(activity, max_size=6))),
        tuple(draw(st.lists(waiver, max_size=2))),
        draw(st.integers(0, 1)),
        draw(st.sampled_from((None, "smb", "enterprise"))),
    )


def tables(world: Sequence[Deal]) -> dict[str, list[dict[str, Any]]]:
    """The record and the stays of these deals, as rows."""
    found: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in ("stage_entry", "opportunity", "facts_opportunity", "change", "activity", "waiver", "account")
    }
    found["member"] = [{"id": f"m{n}", "name": f"Member {n}"} for n in (1, 2)]
    for n, deal in enumerate(world):
        key = f"d{n}"
        own = {"id": key, "account_id": f"a{n}", "source_system": "crm", "source_id": key, "created_at": START}
        own |= {"amount": _number(deal.fields["amount"]), "next_step": deal.fields["next_step"]}
        own |= {"owner_id": deal.fields["owner_id"], "close_date": _day(deal.fields["close_date"])}
        found["opportunity"].append({**own, "is_won": False, "is_closed": False})
        last = deal.path[-1][0]
        ended = {"is_closed": last.startswith("closed"), "is_won": last == "closed_won"}
        found["facts_opportunity"].append({**own, **ended, "contacts": deal.contacts})
        found["account"].append({"id": f"a{n}", "segment": deal.segment})
        ends = [*(hour for _, hour in deal.path[1:]), None]
        nexts = [*(stage for stage, _ in deal.path[1:]), None]
        for place, ((stage, hour), end, follows) in enumerate(zip(deal.path, ends, nexts, strict=True), 1):
            found["stage_entry"].append(
                {
                    "subject": "opportunity", "subject_id": key, "opportunity_id": key, "account_id": f"a{n}",
                    "flow": "sales", "cycle": 1, "sequence": place, "stage": stage, "entered_at": at(hour),
                    "left_at": None if end is None else at(end), "next_stage": follows, "is_dated": True,
                }
            )  # fmt: skip
        for place, c in enumerate(deal.changes):
            told = {"entity": "opportunity", "entity_id": key, "source_system": "crm", "id": f"{key}/{place:03}"}
            found["change"].append({**told, "field": c.field, "old": c.old, "new": c.new, "at": at(c.hour)})
        for a in deal.activities:
            done = {"opportunity_id": key, "kind": a.kind, "direction": a.direction, "automated": a.automated}
            found["activity"].append({**done, "at": at(a.hour)})
        for w in deal.waivers:
            given = {"subject": "opportunity", "subject_id": key, "stage": w.stage, "what": w.what}
            given |= {"waiver_reason": "because", "waived_by_id": "m1", "waived_by": "somebody"}
            back = None if w.back is None else at(w.back)
            found["waiver"].append({**given, "at": at(w.hour), "expires_on": w.until, "withdrawn_at": back})
    return found


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def expected(world: Sequence[Deal]) -> dict[tuple[str, int], dict[str, Any]]:
    """What mart.gate should hold, by subject and stay: every stay replayed event by event."""
    since = {f: min((c.hour for d in world for c in d.changes if c.field == f), default=None) for f in FIELDS}
    found = {}
    for n, deal in enumerate(world):
        for place, (stage, _) in enumerate(deal.path, 1):
            if stage != "closed_won":
                found[f"d{n}", place] = _stay(deal, place - 1, since)
    return found


def _stay(deal: Deal, place: int, since: Mapping[str, int | None]) -> dict[str, Any]:
    stage, entered = deal.path[place]
    left = deal.path[place + 1][1] if place + 1 < len(deal.path) else None
    moment = OVER if left is None else at(left)
    fields, today = {}, set()
    for field in FIELDS:
        own = sorted(c for c in deal.changes if c.field == field)
        before = [c for c in own if at(c.hour) <= moment]
        fields[field] = before[-1].new if before else own[0].old if own else deal.fields[field]
        first = since[field]
        if not own and left is not None and (first is None or moment < at(first)):
            today.add(field)
    human = [a for a in deal.activities if not a.automated and at(a.hour) <= moment]
    during = [a for a in human if a.hour >= entered]
    pushes = [
        c for c in deal.changes if c.field == "close_date" and at(c.hour) <= moment and (c.new or "") > (c.old or "z")
    ]
    if stage == "discovery":
        required = {"amount": 1, "next_step": 2, "owner_id": 1}
        amount = float(fields["amount"]) if fields["amount"] else None
        met = any(a.kind == "meeting" for a in human)
        exit_met: bool | None = met and ((amount is not None and amount >= 100) or len(pushes) < 1)
        looked: tuple[str, ...] = ("amount", "next_step", "owner_id")
    elif stage == "proposal":
        required = {"amount": 3, "close_date": 3}
        recent = any(at(a.hour) >= moment - timedelta(days=5) for a in human)
        exit_met = recent and deal.contacts >= 1 and deal.segment == "smb"
        looked = ("amount", "close_date", "contacts", "account.segment")
        today |= {"contacts", "account.segment"} if left is not None else set()
    else:
        required, exit_met, looked = {"lost_reason": 1}, None, ()
    grades = {}
    for column in required:
        hours = [c.hour for c in deal.changes if c.field == column and at(c.hour) <= moment]
        after = [a for a in during if not hours or a.hour // 24 >= max(hours) // 24]
        met = any(a.kind == "meeting" or a.direction == "inbound" for a in after)
        grades[column] = (3 if met else 2 if after else 1) if (fields.get(column) or "").strip() else 0
    lacking = [c for c, grade in required.items() if grades[c] < grade]
    lacks = [*lacking, *(["exit"] if exit_met is False else [])]
    valid = [
        w for w in deal.waivers
        if w.stage == stage and at(w.hour) <= moment and (w.until is None or w.until >= moment.date())
        and not (w.back is not None and at(w.back) <= moment)
    ]  # fmt: skip
    waived = bool(lacks) and all(any(w.what in (None, item) for w in valid) for item in lacks)
    follows = deal.path[place + 1][0] if left is not None else None
    forward = {"discovery": ("proposal", "closed_won"), "proposal": ("closed_won",)}.get(stage, ())
    passed = follows in forward
    moves = zip(deal.path[place + 1 :], deal.path[place + 2 :], strict=False)
    later = [here for (here, _), (then, _) in moves if here == stage and then in forward]
    return {
        "at": moment, "is_open": left is None, "required_count": len(required),
        "filled_count": len(required) - len(lacking), "missing": set(lacking), "is_exit_met": exit_met,
        "grade": min(grades.values()), "is_passed": passed,
        "is_last_pass": passed and not later, "is_clean": passed and not lacks,
        "is_slipped": passed and bool(lacks) and not waived,
        "is_stopped": not passed and (left is not None or (bool(lacks) and not waived)), "is_waived": waived,
        "waived_by": "Member 1" if waived else None, "from_today": today & set(looked),
    }  # fmt: skip


class Told(NamedTuple):
    """How a gate did, as counted by hand: everybody who came, and how those fared who passed clean or slipped."""

    came: int
    clean: int
    slipped: int
    waived: int
    stopped: int
    won: tuple[int, int, int, int]
    on: tuple[int, int, int, int]


def fared(world: Sequence[Deal], stage: str, cut: str | None, first: date, last: date) -> Told:
    """The gate of a stage over the stays that ended, or go on, from `first` to `last`, of deals of one segment.

    `won` and `on` are hits and cases of the clean, then of those who slipped.
    """
    rows = expected(world)
    own = [
        (deal, place, row)
        for n, deal in enumerate(world)
        if deal.segment == cut
        for place, (name, _) in enumerate(deal.path)
        if name == stage and first <= (row := rows[f"d{n}", place + 1])["at"].date() <= last
    ]
    won, on = [0, 0, 0, 0], [0, 0, 0, 0]
    for deal, place, row in own:
        if not row["is_last_pass"] or row["is_waived"]:
            continue
        way = 0 if row["is_clean"] else 2
        ended = deal.path[-1][0]
        won[way] += ended == "closed_won"
        won[way + 1] += ended.startswith("closed")
        then = [STAGES.index(name) for name, _ in deal.path[place + 1 : place + 3] if name != "closed_lost"]
        on[way] += len(then) == 2 and then[1] > then[0]
        on[way + 1] += 1
    count = {
        name: sum(row[f"is_{name}"] and (name != "waived" or row["is_passed"]) for _, _, row in own)
        for name in ("clean", "slipped", "waived", "stopped")
    }
    return Told(len(own), **count, won=(won[0], won[1], won[2], won[3]), on=(on[0], on[1], on[2], on[3]))
