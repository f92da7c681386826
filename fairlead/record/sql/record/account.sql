-- Grain: one row per company; of the source records that are the same account, the leading one that knows a field gives it.
SELECT
  k.id,
  min_by(k.name, k.lead_order) FILTER (WHERE k.name IS NOT NULL) AS name,
  min_by(k.domain, k.lead_order) FILTER (WHERE k.domain IS NOT NULL) AS domain,
  min_by(k.parent_id, k.lead_order) FILTER (WHERE k.parent_id IS NOT NULL) AS parent_id,
  min_by(k.segment, k.lead_order) FILTER (WHERE k.segment IS NOT NULL) AS segment,
  min_by(k.industry, k.lead_order) FILTER (WHERE k.industry IS NOT NULL) AS industry,
  min_by(k.country, k.lead_order) FILTER (WHERE k.country IS NOT NULL) AS country,
  min_by(k.region, k.lead_order) FILTER (WHERE k.region IS NOT NULL) AS region,
  min_by(k.employees, k.lead_order) FILTER (WHERE k.employees IS NOT NULL) AS employees,
  min_by(k.owner_id, k.lead_order) FILTER (WHERE k.owner_id IS NOT NULL) AS owner_id,
  min(k.created_at) AS created_at,
  min_by(k.source_system, k.lead_order) AS source_system,
  min_by(k.source_id, k.lead_order) AS source_id,
  max(k.seen_at) AS seen_at,
  CASE WHEN count(*) FILTER (WHERE k.deleted_at IS NULL) = 0 THEN max(k.deleted_at) END AS deleted_at
FROM kept.account AS k
GROUP BY k.id
