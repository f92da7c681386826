"""SQL of what happens to clocks that have started: who owns them, what pauses and what stops them, who tried.

build.clock_owner     who owned a subject, from when until when; nothing where nobody did
build.clock_stop      the first thing that stops each clock, and when that was known
build.clock_pause     the stretches in which each clock stands still, without overlap
build.clock_attempt   attempts to reach somebody while the clock runs

A stop within a day before the start counts as one at the start: the call came first and the record second. It can
only be of the first cycle, because what came before a later one belongs to the one before.
"""

from collections.abc import Iterator, Sequence

from fairlead.analysis.policies import Version
from fairlead.analysis.starting import INSTANT, as_instant, column_of, is_recorded, text, values_of
from fairlead.model.agreed import Subject
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.model.timed import Pause, Response

EARLIEST = "CASE WHEN b.cycle = 1 THEN b.started_at - INTERVAL 1 DAY ELSE b.started_at END"
# What happened to a clock: since it started, before the next cycle, and not after the clocks are read.
WITHIN = f"x.at >= {EARLIEST} AND (b.next_at IS NULL OR x.at < b.next_at) AND x.at <= i.last_at"

UNTOLD = (
    "CAST(NULL AS VARCHAR) AS activity_id, CAST(NULL AS TIMESTAMPTZ) AS logged_at,"
    " CAST(NULL AS VARCHAR) AS source_system, CAST(NULL AS TIMESTAMPTZ) AS seen_at"
)
TOLD = "x.id AS activity_id, x.logged_at, x.source_system, x.seen_at"

OWNER = """WITH who AS (
  SELECT b.subject, b.subject_id, min(b.owner_now) AS owner_now
  FROM build.clock_begun AS b
  GROUP BY b.subject, b.subject_id
),
moves AS (
  SELECT
    w.subject,
    w.subject_id,
    x.old,
    x.new,
    x.at,
    row_number() OVER (PARTITION BY w.subject, w.subject_id ORDER BY x.at, x.id) AS place,
    lead(x.at) OVER (PARTITION BY w.subject, w.subject_id ORDER BY x.at, x.id) AS next_at
  FROM who AS w
  JOIN record.change AS x ON x.entity = w.subject AND x.entity_id = w.subject_id
  WHERE x.field = 'owner_id' AND x.deleted_at IS NULL
)
SELECT m.subject, m.subject_id, m.new AS member_id, m.at AS from_at, m.next_at AS until_at
FROM moves AS m
UNION ALL
SELECT m.subject, m.subject_id, m.old AS member_id, CAST(NULL AS TIMESTAMPTZ) AS from_at, m.at AS until_at
FROM moves AS m
WHERE m.place = 1
UNION ALL
SELECT w.subject, w.subject_id, w.owner_now AS member_id, CAST(NULL AS TIMESTAMPTZ) AS from_at,
  CAST(NULL AS TIMESTAMPTZ) AS until_at
FROM who AS w
LEFT JOIN moves AS m ON m.subject = w.subject AND m.subject_id = w.subject_id AND m.place = 1
WHERE m.place IS NULL"""


def stops(found: Sequence[Version], timezone: str) -> str:
    """SQL of `build.clock_stop`: (policy, subject_id, cycle), stopped_at, stopped_by, activity_id, known_at.

    `known_at` is when it was logged; where the source does not say, the last time it was looked at without it,
    because only then could anybody have seen the clock run out.
    """
    parts = "\n  UNION ALL\n".join(one for version in found for one in _stops(version, timezone)) or NO_STOP
    return f"""WITH looks AS (
  SELECT seen.source_system, seen.seen_at,
    lag(seen.seen_at) OVER (PARTITION BY seen.source_system ORDER BY seen.seen_at) AS before_at
  FROM (SELECT DISTINCT a.source_system, a.seen_at FROM record.activity AS a) AS seen
),
every AS (
{parts}
)
SELECT
  e.policy,
  e.subject_id,
  e.cycle,
  greatest(e.at, e.started_at) AS stopped_at,
  e.what AS stopped_by,
  e.activity_id,
  coalesce(e.logged_at, l.before_at, e.at) AS known_at
FROM every AS e
LEFT JOIN looks AS l ON l.source_system = e.source_system AND l.seen_at = e.seen_at
QUALIFY row_number() OVER (PARTITION BY e.policy, e.subject_id, e.cycle ORDER BY e.at, e.what, e.activity_id) = 1"""


