-- Grain: one row per person with what is known about them. What comes after the day the build is as of has not happened.
WITH touched AS (
  SELECT t.person_id, count(*) AS touches, min(t.at) AS first_touch_at, max(t.at) AS last_touch_at
  FROM record.touch AS t
  CROSS JOIN build.clock AS c
  WHERE t.deleted_at IS NULL AND t.day <= c.as_of_day
  GROUP BY t.person_id
),
acted AS (
  SELECT
    a.person_id,
    count(*) FILTER (WHERE a.direction = 'outbound' AND a.kind <> 'meeting') AS attempts,
    count(*) FILTER (WHERE a.kind = 'meeting') AS meetings,
    min(a.at) FILTER (WHERE a.kind = 'meeting') AS first_meeting_at,
    min(a.at) FILTER (WHERE a.direction = 'outbound' AND a.at >= p.mql_at) AS first_response_at
  FROM record.activity AS a
  JOIN record.person AS p ON p.id = a.person_id
  CROSS JOIN build.clock AS c
  WHERE a.deleted_at IS NULL AND NOT coalesce(a.automated, false) AND a.day <= c.as_of_day
  GROUP BY a.person_id
),
deals AS (
  SELECT
    r.person_id,
    min(o.created_at) AS first_opportunity_at,
    max(CASE WHEN o.is_won AND o.closed_on <= c.as_of_day THEN 1 ELSE 0 END) = 1 AS has_won
  FROM record.buying_role AS r
  JOIN record.opportunity AS o ON o.id = r.opportunity_id
  CROSS JOIN build.clock AS c
  WHERE r.deleted_at IS NULL AND o.deleted_at IS NULL AND coalesce(o.created_on <= c.as_of_day, true)
  GROUP BY r.person_id
),
twins AS (
  SELECT id, row_number() OVER (PARTITION BY lower(email) ORDER BY created_at, id) AS place
  FROM record.person
  WHERE email IS NOT NULL AND deleted_at IS NULL
)
SELECT
  p.id,
  p.account_id,
  p.email,
  p.name,
  p.title,
  p.persona,
  p.phone,
  p.country,
  p.source,
  p.consent,
  p.campaign_id,
  p.owner_id,
  p.fit_score,
  p.created_at,
  p.engaged_at,
  p.mql_at,
  p.sal_at,
  p.sql_at,
  p.recycled_at,
  p.recycle_reason,
  p.stage,
  p.deleted_at,
  a.segment,
  coalesce(touched.touches, 0) AS touches,
  touched.first_touch_at,
  touched.last_touch_at,
  coalesce(acted.attempts, 0) AS attempts,
  coalesce(acted.meetings, 0) AS meetings,
  acted.first_meeting_at,
  acted.first_response_at,
  (epoch(acted.first_response_at) - epoch(p.mql_at)) / 60 AS response_minutes,
  deals.first_opportunity_at,
  coalesce(deals.has_won, false) AS has_won,
  first_deal.won_at,
  first_deal.won_amount,
  p.email IS NOT NULL AND p.account_id IS NOT NULL AND p.country IS NOT NULL AND p.source IS NOT NULL AS is_complete,
  coalesce(twins.place > 1, false) AS is_duplicate
FROM record.person AS p
LEFT JOIN record.account AS a ON a.id = p.account_id
LEFT JOIN touched ON touched.person_id = p.id
LEFT JOIN acted ON acted.person_id = p.id
LEFT JOIN deals ON deals.person_id = p.id
LEFT JOIN build.first_deal AS first_deal ON first_deal.person_id = p.id
LEFT JOIN twins ON twins.id = p.id
