"""Facts as of the instant at which somebody left a stage: columns of a facts table, one row a stay, as they were then.

    stays (mart.stage_entry) ──> value then, from the change log   amount, close_date, owner_id, next_step, ...
                             ──> counted up to then                meetings, touches, pushes, mrr, ...
                             ──> today's value, and said so        contacts, other tables, fields without history

A field is what its last change up to that instant made it; before its first change, what that change found; without
any change, what it is today, which it was then as well if the source told changes of this field by then. What it is
today is what it is for whoever is still in the stage. What the move itself brings (the stage, and whether the deal is
closed) is as it was in the stage that is left.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from fairlead.analysis.dimension import Columns, View
from fairlead.analysis.gate_columns import Book, Fact, part
from fairlead.analysis.scan import text
from fairlead.model.agreed import Subject
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model

# Columns of a stay, here with `_` before their names: the facts table has some of the same.
STAY = (
    *("subject_id", "sequence", "flow", "stage", "next_stage", "cycle", "person_id", "opportunity_id", "account_id"),
    *("owner_id", "entered_at", "left_at"),
)
FACTS = ("at", "day", "timezone", "gate", "is_dated")


class Source(NamedTuple):
    """Where the stays and the clock are read: in a build its own tables, for one record a query over the published.

    `stays`: SQL with the columns of mart.stage_entry. `clock`: a relation with as_of_day (date) and timezone.
    """

    stays: str
    clock: str = "build.clock"


def facts_sql(model: Model, subject: Subject, names: Sequence[str], source: Source) -> str:
    """SQL of one row a stay: its own columns as `_NAME`, `names` as they were then, and `today_NAME` for each.

    `names` are columns of the subject's facts table, or dotted ones that follow a reference. `_at` is the instant at
    which the stage was left, or the end of the clock's day. `evidence_NAME`, of its own columns, is 1, but 2 where a
    human being did something about the subject during the stay, and 3 where the customer did: wrote, called or met;
    on the day on which the value was written or later, where the change log tells that day.
    """
    book, bare = Book(model, subject), [name for name in names if "." not in name]
    columns = Columns(View(TABLES[subject.facts], date.max, "UTC", past=False))
    reached = {name: columns.sql(name) for name in names if "." in name}
    found = {name: book.fact(name) for name in dict.fromkeys([*bare, *map(book.link, reached)])}
    own = _own_sql(subject, found, bare, source)
    if not reached:
        return own
    further = ", ".join(f'{sql} AS "{name}", s._left_at IS NOT NULL AS "today_{name}"' for name, sql in reached.items())
    return f"SELECT s.*, {further}\nFROM ({own}) AS s\n{columns.joins}"


def _own_sql(subject: Subject, found: dict[str, Fact], bare: Sequence[str], source: Source) -> str:
    """SQL of the facts that are columns of the subject's own facts table."""
    fields = tuple(dict.fromkeys(field for fact in found.values() for field in fact.fields))
    parts = tuple(dict.fromkeys(["acted", *(p for fact in found.values() for p in fact.parts)]))
    made = [part(subject, name) for name in parts]
    ctes = [_stay(source), *_history(subject, fields), *(one.cte for one in made if one.cte)]
    shown = [f"s._{name}" for name in (*STAY, *FACTS)]
    shown += [f'{fact.sql} AS "{name}"' for name, fact in found.items()]
    shown += [f'{_is_today(found[name])} AS "today_{name}"' for name in bare]
    shown += [f'{_evidence(found[name])} AS "evidence_{name}"' for name in bare]
    joins = [*_history_joins(fields), *(one.join for one in made)]
    lines = "\n".join(f"LEFT JOIN {join}" for join in joins)
    return (
        f"WITH {', '.join(ctes)}\nSELECT {', '.join(shown)}\nFROM stay AS s\n"
        f"JOIN record.{subject.value} AS o ON o.id = s._subject_id\n{lines}"
    )


