"""build.invoiced: what the lines of a subscription charge for the periods that have begun, beside its invoices.

An invoice names a subscription and no line, so that lines that share one are held against its invoices together.

due_least   every period that began longer ago than invoices may take, or whose own invoice is there; the days of a last
            one that was cut short; no pause; nothing of before the first invoice that the source has
due_most    every period that has begun, in full; and begins within the days by which the first one was invoiced early

What lies between the two is right: whoever prorates, credits or is late in between does nothing wrong. A first invoice
that is less than a charge, and than the next one, counts as one for the days up to the next invoice, or up to an
anniversary of another line of the account, if it is that much. Lines that share a subscription follow its cycle, which
may lie anywhere: up to a period of each is left open. A first period without an invoice is not told from billing at the
end of each, until the line ends.
"""

from fairlead.model import line_status as status
from fairlead.model.reconciliation import Reconciliation
from fairlead.values import Query

EARLY = 45  # days before the start of service in which it may be invoiced
NOT_VALID = "('void', 'voided', 'deleted', 'draft', 'uncollectible')"
ONCE = "('one_time', 'fee')"  # kinds of lines that are charged once
UNTOLD = status.among((*status.PAUSED, *status.UNPAID))  # not invoiced any more; nobody may have said since when
NEAR = 3  # days within which a part of a period ends on another date: years of 365 days, and whole amounts, drift
FAR = "DATE '9999-12-31'"


def is_valid(invoice: str) -> str:
    """SQL of whether an invoice asks for money."""
    return f"{invoice}.deleted_at IS NULL AND coalesce(lower({invoice}.status), '') NOT IN {NOT_VALID}"


def _whole(day: str) -> str:
    """SQL of the periods of line `p` that lie between its anchor and the month, or the day, of `day`."""
    months = f"(year({day}) * 12 + month({day}) - year(p.anchor) * 12 - month(p.anchor))"
    each = f"CASE WHEN p.months > 0 THEN floor({months} / greatest(p.months, 1))"
    return f"CAST({each} ELSE floor(date_diff('day', p.anchor, {day}) / greatest(p.days, 1)) END AS BIGINT)"


def _start(periods: str) -> str:
    """SQL of the day on which the period of line `p` starts that has so many before it."""
    return f"CAST(p.anchor + ({periods}) * p.months * INTERVAL 1 MONTH + ({periods}) * p.days * INTERVAL 1 DAY AS DATE)"


def _begun(day: str) -> str:
    """SQL of how many periods of line `p` start before `day`."""
    whole = _whole(day)
    return f"CASE WHEN {day} <= p.anchor THEN 0 ELSE {whole} + CASE WHEN {_start(whole)} < {day} THEN 1 ELSE 0 END END"


def invoiced(told: Reconciliation) -> Query:
    """A row a subscription whose source tells which of them its invoices are for."""
    parts = ",\n".join((_lines(), _bills(told), _parts(told), _placed(told), _due()))
    return Query("build.invoiced", f"-- Grain: one row per account and subscription.\nWITH {parts}{_held()}")


def _lines() -> str:
    """The lines with the days between which they charge, and what each subscription has of them."""
    count = "coalesce(l.billing_interval_count, 1)"
    lasts = "coalesce(l.discount_lasts, CASE WHEN l.discount_ends_on IS NULL THEN 'forever' ELSE 'repeating' END)"
    word = status.word("l.status")
    ended = f"CASE WHEN {word} IN {status.among(status.ENDED)} THEN l.cancelled_on END"
    paused = f"coalesce(l.paused_on, CASE WHEN {word} IN {UNTOLD} THEN coalesce(l.past_due_on, l.starts_on) END)"
    return f"""line AS (
  SELECT l.id, l.account_id, l.subscription, l.source_system, i.opportunity_id, i.currency,
    CAST(l.amount AS DOUBLE) AS charge, CAST(coalesce(l.discount, 0) AS DOUBLE) AS discount,
    CASE WHEN l.amount <> 0 THEN CAST(l.amount_converted AS DOUBLE) / CAST(l.amount AS DOUBLE) ELSE 1.0 END AS rate,
    coalesce(l.kind, '') IN {ONCE} AS is_once, {paused} AS paused_on, l.resumes_on,
    CASE l.billing_interval WHEN 'year' THEN 12 * {count} WHEN 'month' THEN {count} ELSE 0 END AS months,
    CASE l.billing_interval WHEN 'week' THEN 7 * {count} WHEN 'day' THEN {count} ELSE 0 END AS days,
    greatest(l.starts_on, coalesce(l.trial_ends_on, l.starts_on)) AS starts_on,
    coalesce(l.billing_ends_on, l.ends_on, l.cancels_on, {ended}, {FAR}) AS ends_on,
    coalesce(l.discount_starts_on, l.starts_on) AS discount_from, {lasts} = 'once' AS is_once_less,
    CASE WHEN {lasts} = 'forever' THEN {FAR} ELSE coalesce(l.discount_ends_on, {FAR}) END AS discount_to
  FROM build.billed_item AS i
  JOIN record.contract_line AS l ON l.id = i.line_id
  WHERE i.shows_invoices
),
held AS (
  SELECT l.account_id, l.subscription, min(l.id) AS line_id, count(*) AS line_count, min(l.starts_on) AS starts_on,
    min(l.currency) AS currency, count(DISTINCT l.currency) = 1 AS is_one_currency, max(l.rate) AS rate
  FROM line AS l
  GROUP BY l.account_id, l.subscription
)"""


