# ruff: noqa: RUF001 (the signs are what is looked for)
"""Text cells as typed values, in SQL: what a cell means under a declared style, and why it means nothing.

Nothing is guessed: a style that is not declared is not tried, except that ISO dates and plain numbers, which can be
read in one way only, always are. A cell that cannot be read gives NULL, and its fault says so.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.model.tables import Kind
from fairlead.record.engine import literal

PLACEHOLDERS = (
    "none", "nat", "nan", "null", "n/a", "#n/a", "#n/v", "#value!", "#ref!", "#div/0!", "--", "-", "---", "select",
    "-select-", "- select -", "-- select --", "--select--", "select...", "please select", "--none--", "-none-",
    "- none -", "(blank)", "(none)", "undefined", "tbd", "(not set)", "bitte auswählen", "bitte wählen",
    "-- bitte wählen --", "keine angabe", "k.a.", "k. a.", "sélectionner", "seleccionar",
)  # fmt: skip

YES = ("true", "t", "yes", "y", "1", "ja", "oui", "sí", "si", "wahr", "vrai", "verdadero", "x")
NO = ("false", "f", "no", "n", "0", "nein", "non", "falsch", "faux", "falso")

STYLES = {
    "1234.56": ("", "."),
    "1234,56": ("", ","),
    "1,234.56": (",", "."),
    "1.234,56": (".", ","),
    "1 234,56": (" ", ","),
    "1 234.56": (" ", "."),
    "1'234.56": ("'", "."),
    "12,34,567.89": (",,", "."),
}
NAMED_DATES = ("iso", "unix_seconds", "unix_millis", "excel")

NO_CENTS = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "JPY",
    "KMF",
    "KRW",
    "MGA",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
MILLS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
SIGNS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "R$": "BRL", "€": "EUR", "£": "GBP",
    "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "zł": "PLN",
}  # fmt: skip
SHARED_SIGNS = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "¥": ("JPY", "CNY"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
CODES = (  # ISO 4217, those in circulation: any other three letters beside a number are text
    "AED|AFN|ALL|AMD|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF"
    "|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD"
    "|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD"
    "|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK"
    "|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS"
    "|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VED|VES|VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW"
)
SIGN = f"US[$]|AU?[$]|CA?[$]|R[$]|[$€£¥₹₩₽₺₪]|zł|(?i:{CODES})|kr"
SPACE = "[ \u00a0\u202f]"
FACTORS = {"thousands": "1000", "millions": "1000000"}


class Style(NamedTuple):
    """How the cells of one column are written."""

    dates: tuple[str, ...] = ("iso",)
    timezone: str = "UTC"
    numbers: str = "1234.56"


class Typed(NamedTuple):
    """SQL of a cell's value, and the code of the fault when a cell that is there has none."""

    value: str
    code: str


def typed(kind: Kind, cell: str, style: Style) -> Typed:  # noqa: PLR0911
    """The value of the text `cell` (SQL, NULL when nothing was said) as `kind`."""
    match kind:
        case Kind.TEXT:
            return Typed(cell, "")
        case Kind.BOOLEAN:
            return Typed(boolean(cell), "not-true-or-false")
        case Kind.DATE:
            return Typed(day(cell, style), "not-a-date")
        case Kind.TIMESTAMP:
            return Typed(moment(cell, style), "not-a-time")
        case Kind.INTEGER:
            return Typed(decimal(cell, style.numbers), "not-a-whole-number")
        case Kind.NUMBER:
            return Typed(number(cell, style.numbers), "not-a-number")
        case Kind.MONEY:
            return Typed(f"CAST({decimal(cell, style.numbers, signed=True)} AS DECIMAL(18,2))", "not-an-amount")


def boolean(cell: str) -> str:
    """Truth as exports write it."""
    return (
        f"CASE WHEN lower({cell}) IN ({_list(YES)}) THEN true WHEN lower({cell}) IN ({_list(NO)}) THEN false"
        f" WHEN {cell} IN ('1.0') THEN true WHEN {cell} IN ('0.0') THEN false END"
    )


def digits(style: str) -> tuple[str, str]:
    """The pattern of an unsigned number in a style, and its decimal sign."""
    group, point = STYLES[style]
    fraction = f"([{point}][0-9]+)?"
    if not group:
        return f"[0-9]+{fraction}|[{point}][0-9]+", point
    if group == ",,":
        grouped = "[0-9]{1,2}(,[0-9]{2})*,[0-9]{3}"
    else:
        signs = {" ": SPACE, "'": "['’]"}.get(group, f"[{group}]")
        grouped = f"[0-9]{{1,3}}({signs}[0-9]{{3}})+"
    return f"({grouped}|[0-9]+){fraction}|[{point}][0-9]+", point


