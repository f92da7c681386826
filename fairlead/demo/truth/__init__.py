"""What is true about the demo company: truth/metrics.csv, planted.csv, leaks.csv, clocks.csv and README.md.

Worked out from the simulation's own arrays with numpy; nothing here reads an export, the record or its SQL.
"""

from pathlib import Path

from fairlead.demo.faults import Faults
from fairlead.demo.truth import clocks, leaks, planted, values
from fairlead.demo.world import World


def write(folder: Path, world: World, faults: Faults) -> None:
    """Write the five files of truth."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = planted.write(folder / "planted.csv", world, faults)
    values.write(folder / "metrics.csv", world, faults)
    leaks.write(folder / "leaks.csv", world)
    clocks.write(folder / "clocks.csv", world)
    (folder / "README.md").write_text(planted.readme(counts))
