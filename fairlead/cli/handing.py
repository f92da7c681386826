"""The command that tells how handoffs run, and what their gaps cost."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, FirstDay, Json, KnownAt, LastDay, here, moment, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairlead.actions.briefing import Brief
    from fairlead.actions.churning import EarlyChurn
    from fairlead.actions.handing import Handoffs, OneHandoff, Running
    from fairlead.actions.pricing import Gap
    from fairlead.analysis.gap_total import Total
    from fairlead.picture.wording import Manner

commands = typer.Typer()
HALF = "of answered, half within"  # who was never answered is not in it, so the heading has to say of whom it is


@commands.command()
def handoffs(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    name: Annotated[str | None, typer.Argument(help="One handoff; default: all of them.")] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Weak leads or no follow-up? Both sides, from the same rows.")
    ] = False,
    early_churn: Annotated[
        bool, typer.Option("--early-churn", help="Customers who left within 90 days, traced to their sale.")
    ] = False,
    start: FirstDay = None,
    end: LastDay = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Tell how handoffs run: late, returned, incomplete; what each gap costs, and where to begin."""
    from fairlead.actions import handing
    from fairlead.actions.briefing import brief as both_sides
    from fairlead.actions.churning import left_early
    from fairlead.actions.pricing import seen

    _refuse_both(name, brief=brief, early_churn=early_churn)
    workspace = here()
    with show.progress() as progress:
        known = moment(known_at, workspace)
        looked = seen(workspace, start=start, end=end, as_of=as_of, known_at=known, progress=progress)
    manner = workspace.manner
    if early_churn:
        churn = left_early(looked)
        print_json(churn) if as_json else _churn(churn, manner)
    elif brief:
        sides = both_sides(looked, name or handing.first(workspace))
        print_json(sides) if as_json else _brief(sides, manner)
    elif name:
        one = handing.handoff(looked, name)
        print_json(one) if as_json else _one(one, manner)
    else:
        found = handing.handoffs(looked)
        print_json(found) if as_json else _all(found, manner)


def _refuse_both(name: str | None, *, brief: bool, early_churn: bool) -> None:
    """Raises Refused for two questions at once, of which one would go unanswered."""
    from fairlead.actions.laws import BAD_QUESTION
    from fairlead.problem import Refused

    if early_churn and (brief or name):
        hint = "Leave out --early-churn, or the handoff and --brief."
        raise Refused([BAD_QUESTION.broken("early churn is no question about one handoff.", hint=hint)])


def _one(found: "OneHandoff", manner: "Manner") -> None:
    show.say(found.running.title, "bold")
    _running([found.running], manner)
    show.say("\nAgreed", "bold")
    rows = [
        [
            p.item,
            "yes" if p.is_promised else "no",
            "yes" if p.is_needed else "no",
            p.column or "",
            _part(p.there, p.seen),
        ]
        for p in found.package
    ]
    show.table(["item", "promised", "needed", "column", "there"], rows, numbers=["there"])
    show.say("\nGaps", "bold")
    _gaps(found.gaps, manner)
    _together(found.certain, found.total, manner)
    if found.slow:
        show.say(f"Slowest where {found.slow.dimension} is {found.slow.value}: {found.slow.sentence}.")
    if found.recycled:
        show.say("\nReturned", "bold")
        headers = ["by", "", "handed", "returned", "reason not agreed", "came back", "converted after all"]
        show.table(headers, [list(r) for r in found.recycled], numbers=headers[2:])


