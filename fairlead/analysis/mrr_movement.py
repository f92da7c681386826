"""mart.mrr_movement: how recurring revenue moved, by customer, product, day and kind; summed up it is the revenue.

    build.mrr_stretch ──where one begins, goes over into another, or ends──┐
      build.mrr_apart  what stands apart: FX, price steps sold in advance, pauses; few days have any
      build.mrr_unit   by account, product and day: the net change, and what stands apart from it
      build.mrr_day    by customer and day: of which kind its net change is
      mart.mrr_movement  the net change spread over the products that made it

A kind is the customer's (net of all its lines on a day); the rows are its products'. Where one product grew and another
one shrank, the rest of their changes is `transfer`, which sums to nothing for each customer and day.
"""

from fairlead.analysis.mrr_span import COUNTS, present
from fairlead.model.revenue import Customer, Escalator, Switches
from fairlead.values import Query

NOTHING = "CAST(0 AS DECIMAL(18, 2))"  # a plain 0 would make a sum of whole numbers of it


def _total(money: str) -> str:
    """SQL of a sum of money, as money."""
    return f"CAST(sum({money}) AS DECIMAL(18, 2))"


def _turns(switches: Switches) -> str:
    """SQL of each beginning, change and end of a line, with what it did.

    `own` is in the line's currency and `money` in the company's, signed. Where a line goes on with another amount, it
    is the difference. `here` is 1 where somebody became a customer by it, -1 where one left. What is told of a loss is
    told where a line ends or lapses.
    """
    lapsed = ", ".join(
        f"CASE WHEN s.state = 'lapsed' AND s.state_before IS NOT NULL THEN s.{name} END AS {name}" for name in FACTS
    )
    before, after = (_present(switches, f"s.state{of}", f"s.monthly{of}") for of in ("_before", ""))
    lines = "s.customer_id, s.account_id, s.product_id, s.currency, s.line_id, s.opportunity_id, s.known_at"
    return f"""SELECT {lines}, s.starts_on AS moved_on, s.is_provisional,
    {IS_STEP} AS is_step,
    CASE WHEN s.state_before IS NULL THEN s.mrr
      WHEN s.state_before = 'paused' OR s.state = 'paused' THEN 0
      ELSE s.mrr - s.counted_before END AS own,
    CASE WHEN s.state_before IS NULL THEN s.mrr_converted
      WHEN s.state_before = 'paused' OR s.state = 'paused' THEN 0
      ELSE s.mrr_converted - s.counted_converted_before - {_rate_change(switches)} END AS money,
    {after} - CASE WHEN s.state_before IS NULL THEN 0 ELSE {before} END AS here,
    {lapsed}
  FROM build.mrr_stretch AS s
  CROSS JOIN build.clock AS c
  UNION ALL
  SELECT {lines}, s.ends_on AS moved_on, s.is_provisional,
    false AS is_step, -s.mrr AS own, -s.mrr_converted AS money,
    -{_present(switches, "s.state", "s.monthly")} AS here,
    {", ".join(f"s.{name}" for name in FACTS)}
  FROM build.mrr_stretch AS s
  WHERE s.ends_on IS NOT NULL AND s.state_after IS NULL"""


FACTS = ("service_end_on", "billing_end_on", "scheduled_on", "churn_kind", "reason")
IS_STEP = "s.is_escalator AND s.state_before IS NULL AND s.mrr > 0"
BOTH = f"s.state IN {COUNTS} AND s.state_before IN {COUNTS}"
CHANGED = ("rate_fx", "reclassed_own", "reclassed", "paused_own", "paused", "resumed_own", "resumed")


