"""Which channel and campaign the CRM credits a deal with."""

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import Ints
from fairlead.demo.world import World

OUTBOUND = [c.name for c in company.CHANNELS].index("outbound")
# Channels whose deals name the campaign that brought them: not partners, outbound, referrals.
MARKETED = np.array([1, 1, 1, 1, 0, 0, 0, 1])


def sources(world: World) -> tuple[Ints, Ints]:
    """(source, campaign) of every deal, -1 for none: those of the main contact on their first deal, outbound on later
    attempts. Renewals, and expansions that customer success found, have neither."""
    deals, people = world.deals, world.people
    first = np.zeros(len(deals.person), bool)
    first[np.unique(deals.person, return_index=True)[1]] = True
    first &= (deals.person >= 0) & (deals.kind != company.RENEWAL)
    channel = np.where(deals.person >= 0, people.channel[deals.person], -1)
    again = (deals.kind == company.NEW) & (deals.person >= 0)
    source = np.where(first, channel, np.where(again, OUTBOUND, -1))
    campaign = np.where(first & (MARKETED[channel] == 1), people.campaign[deals.person], -1)
    return source, campaign


def synced(world: World) -> Ints:
    """The people the CRM knows: the marketing qualified, and whoever is on a deal."""
    known = world.funnel.mql_at != np.iinfo(np.int64).max
    known[world.roles.person] = True
    return np.flatnonzero(known)
