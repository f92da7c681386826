"""Where a handoff waits longest."""

import numpy as np
import pytest

from fairlead.analysis.slowest import Slow, Waiting, slowest, waiting


def told(dimension: str, value: str, seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]", late: int = 0) -> Waiting:
    count = len(seconds)
    logs = np.log1p(seconds)
    return Waiting(dimension, value, count + 3, count, float(logs.sum()), float((logs**2).sum()), count, late)


def test_the_slow_region_is_named_among_its_countries_and_others() -> None:
    dice = np.random.default_rng(3)
    slow, fast = dice.gamma(6, 70_000 / 6, 60), dice.gamma(6, 18_000 / 6, 200)
    slow[7] *= 1000  # one that took for ever
    rows = [
        told("region", "EMEA", slow, late=58), told("region", "Americas", fast),
        told("country", "DE", slow[:20]), told("country", "FR", slow[20:]), told("country", "US", fast),
    ]  # fmt: skip
    found = slowest("kickoff", rows)
    assert found is not None
    assert (found.dimension, found.value, found.handed, found.answered, found.late) == ("region", "EMEA", 63, 60, 58)
    assert found.hours == pytest.approx(np.median(slow) / 3600, rel=0.2)
    assert found.others == pytest.approx(np.median(fast) / 3600, rel=0.2)
    assert found.excess == pytest.approx(60 * (found.hours - found.others))


def test_chance_names_nobody() -> None:
    dice = np.random.default_rng(11)
    named = 0
    for _ in range(200):
        rows = [told("source", str(n), dice.gamma(2, 9_000, 40)) for n in range(8)]
        named += slowest("any", rows) is not None
    assert named <= 10  # of 200, with eight values each


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_handful_is_not_judged(count: int) -> None:
    rows = [told("region", "a", np.full(count, 9e6)), told("region", "b", np.full(50, 1.0))]
    assert slowest("any", rows) is None


def test_what_nobody_answered_took_no_time() -> None:
    row = {
        "dimension": "region", "value": "a", "handed": 4, "answered": 0, "logs": None, "squares": None, "timed": 4,
        "late": 4,
    }  # fmt: skip
    assert waiting(**row) == Waiting("region", "a", 4, 0, 0, 0, 4, 4)


@pytest.mark.parametrize(
    ("hours", "others", "says"),
    [(130.2, 36.0, "130 working hours typically, 36 elsewhere"),
     (0.5, 0.1, "30 working minutes typically, 6 elsewhere"),
     (0.004, 0.002, "14 working seconds typically, 7 elsewhere"),
     (3.2, 2.9, "3.2 working hours typically, 2.9 elsewhere"),
     (0.0001, 0.00002, "0.4 working seconds typically, 0.1 elsewhere")],
)  # fmt: skip
def test_both_times_are_told_apart_in_words(hours: float, others: float, says: str) -> None:
    assert Slow("any", "region", "a", 9, 9, 0, hours, others, 1.0).sentence == says
