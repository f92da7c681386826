"""How long stays in stages last, who stays too long, who left from where, how many stood where; SQL."""

from datetime import date, timedelta

from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.funnel import STAYS, THIN, Ask
from fairlead.analysis.scan import text
from fairlead.analysis.survival import QUANTILES, curves
from fairlead.values import Period, Query

WEEKS = 104  # two years
NO_DAY = date(1970, 1, 1)
# The name of a subject: of a person, a deal or a company, by joins on its alias `s`.
NAME = "coalesce(p.name, p.email, o.name, a.name)"
NAMED = """LEFT JOIN record.person AS p ON {subject} = 'person' AND p.id = s.subject_id
LEFT JOIN record.opportunity AS o ON {subject} = 'opportunity' AND o.id = s.subject_id
LEFT JOIN record.account AS a ON {subject} = 'account' AND a.id = s.subject_id
"""


def times(ask: Ask) -> Query:
    """Columns cut, stage, ended, still_open, median, p75, p90 (seconds): stays begun in the time asked for.

    `ended` are those who went on, lost or left as customers, `still_open` those who are there now; who was deleted, or
    met a criterion that dates nothing, is neither. Created closed, or since nobody knows when, is left out.
    """
    listed = ", ".join(f"c.{name}" for name in QUANTILES)
    return Query(
        "times in stages",
        f"WITH {_stays(ask)},\n{curves('stays', ('cut', 'stage'))},\nremaining AS (\n"
        "  SELECT cut, stage, CAST(sum(CASE WHEN is_open THEN 1 ELSE 0 END) AS BIGINT) AS still_open FROM stays\n"
        "  GROUP BY cut, stage\n)\n"
        f"SELECT c.cut, c.stage, c.ended, r.still_open, {listed} FROM curve AS c\n"
        "JOIN remaining AS r ON r.stage = c.stage AND r.cut IS NOT DISTINCT FROM c.cut\nORDER BY c.cut, c.stage",
    )


def stalled(ask: Ask) -> Query:
    """Who is in a stage for longer than nine of ten of their own cut, and the seconds: so far, and the cut's `p90`.

    The curve is that of stays begun in the time asked for; whoever is still there is looked at, since whenever, also
    since that time.
    Where fewer than `THIN` of a cut have left a stage, or the curve does not come down to a tenth, nobody is called
    late. Columns: cut, stage, subject, subject_id, name, account_id, owner_id, owner, entered_at, seconds, p90.
    """
    there = _stays(ask, "there", since=NO_DAY, until=ask.as_of + timedelta(days=1))
    return Query(
        "stalled",
        f"WITH {_stays(ask)},\n{there},\n{curves('stays', ('cut', 'stage'))}\n"
        f"SELECT s.cut, s.stage, s.subject, s.subject_id, {NAME} AS name, s.account_id, s.owner_id, m.name AS owner,"
        " s.entered_at, s.seconds, c.p90 AS p90\n"
        "FROM there AS s\nJOIN curve AS c ON c.stage = s.stage AND c.cut IS NOT DISTINCT FROM s.cut\n"
        f"{NAMED.format(subject='s.subject')}LEFT JOIN record.member AS m ON m.id = s.owner_id\n"
        f"WHERE NOT s.is_ended AND s.is_open AND c.ended >= {THIN} AND s.seconds > c.p90\n"
        "ORDER BY s.stage, s.seconds DESC, s.subject_id",
    )


