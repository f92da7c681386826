"""Why a number moved, in one sentence.

Win rate fell 3.1 points, from 25.3 % in Sep 2026 to 22.2 % in Oct 2026, mostly because of fewer deals won
(-4.0 points); fewer deals won or lost gave back 0.9 points.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from fairlead.picture.wording import PLAIN, Manner, Number, period_words, points, worded
from fairlead.values import ACRONYMS

MINUS = "\u2212"
SPACE = "\u00a0"  # keeps a number and its unit on one line
SECOND = Decimal("0.5")  # of the first cause: from here on a second one is told as well
GAVE_BACK = Decimal("0.1")  # of the first cause: less than this given back is not worth a clause
LASTS = frozenset({"length", "time", "cycle"})  # what is longer or shorter, not higher or lower
FLOWS = re.compile(r" (?:in|out|\w+ed)$")  # `cash in`, `pipeline created`: what there is more or less of
LISTED = re.compile(r",(?! (?:and|or)\b)[^,]*(?:,| (?:and|or) )")  # a comma between things, not before a remark
LONGEST = 60


class Cause(NamedTuple):
    """One part of a move: what is behind it in words (`fewer deals won`, `enterprise`), and what it adds."""

    words: str
    part: Decimal


class Move(NamedTuple):
    """A value at two periods; `lack_before` and `lack_after` say why a value is undefined."""

    label: str
    unit: str
    period_from: str
    period_to: str
    before: Number | None
    after: Number | None
    lack_before: str = ""
    lack_after: str = ""


def size_of(part: Decimal, unit: str, manner: Manner = PLAIN) -> str:
    """How big a part is, without its sign: shares in points.

    >>> size_of(Decimal("-0.031"), "percent").replace(SPACE, " ")
    '3.1 points'
    """
    if unit != "percent":
        return worded(abs(part), unit, manner).text
    size = points(part, manner)
    return f"{size}{SPACE}{'point' if size in ('1.0', '1,0') else 'points'}"


def signed(part: Decimal, unit: str, manner: Manner = PLAIN) -> str:
    """A part with its sign: what it adds."""
    return f"{'+' if part > 0 else MINUS if part < 0 else ''}{size_of(part, unit, manner)}"


def share(part: Decimal | None, whole: Decimal | None, manner: Manner = PLAIN) -> str:
    """How much of a whole a part is; empty where that has no meaning.

    >>> share(Decimal(-2), Decimal(10)), share(Decimal("0.001"), Decimal(-10)), share(Decimal(1), Decimal(0))
    ('\u221220.0%', '0.0%', '')
    """
    return "" if part is None or not whole else worded(part / whole, "percent", manner).text


def noun(label: str, says: str, *, is_count: bool) -> str:
    """What is counted, as it stands within a sentence: of the measure's own words as far as a remark after a comma.

    >>> noun("Won", "Deals won.", is_count=True), noun("Opening mrr", "Revenue at the start.", is_count=False)
    ('deals won', 'opening MRR')
    >>> noun("Mqls to sql", "", is_count=False)
    'MQLs to SQL'
    >>> noun("Human activities", "Calls, emails and meetings by people.", is_count=True)
    'human activities'
    """
    said = "" if LISTED.search(says) else says.partition(",")[0].rstrip(".")
    told = said if is_count and said and len(said) <= LONGEST else label
    words = [ACRONYMS.get(word.lower(), word) for word in told.split(" ")]
    if words[0][1:].islower() or len(words[0]) == 1:
        words[0] = words[0].lower()
    return " ".join(words)


def cause(name: str, before: Number | None, after: Number | None, *, is_count: bool) -> str:
    """What happened to one thing: `fewer deals won`, `higher bookings`.

    >>> cause("deals won", 12, 9, is_count=True), cause("win rate", 0.2, 0.3, is_count=False)
    ('fewer deals won', 'a higher win rate')
    >>> cause("sales cycle length", 60, 62, is_count=False), cause("average days to close", 60, 62, is_count=False)
    ('a longer sales cycle length', 'more average days to close')
    >>> cause("cash in", 1000, 900, is_count=False)
    'less cash in'
    """
    if before is None or after is None or before == after:
        return name
    if is_count or "days" in name.split():
        return f"{'more' if after > before else 'fewer'} {name}"
    if FLOWS.search(name):
        return f"{'more' if after > before else 'less'} {name}"
    article = "" if name.endswith(("s", "MRR", "revenue", "pipeline")) else "a "
    more, less = ("longer", "shorter") if LASTS & set(name.split()) else ("higher", "lower")
    return f"{article}{more if after > before else less} {name}"


def sentence(move: Move, causes: Sequence[Cause], manner: Manner = PLAIN, *, within: bool = False) -> str:
    """How a number moved and mostly why. `within`: the causes are places (`in enterprise`), not things."""
    if move.before is None or move.after is None:
        return _undefined(move, manner)
    change = _decimal(move.after) - _decimal(move.before)
    there = f"{worded(move.after, move.unit, manner).text} in {period_words(move.period_to, manner)}"
    told = _ranked(causes)
    if not change:
        stayed = f"{move.label} stayed at {there}, as in {period_words(move.period_from, manner)}"
        return f"{stayed}{_offset(told, move.unit, manner)}."
    start = f"{worded(move.before, move.unit, manner).text} in {period_words(move.period_from, manner)}"
    moved = f"{move.label} {_verb(change, move.unit, manner)}, from {start} to {there}"
    return f"{moved}{reason(change, told, move.unit, manner, within=within)}."


def _verb(change: Decimal, unit: str, manner: Manner) -> str:
    size = size_of(change, unit, manner)
    if not any(digit in size for digit in "123456789"):
        return "hardly moved"
    return f"{'rose' if change > 0 else 'fell'} {size}"


def reason(change: Decimal, causes: Sequence[Cause], unit: str, manner: Manner = PLAIN, *, within: bool = False) -> str:
    """The clause that says why, from the biggest causes; empty when there are none."""
    told = _ranked(causes)
    with_it = [c for c in told if (c.part > 0) == (change > 0)]
    against = [c for c in told if (c.part > 0) != (change > 0)]
    if not with_it:
        return ""
    main = with_it[:1] + [c for c in with_it[1:2] if abs(c.part) >= SECOND * abs(with_it[0].part)]
    link = (
        ("in " if within else "because of ")
        if len(told) == len(main)
        else f"mostly {'in' if within else 'because of'} "
    )
    named = " and ".join(f"{c.words} ({signed(c.part, unit, manner)})" for c in main)
    gave = against[:1] if against and abs(against[0].part) >= GAVE_BACK * abs(main[0].part) else []
    back = "".join(f"; {c.words} gave back {size_of(c.part, unit, manner)}" for c in gave)
    return f", {link}{named}{back}"


class AsTold(NamedTuple):
    """What an earlier build told of the first period, what is known of it now, and what the record changed."""

    build: str
    before: Number | None
    restated: Number | None
    causes: Sequence[Cause]


def since_told(move: Move, told: AsTold, causes: Sequence[Cause], manner: Manner = PLAIN) -> str:
    """How a number moved from what was reported: how much of it is the record and how much is business."""
    start = period_words(move.period_from, manner)
    if told.before is None or told.restated is None:
        lacking = "as reported" if told.before is None else "as it is known now"
        return f"{move.label} of {start} is undefined {lacking}, so that there is nothing to set it against."
    record = _decimal(told.restated) - _decimal(told.before)
    was, now = (worded(value, move.unit, manner).text for value in (told.before, told.restated))
    if record:
        why = reason(record, told.causes, move.unit, manner)
        says = f"{move.label} of {start} was reported as {was} and is {now} now{why}"
    else:
        says = f"{move.label} of {start} is {now}, as it was reported{_offset(_ranked(told.causes), move.unit, manner)}"
    if move.period_from == move.period_to:
        return f"{says}."
    if move.after is None:
        return f"{says}; in {period_words(move.period_to, manner)} it is undefined."
    return f"{says}; {_business(move, _decimal(move.after) - _decimal(told.restated), causes, manner)}."


def _business(move: Move, moved: Decimal, causes: Sequence[Cause], manner: Manner) -> str:
    """The rest of a move: from what is known now to the second period."""
    there = f"{worded(move.after or 0, move.unit, manner).text} in {period_words(move.period_to, manner)}"
    if not moved:
        return f"it stayed at {there}"
    return f"from there it {_verb(moved, move.unit, manner)} to {there}{reason(moved, causes, move.unit, manner)}"


def _ranked(causes: Sequence[Cause]) -> list[Cause]:
    """The biggest first, those that add nothing left out."""
    return [c for c in sorted(causes, key=lambda c: -abs(c.part)) if c.part]


def _offset(causes: Sequence[Cause], unit: str, manner: Manner) -> str:
    """What cancelled out where nothing moved in the end."""
    up = next((c for c in causes if c.part > 0), None)
    down = next((c for c in causes if c.part < 0), None)
    if up is None or down is None:
        return ""
    one, other = (f"{c.words} ({signed(c.part, unit, manner)})" for c in (up, down))
    return f": {one} and {other} cancel out"


def _undefined(move: Move, manner: Manner) -> str:
    """Which end has no value, and why."""
    ends = (
        (move.period_from, move.before, move.lack_before, "was"),
        (move.period_to, move.after, move.lack_after, "is"),
    )
    if move.before is None and move.after is None:
        why = "; ".join(dict.fromkeys(lack for *_, lack, _ in ends if lack))
        start, end = (period_words(name, manner) for name, *_ in ends)
        when = f"in {start}" if start == end else f"in {start} and {end}"
        return f"{move.label} is undefined {when}{f' ({why})' if why else ''}."
    (name, _, lack, _), (other, value, _, verb) = ends if move.before is None else ends[::-1]
    known = worded(value or 0, move.unit, manner).text
    why = f" ({lack})" if lack else ""
    when = period_words(name, manner)
    return f"{move.label} is undefined in {when}{why}; it {verb} {known} in {period_words(other, manner)}."


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
