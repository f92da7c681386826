-- Grain: one row per activity.
SELECT
  k.id,
  k.kind,
  k.direction,
  k.automated,
  k.person_id,
  k.account_id,
  k.opportunity_id,
  k.member_id,
  k.at,
  k.logged_at,
  k.outcome,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.activity AS k
