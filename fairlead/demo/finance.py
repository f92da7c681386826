"""Money that finance knows: exchange rates, what marketing spent, and the monthly ledger.

Rates are whole thousandths, spend and ledger whole cents, so that nothing is ever rounded twice.
"""

from typing import NamedTuple

import numpy as np

from fairlead.demo import company
from fairlead.demo.billing import Taken
from fairlead.demo.clock import MONTHS, NEVER, Chance, Ints, first_day, month_of, month_of_day
from fairlead.demo.market import Accounts, People
from fairlead.demo.paths import Paths
from fairlead.demo.sold import Lines, Sold
from fairlead.demo.staff import ROLES, Staff

EARLIEST = -13  # the first month with a rate: customers from before the window have contracts since then
LEDGER_LINES = ("revenue", "cost_of_revenue", "marketing_cost", "sales_cost", "headcount", "cash_in")
EVERYWHERE = -1


class Rates(NamedTuple):
    """`thousandths[currency, month - EARLIEST]`: USD per unit from the first of that month on."""

    thousandths: Ints

    def at(self, currency: Ints, month: Ints) -> Ints:
        return self.thousandths[currency, np.clip(month - EARLIEST, 0, MONTHS - EARLIEST - 1)]

    def cents(self, units: Ints, currency: Ints, month: Ints) -> Ints:
        """Whole units of a currency as cents of USD; exact, because foreign amounts are multiples of ten."""
        return units * self.at(currency, month) // 10


class Spend(NamedTuple):
    """One row a day (or week) and campaign, in cents of USD."""

    channel: Ints
    campaign: Ints
    day: Ints
    cents: Ints
    clicks: Ints


class LedgerRows(NamedTuple):
    """One row a month, line and segment (EVERYWHERE for the whole company); cents, or heads."""

    month: Ints
    line: Ints
    segment: Ints
    cents: Ints


def rates(chance: Chance) -> Rates:
    """A random walk a month around 1.085 for EUR and 1.265 for GBP."""
    dice = chance.of("rates")
    months = MONTHS - EARLIEST
    walk = np.cumsum(dice.normal(0, 5.0, (2, months)), axis=1)
    table = np.vstack([np.full(months, 1000), np.round(np.array([[1085], [1265]]) + walk)])
    return Rates(np.clip(table, 900, 1450).astype(np.int64))