def _bills(told: Reconciliation) -> str:
    """What each subscription was invoiced, and what of it is void; and since when the source has invoices."""
    return f"""issued AS (
  SELECT h.account_id, h.subscription, i.amount, i.amount_converted, i.issued_on, {is_valid("i")} AS is_valid,
    coalesce(i.currency, c.currency) = h.currency AS is_same_currency,
    row_number() OVER (PARTITION BY h.account_id, h.subscription, {is_valid("i")} AND i.amount > 0
      ORDER BY i.issued_on, i.id) AS place
  FROM held AS h
  CROSS JOIN build.clock AS c
  JOIN record.invoice AS i ON i.account_id = h.account_id AND i.subscription = h.subscription
    AND i.issued_on BETWEEN h.starts_on - INTERVAL {EARLY} DAY AND c.as_of_day
  WHERE i.deleted_at IS NULL
),
bill AS (
  SELECT i.account_id, i.subscription, sum(CASE WHEN i.is_valid THEN i.amount ELSE 0 END) AS amount,
    sum(CASE WHEN i.is_valid THEN i.amount_converted ELSE 0 END) AS money,
    sum(CASE WHEN i.is_valid AND i.amount > 0 THEN 1 ELSE 0 END) AS invoices,
    sum(CASE WHEN i.is_valid THEN 0 ELSE 1 END) AS undone,
    min(CASE WHEN i.is_valid THEN NULL ELSE i.issued_on END) AS undone_on,
    min(CASE WHEN i.is_valid AND i.amount < 0 THEN i.issued_on END) AS credited_on,
    min(CASE WHEN i.is_valid AND i.amount > 0 THEN i.issued_on END) AS first_on,
    min(CASE WHEN i.amount > 0 THEN i.issued_on END) AS began_on,
    max(CASE WHEN i.is_valid AND i.amount > 0 THEN i.issued_on END) AS last_on,
    max(CASE WHEN i.is_valid AND i.amount > 0 AND i.place = 1 THEN i.amount END) AS first_amount,
    max(CASE WHEN i.is_valid AND i.amount > 0 AND i.place = 2 THEN i.issued_on END) AS second_on,
    max(CASE WHEN i.is_valid AND i.amount > 0 AND i.place = 2 THEN i.amount END) AS second_amount,
    bool_and(i.is_same_currency OR NOT i.is_valid) AS is_same_currency
  FROM issued AS i
  GROUP BY i.account_id, i.subscription
),
since AS (
  SELECT i.source_system, min(i.issued_on) - INTERVAL {told.invoiced_within_days} DAY AS first_on
  FROM record.invoice AS i
  WHERE i.subscription IS NOT NULL AND {is_valid("i")}
  GROUP BY i.source_system
),
used AS (
  SELECT DISTINCT l.account_id, l.subscription
  FROM record.contract_line AS l
  WHERE l.kind = 'usage' AND l.deleted_at IS NULL AND l.subscription IS NOT NULL
)"""


