"""mart.renewal: what of a customer is due to renew on a day, what became of it, and what is due next.

A line with a term of its own is due on every anniversary of its start, or on the day it names (`renews_on`); lines that
are billed by the month and name no day are evergreen, and never due. What is due on one day is one renewal (co-termed).

It has renewed as far as its lines run on, or others follow them: lines that say so (`replaces_id`), of the same product
from a month before the end to `late_days` after it, or of any product on that very day. More than was due is upsell.
Lines that follow several due days are shared out among them, so that none counts twice.

Nothing of it is known before its day: a line that will end is one that runs on, until that was asked for. One whose
term ends is open until it has, and lost once it was cancelled.
"""

from fairlead.model.revenue import Switches
from fairlead.values import Query

AHEAD = 366  # days after the build's day for which renewals are told
TERMS = 30  # anniversaries looked at


def renewals(switches: Switches) -> Query:
    """The SQL of mart.renewal."""
    return Query(
        "mart.renewal",
        f"""-- Grain: one row per account and day on which lines of it are due to renew.
WITH {_due(switches.renewals.early_days)},
{_followed(switches.renewals.late_days)},
{_SUMMED},
{_reasons(switches.renewals.early_days, switches.renewals.late_days)}
SELECT s.account_id, s.due_on, s.customer_id, s.line_count, s.mrr_due,
  CASE WHEN s.outcome = 'open' THEN 0 ELSE least(s.mrr_due, s.mrr_after) END AS mrr_renewed,
  CASE WHEN s.outcome = 'open' THEN 0 ELSE greatest(s.mrr_after - s.mrr_due, 0) END AS mrr_upsell,
  s.outcome, CASE WHEN s.outcome <> 'open' THEN s.renewed_on END AS renewed_on,
  s.line_count > 1 AS is_co_termed, s.follower_count > s.line_count AS is_split, s.auto_renews,
  CASE WHEN s.is_short THEN w.churn_kind END AS churn_kind,
  CASE WHEN s.is_short THEN coalesce(w.reason, d.reason) END AS reason
FROM (
  SELECT a.*,
    CASE
      WHEN a.mrr_after > 0 AND a.renewed_on < a.due_on THEN 'early'
      WHEN a.mrr_after > 0 AND a.renewed_on > a.due_on THEN 'late'
      WHEN a.due_on > c.as_of_day AND NOT a.is_ending THEN 'open'
      WHEN a.mrr_after > 0 THEN 'renewed'
      ELSE 'lost' END AS outcome,
    a.mrr_after < a.mrr_due AS is_short
  FROM summed AS a
  CROSS JOIN build.clock AS c
) AS s
LEFT JOIN why AS w ON w.account_id = s.account_id AND w.due_on = s.due_on AND w.place = 1 AND s.outcome <> 'open'
LEFT JOIN deal AS d ON d.account_id = s.account_id AND d.due_on = s.due_on AND d.place = 1 AND s.outcome <> 'open'""",
    )


_PLACES = ", ".join(f"({n})" for n in range(1, TERMS + 1))
_TERM = "CAST(l.starts_on + n.place * l.term_months * INTERVAL 1 MONTH AS DATE)"
_BEFORE = "CAST(l.starts_on + (n.place - 1) * l.term_months * INTERVAL 1 MONTH AS DATE)"


