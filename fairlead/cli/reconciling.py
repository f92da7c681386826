"""The command that holds the CRM against billing."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, Json, KnownAt, Xlsx, given, here, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    import pyarrow as pa

    from fairlead.actions.reconciling import OpenItem, Reconciled, Step
    from fairlead.picture.wording import Manner

commands = typer.Typer()
SHOWN = 40


@commands.command()
def reconcile(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    kind: Annotated[str | None, typer.Option(help="Open items of this kind only.", metavar="KIND")] = None,
    owner: Annotated[
        str | None, typer.Option(help="Open items of this colleague only; nobody: without an owner.", metavar="NAME")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    xlsx: Xlsx = None,
) -> None:
    """Hold the CRM against billing: a bridge from what was won to what is billed, then the open items."""
    from fairlead.actions import reconciling

    workspace = here()
    with show.progress() as progress:
        known = moment(known_at, workspace)
        found = reconciling.reconcile(workspace, kind=kind, owner=owner, as_of=as_of, known_at=known, progress=progress)
    show.problems(found.notes)
    if not given(found, lambda: _sheets(found), xlsx=xlsx, as_json=as_json):
        _shown(found, workspace.manner)


def _sheets(found: "Reconciled") -> "dict[str, pa.Table]":
    from fairlead.actions.reconciling import bridge_table, items_table, totals_table

    return {"open items": items_table(found.items), "bridge": bridge_table(found), "totals": totals_table(found)}


def _shown(found: "Reconciled", manner: "Manner") -> None:
    show.say(f"CRM against billing as of {found.as_of}, in {found.currency}", "bold")
    rows: list[list[object]] = [
        ["Won in the CRM", found.crm.rows, _money(found.crm.total, manner)],
        *(_step(one, manner) for one in found.bridge),
        ["In billing", found.billing.rows, _money(found.billing.total, manner)],
    ]
    show.table(["", "rows", "money"], rows, numbers=["rows", "money"])
    for title, side in (("CRM", found.crm), ("Billing", found.billing)):
        names = ("matched", "explained", "unexplained")
        parts = (f"{name} {_money(getattr(side, name), manner)}" for name in names)
        show.say(f"{title}: {', '.join(parts)}")
    show.say("\nOpen items", "bold")
    kinds = [one for one in found.kinds if one.is_open]
    rows = [[one.title, one.rows, _money(one.money, manner), one.oldest] for one in kinds]
    show.table(["kind", "items", "at stake", "oldest, days"], rows, numbers=["items", "at stake", "oldest, days"])
    show.say()
    _items(found.items, manner)


def _step(one: "Step", manner: "Manner") -> list[object]:
    return [one.title, one.rows or "", _money(one.money, manner)]


def _items(items: "Sequence[OpenItem]", manner: "Manner") -> None:
    rows: list[list[object]] = [
        [one.kind, one.account, one.deal or one.line_id or one.invoice_id, one.owner or "nobody", one.age_days,
         _money(one.money, manner), one.says]
        for one in items[:SHOWN]
    ]  # fmt: skip
    show.table(["kind", "account", "what", "owner", "days", "at stake", "says"], rows, numbers=["days", "at stake"])
    if len(items) > SHOWN:
        show.note(f"{len(items) - SHOWN} more; --json and --xlsx tell all.")


def _money(value: "Decimal", manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return worded(value, "money", manner).full