def _stays(ask: Ask, name: str = "stays", since: date | None = None, until: date | None = None) -> str:
    """CTE: how long each stay lasted, up to now while it does. Deletion ends the watching, not the stay.

    So does going on to a stage that no time column dates: it was met some day before. Whose deals were lost, and a
    customer who left, has ended it.
    """
    columns = Columns(View(STAYS, ask.as_of, ask.timezone, past=False))
    cut = f"CAST({columns.sql(ask.by)} AS VARCHAR)" if ask.by else "CAST(NULL AS VARCHAR)"
    names = ", ".join(text(step.name) for step in ask.steps)
    start, end = since or ask.periods[0].start, until or ask.periods[-1].end
    return f"""{name} AS (
  SELECT {cut} AS cut, s.stage, s.subject, s.subject_id, s.account_id, s.owner_id, s.entered_at,
    CAST(floor(epoch(coalesce(s.left_at, {ask.over})) - epoch(s.entered_at)) AS BIGINT) AS seconds,
    CASE WHEN s.next_stage IS NOT NULL THEN undated.subject_id IS NULL
      ELSE s.left_at IS NOT NULL AND deleted.id IS NULL END AS is_ended,
    s.left_at IS NULL AS is_open
  FROM mart.stage_entry AS s
  {columns.joins}
  {_undated(ask)}
  LEFT JOIN (
    SELECT 'person' AS subject, id, deleted_at FROM record.person WHERE deleted_at IS NOT NULL
    UNION ALL
    SELECT 'opportunity' AS subject, id, deleted_at FROM record.opportunity WHERE deleted_at IS NOT NULL
    UNION ALL
    SELECT 'account' AS subject, id, deleted_at FROM record.account WHERE deleted_at IS NOT NULL
  ) AS deleted ON deleted.subject = s.subject AND deleted.id = s.subject_id AND deleted.deleted_at <= s.left_at
  WHERE s.flow = {text(ask.flow)} AND s.stage IN ({names}) AND s.is_dated AND NOT s.is_created_closed
    AND s.entered_on >= DATE '{start}' AND s.entered_on < DATE '{end}'
)"""


def _undated(ask: Ask) -> str:
    """Join: the stay that follows one of `s`, where nobody knows since when it lasts."""
    return f"""LEFT JOIN (
    SELECT n.subject, n.subject_id, n.sequence
    FROM mart.stage_entry AS n WHERE n.flow = {text(ask.flow)} AND NOT n.is_dated
  ) AS undated ON undated.subject = s.subject AND undated.subject_id = s.subject_id
    AND undated.sequence = s.sequence + 1"""


def moves(ask: Ask) -> Query:
    """The flow between stages: columns stage, next_stage (null: lost or gone), moves, subjects, median (seconds).

    Of stays that ended in the time asked for; a stay whose end or begin nothing dates is in no median.
    """
    start, end = ask.periods[0].start, ask.periods[-1].end
    return Query(
        "moves",
        f"""SELECT s.stage, s.next_stage, count(*) AS moves, count(DISTINCT s.subject_id) AS subjects,
  median(CASE WHEN s.is_dated AND undated.subject_id IS NULL THEN epoch(s.left_at) - epoch(s.entered_at) END) AS median
FROM mart.stage_entry AS s
{_undated(ask)}
WHERE s.flow = {text(ask.flow)} AND s.left_on >= DATE '{start}' AND s.left_on < DATE '{end}'
GROUP BY s.stage, s.next_stage
ORDER BY s.stage, s.next_stage""",
    )


def leaks(ask: Ask) -> Query:
    """Who left a stage other than forward and has not come further since.

    Columns stage, lost (subjects), furthest (those of them who left none further on) and value. Of stays that ended in
    the time asked for; everybody once a stage, customers who came back not at all. `value` is the money of the deals
    and companies among them, in the company's currency: a deal's amount, a company's last recurring revenue of a year,
    at the furthest stage that each left, so that no money leaks twice. Null for people.
    """
    return Query(
        "leaks",
        f"WITH {_lost(ask)}\nSELECT stage, count(*) AS lost, count(*) FILTER (WHERE is_furthest) AS furthest,\n"
        "  sum(value) AS value\nFROM valued GROUP BY stage ORDER BY stage",
    )


def left(ask: Ask, stage: str) -> Query:
    """Those whom `leaks` counts at a stage: columns who, day (of leaving), value."""
    return Query(
        "left a stage",
        f"WITH {_lost(ask)}\nSELECT subject_id AS who, day, value FROM valued WHERE stage = {text(stage)}"
        " ORDER BY day, who",
    )


