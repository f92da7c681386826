"""The parts of a move as people read them: printed numbers that sum to the last digit, and what is missing in words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from fairlead.analysis.apportion import apportion, places_of, printed
from fairlead.analysis.metric import unit_of
from fairlead.analysis.segments import OTHERS, REST, Cutting, Kind, Piece
from fairlead.analysis.tree import Lack, Node, Split
from fairlead.model.metrics import Aggregate
from fairlead.model.whole import Model
from fairlead.picture.reasons import Cause, cause, noun
from fairlead.picture.wording import Number
from fairlead.values import in_words, spoken

AT_MOST_NAMED = 3
RESTS = {OTHERS: "all others", REST: "what does not add up"}  # within a sentence


class Part(NamedTuple):
    """A node of the split; the root's `part` is the whole change (with `reported`, of the business).

    `part` is what it adds to the root metric's change, in the root's unit; None where that is undefined. The parts
    of `parts` sum to it, to the last digit. `note` says which input is zero or missing.
    """

    name: str
    label: str
    unit: str
    before: Number | None
    after: Number | None
    part: Decimal | None
    parts: tuple["Part", ...]
    note: str = ""


class Slice(NamedTuple):
    """One value of a dimension (None: not known): the metric of it, and its part of the change.

    `part` = `mix` + `rate` where the cut is by mix and rate. Weights are shares of the whole's denominator.
    `is_rest`: no value of the dimension, but what the smallest ones add together, or what does not add up over it.
    """

    value: str | None
    before: Number | None
    after: Number | None
    part: Decimal | None
    mix: Decimal | None
    rate: Decimal | None
    weight_before: Number | None
    weight_after: Number | None
    is_rest: bool = False


class Cut(NamedTuple):
    """A change by dimension, biggest part first; the parts sum to the change, to the last digit.

    `kind`: "sum" (differences), "mix" (a ratio: mix against rate), "parts" (a formula, by its measures), "none"
    (does not add up, or nothing to split: values only).
    """

    dimension: str
    kind: str
    slices: tuple[Slice, ...]
    note: str


class Named(NamedTuple):
    """What parts are called: the dictionary they are from, and what no source gives for its measures."""

    model: Model
    missing: Mapping[str, str]

    def label(self, name: str) -> str:
        metric = self.model.metrics.metrics.get(name)
        return metric.title if metric else in_words(name)

    def unit(self, node: Node) -> str:
        metric = self.model.metrics.metrics.get(node.name)
        return str(metric.unit if metric else unit_of(self.model.metrics.measures[node.name]))

    def noun(self, name: str) -> str:
        """What is counted under a name, within a sentence."""
        measure = self.model.metrics.measures.get(name)
        return noun(self.label(name), measure.says if measure else "", is_count=self.is_count(name))

    def is_count(self, name: str) -> bool:
        """Whether a name stands for things that can be fewer or more."""
        measure = self.model.metrics.measures.get(name)
        return measure is not None and measure.reading.aggregate in (Aggregate.COUNT, Aggregate.DISTINCT)

    def lack(self, lacks: Sequence[Lack]) -> str:
        """Why something is undefined, in words."""
        return "; ".join(dict.fromkeys(self._lack(one) for one in lacks))

    def _lack(self, one: Lack) -> str:
        if one.name in self.missing:
            return f"it needs {self.missing[one.name]}"
        metric = self.model.metrics.metrics.get(one.name)
        if metric is not None and metric.needs:
            return f"it needs {'; '.join(metric.needs)}"
        if one.is_missing:
            return f"no rows to take {self.noun(one.name)} from"
        return f"no {self.noun(one.name)}" if self.is_count(one.name) else f"{self.noun(one.name)} is zero"


def part_of(split: Split, part: Decimal | None, places: int, named: Named) -> Part:
    """A node and what lies below it, as printed; `part` is the node's own, already printed with `places` decimals."""
    node = split.node
    parts: tuple[Part, ...] = ()
    if node.parts:
        told = _told([below.part for below in split.parts], part, places)
        parts = tuple(part_of(below, own, places, named) for below, own in zip(split.parts, told, strict=True))
    unit = named.unit(node)
    return Part(
        name=node.name,
        label=named.label(node.name),
        unit=unit,
        before=shown(split.before, unit),
        after=shown(split.after, unit),
        part=part,
        parts=parts,
        note=_note(split),
    )


