"""What is asked of recurring revenue: its movements by period, retention of closed cohorts, and how two lenses differ.

NRR of a period is (o + n) / o over the customers with revenue o > 0 when it began, n >= -o being their own expansion,
contraction, churn and, where the switches say so, reactivation, also that of who had left before; GRR counts of each
customer what was lost, and never more than it gained back: sum of min(o, o + n) / sum of o. Who is lost keeps nothing:
its n is -o, whatever rates made of what it paid. Who is new is in neither, nor is what leaves without an opening: who
paused before the period and leaves in it is a customer lost in it, no more.
mart.account_month (gained_mrr, lost_mrr, is_lost) and mart.account_year say the same of months and years.
"""

from datetime import date
from typing import NamedTuple

from fairlead.analysis.account_month import NAMES
from fairlead.analysis.mrr_moved import KINDS, NET
from fairlead.analysis.revenue_cut import cut
from fairlead.analysis.revenue_tables import revenue_of
from fairlead.analysis.starting import text
from fairlead.model.revenue import SameMonth, Switches
from fairlead.values import Period, Query

IN_NRR = ("expansion", "contraction", "churn", "transfer")
# What the steps of a build are called where their tables are given to a question.
RENAMED = (
    ("build.calendar", "mart.calendar"),
    ("build.", "lens_"),
    ("mart.mrr_", "lens_"),
    ("mart.account_", "lens_account_"),
    ("mart.customer_start", "lens_customer_start"),
    ("mart.renewal", "lens_renewal"),
)


class Told(NamedTuple):
    """Where revenue stands: in the marts of the build, or in tables that a lens made and that are given."""

    movement: str = "mart.mrr_movement"
    span: str = "mart.mrr_span"
    month: str = "mart.account_month"


MART = Told()
LENS = Told("lens_movement", "lens_span", "lens_account_month")


class Asked(NamedTuple):
    """`periods` in order, without gaps; `grouped`: within a month a customer's changes are told as its month tells.

    `by` is a dimension; `winback`: reactivation is in NRR.
    """

    periods: tuple[Period, ...]
    by: str | None
    grouped: bool
    winback: bool

    @property
    def start(self) -> date:
        return self.periods[0].start

    @property
    def end(self) -> date:
        """The first day after all of them."""
        return self.periods[-1].end

    def under(self, switches: Switches) -> "Asked":
        """The question as switches would have it asked; of parts of months nothing is grouped."""
        grouped = self.grouped and switches.same_month is not SameMonth.COUNTED
        return self._replace(grouped=grouped, winback=switches.reactivation_in_nrr)


def lens_steps(switches: Switches) -> tuple[Query, ...]:
    """The steps that count the lines of a build under other switches; each is named as those after it read it.

    They read `lens_clock`, a table of one row: as_of_day, timezone and currency.
    """
    return tuple(Query(_renamed(query.name), _renamed(query.sql)) for query in revenue_of(switches))


def _renamed(sql: str) -> str:
    for build, here in RENAMED:
        sql = sql.replace(build, here)
    return sql


def _periods(asked: Asked) -> str:
    """The periods as rows: their place, first day and first day after."""
    rows = ", ".join(f"({n}, DATE '{p.start}', DATE '{p.end}')" for n, p in enumerate(asked.periods))
    return f"(VALUES {rows}) AS p (place, starts_on, ends_on)"


