-- Grain: one row per product; of the source records that are the same product, the leading one that knows a field gives it.
SELECT
  k.id,
  min_by(k.name, k.lead_order) FILTER (WHERE k.name IS NOT NULL) AS name,
  min_by(k.family, k.lead_order) FILTER (WHERE k.family IS NOT NULL) AS family,
  min_by(k.list_price, k.lead_order) FILTER (WHERE k.list_price IS NOT NULL) AS list_price,
  min_by(k.source_system, k.lead_order) AS source_system,
  min_by(k.source_id, k.lead_order) AS source_id,
  max(k.seen_at) AS seen_at,
  CASE WHEN count(*) FILTER (WHERE k.deleted_at IS NULL) = 0 THEN max(k.deleted_at) END AS deleted_at
FROM kept.product AS k
GROUP BY k.id
