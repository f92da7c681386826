"""mart.mrr_span: each line cut into stretches in which its revenue and its state stay the same.

    build.mrr_line ──cut where a trial, a discount, a pause or (at month ends) a rate begins or ends──┐
                                                            mart.mrr_span <── build.mrr_stretch <────┘

Most lines are one stretch, and go by without being cut.
"""

from fairlead.model.marts_of_revenue import BEGAN_WITH
from fairlead.model.revenue import FreeAs, Fx, PausedAs, RateOf, Switches, Usage
from fairlead.model.tables import TABLES
from fairlead.values import Query

# States whose revenue counts, and with it those in which somebody is a customer.
COUNTS = "('active', 'past_due')"
# The rates as spans of days, and the last day of each currency of which one is known.
RATES = """rate_day AS (
  SELECT r.currency, r.starts_on, r.rate FROM (
    SELECT v.currency, v.starts_on, v.rate,
      row_number() OVER (PARTITION BY v.currency, v.starts_on ORDER BY v.id) AS place
    FROM record.rate AS v
    WHERE v.deleted_at IS NULL
  ) AS r
  WHERE r.place = 1
),
rate_span AS (
  SELECT r.currency, r.starts_on, r.rate,
    lead(r.starts_on) OVER (PARTITION BY r.currency ORDER BY r.starts_on) AS ends_on
  FROM rate_day AS r
),
last_rate AS (SELECT r.currency, max(r.starts_on) AS known_on FROM rate_day AS r GROUP BY r.currency),
"""


def present(switches: Switches) -> str:
    """SQL list of the states in which a line makes its owner a customer."""
    free = ", 'free'" if switches.free is FreeAs.CONTRACTION else ""
    return f"('active', 'past_due', 'paused'{free})"


def stretches(switches: Switches) -> Query:
    """The SQL of build.mrr_stretch: the stretches, and of each what came before and comes after on the same line.

    Lines that nothing cuts and the pieces of the others go through the same steps apart from each other, so that no
    window and no copy is made of what needs none.
    """
    days = dict(_cuts(switches))
    inner = " OR ".join([*days.values(), *_foreign(switches.fx)])
    cut = "\n  UNION\n".join(
        f"  SELECT l.line_id, {day} AS day FROM cutting AS l WHERE {condition}" for day, condition in days.items()
    )
    plain, pieces = (_states(switches, name) for name in ("plain", "piece"))
    return Query(
        "build.mrr_stretch",
        f"""-- Grain: one row per line and stretch of days.
WITH {RATES}cutting AS (SELECT l.* FROM build.mrr_line AS l WHERE {inner}),
cut AS (
  SELECT l.line_id, l.starts_on AS day FROM cutting AS l
  UNION
{cut}{_month_cuts(switches.fx)}
),
plain AS (
  SELECT l.*, l.starts_on AS from_on, l.ends_on AS to_on FROM build.mrr_line AS l WHERE NOT coalesce({inner}, false)
),
piece AS (
  SELECT l.*, k.day AS from_on, coalesce(lead(k.day) OVER (PARTITION BY k.line_id ORDER BY k.day), l.ends_on) AS to_on
  FROM cut AS k
  JOIN cutting AS l ON l.line_id = k.line_id
),
{plain},
{pieces},
{_rated_days(switches.fx)}plain_valued AS (
{_valued(switches, "plain")}
),
piece_valued AS (
{_valued(switches, "piece")}
)
{_neighbours()}""",
    )


def _cuts(switches: Switches) -> tuple[tuple[str, str], ...]:
    """Each day that may cut a line, and the condition under which it does: strictly within the line."""
    days = ["l.paid_from", "l.discount_from", "l.discount_to", "l.past_due_on"]
    if switches.paused.counts_as is not PausedAs.COUNTS:
        days += ["l.paused_on", "l.resumes_on"]
    found = [(day, f"({day} > l.starts_on AND (l.ends_on IS NULL OR {day} < l.ends_on))") for day in days]
    if switches.paused.counts_as is PausedAs.OWN:
        limit = _limit(switches)
        within = f"{limit} > l.starts_on AND (l.ends_on IS NULL OR {limit} < l.ends_on)"
        found.append((limit, f"({within} AND (l.resumes_on IS NULL OR {limit} < l.resumes_on))"))
    return tuple(found)


