-- Grain: one row per colleague; of the source records that are the same member, the leading one that knows a field gives it.
SELECT
  k.id,
  min_by(k.name, k.lead_order) FILTER (WHERE k.name IS NOT NULL) AS name,
  min_by(k.email, k.lead_order) FILTER (WHERE k.email IS NOT NULL) AS email,
  min_by(k.function, k.lead_order) FILTER (WHERE k.function IS NOT NULL) AS function,
  min_by(k.role, k.lead_order) FILTER (WHERE k.role IS NOT NULL) AS role,
  min_by(k.team, k.lead_order) FILTER (WHERE k.team IS NOT NULL) AS team,
  min_by(k.manager_name, k.lead_order) FILTER (WHERE k.manager_name IS NOT NULL) AS manager_name,
  min_by(k.timezone, k.lead_order) FILTER (WHERE k.timezone IS NOT NULL) AS timezone,
  min_by(k.calendar, k.lead_order) FILTER (WHERE k.calendar IS NOT NULL) AS calendar,
  min_by(k.is_active, k.lead_order) FILTER (WHERE k.is_active IS NOT NULL) AS is_active,
  min(k.created_at) AS created_at,
  min_by(k.source_system, k.lead_order) AS source_system,
  min_by(k.source_id, k.lead_order) AS source_id,
  max(k.seen_at) AS seen_at,
  CASE WHEN count(*) FILTER (WHERE k.deleted_at IS NULL) = 0 THEN max(k.deleted_at) END AS deleted_at
FROM kept.member AS k
GROUP BY k.id
