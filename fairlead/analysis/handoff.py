"""The tables of handoffs, as SQL that follows from the model: what was handed over, with what, and what became of it.

    mart.clock, or the subject's facts ──> build.handoff_start_NAME ──┬──> build.handoff_NAME ──┬──> mart.handoff
    record.change ──> build.handoff_then_NAME (columns, as they were) ─┤                         └──> mart.handoff_item
    build.handoff_moment (times, old ones too) ────────────────────────┘

Times belong to the handoff that ran on their day: from its trigger up to the next of the same subject. An item is there
when its column was filled at the end of that day, as a gate would have seen it; where the record does not tell what it
was then, it is as it is today, and says so. One without a column, or with a column of the record that no source fills
for anybody, cannot be seen, and is neither taken for there nor for missing.

The quality of one handoff is the mean of those of four parts that are known: the share of the seen items that are
there, whether the answer came in time, whether it was accepted, whether it was not returned. One part alone is no
quality; and where no clock, answer or return could say that something was not accepted, none is said to be accepted.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.gate_facts import Source, facts_sql
from fairlead.analysis.scan import text
from fairlead.model.agreed import Subject
from fairlead.model.canonical import CANONICAL_BY_NAME
from fairlead.model.handoffs import Handoff
from fairlead.model.predicate import columns_of, parse
from fairlead.model.tables import TABLES, Kind, Table
from fairlead.model.whole import Model
from fairlead.values import Query

AS_OF = "timezone(c.timezone, CAST(c.as_of_day + INTERVAL 1 DAY AS TIMESTAMP))"
NO_TIME = "CAST(NULL AS TIMESTAMPTZ)"
NO_TEXT = "CAST(NULL AS VARCHAR)"
NO_FLAG = "CAST(NULL AS BOOLEAN)"


class Moment(NamedTuple):
    """A time column whose values, also those it had before, say when something happened to a subject."""

    subject: Subject
    column: str


def handoff_tables(model: Model) -> tuple[Query, ...]:
    """The steps and tables of every handoff of a model."""
    every = tuple(model.handoffs.handoffs.values())
    items = [_item(model, one, item) for one in every for item in needed_or_promised(model, one)]
    return (
        Query("build.handoff_moment", _moments(model, every)),
        *(query for one in every for query in _steps(model, one)),
        Query("mart.handoff", _union([_row(model, one) for one in every], "handoff")),
        Query("mart.handoff_item", _union(items, "handoff_item")),
    )


def needed_or_promised(model: Model, handoff: Handoff) -> tuple[str, ...]:
    """The declared items that the receiver needs or the giver promises."""
    return tuple(n for n in dict.fromkeys((*handoff.needs, *handoff.provides)) if n in model.handoffs.items)


def column_of(model: Model, handoff: Handoff, item: str) -> str | None:
    """The column of the subject's facts that shows an item, or None when it cannot be seen."""
    column = model.handoffs.items[item].column
    return column if column and TABLES[handoff.subject.facts].column(column) else None


def _union(parts: Sequence[str], table: str) -> str:
    """The rows of all parts; of none, no row of the declared columns."""
    if parts:
        return "\nUNION ALL\n".join(parts)
    empty = ", ".join(f"CAST(NULL AS {c.kind.sql}) AS {c.name}" for c in TABLES[table].columns)
    return f"SELECT {empty} FROM build.clock WHERE false"


# moments


def accepts(model: Model, handoff: Handoff) -> Moment | None:
    """What says that the receiver took it: the next stage was entered, by the subject or by its customer."""
    stage = model.stage(handoff.to_stage) if handoff.to_stage else None
    if stage is None or stage.enters is None or stage.subject not in (handoff.subject, Subject.ACCOUNT):
        return None
    return _moment(stage.subject, stage.enters)


def returns(handoff: Handoff) -> Moment | None:
    """What says that it went back; only people have a column for it."""
    return Moment(Subject.PERSON, "recycled_at") if handoff.recycling and handoff.subject is Subject.PERSON else None


def converts(handoff: Handoff) -> Moment | None:
    """What says that it led to what it is for."""
    return _moment(handoff.subject, handoff.converts) if handoff.converts else None


def _moment(subject: Subject, column: str) -> Moment | None:
    return Moment(subject, column) if TABLES[subject.facts].column(column) else None


