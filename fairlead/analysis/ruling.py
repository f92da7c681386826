"""SQL of the rules that a clock runs under: its limit, its calendar and timezone, as they held when it started.

build.clock_ruled   what began, with owner_id, limit_name, limit_text, amount, unit, budget, calendar, timezone

The first limit whose condition held at the start applies. A column that has changed since is read as it was then, by
the change log. The calendar is the limit's, else the policy's, else the owner's or the customer's, else the default;
a calendar without a timezone is read in that of the owner or of the company.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fairlead.analysis.policies import Version
from fairlead.analysis.starting import Facts, text
from fairlead.analysis.stopping import of_version
from fairlead.model.agreed import Span
from fairlead.model.calendars import Calendars
from fairlead.model.tables import CANONICAL_BY_NAME, reach
from fairlead.model.timed import HoursOf, Limit, Timed

# Columns of facts that are copies of another record's: what the change log tells of that one holds for them.
COPIES: Mapping[tuple[str, str], str] = {("facts_person", "segment"): "account.segment"}
ALWAYS = "always"
MICROS = 1_000_000
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class Then(NamedTuple):
    """A column as it was at the start: the join that finds what it was before its first change since, and the value."""

    join: str
    value: str


class Held(Facts):
    """The columns of a subject's facts, as they were when its clock started. The clock is alias `b`."""

    def __init__(self, version: Version, timezone: str) -> None:
        super().__init__(version.policy.subject, timezone)
        self.version = version
        self.then: dict[str, Then] = {}

    def sql(self, name: str) -> str:
        now = super().sql(name)
        return self._then(name, now).value if name != "as_of" else now

    def _then(self, name: str, now: str) -> Then:
        if name not in self.then:
            self.then[name] = self._found(name, now, f"then_{len(self.then)}")
        return self.then[name]

    def _found(self, name: str, now: str, alias: str) -> Then:
        table = self.view.table
        path = reach(table, COPIES.get((table.name, name), name))
        if path is None or len(path.references) > 1:
            return Then("", now)
        entity, column = path.table.name.removeprefix("facts_"), path.column
        if entity not in CANONICAL_BY_NAME or CANONICAL_BY_NAME[entity].column(column.name) is None:
            return Then("", now)
        whose = f"n.{path.references[0]}_id" if path.references else "n.id"
        join = f"""
LEFT JOIN (
  SELECT b.subject_id, b.cycle, x.old
  FROM build.clock_begun AS b
  JOIN mart.{table.name} AS n ON n.id = b.subject_id
  JOIN record.change AS x ON x.entity = {text(entity)} AND x.entity_id = {whose}
  WHERE {of_version(self.version)} AND x.field = {text(column.name)} AND x.at > b.started_at AND x.deleted_at IS NULL
  QUALIFY row_number() OVER (PARTITION BY b.subject_id, b.cycle ORDER BY x.at, x.id) = 1
) AS {alias} ON {alias}.subject_id = b.subject_id AND {alias}.cycle = b.cycle"""
        was = f"TRY_CAST({alias}.old AS {column.kind.sql})"
        return Then(join, f"(CASE WHEN {alias}.cycle IS NOT NULL THEN {was} ELSE {now} END)")


NOT_RULED = """  SELECT b.*, '' AS owner_id, '' AS limit_name, '' AS limit_text, 0.0 AS amount, '' AS unit, 0 AS budget,
    0 AS warn_before, 0.0 AS warn_share, '' AS calendar_name, '' AS zone, '' AS own_zone
  FROM build.clock_begun AS b
  WHERE false"""


def ruled(found: Sequence[Version], calendars: Calendars, timezone: str) -> str:
    """SQL of `build.clock_ruled`. `timezone` is the company's."""
    parts = "\n  UNION ALL\n".join(_ruled(version, calendars, timezone) for version in found) or NOT_RULED
    return f"""WITH ruled AS (
{parts}
)
SELECT
  r.policy, r.kind, r.version, r.subject, r.subject_id, r.person_id, r.opportunity_id, r.account_id,
  r.owner_id, r.cycle, r.started_at, r.next_at, r.limit_name, r.limit_text, r.amount, r.unit,
  r.budget, r.warn_before, r.warn_share,
  r.calendar_name || '@' || CASE WHEN k.calendar IS NULL THEN r.own_zone ELSE r.zone END AS calendar,
  CASE WHEN k.calendar IS NULL THEN r.own_zone ELSE r.zone END AS timezone
FROM ruled AS r
LEFT JOIN (
  SELECT DISTINCT g.calendar FROM mart.working_segment AS g
) AS k ON k.calendar = r.calendar_name || '@' || r.zone
WHERE r.limit_name IS NOT NULL"""


