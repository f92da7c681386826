"""Exact numbers as printed ones: rounded to the unit's precision, and still summing to the last digit."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from fairlead.model.metrics import Unit

PLACES = 6
MONEY_PLACES = 2


def places_of(unit: str) -> int:
    """How many decimals a value of this unit is told with: never fewer than it is shown with."""
    return MONEY_PLACES if unit in (Unit.MONEY, Unit.MONEY_PER_DAY) else PLACES


def printed(value: Fraction, places: int) -> Decimal:
    """The nearest number with so many decimals; a half goes away from zero, as the engine does it.

    >>> printed(Fraction(1, 3), 6), printed(Fraction(-1, 200), 2)
    (Decimal('0.333333'), Decimal('-0.01'))
    """
    size = floor(abs(value) * 10**places + Fraction(1, 2))
    return _decimal(-size if value < 0 else size, places)


def apportion(parts: Sequence[Fraction], total: Decimal, places: int) -> tuple[Decimal, ...]:
    """The parts rounded so that they sum to `total`, which is their sum rounded: the method of largest remainders.

    Every part is within a unit of the last place of its exact value, and a part of nothing stays nothing.

    >>> apportion([Fraction(1, 3)] * 3, Decimal("1.00"), 2)
    (Decimal('0.34'), Decimal('0.33'), Decimal('0.33'))
    """
    units = [part * 10**places for part in parts]
    low = [floor(unit) for unit in units]
    sharing = sorted([n for n, unit in enumerate(units) if unit] or range(len(units)), key=lambda n: low[n] - units[n])
    spare = int(Fraction(total) * 10**places) - sum(low)
    each, further = divmod(spare, len(sharing)) if sharing else (0, 0)
    for place, n in enumerate(sharing):
        low[n] += each + (place < further)
    return tuple(_decimal(number, places) for number in low)


def _decimal(units: int, places: int) -> Decimal:
    return Decimal(f"{units}e-{places}")  # written, not computed: computing would round to 28 digits
