"""Renewals that are still open: the signs of risk, the checkpoints; and questions about what is due and was renewed.

mart.renewal ─┬─ record.activity ──────────────> mart.renewal_checkpoint ─┐
              └─ use, tickets, invoices, surveys ─────────────────────────┴──> mart.renewal_watch
"""

from datetime import date
from typing import NamedTuple

from fairlead.model.renewing import RenewalWatch
from fairlead.model.whole import Model
from fairlead.values import Query

RECENT, BEFORE = 30, 90  # days of use that are compared
TICKETS = "('ticket', 'complaint', 'dispute')"
SURVEYS = "('nps', 'csat')"
UNPAID = "('open', 'past_due', 'unpaid')"  # what was given up says nothing of today
NOTHING = "CAST(0 AS DECIMAL(18, 2))"


def renewal_watch(model: Model) -> tuple[Query, ...]:
    """The tables of renewals that are open, as the model has them watched."""
    told = model.revenue.watch
    return (Query("mart.renewal_checkpoint", _checkpoints(told)), Query("mart.renewal_watch", _watch(told)))


def _checkpoints(told: RenewalWatch) -> str:
    days = sorted(set(told.checkpoints), reverse=True)
    stretches = ", ".join(f"({n}, {after})" for n, after in zip(days, [*days[1:], 0], strict=True))
    return f"""-- Grain: one row per open renewal and checkpoint.
WITH point AS (
  SELECT r.account_id, r.due_on, n.days_before, CAST(r.due_on - n.days_before * INTERVAL 1 DAY AS DATE) AS starts_on,
    CAST(r.due_on - n.until * INTERVAL 1 DAY AS DATE) AS ends_on
  FROM mart.renewal AS r
  CROSS JOIN (VALUES {stretches}) AS n (days_before, until)
  WHERE r.outcome = 'open'
),
met AS (
  SELECT DISTINCT v.account_id, v.day
  FROM record.activity AS v
  CROSS JOIN build.clock AS c
  WHERE v.deleted_at IS NULL AND NOT coalesce(v.automated, false) AND v.account_id IS NOT NULL AND v.day <= c.as_of_day
),
kept AS (
  SELECT p.account_id, p.due_on, p.days_before, min(m.day) AS contact_on
  FROM point AS p
  JOIN met AS m ON m.account_id = p.account_id AND m.day >= p.starts_on AND m.day < p.ends_on
  GROUP BY p.account_id, p.due_on, p.days_before
)
SELECT p.account_id, p.due_on, p.days_before, p.starts_on, p.ends_on, k.contact_on,
  CASE
    WHEN p.starts_on > c.as_of_day THEN 'ahead'
    WHEN k.contact_on IS NOT NULL THEN 'kept'
    WHEN p.ends_on <= c.as_of_day THEN 'missed'
    ELSE 'due' END AS state
FROM point AS p
CROSS JOIN build.clock AS c
LEFT JOIN kept AS k ON k.account_id = p.account_id AND k.due_on = p.due_on AND k.days_before = p.days_before"""


