-- Grain: one row per field change; a change of owner or account names them by canonical id.
-- A closed deal whose history does not say when it reached its closing stage reached it when it closed, and after all
-- that its history says: its id begins with '~' because changes of one instant are taken in the order of their ids.
-- Where only two exports tell that a deal closed, it closed on its closing day and not on the day somebody looked again.
-- Where the first of them had it closed otherwise (lost, then corrected to won), it was neither before that day, and what it
-- was then is not known.
-- Of stages entered at one instant without saying from where (days kept as columns), the later in the pipeline is last.
WITH seen AS (
  SELECT
    k.id,
    k.entity,
    k.entity_id,
    k.field,
    coalesce(was.id, k.old) AS old,
    coalesce(becomes.id, k.new) AS new,
    k.at,
    k.changed_by,
    k.source_system,
    k.source_id,
    k.seen_at,
    k.deleted_at
  FROM kept.change AS k
  LEFT JOIN build.identity AS was
    ON was.entity = CASE k.field WHEN 'owner_id' THEN 'member' WHEN 'account_id' THEN 'account' END
    AND was.ref = CASE WHEN strpos(k.old, ':') > 0 THEN k.old ELSE k.source_system || ':' || k.old END
  LEFT JOIN build.identity AS becomes
    ON becomes.entity = CASE k.field WHEN 'owner_id' THEN 'member' WHEN 'account_id' THEN 'account' END
    AND becomes.ref = CASE WHEN strpos(k.new, ':') > 0 THEN k.new ELSE k.source_system || ':' || k.new END
),
ordered AS (
  SELECT
    s.*,
    lag(s.at) OVER changes AS previous_at,
    lead(s.at) OVER changes IS NULL AS is_last
  FROM seen AS s
  WINDOW changes AS (PARTITION BY s.entity, s.entity_id, s.field ORDER BY s.at, s.id)
),
late AS (
  SELECT
    s.*,
    o.closed_at,
    coalesce(s.is_last AND s.at = s.seen_at AND s.new = o.stage AND o.closed_at < s.at, false) AS is_late
  FROM ordered AS s
  LEFT JOIN record.opportunity AS o
    ON s.entity = 'opportunity' AND s.field = 'stage' AND o.id = s.entity_id AND o.is_closed AND o.closed_at IS NOT NULL
),
told AS (
  SELECT
    s.id,
    s.entity,
    s.entity_id,
    s.field,
    CASE WHEN s.is_late AND s.previous_at IS NULL AND (was.is_won OR was.is_lost) THEN NULL ELSE s.old END AS old,
    s.new,
    CASE
      WHEN s.is_late THEN CASE WHEN s.previous_at > s.closed_at THEN s.previous_at ELSE s.closed_at END
      ELSE s.at
    END AS at,
    s.changed_by,
    s.source_system,
    s.source_id,
    s.seen_at,
    s.deleted_at
  FROM late AS s
  LEFT JOIN build.pipeline_stage AS was ON was.stage = s.old
),
last_stage AS (
  SELECT
    told.entity_id,
    max_by(
      told.new,
      CAST(told.at AS VARCHAR)
        || CASE WHEN told.old IS NULL THEN lpad(CAST(coalesce(p.position, 0) AS VARCHAR), 4, '0') ELSE '' END || told.id
    ) AS stage,
    max(told.at) AS at
  FROM told
  LEFT JOIN build.pipeline_stage AS p ON p.stage = told.new
  WHERE told.entity = 'opportunity' AND told.field = 'stage'
  GROUP BY told.entity_id
)
SELECT
  told.id,
  told.entity,
  told.entity_id,
  told.field,
  told.old,
  told.new,
  told.at,
  told.changed_by,
  told.source_system,
  told.source_id,
  told.seen_at,
  told.deleted_at
FROM told
UNION ALL
SELECT
  '~' || o.id || '/stage/closed' AS id,
  'opportunity' AS entity,
  o.id AS entity_id,
  'stage' AS field,
  last_stage.stage AS old,
  o.stage AS new,
  CASE WHEN last_stage.at > o.closed_at THEN last_stage.at ELSE o.closed_at END AS at,
  NULL AS changed_by,
  o.source_system,
  o.source_id,
  o.seen_at,
  o.deleted_at
FROM record.opportunity AS o
LEFT JOIN last_stage ON last_stage.entity_id = o.id
WHERE o.is_closed AND o.closed_at IS NOT NULL AND last_stage.stage IS DISTINCT FROM o.stage
