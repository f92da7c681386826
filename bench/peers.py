"""Other people's packages to measure against, each set in an environment of its own, apart from Fairlead's."""

import hashlib
import subprocess
import sys
import tempfile
import venv
from functools import cache
from pathlib import Path


@cache
def python_with(*requirements: str) -> Path | None:
    """A Python that has these packages at these versions; made once and kept in the folder for temporary files.

    None when they cannot be installed, as on a machine without a network.
    """
    name = hashlib.sha256("\n".join((*requirements, sys.version)).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"fairlead-bench-{name}"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            return None
        done.touch()
    return python
