-- Grain: one row per deal, as it stands now. A source that only knows the day a deal closed means that day's start in the company's timezone.
SELECT
  k.id,
  k.account_id,
  k.name,
  k.kind,
  k.pipeline,
  k.stage,
  k.amount,
  k.currency,
  k.amount_converted,
  k.close_date,
  k.category,
  k.owner_id,
  k.source,
  k.campaign_id,
  k.partner_id,
  k.product_id,
  k.next_step,
  k.created_at,
  k.qualified_at,
  CASE WHEN NOT k.is_closed THEN NULL
    ELSE coalesce(k.closed_at, timezone(c.timezone, CAST(k.close_date AS TIMESTAMP))) END AS closed_at,
  k.is_won,
  k.is_closed,
  k.lost_reason,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.opportunity AS k
CROSS JOIN build.clock AS c
