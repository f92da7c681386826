"""Working time against a simulator that walks every minute, and the cases that decide whether it can be trusted."""

import doctest
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis import calendar as module
from fairlead.analysis.calendar import (
    INSTANT,
    Calendar,
    Hours,
    NoWorkingTime,
    UnknownRegion,
    UnknownZone,
    micros,
)
from fairlead.analysis.zone import zone_of
from tests.analysis.minutes import Minutes, instant
from tests.analysis.wall import wall
from tests.analysis.worlds import WEEK, ZONES, World, arrow, at, h, local, moments, quickly, utc, week, worlds

BERLIN = "Europe/Berlin"
OFFICE = Hours(BERLIN, week("09:00-17:00"))


def calendar(hours: Hours = OFFICE, first: date = date(2026, 1, 1), last: date = date(2026, 12, 31)) -> Calendar:
    return Calendar(hours, first, last)


def test_times_without_a_timezone_are_refused_one_by_one_and_in_bulk() -> None:
    naive = datetime(2026, 3, 27, 15)  # noqa: DTZ001 - that is the point
    for ask in (lambda: calendar().after_one(naive, 60), lambda: calendar().after(pa.array([naive]), 60)):
        with pytest.raises(ValueError, match="has no timezone"):
            ask()


# Against every minute, one after the other


@quickly(150)
@given(st.data(), worlds())
def test_not_one_difference_to_walking_the_minutes(data: st.DataObject, world: World) -> None:
    walked, ours = world.minutes, world.calendar
    starts = data.draw(st.lists(moments(world), min_size=4, max_size=8))
    ends = data.draw(st.lists(moments(world), min_size=len(starts), max_size=len(starts)))
    worked = [walked.worked(a, b) for a, b in zip(starts, ends, strict=True)]
    assert ours.worked(arrow(starts), arrow(ends)).to_pylist() == [60 * found for found in worked]
    left = [walked.worked(start, walked.safe[1]) for start in starts]
    for start, most in zip(starts, left, strict=True):
        amount = data.draw(st.integers(0, most))
        assert ours.after_one(at(start), amount * 60) == instant(walked.after(start, amount))
        if most:
            assert ours.opens_one(at(start)) == at(walked.opens(start))
    check_days(data, world, starts)


def check_days(data: st.DataObject, world: World, starts: list[int]) -> None:
    """Working days, whole and in hundredths, and the same time some working days later."""
    walked, ours = world.minutes, world.calendar
    for start in starts:
        _, high = walked.safe
        ahead = [day for day in walked.size if start < walked.first_shown(day) < high - 2880]
        if len(ahead) >= 3:
            days = data.draw(st.integers(1, 100 * (len(ahead) - 2))) / 100
            assert ours.after_days_one(at(start), days) == instant(walked.after_days(start, Fraction(str(days))))
            whole = data.draw(st.integers(1, len(ahead) - 2))
            assert ours.same_time_one(at(start), whole) == at(walked.same_time(start, whole))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_whole_years_walked_minute_by_minute(zone: str) -> None:
    night = Hours(zone, (h("00:00-02:30", "03:15-06:00", "22:00-24:00"),) * 6 + (h("02:00-03:00"),))
    walked = Minutes(night, date(2023, 1, 1), date(2024, 12, 31))
    ours = calendar(night, date(2024, 1, 1), date(2024, 1, 31))
    low, high = walked.safe
    marks = list(range(low, high, 1441))
    total, expected = 0, []
    for start, end in pairwise(marks):
        total += walked.worked(start, end)
        expected.append(total * 60)
    assert ours.worked(arrow([low] * len(expected)), arrow(marks[1:])).to_pylist() == expected
    assert ours.after(arrow([low]), total * 60).to_pylist() == [instant(walked.after(low, total))]


@quickly(40)
@given(st.data(), worlds(days=9))
def test_working_time_adds_up_and_turns_back_to_the_microsecond(data: st.DataObject, world: World) -> None:
    ticks = st.integers(-WEEK * 10**6, WEEK * 10**6)
    first, second, third = sorted(at(world.minutes.begin) + timedelta(microseconds=data.draw(ticks)) for _ in range(3))
    try:
        exact = [world.calendar.worked_micros(micros(a), micros(b))[0] for a, b in ((first, second), (second, third))]
    except NoWorkingTime:
        return
    assert sum(exact) == world.calendar.worked_micros(micros(first), micros(third))[0]
    length = exact[0]
    if length:
        back = world.calendar.after_micros(micros(first), length)
        assert back[0] <= micros(second)[0]
        assert world.calendar.worked_micros(micros(first), back)[0] == length
        assert world.calendar.worked_micros(micros(first), back - 1)[0] == length - 1


