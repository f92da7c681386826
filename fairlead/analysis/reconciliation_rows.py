"""mart.reconciliation: deals with what bills them, what stands alone on either side, and what use says of it.

What is told of money holds for every row:  crm_money = matched_money + crm_only
                                            billing_money = matched_money + billing_only + fx_money
"""

from fairlead.analysis.reconciliation import agreed, matching, other_term, same
from fairlead.model import line_status as status
from fairlead.model.reconciliation import Reconciliation
from fairlead.model.whole import Model
from fairlead.values import Query

FOLLOWS = 31  # days after the end of a line in which the next one of the account carries it on
NO_TEXT, NO_DAY = "CAST(NULL AS VARCHAR)", "CAST(NULL AS DATE)"
NO_MONEY = "CAST(NULL AS DECIMAL(18, 2))"
NOTHING = "CAST(0 AS DECIMAL(18, 2))"
FAR = "DATE '9999-12-31'"
BEGUN = f"{status.word('l.status')} NOT IN {status.among(status.NOT_BEGUN)}"


def reconciliation_tables(model: Model) -> tuple[Query, ...]:
    """The steps and tables of reconciliation, as the model has it."""
    told = agreed(model)
    return (*matching(told), Query("mart.reconciliation", _rows(told)))


def _rows(told: Reconciliation) -> str:
    return f"""-- Grain: one row per deal that was won, per line without one, and per finding about a customer.
WITH {_bills()},
{_sold(told)},
{_alone()},
{_left()},
{_use(told)},
{_invoiced(told)},
found AS (
  SELECT * FROM sold_row
  UNION ALL
  SELECT * FROM alone_row
  UNION ALL
  SELECT * FROM left_row
  UNION ALL
  SELECT * FROM use_row
  UNION ALL
  SELECT * FROM invoiced_row
),
rated AS (
  SELECT f.*,
    CASE
      WHEN f.kind = 'matched' AND NOT coalesce(f.is_same_currency, false) THEN f.crm_money
      WHEN f.is_same_currency AND f.crm_amount <> 0 THEN CAST(round(CAST(f.billing_amount AS DOUBLE) * 100
        * CAST(f.crm_money AS DOUBLE) / CAST(f.crm_amount AS DOUBLE)) / 100 AS DECIMAL(18, 2))
      ELSE f.billing_money END AS at_deal_rate
  FROM found AS f
),
shared AS (
  SELECT r.*,
    CASE WHEN r.kind = 'not_invoiced' THEN {NOTHING}
      WHEN r.crm_money > 0 AND r.at_deal_rate > 0 THEN least(r.crm_money, r.at_deal_rate)
      WHEN r.crm_money < 0 AND r.at_deal_rate < 0 THEN greatest(r.crm_money, r.at_deal_rate)
      ELSE {NOTHING} END AS matched_money
  FROM rated AS r
)
SELECT s.entry, CASE WHEN v.is_of_deal THEN 'invoiced_otherwise' ELSE s.kind END AS kind,
  coalesce(v.is_of_deal, false) OR s.kind NOT IN ('matched', 'not_due', 'nothing_due') AS is_open_item, s.how, s.score,
  coalesce(v.says, s.says) AS says, s.account_id, s.opportunity_id, s.line_id, s.invoice_id, s.line_count, s.owner_id,
  s.closed_on, s.starts_on, s.invoiced_on, date_diff('day', coalesce(v.since, s.since), c.as_of_day) AS age_days,
  s.crm_currency, s.crm_amount, s.billing_currency, s.billing_amount, s.crm_money, s.billing_money, s.matched_money,
  s.crm_money - s.matched_money AS crm_only, s.at_deal_rate - s.matched_money AS billing_only,
  s.billing_money - s.at_deal_rate AS fx_money,
  CASE WHEN v.entry IS NOT NULL THEN v.at_stake
    WHEN s.kind IN ('matched', 'not_due', 'nothing_due') THEN {NOTHING}
    WHEN s.at_stake IS NOT NULL THEN s.at_stake
    ELSE abs(s.at_deal_rate - s.crm_money) END AS money, v.due AS due_amount, v.invoiced AS invoiced_amount
FROM shared AS s
CROSS JOIN build.clock AS c
LEFT JOIN apart AS v ON v.entry = s.entry"""