def _changes(switches: Switches) -> str:
    """SQL of what stands apart of a line that goes on: another rate, and pauses.

    A pause that has become churn is taken back: what was paused has left (`reclassed`).
    """
    now = f"s.state IN {COUNTS}"
    paused = f"s.state = 'paused' AND s.state_before IN {COUNTS}"
    gone = "s.state_before = 'paused' AND s.state IN ('lapsed', 'free', 'trial', 'usage')"
    resumed = f"s.state_before = 'paused' AND {now}"
    return f"""SELECT s.account_id, s.product_id, s.starts_on AS moved_on,
    {_rate_change(switches)} AS rate_fx,
    CASE WHEN {gone} THEN s.monthly_before ELSE 0 END AS reclassed_own,
    CASE WHEN {gone} THEN s.monthly_converted_before ELSE 0 END AS reclassed,
    CASE WHEN {paused} THEN -s.counted_before ELSE 0 END AS paused_own,
    CASE WHEN {paused} THEN -s.counted_converted_before ELSE 0 END AS paused,
    CASE WHEN {resumed} THEN s.mrr ELSE 0 END AS resumed_own,
    CASE WHEN {resumed} THEN s.mrr_converted ELSE 0 END AS resumed
  FROM build.mrr_stretch AS s
  CROSS JOIN build.clock AS c
  WHERE s.state_before IS NOT NULL
  UNION ALL
  SELECT s.account_id, s.product_id, s.ends_on AS moved_on, {NOTHING} AS rate_fx,
    s.monthly AS reclassed_own, s.monthly_converted AS reclassed,
    {NOTHING} AS paused_own, {NOTHING} AS paused, {NOTHING} AS resumed_own, {NOTHING} AS resumed
  FROM build.mrr_stretch AS s
  WHERE s.ends_on IS NOT NULL AND s.state_after IS NULL AND s.state = 'paused'"""


def _rate_change(switches: Switches) -> str:
    """SQL of what another rate changed on a line that goes on: of the part of its value that it already had."""
    if not switches.fx.apart:
        return NOTHING
    kept = "CAST(least(s.mrr, s.counted_before) AS DOUBLE)"
    now = f"CAST(s.mrr_converted * 100 AS DOUBLE) * {kept} / CAST(s.mrr AS DOUBLE)"
    then = f"CAST(s.counted_converted_before * 100 AS DOUBLE) * {kept} / CAST(s.counted_before AS DOUBLE)"
    change = f"CAST((round({now}) - round({then})) / 100 AS DECIMAL(18, 2))"
    is_foreign = "s.currency <> c.currency AND s.mrr > 0 AND s.counted_before > 0"
    return f"CASE WHEN {BOTH} AND {is_foreign} THEN {change} ELSE {NOTHING} END"


def _present(switches: Switches, state: str, monthly: str) -> str:
    """SQL of 1 for a stretch in which a line makes its owner a customer."""
    return f"CASE WHEN {state} IN {present(switches)} AND {monthly} >= 0 THEN 1 ELSE 0 END"


