-- Grain: one row per campaign; of the source records that are the same campaign, the leading one that knows a field gives it.
SELECT
  k.id,
  min_by(k.name, k.lead_order) FILTER (WHERE k.name IS NOT NULL) AS name,
  min_by(k.channel, k.lead_order) FILTER (WHERE k.channel IS NOT NULL) AS channel,
  min_by(k.starts_on, k.lead_order) FILTER (WHERE k.starts_on IS NOT NULL) AS starts_on,
  min_by(k.ends_on, k.lead_order) FILTER (WHERE k.ends_on IS NOT NULL) AS ends_on,
  min_by(k.budget, k.lead_order) FILTER (WHERE k.budget IS NOT NULL) AS budget,
  min_by(k.source_system, k.lead_order) AS source_system,
  min_by(k.source_id, k.lead_order) AS source_id,
  max(k.seen_at) AS seen_at,
  CASE WHEN count(*) FILTER (WHERE k.deleted_at IS NULL) = 0 THEN max(k.deleted_at) END AS deleted_at
FROM kept.campaign AS k
GROUP BY k.id
