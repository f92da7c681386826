"""One share and the difference of two: against scipy, against what was published, and by how often they hold."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fairlead.analysis.proportion import difference, wilson


@given(st.integers(1, 1000), st.data())
def test_a_share_has_wilsons_interval(count: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, count))
    known = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    assert wilson(hits / count, count) == pytest.approx((known.low, known.high), abs=1e-12)


def test_the_difference_of_shares_is_as_newcombe_published() -> None:
    """Table II of the paper (1998), method 10: 56/70 against 48/80, 9/10 against 3/10, and 10/10 against 0/20."""
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert difference(10, 10, 0, 20) == pytest.approx((0.6791, 1.0), abs=5e-5)
    assert difference(0, 0, 1, 2) is None


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    """Every outcome of 20 against 15 cases, weighed by how likely it is: 95 % of them hold the truth, for any truth."""
    found = {(x, y): difference(x, 20, y, 15) for x in range(21) for y in range(16)}
    shares = [n / 10 for n in range(1, 10)]
    held = {
        (one, other): sum(
            comb(20, x) * one**x * (1 - one) ** (20 - x) * comb(15, y) * other**y * (1 - other) ** (15 - y)
            for (x, y), interval in found.items()
            if interval is not None and interval.low <= one - other <= interval.high
        )
        for one in shares
        for other in shares
    }
    assert min(held.values()) >= 0.92
    assert 0.945 <= sum(held.values()) / len(held) <= 0.97