def _part(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" if whole else "not seen"


def _brief(found: "Brief", manner: "Manner") -> None:
    show.say(found.sentence, "bold")
    headers = ["by", "", "handed", "answered", "late", "minutes", "attempts", "accepted", "in time", "late or never"]
    rows = [
        [s.dimension, s.value, s.handed, show.said(s.answered, "percent", manner), s.late_count,
         show.said(s.minutes, "minutes", manner), show.said(s.attempts, "number", manner),
         *(show.said(value, "percent", manner) for value in (s.accepted, s.in_time, s.late))]
        for s in found.sides
    ]  # fmt: skip
    show.table(headers, rows, numbers=headers[2:])
    if found.choices:
        show.say("\nWhat could be done", "bold")
    for choice in found.choices:
        show.say(f"  {choice.name}: {choice.says}")


def _churn(found: "EarlyChurn", manner: "Manner") -> None:
    show.say(found.sentence, "bold")
    headers = [
        "customer",
        "from",
        "to",
        "days",
        "MRR",
        "deal",
        "seller",
        "source",
        "written down",
        "not written down",
        "late",
        "slipped",
        "waived",
    ]
    rows = [
        [c.account, c.starts_on, c.left_on, c.days, show.said(c.mrr, "money", manner), c.deal or "no deal", c.seller,
         c.source, "; ".join(promise.sentence for promise in c.promises), c.unwritten, c.late, c.slipped,
         "; ".join(leave.sentence for leave in c.waived)]
        for c in found.churned
    ]  # fmt: skip
    show.table(headers, rows, numbers=["days", "MRR"])
    show.say("\nIn common", "bold")
    show.table(["", "", "customers"], [[c.what, c.value, c.customers] for c in found.common], numbers=["customers"])


def _all(found: "Handoffs", manner: "Manner") -> None:
    show.say(found.reason, "bold")
    _running(found.handoffs, manner)
    show.say("\nGaps", "bold")
    _gaps(found.gaps, manner)
    _together(found.certain, found.total, manner)
    for one in found.slow:
        show.say(f"{one.handoff} is slowest where {one.dimension} is {one.value}: {one.sentence}.")


def _together(certain: "Total", total: "Total", manner: "Manner") -> None:
    from fairlead.actions.pricing import ONLY_COSTLY

    def said(one: "Total") -> str:
        amount, low, high = (show.said(value, "money", manner) for value in one)
        return f"{amount} ({low} to {high})"

    show.say(
        f"Told apart from nothing: {said(certain)}, of {said(total)} in all."
        " A deal with several gaps counts for one of them only: the costliest of those told apart."
        f" {ONLY_COSTLY}."
    )


def _running(running: "Sequence[Running]", manner: "Manner") -> None:
    headers = ["handoff", "handed", "answered", "late", HALF, "accepted", "returned", "complete", "quality", "lost"]
    rows = [
        [r.name, r.handed, r.responded, show.said(r.late, "percent", manner), _hours(r.hours, manner),
         *(show.said(v, "percent", manner) for v in (r.accepted, r.returned, r.completeness, r.quality)),
         show.said(r.lost, "money", manner)]
        for r in running
    ]  # fmt: skip
    show.table(headers, rows, numbers=headers[1:])


def _hours(value: float | None, manner: "Manner") -> str:
    """Hours, told in minutes where they are less than one, as the page does."""
    if value is None or value >= 1:
        return show.said(value, "hours", manner)
    return show.said(value * 60, "minutes", manner)


def _gaps(gaps: "Sequence[Gap]", manner: "Manner") -> None:
    headers = [
        "handoff",
        "gap",
        "lack it",
        "of",
        "convert without",
        "with",
        "alone",
        "from",
        "to",
        "counts for",
        "ease",
    ]
    rows = [
        [
            g.handoff,
            g.gap,
            g.lacking,
            g.known,
            *_price(g, manner),
            show.said(g.charged.amount, "money", manner),
            f"{g.ease:.2f}",
        ]
        for g in gaps
        if g.price
    ]
    show.table(headers, rows, numbers=headers[2:])
    for gap in gaps:
        if gap.price and gap.note:
            show.note(f"{gap.handoff}: the price of {gap.gap} is {gap.note}.")
        if not gap.price:
            show.note(f"{gap.handoff}: {gap.gap} has no price: {gap.note}.")


def _price(gap: "Gap", manner: "Manner") -> list[str]:
    price = gap.price
    if price is None:
        return [""] * 5
    amounts = (price.alone, price.interval.low, price.interval.high)
    return [
        show.said(price.share_without, "percent", manner),
        show.said(price.share_with, "percent", manner),
        *(show.said(amount, "money", manner) for amount in amounts),
    ]
