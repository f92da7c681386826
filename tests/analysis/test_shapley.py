"""Shapley values against every order written out, and printed parts that sum to the last digit."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.apportion import apportion, printed
from fairlead.analysis.shapley import Number, shares

numbers = st.fractions(min_value=-50, max_value=50, max_denominator=12)
games = st.integers(1, 4).flatmap(lambda n: st.lists(numbers, min_size=1 << n, max_size=1 << n))
broken = st.integers(1, 4).flatmap(lambda n: st.lists(st.none() | numbers, min_size=1 << n, max_size=1 << n))


def by_every_order(values: Sequence[Number]) -> tuple[Fraction, ...] | None:
    """The mean of what each thing adds at its turn, over the orders whose states are all defined."""
    count = len(values).bit_length() - 1
    found: list[list[Fraction]] = []
    for order in permutations(range(count)):
        states = [0]
        for thing in order:
            states.append(states[-1] | 1 << thing)
        known = [values[state] for state in states]
        if None in known:
            continue
        gains = [Fraction(0)] * count
        for place, thing in enumerate(order):
            gains[thing] = (known[place + 1] or 0) - (known[place] or Fraction(0))
        found.append(gains)
    return tuple(sum(column, Fraction(0)) / len(found) for column in zip(*found, strict=True)) if found else None


@given(games | broken)
def test_shares_are_the_mean_over_every_defined_order(values: list[Number]) -> None:
    assert shares(values) == by_every_order(values)


@given(games)
def test_shares_sum_to_the_change_and_what_adds_nothing_gets_nothing(values: list[Fraction]) -> None:
    found = shares(values)
    assert found is not None
    assert sum(found) == values[-1] - values[0]
    doubled = [values[state >> 1] for state in range(2 * len(values))]  # a first thing that changes nothing
    assert shares(doubled) == (0, *found)


@given(st.lists(numbers, min_size=1, max_size=12), st.sampled_from([0, 2, 6]))
def test_printed_parts_sum_to_the_printed_whole(parts: list[Fraction], places: int) -> None:
    total = printed(sum(parts, Fraction(0)), places)
    told = apportion(parts, total, places)
    assert sum(told) == total
    unit = Fraction(1, 10**places)
    assert all(abs(Fraction(t) - p) <= unit for t, p in zip(told, parts, strict=True))
    assert all(t == 0 for t, p in zip(told, parts, strict=True) if p == 0)
    assert all(t.as_tuple().exponent == -places for t in told)


def test_big_amounts_keep_every_digit() -> None:
    whole = Fraction(10**40) + Fraction(1, 3)
    assert str(printed(whole, 2)) == f"{10**40}.33"
    halves = apportion([whole / 2, whole / 2], printed(whole, 2), 2)
    assert Fraction(halves[0]) + Fraction(halves[1]) == Fraction(Decimal(f"{10**40}.33"))
