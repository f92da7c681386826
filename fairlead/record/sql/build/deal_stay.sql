-- Grain: one row per deal and stay in a stage. The stage before the first known change holds from creation on; where that is
-- not known, or later than the change, how long the deal was there is not known either. Moves after the day the build is as of
-- have not happened. A step to mart.stage_entry, where the stays of all subjects stand together.
WITH moves AS (
  SELECT
    c.entity_id AS opportunity_id,
    c.old,
    c.new,
    c.at,
    c.day,
    c.changed_by,
    c.seen_at,
    row_number() OVER (
      PARTITION BY c.entity_id
      ORDER BY c.at, CASE WHEN c.old IS NULL THEN lpad(CAST(coalesce(p.position, 0) AS VARCHAR), 4, '0') ELSE '' END || c.id
    ) AS place
  FROM record.change AS c
  LEFT JOIN build.pipeline_stage AS p ON p.stage = c.new
  WHERE c.entity = 'opportunity' AND c.field = 'stage'
),
entries AS (
  SELECT moves.opportunity_id, moves.new AS stage, moves.at AS entered_at, moves.day AS entered_on, moves.place, true AS is_dated,
    moves.changed_by AS entered_by, moves.seen_at AS known_at
  FROM moves
  UNION ALL
  SELECT
    o.id AS opportunity_id,
    CASE WHEN moves.place IS NULL THEN o.stage ELSE moves.old END AS stage,
    least(o.created_at, coalesce(moves.at, o.created_at)) AS entered_at,
    least(o.created_on, coalesce(moves.day, o.created_on)) AS entered_on,
    0 AS place,
    coalesce(o.created_at <= coalesce(moves.at, o.created_at), false) AS is_dated,
    NULL AS entered_by,
    coalesce(moves.seen_at, o.seen_at) AS known_at
  FROM record.opportunity AS o
  LEFT JOIN moves ON moves.opportunity_id = o.id AND moves.place = 1
),
known AS (
  SELECT e.*, lag(e.stage) OVER (PARTITION BY e.opportunity_id ORDER BY e.place) AS stage_before
  FROM entries AS e
  CROSS JOIN build.clock AS c
  WHERE e.stage IS NOT NULL AND e.entered_on <= c.as_of_day
),
stays AS (
  SELECT
    opportunity_id,
    stage,
    entered_at,
    entered_on,
    is_dated,
    entered_by,
    known_at,
    row_number() OVER (PARTITION BY opportunity_id ORDER BY place) AS sequence,
    lead(entered_at) OVER (PARTITION BY opportunity_id ORDER BY place) AS left_at,
    lead(entered_on) OVER (PARTITION BY opportunity_id ORDER BY place) AS left_on,
    lead(stage) OVER (PARTITION BY opportunity_id ORDER BY place) AS next_stage
  FROM known
  WHERE stage_before IS DISTINCT FROM stage
)
SELECT
  s.opportunity_id,
  s.sequence,
  s.stage,
  s.entered_at,
  s.entered_on,
  s.left_at,
  s.left_on,
  s.next_stage,
  s.is_dated,
  s.entered_by,
  s.known_at,
  CASE
    WHEN NOT s.is_dated THEN NULL
    WHEN s.left_on IS NOT NULL THEN date_diff('day', s.entered_on, s.left_on)
    WHEN NOT (coalesce(p.is_won, false) OR coalesce(p.is_lost, false)) THEN date_diff('day', s.entered_on, c.as_of_day)
  END AS days
FROM stays AS s
CROSS JOIN build.clock AS c
LEFT JOIN build.pipeline_stage AS p ON p.stage = s.stage
