"""The command about recurring revenue: what moved it, what was kept, and how others would count it."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, FirstDay, Json, KnownAt, LastDay, Xlsx, given, here, moment, one_cut

if TYPE_CHECKING:
    from decimal import Decimal

    import pyarrow as pa

    from fairlead.actions.leaving import LeavingTold, Lifetime
    from fairlead.actions.revenue import Line, RevenueTold, Seen
    from fairlead.picture.wording import Manner

commands = typer.Typer()
SHOWN = 20
ON_ITS_DAY = (
    "Each loss as on its day, which `fairlead revenue --per day` adds up to. By month, quarter or year revenue tells a"
    " customer's changes within a month as one, unless `same_month` is counted: who grows or returns in it lost less."
)


@commands.command()
def revenue(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    start: Annotated[
        str | None, typer.Option("--from", help="First day or period; default: twelve months back.", metavar="D")
    ] = None,
    end: LastDay = None,
    per: Annotated[str, typer.Option(help="day, week, month, quarter or year.")] = "month",
    by: Annotated[list[str] | None, typer.Option(help="Cut by segment, product, source, ...", metavar="DIM")] = None,
    lens: Annotated[
        str, typer.Option(help="Count as these would: ours, or lenses of revenue.yaml, with commas.", metavar="NAMES")
    ] = "ours",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    xlsx: Xlsx = None,
) -> None:
    """Show recurring revenue: opening, each kind of movement, closing, NRR and GRR; as we count and as others would."""
    from fairlead.actions.revenue import revenue as verb

    workspace = here()
    with show.progress() as progress:
        found = verb(
            workspace,
            start=start,
            end=end,
            per=per,
            by=one_cut(by),
            lenses=[name.strip() for name in lens.split(",") if name.strip()],
            as_of=as_of,
            known_at=moment(known_at, workspace),
            progress=progress,
        )
    show.problems(found.notes)
    if not given(found, lambda: _sheets(found), xlsx=xlsx, as_json=as_json):
        _shown(found, workspace.manner)


def _sheets(found: "RevenueTold") -> "dict[str, pa.Table]":
    from fairlead.actions.otherwise import apart_table, differences_table
    from fairlead.actions.revenue import table

    more = {"seen otherwise": differences_table(found), "where": apart_table(found)} if found.differences else {}
    return {"recurring revenue": table(found), **more}


@commands.command()
def churn(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    start: FirstDay = None,
    end: LastDay = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Cut lifetime value by segment, source, cohort, ... Default: segment.", metavar="DIM"),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    xlsx: Xlsx = None,
) -> None:
    """Show why revenue was lost: who left voluntarily or not, for which reasons; and a customer's lifetime value."""
    from fairlead.actions.leaving import leaving, lifetimes_table, table

    workspace = here()
    with show.progress() as progress:
        asked = moment(known_at, workspace)
        found = leaving(
            workspace, start=start, end=end, by=one_cut(by) or "segment", as_of=as_of, known_at=asked, progress=progress
        )
    show.problems(found.notes)

    def sheets() -> "dict[str, pa.Table]":
        return {"churn": table(found), "lifetime value": lifetimes_table(found)}

    if not given(found, sheets, xlsx=xlsx, as_json=as_json):
        _left(found, workspace.manner)


