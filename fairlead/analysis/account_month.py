"""mart.account_month: a customer's revenue at the start and the end of each month, and what moved it in between."""

from fairlead.analysis.mrr_moved import NET
from fairlead.model.revenue import SameMonth, Switches
from fairlead.values import Query

FAR = "DATE '2999-01-01'"


def account_months(switches: Switches) -> Query:
    """The SQL of mart.account_month, made from mart.mrr_movement."""
    return Query(
        "mart.account_month",
        f"""-- Grain: one row per customer and month in which it had recurring revenue at the start or at the end.
-- The current month ends with the day the build is as of.
WITH {_moved_by_month(switches)},
kinded AS (
{_kinded(switches)}
)
SELECT k.customer_id AS account_id, k.month, k.opening AS opening_mrr,
{_columns()}
  k.closing AS closing_mrr,
{_kept(switches)}
FROM kinded AS k
WHERE k.opening <> 0 OR k.closing <> 0 OR {_moved()}
UNION ALL
SELECT r.customer_id AS account_id, m.month, r.closing AS opening_mrr,
{_nothing()}
  r.closing AS closing_mrr, CAST(0 AS DECIMAL(18, 2)) AS gained_mrr, CAST(0 AS DECIMAL(18, 2)) AS lost_mrr,
  false AS is_lost
FROM reached AS r
JOIN months AS m ON m.month > r.month AND m.month < coalesce(r.next_month, {FAR})
WHERE r.closing <> 0""",
    )


# Losses are told as positive amounts, as people speak of them; what may go either way has its sign.
_SIGN = {"contraction": "-", "churn": "-"}
NAMES = {"churn": "churned"}
_SHOWN = ("new", "expansion", "contraction", "churn", "reactivation", "fx", "pause", "escalator", "unbalanced")


def _columns() -> str:
    return "\n".join(f"  {_SIGN.get(kind, '')}k.{kind} AS {NAMES.get(kind, kind)}_mrr," for kind in _SHOWN)


def _nothing() -> str:
    """The columns of a month in which nothing moved."""
    return "\n".join(f"  CAST(0 AS DECIMAL(18, 2)) AS {NAMES.get(kind, kind)}_mrr," for kind in _SHOWN)


def _moved() -> str:
    return " OR ".join(f"k.{kind} <> 0" for kind in _SHOWN)


def _sum(*kinds: str) -> str:
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return f"CAST(sum(CASE WHEN v.kind IN ({names}) THEN v.amount_converted ELSE 0 END) AS DECIMAL(18, 2))"


def _kept(switches: Switches) -> str:
    """The columns of what NRR, GRR and customers lost are made of, by the rule of revenue_report.customers."""
    gone = "k.closing <= 0 AND NOT k.is_customer" if switches.reactivation_in_nrr else "k.leaves = 1"
    returned = f"WHEN NOT coalesce({gone}, false) THEN greatest(k.returned, 0) " if switches.reactivation_in_nrr else ""
    # Whoever is lost keeps nothing, also where another rate had made the loss look smaller than what it paid.
    lost_all = f"WHEN k.opening > 0 AND {gone} THEN -k.opening"
    own = f"CASE {lost_all} WHEN k.opening > 0 THEN greatest(k.own, -k.opening) {returned}ELSE 0 END"
    lost = f"{gone} AND (k.opening > 0 OR k.was_customer AND k.resumed > 0)"
    return f"""  CAST(greatest({own}, 0) AS DECIMAL(18, 2)) AS gained_mrr,
  CAST(greatest(-{own}, 0) AS DECIMAL(18, 2)) AS lost_mrr,
  coalesce({lost}, false) AS is_lost"""


_APART = ("fx", "escalator", "unbalanced")
_OWN = ("expansion", "contraction", "churn")


def _own(switches: Switches) -> str:
    """Sums by day: what a customer's own changes come to until it left and came back, or with that where it counts."""
    winback = switches.reactivation_in_nrr
    kinds = ", ".join(f"'{kind}'" for kind in (*_OWN, *(["reactivation"] if winback else [])))
    until = "true" if winback else "(b.back_on IS NULL OR v.moved_on < b.back_on)"
    is_new = "max(CASE WHEN v.kind = 'new' THEN 1 ELSE 0 END)"
    since = f"v.kind IN ({kinds}) AND v.moved_on >= b.back_on"
    return f"""sum(CASE WHEN v.kind IN ({kinds}) AND {until} THEN v.amount_converted ELSE 0 END) AS own,
    CASE WHEN {is_new} = 0 THEN sum(CASE WHEN {since} THEN v.amount_converted ELSE 0 END) ELSE 0 END AS returned,
    sum(CASE WHEN v.kind IN ('pause', 'resume') AND {until} THEN v.amount_converted ELSE 0 END) AS resumed,
    max(CASE WHEN v.kind = 'churn' THEN 1 ELSE 0 END) AS leaves"""