def decimal(cell: str, style: str, *, signed: bool = False, kind: str = "DECIMAL(38,6)") -> str:
    """A number in a style. `signed`: a currency's sign or code may stand beside it. Parentheses mean negative."""
    unsigned, point = digits(style)
    sign = f"({SIGN})?{SPACE}?" if signed else ""
    after = f"{SPACE}?({SIGN})?" if signed else ""
    whole = f"^([-+−]?{sign}[-+−]?({unsigned}){after}-?|[(]{sign}({unsigned}){after}[)])$"
    kept = f"regexp_replace({cell}, {literal(f'[^0-9{point}]')}, '', 'g')"
    plain = kept if point == "." else f"replace({kept}, ',', '.')"
    minus = f"CASE WHEN regexp_matches({cell}, '[-−(]') THEN '-' ELSE '' END"
    simple = "^[-+]?[0-9]+$" if point == "," else "^[-+]?[0-9]+([.][0-9]+([eE][-+]?[0-9]+)?)?$"
    if STYLES[style][0] == ".":
        simple = "^[-+]?[0-9]+$"
    return (
        f"CASE WHEN regexp_matches({cell}, '{simple}') THEN TRY_CAST({cell} AS {kind})"
        f" WHEN regexp_matches({cell}, {literal(whole)}) THEN TRY_CAST({minus} || {plain} AS {kind}) END"
    )


def number(cell: str, style: str) -> str:
    """A number; 12 % is 0.12."""
    share = f"regexp_replace({cell}, '{SPACE}?%$', '')"
    part = f"{decimal(share, style, kind='DOUBLE')} / 100"
    return f"CASE WHEN {cell} LIKE '%\\%' ESCAPE '\\' THEN {part} ELSE {decimal(cell, style, kind='DOUBLE')} END"


def money(cell: str, style: str, unit: str | None, currency: str) -> str:
    """An amount. `unit` minor counts hundredths, or whatever the currency (SQL) is divided into."""
    exact = decimal(cell, style, signed=True)
    if unit == "minor":
        cents = f"CAST({exact} AS DECIMAL(24,0))"
        scaled = (
            f"CASE WHEN {currency} IN ({_list(NO_CENTS)}) THEN CAST({cents} AS DECIMAL(30,3))"
            f" WHEN {currency} IN ({_list(MILLS)}) THEN CAST({cents} * CAST(0.001 AS DECIMAL(4,3)) AS DECIMAL(30,3))"
            f" ELSE CAST({cents} * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(30,3)) END"
        )
    elif unit == "micros":
        scaled = f"CAST({exact} AS DECIMAL(24,0)) * CAST(0.000001 AS DECIMAL(7,6))"
    elif unit in FACTORS:
        scaled = f"CAST({exact} AS DECIMAL(24,6)) * CAST({FACTORS[unit]} AS DECIMAL(8,0))"
    else:
        scaled = exact
    return f"TRY_CAST({scaled} AS DECIMAL(18,2))"


def sign_of(cell: str) -> str:
    """SQL of the currency sign or code written beside an amount; '' when there is none."""
    return f"regexp_extract({cell}, {literal(f'({SIGN})')}, 1)"


def currency_in(cell: str, default: str | None) -> str:
    """SQL of the currency an amount names itself; a sign that several share means the default where it can."""
    sign = sign_of(cell)
    known = "".join(f" WHEN {literal(s)} THEN {literal(code)}" for s, code in SIGNS.items())
    shared = "".join(
        f" WHEN {literal(s)} THEN {literal(default if default in codes else codes[0])}"
        for s, codes in SHARED_SIGNS.items()
    )
    other = literal(default) if default else "NULL"
    return f"CASE {sign}{known}{shared} WHEN '' THEN {other} ELSE upper({sign}) END"


def foreign(cell: str, currency: str) -> str:
    """SQL that is true when an amount names a currency other than `currency` (SQL)."""
    sign = sign_of(cell)
    known = "".join(f" WHEN {literal(s)} THEN {currency} <> {literal(code)}" for s, code in SIGNS.items())
    shared = "".join(f" WHEN {literal(s)} THEN {currency} NOT IN ({_list(c)})" for s, c in SHARED_SIGNS.items())
    return f"CASE {sign} WHEN '' THEN false{known}{shared} ELSE {currency} <> upper({sign}) END"


