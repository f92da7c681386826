"""What is asked of clocks: compliance by policy and dimension, by hour of the week, who is overdue, who tried.

Of each question the clocks are those that were due in its days. Compliance is the share of them that were met, out of
those that count: closed, or open and overdue. What is open and not due yet counts for nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View, dimensions, resolve
from fairlead.analysis.starting import instant, text
from fairlead.model.shape import Kind
from fairlead.model.tables import TABLES
from fairlead.values import Query

CLOCK = TABLES["clock"]
# Dimensions that mean one thing for every subject, though the column stands elsewhere for each of them.
OWN: Mapping[str, str] = MappingProxyType(
    {
        "segment": "account.segment",
        "owner": "owner.name",
        "team": "owner.team",
        "region": "account.region",
        "limit": "limit_name",
    }
)
SOURCE = ("person.source", "opportunity.source")
DAY = "coalesce({0}due_on, {0}started_on)"  # of a clock: when it was due, or, while that is open, when it started


FAR = date(2999, 12, 31)


class Asked(NamedTuple):
    """Clocks due from `start` (None: ever) to `end`, both included; of one policy, or of all."""

    end: date
    start: date | None = None
    policy: str | None = None


class Told(NamedTuple):
    """Where clocks stand: a mart of the build, or clocks that are tried, which `prefix` makes; `where` of the text."""

    table: str = "mart.clock"
    prefix: str = ""

    def query(self, name: str, select: str) -> Query:
        return Query(name, f"{self.prefix}{select}")


MART = Told()

COUNTS = """count(*) AS clocks,
  count(*) FILTER (WHERE s.is_met) AS met,
  count(*) FILTER (WHERE s.is_breached) AS breached,
  count(*) FILTER (WHERE s.is_overdue) AS overdue,
  count(*) FILTER (WHERE s.is_open AND NOT s.is_overdue) AS pending,
  count(*) FILTER (WHERE s.was_breached) AS mended,
  count(*) FILTER (WHERE s.counts) AS counted,
  median(s.working_seconds) FILTER (WHERE NOT s.is_open) AS median_seconds"""


def known_dimensions() -> tuple[str, ...]:
    """What clocks can be cut by."""
    return tuple(dict.fromkeys([*OWN, "source", *dimensions(CLOCK)]))


def is_dimension(name: str) -> bool:
    """Whether clocks can be cut by it."""
    return name in OWN or name == "source" or resolve(CLOCK, name) is not None


def _columns() -> Columns:
    return Columns(View(CLOCK, date.min, "UTC", past=False))


def _cut(by: str | None, columns: Columns) -> str:
    if by is None:
        return "CAST(NULL AS VARCHAR)"
    if by == "source":
        return f"coalesce({', '.join(columns.sql(name) for name in SOURCE)})"
    return f"CAST({columns.sql(OWN.get(by, by))} AS VARCHAR)"


def _within(asked: Asked) -> str:
    """SQL of the clocks that are asked for: due in time, or, while that is open, started in it."""
    day = DAY.format("s.")
    said = [f"{day} <= DATE '{asked.end}'"]
    said += [f"{day} >= DATE '{asked.start}'"] if asked.start else []
    said += [f"s.policy = {text(asked.policy)}"] if asked.policy else []
    return " AND ".join(said)


def behind(asked: Asked, *conditions: str) -> str:
    """A predicate over mart.clock of the clocks that are asked for, and for which the conditions hold.

    >>> behind(Asked(date(2026, 3, 31), policy="kickoff"), "is_met")
    "is_met and policy = 'kickoff' and coalesce(due_on, started_on) <= date '2026-03-31'"
    """
    day = DAY.format("")
    said = [f"policy = {text(asked.policy)}"] if asked.policy else []
    said += [f"{day} >= date '{asked.start}'"] if asked.start else []
    said += [f"{day} <= date '{asked.end}'"] if asked.end < FAR else []
    return " and ".join([*conditions, *said])


def valued(by: str, value: str | None) -> str:
    """The predicate of the clocks that have a value of a dimension.

    >>> valued("segment", "smb"), valued("source", None), valued("is_open", "false")
    ("account.segment = 'smb'", 'coalesce(person.source, opportunity.source) is null', 'not is_open')
    """
    name = f"coalesce({', '.join(SOURCE)})" if by == "source" else OWN.get(by, by)
    if value is None:
        return f"{name} is null"
    column = None if by == "source" else resolve(CLOCK, name)
    if column and column.column.kind is Kind.BOOLEAN:
        return name if value == "true" else f"not {name}"
    return f"{name} = {text(value)}"


def compliance(asked: Asked, by: str | None, told: Told = MART) -> Query:
    """Policy, kind, value of the dimension, then the counts of COUNTS; one row a policy and value."""
    columns = _columns()
    value = _cut(by, columns)
    return told.query(
        "clocks",
        f"SELECT s.policy, s.kind, {value} AS value,\n  {COUNTS}\nFROM {told.table} AS s\n  {columns.joins}\n"
        f"WHERE {_within(asked)}\nGROUP BY s.policy, s.kind, {value}\nORDER BY s.policy, clocks DESC, value",
    )


def by_hour(asked: Asked, told: Told = MART) -> Query:
    """start_weekday (1 is Monday), start_hour (0 to 23), then the counts; of all the policies asked for."""
    return told.query(
        "clocks by hour",
        f"SELECT s.start_weekday, s.start_hour,\n  {COUNTS}\nFROM {told.table} AS s\nWHERE {_within(asked)}"
        "\nGROUP BY s.start_weekday, s.start_hour\nORDER BY s.start_weekday, s.start_hour",
    )


HEARD = """s.policy, s.version, s.limit_name, s.calendar, s.subject_id, s.cycle, s.owner_id, s.started_at, s.due_at,
  s.stopped_at"""
SHOWN = """s.policy, s.version, s.limit_name, s.limit_text, s.subject, s.subject_id, s.cycle,
  coalesce(person.name, person.email, opportunity.name, account.name, s.subject_id) AS name,
  account.name AS account, account.segment, s.owner_id, owner.name AS owner,
  s.calendar, s.timezone, s.started_at, s.due_at, s.warn_at, s.stopped_at, s.late_seconds, s.working_seconds,
  s.attempts, s.first_attempt_at, s.state"""
JOINED = """LEFT JOIN record.person AS person ON person.id = s.person_id
LEFT JOIN record.opportunity AS opportunity ON opportunity.id = s.opportunity_id
LEFT JOIN record.account AS account ON account.id = s.account_id
LEFT JOIN moved AS v ON v.policy = s.policy AND v.subject_id = s.subject_id AND v.cycle = s.cycle AND v.place = 1
LEFT JOIN record.member AS owner ON owner.id = CASE WHEN v.place = 1 THEN v.owner_id ELSE s.owner_id END"""


def _moved(until: datetime) -> str:
    """SQL of whose the subjects of open clocks became after these had started and before `until`; place 1: the last."""
    return f"""SELECT k.policy, k.subject_id, k.cycle, x.at, x.id, x.new AS owner_id,
    row_number() OVER (PARTITION BY k.policy, k.subject_id, k.cycle ORDER BY x.at DESC, x.id DESC) AS place
  FROM mart.clock AS k
  JOIN record.change AS x ON x.entity = k.subject AND x.entity_id = k.subject_id
  WHERE k.is_open AND x.field = 'owner_id' AND x.deleted_at IS NULL
    AND x.at > k.started_at AND x.at <= k.measured_at AND x.at < {instant(until)}"""


def overdue(asked: Asked, until: datetime, limit: int | None, offset: int = 0) -> Query:
    """The clocks that are open and overdue, the latest one first: those that were due last can still be saved.

    `owner` is whoever owns the subject when the clocks are read, before `until`: the end of the day that is told of.
    `limit` None: all of them.
    """
    most = "" if limit is None else f"LIMIT {limit} "
    return Query(
        "overdue clocks",
        f"WITH moved AS (\n  {_moved(until)}\n)\nSELECT {SHOWN}\nFROM mart.clock AS s\n{JOINED}"
        f"\nWHERE s.is_overdue AND {_within(asked)}"
        f"\nORDER BY s.due_at DESC, s.policy, s.subject_id, s.cycle\n{most}OFFSET {offset}",
    )


def open_clocks(asked: Asked, days: int) -> Query:
    """Every clock that is open and has a deadline which has not passed for more than so many days."""
    return Query(
        "open clocks",
        f"SELECT {HEARD}\nFROM mart.clock AS s\nWHERE {_can_be_heard(asked, days)}"
        "\nORDER BY s.policy, s.subject_id, s.cycle",
    )


def owners_since(asked: Asked, until: datetime, days: int) -> Query:
    """Whose the subjects of `open_clocks` became after these had started, before `until`.

    policy, subject_id, cycle, at, owner_id: in order of time.
    """
    return Query(
        "owners since clocks started",
        f"WITH moved AS (\n  {_moved(until)}\n)\nSELECT v.policy, v.subject_id, v.cycle, v.at, v.owner_id\n"
        "FROM moved AS v\nJOIN mart.clock AS s"
        " ON s.policy = v.policy AND s.subject_id = v.subject_id AND s.cycle = v.cycle"
        f"\nWHERE {_can_be_heard(asked, days)}\nORDER BY v.at, v.id",
    )


def _can_be_heard(asked: Asked, days: int) -> str:
    return f"s.is_open AND s.due_at IS NOT NULL AND s.due_at > s.measured_at - INTERVAL {days} DAY AND {_within(asked)}"


def attempts(asked: Asked, by: str, reaching: Sequence[str], told: Told = MART) -> Query:
    """Contact attempts by a dimension: clocks, those nobody tried, attempts and those in time, seconds to the first.

    Of the policies in `reaching`: elsewhere there is nobody to reach.
    """
    columns = _columns()
    value = _cut(by, columns)
    names = ", ".join(map(text, reaching)) or "NULL"
    return told.query(
        "attempts",
        f"""SELECT {value} AS value, count(*) AS clocks,
  count(*) FILTER (WHERE s.attempts = 0) AS untried,
  count(*) FILTER (WHERE s.attempts > 0 AND s.attempts_in_time = 0) AS tried_late,
  CAST(coalesce(sum(s.attempts), 0) AS BIGINT) AS attempts,
  CAST(coalesce(sum(s.attempts_in_time), 0) AS BIGINT) AS in_time,
  median(epoch(s.first_attempt_at) - epoch(s.started_at)) AS median_seconds
