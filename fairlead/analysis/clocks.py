"""SQL of clocks, from the model: what a build makes of the policies' versions, and what a question tries.

    build.clock_begun, clock_owner, clock_stop, clock_pause    what happened           (starting, stopping)
    build.clock_ruled                                          the rules it runs under (ruling)
    build.clock_based                                          when it is due without pauses
    build.clock_due                                            when it is due
    mart.clock, mart.clock_share, mart.clock_attempt           how it stands, whose it was, who tried

Time is counted as `analysis.clock` counts it; each step is one of its formulas. M is measured time: working
microseconds of the calendar (mart.working_segment), or microseconds since 1970 for a limit in elapsed time.
"""

from collections.abc import Sequence

from fairlead.analysis.policies import Version
from fairlead.analysis.ruling import ruled
from fairlead.analysis.starting import begun
from fairlead.analysis.stopping import OWNER, attempts, pauses, stops
from fairlead.analysis.working import WorkingTables, after_sql, instant_sql, placed_sql, reached_sql
from fairlead.model.calendars import Calendars
from fairlead.model.tables import TABLES
from fairlead.values import Query

IS_WORKING = "{0}.unit LIKE 'working%'"
KEY = "{0}.policy = {1}.policy AND {0}.subject_id = {1}.subject_id AND {0}.cycle = {1}.cycle"


def _same(one: str, other: str) -> str:
    return KEY.format(one, other)


def _measured(instant: str, row: str, alias: str) -> tuple[str, str]:
    """The joins and the expression of M at an instant, for a clock in alias `row`."""
    placed = placed_sql(instant, f"{row}.calendar", alias)
    return placed.joins, f"(CASE WHEN {IS_WORKING.format(row)} THEN {placed.value} ELSE epoch_us({instant}) END)"


def _moved(row: str, at: str, measured: str, more: str, alias: str) -> tuple[str, str]:
    """The joins and the expression of the instant at which M has grown by `more` since the instant `at`."""
    reached = reached_sql(f"({measured} + {more})", f"{row}.calendar", alias)
    elapsed = instant_sql(f"epoch_us({at}) + {more}")
    return reached.joins, f"(CASE WHEN {IS_WORKING.format(row)} THEN {reached.value} ELSE {elapsed} END)"


def based() -> str:
    """SQL of `build.clock_based`: the clocks with m_start, runs_from, base_due and m_base."""
    after = after_sql("r.started_at", "r.amount", "r.unit", "r.calendar", "a")
    start = placed_sql("r.started_at", "r.calendar", "a_start").value
    opens = reached_sql(f"({start} + 1)", "r.calendar", "n")
    m_start = f"CASE WHEN {IS_WORKING.format('r')} THEN {start} ELSE epoch_us(r.started_at) END"
    joins, m_base = _measured("d.base_due", "d", "e")
    return f"""SELECT d.*, {m_base} AS m_base
FROM (
  SELECT
    r.*,
    {m_start} AS m_start,
    CASE WHEN {IS_WORKING.format("r")} THEN {opens.value} - INTERVAL 1 MICROSECOND ELSE r.started_at END AS runs_from,
    {after.value} AS base_due
  FROM build.clock_ruled AS r{after.joins}{opens.joins}
) AS d{joins}"""


def due() -> str:
    """SQL of `build.clock_due`: the clocks with due_at, and `paused`: what pauses took out, in microseconds.

    Of the pauses in order, those that begin before the deadline so far move it, by their measured part; together by
    no more than the budget. A pause that lasts leaves the deadline open until the budget is used up. One that begins
    after the deadline takes nothing out: the clock had run out.
    """
    from_joins, m_from = _measured("p.from_at", "b", "pf")
    until_joins, m_until = _measured("coalesce(p.until_at, p.from_at)", "b", "pu")
    now_joins, m_now = _measured("coalesce(p.until_at, i.at)", "b", "pn")
    moved_joins, moved = _moved("b", "b.base_due", "b.m_base", "t.more", "dr")
    return f"""WITH each AS (
  SELECT
    p.policy, p.subject_id, p.cycle, p.from_at, p.until_at IS NULL AS is_lasting, b.base_due, b.m_base, b.budget,
    {m_from} AS m_from,
    {m_until} AS m_until,
    {m_now} AS m_now
  FROM build.clock_pause AS p
  JOIN build.clock_based AS b ON {_same("b", "p")}
  CROSS JOIN build.instant AS i{from_joins}{until_joins}{now_joins}
),
counted AS (
  SELECT e.*, coalesce(sum(e.m_until - e.m_from) OVER (
    PARTITION BY e.policy, e.subject_id, e.cycle ORDER BY e.from_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ), 0) AS worth_before
  FROM each AS e
),
judged AS (
  SELECT
    c.*,
    coalesce(c.from_at < c.base_due OR c.m_from - c.worth_before < c.m_base, false) AS does_move,
    coalesce(c.worth_before + c.m_now - c.m_from >= c.budget, false) AS is_used_up
  FROM counted AS c
),
totals AS (
  SELECT
    j.policy, j.subject_id, j.cycle,
    max(CASE WHEN j.does_move AND j.is_lasting AND NOT j.is_used_up THEN 1 ELSE 0 END) = 1 AS is_unknown,
    CAST(least(
      sum(CASE WHEN j.does_move THEN j.m_until - j.m_from ELSE 0 END)
        + max(CASE WHEN j.does_move AND j.is_lasting AND j.is_used_up THEN j.budget ELSE 0 END),
      coalesce(max(j.budget), 9000000000000000000)
    ) AS BIGINT) AS more,
    CAST(least(
      sum(CASE WHEN j.does_move THEN j.m_now - j.m_from ELSE 0 END), coalesce(max(j.budget), 9000000000000000000)
    ) AS BIGINT) AS paused
  FROM judged AS j
  GROUP BY j.policy, j.subject_id, j.cycle
)
SELECT
  b.*,
  CASE WHEN t.is_unknown THEN NULL WHEN coalesce(t.more, 0) = 0 THEN b.base_due ELSE {moved} END AS due_at,
  coalesce(t.is_unknown, false) AS is_unknown,
  coalesce(t.paused, 0) AS paused
FROM build.clock_based AS b
LEFT JOIN totals AS t ON {_same("t", "b")}{moved_joins}"""


