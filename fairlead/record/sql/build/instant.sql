-- Grain: one row: `at`, the instant that clocks are read at: the end of the day the build is as of; on the day itself
-- the last news, because what had not happened by then may still happen today. `last_at` is the last instant that has
-- come: what is dated at the midnight that ends the day belongs to the next one.
WITH news AS (
  SELECT max(a.seen_at) AS at FROM record.activity AS a
  UNION ALL
  SELECT max(p.seen_at) AS at FROM record.person AS p
  UNION ALL
  SELECT max(o.seen_at) AS at FROM record.opportunity AS o
)
SELECT
  r.at,
  least(r.at, r.ends_at - INTERVAL 1 MICROSECOND) AS last_at
FROM (
  SELECT
    timezone(max(c.timezone), CAST(max(c.as_of_day) + INTERVAL 1 DAY AS TIMESTAMP)) AS ends_at,
    least(
      timezone(max(c.timezone), CAST(max(c.as_of_day) + INTERVAL 1 DAY AS TIMESTAMP)),
      greatest(timezone(max(c.timezone), CAST(max(c.as_of_day) AS TIMESTAMP)), max(n.at))
    ) AS at
  FROM news AS n
  CROSS JOIN build.clock AS c
) AS r
