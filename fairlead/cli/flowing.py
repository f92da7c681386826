"""Commands about the lifecycle: funnel."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import Json, KnownAt, here, moment, print_json

if TYPE_CHECKING:
    from fairlead.actions.flows import Funnel

commands = typer.Typer()


@commands.command()
def funnel(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    flow: Annotated[str, typer.Option(help="lifecycle, or a pipeline.", metavar="FLOW")] = "lifecycle",
    by: Annotated[str | None, typer.Option(help="Cut by source, segment, persona, owner, ...", metavar="DIM")] = None,
    cohort: Annotated[
        bool, typer.Option("--cohort/--period", help="By when they came in, or by when they entered the stage.")
    ] = True,
    per: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First day or period; default: twelve months back.", metavar="D")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day or period, included.", metavar="D")] = None,
    preset: Annotated[
        str | None, typer.Option(help="Under the names of another lifecycle: four_stages, five_stages, nine_stages.")
    ] = None,
    skipped: Annotated[
        str | None, typer.Option(help="Stages jumped over: passed or missing; default: as the model says.")
    ] = None,
    reopened: Annotated[
        str | None, typer.Option(help="Who comes back: continues or again; default: as the model says.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The last day that counts.", metavar="T")] = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Show the funnel: who came how far, how long it took, where they left and who is stuck."""
    from fairlead.actions.lifecycle import funnel as verb

    workspace = here()
    with show.progress() as progress:
        found = verb(
            workspace,
            flow=flow,
            by=by,
            cohort=cohort,
            per=per,
            start=start,
            end=end,
            preset=preset,
            skipped=skipped,
            reopened=reopened,
            as_of=as_of,
            known_at=moment(known_at, workspace),
            progress=progress,
        )
    if as_json:
        print_json(found)
    else:
        _shown(found)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _days(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _shown(found: "Funnel") -> None:
    """The funnel, then time in stages, then where they left."""
    basis = "by when they came in" if found.mode == "cohort" else "by when they entered the stage"
    show.say(f"{found.flow}, {found.start} to {found.end}, {basis}; skipped stages: {found.skipped}", "bold")
    show.table(
        ["period", *([found.by] if found.by else []), "stage", "reached", "moved on", "conversion", "of all"],
        [
            [c.period, *([c.cut or "(none)"] if found.by else []), c.title, c.reached, c.advanced, _share(c.conversion),
             _share(c.overall)]
            for c in found.counts
        ],
        numbers=["reached", "moved on", "conversion", "of all"],
    )  # fmt: skip
    show.say("\nDays in stage, those still there counted in (Kaplan-Meier)", "bold")
    show.table(
        [*([found.by] if found.by else []), "stage", "left", "there", "median", "p75", "p90"],
        [
            [*([t.cut or "(none)"] if found.by else []), t.title, t.ended, t.still_open, _days(t.median), _days(t.p75),
             _days(t.p90)]
            for t in found.times
        ],
        numbers=["left", "there", "median", "p75", "p90"],
    )  # fmt: skip
    show.say("\nWhere they left", "bold")
    show.table(
        ["stage", "left", "money", "valued at"],
        [[k.title, k.left, "" if k.value is None else f"{k.value:,.0f}", k.how] for k in found.leaks],
        numbers=["left", "money"],
    )
    if found.stalled:
        show.note(f"{len(found.stalled)} are in a stage for longer than nine of ten; --json lists them.", "yellow")