def _parts(told: Reconciliation) -> str:
    """First invoices that are for a part of a period: those of `days` that end where they may."""
    net = "(p.charge - CASE WHEN p.discount_from <= p.anchor THEN p.discount ELSE 0 END)"
    covers = f"CAST(round({{0}} / {net} * date_diff('day', p.anchor, {_start('1')})) AS BIGINT)"
    years = "abs(((4 * date_diff('day', o.starts_on, s.stub_on) + 730) % 1461 + 1461) % 1461 - 730)"
    return f"""stub AS (
  SELECT p.id, p.account_id, p.months, b.first_amount, b.second_on,
    CAST(p.anchor + {covers.format("CAST(b.first_amount AS DOUBLE)")} * INTERVAL 1 DAY AS DATE) AS stub_on
  FROM (SELECT l.*, l.starts_on AS anchor FROM line AS l) AS p
  JOIN held AS h ON h.account_id = p.account_id AND h.subscription = p.subscription AND h.line_count = 1
  JOIN bill AS b ON b.account_id = p.account_id AND b.subscription = p.subscription AND b.is_same_currency
  WHERE NOT p.is_once AND {net} > 0
    AND CAST(b.first_amount AS DOUBLE) < {1 - told.same_within!r} * {net}
    AND coalesce(b.second_amount > b.first_amount, true)
),
part AS (
  SELECT s.id, CAST(max(s.first_amount) AS DOUBLE) AS amount, max(s.stub_on) AS ends_on
  FROM stub AS s
  LEFT JOIN line AS o ON o.account_id = s.account_id AND o.id <> s.id
  WHERE coalesce(abs(date_diff('day', s.second_on, s.stub_on)) <= CASE WHEN s.months < 12 THEN 1 ELSE {NEAR} END, false)
    OR coalesce({years} <= {4 * NEAR}, false)
  GROUP BY s.id
)"""


def _placed(told: Reconciliation) -> str:
    """Each line with its periods: which must have been invoiced by now, and which may have been.

    `seen_on`: the day that the last invoice is for, if it was as late or early as the first one, void or not.
    """
    lead = "least(greatest(coalesce(date_diff('day', b.first_on, l.starts_on), 0), 0), {0})"
    lead = f"CASE WHEN l.is_once THEN {EARLY} ELSE {lead.format(EARLY)} END"
    lead = f"{lead} + CASE WHEN t.id IS NULL THEN 0 ELSE {NEAR} END"
    grace = f"CAST(c.as_of_day - INTERVAL {told.invoiced_within_days} DAY AS DATE)"
    behind = f"least(greatest(date_diff('day', l.starts_on, b.began_on), -{EARLY}), {told.invoiced_within_days})"
    return f"""placed AS (
  SELECT l.*, h.line_count > 1 AND NOT l.is_once AS is_shared, coalesce(t.ends_on, l.starts_on) AS anchor,
    coalesce(t.amount, 0) AS part, CASE WHEN t.id IS NULL THEN 0 ELSE 1 END AS parts,
    least(CASE WHEN l.is_once THEN l.starts_on + INTERVAL 1 DAY ELSE l.ends_on END, {grace}) AS must,
    least(CASE WHEN l.is_once THEN l.starts_on + INTERVAL 1 DAY ELSE l.ends_on END,
      CAST(c.as_of_day + (1 + {lead}) * INTERVAL 1 DAY AS DATE)) AS may,
    least(CASE WHEN l.is_once THEN l.starts_on + INTERVAL 1 DAY ELSE l.ends_on END, c.as_of_day + INTERVAL 1 DAY)
      AS now, CAST(n.first_on AS DATE) AS source_from, coalesce(b.invoices, 0) AS invoices,
    CASE WHEN h.line_count = 1 AND l.months > 0 AND NOT l.is_once
      THEN CAST(b.last_on - ({behind}) * INTERVAL 1 DAY AS DATE) END AS seen_on
  FROM line AS l
  CROSS JOIN build.clock AS c
  JOIN held AS h ON h.account_id = l.account_id AND h.subscription = l.subscription
  LEFT JOIN bill AS b ON b.account_id = l.account_id AND b.subscription = l.subscription
  LEFT JOIN part AS t ON t.id = l.id
  LEFT JOIN since AS n ON n.source_system = l.source_system
)"""


def _less(day: str) -> str:
    """SQL of how many of the periods that start before `day` are charged with the discount."""
    from_, to = f"least(p.discount_from, {day})", f"least(p.discount_to, {day})"
    count = f"greatest(({_begun(to)}) - ({_begun(from_)}), 0)"
    return f"CASE WHEN p.is_once_less THEN least(1, {count}) ELSE {count} END"


