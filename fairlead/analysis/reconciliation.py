"""What the CRM won against what billing holds: the two sides, and which of the one is which of the other.

    record.opportunity ──> build.booked_deal ──┬─ by key ──> build.billed_by_key ────┐
    record.contract_line ┐                     │                                     ├──> mart.reconciled_line
    record.invoice ──────┴> build.billed_item ─┼─ by likeness ──> build.billed_alike ┘
                                               └─ by subscription ──> build.invoiced: what should have been

By likeness means: the same account, within `like_days`, and amounts within `like_within` of each other, or the same
figure in another currency, or the same money for another term. The score of such a pair is

    0.9 less 0.45 for each of the two that is used up: the days apart of those allowed, and the amounts apart of those

and pairs are taken best first, each deal and each line once; of equals the ones closer in time, then by id. That is
worked out in rounds: whatever pair is the best of both its deal and its line is one, and its rivals are gone. A pair
that is still rivalled after `ROUNDS` stays apart, and is an open item on both sides.
"""

from fairlead.analysis.invoiced import EARLY, ONCE, invoiced, is_valid
from fairlead.model import line_status as status
from fairlead.model.reconciliation import Reconciliation
from fairlead.model.whole import Model
from fairlead.values import Query

ROUNDS = 8
POINTS = 4500  # that days apart, and amounts apart, can cost each: of 9000, in 10000ths of a score
TERMS = (1, 3, 6, 12, 24, 36, 48, 60)  # months that a deal's amount may stand for by mistake
NOT_BEGUN = status.among((*status.TRIAL, *status.NOT_BEGUN))
# A line that recurs and is over on its first day was taken back; what is charged once may well be of one day.
_OVER = (
    f"coalesce(l.ends_on, l.cancels_on, CASE WHEN {status.word('l.status')} IN {status.among(status.ENDED)}"
    " THEN l.cancelled_on END)"
)
NEVER_RAN = f"coalesce(l.kind, 'recurring') = 'recurring' AND coalesce({_OVER} <= l.starts_on, false)"


def agreed(model: Model) -> Reconciliation:
    """What the model says of reconciliation."""
    return model.revenue.reconciliation


def matching(told: Reconciliation) -> tuple[Query, ...]:
    """The steps that find which line belongs to which deal, in order."""
    return (
        Query("build.booked_deal", _deals()),
        Query("build.billed_item", _items(told)),
        Query("build.billed_by_key", _by_key(told)),
        Query("build.billed_alike", _alike(told)),
        Query("mart.reconciled_line", _lines()),
        invoiced(told),
    )


def _deals() -> str:
    return """-- Grain: one row per deal that was won by the day the build is as of.
SELECT o.id, o.account_id, o.name, o.kind, coalesce(o.currency, c.currency) AS currency, o.amount,
  coalesce(o.amount_converted, 0) AS money, o.closed_on, coalesce(o.owner_id, a.owner_id) AS owner_id
FROM record.opportunity AS o
LEFT JOIN record.account AS a ON a.id = o.account_id
CROSS JOIN build.clock AS c
WHERE o.is_won AND o.deleted_at IS NULL AND o.closed_on <= c.as_of_day"""


