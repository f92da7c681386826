"""Every kind of measure and metric against a brute force that walks the rows in Python."""

import shutil
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.apportion import printed
from fairlead.analysis.metric import compile_question
from fairlead.analysis.question import Frame, Question
from fairlead.model.metrics import Metrics
from fairlead.record.engine import Reader
from fairlead.values import Grain, Period, periods, window_start
from tests.analysis.builds import reader_of, write_calendar

FIRST, AS_OF = date(2025, 1, 1), date(2025, 6, 20)
OPEN = {"from": "opportunity_day", "where": "is_open", "during": ["starts_on", "ends_on"]}
DICTIONARY = Metrics.model_validate({
    "measures": {
        "created": {"from": "opportunity", "count": "*", "at": "created_at"},
        "won": {"from": "opportunity", "count": "*", "where": "is_won", "at": "closed_at"},
        "closed": {"from": "opportunity", "count": "*", "where": "is_closed", "at": "closed_at"},
        "bookings": {"from": "opportunity", "sum": "amount_converted", "where": "is_won", "at": "closed_at"},
        "average_deal": {"from": "opportunity", "avg": "amount_converted", "where": "is_won", "at": "closed_at"},
        "median_deal": {"from": "opportunity", "median": "amount_converted", "where": "is_won", "at": "closed_at"},
        "largest_deal": {"from": "opportunity", "max": "amount_converted", "at": "closed_at"},
        "smallest_deal": {"from": "opportunity", "min": "amount_converted", "at": "closed_at"},
        "customers_won": {"from": "opportunity", "distinct": "account_id", "where": "is_won", "at": "closed_at"},
        "open_value": {**OPEN, "sum": "amount_converted"},
        "open_largest": {**OPEN, "max": "amount_converted"},
        "open_count": {**OPEN, "count": "*"},
        "spent": {"from": "spend", "sum": "amount_converted", "at": "day"},
    },
    "metrics": {
        "win_rate": {"ratio": ["won", "closed"], "unit": "percent"},
        "largest": {"measure": "largest_deal", "unit": "money"},
        "typical": {"measure": "median_deal", "unit": "money"},
        "average": {"measure": "average_deal", "unit": "money"},
        "value_won": {"measure": "bookings", "unit": "money"},
        "logos": {"measure": "customers_won", "unit": "count"},
        "open_pipeline": {"measure": "open_value", "unit": "money"},
        "return_on_spend": {"derived": "(bookings - spent) / spent", "unit": "ratio"},
        "win_rate_year": {"ratio": ["won", "closed"], "unit": "percent", "window": {"trailing": 3, "unit": "month"}},
        "logos_ever": {"measure": "customers_won", "unit": "count", "window": {"trailing": "ever"}},
        "smallest_recent": {"measure": "smallest_deal", "unit": "money", "window": {"trailing": 45, "unit": "day"}},
        "typical_recent": {"measure": "median_deal", "unit": "money", "window": {"trailing": 2, "unit": "month"}},
        "index": {"derived": "win_rate * 100 - win_rate_year * 100", "unit": "score"},
        "later": {"needs": ["a submission of forecasts"], "unit": "percent"},
    },
})  # fmt: skip

Deal = Mapping[str, Any]
SEGMENTS = {"a1": "smb", "a2": "enterprise", "a3": None}

days = st.integers(0, 200).map(lambda n: FIRST + timedelta(days=n))
deals = st.lists(
    st.tuples(
        days, st.none() | st.integers(0, 90), st.booleans(), st.integers(0, 10**7), st.sampled_from([*SEGMENTS, None])
    ),
    max_size=25,
)


def rows_of(drawn: Iterable[tuple[date, int | None, bool, int, str | None]]) -> list[dict[str, Any]]:
    rows = []
    for n, (created, after, won, cents, account) in enumerate(drawn):
        closed = created + timedelta(days=after) if after is not None else None
        rows.append({
            "id": f"d{n}", "account_id": account, "stage": "x", "amount_converted": Decimal(cents) / 100,
            "created_on": created, "closed_on": closed,
            "is_closed": closed is not None, "is_won": won and closed is not None,
        })  # fmt: skip
    return rows


