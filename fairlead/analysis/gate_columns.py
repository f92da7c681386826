"""How each column of a facts table is had as of an instant: from the change log, counted up to then, or as it is today.

The definitions are those of `sql/mart/facts_*.sql` with the instant of a stay in place of the end of the build's day:
a stay that is still going on has the same facts as the facts table, and a test holds the two together.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from fairlead.analysis.dimension import PLANNED, TRUE_SINCE
from fairlead.analysis.scan import text
from fairlead.model.agreed import Subject
from fairlead.model.lifecycle import Outcome
from fairlead.model.tables import CANONICAL_BY_NAME, TABLES, Column, Kind, day_name
from fairlead.model.whole import Model

LIFECYCLE = "lifecycle"
FACTS = "facts"  # the facts table itself, of today
HUMAN = "a.deleted_at IS NULL AND NOT coalesce(a.automated, false)"
MET = "(a.direction = 'inbound' OR a.kind = 'meeting')"  # the customer had a part in it


class Fact(NamedTuple):
    """A column as SQL over the stay `s`, the subject as it is today `o`, `hist` and the relations named in `parts`.

    `fields`: the fields of the change log it is made from. `is_today`: the record never tells what it was then.
    `is_dated`: it carries its own moment, so that what is known today tells what it was then.
    """

    sql: str
    parts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    is_today: bool = False
    is_dated: bool = False


class Part(NamedTuple):
    """Further rows about a subject: a CTE, where it needs one, and how it is joined to the stay."""

    cte: str
    join: str


class Book:
    """The facts of one subject under one model."""

    def __init__(self, model: Model, subject: Subject) -> None:
        self.subject = subject
        self.table = TABLES[subject.facts]
        self.canonical = {c.name: c for c in CANONICAL_BY_NAME[subject.value].columns}
        stages = [stage for line in model.lifecycle.pipelines.values() for stage in line.stages.values()]
        self.won = tuple(s.name for s in stages if s.outcome is Outcome.WON)
        self.closed = tuple(s.name for s in stages if s.outcome is not Outcome.OPEN)

    def fact(self, name: str) -> Fact:
        """A column of the facts table; raises KeyError for any other name."""
        own = {Subject.OPPORTUNITY: self._of_deal, Subject.PERSON: self._of_person}.get(self.subject)
        if (found := COUNTED[self.subject].get(name) or (own(name) if own else None)) is not None:
            return found
        declared = {c.name: c for c in self.table.columns}
        stamp = next((c.name for c in declared.values() if c.kind is Kind.TIMESTAMP and day_name(c.name) == name), None)
        if stamp is not None and name not in declared:
            fact = self.fact(stamp)
            return fact._replace(sql=f"CAST(timezone(s._timezone, {fact.sql}) AS DATE)")
        if name in ("id", "created_at"):
            return Fact(f"o.{name}", is_dated=True)
        if name in self.canonical:
            return self._kept(self.canonical[name])
        return self._derived(declared[name])

    def link(self, dotted: str) -> str:
        """The column of the reference that a dotted name begins with."""
        hop = dotted.partition(".")[0]
        return f"{hop}_id" if self.table.column(f"{hop}_id") else hop

    def _kept(self, column: Column) -> Fact:
        """A field of the subject itself: from the change log, and empty before its own moment."""
        name, value = column.name, told(column)
        if column.kind is Kind.TIMESTAMP and name not in PLANNED:
            return Fact(f"CASE WHEN {value} <= s._at THEN {value} END", fields=(name,), is_dated=True)
        if (since := TRUE_SINCE.get(name)) is not None:
            moment = told(self.canonical[since])
            return Fact(f"CASE WHEN {moment} <= s._at THEN {value} END", fields=(name, since), is_dated=True)
        return Fact(value, fields=(name,))

    def _derived(self, column: Column) -> Fact:
        """A column that the facts table adds: it has a moment of its own, or is as it is today."""
        value = f"{FACTS}.{column.name}"
        if (since := TRUE_SINCE.get(column.name)) is not None:
            return Fact(f"CASE WHEN {FACTS}.{since} <= s._at THEN {value} END", (FACTS,), is_dated=True)
        if column.kind in (Kind.TIMESTAMP, Kind.DATE):
            until = "s._at" if column.kind is Kind.TIMESTAMP else "s._day"
            return Fact(f"CASE WHEN {value} <= {until} THEN {value} END", (FACTS,), is_dated=True)
        return Fact(value, (FACTS,), is_today=True)

    def _of_deal(self, name: str) -> Fact | None:
        closed, won = self._closed("is_closed", self.closed), self._closed("is_won", self.won)
        closed_on = f"CASE WHEN {closed} AND o.closed_on <= s._day THEN o.closed_on END"
        entered_on = "CAST(timezone(s._timezone, s._entered_at) AS DATE)"
        dated = {
            "is_closed": closed,
            "is_won": won,
            "closed_at": f"CASE WHEN {closed} AND o.closed_at <= s._at THEN o.closed_at END",
            "days_in_stage": f"CASE WHEN s._is_dated AND NOT {closed} THEN date_diff('day', {entered_on}, s._day) END",
            "age_days": f"CASE WHEN coalesce({closed_on} >= o.created_on, true)"
            f" THEN date_diff('day', o.created_on, coalesce({closed_on}, s._day)) END",
            "days_to_close": f"CASE WHEN {closed_on} >= o.created_on"
            f" THEN date_diff('day', o.created_on, {closed_on}) END",
        }
        if name in dated:
            return Fact(dated[name], is_dated=True)
        amount, close_date = self._told("amount"), self._told("close_date")
        then = f"CAST(round({amount} * (o.amount_converted / nullif(o.amount, 0)), 2) AS DECIMAL(18, 2))"
        made = {
            "stage": (f"CASE WHEN s._flow = '{LIFECYCLE}' THEN {self._told('stage')} ELSE s._stage END", "stage"),
            "amount_converted": (f"CASE WHEN {amount} = o.amount THEN o.amount_converted ELSE {then} END", "amount"),
            "is_marketing_sourced": (f"{self._told('campaign_id')} IS NOT NULL", "campaign_id"),
            "is_overdue": (
                f"(NOT {closed} AND o.deleted_at IS NULL AND coalesce({close_date} < s._day, false))",
                "close_date",
            ),
        }
        return Fact(made[name][0], fields=(made[name][1],), is_dated=name == "stage") if name in made else None

    def _closed(self, column: str, stages: tuple[str, ...]) -> str:
        """SQL of whether a deal was closed (or won): by the stage that is left; where it still is, by the deal."""
        listed = ", ".join(map(text, stages)) or "NULL"
        now = f"coalesce(o.{column} AND coalesce(o.closed_at <= s._at, true), false)"
        return (
            f"(CASE WHEN s._flow = '{LIFECYCLE}' OR s._left_at IS NULL THEN {now}"
            f" ELSE coalesce(s._stage IN ({listed}), false) END)"
        )

    def _of_person(self, name: str) -> Fact | None:
        if name == "is_complete":
            needed = ("email", "account_id", "country", "source")
            return Fact(f"({' AND '.join(f'{self._told(c)} IS NOT NULL' for c in needed)})", fields=needed)
        if name == "response_minutes":
            qualified = f"epoch({self._told('mql_at')})"
            sql = f"(epoch(responded.first_response_at) - {qualified}) / 60"
            return Fact(sql, ("responded",), ("mql_at",), is_dated=True)
        return None

    def _told(self, name: str) -> str:
        return told(self.canonical[name])


def told(column: Column) -> str:
    """SQL of a field's value at the instant of the stay: what the change log says, or else what it is today."""
    changed = f"TRY_CAST(nullif(hist.\"{column.name}\", '') AS {column.kind.sql})"
    return f'(CASE WHEN hist."{column.name}" IS NOT NULL THEN {changed} ELSE o.{column.name} END)'