def _watch(told: RenewalWatch) -> str:
    signs = ("is_usage_down", "is_without_contact", "open_tickets > 0", "past_due > 0", "is_unhappy")
    count = " + ".join(f"CASE WHEN s.{sign} THEN 1 ELSE 0 END" for sign in signs)
    words = ("use is down", "no contact", "open tickets", "past due", "a low answer")
    says = " || ".join(
        f"CASE WHEN s.{sign} THEN ', {word}' ELSE '' END" for sign, word in zip(signs, words, strict=True)
    )
    return f"""-- Grain: one row per renewal that is open.
WITH {_facts()},
seen AS (
  SELECT r.account_id, r.due_on, a.owner_id, a.segment, date_diff('day', c.as_of_day, r.due_on) AS days_left, r.mrr_due,
    r.auto_renews, u.usage_now, u.usage_before,
    coalesce(u.usage_before > 0 AND u.usage_now < {1 - told.usage_drop!r} * u.usage_before, false) AS is_usage_down,
    m.last_contact_on,
    coalesce(m.last_contact_on < c.as_of_day - INTERVAL {told.contact_days} DAY, true) AS is_without_contact,
    coalesce(t.open_tickets, 0) AS open_tickets, coalesce(i.past_due, {NOTHING}) AS past_due, q.last_score,
    coalesce(q.last_score <= {told.low_score!r}, false) AS is_unhappy,
    k.checkpoint, coalesce(k.is_due, false) AS is_checkpoint_due, coalesce(k.missed, 0) AS missed
  FROM mart.renewal AS r
  CROSS JOIN build.clock AS c
  JOIN record.account AS a ON a.id = r.account_id
  LEFT JOIN used AS u ON u.account_id = r.account_id
  LEFT JOIN met AS m ON m.account_id = r.account_id
  LEFT JOIN asked AS t ON t.account_id = r.account_id
  LEFT JOIN owed AS i ON i.account_id = r.account_id
  LEFT JOIN answered AS q ON q.account_id = r.account_id
  LEFT JOIN points AS k ON k.account_id = r.account_id AND k.due_on = r.due_on
  WHERE r.outcome = 'open'
),
counted AS (
  SELECT s.*, {count} AS signs, substr({says}, 3) AS says
  FROM seen AS s
)
SELECT n.account_id, n.due_on, n.owner_id, n.segment, n.days_left, n.mrr_due, n.auto_renews, n.usage_now,
  n.usage_before, n.is_usage_down, n.last_contact_on, n.is_without_contact, n.open_tickets, n.past_due, n.last_score,
  n.is_unhappy, n.signs, n.signs >= {told.at_risk_from} AS is_at_risk, nullif(n.says, '') AS says, n.checkpoint,
  n.is_checkpoint_due, n.missed
FROM counted AS n"""


def _facts() -> str:
    """What the record knows of the accounts: use, contacts, tickets, what is owed, answers, checkpoints."""
    return f"""used AS (
  SELECT u.account_id,
    CAST(sum(CASE WHEN u.day > c.as_of_day - INTERVAL {RECENT} DAY THEN u.events ELSE 0 END) AS DOUBLE) AS usage_now,
    CAST(sum(CASE WHEN u.day > c.as_of_day - INTERVAL {RECENT} DAY THEN 0 ELSE u.events END) AS DOUBLE)
      * {RECENT} / {BEFORE} AS usage_before
  FROM record.usage AS u
  CROSS JOIN build.clock AS c
  WHERE u.deleted_at IS NULL AND u.day <= c.as_of_day AND u.day > c.as_of_day - INTERVAL {RECENT + BEFORE} DAY
  GROUP BY u.account_id
),
met AS (
  SELECT v.account_id, max(v.day) AS last_contact_on
  FROM record.activity AS v
  CROSS JOIN build.clock AS c
  WHERE v.deleted_at IS NULL AND NOT coalesce(v.automated, false) AND v.account_id IS NOT NULL AND v.day <= c.as_of_day
  GROUP BY v.account_id
),
asked AS (
  SELECT g.account_id, count(*) AS open_tickets
  FROM record.signal AS g
  CROSS JOIN build.clock AS c
  WHERE g.deleted_at IS NULL AND g.kind IN {TICKETS} AND g.day <= c.as_of_day
    AND coalesce(g.resolved_on > c.as_of_day, true)
  GROUP BY g.account_id
),
owed AS (
  SELECT i.account_id, sum(i.amount_converted) AS past_due
  FROM record.invoice AS i
  CROSS JOIN build.clock AS c
  WHERE i.deleted_at IS NULL AND i.due_on < c.as_of_day
    AND CASE WHEN i.paid_on IS NULL THEN i.status IN {UNPAID} ELSE i.paid_on > c.as_of_day END
  GROUP BY i.account_id
),
answered AS (
  SELECT g.account_id, max_by(g.score, CAST(g.at AS VARCHAR) || g.id) AS last_score
  FROM record.signal AS g
  CROSS JOIN build.clock AS c
  WHERE g.deleted_at IS NULL AND g.kind IN {SURVEYS} AND g.score IS NOT NULL AND g.day <= c.as_of_day
  GROUP BY g.account_id
),
points AS (
  SELECT p.account_id, p.due_on, min(CASE WHEN p.state <> 'ahead' THEN p.days_before END) AS checkpoint,
    bool_or(p.state = 'due') AS is_due, count(CASE WHEN p.state = 'missed' THEN 1 END) AS missed
  FROM mart.renewal_checkpoint AS p
  GROUP BY p.account_id, p.due_on
)"""


