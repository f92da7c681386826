"""The funnel against people followed one by one, and its curves against loops, exact fractions and scipy."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from fairlead.analysis import lingering
from fairlead.analysis.funnel import Ask, Step, counted_at, counts
from fairlead.analysis.survival import QUANTILES, curves
from fairlead.model.lifecycle import Again, Skipped
from fairlead.record.engine import Connection, connect
from fairlead.values import Period
from tests.analysis.flows import AS_OF, at
from tests.analysis.flows import table as written

STEPS = ("new", "warm", "ready", "taken", "signed")
PERIODS = (
    Period("one", date(2026, 1, 1), date(2026, 1, 3)),
    Period("two", date(2026, 1, 3), date(2026, 1, 6)),
    Period("three", date(2026, 1, 6), date(2026, 3, 2)),
)
Row = dict[str, Any]


def asked(**more: Any) -> Ask:
    steps = tuple(Step(s, "opportunity" if s == "signed" else "person", n) for n, s in enumerate(STEPS, 1))
    plain = Ask("lifecycle", steps, None, PERIODS, True, Skipped.PASSED, Again.CONTINUES, AS_OF, "UTC")
    return plain._replace(**more)


def lake(
    rows: Sequence[Row],
    roles: Sequence[tuple[str, str]] = (),
    deals: Sequence[Row] = (),
    lines: Sequence[Row] = (),
    accounts: Sequence[Row] = (),
) -> Connection:
    connection = connect(threads=1)
    written(connection, "stage_entry", rows)
    written(connection, "opportunity", deals)
    written(connection, "mrr_span", lines)
    written(connection, "account", accounts)
    for name in ("person", "member"):
        written(connection, name, [])
    role = [{"id": f"r{n}", "person_id": p, "opportunity_id": d} for n, (p, d) in enumerate(roles)]
    written(connection, "buying_role", role)
    return connection


def stays(walks: Sequence[Sequence[tuple[int, int]]], subject: str = "person") -> list[Row]:
    """Rows of walks: (place, hours since the last step); a step back to the first two places is the next cycle."""
    rows: list[Row] = []
    for n, walk in enumerate(walks):
        moment, cycle, before = 0.0, 1, 0
        for sequence, (place, hours) in enumerate(walk, 1):
            moment += hours
            cycle += place < before and place <= 2
            before = place
            rows.append({
                "subject": subject, "subject_id": f"{subject[0]}{n}", "flow": "lifecycle", "cycle": cycle,
                "sequence": sequence, "stage": STEPS[place - 1], "position": place, "entered_at": at(moment),
                "is_dated": True, "skipped": 0, "source": "web" if n % 2 else "ads", "is_created_closed": False,
            })  # fmt: skip
    for row, then in zip(rows, [*rows[1:], None], strict=True):
        if then and then["subject_id"] == row["subject_id"]:
            row |= {"left_at": then["entered_at"], "next_stage": then["stage"]}
    return rows


PLACES = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 40)), min_size=1, max_size=6)
WALKS = st.lists(PLACES, min_size=1, max_size=6)
# How a deal's stay ended: lost, by a later stage after it was won (at once, or as a customer), or by being deleted.
LASTS, ENDS = st.integers(0, 120), st.sampled_from(("open", "lost", "won", "customer", "deleted"))


def moved(walk: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A walk without steps that stay where they are."""
    found: list[tuple[int, int]] = []
    for place, hours in walk:
        if found and found[-1][0] == place:
            continue
        found.append((place, hours))
    return found


