"""mart.mrr_movement itself: each customer's net change of a day, spread over the products and accounts that made it."""

from fairlead.analysis.mrr_movement import FACTS
from fairlead.values import Query

# The kinds of a customer's net change, and those that stand apart from it.
NET = ("new", "expansion", "contraction", "churn", "reactivation")
APART = ("transfer", "fx", "pause", "resume", "escalator", "unbalanced")
KINDS = (*NET, *APART)

# Of each kind that stands apart: its money in the company's currency and in the line's.
_APART = (
    ("transfer", "m.transfer", "m.transfer_own"),
    ("fx", "m.fx", "CAST(0 AS DECIMAL(18, 2))"),
    ("pause", "m.paused", "m.paused_own"),
    ("resume", "m.resumed", "m.resumed_own"),
    ("escalator", "m.step", "m.step_own"),
)


def movements() -> Query:
    """The SQL of mart.mrr_movement. What does not add up to the revenue of the day is a row: `unbalanced`."""
    parts = "\nUNION ALL\n".join([_rows("m.kind", "m.net", "m.net_own"), *(_rows(f"'{k}'", *v) for k, *v in _APART)])
    return Query(
        "mart.mrr_movement",
        f"""-- Grain: one row per account, product, day and kind of movement.
WITH {_SPREAD},
difference AS (
  SELECT b.account_id, b.product_id, b.day, sum(b.money) AS money
  FROM (
    SELECT s.account_id, s.product_id, s.starts_on AS day, s.mrr_converted AS money
    FROM build.mrr_stretch AS s
    WHERE s.mrr_converted <> 0
    UNION ALL
    SELECT s.account_id, s.product_id, s.ends_on AS day, -s.mrr_converted AS money
    FROM build.mrr_stretch AS s
    WHERE s.mrr_converted <> 0 AND s.ends_on IS NOT NULL
    UNION ALL
    SELECT m.account_id, m.product_id, m.moved_on AS day,
      -(m.net + m.transfer + m.fx + m.paused + m.resumed + m.step) AS money
    FROM moved AS m
  ) AS b
  CROSS JOIN build.clock AS c
  WHERE b.day <= c.as_of_day
  GROUP BY b.account_id, b.product_id, b.day
  HAVING sum(b.money) <> 0
)
{parts}
UNION ALL
SELECT d.account_id, d.product_id, d.day AS moved_on, 'unbalanced' AS kind, d.account_id AS customer_id,
  CAST(NULL AS DECIMAL(18, 2)) AS amount, CAST(NULL AS VARCHAR) AS currency, d.money AS amount_converted,
  CAST(NULL AS DECIMAL(18, 2)) AS mrr_before, CAST(NULL AS DECIMAL(18, 2)) AS mrr_after,
  CAST(NULL AS BOOLEAN) AS was_customer, CAST(NULL AS BOOLEAN) AS is_customer,
  CAST(NULL AS VARCHAR) AS line_id, CAST(NULL AS VARCHAR) AS opportunity_id,
  CAST(NULL AS DATE) AS service_end_on, CAST(NULL AS DATE) AS billing_end_on, CAST(NULL AS DATE) AS scheduled_on,
  CAST(NULL AS VARCHAR) AS churn_kind, CAST(NULL AS VARCHAR) AS reason,
  false AS is_scheduled, false AS is_provisional, CAST(NULL AS TIMESTAMPTZ) AS known_at
FROM difference AS d""",
    )


def _rows(kind: str, money: str, own: str) -> str:
    """The rows of one kind: those products for which there is any. Only losses tell of who left."""
    facts = ", ".join(f"CASE WHEN m.is_lost THEN m.{name} END AS {name}" for name in FACTS)
    none = ", ".join(f"CAST(NULL AS {'DATE' if name.endswith('_on') else 'VARCHAR'}) AS {name}" for name in FACTS)
    return f"""SELECT m.account_id, m.product_id, m.moved_on, {kind} AS kind, m.customer_id,
  CASE WHEN m.currency IS NOT NULL THEN {own} END AS amount, m.currency,
  CAST({money} AS DECIMAL(18, 2)) AS amount_converted,
  m.mrr_before, m.mrr_after, m.was_customer, m.is_customer, m.line_id, m.opportunity_id,
  {facts if kind == "m.kind" else none},
  m.is_scheduled, m.is_provisional, m.known_at
FROM {"moved" if kind == "m.kind" else "odd"} AS m
WHERE {money} <> 0"""


