"""Weak leads or no follow-up: what each explains of the leads that were not accepted, from the same rows.

Both sides are right as far as the numbers go, so both are asked the same question: how many more would have been
accepted, had your part gone well? Follow-up going well: whoever was answered late or never had been accepted as those
of the same source who were answered in time. Leads being good: whoever came from a weak source had been accepted as
those of the other sources who were answered alike. A source is weak where chance does not explain it: the upper Wilson
limit of its share lies below the others'. What both together would have brought is split by the Shapley value, so it
does not matter which of the two is put right first.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import NormalDist
from typing import NamedTuple

from fairlead.analysis.gap import LEAST_PEERS, LEVEL
from fairlead.analysis.proportion import wilson
from fairlead.analysis.shapley import shares


class Answered(NamedTuple):
    """Leads of one source, answered in time or not: how many, and how many of them were accepted."""

    source: str
    is_late: bool
    handed: int
    accepted: int


class Shortfall(NamedTuple):
    """Acceptances that are missing, exactly: `leads` for want of good leads, `answers` for want of answers in time.

    `weak` names the weak sources. `handed` and `accepted` count what happened.
    """

    handed: int
    accepted: int
    leads: Fraction
    answers: Fraction
    weak: tuple[str, ...]

    @property
    def missing(self) -> Fraction:
        return self.leads + self.answers


def shortfall(rows: Sequence[Answered]) -> Shortfall:
    """What weak leads and what late answers explain."""
    cells = {(row.source, row.is_late): row for row in rows if row.handed}
    every = {late: _sum([r for r in cells.values() if r.is_late is late]) for late in (False, True)}
    weak = tuple(sorted({row.source for row in cells.values() if _is_weak(row, cells)}))
    states = [
        _accepted(cells, weak if good else (), every, answered=answered) for answered in (0, 1) for good in (0, 1)
    ]
    parts = shares(states) or (Fraction(0), Fraction(0))
    handed, accepted = (sum(column) for column in zip(*every.values(), strict=True))
    return Shortfall(handed, accepted, parts[0], parts[1], weak)


def _sum(rows: Sequence[Answered]) -> tuple[int, int]:
    return sum(r.handed for r in rows), sum(r.accepted for r in rows)


def _is_weak(row: Answered, cells: Mapping[tuple[str, bool], Answered]) -> bool:
    """Whether a source is accepted less often than the others that were answered in time, beyond chance."""
    if row.is_late or row.handed < LEAST_PEERS:
        return False
    handed, accepted = _sum([r for r in cells.values() if not r.is_late and r.source != row.source])
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    return handed >= LEAST_PEERS and wilson(row.accepted / row.handed, row.handed, z).high < accepted / handed


def _accepted(
    cells: Mapping[tuple[str, bool], Answered],
    weak: Sequence[str],
    every: Mapping[bool, tuple[int, int]],
    *,
    answered: int,
) -> Fraction:
    """How many would have been accepted, had `weak` sources been as good as the rest, or all been answered in time."""
    good = {late: _sum([r for r in cells.values() if r.is_late is late and r.source not in weak]) for late in every}
    total = Fraction(0)
    for row in cells.values():
        late = row.is_late and not answered
        own = cells.get((row.source, late))
        pool = (
            good[late] if row.source in weak or own is None or own.handed < LEAST_PEERS else (own.handed, own.accepted)
        )
        is_as_was = late == row.is_late and row.source not in weak
        total += Fraction(row.accepted) if is_as_was or not pool[0] else Fraction(row.handed * pool[1], pool[0])
    return total