def moved(asked: Asked, told: Told) -> str:
    """The movements up to the end, each with its period (-1: before the first) and the kind it is told as.

    Grouped, a kind that its customer's month has not is told as the one that it has: of a month that is told as one,
    and of who came and left in it where that is hidden. What came to nothing, and yet is somebody's part, is transfer.
    """
    value, joins = cut(asked.by, told.span)
    net = ", ".join(f"'{kind}'" for kind in NET)
    told_so = " OR ".join(f"s.kind = '{kind}' AND m.{NAMES.get(kind, kind)}_mrr <> 0" for kind in NET)
    cases = " ".join(f"WHEN m.{NAMES.get(kind, kind)}_mrr <> 0 THEN '{kind}'" for kind in NET)
    kind = f"CASE WHEN s.kind NOT IN ({net}) OR {told_so} THEN s.kind {cases} ELSE 'transfer' END"
    changed = " OR ".join(f"v.{NAMES.get(kind, kind)}_mrr <> 0" for kind in NET)
    month = (
        f"LEFT JOIN (SELECT v.* FROM {told.month} AS v WHERE {changed}) AS m ON m.account_id = s.customer_id"
        " AND m.month = CAST(date_trunc('month', s.moved_on) AS DATE)"
    )
    return f"""placed AS (
  SELECT d.moved_on, coalesce(p.place, -1) AS place
  FROM (SELECT DISTINCT s.moved_on FROM {told.movement} AS s WHERE s.moved_on < DATE '{asked.end}') AS d
  LEFT JOIN {_periods(asked)} ON d.moved_on >= p.starts_on AND d.moved_on < p.ends_on
),
moved AS (
  SELECT s.customer_id, s.moved_on, s.amount_converted AS money, d.place, {value} AS value,
    {kind if asked.grouped else "s.kind"} AS kind, s.is_customer, s.account_id, s.product_id, s.kind AS kind_of_day,
    s.mrr_before, s.mrr_after, s.was_customer, s.churn_kind, s.reason, s.line_id, s.opportunity_id,
    s.is_provisional, s.known_at
  FROM {told.movement} AS s
  JOIN placed AS d ON d.moved_on = s.moved_on
  {month if asked.grouped else ""}
  {joins}
)"""


def flows(asked: Asked, told: Told = MART) -> Query:
    """value, place (-1: before the first period), then a column of money for each kind."""
    sums = ",\n  ".join(
        f"CAST(coalesce(sum(v.money) FILTER (WHERE v.kind = '{k}'), 0) AS DECIMAL(18, 2)) AS {k}" for k in KINDS
    )
    return Query(
        "movements",
        f"WITH {moved(asked, told)}\nSELECT v.value, v.place,\n  {sums}\nFROM moved AS v\nGROUP BY v.value, v.place"
        "\nORDER BY v.value, v.place",
    )


def closings(asked: Asked, told: Told = MART) -> Query:
    """value, place, and the money of the lines that run on each period's last day: not made from the movements."""
    return Query(
        "closings",
        f"""WITH {standing(asked, told)}
SELECT v.value, v.place, CAST(sum(v.money) AS DECIMAL(18, 2)) AS closing
FROM there AS v
GROUP BY v.value, v.place""",
    )


def standing(asked: Asked, told: Told) -> str:
    """The lines that run on each period's last day, with what they are worth."""
    value, joins = cut(asked.by, told.span, of_span=True)
    return f"""there AS (
  SELECT s.account_id, s.customer_id, s.mrr_converted AS money, p.place, {value} AS value
  FROM {told.span} AS s
  JOIN {_periods(asked)} ON s.starts_on < p.ends_on AND (s.ends_on IS NULL OR s.ends_on >= p.ends_on)
  {joins}
  WHERE s.mrr_converted <> 0
)"""


def retained(asked: Asked, told: Told = MART) -> Query:
    """value, place, and of customers: what they paid when the period began, their net change, what was kept at most.

    Who left and came back was lost, and what it does later is in neither, unless winning back counts. `grown` and
    `kept` are only of customers who moved in the period; `base` and `customers` are differences to the period before,
    to be added up. `idle` are those of the lost who paid nothing when it began, as they had paused.
    """
    return Query(
        "retention",
        f"""WITH {customers(asked, told)}
SELECT c.value, c.place,
  CAST(sum(greatest(c.closing, 0) - greatest(c.opening, 0)) AS DECIMAL(18, 2)) AS base,
  sum(CASE WHEN c.closing > 0 THEN 1 ELSE 0 END - CASE WHEN c.opening > 0 THEN 1 ELSE 0 END) AS customers,
  CAST(sum(c.net) AS DECIMAL(18, 2)) AS grown, CAST(sum(least(c.net, 0)) AS DECIMAL(18, 2)) AS kept,
  count(*) FILTER (WHERE c.is_lost) AS lost, count(*) FILTER (WHERE c.is_lost AND c.opening <= 0) AS idle
FROM customer AS c
GROUP BY c.value, c.place
ORDER BY c.value, c.place""",
    )


