-- Grain: one row per deal with people on it: the one it counts for, so that no deal counts twice.
-- The one marked as main contact; of several, or of none, the one who was qualified first.
SELECT
  r.opportunity_id,
  r.person_id
FROM record.buying_role AS r
JOIN record.person AS p ON p.id = r.person_id
WHERE r.deleted_at IS NULL
QUALIFY row_number() OVER (
  PARTITION BY r.opportunity_id
  ORDER BY CASE WHEN r.is_primary THEN 0 ELSE 1 END, p.mql_at NULLS LAST, p.created_at NULLS LAST, p.id
) = 1