def frame(grain: Grain | None, start: date = FIRST, end: date = AS_OF + timedelta(days=1)) -> Frame:
    return Frame(start, end, AS_OF, False, "America/New_York", 1, grain)


def ask(
    reader: Reader, metrics: Sequence[str], asked: Frame, by: tuple[str, ...] = (), where: str | None = None
) -> dict[tuple[Any, ...], Any]:
    rows = reader.rows(compile_question(DICTIONARY, Question(tuple(metrics), by, where, asked, {}))).to_pylist()
    found = {(row["metric"], row["period"], *(row[d] for d in by)): row["value"] for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calendar")
    write_calendar(folder)
    return folder / "mart" / "calendar.parquet"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, calendar: Path) -> Callable[..., Reader]:
    def make(**tables: Sequence[Mapping[str, Any]]) -> Reader:
        folder = tmp_path_factory.mktemp("build")
        (folder / "mart").mkdir()
        shutil.copy(calendar, folder / "mart" / "calendar.parquet")
        accounts = [{"id": key, "name": key, "segment": segment} for key, segment in SEGMENTS.items()]
        return reader_of(folder, **({"account": accounts, "spend": [], "opportunity_day": []} | tables))

    return make


def amounts(rows: Iterable[Deal]) -> list[Decimal]:
    return [row["amount_converted"] for row in rows]


def closed_in(rows: Iterable[Deal], start: date, end: date) -> list[Deal]:
    return [r for r in rows if r["closed_on"] and start <= r["closed_on"] < end and r["closed_on"] <= AS_OF]


def to_cents(value: Decimal | int) -> float:
    return round(float(value), 2)


def expected(rows: Sequence[Deal], period: Period) -> dict[str, float | None]:
    """What each metric is, worked out row by row."""
    now = closed_in(rows, period.start, period.end)
    won = [r for r in now if r["is_won"]]
    quarter = closed_in(rows, window_start(period.end, 3, "month"), period.end)
    year = closed_in(rows, window_start(period.end, 2, "month"), period.end)
    recent = closed_in(rows, period.end - timedelta(days=45), period.end)
    ever = closed_in(rows, date.min, period.end)
    rate = sum(r["is_won"] for r in now) / len(now) if now else None
    rate_year = sum(r["is_won"] for r in quarter) / len(quarter) if quarter else None
    won_year = [r for r in year if r["is_won"]]
    return {
        "win_rate": rate,
        "win_rate_year": rate_year,
        "index": None if rate is None or rate_year is None else rate * 100 - rate_year * 100,
        "value_won": to_cents(sum(amounts(won))),
        "largest": to_cents(max(amounts(now))) if now else None,
        "typical": to_cents(statistics.median(amounts(won))) if won else None,
        "average": to_cents(statistics.mean(amounts(won))) if won else None,
        "typical_recent": to_cents(statistics.median(amounts(won_year))) if won_year else None,
        "smallest_recent": to_cents(min(amounts(recent))) if recent else None,
        "logos": len({r["account_id"] for r in won} - {None}),
        "logos_ever": len({r["account_id"] for r in ever if r["is_won"]} - {None}),
        "later": None,
    }


@settings(max_examples=40)
@given(drawn=deals, grain=st.sampled_from([Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]))
def test_every_metric_is_what_a_walk_over_the_rows_gives(
    opened: Callable[..., Reader], drawn: Any, grain: Grain
) -> None:
    rows = rows_of(drawn)
    asked = frame(grain)
    found = ask(opened(opportunity=rows), tuple(expected(rows, asked.periods[0])), asked)
    for period in asked.periods:
        for name, value in expected(rows, period).items():
            got = found[name, period.name]
            assert got == (
                None
                if value is None
                else pytest.approx(value, abs=0.011 if name in ("average", "typical", "typical_recent") else 1e-9)
            ), (name, period)


