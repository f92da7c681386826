"""Lines of contracts as rows of a record, and their movements under any switches, without a whole build for each."""

import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from fairlead.analysis.revenue_report import Asked, clock_row, lens_steps
from fairlead.model.revenue import Switches
from fairlead.values import Grain, Period, Query, period_of
from tests.analysis.builds import reader_of

Row = Mapping[str, Any]
AS_OF = date(2026, 12, 31)
CENT = Decimal("0.01")


def money(value: object) -> Decimal:
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


def day(text: str | date | None) -> date | None:
    """A day of 2026 as 03-15, or of any year as 2025-03-15."""
    if text is None or isinstance(text, date):
        return text
    return date.fromisoformat(text if len(text) > len("03-15") else f"2026-{text}")


def line(
    key: str, starts: str | date, ends: str | date | None = None, mrr: object = 100, **more: Any
) -> dict[str, Any]:
    """A line of `mrr` a month; `before` is what it costs without its discount, `rate` what its currency was worth."""
    before, rate = money(more.pop("before", mrr)), Decimal(str(more.pop("rate", 1)))
    dates = {name: day(value) for name, value in more.items() if name.endswith("_on")}
    plain = {
        "account_id": "a",
        "currency": "USD",
        "source_system": "crm",
        "billing_interval": "month",
        "status": "active",
    }
    row = {**plain, **more, **dates, "id": f"{more.get('source_system', 'crm')}:{key}", "source_id": key}
    row |= {"starts_on": day(starts), "ends_on": day(ends), "discount": before - money(mrr)}
    row |= {"mrr": money(mrr), "mrr_converted": money(money(mrr) * rate)}
    return row | {"list_mrr": before, "list_mrr_converted": money(before * rate)}


class Book:
    """A record of lines and what else decides on revenue, opened for questions."""

    def __init__(self, *lines: Row, as_of: date = AS_OF, is_past: bool = False, **tables: Sequence[Row]) -> None:
        accounts = tables.pop("account", [{"id": name} for name in sorted({row["account_id"] for row in lines})])
        empty: dict[str, Sequence[Row]] = {"rate": (), "invoice": (), "payment": (), "product": (), "opportunity": ()}
        self.folder = tempfile.TemporaryDirectory()
        told = {**empty, **tables, "account": accounts, "contract_line": lines}
        self.reader = reader_of(Path(self.folder.name), **told)
        self.as_of, self.is_past = as_of, is_past

    def counted(self, **switches: Any) -> "Counted":
        """The tables of revenue under these switches, as revenue.yaml would have them."""
        steps = lens_steps(Switches.model_validate(switches))
        clock = clock_row(self.as_of, "UTC", "USD", is_past=self.is_past)
        return Counted(self, {"lens_clock": self.reader.rows(clock)}, steps)


class Counted:
    """What the lines of a book come to; a table is made when it is first asked for."""

    def __init__(self, book: Book, given: dict[str, pa.Table], steps: Sequence[Query]) -> None:
        self.book, self.given, self.steps = book, given, {step.name: step for step in steps}

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return self.asked(Query("test", sql))

    def asked(self, query: Query) -> list[dict[str, Any]]:
        self.make(query.sql)
        found: list[dict[str, Any]] = self.book.reader.rows(query, self.given).to_pylist()
        return found

    def make(self, sql: str) -> None:
        """The tables that some SQL reads, each after those that it reads itself."""
        for name in re.findall(r"\blens_\w+", sql):
            if name not in self.given:
                self.make(self.steps[name].sql)
                self.given[name] = self.book.reader.rows(self.steps[name], self.given)

    @property
    def movements(self) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM lens_movement ORDER BY moved_on, account_id, product_id, kind")

    @property
    def told(self) -> list[tuple[str, str, float]]:
        """Day, kind and money of every movement, in order."""
        sql = (
            "SELECT strftime(moved_on, '%m-%d') AS day, kind, sum(amount_converted) AS money FROM lens_movement"
            " GROUP BY moved_on, kind ORDER BY moved_on, kind"
        )
        return [(row["day"], row["kind"], float(row["money"])) for row in self.rows(sql)]

    def mrr(self, on: str) -> float:
        """Revenue of a day, from the lines that run on it."""
        sql = (
            f"SELECT coalesce(sum(mrr_converted), 0) AS mrr FROM lens_span WHERE starts_on <= DATE '{day(on)}'"
            f" AND (ends_on IS NULL OR ends_on > DATE '{day(on)}')"
        )
        return float(self.rows(sql)[0]["mrr"])

    def summed(self, on: str) -> float:
        """The same, from the movements up to it."""
        sql = f"SELECT coalesce(sum(amount_converted), 0) AS mrr FROM lens_movement WHERE moved_on <= DATE '{day(on)}'"
        return float(self.rows(sql)[0]["mrr"])

    def months(self) -> dict[str, dict[str, float]]:
        """Opening, closing and what moved of account_month that is not 0, by month, of all accounts."""
        found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in self.rows("SELECT * FROM lens_account_month ORDER BY month, account_id"):
            for name, value in row.items():
                if name.endswith("_mrr") and name not in {"gained_mrr", "lost_mrr"} and value:
                    found[f"{row['month']:%m}"][name.removesuffix("_mrr")] += float(value)
        return {month: dict(values) for month, values in found.items()}


def asked(first: str, last: str, grain: Grain = Grain.MONTH, *, by: str | None = None, **more: bool) -> Asked:
    """A question over whole periods, from the one with the first day to the one with the last."""
    start, end = day(first), day(last)
    assert start
    assert end
    found: list[Period] = [period_of(start, grain)]
    while found[-1].end <= end:
        found.append(period_of(found[-1].end, grain))
    return Asked(tuple(found), by, more.get("grouped", True), more.get("winback", False))
