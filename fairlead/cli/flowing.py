"""Commands about the lifecycle: funnel."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, Json, KnownAt, LastDay, here, moment, one_cut, print_json

if TYPE_CHECKING:
    from fairlead.actions.flows import Funnel

commands = typer.Typer()


@commands.command()
def funnel(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    flow: Annotated[str, typer.Option(help="lifecycle, or a pipeline.", metavar="FLOW")] = "lifecycle",
    by: Annotated[
        list[str] | None, typer.Option(help="Cut by source, segment, persona, owner, ...", metavar="DIM")
    ] = None,
    cohort: Annotated[
        bool, typer.Option("--cohort/--period", help="By when they came in, or by when they entered the stage.")
    ] = True,
    per: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First day or period; default: twelve months back.", metavar="D")
    ] = None,
    end: LastDay = None,
    preset: Annotated[
        str | None, typer.Option(help="Under the names of another lifecycle: four_stages, five_stages, nine_stages.")
    ] = None,
    skipped: Annotated[
        str | None, typer.Option(help="Stages jumped over: passed or missing; default: as the model says.")
    ] = None,
    reopened: Annotated[
        str | None, typer.Option(help="Who comes back: continues or again; default: as the model says.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    weeks: Annotated[
        bool, typer.Option("--weeks", help="How many were in each stage at the end of each week, for two years.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the funnel: who came how far, how long it took, where they left and who is stuck."""
    from fairlead.actions.flows import FlowAsked
    from fairlead.actions.laws import BAD_QUESTION
    from fairlead.actions.lifecycle import funnel as verb
    from fairlead.actions.lifecycle import title_of
    from fairlead.actions.presets import model_under
    from fairlead.problem import Refused

    if weeks and (by or per):
        hint = "Leave out --by and --per, or --weeks."
        raise Refused(
            [BAD_QUESTION.broken("Weeks are counted whole: they are neither cut nor of a period.", hint=hint)]
        )
    workspace = here()
    with show.progress() as progress:
        asked = FlowAsked(flow, one_cut(by), cohort, per, start, end, preset, skipped, reopened, as_of)
        found = verb(workspace, asked, known_at=moment(known_at, workspace), progress=progress)
    if as_json:
        print_json(found)
    elif weeks:
        model = model_under(workspace, preset)
        _weekly(found, {one.stage: title_of(model, one.stage) for one in found.weekly})
    else:
        _shown(found)


def _shown(found: "Funnel") -> None:
    """The funnel, then time in stages, then where they left."""
    basis = "by when they came in" if found.mode == "cohort" else "by when they entered the stage"
    show.say(f"{found.flow}, {found.start} to {found.end}, {basis}; skipped stages: {found.skipped}", "bold")
    show.table(
        ["period", *([found.by] if found.by else []), "stage", "reached", "moved on", "conversion", "of all"],
        [
            [c.period, *([c.cut or "(none)"] if found.by else []), c.title, c.reached, c.advanced,
             *(show.said(share, "percent", found.manner) for share in (c.conversion, c.overall))]
            for c in found.counts
        ],
        numbers=["reached", "moved on", "conversion", "of all"],
    )  # fmt: skip
    show.say("\nDays in stage, those still there counted in (Kaplan-Meier)", "bold")
    show.table(
        [*([found.by] if found.by else []), "stage", "left", "there", "median", "p75", "p90"],
        [
            [*([t.cut or "(none)"] if found.by else []), t.title, t.ended, t.still_open,
             *(show.said(days, "days", found.manner) for days in (t.median, t.p75, t.p90))]
            for t in found.times
        ],
        numbers=["left", "there", "median", "p75", "p90"],
    )  # fmt: skip
    show.say("\nWhere they left", "bold")
    show.table(
        ["stage", "left", "money", "valued at"],
        [[k.title, k.left, show.said(k.value, "money", found.manner), k.how] for k in found.leaks],
        numbers=["left", "money"],
    )
    if found.stalled:
        show.note(f"{len(found.stalled)} are in a stage for longer than nine of ten; --json lists them.", "yellow")


def _weekly(found: "Funnel", titles: Mapping[str, str]) -> None:
    """How many were in each stage (`titles`, in the order of the flow) at the end of each week, the last week first."""
    told = {(one.week_ends, one.stage): one.standing for one in found.weekly}
    ends = sorted({one.week_ends for one in found.weekly}, reverse=True)
    rows = [[end, *(told[end, name] for name in titles)] for end in ends]
    show.table(["week to", *titles.values()], rows, numbers=list(titles.values()))