def ways(
    rows: Sequence[Row], again: bool, deals: dict[str, list[Row]]
) -> dict[tuple[str, int], list[tuple[int, date]]]:
    """By unit the places it came to, with the day, in order of time; a person's deals are stages of the person."""
    found: dict[tuple[str, int], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        if row["subject"] != "person":
            continue
        key = (row["subject_id"], row["cycle"] if again else 1)
        found[key].append((row["entered_at"], row["position"], row["sequence"]))
    for person, signed in deals.items():
        begun = sorted(
            (min(r["entered_at"] for r in rows if r["subject_id"] == person and r["cycle"] == c), c)
            for c in {r["cycle"] for r in rows if r["subject_id"] == person}
        )
        for row in signed:
            came, over = begun[0][0], row["over"]
            if row["entered_at"] < came and over is not None and over < came:
                continue  # was over before they came in
            arrives = max(row["entered_at"], came)
            then = max(cycle for start, cycle in begun if start <= arrives)
            found[person, then if again else 1].append((arrives, row["position"], row["sequence"]))
    return {key: [(place, moment.date()) for moment, place, _ in sorted(way)] for key, way in found.items()}


def counted(ways: dict[tuple[str, int], list[tuple[int, date]]], ask: Ask) -> dict[tuple[str, int], tuple[int, int]]:
    """{(period, step): (reached, moved on)}: everybody is followed along their way."""
    reached: dict[tuple[str, int], set[Any]] = defaultdict(set)
    onward: dict[tuple[str, int], set[Any]] = defaultdict(set)
    for unit, way in ways.items():
        for n, (place, day) in enumerate(way):
            before = way[n - 1][0] if n else 0
            met = {place}
            if ask.skipped is Skipped.PASSED:
                met |= set(range(before + 1, place))
            on = way[0][1] if ask.is_cohort else day
            period = next((p.name for p in PERIODS if p.start <= on < p.end), None)
            for step in met if period else ():
                reached[str(period), step].add(unit)
                after = [p for p, _ in way[n:]]
                went = max(after) > step if ask.skipped is Skipped.PASSED else step + 1 in after[1:]
                if went and step < len(STEPS):
                    onward[str(period), step].add(unit)
    return {key: (len(units), len(onward[key])) for key, units in reached.items()}


@settings(max_examples=50, deadline=None)
@given(
    WALKS, st.lists(st.tuples(st.integers(0, 5), st.integers(-100, 200), LASTS, ENDS), max_size=3),
    st.booleans(), st.sampled_from(Skipped), st.sampled_from(Again), st.sampled_from(PERIODS), st.sampled_from(STEPS),
)  # fmt: skip
def test_e39_e40_e41_the_funnel_is_what_following_everybody_gives(  # noqa: PLR0917 - what is drawn
    walks: list[Any],
    signed: list[tuple[int, int, int, str]],
    cohort: bool,
    skipped: Skipped,
    again: Again,
    period: Period,
    step: str,
) -> None:
    rows = stays([moved(walk) for walk in walks])
    deals = [
        {"subject": "opportunity", "subject_id": f"o{n}", "flow": "lifecycle", "cycle": 1, "sequence": 7,
         "stage": "signed", "position": 5, "entered_at": at(hours), "is_dated": True, "source": "deal",
         "over": None if how == "open" else at(hours + lasts),
         "left_at": {"open": None, "won": None, "customer": at(hours + lasts + 30)}.get(how, at(hours + lasts))}
        for n, (_, hours, lasts, how) in enumerate(signed)
    ]  # fmt: skip
    closed = [{"id": one["subject_id"], "closed_at": one["over"] if how in ("lost", "won", "customer") else None}
              for one, (_, _, _, how) in zip(deals, signed, strict=True)]  # fmt: skip
    roles = [(f"p{who}", f"o{n}") for n, (who, *_) in enumerate(signed)]
    by_person: dict[str, list[Row]] = defaultdict(list)
    for (person, _), deal in zip(roles, deals, strict=True):
        if any(row["subject_id"] == person for row in rows):
            by_person[person].append(deal)
    ask = asked(is_cohort=cohort, skipped=skipped, reopened=again)
    with lake([*rows, *deals], roles, closed) as connection:
        found = connection.sql(counts(ask).sql).to_arrow_table().to_pylist()
        listed = [
            len(connection.sql(counted_at(ask._replace(periods=(period,)), step, None, only_advanced=advanced).sql))
            for advanced in (False, True)
        ]
    expected = counted(ways(rows, again is Again.AGAIN, by_person), ask)
    told = expected.get((period.name, STEPS.index(step) + 1), (0, 0))
    assert listed == list(told)  # who is behind a number: as many as it says
    assert {(r["period"], r["step"]): (r["reached"], r["advanced"]) for r in found} == expected
    assert all(r["advanced"] <= r["reached"] for r in found)  # never above 100 %


def test_a_cut_adds_up_to_the_whole() -> None:
    rows = stays([[(1, 0), (2, 5), (3, 5)], [(1, 0), (3, 9)], [(1, 60)], [(2, 0), (1, 4), (4, 4)]])
    with lake(rows) as connection:
        whole = connection.sql(counts(asked()).sql).to_arrow_table().to_pylist()
        cut = connection.sql(counts(asked(by="source")).sql).to_arrow_table().to_pylist()
    assert {r["cut"] for r in cut} == {"web", "ads"}
    summed: Counter[tuple[str, int]] = Counter()
    for row in cut:
        summed[row["period"], row["step"]] += row["reached"]
    assert summed == {(r["period"], r["step"]): r["reached"] for r in whole}


@settings(max_examples=50, deadline=None)
@given(WALKS)
def test_moves_and_weeks_are_what_counting_gives(walks: list[Any]) -> None:
    rows = stays([moved(walk) for walk in walks])
    for row in rows[::3]:
        row["is_dated"] = False
    ask = asked()
    with lake(rows) as connection:
        moves = connection.sql(lingering.moves(ask).sql).to_arrow_table().to_pylist()
        weeks = connection.sql(lingering.standing(ask, weeks=10).sql).to_arrow_table().to_pylist()
    gone = [r for r in rows if r.get("left_at")]
    dated = {(r["subject_id"], r["sequence"]): r["is_dated"] for r in rows}
    assert {(m["stage"], m["next_stage"]): m["moves"] for m in moves} == Counter(
        (r["stage"], r["next_stage"]) for r in gone
    )
    for move in moves:
        spent = [
            (r["left_at"] - r["entered_at"]).total_seconds()
            for r in gone
            if (r["stage"], r["next_stage"]) == (move["stage"], move["next_stage"])
            and r["is_dated"] and dated[r["subject_id"], r["sequence"] + 1]
        ]  # fmt: skip
        assert move["median"] == (pytest.approx(np.median(spent)) if spent else None)
    for week in weeks:
        end = week["week_ends"]
        there = [
            r for r in rows
            if r["stage"] == week["stage"] and r["entered_at"].date() <= end
            and (not r.get("left_at") or r["left_at"].date() > end)
        ]  # fmt: skip
        assert week["standing"] == len(there), week
    assert len({w["week_ends"] for w in weeks}) == 10
    assert max(w["week_ends"] for w in weeks) == AS_OF


DURATIONS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=25)


