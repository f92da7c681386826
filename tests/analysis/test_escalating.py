"""Who hears of a clock: each step once, whoever is away, and whatever run was missed."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.calendar import Hours
from fairlead.analysis.escalating import Moved, Running, Step, events
from fairlead.analysis.hearing import around, running
from fairlead.analysis.policies import Era, versions
from tests.analysis.clocked import Clocked, calendars, model
from tests.analysis.worlds import h, week

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LADDER = ("owner", "manager", "queue", "council")


def hours(count: float) -> datetime:
    return MONDAY + timedelta(hours=count)


def clock(*steps: Step, stopped: datetime | None = None, owner: str | None = "alice") -> Running:
    return Running("answer", "ada", 1, owner, stopped, steps)


STEPS = tuple(Step("escalation", n, hours(n), to) for n, to in enumerate(LADDER, 1))


@given(st.lists(st.integers(0, 300), min_size=2, max_size=12), st.integers(0, 290))
def test_e86_however_runs_are_missed_each_step_fires_once(runs: list[int], stopped: int) -> None:
    """Runs at any minutes, each from where the last one ended, tell what one run over all of the time tells."""
    ran_clock = clock(*STEPS, stopped=MONDAY + timedelta(minutes=stopped))
    moments = [MONDAY + timedelta(minutes=m) for m in sorted({0, *runs, 300})]
    found = [event for since, until in pairwise(moments) for event in events([ran_clock], since, until)]
    assert found == list(events([ran_clock], moments[0], moments[-1]))
    assert [event.number for event in found] == [n for n in (1, 2, 3, 4) if n * 60 < stopped]


def test_e85_the_same_step_has_the_same_id_after_a_restart() -> None:
    """Asked again over the same stretch, a step that moved within it, or an owner who changed, is the same event."""
    first = events([clock(*STEPS)], MONDAY, hours(5))
    moved = [step._replace(at=step.at + timedelta(minutes=5)) for step in STEPS]
    again = events([clock(*moved, owner="bob")], MONDAY, hours(5))
    assert [event.id for event in first] == [event.id for event in again]
    assert len({event.id for event in first}) == len(STEPS)


def test_e85_while_everyone_is_away_it_goes_up_to_the_queue() -> None:
    (event,) = events([clock(STEPS[0])], MONDAY, hours(1), away=lambda _to, _owner, _at: True)
    assert (event.to, event.passed_over) == ("queue", ("owner", "manager"))


def test_e85_only_whoever_is_away_is_passed_over() -> None:
    (event,) = events(
        [clock(STEPS[0])], MONDAY, hours(1), away=lambda to, owner, _at: (to, owner) == ("owner", "alice")
    )
    assert (event.to, event.passed_over) == ("manager", ("owner",))
    (role,) = events(
        [clock(STEPS[0]._replace(to="vp_sales"))], MONDAY, hours(1), away=lambda to, _owner, _at: to == "vp_sales"
    )
    assert (role.to, role.passed_over) == ("queue", ("vp_sales",))


def test_a_clock_that_nobody_owns_tells_the_manager() -> None:
    (event,) = events([clock(STEPS[0], owner=None)], MONDAY, hours(1))
    assert (event.to, event.passed_over) == ("manager", ("owner",))


def test_e77_each_step_is_for_whoever_owns_it_when_the_step_comes() -> None:
    """Bob has it from the very second step on, and nobody from before the fourth on."""
    handed = clock(*STEPS)._replace(moves=(Moved(hours(2), "bob"), Moved(hours(3.5), None)))
    told = events([handed], MONDAY, hours(5))
    assert [event.owner_id for event in told] == ["alice", "bob", "bob", None]
    asked: list[tuple[str, str | None]] = []

    def there(to: str, owner: str | None, _at: datetime) -> bool:
        asked.append((to, owner))
        return False

    events([handed], MONDAY, hours(5), away=there)
    assert asked == [("owner", "alice"), ("manager", "bob")]
    mine = handed._replace(steps=(STEPS[0]._replace(at=hours(4)),))
    (event,) = events([mine], MONDAY, hours(5))
    assert (event.to, event.passed_over) == ("manager", ("owner",))  # nobody owns it any more


def test_nothing_fires_once_it_has_stopped() -> None:
    assert events([clock(*STEPS, stopped=hours(1))], MONDAY, hours(9)) == ()


POLICY = {
    "starts": "mql_at",
    "stops": "sal_at",
    "limits": {"all": {"within": "4 working hours"}},
    "warn_at": ["50%", "30 minutes"],
    "escalation": [
        {"after": "1 working hour", "to": "owner"},
        {"after": "1 hour", "to": "queue", "action": "Take it."},
    ],
}


def test_the_moments_of_a_clock_are_counted_in_its_calendar() -> None:
    """From 16:00 with four working hours: due at 12:00, warned at 10:00 and 11:30, told an hour after either way."""
    agreed = model({"answer": POLICY}, calendars(Hours("UTC", week("09:00-12:00", "13:00-17:00"))))
    (version,) = versions([Era(None, agreed)])
    start, due = datetime(2026, 3, 2, 16, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)
    row = {
        "policy": "answer", "version": version.digest, "limit_name": "all", "calendar": "cal@UTC", "subject_id": "ada",
        "cycle": 1, "owner_id": "alice", "started_at": start, "due_at": due, "stopped_at": None,
    }  # fmt: skip
    kinds = {"cycle": pa.int64()} | {name: pa.timestamp("us", "UTC") for name in row if name.endswith("_at")}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in row])
    (found,) = running(pa.Table.from_pylist([row], schema), [version], agreed.calendars)
    told = {(step.kind, step.number): step.at.strftime("%d %H:%M") for step in found.steps}
    assert told == {
        ("warning", 1): "03 10:00", ("warning", 2): "03 11:30", ("escalation", 1): "03 14:00",
        ("escalation", 2): "03 13:00",
    }  # fmt: skip
    last, following = around(found, due + timedelta(hours=1))
    assert last is not None
    assert following is not None
    assert (last.number, following.number, following.to) == (2, 1, "owner")
    assert around(found, due + timedelta(days=9))[1] is None


UNEVEN = (h("09:00-17:00"), h("09:00-16:00"), h("08:00-12:00"), h("10:00-15:30"), h("09:00-17:00"), (), ())
POINTS = {"half": ["50%"], "parts": ["75%", "20%"], "mixed": ["90%", "3 hours"], "beyond": ["300 hours"]}


@pytest.mark.parametrize("within", ["1.35 working days", "26 hours"])
def test_the_first_warning_is_the_one_that_the_mart_tells_of(within: str) -> None:
    """Of starts all over two weeks, to the microsecond, by day and night, and of a warning longer than the limit.

    That one comes when the limit begins to run.
    """
    points = json.loads(json.dumps(POINTS).replace("hours", "working hours" if "working" in within else "hours"))
    agreed = model(
        {name: POLICY | {"limits": {"all": {"within": within}}, "warn_at": said} for name, said in points.items()},
        calendars(Hours("UTC", UNEVEN)),
    )
    starts = [MONDAY + timedelta(seconds=7919 * n, microseconds=104_729 * n % 1_000_000) for n in range(150)]
    leads = [{"id": f"lead{n}", "mql_at": at, "owner_id": "alice"} for n, at in enumerate(starts)]
    made = Clocked([Era(None, agreed)], MONDAY + timedelta(days=60), person=leads)
    table = made.connection.sql("SELECT * FROM mart.clock").to_arrow_table()
    rows = {(row["policy"], row["subject_id"]): row for row in table.to_pylist()}
    heard = running(table, versions([Era(None, agreed)]), agreed.calendars)
    first = {
        (one.policy, one.subject_id): min(step.at for step in one.steps if step.kind == "warning") for one in heard
    }
    assert first == {key: row["warn_at"] for key, row in rows.items()}
    assert len(first) == len(starts) * len(POINTS)
    at_once = {key for key, row in rows.items() if first[key] == row["runs_from"]}
    assert at_once == {key for key in rows if key[0] == "beyond"}