def _due(early: int) -> str:
    """The lines that are due, on each of their days; of each whether it ends by then, as far as that is known.

    Who pauses pays nothing, and is not due; a pause that had not begun changes nothing.
    """
    mrr = (
        "CASE WHEN v.state IN ('paused', 'lapsed') AND l.paused_on > c.as_of_day THEN v.monthly_converted"
        " ELSE v.mrr_converted END"
    )
    return f"""known AS (
  SELECT l.*, CASE WHEN l.asked_on IS NULL OR least(l.asked_on, l.ends_on) <= c.as_of_day THEN l.ends_on END AS end_on,
    least(l.asked_on, l.ends_on) <= c.as_of_day AS is_decided
  FROM build.mrr_line AS l
  CROSS JOIN build.clock AS c
  WHERE l.starts_on <= c.as_of_day
),
told AS (
  SELECT l.line_id, l.renews_on AS due_on FROM known AS l WHERE l.renews_on > l.starts_on
  UNION ALL
  SELECT l.line_id, {_TERM} AS due_on
  FROM known AS l
  JOIN (VALUES {_PLACES}) AS n (place) ON l.end_on IS NULL OR {_BEFORE} < l.end_on
  WHERE l.renews_on IS NULL AND l.term_months IS NOT NULL
),
due AS (
  SELECT l.line_id, l.customer_id, l.account_id, l.product_id, l.end_on AS ends_on, l.is_decided, t.due_on,
    l.auto_renews, l.churn_kind, l.reason, {mrr} AS mrr
  FROM told AS t
  JOIN known AS l ON l.line_id = t.line_id
  CROSS JOIN build.clock AS c
  JOIN build.mrr_stretch AS v ON v.line_id = l.line_id AND v.starts_on < least(t.due_on, l.ends_on)
    AND (v.ends_on IS NULL OR v.ends_on >= least(t.due_on, l.ends_on))
  WHERE t.due_on <= c.as_of_day + {AHEAD} * INTERVAL 1 DAY AND {mrr} > 0
    AND (l.end_on IS NULL OR l.end_on >= t.due_on - {early} * INTERVAL 1 DAY)
)"""


def _followed(late: int) -> str:
    """The lines that follow those which ended: whether one says itself whom it follows, and how near it is."""
    return f"""follower AS (
  SELECT d.account_id, d.due_on, f.line_id, f.starts_on, v.mrr_converted AS mrr,
    coalesce(bool_or(f.follows_id = d.line_id), false) AS is_said,
    min(greatest(d.ends_on, f.starts_on) - least(d.ends_on, f.starts_on)) AS away
  FROM due AS d
  JOIN build.mrr_line AS f ON f.account_id = d.account_id AND f.line_id <> d.line_id
    AND f.starts_on >= d.ends_on - 31 * INTERVAL 1 DAY AND f.starts_on <= d.ends_on + {late} * INTERVAL 1 DAY
    AND (f.product_id IS NOT DISTINCT FROM d.product_id OR f.starts_on = d.ends_on OR f.follows_id = d.line_id)
  CROSS JOIN build.clock AS c
  JOIN mart.mrr_span AS v ON v.line_id = f.line_id AND v.starts_on = f.starts_on
  WHERE d.ends_on <= d.due_on AND v.mrr_converted > 0 AND f.starts_on <= c.as_of_day
  GROUP BY d.account_id, d.due_on, f.line_id, f.starts_on, v.mrr_converted
)"""


def _reasons(early: int, late: int) -> str:
    """Why not all that was due was renewed: what was said of the largest line that ended, and of the lost deal."""
    return f"""why AS (
  SELECT d.account_id, d.due_on, d.churn_kind, d.reason,
    row_number() OVER (PARTITION BY d.account_id, d.due_on ORDER BY d.mrr DESC, d.line_id) AS place
  FROM due AS d
  WHERE d.ends_on <= d.due_on AND (d.churn_kind IS NOT NULL OR d.reason IS NOT NULL)
),
deal AS (
  SELECT l.account_id, l.due_on, o.lost_reason AS reason,
    row_number() OVER (PARTITION BY l.account_id, l.due_on ORDER BY o.closed_on DESC, o.id) AS place
  FROM lines_due AS l
  JOIN record.opportunity AS o ON o.account_id = l.account_id AND o.closed_on >= l.due_on - {early} * INTERVAL 1 DAY
    AND o.closed_on <= l.due_on + {late} * INTERVAL 1 DAY
  CROSS JOIN build.clock AS c
  WHERE o.kind = 'renewal' AND o.is_closed AND NOT o.is_won AND o.lost_reason IS NOT NULL AND o.deleted_at IS NULL
    AND o.closed_on <= c.as_of_day
)"""


