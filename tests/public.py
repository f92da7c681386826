"""Public data sets that tests run on where they are there: never part of the repository, never expected results."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("FAIRLEAD_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")


def public(name: str) -> Path:
    """The folder of one data set; skips the test, saying so, where it is not there."""
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"the public data {name} is not in {FOLDER}")
    return folder