_BACK = """
  LEFT JOIN (
    SELECT v.customer_id, CAST(date_trunc('month', v.moved_on) AS DATE) AS month, min(v.moved_on) AS back_on
    FROM mart.mrr_movement AS v
    WHERE v.kind = 'reactivation' AND NOT v.is_scheduled
    GROUP BY v.customer_id, CAST(date_trunc('month', v.moved_on) AS DATE)
  ) AS b ON b.customer_id = v.customer_id AND b.month = CAST(date_trunc('month', v.moved_on) AS DATE)"""


def _moved_by_month(switches: Switches) -> str:
    """CTEs up to `reached`: the months in which a customer moved; grouped ones need no more than their net."""
    is_grouped = switches.same_month is SameMonth.GROUPED
    sums = [f"{_sum(*NET)} AS net"]
    sums += [] if is_grouped else [*(f"{_sum(kind)} AS {kind}" for kind in NET), _own(switches)]
    sums += [f"{_sum(kind)} AS {kind}" for kind in _APART]
    lines = ",\n    ".join(sums)
    return f"""months AS (
  SELECT CAST(date_trunc('month', d.day) AS DATE) AS month
  FROM build.calendar AS d
  CROSS JOIN build.clock AS c
  WHERE d.day <= c.as_of_day AND d.day >= (SELECT min(v.moved_on) FROM mart.mrr_movement AS v)
  GROUP BY CAST(date_trunc('month', d.day) AS DATE)
),
moved AS (
  SELECT v.customer_id, CAST(date_trunc('month', v.moved_on) AS DATE) AS month,
    {lines},
    {_sum("pause", "resume")} AS pause,
    CAST(sum(v.amount_converted) AS DECIMAL(18, 2)) AS moved, min_by(v.was_customer, v.moved_on) AS was_customer,
    max_by(v.is_customer, v.moved_on) AS is_customer
  FROM mart.mrr_movement AS v{"" if is_grouped else _BACK}
  WHERE NOT v.is_scheduled
  GROUP BY v.customer_id, CAST(date_trunc('month', v.moved_on) AS DATE)
),
reached AS (
  SELECT p.*,
    CAST(sum(p.moved) OVER run AS DECIMAL(18, 2)) AS closing,
    CAST(sum(p.moved) OVER run - p.moved AS DECIMAL(18, 2)) AS opening,
    lead(p.month) OVER turn AS next_month
  FROM moved AS p
  WINDOW turn AS (PARTITION BY p.customer_id ORDER BY p.month),
    run AS (PARTITION BY p.customer_id ORDER BY p.month ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)"""


def _kinded(switches: Switches) -> str:
    """The months with their kinds: each as it was on its day, or the month's net change as one."""
    plain = "r.customer_id, r.month, r.opening, r.closing, r.next_month, r.fx, r.pause, r.escalator, r.unbalanced"
    plain += ", r.was_customer, r.is_customer"
    own = ", r.own, r.returned, r.resumed, r.leaves"
    if switches.same_month is SameMonth.COUNTED:
        return f"  SELECT {plain}{own}, {', '.join(f'r.{kind}' for kind in NET)}\n  FROM reached AS r"
    if switches.same_month is SameMonth.HIDDEN:
        stays = "coalesce(r.was_customer, true) OR coalesce(r.is_customer, true)"
        kinds = ", ".join(f"CASE WHEN {stays} THEN r.{kind} ELSE 0 END AS {kind}" for kind in NET[1:])
        # Who came and left shows nothing; but for what other rates changed in between, or the row would not balance.
        kinds = f"CASE WHEN {stays} THEN r.new ELSE r.net END AS new, {kinds}"
        return f"  SELECT {plain}{own}, {kinds}\n  FROM reached AS r"
    cases = ", ".join(f"CASE WHEN g.kind = '{kind}' THEN g.net ELSE 0 END AS {kind}" for kind in NET)
    owned = ", ".join(f"'{kind}'" for kind in _OWN)
    return f"""  SELECT {plain.replace("r.", "g.")}, {cases},
    CASE WHEN g.kind IN ({owned}) THEN g.net ELSE 0 END AS own,
    CASE WHEN g.kind = 'reactivation' THEN g.net ELSE 0 END AS returned, g.pause AS resumed,
    CASE WHEN g.kind = 'churn' AND g.net <> 0 THEN 1 ELSE 0 END AS leaves
  FROM (
    SELECT r.*,
      CASE
        WHEN r.is_customer AND NOT coalesce(p.month < r.month, false) AND r.net > 0 THEN 'new'
        WHEN NOT r.was_customer AND p.month < r.month THEN 'reactivation'
        WHEN NOT r.was_customer THEN 'new'
        WHEN NOT r.is_customer THEN 'churn'
        WHEN r.net > 0 THEN 'expansion'
        ELSE 'contraction' END AS kind
    FROM reached AS r
    LEFT JOIN (
      SELECT b.customer_id, min(b.month) AS month FROM reached AS b WHERE b.closing > 0 GROUP BY b.customer_id
    ) AS p ON p.customer_id = r.customer_id
  ) AS g"""