# What follows several due days is shared out among them, and counts once: those it is nearest to have what was due on
# them first, and the nearest one has the rest, as upsell. Days are together as far as one line follows two of them.
_SUMMED = """lines_due AS (
  SELECT d.account_id, d.due_on, max(d.customer_id) AS customer_id, count(*) AS line_count,
    CAST(sum(d.mrr) AS DECIMAL(18, 2)) AS mrr_due, bool_and(coalesce(d.auto_renews, false)) AS auto_renews,
    bool_and(coalesce(d.ends_on <= d.due_on AND d.is_decided, false)) AS is_ending,
    CAST(sum(CASE WHEN d.ends_on IS NULL OR d.ends_on > d.due_on THEN d.mrr ELSE 0 END) AS DECIMAL(18, 2)) AS mrr_on,
    min(CASE WHEN d.ends_on IS NULL OR d.ends_on > d.due_on THEN d.due_on END) AS on_from
  FROM due AS d
  GROUP BY d.account_id, d.due_on
),
followed AS (
  SELECT f.account_id, f.due_on, count(*) AS follower_count, min(f.starts_on) AS first_on,
    bool_or(f.is_said) AS is_said, min(f.away) AS away, max(w.last_on) AS last_on
  FROM follower AS f
  JOIN (SELECT g.line_id, max(g.due_on) AS last_on FROM follower AS g GROUP BY g.line_id) AS w ON w.line_id = f.line_id
  GROUP BY f.account_id, f.due_on
),
reached AS (
  SELECT f.*, max(f.last_on) OVER (
      PARTITION BY f.account_id ORDER BY f.due_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached_on
  FROM followed AS f
),
together AS (
  SELECT r.*, sum(CASE WHEN coalesce(r.reached_on < r.due_on, true) THEN 1 ELSE 0 END) OVER (
      PARTITION BY r.account_id ORDER BY r.due_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS place
  FROM reached AS r
),
brought AS (
  SELECT b.account_id, b.place, sum(b.mrr) AS mrr
  FROM (
    SELECT DISTINCT t.account_id, t.place, f.line_id, f.mrr
    FROM together AS t
    JOIN follower AS f ON f.account_id = t.account_id AND f.due_on = t.due_on
  ) AS b
  GROUP BY b.account_id, b.place
),
shared AS (
  SELECT t.account_id, t.due_on, t.follower_count, t.first_on, b.mrr AS whole, l.mrr_due - l.mrr_on AS need,
    sum(l.mrr_due - l.mrr_on) OVER (
      PARTITION BY t.account_id, t.place ORDER BY t.is_said DESC, t.away, t.due_on
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS reached_need,
    sum(l.mrr_due - l.mrr_on) OVER (PARTITION BY t.account_id, t.place) AS all_need,
    row_number() OVER (PARTITION BY t.account_id, t.place ORDER BY t.is_said DESC, t.away, t.due_on) AS turn
  FROM together AS t
  JOIN brought AS b ON b.account_id = t.account_id AND b.place = t.place
  JOIN lines_due AS l ON l.account_id = t.account_id AND l.due_on = t.due_on
),
given AS (
  SELECT s.account_id, s.due_on, s.follower_count, s.first_on,
    greatest(least(s.whole - s.reached_need + s.need, s.need), 0)
      + CASE WHEN s.turn = 1 THEN greatest(s.whole - s.all_need, 0) ELSE 0 END AS mrr
  FROM shared AS s
),
summed AS (
  SELECT l.*, coalesce(g.follower_count, 0) AS follower_count,
    CAST(l.mrr_on + coalesce(g.mrr, 0) AS DECIMAL(18, 2)) AS mrr_after,
    least(l.on_from, CASE WHEN g.mrr > 0 THEN g.first_on END) AS renewed_on
  FROM lines_due AS l
  LEFT JOIN given AS g ON g.account_id = l.account_id AND g.due_on = l.due_on
)"""