def customers(asked: Asked, told: Told) -> str:
    """Each customer who moved in a period: what it paid before, what it does after, and what of its change counts.

    Who left is lost also where it came back, as in NRR; unless winning back counts. Who had paused and leaves is lost.
    Who is lost keeps nothing: what currency took of it before is lost with it, and is no part of what stays.
    """
    kinds = ", ".join(f"'{kind}'" for kind in (*IN_NRR, *(["reactivation"] if asked.winback else [])))
    until = "true" if asked.winback else "(b.back_on IS NULL OR v.moved_on < b.back_on)"
    counts = f"v.kind IN ({kinds})"
    returned, gone, more = "0", "r.leaves = 1", ""
    if asked.winback:
        gone = "r.closing <= 0 AND NOT r.stayed"
        is_back = f"r.is_new = 0 AND NOT coalesce({gone}, false)"
        returned = f"CASE WHEN {is_back} THEN greatest(coalesce(r.returned, 0), 0) ELSE 0 END"
        more = f""",
    max_by(v.is_customer, v.moved_on) AS stayed,
    max(CASE WHEN 'new' IN (v.kind, v.kind_of_day) THEN 1 ELSE 0 END) AS is_new,
    sum(CASE WHEN {counts} AND v.moved_on >= b.back_on THEN v.money ELSE 0 END) AS returned"""
    return f"""{moved(asked, told)},
back AS (
  SELECT v.customer_id, v.value, v.place, min(v.moved_on) AS back_on
  FROM moved AS v
  WHERE v.kind = 'reactivation'
  GROUP BY v.customer_id, v.value, v.place
),
change AS (
  SELECT v.customer_id, v.value, v.place, sum(v.money) AS money,
    sum(CASE WHEN {counts} AND {until} THEN v.money ELSE 0 END) AS net,
    max(CASE WHEN v.kind = 'churn' THEN 1 ELSE 0 END) AS leaves, min_by(v.was_customer, v.moved_on) AS was_customer,
    sum(CASE WHEN v.kind IN ('pause', 'resume') AND {until} THEN v.money ELSE 0 END) AS resumed{more}
  FROM moved AS v
  LEFT JOIN back AS b ON b.customer_id = v.customer_id AND b.place = v.place AND b.value IS NOT DISTINCT FROM v.value
  GROUP BY v.customer_id, v.value, v.place
),
run AS (
  SELECT c.*, sum(c.money) OVER (
      PARTITION BY c.customer_id, c.value ORDER BY c.place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS closing
  FROM change AS c
),
customer AS (
  SELECT r.customer_id, r.value, r.place, r.closing - r.money AS opening, r.closing,
    coalesce({gone} AND (r.closing > r.money OR r.was_customer AND r.resumed > 0), false) AS is_lost,
    CASE WHEN r.closing > r.money AND {gone} THEN r.money - r.closing
      WHEN r.closing > r.money THEN greatest(r.net, r.money - r.closing) ELSE {returned} END AS net
  FROM run AS r
)"""


