"""What is wrong with contract lines as exports tell them: unknown statuses, lines that went or changed in place."""

from datetime import date, datetime

from fairlead.values import Query


def unknown_statuses() -> Query:
    """Per file and status that set its lines aside: `rows`, the first `line`, and `money` a month in each currency.

    The money is a text such as `1,200.00 USD and 90.00 EUR`, discount taken off; what has no interval is not in it.
    """
    return Query(
        "unknown statuses",
        """WITH said AS (
  SELECT s.source_system AS source, s.file, s.line, s.detail AS word, coalesce(s.row ->> '$.currency', '') AS currency,
    (CAST(s.row ->> '$.amount' AS DECIMAL(18, 2)) - coalesce(CAST(s.row ->> '$.discount' AS DECIMAL(18, 2)), 0))
      * CASE s.row ->> '$.billing_interval' WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END
      / (12 * coalesce(CAST(s.row ->> '$.billing_interval_count' AS BIGINT), 1)) AS money
  FROM quality.set_aside AS s
  WHERE s.table_name = 'contract_line' AND s.reason = 'unknown-status'
),
summed AS (
  SELECT source, file, currency, sum(money) AS money FROM said GROUP BY source, file, currency
),
word AS (SELECT source, file, word, count(*) AS rows, min(line) AS line FROM said GROUP BY source, file, word)
SELECT w.source, w.file, w.word, w.rows, w.line, (
  SELECT string_agg(format('{:,.2f} {}', CAST(m.money AS DOUBLE), m.currency), ' and ' ORDER BY m.money DESC)
  FROM summed AS m WHERE m.source = w.source AND m.file = w.file
) AS money
FROM word AS w
ORDER BY w.source, w.file, w.rows DESC, w.word""",
    )


def gone(seen_at: datetime | None, as_of: date, currency: str) -> Query:
    """Per source, the lines that counted until the export seen at `seen_at` had them no more, or called them deleted.

    Without `seen_at` those of any export.

    `rows`, their `mrr` in the company's `currency`, and the first and last day on which they were revenue.
    """
    return Query(
        "lines gone",
        """SELECT l.source_system AS source, count(*) AS rows, sum(l.mrr_converted) AS mrr, c.currency,
  min(l.starts_on) AS first_on,
  max(least(coalesce(l.ends_on, l.cancels_on, c.as_of_day + INTERVAL 1 DAY) - INTERVAL 1 DAY, c.as_of_day)) AS last_on
FROM record.contract_line AS l
CROSS JOIN (SELECT CAST(? AS VARCHAR) AS currency, CAST(? AS DATE) AS as_of_day) AS c
WHERE l.deleted_at = coalesce(CAST(? AS TIMESTAMPTZ), l.deleted_at) AND l.starts_on <= c.as_of_day
  AND coalesce(l.kind, 'recurring') = 'recurring' AND l.mrr_converted <> 0 AND coalesce(l.ends_on > l.starts_on, true)
GROUP BY l.source_system, c.currency
ORDER BY l.source_system""",
        (currency, as_of, seen_at),
    )


def changed(seen_at: datetime, as_of: date, currency: str) -> Query:
    """Per source, the lines whose price the export seen at `seen_at` changed on the line itself, since `earlier`.

    `rows`, what they `had` and have a month (`mrr`) in the company's `currency`, and the first and last day on which
    they are revenue. A price that comes to the same by the month, and one of a line that has not begun, is no news.
    """
    return Query(
        "lines changed",
        """SELECT l.source_system AS source, count(*) AS rows, sum(w.mrr_converted) AS had, sum(l.mrr_converted) AS mrr,
  c.currency, min(l.starts_on) AS first_on,
  max(least(coalesce(l.ends_on, l.cancels_on, c.as_of_day + INTERVAL 1 DAY) - INTERVAL 1 DAY, c.as_of_day)) AS last_on
FROM record.contract_line AS l
JOIN earlier.record.contract_line AS w ON w.id = l.id
CROSS JOIN (SELECT CAST(? AS VARCHAR) AS currency, CAST(? AS DATE) AS as_of_day) AS c
WHERE l.seen_at = CAST(? AS TIMESTAMPTZ) AND w.seen_at < l.seen_at AND l.deleted_at IS NULL AND w.deleted_at IS NULL
  AND l.starts_on <= c.as_of_day AND coalesce(l.ends_on > l.starts_on, true)
  AND coalesce(l.kind, 'recurring') = 'recurring' AND coalesce(w.kind, 'recurring') = 'recurring'
  AND (l.amount IS DISTINCT FROM w.amount OR l.currency IS DISTINCT FROM w.currency
    OR l.discount IS DISTINCT FROM w.discount OR l.billing_interval IS DISTINCT FROM w.billing_interval
    OR l.billing_interval_count IS DISTINCT FROM w.billing_interval_count)
  AND (l.mrr <> w.mrr OR l.list_mrr <> w.list_mrr OR l.currency IS DISTINCT FROM w.currency)
GROUP BY l.source_system, c.currency
ORDER BY l.source_system""",
        (currency, as_of, seen_at),
    )