def _ruled(version: Version, calendars: Calendars, timezone: str) -> str:
    """SQL of the clocks of one version with the rules that they run under."""
    policy, facts = version.policy, Held(version, timezone)
    limits = list(policy.limits.values())
    which = _case(((facts.condition(one.when), text(one.name)) for one in limits), "NULL")
    joins = "".join(then.join for then in facts.then.values())
    chosen = _by_limit(limits, lambda one: _calendar(one, policy, calendars))
    return f"""  SELECT
    q.*,
    {_by_limit(limits, lambda one: text(str(one.within)))} AS limit_text,
    CAST({_by_limit(limits, lambda one: repr(one.within.amount))} AS DOUBLE) AS amount,
    {_by_limit(limits, lambda one: text(one.within.unit.value))} AS unit,
    CAST({_micros(policy.pause_budget)} AS BIGINT) AS budget,
    {_before(policy)} AS warn_before,
    {_share(policy)} AS warn_share,
    {chosen} AS calendar_name,
    {_zone(chosen, policy, calendars, timezone)} AS zone,
    {_own_zones(chosen, calendars, timezone)} AS own_zone
  FROM (
    SELECT b.*, o.member_id AS owner_id, m.timezone AS owner_zone, m.calendar AS owner_calendar,
      {_regional(calendars)} AS customer_calendar, {which} AS limit_name
    FROM build.clock_begun AS b
    JOIN mart.{policy.subject.facts} AS s ON s.id = b.subject_id
    CROSS JOIN build.instant AS i
    LEFT JOIN build.clock_owner AS o
      ON o.subject = b.subject AND o.subject_id = b.subject_id
      AND (o.from_at IS NULL OR o.from_at <= b.started_at) AND (o.until_at IS NULL OR b.started_at < o.until_at)
    LEFT JOIN record.member AS m ON m.id = o.member_id
    LEFT JOIN record.account AS customer ON customer.id = b.account_id{joins}
  {facts.joins}
    WHERE {of_version(version)}
  ) AS q"""


def _case(ways: Iterator[tuple[str, str]], otherwise: str) -> str:
    """SQL of the value of the first condition that holds."""
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in ways)
    return f"CASE {whens} ELSE {otherwise} END" if whens else otherwise


def _by_limit(limits: Sequence[Limit], value: Callable[[Limit], str]) -> str:
    """SQL of what a limit says, by its name."""
    return _case(((f"q.limit_name = {text(one.name)}", value(one)) for one in limits), "NULL")


def _calendar(limit: Limit, policy: Timed, calendars: Calendars) -> str:
    """SQL of the calendar's name: the first of limit, policy, record and company that names one (E68)."""
    if named := next((name for name in (limit.calendar, policy.calendar) if name in calendars.calendars), None):
        return text(named)
    default = text(next((name for name in calendars.calendars if name == calendars.default), ALWAYS))
    known = ", ".join(map(text, calendars.calendars))
    if not known or policy.hours_of is HoursOf.COMPANY:
        return default
    if policy.hours_of is HoursOf.CUSTOMER:
        return f"coalesce(q.customer_calendar, {default})"
    return f"CASE WHEN q.owner_calendar IN ({known}) THEN q.owner_calendar ELSE {default} END"


def _regional(calendars: Calendars) -> str:
    """SQL of the calendar that is meant for the customer's country or region, or nothing."""
    ways = (
        (f"customer.country = {text(region)} OR customer.region = {text(region)}", text(name))
        for name, calendar in calendars.calendars.items()
        for region in calendar.regions
    )
    return _case(ways, "CAST(NULL AS VARCHAR)")


def _own_zones(chosen: str, calendars: Calendars, otherwise: str) -> str:
    """SQL of the timezone that a calendar names, else the company's."""
    ways = (
        (f"{chosen} = {text(name)}", text(calendar.timezone))
        for name, calendar in calendars.calendars.items()
        if calendar.timezone
    )
    return _case(ways, text(otherwise))


def _zone(chosen: str, policy: Timed, calendars: Calendars, otherwise: str) -> str:
    """SQL of the timezone that a clock's calendar is read in, if that is one of a colleague's or the company's."""
    own = [name for name, calendar in calendars.calendars.items() if calendar.timezone]
    named = _own_zones(chosen, calendars, otherwise)
    if policy.hours_of is not HoursOf.OWNER:
        return named
    theirs = f"coalesce(q.owner_zone, {text(otherwise)})"
    return _case(iter([(f"{chosen} IN ({', '.join(map(text, own))})", named)]), theirs) if own else theirs


def _micros(span: Span | None) -> str:
    """Microseconds of a span in minutes, hours or days of 24 hours; working ones are counted as they come."""
    if span is None:
        return "NULL"
    return str(round(span.amount * SECONDS[span.unit.removeprefix("working ")] * MICROS))


def _before(policy: Timed) -> str:
    """SQL of the longest time before the deadline at which somebody is warned, in microseconds."""
    said = [int(_micros(warn.before)) for warn in policy.warn_at if warn.before]
    return f"CAST({max(said) if said else 'NULL'} AS BIGINT)"


def _share(policy: Timed) -> str:
    """SQL of the smallest share of the limit at which somebody is warned."""
    said = [warn.share for warn in policy.warn_at if warn.share is not None]
    return f"CAST({min(said) if said else 'NULL'} AS DOUBLE)"