def curve_of(durations: Sequence[tuple[int, bool]]) -> dict[str, Any]:
    with connect(threads=1) as connection:
        values = ", ".join(f"('x', {seconds}, {ended})" for seconds, ended in durations)
        connection.execute(f"CREATE TABLE durations AS FROM (VALUES {values}) AS v (cut, seconds, is_ended)")
        found: list[dict[str, Any]] = (
            connection.sql(f"WITH {curves('durations', ('cut',))} FROM curve").to_arrow_table().to_pylist()
        )
    return found[0]


def survival(durations: Sequence[tuple[int, bool]]) -> list[tuple[int, Fraction]]:
    """Kaplan and Meier's product, with exact fractions."""
    left, found = Fraction(1), []
    for moment in sorted({seconds for seconds, ended in durations if ended}):
        at_risk = sum(1 for seconds, _ in durations if seconds >= moment)
        ended = sum(1 for seconds, done in durations if done and seconds == moment)
        left *= 1 - Fraction(ended, at_risk)
        found.append((moment, left))
    return found


@settings(max_examples=80, deadline=None)
@given(DURATIONS)
def test_e61_open_stays_are_censored_as_kaplan_and_meier_do(durations: list[tuple[int, bool]]) -> None:
    found = curve_of(durations)
    exact = survival(durations)
    for name, share in QUANTILES.items():
        bound = 1 - Fraction(str(share))
        assert found[name] == next((moment for moment, left in exact if left <= bound), None), name
    assert found["ended"] == sum(ended for _, ended in durations)
    assert found["still_open"] == len(durations) - found["ended"]


@settings(max_examples=40, deadline=None)
@given(DURATIONS)
def test_e61_the_curve_is_scipys(durations: list[tuple[int, bool]]) -> None:
    """The peer: scipy.stats.ecdf of right-censored data is the Kaplan-Meier estimate."""
    ended = [float(seconds) for seconds, done in durations if done]
    censored = [float(seconds) for seconds, done in durations if not done]
    if not ended:
        assert curve_of(durations)["median"] is None
        return
    peer = ecdf(CensoredData(uncensored=ended, right=censored)).sf
    theirs = [q for q, p in zip(peer.quantiles, peer.probabilities, strict=True) if p <= 0.5 + 1e-9]
    ours = curve_of(durations)["median"]
    assert ours == (min(theirs) if theirs else None)


def test_e61_leaving_out_who_is_still_there_would_be_too_quick() -> None:
    """Five left after a day, five are there since ten days: half of all have left, and not all of them after a day."""
    durations = [(1, True)] * 5 + [(10, False)] * 5
    assert curve_of(durations)["median"] == 1
    assert curve_of([*durations, (10, False)])["median"] is None


