-- Grain: one row per ledger.
SELECT
  k.id,
  k.month,
  k.line,
  k.segment,
  k.amount,
  k.currency,
  k.amount_converted,
  k.source_system,
  k.source_id,
  k.seen_at,
  k.deleted_at
FROM kept.ledger AS k
