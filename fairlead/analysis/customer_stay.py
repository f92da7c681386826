"""When companies were customers: a stay begins with the first paid day, and the next one with the return. SQL only.

mart.mrr_span ──gaps of `group_days` or more──> build.customer_stay ──┬─> mart.facts_account  (its last stay)
                                                                      └─> build.account_stay  (a cycle each)
"""

from fairlead.analysis.scan import text
from fairlead.model.revenue import Switches
from fairlead.values import Query

CUSTOMER_STAY = "build.customer_stay"
SINCE = "customer_since"
RENEWAL = "renewal_since"  # of the last stay, in facts_account
RENEWAL_DAY = 245  # 120 days before the end of the first year
MIDNIGHT = "timezone(c.timezone, CAST({} AS TIMESTAMP))"


def customer_stays(switches: Switches) -> Query:
    """The SQL of build.customer_stay: columns account_id, cycle (from 1), starts_on, ends_on, next_on, renewal_since.

    Who is away for less than `group_days` has stayed. A pause keeps a customer and makes none; `next_on` is the day of
    the next return. What comes after the day the build is of has not happened, but `ends_on` may be known before.
    """
    begins = f"date_diff('day', s.reached, s.starts_on) >= {switches.group_days}"
    renewal = f"CAST(b.starts_on + INTERVAL {RENEWAL_DAY} DAY AS DATE)"
    return Query(
        CUSTOMER_STAY,
        f"""-- Grain: one row per company and stay as a customer.
WITH span AS (
  SELECT v.account_id, v.line_id, v.starts_on, v.ends_on, v.mrr,
    max(coalesce(v.ends_on, DATE '9000-01-01')) OVER (
      PARTITION BY v.account_id ORDER BY v.starts_on, v.line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached
  FROM mart.mrr_span AS v
  CROSS JOIN build.clock AS c
  WHERE (v.mrr > 0 OR v.state = 'paused') AND v.starts_on <= c.as_of_day
),
numbered AS (
  SELECT s.*, sum(CASE WHEN {begins} THEN 1 ELSE 0 END) OVER (
    PARTITION BY s.account_id ORDER BY s.starts_on, s.line_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS place
  FROM span AS s
),
begun AS (
  SELECT n.account_id, n.place, min(n.starts_on) FILTER (WHERE n.mrr > 0) AS starts_on,
    CASE WHEN count(*) = count(n.ends_on) THEN max(n.ends_on) END AS ends_on
  FROM numbered AS n
  GROUP BY n.account_id, n.place
  HAVING count(*) FILTER (WHERE n.mrr > 0) > 0
),
renewed AS (
  SELECT b.account_id, b.place, min(greatest(n.starts_on, {renewal})) AS day
  FROM begun AS b
  JOIN numbered AS n ON n.account_id = b.account_id AND n.place = b.place
  CROSS JOIN build.clock AS c
  WHERE {renewal} <= c.as_of_day AND (n.ends_on IS NULL OR n.ends_on > {renewal})
  GROUP BY b.account_id, b.place
)
SELECT
  b.account_id,
  row_number() OVER stays AS cycle,
  b.starts_on,
  b.ends_on,
  lead(b.starts_on) OVER stays AS next_on,
  r.day AS renewal_since
FROM begun AS b
LEFT JOIN renewed AS r ON r.account_id = b.account_id AND r.place = b.place
WINDOW stays AS (PARTITION BY b.account_id ORDER BY b.place)""",
    )


def renewed(stage: str, position: int) -> str:
    """SQL of the days from which the renewal of each stay was prepared, for the stage that is entered by them."""
    return _told(stage, position, "k.renewal_since", "k.renewal_since IS NOT NULL")


def returned(stage: str, position: int) -> str:
    """SQL of the returns of customers: each leads to this stage, and starts the next cycle."""
    return _told(stage, position, "k.starts_on", "k.cycle > 1", is_return=1)


def _told(stage: str, position: int, day: str, where: str, is_return: int = 0) -> str:
    return (
        f"  SELECT k.account_id AS id, {text(stage)} AS stage, {position} AS position, {MIDNIGHT.format(day)} AS at,"
        f" {day} AS day, NULL AS entered_by, v.seen_at AS known_at, true AS is_dated, {is_return} AS is_return,"
        " CAST(NULL AS TIMESTAMPTZ) AS told_at\n"
        f"  FROM {CUSTOMER_STAY} AS k JOIN record.account AS v ON v.id = k.account_id\n"
        f"  CROSS JOIN build.clock AS c\n  WHERE {where}"
    )


def while_paid(moves: str) -> str:
    """SQL of companies' stays in stages from their moves (a table): what is paid no more ends them, and none follows.

    A company that was deleted before that was gone by then.
    """
    over = MIDNIGHT.format("k.ends_on")
    return f"""-- Grain: one row per account and stay in a stage of the lifecycle.
WITH ended AS (
  SELECT m.id, m.sequence, min(k.ends_on) AS day
  FROM {moves} AS m
  JOIN {CUSTOMER_STAY} AS k ON k.account_id = m.id AND (k.next_on IS NULL OR m.entered_on < k.next_on)
    AND (m.left_on IS NULL OR k.ends_on <= m.left_on)
  JOIN record.account AS o ON o.id = m.id
  CROSS JOIN build.clock AS c
  WHERE k.ends_on <= c.as_of_day AND (m.left_at IS NOT NULL OR o.deleted_at IS NULL OR o.deleted_at >= {over})
  GROUP BY m.id, m.sequence
)
SELECT
  m.id, m.stage, m.position, m.entered_at, m.entered_on, m.entered_by, m.known_at, m.is_dated, m.sequence,
  CASE WHEN e.day IS NULL THEN m.left_at ELSE greatest(m.entered_at, {MIDNIGHT.format("e.day")}) END AS left_at,
  CASE WHEN e.day IS NULL THEN m.left_on ELSE greatest(m.entered_on, e.day) END AS left_on,
  CASE WHEN e.day IS NULL OR m.left_at <= {MIDNIGHT.format("e.day")} THEN m.next_stage END AS next_stage,
  m.cycle, m.skipped, m.is_regression
FROM {moves} AS m
CROSS JOIN build.clock AS c
LEFT JOIN ended AS e ON e.id = m.id AND e.sequence = m.sequence"""
