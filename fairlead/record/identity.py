"""Which source records are the same member, product, account, campaign or person.

Deterministic and total: sources are taken in order of priority. A record whose key (its own id in another source, a
domain, an email, or any key declared in the mapping) is already known joins the record that has it, and so does one
whose own id another record has named; otherwise it leads an id of its own. A key two records of one source share
belongs to the smaller id, so the answer never depends on the order of arrival.
"""

from collections.abc import Iterator, Sequence

from fairlead.model.tables import FOLDED, Table
from fairlead.record.engine import literal
from fairlead.record.stage import Stage

CREATE = (
    "CREATE TABLE build.identity (entity VARCHAR, ref VARCHAR, id VARCHAR, source_system VARCHAR, source_id VARCHAR,"
    " matched_by VARCHAR, since TIMESTAMPTZ)"
)


def keys(stages: Sequence[Stage]) -> str:
    """SQL of (source_system, source_id, ref): the further names of these stages' rows."""
    parts = [
        f"SELECT {literal(s.source)} AS source_system, source_id, ref FROM ({s.keys}) WHERE ref IS NOT NULL"
        for s in stages
        if s.keys
    ]
    return "\nUNION\n".join(parts) or "SELECT '' AS source_system, '' AS source_id, '' AS ref WHERE false"


def statements(table: Table, sources: Sequence[str]) -> Iterator[str]:
    """The statements that add a table's judged rows to build.identity; build.key holds their further names."""
    for source in sources:
        yield _own(table, source)
        yield _claimed(table, source)
        yield _further(table, source)


def _own(table: Table, source: str) -> str:
    entity, system = literal(table.name), literal(source)
    own = f"{system} || ':' || j.source_id"
    rows = (
        f"SELECT source_id, min(seen_at) AS since FROM judged.{table.name} AS j"
        f" WHERE verdict IS NULL AND source_system = {system} GROUP BY source_id"
    )
    if table.name not in FOLDED:
        return (
            f"INSERT INTO build.identity SELECT {entity}, {own}, {own}, {system}, j.source_id, 'own id', j.since"
            f" FROM ({rows}) AS j"
        )
    named = (
        f"SELECT source_id, ref, '1' AS rank FROM build.key WHERE source_system = {system}"
        f" UNION ALL SELECT source_id, {system} || ':' || source_id, '0' FROM ({rows})"
    )
    order = "k.rank || i.id || ' ' || i.ref"
    known = (
        f"SELECT k.source_id, min_by(i.id, {order}) AS id, min_by(i.ref, {order}) AS ref"
        f" FROM ({named}) AS k JOIN build.identity AS i ON i.entity = {entity} AND i.ref = k.ref GROUP BY k.source_id"
    )
    return (
        f"INSERT INTO build.identity SELECT {entity}, {own}, coalesce(known.id, {own}), {system}, j.source_id,"
        f" coalesce(known.ref, 'own id'), j.since FROM ({rows}) AS j"
        f" LEFT JOIN ({known}) AS known ON known.source_id = j.source_id"
    )


def _claimed(table: Table, source: str) -> str:
    """Of a record that an earlier source named as its own (`same_as`), only the record's own line stays."""
    return (
        f"DELETE FROM build.identity AS i WHERE i.entity = {literal(table.name)} AND i.matched_by = 'key' AND EXISTS"
        " (SELECT 1 FROM build.identity AS own WHERE own.entity = i.entity AND own.ref = i.ref"
        f" AND own.matched_by <> 'key' AND own.source_system = {literal(source)})"
    )


def _further(table: Table, source: str) -> str:
    entity, system = literal(table.name), literal(source)
    return (
        f"INSERT INTO build.identity SELECT {entity}, k.ref, min(i.id), {system},"
        " min_by(i.source_id, i.id || ' ' || i.source_id), 'key', min(i.since)"
        f" FROM build.key AS k JOIN build.identity AS i ON i.entity = {entity}"
        f" AND i.ref = {system} || ':' || k.source_id WHERE k.source_system = {system}"
        f" AND NOT EXISTS (SELECT 1 FROM build.identity AS taken WHERE taken.entity = {entity} AND taken.ref = k.ref)"
        f" GROUP BY k.ref"
    )