def part(subject: Subject, name: str) -> Part:
    """The rows that facts of a subject are counted from, one a stay."""
    if name == FACTS:
        return Part("", f"mart.{subject.facts} AS {FACTS} ON {FACTS}.id = s._subject_id")
    own = f"{name} ON {name}._subject_id = s._subject_id AND {name}._sequence = s._sequence"
    return Part(f"{name} AS ({PARTS[subject][name]})", own)


def _counted(columns: str, table: str, condition: str, where: str) -> str:
    """SQL of aggregates, one row a stay, over the rows of a table that meet a condition about the stay."""
    return (
        f"SELECT s._subject_id, s._sequence, {columns} FROM stay AS s JOIN {table} ON {condition}"
        f" WHERE {where} GROUP BY s._subject_id, s._sequence"
    )


def _acted(key: str, columns: str) -> str:
    """SQL of what people did about the subject up to the instant of each stay, and the last days of evidence in it."""
    day = "CAST(timezone(s._timezone, a.at) AS DATE)"
    own = f"max(CASE WHEN a.at >= s._entered_at THEN {day} END) AS acted_on"
    met = f"max(CASE WHEN a.at >= s._entered_at AND {MET} THEN {day} END) AS met_on"
    return _counted(
        f"{columns}, {own}, {met}", "record.activity AS a", f"a.{key} = s._subject_id AND a.at <= s._at", HUMAN
    )


_MEETINGS = "count(*) FILTER (WHERE a.kind = 'meeting') AS meetings"
_PUSHED = "h.entity = 'opportunity' AND h.field = 'close_date' AND TRY_CAST(h.new AS DATE) > TRY_CAST(h.old AS DATE)"
_QUALIFIED_AT = told(next(c for c in CANONICAL_BY_NAME["person"].columns if c.name == "mql_at"))

