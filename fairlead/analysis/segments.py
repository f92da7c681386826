"""A metric's change over the values of a dimension: the segments that moved it.

A sum        each segment's difference.
A ratio N/D  of the segments' mix and rates: R = sum of share * rate, with share = d/D and rate = n/d, so
                 rate part = mean share * change of rate
                 mix part  = change of share * (mean rate - mean of R)
             (Bennet's decomposition; the shares' changes sum to nothing, so that R may be set off against them)
A formula    of several measures: what each measure adds (`tree`), spread in proportion to its change by segment.

Measures that do not add up over the segments (a median; companies that are in two of them) are no segment's part.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from fairlead.analysis.shapley import Number
from fairlead.analysis.tree import Node, Split, Values, value
from fairlead.model.arithmetic import exactly, is_sum, quotient
from fairlead.model.metrics import Aggregate

MOST = 50
OTHERS = "(others)"  # what these two are called; a value of a dimension may be called so too
REST = "(does not add up)"
NOTHING = Fraction(0)
SUMMED = ("part", "mix", "rate", "weight_before", "weight_after")  # of the segments told together

Member = str | None


class Kind(StrEnum):
    """How a change was cut; `NONE` where only the segments' values can be told."""

    SUM = "sum"
    MIX = "mix"
    PARTS = "parts"
    NONE = "none"


class Ends(NamedTuple):
    """What was counted in the first period and in the second."""

    before: Values
    after: Values


class Piece(NamedTuple):
    """One segment: the metric of it at both ends, and its part of the change. `part` = `mix` + `rate` for ratios.

    Weights are the segment's shares of the denominator. `is_rest`: no segment, but all others, or what does not add up.
    """

    member: Member
    before: Number
    after: Number
    part: Number
    mix: Number = None
    rate: Number = None
    weight_before: Number = None
    weight_after: Number = None
    is_rest: bool = False


class Cutting(NamedTuple):
    """The pieces, biggest part first; `loose` names the measures that do not add up over them."""

    kind: Kind
    pieces: tuple[Piece, ...]
    loose: tuple[str, ...] = ()


def cut(whole: Split, totals: Ends, members: Mapping[Member, Ends], most: int = MOST) -> Cutting:
    """The change of `whole` by segment; all but the `most` biggest are told together."""
    root = whole.node
    adding = {i.column for i in root.counted() if _adds_up(i.measure.reading.aggregate, i.column, totals, members)}
    loose = tuple(dict.fromkeys(i.name for i in root.counted() if i.column not in adding))
    kind = _kind(whole, adding)
    found = {
        Kind.SUM: _sums,
        Kind.MIX: _mixed,
        Kind.PARTS: _spread,
        Kind.NONE: _values,
    }[kind](whole, totals, members, adding)
    return Cutting(kind, _capped(root, found, members, adding, most), loose)


def _adds_up(aggregate: Aggregate, column: str, totals: Ends, members: Mapping[Member, Ends]) -> bool:
    """Counts and sums do. So do different things as long as none is in two segments: then, and only then, the
    segments' numbers sum to the whole one."""
    if aggregate in (Aggregate.COUNT, Aggregate.SUM):
        return True
    return aggregate is Aggregate.DISTINCT and all(
        total.get(column) == sum((ends[end].get(column) or NOTHING for ends in members.values()), NOTHING)
        for end, total in enumerate(totals)
    )


def _kind(whole: Split, adding: frozenset[str] | set[str]) -> Kind:
    root = whole.node
    if _is_total(root, adding):
        return Kind.SUM
    if _sides(root, adding) is not None:
        return Kind.MIX
    leaves = tuple(whole.leaves())
    if whole.part is None or not root.operands or any(leaf.part is None for leaf in leaves):
        return Kind.NONE
    return Kind.PARTS if any(_column(leaf) in adding for leaf in leaves) else Kind.NONE


def _is_total(node: Node, adding: frozenset[str] | set[str]) -> bool:
    """Whether the segments' values of a node sum to its own."""
    if not node.operands:
        return node.instance is not None and node.instance.column in adding
    return is_sum(node.formula) and all(_is_total(operand, adding) for operand in node.operands)


def _sides(node: Node, adding: frozenset[str] | set[str]) -> tuple[str, str] | None:
    """Numerator and denominator of a ratio whose sides both add up."""
    sides = quotient(node.formula) if node.operands else None
    if sides is None or not all(map(is_sum, sides)) or not all(_is_total(o, adding) for o in node.operands):
        return None
    return sides


def _column(leaf: Split) -> str:
    return leaf.node.instance.column if leaf.node.instance else ""


def _values(whole: Split, _: Ends, members: Mapping[Member, Ends], __: set[str]) -> list[Piece]:
    root = whole.node
    return [Piece(m, value(root, ends.before), value(root, ends.after), None) for m, ends in members.items()]