def _items(told: Reconciliation) -> str:
    """Lines at their worth over the months a deal's amount stands for; and invoices that no line is behind.

    Discounts that last reduce it, others do not; what is charged once is worth that; usage was not sold.
    """
    months = told.amount_is.months
    yearly = "CASE l.billing_interval WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END"
    lasts = "coalesce(l.discount_lasts, CASE WHEN l.discount_ends_on IS NULL THEN 'forever' END) = 'forever'"
    charge = f"(l.amount - CASE WHEN {lasts} THEN coalesce(l.discount, 0) ELSE 0 END)"
    each = f"CAST({charge} * 100 AS DOUBLE) * {yearly} * {months} / (12 * coalesce(l.billing_interval_count, 1))"
    once = f"WHEN l.kind IN {ONCE} THEN {charge}"
    worth = f"CASE {once} ELSE CAST(round({each}) / 100 AS DECIMAL(18, 2)) END"
    return f"""-- Grain: one row per contract line, and per invoice without one.
WITH line AS (
  SELECT l.id, l.account_id, l.opportunity_id, l.product_id, l.subscription,
    coalesce(l.currency, c.currency) AS currency, l.amount, l.amount_converted,
    l.starts_on, l.ends_on, l.source_system, {worth} AS worth
  FROM record.contract_line AS l
  CROSS JOIN build.clock AS c
  LEFT JOIN build.booked_deal AS b ON b.id = l.opportunity_id
  WHERE l.deleted_at IS NULL AND {status.word("l.status")} NOT IN {NOT_BEGUN} AND coalesce(l.kind, '') <> 'usage'
    AND NOT ({NEVER_RAN}) AND (l.starts_on <= c.as_of_day OR b.id IS NOT NULL)
),
billed AS (
  SELECT i.id, i.account_id, i.opportunity_id, i.subscription, coalesce(i.currency, c.currency) AS currency,
    i.amount, i.amount_converted, i.issued_on, i.source_system
  FROM record.invoice AS i
  CROSS JOIN build.clock AS c
  WHERE {is_valid("i")} AND i.issued_on <= c.as_of_day
),
invoiced AS (
  SELECT l.id, count(*) AS invoices, min(i.issued_on) AS invoiced_on
  FROM line AS l
  JOIN billed AS i ON i.account_id = l.account_id AND i.subscription = l.subscription
    AND i.issued_on >= l.starts_on - INTERVAL {EARLY} DAY
  GROUP BY l.id
),
invoicing AS (SELECT DISTINCT i.source_system FROM record.invoice AS i WHERE i.subscription IS NOT NULL),
held AS (SELECT DISTINCT l.account_id, l.subscription FROM line AS l WHERE l.subscription IS NOT NULL)
SELECT 'line/' || l.id AS item, l.id AS line_id, CAST(NULL AS VARCHAR) AS invoice_id, l.account_id, l.opportunity_id,
  l.product_id, l.currency, l.worth AS amount,
  CASE WHEN l.amount = 0 THEN CAST(0 AS DECIMAL(18, 2)) WHEN l.amount_converted = l.amount THEN l.worth
    ELSE CAST(round(CAST(l.worth AS DOUBLE) * 100 * CAST(l.amount_converted AS DOUBLE) / CAST(l.amount AS DOUBLE)) / 100
      AS DECIMAL(18, 2)) END AS money,
  l.starts_on, l.ends_on, coalesce(n.invoices, 0) AS invoices, n.invoiced_on,
  l.subscription IS NOT NULL AND s.source_system IS NOT NULL AS shows_invoices
FROM line AS l
LEFT JOIN invoiced AS n ON n.id = l.id
LEFT JOIN invoicing AS s ON s.source_system = l.source_system
UNION ALL
SELECT 'invoice/' || i.id AS item, CAST(NULL AS VARCHAR) AS line_id, i.id AS invoice_id, i.account_id, i.opportunity_id,
  CAST(NULL AS VARCHAR) AS product_id, i.currency, i.amount, i.amount_converted AS money,
  i.issued_on AS starts_on, CAST(NULL AS DATE) AS ends_on, 1 AS invoices, i.issued_on AS invoiced_on,
  true AS shows_invoices
FROM billed AS i
LEFT JOIN held AS h ON h.account_id = i.account_id AND h.subscription = i.subscription
WHERE h.account_id IS NULL"""


def same(one: str, other: str, share: float) -> str:
    """SQL of whether two amounts are the same within a share of the first, and always within five cents."""
    apart = f"abs(CAST({one} AS DOUBLE) - CAST({other} AS DOUBLE))"
    return f"{apart} <= greatest(0.05, {share!r} * abs(CAST({one} AS DOUBLE))) + 0.0001"


def other_term(deal: str, billed: str, told: Reconciliation) -> str:
    """SQL of the months for which `billed` would be worth the deal's amount, where those are not the ones agreed."""
    months = told.amount_is.months
    cases = " ".join(
        f"WHEN {same(deal, f'(CAST({billed} AS DOUBLE) * {n} / {months})', told.same_within)} THEN {n}"
        for n in TERMS
        if n != months
    )
    return f"CASE WHEN {billed} > 0 AND {deal} > 0 THEN CASE {cases} END END"


def _by_key(told: Reconciliation) -> str:
    """What names its deal. An invoice does for as long as the deal's amount stands for, and then is a new one.

    Where the deal is worth what its lines are without their copies, the copies are no part of it.
    """
    return f"""-- Grain: one row per line that names a deal which was won.
WITH named AS (
  SELECT i.item, b.id AS opportunity_id, i.amount, b.amount AS deal_amount, b.currency = i.currency AS is_same_currency,
    row_number() OVER (PARTITION BY b.id, i.product_id, i.currency, i.amount, i.starts_on ORDER BY i.item) AS copy
  FROM build.billed_item AS i
  JOIN build.booked_deal AS b ON b.id = i.opportunity_id
  WHERE i.invoice_id IS NULL OR i.starts_on < b.closed_on + INTERVAL {told.amount_is.months} MONTH
),
summed AS (
  SELECT n.opportunity_id, max(n.deal_amount) AS deal_amount, sum(n.amount) AS amount,
    sum(CASE WHEN n.copy = 1 THEN n.amount ELSE 0 END) AS once, bool_and(n.is_same_currency) AS is_same_currency
  FROM named AS n
  GROUP BY n.opportunity_id
)
SELECT n.item, n.opportunity_id
FROM named AS n
JOIN summed AS s ON s.opportunity_id = n.opportunity_id
WHERE n.copy = 1 OR NOT coalesce(s.is_same_currency
  AND {same("s.deal_amount", "s.once", told.same_within)}
  AND NOT ({same("s.deal_amount", "s.amount", told.same_within)}), false)"""


