-- Grain: one row per rate.
SELECT
  k.id,
  k.currency,
  k.starts_on,
  k.rate,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.rate AS k
