"""The demo's own clock agrees with the timezone database and with the company's calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairlead.demo.clock import FISCAL_YEAR_START, MONTHS, NEVER, day_of, first_day, local, month_of, month_start
from fairlead.demo.truth.values import period_names
from fairlead.values import Grain, period_of

NEW_YORK = ZoneInfo("America/New_York")
EPOCH = date(1970, 1, 1)
instants = st.integers(
    int(datetime(2022, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2028, 1, 1, tzinfo=UTC).timestamp())
)


@given(st.lists(instants, min_size=1))
def test_local_time_is_the_timezone_databases(moments: list[int]) -> None:
    shown = local(np.array(moments))
    for moment, seconds in zip(moments, shown, strict=True):
        expected = datetime.fromtimestamp(moment, NEW_YORK).replace(tzinfo=UTC).timestamp()
        assert seconds == expected


@given(instants)
def test_months_are_cut_in_new_york(moment: int) -> None:
    day = datetime.fromtimestamp(moment, NEW_YORK).date()
    assert day_of(np.array([moment]))[0] == (day - EPOCH).days
    assert month_of(np.array([moment]))[0] == (day.year - 2023) * 12 + day.month - 11


def test_never_stays_never() -> None:
    assert day_of(np.array([NEVER]))[0] == NEVER
    assert month_of(np.array([NEVER]))[0] == NEVER


def test_periods_are_named_as_the_calendar_names_them() -> None:
    months = [date(*month_start(m), 1) for m in range(MONTHS)]
    assert list(period_names(quarters=False)) == [period_of(day, Grain.MONTH).name for day in months]
    quarters = [period_of(day, Grain.QUARTER, FISCAL_YEAR_START).name for day in months[::3]]
    assert list(period_names(quarters=True)) == quarters
    assert [first_day(m) for m in range(MONTHS)] == [(day - EPOCH).days for day in months]
