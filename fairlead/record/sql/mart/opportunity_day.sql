-- Grain: one row per deal and day on which its state changed, with the state at the end of that day.
-- A field is what its last change made it; before its first change, what that change found; without any, what it is now.
-- A deal that is closed now is closed since its closing day, in its last state and whenever it is in its stage of now,
-- whatever the pipeline says of that stage.
-- An amount on a day for which no rate is known has no value in the company's currency.
-- '' stands for "changed to empty", because an ignored NULL means "not changed on this day".
WITH told AS (
  SELECT
    c.entity_id AS opportunity_id,
    c.field,
    c.day,
    coalesce(c.old, '') AS old,
    coalesce(c.new, '') AS new,
    CAST(c.at AS VARCHAR)
      || CASE WHEN c.field = 'stage' AND c.old IS NULL THEN lpad(CAST(coalesce(p.position, 0) AS VARCHAR), 4, '0') ELSE '' END
      || c.id AS place
  FROM record.change AS c
  LEFT JOIN build.pipeline_stage AS p ON c.field = 'stage' AND p.stage = c.new
  WHERE c.entity = 'opportunity' AND c.field IN ('stage', 'amount', 'close_date', 'category', 'owner_id')
),
daily AS (
  SELECT
    opportunity_id,
    day,
    max_by(new, place) FILTER (WHERE field = 'stage') AS stage,
    max_by(new, place) FILTER (WHERE field = 'amount') AS amount,
    max_by(new, place) FILTER (WHERE field = 'close_date') AS close_date,
    max_by(new, place) FILTER (WHERE field = 'category') AS category,
    max_by(new, place) FILTER (WHERE field = 'owner_id') AS owner_id
  FROM told
  GROUP BY opportunity_id, day
),
before AS (
  SELECT
    opportunity_id,
    min_by(old, place) FILTER (WHERE field = 'stage') AS stage,
    min_by(old, place) FILTER (WHERE field = 'amount') AS amount,
    min_by(old, place) FILTER (WHERE field = 'close_date') AS close_date,
    min_by(old, place) FILTER (WHERE field = 'category') AS category,
    min_by(old, place) FILTER (WHERE field = 'owner_id') AS owner_id
  FROM told
  GROUP BY opportunity_id
),
days AS (
  SELECT opportunity_id, day FROM daily
  UNION
  SELECT id AS opportunity_id, created_on AS day FROM record.opportunity WHERE created_on IS NOT NULL
  UNION
  SELECT id AS opportunity_id, qualified_on AS day FROM mart.facts_opportunity WHERE qualified_on IS NOT NULL
  UNION
  SELECT id AS opportunity_id, closed_on AS day FROM record.opportunity WHERE closed_on IS NOT NULL
  UNION
  SELECT id AS opportunity_id, CAST(timezone(c.timezone, o.deleted_at) AS DATE) AS day
  FROM record.opportunity AS o
  CROSS JOIN build.clock AS c
  WHERE o.deleted_at IS NOT NULL
),
carried AS (
  SELECT
    days.opportunity_id,
    days.day,
    last_value(daily.stage IGNORE NULLS) OVER so_far AS stage,
    last_value(daily.amount IGNORE NULLS) OVER so_far AS amount,
    last_value(daily.close_date IGNORE NULLS) OVER so_far AS close_date,
    last_value(daily.category IGNORE NULLS) OVER so_far AS category,
    last_value(daily.owner_id IGNORE NULLS) OVER so_far AS owner_id,
    lead(days.day) OVER (PARTITION BY days.opportunity_id ORDER BY days.day) AS next_day
  FROM days
  LEFT JOIN daily ON daily.opportunity_id = days.opportunity_id AND daily.day = days.day
  WINDOW so_far AS (
    PARTITION BY days.opportunity_id ORDER BY days.day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
),
state AS (
  SELECT
    k.opportunity_id,
    k.day AS starts_on,
    k.next_day AS ends_on,
    nullif(coalesce(k.stage, before.stage, o.stage, ''), '') AS stage,
    CAST(nullif(coalesce(k.amount, before.amount, CAST(o.amount AS VARCHAR), ''), '') AS DECIMAL(18, 2)) AS amount,
    CAST(nullif(coalesce(k.close_date, before.close_date, CAST(o.close_date AS VARCHAR), ''), '') AS DATE) AS close_date,
    nullif(coalesce(k.category, before.category, o.category, ''), '') AS category,
    nullif(coalesce(k.owner_id, before.owner_id, o.owner_id, ''), '') AS owner_id,
    o.account_id,
    o.currency,
    o.stage AS stage_now,
    o.is_closed AND coalesce(k.day >= o.closed_on, true) AS is_closed_now,
    o.is_won AND coalesce(k.day >= o.closed_on, true) AS is_won_now,
    k.next_day IS NULL AS is_last,
    coalesce(k.day >= CAST(timezone(c.timezone, o.deleted_at) AS DATE), false) AS is_deleted,
    coalesce(f.qualified_on <= k.day, false) AS is_qualified
  FROM carried AS k
  CROSS JOIN build.clock AS c
  JOIN record.opportunity AS o ON o.id = k.opportunity_id
  JOIN mart.facts_opportunity AS f ON f.id = k.opportunity_id
  LEFT JOIN before ON before.opportunity_id = k.opportunity_id
)
SELECT
  s.opportunity_id,
  s.starts_on,
  s.ends_on,
  s.stage,
  s.amount,
  CASE WHEN s.currency = c.currency OR s.amount = 0 THEN s.amount
    ELSE CAST(round(s.amount * CAST(r.rate AS DECIMAL(20, 12)), 2) AS DECIMAL(18, 2)) END AS amount_converted,
  s.close_date,
  s.category,
  s.owner_id,
  s.account_id,
  NOT (
    coalesce(p.is_won OR p.is_lost, false)
    OR (s.is_closed_now AND (s.is_last OR coalesce(s.stage = s.stage_now, false)))
    OR s.is_deleted
  ) AS is_open,
  s.is_qualified,
  (
    coalesce(p.is_won, false)
    OR (s.is_won_now AND (s.is_last OR coalesce(s.stage = s.stage_now, false)))
  ) AND NOT s.is_deleted AS is_won
FROM state AS s
CROSS JOIN build.clock AS c
LEFT JOIN build.pipeline_stage AS p ON p.stage = s.stage
LEFT JOIN build.rate_span AS r
  ON r.currency = s.currency AND r.starts_on <= s.starts_on AND (r.ends_on IS NULL OR r.ends_on > s.starts_on)