def _limit(switches: Switches) -> str:
    """SQL of the day on which a pause becomes churn."""
    return f"CAST(l.paused_on + {switches.paused.limit_days} * INTERVAL 1 DAY AS DATE)"


def _states(switches: Switches, of: str) -> str:
    """Each stretch with its state, and what it costs a month in its currency, counted or not."""
    paused = "s.from_on >= s.paused_on AND (s.resumes_on IS NULL OR s.from_on < s.resumes_on)"
    limit = _limit(switches).replace("l.", "s.")
    begun = "s.paused_on > s.starts_on AND coalesce(s.paused_on > s.paid_from, true)"  # only what has begun can pause
    cases = {
        PausedAs.OWN: f"WHEN {paused} THEN CASE WHEN {begun} AND s.from_on < {limit} THEN 'paused' ELSE 'lapsed' END",
        PausedAs.CHURN: f"WHEN {paused} THEN 'lapsed'",
        PausedAs.COUNTS: "",
    }
    usage = "WHEN s.is_usage THEN 'usage'" if switches.usage is Usage.EXCLUDED else ""
    discounted = "s.from_on >= s.discount_from AND (s.discount_to IS NULL OR s.from_on < s.discount_to)"
    return f"""{of}_priced AS (
  SELECT s.*, coalesce({discounted}, false) AS is_discounted,
    CASE WHEN {discounted} THEN s.mrr ELSE s.list_mrr END AS monthly
  FROM {of} AS s
),
{of}_stated AS (
  SELECT s.*,
    CASE
      WHEN s.is_trial OR s.from_on < s.paid_from THEN 'trial'
      {usage}
      {cases[switches.paused.counts_as]}
      WHEN s.monthly = 0 THEN 'free'
      WHEN s.from_on >= s.past_due_on THEN 'past_due'
      ELSE 'active' END AS state
  FROM {of}_priced AS s
)"""


def _is_monthly(fx: Fx) -> bool:
    return fx.rate is RateOf.PERIOD_END and fx.constant_on is None


def _foreign(fx: Fx) -> tuple[str, ...]:
    """What cuts foreign lines, where each month has its own rate."""
    return ("l.currency <> (SELECT c.currency FROM build.clock AS c)",) if _is_monthly(fx) else ()


def _month_cuts(fx: Fx) -> str:
    """Where each month has its own rate, the first of each month cuts the foreign lines that run on it."""
    if not _is_monthly(fx):
        return ""
    return """
  UNION
  SELECT l.line_id, m.day AS day
  FROM cutting AS l
  CROSS JOIN build.clock AS c
  JOIN mart.calendar AS m ON m.day > l.starts_on AND m.day <= c.as_of_day AND (l.ends_on IS NULL OR m.day < l.ends_on)
  WHERE l.currency <> c.currency AND m.day = CAST(date_trunc('month', m.day) AS DATE)"""


def _rated_on(fx: Fx) -> str:
    """SQL of the day at whose rate a stretch is converted."""
    if fx.constant_on:
        return f"DATE '{fx.constant_on}'"
    if fx.rate is RateOf.PERIOD_END:
        end = "CAST(date_trunc('month', s.from_on) + INTERVAL 1 MONTH - INTERVAL 1 DAY AS DATE)"
        return f"least({end}, greatest(c.as_of_day, s.from_on))"
    return "s.starts_on"


