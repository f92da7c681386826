"""Pauses of clocks: many clocks' pauses as flat columns, each clock's in order and without overlap."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairlead.analysis.calendar import INSTANT, micros, moment
from fairlead.analysis.zone import Micros

NEVER = int(np.iinfo(np.int64).max)  # when a pause ends that is still open


class Pause(NamedTuple):
    """A stretch in which a clock stands still; an end of None is still open."""

    start: datetime
    end: datetime | None = None


class Pauses(NamedTuple):
    """Pauses as columns: whose (the row of its clock), from when, until when (µs; NEVER when still open)."""

    owner: Micros
    start: Micros
    end: Micros

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """Which of them still last."""
        lasting: npt.NDArray[np.bool_] = self.end == NEVER
        return lasting

    def where(self, kept: npt.NDArray[np.bool_]) -> "Pauses":
        """Some of them."""
        return Pauses(self.owner[kept], self.start[kept], self.end[kept])

    def until(self, ends: Micros) -> "Pauses":
        """What lies before the end of each one's clock, `ends[owner]`."""
        last = ends[self.owner]
        return self._replace(end=np.minimum(self.end, last)).where(self.start < last)

    def known_at(self, as_of: int) -> "Pauses":
        """What was known then: later ones are not there, and those that ended later were open."""
        return self._replace(end=np.where(self.end > as_of, NEVER, self.end)).where(self.start <= as_of)


def of_one(pauses: Sequence[Pause]) -> Pauses:
    """The pauses of a single clock; raises ValueError for one that ends before it begins."""
    starts = [micros(pause.start)[0] for pause in pauses]
    ends = [NEVER if pause.end is None else micros(pause.end)[0] for pause in pauses]
    return _forward(Pauses(np.zeros(len(pauses), np.int64), np.array(starts, np.int64), np.array(ends, np.int64)))


def flat(pauses: pa.ListArray | pa.ChunkedArray | None) -> Pauses:
    """Each clock's pauses, an Arrow list of {start, end}, as columns. One without a start is left out.

    Raises ValueError for one that ends before it begins.
    """
    if pauses is None:
        return of_one(())
    lists = pauses.combine_chunks() if isinstance(pauses, pa.ChunkedArray) else pauses
    owner = lists.value_parent_indices().to_numpy(zero_copy_only=False).astype(np.int64)
    inner = lists.flatten()
    start, end = (inner.field(name).cast(INSTANT).cast(pa.int64()) for name in ("start", "end"))
    begun = start.is_valid().to_numpy(zero_copy_only=False)
    columns = (start.fill_null(0), end.fill_null(NEVER))
    return _forward(Pauses(owner, *(column.to_numpy(zero_copy_only=False) for column in columns)).where(begun))


def _forward(pauses: Pauses) -> Pauses:
    """The same pauses; raises ValueError for one that ends before it begins."""
    wrong = np.flatnonzero(pauses.end < pauses.start)
    if wrong.size:
        start, end = (moment(times[wrong[:1]]) for times in (pauses.start, pauses.end))
        raise ValueError(f"a pause cannot begin at {start} and end at {end}")
    return pauses


def merged(pauses: Pauses, starts: Micros) -> Pauses:
    """By clock and time, from the clock's start on; what overlaps or touches is one."""
    begin = np.maximum(pauses.start, starts[pauses.owner])
    kept = Pauses(pauses.owner, begin, pauses.end).where(begin < pauses.end)
    order = np.lexsort((kept.start, kept.owner))
    owner, start, end = kept.owner[order], kept.start[order], kept.end[order]
    if not len(owner):
        return Pauses(owner, start, end)
    until = _latest(owner, end)
    fresh = np.ones(len(owner), dtype=bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (start[1:] > until[:-1])
    last = np.append(fresh[1:], True)
    return Pauses(owner[fresh], start[fresh], until[last])


def _latest(owner: Micros, end: Micros) -> Micros:
    """The latest end so far within each owner, whose rows stand together.

    The owner and the rank of the end make one growing number, whose running maximum starts anew with each owner.
    """
    values, rank = np.unique(end, return_inverse=True)
    size = len(values)
    found: Micros = values[np.maximum.accumulate(owner * size + rank) % size]
    return found


def worth_before(owner: Micros, worth: Micros) -> Micros:
    """What the earlier pauses of the same clock were worth together; rows by clock and time."""
    before = np.cumsum(worth) - worth
    first = np.searchsorted(owner, owner, side="left")
    found: Micros = before - before[first]
    return found
