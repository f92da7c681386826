"""Commands about gates: gate, gates, waive, withdraw."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, FirstDay, Json, KnownAt, LastDay, here, moment, one_cut, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairlead.actions.at_gate import Asks, AtGate, Criterion, Need, Waiver
    from fairlead.actions.gate_report import GateReport, GatesReport, Lack, Part
    from fairlead.actions.lacking import Lacking
    from fairlead.actions.whence import Whence
    from fairlead.analysis.gate_report import Fared
    from fairlead.picture.wording import Manner

commands = typer.Typer()

Subject = Annotated[str, typer.Argument(help="person, opportunity or account.")]
Id = Annotated[str, typer.Argument(help="Its id, or its key in its source.", metavar="ID")]


@commands.command()
def gate(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    subject: Subject,
    subject_id: Id,
    to: Annotated[
        str | None, typer.Option(help="The stage to go to; default: out of its own.", metavar="STAGE")
    ] = None,
    flow: Annotated[
        str | None,
        typer.Option(help="Of which flow: lifecycle, or a pipeline; default: a deal's pipeline.", metavar="FLOW"),
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
        found = verb(workspace, subject, subject_id, to=to, flow=flow, as_of=as_of, known_at=known, progress=progress)
    if as_json:
        print_json(found)
    else:
        _gate(found, workspace.manner)


@commands.command()
def gates(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    flow: Annotated[
        str | None, typer.Option(help="Only the gates of lifecycle, or of a pipeline.", metavar="FLOW")
    ] = None,
    by: Annotated[list[str] | None, typer.Option(help="Cut by a dimension: segment, owner.", metavar="NAME")] = None,
    per: Annotated[str | None, typer.Option(help="Cut by day, week, month, quarter or year.", metavar="P")] = None,
    lacking: Annotated[bool, typer.Option("--lacking", help="List who cannot go on now instead.")] = False,
    start: FirstDay = None,
    end: LastDay = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Report on every gate: who was stopped, what lacked, who slipped through, and whether the gate is useful."""
    from fairlead.actions.gate_report import gates_report
    from fairlead.actions.lacking import who_lacks
    from fairlead.actions.laws import BAD_QUESTION
    from fairlead.problem import Refused

    workspace = here()
    if lacking and (by or per or start or end):
        hint = "Leave out --by, --per, --from and --to, or --lacking."
        raise Refused([BAD_QUESTION.broken("who lacks something now is not cut, and of no time.", hint=hint)])
    with show.progress() as progress:
        known = moment(known_at, workspace)
        if lacking:
            waiting = who_lacks(workspace, flow=flow, as_of=as_of, known_at=known, progress=progress)
        else:
            found = gates_report(
                workspace, flow=flow, by=one_cut(by), per=per, start=start, end=end, as_of=as_of, known_at=known,
                progress=progress,
            )  # fmt: skip
    if as_json:
        print_json(waiting if lacking else found)
    elif lacking:
        _lacking(waiting)
    else:
        _report(found, workspace.manner)


