"""Mappings tried against what was landed, in the background: it takes seconds, and a page that waits says so."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Lock

from fairlead.actions.supplying import Supply, supplies
from fairlead.desk.grounds import grounds
from fairlead.workspace import Workspace

AT_ONCE = 0.2  # seconds a page waits for what may be done at once
TRIED: dict[tuple[str, ...], "Future[tuple[Supply, ...]]"] = {}  # the newest trial, by what it rests on
LOCK = Lock()
POOL = ThreadPoolExecutor(1, "try the mappings")  # has no thread before the first trial, so that it may be forked


def is_done(workspace: Workspace) -> bool:
    """Whether every mapping was tried as it is now, so that the verb answers at once; begins to, where nobody has.

    Raises Refused where it could not be tried, and tries anew the next time.
    """
    on = grounds(workspace, datetime.now(UTC), past=True)
    with LOCK:
        if on not in TRIED:
            TRIED.clear()
            TRIED[on] = POOL.submit(supplies, workspace, tried=True)
        trial = TRIED[on]
    done = trial in wait([trial], AT_ONCE).done
    if done and trial.exception():
        with LOCK:
            TRIED.pop(on, None)
        trial.result()
    return done