def test_one_and_many_give_the_same() -> None:
    ours = calendar()
    starts = [utc(2026, 3, 27, 15), utc(2026, 3, 29, 4), utc(2026, 3, 30, 7, 0)]
    many = pa.array(starts, INSTANT)
    assert ours.after(many, 5 * 3600).to_pylist() == [ours.after_one(start, 5 * 3600) for start in starts]
    assert ours.after_days(many, 1.25).to_pylist() == [ours.after_days_one(start, 1.25) for start in starts]
    assert ours.same_time(many, 2).to_pylist() == [ours.same_time_one(start, 2) for start in starts]
    assert ours.opens(many).to_pylist() == [ours.opens_one(start) for start in starts]


def test_nothing_in_is_nothing_out() -> None:
    ours = calendar()
    some = pa.array([None, utc(2026, 3, 27, 15), None], INSTANT)
    other = pa.array([utc(2026, 3, 27, 15), utc(2026, 3, 27, 15, 30), None], INSTANT)
    assert ours.worked(some, other).to_pylist() == [None, 1800, None]
    assert ours.after(some, 60).to_pylist() == [None, utc(2026, 3, 27, 15, 1), None]
    nobody = pa.array([], INSTANT)
    assert ours.worked(nobody, nobody).to_pylist() == ours.after_days(nobody, 1).to_pylist() == []
    missing = pa.array([None], INSTANT)
    assert ours.opens(missing).to_pylist() == ours.same_time(missing, 1).to_pylist() == [None]


def test_a_datetime_without_timezone_is_refused() -> None:
    with pytest.raises(ValueError, match="no timezone"):
        calendar().worked_one(datetime(2026, 3, 27), utc(2026, 3, 28))  # noqa: DTZ001


# The cases with a number


def test_e67_working_time_only_in_several_blocks_of_the_owners_zone() -> None:
    shifts = calendar(Hours("Asia/Kolkata", week("09:00-12:30", "13:30-18:00")))
    noon = local("Asia/Kolkata", 2026, 1, 12, 12)
    assert shifts.worked_one(noon, local("Asia/Kolkata", 2026, 1, 12, 14)) == 3600
    assert shifts.after_one(noon, 3600) == local("Asia/Kolkata", 2026, 1, 12, 14)
    assert shifts.worked_one(local("Asia/Kolkata", 2026, 1, 16, 17), local("Asia/Kolkata", 2026, 1, 19, 10)) == 7200


def test_e69_a_night_of_nine_hours_and_one_of_seven() -> None:
    night = calendar(Hours(BERLIN, (h("00:00-06:00", "22:00-24:00"),) * 7))
    spring = local(BERLIN, 2026, 3, 28, 22), local(BERLIN, 2026, 3, 29, 6)
    autumn = local(BERLIN, 2026, 10, 24, 22), local(BERLIN, 2026, 10, 25, 6)
    assert [night.worked_one(*ends) / 3600 for ends in (spring, autumn)] == [7, 9]
    assert night.after_one(autumn[0], 9 * 3600) == autumn[1]
    day = calendar(Hours(BERLIN, (h("00:00-24:00"),) * 7))
    begins = [local(BERLIN, *day) for day in ((2026, 3, 29), (2026, 3, 30), (2026, 10, 25), (2026, 10, 26))]
    assert day.worked_one(begins[0], begins[1]) == 23 * 3600
    assert day.worked_one(begins[2], begins[3]) == 25 * 3600


def test_e69_a_time_that_the_clocks_skip_is_later_by_what_they_skip() -> None:
    early = calendar(Hours(BERLIN, (h("02:30-10:00"),) * 7))
    assert early.opens_one(local(BERLIN, 2026, 3, 29, 0)) == local(BERLIN, 2026, 3, 29, 3, 30)
    assert early.same_time_one(local(BERLIN, 2026, 3, 28, 2, 45), 1) == local(BERLIN, 2026, 3, 29, 3, 45)
    ending = calendar(Hours(BERLIN, (h("00:00-02:30"),) * 7))
    assert ending.worked_one(local(BERLIN, 2026, 3, 29, 0), local(BERLIN, 2026, 3, 29, 12)) == 2.5 * 3600


def test_e69_a_block_has_both_of_a_time_that_comes_twice() -> None:
    autumn = local(BERLIN, 2026, 10, 25, 0), local(BERLIN, 2026, 10, 25, 12)
    assert calendar(Hours(BERLIN, (h("00:00-02:30"),) * 7)).worked_one(*autumn) == 3.5 * 3600
    assert calendar(Hours(BERLIN, (h("02:30-10:00"),) * 7)).worked_one(*autumn) == 8.5 * 3600


