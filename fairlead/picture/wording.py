"""How a value, a change, a period and a moment are worded for people: one wording for every face.

    0.2531, percent          25.3%           de_DE: 25,3 %
    1243117.4, money, EUR    €1.24M          1,24 Mio. €       in full: €1,243,117.40 and 1.243.117,40 €
    41.25, days              41.3 days       41,3 days

Numbers, money and dates are written as the company's locale writes them; words around them are English, as the pages
are. A value keeps three digits that matter, its full form keeps all.
"""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fairlead.picture import manners
from fairlead.picture.manners import Around, Scale
from fairlead.values import span_of
from fairlead.zones import zone

Number = float | Decimal

HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP)  # wide enough for any float
MANIFOLD = 10  # a number that grew more often than this is told by its difference: +1,240 % says little
SHORT_MONEY = 10_000  # amounts from here on are shortened
SHORT_COUNT = 10**6
BARE = Around("", "")
HOUR, DAY = 3600, 86_400  # seconds
LONG = 3 * DAY  # from here on a length is told in days
MINUS = "\u2212"
SPACE = manners.SPACE  # keeps a number and its unit on one line
TIMES = "\u00d7"
ONE = {"days": "day", "hours": "hour", "minutes": "minute", "months": "month"}


class Manner(NamedTuple):
    """How a company writes: its currency (ISO 4217), its locale (such as en_US or de_DE) and its time zone (IANA)."""

    currency: str = "USD"
    locale: str = "en_US"
    timezone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.timezone)


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
    return _worded(_decimal(value), unit, manner.currency, manner.locale)


@lru_cache(maxsize=8192)
def _worded(exact: Decimal, unit: str, currency: str, locale: str) -> Worded:
    """Kept: pages word the same few hundred values again and again."""
    match unit:
        case "percent":
            return _percent(exact, locale)
        case "money":
            return _money(exact, currency, locale)
        case "money_per_day":
            figure, after, full = _money(exact, currency, locale)
            return Worded(figure, f"{after}{SPACE}/{SPACE}day", f"{full} per day")
        case "count":
            return _count(exact, locale)
    short, long = _figures(exact, locale), _trimmed(exact, 4, locale)
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


def points(difference: Number, manner: Manner = PLAIN) -> str:
    """The size of a difference of two shares in percentage points, without sign and without the word.

    >>> points(-0.0312), points(0.0312, Manner(locale="de_DE"))
    ('3.1', '3,1')
    """
    return _fixed(abs(_decimal(difference)) * 100, 1, manner.locale)


@lru_cache(maxsize=4096)
def period_words(name: str, manner: Manner = PLAIN) -> str:
    """A period's name as people say it; quarters and years are the company's fiscal ones, by their own number.

    >>> [period_words(p) for p in ("2026-11-23", "2026-W05", "2026-03", "2026-Q1", "2026")]
    ['Nov 23, 2026', 'week 5, 2026', 'Mar 2026', 'Q1 2026', '2026']
    >>> [period_words(p, Manner(locale="de_DE")) for p in ("2026-11-23", "2026-03", "2026-Q1")]
    ['23. Nov. 2026', 'März 2026', 'Q1 2026']
    """
    known = span_of(name)
    if known is None:
        return name
    match name.split("-"):
        case [year, part] if part.startswith("W"):
            return f"week {int(part[1:])}, {year}"
        case [_, part] if part.startswith("Q"):
            skeleton = "yQQQ"
        case parts:
            skeleton = ("y", "yMMM", "yMMMd")[len(parts) - 1]
    return manners.day(known.start, skeleton, manner.locale)


def day_words(day: date, manner: Manner = PLAIN) -> str:
    """
    >>> day_words(date(2026, 11, 23)), day_words(date(2026, 11, 23), Manner(locale="en_GB"))
    ('Mon, Nov 23, 2026', 'Mon, 23 Nov 2026')
    """
    return manners.day(date(day.year, day.month, day.day), "yMMMEd", manner.locale)


def moment_words(moment: datetime, manner: Manner = PLAIN) -> str:
    """A moment in the company's time zone, to the minute: `Mon, Nov 23, 2026, 2:02 PM CET`."""
    local = moment.astimezone(manner.zone)
    clock = manners.clock(time(local.hour, local.minute), manner.locale)
    return f"{day_words(local, manner)}, {clock} {local.tzname()}"


def weekday_words(number: int, manner: Manner = PLAIN) -> str:
    """
    >>> weekday_words(1), weekday_words(7, Manner(locale="de_DE"))
    ('Mon', 'So')
    """
    return manners.weekday(number, manner.locale)


def hour_words(of_day: int, manner: Manner = PLAIN) -> str:
    """
    >>> hour_words(17).replace(SPACE, " "), hour_words(0).replace(SPACE, " "), hour_words(17, Manner(locale="de_DE"))
    ('5 PM', '12 AM', '17')
    """
    return manners.hour(of_day, manner.locale)