def _left(found: "LeavingTold", manner: "Manner") -> None:
    from fairlead.picture.wording import day_words, worded

    show.say(f"{day_words(found.start, manner)} to {day_words(found.end, manner)}", "bold")
    if found.lost:
        numbers = ["customers", "MRR lost"]
        rows = [
            [one.movement, one.kind or "not said", one.reason or "not said", one.customers, _money(one.money, manner)]
            for one in found.lost
        ]
        show.table(["", "", "reason", *numbers], rows, numbers=numbers)
        show.note(ON_ITS_DAY)
    else:
        show.say("No revenue was lost in this time.")
    worth = found.lifetime
    if worth.value is None:
        show.note("Lifetime value is undefined: nothing was paid or nothing lost in this time.")
        return
    value, low = (worded(one, "money", manner).full for one in (worth.value, worth.low or 0))
    high = "no upper end" if worth.high is None else worded(worth.high, "money", manner).full
    of = "revenue" if worth.margin is None else "gross margin"
    show.say(
        f"Lifetime value in {of}: {value} ({low} to {high}, 95 %), at a monthly loss of {_share(worth.churn, manner)}."
    )
    if len(found.segments) > 1:
        numbers = ["customers", "lost a month", "lifetime value", "from", "to"]
        show.table([found.by, *numbers], [_worth(one, manner) for one in found.segments], numbers=numbers)
    show.note(f"Of {worth.customers} customers; it assumes that they go on leaving as they did.")


def _worth(one: "Lifetime", manner: "Manner") -> list[object]:
    """A row of the table of segments; a bound that there is not stays empty."""
    from fairlead.picture.wording import worded

    values = ("" if value is None else worded(value, "money", manner).full for value in (one.value, one.low, one.high))
    return [one.segment or "(none)", one.customers, _share(one.churn, manner), *values]


def _shown(found: "RevenueTold", manner: "Manner") -> None:
    for seen in found.lenses:
        show.say(seen.title, "bold")
        if seen.switches:
            show.note(f"{seen.says} Differs in: {', '.join(seen.switches)}.")
        _lines(found, seen, manner)
        if seen.committed:
            coming = ", ".join(f"{one.kind} {_money(one.money, manner)}" for one in seen.committed)
            show.say(f"Committed after {found.end}: {coming}; CMRR {_money(seen.cmrr, manner)}")
        show.say()
    if found.differences:
        _differences(found, manner)


def _lines(found: "RevenueTold", seen: "Seen", manner: "Manner") -> None:
    """One row a period; kinds that never moved anything are left out."""
    from fairlead.actions.revenue import against
    from fairlead.picture.wording import period_words

    moved = [one.kind for one in seen.lines[0].moved] if seen.lines else []
    kinds = [kind for n, kind in enumerate(moved) if any(line.moved[n].money for line in seen.lines)]
    numbers = ["opening", *kinds, "closing", "balance", "NRR", "GRR", "customers", "lost"]
    rows = [
        [
            period_words(line.period, manner),
            *([line.value or "(none)"] if found.by else []),
            _money(line.opening, manner),
            *(_money(one.money, manner) for one in line.moved if one.kind in kinds),
            _money(line.closing, manner),
            _balance(line, manner),
            _share(line.nrr, manner),
            _share(line.grr, manner),
            line.customers,
            line.lost,
        ]
        for line in seen.lines
    ]
    show.table(["", *([found.by] if found.by else []), *numbers], rows, numbers=numbers)
    if why := against(seen.lines):
        show.note(why)


def _balance(line: "Line", manner: "Manner") -> str:
    return f"off by {_money(line.difference, manner)}" if line.difference else "exact"


def _differences(found: "RevenueTold", manner: "Manner") -> None:
    from fairlead.actions.otherwise import together, where
    from fairlead.actions.revenue import largest

    show.say("Seen otherwise, and why", "bold")
    numbers, shown = ["ours", "theirs", "moved otherwise"], largest(found, SHOWN)
    rows = [
        [
            one.lens,
            one.account.account or one.account.account_id,
            _money(one.account.was, manner),
            _money(one.account.would_be, manner),
            _money(one.account.moved, manner),
            where(one.account.told, manner),
            ", ".join(one.account.why),
        ]
        for one in shown
    ]
    show.table(["lens", "account", *numbers, "where", "why"], rows, numbers=numbers)
    show.say(together(found, shown, manner))
    if found.differences_total > len(rows):
        show.note(f"{found.differences_total - len(rows)} more; --json tells up to 200.")


def _money(value: "Decimal", manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return worded(value, "money", manner).full if value else "0"


def _share(value: float | None, manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return "undefined" if value is None else worded(value, "percent", manner).text