def _bills() -> str:
    """What bills each deal, in one row; and of each line whether it is a copy of another, or carries one on."""
    return f"""bill AS (
  SELECT l.opportunity_id, min(l.how) AS how, min(l.score) AS score, min(l.line_id) AS line_id,
    min(l.invoice_id) AS invoice_id, count(*) AS line_count, min(l.starts_on) AS starts_on,
    min(i.invoiced_on) AS invoiced_on, sum(l.amount) AS amount, sum(l.amount_converted) AS money,
    CASE WHEN count(DISTINCT l.currency) = 1 THEN min(l.currency) END AS currency,
    bool_and(i.shows_invoices AND l.invoices = 0) AS is_without_invoice
  FROM mart.reconciled_line AS l
  JOIN build.billed_item AS i ON i.item = l.item
  WHERE l.opportunity_id IS NOT NULL
  GROUP BY l.opportunity_id
),
copied AS (
  SELECT l.item, i.product_id, i.opportunity_id AS names_id, i.invoiced_on,
    row_number() OVER (
      PARTITION BY l.account_id, i.product_id, l.currency, l.amount, l.starts_on
      ORDER BY CASE WHEN l.opportunity_id IS NULL THEN 1 ELSE 0 END, l.item
    ) AS copy
  FROM mart.reconciled_line AS l
  JOIN build.billed_item AS i ON i.item = l.item
),
follows AS (
  SELECT DISTINCT l.item
  FROM mart.reconciled_line AS l
  JOIN build.billed_item AS b ON b.account_id = l.account_id AND b.item <> l.item AND b.starts_on < l.starts_on
    AND b.ends_on BETWEEN l.starts_on - INTERVAL {FOLLOWS} DAY AND l.starts_on + INTERVAL 1 DAY
  WHERE l.opportunity_id IS NULL AND l.line_id IS NOT NULL
)"""


def _sold(told: Reconciliation) -> str:
    """A row a deal that was won."""
    grace = f"CASE WHEN b.kind = 'renewal' THEN {told.renewed_within_days} ELSE {told.invoiced_within_days} END"
    uninvoiced = f"g.is_without_invoice AND g.starts_on + {told.invoiced_within_days} * INTERVAL 1 DAY < c.as_of_day"
    return f"""twin AS (
  SELECT DISTINCT b.id
  FROM build.booked_deal AS b
  JOIN build.booked_deal AS o ON o.account_id = b.account_id AND o.amount = b.amount AND o.currency = b.currency
    AND o.kind IS NOT DISTINCT FROM b.kind AND o.id <> b.id
    AND abs(date_diff('day', b.closed_on, o.closed_on)) <= {told.like_days}
  JOIN bill AS g ON g.opportunity_id = o.id
  LEFT JOIN bill AS mine ON mine.opportunity_id = b.id
  WHERE mine.opportunity_id IS NULL AND b.amount > 0
),
sold AS (
  SELECT b.*, g.how, g.score, g.line_id, g.invoice_id, coalesce(g.line_count, 0) AS line_count, g.starts_on,
    g.invoiced_on, g.currency AS billing_currency, CASE WHEN g.currency IS NOT NULL THEN g.amount END AS billing_amount,
    coalesce(g.money, 0) AS billing_money, b.currency = g.currency AS is_same_currency,
    {other_term("b.amount", "g.amount", told)} AS other_months,
    t.id IS NOT NULL AS is_twin,
    (SELECT count(*) FROM build.billed_item AS i) > 0 AS is_billing_known,
    b.closed_on + {grace} * INTERVAL 1 DAY >= c.as_of_day AS is_fresh,
    coalesce({uninvoiced}, false) AS is_uninvoiced,
    {same("coalesce(b.amount, 0)", "g.amount", told.same_within)} AS is_same_figure,
    {same("b.money", "g.money", told.same_rate_within)} AS is_same_money
  FROM build.booked_deal AS b
  CROSS JOIN build.clock AS c
  LEFT JOIN bill AS g ON g.opportunity_id = b.id
  LEFT JOIN twin AS t ON t.id = b.id
),
{_JUDGED}"""