def test_who_is_stuck_is_beyond_nine_of_ten_of_their_own_cut() -> None:
    """Web leads take an hour and ads a hundred: fifty hours are late for the one and not for the other."""
    rows: list[Row] = []
    for n in range(40):
        source, hours = ("web", 1) if n % 2 else ("ads", 100)
        row = {"subject": "person", "subject_id": f"p{n}", "flow": "lifecycle", "cycle": 1, "sequence": 1,
               "stage": "new", "position": 1, "is_dated": True, "source": source,
               "is_created_closed": False}  # fmt: skip
        rows.append({**row, "entered_at": at(0), "left_at": at(hours), "next_stage": "warm"})
        over = at(24 * 59.5)
        if n >= 38:
            rows.append({**row, "subject_id": f"open{n}", "entered_at": over - timedelta(hours=50)})
    rows.append({**row, "subject_id": "before", "entered_at": at(-10)})  # came before the time asked for, and is there
    with lake(rows) as connection:
        late = connection.sql(lingering.stalled(asked(by="source")).sql).to_arrow_table().to_pylist()
        then = PERIODS[-1]._replace(start=date(2026, 2, 28))
        since = connection.sql(lingering.stalled(asked(by="source", periods=(then,))).sql).to_arrow_table().to_pylist()
        rest = PERIODS[-1]._replace(start=date(2026, 1, 1), end=date(2026, 1, 3))
        begun = connection.sql(lingering.stalled(asked(by="source", periods=(rest,))).sql).to_arrow_table().to_pylist()
    assert [(r["subject_id"], r["cut"], r["seconds"], r["p90"]) for r in late] == [
        ("before", "web", 24 * 59.5 * 3600 + 10 * 3600, 3600), ("open39", "web", 50 * 3600, 3600),
    ]  # fmt: skip
    assert since == []  # nobody left of those who came in the last days: there is no curve
    assert begun == late  # the same curve; who came in after the time asked for is as late by it


@settings(max_examples=40, deadline=None)
@given(WALKS)
def test_a_leak_is_who_went_back_and_came_no_further_since_each_once(walks: list[Any]) -> None:
    rows = stays([moved(walk) for walk in walks])
    with lake(rows) as connection:
        found = connection.sql(lingering.leaks(asked()).sql).to_arrow_table().to_pylist()
        listed = {s: connection.sql(lingering.left(asked(), s).sql).to_arrow_table().to_pylist() for s in STEPS}
    lost: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.get("left_at") and STEPS.index(row["next_stage"]) + 1 < row["position"]:
            later = [r for r in rows if r["subject_id"] == row["subject_id"] and r["entered_at"] >= row["left_at"]]
            if all(r["position"] <= row["position"] for r in later):
                lost[row["stage"]].add(row["subject_id"])
    assert {r["stage"]: r["lost"] for r in found} == {stage: len(who) for stage, who in lost.items()}
    assert {s: sorted(r["who"] for r in who) for s, who in listed.items()} == {s: sorted(lost[s]) for s in STEPS}


def test_who_left_as_a_customer_is_not_still_there_and_a_stage_that_nothing_dates_ends_no_time() -> None:
    """Of six customers one goes on after 10 h, one parts after 20 h, one is deleted after 30 h, one is met in a stage
    that nothing dates after 40 h, and two are there. At risk: 6, then 5: S = 5/6, then 4/6; half never left."""
    ends = [(10, "signed", True), (20, None, True), (30, None, True), (40, "ready", False), (None, None, True)]
    rows: list[Row] = []
    for n, (hours, then, dated) in enumerate([*ends, ends[-1]]):
        row = {"subject": "account", "subject_id": f"a{n}", "flow": "lifecycle", "cycle": 1, "is_dated": True,
               "is_created_closed": False, "account_id": f"a{n}"}  # fmt: skip
        left = None if hours is None else at(hours)
        rows.append({**row, "sequence": 1, "stage": "taken", "position": 4, "entered_at": at(0), "left_at": left,
                     "next_stage": then})  # fmt: skip
        if then:
            rows.append({**row, "sequence": 2, "stage": then, "position": 5, "entered_at": left, "is_dated": dated})
    accounts = [{"id": f"a{n}", "deleted_at": {1: at(500), 2: at(30)}.get(n)} for n in range(6)]  # a1 parted before
    with lake(rows, accounts=accounts) as connection:
        found = connection.sql(lingering.times(asked()).sql).to_arrow_table().to_pylist()
        moves = connection.sql(lingering.moves(asked()).sql).to_arrow_table().to_pylist()
    (taken,) = [r for r in found if r["stage"] == "taken"]
    assert (taken["ended"], taken["still_open"], taken["median"]) == (2, 2, None)
    assert {m["next_stage"]: m["median"] for m in moves} == {"signed": 36_000, "ready": None, None: 25 * 3600}


