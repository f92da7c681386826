"""A lake for each test."""

from pathlib import Path

import pytest

from fairlead.record.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / ".fairlead")