def _moments(model: Model, every: Sequence[Handoff]) -> str:
    """Grain: subject, column and a time that the column has or had."""
    wanted = dict.fromkeys(m for one in every for m in (accepts(model, one), returns(one), converts(one)) if m)
    parts = [_now(moment) for moment in wanted]
    parts += [_before(moment) for moment in wanted if CANONICAL_BY_NAME[moment.subject].column(moment.column)]
    nothing = f"SELECT {NO_TEXT} AS subject, {NO_TEXT} AS subject_id, {NO_TEXT} AS field, {NO_TIME} AS moment"
    return "\nUNION\n".join(parts) or f"{nothing} FROM build.clock WHERE false"


def _now(moment: Moment) -> str:
    table = TABLES[moment.subject.facts]
    value = _instant(table, moment.column)
    named = f"{text(moment.subject)} AS subject, s.id AS subject_id, {text(moment.column)} AS field, {value} AS moment"
    return f"SELECT {named}\nFROM mart.{table.name} AS s CROSS JOIN build.clock AS c WHERE {value} < {AS_OF}"


def _before(moment: Moment) -> str:
    """The values that the change log says it had."""
    return "\nUNION\n".join(
        f"SELECT {text(moment.subject)}, h.entity_id, {text(moment.column)}, TRY_CAST(h.{side} AS TIMESTAMPTZ)\n"
        f"FROM record.change AS h CROSS JOIN build.clock AS c WHERE h.entity = {text(moment.subject)}"
        f" AND h.field = {text(moment.column)} AND TRY_CAST(h.{side} AS TIMESTAMPTZ) < {AS_OF}"
        for side in ("old", "new")
    )


def _instant(table: Table, name: str) -> str:
    """SQL of a time column of the facts as an instant; a day is its first moment."""
    column = table.column(name)
    is_day = column is not None and column.kind is Kind.DATE
    return f"timezone(c.timezone, CAST(s.{name} AS TIMESTAMP))" if is_day else f"s.{name}"


# one handoff


def _steps(model: Model, handoff: Handoff) -> Iterator[Query]:
    columns = [column for item in needed_or_promised(model, handoff) if (column := column_of(model, handoff, item))]
    yield Query(f"build.handoff_start_{handoff.name}", _started(handoff))
    facts = facts_sql(model, handoff.subject, tuple(dict.fromkeys(columns)), Source(_ended(handoff)))
    yield Query(f"build.handoff_then_{handoff.name}", facts)
    yield Query(f"build.handoff_{handoff.name}", _step(model, handoff))


def _ended(handoff: Handoff) -> str:
    """Handoffs as stays that end when their day does, whose facts can be told; without a time they have no end."""
    nothing = ", ".join(
        f"{NO_TEXT} AS {name}"
        for name in ("flow", "stage", "next_stage", "person_id", "opportunity_id", "account_id", "owner_id")
    )
    day = "CAST(timezone(c.timezone, b.triggered_at) AS DATE)"
    ends = f"timezone(c.timezone, CAST({day} + INTERVAL 1 DAY AS TIMESTAMP)) - INTERVAL 1 SECOND"
    return (
        f"SELECT b.subject_id, b.cycle AS sequence, b.cycle, {nothing}, b.triggered_at AS entered_at,"
        f" {ends} AS left_at, true AS is_dated FROM build.handoff_start_{handoff.name} AS b CROSS JOIN build.clock AS c"
    )


