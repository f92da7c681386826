"""The reasons of a move as a table: for files and for other programs."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.why import Part, Why
from fairlead.picture.wording import Number

if TYPE_CHECKING:
    import pyarrow as pa


DIGITS = (38, 6)  # of a number here: all digits, and those after the point
PLACES = Decimal("0.000001")


class Line(NamedTuple):
    """One part. `of` is "whole", a dimension or "record"; `level` is 0 for the whole and grows downwards."""

    of: str
    level: int
    name: str | None
    unit: str | None
    before: Decimal | None
    after: Decimal | None
    part: Decimal | None
    mix: Decimal | None = None
    rate: Decimal | None = None
    rows: int | None = None
    note: str = ""


def reasoned(found: Why) -> "pa.Table":
    """A row a part: first the whole and what it is made of, then each cut, then what the record changed.

    `part` is in the metric's own unit; over `level` 1, over each dimension and over the record it sums to the
    change, to the last digit.
    """
    import pyarrow as pa

    lines = [*_parts(found.whole, 0), *_slices(found), *_record(found)]
    kinds = (pa.string(), pa.int64(), *[pa.string()] * 2, *[pa.decimal128(*DIGITS)] * 5, pa.int64(), pa.string())
    schema = pa.schema(list(zip(Line._fields, kinds, strict=True)))
    return pa.Table.from_pylist([line._asdict() for line in lines], schema=schema)


def _parts(part: Part, level: int) -> Iterator[Line]:
    ends = (_exact(part.before), _exact(part.after), _exact(part.part))
    yield Line("whole", level, part.name, part.unit, *ends, None, None, None, part.note)
    for inner in part.parts:
        yield from _parts(inner, level + 1)


def _slices(found: Why) -> Iterator[Line]:
    for cut in found.cuts:
        for one in cut.slices:
            ends = (_exact(one.before), _exact(one.after), _exact(one.part))
            split = (_exact(one.mix), _exact(one.rate))
            yield Line(cut.dimension, 1, one.value, found.unit, *ends, *split, None, cut.note)


def _record(found: Why) -> Iterator[Line]:
    for one in found.record:
        yield Line("record", 1, one.kind, found.unit, None, None, _exact(one.part), None, None, one.rows, one.says)


def _exact(value: Number | None) -> Decimal | None:
    """The value with six places; what is computed with more, such as a share, is rounded there."""
    if value is None:
        return None
    with localcontext(prec=DIGITS[0]):
        return Decimal(str(value)).quantize(PLACES)
