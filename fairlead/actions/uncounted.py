"""What a build set aside of the rows that a number is made from: how many, and the money that stands in them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.actions.asking import opened
from fairlead.actions.laws import ROWS_UNCOUNTED
from fairlead.problem import Problem
from fairlead.record.lake import manifest
from fairlead.values import Query

WORDS = {"contract_line": "contract line", "invoice": "invoice", "opportunity": "deal"}
ASIDE = "quality.set_aside"


class Uncounted(NamedTuple):
    """`rows` of a table that are set aside, of `rows_in`; `money` by currency, `unread` rows have no amount to read."""

    table: str
    rows: int
    rows_in: int
    money: tuple[tuple[Decimal, str], ...]
    unread: int

    @property
    def says(self) -> str:
        """All of it in a sentence."""
        of = "" if self.table == "opportunity" else f" of {self.rows_in:,}"
        word = WORDS[self.table] + ("" if (self.rows_in if of else self.rows) == 1 else "s")
        these = f"{self.rows:,}{of} {word}{'' if of else ' that may be won'}"
        were = "was set aside and is" if self.rows == 1 else "were set aside and are"
        sums = " and ".join(f"{amount:,.2f} {currency}" for amount, currency in self.money)
        what = "Charges" if self.table == "contract_line" else "Amounts"
        money = f" {what} of {sums} stand in {'it' if self.rows == 1 else 'them'}." if sums else ""
        unread = f" No amount can be read in {self.unread:,} of them." if self.unread and self.rows > 1 else ""
        return f"{these} {were} in none of these numbers.{money}{unread}"


def uncounted(build: Path, tables: Sequence[str]) -> tuple[Uncounted, ...]:
    """What is set aside of these tables (among `WORDS`), in their order; nothing of those that are complete."""
    said: Mapping[str, Any] = manifest(build)
    taken = {table: sum(one["rows_in"] for one in said["tables"] if one["table"] == table) for table in tables}
    if not any(one["set_aside"] for one in said["tables"] if one["table"] in tables):
        return ()
    rows = opened(build).reader.rows(_sums(said["currency"])).to_pylist()
    found = {table: [row for row in rows if row["table_name"] == table] for table in tables}
    return tuple(
        Uncounted(
            table,
            sum(row["rows"] for row in parts),
            taken[table],
            tuple((row["money"], row["currency"]) for row in parts if row["money"]),
            sum(row["unread"] for row in parts),
        )
        for table, parts in found.items()
        if parts
    )


def noted(lacks: Sequence[Uncounted]) -> tuple[Problem, ...]:
    """The same as notes beside an answer."""
    return tuple(ROWS_UNCOUNTED.broken(one.says) for one in lacks)


def _sums(currency: str) -> Query:
    """A row a table and currency of what was set aside. Amounts are absolute: credits take nothing away."""
    return Query(
        "uncounted",
        f"""SELECT a.table_name, a.currency, count(*) AS rows, sum(abs(a.amount)) AS money,
  count(*) - count(a.amount) AS unread
FROM (
  SELECT s.table_name, coalesce(upper(json_extract_string(s.row, '$.currency')), ?) AS currency,
    TRY_CAST(json_extract_string(s.row, '$.amount') AS DECIMAL(18, 2)) AS amount
  FROM {ASIDE} AS s
  WHERE s.table_name <> 'opportunity' OR coalesce(json_extract_string(s.row, '$.is_won'), 'true') <> 'false'
) AS a
GROUP BY a.table_name, a.currency
ORDER BY a.table_name, money DESC, a.currency""",
        (currency,),
    )
