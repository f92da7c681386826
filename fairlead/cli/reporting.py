"""Commands that write reports to hand out."""

from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, here

report = typer.Typer(help="Reports to hand out.", no_args_is_help=True)


@report.command("scoreboard")
def scoreboard(
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF.", metavar="F")] = None,
    html: Annotated[Path | None, typer.Option(help="Write one HTML file that needs nothing else.", metavar="F")] = None,
    as_of: AsOf = None,
    tier: Annotated[int | None, typer.Option(help="Every metric of this tier (1, 2 or 3), not the scoreboard.")] = None,
) -> None:
    """Write the scoreboard for the board: what moved and why, a page for each miss, and what the numbers mean."""
    from fairlead.actions.reporting import report as verb

    with show.progress() as progress:
        written = verb(here(), pdf=pdf, html=html, as_of=as_of, tier=tier, progress=progress)
    for path in written:
        show.say(f"Wrote {path}.", "green")