NO_STOP = f"""  SELECT b.policy, b.subject_id, b.cycle, b.started_at, b.left_at AS at, '' AS what, {UNTOLD}
  FROM build.clock_begun AS b
  WHERE false"""


def _stop(version: Version, what: str, told: str, source: str, within: str = WITHIN) -> str:
    return f"""  SELECT b.policy, b.subject_id, b.cycle, b.started_at, x.at, {what} AS what, {told}
  FROM build.clock_begun AS b
  CROSS JOIN build.instant AS i
  JOIN {source}
  WHERE {of_version(version)} AND {within}"""


def of_version(version: Version) -> str:
    """SQL that keeps the clocks of one version of a policy."""
    return f"b.policy = {text(version.name)} AND b.version = {text(version.digest)}"


def _stops(version: Version, timezone: str) -> Iterator[str]:
    policy = version.policy
    if policy.stage:
        yield f"""  SELECT b.policy, b.subject_id, b.cycle, b.started_at, b.left_at AS at,
    'left the stage' AS what, {UNTOLD}
  FROM build.clock_begun AS b
  CROSS JOIN build.instant AS i
  WHERE {of_version(version)} AND b.left_at <= i.last_at"""
    for name in policy.stops:
        if values := _values(policy.subject, name, timezone):
            yield _stop(version, text(name), UNTOLD, f"(\n{values}\n  ) AS x ON x.subject_id = b.subject_id")
    if response := policy.response:
        source = f"record.activity AS x ON x.{policy.subject.value}_id = b.subject_id"
        kinds = f"{WITHIN} AND x.deleted_at IS NULL AND {_is_answer(response, human=policy.human)}"
        yield _stop(version, "x.kind", TOLD, source, kinds)
        if response.signals:
            signal = f"record.signal AS x ON x.account_id = b.account_id AND x.kind IN ({_texts(response.signals)})"
            yield _stop(version, "x.kind", UNTOLD, signal, f"{WITHIN} AND x.deleted_at IS NULL")


def _values(subject: Subject, name: str, timezone: str) -> str:
    """SQL of (subject_id, at): the values that a time column has and had."""
    column = column_of(subject, name)
    if column is None:
        return ""
    if not is_recorded(subject, column):
        return f"    SELECT s.id AS subject_id, {as_instant(column, timezone)} AS at FROM mart.{subject.facts} AS s"
    values = "\n      UNION ALL\n".join(values_of(subject, column, timezone, ""))
    return f"    SELECT v.subject_id, v.value AS at FROM (\n{values}\n    ) AS v"


def _is_answer(response: Response, *, human: bool) -> str:
    """SQL of which activities are an answer."""
    tried = _is_attempt(response, human=human)
    failed = f" AND coalesce(x.outcome NOT IN ({_texts(response.failed)}), true)" if response.failed else ""
    return f"{tried}{failed}"


def _is_attempt(response: Response, *, human: bool) -> str:
    """SQL of which activities are an attempt to answer, whatever came of it."""
    side = "" if response.direction == "any" else f" AND x.direction = {text(response.direction)}"
    return f"x.kind IN ({_texts(response.kinds) or 'NULL'}){side}" + (
        " AND NOT coalesce(x.automated, false)" if human else ""
    )


def _texts(names: Sequence[str]) -> str:
    return ", ".join(map(text, names))


def attempts(found: Sequence[Version]) -> str:
    """SQL of `build.clock_attempt`: (policy, subject_id, cycle, activity_id), at, member_id; up to the stop."""
    parts = "\nUNION ALL\n".join(
        _attempts(version, version.policy.response) for version in found if version.policy.response
    )
    return parts or (
        "SELECT '' AS policy, '' AS subject_id, 0 AS cycle, '' AS activity_id, CAST(NULL AS TIMESTAMPTZ) AS at,"
        " '' AS member_id FROM build.instant AS i WHERE false"
    )


def _attempts(version: Version, response: Response) -> str:
    return f"""SELECT b.policy, b.subject_id, b.cycle, x.id AS activity_id, x.at, x.member_id
FROM build.clock_begun AS b
CROSS JOIN build.instant AS i
JOIN record.activity AS x ON x.{version.policy.subject.value}_id = b.subject_id
LEFT JOIN build.clock_stop AS t ON t.policy = b.policy AND t.subject_id = b.subject_id AND t.cycle = b.cycle
WHERE {of_version(version)} AND {WITHIN} AND (t.stopped_at IS NULL OR x.at <= t.stopped_at)
  AND x.deleted_at IS NULL AND {_is_attempt(response, human=version.policy.human)}"""