def named(query: Query, subject: str, count: int, offset: int) -> Query:
    """A page of somebody's rows (by `who`, in their order) with the name, company and owner of each."""
    account = "CAST(NULL AS VARCHAR)" if subject == "account" else "a.name"
    joins = "" if subject == "account" else "\nLEFT JOIN record.account AS a ON a.id = s.account_id"
    own = "coalesce(s.name, s.email)" if subject == "person" else "s.name"
    return Query(
        query.name,
        f"""WITH told AS ({query.sql}),
placed AS (SELECT *, row_number() OVER (ORDER BY day, who) AS place FROM told)
SELECT p.*, s.id AS subject_id, {own} AS name, {account} AS account, m.name AS owner
FROM placed AS p
LEFT JOIN record.{subject} AS s ON s.id = p.who{joins}
LEFT JOIN record.member AS m ON m.id = s.owner_id
WHERE p.place > {offset} AND p.place <= {offset + count}
ORDER BY p.place""",
    )


def _lost(ask: Ask) -> str:
    """CTEs up to `valued`: one row a subject and stage that it left for good other than forward, and its money."""
    start, end, over = ask.periods[0].start, ask.periods[-1].end, f"DATE '{ask.as_of + timedelta(1)}'"
    rows = ", ".join(f"({text(step.name)}, {place})" for place, step in enumerate(ask.steps))
    return f"""placed AS (
  SELECT s.subject, s.subject_id, s.cycle, s.stage, v.place, s.entered_at, s.left_at, s.left_on, n.place AS next_place
  FROM mart.stage_entry AS s
  JOIN (VALUES {rows}) AS v (stage, place) ON v.stage = s.stage
  LEFT JOIN (VALUES {rows}) AS n (stage, place) ON n.stage = s.next_stage
  WHERE s.flow = {text(ask.flow)}
),
lost AS (
  SELECT p.subject, p.subject_id, p.stage, p.place, max(p.left_on) AS day
  FROM placed AS p
  WHERE p.left_on >= DATE '{start}' AND p.left_on < DATE '{end}' AND (p.next_place IS NULL OR p.next_place < p.place)
    AND NOT EXISTS (
      SELECT 1 FROM placed AS f
      WHERE f.subject = p.subject AND f.subject_id = p.subject_id AND f.entered_at >= p.left_at
        AND (f.place > p.place OR (f.subject = 'account' AND f.cycle > p.cycle))
    )
  GROUP BY p.subject, p.subject_id, p.stage, p.place
),
paid AS (
  SELECT n.account_id, sum(n.mrr_converted) * 12 AS value
  FROM (
    SELECT v.account_id, v.mrr_converted, v.until_on, max(v.until_on) OVER (PARTITION BY v.account_id) AS last_on
    FROM (
      SELECT l.account_id, l.mrr_converted, least(l.ends_on, {over}) AS until_on
      FROM mart.mrr_span AS l
      WHERE l.mrr_converted > 0 AND l.starts_on < {over}
    ) AS v
  ) AS n
  WHERE n.until_on = n.last_on
  GROUP BY n.account_id
),
valued AS (
  SELECT l.stage, l.subject_id, l.day, l.is_furthest,
    CASE WHEN l.is_furthest THEN coalesce(o.amount_converted, a.value) END AS value
  FROM (SELECT *, place = max(place) OVER (PARTITION BY subject, subject_id) AS is_furthest FROM lost) AS l
  LEFT JOIN record.opportunity AS o ON l.subject = 'opportunity' AND o.id = l.subject_id
  LEFT JOIN paid AS a ON l.subject = 'account' AND a.account_id = l.subject_id
)"""


