"""build.mrr_line: every line that is recurring revenue at some time, with its customer and the days that cut it.

service_end_on   first day without service        ─┐
billing_end_on   first day that is not billed      ├─ all three are kept; `churn_date` says which one ends revenue
scheduled_on     when its end was asked for        ─┘  (the last one not for a line that its renewal follows)
ends_on          that day, or an earlier one: unpaid for too long, refunded, or taken over by the line that follows
asked_on         since when anybody could know that it ends because somebody asked for it; empty for the end of a term
paused_on        where a paused line names no day: the end of its trial, after which it was never paid for, or else the
                 day on which we saw it so. From its start on would take away what was paid before
"""

from fairlead.model import line_status as status
from fairlead.model.revenue import ChurnDate, Customer, Discounts, Refunds, Switches
from fairlead.values import Query

ENDED, PAUSED, UNPAID = (status.among(words) for words in (status.ENDED, status.PAUSED, status.UNPAID))

CHURN_DATES = {
    ChurnDate.SERVICE_END: "k.service_end_on",
    ChurnDate.BILLING_END: "coalesce(k.billing_ends_on, k.service_end_on)",
    ChurnDate.WHEN_SCHEDULED: "CASE WHEN g.line_id IS NULL THEN k.scheduled_on ELSE k.service_end_on END",
}
# Whether a line's discount reduces it; one that has an end and no name for its kind is a repeating one.
LASTS = "coalesce(l.discount_lasts, CASE WHEN l.discount_ends_on IS NULL THEN 'forever' ELSE 'repeating' END)"
COUNTED = {
    Discounts.FOREVER: f"{LASTS} = 'forever'",
    Discounts.ALL: "true",
    Discounts.NONE: "false",
}
# How long one charge covers: after it, a discount that was given once is over.
ONE_CHARGE = """CASE l.billing_interval
      WHEN 'year' THEN CAST(l.starts_on + 12 * coalesce(l.billing_interval_count, 1) * INTERVAL 1 MONTH AS DATE)
      WHEN 'month' THEN CAST(l.starts_on + coalesce(l.billing_interval_count, 1) * INTERVAL 1 MONTH AS DATE)
      WHEN 'week' THEN CAST(l.starts_on + 7 * coalesce(l.billing_interval_count, 1) * INTERVAL 1 DAY AS DATE)
      ELSE CAST(l.starts_on + coalesce(l.billing_interval_count, 1) * INTERVAL 1 DAY AS DATE) END"""
# The day on which we saw a line as it is; as of now no later than today, since an export may be older than its reading.
SEEN = "CAST(timezone(c.timezone, k.seen_at) AS DATE)"
SEEN_ON = f"CASE WHEN NOT c.is_past AND {SEEN} > c.as_of_day THEN c.as_of_day ELSE {SEEN} END"
TOPMOST = """LEFT JOIN record.account AS own ON own.id = l.account_id
  LEFT JOIN record.account AS above ON above.id = own.parent_id
  LEFT JOIN record.account AS top ON top.id = above.parent_id"""


def line(switches: Switches) -> Query:
    """The SQL of build.mrr_line under these switches."""
    return Query("build.mrr_line", f"-- Grain: one row per line that may count.\nWITH {_ctes(switches)}\n{_result()}")


def _ctes(switches: Switches) -> str:
    return ",\n".join((_known(switches), _ended(switches), _follows(switches)))


def _known(switches: Switches) -> str:
    """The lines, their customers and the day on which service ends."""
    is_parent = switches.customer is Customer.PARENT
    customer = "coalesce(top.id, above.id, l.account_id)" if is_parent else "l.account_id"
    return f"""known AS (
  SELECT
    l.*,
    {customer} AS customer_id,
    coalesce(l.kind, 'recurring') = 'usage' AS is_usage,
    l.word IN {status.among(status.TRIAL)} AS is_trial,
    coalesce(l.ends_on, l.cancels_on, CASE WHEN l.word IN {ENDED} THEN l.cancelled_on END) AS service_end_on,
    CASE WHEN coalesce(l.discount, 0) <> 0 AND {COUNTED[switches.discounts]}
      THEN coalesce(l.discount_starts_on, l.starts_on) END AS discount_from,
    CASE WHEN coalesce(l.discount, 0) <> 0 AND {COUNTED[switches.discounts]}
      THEN coalesce(l.discount_ends_on, CASE WHEN l.discount_lasts = 'once' THEN {ONE_CHARGE} END) END AS discount_to,
    CASE WHEN strpos(l.replaces_id, ':') > 0 THEN l.replaces_id ELSE l.source_system || ':' || l.replaces_id END
      AS follows_id
  FROM (SELECT r.*, {status.word("r.status")} AS word FROM record.contract_line AS r) AS l
  {TOPMOST if is_parent else ""}
  WHERE l.deleted_at IS NULL
    AND coalesce(l.kind, 'recurring') IN ('recurring', 'usage')
    AND l.word NOT IN {status.among(status.NOT_BEGUN)}
)"""


