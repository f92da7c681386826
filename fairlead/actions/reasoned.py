"""The reasons of a move as a table: for files and for other programs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.why import Part, Why

if TYPE_CHECKING:
    import pyarrow as pa


class Line(NamedTuple):
    """One part. `of` is "whole", a dimension or "record"; `level` is 0 for the whole and grows downwards."""

    of: str
    level: int
    name: str | None
    unit: str | None
    before: float | None
    after: float | None
    part: float | None
    mix: float | None = None
    rate: float | None = None
    rows: int | None = None
    note: str = ""


def reasoned(found: Why) -> "pa.Table":
    """A row a part: first the whole and what it is made of, then each cut, then what the record changed.

    `part` is in the metric's own unit; over `level` 1, over each dimension and over the record it sums to the
    change, to the last digit.
    """
    import pyarrow as pa

    lines = [*_parts(found.whole, 0), *_slices(found), *_record(found)]
    kinds = (pa.string(), pa.int64(), *[pa.string()] * 2, *[pa.float64()] * 5, pa.int64(), pa.string())
    schema = pa.schema(list(zip(Line._fields, kinds, strict=True)))
    return pa.Table.from_pylist([line._asdict() for line in lines], schema=schema)


def _parts(part: Part, level: int) -> Iterator[Line]:
    ends = (_float(part.before), _float(part.after), _float(part.part))
    yield Line("whole", level, part.name, part.unit, *ends, None, None, None, part.note)
    for inner in part.parts:
        yield from _parts(inner, level + 1)


def _slices(found: Why) -> Iterator[Line]:
    for cut in found.cuts:
        for one in cut.slices:
            ends = (_float(one.before), _float(one.after), _float(one.part))
            split = (_float(one.mix), _float(one.rate))
            yield Line(cut.dimension, 1, one.value, found.unit, *ends, *split, None, cut.note)


def _record(found: Why) -> Iterator[Line]:
    for one in found.record:
        yield Line("record", 1, one.kind, found.unit, None, None, _float(one.part), None, None, one.rows, one.says)


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