def test_e69_a_day_that_a_zone_skipped_has_no_working_time() -> None:
    apia = calendar(Hours("Pacific/Apia", (h("09:00-17:00"),) * 7), date(2011, 1, 1), date(2012, 1, 31))
    thursday = local("Pacific/Apia", 2011, 12, 29, 16)
    assert apia.after_one(thursday, 2 * 3600) == local("Pacific/Apia", 2011, 12, 31, 10)
    assert apia.same_time_one(thursday, 1) == local("Pacific/Apia", 2011, 12, 31, 16)
    assert apia.worked_one(thursday, thursday + timedelta(days=2)) == 16 * 3600


def test_e70_public_holidays_of_a_region_half_days_and_a_saturday_worked() -> None:
    bavaria = Hours(
        BERLIN, week("09:00-17:00"), ((date(2026, 12, 24), h("09:00-12:00")), (date(2026, 11, 28), h("10:00-14:00"))),
        ("DE-BY",),
    )  # fmt: skip
    ours, everywhere = calendar(bavaria), calendar(bavaria._replace(holidays_of=("DE",)))
    epiphany = local(BERLIN, 2026, 1, 6, 0), local(BERLIN, 2026, 1, 7, 0)
    assert (ours.worked_one(*epiphany), everywhere.worked_one(*epiphany)) == (0, 8 * 3600)
    assert ours.worked_one(local(BERLIN, 2026, 12, 24, 0), local(BERLIN, 2026, 12, 27, 0)) == 3 * 3600
    assert ours.worked_one(local(BERLIN, 2026, 11, 28, 0), local(BERLIN, 2026, 11, 29, 0)) == 4 * 3600
    worked = bavaria._replace(days=((date(2026, 1, 6), h("09:00-11:00")),))
    assert calendar(worked).worked_one(*epiphany) == 2 * 3600
    two = calendar(bavaria._replace(holidays_of=("DE-BY", "US-CA")))
    assert two.worked_one(local(BERLIN, 2026, 11, 26, 0), local(BERLIN, 2026, 11, 27, 0)) == 0


def test_e70_a_day_off_that_is_added_later_changes_what_was() -> None:
    span = local(BERLIN, 2026, 1, 12, 9), local(BERLIN, 2026, 1, 16, 17)
    before = calendar().worked_one(*span)
    after = calendar(OFFICE._replace(days=((date(2026, 1, 14), ()),))).worked_one(*span)
    assert (before, after) == (40 * 3600, 32 * 3600)


def test_e73_a_day_is_not_a_working_day_and_that_not_the_same_time() -> None:
    ours = calendar(OFFICE._replace(days=((date(2026, 1, 13), h("09:00-13:00")),)))
    monday = local(BERLIN, 2026, 1, 12, 11)
    assert ours.after_days_one(monday, 1) == local(BERLIN, 2026, 1, 13, 10)
    assert ours.same_time_one(monday, 1) == local(BERLIN, 2026, 1, 13, 11)
    assert ours.after_one(monday, 11 * 3600) == local(BERLIN, 2026, 1, 14, 10)
    afternoon = local(BERLIN, 2026, 1, 12, 15)
    assert ours.same_time_one(afternoon, 1) == local(BERLIN, 2026, 1, 14, 9)
    friday = local(BERLIN, 2026, 1, 16, 16)
    assert ours.after_days_one(friday, 1) == ours.same_time_one(friday, 1) == local(BERLIN, 2026, 1, 19, 16)


def test_e74_who_comes_outside_hours_is_counted_from_the_next_opening() -> None:
    ours = calendar()
    saturday, opening = local(BERLIN, 2026, 1, 17, 11), local(BERLIN, 2026, 1, 19, 9)
    assert ours.opens_one(saturday) == opening
    assert ours.opens_one(opening) == opening
    assert ours.opens_one(local(BERLIN, 2026, 1, 19, 17)) == local(BERLIN, 2026, 1, 20, 9)
    assert ours.after_one(saturday, 3600) == opening + timedelta(hours=1)
    assert ours.after_days_one(saturday, 1) == local(BERLIN, 2026, 1, 19, 17)
    assert ours.same_time_one(saturday, 1) == local(BERLIN, 2026, 1, 20, 9)


