"""What a bench gives back, and how two things are timed against each other."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple

SCALE = float(os.environ.get("BENCH_SCALE", "1"))


class Figure(NamedTuple):
    """One measured promise. `target` is the bound; `at_least` says on which side of it is good."""

    says: str
    value: float
    unit: str
    target: float
    at_least: bool = False
    detail: str = ""

    @property
    def passes(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target


def rows(full: int) -> int:
    """How many rows of a bench that has `full` at scale 1; never so few that it measures nothing."""
    return max(1_000, round(full * SCALE))


def seconds(work: Callable[[], object]) -> float:
    """How long one run of `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def side_by_side(ours: Callable[[], object], theirs: Callable[[], object], times: int = 5) -> tuple[float, float]:
    """The best of some runs of each, taken in turn so that a busy machine slows both; one warm-up run each first."""
    ours()
    theirs()
    taken = [(seconds(ours), seconds(theirs)) for _ in range(times)]
    return min(a for a, _ in taken), min(b for _, b in taken)
