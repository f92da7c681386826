"""Builds of earlier days made in the background: every state, the lock of somebody else, and what the dead leave."""

import fcntl
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fairlead.actions import pasts
from fairlead.actions.pasts import Past, State, make, past
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import small_company, synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
DAY = date(2026, 2, 28)


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return synced_company(tmp_path / "small", now=NOW)


def until(state: State, workspace: Workspace, day: date = DAY) -> Past:
    """Wait for a state; a making takes about a second."""
    for _ in range(600):
        found = past(workspace, day, now=NOW)
        if found.state is state:
            return found
        time.sleep(0.05)
    raise AssertionError(f"still {found}")


def note(workspace: Workspace) -> Path:
    return workspace.lake.root / "making" / f"{DAY}.json"


def test_a_day_from_the_published_build_s_on_is_ready(company: Workspace) -> None:
    assert past(company, date(2026, 3, 31), now=NOW) == Past(date(2026, 3, 31), State.READY, company.lake.current())


def test_an_earlier_day_is_absent_until_it_is_made(company: Workspace) -> None:
    published = company.lake.current()
    assert past(company, DAY, now=NOW).state is State.ABSENT
    assert past(company, DAY, now=NOW).state is State.ABSENT  # asking makes nothing
    begun = make(company, DAY, now=NOW)
    assert begun.state in (State.MAKING, State.READY)
    ready = until(State.READY, company)
    assert ready.build
    assert json.loads((ready.build / "build.json").read_text())["as_of"] == str(DAY)
    assert company.lake.current() == published
    assert not note(company).exists()
    assert make(company, DAY, now=NOW) == ready


def test_while_somebody_else_builds_it_waits_and_says_for_whom(
    company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pasts, "PAUSE", 0.02)
    with company.lake.building(NOW):
        assert make(company, DAY, now=NOW).state is State.MAKING
        waiting = _first(lambda: past(company, DAY, now=NOW), lambda found: "waiting" in found.step)
        assert "is building here" in waiting.step
        assert make(company, DAY, now=NOW).state is State.MAKING  # a second click starts nothing
        assert sum(thread.name == f"make {DAY}" for thread in threading.enumerate()) == 1
    until(State.READY, company)


def test_patience_ends(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasts, "PATIENCE", -1)
    with company.lake.building(NOW):
        make(company, DAY, now=NOW)
        failed = until(State.FAILED, company)
    assert [p.code for p in failed.problems] == ["build-running"]
    make(company, DAY, now=NOW)
    until(State.READY, company)


def test_what_cannot_be_made_says_why(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Path:
        raise OSError("No space left on device")

    monkeypatch.setattr(pasts, "of_the_past", broken)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    make(company, DAY, now=NOW)
    failed = until(State.FAILED, company)
    assert [p.code for p in failed.problems] == ["making-ended"]
    assert "No space left on device" in failed.problems[0].message


def test_a_process_that_died_is_not_waited_for(company: Workspace) -> None:
    note(company).parent.mkdir(parents=True)
    note(company).write_text(
        json.dumps({"since": NOW.isoformat(), "step": "reading deal", "done": 3, "total": 9, "problems": []})
    )
    failed = past(company, DAY, now=NOW)
    assert (failed.state, failed.problems[0].code) == (State.FAILED, "making-ended")
    with note(company).with_suffix(".lock").open("a") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        making = past(company, DAY, now=NOW)
        assert (making.state, making.step, making.done, making.total) == (State.MAKING, "reading deal", 3, 9)
    make(company, DAY, now=NOW)
    until(State.READY, company)


def test_only_so_many_are_made_at_once(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pasts, "PAUSE", 0.02)
    days = [date(2026, 2, day) for day in range(1, 5)]
    with company.lake.building(NOW):
        for day in days[:3]:
            make(company, day, now=NOW)
        with pytest.raises(Refused, match="many-making"):
            make(company, days[3], now=NOW)
    for day in days[:3]:
        until(State.READY, company, day)


def test_before_the_first_build_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no-build"):
        past(small_company(tmp_path / "fresh"), DAY, now=NOW)


def _first(look: Callable[[], Past], wanted: Callable[[Past], bool]) -> Past:
    for _ in range(300):
        if wanted(found := look()):
            return found
        time.sleep(0.02)
    raise AssertionError(f"still {found}")