PARTS: Mapping[Subject, Mapping[str, str]] = MappingProxyType({
    Subject.OPPORTUNITY: {
        "acted": _acted(
            "opportunity_id", f"count(*) AS activities, {_MEETINGS}, max(a.at) AS last_activity_at"
        ),
        "pushed": _counted(
            "count(*) AS pushes", "record.change AS h", "h.entity_id = s._subject_id AND h.at <= s._at", _PUSHED
        ),
    },
    Subject.PERSON: {
        "acted": _acted(
            "person_id",
            f"count(*) FILTER (WHERE a.direction = 'outbound' AND a.kind <> 'meeting') AS attempts, {_MEETINGS}",
        ),
        "touched": _counted(
            "count(*) AS touches, max(t.at) AS last_touch_at",
            "record.touch AS t",
            "t.person_id = s._subject_id AND t.at <= s._at",
            "t.deleted_at IS NULL",
        ),
        "responded": (
            "SELECT s._subject_id, s._sequence, min(a.at) AS first_response_at FROM stay AS s"
            " JOIN record.person AS o ON o.id = s._subject_id"
            " LEFT JOIN hist ON hist._subject_id = s._subject_id AND hist._sequence = s._sequence"
            " JOIN record.activity AS a ON a.person_id = s._subject_id AND a.at <= s._at"
            f" WHERE {HUMAN} AND a.direction = 'outbound' AND a.at >= {_QUALIFIED_AT}"
            " GROUP BY s._subject_id, s._sequence"
        ),
        "deals": (
            "SELECT s._subject_id, s._sequence, max(CASE WHEN d.is_won AND d.closed_at <= s._at THEN 1 ELSE 0 END) = 1"
            " AS has_won FROM stay AS s JOIN record.buying_role AS r ON r.person_id = s._subject_id"
            " JOIN record.opportunity AS d ON d.id = r.opportunity_id"
            " WHERE r.deleted_at IS NULL AND d.deleted_at IS NULL GROUP BY s._subject_id, s._sequence"
        ),
    },
    Subject.ACCOUNT: {
        "acted": _acted("account_id", "max(a.at) AS last_activity_at"),
        "there": _counted(
            "count(*) AS people",
            "record.person AS p",
            "p.account_id = s._subject_id AND coalesce(p.created_at <= s._at, true)",
            "p.deleted_at IS NULL",
        ),
        "deals": _counted(
            "count(*) FILTER (WHERE NOT d.is_closed OR d.closed_at > s._at) AS open_opportunities",
            "record.opportunity AS d",
            "d.account_id = s._subject_id AND coalesce(d.created_at <= s._at, true)",
            "d.deleted_at IS NULL",
        ),
        "contracts": _counted(
            "sum(CASE WHEN l.ends_on IS NULL OR l.ends_on > s._day THEN l.mrr_converted ELSE 0 END) AS mrr",
            "record.contract_line AS l",
            "l.account_id = s._subject_id AND l.starts_on <= s._day",
            "l.deleted_at IS NULL",
        ),
        "used": _counted(
            "max(CASE WHEN u.day > s._day - INTERVAL 30 DAY THEN u.people ELSE 0 END) AS active_people",
            "record.usage AS u",
            "u.account_id = s._subject_id AND u.day <= s._day",
            "u.deleted_at IS NULL",
        ),
    },
})  # fmt: skip


def _up_to(sql: str, name: str) -> Fact:
    return Fact(sql, (name,), is_dated=True)


# Facts that are counted up to the instant.
COUNTED: Mapping[Subject, Mapping[str, Fact]] = MappingProxyType({
    Subject.OPPORTUNITY: {
        "meetings": _up_to("coalesce(acted.meetings, 0)", "acted"),
        "activities": _up_to("coalesce(acted.activities, 0)", "acted"),
        "last_activity_at": _up_to("acted.last_activity_at", "acted"),
        "pushes": _up_to("coalesce(pushed.pushes, 0)", "pushed"),
    },
    Subject.PERSON: {
        "touches": _up_to("coalesce(touched.touches, 0)", "touched"),
        "last_touch_at": _up_to("touched.last_touch_at", "touched"),
        "attempts": _up_to("coalesce(acted.attempts, 0)", "acted"),
        "meetings": _up_to("coalesce(acted.meetings, 0)", "acted"),
        "first_response_at": Fact("responded.first_response_at", ("responded",), ("mql_at",), is_dated=True),
        "has_won": _up_to("coalesce(deals.has_won, false)", "deals"),
    },
    Subject.ACCOUNT: {
        "mrr": _up_to("coalesce(contracts.mrr, 0)", "contracts"),
        "is_customer": _up_to("coalesce(contracts.mrr, 0) > 0", "contracts"),
        "people": _up_to("coalesce(there.people, 0)", "there"),
        "open_opportunities": _up_to("coalesce(deals.open_opportunities, 0)", "deals"),
        "last_activity_at": _up_to("acted.last_activity_at", "acted"),
        "active_people": _up_to("coalesce(used.active_people, 0)", "used"),
    },
})  # fmt: skip
