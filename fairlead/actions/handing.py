"""How handoffs run: what was handed over, what each gap costs, and which handoff chafes most."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.laws import UNKNOWN_HANDOFF
from fairlead.actions.pricing import Gap, Priced, Seen, priced_gaps
from fairlead.analysis import handed
from fairlead.analysis.gap_total import Total
from fairlead.analysis.handoff import column_of, needed_or_promised
from fairlead.analysis.slowest import Slow, slowest, waiting
from fairlead.model.handoffs import Handoff
from fairlead.problem import Refused, did_you_mean
from fairlead.values import in_words
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa


SHARES = ("late", "hours", "accepted", "returned", "completeness", "quality", "friction")


class Running(NamedTuple):
    """How one handoff ran. Shares are 0 to 1, of those where it is known, and None where it never is.

    `hours`: of those answered, half within; as hours that count. `friction` is the share that did not run clean: late,
    returned or incomplete. `lost` is what its gaps count for in the total, in the company's currency.
    """

    name: str
    title: str
    giver: str
    taker: str
    handed: int
    responded: int
    late: float | None
    hours: float | None
    accepted: float | None
    returned: float | None
    completeness: float | None
    quality: float | None
    friction: float | None
    compared: int
    converted: int
    value: Decimal
    lost: Decimal


class Handoffs(NamedTuple):
    """All handoffs from `start` to `end`, their gaps ranked, and the one that chafes most, with the reason in words.

    `total` is the sum of what the gaps are charged with, `certain` of those whose price is told apart from nothing,
    each with its interval. Amounts are in `currency`.
    """

    handoffs: tuple[Running, ...]
    gaps: tuple[Gap, ...]
    total: Total
    certain: Total
    worst: str | None
    reason: str
    slow: tuple[Slow, ...]
    start: date
    end: date
    as_of: date
    currency: str
    build: str


class Package(NamedTuple):
    """An item of a handoff: what the agreement says of it, and of `seen` handoffs where it can be told, it was `there`.

    `column` shows it; without one nothing can be seen.
    """

    item: str
    says: str
    is_needed: bool
    is_promised: bool
    column: str | None
    seen: int
    there: int


class Recycled(NamedTuple):
    """Of those handed over of one value of a dimension: returned, for a reason that is not agreed, and what followed.

    `came_back` were handed over again; `converted` led to something after all.
    """

    dimension: str
    value: str
    handed: int
    returned: int
    not_agreed: int
    came_back: int
    converted: int


class OneHandoff(NamedTuple):
    """One handoff: what is agreed (`package`, `agreement`), how it ran, its gaps, where it waits, what came back.

    `total` and `certain`: what its own gaps are charged with.
    """

    running: Running
    agreement: Handoff
    package: tuple[Package, ...]
    gaps: tuple[Gap, ...]
    total: Total
    certain: Total
    slow: Slow | None
    recycled: tuple[Recycled, ...]
    start: date
    end: date
    as_of: date
    currency: str
    build: str


def handoffs(here: Seen) -> Handoffs:
    """Every handoff of the model as it ran, its gaps priced and ranked, and the one to begin with."""
    return _ran(here, priced_gaps(here))


def _ran(here: Seen, priced: Priced) -> Handoffs:
    workspace, gaps = here.workspace, priced.gaps
    running = tuple(_running(here, {name: one.total.amount for name, one in priced.of.items()}))
    slow = tuple(one for name in workspace.model.handoffs.handoffs if (one := slowest_of(here, name)))
    worst = _worst(running)
    return Handoffs(
        running,
        gaps,
        priced.lost.total,
        priced.lost.certain,
        worst.name if worst else None,
        _reason(worst, gaps, {one.handoff: one for one in slow}) if worst else "No handoff could be measured.",
        slow,
        here.span.start,
        here.span.end,
        here.span.as_of,
        workspace.manner.currency,
        here.build.name,
    )


def handoff(here: Seen, name: str) -> OneHandoff:
    """One handoff; raises Refused for one that is not agreed. Its gaps are priced among those of all handoffs."""
    agreement = named(here.workspace, name)
    priced = priced_gaps(here)
    found, own = _ran(here, priced), priced.of[name]
    counts = {row["item"]: row for row in here.rows(handed.items(here.span, name)).to_pylist()}
    model = here.workspace.model
    package = tuple(
        Package(
            item=item,
            says=model.handoffs.items[item].says,
            is_needed=item in agreement.needs,
            is_promised=item in agreement.provides,
            column=column_of(model, agreement, item),
            seen=counts.get(item, {}).get("seen", 0),
            there=counts.get(item, {}).get("there", 0),
        )
        for item in needed_or_promised(model, agreement)
    )
    rows = here.rows(handed.recycled(here.span, name)).to_pylist() if agreement.recycling else []
    return OneHandoff(
        next(one for one in found.handoffs if one.name == name),
        agreement,
        package,
        tuple(gap for gap in found.gaps if gap.handoff == name),
        own.total,
        own.certain,
        next((one for one in found.slow if one.handoff == name), None),
        tuple(Recycled(**row) for row in rows if row["returned"] and row["value"] is not None),
        found.start,
        found.end,
        found.as_of,
        found.currency,
        found.build,
    )


def named(workspace: Workspace, name: str) -> Handoff:
    """The handoff of that name; raises Refused when there is none."""
    known = workspace.model.handoffs.handoffs
    if name not in known:
        raise Refused([UNKNOWN_HANDOFF.broken(f"unknown handoff '{name}'.", hint=did_you_mean(name, known))])
    return known[name]


def first(workspace: Workspace) -> str:
    """The handoff to begin with, as the plan names it, or the first one; raises Refused when none is agreed."""
    model = workspace.model
    known = list(model.handoffs.handoffs)
    chosen = model.plan.first_handoff if model.plan.first_handoff in known else next(iter(known), "")
    return named(workspace, chosen or "").name


def _running(here: Seen, lost: Mapping[str, Decimal]) -> Iterator[Running]:
    rows = {row["handoff"]: row for row in here.rows(handed.summaries(here.span)).to_pylist()}
    for name, handoff in here.workspace.model.handoffs.handoffs.items():
        row = rows.get(name, {})
        count = row.get("handed", 0)
        yield Running(
            name=name,
            title=handoff.title,
            giver=str(handoff.from_),
            taker=str(handoff.to),
            handed=count,
            responded=row.get("responded", 0),
            late=_share(row.get("late"), row.get("timed")),
            hours=None if row.get("median_seconds") is None else row["median_seconds"] / 3600,
            accepted=_share(row.get("accepted"), row.get("judged")),
            returned=_share(row.get("returned"), count) if handoff.recycling else None,
            completeness=row.get("completeness"),
            quality=row.get("quality"),
            friction=_share(row.get("snagged"), row.get("known")),
            compared=row.get("compared", 0),
            converted=row.get("converted", 0),
            value=row.get("value") or Decimal("0.00"),
            lost=lost.get(name, Decimal("0.00")),
        )


def running_table(running: Sequence[Running]) -> "pa.Table":
    """How handoffs ran as a table, a row each: shares 0 to 1, hours, amounts in the company's currency."""
    import pyarrow as pa

    money = pa.decimal128(18, 2)
    columns = {name: [getattr(one, name) for one in running] for name in Running._fields}
    kinds = {"value": money, "lost": money} | dict.fromkeys(SHARES, pa.float64())
    return pa.table({name: pa.array(values, kinds.get(name)) for name, values in columns.items()})


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