def _rated_days(fx: Fx) -> str:
    """The rates of the days at which stretches are converted; each is looked up once, however many stretches it has."""
    rated = _rated_on(fx)
    if rated == "s.starts_on":
        return ""
    return f"""asked_day AS (
  SELECT DISTINCT s.currency, {rated} AS day
  FROM (
    SELECT p.currency, p.starts_on, p.from_on FROM plain_stated AS p
    UNION ALL
    SELECT p.currency, p.starts_on, p.from_on FROM piece_stated AS p
  ) AS s
  CROSS JOIN build.clock AS c
  WHERE s.currency <> c.currency
),
rated_day AS (
  SELECT d.currency, d.day, r.rate
  FROM asked_day AS d
  JOIN rate_span AS r ON r.currency = d.currency AND r.starts_on <= d.day AND (r.ends_on IS NULL OR r.ends_on > d.day)
),
"""


def _valued(switches: Switches, of: str) -> str:
    """Each stretch with its monthly value in the company's currency.

    A rate is provisional while the last one that is known lies before its day: a later one may take its place. Where
    no rate is known of a day asked for, the line's own stays and is marked.
    """
    own = "CASE WHEN s.is_discounted THEN s.mrr_converted ELSE s.list_mrr_converted END"
    rated = _rated_on(switches.fx)
    is_own = rated == "s.starts_on"
    exact = "CAST(round(s.monthly * CAST(r.rate AS DECIMAL(20, 12)), 2) AS DECIMAL(18, 2))"
    value = own if is_own else f"CASE WHEN s.currency = c.currency THEN s.monthly ELSE coalesce({exact}, {own}) END"
    day = f"LEFT JOIN rated_day AS r ON r.currency = s.currency AND r.day = {rated}"
    late = f"coalesce({rated} > k.known_on, true)" + ("" if is_own else " OR r.rate IS NULL")
    return f"""  SELECT s.*, {rated} AS rated_on, {value} AS monthly_converted,
    s.currency <> c.currency AND ({late}) AS is_provisional,
    CASE WHEN s.state IN {COUNTS} THEN s.monthly ELSE 0 END AS counted,
    CASE WHEN s.state IN {COUNTS} THEN {value} ELSE 0 END AS counted_converted
  FROM {of}_stated AS s
  CROSS JOIN build.clock AS c
  LEFT JOIN last_rate AS k ON k.currency = s.currency
  {"" if is_own else day}"""


def _neighbours() -> str:
    """The columns of the step; only lines that were cut have anything before or after."""
    shown = """s.line_id, s.customer_id, s.account_id, s.product_id, s.opportunity_id, s.subscription, s.currency,
    s.from_on AS starts_on, s.to_on AS ends_on, s.state, s.monthly, s.monthly_converted,
    CAST(s.counted AS DECIMAL(18, 2)) AS mrr, CAST(s.counted_converted AS DECIMAL(18, 2)) AS mrr_converted,
    s.rated_on, s.is_provisional, s.is_escalator, s.service_end_on, s.billing_end_on, s.scheduled_on, s.churn_kind,
    s.reason, s.known_at"""
    names = ("state", "monthly", "monthly_converted", "counted", "counted_converted")
    before = ", ".join(f"lag(s.{n}) OVER cuts AS {n}_before" for n in names)
    kinds = ("VARCHAR", *("DECIMAL(18, 2)" for _ in names[1:]))
    none = ", ".join(f"CAST(NULL AS {kind}) AS {n}_before" for n, kind in zip(names, kinds, strict=True))
    return f"""SELECT {shown}, {none}, CAST(NULL AS VARCHAR) AS state_after
FROM plain_valued AS s
UNION ALL
SELECT {shown}, {before}, lead(s.state) OVER cuts AS state_after
FROM piece_valued AS s
WINDOW cuts AS (PARTITION BY s.line_id ORDER BY s.from_on)"""


def spans() -> Query:
    """The SQL of mart.mrr_span: the stretches as they are published."""
    shown = ", ".join(f"s.{column.name}" for column in TABLES["mrr_span"].columns if column not in BEGAN_WITH)
    grain = "-- Grain: one row per line and stretch of days."
    return Query("mart.mrr_span", f"{grain}\nSELECT {shown}\nFROM build.mrr_stretch AS s")
