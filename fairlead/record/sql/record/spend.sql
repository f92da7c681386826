-- Grain: one row per spend.
SELECT
  k.id,
  k.day,
  k.channel,
  k.campaign_id,
  k.amount,
  k.currency,
  k.amount_converted,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.spend AS k
