-- Grain: one row per payment.
SELECT
  k.id,
  k.invoice_id,
  k.account_id,
  k.kind,
  k.amount,
  k.currency,
  k.amount_converted,
  k.at,
  k.status,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.payment AS k
