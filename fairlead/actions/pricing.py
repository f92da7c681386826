"""What the gaps of handoffs cost: which build and days are looked at, and every gap with its price."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Asked, build_for, opened
from fairlead.actions.days import Day, days_of, in_order
from fairlead.analysis import handed
from fairlead.analysis.gap import (
    LATE,
    NEVER,
    Cell,
    Charged,
    Price,
    Worth,
    charged,
    costliest_first,
    ease,
    price,
    pulls,
)
from fairlead.analysis.gap_total import Lost, Part, Products, lost
from fairlead.analysis.handoff import column_of, needed_or_promised
from fairlead.model.handoffs import Handoff
from fairlead.model.whole import Model
from fairlead.values import Progress, Query, in_words, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

EVER = date(1970, 1, 1)
TIMES = {LATE: "The answer came after the time limit.", NEVER: "The time limit has passed, and nobody has answered."}
NOTHING = Charged(0, Decimal("0.00"))
ONLY_COSTLY = (
    "In all adds only what seems to cost something: gaps that seem to bring something count nothing, so by chance it"
    " is rather too high than too low"
)
UNTOLD = "not told apart from nothing: "


class Seen(NamedTuple):
    """A build and the handoffs of it that are looked at."""

    workspace: Workspace
    build: Path
    span: handed.Span

    def rows(self, query: Query) -> "pa.Table":
        return opened(self.build).reader.rows(query)

    def unseen(self) -> dict[tuple[str, str], str]:
        """By handoff and item, why of nobody it is known whether that was handed over; only those."""
        model, untold = self.workspace.model, self.rows(handed.unseen()).to_pylist()
        found = {(one["handoff"], one["item"]): "" for one in untold}
        found |= {(h.name, i): "" for h in model.handoffs.handoffs.values() for i in needed_or_promised(model, h)
            if column_of(model, h, i) is None}  # fmt: skip
        return {(name, item): _why_unseen(model, name, item) for name, item in found}


def _why_unseen(model: Model, handoff: str, item: str) -> str:
    column = column_of(model, model.handoffs.handoffs[handoff], item)
    if column is None:
        return "no column of the record can show it: name one under items in handoffs.yaml"
    return f"no source fills {column}: map it in one"


def seen(  # noqa: PLR0913 - where, from when to when, and as of when
    workspace: Workspace,
    *,
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Seen:
    """The build that answers and the days asked for; raises Refused for a day that is none."""
    now = now or datetime.now(UTC)
    days = days_of(start, end, as_of, workspace.config.fiscal_year_start)
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    last = opened(build).as_of
    span = handed.Span(days.start or EVER, min(days.end or last, last), last)
    in_order(span.start, span.end)
    return Seen(workspace, build, span)


class Gap(NamedTuple):
    """Something a handoff lacks: of `known` handoffs where it can be told, `lacking` lack it.

    `kind`: agreement (needed, and nobody has promised it), record (promised, and missing), time (late), unseen (needed,
    and no column can show it). `price` is None where nothing can be compared, and `note` says why, or that the price
    may be nothing. `ease` is 0 to 1.
    """

    handoff: str
    gap: str
    title: str
    says: str
    kind: str
    known: int
    lacking: int
    price: Price | None
    charged: Charged
    ease: float
    note: str

    @property
    def is_told(self) -> bool:
        """Whether its price is told apart from nothing."""
        return self.price is not None and self.price.is_certain

    @property
    def weight(self) -> float:
        """What gaps are ranked by: the loss it is charged with, and how easily it is closed."""
        return float(self.charged.amount) * self.ease


class Priced(NamedTuple):
    """Every gap, the one that matters most first, and what they count for: all of them, and those of each handoff."""

    gaps: tuple[Gap, ...]
    lost: Lost
    of: Mapping[str, Lost]


def priced_gaps(here: Seen) -> Priced:
    """Every gap of every handoff; no deal is charged to two of them.

    Those whose price is not told apart from nothing come after those whose price is, and take no deal from them.
    """
    found = _found(here)
    prices = [one.price for one in found]
    charges = charged(prices, _taken(here, found))
    gaps = [_gap(here, one, amount) for one, amount in zip(found, charges, strict=True)]
    parts = [
        Part(place, one.handoff, one.price, amount)
        for place, (one, amount) in enumerate(zip(found, charges, strict=True))
        if one.price and amount.deals
    ]
    products, among = _products(here, found, parts), len(prices) - prices.count(None)
    of = {
        name: lost([p for p in parts if p.handoff == name], products, among)
        for name in here.workspace.model.handoffs.handoffs
    }
    return Priced(tuple(sorted([*gaps, *_unseen(here)], key=_rank)), lost(parts, products, among), of)


class _Found(NamedTuple):
    """A gap that can be told: its cells and their worths, how many are known and how many lack it, and its price."""

    handoff: str
    gap: str
    cells: Sequence[Cell]
    worths: Sequence[Worth]
    known: int
    lacking: int
    price: Price | None


def _found(here: Seen) -> tuple[_Found, ...]:
    model = here.workspace.model.handoffs
    cells: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    known: dict[tuple[str, str], int] = defaultdict(int)
    lacking: dict[tuple[str, str], int] = defaultdict(int)
    for row in here.rows(handed.cells(here.span)).to_pylist():
        key = row["handoff"], row["gap"]
        if key[0] in model.handoffs and (key[1] in TIMES or key[1] in model.items):  # agreed today, not only then
            cells[key].append(
                Cell(row["limit_name"], row["source"], row["lacks"], row["count"], row["converted"], row["today"])
            )
            known[key] += row["every"]
            lacking[key] += row["every"] if row["lacks"] else 0
    worths: dict[str, list[Worth]] = defaultdict(list)
    for row in here.rows(handed.worths(here.span)).to_pylist():
        worths[row["handoff"]].append(Worth(row["limit_name"], row["count"], row["total"], row["squares"]))
    return tuple(
        _Found(name, gap, own, worths[name], known[name, gap], lacking[name, gap],
               price(own, worths[name]) if _may_cost(model.handoffs[name], gap) else None)
        for (name, gap), own in cells.items()
    )  # fmt: skip


def _products(here: Seen, found: Sequence[_Found], parts: Sequence[Part]) -> Products:
    """How the prices of gaps that count err together."""
    pulled = [
        handed.Pulled(part.place, one.handoff, one.gap, pull)
        for part in parts
        for one in (found[part.place],)
        for pull in pulls(one.cells, one.worths)
    ]
    rows = here.rows(handed.pulled(here.span, pulled)).to_pylist() if pulled else []
    return {(row["place"], row["other"]): row["product"] for row in rows}


def _rank(gap: Gap) -> tuple[bool, float, bool, int, str, str]:
    return not gap.is_told, -gap.weight, gap.price is None, -gap.lacking, gap.handoff, gap.gap


def _taken(here: Seen, found: Sequence[_Found]) -> dict[int, int]:
    """How many deals each gap is charged with, by its place."""
    order = costliest_first([one.price for one in found])
    if not order:
        return {}
    ordered = [found[place] for place in order]
    priced = [(one.handoff, one.gap, one.price.limits if one.price else ()) for one in ordered]
    rows = here.rows(handed.taken(here.span, priced)).to_pylist()
    return {order[row["place"]]: row["deals"] for row in rows}


def _may_cost(handoff: Handoff, gap: str) -> bool:
    """Whether lacking it can cost something: an outcome that failed to come is no cause of itself.

    A signal about the customer, as its kickoff, is a step to the outcome: without it nothing can come of the handoff.
    """
    return gap != NEVER or (handoff.response is not None and bool(handoff.response.kinds))


def _gap(here: Seen, found: _Found, amount: Charged) -> Gap:
    name, gap, priced = found.handoff, found.gap, found.price
    model = here.workspace.model
    handoff = model.handoffs.handoffs[name]
    late = TIMES.get(gap)
    is_agreed = late is not None or gap in handoff.provides
    return Gap(
        handoff=name,
        gap=gap,
        title=in_words(gap),
        says=late or model.handoffs.items[gap].says,
        kind="time" if late else "record" if is_agreed else "agreement",
        known=found.known,
        lacking=found.lacking,
        price=priced,
        charged=amount,
        ease=ease(is_agreed=is_agreed, is_seen=True, done=1 - found.lacking / found.known),
        note=_untold(model, handoff, gap, priced) if priced else _unpriced(handoff, gap, found.lacking),
    )


def _untold(model: Model, handoff: Handoff, gap: str, priced: Price) -> str:
    """Why a price is not told apart from nothing; nothing where it is."""
    why = ["its interval holds zero"] if priced.holds_zero else []
    if priced.today:
        column = column_of(model, handoff, gap)
        why.append(
            f"of {priced.today:,} it is only known what {column} is today, not what it was at the handoff, and whoever"
            " converts may get it afterwards"
        )
    return UNTOLD + "; ".join(why) if why else ""


def _unpriced(handoff: Handoff, gap: str, lacking: int) -> str:
    if not lacking:
        return "there is none" if gap in TIMES else "nobody lacks it"
    if not _may_cost(handoff, gap):
        return "what stops its clock is an outcome or a step to it, and no answer: that nothing came of it is no cause"
    if not handoff.converts:
        return "the agreement does not say what this handoff converts to (converts, worth)"
    return "nobody who lacks it is old enough and has peers to be compared with"


def _unseen(here: Seen) -> Iterator[Gap]:
    """Needed items that nothing in the record can show: nobody knows whether they are there."""
    model, unseen = here.workspace.model, here.unseen()
    for name, handoff in model.handoffs.handoffs.items():
        for item in handoff.needs:
            if why := unseen.get((name, item)):
                is_agreed = item in handoff.provides
                yield Gap(
                    name, item, in_words(item), model.handoffs.items[item].says,
                    "unseen" if is_agreed else "agreement", 0, 0, None, NOTHING,
                    ease(is_agreed=is_agreed, is_seen=False, done=0.0),
                    why,
                )  # fmt: skip


def gaps_table(gaps: Sequence[Gap]) -> "pa.Table":
    """Gaps as a table, a row each: amounts are numbers in the company's currency, shares 0 to 1."""
    import pyarrow as pa

    return pa.Table.from_pylist([_gap_row(gap) for gap in gaps], schema=_gap_schema())


