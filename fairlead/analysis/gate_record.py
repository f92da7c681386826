"""The gate of one record: the same SQL as a build's, over its stays alone, and over those it would pass on its way."""

from collections.abc import Sequence

from fairlead.analysis.gate import Gate, columns_needed, judged_sql, rendered
from fairlead.analysis.gate_columns import HUMAN, MET
from fairlead.analysis.gate_facts import STAY, Source, facts_sql
from fairlead.analysis.scan import text
from fairlead.model.agreed import Subject
from fairlead.model.predicate import Predicate
from fairlead.model.whole import Model
from fairlead.values import Query

ACCOUNT = {Subject.PERSON: "o.account_id", Subject.OPPORTUNITY: "o.account_id", Subject.ACCOUNT: "o.id"}


def stays_of(subject: Subject, subject_id: str) -> Query:
    """The stays of one record, in order."""
    return Query(
        "stays of a record",
        "SELECT e.flow, e.stage, e.sequence, e.cycle, e.entered_at, e.left_at, e.next_stage FROM mart.stage_entry AS e"
        " WHERE e.subject = ? AND e.subject_id = ? ORDER BY e.sequence",
        (str(subject), subject_id),
    )


def gate_rows(model: Model, found: Sequence[Gate], subject_id: str, clock: str) -> Query:
    """The rows that mart.gate has of one record, computed anew from a published build.

    `found`: gates of one subject. `clock`: a relation with as_of_day and timezone.
    """
    listed = ", ".join(text(g.name) for g in found)
    subject = found[0].subject
    stays = (
        f"SELECT m.* FROM mart.stage_entry AS m WHERE m.subject = {text(subject)} AND m.subject_id = {text(subject_id)}"
        f" AND m.flow || '.' || m.stage IN ({listed})"
    )
    facts = facts_sql(model, subject, columns_needed(found), Source(stays, clock))
    return Query("gates of a record", f"{judged_sql(found, f'({facts})', 'record.waiver')}\nORDER BY sequence")


def ahead(found: Sequence[Gate], subject_id: str, sequence: int, clock: str) -> Source:
    """The stay `sequence` of a record, as if it stood at each of these gates at the end of the clock's day.

    Each has a sequence of its own: its place among `found`, from 0.
    """
    own = {"sequence": "g.place", "stage": "g.stage", "next_stage": "CAST(NULL AS VARCHAR)"}
    own["left_at"] = "CAST(NULL AS TIMESTAMPTZ)"
    shown = ", ".join(f"{own.get(name, f'e.{name}')} AS {name}" for name in (*STAY, "is_dated"))
    places = ", ".join(f"({place}, {text(gate.stage)})" for place, gate in enumerate(found))
    return Source(
        f"SELECT {shown} FROM mart.stage_entry AS e CROSS JOIN (VALUES {places}) AS g (place, stage)"
        f" WHERE e.subject = {text(found[0].subject)} AND e.subject_id = {text(subject_id)}"
        f" AND e.sequence = {int(sequence)}",
        clock,
    )


def judged_ahead(model: Model, found: Sequence[Gate], source: Source, waivers: str) -> Query:
    """The verdict of each gate ahead, as rows of mart.gate."""
    facts = facts_sql(model, found[0].subject, columns_needed(found), source)
    return Query("gates ahead", f"{judged_sql(found, f'({facts})', waivers)}\nORDER BY sequence")


def values_ahead(
    model: Model, found: Sequence[Gate], source: Source, conditions: Sequence[Predicate], columns: Sequence[str]
) -> Query:
    """One row: the values of `columns`, `today_NAME` and `evidence_NAME` for each, and `holds_N` for each condition."""
    names = tuple(dict.fromkeys([*columns, *(c for one in conditions for c in one.columns)]))
    facts = facts_sql(model, found[0].subject, names, source)
    holds = "".join(f", {rendered(one)} AS holds_{n}" for n, one in enumerate(conditions))
    return Query("values at a gate", f"SELECT s.*{holds} FROM ({facts}) AS s ORDER BY s._sequence LIMIT 1")


