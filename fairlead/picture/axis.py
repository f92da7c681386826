"""Where the marks of an axis stand and what they say: steps people count in, words as everywhere else."""

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from babel.core import Locale
from babel.numbers import format_compact_currency, format_compact_decimal, format_decimal, format_percent

from fairlead.picture import manners
from fairlead.picture.wording import Manner, Number, period_words
from fairlead.values import span_of

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LEAST_SPAN = 0.1  # of the largest size: a number that hardly moved looks as if it hardly moved
FROM_ZERO = 0.5  # an axis begins at zero when its lowest value is below this share of its highest
AIR = 0.08  # of the span, above and below what is drawn
WORDED_UNITS = {"days": "days", "hours": "hours", "minutes": "minutes", "months": "months", "ratio": "\u00d7"}


class Axis(NamedTuple):
    """The ends of an axis, and its marks with their words."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def share(self, value: float) -> float:
        """Where a value stands: 0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)


def said_by(axis: Axis) -> str:
    """The Vega expression that writes the marks of an axis in our words. Words are quoted: they are never run."""
    marks, words = [mark for mark, _ in axis.ticks], [said for _, said in axis.ticks]
    return f"{json.dumps(words)}[indexof({json.dumps(marks)}, datum.value)]"


def value_axis(
    values: Sequence[Number | None], unit: str, manner: Manner, *, zero: bool = False, most: int = 5
) -> Axis:
    """The axis that holds all values, with at most about `most` marks; from zero when `zero` or when that is near."""
    known = [float(v) for v in values if v is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    size = max(abs(low), abs(high))
    if zero or 0 <= low < FROM_ZERO * high:
        low = min(low, 0.0)
    if zero or (FROM_ZERO * low < high < 0):
        high = max(high, 0.0)
    if (least := LEAST_SPAN * size) > high - low:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    if high == low:
        low, high = (0.0, 1.0) if high == 0 else sorted((0.0, 2 * high))
    air = AIR * (high - low)
    low, high = low - (air if low else 0), high + (air if high else 0)
    step = _step((high - low) / most, whole=unit == "count")
    marks = [step * n for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    if not marks:  # counts so close to each other that no whole number lies between the ends
        low, high = math.floor(low), math.ceil(high)
        marks = [low, high]
    return Axis(low, high, tuple(zip(marks, _said(marks, step, unit, manner), strict=True)))


def _step(least: float, *, whole: bool) -> float:
    scale = 10.0 ** math.floor(math.log10(least))
    step = next(s * scale for s in STEPS if s * scale >= least * (1 - 1e-9))
    return max(1.0, float(math.ceil(step))) if whole else step


def _said(marks: Sequence[float], step: float, unit: str, manner: Manner) -> list[str]:
    exact = [Decimal(str(round(mark, 12))) for mark in marks]
    places = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if _has_half(step) else 0))
    if unit == "percent":
        return [_percent(mark, max(0, places - 2), manner.locale) for mark in exact]
    largest = max((abs(mark) for mark in exact), default=Decimal(0))
    if unit in ("money", "money_per_day") or largest >= 10_000:
        return _compact(exact, _digits(largest, step), unit, manner)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return [format_decimal(mark, format=pattern, locale=manner.locale) for mark in exact]


def _percent(value: Decimal, places: int, locale: str) -> str:
    """A share in percent, in the locale's own pattern with so many places: 2,5 % or 2.5%."""
    before, zero, after = Locale.parse(locale).percent_formats[None].pattern.rpartition("0")
    pattern = f"{before}{zero}{'.' + '0' * places if places else ''}{after}"
    return format_percent(value, format=pattern, locale=locale)


def _compact(marks: Sequence[Decimal], digits: int, unit: str, manner: Manner) -> list[str]:
    """Marks in thousands or millions, with as many decimals as tell them apart (scales differ between languages)."""

    def said(mark: Decimal, digits: int) -> str:
        if unit in ("money", "money_per_day"):
            return format_compact_currency(mark, manner.currency, locale=manner.locale, fraction_digits=digits)
        return format_compact_decimal(mark, locale=manner.locale, fraction_digits=digits)

    every = ([said(mark, more) for mark in marks] for more in range(digits, digits + 4))
    return next((words for words in every if len(set(words)) == len(words)), [said(mark, digits) for mark in marks])


def _has_half(step: float) -> bool:
    """Whether a step is 2.5 of something: it needs one more place."""
    return math.isclose(step / 10 ** math.floor(math.log10(step) + 1e-9), 2.5)


def _digits(largest: Decimal, step: float) -> int:
    """Decimals that keep marks apart once they are written in thousands or millions."""
    scale = 3 * (max(0, largest.adjusted()) // 3) if largest else 0
    return max(0, scale - math.floor(math.log10(step) + 1e-9) + (1 if _has_half(step) else 0))


def unit_words(unit: str, manner: Manner) -> str:
    """What stands at the top of an axis whose marks do not say their unit themselves."""
    if unit == "money_per_day":
        return f"{manner.currency} / day"
    return WORDED_UNITS.get(unit, "")


def period_ticks(periods: Sequence[str], manner: Manner, most: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """At most `most` periods to be named, evenly apart and the last one among them, each in one or two lines."""
    every = max(1, math.ceil(len(periods) / most))
    chosen = [name for at, name in enumerate(periods) if (len(periods) - 1 - at) % every == 0]
    found: list[tuple[str, tuple[str, ...]]] = []
    year = ""
    for name in chosen:
        short, own = _short(name, manner)
        found.append((name, (short, own) if own != year else (short,)))
        year = own
    return tuple(found)


def _short(name: str, manner: Manner) -> tuple[str, str]:
    """A period within its year, and the year: ('Mar', '2026'), ('W05', '2026'), ('23 Mar', '2026')."""
    year, _, rest = name.partition("-")
    if not rest:
        return name, ""
    if rest[0] in "QW":
        return rest, year
    span = span_of(name)
    if span is None:
        return period_words(name, manner), ""
    skeleton = "MMM" if len(rest) == 2 else "MMMd"
    return manners.day(span.start, skeleton, manner.locale), year