_JUDGED = """judged AS (
  SELECT s.*,
    CASE
      WHEN s.line_count = 0 AND coalesce(s.amount, 0) = 0 THEN 'nothing_due'
      WHEN s.line_count = 0 AND s.is_twin THEN 'duplicate'
      WHEN s.line_count = 0 AND (s.is_fresh OR NOT s.is_billing_known) THEN 'not_due'
      WHEN s.line_count = 0 THEN 'not_invoiced'
      WHEN s.is_same_currency AND NOT s.is_same_figure AND s.other_months IS NOT NULL THEN 'wrong_term'
      WHEN s.is_same_currency AND NOT s.is_same_figure THEN 'wrong_amount'
      WHEN s.billing_currency IS NULL AND NOT s.is_same_money THEN 'wrong_amount'
      WHEN NOT coalesce(s.is_same_currency, true) AND (s.is_same_figure OR NOT s.is_same_money) THEN 'wrong_currency'
      WHEN s.is_uninvoiced THEN 'not_invoiced'
      ELSE 'matched' END AS kind_of_row
  FROM sold AS s
),
sold_row AS (
  SELECT 'deal/' || j.id AS entry, j.kind_of_row AS kind, j.how, j.score,
    CASE j.kind_of_row
      WHEN 'duplicate' THEN 'Another deal of the same account, kind and amount is billed.'
      WHEN 'not_due' THEN CASE WHEN j.is_billing_known THEN 'Won too recently to be missed in billing.'
        ELSE 'No source brings contracts or invoices.' END
      WHEN 'not_invoiced' THEN
        CASE WHEN j.line_count = 0 THEN 'Billing has nothing for it.' ELSE 'It has a contract and no invoice.' END
      WHEN 'wrong_term' THEN 'The deal has the amount of ' || CAST(j.other_months AS VARCHAR) || ' months.'
      WHEN 'wrong_currency' THEN 'The deal is in ' || j.currency || ', billing in ' || j.billing_currency || '.'
      WHEN 'wrong_amount' THEN CASE WHEN j.billing_money > j.money THEN 'Billing has more.' ELSE 'Billing has less.' END
      END AS says,
    j.account_id, j.id AS opportunity_id, j.line_id, j.invoice_id, j.line_count, j.owner_id, j.closed_on, j.starts_on,
    j.invoiced_on, j.closed_on AS since, j.currency AS crm_currency, j.amount AS crm_amount, j.billing_currency,
    j.billing_amount, j.money AS crm_money, j.billing_money, j.is_same_currency,
    CASE WHEN j.kind_of_row IN ('not_invoiced', 'duplicate') THEN j.money END AS at_stake
  FROM judged AS j
)"""


def _alone() -> str:
    """A row a line or invoice that no deal was found for."""
    return f"""alone AS (
  SELECT l.*, k.names_id, k.invoiced_on, a.owner_id,
    CASE
      WHEN l.amount = 0 THEN 'nothing_due'
      WHEN k.copy > 1 THEN 'duplicate'
      WHEN f.item IS NOT NULL OR b.id IS NOT NULL THEN 'renewed_in_billing'
      ELSE 'no_deal' END AS kind
  FROM mart.reconciled_line AS l
  JOIN copied AS k ON k.item = l.item
  LEFT JOIN follows AS f ON f.item = l.item
  LEFT JOIN build.booked_deal AS b ON b.id = k.names_id
  LEFT JOIN record.account AS a ON a.id = l.account_id
  WHERE l.opportunity_id IS NULL
),
alone_row AS (
  SELECT a.item AS entry, a.kind, {NO_TEXT} AS how, CAST(NULL AS DOUBLE) AS score,
    CASE a.kind
      WHEN 'duplicate' THEN 'Billing has it twice: same account, product, amount and day.'
      WHEN 'renewed_in_billing' THEN 'It carries on what ended, and no deal says so.'
      WHEN 'no_deal' THEN
        CASE WHEN a.names_id IS NULL THEN 'No deal says so.' ELSE 'The deal that it names is not won.' END
      END AS says,
    a.account_id, CASE WHEN a.kind = 'no_deal' THEN a.names_id END AS opportunity_id, a.line_id, a.invoice_id,
    1 AS line_count, a.owner_id, {NO_DAY} AS closed_on, a.starts_on, a.invoiced_on, a.starts_on AS since,
    {NO_TEXT} AS crm_currency, {NO_MONEY} AS crm_amount, a.currency AS billing_currency, a.amount AS billing_amount,
    {NOTHING} AS crm_money, a.amount_converted AS billing_money, false AS is_same_currency, {NO_MONEY} AS at_stake
  FROM alone AS a
)"""