def pauses(found: Sequence[Version]) -> str:
    """SQL of `build.clock_pause`: (policy, subject_id, cycle, from_at), until_at; those that still last have none.

    Only what lies within the clock: from its start until its stop. Pauses that overlap or touch are one.
    """
    parts = [_paused(version, pause) for version in found for pause in version.policy.pauses.values()]
    if not any(parts):
        return (
            "SELECT '' AS policy, '' AS subject_id, 0 AS cycle, CAST(NULL AS TIMESTAMPTZ) AS from_at,"
            " CAST(NULL AS TIMESTAMPTZ) AS until_at FROM build.instant AS i WHERE false"
        )
    spans = "\n  UNION ALL\n".join(part for part in parts if part)
    return f"""WITH spans AS (
{spans}
),
inside AS (
  SELECT
    s.policy,
    s.subject_id,
    s.cycle,
    greatest(s.from_at, b.started_at) AS from_at,
    least(coalesce(s.until_at, {FOREVER}), coalesce(t.stopped_at, {FOREVER})) AS until_at
  FROM spans AS s
  JOIN build.clock_begun AS b ON b.policy = s.policy AND b.subject_id = s.subject_id AND b.cycle = s.cycle
  CROSS JOIN build.instant AS i
  LEFT JOIN build.clock_stop AS t ON t.policy = s.policy AND t.subject_id = s.subject_id AND t.cycle = s.cycle
  WHERE s.from_at <= i.at
),
reached AS (
  SELECT n.*, max(n.until_at) OVER (
    PARTITION BY n.policy, n.subject_id, n.cycle ORDER BY n.from_at, n.until_at
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reach
  FROM inside AS n
  WHERE n.from_at < n.until_at
),
islands AS (
  SELECT r.*, sum(CASE WHEN r.reach >= r.from_at THEN 0 ELSE 1 END) OVER (
    PARTITION BY r.policy, r.subject_id, r.cycle ORDER BY r.from_at, r.until_at
  ) AS island
  FROM reached AS r
)
SELECT
  d.policy,
  d.subject_id,
  d.cycle,
  min(d.from_at) AS from_at,
  CASE WHEN max(d.until_at) <= min(i.at) THEN max(d.until_at) END AS until_at
FROM islands AS d
CROSS JOIN build.instant AS i
GROUP BY d.policy, d.subject_id, d.cycle, d.island"""


FOREVER = "TIMESTAMPTZ '9000-01-01 00:00:00+00'"
EVER = "TIMESTAMPTZ '1900-01-01 00:00:00+00'"


def _paused(version: Version, pause: Pause) -> str:
    """SQL of when a column held one of the values: as the change log tells, else as the record has it now."""
    subject = version.policy.subject
    if CANONICAL_BY_NAME[subject.value].column(pause.column) is None:
        return ""
    values = _texts(pause.values)
    held = f"""SELECT b.policy, b.subject_id, b.cycle, x.old, x.new, x.at,
      row_number() OVER changes AS place, lead(x.at) OVER changes AS next_at
    FROM build.clock_begun AS b
    JOIN record.change AS x ON x.entity = {text(subject.value)} AND x.entity_id = b.subject_id
    WHERE {of_version(version)} AND x.field = {text(pause.column)} AND x.deleted_at IS NULL
    WINDOW changes AS (PARTITION BY b.policy, b.subject_id, b.cycle ORDER BY x.at, x.id)"""
    return f"""  SELECT h.policy, h.subject_id, h.cycle, h.at AS from_at, h.next_at AS until_at
  FROM (
    {held}
  ) AS h
  WHERE h.new IN ({values})
  UNION ALL
  SELECT h.policy, h.subject_id, h.cycle, {EVER} AS from_at, h.at AS until_at
  FROM (
    {held}
  ) AS h
  WHERE h.place = 1 AND h.old IN ({values})
  UNION ALL
  SELECT b.policy, b.subject_id, b.cycle, {EVER} AS from_at, CAST(NULL AS {INSTANT}) AS until_at
  FROM build.clock_begun AS b
  JOIN record.{subject.value} AS r ON r.id = b.subject_id
  LEFT JOIN record.change AS x
    ON x.entity = {text(subject.value)} AND x.entity_id = b.subject_id AND x.field = {text(pause.column)}
    AND x.deleted_at IS NULL
  WHERE {of_version(version)} AND x.id IS NULL AND CAST(r.{pause.column} AS VARCHAR) IN ({values})"""