def aparts(switches: Switches) -> Query:
    """The SQL of build.mrr_apart: the FX, price steps and pauses of each unit and day that has any.

    What a customer ended and what it began on the same day in one foreign currency is one agreement: as far as they are
    equal in that currency, their difference in the company's is FX; it goes to what began. A price step is what is more
    than what the unit ended on that day in that currency.
    """
    foreign = "t.currency <> c.currency" if switches.fx.apart else "false"
    steps = switches.escalator is Escalator.APART
    step_own = "greatest(t.step_own - least(t.step_own, t.own_out), 0)" if steps else NOTHING
    changed = ", ".join(f"{_total(f'x.{name}')} AS {name}" for name in CHANGED)
    return Query(
        "build.mrr_apart",
        f"""-- Grain: one row per account, product and day with FX, price steps or pauses.
WITH turn AS (
  {_turns(switches)}
),
step_unit AS (
  SELECT DISTINCT s.account_id, s.product_id, s.starts_on AS moved_on
  FROM build.mrr_stretch AS s
  WHERE {IS_STEP if steps else "false"}
),
flow AS (
  SELECT t.customer_id, t.account_id, t.product_id, t.currency, t.moved_on, {foreign} AS is_foreign,
    {_total("greatest(t.own, 0)")} AS own_in, {_total("greatest(-t.own, 0)")} AS own_out,
    {_total("CASE WHEN t.own > 0 THEN t.money ELSE 0 END")} AS money_in,
    {_total("CASE WHEN t.own < 0 THEN -t.money ELSE 0 END")} AS money_out,
    {_total("CASE WHEN t.is_step THEN t.own ELSE 0 END")} AS step_own,
    {_total("CASE WHEN t.is_step THEN t.money ELSE 0 END")} AS step_money
  FROM turn AS t
  CROSS JOIN build.clock AS c
  LEFT JOIN step_unit AS u ON u.account_id = t.account_id AND u.moved_on = t.moved_on
    AND u.product_id IS NOT DISTINCT FROM t.product_id
  WHERE {foreign} OR u.account_id IS NOT NULL
  GROUP BY t.customer_id, t.account_id, t.product_id, t.currency, t.moved_on, {foreign}
),
{_EXCHANGED},
more AS (
  SELECT t.*, {step_own} AS more_own FROM flow AS t
),
{_parts(switches)}
SELECT x.account_id, x.product_id, x.moved_on, {_total("x.fx")} AS fx, {_total("x.step_own")} AS step_own,
  {_total("x.step")} AS step, {changed}
FROM part AS x
GROUP BY x.account_id, x.product_id, x.moved_on""",
    )


def _parts(switches: Switches) -> str:
    """CTE of everything that stands apart, in rows of one thing each."""
    nothing = ", ".join(f"{NOTHING} AS {name}" for name in CHANGED)
    share = "CAST(t.step_money * 100 AS DOUBLE) * CAST(t.more_own AS DOUBLE) / CAST(t.step_own AS DOUBLE)"
    return f"""part AS (
  SELECT f.account_id, f.product_id, f.moved_on, f.fx, {NOTHING} AS step_own, {NOTHING} AS step, {nothing}
  FROM fx AS f
  UNION ALL
  SELECT t.account_id, t.product_id, t.moved_on, {NOTHING} AS fx, CAST(t.more_own AS DECIMAL(18, 2)) AS step_own,
    CAST(round({share}) / 100 AS DECIMAL(18, 2)) AS step, {nothing}
  FROM more AS t
  WHERE t.more_own > 0
  UNION ALL
  SELECT v.account_id, v.product_id, v.moved_on, {NOTHING} AS fx, {NOTHING} AS step_own, {NOTHING} AS step,
    {", ".join(f"v.{name}" for name in CHANGED)}
  FROM (
  {_changes(switches)}
  ) AS v
  WHERE {" OR ".join(f"v.{name} <> 0" for name in CHANGED)}
)"""


# Matched in all of a customer's lines of a currency, and given to its products by what each of them began with: the
# running share is rounded, so that not a cent is lost.
_EXCHANGED = """exchanged AS (
  SELECT x.customer_id, x.currency, x.moved_on, x.own_in,
    round(x.money_in * x.matched / x.own_in) - round(x.money_out * x.matched / x.own_out) AS cents
  FROM (
    SELECT t.customer_id, t.currency, t.moved_on,
      CAST(sum(t.own_in) AS DOUBLE) AS own_in, CAST(sum(t.own_out) AS DOUBLE) AS own_out,
      CAST(sum(t.money_in) * 100 AS DOUBLE) AS money_in, CAST(sum(t.money_out) * 100 AS DOUBLE) AS money_out,
      CAST(least(sum(t.own_in), sum(t.own_out)) AS DOUBLE) AS matched
    FROM flow AS t
    WHERE t.is_foreign
    GROUP BY t.customer_id, t.currency, t.moved_on
    HAVING sum(t.own_in) > 0 AND sum(t.own_out) > 0
  ) AS x
),
shared AS (
  SELECT t.account_id, t.product_id, t.currency, t.moved_on, t.own_in, x.cents, x.own_in AS whole,
    sum(t.own_in) OVER (
      PARTITION BY t.customer_id, t.currency, t.moved_on ORDER BY t.account_id, t.product_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS reached
  FROM flow AS t
  JOIN exchanged AS x ON x.customer_id = t.customer_id AND x.currency = t.currency AND x.moved_on = t.moved_on
),
fx AS (
  SELECT h.account_id, h.product_id, h.currency, h.moved_on,
    CAST((round(h.cents * CAST(h.reached AS DOUBLE) / h.whole)
      - round(h.cents * CAST(h.reached - h.own_in AS DOUBLE) / h.whole)) / 100 AS DECIMAL(18, 2)) AS fx
  FROM shared AS h
)"""