class Span(NamedTuple):
    """Renewals that are due from day `start` to day `end`, both included."""

    start: date
    end: date


def due(span: Span) -> Query:
    """A row a renewal of the span, with names, what became of it, and of those still open how it stands."""
    return Query(
        "renewals",
        """SELECT r.account_id, a.name AS account, r.due_on, strftime(r.due_on, '%Y-%m') AS month, a.segment,
  a.owner_id, m.name AS owner, r.line_count, r.mrr_due, r.mrr_renewed, r.mrr_upsell, r.outcome, r.auto_renews,
  r.churn_kind, r.reason,
  w.days_left, coalesce(w.is_at_risk, false) AS is_at_risk, coalesce(w.signs, 0) AS signs, coalesce(w.says, '') AS says,
  w.usage_now, w.usage_before, w.last_contact_on, w.open_tickets, w.past_due, w.last_score, w.checkpoint,
  coalesce(w.is_checkpoint_due, false) AS is_checkpoint_due, coalesce(w.missed, 0) AS missed
FROM mart.renewal AS r
JOIN record.account AS a ON a.id = r.account_id
LEFT JOIN record.member AS m ON m.id = a.owner_id
LEFT JOIN mart.renewal_watch AS w ON w.account_id = r.account_id AND w.due_on = r.due_on
WHERE r.due_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)
ORDER BY r.due_on, r.mrr_due DESC, r.account_id""",
        tuple(span),
    )


def reasons(span: Span) -> Query:
    """A row a reason why what was due in the span was not all renewed: how many renewals, and what was lost of them."""
    return Query(
        "reasons of renewals",
        """SELECT r.churn_kind AS kind, r.reason, count(*) AS renewals,
  CAST(sum(r.mrr_due - r.mrr_renewed) AS DECIMAL(18, 2)) AS lost
FROM mart.renewal AS r
WHERE r.outcome <> 'open' AND r.mrr_renewed < r.mrr_due AND r.due_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)
GROUP BY r.churn_kind, r.reason
ORDER BY lost DESC, kind, reason""",
        tuple(span),
    )


def history(until: date) -> Query:
    """A row a segment: renewals due by a day, of what was due the share renewed (its sum and that of its squares)."""
    share = "CAST(r.mrr_renewed AS DOUBLE) / CAST(r.mrr_due AS DOUBLE)"
    return Query(
        "renewals before",
        f"""SELECT a.segment, count(*) AS renewals, sum({share}) AS shares, sum({share} * {share}) AS squares,
  CAST(sum(r.mrr_due) AS DOUBLE) AS due, CAST(sum(r.mrr_upsell) AS DOUBLE) AS upsell
FROM mart.renewal AS r
JOIN record.account AS a ON a.id = r.account_id
WHERE r.outcome <> 'open' AND r.mrr_due > 0 AND r.due_on <= CAST(? AS DATE)
GROUP BY a.segment
ORDER BY a.segment""",
        (until,),
    )


def checkpoints() -> Query:
    """A row a checkpoint and state: how many open renewals, and what is due with them."""
    return Query(
        "checkpoints",
        """SELECT p.days_before, p.state, count(*) AS renewals, sum(w.mrr_due) AS mrr_due
FROM mart.renewal_checkpoint AS p
JOIN mart.renewal_watch AS w ON w.account_id = p.account_id AND w.due_on = p.due_on
WHERE p.state <> 'ahead'
GROUP BY p.days_before, p.state
ORDER BY p.days_before DESC, p.state""",
    )