def standing(ask: Ask, weeks: int = WEEKS) -> Query:
    """How many were in each stage at the end of each week (Sunday), the last one cut at the day asked on.

    Columns week_ends (date), stage, standing. Whoever entered and left on one day was there at no day's end.
    """
    last = ask.as_of
    ends = [w.end - timedelta(days=1) for w in weeks_to(last, weeks)]
    rows = ", ".join(f"(DATE '{min(end, last)}')" for end in ends)
    stages = ", ".join(f"({text(step.name)})" for step in ask.steps)
    return Query(
        "standing",
        f"""WITH days AS (
  SELECT d.stage, d.day, sum(d.change) AS change
  FROM (
    SELECT s.stage, s.entered_on AS day, count(*) AS change
    FROM mart.stage_entry AS s WHERE s.flow = {text(ask.flow)} GROUP BY s.stage, s.entered_on
    UNION ALL
    SELECT s.stage, s.left_on AS day, -count(*) AS change
    FROM mart.stage_entry AS s WHERE s.flow = {text(ask.flow)} AND s.left_on IS NOT NULL GROUP BY s.stage, s.left_on
  ) AS d
  GROUP BY d.stage, d.day
),
asked AS (
  SELECT w.week_ends, g.stage FROM (VALUES {rows}) AS w (week_ends) CROSS JOIN (VALUES {stages}) AS g (stage)
)
SELECT a.week_ends, a.stage, CAST(coalesce(sum(d.change), 0) AS BIGINT) AS standing
FROM asked AS a
LEFT JOIN days AS d ON d.stage = a.stage AND d.day <= a.week_ends
GROUP BY a.week_ends, a.stage
ORDER BY a.week_ends, a.stage""",
    )


def weeks_to(day: date, weeks: int) -> tuple[Period, ...]:
    """The ISO weeks up to the one that holds `day`, that one included."""
    monday = day - timedelta(days=day.weekday())
    starts = [monday - timedelta(days=7 * back) for back in reversed(range(weeks))]
    return tuple(Period(f"{s.isocalendar().year}-W{s.isocalendar().week:02}", s, s + timedelta(days=7)) for s in starts)


def worth(ask: Ask) -> Query:
    """What those who entered a stage brought: columns position, entered (units), won_value (company's currency).

    Of deals won among all who ever entered the stage. A deal's value is shared evenly by the people on it who came in,
    so that none is counted twice; of deals themselves it is their own.
    """
    positions = ", ".join(str(step.position) for step in ask.steps if step.subject == ask.subject)
    if ask.subject == "opportunity":
        shares = (
            "SELECT o.id AS unit, o.amount_converted AS value FROM record.opportunity AS o"
            " WHERE o.is_won AND o.deleted_at IS NULL"
        )
    elif ask.subject == "person":
        shares = (
            "SELECT r.person_id AS unit, sum(o.amount_converted / r.people) AS value FROM ("
            "SELECT person_id, opportunity_id, count(*) OVER (PARTITION BY opportunity_id) AS people FROM ("
            "SELECT DISTINCT b.person_id, b.opportunity_id FROM record.buying_role AS b WHERE b.deleted_at IS NULL)) r"
            " JOIN record.opportunity AS o ON o.id = r.opportunity_id AND o.is_won AND o.deleted_at IS NULL"
            " GROUP BY r.person_id"
        )
    else:
        shares = (
            "SELECT o.account_id AS unit, sum(o.amount_converted) AS value FROM record.opportunity AS o"
            " WHERE o.is_won AND o.deleted_at IS NULL GROUP BY o.account_id"
        )
    return Query(
        "worth",
        f"""WITH entered AS (
  SELECT DISTINCT s.position, s.subject_id AS unit
  FROM mart.stage_entry AS s
  WHERE s.flow = {text(ask.flow)} AND s.subject = {text(ask.subject)} AND s.position IN ({positions})
)
SELECT e.position, count(*) AS entered, coalesce(sum(v.value), 0) AS won_value
FROM entered AS e
LEFT JOIN ({shares}) AS v ON v.unit = e.unit
GROUP BY e.position
ORDER BY e.position""",
    )
