"""How values, changes, periods and moments are worded."""

import doctest
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.picture import manners, wording
from fairlead.picture.wording import (
    MINUS,
    PLAIN,
    SPACE,
    Manner,
    change,
    day_words,
    moment_words,
    period_words,
    worded,
)

NARROW = "\u202f"  # the French group sign, and the space before AM
UNITS = ("percent", "ratio", "money", "money_per_day", "count", "days", "hours", "minutes", "months", "score")


def plain(text: str) -> str:
    return text.replace(SPACE, " ").replace(NARROW, " ").replace(MINUS, "-")


@pytest.mark.parametrize(
    ("value", "unit", "currency", "text", "full"),
    [
        (0.2531, "percent", "USD", "25.3%", "25.31%"),
        (0.25, "percent", "USD", "25.0%", "25%"),
        (1.1, "percent", "USD", "110.0%", "110%"),
        (Decimal("1243117.40"), "money", "EUR", "€1.24M", "€1,243,117.40"),
        (999_950, "money", "USD", "$1.00M", "$999,950.00"),
        (999_499, "money", "USD", "$999K", "$999,499.00"),
        (1_000_000, "money", "USD", "$1M", "$1,000,000.00"),
        (9_870.4, "money", "USD", "$9,870", "$9,870.40"),
        (12.5, "money", "CHF", "CHF 12.50", "CHF 12.50"),
        (0, "money", "USD", "$0", "$0.00"),
        (1234567, "money", "JPY", "¥1.23M", "¥1,234,567"),
        (-123_456, "money", "USD", "-$123K", "-$123,456.00"),
        (2.5e9, "money", "USD", "$2.50B", "$2,500,000,000.00"),
        (21_100, "money_per_day", "USD", "$21.1K / day", "$21,100.00 per day"),
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
        (50, 60, "days", "lower", "-16.7%", "better"),
        (50, 60, "days", "neither", "-16.7%", "same"),
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
    scale = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}.get(said.figure[-1:], 1)
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
    berlin = Manner(locale="en_GB", timezone="Europe/Berlin")
    assert moment_words(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), berlin) == "Sun, 25 Oct 2026, 02:30 CEST"
    assert moment_words(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), berlin) == "Sun, 25 Oct 2026, 02:30 CET"
    boston = Manner(timezone="America/New_York")
    assert plain(moment_words(datetime(2026, 11, 23, 19, 5, tzinfo=UTC), boston)) == "Mon, Nov 23, 2026, 2:05 PM EST"


# other locales


@pytest.mark.parametrize(
    ("locale", "currency", "says"),
    [
        ("en_US", "EUR", ["25.3%", "€1.24M", "€1,243,117.40", "€21.1K", "1,234.5 hours", "-€7.50"]),
        ("en_GB", "GBP", ["25.3%", "£1.24M", "£1,243,117.40", "£21.1K", "1,234.5 hours", "-£7.50"]),
        ("de_DE", "EUR", ["25,3 %", "1,24 Mio. €", "1.243.117,40 €", "21.100 €", "1.234,5 hours", "-7,50 €"]),
        ("fr_FR", "EUR", ["25,3 %", "1,24 M €", "1 243 117,40 €", "21,1 k €", "1 234,5 hours", "-7,50 €"]),
        ("ja_JP", "JPY", ["25.3%", "￥124万", "￥1,243,117", "￥2.11万", "1,234.5 hours", "-￥8"]),
        ("en_IN", "INR", ["25.3%", "₹12.4L", "₹12,43,117.40", "₹21.1K", "1,234.5 hours", "-₹7.50"]),
        ("tr_TR", "TRY", ["%25,3", "1,24 Mn ₺", "₺1.243.117,40", "21,1 B ₺", "1.234,5 hours", "-₺7,50"]),
        ("pl_PL", "PLN", ["25,3%", "1,24 mln zł", "1 243 117,40 zł", "21,1 tys. zł", "1 234,5 hours", "-7,50 zł"]),
    ],
)
def test_numbers_are_written_as_the_locale_writes_them(locale: str, currency: str, says: list[str]) -> None:
    manner = Manner(currency, locale)
    millions = worded(Decimal("1243117.40"), "money", manner)
    said = [
        worded(0.2531, "percent", manner).text,
        millions.text,
        millions.full,
        worded(21_100, "money", manner).text,
        worded(1234.5, "hours", manner).full,
        worded(-7.5, "money", manner).text,
    ]
    assert [plain(text) for text in said] == says


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en_US", ["Nov 3, 2026", "Nov 2026", "Q4 2026", "2026", "Tue, Nov 3, 2026"]),
        ("en_GB", ["3 Nov 2026", "Nov 2026", "Q4 2026", "2026", "Tue, 3 Nov 2026"]),
        ("de_DE", ["3. Nov. 2026", "Nov. 2026", "Q4 2026", "2026", "Di., 3. Nov. 2026"]),
        ("fr_FR", ["3 nov. 2026", "nov. 2026", "T4 2026", "2026", "mar. 3 nov. 2026"]),
        ("ja_JP", ["2026年11月3日", "2026年11月", "2026/Q4", "2026年", "2026年11月3日(火)"]),
    ],
)
def test_periods_and_days_are_written_as_the_locale_writes_them(locale: str, says: list[str]) -> None:
    manner = Manner(locale=locale)
    periods = [period_words(name, manner) for name in ("2026-11-03", "2026-11", "2026-Q4", "2026")]
    assert [*periods, day_words(date(2026, 11, 3), manner)] == says
    assert period_words("2026-W05", manner) == "week 5, 2026"


def test_a_figure_and_what_follows_it_are_told_apart() -> None:
    """Pages set the figure larger than the words after it."""
    split = {locale: worded(1_243_117.4, "money", Manner("EUR", locale))[:2] for locale in ("en_US", "de_DE", "fr_FR")}
    assert split == {
        "en_US": ("€1.24M", ""),
        "de_DE": ("1,24", f"{SPACE}Mio.{SPACE}€"),
        "fr_FR": ("1,24", f"{SPACE}M{SPACE}€"),
    }
    assert worded(41.25, "days")[:2] == ("41.3", f"{SPACE}days")
    assert worded(0.2531, "percent")[:2] == ("25.3", "%")
    assert worded(0.2531, "percent", Manner(locale="de_DE"))[:2] == ("25,3", f"{SPACE}%")


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "ja_JP", "sv_SE", "en_IN", "he_IL", "es_ES"])
@given(value=st.decimals(-(10**12), 10**12, places=2))
def test_the_full_form_holds_every_digit_in_any_locale(locale: str, value: Decimal) -> None:
    """Read back with the locale's own signs, the full form is the value; nothing in it may break a line."""
    full = worded(value, "money", Manner("EUR", locale)).full
    point = manners.digits(locale).decimal
    read = "".join("." if c == point else c for c in full if c.isdigit() or c == point)
    assert Decimal(read.strip(".")) == abs(value)
    assert (MINUS in full) == (value < 0)
    assert " " not in full


@pytest.mark.parametrize(
    ("value", "unit", "currency", "text"),
    [
        (0, "money", "CHF", "CHF 0"),
        (-0.0004, "percent", "USD", "0.0%"),
        (-1e-9, "money", "USD", "$0.00"),
        (1e300, "count", "USD", None),
        (-1e300, "money", "USD", None),
    ],
)
def test_extremes(value: float, unit: str, currency: str, text: str | None) -> None:
    said = worded(value, unit, Manner(currency))
    assert text is None or plain(said.text) == text


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(wording).failed == 0
    assert doctest.testmod(manners).failed == 0
