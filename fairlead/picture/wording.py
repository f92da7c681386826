"""How a value, a change, a period and a moment are worded for people: one wording for every face.

    0.2531, percent          25.3 %
    1243117.4, money, EUR    €1.24M          in full: €1,243,117.40
    41.25, days              41.3 days

Numbers are grouped and cut as English does it; a value keeps three digits that matter, its full form keeps all.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

Number = float | Decimal

HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP)  # wide enough for any float
MANIFOLD = 10  # a number that grew more often than this is told by its difference: +1,240 % says little
MINUS = "\u2212"
TIMES = "\u00d7"
SPACE = "\u00a0"  # keeps a number and its unit on one line
SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "C$",
}
WITHOUT_CENTS = frozenset({"JPY", "KRW", "CLP", "VND", "ISK", "XAF", "XOF", "PYG", "UGX"})
SCALES = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))
ONE = {"days": "day", "hours": "hour", "minutes": "minute", "months": "month"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Manner(NamedTuple):
    """How a company writes: its currency (ISO 4217), its locale (such as en_US or de_DE) and its time zone (IANA)."""

    currency: str = "USD"
    locale: str = "en_US"
    timezone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


PLAIN = Manner()


class Worded(NamedTuple):
    """A value as people read it: a short `figure`, what stands `after` it, and in `full` every digit."""

    figure: str
    after: str
    full: str

    @property
    def text(self) -> str:
        return self.figure + self.after


class Change(NamedTuple):
    """How a value moved since the period before. `verdict`: better, worse, or same (also where neither way is good)."""

    text: str
    full: str
    direction: str
    verdict: str


def worded(value: Number, unit: str, manner: Manner = PLAIN) -> Worded:
    """A value in its unit; percent values are shares (0.25 is 25 %)."""
    exact = _decimal(value)
    match unit:
        case "percent":
            return Worded(_fixed(exact * 100, 1), f"{SPACE}%", f"{_trimmed(exact * 100, 4)}{SPACE}%")
        case "money":
            return _money(exact, manner.currency)
        case "money_per_day":
            figure, after, full = _money(exact, manner.currency)
            return Worded(figure, f"{after}{SPACE}/{SPACE}day", f"{full} per day")
        case "count":
            full = _trimmed(exact, 2)
            return Worded(full if abs(exact) < 10**6 else _compact(exact), "", full)
    short, long = _figures(exact), _trimmed(exact, 4)
    return Worded(short, _after(short, unit), long + _after(long, unit))


def change(now: Number | None, before: Number | None, unit: str, better: str, manner: Manner = PLAIN) -> Change | None:
    """The move from `before` to `now`, None when either is undefined.

    Shares move in points; other units in percent of what they were, or, where that has no meaning (from zero,
    across it, or many times over), by their difference.
    """
    if now is None or before is None:
        return None
    difference = _decimal(now) - _decimal(before)
    full = f"from {worded(before, unit, manner).full} to {worded(now, unit, manner).full}"
    text = _moved(difference, _decimal(before), unit, manner)
    if difference == 0 or not any(digit in text for digit in "123456789"):
        return Change("no change" if difference == 0 else "about the same", full, "flat", "same")
    up = difference > 0
    verdict = "same" if better == "neither" else "better" if up == (better == "higher") else "worse"
    return Change(("+" if up else MINUS) + text, full, "up" if up else "down", verdict)


def period_words(name: str, manner: Manner = PLAIN) -> str:
    """A period's name as people say it.

    >>> [period_words(p) for p in ("2026-11-23", "2026-W05", "2026-03", "2026-Q1", "2026")]
    ['23 Nov 2026', 'week 5, 2026', 'Mar 2026', 'Q1 2026', '2026']
    """
    match name.split("-"):
        case [year, month, day]:
            return f"{int(day)} {MONTHS[int(month) - 1]} {year}"
        case [year, part] if part.startswith("W"):
            return f"week {int(part[1:])}, {year}"
        case [year, part] if part.startswith("Q"):
            return f"{part} {year}"
        case [year, month] if month.isdigit():
            return f"{MONTHS[int(month) - 1]} {year}"
    return name


def day_words(day: date, manner: Manner = PLAIN) -> str:
    """
    >>> day_words(date(2026, 11, 23))
    'Mon 23 Nov 2026'
    """
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def moment_words(moment: datetime, manner: Manner = PLAIN) -> str:
    """A moment in the company's time zone, to the minute: `Mon 23 Nov 2026, 14:02 CET`."""
    local = moment.astimezone(manner.zone)
    return f"{day_words(local, manner)}, {local:%H:%M} {local.tzname()}"


def _after(number: str, unit: str) -> str:
    """What follows a number in its unit: nothing for a score or a unit not known here."""
    if unit == "ratio":
        return TIMES
    return SPACE + (ONE[unit] if number == "1" else unit) if unit in ONE else ""


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _moved(difference: Decimal, before: Decimal, unit: str, manner: Manner) -> str:
    """The size of a move, unsigned."""
    if unit == "percent":
        return f"{_fixed(abs(difference) * 100, 1)}{SPACE}pts"
    if before <= 0 or before + difference < 0 or difference > MANIFOLD * before:
        return worded(abs(difference), unit, manner).text
    return f"{_fixed(abs(difference) / before * 100, 1)}{SPACE}%"


def _money(exact: Decimal, currency: str) -> Worded:
    sign, size = (MINUS if exact < 0 else ""), abs(exact)
    symbol = SYMBOLS.get(currency, f"{currency}{SPACE}")
    cents = 0 if currency in WITHOUT_CENTS else 2
    short = _compact(size) if size >= 10_000 else _fixed(size, 0 if size >= 100 or not size else cents)
    return Worded(f"{sign}{symbol}{short}", "", f"{sign}{symbol}{_fixed(size, cents)}")


def _compact(size: Decimal) -> str:
    """Three digits and a scale; a size that rounds up into the next scale is written in it (999,950 is 1.00M)."""
    for scale, letter in SCALES:
        if abs(_rounded(size, _places(size))) >= scale:
            return f"{_figures(size / scale)}{letter}"
    return _figures(size)


def _figures(exact: Decimal) -> str:
    """Three digits that matter, but never fewer than the whole part has; a whole number stays whole."""
    if exact == exact.to_integral_value():
        return _fixed(exact, 0)
    return _fixed(exact, max(0, _places(exact)))


def _places(exact: Decimal) -> int:
    """Decimals that leave three digits, at most four; negative above 1,000 (for rounding to the next scale)."""
    if not exact:
        return 0
    rounded = _rounded(exact, min(4, 2 - exact.adjusted()))
    return min(4, 2 - rounded.adjusted()) if rounded else 4


def _trimmed(exact: Decimal, places: int) -> str:
    text = _fixed(exact, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fixed(exact: Decimal, places: int) -> str:
    rounded = _rounded(exact, places)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{places}f}"


def _rounded(exact: Decimal, places: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-places), context=HALF_UP)
