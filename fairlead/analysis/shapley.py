"""The Shapley value of a change: what each of several things that changed adds to it, whatever their order.

Let n things change one after another, in every possible order, and let each have the mean of what it added at its
turn (Shapley 1953, "A value for n-person games"). The shares sum exactly to the whole change. A state of some
things changed and the others not may be undefined (a zero divisor): then only the orders that avoid it count.

States are numbered by their bits: state 0b101 has the things 0 and 2 changed, the others as they were.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import factorial

Number = Fraction | None


def turns(values: Sequence[Number]) -> tuple[Mapping[int, Fraction], ...] | None:
    """For each thing, the share of the orders in which its turn comes in each state; None when no order is defined.

    `values[state]` is the value in each of the 2**n states. A thing's turn comes in a state without it: its share
    of the change is the sum over these of weight * (values[state with it] - values[state]).

    >>> turns([Fraction(0), Fraction(1), Fraction(2), Fraction(4)])[0]
    {0: Fraction(1, 2), 2: Fraction(1, 2)}
    """
    count = (len(values) - 1).bit_length()
    defined = [value is not None for value in values]
    if all(defined):
        return tuple(dict(_all_orders(count, thing)) for thing in range(count))
    before, after = _orders(defined, count), _orders(defined[::-1], count)[::-1]
    every = before[-1]
    if not every:
        return None
    found: list[Mapping[int, Fraction]] = []
    for thing in range(count):
        bit = 1 << thing
        ways = {state: before[state] * after[state | bit] for state in range(len(values)) if not state & bit}
        found.append({state: Fraction(n, every) for state, n in ways.items() if n})
    return tuple(found)


def shares(values: Sequence[Number]) -> tuple[Fraction, ...] | None:
    """What each thing adds to the change from the first state (nothing changed) to the last (everything has).

    >>> shares([Fraction(0), Fraction(1), Fraction(2), Fraction(4)])
    (Fraction(3, 2), Fraction(5, 2))
    """
    weights = turns(values)
    if weights is None:
        return None
    return tuple(
        sum((weight * _step(values, state, 1 << thing) for state, weight in of_thing.items()), Fraction(0))
        for thing, of_thing in enumerate(weights)
    )


def _step(values: Sequence[Number], state: int, bit: int) -> Fraction:
    """What one thing adds in a state; only asked where both ends are defined."""
    return (values[state | bit] or Fraction(0)) - (values[state] or Fraction(0))


def _all_orders(count: int, thing: int) -> list[tuple[int, Fraction]]:
    """The closed form where every order is defined: s!(n-s-1)!/n! for a state of s things."""
    by_size = [Fraction(factorial(s) * factorial(count - s - 1), factorial(count)) for s in range(count)]
    return [(state, by_size[state.bit_count()]) for state in range(1 << count) if not state >> thing & 1]


def _orders(defined: Sequence[bool], count: int) -> list[int]:
    """In how many orders each state is reached from the first one through defined states only."""
    ways = [0] * len(defined)
    ways[0] = int(defined[0])
    for state in range(1, len(defined)):
        if defined[state]:
            ways[state] = sum(ways[state & ~(1 << thing)] for thing in range(count) if state >> thing & 1)
    return ways
