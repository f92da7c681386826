"""How a locale writes digits, money, shares and days, from Unicode's common locale data (Babel).

Patterns are read once a locale and kept: a page words several hundred values, and parsing a pattern takes longer
than filling it in. Everything here takes sizes (zero or above); signs are the wording's business.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, dates, numbers

SPACE = "\u00a0"  # keeps a number and its unit on one line
BREAKING = re.compile(r"[ \t]")
QUOTED = re.compile(r"'([^']*)'")


class Around(NamedTuple):
    """What stands before and after the digits of a number."""

    before: str
    after: str


class Scale(NamedTuple):
    """From `least` on a size is divided by `unit` and written with the words of its plural form."""

    least: Decimal
    unit: Decimal
    words: Mapping[str, Around]


class Digits(NamedTuple):
    """The locale's decimal sign, its group sign, and the lengths of the last group and of those before it."""

    decimal: str
    group: str
    last: int
    others: int

    def written(self, size: Decimal, places: int) -> str:
        """A size that is rounded already, with exactly `places` decimals.

        >>> Digits(",", ".", 3, 3).written(Decimal("1234567.5"), 2)
        '1.234.567,50'
        """
        whole, _, part = f"{size:.{places}f}".partition(".")
        groups, rest, length = [], whole, self.last
        while len(rest) > length:
            groups.append(rest[-length:])
            rest, length = rest[:-length], self.others
        grouped = self.group.join([rest, *reversed(groups)])
        return f"{grouped}{self.decimal}{part}" if part else grouped


@lru_cache(maxsize=16)
def digits(locale: str) -> Digits:
    """How the locale groups digits; of the default numbers of every locale, written with 0 to 9."""
    known = Locale.parse(locale)
    last, others = known.decimal_formats[None].grouping
    return Digits(numbers.get_decimal_symbol(known), numbers.get_group_symbol(known), last, others)


@lru_cache(maxsize=16)
def percent(locale: str) -> Around:
    """What stands around a share times a hundred: `25.3%`, `25,3 %`, `%25,3`."""
    return _around(Locale.parse(locale).percent_formats[None], "")


@lru_cache(maxsize=64)
def money(locale: str, currency: str) -> Around:
    """What stands around an amount: `$12.50`, `12,50 €`, `CHF 12.50`."""
    return _around(Locale.parse(locale).currency_formats["standard"], _symbol(locale, currency))


def cents(currency: str) -> int:
    """How many decimals the currency has."""
    return numbers.get_currency_precision(currency)


@lru_cache(maxsize=64)
def money_scales(locale: str, currency: str) -> tuple[Scale, ...]:
    """The locale's short scales for money, the largest first: thousands, millions; in Japan ten thousands."""
    return _scales(Locale.parse(locale).compact_currency_formats["short"], _symbol(locale, currency))


@lru_cache(maxsize=16)
def scales(locale: str) -> tuple[Scale, ...]:
    """The locale's short scales for plain numbers, the largest first."""
    return _scales(Locale.parse(locale).compact_decimal_formats["short"], "")


@lru_cache(maxsize=16)
def plural(locale: str) -> Callable[[Decimal], str]:
    """What tells a number's plural form in the locale: one, few, many, other."""
    form: Callable[[Decimal], str] = Locale.parse(locale).plural_form
    return form


@lru_cache(maxsize=4096)
def day(when: date, skeleton: str, locale: str) -> str:
    """A day, or the month, quarter or year that holds it, by the name of its pattern (`yMMMd`)."""
    return dates.format_skeleton(skeleton, when, locale=Locale.parse(locale))


@lru_cache(maxsize=4096)
def clock(when: time, locale: str) -> str:
    """The time of day, in twelve hours or in twenty-four as the locale has it."""
    return dates.format_time(when, "short", locale=Locale.parse(locale))


@lru_cache(maxsize=512)
def hour(of_day: int, locale: str) -> str:
    """A whole hour, in twelve or in twenty-four as the locale counts them: `5 PM`, `17`."""
    known = Locale.parse(locale)
    counted = "h a" if "h" in dates.get_time_format("short", known).pattern else "H"
    return _kept(dates.format_time(time(of_day), counted, locale=known))


@lru_cache(maxsize=64)
def weekday(number: int, locale: str) -> str:
    """The short name of a day of the week; 1 is Monday."""
    return str(dates.get_day_names("abbreviated", "stand-alone", Locale.parse(locale))[number - 1])


def _symbol(locale: str, currency: str) -> str:
    return numbers.get_currency_symbol(currency, Locale.parse(locale))


def _scales(formats: Mapping[str, Mapping[str, numbers.NumberPattern]], symbol: str) -> tuple[Scale, ...]:
    """Patterns by plural form and power of ten, such as `{other: {1000: 0K, 10000: 00K}}`."""
    found = []
    for power, shape in formats["other"].items():
        # A pattern without a word means that the locale does not shorten this size.
        if QUOTED.sub("x", shape.pattern).strip("0¤\u00a0\u200f "):
            unit = Decimal(power).scaleb(1 - shape.pattern.count("0"))
            words = {form: _around(shapes[power], symbol) for form, shapes in formats.items() if power in shapes}
            found.append(Scale(Decimal(power), unit, words))
    return tuple(sorted(found, key=lambda scale: -scale.least))


def _around(pattern: numbers.NumberPattern, symbol: str) -> Around:
    """What a pattern writes around digits; a currency's letters are kept off them (CLDR: currency spacing)."""
    before, after = (QUOTED.sub(r"\1", side[0]).replace("¤", symbol) for side in (pattern.prefix, pattern.suffix))
    if before[-1:].isalpha() and before.endswith(symbol):
        before += SPACE
    return Around(_kept(before), _kept(after))


def _kept(text: str) -> str:
    """Text that breaks no line in its middle."""
    return BREAKING.sub(SPACE, text)
