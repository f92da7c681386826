"""Field history kept as columns (`DateEnteredQualified`, ...) as rows of `change`.

Id, DateEnteredQualified, DateEnteredProposal     -->   entity_id, field, new,       at
006A, 2025-03-01, 2025-04-02                            006A,      stage, qualified, 2025-03-01
                                                        006A,      stage, proposal,  2025-04-02
"""

from fairlead.connect.files import cells
from fairlead.connect.files.cells import PLACEHOLDERS
from fairlead.connect.files.compiler import Compiler, mapped_columns
from fairlead.connect.files.mapping import History, Reading
from fairlead.connect.laws import CANNOT_MAP, UNKNOWN_COLUMN, UNKNOWN_TABLE
from fairlead.model.tables import CANONICAL_BY_NAME, Kind, Table
from fairlead.problem import did_you_mean
from fairlead.record.engine import literal
from fairlead.record.stage import Stage


def history_stage(compiler: Compiler, table: Table) -> Stage | None:
    """The Stage of history columns; None when a problem leaves nothing to run."""
    history = compiler.entry.table.history
    if history is None or not _sound(compiler, table):
        return None
    key = compiler.several(history.id, None, "history", "id")
    times = {new: compiler.cell(column, None, "history", "at", new) for new, column in history.at.items()}
    condition = compiler.sql(compiler.entry.table.where, None, "where") if compiler.entry.table.where else None
    if key is None or None in times.values():
        return None
    entity_id = " || chr(124) || ".join(key)
    entries = " UNION ALL ".join(
        f"SELECT _key || {literal(f'|{history.field}|{new}')} AS own_key, _seen_at, _deleted_at, _file, _line, _fault,"
        f" {entity_id} AS entity_key, {literal(new)} AS new, {literal(history.at[new])} AS said_in, {cell} AS said"
        f" FROM cells WHERE {cell} IS NOT NULL AND lower({cell}) NOT IN ({', '.join(map(literal, PLACEHOLDERS))})"
        for new, cell in times.items()
    )
    at = cells.moment("said", compiler.style(Reading(dates=history.dates, timezone=history.timezone), "history"))
    sql = (
        f"WITH {compiler.cells_sql(condition[0] if condition else None)}, entries AS ({entries}),"
        f" read AS (SELECT *, {at} AS v_at FROM entries) SELECT {', '.join(_values(compiler, table, history))},"
        f" {literal(compiler.entry.source)} AS source_system, own_key AS source_id, _seen_at AS seen_at,"
        " _deleted_at AS deleted_at, _file AS from_file, _line AS from_line,"
        " CASE WHEN _fault IS NOT NULL THEN _fault WHEN NOT"
        f" coalesce({cells.in_reason(Kind.TIMESTAMP, 'v_at')}, false)"
        f" THEN 'not-a-time: ' || said_in || ' is ''' || left(said, 80) || '''' END AS reason FROM read"
    )
    columns = tuple(compiler.by_name[c.lower()] for c in history.at.values())
    lineage = {"entity_id": tuple(history.id), "new": columns, "at": columns}
    return Stage(table.name, compiler.entry.source, compiler.entry.raw, sql, lineage)


def _values(compiler: Compiler, table: Table, history: History) -> list[str]:
    sure = f"CASE WHEN {cells.in_reason(Kind.TIMESTAMP, 'v_at')} THEN v_at END"
    given = {
        "entity": literal(history.entity),
        "entity_id": f"{literal(compiler.entry.source + ':')} || entity_key",
        "field": literal(history.field),
        "new": "new",
        "at": sure,
    }
    return [f"CAST({given.get(c.name, 'NULL')} AS {c.kind.sql}) AS {c.name}" for c in mapped_columns(table)]


def _sound(compiler: Compiler, table: Table) -> bool:
    """Whether the history names a table and a column that there are."""
    history = compiler.entry.table.history
    if history is None or table.name != "change":
        compiler.say(CANNOT_MAP, f"`history` fills the table change, not {table.name}.", "history")
        return False
    about = CANONICAL_BY_NAME.get(history.entity)
    if about is None:
        hint = did_you_mean(history.entity, CANONICAL_BY_NAME)
        compiler.say(UNKNOWN_TABLE, f"The record has no table '{history.entity}'.", "history", "entity", hint=hint)
        return False
    if history.field not in (names := [c.name for c in mapped_columns(about)]):
        hint = did_you_mean(history.field, names)
        compiler.say(UNKNOWN_COLUMN, f"{about.name} has no column '{history.field}'.", "history", "field", hint=hint)
        return False
    return True
