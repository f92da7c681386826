"""What deals without a day for the kickoff truly cost, by the odds that the simulation draws from.

Whoever was not onboarded had no day four times as often. Turned round (Bayes), that says how many of those with and
without a day were onboarded; the difference, times what an onboarded customer had bought, is the loss.
"""

from fairlead.demo import company
from fairlead.demo.clock import NEVER
from fairlead.demo.promising import NO_DAY, NO_DAY_OF_LOST, onboarded, settled
from fairlead.demo.truth.deals import worth
from fairlead.demo.truth.tally import Leak
from fairlead.demo.world import World


def leak(world: World) -> Leak:
    """The price of kickoffs without a day, over deals of new customers that have had half a year."""
    old = settled(world.paths) & (world.deals.kind == company.NEW)
    done = onboarded(world.paths, world.deals, world.onboardings)
    lacks = world.promised.kickoff_day == NEVER
    large = world.accounts.segment[world.deals.account] == company.ENTERPRISE
    lost, loss, value = 0.0, 0.0, worth(world) / 100
    for here in (old & large, old & ~large):  # each under a time limit of its own
        if not (here & done).any():
            continue
        share = float(done[here].mean())
        without = NO_DAY * share / (NO_DAY * share + NO_DAY_OF_LOST * (1 - share))
        having = (1 - NO_DAY) * share / ((1 - NO_DAY) * share + (1 - NO_DAY_OF_LOST) * (1 - share))
        gain = int((here & lacks).sum()) * (having - without)
        lost, loss = lost + gain, loss + gain * float(value[here & done].mean())
    return Leak("kickoff_date", int((old & lacks).sum()), lost, loss, loss)
