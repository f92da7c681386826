"""The command that tells how promises of time are kept."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, Json, KnownAt, LastDay, here, moment, one_cut, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairlead.actions.timekeeping import Clocks, Line, Ruled, Tally
    from fairlead.analysis.escalating import Step
    from fairlead.picture.wording import Manner

commands = typer.Typer()
SHOWN = 15
HALF = "of stopped, half within"  # who never answered is not in it, so the heading has to say of whom it is


@commands.command()
def clocks(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    policy: Annotated[str | None, typer.Argument(help="A handoff or SLA; default: all that have a clock.")] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Cut compliance by segment, owner, source, ...", metavar="DIM")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day or period, of deadlines.", metavar="D")] = None,
    end: LastDay = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="List all that is overdue, the latest first.")] = False,
    under: Annotated[
        str | None,
        typer.Option(
            help="Try other policies on the same history: `now`, a day, a build, a folder with a model or workspace.",
            metavar="MODEL",
        ),
    ] = None,
    as_of: AsOf = None,
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
            by=one_cut(by),
            start=start,
            end=end,
            under=Path(under) if under and (os.sep in under or Path(under).is_dir()) else under,
            limit=None if overdue else MOST_OVERDUE if as_json else SHOWN,
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
    from fairlead.picture.wording import moment_words

    show.note("Compliance is met out of counted: stopped, or open and overdue. What is not due yet does not count.")
    show.note("Of those that stopped, half did within the time shown; whoever is overdue is not in it.")
    _lines(found.lines, None, manner)
    if found.by:
        show.say(f"\nBy {found.by}", "bold")
        _lines(found.cut, found.by, manner)
    if found.under:
        show.say(f"\nUnder the policies of {found.under}, the same history", "bold")
        _tried(found, manner)
    if found.attempts:
        show.say("\nContact attempts", "bold")
        _attempts(found, manner)
    if found.held:
        show.say("\nWhose time it was, of clocks that changed hands", "bold")
        _held(found, manner)
    edited = [one for one in found.versions if one.since or one.until]
    if edited:
        show.say("\nEdited policies: each clock is judged by the version it started under", "bold")
        rows = [[one.title, _since(one, manner), one.limits, one.clocks] for one in edited]
        show.table(["", "held", "limits", "clocks"], rows, numbers=["clocks"])
    if found.told:
        show.say("\nTold in the last day", "bold")
        titles = {line.policy: line.title for line in found.lines}
        rows = [
            [moment_words(one.at, manner), one.to, titles.get(one.policy, one.policy), one.subject_id, one.action]
            for one in found.told
        ]
        show.table(["when", "to", "of", "about", ""], rows)
    show.say("\nOverdue", "bold")
    _overdue(found, manner)


def _lines(lines: "Sequence[Line]", by: str | None, manner: "Manner") -> None:
    numbers = ["counted", "met", "late", "overdue", "not due yet", "un-breached", "compliance", "target", HALF]
    rows = [
        [
            line.title,
            *([line.value or "(none)"] if by else []),
            *(line.tally.counted, line.tally.met, line.tally.breached, line.tally.overdue, line.tally.pending),
            *(line.tally.mended, _share(line.compliance, manner), _share(line.target, manner) if line.target else ""),
            _length(line.tally.median_seconds, line.counts, manner),
        ]
        for line in lines
    ]
    show.table(["", *([by] if by else []), *numbers], rows, numbers=numbers)


def _tried(found: "Clocks", manner: "Manner") -> None:
    numbers = ["compliance", "met", "counted", "would be", "met then", "counted then"]
    rows = [
        [
            one.title,
            *_counted(one.was, manner),
            *_counted(one.would_be, manner),
            "the same"
            if one.limits_were == one.limits_would_be
            else f"{one.limits_were or 'new'}; tried: {one.limits_would_be or 'none'}",
        ]
        for one in found.tried
    ]
    show.table(["", *numbers, "limits"], rows, numbers=numbers)


def _counted(tally: "Tally | None", manner: "Manner") -> list[str | int]:
    return ["", "", ""] if tally is None else [_share(tally.compliance, manner), tally.met, tally.counted]


def _attempts(found: "Clocks", manner: "Manner") -> None:
    numbers = ["clocks", "nobody tried", "tried too late", "attempts", "in time", "half tried within"]
    rows = [
        [
            *(one.value or "(none)", one.clocks, one.untried, one.tried_late, one.attempts, one.in_time),
            _length(one.median_seconds, "elapsed time", manner),
        ]
        for one in found.attempts
    ]
    show.table([found.by or "owner", *numbers], rows, numbers=numbers)


def _held(found: "Clocks", manner: "Manner") -> None:
    numbers = ["clocks", "began with them", "late or overdue", "time with them", "of all"]
    rows = [
        [
            one.member or "nobody",
            one.clocks,
            one.began,
            one.late,
            _length(one.seconds, "both", manner),
            _share(one.share, manner),
        ]
        for one in found.held
    ]
    show.table(["colleague", *numbers], rows, numbers=numbers)


def _since(one: "Ruled", manner: "Manner") -> str:
    from fairlead.picture.wording import moment_words

    since, until = (moment_words(at, manner) if at else "" for at in (one.since, one.until))
    return f"{since or 'ever'} to {until}" if until else f"since {since}"


def _overdue(found: "Clocks", manner: "Manner") -> None:
    from fairlead.actions.timekeeping import NOT_ANSWERED
    from fairlead.picture.wording import moment_words

    rows = [
        [
            late.title,
            late.name,
            late.owner or "(nobody)",
            moment_words(late.due_at, manner),
            _length(late.late_seconds, late.counts, manner) if late.late_seconds else NOT_ANSWERED,
            _step(late.last, manner) or "nobody yet",
            _step(late.next, manner) or late.unheard,
        ]
        for late in found.overdue
    ]
    columns = ["", "who", "owner", "due", "late by", "heard of last by", "heard of next by"]
    show.table(columns, rows, numbers=["late by"])
    if found.overdue_total > len(found.overdue):
        show.note(f"{len(found.overdue)} of {found.overdue_total} are shown; --overdue shows them all.")


def _step(step: "Step | None", manner: "Manner") -> str:
    from fairlead.picture.wording import moment_words

    return "" if step is None else f"{step.to}, {moment_words(step.at, manner)}"


def _share(value: float | None, manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return "undefined" if value is None else worded(value, "percent", manner).text


def _length(seconds: float | None, counts: str, manner: "Manner") -> str:
    from fairlead.picture.wording import length_words

    return "" if seconds is None else length_words(seconds, manner, counts)
