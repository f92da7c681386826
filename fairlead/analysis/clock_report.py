"""What is asked of clocks: compliance by policy and dimension, by hour of the week, who is overdue, who tried.

Of each question the clocks are those that were due in its days. Compliance is the share of them that were met, out of
those that count: closed, or open and overdue. What is open and not due yet counts for nothing.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View, dimensions, resolve
from fairlead.analysis.starting import text
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
    day = "coalesce(s.due_on, s.started_on)"
    said = [f"{day} <= DATE '{asked.end}'"]
    said += [f"{day} >= DATE '{asked.start}'"] if asked.start else []
    said += [f"s.policy = {text(asked.policy)}"] if asked.policy else []
    return " AND ".join(said)


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


SHOWN = """s.policy, s.version, s.limit_name, s.limit_text, s.subject, s.subject_id, s.cycle,
  coalesce(person.name, person.email, opportunity.name, account.name, s.subject_id) AS name,
  account.name AS account, account.segment, s.owner_id, owner.name AS owner, owner.manager_name AS manager,
  s.calendar, s.timezone, s.started_at, s.due_at, s.warn_at, s.stopped_at, s.late_seconds, s.working_seconds,
  s.attempts, s.first_attempt_at, s.state"""
JOINED = """LEFT JOIN record.person AS person ON person.id = s.person_id
LEFT JOIN record.opportunity AS opportunity ON opportunity.id = s.opportunity_id
LEFT JOIN record.account AS account ON account.id = s.account_id
LEFT JOIN record.member AS owner ON owner.id = s.owner_id"""


def overdue(asked: Asked, limit: int, told: Told = MART) -> Query:
    """The clocks that are open and overdue, the latest one first: those that were due last can still be saved."""
    return told.query(
        "overdue clocks",
        f"SELECT {SHOWN}\nFROM {told.table} AS s\n{JOINED}\nWHERE s.is_overdue AND {_within(asked)}"
        f"\nORDER BY s.due_at DESC, s.policy, s.subject_id, s.cycle\nLIMIT {limit}",
    )


def open_clocks(asked: Asked, told: Told = MART) -> Query:
    """Every clock that is open and has a deadline."""
    return told.query(
        "open clocks",
        f"SELECT {SHOWN}\nFROM {told.table} AS s\n{JOINED}\nWHERE s.is_open AND s.due_at IS NOT NULL"
        f" AND {_within(asked)}"
        "\nORDER BY s.policy, s.subject_id, s.cycle",
    )


def attempts(asked: Asked, told: Told = MART) -> Query:
    """Contact attempts by owner: clocks, those nobody tried, attempts and those in time, seconds to the first one.

    Of policies that an answer stops: elsewhere there is nobody to reach.
    """
    return told.query(
        "attempts",
        f"""SELECT owner.name AS owner, count(*) AS clocks,
  count(*) FILTER (WHERE s.attempts = 0) AS untried,
  count(*) FILTER (WHERE s.attempts > 0 AND s.attempts_in_time = 0) AS tried_late,
  CAST(sum(s.attempts) AS BIGINT) AS attempts,
  CAST(sum(s.attempts_in_time) AS BIGINT) AS in_time,
  median(epoch(s.first_attempt_at) - epoch(s.started_at)) AS median_seconds
FROM {told.table} AS s
LEFT JOIN record.member AS owner ON owner.id = s.owner_id
WHERE {_within(asked)} AND s.policy IN (SELECT DISTINCT y.policy FROM mart.clock_attempt AS y)
GROUP BY owner.name
ORDER BY clocks DESC, owner""",
    )
