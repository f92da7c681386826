"""SQL of where clocks start: which subjects, in which cycle, at what instant, under which version of the policy.

build.clock_begun   (policy, subject_id, cycle): started_at, next_at (the next cycle's start), the references

A subject's earlier starts come from the change log. Those between two returns to nurture are one cycle: of people
that turned out to be the same the earliest start survives, and a corrected time replaces the wrong one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.policies import Version
from fairlead.model.agreed import Subject
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import CANONICAL_BY_NAME, TABLES, Column, Kind

INSTANT = "TIMESTAMPTZ"


NO_START = ", ".join(
    [f"CAST(NULL AS VARCHAR) AS {name}" for name in ("policy", "kind", "version", "subject", "subject_id")]
    + [f"CAST(NULL AS VARCHAR) AS {name}" for name in ("person_id", "opportunity_id", "account_id", "owner_now")]
    + [f"CAST(NULL AS {INSTANT}) AS {name}" for name in ("started_at", "left_at")]
)


def text(value: str) -> str:
    """A SQL string."""
    return "'" + value.replace("'", "''") + "'"


def instant(at: datetime) -> str:
    """A SQL instant."""
    return f"{INSTANT} {text(at.isoformat())}"


class Facts(Columns):
    """The columns of a subject's facts, alias `s`; `as_of` is the instant that the clocks are read at, alias `i`."""

    def __init__(self, subject: Subject, timezone: str) -> None:
        super().__init__(View(TABLES[subject.facts], date.min, timezone, past=False))

    def sql(self, name: str) -> str:
        return "i.at" if name == "as_of" else super().sql(name)

    def condition(self, said: str | None) -> str:
        """SQL of a predicate; true for none, and false for one that cannot be read: `fairlead check` says so."""
        if not said:
            return "true"
        predicate, _ = parse(said, columns_of(self.view.table), wants="condition")
        return f"coalesce({predicate.render(self.sql)}, false)" if predicate else "false"


def column_of(subject: Subject, name: str) -> Column | None:
    """A time column of a subject's facts, or None."""
    column = TABLES[subject.facts].column(name)
    return column if column and column.kind in (Kind.TIMESTAMP, Kind.DATE) else None


def as_instant(column: Column, timezone: str, alias: str = "s") -> str:
    """SQL of a time column as an instant: a day begins at midnight where the company is."""
    if column.kind is Kind.TIMESTAMP:
        return f"{alias}.{column.name}"
    return f"timezone({text(timezone)}, CAST({alias}.{column.name} AS TIMESTAMP))"


def begun(found: Sequence[Version], timezone: str, rows_behind: str) -> str:
    """SQL of `build.clock_begun`. `rows_behind`: the schema of the rows that the record was folded from, or ''."""
    parts = (
        "\n  UNION ALL\n".join(_starts(v, timezone, rows_behind) for v in found) or f"  SELECT {NO_START} WHERE false"
    )
    return f"""WITH starts AS (
{parts}
)
SELECT
  b.policy, b.kind, b.version, b.subject, b.subject_id, b.person_id, b.opportunity_id, b.account_id, b.owner_now,
  b.started_at, b.left_at,
  row_number() OVER cycles AS cycle,
  lead(b.started_at) OVER cycles AS next_at
FROM starts AS b
CROSS JOIN build.instant AS i
WHERE b.started_at <= i.last_at
WINDOW cycles AS (PARTITION BY b.policy, b.subject_id ORDER BY b.started_at, b.version)"""


def _starts(version: Version, timezone: str, rows_behind: str) -> str:
    """SQL of the starts of one version of a policy."""
    policy, facts = version.policy, Facts(version.policy.subject, timezone)
    trigger = facts.condition(policy.trigger)
    when = [f"c.started_at >= {instant(version.since)}"] if version.since else []
    when += [f"c.started_at < {instant(version.until)}"] if version.until else []
    where = " AND ".join(["s.deleted_at IS NULL", trigger, *when])
    subject = policy.subject.value
    refs = {"person_id": "NULL", "opportunity_id": "NULL", "account_id": "s.account_id"} | {f"{subject}_id": "s.id"}
    shown = ", ".join(f"CAST({sql} AS VARCHAR) AS {name}" for name, sql in refs.items())
    return f"""  SELECT
    {text(version.name)} AS policy, {text(version.kind)} AS kind, {text(version.digest)} AS version,
    {text(subject)} AS subject, s.id AS subject_id, {shown},
    s.owner_id AS owner_now, c.started_at, c.left_at
  FROM (
{_candidates(version, timezone, rows_behind)}
  ) AS c
  JOIN mart.{policy.subject.facts} AS s ON s.id = c.subject_id
  CROSS JOIN build.instant AS i
  {facts.joins}
  WHERE {where}"""


