-- Grain: one row per membership.
SELECT
  k.id,
  k.member_id,
  k.manager_id,
  k.team,
  k.starts_on,
  k.ends_on,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.membership AS k