# A customer's net change goes to the products that moved its way, by their share in it and to the cent: the running
# share is rounded, and each product has the difference to the one before. What else they did is transfer.
_SPREAD = """many AS (
  SELECT u.customer_id, u.account_id, u.product_id, u.moved_on,
    CASE WHEN d.stays THEN u.net - u.step ELSE u.net END AS change
  FROM build.mrr_unit AS u
  JOIN build.mrr_day AS d ON d.customer_id = u.customer_id AND d.moved_on = u.moved_on
  WHERE d.units > 1
),
mixed AS (
  SELECT u.customer_id, u.moved_on, sum(u.change) AS net,
    greatest(sum(greatest(u.change, 0)), sum(greatest(-u.change, 0))) AS whole
  FROM many AS u
  GROUP BY u.customer_id, u.moved_on
  HAVING min(u.change) < 0 AND max(u.change) > 0
),
share AS (
  SELECT u.account_id, u.product_id, u.moved_on, x.net, x.whole,
    CASE WHEN x.net >= 0 THEN greatest(u.change, 0) ELSE greatest(-u.change, 0) END AS part,
    sum(CASE WHEN x.net >= 0 THEN greatest(u.change, 0) ELSE greatest(-u.change, 0) END) OVER (
      PARTITION BY u.customer_id, u.moved_on ORDER BY u.account_id, u.product_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS reached
  FROM many AS u
  JOIN mixed AS x ON x.customer_id = u.customer_id AND x.moved_on = u.moved_on
),
spread AS (
  SELECT h.account_id, h.product_id, h.moved_on,
    CAST((round(CAST(h.net * 100 AS DOUBLE) * CAST(h.reached AS DOUBLE) / CAST(h.whole AS DOUBLE))
      - round(CAST(h.net * 100 AS DOUBLE) * CAST(h.reached - h.part AS DOUBLE) / CAST(h.whole AS DOUBLE))) / 100
      AS DECIMAL(18, 2)) AS net
  FROM share AS h
),
unit AS (
  SELECT u.*, d.mrr_before, d.mrr_after, d.was_customer, d.is_customer, d.kind, d.kind IN ('churn', 'contraction')
      AS is_lost, u.moved_on > c.as_of_day AS is_scheduled, p.net AS part,
    CASE WHEN d.stays THEN u.step ELSE 0 END AS told_step,
    CASE WHEN d.stays THEN u.step_own ELSE 0 END AS told_step_own,
    CASE WHEN d.stays THEN u.net - u.step ELSE u.net END AS change,
    CASE WHEN d.stays THEN u.net_own - u.step_own ELSE u.net_own END AS change_own
  FROM build.mrr_unit AS u
  CROSS JOIN build.clock AS c
  JOIN build.mrr_day AS d ON d.customer_id = u.customer_id AND d.moved_on = u.moved_on
  LEFT JOIN spread AS p ON p.account_id = u.account_id AND p.moved_on = u.moved_on
    AND p.product_id IS NOT DISTINCT FROM u.product_id
),
told AS (
  SELECT u.*, coalesce(u.part, u.change) AS told_net,
    CASE WHEN u.part IS NULL THEN u.change_own
      WHEN u.change = 0 THEN 0
      ELSE CAST(round(CAST(u.change_own * 100 AS DOUBLE) * CAST(u.part AS DOUBLE) / CAST(u.change AS DOUBLE)) / 100
        AS DECIMAL(18, 2)) END AS told_net_own
  FROM unit AS u
),
moved AS (
  SELECT t.customer_id, t.account_id, t.product_id, t.moved_on, t.currency, t.known_at, t.is_provisional, t.line_id,
    t.opportunity_id, t.mrr_before, t.mrr_after, t.was_customer, t.is_customer, t.kind, t.is_lost, t.is_scheduled,
    t.service_end_on, t.billing_end_on, t.scheduled_on, t.churn_kind, t.reason,
    t.told_net AS net, t.told_net_own AS net_own, t.change - t.told_net AS transfer,
    t.change_own - t.told_net_own AS transfer_own, t.fx, t.paused, t.paused_own, t.resumed, t.resumed_own,
    t.told_step AS step, t.told_step_own AS step_own
  FROM told AS t
),
odd AS (
  SELECT m.* FROM moved AS m
  WHERE m.transfer <> 0 OR m.fx <> 0 OR m.paused <> 0 OR m.resumed <> 0 OR m.step <> 0
)"""
