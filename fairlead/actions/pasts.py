"""Builds of earlier days for faces that cannot wait: is there one, make one in the background, how far is it.

`.fairlead/making/DAY.json` says how far the making of a day is. Whoever makes it holds a lock on that file, which
the operating system releases however the process ends: a page that is reloaded, in another process too, sees the
same, and a process that died is not waited for.
"""

import fcntl
import json
import threading
import time
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from fairlead.actions.asking import not_ahead, opened, published
from fairlead.actions.building import made_of_the_past, of_the_past
from fairlead.actions.days import Day, day_of
from fairlead.actions.laws import BAD_QUESTION, MAKING_ENDED, MANY_MAKING
from fairlead.analysis.metric import first_day
from fairlead.analysis.missing import missing
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, Severity, Where
from fairlead.record.lake import write_atomically
from fairlead.record.laws import BUILD_RUNNING
from fairlead.values import Progress
from fairlead.workspace import Workspace

MOST = 3  # made or waiting at once: each takes a processor and a place on the disk
PATIENCE = 600  # seconds to wait for somebody else's build to end
PAUSE = 1.0  # seconds between two looks whether it has
TRIES = 20  # at the file of a day: somebody who only looks holds it for an instant


class State(StrEnum):
    """Whether there is a build of a day."""

    READY = "ready"
    ABSENT = "absent"
    MAKING = "making"
    FAILED = "failed"


class Past(NamedTuple):
    """How it is with the build of `day`. While it is made `step` says what is done: `done` steps of `total`."""

    day: date
    state: State
    build: Path | None = None
    since: datetime | None = None
    step: str = ""
    done: int = 0
    total: int = 0
    problems: tuple[Problem, ...] = ()


def day_asked(workspace: Workspace, asked: Day, *, now: datetime | None = None) -> date:
    """The day a person asks for, as a day or a period; raises Refused for no day, and for one that lies ahead."""
    day = day_of(asked, workspace.config.fiscal_year_start, last=True)
    if day is None:
        raise Refused([BAD_QUESTION.broken(f"'{asked}' is no day and no period.")])
    not_ahead(workspace, day, now or datetime.now(UTC))
    return day


def past(workspace: Workspace, day: date, *, now: datetime | None = None) -> Past:
    """How it is with the build that answers as of `day`. Makes nothing; raises Refused where none could be made."""
    build = published(workspace)
    if day >= opened(build).as_of:
        return Past(day, State.READY, build)
    made = made_of_the_past(workspace, None, day, now=now or datetime.now(UTC))
    if made is not None:
        return Past(day, State.READY, made)
    first = _first_day(build, workspace.model)
    if first and day < first:
        hint = f"Ask as of {first} or later."
        raise Refused(
            [BAD_QUESTION.broken(f"Nothing is known before {first}, the first day of the record.", hint=hint)]
        )
    return _told(_file(workspace, day), day)


@lru_cache(maxsize=8)
def _first_day(build: Path, model: Model) -> date | None:
    """The first day that any measure of the dictionary counts something on; None for an empty record."""
    open_build, names = opened(build), tuple(model.metrics.measures)
    absent = missing(model.metrics, names, open_build.supply)
    found: date | None = open_build.reader.rows(first_day(model.metrics, names, absent)).column(0)[0].as_py()
    return found


def make(workspace: Workspace, day: date, *, now: datetime | None = None) -> Past:
    """Begin to make the build of `day` in the background; one that is being made, or is there, is left alone."""
    now = now or datetime.now(UTC)
    found = past(workspace, day, now=now)
    if found.state in (State.READY, State.MAKING):
        return found
    file = _file(workspace, day)
    file.parent.mkdir(parents=True, exist_ok=True)
    making = [path for path in file.parent.glob("*.json") if _told(path, day).state is State.MAKING]
    if len(making) >= MOST:
        raise Refused([MANY_MAKING.broken(f"{len(making)} builds of earlier days are being made already.")])
    lock = _locked(file)
    if lock is None:
        return past(workspace, day, now=now)
    _write(file, now, "starting", 0, 0)
    threading.Thread(target=_make, args=(workspace, day, now, lock), name=f"make {day}", daemon=True).start()
    return _told(file, day)


def _make(workspace: Workspace, day: date, now: datetime, lock: IO[str]) -> None:
    """Make the build and take the note away; when it cannot be made, the note says why."""
    file = _file(workspace, day)

    def progress(what: str, done: int, total: int) -> None:
        _write(file, now, what, done, total)

    with lock:  # until the note says how it ended
        try:
            _wait_for_turn(workspace, day, now, progress)
            file.unlink(missing_ok=True)
        except Refused as refused:
            _write(file, now, "", 0, 0, refused.problems)
        except Exception as failed:
            said = MAKING_ENDED.broken(f"Making it ended with: {type(failed).__name__}: {failed}.")
            _write(file, now, "", 0, 0, (said,))
            raise


def _wait_for_turn(workspace: Workspace, day: date, now: datetime, progress: Progress) -> None:
    """One process builds at a time: wait for whoever does, as long as patience lasts."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            of_the_past(workspace, None, day, now=now, progress=progress)
        except Refused as refused:
            if refused.problems[0].code != BUILD_RUNNING.code or time.monotonic() > until:
                raise
            progress(f"waiting: {refused.problems[0].message}", 0, 0)
            time.sleep(PAUSE)
        else:
            return


def _told(file: Path, day: date) -> Past:
    """What the note of a day says; a note that nobody holds and that tells of no problem was left by the dead."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return Past(day, State.ABSENT)
    problems = tuple(_problem(one) for one in said["problems"])
    since = datetime.fromisoformat(said["since"])
    if problems:
        return Past(day, State.FAILED, since=since, problems=problems)
    if _held(file):
        return Past(day, State.MAKING, None, since, said["step"], said["done"], said["total"])
    ended = MAKING_ENDED.broken("The process that made it ended before it was done.")
    return Past(day, State.FAILED, since=since, problems=(ended,))


def _file(workspace: Workspace, day: date) -> Path:
    return workspace.lake.root / "making" / f"{day.isoformat()}.json"


def _locked(file: Path) -> IO[str] | None:
    """The right to make a day, or None when somebody else has it."""
    lock = file.with_suffix(".lock").open("a")
    for _ in range(TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return lock
    lock.close()
    return None


def _held(file: Path) -> bool:
    """Whether somebody is making the day of this note."""
    with file.with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _write(  # noqa: PLR0913, PLR0917 - the note's lines
    file: Path, since: datetime, step: str, done: int, total: int, problems: tuple[Problem, ...] = ()
) -> None:
    told = {"since": since.isoformat(), "step": step, "done": done, "total": total, "problems": list(problems)}
    write_atomically(file, json.dumps(told, default=str))


def _problem(parts: list[Any]) -> Problem:
    code, severity, where, message, hint = parts
    return Problem(code, Severity(severity), Where(*where) if where else None, message, hint)