def length_words(seconds: Number, manner: Manner = PLAIN, counts: str = "elapsed time") -> str:
    """How long something took, of `elapsed time`, `working time` or `both`: minutes below an hour, then hours.

    Only elapsed time is told in days, those of 24 hours.

    >>> [length_words(s).replace(SPACE, " ") for s in (0, 90, 5400, 172800, 900000)]
    ['0 minutes', '1.50 minutes', '1.50 hours', '48 hours', '10.4 days']
    >>> [length_words(900000, counts=counts).replace(SPACE, " ") for counts in ("working time", "both")]
    ['250 working hours', '250 hours']
    """
    exact = _decimal(seconds)
    if exact < HOUR:
        said = worded(exact / 60, "minutes", manner)
    elif exact < LONG or counts != "elapsed time":
        said = worded(exact / HOUR, "hours", manner)
    else:
        said = worded(exact / DAY, "days", manner)
    return said.text.replace(SPACE, f"{SPACE}working{SPACE}", 1) if counts == "working time" else said.text


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
        return f"{points(difference, manner)}{SPACE}pts"
    if before <= 0 or before + difference < 0 or difference > MANIFOLD * before:
        return worded(abs(difference), unit, manner).text
    share = HALF_UP.divide(abs(difference), before)
    return _put(_fixed(share * 100, 1, manner.locale), manners.percent(manner.locale))


def _percent(exact: Decimal, locale: str) -> Worded:
    around, share = manners.percent(locale), exact * 100
    size = abs(share)
    figure = _text(share, f"{around.before}{_fixed(size, 1, locale)}")
    return Worded(figure, around.after, _text(share, _put(_trimmed(size, 4, locale), around)))


def _count(exact: Decimal, locale: str) -> Worded:
    full = _trimmed(exact, 2, locale)
    if abs(exact) < SHORT_COUNT:
        return Worded(full, "", full)
    return Worded(*_split(_text(exact, _shortened(abs(exact), manners.scales(locale), locale, BARE))), full)


def _money(exact: Decimal, currency: str, locale: str) -> Worded:
    size, cents, around = abs(exact), manners.cents(currency), manners.money(locale, currency)
    if size >= SHORT_MONEY:
        short = _shortened(size, manners.money_scales(locale, currency), locale, around)
    else:
        short = _put(_fixed(size, 0 if size >= 100 or not size else cents, locale), around)
    return Worded(*_split(_text(exact, short)), _text(exact, _put(_fixed(size, cents, locale), around)))


def _shortened(size: Decimal, scales: tuple[Scale, ...], locale: str, around: Around) -> str:
    """Three digits and a scale; a size that rounds up into the next scale is written in it (999,950 is 1.00M)."""
    rounded = _rounded(size, _places(size))
    scale = next((scale for scale in scales if rounded >= scale.least), None)
    if scale is None:
        return _put(_figures(size, locale), around)
    scaled = HALF_UP.divide(size, scale.unit)
    words = scale.words.get(manners.plural(locale)(_rounded(scaled, max(0, _places(scaled)))), scale.words["other"])
    return _put(_figures(scaled, locale), words)


def _put(text: str, around: Around) -> str:
    return f"{around.before}{text}{around.after}"


def _text(exact: Decimal, size: str) -> str:
    """A size with the sign of the value it came from, unless it was rounded to nothing."""
    return f"{MINUS}{size}" if exact < 0 and any(digit in size for digit in "123456789") else size


def _split(text: str) -> tuple[str, str]:
    """A worded number as its figure and the words after it: `1,24` and ` Mio. €`; a letter that touches it stays."""
    last = max(index for index, letter in enumerate(text) if letter.isdigit())
    cut = text.find(SPACE, last)
    return (text, "") if cut < 0 else (text[:cut], text[cut:])


def _figures(exact: Decimal, locale: str) -> str:
    """Three digits that matter, but never fewer than the whole part has; a whole number stays whole."""
    if exact == exact.to_integral_value():
        return _fixed(exact, 0, locale)
    return _fixed(exact, max(0, _places(exact)), locale)


def _places(exact: Decimal) -> int:
    """Decimals that leave three digits, at most four; negative above 1,000 (for rounding to the next scale)."""
    if not exact:
        return 0
    rounded = _rounded(exact, min(4, 2 - exact.adjusted()))
    return min(4, 2 - rounded.adjusted()) if rounded else 4


def _trimmed(exact: Decimal, places: int, locale: str) -> str:
    """Up to so many decimals, without zeros at the end."""
    rounded = _rounded(exact, places).normalize(HALF_UP)
    exponent = rounded.as_tuple().exponent
    return _fixed(rounded, max(0, -exponent) if isinstance(exponent, int) else 0, locale)


def _fixed(exact: Decimal, places: int, locale: str) -> str:
    rounded = _rounded(exact, places)
    return f"{MINUS if rounded < 0 else ''}{manners.digits(locale).written(abs(rounded), places)}"


def _rounded(exact: Decimal, places: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-places), context=HALF_UP)