def _step(model: Model, handoff: Handoff) -> str:
    """Grain: one row per subject and cycle, with its times, whom it was about, and `has_ITEM` for each item seen.

    `today_ITEM`: that is judged by what its column is today.
    """
    table = TABLES[handoff.subject.facts]
    items = needed_or_promised(model, handoff)
    seen = [(item, column) for item in items if (column := column_of(model, handoff, item))]
    worth = f"s.{handoff.worth}" if handoff.worth and table.column(handoff.worth) else "CAST(NULL AS DECIMAL(18,2))"
    facts = [
        *_facts(handoff),
        *(f"{_is_told(column, table)} AS has_{item}, t.today_{column} AS today_{item}" for item, column in seen),
        f"{worth} AS worth",
    ]
    listed = ",\n    ".join(facts)
    moments = (("accepted", accepts(model, handoff)), ("returned", returns(handoff)), ("converted", converts(handoff)))
    ctes = "".join(f",\n{_within(name, moment, handoff)}" for name, moment in moments if moment)
    times = ",\n  ".join(f"{f'{name}.moment' if moment else NO_TIME} AS {name}_at" for name, moment in moments)
    joins = "".join(
        f"\nLEFT JOIN {name} ON {name}.subject_id = f.subject_id AND {name}.cycle = f.cycle"
        for name, moment in moments
        if moment
    )
    return f"""-- Grain: one row per subject and cycle of the handoff.
WITH {_filled(table, [column for _, column in seen])}spans AS (
  SELECT b.*, lead(b.triggered_at) OVER (PARTITION BY b.subject_id ORDER BY b.cycle) AS next_at
  FROM build.handoff_start_{handoff.name} AS b
),
found AS (
  SELECT
    b.*,
    {listed}
  FROM spans AS b
  JOIN mart.{table.name} AS s ON s.id = b.subject_id
  JOIN build.handoff_then_{handoff.name} AS t ON t._subject_id = b.subject_id AND t._sequence = b.cycle
  CROSS JOIN filled
  LEFT JOIN record.activity AS answered ON answered.id = b.activity_id{_people_joins(handoff)}
){ctes}{_REASONS if returns(handoff) else ""}
SELECT
  f.*,
  {times},
  {_REASON if returns(handoff) else NO_TEXT} AS return_reason
FROM found AS f{joins}{_REASON_JOIN if returns(handoff) else ""}"""


# The record holds the reason of the last return; that of an earlier one is what was overwritten first after it.
_REASONS = """,
reasons AS (
  SELECT r.subject_id, r.cycle, nullif(min_by(coalesce(h.old, ''), CAST(h.at AS VARCHAR) || h.id), '') AS reason
  FROM returned AS r
  JOIN record.change AS h ON h.entity = 'person' AND h.field = 'recycle_reason' AND h.entity_id = r.subject_id
  WHERE h.at > r.moment AND h.deleted_at IS NULL
  GROUP BY r.subject_id, r.cycle
)"""
_REASON = "CASE WHEN returned.moment = f.last_returned_at THEN f.recycle_reason ELSE reasons.reason END"
_REASON_JOIN = "\nLEFT JOIN reasons ON reasons.subject_id = f.subject_id AND reasons.cycle = f.cycle"


def _started(handoff: Handoff) -> str:
    """What was handed over: what the clock found, or whoever meets the trigger, since its start if that is known."""
    if handoff.is_clocked:
        return f"""  SELECT k.subject_id, k.cycle, k.limit_name, k.started_at AS triggered_at,
    k.stopped_at AS responded_at, k.stopped_by, k.activity_id, k.working_seconds,
    CASE WHEN k.is_breached OR k.is_overdue THEN true WHEN k.is_met THEN false END AS is_late
  FROM mart.clock AS k
  WHERE k.kind = 'handoff' AND k.policy = {text(handoff.name)}"""
    table = TABLES[handoff.subject.facts]
    columns = Columns(View(table, date.min, "UTC", past=False))
    trigger, _ = parse(handoff.trigger or "false", columns_of(table))
    holds = trigger.render(lambda name: AS_OF if name == "as_of" else columns.sql(name)) if trigger else "false"
    starts = _instant(table, handoff.starts) if handoff.starts and table.column(handoff.starts) else ""
    stops = ", ".join(_instant(table, name) for name in handoff.stops if table.column(name))
    known = f" AND {starts} < {AS_OF}" if starts else ""
    joins = f"\n  {columns.joins}" if columns.joins else ""
    return f"""  SELECT s.id AS subject_id, 1 AS cycle, {NO_TEXT} AS limit_name, {starts or NO_TIME} AS triggered_at,
    {f"least({stops})" if stops else NO_TIME} AS responded_at,
    {NO_TEXT} AS stopped_by, {NO_TEXT} AS activity_id, CAST(NULL AS BIGINT) AS working_seconds,
    {NO_FLAG} AS is_late
  FROM mart.{table.name} AS s CROSS JOIN build.clock AS c{joins}
  WHERE s.deleted_at IS NULL AND coalesce({holds}, false){known}"""


