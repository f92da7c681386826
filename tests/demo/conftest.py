"""One small demo company, written and synced once."""

from pathlib import Path
from typing import NamedTuple

import pytest

from fairlead.actions.building import Built, builds
from fairlead.workspace import Workspace, open_workspace


@pytest.fixture(scope="session")
def demo(halyard: Path) -> Path:
    return halyard


class Running(NamedTuple):
    folder: Path
    workspace: Workspace
    build: Built


@pytest.fixture(scope="session")
def running(demo: Path) -> Running:
    workspace = open_workspace(demo)
    (build,) = (one for one in builds(workspace) if one.is_current)
    return Running(demo, workspace, build)