def _due() -> str:
    """What each line charges at least and at most, and in how many periods.

    A period whose own invoice is there is due however young it is: it makes up for none that lacks before it.
    """
    seen = f"CAST(p.seen_on + INTERVAL {NEAR + 1} DAY AS DATE)"
    return f"""reached AS (
  SELECT p.*, CAST(CASE WHEN {_start(f"({_begun(seen)}) - 1")} >= p.seen_on - INTERVAL {NEAR} DAY
      THEN greatest(p.must, least(p.may, {seen})) ELSE p.must END AS DATE) AS owed_by
  FROM placed AS p
),
counted AS (
  SELECT p.*, {_begun("p.owed_by")} AS owed, {_begun("CAST(p.may AS DATE)")} AS most,
    greatest({_begun("p.owed_by")}, least({_begun("CAST(p.now AS DATE)")}, p.invoices - p.parts)) AS asked,
    {_less("p.owed_by")} AS owed_less, {_less("CAST(p.may AS DATE)")} AS most_less,
    CASE WHEN p.source_from IS NULL THEN 0 ELSE {_begun("least(p.source_from, p.owed_by)")} END AS before,
    CASE WHEN p.paused_on IS NULL OR p.paused_on >= p.owed_by THEN 0
      ELSE ceil(date_diff('day', p.paused_on, CAST(least(coalesce(p.resumes_on, {FAR}), p.owed_by) AS DATE))
        / greatest(28.0 * p.months + p.days, 1)) END AS paused
  FROM reached AS p
),
cut AS (
  SELECT p.*, {_start("p.owed")} AS next_on, {_start("p.owed - 1")} AS last_on, p.charge - p.discount AS net,
    CASE WHEN p.before + p.invoices > p.asked + p.parts - 1 OR p.is_shared THEN p.starts_on
      ELSE {_start("greatest(p.before + p.invoices - p.parts, 0)")} END AS lacks_on
  FROM counted AS p
),
unused AS (
  SELECT p.*,
    CASE WHEN p.is_once OR p.owed = 0 OR NOT (p.is_shared OR p.owed_by = p.ends_on) OR p.owed_by >= p.next_on THEN 0.0
      ELSE p.net * date_diff('day', p.owed_by, p.next_on) / date_diff('day', p.last_on, p.next_on) END
      AS rest
  FROM cut AS p
),
due AS (
  SELECT p.*, p.asked - p.owed AS late,
    greatest(0, p.part + p.owed * p.charge - p.owed_less * p.discount - (p.before + p.paused) * p.charge - p.rest)
      AS least_due,
    p.part + p.most * p.charge - p.most_less * p.discount
      + CASE WHEN p.is_shared THEN p.charge ELSE 0 END AS most_due,
    p.parts + p.asked - p.before AS periods
  FROM unused AS p
)"""


def _held() -> str:
    """What is due beside what was invoiced. In the currency of both, or in the company's where there are several."""
    return """
,
known AS (
  SELECT h.*, h.is_one_currency AND coalesce(b.is_same_currency, true) AS is_plain, coalesce(b.amount, 0) AS amount,
    coalesce(b.money, 0) AS money, coalesce(b.invoices, 0) AS invoices, coalesce(b.undone, 0) AS undone, b.undone_on,
    b.credited_on, b.first_on, b.last_on
  FROM held AS h
  LEFT JOIN bill AS b ON b.account_id = h.account_id AND b.subscription = h.subscription
),
rated AS (
  SELECT d.*, CASE WHEN k.is_plain THEN 1.0 ELSE d.rate END AS factor
  FROM due AS d
  JOIN known AS k ON k.account_id = d.account_id AND k.subscription = d.subscription
),
summed AS (
  SELECT r.account_id, r.subscription, min(r.opportunity_id) AS opportunity_id,
    sum(r.factor * r.least_due) AS due_least, sum(r.factor * (r.least_due + r.late * r.net)) AS due_now,
    sum(r.factor * r.rest) AS rest, sum(r.factor * r.net) AS net, sum(r.factor * r.most_due) AS due_most,
    max(r.periods) AS periods, min(r.lacks_on) AS lacks_on
  FROM rated AS r
  GROUP BY r.account_id, r.subscription
)
SELECT k.account_id, k.subscription, k.line_id, k.line_count, s.opportunity_id,
  CASE WHEN k.is_plain THEN k.currency ELSE c.currency END AS currency, k.is_plain AS is_one_currency,
  CASE WHEN k.is_plain THEN k.rate ELSE 1.0 END AS rate, s.due_least, s.due_now, s.rest, s.net, s.due_most,
  CAST(CASE WHEN k.is_plain THEN k.amount ELSE k.money END AS DOUBLE) AS amount, s.periods, k.invoices, k.undone,
  k.undone_on, k.credited_on, k.first_on, k.last_on, k.starts_on, s.lacks_on, u.account_id IS NOT NULL AS has_usage
FROM known AS k
CROSS JOIN build.clock AS c
JOIN summed AS s ON s.account_id = k.account_id AND s.subscription = k.subscription
LEFT JOIN used AS u ON u.account_id = k.account_id AND u.subscription = k.subscription"""