def test_a_customer_who_left_took_a_year_of_what_they_last_paid() -> None:
    """Ten a month ended long before; of the last two lines both count: (20 + 5) x 12.

    What was paused then, and what begins later, is nothing that they paid.
    """
    left = {"subject": "account", "subject_id": "a1", "flow": "lifecycle", "cycle": 1, "sequence": 1, "stage": "taken",
            "position": 4, "entered_at": at(0), "left_at": at(900), "is_dated": True}  # fmt: skip
    spans = [
        (10, date(2025, 1, 1), date(2025, 9, 1)),
        (20, date(2025, 9, 1), date(2026, 2, 7)),
        (5, date(2025, 12, 1), date(2026, 2, 7)),
        (0, date(2026, 2, 7), date(2026, 2, 20)),
        (99, date(2026, 3, 2), None),
    ]
    lines = [
        {"line_id": f"l{n}", "account_id": "a1", "mrr_converted": Decimal(mrr), "starts_on": first, "ends_on": last}
        for n, (mrr, first, last) in enumerate(spans)
    ]
    with lake([left], lines=lines) as connection:
        found = connection.sql(lingering.leaks(asked()).sql).to_arrow_table().to_pylist()
    assert found == [{"stage": "taken", "lost": 1, "furthest": 1, "value": Decimal(300)}]


def test_a_deal_that_leaks_twice_is_valued_once_and_one_that_was_won_after_all_is_none() -> None:
    walk = [(1, 0), (2, 1), (1, 1), (2, 1), (1, 1)]  # back twice from the second stage
    back = stays([walk, [(1, 0), (2, 1), (1, 1), (3, 1)]], subject="opportunity")
    amounts = [{"id": f"o{n}", "amount_converted": Decimal(100)} for n in range(2)]
    with lake(back, deals=amounts) as connection:
        found = connection.sql(lingering.leaks(asked()).sql).to_arrow_table().to_pylist()
    assert found == [{"stage": "warm", "lost": 1, "furthest": 1, "value": Decimal(100)}]


def test_a_deal_that_leaks_at_two_stages_has_its_money_at_the_further_one() -> None:
    """Back from the third stage to the second, and lost from there; another is lost from the second alone."""
    rows = stays([[(1, 0), (2, 1), (3, 1), (2, 1)], [(1, 0), (2, 1)]], subject="opportunity")
    for row in rows:
        if row["sequence"] in (4, 2) and row.get("left_at") is None:
            row |= {"left_at": at(900), "left_on": at(900).date(), "next_stage": None}
    amounts = [{"id": "o0", "amount_converted": Decimal(100)}, {"id": "o1", "amount_converted": Decimal(7)}]
    with lake(rows, deals=amounts) as connection:
        found = connection.sql(lingering.leaks(asked()).sql).to_arrow_table().to_pylist()
        warm, ready = (connection.sql(lingering.left(asked(), s).sql).to_arrow_table().to_pylist() for s in STEPS[1:3])
    assert found == [
        {"stage": "ready", "lost": 1, "furthest": 1, "value": Decimal(100)},
        {"stage": "warm", "lost": 2, "furthest": 1, "value": Decimal(7)},
    ]  # fmt: skip
    assert {r["who"]: r["value"] for r in ready} == {"o0": Decimal(100)}
    assert {r["who"]: r["value"] for r in warm} == {"o0": None, "o1": Decimal(7)}


def test_what_an_entrant_is_worth_shares_a_deal_by_its_people() -> None:
    """Two leads share a deal of 100, one has another of 60 alone, and a fourth has none: 160 over four."""
    rows = stays([[(1, 0)], [(1, 0)], [(1, 0)], [(1, 0)]])
    won = [{"id": "a", "amount_converted": Decimal(100), "is_won": True},
           {"id": "b", "amount_converted": Decimal(60), "is_won": True},
           {"id": "c", "amount_converted": Decimal(999), "is_won": False}]  # fmt: skip
    roles = [("p0", "a"), ("p1", "a"), ("p2", "b"), ("p3", "c")]
    with lake(rows, roles, deals=won) as connection:
        found = connection.sql(lingering.worth(asked()).sql).to_arrow_table().to_pylist()
    assert [(r["position"], r["entered"], float(r["won_value"])) for r in found] == [(1, 4, 160.0)]
