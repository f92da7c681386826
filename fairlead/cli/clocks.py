"""The command that tells how promises of time are kept."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import Json, KnownAt, here, moment, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairlead.actions.clocks import Clocks, Line, Tally
    from fairlead.analysis.escalating import Step
    from fairlead.picture.wording import Manner

commands = typer.Typer()
SHOWN = 15


@commands.command()
def clocks(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    policy: Annotated[str | None, typer.Argument(help="A handoff or SLA; default: all that have a clock.")] = None,
    by: Annotated[str | None, typer.Option(help="Cut compliance by segment, owner, source, ...", metavar="DIM")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day or period, of deadlines.", metavar="D")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day or period, included.", metavar="D")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="List all that is overdue, the latest first.")] = False,
    under: Annotated[
        str | None,
        typer.Option(
            help="Try other policies on the same history: `now`, a day, a build, or a folder with a model.",
            metavar="MODEL",
        ),
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The last day that counts.", metavar="T")] = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Tell how promises of time are kept: compliance, who is late, who hears of it next, who tried."""
    from fairlead.actions.clocks import MOST_OVERDUE
    from fairlead.actions.clocks import clocks as verb

    workspace = here()
    with show.progress() as progress:
        found = verb(
            workspace,
            policy=policy,
            by=by,
            start=start,
            end=end,
            under=under,
            limit=MOST_OVERDUE if overdue or as_json else SHOWN,
            as_of=as_of,
            known_at=moment(known_at, workspace),
            progress=progress,
        )
    if as_json:
        print_json(found)
    elif overdue:
        _overdue(found, workspace.manner)
    else:
        _shown(found, workspace.manner)


def _shown(found: "Clocks", manner: "Manner") -> None:
    _lines(found.lines, None, manner)
    if found.by:
        show.say(f"\nBy {found.by}", "bold")
        _lines(found.cut, found.by, manner)
    if found.tried:
        show.say(f"\nUnder {found.under}", "bold")
        rows = [[one.title, *_pair(one.was, one.would_be, manner)] for one in found.tried]
        show.table(
            ["", "was", "would be", "met", "would be met"], rows, numbers=["was", "would be", "met", "would be met"]
        )
    if found.attempts:
        show.say("\nContact attempts", "bold")
        _attempts(found, manner)
    if found.told:
        show.say("\nTold in the last day", "bold")
        rows = [
            [one.at.astimezone(manner.zone).strftime("%a %H:%M"), one.to, one.policy, one.action] for one in found.told
        ]
        show.table(["when", "to", "of", ""], rows)
    show.say("\nOverdue", "bold")
    _overdue(found, manner)


def _lines(lines: "Sequence[Line]", by: str | None, manner: "Manner") -> None:
    numbers = ["due", "met", "late", "overdue", "pending", "mended", "compliance", "median"]
    rows = [
        [
            line.title,
            *([line.value or "(none)"] if by else []),
            *(line.tally.counted, line.tally.met, line.tally.breached, line.tally.overdue, line.tally.pending),
            *(line.tally.mended, _share(line.compliance, manner), duration(line.tally.median_seconds)),
        ]
        for line in lines
    ]
    show.table(["", *([by] if by else []), *numbers], rows, numbers=numbers)


def _pair(was: "Tally | None", would: "Tally | None", manner: "Manner") -> list[str]:
    shares = [_share(one.compliance if one else None, manner) for one in (was, would)]
    return [*shares, *("" if one is None else f"{one.met} of {one.counted}" for one in (was, would))]


def _attempts(found: "Clocks", manner: "Manner") -> None:
    numbers = ["clocks", "nobody tried", "tried too late", "attempts", "in time", "median to the first"]
    rows = [
        [
            one.owner or "(nobody)",
            one.clocks,
            one.untried,
            one.tried_late,
            one.attempts,
            one.in_time,
            duration(one.median_seconds),
        ]
        for one in found.attempts
    ]
    show.table(["owner", *numbers], rows, numbers=numbers)


def _overdue(found: "Clocks", manner: "Manner") -> None:
    from fairlead.picture.wording import moment_words

    rows = [
        [
            late.title,
            late.name,
            late.owner or "(nobody)",
            moment_words(late.due_at, manner),
            duration(late.late_seconds),
            _next(late.next, manner),
        ]
        for late in found.overdue
    ]
    show.table(["", "who", "owner", "due", "late by", "heard of next by"], rows, numbers=["late by"])
    if found.overdue_total > len(found.overdue):
        show.note(f"{len(found.overdue)} of {found.overdue_total} are shown; --overdue shows more.")


def _next(step: "Step | None", manner: "Manner") -> str:
    from fairlead.picture.wording import moment_words

    return "nobody: the ladder ends" if step is None else f"{step.to}, {moment_words(step.at, manner)}"


def _share(value: float | None, manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return "undefined" if value is None else worded(value, "percent", manner).text


def duration(seconds: float | None) -> str:
    """Seconds as people say them.

    >>> [duration(s) for s in (None, 90, 5400, 172800)]
    ['', '2 min', '1.5 h', '48 h']
    """
    if seconds is None:
        return ""
    return (
        f"{seconds / 60:.0f} min"
        if seconds < 3600
        else f"{seconds / 3600:.3g} h"
        if seconds < 3.6e6
        else f"{seconds / 3600:,.0f} h"
    )