def _stay(source: Source) -> str:
    over = "timezone(c.timezone, CAST(c.as_of_day + INTERVAL 1 DAY AS TIMESTAMP)) - INTERVAL 1 SECOND"
    at = f"coalesce(e.left_at, {over})"
    own = ", ".join(f"e.{name} AS _{name}" for name in STAY)
    return (
        f"stay AS (SELECT {own}, {at} AS _at, CAST(timezone(c.timezone, {at}) AS DATE) AS _day,"
        " c.timezone AS _timezone, e.flow || '.' || e.stage AS _gate, e.is_dated AS _is_dated"
        f" FROM ({source.stays}) AS e CROSS JOIN {source.clock} AS c)"
    )


def _history(subject: Subject, fields: Sequence[str]) -> Iterator[str]:
    """CTEs of the fields' values at each stay's instant: empty where it was emptied, NULL where nothing is told."""
    if not fields:
        return
    listed = ", ".join(map(text, fields))
    mine = f"h.entity = {text(subject.value)} AND h.field IN ({listed})"
    yield (
        "told AS (SELECT h.entity_id, h.field, coalesce(h.old, '') AS old, coalesce(h.new, '') AS new,"
        " h.at, lead(h.at) OVER changes AS next_at, row_number() OVER changes AS place FROM record.change AS h"
        f" WHERE {mine} AND h.entity_id IN (SELECT _subject_id FROM stay)"
        " WINDOW changes AS (PARTITION BY h.entity_id, h.field ORDER BY h.at, h.id))"
    )
    yield (
        "spans AS (SELECT entity_id, field, new AS value, told.at AS from_at, next_at AS to_at FROM told"
        " UNION ALL SELECT entity_id, field, old AS value, NULL AS from_at, told.at AS to_at FROM told WHERE place = 1)"
    )
    then = ", ".join(
        f'max(CASE WHEN v.field = {text(f)} THEN v.value END) AS "{f}",'
        f' max(CASE WHEN v.field = {text(f)} THEN CAST(timezone(s._timezone, v.from_at) AS DATE) END) AS "written_{f}"'
        for f in fields
    )
    yield (
        f"hist AS (SELECT s._subject_id, s._sequence, {then} FROM stay AS s JOIN spans AS v"
        " ON v.entity_id = s._subject_id AND (v.from_at IS NULL OR v.from_at <= s._at)"
        " AND (v.to_at IS NULL OR s._at < v.to_at) GROUP BY s._subject_id, s._sequence)"
    )
    since = ", ".join(f'min(CASE WHEN h.field = {text(f)} THEN h.at END) AS "{f}"' for f in fields)
    yield f"since AS (SELECT h.source_system, {since} FROM record.change AS h WHERE {mine} GROUP BY h.source_system)"


def _history_joins(fields: Sequence[str]) -> Iterator[str]:
    if fields:
        yield "hist ON hist._subject_id = s._subject_id AND hist._sequence = s._sequence"
        yield "since ON since.source_system = o.source_system"


def _is_today(fact: Fact) -> str:
    """SQL of whether the record does not tell what a column was then."""
    if fact.is_today:
        return "s._left_at IS NOT NULL"
    untold = [f'(hist."{f}" IS NULL AND coalesce(s._at < since."{f}", true))' for f in fact.fields if not fact.is_dated]
    return f"(s._left_at IS NOT NULL AND ({' OR '.join(untold)}))" if untold else "false"


def _evidence(fact: Fact) -> str:
    """SQL of what speaks for a column's value: nothing that was done on an earlier day than it was written."""
    holds = [
        "".join(f' AND coalesce(acted.{day} >= hist."written_{f}", true)' for f in fact.fields)
        for day in ("met_on", "acted_on")
    ]
    return (
        f"CASE WHEN acted.met_on IS NOT NULL{holds[0]} THEN 3 WHEN acted.acted_on IS NOT NULL{holds[1]} THEN 2"
        " ELSE 1 END"
    )
