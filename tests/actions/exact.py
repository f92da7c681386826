"""What every told move has to keep: each table a reader may add up sums to the last digit."""

from collections.abc import Iterator
from decimal import Decimal

from fairlead.actions.why import Cut, Part, Why


def leaves(part: Part) -> Iterator[Part]:
    yield part
    for below in part.parts:
        yield from leaves(below)


def assert_exact(found: Why) -> None:
    """Every level sums to the last digit, of every table a reader may add up."""
    record = sum((p.part for p in found.record if p.part is not None), Decimal(0))
    if found.change is None:
        return
    assert found.before is not None
    assert found.after is not None
    assert found.change == Decimal(found.after) - Decimal(found.before)
    assert found.whole.part is not None
    assert found.change == record + found.whole.part
    for part in leaves(found.whole):
        if part.parts and part.parts[0].part is not None:
            assert sum(p.part or 0 for p in part.parts) == part.part, part.name
    for cut in found.cuts:
        assert_exact_cut(cut, found.whole.part)


def assert_exact_cut(cut: Cut, change: Decimal) -> None:
    if cut.kind == "none":
        return
    assert sum((s.part or Decimal(0) for s in cut.slices), Decimal(0)) == change, cut.dimension
    if cut.kind == "mix":
        assert all(s.part == (s.mix or 0) + (s.rate or 0) for s in cut.slices)
