"""The waivers that count: those of the record, and what was decided at the desk since it was built."""

from datetime import date, datetime, timedelta

from fairlead.connect.desk import SOURCE, columns
from fairlead.model.tables import CANONICAL_BY_NAME
from fairlead.record.engine import columns_in
from fairlead.record.views import raw_view
from fairlead.workspace import Workspace

A_SECOND = timedelta(seconds=1)


def waivers_sql(workspace: Workspace, now: datetime | None = None, today: date | None = None) -> str:
    """The waivers of the record, and those given or taken back at the desk since it was built, as a relation.

    What was decided after `now`, the last second of the build's day, counts as decided then: at once, for a record
    that is looked at as it is; and what has run out before `today` has run out. `given_at`, `taken_back_at` and
    `last_day` tell when that really is.
    """
    made = _waivers(workspace)
    if now is None:
        told = "v.at AS given_at, v.withdrawn_at AS taken_back_at, v.expires_on AS last_day"
        return f"(SELECT v.*, {told} FROM {made} AS v)"
    last = f"TIMESTAMPTZ '{now.isoformat()}'"
    over = f"CASE WHEN v.expires_on < DATE '{today or now.date()}' THEN DATE '0001-01-01' ELSE v.expires_on END"
    sooner = f'least(v.at, {last}) AS "at", '
    sooner += f"CASE WHEN v.withdrawn_at > {last} THEN {last} ELSE v.withdrawn_at END"
    return (
        f"(SELECT v.* REPLACE ({sooner} AS withdrawn_at, {over} AS expires_on), v.at AS given_at,"
        f" v.withdrawn_at AS taken_back_at, v.expires_on AS last_day FROM {made} AS v)"
    )


def _waivers(workspace: Workspace) -> str:
    loads = [load for load in workspace.lake.loads() if (load.source, load.table) == (SOURCE, "waiver")]
    if not loads:
        return "(SELECT * EXCLUDE (source_system, source_id, seen_at) FROM record.waiver)"
    known = {name for load in loads for name in columns_in(load.path)}
    names = [c.name for c in CANONICAL_BY_NAME["waiver"].columns if not c.derived]
    kept = ", ".join(f"w.{name}" for name in names)
    told = ", ".join("coalesce(w.subject_id, r.subject_id)" if n == "subject_id" else f"r.{n}" for n in names)
    return (
        f"(SELECT w.id, {kept}, w.deleted_at FROM record.waiver AS w WHERE w.source_system <> '{SOURCE}' UNION ALL"
        f" SELECT r.id, {told}, r.deleted_at FROM (SELECT '{SOURCE}:' || _key AS id, {columns('waiver', known)},"
        f" _deleted_at AS deleted_at FROM ({raw_view(loads)})) AS r LEFT JOIN record.waiver AS w ON w.id = r.id)"
    )
