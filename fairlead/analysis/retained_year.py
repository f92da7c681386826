"""What a year did to customers: mart.account_year, twelve months of who paid before them, and mart.customer_start.

mart.account_month ──twelve months in one window──> mart.account_year    (NRR and GRR of trailing twelve months)
mart.mrr_movement  ──first day, and a year later──> mart.customer_start  (a cohort's retention at its first birthday)
"""

from fairlead.model.revenue import Switches
from fairlead.values import Query

MONEY = "CAST({} AS DECIMAL(18, 2))"
_INDEX = "CAST(year({0}) * 12 + month({0}) AS BIGINT)"


def account_years(switches: Switches) -> Query:
    """The SQL of mart.account_year, by the rule of revenue_report.customers.

    A stay begins with the first month or a return; what it does after a return is no part of what was before, unless
    winning back counts. Who had paused when the twelve months began is in them only where it left in them.
    """
    winback = switches.reactivation_in_nrr
    return Query(
        "mart.account_year",
        f"""-- Grain: one row per customer and month, the last of twelve at whose start it paid; or had paused and left.
WITH month AS (
  SELECT m.*, {_INDEX.format("m.month")} AS place, m.reactivation_mrr <> 0 AND m.opening_mrr = 0 AS returns,
    m.reactivation_mrr <> 0 AND m.opening_mrr > 0 AS leaves_and_returns
  FROM mart.account_month AS m
),
stay AS (
  SELECT m.account_id, m.place, m.opening_mrr, m.is_lost, m.returns, {_NET_WITH_RETURNS if winback else _NET} AS net,
    m.returns AND m.closing_mrr > 0 AS is_back, m.churned_mrr > 0 AND m.closing_mrr <= 0 AS is_gone,
    m.opening_mrr = 0 AND m.pause_mrr > 0 AS was_paused, lag(m.place) OVER turn AS place_before,
    {"0" if winback else _STAY} AS stay
  FROM month AS m
  WINDOW turn AS (PARTITION BY m.account_id ORDER BY m.place)
),
year_on AS (
  SELECT s.account_id, s.place, s.opening_mrr, sum(s.net) OVER twelve AS net,
    {_LEFT_BACK if winback else _LEFT} AS left_it
  FROM stay AS s
  WINDOW twelve AS (
    PARTITION BY s.account_id, s.stay ORDER BY s.place RANGE BETWEEN CURRENT ROW AND 11 FOLLOWING
  )
),
months AS (
  SELECT DISTINCT CAST(date_trunc('month', d.day) AS DATE) AS month
  FROM build.calendar AS d
  CROSS JOIN build.clock AS c
  WHERE d.day <= c.as_of_day AND d.day >= (SELECT min(m.month) FROM mart.account_month AS m)
),
paid AS (
  SELECT y.account_id, y.place, y.opening_mrr, NOT y.left_it AS is_kept, {_YEARS_NET} AS net
  FROM year_on AS y
  WHERE y.opening_mrr > 0
),
began AS (
  SELECT s.account_id, s.stay, s.place, s.was_paused, s.returns, n.place AS first
  FROM stay AS s
  JOIN (SELECT DISTINCT {_INDEX.format("n.month")} AS place FROM months AS n) AS n
    ON n.place <= s.place AND n.place > s.place - 12
  WHERE s.was_paused AND n.place > s.place_before OR s.returns
),
{_RETURNED if winback else _PAUSED},
year AS (
  SELECT p.account_id, p.place, p.opening_mrr, p.net, p.is_kept FROM paid AS p
  UNION ALL
  SELECT o.account_id, o.place, {MONEY.format("0")} AS opening_mrr, o.net, o.is_kept FROM other AS o
)
SELECT y.account_id, n.month, y.opening_mrr AS base_mrr, {MONEY.format("y.net")} AS net_mrr,
  {MONEY.format("least(y.net, 0) + y.opening_mrr")} AS kept_mrr, y.is_kept
FROM year AS y
JOIN months AS n ON {_INDEX.format("n.month")} = y.place + 11""",
    )


_NET = """CASE WHEN m.leaves_and_returns THEN m.gained_mrr - m.lost_mrr
      ELSE m.expansion_mrr - m.contraction_mrr - m.churned_mrr END"""