def _facts(handoff: Handoff) -> tuple[str, ...]:
    """Who it was about, who gave and took it, and what the last return says of itself."""
    nothing = ("answered.member_id AS taker_id", f"{NO_TIME} AS last_returned_at", f"{NO_TEXT} AS recycle_reason")
    match handoff.subject:
        case Subject.PERSON:
            return (
                "b.subject_id AS person_id", "first_deal.opportunity_id", "s.account_id", f"{NO_TEXT} AS giver_id",
                "coalesce(answered.member_id, s.owner_id) AS taker_id", "s.recycled_at AS last_returned_at",
                "s.recycle_reason",
            )  # fmt: skip
        case Subject.OPPORTUNITY:
            who = ("main_contact.person_id", "b.subject_id AS opportunity_id", "s.account_id", "s.owner_id AS giver_id")
        case Subject.ACCOUNT:
            none = (f"{NO_TEXT} AS person_id", f"{NO_TEXT} AS opportunity_id")
            who = (*none, "b.subject_id AS account_id", "s.owner_id AS giver_id")
    return (*who, *nothing)


def _people_joins(handoff: Handoff) -> str:
    match handoff.subject:
        case Subject.PERSON:
            return "\n  LEFT JOIN build.first_deal AS first_deal ON first_deal.person_id = b.subject_id"
        case Subject.OPPORTUNITY:
            return "\n  LEFT JOIN build.main_contact AS main_contact ON main_contact.opportunity_id = b.subject_id"
        case Subject.ACCOUNT:
            return ""


_NOTHING_TO_FILL = "filled AS (SELECT true AS nothing),\n"


def _filled(table: Table, columns: Sequence[str]) -> str:
    """The step of one row that says of each column of the record whether anybody has it."""
    told = [f"coalesce(bool_or({_is_there(name, table)}), false) AS {name}" for name in _recorded(table, columns)]
    return f"filled AS (SELECT {', '.join(told)} FROM mart.{table.name} AS s),\n" if told else _NOTHING_TO_FILL


def _recorded(table: Table, columns: Sequence[str]) -> list[str]:
    """Those that a source fills; the others are worked out, and known of everybody."""
    record = CANONICAL_BY_NAME[table.name.removeprefix("facts_")]
    return [name for name in dict.fromkeys(columns) if record.column(name)]


def _is_told(name: str, table: Table) -> str:
    there = _is_there(name, table, "t")
    return f"CASE WHEN filled.{name} THEN {there} END" if _recorded(table, [name]) else there


def _is_there(name: str, table: Table, of: str = "s") -> str:
    """SQL of whether an item is there: filled, a text not blank, a flag true, a count above zero."""
    column, told = table.column(name), f'{of}."{name}"'
    kind = column.kind if column else None
    is_count = kind is Kind.INTEGER and not _recorded(table, [name])
    if kind is Kind.TEXT:
        return f"coalesce(trim({told}) <> '', false)"
    if kind is Kind.BOOLEAN:
        return f"coalesce({told}, false)"
    return f"coalesce({told} > 0, false)" if is_count else f"{told} IS NOT NULL"


def _within(name: str, moment: Moment, handoff: Handoff) -> str:
    """The first time a moment came on the day of the handoff or later, and before the next one."""
    whose = "f.subject_id" if moment.subject is handoff.subject else "f.account_id"
    return f"""{name} AS (
  SELECT f.subject_id, f.cycle, min(m.moment) AS moment
  FROM found AS f
  JOIN build.handoff_moment AS m
    ON m.subject = {text(moment.subject)} AND m.field = {text(moment.column)} AND m.subject_id = {whose}
  CROSS JOIN build.clock AS c
  WHERE CAST(timezone(c.timezone, m.moment) AS DATE) >= CAST(timezone(c.timezone, f.triggered_at) AS DATE)
    AND (f.next_at IS NULL OR m.moment < f.next_at)
  GROUP BY f.subject_id, f.cycle
)"""


# the declared tables


