-- Grain: one row per usage.
SELECT
  k.id,
  k.account_id,
  k.feature,
  k.day,
  k.people,
  k.events,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.usage AS k