def _note(split: Split) -> str:
    if split.is_whole and split.node.parts:
        return "every order of change passes through a division by zero, so it is not split further"
    ends = [end for end, known in (("before", split.before), ("after", split.after)) if known is None]
    return f"undefined {' and '.join(ends)}" if ends else ""


def _told(parts: Sequence[Fraction | None], total: Decimal | None, places: int) -> Sequence[Decimal | None]:
    known = [part for part in parts if part is not None]
    return apportion(known, total, places) if total is not None and len(known) == len(parts) else [None] * len(parts)


def shown(value: Fraction | None, unit: str) -> Decimal | None:
    """A value with as many decimals as its unit is told with."""
    return None if value is None else printed(value, places_of(unit))


def cut_of(dimension: str, cutting: Cutting, change: Decimal | None, unit: str, named: Named) -> Cut:
    """The slices as printed: mix and rate are rounded together, so that they too sum to the last digit."""
    places, pieces = places_of(unit), cutting.pieces
    is_mix = cutting.kind is Kind.MIX
    exact = [(p.mix, p.rate) if is_mix else (p.part,) for p in pieces]
    told = iter(_told([part for parts in exact for part in parts], change, places))
    slices = []
    for piece, parts in zip(pieces, exact, strict=True):
        own = [next(told) for _ in parts]
        known = [part for part in own if part is not None]
        mix, rate = own if is_mix else (None, None)
        slices.append(_slice(piece, sum(known, Decimal(0)) if known else None, mix, rate, unit))
    return Cut(dimension, str(cutting.kind), tuple(slices), _cut_note(cutting, change, named))


def _slice(piece: Piece, part: Decimal | None, mix: Decimal | None, rate: Decimal | None, unit: str) -> Slice:
    ends = shown(piece.before, unit), shown(piece.after, unit)
    weights = shown(piece.weight_before, "ratio"), shown(piece.weight_after, "ratio")
    return Slice(piece.member, *ends, part, mix, rate, *weights, piece.is_rest)


def _cut_note(cutting: Cutting, change: Decimal | None, named: Named) -> str:
    """What a reader of the cut should know; empty when all is plain."""
    said = []
    if change is None:
        said.append("there is no change to split")
    if cutting.loose:
        loose = ", ".join(named.noun(name) for name in cutting.loose[:AT_MOST_NAMED])
        said.append(f"{loose} {'does' if len(cutting.loose) == 1 else 'do'} not add up over these segments")
    if cutting.kind is Kind.MIX and change is not None:
        half = [p.member or "not known" for p in cutting.pieces if (p.before is None) != (p.after is None)]
        if half:
            more = f" and {len(half) - AT_MOST_NAMED} more" if len(half) > AT_MOST_NAMED else ""
            said.append(f"no rate at one end, so that all is mix: {', '.join(half[:AT_MOST_NAMED])}{more}")
    return "; ".join(said)


def causes_of(whole: Part, named: Named) -> tuple[Cause, ...]:
    """What the direct parts of a whole are called in a sentence, and what each adds."""
    return tuple(
        Cause(cause(named.noun(p.name), p.before, p.after, is_count=named.is_count(p.name)), p.part)
        for p in whole.parts
        if p.part is not None
    )


def places_in(cut: Cut) -> tuple[Cause, ...]:
    """The slices of a cut as places where a change happened."""
    unknown = f"those without {spoken(cut.dimension.rpartition('.')[2])}"
    return tuple(
        Cause(RESTS.get(s.value or "", "") if s.is_rest else s.value or unknown, s.part)
        for s in cut.slices
        if s.part is not None
    )