def _left() -> str:
    """A row a renewal that is open in the CRM while billing has ended everything."""
    return f"""ended AS (
  SELECT i.account_id, max(coalesce(i.ends_on, {FAR})) AS ended_on, max(i.line_id) AS line_id
  FROM build.billed_item AS i
  CROSS JOIN build.clock AS c
  WHERE i.line_id IS NOT NULL AND i.amount > 0 AND i.starts_on <= c.as_of_day
  GROUP BY i.account_id
),
left_row AS (
  SELECT 'open/' || o.id AS entry, 'churned_in_billing' AS kind, {NO_TEXT} AS how, CAST(NULL AS DOUBLE) AS score,
    'Still open in the CRM; billing ended on ' || CAST(e.ended_on AS VARCHAR) || '.' AS says,
    o.account_id, o.id AS opportunity_id, {NO_TEXT} AS line_id, {NO_TEXT} AS invoice_id, 0 AS line_count,
    coalesce(o.owner_id, a.owner_id) AS owner_id, {NO_DAY} AS closed_on, {NO_DAY} AS starts_on, {NO_DAY} AS invoiced_on,
    e.ended_on AS since, o.currency AS crm_currency, {NO_MONEY} AS crm_amount, {NO_TEXT} AS billing_currency,
    {NO_MONEY} AS billing_amount, {NOTHING} AS crm_money, {NOTHING} AS billing_money, false AS is_same_currency,
    coalesce(o.amount_converted, 0) AS at_stake
  FROM record.opportunity AS o
  CROSS JOIN build.clock AS c
  JOIN ended AS e ON e.account_id = o.account_id AND e.ended_on <= c.as_of_day
  LEFT JOIN record.account AS a ON a.id = o.account_id
  WHERE o.kind = 'renewal' AND o.deleted_at IS NULL AND coalesce(o.created_on <= c.as_of_day, true)
    AND (NOT o.is_closed OR o.closed_on > c.as_of_day)
)"""


def _use(told: Reconciliation) -> str:
    """A row a customer without use, and a user without a contract; none where the record knows of no use at all."""
    return f"""used AS (
  SELECT u.account_id, max(u.day) AS used_on
  FROM record.usage AS u
  CROSS JOIN build.clock AS c
  WHERE u.deleted_at IS NULL AND u.day <= c.as_of_day AND (u.events > 0 OR u.people > 0)
  GROUP BY u.account_id
),
runs AS (
  SELECT l.account_id, min(l.starts_on) AS starts_on, max(coalesce(l.ends_on, {FAR})) AS ends_on
  FROM record.contract_line AS l
  CROSS JOIN build.clock AS c
  WHERE l.deleted_at IS NULL AND l.starts_on <= c.as_of_day AND {BEGUN}
  GROUP BY l.account_id
),
worth AS (
  SELECT i.account_id, sum(i.money) AS money
  FROM build.billed_item AS i
  CROSS JOIN build.clock AS c
  WHERE i.line_id IS NOT NULL AND i.starts_on <= c.as_of_day AND coalesce(i.ends_on > c.as_of_day, true)
  GROUP BY i.account_id
),
dealt AS (
  SELECT o.account_id, max(CASE WHEN o.is_won THEN o.closed_on END) AS won_on,
    min(CASE WHEN o.is_won THEN o.closed_on END) AS first_won_on,
    max(CASE WHEN NOT o.is_won AND o.kind = 'renewal' THEN o.closed_on END) AS lost_on,
    sum(CASE WHEN o.is_won THEN coalesce(o.amount_converted, 0) ELSE 0 END) AS money
  FROM record.opportunity AS o
  CROSS JOIN build.clock AS c
  WHERE o.deleted_at IS NULL AND o.is_closed AND o.closed_on <= c.as_of_day
  GROUP BY o.account_id
),
{_unlike(told)}"""


