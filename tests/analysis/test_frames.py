"""Any frame of time: cut in the middle of a period, asked of the past, of a fiscal year that starts in any month.

Against a walk over the rows. The dictionary mixes what counts in a period, what looks back from its end, what stands
at its end, and what divides one by the other, because a number made of parts that end on different days is wrong.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fairlead.analysis.metric import compile_question
from fairlead.analysis.question import Frame, Question
from fairlead.model.metrics import Metrics
from fairlead.record.engine import Reader
from fairlead.values import Grain
from tests.analysis.builds import reader_of, write_calendar

BUILT = date(2025, 3, 31)
OPEN = {"from": "opportunity_day", "where": "is_open", "during": ["starts_on", "ends_on"]}
WON = {"from": "opportunity", "where": "is_won", "at": "closed_at"}
DICTIONARY = Metrics.model_validate({
    "measures": {
        "won": {**WON, "count": "*"}, "bookings": {**WON, "sum": "amount_converted"},
        "customers": {**WON, "distinct": "account_id"},
        "closed": {"from": "opportunity", "count": "*", "at": "closed_at"},
        "open_value": {**OPEN, "sum": "amount_converted"}, "open_accounts": {**OPEN, "distinct": "account_id"},
    },
    "metrics": {
        "win_rate": {"ratio": ["won", "closed"], "unit": "percent"},
        "rate_of_two_months": {"ratio": ["won", "closed"], "unit": "percent", "window": {"trailing": 2}},
        "customers_of_a_quarter": {
            "measure": "customers", "unit": "count", "window": {"trailing": 1, "unit": "quarter"},
        },
        "customers_ever": {"measure": "customers", "unit": "count", "window": {"trailing": "ever"}},
        "bookings_of_45_days": {"measure": "bookings", "unit": "money", "window": {"trailing": 45, "unit": "day"}},
        "coverage": {"derived": "open_value / bookings_of_45_days", "unit": "ratio"},
        "change": {"derived": "win_rate - rate_of_two_months", "unit": "ratio"},
    },
})  # fmt: skip
NAMES = (*DICTIONARY.metrics, *DICTIONARY.measures)
MEMBERS = {"m1": "North", "m2": "South", "m3": None}
ACCOUNTS = {"a1": ("smb", "m1"), "a2": ("enterprise", "m2"), "a3": (None, "m3"), "a4": ("smb", None)}
AMOUNTS = [Decimal(n) for n in ("0", "-250.55", "0.01", "1000", "99999999999.99", "-99999999999.98")]
CUTS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "segment": lambda row: ACCOUNTS[row["account_id"]][0] if row["account_id"] else None,
    "account.owner.team": lambda row: MEMBERS.get(ACCOUNTS.get(row["account_id"], ("", ""))[1] or ""),
    "owner.team": lambda row: MEMBERS.get(row["owner_id"] or ""),
}


def drawn(chance: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    def day() -> date:
        return date(2023, 10, 20) + timedelta(days=chance.randint(0, 540))

    def who() -> dict[str, Any]:
        return {"account_id": chance.choice([*ACCOUNTS, None]), "owner_id": chance.choice([*MEMBERS, None]),
                "amount_converted": chance.choice([*AMOUNTS, None])}  # fmt: skip

    deals = [{"id": f"d{n}", "stage": "x", "created_on": date(2023, 1, 1), "closed_on": day(), "is_closed": True,
              "is_won": chance.random() < 0.5, **who()} for n in range(60)]  # fmt: skip
    ends = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 12, 31), date(2025, 2, 28), date(2025, 4, 20)]
    deals += [deals[0] | {"id": f"e{n}", "closed_on": end, "is_won": True} for n, end in enumerate(ends)]
    states = []
    for n in range(40):
        start = day()
        end = start + timedelta(days=chance.randint(0, 120)) if chance.random() < 0.7 else None
        states.append({"opportunity_id": f"d{n}", "starts_on": start, "ends_on": end, "is_open": chance.random() < 0.8,
                       "is_qualified": False, "is_won": False, **who()})  # fmt: skip
    return deals, states


def back(end: date, months: int) -> date:
    """The day `months` before the first day left out, or that month's last when it is shorter."""
    index = end.year * 12 + end.month - 1 - months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + timedelta(days=end.day - 1), following - timedelta(days=1))


def name_of(day: date, grain: Grain | None, fiscal: int, frame: Frame) -> str:
    months = (day.month - fiscal) % 12
    year = day.year if fiscal == 1 or day.month < fiscal else day.year + 1
    week = day.isocalendar()
    return {
        None: f"{frame.start}/{frame.end - timedelta(days=1)}", Grain.DAY: str(day), Grain.MONTH: f"{day:%Y-%m}",
        Grain.WEEK: f"{week.year}-W{week.week:02}", Grain.QUARTER: f"{year}-Q{months // 3 + 1}", Grain.YEAR: f"{year}",
    }[grain]  # fmt: skip