def _row(model: Model, handoff: Handoff) -> str:
    """The rows of mart.handoff of one handoff."""
    seen = [item for item in needed_or_promised(model, handoff) if item in handoff.needs]
    seen = [item for item in seen if column_of(model, handoff, item)]
    provided = " + ".join(f"CASE WHEN f.has_{item} THEN 1 ELSE 0 END" for item in seen) or "0"
    count = " + ".join(f"CASE WHEN f.has_{item} IS NULL THEN 0 ELSE 1 END" for item in seen) or "0"
    missing = " || ".join(f"CASE WHEN NOT f.has_{item} THEN ', {item}' ELSE '' END" for item in seen) or "''"
    can_refuse = handoff.is_clocked or bool(handoff.stops) or returns(handoff) is not None
    can_accept, can_convert = accepts(model, handoff) is not None and can_refuse, converts(handoff)
    accepted = (
        "CASE WHEN f.accepted_at IS NOT NULL THEN true"
        " WHEN f.returned_at IS NOT NULL OR f.responded_at IS NOT NULL OR f.is_late THEN false END"
    )
    return f"""SELECT
  r.handoff, r.subject, r.subject_id, r.cycle, r.person_id, r.opportunity_id, r.account_id, r.giver_id, r.taker_id,
  r.limit_name, r.triggered_at, r.responded_at, r.stopped_by, r.accepted_at, r.returned_at, r.return_reason,
  r.is_reason_agreed, r.needed, r.seen, r.provided, r.completeness, r.missing, r.working_seconds, r.is_late,
  r.is_accepted, r.is_returned,
  r.came_back, r.is_converted, r.converted_at, r.converted_after, r.value,
  (coalesce(r.completeness, 0) + CASE WHEN NOT r.is_late THEN 1 ELSE 0 END + CASE WHEN r.is_accepted THEN 1 ELSE 0 END
    + CASE WHEN r.responded_at IS NOT NULL AND NOT r.is_returned THEN 1 ELSE 0 END)
  / nullif(nullif(CASE WHEN r.completeness IS NULL THEN 0.0 ELSE 1.0 END + CASE WHEN r.is_late IS NULL THEN 0 ELSE 1 END
    + CASE WHEN r.is_accepted IS NULL THEN 0 ELSE 1 END
    + CASE WHEN r.responded_at IS NOT NULL OR r.is_returned THEN 1 ELSE 0 END, 0), 1) AS quality
FROM (
  SELECT
    {text(handoff.name)} AS handoff, {text(handoff.subject)} AS subject, f.*,
    {_is_agreed(handoff)} AS is_reason_agreed,
    {len(handoff.needs)} AS needed, {count} AS seen, {provided} AS provided,
    CAST({provided} AS DOUBLE) / nullif({count}, 0) AS completeness,
    nullif(substr({missing}, 3), '') AS missing,
    {accepted if can_accept else NO_FLAG} AS is_accepted,
    f.returned_at IS NOT NULL AS is_returned,
    CASE WHEN f.returned_at IS NOT NULL THEN lead(f.cycle) OVER turns IS NOT NULL END AS came_back,
    {"f.converted_at IS NOT NULL" if can_convert else NO_FLAG} AS is_converted,
    CASE WHEN f.converted_at IS NOT NULL THEN {"coalesce(f.worth, 0)" if handoff.worth else "f.worth"} END AS value,
    {_CONVERTED_AFTER if can_convert else NO_FLAG} AS converted_after
  FROM build.handoff_{handoff.name} AS f
  WINDOW turns AS (PARTITION BY f.subject_id ORDER BY f.cycle)
) AS r"""


_CONVERTED_AFTER = (
    "CASE WHEN f.returned_at IS NOT NULL THEN coalesce(f.converted_at > f.returned_at, false) OR coalesce("
    "max(CASE WHEN f.converted_at IS NOT NULL THEN f.cycle END) OVER (PARTITION BY f.subject_id) > f.cycle, false) END"
)


def _is_agreed(handoff: Handoff) -> str:
    reasons = ", ".join(map(text, handoff.recycling.reasons)) if handoff.recycling else ""
    held = f"coalesce(f.return_reason IN ({reasons}), false)" if reasons else NO_FLAG
    return f"CASE WHEN f.return_reason IS NOT NULL OR f.returned_at = f.last_returned_at THEN {held} END"


def _item(model: Model, handoff: Handoff, item: str) -> str:
    """The rows of mart.handoff_item of one item of one handoff."""
    is_seen = column_of(model, handoff, item) is not None
    there, today = (f"f.has_{item}", f"f.today_{item}") if is_seen else (NO_FLAG, NO_FLAG)
    return (
        f"SELECT {text(handoff.name)} AS handoff, f.subject_id, f.cycle, f.triggered_at, {text(item)} AS item,"
        f" {str(item in handoff.needs).lower()} AS is_needed, {str(item in handoff.provides).lower()} AS is_promised,"
        f" {there} AS is_there, {today} AS is_today\nFROM build.handoff_{handoff.name} AS f"
    )
