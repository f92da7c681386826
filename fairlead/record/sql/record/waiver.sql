-- Grain: one row per waiver.
SELECT
  k.id,
  k.subject,
  k.subject_id,
  k.stage,
  k.what,
  k.waiver_reason,
  k.waived_by_id,
  k.waived_by,
  k.at,
  k.expires_on,
  k.withdrawn_at,
  k.withdrawn_by_id,
  k.withdrawn_by,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.waiver AS k