def committed(asked: Asked, told: Told = MART, *, seen_in: str | None = None) -> Query:
    """kind and money of what is known to come after the last day, and is in no revenue yet.

    Where the build knows what came after that day, `seen_in` is the company's time zone: then it is only what was
    asked for by then, or stood in the lines as they were seen by then, as in renewals.
    """
    seen_on = f"CAST(timezone({text(seen_in or '')}, s.known_at) AS DATE)"
    known = f"\n  AND (s.scheduled_on < DATE '{asked.end}' OR {seen_on} < DATE '{asked.end}')" if seen_in else ""
    return Query(
        "committed",
        f"""SELECT s.kind, CAST(sum(s.amount_converted) AS DECIMAL(18, 2)) AS money
FROM {told.movement} AS s
WHERE s.moved_on >= DATE '{asked.end}'{known}
GROUP BY s.kind
HAVING sum(s.amount_converted) <> 0
ORDER BY s.kind""",
    )


def apart(ours: Asked, theirs: Asked, told: Told = MART, other: Told = LENS) -> Query:
    """The accounts whose revenue, movements or part in NRR are not the same in both within the time, the most first.

    `was` and `would_be` are recurring revenue on the last day. `moved` is money told otherwise: of another kind or day
    as reports tell them, or where that is more, otherwise in the NRR of the customer's periods; what is gone from one
    day or kind and come to another is counted once.
    """
    moved = ", ".join(
        f"sum(CASE WHEN {which} THEN p.{way} ELSE 0 END)"
        for which in ("NOT p.is_rate AND p.place >= 0", "p.is_rate")
        for way in ("up", "down")
    )
    return Query(
        "differences",
        f"""WITH {_parts(ours, theirs, told, other)},
account AS (
  SELECT p.account_id, CAST(sum(CASE WHEN p.is_rate THEN 0 ELSE p.ours END) AS DECIMAL(18, 2)) AS was,
    CAST(sum(CASE WHEN p.is_rate THEN 0 ELSE p.theirs END) AS DECIMAL(18, 2)) AS would_be,
    CAST(greatest({moved}) AS DECIMAL(18, 2)) AS moved
  FROM part AS p
  GROUP BY p.account_id
)
SELECT a.account_id, n.name AS account, a.was, a.would_be, a.moved
FROM account AS a
LEFT JOIN record.account AS n ON n.id = a.account_id
WHERE a.was <> a.would_be OR a.moved <> 0
ORDER BY abs(a.would_be - a.was) DESC, a.moved DESC, a.account_id""",
    )


def told_apart(ours: Asked, theirs: Asked, told: Told = MART, other: Told = LENS) -> Query:
    """account_id, place, kind, and the money that is told so by ours and by theirs, where day or money differ.

    What was before the time is of place -1 and of the kind opening: the revenue at the start. Of `nrr` is the money
    that counts in it, only of accounts whose movements are told the same. Of the others the rows, added up, are the
    difference in recurring revenue on the last day.
    """
    return Query(
        "told apart",
        f"""WITH {_parts(ours, theirs, told, other)}
SELECT p.account_id, p.place, p.kind, CAST(p.ours AS DECIMAL(18, 2)) AS ours,
  CAST(p.theirs AS DECIMAL(18, 2)) AS theirs
FROM (
  SELECT q.*, max(CASE WHEN NOT q.is_rate AND q.place >= 0 THEN 1 ELSE 0 END) OVER (PARTITION BY q.account_id) AS moves
  FROM part AS q
  WHERE q.up <> 0 OR q.down <> 0
) AS p
WHERE NOT p.is_rate OR p.moves = 0
ORDER BY p.account_id, p.place, p.kind""",
    )