def units(switches: Switches) -> Query:
    """The SQL of build.mrr_unit: what each product of an account came to on a day."""
    is_own = switches.customer is Customer.ACCOUNT
    customer = "t.account_id" if is_own else "t.customer_id"
    facts = ", ".join(f"max(t.{name}) AS {name}" for name in FACTS)
    apart = {name: f"coalesce(x.{name}, 0)" for name in ("fx", "step", "step_own", *CHANGED)}
    return Query(
        "build.mrr_unit",
        f"""-- Grain: one row per customer, account, product and day.
WITH turn AS (
  {_turns(switches)}
),
unit AS (
  SELECT {customer} AS customer_id, t.account_id, t.product_id, t.moved_on,
    CASE WHEN min(t.currency) = max(t.currency) THEN max(t.currency) END AS currency,
    {_total("t.own")} AS own, {_total("t.money")} AS money,
    CAST(sum(t.here) AS BIGINT) AS here, max(t.known_at) AS known_at, bool_or(t.is_provisional) AS is_provisional,
    CASE WHEN count(*) = 1 THEN max(t.line_id) END AS line_id,
    CASE WHEN min(t.opportunity_id) = max(t.opportunity_id) THEN max(t.opportunity_id) END AS opportunity_id,
    {facts}
  FROM turn AS t
  GROUP BY {"" if is_own else "t.customer_id, "}t.account_id, t.product_id, t.moved_on
)
SELECT u.customer_id, u.account_id, u.product_id, u.moved_on, u.currency, u.here, u.known_at, u.is_provisional,
  u.line_id, u.opportunity_id, {", ".join(f"u.{name}" for name in FACTS)},
  CAST(u.money - {apart["reclassed"]} - {apart["fx"]} AS DECIMAL(18, 2)) AS net,
  CAST(u.own - {apart["reclassed_own"]} AS DECIMAL(18, 2)) AS net_own,
  {apart["step"]} AS step, {apart["step_own"]} AS step_own,
  CAST({apart["rate_fx"]} + {apart["fx"]} AS DECIMAL(18, 2)) AS fx,
  CAST({apart["paused"]} + {apart["reclassed"]} AS DECIMAL(18, 2)) AS paused,
  CAST({apart["paused_own"]} + {apart["reclassed_own"]} AS DECIMAL(18, 2)) AS paused_own,
  {apart["resumed"]} AS resumed, {apart["resumed_own"]} AS resumed_own
FROM unit AS u
LEFT JOIN build.mrr_apart AS x ON x.account_id = u.account_id AND x.moved_on = u.moved_on
  AND x.product_id IS NOT DISTINCT FROM u.product_id""",
    )


