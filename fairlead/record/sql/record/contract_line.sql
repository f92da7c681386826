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
  m.kind,
  m.discount_lasts,
  m.discount_starts_on,
  m.discount_ends_on,
  m.past_due_on,
  m.paused_on,
  m.resumes_on,
  m.billing_ends_on,
  m.cancels_on,
  m.cancel_reason,
  m.cancel_kind,
  m.replaces_id,
  m.is_escalator,
  m.renews_on,
  m.auto_renews,
  CAST(round(m.cents * m.twelfths / m.parts) / 100 AS DECIMAL(18, 2)) AS mrr,
  CAST(round(m.cents_converted * m.twelfths / m.parts) / 100 AS DECIMAL(18, 2)) AS mrr_converted,
  CAST(round(m.list_cents * m.twelfths / m.parts) / 100 AS DECIMAL(18, 2)) AS list_mrr,
  CAST(round(m.list_cents_converted * m.twelfths / m.parts) / 100 AS DECIMAL(18, 2)) AS list_mrr_converted,
  m.source_system,
  m.source_id,
  m.seen_at,
  m.deleted_at
FROM (
  SELECT
    k.*,
    CASE WHEN k.never_paid THEN 0
      ELSE CAST((k.amount - coalesce(k.discount, 0)) * 100 AS DOUBLE) END AS cents,
    CASE WHEN k.never_paid THEN 0
      WHEN k.amount = 0 THEN 0
      WHEN k.amount_converted = k.amount THEN CAST((k.amount - coalesce(k.discount, 0)) * 100 AS DOUBLE)
      ELSE CAST(k.amount_converted * 100 AS DOUBLE) * CAST((k.amount - coalesce(k.discount, 0)) * 100 AS DOUBLE)
        / CAST(k.amount * 100 AS DOUBLE) END AS cents_converted,
    CASE WHEN k.never_paid THEN 0
      ELSE CAST(k.amount * 100 AS DOUBLE) END AS list_cents,
    CASE WHEN k.never_paid THEN 0
      ELSE CAST(k.amount_converted * 100 AS DOUBLE) END AS list_cents_converted,
    CASE k.billing_interval WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END AS twelfths,
    12 * coalesce(k.billing_interval_count, 1) AS parts
  FROM (
    SELECT
      n.*,
      replace(replace(lower(trim(n.status)), ' ', '_'), '-', '_') IN (
        'trialing', 'in_trial', 'trial', 'incomplete', 'incomplete_expired', 'trial_ended', 'awaiting_signup',
        'failed_to_create', 'draft', 'pending_activation', 'pendingactivation', 'pending_acceptance',
        'pendingacceptance'
      ) AS never_paid
    FROM kept.contract_line AS n
  ) AS k
) AS m