def _parts(ours: Asked, theirs: Asked, told: Told, other: Told) -> str:
    """What both tell of an account, by period and kind: money of ours and of theirs, and whether it is that of NRR.

    `up` and `down` are what theirs has more or less: of the period, or of its days where only those differ.
    """
    return f"""both_ways AS (
  SELECT o.*, o.money AS ours, 0 AS theirs FROM ({_as_told(ours, told)}) AS o
  UNION ALL
  SELECT t.*, 0 AS ours, t.money AS theirs FROM ({_as_told(theirs, other)}) AS t
),
cell AS (
  SELECT b.account_id, CASE WHEN b.place < 0 THEN 'opening' ELSE b.kind END AS kind, b.place, b.kind = 'nrr' AS is_rate,
    sum(b.ours) AS ours, sum(b.theirs) AS theirs
  FROM both_ways AS b
  GROUP BY b.account_id, b.kind, b.day, b.place
),
whole AS (
  SELECT c.account_id, c.kind, c.place, c.is_rate, sum(c.ours) AS ours, sum(c.theirs) AS theirs,
    sum(greatest(c.theirs - c.ours, 0)) AS later
  FROM cell AS c
  GROUP BY c.account_id, c.kind, c.place, c.is_rate
),
part AS (
  SELECT w.account_id, w.kind, w.place, w.is_rate, w.ours, w.theirs,
    CASE WHEN w.ours <> w.theirs THEN greatest(w.theirs - w.ours, 0) WHEN w.ours = 0 OR w.place < 0 THEN 0
      ELSE w.later END AS up,
    CASE WHEN w.ours <> w.theirs THEN greatest(w.ours - w.theirs, 0) WHEN w.ours = 0 OR w.place < 0 THEN 0
      ELSE w.later END AS down
  FROM whole AS w
)"""


def _as_told(asked: Asked, told: Told) -> str:
    """Movements by account, kind and day as reports tell them, and by customer and period what is in NRR."""
    return f"""WITH {customers(asked._replace(by=None), told)}
SELECT v.account_id, v.kind, v.moved_on AS day, v.place, sum(v.money) AS money
FROM moved AS v
GROUP BY v.account_id, v.kind, v.moved_on, v.place
UNION ALL
SELECT c.customer_id AS account_id, 'nrr' AS kind, p.starts_on AS day, p.place, c.net AS money
FROM customer AS c
JOIN {_periods(asked)} ON p.place = c.place
WHERE c.net <> 0"""


def unbalanced(build: str = "mart.mrr_movement") -> Query:
    """accounts and money that the movements of a build leave unexplained."""
    return Query(
        "unbalanced",
        "SELECT count(DISTINCT s.account_id) AS accounts, CAST(coalesce(sum(abs(s.amount_converted)), 0) AS"
        f" DECIMAL(18, 2)) AS money FROM {build} AS s WHERE s.kind = {text('unbalanced')}",
    )


def left_at_once(build: str = "mart.mrr_movement") -> Query:
    """At most one row: the latest `day` within two months of the last news on which most customers left at once.

    `customers` left on it, of those who were there `before` it.
    """
    return Query(
        "left at once",
        f"""WITH day AS (
  SELECT s.moved_on AS day, count(DISTINCT CASE WHEN s.kind = 'churn' THEN s.customer_id END) AS gone,
    count(DISTINCT CASE WHEN s.kind IN ('new', 'reactivation') THEN s.customer_id END) AS came
  FROM {build} AS s
  WHERE NOT s.is_scheduled
  GROUP BY s.moved_on
),
there AS (
  SELECT d.day, d.gone, max(d.day) OVER () AS last,
    sum(d.came - d.gone) OVER (ORDER BY d.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM day AS d
)
SELECT t.day, t.gone AS customers, CAST(t.before AS BIGINT) AS before
FROM there AS t
WHERE 2 * t.gone > t.before AND t.day >= t.last - INTERVAL 62 DAY
ORDER BY t.day DESC
LIMIT 1""",
    )


def clock_row(as_of: date, timezone: str, currency: str, *, is_past: bool = False) -> Query:
    """The one row that the steps of a lens read instead of a build's clock."""
    return Query(
        "clock",
        f"SELECT DATE '{as_of}' AS as_of_day, {text(timezone)} AS timezone, {text(currency)} AS currency,"
        f" {str(is_past).lower()} AS is_past",
    )
