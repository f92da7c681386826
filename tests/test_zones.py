"""Time zones: what the wall says is the same in Python and in the engine, whatever the operating system has."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

import numpy as np
import pyarrow as pa
import pytest

from fairlead.analysis.zone import EPOCH, zone_of
from fairlead.record.engine import Connection, connect
from fairlead.zones import TABLE, zone, zone_names

# Every continent; half and quarter hours, Ramadan, changes at midnight and on Fridays, rules that ended in these years.
ODD = (
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Johannesburg", "Africa/Juba", "Africa/Lagos",
    "America/Asuncion", "America/Caracas", "America/Chihuahua", "America/Dawson", "America/Edmonton", "America/Godthab",
    "America/New_York", "America/Ojinaga", "America/Santiago", "America/Sao_Paulo", "America/Scoresbysund",
    "America/St_Johns", "America/Vancouver", "America/Winnipeg", "Antarctica/Casey", "Antarctica/Troll", "Asia/Almaty",
    "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran",
    "Asia/Tokyo", "Australia/Eucla", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin",
    "Europe/Volgograd", "Pacific/Apia", "Pacific/Chatham", "Pacific/Fiji", "UTC",
)  # fmt: skip
HOUR = timedelta(hours=1)
HOURS = [datetime(2020, 1, 1, tzinfo=UTC) + 7 * HOUR * n for n in range(11 * 366 * 24 // 7)]  # to the end of 2030


@pytest.fixture(scope="module")
def engine() -> Iterator[Connection]:
    connection = connect(threads=1)
    connection.register("hours", pa.table({"at": pa.array(HOURS, pa.timestamp("us", "UTC"))}))
    yield connection
    connection.close()


@pytest.mark.parametrize("name", ODD)
def test_python_and_the_engine_say_the_same_wall_clock(name: str, engine: Connection) -> None:
    """Every seven hours of eleven years, by the zones that clocks are compiled with, and by a datetime's own."""
    sql = f"SELECT epoch_us(timezone('{name}', h.at)) AS wall FROM hours AS h"
    walls = engine.sql(sql).to_arrow_table().column("wall").to_numpy()
    at = np.array([(hour - EPOCH) // timedelta(microseconds=1) for hour in HOURS])
    assert (zone_of(name, date(2020, 1, 1), date(2031, 1, 5)).local(at) == walls).all()
    said = [hour.astimezone(zone(name)).replace(tzinfo=UTC) for hour in HOURS[::5]]
    assert [(wall - EPOCH) // timedelta(microseconds=1) for wall in said] == walls[::5].tolist()


def test_the_operating_systems_table_is_not_asked(tmp_path: Path) -> None:
    """A folder with another table, as systems have that are not kept up to date: Oslo's file says what Tokyo's does."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Oslo").write_bytes(TABLE.joinpath("zoneinfo", "Asia", "Tokyo").read_bytes())
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    try:
        reset_tzpath([str(tmp_path)])
        zone.cache_clear()
        assert noon.astimezone(ZoneInfo.no_cache("Europe/Oslo")).hour == 21
        assert noon.astimezone(zone("Europe/Oslo")).hour == 13
    finally:
        reset_tzpath(TZPATH)
        zone.cache_clear()


def test_what_is_no_name_of_a_zone_is_refused() -> None:
    assert {"Europe/Berlin", "UTC"} < zone_names()
    for name in ("Europe/Berlln", "europe/berlin", "../tzdata/zones", "zone.tab", ""):
        with pytest.raises(ZoneInfoNotFoundError):
            zone(name)
