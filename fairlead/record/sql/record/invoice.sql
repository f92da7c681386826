-- Grain: one row per invoice.
SELECT
  k.id,
  k.account_id,
  k.opportunity_id,
  k.subscription,
  k.number,
  k.amount,
  k.tax,
  k.currency,
  k.amount_converted,
  k.issued_at,
  k.due_at,
  k.paid_at,
  k.status,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.invoice AS k
