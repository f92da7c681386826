"""Cohorts: who started in the same month or quarter, and what is left of them in each one after.

A customer starts on the day it first pays (of a dimension that its products differ in: first pays for that one). What
it came to by the end of a later period over what it started with is kept; who pauses pays nothing and is still there.
Contracts that bind for a year cannot be left in the first eleven months (E38), so each cell has the customers who
could have left by then.
"""

from datetime import date
from typing import NamedTuple

from fairlead.analysis.mrr_line import term_months
from fairlead.analysis.revenue_cut import cut, is_of_the_customer
from fairlead.analysis.revenue_report import MART, Told
from fairlead.analysis.starting import text
from fairlead.values import Grain, Period, Query

SIZES = {Grain.MONTH: 1, Grain.QUARTER: 3}  # months of a period


class CohortAsk(NamedTuple):
    """`periods` in order and without gaps, from the first cohort's to the one that holds `as_of`; `by` a dimension."""

    periods: tuple[Period, ...]
    grain: Grain
    by: str | None
    as_of: date


class Chosen(NamedTuple):
    """Which customers: of the cohorts from `first` to `last` (places), at an age in periods, of one value (None: of
    none)."""

    first: int
    last: int
    age: int
    value: str | None


def cells(ask: CohortAsk, told: Told = MART) -> Query:
    """value, cohort, place, and of it: money and logos gained in that period; on their first day alone: started, base.

    Places count the periods from 0; money is in the company's currency. Added up from the cohort's own period on, money
    and logos are what is left at the end of a period; `started` money and `base` customers are what it began with.
    """
    return Query(
        "cohorts",
        f"""WITH {_turns(ask, told)}
SELECT t.value, t.cohort, t.place, CAST(sum(t.money) AS DECIMAL(18, 2)) AS money,
  CAST(sum(t.logos) AS BIGINT) AS logos, CAST(sum(t.started) AS DECIMAL(18, 2)) AS started,
  CAST(sum(t.base) AS BIGINT) AS base
FROM turn AS t
GROUP BY t.value, t.cohort, t.place
ORDER BY t.value, t.cohort, t.place""",
    )


def free_to_leave(ask: CohortAsk, told: Told = MART) -> Query:
    """value, cohort, place and `customers` who could leave for the first time in that period.

    Whoever has a line without a term could at once.
    """
    return Query(
        "free to leave",
        f"""WITH {_started(ask, told)},
{_ends(told)}
SELECT b.value, b.cohort, greatest(b.cohort, {_place("e.free_on", ask)}) AS place, count(*) AS customers
FROM begun AS b
JOIN ends AS e ON e.customer_id = b.customer_id
WHERE b.is_first
GROUP BY b.value, b.cohort, greatest(b.cohort, {_place("e.free_on", ask)})
ORDER BY b.value, b.cohort, place""",
    )


def customers(ask: CohortAsk, chosen: Chosen, told: Told = MART) -> Query:
    """account_id, account, cohort (its place), started_on, started, kept, is_here, left_on, is_free; in no order.

    Who started in the chosen cohorts, and what is left of each at the end of the `age`-th period after. Their `kept`
    adds up to the cell's money, those who are here to its logos, those who are free to who could have left by then.
    """
    value = "IS NULL" if chosen.value is None else f"= {text(chosen.value)}"
    return Query(
        "customers of a cohort",
        f"""WITH {_turns(ask, told)},
{_ends(told)}
SELECT t.customer_id AS account_id, a.name AS account, t.cohort, min(t.moved_on) AS started_on,
  CAST(sum(t.started) AS DECIMAL(18, 2)) AS started, CAST(sum(t.money) AS DECIMAL(18, 2)) AS kept,
  sum(t.logos) > 0 AS is_here,
  CASE WHEN sum(t.logos) > 0 THEN NULL ELSE max(CASE WHEN t.logos < 0 THEN t.moved_on END) END AS left_on,
  coalesce({_place("max(e.free_on)", ask)} <= t.cohort + {chosen.age}, false) AS is_free
FROM turn AS t
LEFT JOIN ends AS e ON e.customer_id = t.customer_id
LEFT JOIN record.account AS a ON a.id = t.customer_id
WHERE t.cohort BETWEEN {chosen.first} AND {chosen.last} AND t.place <= t.cohort + {chosen.age} AND t.value {value}
GROUP BY t.customer_id, a.name, t.cohort""",
    )