@settings(max_examples=25)
@given(drawn=deals)
def test_segments_add_up_to_the_whole_and_nothing_fans_out(opened: Callable[..., Reader], drawn: Any) -> None:
    rows = rows_of(drawn)
    reader = opened(opportunity=rows)
    whole = ask(reader, ["created", "won", "bookings"], frame(Grain.MONTH))
    parts = ask(reader, ["created", "won", "bookings"], frame(Grain.MONTH), by=("segment",))
    for (metric, period), value in whole.items():
        cut = [v for (m, p, _), v in parts.items() if (m, p) == (metric, period)]
        assert sum(cut) == pytest.approx(value, abs=0.005)
    for period in frame(Grain.MONTH).periods:
        for segment in {SEGMENTS.get(r["account_id"]) for r in rows}:
            own = [r for r in closed_in(rows, period.start, period.end) if SEGMENTS.get(r["account_id"]) == segment]
            assert parts.get(("won", period.name, segment), 0) == sum(r["is_won"] for r in own)


@settings(max_examples=25)
@given(drawn=deals, floor=st.integers(0, 10**5))
def test_a_condition_keeps_the_rows_it_says(opened: Callable[..., Reader], drawn: Any, floor: int) -> None:
    rows = rows_of(drawn)
    reader = opened(opportunity=rows)
    where = f"amount_converted >= {floor} and segment = 'smb'"
    kept = [r for r in rows if r["amount_converted"] >= floor and SEGMENTS.get(r["account_id"]) == "smb"]
    assert ask(reader, ["created", "won", "closed"], frame(Grain.QUARTER), where=where) == ask(
        opened(opportunity=kept), ["created", "won", "closed"], frame(Grain.QUARTER)
    )


spans = st.lists(st.tuples(days, st.none() | st.integers(-3, 120), st.integers(0, 10**6), st.booleans()), max_size=15)


@settings(max_examples=30)
@given(drawn=spans, grain=st.sampled_from([Grain.WEEK, Grain.MONTH]))
def test_a_point_in_time_value_is_that_of_the_last_day_of_each_period(
    opened: Callable[..., Reader], drawn: Any, grain: Grain
) -> None:
    rows = [
        {"opportunity_id": f"d{n}", "starts_on": start,
         "ends_on": start + timedelta(days=long) if long is not None else None,
         "amount_converted": Decimal(cents) / 100, "is_open": is_open, "is_qualified": False, "is_won": False}
        for n, (start, long, cents, is_open) in enumerate(drawn)
    ]  # fmt: skip
    found = ask(opened(opportunity_day=rows), ["open_pipeline", "open_largest", "open_count"], frame(grain))
    for period in frame(grain).periods:
        last = min(period.end - timedelta(days=1), AS_OF)
        there = [
            r for r in rows if r["is_open"] and r["starts_on"] <= last and (r["ends_on"] is None or r["ends_on"] > last)
        ]
        assert found["open_pipeline", period.name] == pytest.approx(float(sum(amounts(there))), abs=0.005)
        assert found["open_largest", period.name] == (float(max(amounts(there))) if there else None)
        assert found["open_count", period.name] == len(there)


def test_e33_e63_e66_undefined_is_null_and_never_zero(opened: Callable[..., Reader]) -> None:
    found = ask(
        opened(opportunity=[]),
        ["win_rate", "average", "largest", "return_on_spend", "later", "won", "value_won"],
        frame(None),
    )
    (period,) = {period for _, period in found}
    assert {name: value for (name, _), value in found.items()} == {
        "win_rate": None, "average": None, "largest": None, "return_on_spend": None, "later": None,
        "won": 0, "value_won": 0,
    }  # fmt: skip
    assert period == "2025-01-01/2025-06-20"


def test_a_measure_that_no_source_gives_is_undefined_and_so_is_all_that_is_made_of_it(
    opened: Callable[..., Reader],
) -> None:
    reader = opened(opportunity=rows_of([(FIRST, 3, True, 5000, "a1")]))
    question = Question(("return_on_spend", "spent", "won"), (), None, frame(None), {"spent": "spend (no rows)"})
    rows = reader.rows(compile_question(DICTIONARY, question)).to_pylist()
    assert {row["metric"]: row["value"] for row in rows} == {"return_on_spend": None, "spent": None, "won": 1}