# where it chafes


def slowest_of(here: Seen, name: str) -> Slow | None:
    """The region, segment, source or persona for whom a handoff takes conspicuously longer than for others."""
    rows = [row for row in here.rows(handed.waits(here.span, name)).to_pylist() if row["value"] is not None]
    return slowest(name, tuple(waiting(**row) for row in rows))


def _worst(running: Sequence[Running]) -> Running | None:
    """The handoff of which most did not run clean; of equal ones the one that lost more."""
    measured = [one for one in running if one.friction is not None and one.handed]
    return max(measured, key=lambda one: (one.friction or 0.0, one.lost), default=None)


def _reason(worst: Running, gaps: Sequence[Gap], slow: Mapping[str, Slow]) -> str:
    """Why a handoff chafes most, in one or two sentences."""
    parts = []
    if worst.late:
        parts.append(f"{worst.late:.0%} were answered late or not at all")
    if worst.returned:
        parts.append(f"{worst.returned:.0%} came back")
    if worst.completeness is not None and worst.completeness < 1:
        parts.append(f"what is needed was there to {worst.completeness:.0%}")
    said = f"{worst.title}: of {worst.handed:,} handed over, {worst.friction or 0:.0%} did not run clean"
    said += f": {', '.join(parts)}." if parts else "."
    if found := slow.get(worst.name):
        said += f" It takes longest where {found.dimension} is {in_words(found.value)}: {found.sentence}."
    first = next((g for g in gaps if g.handoff == worst.name and g.is_told and g.charged.amount), None)
    return f"{said} Its costliest gap is {first.title.lower()}." if first else said
