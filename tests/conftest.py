"""What every test shares: no test fails for being run on a busy machine, and one demo company is made for all."""

import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from fairlead.actions.syncing import sync
from fairlead.demo import write
from fairlead.workspace import open_workspace
from tests.shelf import from_shelf, stands_in

ROOT = Path(__file__).parents[1]
SCALE = 0.06  # of the demo company: small enough to be made for every run
BEGUN = ("test_axe.py", "test_killed.py")

settings.register_profile("fairlead", deadline=None)
settings.load_profile("fairlead")


def pytest_configure() -> None:
    """Where Python may write nothing beside the code, it writes what it compiles elsewhere.

    The workers and the many processes that tests start would else compile every module again: a second each.
    """
    gc.set_threshold(1_000_000, 10, 10)  # what is imported to collect the tests stays: half that time went into gc
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None) and "PYTHONPYCACHEPREFIX" not in os.environ:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".pytest_cache" / "compiled")


def pytest_collection_finish() -> None:
    """What has been imported by now stays: the collector need not look through it again."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser takes longest; begun first, it is not what the others wait for at the end.

    Of the workers one begins with what makes the demo company, another with what needs none and lasts as long.
    """
    begun = {name: place for place, name in enumerate(BEGUN)}
    items.sort(key=lambda item: (begun.get(item.path.name, len(BEGUN)), item.get_closest_marker("browser") is None))


@pytest.fixture(scope="session", autouse=True)
def shelf(tmp_path_factory: pytest.TempPathFactory) -> None:
    stands_in(tmp_path_factory)


@pytest.fixture(scope="session")
def halyard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company, small, synced once: made by the first process that asks, and a copy for each."""

    def make(folder: Path) -> None:
        write(folder, scale=SCALE)
        sync(open_workspace(folder))

    return from_shelf("halyard", make, tmp_path_factory.mktemp("company") / "halyard")
