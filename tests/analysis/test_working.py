"""Working time as SQL over tables gives what the library gives, for every place, unit and instant of the span."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sqlglot

from fairlead.analysis.calendar import INSTANT, Block, Calendar, Hours
from fairlead.analysis.clock import Limit, Terms, Unit, due, due_one
from fairlead.analysis.working import after_sql, hours_of, worked_sql, working_tables
from fairlead.model.load import load
from fairlead.record.engine import Connection, connect
from tests.analysis.worlds import h, utc, week

FIRST, LAST = date(2010, 11, 1), date(2013, 6, 30)
NIGHT = (h("00:00-06:00", "22:00-24:00"),) * 7
EARLY = (h("01:30-03:00", "05:00-23:00"),) * 4 + ((), h("00:00-24:00"), ())
PLACES = {
    "munich": Hours(
        "Europe/Berlin", week("09:00-12:00", "13:00-17:00"), ((date(2011, 12, 23), h("09:00-12:00")),), ("DE-BY",)
    ),
    "newfoundland": Hours("America/St_Johns", NIGHT),
    "lord_howe": Hours("Australia/Lord_Howe", EARLY),
    "apia": Hours("Pacific/Apia", EARLY),
    "havana": Hours("America/Havana", (h("00:15-00:45", "23:00-24:00"),) * 7),
    "sao_paulo": Hours("America/Sao_Paulo", (h("00:30-10:00"),) * 7),
    "kathmandu": Hours("Asia/Kathmandu", week("10:00-18:00")),
}
LIMITS = (
    *(Limit(amount, unit) for amount in (4, 0.5) for unit in (Unit.MINUTE, Unit.HOUR, Unit.DAY)),
    *(Limit(amount, unit) for amount in (90, 7.5) for unit in (Unit.WORKING_MINUTE, Unit.WORKING_HOUR)),
    *(Limit(amount, Unit.WORKING_DAY) for amount in (1, 2.35, 0.5)),
    *(Limit(amount, Unit.WORKING_DAY_SAME_TIME) for amount in (1, 3)),
)
CLOCKS = 40_000


@pytest.fixture(scope="module")
def calendars() -> dict[str, Calendar]:
    return {name: Calendar(hours, FIRST, LAST) for name, hours in PLACES.items()}


@pytest.fixture(scope="module")
def clocks(calendars: dict[str, Calendar]) -> pa.Table:
    """Clocks that start and end anywhere, half of them within days before a change of the clocks, on five minutes."""
    chance = np.random.default_rng(7)
    low, high = (int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2010, 12, 1), (2013, 2, 1)))
    place = chance.integers(0, len(PLACES), CLOCKS)
    start = chance.integers(low * 10**6, high * 10**6, CLOCKS)
    near = chance.integers(0, 4 * 288, CLOCKS) * 300 * 10**6
    for nth, calendar in enumerate(calendars.values()):
        turns = calendar.line.zone.turns[1:-1]
        rows = np.flatnonzero((place == nth) & (np.arange(CLOCKS) % 2 == 0))
        if len(turns):
            start[rows] = chance.choice(turns, len(rows)) - near[rows]
    end = start + chance.integers(-2 * 86_400, 20 * 86_400, CLOCKS) * 10**6
    limit = chance.integers(0, len(LIMITS), CLOCKS)
    return pa.table(
        {
            "id": np.arange(CLOCKS),
            "calendar": pa.array(list(PLACES)).take(pa.array(place)),
            "started_at": pa.array(start).cast(INSTANT),
            "ended_at": pa.array(end).cast(INSTANT),
            "nth": limit,
            "amount": np.array([one.amount for one in LIMITS])[limit],
            "unit": pa.array([str(one.unit) for one in LIMITS]).take(pa.array(limit)),
        }
    )


@pytest.fixture(scope="module")
def engine(calendars: dict[str, Calendar], clocks: pa.Table) -> Iterator[Connection]:
    connection = connect()
    connection.execute("CREATE SCHEMA mart")
    tables = working_tables(calendars)
    for name, table in {**tables._asdict(), "clocks": clocks}.items():
        connection.register("given", table)
        connection.execute(f"CREATE TABLE {'clocks' if name == 'clocks' else f'mart.working_{name}'} AS FROM given")
    yield connection
    connection.close()


def test_worked_in_sql_is_what_the_library_says(
    engine: Connection, calendars: dict[str, Calendar], clocks: pa.Table
) -> None:
    part = worked_sql("c.started_at", "c.ended_at", "c.calendar")
    found = engine.sql(f"SELECT {part.value} AS worked FROM clocks AS c{part.joins} ORDER BY c.id").to_arrow_table()
    assert found.num_rows == CLOCKS
    for name, calendar in calendars.items():
        ours = pa.compute.equal(clocks["calendar"], name)
        chosen = clocks.filter(ours)
        wanted = calendar.worked(chosen["started_at"], chosen["ended_at"])
        assert found["worked"].filter(ours).to_pylist() == wanted.to_pylist()
        assert 0 in wanted.to_pylist()
        assert max(wanted.to_pylist()) > 86_400 / 2


def test_due_in_sql_is_what_the_library_says(
    engine: Connection, calendars: dict[str, Calendar], clocks: pa.Table
) -> None:
    part = after_sql("c.started_at", "c.amount", "c.unit", "c.calendar")
    found = engine.sql(f"SELECT {part.value} AS due FROM clocks AS c{part.joins} ORDER BY c.id").to_arrow_table()
    assert found.num_rows == CLOCKS
    for name, calendar in calendars.items():
        for nth, limit in enumerate(LIMITS):
            ours = pa.compute.and_(pa.compute.equal(clocks["calendar"], name), pa.compute.equal(clocks["nth"], nth))
            starts = clocks["started_at"].filter(ours)
            wanted = due(Terms(limit, calendar), starts).to_pylist()
            assert found["due"].filter(ours).cast(INSTANT).to_pylist() == wanted, (name, limit)
            assert due_one(Terms(limit, calendar), starts[0].as_py()) == wanted[0]


def test_every_instant_is_in_exactly_one_row(calendars: dict[str, Calendar]) -> None:
    for name, calendar in calendars.items():
        rows = working_tables({name: calendar}).segment
        starts, ends = rows["from_at"].to_pylist(), rows["until_at"].to_pylist()
        assert starts[1:] == ends[:-1]
        assert all(start.date() == day for start, day in zip(starts, rows["day"].to_pylist(), strict=True))
        assert (starts[0], ends[-1]) == tuple(
            utc(1970, 1, 1) + timedelta(microseconds=edge) for edge in (calendar.line.lower, calendar.line.upper)
        )


def test_the_sql_is_in_the_subset_that_spark_knows() -> None:
    for part in (worked_sql("c.a", "c.b", "c.k"), after_sql("c.a", "c.n", "c.u", "c.k")):
        sql = f"SELECT {part.value} AS found FROM record.clocks AS c{part.joins}"
        (spark,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert "EPOCH" not in spark
        assert "MAKE_TIMESTAMP" not in spark


def test_hours_are_read_from_the_model(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "calendars.yaml").write_text(
        "calendars:\n  shifts:\n    hours: {monday: ['06:00-12:00', '13:00-24:00'], sunday: '00:00-06:30'}\n"
        "    holidays_of: DE-BY\n    holidays: [{on: 2026-12-24, hours: '09:00-12:00'}, {on: 2026-05-15}]\n"
    )
    model, problems = load(tmp_path / "model")
    assert problems == ()
    shifts = hours_of(model.calendars.calendars["shifts"], "Europe/Berlin")
    assert shifts.week[0] == (Block(6 * 3600, 12 * 3600), Block(13 * 3600, 24 * 3600))
    assert shifts.week[6] == (Block(0, 23_400),)
    assert shifts.days == ((date(2026, 12, 24), (Block(32_400, 43_200),)), (date(2026, 5, 15), ()))
    assert (shifts.timezone, shifts.holidays_of) == ("Europe/Berlin", ("DE-BY",))
    named = model.calendars.calendars["shifts"].model_copy(update={"timezone": "Asia/Tokyo"})
    assert hours_of(named, "Europe/Berlin").timezone == "Asia/Tokyo"
