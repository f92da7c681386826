"""How values, changes, periods and moments are worded."""

import doctest
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.picture import wording
from fairlead.picture.wording import MINUS, PLAIN, SPACE, Manner, change, moment_words, period_words, worded

UNITS = ("percent", "ratio", "money", "money_per_day", "count", "days", "hours", "minutes", "months", "score")


def plain(text: str) -> str:
    return text.replace(SPACE, " ").replace(MINUS, "-")


@pytest.mark.parametrize(
    ("value", "unit", "currency", "text", "full"),
    [
        (0.2531, "percent", "USD", "25.3 %", "25.31 %"),
        (0.25, "percent", "USD", "25.0 %", "25 %"),
        (1.1, "percent", "USD", "110.0 %", "110 %"),
        (Decimal("1243117.40"), "money", "EUR", "€1.24M", "€1,243,117.40"),
        (999_950, "money", "USD", "$1.00M", "$999,950.00"),
        (999_499, "money", "USD", "$999k", "$999,499.00"),
        (1_000_000, "money", "USD", "$1M", "$1,000,000.00"),
        (9_870.4, "money", "USD", "$9,870", "$9,870.40"),
        (12.5, "money", "CHF", "CHF 12.50", "CHF 12.50"),
        (0, "money", "USD", "$0", "$0.00"),
        (1234567, "money", "JPY", "¥1.23M", "¥1,234,567"),
        (-123_456, "money", "USD", "-$123k", "-$123,456.00"),
        (2.5e9, "money", "USD", "$2.50B", "$2,500,000,000.00"),
        (21_100, "money_per_day", "USD", "$21.1k / day", "$21,100.00 per day"),
        (1234, "count", "USD", "1,234", "1,234"),
        (1_234_567, "count", "USD", "1.23M", "1,234,567"),
        (41.25, "days", "USD", "41.3 days", "41.25 days"),
        (1, "days", "USD", "1 day", "1 day"),
        (1234.5, "hours", "USD", "1,235 hours", "1,234.5 hours"),
        (3.2, "ratio", "USD", "3.20\u00d7", "3.2\u00d7"),
        (0.004, "ratio", "USD", "0.0040\u00d7", "0.004\u00d7"),
        (72.456, "score", "USD", "72.5", "72.456"),
    ],
)
def test_values(value: float | Decimal, unit: str, currency: str, text: str, full: str) -> None:
    said = worded(value, unit, Manner(currency))
    assert (plain(said.text), plain(said.full)) == (text, full)


@pytest.mark.parametrize(
    ("now", "before", "unit", "better", "text", "verdict"),
    [
        (0.25, 0.22, "percent", "higher", "+3.0 pts", "better"),
        (0.22, 0.25, "percent", "higher", "-3.0 pts", "worse"),
        (50, 60, "days", "lower", "-16.7 %", "better"),
        (50, 60, "days", "neither", "-16.7 %", "same"),
        (10, 0, "count", "higher", "+10", "better"),
        (5, -5, "count", "higher", "+10", "better"),
        (-5, 5, "count", "higher", "-10", "worse"),
        (1, 1e-9, "ratio", "higher", "+1.00\u00d7", "better"),
        (7, 7, "count", "higher", "no change", "same"),
        (100.001, 100, "money", "higher", "about the same", "same"),
    ],
)
def test_changes(*, now: float, before: float, unit: str, better: str, text: str, verdict: str) -> None:
    moved = change(now, before, unit, better)
    assert moved
    assert (plain(moved.text), moved.verdict) == (text, verdict)


def test_there_is_no_change_from_or_to_what_is_undefined() -> None:
    """E33, E66."""
    assert change(None, 1.0, "count", "higher") is None
    assert change(1.0, None, "count", "higher") is None


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from(UNITS))
def test_a_short_value_is_the_full_one_to_three_digits(value: Decimal, unit: str) -> None:
    said = worded(value, unit, PLAIN)
    scale = {"k": 10**3, "M": 10**6, "B": 10**9}.get(said.figure[-1:], 1)
    figure = Decimal("".join(c for c in plain(said.figure) if c.isdigit() or c in ".-")) * scale
    exact = value * 100 if unit == "percent" else value
    assert abs(figure - exact) <= max(abs(exact) * Decimal("0.006"), Decimal("0.051"))


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.sampled_from(UNITS), st.sampled_from(["higher", "lower"]))
def test_there_and_back_are_opposite(one: float, other: float, unit: str, better: str) -> None:
    there, back = change(one, other, unit, better), change(other, one, unit, better)
    assert there
    assert back
    if "flat" not in (there.direction, back.direction):
        assert {there.verdict, back.verdict} == {"better", "worse"}
        assert there.text.startswith("+") == back.text.startswith(MINUS)


def test_periods_of_an_unknown_kind_are_left_as_they_are() -> None:
    assert period_words("since launch") == "since launch"


def test_moments_are_in_the_company_s_time_on_either_side_of_summer_time() -> None:
    berlin = Manner(timezone="Europe/Berlin")
    assert moment_words(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), berlin) == "Sun 25 Oct 2026, 02:30 CEST"
    assert moment_words(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), berlin) == "Sun 25 Oct 2026, 02:30 CET"


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(wording).failed == 0