def _sums(whole: Split, totals: Ends, members: Mapping[Member, Ends], adding: set[str]) -> list[Piece]:
    pieces = _values(whole, totals, members, adding)
    if whole.part is None:
        return pieces
    return [p._replace(part=(p.after or NOTHING) - (p.before or NOTHING)) for p in pieces]


def _mixed(whole: Split, totals: Ends, members: Mapping[Member, Ends], adding: set[str]) -> list[Piece]:
    sides = _sides(whole.node, adding) or ("", "")
    wholes = [_both_sides(whole.node, sides, total) for total in totals]
    if whole.part is None or whole.before is None or whole.after is None:
        return _values(whole, totals, members, adding)
    mean = (whole.before + whole.after) / 2
    found = []
    for member, ends in members.items():
        own = [_both_sides(whole.node, sides, one) for one in ends]
        found.append(_mix_and_rate(member, own, [below for _, below in wholes], mean))
    return found


def _both_sides(node: Node, sides: tuple[str, str], values: Values) -> tuple[Fraction, Fraction]:
    given = {operand.name: value(operand, values) for operand in node.operands}
    above, below = (exactly(side, given) or NOTHING for side in sides)
    return above, below


def _mix_and_rate(
    member: Member, own: Sequence[tuple[Fraction, Fraction]], wholes: Sequence[Fraction], mean: Fraction
) -> Piece:
    """One segment of a ratio. Without a rate at one end there is no change of it, and all is mix; without one at
    either, its share is nothing at both ends and what it adds to the numerator stands as rate."""
    (n0, d0), (n1, d1) = own
    share0, share1 = d0 / wholes[0], d1 / wholes[1]
    part = n1 / wholes[1] - n0 / wholes[0] - (share1 - share0) * mean
    rates = [n / d if d else None for n, d in own]
    if rates[0] is not None and rates[1] is not None:
        rate = (share0 + share1) / 2 * (rates[1] - rates[0])
    else:
        rate = part if rates == [None, None] else NOTHING
    return Piece(member, rates[0], rates[1], part, part - rate, rate, share0, share1)


def _spread(whole: Split, totals: Ends, members: Mapping[Member, Ends], adding: set[str]) -> list[Piece]:
    """Each measure's part over the segments that changed it; what does not add up in a piece of its own."""
    gained = dict.fromkeys(members, NOTHING)
    rest = NOTHING
    for leaf in whole.leaves():
        column = _column(leaf)
        if column not in adding:
            rest += leaf.part or NOTHING
            continue
        moved = {m: (e.after.get(column) or NOTHING) - (e.before.get(column) or NOTHING) for m, e in members.items()}
        slope = _slope(leaf, moved.values())
        for member, change in moved.items():
            gained[member] += slope * change
    pieces = [p._replace(part=gained[p.member]) for p in _values(whole, totals, members, adding)]
    return [*pieces, Piece(REST, None, None, rest, is_rest=True)] if rest else pieces


def _slope(leaf: Split, moved: Iterable[Fraction]) -> Fraction:
    """What the root gains by one more of a measure: over its own change, or, where segments cancel out, around it."""
    if leaf.before is None or leaf.after is None or leaf.part is None:
        return NOTHING
    if leaf.before != leaf.after:
        return leaf.part / (leaf.after - leaf.before)
    step = sum(map(abs, moved), NOTHING) / 2
    if not step or leaf.payoff is None:
        return NOTHING
    above, below = leaf.payoff(leaf.before + step), leaf.payoff(leaf.before - step)
    return NOTHING if above is None or below is None else (above - below) / (2 * step)


def _capped(
    root: Node, pieces: Sequence[Piece], members: Mapping[Member, Ends], adding: set[str], most: int
) -> tuple[Piece, ...]:
    ranked = sorted(pieces, key=lambda p: (-_weight(p), p.member is None, p.member or ""))
    kept, others = ranked[:most], ranked[most:]
    if not others:
        return tuple(ranked)
    pooled = [_pooled([members[p.member][end] for p in others if not p.is_rest], adding) for end in (0, 1)]
    before, after = (value(root, one) for one in pooled)
    part, mix, rate, first, last = (_total(getattr(p, field) for p in others) for field in SUMMED)
    return (*kept, Piece(OTHERS, before, after, part, mix, rate, first, last, is_rest=True))


def _weight(piece: Piece) -> Fraction:
    """What pieces are ranked by: the part; where there is none, the size."""
    if piece.part is not None:
        return abs(piece.part)
    return max(abs(piece.before or NOTHING), abs(piece.after or NOTHING))


def _pooled(values: Sequence[Values], adding: set[str]) -> Values:
    return {column: sum((one.get(column) or NOTHING for one in values), NOTHING) for column in adding}


def _total(numbers: Iterable[object]) -> Number:
    known = [n for n in numbers if isinstance(n, Fraction)]
    return sum(known, NOTHING) if known else None
