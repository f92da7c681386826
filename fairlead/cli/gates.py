"""Commands about gates: gate, gates, waive."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import Json, KnownAt, here, moment, print_json

if TYPE_CHECKING:
    from fairlead.actions.gate_report import GateReport, GatesReport
    from fairlead.actions.gates import Asks, AtGate, Criterion, Need, Waiver
    from fairlead.actions.whence import Whence
    from fairlead.picture.wording import Manner

commands = typer.Typer()

Subject = Annotated[str, typer.Argument(help="person, opportunity or account.")]
Id = Annotated[str, typer.Argument(help="Its id, or its key in its source.", metavar="ID")]
AsOf = Annotated[str | None, typer.Option(help="The last day that counts.", metavar="T")]


@commands.command()
def gate(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    subject: Subject,
    subject_id: Id,
    to: Annotated[
        str | None, typer.Option(help="The stage to go to; default: out of its own.", metavar="STAGE")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Say what a record lacks to go on, from where it should come, and who may waive it."""
    from fairlead.actions.gates import gate as verb

    workspace = here()
    with show.progress() as progress:
        known = moment(known_at, workspace)
        found = verb(workspace, subject, subject_id, to=to, as_of=as_of, known_at=known, progress=progress)
    if as_json:
        print_json(found)
    else:
        _gate(found)


@commands.command()
def gates(
    start: Annotated[str | None, typer.Option("--from", help="First day or period.", metavar="D")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day or period, included.", metavar="D")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Report on every gate: who was stopped, what lacked, who slipped through, and whether the gate is useful."""
    from fairlead.actions.gate_report import gates_report

    workspace = here()
    with show.progress() as progress:
        known = moment(known_at, workspace)
        found = gates_report(workspace, start=start, end=end, as_of=as_of, known_at=known, progress=progress)
    if as_json:
        print_json(found)
    else:
        _report(found, workspace.manner)


@commands.command()
def waive(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    subject: Subject,
    subject_id: Id,
    stage: Annotated[str, typer.Option(help="The stage whose gate is waived.", metavar="S")],
    reason: Annotated[str, typer.Option(help="Why it is right to go on without.", metavar="R")],
    by: Annotated[str, typer.Option(help="Who waives it: a colleague by name, email or id.", metavar="MEMBER")],
    until: Annotated[str, typer.Option(help="The last day on which it holds.", metavar="DAY")],
    what: Annotated[
        str | None, typer.Option(help="The column that may lack, or exit; default: everything.", metavar="FIELD")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let a record pass a gate without all that it asks for: with a reason, by who may, until a day."""
    from fairlead.actions.waiving import waive as verb

    done = verb(here(), subject, subject_id, stage=stage, what=what, reason=reason, by=by, until=until)
    if as_json:
        print_json(done)
        return
    show.say(
        f"{done.name} may leave {done.stage} until {done.until} without {done.what or 'what lacks'}: {done.reason}"
    )
    show.note(f"Waived by {done.by}. Reports count it from the next sync on.")


def _gate(found: "AtGate") -> None:
    where = f" to {found.to}" if found.to else ""
    show.say(f"{found.name} is in {found.stage} ({found.flow}); as of {found.as_of}.", "bold")
    if not found.asks and not found.entry:
        show.say(f"Nothing is asked for on the way{where}.")
        return
    for one in found.asks:
        show.say(f"\n{one.label}: {_standing(one)}", "bold")
        _needs(one.needs)
        _criteria(one.criteria)
        for waiver in one.waivers:
            show.say(_waiver(waiver))
        if not one.may_pass:
            roles = [f"{r.title} ({', '.join(r.holders)})" if r.holders else r.title for r in one.may_waive]
            show.say(f"May be waived by: {', '.join(roles) or 'nobody'}")
    if found.entry:
        show.say(f"\nOn entering {found.to}", "bold")
        _criteria(found.entry)
    show.say(f"\n{'It may go on' if found.may_go else 'It may not go on yet'}{where}.", "bold")


def _standing(one: "Asks") -> str:
    if one.is_waived:
        return "waived"
    lacks = [*one.missing, *(["the exit criterion"] if one.is_exit_met is False else [])]
    return f"lacks {', '.join(lacks)}" if lacks else "complete"


def _needs(needs: "tuple[Need, ...]") -> None:
    rows = [
        [
            "" if n.is_met else "lacks",
            n.column,
            "" if n.value is None else n.value,
            f"{n.grade} of {n.demanded}",
            "" if n.is_met else _whence(n.comes_from),
        ]
        for n in needs
    ]
    if rows:
        show.table(["", "required", "value", "evidence", "comes from"], rows)


def _criteria(criteria: "tuple[Criterion, ...]") -> None:
    rows = []
    for one in criteria:
        values = ", ".join(f"{name} is {'empty' if value is None else value}" for name, value in one.values)
        origin = "" if one.holds else "; ".join(dict.fromkeys(map(_whence, one.comes_from)))
        rows.append(["" if one.holds else "lacks", one.text, values, origin])
    if rows:
        show.table(["", "condition", "now", "comes from"], rows)


def _whence(found: "Whence") -> str:
    filled = [f"{f.source}: {', '.join(f.columns)} in {', '.join(f.files) or 'no file'}" for f in found.fills]
    said = "; ".join(filled) or "no source fills it"
    return f"{found.origin} ({said}; answers for it: {found.owner or 'nobody'})"


def _waiver(one: "Waiver") -> str:
    until = f"until {one.until}" if one.until else "for good"
    return f"{'Waived' if one.counts else 'Was waived'} ({one.what or 'everything'}) by {one.by} {until}: {one.reason}"


def _report(found: "GatesReport", manner: "Manner") -> None:
    from fairlead.picture.wording import worded

    def percent(share: float | None) -> str:
        return "" if share is None else worded(share, "percent", manner).text

    headers = ["gate", "came", "passed", "clean", "slipped", "waived", "stopped", "complete"]
    further = ["won clean", "won slipped", "verdict"]
    rows = []
    for g in found.gates:
        known = g.won or g.went_on
        rows.append([
            f"{g.flow}.{g.stage}", g.came, g.passed, g.clean, g.slipped, g.waived, g.stopped, percent(g.completeness),
            *([percent(known.clean.share), percent(known.slipped.share)] if g.passed else ["", ""]), g.says,
        ])  # fmt: skip
    show.table([*headers, *further], rows, numbers=[*headers[1:], *further[:2]])
    for g in found.gates:
        _lacks(g)


def _lacks(one: "GateReport") -> None:
    if one.lacks:
        said = ", ".join(f"{x.item} {x.lacked} (slipped {x.slipped}, stopped {x.stopped})" for x in one.lacks)
        show.say(f"{one.flow}.{one.stage} lacked: {said}")