def proofs(subject: Subject, subject_id: str, sequence: int, clock: str) -> Query:
    """The last entry of a human being during a stay (grade 2), and the last with the customer's part in it (3)."""
    key = {Subject.OPPORTUNITY: "opportunity_id", Subject.PERSON: "person_id", Subject.ACCOUNT: "account_id"}[subject]
    return Query(
        "what was done in a stay",
        f"""WITH done AS (
  SELECT g.grade, a.kind, a.at, coalesce(m.name, '') AS "by",
    row_number() OVER (PARTITION BY g.grade ORDER BY a.at DESC, a.id DESC) AS place
  FROM record.activity AS a
  JOIN mart.stage_entry AS e ON e.subject = ? AND e.subject_id = ? AND e.sequence = ?
  CROSS JOIN {clock} AS c
  JOIN (VALUES (2), (3)) AS g (grade) ON g.grade = 2 OR {MET}
  LEFT JOIN record.member AS m ON m.id = a.member_id
  WHERE a.{key} = e.subject_id AND {HUMAN} AND a.at >= e.entered_at AND a.at < {_OVER}
)
SELECT grade, kind, "at", "by" FROM done WHERE place = 1""",
        (str(subject), subject_id, sequence),
    )


_OVER = "timezone(c.timezone, CAST(c.as_of_day + INTERVAL 1 DAY AS TIMESTAMP))"


def written(subject: Subject, subject_id: str, clock: str) -> Query:
    """When each field of a record last became what it was at the end of the clock's day, as the change log tells."""
    return Query(
        "when fields were written",
        f"""SELECT h.field, max(h.at) AS "at" FROM record.change AS h CROSS JOIN {clock} AS c
WHERE h.entity = ? AND h.entity_id = ? AND h.deleted_at IS NULL AND h.at < {_OVER} GROUP BY h.field""",
        (str(subject), subject_id),
    )


def waivers_of(subject: Subject, subject_id: str, waivers: str) -> Query:
    """Every waiver of a record, the latest first, with the name of whoever gave it."""
    return Query(
        "waivers of a record",
        "SELECT v.id, v.stage, v.what, v.waiver_reason, coalesce(m.name, v.waived_by, v.waived_by_id) AS waived_by,"
        " v.at, v.given_at, v.expires_on, v.last_day, v.withdrawn_at, v.taken_back_at,"
        " coalesce(t.name, v.withdrawn_by, v.withdrawn_by_id) AS withdrawn_by"
        f" FROM {waivers} AS v LEFT JOIN record.member AS m ON m.id = v.waived_by_id"
        " LEFT JOIN record.member AS t ON t.id = v.withdrawn_by_id"
        " WHERE v.subject = ? AND v.subject_id = ? AND v.deleted_at IS NULL ORDER BY v.given_at DESC, v.stage, v.what",
        (str(subject), subject_id),
    )


def records_named(subjects: Sequence[Subject], wanted: str, most: int) -> Query:
    """Records whose name holds some text, or whose id or key it is, with the stage they are in; exact ones first."""
    parts = " UNION ALL ".join(
        f"SELECT '{s.value}' AS subject, o.id, o.name, o.source_id, {ACCOUNT[s]} AS account_id"
        f" FROM record.{s.value} AS o WHERE o.deleted_at IS NULL"
        for s in subjects
    )
    exact = "o.id = ? OR o.source_id = ? OR lower(o.name) = lower(?)"
    return Query(
        "records of a name",
        f"""SELECT o.subject, o.id, o.name, a.name AS account, e.stage
FROM ({parts}) AS o
JOIN (
  SELECT subject, subject_id, max_by(stage, sequence) AS stage FROM mart.stage_entry GROUP BY subject, subject_id
) AS e ON e.subject = o.subject AND e.subject_id = o.id
LEFT JOIN record.account AS a ON a.id = o.account_id
WHERE {exact} OR contains(lower(o.name), lower(?))
ORDER BY CASE WHEN {exact} THEN 0 WHEN starts_with(lower(o.name), lower(?)) THEN 1 ELSE 2 END, o.name, o.id
LIMIT {int(most)}""",
        (wanted,) * 8,
    )