def _alike(told: Reconciliation) -> str:
    """The pairs by likeness: candidates without a rival, then `ROUNDS` times whatever has no better one."""
    rounds = "".join(f",\nround_{n} AS (\n{_round(f'round_{n - 1}' if n else 'rivalled')}\n)" for n in range(ROUNDS))
    apart = f"least(1.0, d.apart / ({told.like_within!r} * d.worth))"
    cost = f"floor({POINTS} * d.used) + floor({POINTS} * d.days / {told.like_days!r})"
    points = f"{2 * POINTS} - CAST({cost} AS BIGINT)"
    return f"""-- Grain: one row per deal and line that are one sale by account, amount and date.
WITH deal AS (
  SELECT b.* FROM build.booked_deal AS b
  LEFT JOIN (SELECT DISTINCT k.opportunity_id FROM build.billed_by_key AS k) AS k ON k.opportunity_id = b.id
  WHERE k.opportunity_id IS NULL AND b.amount > 0
),
item AS (
  SELECT i.* FROM build.billed_item AS i WHERE i.opportunity_id IS NULL AND i.amount > 0
),
near AS (
  SELECT b.id AS opportunity_id, i.item, abs(date_diff('day', b.closed_on, i.starts_on)) AS days,
    b.currency = i.currency AS is_same, b.amount, i.amount AS billed,
    CASE WHEN b.currency = i.currency THEN CAST(b.amount AS DOUBLE) ELSE CAST(b.money AS DOUBLE) END AS worth,
    CASE WHEN b.currency = i.currency THEN abs(CAST(i.amount AS DOUBLE) - CAST(b.amount AS DOUBLE))
      ELSE abs(CAST(i.money AS DOUBLE) - CAST(b.money AS DOUBLE)) END AS apart
  FROM deal AS b
  JOIN item AS i ON i.account_id = b.account_id
    AND i.starts_on BETWEEN b.closed_on - INTERVAL {told.like_days} DAY AND b.closed_on + INTERVAL {told.like_days} DAY
),
degree AS (
  SELECT d.opportunity_id, d.item, d.days,
    CASE WHEN d.apart <= {told.like_within!r} * d.worth THEN {apart}
      WHEN d.is_same AND {other_term("d.amount", "d.billed", told)} IS NOT NULL THEN 1.0
      WHEN NOT d.is_same AND {same("d.amount", "d.billed", told.same_within)} THEN 1.0 END AS used
  FROM near AS d
  WHERE d.worth > 0
),
candidate AS (
  SELECT d.opportunity_id, d.item, d.days, {points} AS points
  FROM degree AS d
  WHERE d.used IS NOT NULL
),
counted AS (
  SELECT p.*,
    count(*) OVER (PARTITION BY p.opportunity_id) + count(*) OVER (PARTITION BY p.item) = 2 AS is_alone
  FROM candidate AS p
),
rivalled AS (
  SELECT p.opportunity_id, p.item, p.days, p.points FROM counted AS p WHERE NOT p.is_alone
){rounds}
SELECT p.opportunity_id, p.item, p.points / 10000.0 AS score
FROM counted AS p
WHERE p.is_alone
UNION ALL
SELECT r.opportunity_id, r.item, r.points / 10000.0 AS score
FROM (SELECT p.*, {_IS_BEST} AS is_best FROM round_{ROUNDS - 1} AS p) AS r
WHERE r.is_best = 1"""


_IS_BEST = """CASE WHEN row_number() OVER (PARTITION BY p.opportunity_id ORDER BY p.points DESC, p.days, p.item) = 1
    AND row_number() OVER (PARTITION BY p.item ORDER BY p.points DESC, p.days, p.opportunity_id) = 1
    THEN 1 ELSE 0 END"""


def _round(before: str) -> str:
    """What is left when every pair that is the best of its deal and of its line has lost its rivals."""
    return f"""  SELECT t.opportunity_id, t.item, t.days, t.points
  FROM (
    SELECT b.*, max(b.is_best) OVER (PARTITION BY b.opportunity_id) AS has_deal,
      max(b.is_best) OVER (PARTITION BY b.item) AS has_item
    FROM (SELECT p.*, {_IS_BEST} AS is_best FROM {before} AS p) AS b
  ) AS t
  WHERE t.is_best = 1 OR (t.has_deal = 0 AND t.has_item = 0)"""


def _lines() -> str:
    return """-- Grain: one row per contract line, and per invoice without one, with the deal it belongs to.
SELECT i.item, CASE WHEN p.opportunity_id IS NULL THEN i.item ELSE 'deal/' || p.opportunity_id END AS entry,
  i.account_id, p.opportunity_id, i.line_id, i.invoice_id, p.how, p.score, i.starts_on, i.ends_on, i.currency,
  i.amount, i.money AS amount_converted, i.invoices
FROM build.billed_item AS i
LEFT JOIN (
  SELECT k.item, k.opportunity_id, 'key' AS how, 1.0 AS score FROM build.billed_by_key AS k
  UNION ALL
  SELECT a.item, a.opportunity_id, 'likeness' AS how, a.score FROM build.billed_alike AS a
) AS p ON p.item = i.item"""
