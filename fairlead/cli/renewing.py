"""The command about renewals: what is due, at risk, and expected."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, FirstDay, Json, KnownAt, LastDay, Xlsx, given, here, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from fairlead.actions.renewing import Month, Renewal, Renewals
    from fairlead.picture.wording import Manner

commands = typer.Typer()
SHOWN = 40


@commands.command()
def renewals(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    start: FirstDay = None,
    end: LastDay = None,
    at_risk: Annotated[bool, typer.Option("--at-risk", help="List only renewals that are at risk.")] = False,
    owner: Annotated[str | None, typer.Option(help="List only renewals of this colleague.", metavar="NAME")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    xlsx: Xlsx = None,
) -> None:
    """Show what is due to renew by month, what is at risk, the checkpoints, and what is expected to be renewed."""
    from fairlead.actions import renewing

    workspace = here()
    with show.progress() as progress:
        known = moment(known_at, workspace)
        found = renewing.renewals(
            workspace, start=start, end=end, at_risk=at_risk, owner=owner, as_of=as_of, known_at=known,
            progress=progress,
        )  # fmt: skip
    show.problems(found.notes)
    if not given(found, lambda: _sheets(found), xlsx=xlsx, as_json=as_json):
        _shown(found, workspace.manner)


def _sheets(found: "Renewals") -> "dict[str, pa.Table]":
    from fairlead.actions.renewing import items_table, months_table, rates_table

    return {"renewals": items_table(found.items), "forecast": months_table(found), "rates": rates_table(found)}


def _shown(found: "Renewals", manner: "Manner") -> None:
    show.say(f"Due to renew from {found.start} to {found.end}, as of {found.as_of}: {found.currency} a month", "bold")
    headers = ["month", "renewals", "due", "renewed", "lost", "open", "at risk", "expected", "from", "to", "upsell"]
    rows = [_month(one, manner) for one in (*found.months, found.total)]
    show.table(headers, rows, numbers=headers[1:])
    show.note("Expected: of what is open, by the rate of its segment, at 95 %. Upsell is beside it and never in it.")
    show.say("\nRates of the forecast (estimates: half a renewal kept and half of one lost are added)", "bold")
    rows = [
        [one.segment or "(none)", one.renewals, *(show.said(v, "percent", manner) for v in (one.share, *one.interval)),
         "" if one.is_own else "too few of its own: the company's"]
        for one in found.rates
    ]  # fmt: skip
    show.table(["segment", "renewals", "rate", "from", "to", ""], rows, numbers=["renewals", "rate", "from", "to"])
    if found.reasons:
        show.say("\nNot renewed", "bold")
        rows = [[one.kind or "not said", one.reason or "not said", one.renewals, show.said(one.lost, "money", manner)]
                for one in found.reasons]  # fmt: skip
        show.table(["", "reason", "renewals", "lost"], rows, numbers=["renewals", "lost"])
    show.say("\nCheckpoints", "bold")
    points = [
        [f"{p.days_before} days", p.state, p.renewals, show.said(p.mrr_due, "money", manner)] for p in found.checkpoints
    ]
    show.table(["before", "state", "renewals", "due"], points, numbers=["renewals", "due"])
    show.say()
    _items([one for one in found.items if one.days_left is not None], manner)


def _month(one: "Month", manner: "Manner") -> list[object]:
    money = (one.due, one.renewed, one.lost, one.open, one.at_risk, *(one.expected or (None, None, None, None)))
    return [one.month or "in all", one.renewals, *(show.said(value, "money", manner) for value in money)]


def _items(items: "Sequence[Renewal]", manner: "Manner") -> None:
    rows = [
        [one.due_on, one.days_left, one.account, one.owner, show.said(one.mrr_due, "money", manner),
         "at risk" if one.is_at_risk else "", one.says, _checkpoint(one), "; ".join(one.playbooks)]
        for one in items[:SHOWN]
    ]  # fmt: skip
    headers = ["due", "days", "account", "owner", "MRR", "", "signs", "checkpoint", "playbooks"]
    show.table(headers, rows, numbers=["days", "MRR"])
    if len(items) > SHOWN:
        show.note(f"{len(items) - SHOWN} more; --json and --xlsx tell all.")


def _checkpoint(one: "Renewal") -> str:
    if one.checkpoint is None:
        return ""
    said = f"{one.checkpoint} days{', nobody spoke with them yet' if one.is_checkpoint_due else ''}"
    return f"{said}; {one.missed} missed" if one.missed else said
