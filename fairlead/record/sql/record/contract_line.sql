-- Grain: one row per recurring line for a term, with its monthly recurring revenue.
-- To the cent: whole cents times whole twelfths of a month, divided once. A week is 52/12 of a month and a day 365/12; a trial and a line of a status that never was paid for count nothing.
SELECT
  m.id,
  m.account_id,
  m.opportunity_id,
  m.product_id,
  m.subscription,
  m.starts_on,
  m.ends_on,
  m.billing_interval,
  m.billing_interval_count,
  m.quantity,
  m.amount,
  m.currency,
  m.amount_converted,
  m.discount,
  m.status,
  m.trial_ends_on,
  m.cancelled_on,
  CAST(round(m.cents * m.twelfths / m.parts) / 100 AS DECIMAL(18, 2)) AS mrr,
  CAST(round(m.cents_converted * m.twelfths / m.parts) / 100 AS DECIMAL(18, 2)) AS mrr_converted,
  m.source_system,
  m.source_id,
  m.seen_at,
  m.deleted_at
FROM (
  SELECT
    k.*,
    CASE WHEN k.status IN ('trialing', 'in_trial', 'incomplete', 'incomplete_expired') THEN 0
      ELSE CAST((k.amount - coalesce(k.discount, 0)) * 100 AS DOUBLE) END AS cents,
    CASE WHEN k.status IN ('trialing', 'in_trial', 'incomplete', 'incomplete_expired') THEN 0
      WHEN k.amount = 0 THEN 0
      WHEN k.amount_converted = k.amount THEN CAST((k.amount - coalesce(k.discount, 0)) * 100 AS DOUBLE)
      ELSE CAST(k.amount_converted * 100 AS DOUBLE) * CAST((k.amount - coalesce(k.discount, 0)) * 100 AS DOUBLE)
        / CAST(k.amount * 100 AS DOUBLE) END AS cents_converted,
    CASE k.billing_interval WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END AS twelfths,
    12 * coalesce(k.billing_interval_count, 1) AS parts
  FROM kept.contract_line AS k
) AS m