SERIAL = "^[0-9]{1,6}([.][0-9]+)?$"
ISO_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
ISO_TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
ISO_OFFSET = f"{ISO_TIME} ?(Z|UTC|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$"


def moment(cell: str, style: Style) -> str:
    """An instant: by each declared way in turn, and as ISO."""
    zone = literal(style.timezone)
    ways = [_moment_as(cell, way, zone) for way in style.dates if way != "iso"]
    iso = (
        f"CASE WHEN regexp_matches({cell}, '{ISO_OFFSET}') THEN TRY_CAST({cell} AS TIMESTAMPTZ)"
        f" WHEN regexp_matches({cell}, '{ISO_TIME}$') OR regexp_matches({cell}, '{ISO_DAY}')"
        f" THEN TRY_CAST({cell} AS TIMESTAMP) AT TIME ZONE {zone} END"
    )
    return f"coalesce({', '.join([*ways, iso])})" if ways else iso


def _moment_as(cell: str, way: str, zone: str) -> str:
    if way == "unix_seconds":
        seconds = f"to_timestamp(TRY_CAST({cell} AS DOUBLE))"
        return f"CASE WHEN regexp_matches({cell}, '^[0-9]{{8,11}}([.][0-9]+)?$') THEN {seconds} END"
    if way == "unix_millis":
        millis = f"to_timestamp(TRY_CAST({cell} AS DOUBLE) / 1000)"
        return f"CASE WHEN regexp_matches({cell}, '^[0-9]{{11,14}}$') THEN {millis} END"
    if way == "excel":
        seconds = f"round((TRY_CAST({cell} AS DOUBLE) - 25569) * 86400)"  # the serial of 1970-01-01
        stamp = f"to_timestamp({seconds}) AT TIME ZONE 'UTC'"
        return f"CASE WHEN regexp_matches({cell}, '{SERIAL}') THEN ({stamp}) AT TIME ZONE {zone} END"
    parsed = f"TRY_STRPTIME({cell}, {literal(way)})"
    return parsed if "%z" in way or "%Z" in way else f"{parsed} AT TIME ZONE {zone}"


def day(cell: str, style: Style) -> str:
    """A day: as written; where a time is written, the day it falls on in the timezone."""
    zone = literal(style.timezone)
    ways = []
    for way in style.dates:
        if way == "excel":
            whole = f"CAST(floor(TRY_CAST({cell} AS DOUBLE)) AS INTEGER)"
            ways.append(
                f"CASE WHEN regexp_matches({cell}, '^[0-9]{{1,6}}([.][0-9]+)?$') THEN DATE '1899-12-30' + {whole} END"
            )
        elif way.startswith("unix_") or "%z" in way or "%Z" in way:
            ways.append(f"CAST({_moment_as(cell, way, zone)} AT TIME ZONE {zone} AS DATE)")
        elif way != "iso":
            ways.append(f"CAST(TRY_STRPTIME({cell}, {literal(way)}) AS DATE)")
    iso = (
        f"CASE WHEN regexp_matches({cell}, '{ISO_DAY}') THEN TRY_CAST({cell} AS DATE)"
        f" WHEN regexp_matches({cell}, '{ISO_TIME}$') THEN CAST(TRY_CAST({cell} AS TIMESTAMP) AS DATE)"
        f" WHEN regexp_matches({cell}, '{ISO_OFFSET}')"
        f" THEN CAST(TRY_CAST({cell} AS TIMESTAMPTZ) AT TIME ZONE {zone} AS DATE) END"
    )
    return f"coalesce({', '.join([*ways, iso])})" if ways else iso


def in_reason(kind: Kind, value: str) -> str:
    """SQL that is true when a read value is one its kind can hold: a whole number, a day from 1900 up to 2199."""
    if kind is Kind.DATE:
        return f"{value} BETWEEN DATE '1900-01-01' AND DATE '2199-12-31'"
    if kind is Kind.TIMESTAMP:
        return f"{value} >= TIMESTAMPTZ '1900-01-01 00:00:00+00' AND {value} < TIMESTAMPTZ '2200-01-01 00:00:00+00'"
    if kind is Kind.INTEGER:
        return f"{value} = round({value}) AND abs({value}) < 9000000000000000000"
    return f"{value} IS NOT NULL"


def _list(words: Sequence[str]) -> str:
    return ", ".join(map(literal, words))
