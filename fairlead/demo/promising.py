"""What sellers wrote down of what they had promised, for those who take the customer over; and what they did not.

Customers who were not onboarded within half a year more often had no day for the kickoff. The rest is left out by
chance: deals that lack it convert as often as those that do not.

Chance comes from a stream of its own, so that all that others draw stays as it was.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import DAY, END, NEVER, Chance, Flags, Floats, Ints, day_of, in_office
from fairlead.demo.paths import Paths
from fairlead.demo.sold import Deals
from fairlead.demo.success import Onboardings

GOALS = (
    "Plan every team's quarter in one place by day 90.",
    "Two fewer days for the monthly forecast by day 60.",
    "Half the spreadsheets gone by day 90.",
    "One number for the board by the next quarter.",
)
COMMITMENTS = (
    "Nothing beside the contract.",
    "Help with the import of last year's plans.",
    "Training for a second team in the first month.",
    "A call with product management each quarter.",
)
SCOPE = (
    "All planners of one region, from the start of the term.",
    "Finance and operations, from the start of the term.",
    "The whole company; teams join month by month.",
)
STAKEHOLDERS = (
    "Operations decides, finance pays, IT can say no.",
    "The chief operating officer decides and pays.",
    "Finance decides and pays; operations works with it.",
)
TEXTS = {"goals": GOALS, "commitments": COMMITMENTS, "scope": SCOPE, "stakeholders": STAKEHOLDERS}
LEFT_OUT = {"goals": 0.14, "commitments": 0.30, "scope": 0.05, "stakeholders": 0.10}  # shares
NO_DAY, NO_DAY_OF_LOST = 0.15, 0.60  # without a day for the kickoff: of all others, and of those not onboarded
HALF_A_YEAR = 180  # days
FAR = 2**34  # above every instant of the window, in seconds


class Promised(NamedTuple):
    """By deal: which of TEXTS was written down, -1 for none, and the day agreed for the kickoff, NEVER for none.

    Only of deals won; the scope of all of them, the rest of those with new customers.
    """

    goals: Ints
    commitments: Ints
    scope: Ints
    stakeholders: Ints
    kickoff_day: Ints


def promise(paths: Paths, deals: Deals, begun: Onboardings, chance: Chance) -> Promised:
    """Write down what was promised, but for what is left out."""
    dice = chance.of("promised")
    won = paths.is_won == 1
    new = won & (deals.kind == company.NEW)
    written = {
        item: _written(won if item == "scope" else new, np.full(len(won), share), dice)
        for item, share in LEFT_OUT.items()
    }
    no_day = np.where(settled(paths) & ~onboarded(paths, deals, begun), NO_DAY_OF_LOST, NO_DAY)
    texts = {item: np.where(written[item], dice.integers(0, len(all_), len(won)), -1) for item, all_ in TEXTS.items()}
    closed = np.where(won, paths.closed_at, 0)
    agreed = day_of(in_office(closed + dice.integers(4, 15, len(won)) * DAY, dice))
    return Promised(**texts, kickoff_day=np.where(_written(new, no_day, dice), agreed, NEVER))


def settled(paths: Paths) -> Flags:
    """Deals won so long ago that their customers have had the time to be onboarded."""
    found: Flags = (paths.is_won == 1) & (day_of(paths.closed_at) <= END // DAY - HALF_A_YEAR)
    return found


def onboarded(paths: Paths, deals: Deals, begun: Onboardings) -> Flags:
    """By deal, whether its customer was onboarded within half a year of its being won."""
    done = begun.done_at != NEVER
    account, at = begun.account[done], begun.done_at[done]
    key = np.sort(account * FAR + at)
    won = paths.is_won == 1
    closed = np.where(won, paths.closed_at, 0)
    place = np.searchsorted(key, deals.account * FAR + closed)
    following = np.r_[key, NEVER][place]
    same = won & (following // FAR == deals.account)
    found: Flags = same & (day_of(np.where(same, following % FAR, 0)) <= day_of(closed) + HALF_A_YEAR)
    return found


def _written(which: Flags, left_out: Floats, dice: np.random.Generator) -> Flags:
    """Who has an item. However few they are, it is missing somewhere."""
    lacks = dice.random(len(which)) < left_out
    lacks |= which & (np.cumsum(which) == 1)
    found: Flags = which & ~lacks
    return found