def clock() -> str:
    """SQL of `mart.clock`."""
    due_joins, m_due = _measured("d.due_at", "d", "ed")
    end_joins, m_end = _measured("d.end_at", "d", "ee")
    warn_joins, warned = _moved("f", "f.due_at", "f.m_due", "(-f.back)", "wr")
    return f"""WITH standing AS (
  SELECT b.*, i.at AS measured_at, t.stopped_at, t.stopped_by, t.activity_id, t.known_at,
    coalesce(t.stopped_at, i.at) AS end_at
  FROM build.clock_due AS b
  CROSS JOIN build.instant AS i
  LEFT JOIN build.clock_stop AS t ON {_same("t", "b")}
),
found AS (
  SELECT d.*, {m_due} AS m_due, {m_end} AS m_end,
    coalesce(d.end_at > d.due_at, false) AS is_late, timezone(d.timezone, d.started_at) AS local_start,
    CAST(greatest(d.warn_before, round((1 - d.warn_share) * (d.m_base - d.m_start))) AS BIGINT) AS back
  FROM standing AS d{due_joins}{end_joins}
),
tried AS (
  SELECT y.policy, y.subject_id, y.cycle, count(*) AS attempts, min(y.at) AS first_attempt_at,
    count(*) FILTER (WHERE f.due_at IS NULL OR y.at <= f.due_at) AS attempts_in_time
  FROM build.clock_attempt AS y
  JOIN found AS f ON {_same("f", "y")}
  GROUP BY y.policy, y.subject_id, y.cycle
)
SELECT
  f.policy, f.kind, f.limit_name, f.limit_text, f.version, f.subject, f.subject_id, f.person_id, f.opportunity_id,
  f.account_id, f.owner_id, f.cycle, f.calendar, f.timezone, f.started_at, f.runs_from,
  CASE WHEN f.back IS NULL OR f.due_at IS NULL THEN NULL
    WHEN f.m_due - f.back <= f.m_start THEN f.runs_from ELSE {warned} END AS warn_at,
  f.due_at, f.stopped_at, f.stopped_by, f.activity_id, f.known_at AS stop_known_at, f.measured_at,
  (greatest(f.m_end - f.m_start, 0) - f.paused) // 1000000 AS working_seconds,
  f.paused // 1000000 AS paused_seconds,
  CASE WHEN f.is_late THEN (f.m_end - f.m_due) // 1000000 ELSE 0 END AS late_seconds,
  coalesce(y.attempts, 0) AS attempts, coalesce(y.attempts_in_time, 0) AS attempts_in_time, y.first_attempt_at,
  CASE
    WHEN f.stopped_at IS NOT NULL AND f.is_late THEN 'breached'
    WHEN f.stopped_at IS NOT NULL THEN 'met'
    WHEN f.is_unknown THEN 'paused'
    WHEN f.is_late THEN 'overdue'
    ELSE 'running'
  END AS state,
  f.stopped_at IS NULL AS is_open,
  f.stopped_at IS NOT NULL AND NOT f.is_late AS is_met,
  f.stopped_at IS NOT NULL AND f.is_late AS is_breached,
  f.stopped_at IS NULL AND f.is_late AS is_overdue,
  f.stopped_at IS NOT NULL AND NOT f.is_late AND coalesce(f.known_at > f.due_at, false) AS was_breached,
  f.stopped_at IS NOT NULL OR f.is_late AS counts,
  (date_diff('day', DATE '2024-01-01', CAST(f.local_start AS DATE)) % 7 + 7) % 7 + 1 AS start_weekday,
  hour(f.local_start) AS start_hour
FROM found AS f
LEFT JOIN tried AS y ON {_same("y", "f")}{warn_joins}"""


