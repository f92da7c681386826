-- Grain: one row per customer and month in which it had recurring revenue at the start or at the end.
-- The current month ends with the day the build is as of. Lines are converted at the rate of their start, so no movement is currency.
WITH bounds AS (
  SELECT min(l.starts_on) AS first_day FROM record.contract_line AS l WHERE l.deleted_at IS NULL
),
months AS (
  SELECT CAST(date_trunc('month', d.day) AS DATE) AS month, max(d.day) AS last_day
  FROM build.calendar AS d
  CROSS JOIN bounds
  CROSS JOIN build.clock AS c
  WHERE d.day >= bounds.first_day AND d.day <= c.as_of_day
  GROUP BY CAST(date_trunc('month', d.day) AS DATE)
),
closings AS (
  SELECT l.account_id, m.month, sum(l.mrr_converted) AS mrr
  FROM record.contract_line AS l
  JOIN months AS m ON l.starts_on <= m.last_day AND (l.ends_on IS NULL OR l.ends_on > m.last_day)
  WHERE l.deleted_at IS NULL
  GROUP BY l.account_id, m.month
),
firsts AS (
  SELECT account_id, min(month) AS month FROM closings WHERE mrr > 0 GROUP BY account_id
),
grid AS (
  SELECT f.account_id, m.month, coalesce(k.mrr, 0) AS closing
  FROM firsts AS f
  JOIN months AS m ON m.month >= f.month
  LEFT JOIN closings AS k ON k.account_id = f.account_id AND k.month = m.month
),
moved AS (
  SELECT
    g.account_id,
    g.month,
    coalesce(lag(g.closing) OVER (PARTITION BY g.account_id ORDER BY g.month), 0) AS opening,
    g.closing,
    row_number() OVER (PARTITION BY g.account_id ORDER BY g.month) AS place
  FROM grid AS g
)
SELECT
  account_id,
  month,
  opening AS opening_mrr,
  CASE WHEN place = 1 THEN closing ELSE 0 END AS new_mrr,
  CASE WHEN opening > 0 AND closing > opening THEN closing - opening ELSE 0 END AS expansion_mrr,
  CASE WHEN closing > 0 AND closing < opening THEN opening - closing ELSE 0 END AS contraction_mrr,
  CASE WHEN opening > 0 AND closing <= 0 THEN opening - closing ELSE 0 END AS churned_mrr,
  CASE WHEN place > 1 AND opening <= 0 AND closing > 0 THEN closing - opening ELSE 0 END AS reactivation_mrr,
  closing AS closing_mrr
FROM moved
WHERE opening <> 0 OR closing <> 0
