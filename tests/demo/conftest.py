"""One small demo company, written once; and the same one synced."""

from pathlib import Path
from typing import NamedTuple

import pytest

from fairlead.actions.syncing import Synced, sync
from fairlead.demo import write
from fairlead.workspace import Workspace, open_workspace

SCALE = 0.06


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "halyard"
    write(folder, scale=SCALE)
    return folder


class Running(NamedTuple):
    folder: Path
    workspace: Workspace
    synced: Synced


@pytest.fixture(scope="session")
def running(demo: Path) -> Running:
    workspace = open_workspace(demo)
    return Running(demo, workspace, sync(workspace))
