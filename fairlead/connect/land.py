"""Land one export of one table in raw: only what is news is written, nothing is ever written over.

    an export's rows ──keys──> incoming ──compared with the state before──> added | changed | gone
                                                                              └── raw/SOURCE/TABLE/LOAD.parquet

A load holds the versions that were news at `seen_at`. The state of a table at a time is, for each key, its last
version by then. An export that arrives late (seen before exports already landed) is compared with the state of
its own time; the keys it changes are then asserted again at the time of the next export, so that every state,
at every time, is the one that landing in order would have given.
"""

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fairlead.connect.exports import (
    OWN,
    Counts,
    Dirt,
    Export,
    Landing,
    Part,
    quoted,
    raw_columns,
    table_folder,
    view_name,
)
from fairlead.connect.laws import KEY_CHANGED, PARTIAL_LATE, SAME_INSTANT
from fairlead.connect.ledger import Entry, enter, entries
from fairlead.problem import Problem, Where
from fairlead.record.engine import Connection, columns_in, literal, parquet, scratch
from fairlead.record.lake import STAMP, UNFINISHED

__all__ = ["Counts", "Dirt", "Export", "Landing", "Part", "already", "land", "raw_columns", "table_folder", "view_name"]


def already(export: Export, raw: Path, seen_at: datetime) -> Landing | None:
    """The landing of an export whose bytes are those of the export before it: nothing to read, nothing is news."""
    folder = table_folder(raw, export.source, export.table)
    before = [e for e in entries(folder) if e.seen_at <= seen_at]
    if not before or before[-1].digest != export.digest:
        return None
    last = before[-1]
    if last.seen_at != seen_at:
        enter(folder, last._replace(seen_at=seen_at))
    counts = Counts(last.rows, unchanged=last.alive, folded=last.rows - last.alive)
    return _landing(export, seen_at, None, counts)


def land(export: Export, raw: Path, seen_at: datetime, temp: Path) -> tuple[Landing | None, tuple[Problem, ...]]:
    """Land `export` as seen at `seen_at` (aware). None with a problem when it cannot be placed in time."""
    seen_at = seen_at.astimezone(UTC)
    folder = table_folder(raw, export.source, export.table)
    known = entries(folder)
    if found := already(export, raw, seen_at):
        return found, ()
    if refusal := _refused(export, known, seen_at):
        return None, (refusal,)
    folder.mkdir(parents=True, exist_ok=True)
    with scratch(temp) as connection:
        work = _Work(connection, export, folder, seen_at, known)
        landing = work.run()
    enter(folder, Entry(seen_at, export.digest, export.full, export.key, landing.rows, landing.rows - landing.folded))
    return landing, _key_changed(export, known, seen_at)


def _landing(export: Export, seen_at: datetime, path: Path | None, counts: Counts) -> Landing:
    return Landing(export.source, export.table, export.files, *counts, path, seen_at)


def _refused(export: Export, known: Sequence[Entry], seen_at: datetime) -> Problem | None:
    where = Where(export.files[0]) if export.files else None
    if any(e.seen_at == seen_at and e.digest not in ("", export.digest) for e in known):
        return SAME_INSTANT.broken(f"Another export of '{export.table}' was seen at {seen_at:{STAMP}}.", where)
    later = [e for e in known if e.seen_at > seen_at]
    if later and not (export.full and all(e.full for e in later)):
        message = (
            f"An export of '{export.table}' seen at {later[0].seen_at:{STAMP}} is already landed; this one is older."
        )
        return PARTIAL_LATE.broken(message, where)
    return None


def _key_changed(export: Export, known: Sequence[Entry], seen_at: datetime) -> tuple[Problem, ...]:
    before = [e for e in known if e.seen_at < seen_at and e.digest]
    if not before or before[-1].key == export.key:
        return ()
    shown = [", ".join(key) or "the whole row" for key in (before[-1].key, export.key)]
    message = f"'{export.table}' was keyed by {shown[0]} and is now keyed by {shown[1]}."
    return (KEY_CHANGED.broken(message, Where(export.files[0]) if export.files else None),)


