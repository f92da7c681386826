-- Grain: one row per buying role.
SELECT
  k.id,
  k.opportunity_id,
  k.person_id,
  k.role,
  k.is_primary,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.buying_role AS k
