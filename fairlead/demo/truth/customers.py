"""The true rows behind the measures of customers: recurring revenue and its movements, onboarding, use, the books."""

from collections.abc import Mapping

import numpy as np

from fairlead.demo.clock import MONTHS, NEVER, Flags, Ints, Numbers, day_of, first_day, month_of, month_of_day
from fairlead.demo.finance import EARLIEST, EVERYWHERE, LEDGER_LINES, monthly_charges
from fairlead.demo.truth.deals import SEGMENTS
from fairlead.demo.truth.tally import Dimension, Rows
from fairlead.demo.world import World


def measures(world: World) -> Mapping[str, Rows]:
    return {**_recurring(world), **_movements(world), **_accounts(world), **_books(world)}


def _cut(world: World, account: Ints) -> dict[str, Dimension]:
    return {"segment": Dimension(world.accounts.segment[account], SEGMENTS)}


def _recurring(world: World) -> dict[str, Rows]:
    """Lines that run on the last day of each month."""
    lines = world.lines
    charge = monthly_charges(lines, world.accounts, world.rates)
    found = []
    for m in range(MONTHS):
        end = first_day(m + 1)
        on = np.flatnonzero((lines.starts < end) & (lines.ends >= end))
        found.append((on, np.full(len(on), m)))
    line, month = (np.concatenate(column) for column in zip(*found, strict=True))
    account = lines.account[line]
    cut = _cut(world, account)
    return {
        "mrr": Rows("sum", month, charge[line], cut, point=True, cents=True),
        "customers": Rows("distinct", month, account, cut, point=True),
    }


def closings(world: World) -> tuple[Ints, Ints]:
    """(accounts, cents by account and month from EARLIEST): what each customer pays at each month's end."""
    lines = world.lines
    charge = monthly_charges(lines, world.accounts, world.rates)
    who, place = np.unique(lines.account, return_inverse=True)
    table = np.zeros((len(who), MONTHS - EARLIEST), np.int64)
    for column in range(MONTHS - EARLIEST):
        end = first_day(column + EARLIEST + 1)
        on = (lines.starts < end) & (lines.ends >= end)
        np.add.at(table[:, column], place[on], charge[on])
    return who, table


def exchanged(world: World) -> Ints:
    """Cents by account and month, as in `closings`, by which other rates changed what stayed the same in its currency.

    What an account ended and what it began on one day is one agreement, as far as both are equal.
    """
    lines = world.lines
    charge, own = monthly_charges(lines, world.accounts, world.rates), lines.gross - lines.discount
    who, place = np.unique(lines.account, return_inverse=True)
    table = np.zeros((len(who), MONTHS - EARLIEST), np.int64)
    began: dict[tuple[int, int], list[int]] = {}
    ended: dict[tuple[int, int], list[int]] = {}
    for days, found in ((lines.starts, began), (lines.ends, ended)):
        for at in np.flatnonzero(days < first_day(MONTHS)):
            sums = found.setdefault((int(place[at]), int(days[at])), [0, 0])
            sums[0] += int(own[at])
            sums[1] += int(charge[at])
    for account, day in began.keys() & ended.keys():
        (now, money), (before, earlier) = began[account, day], ended[account, day]
        same = min(now, before)
        change = _nearest(money * same, now) - _nearest(earlier * same, before)
        table[account, month_of_day(np.array([day]))[0] - EARLIEST] += change
    return table


def _nearest(part: int, whole: int) -> int:
    """part ÷ whole to the nearest whole number, halves up."""
    return (2 * part + whole) // (2 * whole)


def _movements(world: World) -> dict[str, Rows]:
    who, closing = closings(world)
    opening = np.concatenate([np.zeros((len(who), 1), np.int64), closing[:, :-1]], axis=1)
    before = np.maximum.accumulate(opening, axis=1) > 0  # has ever paid before this month
    fx = exchanged(world)
    grown = closing - opening - fx
    parts = {
        "opening_mrr": opening,
        "new_mrr": np.where(~before, grown, 0),
        "expansion_mrr": np.where((opening > 0) & (closing > 0) & (grown > 0), grown, 0),
        "contraction_mrr": np.where((closing > 0) & (grown < 0), np.minimum(-grown, opening), 0),
        "churned_mrr": np.where((opening > 0) & (closing == 0), opening, 0),
        "reactivation_mrr": np.where(before & (opening == 0) & (closing > 0), grown, 0),
        "fx_mrr": fx,
    }
    month = np.broadcast_to(np.arange(EARLIEST, MONTHS), closing.shape).ravel()
    cut = _cut(world, np.repeat(who, closing.shape[1]))
    found = {name: Rows("sum", month, part.ravel(), cut, cents=True) for name, part in parts.items()}

    def count(which: Flags) -> Rows:
        row, column = np.nonzero(which)
        return Rows("count", column + EARLIEST, row, _cut(world, who[row]))

    return {
        **found,
        "customer_months": count(opening > 0),
        "customers_lost": count((opening > 0) & (closing == 0)),
        **_years(world, who, opening, closing, grown),
    }


