-- Grain: one row per deal with what is known about it. What is planned after the day the build is as of has not happened;
-- a deal closed before it was created (an import) has no age and no cycle.
WITH entered AS (
  SELECT
    s.opportunity_id,
    max_by(s.days, s.sequence) AS days_in_stage,
    min(s.entered_at) FILTER (WHERE p.is_qualified) AS qualified_at
  FROM build.deal_stay AS s
  LEFT JOIN build.pipeline_stage AS p ON p.stage = s.stage
  GROUP BY s.opportunity_id
),
roles AS (
  SELECT opportunity_id, count(DISTINCT person_id) AS contacts
  FROM record.buying_role
  WHERE deleted_at IS NULL
  GROUP BY opportunity_id
),
acted AS (
  SELECT
    a.opportunity_id,
    count(*) AS activities,
    count(*) FILTER (WHERE a.kind = 'meeting') AS meetings,
    max(a.at) AS last_activity_at
  FROM record.activity AS a
  CROSS JOIN build.clock AS c
  WHERE a.deleted_at IS NULL AND NOT coalesce(a.automated, false) AND a.opportunity_id IS NOT NULL AND a.day <= c.as_of_day
  GROUP BY a.opportunity_id
),
pushed AS (
  SELECT h.entity_id AS opportunity_id, count(*) AS pushes
  FROM record.change AS h
  CROSS JOIN build.clock AS c
  WHERE h.entity = 'opportunity' AND h.field = 'close_date' AND TRY_CAST(h.new AS DATE) > TRY_CAST(h.old AS DATE)
    AND h.day <= c.as_of_day
  GROUP BY h.entity_id
),
onboarded AS (
  SELECT o.id AS opportunity_id, min(g.resolved_at) AS onboarded_at
  FROM record.signal AS g
  JOIN record.opportunity AS o ON o.account_id = g.account_id AND o.is_won AND g.resolved_at >= o.closed_at
  CROSS JOIN build.clock AS c
  WHERE g.deleted_at IS NULL AND g.kind = 'onboarding' AND g.resolved_on <= c.as_of_day
  GROUP BY o.id
),
deals AS (
  SELECT
    d.*,
    coalesce(d.is_closed AND d.closed_on > c.as_of_day, false) AS closes_later
  FROM record.opportunity AS d
  CROSS JOIN build.clock AS c
)
SELECT
  o.id,
  o.account_id,
  o.name,
  o.kind,
  o.pipeline,
  o.stage,
  o.amount,
  o.currency,
  o.amount_converted,
  o.close_date,
  o.category,
  o.owner_id,
  o.source,
  o.campaign_id,
  o.partner_id,
  o.product_id,
  o.next_step,
  o.created_at,
  coalesce(o.qualified_at, entered.qualified_at) AS qualified_at,
  CASE WHEN NOT o.closes_later THEN o.closed_at END AS closed_at,
  o.is_won AND NOT o.closes_later AS is_won,
  o.is_closed AND NOT o.closes_later AS is_closed,
  CASE WHEN NOT o.closes_later THEN o.lost_reason END AS lost_reason,
  o.goals,
  o.commitments,
  o.scope,
  o.stakeholders,
  o.kickoff_date,
  o.deleted_at,
  coalesce(roles.contacts, 0) AS contacts,
  coalesce(acted.meetings, 0) AS meetings,
  coalesce(acted.activities, 0) AS activities,
  acted.last_activity_at,
  coalesce(pushed.pushes, 0) AS pushes,
  CASE WHEN NOT o.is_closed OR o.closes_later THEN entered.days_in_stage END AS days_in_stage,
  CASE WHEN o.closed_on IS NULL OR o.closed_on >= o.created_on
    THEN date_diff('day', o.created_on, least(coalesce(o.closed_on, c.as_of_day), c.as_of_day)) END AS age_days,
  CASE WHEN o.closed_on >= o.created_on AND NOT o.closes_later
    THEN date_diff('day', o.created_on, o.closed_on) END AS days_to_close,
  o.campaign_id IS NOT NULL AS is_marketing_sourced,
  onboarded.onboarded_at,
  (NOT o.is_closed OR o.closes_later) AND o.deleted_at IS NULL AND coalesce(o.close_date < c.as_of_day, false) AS is_overdue
FROM deals AS o
CROSS JOIN build.clock AS c
LEFT JOIN entered ON entered.opportunity_id = o.id
LEFT JOIN roles ON roles.opportunity_id = o.id
LEFT JOIN acted ON acted.opportunity_id = o.id
LEFT JOIN pushed ON pushed.opportunity_id = o.id
LEFT JOIN onboarded ON onboarded.opportunity_id = o.id
