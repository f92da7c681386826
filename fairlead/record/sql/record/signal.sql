-- Grain: one row per signal.
SELECT
  k.id,
  k.account_id,
  k.person_id,
  k.kind,
  k.score,
  k.at,
  k.resolved_at,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.signal AS k