def _years(world: World, who: Ints, opening: Ints, closing: Ints, grown: Ints) -> dict[str, Rows]:
    """Of who paid twelve months before a month's end: each one's own changes until it left, month by month."""
    net, kept = np.zeros_like(opening), np.zeros_like(opening)
    there = np.zeros(opening.shape, bool)
    base = np.zeros_like(opening)
    for last in range(11, opening.shape[1]):
        first = last - 11
        stays = opening[:, first] > 0
        base[:, last] = np.where(stays, opening[:, first], 0)
        for column in range(first, last + 1):
            net[:, last] += np.where(stays, grown[:, column], 0)
            stays &= closing[:, column] > 0
        there[:, last] = stays
        net[:, last] = np.where(stays, np.maximum(net[:, last], -base[:, last]), -base[:, last])
        kept[:, last] = np.clip(base[:, last] + np.minimum(net[:, last], 0), 0, None)
    month = np.broadcast_to(np.arange(EARLIEST, MONTHS), opening.shape).ravel()
    cut = _cut(world, np.repeat(who, opening.shape[1]))
    sums = {"year_base_mrr": base, "year_net_mrr": net, "year_kept_mrr": kept}
    found = {name: Rows("sum", month, part.ravel(), cut, cents=True) for name, part in sums.items()}
    for name, which in (("year_customers", base > 0), ("year_customers_kept", there)):
        row, place = np.nonzero(which)
        found[name] = Rows("count", place + EARLIEST, row, _cut(world, who[row]))
    return found | _birthdays(world, who, closing)


def _birthdays(world: World, who: Ints, closing: Ints) -> dict[str, Rows]:
    """What customers began with, and what they paid at the end of the month twelve months later."""
    lines = world.lines
    charge = monthly_charges(lines, world.accounts, world.rates)
    since = _first(lines.account, lines.starts, len(world.accounts.segment))
    first_day_lines = lines.starts == since[lines.account]
    began = np.zeros(len(world.accounts.segment), np.int64)
    np.add.at(began, lines.account[first_day_lines], charge[first_day_lines])
    birthday = month_of_day(since[who]) + 12
    old = np.flatnonzero(birthday < MONTHS)
    cut, month = _cut(world, who[old]), birthday[old]
    later = closing[old, month - EARLIEST]
    return {
        "cohort_started_mrr": Rows("sum", month, began[who[old]], cut, cents=True),
        "cohort_kept_mrr": Rows("sum", month, later, cut, cents=True),
    }


def _first(who: Ints, when: Ints, count: int) -> Ints:
    first = np.full(count, NEVER)
    np.minimum.at(first, who, when)
    return first


def _gap(later: Ints, earlier: Ints, *, negative: bool) -> Numbers:
    """Days between, NaN where one never happened (or where the later comes first, unless `negative`)."""
    known = (later != NEVER) & (earlier != NEVER)
    days = np.where(known, later, 0) - np.where(known, earlier, 0)
    return np.where(known & (negative | (days >= 0)), days, np.nan)


def _accounts(world: World) -> dict[str, Rows]:
    lines, used, begun, met = world.lines, world.usage, world.onboardings, world.touches
    count = len(world.accounts.segment)
    since = _first(lines.account, lines.starts, count)
    done_at = _first(begun.account, begun.done_at, count)
    value_on = _first(used.account, used.day, count)
    account = world.people.account[met.person]
    touched = _first(account[account >= 0], day_of(met.at[account >= 0]), count)
    good = world.charges.succeeded == 1
    paid_at = _first(world.invoices.account[world.charges.invoice[good]], world.charges.at[good], count)
    started, paid = month_of_day(since), month_of(paid_at)

    def rows(month: Ints, which: Flags, how: str = "count", value: Numbers | None = None) -> Rows:
        at = np.flatnonzero(which)
        return Rows(how, month[at], at if value is None else value[at], _cut(world, at))

    is_customer = since != NEVER
    return {
        "new_customers": rows(started, is_customer),
        "new_customers_onboarded": rows(started, is_customer & (done_at != NEVER)),
        "average_days_to_value": rows(started, is_customer, "avg", _gap(value_on, since, negative=False)),
        "average_days_to_revenue": rows(paid, paid_at != NEVER, "avg", _gap(day_of(paid_at), touched, negative=True)),
        "accounts_using": Rows("distinct", month_of_day(used.day), used.account, _cut(world, used.account)),
    }


def _books(world: World) -> dict[str, Rows]:
    books = world.ledger

    def rows(*lines: str) -> Rows:
        at = np.flatnonzero(np.isin(books.line, [LEDGER_LINES.index(name) for name in lines]))
        segment = np.where(books.segment[at] == EVERYWHERE, -1, books.segment[at])
        return Rows("sum", books.month[at], books.cents[at], {"segment": Dimension(segment, SEGMENTS)}, cents=True)

    return {
        "revenue": rows("revenue"),
        "cost_of_revenue": rows("cost_of_revenue"),
        "acquisition_cost": rows("marketing_cost", "sales_cost"),
        "cash_in": rows("cash_in"),
        "headcount_months": rows("headcount"),
    }