def spend(people: People, chance: Chance) -> Spend:
    """What each channel's inquiries of a month cost, spread over its days (search, social) or weeks (the rest)."""
    dice = chance.of("spend")
    month = np.clip(month_of(people.created_at), 0, MONTHS - 1)
    parts = []
    for channel, habits in enumerate(company.CHANNELS):
        if habits.cost == 0:
            continue
        leads = np.bincount(month[people.channel == channel], minlength=MONTHS)
        step = 1 if habits.name in ("paid_search", "paid_social") else 7
        day = np.arange(first_day(0), first_day(MONTHS) - 1, step)
        at = (day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) - (company_month_zero())
        days = np.bincount(at, minlength=MONTHS)
        cents = np.round(leads[at] / days[at] * habits.cost * 100 * dice.gamma(9.0, 1 / 9, len(day))).astype(np.int64)
        campaign = channel * (MONTHS // 3) + at // 3
        kept = cents > 0
        clicks = np.round(cents / 420).astype(np.int64)
        parts.append((np.full(int(kept.sum()), channel), campaign[kept], day[kept], cents[kept], clicks[kept]))
    return Spend(*(np.concatenate(c) for c in zip(*parts, strict=True)))


def company_month_zero() -> int:
    """The window's first month, counted from January 1970."""
    return int(np.datetime64(first_day(0), "D").astype("datetime64[M]").astype(np.int64))


def monthly_charges(lines: Lines, accounts: Accounts, fx: Rates) -> Ints:
    """Each line's monthly revenue in cents of USD, at the rate of its start."""
    month = (lines.starts.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) - company_month_zero()
    return fx.cents(lines.gross - lines.discount, accounts.currency[lines.account], month)


class Accrued(NamedTuple):
    """What the books are made from, in cents: by month and segment, by month, or a month."""

    revenue: Ints
    booked: Ints
    marketing: Ints
    cash: Ints
    selling: int
    heads: int


class Costs(NamedTuple):
    """What winning customers costs: programmes and people."""

    spend: Spend
    staff: Staff


def accrue(sold: Sold, paths: Paths, taken: Taken, costs: Costs, fx: Rates) -> Accrued:
    """Revenue is recurring revenue at each month's end; cash counts each payment at its day's rate."""
    spent, staff = costs
    programmes = np.bincount(month_of_day(spent.day), spent.cents, MONTHS).astype(np.int64)
    return Accrued(
        revenue=_revenue(sold, fx),
        booked=_booked(sold, paths, fx),
        marketing=programmes + _salaries(staff, ("marketing",)),
        cash=_cash(taken, fx),
        selling=_salaries(staff, ("sales", "revops")),
        heads=len(staff.role),
    )


def ledger(accrued: Accrued) -> LedgerRows:
    """The books; revenue costs 22 % of itself, a little less each month, and sellers get a tenth of bookings."""
    rows: list[tuple[int, int, int, int]] = []
    for m in range(MONTHS):
        for s, share in enumerate((0.24, 0.41, 0.35)):
            revenue = int(accrued.revenue[m, s])
            rows += [
                (m, 0, s, revenue),
                (m, 1, s, round(revenue * (0.225 - m * 0.0005))),
                (m, 2, s, round(int(accrued.marketing[m]) * share)),
                (m, 3, s, round(accrued.selling * share + int(accrued.booked[m, s]) * 0.10)),
            ]
        rows.append((m, 4, EVERYWHERE, round(accrued.heads * (1.9 + m / 40)) * 100))
        rows.append((m, 5, EVERYWHERE, int(accrued.cash[m])))
    return LedgerRows(*np.array(rows, np.int64).T)


def _revenue(sold: Sold, fx: Rates) -> Ints:
    lines, segment = sold.lines, sold.accounts.segment[sold.lines.account]
    charge = monthly_charges(lines, sold.accounts, fx)
    found = np.zeros((MONTHS, len(company.SEGMENTS)), np.int64)
    for m in range(MONTHS):
        on = (lines.starts < first_day(m + 1)) & (lines.ends >= first_day(m + 1))
        np.add.at(found[m], segment[on], charge[on])
    return found


def _booked(sold: Sold, paths: Paths, fx: Rates) -> Ints:
    account = sold.deals.account
    won_in = np.where(paths.is_won == 1, month_of(paths.closed_at), NEVER)
    rows = np.flatnonzero((won_in >= 0) & (won_in < MONTHS))
    cents = fx.cents(paths.amount[rows], sold.accounts.currency[account[rows]], won_in[rows])
    found = np.zeros((MONTHS, len(company.SEGMENTS)), np.int64)
    np.add.at(found, (won_in[rows], sold.accounts.segment[account[rows]]), cents)
    return found


def _cash(taken: Taken, fx: Rates) -> Ints:
    """Cents received less given back, by month."""
    found = np.zeros(MONTHS, np.int64)
    for paid, sign in ((taken.charges, 1), (taken.refunds, -1)):
        when = month_of(paid.at)
        rows = np.flatnonzero((when >= 0) & (when < MONTHS) & (paid.succeeded == 1))
        currency = taken.invoices.currency[paid.invoice[rows]]
        np.add.at(found, when[rows], sign * fx.cents(paid.amount[rows], currency, when[rows]))
    return found


def _salaries(staff: Staff, functions: tuple[str, ...]) -> int:
    """A month's salaries with three tenths on top, in cents."""
    return int(sum(ROLES[r].salary for r in staff.role if ROLES[r].function in functions) * 130)
