-- Grain: one row per touch.
SELECT
  k.id,
  k.person_id,
  k.account_id,
  k.campaign_id,
  k.channel,
  k.kind,
  k.at,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.touch AS k
