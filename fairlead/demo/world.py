"""One simulated company: every part in the order of cause and effect."""

from typing import NamedTuple

import numpy as np

from fairlead.demo import (
    billing,
    cancelling,
    finance,
    funnel,
    handing_on,
    market,
    paths,
    promising,
    recycling,
    sold,
    staff,
    standstill,
    success,
    trade,
    waiving,
    work,
)
from fairlead.demo.clock import Chance


class World(NamedTuple):
    """Everything that happened. Rows refer to each other by row number."""

    staff: staff.Staff
    accounts: market.Accounts
    people: market.People
    campaigns: market.Campaigns
    touches: funnel.Touches
    funnel: funnel.Funnel
    earlier: recycling.Turns  # of the leads who came back
    deals: sold.Deals
    lines: sold.Lines
    paths: paths.Paths
    pauses: standstill.Pauses
    hands: handing_on.Hands
    waivers: waiving.Waivers
    promised: promising.Promised
    roles: work.Roles
    activities: work.Activities
    invoices: billing.Invoices
    charges: billing.Payments
    refunds: billing.Payments
    stays: success.Stays
    cancellations: cancelling.Cancellations
    onboardings: success.Onboardings
    usage: success.Usage
    surveys: success.Signals
    tickets: success.Signals
    rates: finance.Rates
    spend: finance.Spend
    ledger: finance.LedgerRows


def simulate(scale: float, seed: int) -> World:
    """The company's thirty-six months at `scale`; the same for the same arguments."""
    chance = Chance(seed)
    team = staff.hire(scale, chance)
    people, accounts = market.people(scale, market.companies(scale, team, chance), chance)
    met = funnel.touches(people, chance)
    led = funnel.qualify(people, met, team, chance)
    deals, lines, joined = trade.Trade(accounts, people, led, team, chance).run()
    again = recycling.come_back(people, led, deals, team, chance)
    joined = sold.Joined(*(np.concatenate(pair) for pair in zip(joined, again.joined, strict=True)))
    stood = standstill.stand_still(paths.walk(deals, accounts, chance), deals, chance)
    on_deals = work.roles(deals, joined, people, chance)
    billed = billing.invoices(lines, accounts, chance)
    charges, refunds = billing.payments(billed, chance)
    held = success.stays(lines, len(accounts.segment))
    begun = success.onboardings(held, deals, accounts, chance)
    fx, spent = finance.rates(chance), finance.spend(people, chance)
    bought, taken = sold.Sold(accounts, deals, lines), billing.Taken(billed, charges, refunds)
    done = work.activities(people, led, bought, chance)
    books = finance.ledger(finance.accrue(bought, stood.paths, taken, finance.Costs(spent, team), fx))
    return World(
        staff=team,
        accounts=accounts,
        people=people,
        campaigns=market.campaigns(),
        touches=met,
        funnel=again.funnel,
        earlier=again.earlier,
        deals=deals,
        lines=lines,
        paths=stood.paths,
        pauses=stood.pauses,
        hands=handing_on.hand_on(stood, deals, again, team, chance),
        waivers=waiving.waive(stood.paths, bought, on_deals, team, chance),
        promised=promising.promise(stood.paths, deals, begun, chance),
        roles=on_deals,
        activities=work.with_second_turns(done, people, again, chance),
        invoices=billed,
        charges=charges,
        refunds=refunds,
        stays=held,
        cancellations=cancelling.cancel(lines, held, chance),
        onboardings=begun,
        usage=success.usage(held, lines, accounts, chance),
        surveys=success.surveys(held, chance),
        tickets=success.tickets(held, accounts, chance),
        rates=fx,
        spend=spent,
        ledger=books,
    )
