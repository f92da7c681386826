"""How customers leave: they say so some weeks ahead, and why; or a charge fails, and nobody said anything."""

from typing import Final, NamedTuple

import numpy as np

from fairlead.demo.clock import NEVER, Chance, Ints
from fairlead.demo.sold import Lines
from fairlead.demo.success import Stays

# Stripe's words for why somebody cancelled, and how often each is said; who leaves at once says others.
FEEDBACK: Final = ("too_expensive", "missing_features", "switched_service", "unused", "too_complex", "customer_service")
SAID: Final = (0.28, 0.20, 0.20, 0.16, 0.08, 0.08)
SAID_EARLY: Final = (0.05, 0.30, 0.05, 0.30, 0.30, 0.0)
FAILING: Final = 0.3  # of those who pay by the month
FAILED: Final = -1  # no feedback: a charge failed


class Cancellations(NamedTuple):
    """One row a line that ended with its customer. `feedback` is FAILED where a charge failed; `asked` is a day."""

    line: Ints
    feedback: Ints
    asked: Ints


def cancel(lines: Lines, held: Stays, chance: Chance) -> Cancellations:
    """Lines that another one follows were not cancelled; of those who pay by the month, the first one fails to."""
    dice = chance.of("cancelling")
    left = np.flatnonzero(held.left != NEVER)
    key = held.account[left] * 10_000_000 + held.left[left]
    order = np.argsort(key)
    left, key = left[order], key[order]
    mine = lines.account * 10_000_000 + np.where(lines.ends == NEVER, 9_999_999, lines.ends)
    line = np.flatnonzero(np.isin(mine, key))
    stay = np.searchsorted(key, mine[line])
    monthly = np.ones(len(left), bool)
    np.logical_and.at(monthly, stay, lines.months[line] == 1)
    failing = monthly & ((dice.random(len(left)) < FAILING) | (np.cumsum(monthly) == 1))
    early = held.lost_early[left] == 1
    said, at_once = (dice.choice(len(FEEDBACK), len(left), p=odds) for odds in (SAID, SAID_EARLY))
    feedback = np.where(failing, FAILED, np.where(early, at_once, said))
    notice = np.where(failing, 0, dice.integers(3, 46, len(left)))
    asked = np.maximum(lines.ends[line] - notice[stay], lines.starts[line])
    return Cancellations(line, feedback[stay], asked)
