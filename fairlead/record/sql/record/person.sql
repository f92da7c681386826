-- Grain: one row per human being; of the source records that are the same person, the leading one that knows a field gives it.
SELECT
  k.id,
  min_by(k.account_id, k.lead_order) FILTER (WHERE k.account_id IS NOT NULL) AS account_id,
  min_by(k.email, k.lead_order) FILTER (WHERE k.email IS NOT NULL) AS email,
  min_by(k.name, k.lead_order) FILTER (WHERE k.name IS NOT NULL) AS name,
  min_by(k.title, k.lead_order) FILTER (WHERE k.title IS NOT NULL) AS title,
  min_by(k.persona, k.lead_order) FILTER (WHERE k.persona IS NOT NULL) AS persona,
  min_by(k.phone, k.lead_order) FILTER (WHERE k.phone IS NOT NULL) AS phone,
  min_by(k.country, k.lead_order) FILTER (WHERE k.country IS NOT NULL) AS country,
  min_by(k.source, k.lead_order) FILTER (WHERE k.source IS NOT NULL) AS source,
  min_by(k.consent, k.lead_order) FILTER (WHERE k.consent IS NOT NULL) AS consent,
  min_by(k.campaign_id, k.lead_order) FILTER (WHERE k.campaign_id IS NOT NULL) AS campaign_id,
  min_by(k.owner_id, k.lead_order) FILTER (WHERE k.owner_id IS NOT NULL) AS owner_id,
  min_by(k.fit_score, k.lead_order) FILTER (WHERE k.fit_score IS NOT NULL) AS fit_score,
  min(k.created_at) AS created_at,
  min_by(k.engaged_at, k.lead_order) FILTER (WHERE k.engaged_at IS NOT NULL) AS engaged_at,
  min_by(k.mql_at, k.lead_order) FILTER (WHERE k.mql_at IS NOT NULL) AS mql_at,
  min_by(k.sal_at, k.lead_order) FILTER (WHERE k.sal_at IS NOT NULL) AS sal_at,
  min_by(k.sql_at, k.lead_order) FILTER (WHERE k.sql_at IS NOT NULL) AS sql_at,
  min_by(k.recycled_at, k.lead_order) FILTER (WHERE k.recycled_at IS NOT NULL) AS recycled_at,
  min_by(k.recycle_reason, k.lead_order) FILTER (WHERE k.recycle_reason IS NOT NULL) AS recycle_reason,
  min_by(k.stage, k.lead_order) FILTER (WHERE k.stage IS NOT NULL) AS stage,
  min_by(k.source_system, k.lead_order) AS source_system,
  min_by(k.source_id, k.lead_order) AS source_id,
  max(k.seen_at) AS seen_at,
  CASE WHEN count(*) FILTER (WHERE k.deleted_at IS NULL) = 0 THEN max(k.deleted_at) END AS deleted_at
FROM kept.person AS k
GROUP BY k.id