def _candidates(version: Version, timezone: str, rows_behind: str) -> str:
    """SQL of (subject_id, started_at, left_at): every start there is, one a cycle."""
    policy = version.policy
    if policy.stage:
        flow = "<>" if policy.subject is Subject.OPPORTUNITY else "="  # a deal's stages are those of its pipeline
        return (
            "    SELECT e.subject_id, e.entered_at AS started_at, e.left_at FROM mart.stage_entry AS e"
            f" WHERE e.subject = {text(policy.subject.value)} AND e.stage = {text(policy.stage)}"
            f" AND e.flow {flow} 'lifecycle' AND e.is_dated AND NOT e.is_created_closed"
        )
    column = column_of(policy.subject, policy.starts or "")
    if column is None:
        return f"    SELECT '' AS subject_id, CAST(NULL AS {INSTANT}) AS started_at, CAST(NULL AS {INSTANT}) AS left_at"
    if not is_recorded(policy.subject, column):
        at = as_instant(column, timezone)
        facts = policy.subject.facts
        return (
            f"    SELECT s.id AS subject_id, {at} AS started_at, CAST(NULL AS {INSTANT}) AS left_at"
            f" FROM mart.{facts} AS s WHERE {at} IS NOT NULL"
        )
    return _cycles(policy.subject, column, timezone, rows_behind)


def is_recorded(subject: Subject, column: Column) -> bool:
    """Whether a source gives the column, so that its earlier values are in the change log."""
    return CANONICAL_BY_NAME[subject.value].column(column.name) is not None


def _cycles(subject: Subject, column: Column, timezone: str, rows_behind: str) -> str:
    """SQL of one start a cycle, of the values that a recorded column has and had."""
    values = "\n      UNION ALL\n".join(values_of(subject, column, timezone, rows_behind))
    back = CANONICAL_BY_NAME[subject.value].column("recycled_at")
    if back is None:
        return f"    WITH v AS (\n{values}\n    )\n{_one_each('v')}"
    returns = "\n      UNION ALL\n".join(values_of(subject, back, timezone, ""))
    return f"""    WITH v AS (
{values}
    ),
    returns AS (
      SELECT DISTINCT t.subject_id, t.value FROM (
{returns}
      ) AS t
    ),
    cycled AS (
      SELECT v.subject_id, v.value, v.is_current, v.told_at, count(DISTINCT r.value) AS turn
      FROM v
      LEFT JOIN returns AS r ON r.subject_id = v.subject_id AND r.value <= v.value
      GROUP BY v.subject_id, v.value, v.is_current, v.told_at
    )
{_one_each("cycled", "w.subject_id, w.turn")}"""


def _one_each(rows: str, cycle: str = "w.subject_id") -> str:
    """SQL of the start of each cycle: the earliest of what the record holds now, else what was said last."""
    return f"""    SELECT
      w.subject_id,
      coalesce(min(w.value) FILTER (WHERE w.is_current), max_by(w.value, w.told_at)) AS started_at,
      CAST(NULL AS {INSTANT}) AS left_at
    FROM {rows} AS w
    WHERE w.value IS NOT NULL
    GROUP BY {cycle}"""


def values_of(subject: Subject, column: Column, timezone: str, rows_behind: str) -> Iterator[str]:
    """SQL of (subject_id, value, is_current, told_at): the values of a recorded column, now and before."""
    at = as_instant(column, timezone, "x")
    tables = [f"record.{subject.value}", *([f"{rows_behind}.{subject.value}"] if rows_behind else [])]
    for table in tables:
        yield (
            f"      SELECT x.id AS subject_id, {at} AS value, true AS is_current, x.seen_at AS told_at"
            f" FROM {table} AS x WHERE {at} IS NOT NULL"
        )
    for side in ("old", "new"):
        yield (
            f"      SELECT x.entity_id AS subject_id, TRY_CAST(x.{side} AS {INSTANT}) AS value, false AS is_current,"
            f" x.at AS told_at FROM record.change AS x WHERE x.entity = {text(subject.value)}"
            f" AND x.field = {text(column.name)} AND x.deleted_at IS NULL AND x.{side} IS NOT NULL"
        )