def _ended(switches: Switches) -> str:
    """The three dates, and the day revenue ends by the policies on churn, payment and refunds."""
    after = switches.past_due.after_days
    overdue = f"WHEN k.past_due_on IS NOT NULL THEN k.past_due_on + {after} * INTERVAL 1 DAY" if after else ""
    refunded = switches.refunds is Refunds.EARLY_ANNUAL
    back = "CASE WHEN b.refunded_on >= k.starts_on THEN b.refunded_on END" if refunded else "CAST(NULL AS DATE)"
    join = "LEFT JOIN refund AS b ON b.line_id = k.id" if refunded else ""
    scheduled = switches.churn_date is ChurnDate.WHEN_SCHEDULED
    return f"""{_refunds() if refunded else ""}dated AS (
  SELECT
    k.*,
    CASE WHEN coalesce(k.cancelled_on, k.service_end_on) IS NOT NULL
      THEN greatest(k.starts_on, least(coalesce(k.cancelled_on, k.service_end_on), k.service_end_on)) END
      AS scheduled_on,
    CAST(CASE
      WHEN k.word IN {UNPAID} THEN coalesce(k.past_due_on, k.service_end_on, {SEEN_ON})
      {overdue} END AS DATE) AS lapsed_on,
    CASE WHEN k.paused_on IS NULL AND k.word IN {PAUSED} THEN coalesce(k.trial_ends_on, {SEEN_ON}) ELSE k.paused_on END
      AS pauses_on,
    CASE
      WHEN k.cancelled_on IS NOT NULL THEN greatest(k.starts_on, k.cancelled_on)
      WHEN k.cancels_on IS NULL AND k.word NOT IN {ENDED} THEN NULL
      WHEN c.is_past THEN k.service_end_on
      ELSE k.starts_on END AS asked_on,
    {back} AS refunded_on
  FROM known AS k
  CROSS JOIN build.clock AS c
  {join}
),
{_CONTINUED if scheduled else ""}ended AS (
  SELECT
    k.*,
    least({CHURN_DATES[switches.churn_date]}, k.lapsed_on, k.refunded_on) AS paid_until,
    k.lapsed_on IS NOT NULL AND k.lapsed_on <= coalesce(k.service_end_on, k.lapsed_on) AS is_lapsed
  FROM dated AS k
  {"LEFT JOIN continued AS g ON g.line_id = k.id" if scheduled else ""}
)"""


# A line that ends because the next one takes its place was renewed, however early its end was entered.
_CONTINUED = """continued AS (
  SELECT k.id AS line_id
  FROM dated AS k
  JOIN dated AS f ON f.account_id = k.account_id AND f.starts_on = k.service_end_on
    AND f.product_id IS NOT DISTINCT FROM k.product_id AND f.is_usage = k.is_usage
  WHERE k.starts_on < k.service_end_on
  UNION
  SELECT f.follows_id AS line_id FROM dated AS f WHERE f.follows_id IS NOT NULL
),
"""


def _refunds() -> str:
    """The first refund of each yearly line that was cancelled: the financial event that ended it.

    A line that another one follows on the day of its end was changed, and not cancelled.
    """
    return """refund AS (
  SELECT k.id AS line_id, min(y.day) AS refunded_on
  FROM known AS k
  JOIN record.invoice AS i ON i.subscription = k.subscription AND i.account_id = k.account_id
  JOIN record.payment AS y ON y.invoice_id = i.id AND y.day >= k.starts_on
  WHERE k.billing_interval = 'year' AND coalesce(k.cancelled_on, k.cancels_on) IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM known AS f WHERE f.customer_id = k.customer_id AND f.starts_on = k.service_end_on)
    AND y.kind = 'refund' AND coalesce(y.status, 'succeeded') = 'succeeded' AND y.deleted_at IS NULL
  GROUP BY k.id
),
"""


