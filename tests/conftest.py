"""What every test shares: no test fails for being run on a busy machine, and one demo company is made for all."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from fairlead.actions.syncing import sync
from fairlead.demo import write
from fairlead.workspace import open_workspace

SCALE = 0.06  # of the demo company: small enough to be made for every run

settings.register_profile("fairlead", deadline=None)
settings.load_profile("fairlead")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser takes longest; begun first, it is not what the others wait for at the end."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(scope="session")
def halyard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company, small, synced once: made by the first process that asks, and a copy for each."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    shelf = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    made = shelf / "halyard"
    with (shelf / "halyard.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shelf / "halyard.done").exists():
            write(made, scale=SCALE)
            sync(open_workspace(made))
            (shelf / "halyard.done").touch()
    own = tmp_path_factory.mktemp("company") / "halyard"
    shutil.copytree(made, own)
    return own
