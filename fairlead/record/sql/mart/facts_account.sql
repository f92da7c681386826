-- Grain: one row per company with what is known about it. What comes after the day the build is as of has not happened.
WITH people AS (
  SELECT account_id, count(*) AS people
  FROM record.person
  WHERE deleted_at IS NULL AND account_id IS NOT NULL
  GROUP BY account_id
),
touched AS (
  SELECT coalesce(t.account_id, p.account_id) AS account_id, min(t.at) AS first_touch_at, min(t.day) AS first_touch_on
  FROM record.touch AS t
  JOIN record.person AS p ON p.id = t.person_id
  CROSS JOIN build.clock AS c
  WHERE t.deleted_at IS NULL AND t.day <= c.as_of_day
  GROUP BY coalesce(t.account_id, p.account_id)
),
acted AS (
  SELECT v.account_id, max(v.at) AS last_activity_at
  FROM record.activity AS v
  CROSS JOIN build.clock AS c
  WHERE v.deleted_at IS NULL AND NOT coalesce(v.automated, false) AND v.account_id IS NOT NULL AND v.day <= c.as_of_day
  GROUP BY v.account_id
),
deals AS (
  SELECT
    o.account_id,
    min(o.closed_at) FILTER (WHERE o.is_won AND o.closed_on <= c.as_of_day) AS first_won_at,
    count(*) FILTER (WHERE NOT o.is_closed OR o.closed_on > c.as_of_day) AS open_opportunities
  FROM record.opportunity AS o
  CROSS JOIN build.clock AS c
  WHERE o.deleted_at IS NULL AND o.account_id IS NOT NULL AND coalesce(o.created_on <= c.as_of_day, true)
  GROUP BY o.account_id
),
contracts AS (
  SELECT
    l.account_id,
    min(l.starts_on) FILTER (WHERE l.mrr > 0 AND l.starts_on <= c.as_of_day) AS customer_since,
    sum(CASE WHEN l.starts_on <= c.as_of_day AND (l.ends_on IS NULL OR l.ends_on > c.as_of_day) THEN l.mrr_converted ELSE 0 END) AS mrr
  FROM mart.mrr_span AS l
  CROSS JOIN build.clock AS c
  GROUP BY l.account_id
),
paid AS (
  SELECT coalesce(y.account_id, i.account_id) AS account_id, min(y.at) AS first_paid_at, min(y.day) AS first_paid_on
  FROM record.payment AS y
  LEFT JOIN record.invoice AS i ON i.id = y.invoice_id
  CROSS JOIN build.clock AS c
  WHERE y.day <= c.as_of_day AND y.deleted_at IS NULL AND y.kind = 'payment' AND coalesce(y.status, 'succeeded') = 'succeeded'
  GROUP BY coalesce(y.account_id, i.account_id)
),
used AS (
  SELECT
    u.account_id,
    min(u.day) FILTER (WHERE u.events > 0 OR u.people > 0) AS first_value_on,
    max(CASE WHEN u.day > c.as_of_day - INTERVAL 30 DAY THEN u.people ELSE 0 END) AS active_people
  FROM record.usage AS u
  CROSS JOIN build.clock AS c
  WHERE u.deleted_at IS NULL AND u.day <= c.as_of_day
  GROUP BY u.account_id
),
onboarded AS (
  SELECT g.account_id, min(g.resolved_at) AS onboarded_at
  FROM record.signal AS g
  CROSS JOIN build.clock AS c
  WHERE g.deleted_at IS NULL AND g.kind = 'onboarding' AND g.resolved_on <= c.as_of_day
  GROUP BY g.account_id
)
SELECT
  a.id,
  a.name,
  a.domain,
  a.parent_id,
  a.segment,
  a.industry,
  a.country,
  a.region,
  a.employees,
  a.owner_id,
  a.created_at,
  a.deleted_at,
  touched.first_touch_at,
  deals.first_won_at,
  contracts.customer_since,
  stay.renewal_since,
  paid.first_paid_at,
  date_diff('day', touched.first_touch_on, paid.first_paid_on) AS days_to_revenue,
  coalesce(contracts.mrr, 0) AS mrr,
  coalesce(contracts.mrr, 0) > 0 AS is_customer,
  coalesce(people.people, 0) AS people,
  coalesce(deals.open_opportunities, 0) AS open_opportunities,
  acted.last_activity_at,
  coalesce(used.active_people, 0) AS active_people,
  timezone(c.timezone, CAST(used.first_value_on AS TIMESTAMP)) AS first_value_at,
  CASE WHEN used.first_value_on >= contracts.customer_since
    THEN date_diff('day', contracts.customer_since, used.first_value_on) END AS days_to_value,
  onboarded.onboarded_at,
  begun.first_deal_id,
  begun.cohort
FROM record.account AS a
CROSS JOIN build.clock AS c
LEFT JOIN people ON people.account_id = a.id
LEFT JOIN touched ON touched.account_id = a.id
LEFT JOIN acted ON acted.account_id = a.id
LEFT JOIN deals ON deals.account_id = a.id
LEFT JOIN contracts ON contracts.account_id = a.id
LEFT JOIN build.customer_stay AS stay ON stay.account_id = a.id AND stay.next_on IS NULL
LEFT JOIN paid ON paid.account_id = a.id
LEFT JOIN used ON used.account_id = a.id
LEFT JOIN onboarded ON onboarded.account_id = a.id
LEFT JOIN mart.customer_start AS begun ON begun.account_id = a.id