def values(deals: Sequence[Any], states: Sequence[Any], first: date, last: date, whole_end: date) -> dict[str, Any]:
    """Every number of a period whose days from `first` to `last` count, and which would end before `whole_end`."""

    def closed(since: date) -> list[Any]:
        return [d for d in deals if since <= d["closed_on"] <= last]

    def won(since: date) -> list[Any]:
        return [d for d in closed(since) if d["is_won"]]

    def total(rows: Iterable[Any]) -> Decimal:
        return sum((r["amount_converted"] for r in rows if r["amount_converted"] is not None), Decimal(0))

    def logos(rows: Iterable[Any]) -> int:
        return len({r["account_id"] for r in rows} - {None})

    def over(a: Any, b: Any) -> float | None:
        return float(a) / float(b) if b else None

    there = [s for s in states if s["is_open"] and s["starts_on"] <= last and (not s["ends_on"] or s["ends_on"] > last)]
    recent = total(won(whole_end - timedelta(days=45)))
    two = back(whole_end, 2)
    rate, rate_two = over(len(won(first)), len(closed(first))), over(len(won(two)), len(closed(two)))
    return {
        "won": len(won(first)), "closed": len(closed(first)), "bookings": float(total(won(first))),
        "customers": logos(won(first)), "open_value": float(total(there)), "open_accounts": logos(there),
        "win_rate": rate, "rate_of_two_months": rate_two, "customers_of_a_quarter": logos(won(back(whole_end, 3))),
        "customers_ever": logos(won(date.min)), "bookings_of_45_days": float(recent),
        "coverage": over(total(there), recent), "change": None if rate is None or rate_two is None else rate - rate_two,
    }  # fmt: skip


def expected(deals: Sequence[Any], states: Sequence[Any], frame: Frame, fiscal: int) -> dict[tuple[str, str], Any]:
    over = min(frame.end, frame.as_of + timedelta(days=1))
    days = [frame.start + timedelta(days=n) for n in range((frame.end - frame.start).days)]
    found: dict[tuple[str, str], Any] = {}
    for name in dict.fromkeys(name_of(day, frame.grain, fiscal, frame) for day in days):
        own = [day for day in days if name_of(day, frame.grain, fiscal, frame) == name]
        end = frame.end
        if frame.grain is not None:
            end = own[-1]
            while name_of(end, frame.grain, fiscal, frame) == name:
                end += timedelta(days=1)
        last = min(own[-1], over - timedelta(days=1))
        for metric, value in values(deals, states, own[0], last, end).items():
            found[metric, name] = value
    return found


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Path]:
    folders = {fiscal: tmp_path_factory.mktemp("fiscal") for fiscal in (1, 2, 10)}
    for fiscal, folder in folders.items():
        write_calendar(folder, fiscal)
    return folders


@pytest.mark.parametrize("seed", range(4))
def test_e27_e55_any_frame_of_time_is_cut_as_a_walk_over_the_rows_cuts_it(
    calendars: Mapping[int, Path], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    deals, states = drawn(chance)
    fiscal = chance.choice(list(calendars))
    (tmp_path / "mart").mkdir()
    (tmp_path / "mart" / "calendar.parquet").write_bytes((calendars[fiscal] / "mart" / "calendar.parquet").read_bytes())
    accounts = [{"id": key, "name": key, "segment": s, "owner_id": owner} for key, (s, owner) in ACCOUNTS.items()]
    members = [{"id": key, "name": key, "team": team} for key, team in MEMBERS.items()]
    reader = reader_of(tmp_path, opportunity=deals, opportunity_day=states, account=accounts, member=members)
    for grain in (*Grain, None):
        start = date(2023, 11, 1) + timedelta(days=chance.randint(0, 300))
        end = start + timedelta(days=chance.randint(1, 40 if grain is Grain.DAY else 420))
        as_of = chance.choice([BUILT, end - timedelta(days=1), end + timedelta(days=20)])
        frame = Frame(start, min(end, as_of + timedelta(days=1)), as_of, False, "Europe/Berlin", fiscal, grain)
        assert_same(ask(reader, frame), expected(deals, states, frame, fiscal))
        for name, cut in CUTS.items():
            parts = ask(reader, frame, name)
            for member in {cut(row) for row in (*deals, *states)}:
                right = expected(
                    [d for d in deals if cut(d) == member], [s for s in states if cut(s) == member], frame, fiscal
                )
                own = {key[:2]: value for key, value in parts.items() if key[2] == member}
                if own:
                    assert_same(own, right)
                else:
                    assert not any(right.values())


def ask(reader: Reader, frame: Frame, by: str | None = None) -> dict[tuple[Any, ...], Any]:
    question = Question(NAMES, (by,) if by else (), None, frame, {})
    rows = reader.rows(compile_question(DICTIONARY, question)).to_pylist()
    found = {(r["metric"], r["period"], *([r[by]] if by else [])): r["value"] for r in rows}
    assert len(found) == len(rows)
    return found


def assert_same(found: Mapping[Any, Any], right: Mapping[Any, Any]) -> None:
    assert found.keys() == right.keys()
    for key, value in right.items():
        assert found[key] == (None if value is None else pytest.approx(value, rel=1e-12, abs=1e-9)), key


def test_e81_an_answer_that_came_later_had_not_come(calendars: Mapping[int, Path], tmp_path: Path) -> None:
    """Asked of the past, how long an answer took is as unknown as that it came."""
    (tmp_path / "mart").mkdir()
    (tmp_path / "mart" / "calendar.parquet").write_bytes((calendars[1] / "mart" / "calendar.parquet").read_bytes())
    day = date(2025, 1, 10)
    people = [
        {"id": f"p{n}", "mql_on": day, "first_response_on": day + timedelta(days=n), "response_minutes": 1440.0 * n}
        for n in (0, 1, 20)
    ]
    dictionary = Metrics.model_validate(
        {"measures": {"slowest": {"from": "facts_person", "max": "response_minutes", "at": "mql_at"}}}
    )
    reader = reader_of(tmp_path, facts_person=people)
    for as_of, past, slowest in ((BUILT, False, 28800.0), (date(2025, 1, 15), True, 1440.0)):
        asked = Frame(day, day + timedelta(days=1), as_of, past, "UTC", 1, None)
        question = Question(("slowest",), (), None, asked, {})
        assert reader.rows(compile_question(dictionary, question))["value"].to_pylist() == [slowest]
