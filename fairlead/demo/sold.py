"""What was sold: deals and recurring lines, and the accounts they belong to.

All amounts are whole units of the account's currency: a month's charge for lines, a year's for deals.
"""

from typing import NamedTuple

from fairlead.demo.clock import Ints
from fairlead.demo.market import Accounts

YEAR = 365
DEAL_COLUMNS = ("account", "kind", "person", "owner", "created_at", "closes_at", "won", "amount", "imported", "billed")
LINE_COLUMNS = ("account", "deal", "starts", "ends", "gross", "discount", "months", "product", "until", "lost_early")


class Deals(NamedTuple):
    """One row a deal, in order of creation in the simulation. `closes_at` may lie after the window: still open then."""

    account: Ints
    kind: Ints
    person: Ints  # the main contact, -1 when there is none
    owner: Ints
    created_at: Ints
    closes_at: Ints
    won: Ints
    amount: Ints
    imported: Ints  # entered the day it closed
    billed: Ints  # 0 for won deals that billing never heard of


class Lines(NamedTuple):
    """One row a recurring line: a month's `gross` charge less `discount`, from day `starts` to before day `ends`.

    `months` are paid at once (1 or 12); `until` is the end of the term when the line was added.
    """

    account: Ints
    deal: Ints
    starts: Ints
    ends: Ints
    gross: Ints
    discount: Ints
    months: Ints
    product: Ints
    until: Ints
    lost_early: Ints


class Joined(NamedTuple):
    """One row a qualified person who joined a deal that was open already."""

    deal: Ints
    person: Ints


class Sold(NamedTuple):
    """Who bought what: the accounts, their deals and lines."""

    accounts: Accounts
    deals: Deals
    lines: Lines


class Drawn(NamedTuple):
    """Deals about to be opened, with what will become of them."""

    account: Ints
    kind: Ints
    person: Ints
    created: Ints
    closes: Ints
    won: Ints
    amount: Ints


class Sale(NamedTuple):
    """Lines about to begin. `deal` is -1 when no deal says so."""

    account: Ints
    deal: Ints
    starts: Ints
    gross: Ints
    discount: Ints
    months: Ints
    product: Ints
