"""When a metric is looked at next."""

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis import rhythm
from fairlead.analysis.rhythm import NextReview, next_day, next_review
from fairlead.model.agreed import Cadence
from fairlead.model.cadence import Cadences
from fairlead.model.calendars import Calendar, Calendars, Weekday
from fairlead.model.metrics import Metric, Metrics
from fairlead.model.people import People
from fairlead.model.whole import Model

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
WEEKDAYS = tuple(Weekday)
PEOPLE = People.model_validate({"roles": {"cro": {"label": "Chief revenue officer", "function": "sales"}}})
WIN_RATE = ["win_rate"]
CADENCES = Cadences.model_validate(
    {
        "meetings": {
            "pipeline_review": {
                "label": "Pipeline review",
                "cadence": "weekly",
                "day": "monday",
                "metrics": ["win_rate"],
            },
            "executives": {"label": "Executive review", "cadence": "monthly"},
            "planning": {"cadence": "yearly"},
        }
    }
)


def metric(*reviews: tuple[str, str], name: str = "win_rate") -> Metric:
    told = [{"audience": audience, "cadence": cadence} for audience, cadence in reviews]
    return Metric.model_validate({"name": name, "unit": "percent", "review": told})


def looked_at(one: Metric, after: date, fiscal_year_start: int = 1) -> NextReview | None:
    model = Model(metrics=Metrics(metrics={one.name: one}), cadence=CADENCES, people=PEOPLE)
    return next_review(model, one, after, fiscal_year_start)


@pytest.mark.parametrize(
    ("cadence", "weekday", "after", "day"),
    [
        ("daily", None, date(2026, 11, 20), date(2026, 11, 23)),  # a Friday
        ("daily", None, date(2026, 11, 23), date(2026, 11, 24)),
        ("weekly", None, date(2026, 11, 23), date(2026, 11, 30)),  # a Monday: the next one
        ("weekly", Weekday.THURSDAY, date(2026, 11, 25), date(2026, 11, 26)),
        ("monthly", None, date(2026, 7, 31), date(2026, 8, 3)),  # August 1st is a Saturday
        ("monthly", None, date(2026, 8, 1), date(2026, 8, 3)),
        ("monthly", None, date(2026, 8, 3), date(2026, 9, 1)),
        ("monthly", Weekday.TUESDAY, date(2026, 9, 1), date(2026, 10, 6)),
        ("quarterly", None, date(2026, 11, 23), date(2027, 1, 1)),
        ("yearly", None, date(2026, 11, 23), date(2027, 1, 1)),
    ],
)
def test_the_next_day(cadence: str, weekday: Weekday | None, after: date, day: date) -> None:
    assert next_day(Cadence(cadence), weekday, after) == day


def test_quarters_are_fiscal() -> None:
    assert next_day(Cadence.QUARTERLY, None, date(2026, 11, 23), fiscal_year_start=2) == date(2027, 2, 1)


def test_a_working_day_is_one_of_the_calendar() -> None:
    hours = dict.fromkeys(("tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
    off = [{"on": "2027-01-01"}, {"on": "2027-01-05"}, {"on": "2027-01-06", "hours": "09:00-12:00"}]
    calendar = Calendar.model_validate({"name": "office", "hours": hours, "holidays": off})
    new_year = next_day(Cadence.YEARLY, None, date(2026, 11, 23), calendar=calendar)
    assert new_year == date(2027, 1, 6)  # a holiday, a weekend, a Monday off, another holiday; then half a day
    nobody = Calendar.model_validate({"name": "closed", "hours": {"monday": []}})
    assert next_day(Cadence.YEARLY, None, date(2026, 11, 23), calendar=nobody) == date(2027, 1, 1)


def test_a_review_waits_for_the_models_calendar() -> None:
    calendar = {"hours": {"monday": "09:00-17:00"}}
    model = Model(
        metrics=Metrics(metrics={"other": metric(("cro", "quarterly"), name="other")}),
        people=PEOPLE,
        calendars=Calendars.model_validate({"default": "office", "calendars": {"office": calendar}}),
    )
    review = next_review(model, model.metrics.metrics["other"], date(2026, 11, 23))
    assert review == NextReview("Chief revenue officer", date(2027, 1, 4))


@given(DAYS, st.sampled_from([c for c in Cadence if c is not Cadence.TRIGGERED]), st.sampled_from([None, *WEEKDAYS]))
def test_it_is_later_on_its_weekday_and_never_skips_a_turn(
    after: date, cadence: Cadence, weekday: Weekday | None
) -> None:
    day = next_day(cadence, weekday, after)
    assert day > after
    if weekday and cadence is not Cadence.DAILY:
        assert WEEKDAYS[day.weekday()] is weekday
    if weekday is None:
        assert day.weekday() < 5
    longest = {"daily": 3, "weekly": 7, "monthly": 38, "quarterly": 99, "yearly": 373}[cadence]
    assert day - after <= timedelta(days=longest)
    assert next_day(cadence, weekday, day - timedelta(days=1)) == day


def test_the_earliest_audience_is_told() -> None:
    both = metric(("executives", "monthly"), ("pipeline_review", "weekly"))
    assert looked_at(both, date(2026, 11, 23)) == NextReview("Pipeline review", date(2026, 11, 30))
    assert looked_at(both, date(2026, 11, 30)) == NextReview("Executive review", date(2026, 12, 1))


def test_a_meeting_that_lists_it_looks_at_it_in_its_own_rhythm() -> None:
    assert looked_at(metric(), date(2026, 11, 23)) == NextReview("Pipeline review", date(2026, 11, 30))


def test_a_role_looks_too_and_a_name_nobody_knows_is_told_in_words() -> None:
    other = metric(("cro", "quarterly"), name="other")
    assert looked_at(other, date(2026, 11, 23)) == NextReview("Chief revenue officer", date(2027, 1, 1))
    unknown = metric(("board_of_directors", "quarterly"), name="other")
    assert looked_at(unknown, date(2026, 11, 23)) == NextReview("Board of directors", date(2027, 1, 1))


def test_what_is_read_only_when_something_turns_red_has_no_day() -> None:
    assert looked_at(metric(("cro", "triggered"), name="other"), date(2026, 11, 23)) is None
    assert looked_at(metric(name="other"), date(2026, 11, 23)) is None


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rhythm).failed == 0