@commands.command()
def waive(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    subject: Subject,
    subject_id: Id,
    stage: Annotated[
        str,
        typer.Option(help="The stage whose gate is waived; lifecycle.closed_won where two have the name.", metavar="S"),
    ],
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
    show.note(f"Waived by {done.by}, as {done.id}. Reports count it from the next sync on.")


@commands.command()
def withdraw(
    waiver: Annotated[str, typer.Argument(help="The waiver's id, as `fairlead gate` shows it.", metavar="WAIVER")],
    by: Annotated[str, typer.Option(help="Who takes it back: a colleague by name, email or id.", metavar="MEMBER")],
    as_json: Json = False,
) -> None:
    """Take a waiver back from now on; what passed by it has passed."""
    from fairlead.actions.waiving import withdraw as verb

    done = verb(here(), waiver, by=by)
    if as_json:
        print_json(done)
        return
    show.say(f"{done.name} may leave {done.stage} without {done.what or 'what lacks'} no longer.")
    show.note(f"Taken back by {done.withdrawn_by}. Reports count it from the next sync on.")


def _gate(found: "AtGate", manner: "Manner") -> None:
    where = f" to {found.to}" if found.to else ""
    show.say(f"{found.name} is in {found.stage} ({found.flow}); as of {found.as_of}.", "bold")
    if not found.asks and not found.entry:
        show.say(f"Nothing is asked for on the way{where}.")
        return
    for one in found.asks:
        show.say(f"\n{one.label}: {_standing(one)}", "bold")
        _needs(one.needs, manner)
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
    lacks = ["the exit criterion" if item == "exit" else item for item in one.blocks]
    return f"lacks {', '.join(lacks)}" if lacks else "complete"


def _needs(needs: "tuple[Need, ...]", manner: "Manner") -> None:
    rows = [
        [
            "" if n.is_met else "lacks",
            n.column,
            "" if n.value is None else n.value,
            _evidence(n, manner),
            "" if n.is_met else _whence(n.comes_from),
        ]
        for n in needs
    ]
    if rows:
        show.table(["", "required", "value", "evidence", "comes from"], rows)


def _evidence(need: "Need", manner: "Manner") -> str:
    """How sure it is, by what, and what was asked for."""
    from fairlead.actions.at_gate import EVIDENCE

    said = EVIDENCE[need.grade]
    if need.proof:
        day = need.proof.at.astimezone(manner.zone).date()
        said += f" ({need.proof.kind} on {day}{f', {need.proof.by}' if need.proof.by else ''})"
    if need.is_newer and need.written_at:
        said += f"; written later, on {need.written_at.astimezone(manner.zone).date()}"
    return said + (f"; asked for: {EVIDENCE[need.demanded]}" if need.demanded > 1 else "")


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
    back = f"; taken back by {one.withdrawn_by}" if one.withdrawn_at else ""
    state = "Waived" if one.counts else "Was waived"
    return f"{state} ({one.what or 'everything'}) by {one.by} {until}{back}: {one.reason} [{one.id}]"


def _lacking(found: "Lacking") -> None:
    from fairlead.actions.lacking import items_of

    rows = [
        [f"{one.subject} {one.subject_id}", one.name, f"{one.flow}.{one.stage}", ", ".join(items_of(one)), one.owner,
         one.days] for one in found.records
    ]  # fmt: skip
    show.table(["record", "name", "gate", "lacks", "owner", "days"], rows, numbers=["days"])


def _report(found: "GatesReport", manner: "Manner") -> None:
    from fairlead.picture.wording import worded

    def percent(share: float | None) -> str:
        return "" if share is None else worded(share, "percent", manner).text

    headers = ["came", "passed", "clean", "slipped", "waived", "stopped", "complete", "of clean", "of slipped"]

    def line(g: "GateReport | Part") -> list[object]:
        known = g.won or g.went_on
        shares = [_of(known.clean, percent), _of(known.slipped, percent)] if g.passed else ["", ""]
        counts = [g.came, g.passed, g.clean, g.slipped, g.waived + g.waiting_waived, g.stopped, percent(g.completeness)]
        return [*counts, *shares, g.says]

    for g in found.gates if found.parts else ():
        _hindsight(g)
    if found.parts:
        names = ["gate", *(["period"] if found.per else []), *([found.by] if found.by else [])]
        rows = []
        for p in found.parts:
            cut = [*([p.period] if found.per else []), *([p.cut or "(none)"] if found.by else [])]
            rows.append([f"{p.flow}.{p.stage}", *cut, *line(p)])
        show.table([*names, *headers, "verdict"], rows, numbers=headers)
        return
    show.table(["gate", *headers, "verdict"], [[f"{g.flow}.{g.stage}", *line(g)] for g in found.gates], numbers=headers)
    for g in found.gates:
        _lacks(g)
        _hindsight(g)


def _hindsight(one: "GateReport") -> None:
    if one.hindsight:
        show.say(f"{one.flow}.{one.stage}: {one.hindsight}")


def _of(fared: "Fared", percent: "Callable[[float | None], str]") -> str:
    """`25.0% of 12`: a share says of how many."""
    return f"{percent(fared.share)} of {fared.cases}" if fared.cases else ""


def _split(lack: "Lack") -> str:
    waived = f", waived {lack.waived}" if lack.waived else ""
    return f"slipped {lack.slipped}{waived}, stopped {lack.stopped}"


def _lacks(one: "GateReport") -> None:
    if one.lacks:
        said = ", ".join(f"{x.item} {x.lacked} ({_split(x)})" for x in one.lacks)
        show.say(f"{one.flow}.{one.stage} lacked: {said}")
