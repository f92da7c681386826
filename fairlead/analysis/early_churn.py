"""Customers who left within 90 days of starting, traced to the deal that brought them (R100)."""

from collections.abc import Mapping, Sequence

from fairlead.analysis.handed import Span
from fairlead.values import Query

EARLY = 90  # days
FAR = "DATE '9999-12-31'"


def early_churn(span: Span) -> Query:
    """A row a customer who started in the span and left within `EARLY` days: the deal, who sold it and how.

    A stay lasts as long as paid lines, counted as revenue is, follow each other without a free day; a pause ends none.
    `written` and `unwritten` are the items the seller had promised to hand over, seen there and seen not to be; what
    nothing in the record shows is neither. `late`: the handoffs of the deal and its main contact that were late.
    `slipped` and `waived`: the gates it passed without what they ask, the waived ones each with `stage`, `by` and
    `reason`. `discount` is a share of the first charge.
    """
    return Query(
        "early churn",
        f"""WITH {_stays(span)},
sold AS (
  SELECT s.*, o.name AS deal, o.kind, o.amount_converted AS amount, o.closed_on, o.source AS deal_source, o.owner_id,
    met.person_id
  FROM stays AS s
  LEFT JOIN record.opportunity AS o ON o.id = s.opportunity_id
  LEFT JOIN (
    SELECT opportunity_id, min(person_id) AS person_id
    FROM mart.handoff WHERE subject = 'opportunity' GROUP BY opportunity_id
  ) AS met ON met.opportunity_id = s.opportunity_id
  WHERE s.left_on <= s.starts_on + {EARLY} AND s.left_on <= DATE '{span.as_of}'
),
promised AS (
  SELECT h.opportunity_id, string_agg(DISTINCT i.item, ', ' ORDER BY i.item) FILTER (i.is_there) AS written,
    string_agg(DISTINCT i.item, ', ' ORDER BY i.item) FILTER (NOT i.is_there) AS unwritten
  FROM mart.handoff AS h
  JOIN mart.handoff_item AS i ON i.handoff = h.handoff AND i.subject_id = h.subject_id AND i.cycle = h.cycle
  WHERE h.subject = 'opportunity' AND i.is_promised GROUP BY h.opportunity_id
),
gates AS (
  SELECT g.opportunity_id, string_agg(DISTINCT g.stage, ', ' ORDER BY g.stage) FILTER (g.is_slipped) AS slipped,
    list({{'stage': g.stage, 'by': coalesce(g.waived_by, ''), 'reason': coalesce(g.waiver_reason, '')}}
      ORDER BY g.entered_at, g.stage) FILTER (g.is_waived) AS waived
  FROM mart.gate AS g WHERE g.subject = 'opportunity' GROUP BY g.opportunity_id
),
late AS (
  SELECT s.account_id, s.stay, string_agg(DISTINCT h.handoff, ', ' ORDER BY h.handoff) AS late
  FROM sold AS s
  JOIN mart.handoff AS h ON h.opportunity_id = s.opportunity_id OR h.person_id = s.person_id
  WHERE h.is_late GROUP BY s.account_id, s.stay
)
SELECT s.account_id, a.name AS account, s.line_id, s.starts_on, s.left_on,
  date_diff('day', s.starts_on, s.left_on) AS days, s.mrr, s.discount,
  s.opportunity_id, s.deal, s.kind, s.amount, s.closed_on, m.name AS seller,
  coalesce(p.source, s.deal_source) AS source,
  coalesce(promised.written, '') AS written, coalesce(promised.unwritten, '') AS unwritten,
  coalesce(late.late, '') AS late, coalesce(gates.slipped, '') AS slipped, gates.waived
FROM sold AS s
JOIN record.account AS a ON a.id = s.account_id
LEFT JOIN record.member AS m ON m.id = s.owner_id
LEFT JOIN record.person AS p ON p.id = s.person_id
LEFT JOIN promised ON promised.opportunity_id = s.opportunity_id
LEFT JOIN gates ON gates.opportunity_id = s.opportunity_id
LEFT JOIN late ON late.account_id = s.account_id AND late.stay = s.stay
ORDER BY s.starts_on DESC, s.account_id""",
    )


def promised_words(columns: Mapping[str, str], deals: Sequence[str]) -> Query:
    """A row a deal of `deals`: its id, and by item what the item's column reads today, as words (None: nothing)."""
    words = ", ".join(f'CAST(f."{column}" AS VARCHAR) AS "{item}"' for item, column in columns.items())
    return Query(
        "what was promised",
        f"SELECT f.id, {words} FROM mart.facts_opportunity AS f WHERE f.id IN ({', '.join('?' * len(deals))})",
        tuple(deals),
    )


def started(span: Span) -> Query:
    """One row: `customers`, each counted once, who started in the span at least `EARLY` days ago, or left before."""
    return Query(
        "customers started",
        f"""WITH {_stays(span)}
SELECT count(DISTINCT account_id) AS customers FROM stays
WHERE starts_on + {EARLY} <= DATE '{span.as_of}' OR left_on <= DATE '{span.as_of}'""",
    )


def _stays(span: Span) -> str:
    """Grain: a customer's unbroken time as a customer; with its first line and the deal that line names."""
    return f"""lines AS (
  SELECT s.line_id AS id, s.account_id, s.opportunity_id, s.starts_on, coalesce(s.ends_on, {FAR}) AS ends_on,
    s.mrr_converted,
    CASE WHEN l.amount > 0 THEN CAST(coalesce(l.discount, 0) AS DOUBLE) / CAST(l.amount AS DOUBLE) END AS discount,
    max(coalesce(s.ends_on, {FAR})) OVER (
      PARTITION BY s.account_id ORDER BY s.starts_on, s.line_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reach
  FROM mart.mrr_span AS s
  LEFT JOIN record.contract_line AS l ON l.id = s.line_id
  WHERE s.state IN ('active', 'past_due', 'paused') AND s.starts_on <= DATE '{span.as_of}'
),
numbered AS (
  SELECT *, sum(CASE WHEN reach IS NULL OR starts_on > reach THEN 1 ELSE 0 END)
    OVER (PARTITION BY account_id ORDER BY starts_on, id) AS stay
  FROM lines
),
stays AS (
  SELECT account_id, stay, min(starts_on) AS starts_on, max(ends_on) AS left_on,
    min_by(id, (starts_on, id)) AS line_id, min_by(discount, (starts_on, id)) AS discount,
    min_by(opportunity_id, (starts_on, id)) AS opportunity_id,
    sum(mrr_converted) FILTER (starts_on = first_on) AS mrr
  FROM (SELECT *, min(starts_on) OVER (PARTITION BY account_id, stay) AS first_on FROM numbered)
  GROUP BY account_id, stay
  HAVING min(starts_on) BETWEEN DATE '{span.start}' AND DATE '{span.end}'
)"""
