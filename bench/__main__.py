"""Run the benches, or those that are named, and print one table. Exit 1 when a figure misses its target."""

import sys
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bench import (
    asking,
    building,
    clocks,
    gates,
    landing,
    loading,
    pages,
    painting,
    revenue,
    revenue_peers,
    stages,
    why,
)
from bench.figure import SCALE, Figure

IN_CHROMIUM: Mapping[str, Callable[[], Figure]] = {"paint": painting.soon, "paint_waits": painting.unhindered}
BENCHES: Mapping[str, Callable[[], Figure]] = {
    "asking": asking.one_scan,
    "together": asking.together,
    "overhead": asking.overhead,
    "why": why.seconds,
    "clocks": clocks.worked,
    "deadlines": clocks.deadlines,
    "clock_peers": clocks.against_peers,
    "stages": stages.against_hand,
    "stage_peer": stages.against_pm4py,
    "gates": gates.against_hand,
    "revenue": revenue.against_hand,
    "revenue_pandas": revenue_peers.against_pandas,
    "revenue_dbt": revenue_peers.against_dbt,
    "building": building.flat,
    "pages": pages.small,
    "pages30": pages.large,
    "weight": pages.weight,
    **IN_CHROMIUM,
    "landing": landing.seconds_taken,
    "memory": landing.memory_taken,
    "loading": loading.starter,
}


def shown(figures: Sequence[Figure]) -> Table:
    """Each figure beside its target."""
    table = Table(title=None if SCALE == 1 else f"at {SCALE:g} of the full size: the targets are for the full one")
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_column("target", justify="right")
    table.add_column("")
    table.add_column("seen")
    for figure in figures:
        sign = "≥" if figure.at_least else "≤"
        verdict = "[green]PASS[/]" if figure.passes else "[red]MISS[/]"
        bound = f"{sign} {figure.target:g} {figure.unit}"
        table.add_row(figure.says, f"{figure.value:.2f} {figure.unit}", bound, verdict, figure.detail)
    return table


def main(names: Sequence[str]) -> int:
    unknown = set(names) - BENCHES.keys()
    if unknown:
        print(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    if not names and not painting.CHROMIUM:
        print(f"There is no Chromium on this machine: {' and '.join(IN_CHROMIUM)} are not measured.", file=sys.stderr)
    figures = []
    progress = Console(stderr=True)
    for name in names or [name for name in BENCHES if painting.CHROMIUM or name not in IN_CHROMIUM]:
        with progress.status(f"measuring: {name} ..."):
            figures.append(BENCHES[name]())
    Console(width=None if sys.stdout.isatty() else 160).print(shown(figures))
    return 0 if all(figure.passes for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