def share() -> str:
    """SQL of `mart.clock_share`: a clock's seconds by who owned its subject while they passed, summing to all of them.

    What pauses took out is taken from whoever owned it then; a clock that stood still is its first owner's.
    """
    from_joins, m_from = _measured("o.from_at", "o", "of")
    until_joins, m_until = _measured("o.until_at", "o", "ou")
    pause_from_joins, m_pause_from = _measured("greatest(p.from_at, o.from_at)", "o", "qf")
    pause_until_joins, m_pause_until = _measured("least(coalesce(p.until_at, o.until_at), o.until_at)", "o", "qu")
    return f"""WITH owned AS (
  SELECT c.policy, c.subject_id, c.cycle, c.calendar, r.unit, w.member_id, c.working_seconds, c.due_at,
    greatest(c.started_at, coalesce(w.from_at, c.started_at)) AS from_at,
    least(c.end_at, coalesce(w.until_at, c.end_at)) AS until_at
  FROM (SELECT k.*, greatest(coalesce(k.stopped_at, k.measured_at), k.started_at) AS end_at FROM mart.clock AS k) AS c
  JOIN build.clock_ruled AS r ON {_same("r", "c")}
  JOIN build.clock_owner AS w ON w.subject = c.subject AND w.subject_id = c.subject_id
    AND (w.from_at IS NULL OR w.from_at < c.end_at OR w.from_at <= c.started_at)
    AND (w.until_at IS NULL OR w.until_at > c.started_at)
),
spent AS (
  SELECT o.policy, o.subject_id, o.cycle, o.member_id, o.from_at, o.until_at, o.calendar, o.unit, o.working_seconds,
    {m_until} - {m_from} AS passed
  FROM owned AS o{from_joins}{until_joins}
),
paused AS (
  SELECT o.policy, o.subject_id, o.cycle, o.from_at, sum({m_pause_until} - {m_pause_from}) AS paused
  FROM owned AS o
  JOIN build.clock_pause AS p ON {_same("p", "o")}
    AND p.from_at < coalesce(least(o.until_at, o.due_at), o.until_at)
    AND coalesce(p.until_at, o.until_at) > o.from_at{pause_from_joins}{pause_until_joins}
  GROUP BY o.policy, o.subject_id, o.cycle, o.from_at
),
held AS (
  SELECT s.policy, s.subject_id, s.cycle, s.member_id, max(s.working_seconds) AS working_seconds,
    min(s.from_at) AS from_at, sum(s.passed - coalesce(p.paused, 0)) AS own
  FROM spent AS s
  LEFT JOIN paused AS p ON {_same("p", "s")} AND p.from_at = s.from_at
  GROUP BY s.policy, s.subject_id, s.cycle, s.member_id
),
shared AS (
  SELECT h.*,
    sum(h.own) OVER clocks AS every, sum(h.own) OVER so_far AS so_far,
    row_number() OVER so_far AS place
  FROM held AS h
  WINDOW clocks AS (PARTITION BY h.policy, h.subject_id, h.cycle),
    so_far AS (PARTITION BY h.policy, h.subject_id, h.cycle ORDER BY h.from_at, h.member_id)
),
cut AS (
  SELECT s.policy, s.subject_id, s.cycle, s.member_id, s.working_seconds,
    CASE WHEN s.every > 0 THEN s.own / s.every WHEN s.place = 1 THEN 1 ELSE 0 END AS share,
    CASE WHEN s.every > 0 THEN floor(s.working_seconds * (s.so_far / s.every)) ELSE s.working_seconds END AS upto,
    s.place
  FROM shared AS s
)
SELECT c.policy, c.subject_id, c.cycle, c.member_id,
  c.upto - coalesce(lag(c.upto) OVER (
    PARTITION BY c.policy, c.subject_id, c.cycle ORDER BY c.place
  ), 0) AS working_seconds,
  c.share
FROM cut AS c"""


def working_time() -> tuple[Query, ...]:
    """The calendars that the clocks count by, as they were compiled, as marts."""
    return tuple(Query(f"mart.{name}", _copied(name)) for name in map("working_{}".format, WorkingTables._fields))


def _copied(name: str) -> str:
    columns = ", ".join(f"w.{column.name}" for column in TABLES[name].columns)
    return f"SELECT {columns} FROM build.{name} AS w"


def clock_tables(
    found: Sequence[Version], calendars: Calendars, timezone: str, *, rows_behind: str = "kept"
) -> tuple[Query, ...]:
    """The tables of clocks and the steps to them, in order; they are empty where no policy has a clock."""
    attempt = "SELECT y.policy, y.subject_id, y.cycle, y.activity_id, y.member_id, y.at FROM build.clock_attempt AS y"
    texts = {
        "build.clock_begun": begun(found, timezone, rows_behind),
        "build.clock_owner": OWNER,
        "build.clock_stop": stops(found, timezone),
        "build.clock_attempt": attempts(found),
        "build.clock_pause": pauses(found),
        "build.clock_ruled": ruled(found, calendars, timezone),
        "build.clock_based": based(),
        "build.clock_due": due(),
        "mart.clock": clock(),
        "mart.clock_share": share(),
        "mart.clock_attempt": attempt,
    }
    return tuple(Query(name, sql) for name, sql in texts.items())