_NET_WITH_RETURNS = "m.expansion_mrr - m.contraction_mrr - m.churned_mrr + m.reactivation_mrr"
# Who left and came back within one month is another stay from the next month on.
_STAY = """sum(CASE WHEN m.returns THEN 1 ELSE 0 END) OVER (
      PARTITION BY m.account_id ORDER BY m.place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) + coalesce(sum(CASE WHEN m.leaves_and_returns THEN 1 ELSE 0 END) OVER (
      PARTITION BY m.account_id ORDER BY m.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)"""
_LEFT = "coalesce(bool_or(s.is_lost OR s.is_gone) OVER twelve, false)"
_LEFT_BACK = """coalesce(max(CASE WHEN s.is_gone THEN s.place END) OVER twelve
      > coalesce(max(CASE WHEN s.is_back THEN s.place END) OVER twelve, 0), false)"""
_YEARS_NET = "CASE WHEN y.left_it THEN -y.opening_mrr ELSE greatest(y.net, -y.opening_mrr) END"
# Paused when the twelve months began, and lost before they were over.
_PAUSED = """other AS (
  SELECT DISTINCT b.account_id, b.first AS place, 0 AS net, false AS is_kept
  FROM began AS b
  JOIN stay AS s ON s.account_id = b.account_id AND s.stay = b.stay AND s.place >= b.place AND s.place <= b.first + 11
  WHERE b.was_paused AND (s.is_lost OR s.is_gone)
)"""
# Left before the twelve months began, and back within them; or paused, and at their end no customer any more.
_RETURNED = """since AS (
  SELECT b.account_id, b.first, min(CASE WHEN b.returns THEN b.place END) AS back, bool_or(b.was_paused) AS was_paused
  FROM began AS b
  JOIN (SELECT s.account_id, min(s.place) AS place FROM stay AS s GROUP BY s.account_id) AS f
    ON f.account_id = b.account_id AND f.place < b.first
  LEFT JOIN paid AS p ON p.account_id = b.account_id AND p.place = b.first
  WHERE p.account_id IS NULL
  GROUP BY b.account_id, b.first
),
ended AS (
  SELECT n.account_id, n.first, n.was_paused, sum(CASE WHEN s.place >= n.back THEN s.net ELSE 0 END) AS net,
    coalesce(max(CASE WHEN s.is_gone THEN s.place END) > coalesce(max(CASE WHEN s.is_back THEN s.place END), 0), false)
      AS left_it
  FROM since AS n
  JOIN stay AS s ON s.account_id = n.account_id AND s.place >= n.first AND s.place <= n.first + 11
  GROUP BY n.account_id, n.first, n.was_paused
),
other AS (
  SELECT e.account_id, e.first AS place, CASE WHEN e.left_it THEN 0 ELSE greatest(e.net, 0) END AS net,
    CASE WHEN e.was_paused AND e.left_it THEN false END AS is_kept
  FROM ended AS e
  WHERE e.net > 0 AND NOT e.left_it OR e.was_paused AND e.left_it
)"""


def customer_starts() -> Query:
    """The SQL of mart.customer_start."""
    month = "CAST(date_trunc('month', f.started_on) + INTERVAL 12 MONTH AS DATE)"
    return Query(
        "mart.customer_start",
        f"""-- Grain: one row per customer that ever paid.
WITH first AS (
  SELECT v.customer_id, min(v.moved_on) AS started_on
  FROM mart.mrr_movement AS v
  WHERE v.mrr_after > 0 AND NOT v.is_scheduled
  GROUP BY v.customer_id
),
dated AS (
  SELECT f.customer_id, f.started_on, {month} AS year_month,
    CAST({month} + INTERVAL 1 MONTH AS DATE) AS over_on
  FROM first AS f
)
SELECT d.customer_id AS account_id, d.started_on, d.year_month,
  {MONEY.format("sum(CASE WHEN v.moved_on <= d.started_on THEN v.amount_converted ELSE 0 END)")} AS started_mrr,
  CASE WHEN d.over_on <= max(c.as_of_day) + INTERVAL 1 DAY THEN
    {MONEY.format("sum(CASE WHEN v.moved_on < d.over_on THEN v.amount_converted ELSE 0 END)")} END AS mrr_after_year
FROM dated AS d
JOIN mart.mrr_movement AS v ON v.customer_id = d.customer_id
CROSS JOIN build.clock AS c
GROUP BY d.customer_id, d.started_on, d.year_month, d.over_on""",
    )
