"""What Stripe would export: customers, subscription items, invoices, charges and refunds; unix seconds and cents."""

from pathlib import Path

import numpy as np

from fairlead.demo import company, naming
from fairlead.demo.billing import OPEN, PAID, STATUSES
from fairlead.demo.cancelling import FAILED, FEEDBACK
from fairlead.demo.clock import NEVER, Flags, Ints, noonish
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.sheet import (
    Column,
    Columns,
    Rows,
    constant,
    empty,
    flags,
    ids,
    join,
    pick,
    seconds,
    where,
    whole,
    write,
)
from fairlead.demo.world import World

REPLACED = -2  # and nobody left
MONEY = tuple(code.lower() for code in company.CURRENCIES)


def write_all(folder: Path, world: World) -> None:
    """Every file of the folder but mapping.yaml."""
    _customers(folder / "customers.csv", world)
    _items(folder / "subscription_items.csv", world)
    _invoices(folder / "invoices.csv", world)
    _charges(folder / "charges.csv", world)
    _refunds(folder / "refunds.csv", world)


def customer(account: Ints) -> Column:
    return ids("cus_Hc", account)


def subscription(lines: Ints) -> Column:
    return ids("sub_Hc", lines)


def cents(units: Ints) -> Column:
    return whole(units * 100)


def nameless(account: Ints) -> Flags:
    """Customers that billing entered without the CRM's account id; only their domain says who they are."""
    return np.equal(account % 6, 5)


def _customers(file: Path, world: World) -> None:
    rows = np.unique(world.lines.account)
    first = np.full(len(world.accounts.segment), NEVER)
    np.minimum.at(first, world.lines.account, world.lines.starts)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        domain = naming.domains(r, world.accounts.industry[r])
        return {
            "id": customer(r),
            "name": naming.company_names(r, world.accounts.industry[r]),
            "email": join("billing@", domain),
            "currency": pick(MONEY, world.accounts.currency[r]),
            "created": seconds(noonish(first[r] - 1)),
            "metadata.crm_account_id": crm_ids.account(np.where(nameless(r), -1, r)),
            "metadata.domain": domain,
            "delinquent": constant("false", r),
        }

    write(file, len(rows), columns)


def _items(file: Path, world: World) -> None:
    lines, gone = world.lines, world.cancellations
    rows = np.arange(len(lines.account))
    asked, why = lines.ends.copy(), np.full(len(rows), REPLACED)  # what another line follows ends on its day
    asked[gone.line], why[gone.line] = gone.asked, gone.feedback

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        ended, failed, said = lines.ends[r] != NEVER, why[r] == FAILED, why[r] >= 0
        yearly = lines.months[r] == 12
        return {
            "id": ids("si_Hc", r),
            "subscription.id": subscription(r),
            "subscription.customer": customer(lines.account[r]),
            "subscription.status": where(ended, "canceled", "active"),
            "subscription.start_date": seconds(noonish(lines.starts[r])),
            "subscription.canceled_at": seconds(noonish(asked[r])),
            "subscription.ended_at": seconds(noonish(lines.ends[r])),
            "subscription.cancellation_details.reason": where(
                failed, "payment_failed", where(said, "cancellation_requested", None)
            ),
            "subscription.cancellation_details.feedback": where(said, pick(FEEDBACK, np.maximum(why[r], 0)), None),
            "price.product": crm_ids.product(lines.product[r]),
            "price.unit_amount": cents(lines.gross[r] * lines.months[r]),
            "price.currency": pick(MONEY, world.accounts.currency[lines.account[r]]),
            "price.recurring.interval": where(yearly, "year", "month"),
            "price.recurring.interval_count": constant("1", r),
            "quantity": constant("1", r),
            "discount.amount_off": cents(lines.discount[r] * lines.months[r]),
            "metadata.crm_opportunity_id": crm_ids.deal(lines.deal[r]),
        }

    write(file, len(rows), columns)


def _invoices(file: Path, world: World) -> None:
    billed = world.invoices
    rows = np.arange(len(billed.account))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        paid, amount = billed.status[r] == PAID, billed.amount[r]
        return {
            "id": ids("in_Hc", r),
            "number": ids("HC-", r, "", 7),
            "customer": customer(billed.account[r]),
            "subscription": subscription(billed.line[r]),
            "status": pick(STATUSES, billed.status[r]),
            "currency": pick(MONEY, billed.currency[r]),
            "subtotal": cents(amount),
            "tax": constant("0", r),
            "total": cents(amount),
            "amount_due": cents(amount),
            "amount_paid": cents(np.where(paid, amount, 0)),
            "amount_remaining": cents(np.where(billed.status[r] == OPEN, amount, 0)),
            "created": seconds(billed.issued_at[r]),
            "due_date": seconds(billed.due_at[r]),
            "status_transitions.finalized_at": seconds(billed.issued_at[r]),
            "status_transitions.paid_at": seconds(billed.paid_at[r]),
        }

    write(file, len(rows), columns)


def _charges(file: Path, world: World) -> None:
    charges, billed = world.charges, world.invoices
    rows = np.arange(len(charges.invoice))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        invoice, good = charges.invoice[r], charges.succeeded[r] == 1
        return {
            "id": ids("ch_Hc", r),
            "invoice": ids("in_Hc", invoice),
            "customer": customer(billed.account[invoice]),
            "amount": cents(charges.amount[r]),
            "currency": pick(MONEY, billed.currency[invoice]),
            "status": where(good, "succeeded", "failed"),
            "paid": flags(good),
            "failure_code": where(good, None, pick(("card_declined", "expired_card"), r % 2)) if len(r) else empty(r),
            "created": seconds(charges.at[r]),
        }

    write(file, len(rows), columns)


def _refunds(file: Path, world: World) -> None:
    refunds, billed = world.refunds, world.invoices
    rows = np.arange(len(refunds.invoice))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        invoice = refunds.invoice[r]
        return {
            "id": ids("re_Hc", r),
            "charge.id": ids("ch_Hc", refunds.source[r]),
            "charge.invoice": ids("in_Hc", invoice),
            "charge.customer": customer(billed.account[invoice]),
            "amount": cents(refunds.amount[r]),
            "currency": pick(MONEY, billed.currency[invoice]),
            "reason": constant("requested_by_customer", r),
            "status": constant("succeeded", r),
            "created": seconds(refunds.at[r]),
        }

    write(file, len(rows), columns)
