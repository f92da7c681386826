"""The revenue of the bench in SQL by hand: movements, customers' months, NRR and GRR, and the cohorts' triangle.

Written for the switches that a new company has, and for any lines under them: trials, discounts, pauses and their
limit, unpaid lines, lines that take each other over, price steps, products, currencies, the three dates of a loss. It
gives mart.mrr_movement and mart.account_month with every column, and the check on what does not add up. What the hand
need not do is leave anything open: no other churn date, discount, rate, customer, or window of days.

Each step is a table; `{name}` stands for the one of that name, `{lines}` for the contract lines.
"""

from collections.abc import Mapping

# Lines, cut into pieces of one price and state; only those with something to cut go through a window.
PIECE = """
WITH line AS (
  SELECT *, translate(lower(trim(status)), ' -', '__') AS word,
    coalesce(ends_on, cancels_on, CASE WHEN word IN ('canceled', 'cancelled', 'expired', 'transferred', 'ended',
      'terminated', 'churned') THEN cancelled_on END) AS service_end,
    CASE WHEN seen_at::DATE > '{as_of}' THEN '{as_of}' ELSE seen_at::DATE END AS seen_on,
    CASE WHEN word = 'unpaid' THEN coalesce(past_due_on, service_end, seen_on) END AS lapsed_on,
    CASE WHEN paused_on IS NULL AND word IN ('paused', 'on_hold', 'suspended') THEN coalesce(trial_ends_on, seen_on)
      ELSE paused_on END AS pauses_on,
    least(service_end, lapsed_on) AS paid_until
  FROM {lines}
  WHERE deleted_at IS NULL AND coalesce(kind, 'recurring') IN ('recurring', 'usage')
    AND coalesce(word, '') NOT IN ('incomplete', 'incomplete_expired', 'trial_ended', 'awaiting_signup', 'draft',
      'failed_to_create', 'pending_activation', 'pendingactivation', 'pending_acceptance', 'pendingacceptance')
),
system AS (SELECT account_id, source_system, min(starts_on) AS first_on FROM line GROUP BY ALL),
follower AS (
  SELECT id, min(day) AS followed_on FROM (
    SELECT e.id, f.starts_on AS day FROM line AS f JOIN line AS e ON f.account_id = e.account_id
      AND e.id = CASE WHEN f.replaces_id LIKE '%:%' THEN f.replaces_id ELSE f.source_system || ':' || f.replaces_id END
    WHERE f.replaces_id IS NOT NULL AND f.starts_on > e.starts_on
      AND coalesce(abs(f.starts_on - e.paid_until) <= 31, true)
    UNION ALL
    SELECT e.id, f.first_on FROM line AS e JOIN system AS f ON f.account_id = e.account_id
      AND f.source_system <> e.source_system AND f.first_on > e.starts_on AND abs(f.first_on - e.paid_until) <= 31
    WHERE e.account_id IN (SELECT account_id FROM system GROUP BY 1 HAVING count(*) > 1)
  ) AS found GROUP BY id
),
rate AS (SELECT currency, max(starts_on) AS known_on FROM record.rate WHERE deleted_at IS NULL GROUP BY 1),
told AS (
  SELECT l.id AS line_id, l.account_id, l.product_id, l.opportunity_id, l.currency, l.starts_on,
    coalesce(f.followed_on, l.paid_until) AS over_on, l.service_end AS service_end_on,
    coalesce(l.billing_ends_on, l.service_end) AS billing_end_on,
    CASE WHEN coalesce(l.cancelled_on, l.service_end) IS NOT NULL
      THEN greatest(l.starts_on, least(coalesce(l.cancelled_on, l.service_end), l.service_end)) END AS scheduled_on,
    coalesce(l.lapsed_on <= coalesce(l.service_end, l.lapsed_on), false) AS is_unpaid,
    CASE WHEN is_unpaid THEN 'involuntary' WHEN coalesce(l.service_end, l.cancelled_on) IS NOT NULL THEN l.cancel_kind
      END AS churn_kind,
    CASE WHEN is_unpaid THEN coalesce(l.cancel_reason, 'not paid') ELSE l.cancel_reason END AS reason,
    coalesce(l.kind = 'usage', false) AS is_usage,
    coalesce(l.word IN ('trialing', 'in_trial', 'trial'), false) AS is_trial, l.trial_ends_on,
    l.past_due_on, l.mrr, l.mrr_converted, l.list_mrr, l.list_mrr_converted,
    coalesce(l.is_escalator, false) AS is_escalator, l.seen_at AS known_at,
    CASE WHEN l.pauses_on IS NOT NULL THEN greatest(l.pauses_on, l.starts_on) END AS pause_on, l.resumes_on,
    CASE WHEN coalesce(pause_on + 90 < l.resumes_on, true) THEN pause_on + 90 END AS limit_on,
    coalesce(l.discount, 0) <> 0 AND coalesce(l.discount_lasts, CASE WHEN l.discount_ends_on IS NULL THEN 'forever' END,
      '') = 'forever' AS is_reduced,
    CASE WHEN is_reduced THEN coalesce(l.discount_starts_on, l.starts_on) END AS price_from,
    CASE WHEN is_reduced THEN l.discount_ends_on END AS price_to,
    l.currency <> 'USD' AND coalesce(l.starts_on > r.known_on, true) AS is_provisional
  FROM line AS l LEFT JOIN follower AS f ON f.id = l.id LEFT JOIN rate AS r ON r.currency = l.currency
  WHERE coalesce(coalesce(f.followed_on, l.paid_until) > l.starts_on, true)
),
cut AS (
  SELECT line_id, unnest(list_sort(list_distinct(list_filter(
      [starts_on, trial_ends_on, price_from, price_to, past_due_on, pause_on, resumes_on, limit_on],
      lambda d: d >= starts_on AND coalesce(d < over_on, true))))) AS day
  FROM told
  WHERE coalesce(trial_ends_on, price_from, price_to, past_due_on, pause_on, resumes_on) IS NOT NULL
),
piece AS (
  SELECT *, starts_on AS from_on, over_on AS to_on, 1 AS place FROM told
  WHERE coalesce(trial_ends_on, price_from, price_to, past_due_on, pause_on, resumes_on) IS NULL
  UNION ALL
  SELECT t.*, day, coalesce(lead(day) OVER w, t.over_on), row_number() OVER w
  FROM cut JOIN told AS t USING (line_id) WINDOW w AS (PARTITION BY line_id ORDER BY day)
),
priced AS (
  SELECT *, CASE WHEN from_on >= price_from AND coalesce(from_on < price_to, true) THEN mrr ELSE list_mrr END AS own,
    CASE WHEN from_on >= price_from AND coalesce(from_on < price_to, true) THEN mrr_converted ELSE list_mrr_converted
      END AS money,
    CASE
      WHEN is_trial OR from_on < trial_ends_on THEN 'trial' WHEN is_usage THEN 'usage'
      WHEN from_on >= pause_on AND coalesce(from_on < resumes_on, true) THEN CASE WHEN pause_on > starts_on
        AND coalesce(pause_on > trial_ends_on, true) AND from_on < pause_on + 90 THEN 'paused' ELSE 'lapsed' END
      WHEN own = 0 THEN 'free' WHEN from_on >= past_due_on THEN 'past_due' ELSE 'active' END AS state
  FROM piece
)
SELECT * EXCLUDE (mrr, mrr_converted, list_mrr, list_mrr_converted), state IN ('active', 'past_due') AS counts,
  state IN ('active', 'past_due', 'paused', 'free') AND own >= 0 AS is_there
FROM priced
"""
# What each product of an account came to on a day. Before and after are of the same line; most lines have neither.
TURN = """
WITH joined AS (
  SELECT p.*, NULL AS before, NULL::DECIMAL(18, 2) AS own_before, NULL::DECIMAL(18, 2) AS money_before,
    NULL::BOOLEAN AS counted, NULL::BOOLEAN AS was_there, NULL AS after
  FROM {piece} AS p WHERE from_on = starts_on AND to_on IS NOT DISTINCT FROM over_on
  UNION ALL
  SELECT p.*, lag(state) OVER w, lag(own) OVER w, lag(money) OVER w, lag(counts) OVER w, lag(is_there) OVER w,
    lead(state) OVER w
  FROM {piece} AS p WHERE NOT (from_on = starts_on AND to_on IS NOT DISTINCT FROM over_on)
  WINDOW w AS (PARTITION BY line_id ORDER BY from_on)
),
turn AS (
  SELECT account_id, product_id, from_on AS moved_on, currency, line_id, opportunity_id, known_at, is_provisional,
    is_escalator AND before IS NULL AND counts AS is_step,
    CASE WHEN 'paused' IN (coalesce(before, ''), state) THEN 0 ELSE CASE WHEN counts THEN own ELSE 0 END
      - CASE WHEN counted THEN own_before ELSE 0 END END AS own,
    CASE WHEN 'paused' IN (coalesce(before, ''), state) THEN 0 ELSE CASE WHEN counts THEN money ELSE 0 END
      - CASE WHEN counted THEN money_before ELSE 0 END END AS money,
    CASE WHEN counts AND counted AND currency <> 'USD' AND own > 0 AND own_before > 0
      THEN CAST(round(money * least(own, own_before) / own, 2) - round(money_before * least(own, own_before)
        / own_before, 2) AS DECIMAL(18, 2)) ELSE 0 END AS fx,
    CASE WHEN state = 'paused' AND counted THEN -own_before
      WHEN before = 'paused' AND state <> 'paused' AND NOT counts THEN own_before
      ELSE 0 END AS pause_own,
    CASE WHEN state = 'paused' AND counted THEN -money_before
      WHEN before = 'paused' AND state <> 'paused' AND NOT counts THEN money_before
      ELSE 0 END AS pause,
    CASE WHEN before = 'paused' AND counts THEN own ELSE 0 END AS resume_own,
    CASE WHEN before = 'paused' AND counts THEN money ELSE 0 END AS resume,
    before = 'paused' AND state <> 'paused' AND NOT counts AS is_taken_back,
    is_there::INT - coalesce(was_there, false)::INT AS here, state = 'lapsed' AND before IS NOT NULL AS is_loss,
    service_end_on, billing_end_on, scheduled_on, churn_kind, reason
  FROM joined
  UNION ALL
  SELECT account_id, product_id, to_on, currency, line_id, opportunity_id, known_at, is_provisional, false,
    CASE WHEN counts THEN -own ELSE 0 END, CASE WHEN counts THEN -money ELSE 0 END, 0,
    CASE WHEN state = 'paused' THEN own ELSE 0 END, CASE WHEN state = 'paused' THEN money ELSE 0 END, 0, 0,
    state = 'paused', -is_there::INT, true, service_end_on, billing_end_on, scheduled_on, churn_kind, reason
  FROM joined WHERE to_on IS NOT NULL AND after IS NULL
)
SELECT account_id, product_id, moved_on, currency, line_id, opportunity_id, known_at, is_provisional, is_step,
  CAST(own AS DECIMAL(18, 2)) AS own, CAST(money - fx AS DECIMAL(18, 2)) AS money, CAST(fx AS DECIMAL(18, 2)) AS fx,
  CAST(pause_own AS DECIMAL(18, 2)) AS pause_own, CAST(pause AS DECIMAL(18, 2)) AS pause,
  CAST(resume_own AS DECIMAL(18, 2)) AS resume_own, CAST(resume AS DECIMAL(18, 2)) AS resume, coalesce(is_taken_back,
  false) AS is_taken_back, here,
  CASE WHEN is_loss THEN service_end_on END AS service_end_on, CASE WHEN is_loss THEN billing_end_on END
    AS billing_end_on, CASE WHEN is_loss THEN scheduled_on END AS scheduled_on,
  CASE WHEN is_loss THEN churn_kind END AS churn_kind, CASE WHEN is_loss THEN reason END AS reason
FROM turn
"""
# A currency's lines that end and begin on one day are one agreement: what is equal in it differs by FX.
UNIT = """
WITH flow AS (
  SELECT account_id, product_id, currency, moved_on, sum(greatest(own, 0)) AS own_in, sum(greatest(-own, 0)) AS own_out,
    sum(CASE WHEN own > 0 THEN money ELSE 0 END) AS money_in, sum(CASE WHEN own < 0 THEN -money ELSE 0 END) AS money_out
  FROM {turn} WHERE currency <> 'USD' GROUP BY ALL
),
matched AS (
  SELECT account_id, currency, moved_on, sum(own_in)::DOUBLE AS whole,
    least(sum(own_in), sum(own_out))::DOUBLE AS common, sum(own_out)::DOUBLE AS gone,
    round(sum(money_in * 100)::DOUBLE * common / whole) - round(sum(money_out * 100)::DOUBLE * common / gone) AS cents
  FROM flow GROUP BY ALL HAVING sum(own_in) > 0 AND sum(own_out) > 0
),
shared AS (
  SELECT f.account_id, f.product_id, f.moved_on, m.cents, m.whole, f.own_in, sum(f.own_in) OVER (
      PARTITION BY f.account_id, f.currency, f.moved_on ORDER BY f.product_id ROWS UNBOUNDED PRECEDING
    )::DOUBLE AS so_far
  FROM flow AS f JOIN matched AS m USING (account_id, currency, moved_on)
),
fx AS (
  SELECT account_id, product_id, moved_on, sum(CAST((round(cents * so_far / whole)
    - round(cents * (so_far - own_in::DOUBLE) / whole)) / 100 AS DECIMAL(18, 2))) AS fx
  FROM shared GROUP BY ALL
),
stepped AS (SELECT DISTINCT account_id, product_id, moved_on FROM {turn} WHERE is_step),
step AS (
  SELECT account_id, product_id, moved_on, sum(more) AS step_own,
    sum(CAST(round(step_money * more / step_own, 2) AS DECIMAL(18, 2))) AS step
  FROM (
    SELECT t.account_id, t.product_id, t.moved_on, t.currency, sum(own) FILTER (is_step) AS step_own,
      sum(money) FILTER (is_step) AS step_money,
      step_own - least(step_own, sum(greatest(-own, 0))) AS more
    FROM {turn} AS t JOIN stepped AS s ON s.account_id = t.account_id AND s.moved_on = t.moved_on
      AND s.product_id IS NOT DISTINCT FROM t.product_id
    GROUP BY ALL HAVING step_own IS NOT NULL
  ) AS x WHERE more > 0 GROUP BY ALL
),
unit AS (
  SELECT account_id, product_id, moved_on, CASE WHEN min(currency) = max(currency) THEN max(currency) END AS currency,
    sum(own) AS own, sum(money) AS money, sum(fx) AS fx, sum(pause_own) AS pause_own, sum(pause) AS pause,
    sum(resume_own) AS resume_own, sum(resume) AS resume,
    sum(CASE WHEN is_taken_back THEN pause_own ELSE 0 END) AS back_own,
    sum(CASE WHEN is_taken_back THEN pause ELSE 0 END) AS back, sum(here) AS here, max(known_at) AS known_at,
    bool_or(is_provisional) AS is_provisional, CASE WHEN count(*) = 1 THEN any_value(line_id) END AS line_id,
    CASE WHEN min(opportunity_id) = max(opportunity_id) THEN max(opportunity_id) END AS opportunity_id,
    max(service_end_on) AS service_end_on, max(billing_end_on) AS billing_end_on, max(scheduled_on) AS scheduled_on,
    max(churn_kind) AS churn_kind, max(reason) AS reason
  FROM {turn} GROUP BY ALL
)
SELECT u.* EXCLUDE (own, money, fx, back_own, back), CAST(u.fx + coalesce(f.fx, 0) AS DECIMAL(18, 2)) AS fx,
  CAST(u.own - u.back_own AS DECIMAL(18, 2)) AS net_own,
  CAST(u.money - u.back - coalesce(f.fx, 0) AS DECIMAL(18, 2)) AS net,
  CAST(coalesce(s.step, 0) AS DECIMAL(18, 2)) AS step,
  CAST(coalesce(s.step_own, 0) AS DECIMAL(18, 2)) AS step_own
FROM unit AS u
LEFT JOIN fx AS f ON f.account_id = u.account_id AND f.moved_on = u.moved_on
  AND f.product_id IS NOT DISTINCT FROM u.product_id
LEFT JOIN step AS s ON s.account_id = u.account_id AND s.moved_on = u.moved_on
  AND s.product_id IS NOT DISTINCT FROM u.product_id
"""
DAY = """
WITH day AS (
  SELECT account_id, moved_on, sum(net) AS net, sum(step) AS step, sum(net + fx + pause + resume) AS moved,
    sum(here) AS here, count(*) AS units
  FROM {unit} GROUP BY ALL
),
run AS (
  SELECT *, CAST(sum(moved) OVER w AS DECIMAL(18, 2)) AS mrr_after, sum(here) OVER w AS here_after FROM day
  WINDOW w AS (PARTITION BY account_id ORDER BY moved_on ROWS UNBOUNDED PRECEDING)
),
paid AS (SELECT account_id, min(moved_on) AS paid_on FROM run WHERE mrr_after > 0 GROUP BY 1),
known AS (
  SELECT r.*, CAST(mrr_after - moved AS DECIMAL(18, 2)) AS mrr_before, here_after > here AS was_customer,
    here_after > 0 AS is_customer, coalesce(paid_on < moved_on, false) AS has_paid,
    net - CASE WHEN was_customer AND is_customer THEN step ELSE 0 END AS change
  FROM run AS r LEFT JOIN paid USING (account_id)
)
SELECT account_id, moved_on, units, mrr_before, mrr_after, was_customer, is_customer,
  CASE WHEN is_customer AND NOT has_paid AND change > 0 THEN 'new'
    WHEN NOT was_customer THEN CASE WHEN has_paid THEN 'reactivation' ELSE 'new' END
    WHEN NOT is_customer THEN 'churn' WHEN change > 0 THEN 'expansion' ELSE 'contraction' END AS kind
FROM known
"""
MOVEMENT = """
WITH unit AS (
  SELECT u.* EXCLUDE (step, step_own, net, net_own), d.* EXCLUDE (account_id, moved_on),
    CASE WHEN was_customer AND is_customer THEN step ELSE 0 END AS step,
    CASE WHEN was_customer AND is_customer THEN step_own ELSE 0 END AS step_own,
    CAST(net - CASE WHEN was_customer AND is_customer THEN u.step ELSE 0 END AS DECIMAL(18, 2)) AS change,
    CAST(net_own - CASE WHEN was_customer AND is_customer THEN u.step_own ELSE 0 END AS DECIMAL(18, 2)) AS change_own
  FROM {unit} AS u JOIN {day} AS d USING (account_id, moved_on)
),
mixed AS (
  SELECT account_id, moved_on, sum(change) AS net,
    greatest(sum(greatest(change, 0)), sum(greatest(-change, 0))) AS whole
  FROM unit WHERE units > 1 GROUP BY ALL HAVING min(change) < 0 AND max(change) > 0
),
share AS (
  SELECT u.account_id, u.product_id, u.moved_on, x.net AS whole_net, x.whole,
    greatest(CASE WHEN x.net >= 0 THEN change ELSE -change END, 0) AS part, sum(part) OVER (
      PARTITION BY u.account_id, u.moved_on ORDER BY u.product_id ROWS UNBOUNDED PRECEDING) AS so_far
  FROM unit AS u JOIN mixed AS x USING (account_id, moved_on)
),
told AS (
  SELECT u.*, CASE WHEN s.whole_net IS NULL THEN change
      ELSE CAST((round((s.whole_net * 100)::DOUBLE * so_far::DOUBLE / whole::DOUBLE)
        - round((s.whole_net * 100)::DOUBLE * (so_far - part)::DOUBLE / whole::DOUBLE)) / 100 AS DECIMAL(18, 2)) END
      AS net,
    CASE WHEN s.whole_net IS NULL THEN change_own WHEN change = 0 THEN 0
      ELSE CAST(round((change_own * 100)::DOUBLE * net::DOUBLE / change::DOUBLE) / 100 AS DECIMAL(18, 2)) END AS net_own
  FROM unit AS u LEFT JOIN share AS s ON s.account_id = u.account_id AND s.moved_on = u.moved_on
    AND s.product_id IS NOT DISTINCT FROM u.product_id
),
row_of AS (
  SELECT told.*, k.kind AS told_as, k.money AS amount_converted, k.own AS amount
  FROM told CROSS JOIN LATERAL (VALUES (kind, net, net_own)) AS k (kind, money, own) WHERE k.money <> 0
  UNION ALL
  SELECT odd.*, k.kind, k.money, k.own
  FROM (FROM told WHERE change <> net OR fx <> 0 OR pause <> 0 OR resume <> 0 OR step <> 0) AS odd
  CROSS JOIN LATERAL (VALUES ('transfer', change - net, change_own - net_own), ('fx', fx, 0),
    ('pause', pause, pause_own), ('resume', resume, resume_own), ('escalator', step, step_own)) AS k (kind, money, own)
  WHERE k.money <> 0
),
wrong AS (
  SELECT account_id, product_id, sum(money) AS money FROM (
    SELECT account_id, product_id, money FROM {piece}
    WHERE counts AND from_on <= DATE '{as_of}' AND coalesce(to_on > DATE '{as_of}', true)
    UNION ALL
    SELECT account_id, product_id, -(change + step + fx + pause + resume) FROM told WHERE moved_on <= DATE '{as_of}'
  ) AS x GROUP BY ALL HAVING sum(money) <> 0
)
SELECT account_id, product_id, moved_on, told_as AS kind, account_id AS customer_id,
  CAST(CASE WHEN currency IS NOT NULL THEN amount END AS DECIMAL(18, 2)) AS amount, currency,
  CAST(amount_converted AS DECIMAL(18, 2)) AS amount_converted, mrr_before, mrr_after, was_customer, is_customer,
  line_id, opportunity_id, {lost}, moved_on > DATE '{as_of}' AS is_scheduled, is_provisional, known_at
FROM row_of
UNION ALL BY NAME
SELECT account_id, product_id, DATE '{as_of}' AS moved_on, 'unbalanced' AS kind, account_id AS customer_id,
  CAST(money AS DECIMAL(18, 2)) AS amount_converted, false AS is_scheduled, false AS is_provisional FROM wrong
"""
MONTH = """
WITH month AS (
  SELECT account_id, CAST(date_trunc('month', moved_on) AS DATE) AS month, sum(amount_converted) AS moved,
    sum(CASE WHEN kind IN ('new', 'expansion', 'contraction', 'churn', 'reactivation') THEN amount_converted ELSE 0 END)
      AS net,
    sum(CASE WHEN kind = 'fx' THEN amount_converted ELSE 0 END) AS fx,
    sum(CASE WHEN kind IN ('pause', 'resume') THEN amount_converted ELSE 0 END) AS pause,
    sum(CASE WHEN kind = 'escalator' THEN amount_converted ELSE 0 END) AS escalator,
    sum(CASE WHEN kind = 'unbalanced' THEN amount_converted ELSE 0 END) AS unbalanced,
    arg_min(was_customer, moved_on) AS was_customer, arg_max(is_customer, moved_on) AS is_customer
  FROM {movement} WHERE NOT is_scheduled GROUP BY ALL
),
run AS (
  SELECT *, sum(moved) OVER w AS closing, lead(month) OVER (PARTITION BY account_id ORDER BY month) AS next FROM month
  WINDOW w AS (PARTITION BY account_id ORDER BY month ROWS UNBOUNDED PRECEDING)
),
paid AS (SELECT account_id, min(month) AS paid_in FROM run WHERE closing > 0 GROUP BY 1),
kinded AS (
  SELECT r.*, closing - moved AS opening,
    CASE WHEN is_customer AND NOT coalesce(paid_in < month, false) AND net > 0 THEN 'new'
      WHEN NOT was_customer THEN CASE WHEN paid_in < month THEN 'reactivation' ELSE 'new' END
      WHEN NOT is_customer THEN 'churn' WHEN net > 0 THEN 'expansion' ELSE 'contraction' END AS kind
  FROM run AS r LEFT JOIN paid USING (account_id)
),
every AS (
  SELECT CAST(unnest(range((SELECT min(month) FROM month), DATE '{as_of}' + 1, INTERVAL 1 MONTH)) AS DATE) AS month
)
SELECT account_id, month, {money},
  CAST(CASE WHEN opening > 0 AND kind = 'expansion' THEN net ELSE 0 END AS DECIMAL(18, 2)) AS gained_mrr,
  CAST(CASE WHEN opening > 0 AND kind = 'contraction' THEN least(-net, opening)
    WHEN opening > 0 AND kind = 'churn' AND net <> 0 THEN opening ELSE 0 END AS DECIMAL(18, 2)) AS lost_mrr,
  coalesce(kind = 'churn' AND net <> 0 AND (opening > 0 OR was_customer AND pause > 0), false) AS is_lost
FROM kinded
WHERE opening <> 0 OR closing <> 0 OR net <> 0 OR fx <> 0 OR pause <> 0 OR escalator <> 0 OR unbalanced <> 0
UNION ALL
SELECT r.account_id, e.month, CAST(closing AS DECIMAL(18, 2)), {nothing}, CAST(closing AS DECIMAL(18, 2)), 0, 0, false
FROM run AS r JOIN every AS e ON e.month > r.month AND e.month < coalesce(r.next, DATE '2999-01-01') WHERE closing <> 0
"""
# NRR and GRR of each month, of who paid when it began: the base, what it grew by, and what was lost of it.
RATES = """
SELECT month, sum(opening_mrr) AS base,
  sum(gained_mrr - lost_mrr) AS grown, -sum(lost_mrr) AS kept
FROM {month} GROUP BY month ORDER BY month
"""
TRIANGLE = """
WITH first AS (SELECT account_id, min(moved_on) AS day FROM {movement} WHERE mrr_after > 0 GROUP BY 1),
cell AS (
  SELECT CAST(date_trunc('month', f.day) AS DATE) AS cohort, CAST(date_trunc('month', m.moved_on) AS DATE) AS month,
    sum(m.amount_converted) AS money
  FROM {movement} AS m JOIN first AS f USING (account_id) WHERE NOT m.is_scheduled GROUP BY ALL
)
SELECT cohort, month, money FROM cell ORDER BY ALL
"""
_MONEY = {
    "opening": "opening",
    "new": "CASE WHEN kind = 'new' THEN net ELSE 0 END",
    "expansion": "CASE WHEN kind = 'expansion' THEN net ELSE 0 END",
    "contraction": "CASE WHEN kind = 'contraction' THEN -net ELSE 0 END",
    "churned": "CASE WHEN kind = 'churn' THEN -net ELSE 0 END",
    "reactivation": "CASE WHEN kind = 'reactivation' THEN net ELSE 0 END",
    **{name: name for name in ("fx", "pause", "escalator", "unbalanced", "closing")},
}
STEPS: Mapping[str, str] = {
    "piece": PIECE, "turn": TURN, "unit": UNIT, "day": DAY, "movement": MOVEMENT, "month": MONTH,
}  # fmt: skip
ANSWERS: Mapping[str, str] = {"rates": RATES, "triangle": TRIANGLE}


def words(lines: str, as_of: object, tables: Mapping[str, str]) -> Mapping[str, str]:
    """What stands for the names in the SQL: where the lines are, the day it is as of, and each step's table."""
    return {
        "lines": lines,
        "as_of": str(as_of),
        "lost": ", ".join(
            f"CASE WHEN told_as IN ('churn', 'contraction') THEN {name} END AS {name}"
            for name in ("service_end_on", "billing_end_on", "scheduled_on", "churn_kind", "reason")
        ),
        "money": ", ".join(f"CAST({sql} AS DECIMAL(18, 2)) AS {name}_mrr" for name, sql in _MONEY.items()),
        "nothing": ", ".join("CAST(0 AS DECIMAL(18, 2))" for _ in range(len(_MONEY) - 2)),
        **tables,
    }