def days(switches: Switches) -> Query:
    """The SQL of build.mrr_day: what each customer's day came to, and of which kind it is.

    Days that lie less than `group_days` apart are of one kind: that of what they come to together.
    """
    return Query(
        "build.mrr_day",
        f"""-- Grain: one row per customer and day on which something began or ended.
WITH day AS (
  SELECT u.customer_id, u.moved_on,
    {_total("u.net")} AS net, {_total("u.step")} AS step,
    {_total("u.net + u.fx + u.paused + u.resumed")} AS moved, CAST(sum(u.here) AS BIGINT) AS here, count(*) AS units
  FROM build.mrr_unit AS u
  GROUP BY u.customer_id, u.moved_on
),
reached AS (
  SELECT d.*,
    CAST(sum(d.moved) OVER days AS DECIMAL(18, 2)) AS mrr_after,
    CAST(sum(d.here) OVER days AS BIGINT) AS here_after
  FROM day AS d
  WINDOW days AS (PARTITION BY d.customer_id ORDER BY d.moved_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
first_paid AS (
  SELECT r.customer_id, min(r.moved_on) AS paid_on FROM reached AS r WHERE r.mrr_after > 0 GROUP BY r.customer_id
),
counted AS (
  SELECT r.*, CAST(r.mrr_after - r.moved AS DECIMAL(18, 2)) AS mrr_before, r.here_after - r.here > 0 AS was_customer,
    r.here_after > 0 AS is_customer,
    CASE WHEN r.here_after - r.here > 0 AND r.here_after > 0 THEN r.net - r.step ELSE r.net END AS change,
    coalesce(p.paid_on < r.moved_on, false) AS has_paid
  FROM reached AS r
  LEFT JOIN first_paid AS p ON p.customer_id = r.customer_id
),
{_grouped(switches)}
SELECT g.customer_id, g.moved_on, g.mrr_before, g.mrr_after, g.was_customer, g.is_customer, g.units,
  g.was_customer AND g.is_customer AS stays,
  CASE
    WHEN g.is_there AND NOT g.had_paid AND g.total > 0 THEN 'new'
    WHEN NOT g.was_there AND g.had_paid THEN 'reactivation'
    WHEN NOT g.was_there THEN 'new'
    WHEN NOT g.is_there THEN 'churn'
    WHEN g.total > 0 THEN 'expansion'
    ELSE 'contraction' END AS kind
FROM grouped AS g""",
    )


def _grouped(switches: Switches) -> str:
    """The days with what their group began with, ended with and came to; days that change nothing make no group."""
    if switches.group_days == 1:
        return """grouped AS (
  SELECT c.*, c.change AS total, c.was_customer AS was_there, c.is_customer AS is_there, c.has_paid AS had_paid
  FROM counted AS c
)"""
    apart = f"c.moved_on >= lag(c.moved_on) OVER days + {switches.group_days} * INTERVAL 1 DAY"
    return f"""apart AS (
  SELECT c.*, CASE WHEN {apart} THEN 1 ELSE 0 END AS begins
  FROM counted AS c
  WHERE c.change <> 0
  WINDOW days AS (PARTITION BY c.customer_id ORDER BY c.moved_on)
),
numbered AS (
  SELECT a.*, sum(a.begins) OVER (
    PARTITION BY a.customer_id ORDER BY a.moved_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS place
  FROM apart AS a
),
grouped AS (
  SELECT n.customer_id, n.moved_on, n.mrr_before, n.mrr_after, n.was_customer, n.is_customer, n.units,
    sum(n.change) OVER run AS total, first_value(n.was_customer) OVER run AS was_there,
    last_value(n.is_customer) OVER run AS is_there, first_value(n.has_paid) OVER run AS had_paid
  FROM numbered AS n
  WINDOW run AS (
    PARTITION BY n.customer_id, n.place ORDER BY n.moved_on
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  )
  UNION ALL
  SELECT c.customer_id, c.moved_on, c.mrr_before, c.mrr_after, c.was_customer, c.is_customer, c.units,
    c.change AS total, c.was_customer AS was_there, c.is_customer AS is_there, c.has_paid AS had_paid
  FROM counted AS c
  WHERE c.change = 0
)"""