def _unlike(told: Reconciliation) -> str:
    """Those whose contract and whose use do not go together."""
    return f"""unlike AS (
  SELECT a.id AS account_id, a.owner_id, 'not_used' AS kind,
    CASE WHEN u.used_on IS NULL THEN 'It has never been used.' ELSE 'Last used on ' || CAST(u.used_on AS VARCHAR) || '.'
      END AS says,
    coalesce(u.used_on, greatest(d.first_won_on, r.starts_on)) AS since, coalesce(w.money, d.money) AS at_stake
  FROM record.account AS a
  CROSS JOIN build.clock AS c
  JOIN dealt AS d ON d.account_id = a.id AND d.won_on IS NOT NULL AND coalesce(d.lost_on <= d.won_on, true)
  LEFT JOIN runs AS r ON r.account_id = a.id
  LEFT JOIN worth AS w ON w.account_id = a.id
  LEFT JOIN used AS u ON u.account_id = a.id
  WHERE EXISTS (SELECT 1 FROM used AS any_use)
    AND coalesce(r.ends_on > c.as_of_day, true)
    AND greatest(d.first_won_on, r.starts_on) < c.as_of_day - INTERVAL {told.idle_days} DAY
    AND coalesce(u.used_on < c.as_of_day - INTERVAL {told.idle_days} DAY, true)
  UNION ALL
  SELECT a.id AS account_id, a.owner_id, 'used_without_contract' AS kind,
    'Last used on ' || CAST(u.used_on AS VARCHAR) || CASE WHEN r.ends_on IS NULL THEN ', and never had a contract.'
      ELSE '; its contract ended on ' || CAST(r.ends_on AS VARCHAR) || '.' END AS says,
    coalesce(r.ends_on, u.used_on) AS since, CAST(0 AS DECIMAL(18, 2)) AS at_stake
  FROM record.account AS a
  CROSS JOIN build.clock AS c
  JOIN used AS u ON u.account_id = a.id
  LEFT JOIN runs AS r ON r.account_id = a.id
  WHERE u.used_on >= c.as_of_day - INTERVAL {told.idle_days} DAY
    AND (r.account_id IS NULL OR (r.ends_on <= c.as_of_day AND u.used_on >= r.ends_on))
),
use_row AS (
  SELECT 'use/' || u.account_id AS entry, u.kind, {NO_TEXT} AS how, CAST(NULL AS DOUBLE) AS score, u.says, u.account_id,
    {NO_TEXT} AS opportunity_id, {NO_TEXT} AS line_id, {NO_TEXT} AS invoice_id, 0 AS line_count, u.owner_id,
    {NO_DAY} AS closed_on, {NO_DAY} AS starts_on, {NO_DAY} AS invoiced_on, CAST(u.since AS DATE) AS since,
    {NO_TEXT} AS crm_currency, {NO_MONEY} AS crm_amount, {NO_TEXT} AS billing_currency, {NO_MONEY} AS billing_amount,
    {NOTHING} AS crm_money, {NOTHING} AS billing_money, false AS is_same_currency, u.at_stake
  FROM unlike AS u
)"""


def _invoiced(told: Reconciliation) -> str:
    """What was not invoiced as its lines charge; nothing of what was not invoiced at all: that is a row already.

    It is told by the row of its deal where nothing else is wrong with that one, and by a row of its own otherwise.
    """
    within = f"CASE WHEN v.is_one_currency THEN {told.same_within!r} ELSE {told.same_rate_within!r} END"
    less = f"v.due_least - v.amount > greatest(0.05, {within} * v.due_least) + 0.0001"
    more = f"v.amount - v.due_most > greatest(0.05, {within} * v.due_most) + 0.0001 AND NOT v.has_usage"
    lacks = "(v.due_now + v.rest - v.amount)"  # whole charges are lacking rather than one and the part of another
    whole = f"v.net > 0 AND abs({lacks} - v.net * round({lacks} / v.net)) < 0.01"
    return f"""known AS (
  SELECT l.line_id, l.opportunity_id, coalesce(j.kind_of_row, a.kind) AS kind
  FROM mart.reconciled_line AS l
  LEFT JOIN judged AS j ON j.id = l.opportunity_id
  LEFT JOIN alone AS a ON a.item = l.item
  WHERE l.line_id IS NOT NULL
),
told AS (
  SELECT h.account_id, h.subscription, bool_or(k.kind = 'not_invoiced') AS is_told,
    bool_and(k.kind = 'duplicate') AS is_copy, min(k.opportunity_id) AS paired_id,
    min(CASE WHEN k.kind = 'matched' THEN k.opportunity_id END) AS deal_id
  FROM record.contract_line AS h
  JOIN known AS k ON k.line_id = h.id
  GROUP BY h.account_id, h.subscription
),
unlike_due AS (
  SELECT v.*, t.deal_id, coalesce(t.paired_id, v.opportunity_id) AS sale_id, {less} AS is_less,
    CAST(round(CASE WHEN NOT ({less}) THEN v.due_most WHEN {whole} THEN v.due_now + v.rest ELSE v.due_now END, 2)
      AS DECIMAL(18, 2)) AS due,
    CAST(v.amount AS DECIMAL(18, 2)) AS invoiced,
    row_number() OVER (PARTITION BY t.deal_id ORDER BY v.line_id) AS place
  FROM build.invoiced AS v
  JOIN told AS t ON t.account_id = v.account_id AND t.subscription = v.subscription
  WHERE (({less}) OR ({more})) AND NOT t.is_told AND NOT (t.is_copy AND v.invoices = 0)
),
{_WORDED}"""


