"""Why customers left, and what one is worth: lost revenue by its reason, and lifetime value with its interval."""

from datetime import date
from math import sqrt
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.proportion import Z95, Interval
from fairlead.analysis.revenue_report import MART, Told
from fairlead.model.tables import TABLES
from fairlead.values import Query


class Sums(NamedTuple):
    """Over customers, of what each paid at the starts of its months (`paid`) and lost in them (`lost`): their count,
    sums, sums of squares and of products. Money in the company's currency."""

    customers: int
    paid: float
    lost: float
    paid_squared: float
    lost_squared: float
    paid_lost: float

    @property
    def rate(self) -> float | None:
        """The share of recurring revenue lost a month; None where nothing was paid."""
        return self.lost / self.paid if self.paid else None


def reasons(start: date, end: date, told: Told = MART) -> Query:
    """kind (voluntary, involuntary or null), reason, kind of movement, customers and money lost from start to end."""
    return Query(
        "reasons",
        f"""SELECT s.churn_kind AS kind, s.reason, s.kind AS movement, count(DISTINCT s.customer_id) AS customers,
  CAST(-sum(s.amount_converted) AS DECIMAL(18, 2)) AS money
FROM {told.movement} AS s
WHERE s.kind IN ('churn', 'contraction') AND s.moved_on BETWEEN DATE '{start}' AND DATE '{end}' AND NOT s.is_scheduled
GROUP BY s.churn_kind, s.reason, s.kind
ORDER BY money DESC, movement, kind, reason""",
    )


def sums(start: date, end: date, told: Told = MART, *, by: str | None = None) -> Query:
    """The one row of `Sums` over the months that lie between two days; or, cut, one a value, with a column `value`."""
    columns = Columns(View(TABLES["account_month"], date.min, "UTC", past=False))
    value = f"CAST({columns.sql(by)} AS VARCHAR)" if by else "CAST(NULL AS VARCHAR)"
    cut, group = ("c.value, ", "\nGROUP BY c.value\nORDER BY c.value") if by else ("", "")
    return Query(
        "lost by customer",
        f"""SELECT {cut}count(*) AS customers, coalesce(sum(c.paid), 0) AS paid, coalesce(sum(c.lost), 0) AS lost,
  coalesce(sum(c.paid * c.paid), 0) AS paid_squared, coalesce(sum(c.lost * c.lost), 0) AS lost_squared,
  coalesce(sum(c.paid * c.lost), 0) AS paid_lost
FROM (
  SELECT s.account_id, max({value}) AS value, CAST(sum(s.opening_mrr) AS DOUBLE) AS paid,
    CAST(sum(s.contraction_mrr + s.churned_mrr) AS DOUBLE) AS lost
  FROM {told.month} AS s
  {columns.joins}
  WHERE s.month >= DATE '{start}' AND s.month <= DATE '{end}' AND s.opening_mrr > 0
  GROUP BY s.account_id
) AS c{group}""",
    )


def interval(told: Sums) -> Interval | None:
    """The 95 % interval of the share lost a month; None with fewer than two customers.

    Customers, not months or dollars, are what was drawn: the variance is that of a ratio of sums over them
    (W. G. Cochran, Sampling Techniques, 3rd edition 1977, section 6.4).
    """
    if told.rate is None or told.customers < 2:  # one has no spread
        return None
    rate, n = told.rate, told.customers
    spread = told.lost_squared - 2 * rate * told.paid_lost + rate * rate * told.paid_squared
    half = Z95 * sqrt(max(spread, 0) * n / (n - 1)) / told.paid
    return Interval(max(rate - half, 0.0), rate + half)