class _Work:
    """One landing under way. Tables of the connection: incoming, before, news, gone."""

    def __init__(
        self, connection: Connection, export: Export, folder: Path, seen_at: datetime, known: Sequence[Entry]
    ) -> None:
        self.db = connection
        self.export = export
        self.folder = folder
        self.seen_at = seen_at
        self.loads = sorted(folder.glob("*.parquet"))
        self.later = min((e.seen_at for e in known if e.seen_at > seen_at), default=None)
        self.columns = _united(export, self.loads)

    def run(self) -> Landing:
        self._read_incoming()
        self._tell_twins_apart()
        self._read_before()
        self._compare()
        counts = self._counts()
        path = None
        if counts.added or counts.changed or counts.deleted:
            if self.later:
                self._assert_again(self.later)
            path = self._write(self.seen_at, self._news_sql(), self.export.digest[:8])
        return _landing(self.export, self.seen_at, path, counts)._replace(dirt=self._dirt())

    def _read_incoming(self) -> None:
        """`rows`: the export as one relation. `incoming`: its row number, key, content hash and fault."""
        self.db.execute(f"CREATE VIEW rows AS {self._rows_sql()}")
        names = [quoted(c) for c in self.columns]
        content = ", ".join(names) or "NULL"
        self.db.execute(
            f"CREATE TABLE incoming AS SELECT rn, {self._key_sql()} AS key, hash({content}) AS hash,"
            f" {self._fault_sql()} AS fault, false AS folded FROM rows"
        )

    def _rows_sql(self) -> str:
        offset, parts = 0, []
        for part in self.export.parts:
            has = {c.lower(): c for c in part.columns}
            shown = [
                f"{quoted(has[c.lower()])} AS {quoted(c)}"
                if c.lower() in has
                else f"CAST(NULL AS VARCHAR) AS {quoted(c)}"
                for c in self.columns
            ]
            own = f"_file, _line, {part.fault} AS _fault, file_row_number + {offset} AS rn"
            source = f"read_parquet({literal(part.path)}, file_row_number = true)"
            parts.append(f"SELECT {', '.join([*shown, own])} FROM {source}")
            offset += part.rows
        return "\nUNION ALL\n".join(parts)

    def _key_sql(self) -> str:
        if not self.export.key:
            return self._content_key()
        cells = [f"coalesce(trim({quoted(c)}), '')" for c in self._key_columns()]
        return (
            f"CASE WHEN {self._no_key()} THEN 'row ' || {self._content_key()} ELSE {' || chr(124) || '.join(cells)} END"
        )

    def _fault_sql(self) -> str:
        if not self.export.key:
            return "_fault"
        detail = literal(f"no-key: {', '.join(self.export.key)} is empty")
        return f"CASE WHEN _fault IS NULL AND {self._no_key()} THEN {detail} ELSE _fault END"

    def _no_key(self) -> str:
        return " AND ".join(f"coalesce(trim({quoted(c)}), '') = ''" for c in self._key_columns())

    def _key_columns(self) -> list[str]:
        has = {c.lower(): c for c in self.columns}
        return [has[c.lower()] for c in self.export.key if c.lower() in has]

    def _content_key(self) -> str:
        """A digest of the row's non-empty cells with their column names, whatever the columns' order."""
        cells = [f"{literal(c + '=')} || {quoted(c)}" for c in sorted(self.columns, key=str.lower)]
        return f"md5(concat_ws(chr(31), {', '.join(cells) or chr(39) * 2}))"

    def _tell_twins_apart(self) -> None:
        """Rows of one key: equal ones fold into the first; of different ones all but the first get another key.

        A row that is broken in itself never takes the key from a sound one, nor makes it a duplicate.
        """
        self.db.execute("CREATE TABLE twins AS SELECT key FROM incoming GROUP BY key HAVING count(*) > 1")
        if self.export.repeats and not self.export.key:
            self.db.execute(
                "UPDATE incoming SET key = n.key || '-' || n.n FROM (SELECT rn, key, row_number() OVER"
                " (PARTITION BY key ORDER BY rn) AS n FROM incoming SEMI JOIN twins USING (key)) AS n"
                " WHERE n.rn = incoming.rn AND n.n > 1"
            )
            return
        self.db.execute(
            "CREATE TABLE told AS SELECT rn, key, hash, fault,"
            " row_number() OVER (PARTITION BY key, hash, fault ORDER BY rn) AS again"
            " FROM incoming SEMI JOIN twins USING (key)"
        )
        self.db.execute("UPDATE incoming SET folded = true FROM told WHERE told.rn = incoming.rn AND told.again > 1")
        self.db.execute(
            "CREATE TABLE apart AS SELECT rn, key, fault, row_number() OVER (PARTITION BY key ORDER BY"
            " (fault IS NOT NULL), rn) AS place, count(*) FILTER (fault IS NULL) OVER (PARTITION BY key) AS sound"
            " FROM told WHERE again = 1"
        )
        named = ", ".join(self.export.key) or "the row"
        self.db.execute(
            "UPDATE incoming SET fault = CASE WHEN apart.fault IS NULL AND apart.sound > 1 THEN"
            f" {literal(f'duplicate-key: more than one row has {named} = ')} || apart.key ELSE apart.fault END,"
            " key = CASE WHEN apart.place = 1 THEN apart.key ELSE apart.key || ' #' || content.digest END"
            f" FROM apart JOIN (SELECT rn, left({self._content_key()}, 8) AS digest FROM rows"
            " WHERE rn IN (SELECT rn FROM apart)) AS content USING (rn) WHERE apart.rn = incoming.rn"
        )

    def _read_before(self) -> None:
        """`versions`: everything landed so far. `before`: key, content hash and fault of the state at `seen_at`."""
        if not self.loads:
            self.db.execute("CREATE TABLE before (key VARCHAR, hash UBIGINT, fault VARCHAR, gone BOOLEAN)")
            self.db.execute("CREATE TABLE versions (_key VARCHAR, _seen_at TIMESTAMPTZ)")
            return
        has = {c.lower(): c for path in self.loads for c in columns_in(path)}
        shown = [
            f"{quoted(has[c.lower()])} AS {quoted(c)}" if c.lower() in has else f"CAST(NULL AS VARCHAR) AS {quoted(c)}"
            for c in self.columns
        ]
        self.db.execute(f"CREATE VIEW versions AS SELECT {', '.join([*OWN, *shown])} FROM {parquet(self.loads)}")
        content = ", ".join(quoted(c) for c in self.columns) or "NULL"
        state = f"SELECT _key AS key, hash({content}) AS hash, _fault AS fault, _deleted AS gone FROM versions"
        if len(self.loads) == 1 and self.loads[0].name < f"{self.seen_at:{STAMP}}~":
            self.db.execute(f"CREATE TABLE before AS {state}")
            return
        self.db.execute(
            "CREATE TABLE before AS SELECT _key AS key, v.* FROM (SELECT _key,"
            f" arg_max(struct_pack(hash := hash({content}), fault := _fault, gone := _deleted), _seen_at) AS v"
            f" FROM versions WHERE _seen_at <= {self._at(self.seen_at)} GROUP BY _key)"
        )

    def _compare(self) -> None:
        self.db.execute(
            "CREATE TABLE news AS SELECT i.rn, i.key, i.fault, (b.key IS NULL OR b.gone) AS added FROM incoming AS i"
            " LEFT JOIN before AS b ON b.key = i.key WHERE NOT i.folded AND"
            " (b.key IS NULL OR b.gone OR b.hash <> i.hash OR b.fault IS DISTINCT FROM i.fault)"
        )
        missing = "SELECT key FROM before WHERE NOT gone AND key NOT IN (SELECT key FROM incoming)"
        self.db.execute(f"CREATE TABLE gone AS {missing if self.export.full else missing + ' AND false'}")

    def _counts(self) -> Counts:
        found = self.db.execute(
            "SELECT (SELECT count(*) FROM incoming), (SELECT count(*) FROM incoming WHERE folded),"
            " (SELECT count(*) FROM incoming WHERE fault IS NOT NULL AND NOT folded),"
            " (SELECT count(*) FROM news WHERE added), (SELECT count(*) FROM news WHERE NOT added),"
            " (SELECT count(*) FROM gone)"
        ).fetchall()[0]
        rows, folded, faults, added, changed, deleted = found
        return Counts(rows, added, changed, deleted, rows - folded - added - changed, folded, faults)

    def _dirt(self) -> tuple[Dirt, ...]:
        self.db.execute(
            "CREATE TABLE dirt AS SELECT split_part(fault, ':', 1) AS code, count(*) AS n,"
            " arg_min(fault, rn) AS example, min(rn) AS rn FROM incoming"
            " WHERE fault IS NOT NULL AND NOT folded GROUP BY 1"
        )
        found = self.db.execute(
            "SELECT code, n, example, _file, _line FROM dirt JOIN rows USING (rn) ORDER BY code"
        ).fetchall()
        return tuple(Dirt(*row) for row in found)

    def _news_sql(self) -> str:
        names = ", ".join(["", *(f"rows.{quoted(c)}" for c in self.columns)])
        at = self._at(self.seen_at)
        new = (
            f"SELECT news.key AS _key, {at} AS _seen_at, false AS _deleted, _file, _line, news.fault AS _fault{names}"
            " FROM rows JOIN news ON news.rn = rows.rn"
        )
        if not self.loads:
            return new
        return f"{new} UNION ALL {self._last_seen('gone', at, deleted=True)}"

    def _last_seen(self, keys: str, at: str, *, deleted: bool) -> str:
        """SQL of the keys in table `keys` as they stood before this export, said to be so at `at`."""
        names = ", ".join(["", *map(quoted, self.columns)])
        return (
            f"SELECT _key, {at} AS _seen_at, {str(deleted).lower()} AS _deleted, _file, _line, _fault{names}"
            f" FROM versions WHERE _key IN (SELECT key FROM {keys}) AND _seen_at <= {self._at(self.seen_at)}"
            " QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _seen_at DESC) = 1"
        )

    def _assert_again(self, later: datetime) -> None:
        """What this late export changes was otherwise by the next one: say so at that one's time.

        Written before the export's own load: by itself it repeats what is already known, so dying here is harmless.
        """
        at = self._at(later)
        unsaid = f"key NOT IN (SELECT _key FROM versions WHERE _seen_at = {at})"
        touched = f"(SELECT key FROM news UNION SELECT key FROM gone) WHERE {unsaid}"
        alive = "SELECT key FROM before WHERE NOT gone"
        self.db.execute(f"CREATE TABLE back AS SELECT key FROM {touched} AND key IN ({alive})")
        self.db.execute(f"CREATE TABLE away AS SELECT news.* FROM news WHERE {unsaid} AND key NOT IN ({alive})")
        names = ", ".join(["", *(f"rows.{quoted(c)}" for c in self.columns)])
        sql = (
            f"SELECT away.key AS _key, {at} AS _seen_at, true AS _deleted, _file, _line, away.fault AS _fault{names}"
            " FROM rows JOIN away ON away.rn = rows.rn"
        )
        if self.loads:
            sql += f" UNION ALL {self._last_seen('back', at, deleted=False)}"
        found = self.db.execute("SELECT (SELECT count(*) FROM back) + (SELECT count(*) FROM away)").fetchall()[0]
        if found[0]:
            again = hashlib.sha256(f"{self.export.digest}{self.seen_at:{STAMP}}".encode()).hexdigest()[:8]
            self._write(later, sql, again)

    def _write(self, at: datetime, sql: str, digest: str) -> Path:
        """Write one load so that it is there whole or not at all."""
        target = self.folder / f"{at:{STAMP}}-{digest}.parquet"
        fresh = self.folder / f"{UNFINISHED}{target.stem}"
        self.db.execute(f"COPY ({sql}) TO {literal(fresh)} (FORMAT parquet, COMPRESSION zstd)")
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(target)
        sync_folder(self.folder)
        return target

    @staticmethod
    def _at(moment: datetime) -> str:
        return f"TIMESTAMPTZ {literal(moment)}"


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _united(export: Export, loads: Sequence[Path]) -> tuple[str, ...]:
    """The columns of the export and of what was landed before, each once whatever its case, exports' own first."""
    found: dict[str, str] = {}
    names = [c for part in export.parts for c in part.columns]
    names += [c for path in loads for c in columns_in(path) if c not in OWN]
    for name in names:
        found.setdefault(name.lower(), name)
    return tuple(found.values())
