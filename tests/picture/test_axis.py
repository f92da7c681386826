"""Axes: hold every value, marks in steps people count in, and no two marks that read alike."""

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.picture.axis import period_ticks, value_axis
from fairlead.picture.wording import Manner

LOCALES = ("en_US", "de_DE", "fr_FR", "ja_JP", "de_CH")
UNITS = ("percent", "money", "money_per_day", "count", "days", "ratio")
VALUES = st.lists(
    st.none() | st.floats(-1e12, 1e12, allow_nan=False).map(lambda v: round(v, 4)), min_size=1, max_size=8
)


@given(VALUES, st.sampled_from(UNITS), st.sampled_from(LOCALES), st.booleans())
@example([1.5], "count", "en_US", False)
def test_every_value_is_on_the_axis_and_marks_are_in_order(
    values: list[float | None], unit: str, locale: str, zero: bool
) -> None:
    axis = value_axis(values, unit, Manner("EUR", locale), zero=zero)
    known = [value for value in values if value is not None]
    assert axis.low < axis.high
    assert all(axis.low <= value <= axis.high for value in known)
    marks = [mark for mark, _ in axis.ticks]
    assert marks == sorted(marks)
    assert 1 <= len(marks) <= 8
    assert not zero or axis.low <= 0 <= axis.high
    words = [said for _, said in axis.ticks]
    assert len(set(words)) == len(words), words


def test_a_number_that_hardly_moved_looks_as_if_it_hardly_moved() -> None:
    axis = value_axis([0.251, 0.252], "percent", Manner())
    assert axis.high - axis.low >= 0.1 * 0.252


def test_an_axis_begins_at_zero_where_zero_is_near() -> None:
    assert value_axis([1.0, 9.0], "count", Manner()).low == 0
    assert value_axis([8.0, 9.0], "count", Manner()).low > 0


def test_counts_have_whole_marks() -> None:
    assert [said for _, said in value_axis([0, 1, 2], "count", Manner()).ticks] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en_US", ["0%", "10%", "20%"]), ("de_DE", ["0\u00a0%", "10\u00a0%", "20\u00a0%"])],
)
def test_percent_is_written_as_the_locale_writes_it(locale: str, said: list[str]) -> None:
    assert [words for _, words in value_axis([0, 0.2], "percent", Manner(locale=locale), most=3).ticks] == said


@given(st.integers(1, 60), st.integers(1, 14))
def test_the_last_period_is_named_and_never_more_than_fit(count: int, most: int) -> None:
    names = [f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(count)]
    ticks = period_ticks(names, Manner(), most)
    assert ticks[-1][0] == names[-1]
    assert 1 <= len(ticks) <= most
    steps = {b - a for a, b in zip(*[[names.index(name) for name, _ in ticks][at:] for at in (0, 1)], strict=False)}
    assert len(steps) <= 1


def test_a_year_is_written_once() -> None:
    names = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]
    ticks = period_ticks(names, Manner(), 24)
    years = [name for name, lines in ticks if len(lines) > 1]
    assert years == ["2025-01", "2026-01"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("2026-W05", "W05"), ("2026-Q2", "Q2"), ("2026", "2026"), ("2026-03-09", "Mar 9"), ("2026-03", "Mar")],
)
def test_every_grain_has_a_short_name(name: str, said: str) -> None:
    assert period_ticks([name], Manner(), 5)[0][1][0] == said


def test_marks_are_steps_of_one_two_two_and_a_half_or_five() -> None:
    for high in (0.07, 0.3, 3, 42, 1234, 9_999_999):
        marks = [mark for mark, _ in value_axis([0, high], "money", Manner()).ticks]
        step = marks[1] - marks[0]
        lead = step / 10 ** math.floor(math.log10(step) + 1e-9)
        assert min(abs(lead - good) for good in (1, 2, 2.5, 5)) < 1e-6
        assert not re.search(r"e[+-]", str(marks))