_WORDED = f"""apart AS (
  SELECT v.*, v.deal_id IS NOT NULL AND v.place = 1 AS is_of_deal,
    CASE WHEN v.deal_id IS NOT NULL AND v.place = 1 THEN 'deal/' || v.deal_id ELSE 'invoices/' || v.line_id END
      AS entry,
    CASE WHEN v.line_count > 1 THEN CAST(v.invoices AS VARCHAR) || ' invoices for ' || CAST(v.line_count AS VARCHAR)
        || ' lines'
      WHEN v.is_less THEN CAST(least(v.invoices, v.periods) AS VARCHAR) || ' of ' || CAST(v.periods AS VARCHAR)
        || CASE WHEN v.periods = 1 THEN ' period' ELSE ' periods' END
        || CASE WHEN least(v.invoices, v.periods) = 1 THEN ' was invoiced' ELSE ' were invoiced' END
      ELSE CAST(v.invoices AS VARCHAR) || CASE WHEN v.invoices = 1 THEN ' invoice for ' ELSE ' invoices for ' END
        || CAST(v.periods AS VARCHAR) || CASE WHEN v.periods = 1 THEN ' period' ELSE ' periods' END END
      || ', ' || CAST(abs(v.due - v.invoiced) AS VARCHAR) || ' ' || v.currency
      || CASE WHEN v.is_less THEN ' less' ELSE ' more' END || ' than due.'
      || CASE WHEN v.is_less AND v.credited_on IS NOT NULL THEN ' Credited on ' || CAST(v.credited_on AS VARCHAR) || '.'
        ELSE '' END
      || CASE WHEN v.is_less AND v.undone > 0 THEN ' Void, draft or uncollectible: ' || CAST(v.undone AS VARCHAR) || '.'
        ELSE '' END AS says,
    CAST(CASE WHEN v.is_less THEN coalesce(v.credited_on, v.undone_on, v.lacks_on) ELSE v.last_on END AS DATE) AS since,
    CAST(round(abs(CAST(v.due - v.invoiced AS DOUBLE)) * v.rate, 2) AS DECIMAL(18, 2)) AS at_stake
  FROM unlike_due AS v
),
invoiced_row AS (
  SELECT v.entry, 'invoiced_otherwise' AS kind, {NO_TEXT} AS how, CAST(NULL AS DOUBLE) AS score, v.says,
    v.account_id, v.sale_id AS opportunity_id, v.line_id, {NO_TEXT} AS invoice_id, 0 AS line_count,
    coalesce(b.owner_id, a.owner_id) AS owner_id, {NO_DAY} AS closed_on, v.starts_on, v.first_on AS invoiced_on,
    v.since, {NO_TEXT} AS crm_currency, {NO_MONEY} AS crm_amount, v.currency AS billing_currency,
    {NO_MONEY} AS billing_amount, {NOTHING} AS crm_money, {NOTHING} AS billing_money, false AS is_same_currency,
    v.at_stake
  FROM apart AS v
  LEFT JOIN build.booked_deal AS b ON b.id = v.sale_id
  LEFT JOIN record.account AS a ON a.id = v.account_id
  WHERE NOT v.is_of_deal
)"""