def _gap_row(gap: Gap) -> dict[str, object]:
    price = gap.price
    return {
        "handoff": gap.handoff, "gap": gap.gap, "kind": gap.kind, "known": gap.known, "lacking": gap.lacking,
        "compared": price.compared if price else None, "converted_without": price.share_without if price else None,
        "converted_with": price.share_with if price else None, "costs_alone": price.alone if price else None,
        "low": price.interval.low if price else None, "high": price.interval.high if price else None,
        "counts_for": gap.charged.amount, "deals": gap.charged.deals, "ease": gap.ease, "note": gap.note,
    }  # fmt: skip


def _gap_schema() -> "pa.Schema":
    import pyarrow as pa

    money, count, share = pa.decimal128(18, 2), pa.int64(), pa.float64()
    kinds = {"known": count, "lacking": count, "compared": count, "deals": count, "ease": share}
    kinds |= {"converted_without": share, "converted_with": share}
    kinds |= dict.fromkeys(("costs_alone", "low", "high", "counts_for"), money)
    names = (
        "handoff", "gap", "kind", "known", "lacking", "compared", "converted_without", "converted_with",
        "costs_alone", "low", "high", "counts_for", "deals", "ease", "note",
    )  # fmt: skip
    return pa.schema([(name, kinds.get(name, pa.string())) for name in names])