FROM {told.table} AS s
  {columns.joins}
WHERE {_within(asked)} AND s.policy IN ({names})
GROUP BY {value}
ORDER BY clocks DESC, value""",
    )


def held(asked: Asked) -> Query:
    """Of clocks whose subject changed hands: by colleague how many, of those too late, and the seconds that passed.

    `seconds` passed with them, of `all_seconds` of the same clocks; `first`: how many of the clocks began with them.
    """
    return Query(
        "owners of clocks",
        f"""SELECT h.member_id, m.name AS member, count(*) AS clocks,
  count(*) FILTER (WHERE s.owner_id IS NOT DISTINCT FROM h.member_id) AS began,
  count(*) FILTER (WHERE s.is_breached OR s.is_overdue) AS late,
  CAST(sum(h.working_seconds) AS BIGINT) AS seconds,
  CAST(sum(s.working_seconds) AS BIGINT) AS all_seconds
FROM mart.clock_share AS h
JOIN mart.clock AS s ON s.policy = h.policy AND s.subject_id = h.subject_id AND s.cycle = h.cycle
LEFT JOIN record.member AS m ON m.id = h.member_id
WHERE h.share > 0 AND h.share < 1 AND {_within(asked)}
GROUP BY h.member_id, m.name
ORDER BY clocks DESC, member, h.member_id""",
    )


def ruled_by(asked: Asked) -> Query:
    """policy, version, clocks: how many ran under each version of a policy; those started first come first."""
    return Query(
        "versions of policies",
        f"SELECT s.policy, s.version, count(*) AS clocks\nFROM mart.clock AS s\nWHERE {_within(asked)}"
        "\nGROUP BY s.policy, s.version\nORDER BY s.policy, min(s.started_at), s.version",
    )
