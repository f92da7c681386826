"""Where a handoff waits longest: the one value of one dimension that takes conspicuously longer than the others."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

LEAST = 5  # answers without which a value is not judged
SCALES = ((1, "hours"), (60, "minutes"), (3600, "seconds"))  # how many of them are an hour
SHORT = 2  # less than so many are told in the next smaller unit
SURE = 3.0  # standard errors by which a difference has to stand out, since many values are looked at


class Waiting(NamedTuple):
    """Answers of one value of a dimension: the sum of ln(1 + working seconds), of its squares, and how many late."""

    dimension: str
    value: str
    handed: int
    answered: int
    logs: float
    squares: float
    timed: int
    late: int


class Slow(NamedTuple):
    """The slowest value. Working hours: typical (geometric mean) there, elsewhere, and the `excess` of all together."""

    handoff: str
    dimension: str
    value: str
    handed: int
    answered: int
    late: int
    hours: float
    others: float
    excess: float

    @property
    def sentence(self) -> str:
        """How long it takes there, beside the others; in figures that keep the two apart."""
        scale, unit = next((s, u) for s, u in SCALES if self.hours * s >= SHORT or s == SCALES[-1][0])
        there, elsewhere = self.hours * scale, self.others * scale
        digits = 0 if round(there) > round(elsewhere) else 1
        return f"{there:,.{digits}f} working {unit} typically, {elsewhere:,.{digits}f} elsewhere"


def waiting(**row: object) -> Waiting:
    """A row of the record as a value; what nobody answered took no time."""
    return Waiting(*(row[name] if row[name] is not None else 0 for name in Waiting._fields))  # type: ignore[arg-type]


def slowest(handoff: str, rows: Sequence[Waiting]) -> Slow | None:
    """The value with the largest excess: its answers times how much longer one typically takes than one of the others.

    Logarithms are compared, so that one that took for ever decides nothing.

    Only values that stand out by `SURE` standard errors (Welch 1938, Biometrika 29:350) are considered.
    """
    by_dimension: dict[str, list[Waiting]] = defaultdict(list)
    for row in rows:
        by_dimension[row.dimension].append(row)
    found = [
        slow
        for own in by_dimension.values()
        for row in own
        if (slow := _against(handoff, row, [o for o in own if o is not row]))
    ]
    return max(found, key=lambda slow: slow.excess, default=None)


def _against(handoff: str, row: Waiting, others: Sequence[Waiting]) -> Slow | None:
    """A value beside all the others of its dimension; None when it is no slower for sure."""
    count = sum(o.answered for o in others)
    if row.answered < LEAST or count < LEAST:
        return None
    mean, error = _mean(row.answered, row.logs, row.squares)
    beside, beside_error = _mean(count, sum(o.logs for o in others), sum(o.squares for o in others))
    if mean - beside <= SURE * math.hypot(error, beside_error):
        return None
    hours, elsewhere = math.expm1(mean) / 3600, math.expm1(beside) / 3600
    excess = row.answered * (hours - elsewhere)
    return Slow(handoff, row.dimension, row.value, row.handed, row.answered, row.late, hours, elsewhere, excess)


def _mean(count: int, total: float, squares: float) -> tuple[float, float]:
    """Mean and standard error."""
    mean = total / count
    return mean, math.sqrt(max(squares / count - mean**2, 0.0) / (count - 1))