def _follows(switches: Switches) -> str:
    """For a line that another one takes over: the day on which that one starts.

    It is the line that says so (`replaces_id`), or the customer's first line of another billing system.
    """
    days = switches.migration.within_days
    if not days:
        none = "SELECT CAST(NULL AS VARCHAR) AS line_id, CAST(NULL AS DATE) AS taken_over_on WHERE false"
        return f"follower AS (\n  {none}\n)"
    near = f"BETWEEN e.paid_until - {days} * INTERVAL 1 DAY AND e.paid_until + {days} * INTERVAL 1 DAY"
    return f"""system_start AS (
  SELECT y.customer_id, y.source_system, y.first_on
  FROM (
    SELECT x.customer_id, x.source_system, min(x.starts_on) AS first_on,
      count(*) OVER (PARTITION BY x.customer_id) AS systems
    FROM ended AS x
    GROUP BY x.customer_id, x.source_system
  ) AS y
  WHERE y.systems > 1
),
follower AS (
  SELECT t.line_id, min(t.taken_over_on) AS taken_over_on
  FROM (
    SELECT e.id AS line_id, f.starts_on AS taken_over_on
    FROM ended AS f
    JOIN ended AS e ON e.id = f.follows_id AND e.customer_id = f.customer_id
    WHERE f.starts_on > e.starts_on AND (e.paid_until IS NULL OR f.starts_on {near})
    UNION ALL
    SELECT e.id AS line_id, f.first_on AS taken_over_on
    FROM ended AS e
    JOIN system_start AS f ON f.customer_id = e.customer_id AND f.source_system <> e.source_system
    WHERE f.first_on > e.starts_on AND f.first_on {near}
  ) AS t
  GROUP BY t.line_id
)"""


def term_months(line: str) -> str:
    """SQL of how many months a line binds for: one that is paid by the year, or by three months and more."""
    return f"""CASE
    WHEN {line}.billing_interval = 'year' THEN 12 * coalesce({line}.billing_interval_count, 1)
    WHEN {line}.billing_interval = 'month' AND {line}.billing_interval_count > 2 THEN {line}.billing_interval_count
    END"""


def _result() -> str:
    return f"""SELECT
  e.id AS line_id,
  e.customer_id,
  e.account_id,
  e.product_id,
  e.opportunity_id,
  e.subscription,
  e.currency,
  e.starts_on,
  coalesce(f.taken_over_on, e.paid_until) AS ends_on,
  e.service_end_on,
  coalesce(e.billing_ends_on, e.service_end_on) AS billing_end_on,
  e.scheduled_on,
  CASE WHEN e.is_lapsed OR f.taken_over_on IS NOT NULL THEN coalesce(f.taken_over_on, e.paid_until) ELSE e.asked_on END
    AS asked_on,
  CASE
    WHEN e.is_lapsed THEN 'involuntary'
    WHEN e.service_end_on IS NOT NULL OR e.cancelled_on IS NOT NULL THEN e.cancel_kind END AS churn_kind,
  CASE WHEN e.is_lapsed THEN coalesce(e.cancel_reason, 'not paid') ELSE e.cancel_reason END AS reason,
  e.is_usage,
  e.is_trial,
  e.trial_ends_on AS paid_from,
  e.discount_from,
  e.discount_to,
  CASE WHEN e.pauses_on IS NOT NULL THEN greatest(e.pauses_on, e.starts_on) END AS paused_on,
  e.resumes_on,
  e.past_due_on,
  coalesce(e.is_escalator, false) AS is_escalator,
  e.follows_id,
  e.renews_on,
  e.auto_renews,
  {term_months("e")} AS term_months,
  e.mrr,
  e.mrr_converted,
  e.list_mrr,
  e.list_mrr_converted,
  e.seen_at AS known_at
FROM ended AS e
LEFT JOIN follower AS f ON f.line_id = e.id
WHERE coalesce(f.taken_over_on, e.paid_until) IS NULL OR coalesce(f.taken_over_on, e.paid_until) > e.starts_on"""
