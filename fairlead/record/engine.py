"""The one place that opens a database engine. DuckDB, in memory, in every process; nothing to serve or lock."""

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from fairlead.model.tables import TABLES
from fairlead.problem import Refused, Where
from fairlead.record.lake import manifest
from fairlead.record.laws import LAKE_DAMAGED, NOT_COMPUTED
from fairlead.record.models import tables_read
from fairlead.record.recipe import code_digest
from fairlead.values import Query

Connection = duckdb.DuckDBPyConnection
EngineError = duckdb.Error
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)  # see `answer`
NOTHING_GIVEN: Mapping[str, pa.Table] = MappingProxyType({})


def connect(*, memory: str | None = None, temp: Path | None = None, threads: int | None = None) -> Connection:
    """An in-memory DuckDB in UTC that reaches for nothing it did not come with."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if memory:
        config["memory_limit"] = memory
    if temp:
        config["temp_directory"] = str(temp)
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def scratch(temp: Path, memory: str = "600MB", threads: int = 2) -> Iterator[Connection]:
    """A connection for one piece of work within `memory`; what does not fit spills to `temp`."""
    connection = connect(memory=memory, temp=temp, threads=threads)
    try:
        yield connection
    finally:
        connection.close()


def compute(query: Query) -> pa.Table:
    """The rows of a query that reads no build: arithmetic alone."""
    cursor = _alone(os.getpid()).cursor()
    try:
        return answer(cursor, query)
    finally:
        cursor.close()


@lru_cache(maxsize=1)
def _alone(process: int) -> Connection:
    """A connection of this process alone: what one opened, another that is forked from it must not use."""
    return connect(threads=1)


_READ: dict[str, duckdb.Statement] = {}
KEPT_STATEMENTS = 1_000  # a build's steps are a hundred, each of one text for every build of a model


def statement(connection: Connection, sql: str) -> duckdb.Statement:
    """One statement, parsed once a process: who makes several builds would wait a fifth of each for parsing alone."""
    if (read := _READ.get(sql)) is None:
        if len(_READ) >= KEPT_STATEMENTS:
            _READ.clear()
        (read,) = connection.extract_statements(sql)
        _READ[sql] = read
    return read


def answer(connection: Connection, query: Query) -> pa.Table:
    """The rows of `query`, which is parsed and bound once: `Connection.sql` would do both three times.

    The engine warns that its rows are copied once more; answers are of few rows, and reading SQL takes longer.
    """
    connection.execute(statement(connection, query.sql), list(query.params))
    return connection.to_arrow_table()


def literal(value: str | Path | datetime) -> str:
    """A SQL string literal. Only for places where DuckDB takes no bound value: file names and view bodies."""
    plain = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + plain.replace("'", "''") + "'"


def parquet(files: list[Path]) -> str:
    """SQL that reads these Parquet files as one relation, columns united by name."""
    return f"read_parquet([{', '.join(map(literal, files))}], union_by_name = true)"


def columns_in(file: Path) -> tuple[str, ...]:
    """The columns of a Parquet file of the lake, in its order; Refused when it cannot be read."""
    try:
        return tuple(pq.read_schema(file).names)
    except (pa.ArrowInvalid, OSError) as bad:
        raise Refused([LAKE_DAMAGED.broken("It cannot be read as Parquet.", Where(str(file)))]) from bad


@contextmanager
def undamaged() -> Iterator[None]:
    """Turns the engine's complaint about a Parquet file that it cannot read into a refusal that names the file."""
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as bad:
        if (file := re.search(r"""['"]([^'"]+[.]parquet)['"]""", str(bad))) is None:
            raise
        raise Refused([LAKE_DAMAGED.broken("It cannot be read as Parquet.", Where(file[1]))]) from bad


@contextmanager
def computed() -> Iterator[None]:
    """Turns the engine's complaint about what a condition compares or adds up into a refusal in its own words."""
    try:
        yield
    except (duckdb.DataError, duckdb.BinderException) as bad:
        raise Refused([NOT_COMPUTED.broken(f"The engine cannot compute this: {str(bad).splitlines()[0]}")]) from bad


def _as_declared(file: Path) -> str:
    """SQL of a table of an older program's build as it is declared today: what that did not know yet is empty."""
    declared = TABLES.get(file.stem)
    if declared is None or declared.schema != file.parent.name:
        return f"FROM {parquet([file])}"
    there = set(columns_in(file)) if file.exists() else set()
    empty = ", ".join(f'CAST(NULL AS {c.kind.sql}) AS "{c.name}"' for c in declared.all_columns if c.name not in there)
    if not there:
        return f"SELECT {empty} WHERE false"
    return f"SELECT *{', ' if empty else ''}{empty} FROM {parquet([file])}"


class Reader:
    """A published build, opened for questions: its tables as views `record.*`, `mart.*` and `quality.*`.

    Any number of readers in any number of processes read one build at once; `rows` may be called from
    several threads. `earlier` is a second build to compare it with: its tables are `earlier.record.*` and so on.
    """

    def __init__(self, build: Path, earlier: Path | None = None) -> None:
        self.build = build
        self._connection = connect()
        self._unread: dict[str, list[str]] = {}
        self._reading = Lock()
        self._open(build, "")
        if earlier is not None:
            self._connection.execute("ATTACH ':memory:' AS earlier")
            self._open(earlier, "earlier.")

    def _open(self, build: Path, database: str) -> None:
        """A build's tables as views; of a build made by an older program also those that it did not know yet."""
        files = {f"{file.parent.name}.{file.stem}": file for file in sorted(build.glob("*/*.parquet"))}
        is_older = manifest(build).get("code_digest") != code_digest()
        if is_older:
            declared = ((t.schema, t.name) for t in TABLES.values())
            files = {f"{s}.{name}": build / s / f"{name}.parquet" for s, name in declared} | files
        for schema in dict.fromkeys(name.partition(".")[0] for name in files):
            self._connection.execute(f"CREATE SCHEMA {database}{schema}")
        for name, file in files.items():
            view = _as_declared(file) if is_older else f"FROM {parquet([file])}"
            self._unread.setdefault(name, []).append(f"CREATE OR REPLACE VIEW {database}{name} AS {view}")

    def _show(self, sql: str) -> None:
        """Make the views that a query reads: a build has many tables, a question is about few, and each takes time."""
        with self._reading:
            for name in tables_read(sql) & self._unread.keys():
                for view in self._unread[name]:
                    self._connection.execute(view)
                del self._unread[name]

    def rows(self, query: Query, given: Mapping[str, pa.Table] = NOTHING_GIVEN) -> pa.Table:
        """The rows of `query` as Arrow; it may read the tables that are `given` with it by their names."""
        with undamaged():
            self._show(query.sql)
        cursor = self._connection.cursor()
        try:
            for name, table in given.items():
                cursor.register(name, table)
            with undamaged(), computed():
                return answer(cursor, query)
        finally:
            cursor.close()

    def close(self) -> None:
        self._connection.close()


@lru_cache(maxsize=16)
def reading(build: Path, earlier: Path | None = None) -> Reader:
    """A reader of a build that is opened once a process, for builds never change; nobody closes it.

    Only for what answers: a process that may yet be forked opens a `Reader` of its own, and closes it.
    """
    return Reader(build, earlier)
