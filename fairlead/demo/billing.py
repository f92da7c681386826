"""Invoices for every line and period, and what was paid, failed and given back. Amounts are in whole units."""

from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import DAY, END, HOUR, NEVER, Chance, Ints, in_office
from fairlead.demo.market import Accounts
from fairlead.demo.sold import YEAR, Lines

OPEN, PAID, UNCOLLECTIBLE, VOID = 0, 1, 2, 3
STATUSES = ("open", "paid", "uncollectible", "void")


class Invoices(NamedTuple):
    """One row an invoice, in order of issue. `paid_at` is NEVER unless paid."""

    account: Ints
    line: Ints
    amount: Ints
    currency: Ints
    issued_at: Ints
    due_at: Ints
    paid_at: Ints
    status: Ints


class Payments(NamedTuple):
    """One row a charge or refund, in order of time. `source` is the charge that a refund gives back."""

    invoice: Ints
    amount: Ints
    at: Ints
    succeeded: Ints
    source: Ints


class Taken(NamedTuple):
    """What was billed, and what came in and went back."""

    invoices: Invoices
    charges: Payments
    refunds: Payments


def later(day: Ints, months: Ints) -> Ints:
    """The day so many calendar months later: the same one of its month, or the month's last."""
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    first = (month + months).astype("datetime64[D]").astype(np.int64)
    last = (month + months + 1).astype("datetime64[D]").astype(np.int64) - 1
    found: Ints = np.minimum(first + day - month.astype("datetime64[D]").astype(np.int64), last)
    return found


def periods(starts: Ints, ends: Ints, months: Ints) -> Ints:
    """How many periods of so many months begin from day `starts` to before day `ends`."""
    first, last = (day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) for day in (starts, ends))
    whole = np.maximum(last - first, 0) // months
    return np.where(starts < ends, whole + (later(starts, whole * months) < ends), 0)


def invoices(lines: Lines, accounts: Accounts, chance: Chance) -> Invoices:
    """Monthly payers get one a month and pay at once; yearly ones one a year, paid within weeks.

    What is added to a yearly contract is billed to the end of its term first, and by the year from then on.
    """
    dice = chance.of("invoices")
    ends = np.minimum(lines.ends, END // DAY)
    term = lines.until - lines.starts
    short = (lines.months == 12) & (term >= 1) & (term < YEAR)
    anchor = np.where(short, lines.until, lines.starts)
    count = periods(anchor, ends, lines.months) + (short & (lines.starts < ends))
    line = np.repeat(np.arange(len(lines.account)), count)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    first = short[line] & (place == 0)
    months = np.where(first, 0, (place - short[line]) * lines.months[line])
    day = np.where(first, lines.starts[line], later(anchor[line], months))
    net, yearly = (lines.gross - lines.discount)[line], lines.months[line] == 12
    part = np.where(first, term[line] / YEAR, 1.0)
    amount = np.maximum(np.round(net * lines.months[line] * part).astype(np.int64), 1)
    issued = day * DAY + 15 * HOUR + dice.integers(0, 3600, len(line))
    wait = np.where(yearly, dice.gamma(4.0, 6.0, len(line)) * DAY, 1800).astype(np.int64)
    fate = dice.random(len(line))
    paid = np.where(yearly, in_office(issued + wait, dice), issued + wait)
    paid = np.where((fate > 0.014) & (paid < END), np.maximum(paid, issued), NEVER)
    status = np.where(paid != NEVER, PAID, np.where(fate < 0.008, UNCOLLECTIBLE, np.where(fate < 0.012, VOID, OPEN)))
    order = np.lexsort((line, issued))
    account = lines.account[line]
    table = Invoices(
        account,
        line,
        amount,
        accounts.currency[account],
        issued,
        issued + np.where(yearly, 30, 0) * DAY,
        paid,
        status,
    )
    return Invoices(*(column[order] for column in table))


def payments(billed: Invoices, chance: Chance) -> tuple[Payments, Payments]:
    """(charges, refunds): one good charge for a paid invoice, some failed ones before it, a few refunds after."""
    dice = chance.of("payments")
    paid = np.flatnonzero(billed.status == PAID)
    failed = paid[dice.random(len(paid)) < 0.02]
    invoice = np.concatenate([paid, failed])
    at = np.concatenate([billed.paid_at[paid], billed.paid_at[failed] - 600])
    good = np.concatenate([np.ones(len(paid), np.int64), np.zeros(len(failed), np.int64)])
    order = np.lexsort((good, invoice, at))
    charges = Payments(invoice[order], billed.amount[invoice[order]], at[order], good[order], np.full(len(order), -1))
    chosen = np.flatnonzero((charges.succeeded == 1) & (dice.random(len(order)) < 0.006))
    back = in_office(charges.at[chosen] + dice.integers(1, 20, len(chosen)) * DAY, dice)
    chosen, back = chosen[back < END], back[back < END]
    refunds = Payments(charges.invoice[chosen], charges.amount[chosen], back, np.ones(len(chosen), np.int64), chosen)
    order = np.lexsort((refunds.source, refunds.at))
    return charges, Payments(*(column[order] for column in refunds))