def page(rows: Query, limit: int, offset: int) -> Query:
    """Some of the customers, those who started with the most money first."""
    order = "ORDER BY b.started DESC, b.started_on, b.account_id"
    return Query(rows.name, f"SELECT b.* FROM ({rows.sql}) AS b {order} LIMIT {limit} OFFSET {offset}")


def sums(rows: Query) -> Query:
    """How many customers, what they started with, what is kept, how many are here, how many could have left."""
    return Query(
        rows.name,
        f"""SELECT count(*) AS total, CAST(coalesce(sum(b.started), 0) AS DECIMAL(18, 2)) AS started,
  CAST(coalesce(sum(b.kept), 0) AS DECIMAL(18, 2)) AS kept,
  CAST(coalesce(sum(CASE WHEN b.is_here THEN 1 ELSE 0 END), 0) AS BIGINT) AS here,
  CAST(coalesce(sum(CASE WHEN b.is_free THEN 1 ELSE 0 END), 0) AS BIGINT) AS free
FROM ({rows.sql}) AS b""",
    )


def _place(day: str, ask: CohortAsk) -> str:
    """SQL of the place of the period that holds a day: below 0 before the first one."""
    first = ask.periods[0].start
    months = f"(year({day}) * 12 + month({day}) - {first.year * 12 + first.month})"
    return f"CAST(floor({months} / {SIZES[ask.grain]}.0) AS BIGINT)"


def _ends(told: Told) -> str:
    """The CTE `ends`: the first day on which each customer could leave."""
    term = f"CAST(l.starts_on + {term_months('l')} * INTERVAL 1 MONTH AS DATE)"
    return f"""ends AS (
  SELECT o.customer_id, min(coalesce(l.renews_on, {term}, l.starts_on)) AS free_on
  FROM (SELECT DISTINCT v.line_id, v.customer_id FROM {told.span} AS v) AS o
  JOIN record.contract_line AS l ON l.id = o.line_id
  GROUP BY o.customer_id
)"""


def _turns(ask: CohortAsk, told: Told) -> str:
    """CTEs up to `turn`: what each of a customer's days adds to its cohort, in which period."""
    return f"""{_started(ask, told)},
turn AS (
  SELECT r.customer_id, r.value, r.cohort, r.moved_on, {_place("r.moved_on", ask)} AS place,
    CASE WHEN r.is_first THEN r.after ELSE r.money END AS money,
    CASE WHEN r.is_first THEN r.after ELSE 0 END AS started,
    CASE WHEN r.is_first THEN 1 WHEN r.is_here THEN 1 ELSE 0 END
      - CASE WHEN r.is_first OR NOT r.was_here THEN 0 ELSE 1 END AS logos,
    CASE WHEN r.is_first THEN 1 ELSE 0 END AS base
  FROM begun AS r
)"""


def _started(ask: CohortAsk, told: Told) -> str:
    """CTEs up to `begun`: each customer's days from its first one on, with its cohort's place."""
    value, joins = cut(ask.by, told.span)
    here = "coalesce(d.is_customer, d.after > 0)" if is_of_the_customer(ask.by) else "d.agreed_after > 0"
    days = "PARTITION BY {0}.customer_id, {0}.value ORDER BY {0}.moved_on"
    return f"""day AS (
  SELECT s.customer_id, {value} AS value, s.moved_on, sum(s.amount_converted) AS money,
    sum(CASE WHEN s.kind IN ('pause', 'resume') THEN 0 ELSE s.amount_converted END) AS agreed,
    bool_or(s.is_customer) AS is_customer
  FROM {told.movement} AS s
  {joins}
  WHERE s.moved_on <= DATE '{ask.as_of}'
  GROUP BY s.customer_id, {value}, s.moved_on
),
run AS (
  SELECT m.*, sum(m.money) OVER so_far AS after, sum(m.agreed) OVER so_far AS agreed_after
  FROM day AS m
  WINDOW so_far AS ({days.format("m")} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
seen AS (
  SELECT d.*, {here} AS is_here, lag({here}) OVER so_far AS was_here,
    min(CASE WHEN d.after > 0 THEN d.moved_on END) OVER so_far AS started_on
  FROM run AS d
  WINDOW so_far AS ({days.format("d")} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
begun AS (
  SELECT e.customer_id, e.value, e.moved_on, e.money, e.after, e.is_here, {_place("e.started_on", ask)} AS cohort,
    coalesce(e.was_here, false) AS was_here, e.moved_on = e.started_on AS is_first
  FROM seen AS e
  WHERE e.started_on IS NOT NULL AND {_place("e.started_on", ask)} BETWEEN 0 AND {len(ask.periods) - 1}
)"""
