"""Who is behind a number of recurring revenue: movements, accounts with revenue on a day, customers of a cohort.

Every query has the same columns: account_id, account, product, moved_on, kind, kind_of_day, money, before, after,
reason, churn_kind, line_id, opportunity_id, is_provisional, known_at; empty where one says nothing of them. Their
money adds up to the number, of a cohort to what its customers gained and lost.
"""

from datetime import timedelta
from typing import NamedTuple

from fairlead.analysis.mrr_moved import KINDS
from fairlead.analysis.revenue_report import Asked, Told, customers, moved, standing
from fairlead.analysis.starting import text
from fairlead.values import Period, Query

MOVEMENTS, OPENING, CLOSING, RETAINED, GONE = "movements", "opening", "closing", "retained", "lost"
WHAT = (MOVEMENTS, *KINDS, OPENING, CLOSING, RETAINED, GONE)

_NOTHING = (
    ("product", "VARCHAR"), ("moved_on", "DATE"), ("kind", "VARCHAR"), ("kind_of_day", "VARCHAR"),
    ("before", "DECIMAL(18, 2)"), ("after", "DECIMAL(18, 2)"), ("reason", "VARCHAR"), ("churn_kind", "VARCHAR"),
    ("line_id", "VARCHAR"), ("opportunity_id", "VARCHAR"), ("is_provisional", "BOOLEAN"), ("known_at", "TIMESTAMPTZ"),
)  # fmt: skip


class Chosen(NamedTuple):
    """Which rows: one of `WHAT`, of one account or customer, and of one value of the dimension (None: of none)."""

    what: str
    account: str | None
    value: str | None


def behind(asked: Asked, told: Told, chosen: Chosen) -> Query:
    """The rows behind a number over all periods asked for, in no order."""
    if chosen.what in {OPENING, CLOSING}:
        return Query("revenue of a day", _standing(asked, told, chosen))
    if chosen.what in {RETAINED, GONE}:
        return Query("customers of a cohort", _cohort(asked, told, chosen))
    return Query("movements behind a number", _movements(asked, told, chosen))


def page(rows: Query, limit: int, offset: int) -> Query:
    """One page of the rows, the most money first."""
    order = "abs(b.money) DESC, b.moved_on DESC, b.account_id, b.product, b.kind"
    return Query(rows.name, f"SELECT b.* FROM ({rows.sql}) AS b ORDER BY {order} LIMIT {limit} OFFSET {offset}")


def sums(rows: Query) -> Query:
    """How many rows, and their money."""
    money = "CAST(coalesce(sum(b.money), 0) AS DECIMAL(18, 2)) AS money"
    return Query(rows.name, f"SELECT count(*) AS total, {money} FROM ({rows.sql}) AS b")


def called(account: str) -> Query:
    """The name of an account."""
    return Query("the name of an account", f"SELECT a.name FROM record.account AS a WHERE a.id = {text(account)}")


def _where(asked: Asked, chosen: Chosen, alias: str) -> str:
    parts = []
    if chosen.account is not None:
        parts.append(f"{text(chosen.account)} IN ({alias}.account_id, {alias}.customer_id)")
    if asked.by:
        said = "IS NULL" if chosen.value is None else f"= {text(chosen.value)}"
        parts.append(f"{alias}.value {said}")
    return " AND ".join(["true", *parts])


def _empty(*there: str) -> str:
    return ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in _NOTHING if name not in there)


def _movements(asked: Asked, told: Told, chosen: Chosen) -> str:
    kind = "" if chosen.what == MOVEMENTS else f" AND v.kind = {text(chosen.what)}"
    return f"""WITH {moved(asked, told)}
SELECT v.account_id, a.name AS account, p.name AS product, v.moved_on, v.kind, v.kind_of_day, v.money,
  v.mrr_before AS before, v.mrr_after AS after, v.reason, v.churn_kind, v.line_id, v.opportunity_id, v.is_provisional,
  v.known_at
FROM moved AS v
LEFT JOIN record.account AS a ON a.id = v.account_id
LEFT JOIN record.product AS p ON p.id = v.product_id
WHERE v.place >= 0 AND {_where(asked, chosen, "v")}{kind}"""


def _standing(asked: Asked, told: Told, chosen: Chosen) -> str:
    """Accounts with revenue at the end of the last day, or of the day before the first one."""
    start, end = (asked.start - timedelta(days=1), asked.start) if chosen.what == OPENING else (asked.start, asked.end)
    there = asked._replace(periods=(Period("there", start, end),))
    return f"""WITH {standing(there, told)}
SELECT v.account_id, a.name AS account, sum(v.money) AS money, {_empty()}
FROM there AS v
LEFT JOIN record.account AS a ON a.id = v.account_id
WHERE {_where(asked, chosen, "v")}
GROUP BY v.account_id, a.name"""


def _cohort(asked: Asked, told: Told, chosen: Chosen) -> str:
    """Customers who were there when the time began and moved in it, as NRR counts them; all of it is one period."""
    who = "c.is_lost" if chosen.what == GONE else "(c.net <> 0 OR c.is_lost)"
    account = "" if chosen.account is None else f" AND c.customer_id = {text(chosen.account)}"
    whole = asked._replace(periods=(Period("whole", asked.start, asked.end),))
    value = _where(asked, chosen._replace(account=None), "c")
    return f"""WITH {customers(whole, told)}
SELECT c.customer_id AS account_id, a.name AS account, CAST(c.net AS DECIMAL(18, 2)) AS money,
  CAST(c.opening AS DECIMAL(18, 2)) AS before, CAST(c.closing AS DECIMAL(18, 2)) AS after, {_empty("before", "after")}
FROM customer AS c
LEFT JOIN record.account AS a ON a.id = c.customer_id
WHERE c.place = 0 AND {who}{account} AND {value}"""
