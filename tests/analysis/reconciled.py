"""Reconciliation without a whole build: deals, lines, invoices and use as given; and worlds whose truth is known."""

import random
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from fairlead.analysis.reconciliation_rows import reconciliation_tables
from fairlead.model.whole import Model
from fairlead.record.engine import Connection, connect
from fairlead.record.models import in_order
from tests.analysis.flows import table

AS_OF = date(2026, 10, 31)
READ = ("opportunity", "account", "contract_line", "invoice", "usage")
Row = dict[str, Any]


def rate(currency: str, day: date) -> Decimal:
    """USD for one unit: another one every month, never by more than 3 %."""
    first = {"USD": Decimal(1), "EUR": Decimal("1.08"), "GBP": Decimal("1.29")}[currency]
    return first if currency == "USD" else first + Decimal(day.month % 3) / 100


def converted(amount: Decimal, currency: str, day: date) -> Decimal:
    return (amount * rate(currency, day)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def deal(name: str, account: str, amount: Decimal | str, closed: date, currency: str = "USD", **other: Any) -> Row:
    """A deal that was won, unless it says otherwise."""
    amount = Decimal(amount)
    known = {"kind": "new", "is_won": True, "is_closed": True, "owner_id": f"owner of {name}", "created_on": closed}
    at = datetime.combine(closed, time(12), UTC)
    return {"id": name, "account_id": account, "name": name, "amount": amount, "currency": currency, "closed_at": at,
            "closed_on": closed, "amount_converted": converted(amount, currency, closed), **known, **other}  # fmt: skip


def line(name: str, account: str, yearly: Decimal | str, starts: date, currency: str = "USD", **other: Any) -> Row:
    """A line that is billed by the year."""
    amount = Decimal(yearly)
    return {"id": name, "account_id": account, "amount": amount, "currency": currency, "starts_on": starts,
            "amount_converted": converted(amount, currency, starts), "billing_interval": "year",
            "billing_interval_count": 1, "status": "active", "source_system": "billing", **other}  # fmt: skip


def charged_on(starts: date, until: date, interval: str) -> list[date]:
    """The days before `until` on which periods begin: the same day of each month or year, or the last it has."""
    found = []
    for n in range(1200):
        month = starts.year * 12 + starts.month - 1 + n * (12 if interval == "year" else 1)
        year, month = divmod(month, 12)
        day = date(year, month + 1, min(starts.day, monthrange(year, month + 1)[1]))
        if day >= until:
            break
        found.append(day)
    return found


def run(**given: Sequence[Row]) -> Connection:
    """A connection with mart.reconciliation and mart.reconciled_line; accounts are those that are named."""
    connection = connect(threads=1)
    for schema in ("record", "mart", "build"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(
        f"CREATE TABLE build.clock AS SELECT DATE '{AS_OF}' AS as_of_day, 'UTC' AS timezone, 'USD' AS currency"
    )
    named = {row["account_id"] for rows in given.values() for row in rows if "account_id" in row}
    accounts = [{"id": name, "name": name, "owner_id": f"owner of {name}"} for name in sorted(named)]
    for name in READ:
        table(connection, name, accounts if name == "account" else given.get(name, ()))
    for step, sql in in_order({q.name: q.sql for q in reconciliation_tables(Model())}).items():
        connection.execute(f"CREATE TABLE {step} AS {sql}")
    return connection


def rows(connection: Connection, sql: str = "SELECT * FROM mart.reconciliation") -> list[Row]:
    found: list[Row] = connection.sql(sql).to_arrow_table().to_pylist()
    return found


class World(NamedTuple):
    """Deals, lines and invoices, and what is true: the kind of every entry, and the deal of every line."""

    deals: list[Row]
    lines: list[Row]
    invoices: list[Row]
    kinds: dict[str, str]
    belongs: dict[str, str | None]


APART = 200  # days between the sales of one account: nothing of one is near another


def world(seed: int, accounts: int = 12) -> World:
    """Accounts whose sales went one of the `WAYS` each, far enough apart to be told."""
    dice = random.Random(seed)
    made = World([], [], [], {}, {})
    for number in range(accounts):
        currency = dice.choice(["USD", "USD", "EUR", "GBP"])
        for place in range(dice.randint(1, 4)):
            day = date(2023, 6, 1) + timedelta(APART * place + dice.randint(0, 20))
            sale = Sale(made, dice, f"a{number}", f"{number}.{place}", currency, day)
            dice.choice(WAYS)(sale)
    return made


class Sale:
    """A sale on its way into a world: each of `WAYS` writes down what is seen of it, and what is true."""

    def __init__(  # noqa: PLR0917 - whose, in what, when
        self, made: World, dice: random.Random, account: str, name: str, currency: str, closed: date
    ) -> None:
        self.made, self.dice, self.account, self.currency, self.closed = made, dice, account, currency, closed
        self.deal, self.line = f"d{name}", f"l{name}"
        self.amount = Decimal(dice.randint(100, 30_000)) * 36
        self.starts = closed + timedelta(dice.randint(-5, 30))
        self.other = "GBP" if currency != "GBP" else "EUR"

    def won(self, kind: str, name: str = "", after: int = 0) -> None:
        """A deal, and what is true of it."""
        day = self.closed + timedelta(after)
        self.made.deals.append(deal(name or self.deal, self.account, self.amount, day, self.currency))
        self.made.kinds[f"deal/{name or self.deal}"] = kind

    def billed(self, worth: Decimal, deal: str | None, *, key: bool = True, name: str = "", **other: Any) -> Row:
        """A line, monthly or yearly, that belongs to a deal; it says so by `key`."""
        name, is_monthly = name or self.line, self.dice.random() < 0.5
        money, on = other.pop("currency", self.currency), other.pop("on", self.starts)
        told = {"subscription": f"s{name}", "opportunity_id": deal if key else None}
        told["billing_interval"] = "month" if is_monthly else "year"
        self.made.lines.append(
            line(name, self.account, worth / 12 if is_monthly else worth, on, money, **told, **other)
        )
        self.made.belongs[f"line/{name}"] = deal
        return self.made.lines[-1]

    def invoiced(self, one: Row, *, factor: Decimal = Decimal(1), lacks: bool = False, more: int = 0) -> None:
        """An invoice on the first day of every period that has begun; one that is due lacks, or some are there again.

        The first one lacks only where it is the only one: else it could as well be billing at the end of each period.
        """
        days = charged_on(one["starts_on"], one.get("ends_on") or AS_OF + timedelta(1), one["billing_interval"])
        due = [day for day in days if day < AS_OF - timedelta(30)]
        lost = self.dice.choice(due[1:] or due) if lacks else None
        days = [*(day for day in days if day != lost), *due[:more]]
        told = {name: one[name] for name in ("account_id", "subscription", "currency")}
        cents = Decimal("0.01")
        told |= {name: (factor * one[name]).quantize(cents) for name in ("amount", "amount_converted")}
        self.made.invoices.extend(
            told | {"id": f"i{one['id']}.{n}", "issued_on": day, "source_system": "billing", "status": "open"}
            for n, day in enumerate(days)
        )

    def copied(self, one: Row) -> None:
        """The line once more, which nobody wanted."""
        self.made.lines.append(one | {"id": f"{one['id']}x", "subscription": f"{one['subscription']}x"})
        self.invoiced(self.made.lines[-1])
        self.made.belongs[f"line/{one['id']}x"] = None
        self.made.kinds[f"line/{one['id']}x"] = "duplicate"

    def alone(self, kind: str, **other: Any) -> Row:
        """A line that no deal says anything of."""
        found = self.billed(self.amount, None, **other)
        self.invoiced(found)
        self.made.kinds[f"line/{found['id']}"] = kind
        return found


def _plain(kind: str, factor: Decimal = Decimal(1), *, key: bool = True) -> Callable[[Sale], None]:
    """One deal and one line, which is worth `factor` times as much."""

    def way(sale: Sale) -> None:
        sale.won(kind)
        sale.invoiced(sale.billed(round(sale.amount * factor / 12) * Decimal(12), sale.deal, key=key))

    return way


def _otherwise(kind: str = "invoiced_otherwise", worth: Decimal = Decimal(1), **how: Any) -> Callable[[Sale], None]:
    """A deal and its line, whose invoices are not what it charges; a row of its own where more is wrong with them."""

    def way(sale: Sale) -> None:
        sale.won(kind)
        sale.invoiced(sale.billed(round(sale.amount * worth / 12) * Decimal(12), sale.deal), **how)
        if kind != "invoiced_otherwise":
            sale.made.kinds[f"invoices/{sale.line}"] = "invoiced_otherwise"

    return way


def _split_otherwise(sale: Sale) -> None:
    """A deal and two lines, neither of them invoiced as it should be: one is told by the deal's row."""
    sale.won("invoiced_otherwise")
    for name in (sale.line, f"{sale.line}y"):
        sale.invoiced(sale.billed(sale.amount / 2, sale.deal, name=name), factor=Decimal("0.5"))
    sale.made.kinds[f"invoices/{sale.line}y"] = "invoiced_otherwise"


def _unsold_otherwise(sale: Sale) -> None:
    one = sale.billed(sale.amount, None)
    sale.invoiced(one, factor=Decimal("0.9"))
    sale.made.kinds.update({f"line/{one['id']}": "no_deal", f"invoices/{one['id']}": "invoiced_otherwise"})


def _without_invoice(sale: Sale) -> None:
    sale.won("not_invoiced")
    sale.billed(sale.amount, sale.deal)


def _lacking(sale: Sale) -> None:
    """Without one invoice that is due; where that was the only one, it was not invoiced at all."""
    one = sale.billed(sale.amount, sale.deal)
    before = len(sale.made.invoices)
    sale.invoiced(one, lacks=True)
    is_any = len(sale.made.invoices) > before
    sale.won("invoiced_otherwise" if is_any else "not_invoiced")


def _recent(sale: Sale) -> None:
    sale.closed = AS_OF - timedelta(sale.dice.randint(0, 20))
    sale.won("not_due")


def _wrong_currency(sale: Sale) -> None:
    sale.won("wrong_currency")
    is_keyed = sale.dice.random() < 0.5
    sale.invoiced(sale.billed(sale.amount, sale.deal, key=is_keyed, currency=sale.other))


def _other_currency(sale: Sale) -> None:
    """Billed in another currency, for the same money."""
    sale.won("matched")
    worth = converted(sale.amount, sale.currency, sale.closed) / rate(sale.other, sale.starts)
    sale.invoiced(sale.billed(round(worth / 12, 2) * Decimal(12), sale.deal, currency=sale.other))


def _doubled(sale: Sale) -> None:
    sale.won("matched")
    one = sale.billed(sale.amount, sale.deal)
    sale.invoiced(one)
    sale.copied(one)


def _twin(sale: Sale) -> None:
    _plain("matched")(sale)
    sale.won("duplicate", f"{sale.deal}x", after=3)


def _split(sale: Sale) -> None:
    sale.won("matched")
    for name in (sale.line, f"{sale.line}y"):
        sale.invoiced(sale.billed(sale.amount / 2, sale.deal, name=name))


def _renewed(sale: Sale) -> None:
    ends = sale.starts + timedelta(60)
    sale.alone("no_deal", ends_on=ends)
    sale.alone("renewed_in_billing", name=f"{sale.line}y", on=ends)


def _by_invoice(sale: Sale) -> None:
    sale.won("matched")
    key = sale.deal if sale.dice.random() < 0.5 else None
    sale.made.invoices.append(
        {"id": sale.line, "account_id": sale.account, "opportunity_id": key, "amount": sale.amount, "status": "paid",
         "currency": sale.currency, "issued_on": sale.starts,
         "amount_converted": converted(sale.amount, sale.currency, sale.starts)}
    )  # fmt: skip
    sale.made.belongs[f"invoice/{sale.line}"] = sale.deal


# How a sale may have gone.
WAYS: tuple[Callable[[Sale], None], ...] = (
    _plain("matched"),
    _plain("matched", key=False),
    _plain("wrong_amount", Decimal("1.2")),
    _plain("wrong_amount", Decimal("0.9"), key=False),
    _plain("wrong_term", 1 / Decimal(3)),
    _plain("wrong_term", Decimal(12), key=False),
    _without_invoice,
    _otherwise(factor=Decimal("0.6")),
    _otherwise(factor=Decimal("1.5")),
    _otherwise(more=1),
    _otherwise("wrong_amount", Decimal("1.2"), factor=Decimal("0.6")),
    _split_otherwise,
    _unsold_otherwise,
    _lacking,
    _recent,
    _wrong_currency,
    _other_currency,
    _doubled,
    _twin,
    _split,
    _renewed,
    _by_invoice,
    lambda sale: sale.won("not_invoiced"),
    lambda sale: void(sale.alone("no_deal")),
    lambda sale: sale.copied(sale.alone("no_deal")),
)


def void(_: object) -> None:
    """Nothing comes of it."""


def dense(seed: int, deals: int = 14) -> World:
    """Two accounts where everything is near everything, and no key says anything."""
    dice = random.Random(seed)
    made = World([], [], [], {}, {})
    for number in range(deals):
        account, currency = dice.choice("ab"), dice.choice(["USD", "USD", "EUR"])
        day = date(2026, 3, 1) + timedelta(dice.randint(0, 90))
        made.deals.append(deal(f"d{number:02}", account, Decimal(dice.randint(8, 20)) * 1200, day, currency))
        for part in range(dice.choice([0, 1, 1, 2])):
            starts, worth = day + timedelta(dice.randint(-50, 50)), Decimal(dice.randint(8, 20)) * 1200
            made.lines.append(
                line(f"l{number:02}{part}", dice.choice("ab"), worth, starts, dice.choice(["USD", "EUR"]))
            )
    return made
