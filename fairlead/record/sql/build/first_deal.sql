-- Grain: one row per person who is the main contact of a deal: the first such deal, renewals left out.
-- What is won after the day the build is as of has not happened.
SELECT
  m.person_id,
  o.id AS opportunity_id,
  o.created_at,
  CASE WHEN o.is_won AND o.closed_on <= c.as_of_day THEN o.closed_at END AS won_at,
  CASE WHEN o.is_won AND o.closed_on <= c.as_of_day THEN o.amount_converted END AS won_amount
FROM build.main_contact AS m
JOIN record.opportunity AS o ON o.id = m.opportunity_id
CROSS JOIN build.clock AS c
WHERE o.deleted_at IS NULL AND coalesce(o.kind, 'new') <> 'renewal' AND coalesce(o.created_on <= c.as_of_day, true)
QUALIFY row_number() OVER (PARTITION BY m.person_id ORDER BY o.created_at NULLS LAST, o.id) = 1
