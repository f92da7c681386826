"""Building: what a row costs must not depend on how many there are."""

import json
import shutil

from bench.demos import written
from bench.figure import SCALE, Figure
from bench.process import fairlead


def per_row(scale: float, times: int) -> tuple[float, int]:
    """Seconds per row of building a demo company of this size, the best of some builds, and its rows.

    Only the build is counted, not the landing before it.
    """
    folder = written(scale)
    lake = folder / ".fairlead"
    taken = []
    for _ in range(times):
        shutil.rmtree(lake / "builds", ignore_errors=True)
        fairlead("-C", folder, "sync")
        build = lake / "builds" / (lake / "current").read_text().strip() / "build.json"
        told = json.loads(build.read_text())
        taken.append(told["seconds"])
    rows = sum(table["rows_in"] for table in told["tables"])
    return min(taken) / rows, rows


def flat() -> Figure:
    """The demo company at scale 30 against scale 1."""
    large = max(2.0, 30 * SCALE)
    small_cost, small_rows = per_row(1, times=3)
    large_cost, large_rows = per_row(large, times=2)
    says = f"building a row at demo scale {large:g}, against scale 1"
    detail = f"{large_cost * 1e6:.2f} µs over {large_rows:,} rows against {small_cost * 1e6:.2f} µs over {small_rows:,}"
    return Figure(says, large_cost / small_cost, "x", 1.2, detail=detail)
