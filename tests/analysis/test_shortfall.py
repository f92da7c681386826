"""Weak leads or no follow-up: what each explains, in worlds where the answer is known."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.shortfall import Answered, Shortfall, shortfall

GOOD, WEAK = 0.8, 0.4


def rows(*cells: tuple[str, bool, int, float]) -> list[Answered]:
    return [Answered(source, late, count, round(count * share)) for source, late, count, share in cells]


def test_only_late_answers_explain_it_where_sources_are_alike() -> None:
    found = shortfall(
        rows(("a", False, 500, 0.8), ("a", True, 500, 0.4), ("b", False, 500, 0.8), ("b", True, 100, 0.4))
    )
    assert (found.weak, float(found.leads), float(found.answers)) == ((), 0.0, 240.0)


def test_only_weak_leads_explain_it_where_all_are_answered() -> None:
    found = shortfall(rows(("a", False, 500, 0.8), ("b", False, 500, 0.4)))
    assert (found.weak, float(found.leads), float(found.answers)) == (("b",), 200.0, 0.0)


def test_both_explain_it_by_what_each_adds_in_either_order() -> None:
    found = shortfall(
        rows(("a", False, 500, 0.8), ("a", True, 500, 0.4), ("b", False, 500, 0.4), ("b", True, 500, 0.2))
    )
    # had all been answered: 200 of a, 100 of b; had b been good: 200 in time, 100 late; both: 200 of a and 500 of b
    assert found.missing == 2000 * Fraction(8, 10) - (400 + 200 + 200 + 100)
    assert (found.answers, found.leads) == (Fraction(300 + 400, 2), Fraction(300 + 400, 2))


def test_a_source_that_differs_by_chance_is_not_weak() -> None:
    dice = np.random.default_rng(7)
    named = 0
    for _ in range(200):
        counts = dice.binomial(60, 0.5, 4)
        named += bool(shortfall([Answered(str(n), False, 60, int(c)) for n, c in enumerate(counts)]).weak)
    assert named <= 40  # four sources at 2.5 % each would be 20


cells = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.booleans()),
    st.integers(0, 80).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    max_size=8,
)


@given(cells)
def test_the_parts_make_the_whole_and_nobody_is_accepted_twice(found: dict[tuple[str, bool], tuple[int, int]]) -> None:
    told = shortfall([Answered(*key, *counts) for key, counts in found.items()])
    assert told.handed == sum(n for n, _ in found.values())
    assert told.accepted == sum(a for _, a in found.values())
    assert told.missing == told.leads + told.answers
    assert 0 <= told.accepted + told.missing <= told.handed


def test_nothing_handed_over_is_nothing_missing() -> None:
    assert shortfall([]) == Shortfall(0, 0, Fraction(0), Fraction(0), ())


@pytest.mark.parametrize("late", [False, True])
def test_order_of_rows_does_not_matter(late: bool) -> None:
    every = rows(("a", late, 50, 0.8), ("b", late, 500, 0.4), ("c", not late, 70, 0.5))
    assert shortfall(every) == shortfall(every[::-1])
