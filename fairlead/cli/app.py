"""Every command, each a few lines around one verb. `fairlead COMMAND --help` is its documentation."""

from pathlib import Path
from typing import Annotated

import typer

from fairlead import __version__
from fairlead.cli import (
    agreeing,
    asking,
    clocks,
    cohorts,
    flowing,
    gates,
    handing,
    reconciling,
    renewing,
    reporting,
    revenue,
    serving,
    show,
    why,
    working,
)
from fairlead.cli.frame import Place

app = typer.Typer(
    name="fairlead",
    help="An operating system for revenue: one lifecycle, one set of numbers, handoffs that hold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
ROOMS = (
    working,
    asking,
    why,
    flowing,
    agreeing,
    serving,
    handing,
    gates,
    clocks,
    revenue,
    cohorts,
    reconciling,
    renewing,
)
for room in ROOMS:
    app.add_typer(room.commands)
app.add_typer(reporting.report, name="report")
app.add_typer(serving.demo, name="demo")
app.add_typer(serving.user, name="user")


def _say_version(wanted: bool) -> None:
    if wanted:
        show.say(f"fairlead {__version__}")
        raise typer.Exit


@app.callback()
def common(
    workspace: Annotated[
        Path, typer.Option("-C", "--workspace", help="The workspace to work on.", metavar="WORKSPACE")
    ] = Path(),
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    Place.folder = workspace
