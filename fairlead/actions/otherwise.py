"""Where a lens tells an account otherwise than we do, in words and as rows for a file."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from fairlead.actions.lensing import Apart
from fairlead.actions.revenue import Otherwise, RevenueTold
from fairlead.actions.revenue_drawing import named
from fairlead.picture.wording import Manner, period_words, worded

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = Decimal("0.00")
MOST_PARTS = 4
WORDS = {"opening": "At the start", "nrr": "Counts in NRR"}


def where(told: Sequence[Apart], manner: Manner) -> str:
    """By kind and period both amounts: `Churn at another time: Dec 2025 ours -$50, theirs $0; ...`."""
    kinds = sorted(told, key=lambda part: (part.kind != "opening", part.kind))
    said = [_kind(kind, tuple(parts), manner) for kind, parts in groupby(kinds, key=lambda part: part.kind)]
    return ". ".join(said)


def _kind(kind: str, parts: Sequence[Apart], manner: Manner) -> str:
    """One kind; where both tell the same money of it in all, it is only told at another time."""
    title = WORDS.get(kind) or named(kind)
    if all(part.ours == part.theirs for part in parts):
        title += " on another day"
    elif sum(part.theirs - part.ours for part in parts) == 0:
        title += " at another time"
    said = "; ".join(_part(part, manner) for part in parts[:MOST_PARTS])
    more = len(parts) - MOST_PARTS
    return f"{title}: {said}" + (f"; and {more} more" if more > 0 else "")


def _part(part: Apart, manner: Manner) -> str:
    when = f"{period_words(part.period, manner)} " if part.period else ""
    ours, theirs = (worded(money, "money", manner).full for money in (part.ours, part.theirs))
    return f"{when}ours {ours}, theirs {theirs}"


def together(told: RevenueTold, shown: Sequence[Otherwise], manner: Manner) -> str:
    """What all accounts that differ are apart on the last day, by lens, and what of it stands in the rows shown."""
    return " ".join(_together(told, seen.lens, shown, manner) for seen in told.lenses if seen.differ)


def _together(told: RevenueTold, lens: str, shown: Sequence[Otherwise], manner: Manner) -> str:
    seen = next(one for one in told.lenses if one.lens == lens)
    rows = [one.account for one in shown if one.lens == lens]
    who = "1 account differs" if seen.differ == 1 else f"{seen.differ:,} accounts differ"
    if not seen.apart:
        apart = "and on the last day theirs come to the same as ours"
    else:
        money = worded(abs(seen.apart), "money", manner).full
        apart = f"and on the last day theirs come to {money} {'more' if seen.apart > 0 else 'less'} than ours"
    said = f"{seen.title}: {who}, {apart}"
    if len(rows) == seen.differ:
        return f"{said}."
    part = worded(sum((one.would_be - one.was for one in rows), NOTHING), "money", manner).full
    return f"{said}; of it {part} in the {len(rows)} largest, which are told here."


def differences_table(told: RevenueTold) -> "pa.Table":
    """The accounts that are seen otherwise as rows for a file, with the switches that make the difference."""
    from fairlead.actions.exporting import as_table

    names = ["lens", "account_id", "account", "ours", "theirs", "moved_otherwise", "why"]
    rows = [
        [one.lens, a.account_id, a.account, float(a.was), float(a.would_be), float(a.moved), ", ".join(a.why)]
        for one in told.differences
        for a in (one.account,)
    ]
    return as_table(names, rows)


def apart_table(told: RevenueTold) -> "pa.Table":
    """Where they are seen otherwise as rows for a file: by period and kind what moved, as we tell it and as they do."""
    from fairlead.actions.exporting import as_table

    rows = [
        [one.lens, one.account.account_id, one.account.account, *part[:2], *map(float, part[2:])]
        for one in told.differences
        for part in one.account.told
    ]
    return as_table(["lens", "account_id", "account", "period", "kind", "ours", "theirs"], rows)