def test_e84_a_calendar_without_working_time_is_an_error_and_no_loop() -> None:
    with pytest.raises(NoWorkingTime, match="no working time"):
        calendar(Hours(BERLIN, ((),) * 7))
    with pytest.raises(NoWorkingTime):
        calendar(OFFICE, date(2026, 1, 17), date(2026, 1, 18))
    once = calendar(
        Hours(BERLIN, ((),) * 7, ((date(2026, 5, 4), h("09:00-10:00")), (date(2027, 5, 4), h("09:00-10:00"))))
    )
    assert once.after_one(utc(2026, 1, 1), 7200) == local(BERLIN, 2027, 5, 4, 10)
    with pytest.raises(NoWorkingTime, match="not as much"):
        once.after_one(utc(2026, 1, 1), 7201)
    with pytest.raises(NoWorkingTime):
        once.opens_one(utc(2027, 6, 1))
    with pytest.raises(NoWorkingTime):
        calendar().after_days_one(utc(2026, 1, 1), 10_000_000)


# What it is made of


def test_a_question_beyond_the_span_widens_it() -> None:
    narrow, wide = (
        calendar(OFFICE, date(2026, 6, 1), date(2026, 6, 2)),
        calendar(OFFICE, date(2000, 1, 1), date(2040, 1, 1)),
    )
    ends = utc(2001, 5, 1, 8), utc(2039, 7, 1, 15)
    assert narrow.worked_one(*ends) == wide.worked_one(*ends) > 0
    assert narrow.after_one(utc(2030, 1, 1), 3600 * 8 * 250 * 9) == wide.after_one(utc(2030, 1, 1), 3600 * 8 * 250 * 9)


def test_a_day_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(ValueError, match="9999-12-31"):
        calendar().worked_one(utc(2026, 1, 1), utc(9999, 12, 31))


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot begin on 2026-06-02 and end on 2026-06-01"):
        calendar(OFFICE, date(2026, 6, 2), date(2026, 6, 1))


@pytest.mark.parametrize("amount", [-1, -0.5, float("nan"), float("inf")])
def test_a_length_that_is_none_is_refused_and_not_taken_for_nothing(amount: float) -> None:
    one, start = calendar(), utc(2026, 1, 5, 12)
    for asked in (one.after_one, one.after_days_one):
        with pytest.raises(ValueError, match="is no length of working time"):
            asked(start, amount)
    with pytest.raises(ValueError, match="is no length of working time"):
        one.after(pa.array([start], INSTANT), amount)
    with pytest.raises(ValueError, match="-1 is no length"):
        one.same_time_one(start, -1)


@pytest.mark.parametrize("days", [0.5, 1.5])
def test_the_same_time_comes_after_whole_days_only(days: float) -> None:
    one, start = calendar(), utc(2026, 1, 5, 12)
    with pytest.raises(ValueError, match=f"{days} is no number of whole working days"):
        one.same_time_one(start, days)
    with pytest.raises(ValueError, match=f"{days} is no number of whole working days"):
        one.same_time(pa.array([start], INSTANT), days)
    assert one.same_time_one(start, 2.0) == one.same_time_one(start, 2) == utc(2026, 1, 7, 12)


def test_starts_that_are_not_as_many_as_their_ends_are_refused() -> None:
    starts, ends = (pa.array([utc(2026, 1, 5, 12)] * count, INSTANT) for count in (3, 2))
    with pytest.raises(ValueError, match="columns of 3 and 2 rows do not go together"):
        calendar().worked(starts, ends)
    with pytest.raises(ValueError, match="columns of 3 and 1 rows do not go together"):
        calendar().worked(starts, ends[:1])


def test_the_example_of_the_module_holds() -> None:
    assert doctest.testmod(module).attempted == 4
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "blocks", [h("09:00-13:00", "12:00-17:00"), h("17:00-09:00"), h("09:00-09:00"), h("20:00-25:00")]
)
def test_blocks_that_overlap_or_leave_their_day_are_refused(blocks: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="in order"):
        calendar(Hours(BERLIN, (blocks,) * 7))  # type: ignore[arg-type]


def test_places_that_nobody_knows_are_refused() -> None:
    with pytest.raises(UnknownZone, match="Europe/Berlln"):
        calendar(OFFICE._replace(timezone="Europe/Berlln"))
    for region in ("XX", "DE-XX", "de"):
        with pytest.raises(UnknownRegion, match=region):
            calendar(OFFICE._replace(holidays_of=(region,)))


@pytest.mark.parametrize("zone", sorted(ZONES))
def test_the_wall_shows_what_the_timezone_database_says(zone: str) -> None:
    first, last = ZONES[zone]
    ours = zone_of(zone, date(first, 1, 1), date(last, 12, 31))
    moments = [utc(first, 1, 1) + timedelta(minutes=7 * 60 * n + n) for n in range((last - first + 1) * 1240)]
    shown = ours.offset(pa.array(moments, INSTANT).cast(pa.int64()).to_numpy()) // 10**6
    told = [moment.astimezone(wall(zone)).utcoffset() for moment in moments]
    assert shown.tolist() == [offset.total_seconds() for offset in told if offset is not None]