def test_metrics_of_two_tables_stand_side_by_side(opened: Callable[..., Reader]) -> None:
    spend = [{"id": "s1", "day": date(2025, 2, 3), "amount": Decimal(100), "amount_converted": Decimal(100)}]
    reader = opened(opportunity=rows_of([(FIRST, 40, True, 30000, "a1")]), spend=spend)
    found = ask(reader, ["return_on_spend", "bookings", "spent"], frame(Grain.MONTH))
    assert [found[m, "2025-02"] for m in ("return_on_spend", "bookings", "spent")] == [2.0, 300.0, 100.0]
    assert [found[m, "2025-03"] for m in ("return_on_spend", "bookings", "spent")] == [None, 0.0, 0.0]


def test_one_scan_answers_all_metrics_of_one_table_and_time(opened: Callable[..., Reader]) -> None:
    asked = Question(
        ("win_rate", "value_won", "average", "largest", "logos", "typical"), (), None, frame(Grain.WEEK), {}
    )
    sql = compile_question(DICTIONARY, asked).sql
    assert sql.count("FROM record.opportunity") == 1


def test_a_deleted_row_no_longer_counts_but_did_before(opened: Callable[..., Reader]) -> None:
    from datetime import UTC, datetime

    row = rows_of([(FIRST, 3, True, 5000, "a1")])[0] | {"deleted_at": datetime(2025, 3, 1, tzinfo=UTC)}
    reader = opened(opportunity=[row])
    assert set(ask(reader, ["won"], frame(None)).values()) == {0}
    earlier = Frame(FIRST, date(2025, 2, 1), date(2025, 1, 31), True, "America/New_York", 1, None)
    assert set(ask(reader, ["won"], earlier).values()) == {1}


def test_as_of_the_past_what_came_later_has_not_happened(opened: Callable[..., Reader]) -> None:
    created = {"from": "opportunity", "count": "*", "at": "created_at"}
    dictionary = Metrics.model_validate({
        "measures": {"won_of_created": {**created, "where": "is_won"},
                     "still_open": {**created, "where": "closed_on is null"}},
    })  # fmt: skip
    reader = opened(opportunity=rows_of([(date(2025, 1, 5), 60, True, 5000, "a1")]))
    for as_of, past, gives in (
        (AS_OF, False, [1, 0]),
        (date(2025, 3, 5), True, [0, 1]),
        (date(2025, 3, 6), True, [1, 0]),
    ):
        asked = Frame(FIRST, as_of + timedelta(days=1), as_of, past, "America/New_York", 1, None)
        rows = reader.rows(
            compile_question(dictionary, Question(("won_of_created", "still_open"), (), None, asked, {}))
        )
        assert rows["value"].to_pylist() == gives


def test_fiscal_quarters_and_years_are_the_companys(tmp_path: Path) -> None:
    write_calendar(tmp_path, fiscal_year_start=2)
    rows = rows_of([(date(2025, 1, 10), 10, True, 100, None), (date(2025, 1, 10), 30, True, 100, None)])
    reader = reader_of(tmp_path, opportunity=rows)
    asked = Frame(FIRST, AS_OF + timedelta(days=1), AS_OF, False, "America/New_York", 2, Grain.QUARTER)
    assert ask(reader, ["won"], asked) == {("won", "2025-Q4"): 1, ("won", "2026-Q1"): 1, ("won", "2026-Q2"): 0}


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(list(Grain)), st.integers(1, 12))
def test_periods_meet_without_gap_or_overlap(day: date, grain: Grain, start: int) -> None:
    found = periods(day, day + timedelta(days=500), grain, start)
    assert found[0].start <= day < found[0].end
    assert all(a.end == b.start for a, b in pairwise(found))
    assert len({p.name for p in found}) == len(found)


def test_a_half_cent_goes_up_as_in_the_split_of_a_change(opened: Callable[..., Reader]) -> None:
    """201 cents and 200 are 2.005 each on average, which a float holds as a little less."""
    for cents in (1, 201, 401, 1_005, 12_345, 99_999_999):
        both = [(FIRST, 1, True, cents, None), (FIRST, 1, True, 0, None)]
        reader = opened(opportunity=rows_of(both))
        found = ask(reader, ["average"], frame(Grain.YEAR))
        assert [Decimal(repr(value)) for value in found.values()] == [printed(Fraction(cents, 200), 2)]
