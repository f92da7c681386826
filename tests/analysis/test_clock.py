"""Clocks against a simulator that walks every minute, and the cases that decide whether they can be trusted."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.calendar import INSTANT, Calendar, Hours
from fairlead.analysis.clock import (
    Limit,
    Pause,
    Reading,
    State,
    Terms,
    Unit,
    chosen,
    due,
    due_one,
    measure,
    read,
    read_one,
)
from fairlead.model.agreed import SpanUnit
from tests.analysis.minutes import Minutes, Number, Span, instant
from tests.analysis.worlds import World, arrow, at, local, moments, quickly, utc, week, worlds

BERLIN = "Europe/Berlin"
OFFICE = Calendar(Hours(BERLIN, week("09:00-17:00")), date(2026, 1, 1), date(2026, 12, 31))
FOUR_HOURS = Terms(Limit(4, Unit.WORKING_HOUR), OFFICE)
ONE_DAY = Terms(Limit(1, Unit.DAY))
LISTS = pa.list_(pa.struct([("start", INSTANT), ("end", INSTANT)]))


def monday(hour: int, minute: int = 0) -> datetime:
    return local(BERLIN, 2026, 1, 12, hour, minute)


def tuesday(hour: int, minute: int = 0) -> datetime:
    return local(BERLIN, 2026, 1, 13, hour, minute)


def pauses_of(lists: Sequence[Sequence[Span]]) -> pa.Array:
    """Pauses in minutes as Arrow."""
    shown = [
        [{"start": at(since), "end": None if until is None else at(until)} for since, until in one] for one in lists
    ]
    return pa.array(shown, LISTS)


# Against every minute, one after the other


@st.composite
def spans(draw: st.DrawFn, world: World, start: int) -> list[Span]:
    """Pauses anywhere, and short ones soon after the start."""
    soon = st.integers(-60, 600).map(lambda by: min(max(start + by, world.minutes.safe[0]), world.minutes.safe[1]))
    edges = st.one_of(soon, soon, moments(world))
    found = [sorted((draw(edges), draw(edges))) for _ in range(draw(st.integers(0, 5)))]
    return [(since, until) for since, until in found]


class Counts:
    """Whether a minute counts."""

    def __init__(self, walked: Minutes, is_working: bool) -> None:
        self.walked, self.is_working = walked, is_working

    def __call__(self, minute: int) -> bool:
        return not self.is_working or self.walked.is_open(minute)


def walked_base(walked: Minutes, counts: Counts, limit: Limit, start: int) -> Number:
    """When a clock without pauses is due."""
    if limit.unit is Unit.WORKING_DAY:
        return walked.after_days(start, Fraction(str(limit.amount)))
    if limit.unit is Unit.WORKING_DAY_SAME_TIME:
        return walked.same_time(start, round(limit.amount))
    return walked.after(start, Fraction(str(limit.amount)) * (limit.unit.seconds or 0) / 60, counts)


LIMITS = st.one_of(
    st.builds(Limit, st.integers(1, 300), st.sampled_from([Unit.MINUTE, Unit.WORKING_MINUTE])),
    st.builds(Limit, st.sampled_from([0.5, 1, 4, 7.25]), st.sampled_from([Unit.HOUR, Unit.WORKING_HOUR])),
    st.builds(Limit, st.sampled_from([0.25, 0.5, 1, 1.37]), st.sampled_from([Unit.DAY, Unit.WORKING_DAY])),
    st.just(Limit(1, Unit.WORKING_DAY_SAME_TIME)),
)


@quickly(120)
@given(st.data(), worlds(days=16), LIMITS)
def test_due_and_measured_are_what_walking_the_minutes_gives(data: st.DataObject, world: World, limit: Limit) -> None:
    walked, counts = world.minutes, Counts(world.minutes, limit.unit.is_working)
    budget = data.draw(st.sampled_from([None, 0, 30, 200]))
    terms = Terms(limit, world.calendar, None if budget is None else budget * 60)
    low, high = walked.safe
    starts, lists, expected = [], [], []
    for _ in range(3):
        start = data.draw(moments(world))
        pauses = data.draw(spans(world, start))
        try:
            base = walked_base(walked, counts, limit, start)
            most = 10**9 if budget is None else budget
            expected.append(instant(walked.moved(base, (start, pauses), counts, most)))
        except (IndexError, AssertionError):  # it is due after the last day that was walked
            continue
        starts.append(start)
        lists.append(pauses)
    assert due(terms, arrow(starts), pauses_of(lists)).to_pylist() == expected
    for start, pauses, wanted in zip(starts, lists, expected, strict=True):
        shown = [Pause(at(since), None if until is None else at(until)) for since, until in pauses]
        assert due_one(terms, at(start), shown) == wanted
    stops = [data.draw(moments(world)) for _ in starts]
    measured = measure(terms, arrow(starts), arrow(stops), pauses_of(lists), as_of=at(high))
    moving = [
        [one for one in pauses if wanted is None or at(max(one[0], start)) < wanted]
        for start, pauses, wanted in zip(starts, lists, expected, strict=True)
    ]
    told = [by_minute(counts, *clock, budget) for clock in zip(starts, stops, moving, strict=True)]
    assert list(zip(measured.worked.to_pylist(), measured.paused.to_pylist(), strict=True)) == told
    check_states(terms, (starts, stops, lists), expected, at(data.draw(st.integers(low, high))))


def by_minute(counts: Counts, start: int, stop: int, pauses: Sequence[Span], budget: int | None) -> tuple[int, int]:
    """Seconds worked and paused, minute by minute."""
    paused = {minute for since, until in pauses for minute in range(since, until or 0)}
    counted = [minute in paused for minute in range(start, stop) if counts(minute)]
    stood = counted.count(True) if budget is None else min(counted.count(True), budget)
    return 60 * (len(counted) - stood), 60 * stood


def check_states(
    terms: Terms, clocks: tuple[list[int], list[int], list[list[Span]]], expected: list[datetime], as_of: datetime
) -> None:
    """Read as of a moment, one clock and many say the same, and what follows from the deadline."""
    starts, stops, lists = clocks
    rows = read(terms, arrow(starts), arrow(stops), pauses_of(lists), as_of=as_of).to_pylist()
    for row, start, stop, pauses, wanted in zip(rows, starts, stops, lists, expected, strict=True):
        shown = [Pause(at(since), None if until is None else at(until)) for since, until in pauses]
        one = read_one(terms, at(start), at(stop), shown, as_of=as_of)
        assert row == {**one._asdict(), "state": str(one.state)}
        cut = [span for span in shown if span.end and span.end <= min(as_of, at(stop))]
        if cut == shown:
            assert one.due == wanted
            is_late = min(as_of, at(stop)) > wanted
            stopped = (State.MET, State.BREACHED) if at(stop) <= as_of else (State.RUNNING, State.OVERDUE)
            assert one.state is stopped[is_late]
            assert is_late or one.late == 0


# The cases with a number


def test_e68_the_first_calendar_that_is_named_holds() -> None:
    assert chosen("milestone", "policy", "record", "default") == "milestone"
    assert chosen(None, "policy", "record", "default") == "policy"
    assert chosen(None, None, "record", "default") == "record"
    assert chosen(None, None, None, "default") == "default"
    assert chosen(None, None, None, None) is None


def test_e71_only_the_working_part_of_a_pause_counts_and_overlapping_ones_once() -> None:
    overnight = [Pause(monday(16), tuesday(10))]
    assert due_one(FOUR_HOURS, monday(15), overnight) == tuesday(13)
    twice = [
        Pause(monday(10), monday(11)),
        Pause(monday(10, 30), monday(11, 30)),
        Pause(monday(10, 40), monday(10, 50)),
    ]
    assert due_one(FOUR_HOURS, monday(9), twice) == monday(14, 30)
    assert due_one(ONE_DAY, monday(15), overnight) == tuesday(15) + timedelta(hours=18)
    read_at = read_one(FOUR_HOURS, monday(9), monday(14, 30), twice, as_of=tuesday(9))
    assert read_at == Reading(monday(14, 30), 4 * 3600, 90 * 60, 0, State.MET)


def test_e72_paused_again_and_again() -> None:
    often = [Pause(monday(10, minute), monday(10, minute + 5)) for minute in range(0, 60, 10)]
    assert due_one(FOUR_HOURS, monday(9), often) == monday(13, 30)
    assert due_one(FOUR_HOURS, monday(9), list(reversed(often))) == monday(13, 30)


def test_e72_a_pause_before_the_start_is_nothing() -> None:
    assert due_one(FOUR_HOURS, monday(11), [Pause(monday(9), monday(10))]) == monday(15)
    assert due_one(FOUR_HOURS, monday(11), [Pause(monday(9), monday(12))]) == monday(16)


def test_e72_a_pause_that_begins_when_it_is_due_moves_nothing() -> None:
    assert due_one(FOUR_HOURS, monday(9), [Pause(monday(13), monday(14))]) == monday(13)
    assert due_one(FOUR_HOURS, monday(9), [Pause(monday(12, 59), monday(14))]) == monday(14, 1)
    second = [Pause(monday(12), monday(12, 30)), Pause(monday(13, 30), monday(15))]
    assert due_one(FOUR_HOURS, monday(9), second) == monday(13, 30)
    within = [Pause(monday(12), monday(12, 30)), Pause(monday(13, 10), monday(13, 20))]
    assert due_one(FOUR_HOURS, monday(9), within) == monday(13, 40)


def test_e72_a_pause_that_begins_after_the_deadline_takes_nothing_out_of_what_was_worked() -> None:
    """Worked less the limit is what it is late by: due at 13:00, two hours of pause from 14:00, stopped at 17:00."""
    after = [Pause(monday(14), monday(16))]
    stood = read_one(FOUR_HOURS, monday(9), monday(17), after, as_of=tuesday(9))
    assert stood == Reading(monday(13), 8 * 3600, 0, 4 * 3600, State.BREACHED)


def test_e72_pauses_that_touch_are_one() -> None:
    next_day = Terms(Limit(1, Unit.WORKING_DAY_SAME_TIME), OFFICE)
    night = [Pause(monday(20), tuesday(10)), Pause(tuesday(10), tuesday(11))]
    assert due_one(next_day, monday(9)) == tuesday(9)
    assert due_one(next_day, monday(9), night) == tuesday(11)


def test_e72_while_a_pause_is_open_nobody_knows_when_it_is_due() -> None:
    still = [Pause(monday(11))]
    assert due_one(FOUR_HOURS, monday(9), still) is None
    assert read_one(FOUR_HOURS, monday(9), None, still, as_of=tuesday(16)) == Reading(
        None, 2 * 3600, (6 + 7) * 3600, 0, State.PAUSED
    )
    assert read_one(FOUR_HOURS, monday(9), tuesday(16), still, as_of=tuesday(17)).state is State.MET
    late = read_one(FOUR_HOURS, monday(9), None, [Pause(monday(13))], as_of=monday(15))
    assert (late.due, late.state) == (monday(13), State.OVERDUE)


def test_e72_pauses_add_no_more_than_their_budget() -> None:
    terms = FOUR_HOURS._replace(budget=3600)
    still = [Pause(monday(11))]
    assert due_one(terms, monday(9), [Pause(monday(11), monday(14))]) == monday(14)
    assert due_one(terms, monday(9), still) is None
    assert due_one(terms, monday(9), still, as_of=monday(11, 59)) is None
    assert due_one(terms, monday(9), still, as_of=monday(12)) == monday(14)
    assert read_one(terms, monday(9), None, still, as_of=monday(15)) == Reading(
        monday(14), 5 * 3600, 3600, 3600, State.OVERDUE
    )
    nothing = FOUR_HOURS._replace(budget=0)
    assert due_one(nothing, monday(9), still) == due_one(nothing, monday(9), []) == monday(13)


def test_e73_units_that_sound_alike_are_due_at_different_times() -> None:
    friday = local(BERLIN, 2026, 1, 16, 15)
    found = {unit: due_one(Terms(Limit(amount, unit), OFFICE), friday) for unit, amount in (
        (Unit.DAY, 1), (Unit.HOUR, 24), (Unit.WORKING_DAY, 1), (Unit.WORKING_HOUR, 24), (Unit.WORKING_DAY_SAME_TIME, 1)
    )}  # fmt: skip
    assert found[Unit.DAY] == found[Unit.HOUR] == local(BERLIN, 2026, 1, 17, 15)
    assert found[Unit.WORKING_DAY] == found[Unit.WORKING_DAY_SAME_TIME] == local(BERLIN, 2026, 1, 19, 15)
    assert found[Unit.WORKING_HOUR] == local(BERLIN, 2026, 1, 21, 15)
    lunch = Calendar(Hours(BERLIN, week("09:00-12:00", "13:00-18:00")), date(2026, 1, 1), date(2026, 12, 31))
    started = monday(8)
    assert due_one(Terms(Limit(1, Unit.WORKING_DAY), lunch), started) == monday(18)
    assert due_one(Terms(Limit(1, Unit.WORKING_DAY_SAME_TIME), lunch), started) == tuesday(9)
    assert due_one(Terms(Limit(34, Unit.HOUR), lunch), started) != due_one(
        Terms(Limit(10, Unit.WORKING_HOUR), lunch), started
    )


def test_e75_at_the_deadline_is_met_and_a_microsecond_later_is_not() -> None:
    tick = timedelta(microseconds=1)
    assert read_one(FOUR_HOURS, monday(9), monday(13), as_of=tuesday(9)).state is State.MET
    assert read_one(FOUR_HOURS, monday(9), monday(13) + tick, as_of=tuesday(9)).state is State.BREACHED
    assert read_one(FOUR_HOURS, monday(9), None, as_of=monday(13)).state is State.RUNNING
    assert read_one(FOUR_HOURS, monday(9), None, as_of=monday(13) + tick).state is State.OVERDUE


def test_e80_an_answer_before_the_start_took_no_time() -> None:
    found = read_one(FOUR_HOURS, monday(12), monday(9), as_of=tuesday(9))
    assert found == Reading(monday(16), 0, 0, 0, State.MET)
    paused = measure(FOUR_HOURS, arrow_of(monday(12)), arrow_of(monday(9)), as_of=tuesday(9))
    assert (paused.worked.to_pylist(), paused.paused.to_pylist()) == ([0], [0])


def test_e82_a_breach_goes_on_being_measured() -> None:
    over = [read_one(FOUR_HOURS, monday(9), None, as_of=moment) for moment in (monday(14), monday(20), tuesday(10))]
    assert [(one.late // 3600, one.worked // 3600) for one in over] == [(1, 5), (4, 8), (5, 9)]
    assert {one.state for one in over} == {State.OVERDUE}
    closed = read_one(FOUR_HOURS, monday(9), tuesday(12), [Pause(tuesday(10), tuesday(11))], as_of=tuesday(15))
    assert closed == Reading(monday(13), 11 * 3600, 0, 7 * 3600, State.BREACHED)


def test_what_comes_after_the_look_has_not_come() -> None:
    later = read_one(FOUR_HOURS, monday(9), monday(16), [Pause(monday(11), monday(12))], as_of=monday(11, 30))
    assert later == Reading(None, 2 * 3600, 1800, 0, State.PAUSED)
    many = read(
        FOUR_HOURS, arrow_of(monday(9)), pa.array([None], INSTANT), pa.array([None], LISTS), as_of=monday(10)
    ).to_pylist()
    assert many == [{"due": monday(13), "worked": 3600, "paused": 0, "late": 0, "state": "running"}]


def test_nothing_in_is_nothing_out() -> None:
    starts = pa.array([None, monday(9)], INSTANT)
    assert due(FOUR_HOURS, starts).to_pylist() == [None, monday(13)]
    rows = read(FOUR_HOURS, starts, pa.array([None, None], INSTANT), as_of=monday(10)).to_pylist()
    assert set(rows[0].values()) == {None}
    empty = pa.array([], INSTANT)
    assert read(FOUR_HOURS, empty, empty, pa.array([], LISTS), as_of=monday(10)).num_rows == 0


def test_working_time_needs_a_calendar() -> None:
    with pytest.raises(ValueError, match="needs a calendar"):
        due_one(Terms(Limit(4, Unit.WORKING_HOUR)), utc(2026, 1, 1))


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (Terms(Limit(1.5, Unit.WORKING_DAY_SAME_TIME), OFFICE), "1.5 is no number of whole working days"),
        (Terms(Limit(0.5, Unit.WORKING_DAY_SAME_TIME), OFFICE), "0.5 is no number of whole working days"),
        *((Terms(Limit(-1, unit), OFFICE), "-1 is no length of time") for unit in Unit),
        *((Terms(Limit(float("nan"), unit), OFFICE), "nan is no length of time") for unit in Unit),
        (Terms(Limit(float("inf"), Unit.HOUR)), "inf is no length of time"),
        (Terms(Limit(4, Unit.WORKING_HOUR), OFFICE, budget=-60), "-60 is no length of time"),
        (Terms(Limit(4, Unit.HOUR), budget=float("nan")), "nan is no length of time"),
    ],
)
def test_terms_that_are_none_are_refused_for_one_clock_and_for_many(terms: Terms, says: str) -> None:
    start, now = monday(9), monday(16)
    column = pa.array([start], INSTANT)
    asked: tuple[Callable[[], object], ...] = (
        lambda: due_one(terms, start),
        lambda: due(terms, column),
        lambda: measure(terms, column, column, as_of=now),
        lambda: read_one(terms, start, None, as_of=now),
        lambda: read(terms, column, column, as_of=now),
    )
    for ask in asked:
        with pytest.raises(ValueError, match=f"^{says}$"):
            ask()


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    start, back = monday(9), Pause(monday(12), monday(11))
    says = "a pause cannot begin at 2026-.* and end at 2026-"
    with pytest.raises(ValueError, match=says):
        due_one(FOUR_HOURS, start, [back])
    with pytest.raises(ValueError, match=says):
        read_one(FOUR_HOURS, start, None, [back], as_of=tuesday(9))
    lists = pa.array([[{"start": back.start, "end": back.end}]], LISTS)
    with pytest.raises(ValueError, match=says):
        due(FOUR_HOURS, pa.array([start], INSTANT), lists)
    assert due_one(FOUR_HOURS, start, [Pause(monday(12), monday(12))]) == monday(13), "it lasts for nothing"


def test_columns_of_clocks_that_are_not_as_long_as_each_other_are_refused() -> None:
    starts, stops = (pa.array([monday(9)] * count, INSTANT) for count in (3, 2))
    says = "columns of 3 and 2 rows do not go together"
    with pytest.raises(ValueError, match=says):
        measure(FOUR_HOURS, starts, stops, as_of=tuesday(9))
    with pytest.raises(ValueError, match=says):
        read(FOUR_HOURS, starts, stops, as_of=tuesday(9))
    with pytest.raises(ValueError, match=says):
        due(FOUR_HOURS, starts, pa.array([[], []], LISTS))
    with pytest.raises(ValueError, match="columns of 3 and 3 and 2 rows"):
        read(FOUR_HOURS, starts, starts, pa.array([[], []], LISTS), as_of=tuesday(9))


def test_the_model_names_the_same_units() -> None:
    assert [unit.value for unit in Unit] == [unit.value for unit in SpanUnit]


def arrow_of(moment: datetime) -> pa.Array:
    return pa.array([moment], INSTANT)
