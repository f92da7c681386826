"""What the gaps of handoffs cost: which build and days are looked at, and every gap with its price."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Asked, Day, build_for, day_of, opened
from fairlead.actions.laws import BAD_QUESTION
from fairlead.analysis import handed
from fairlead.analysis.gap import LATE, NEVER, Cell, Charged, Price, Worth, charged, costliest_first, ease, price
from fairlead.analysis.handoff import column_of
from fairlead.model.handoffs import Handoff
from fairlead.problem import Refused
from fairlead.values import Progress, Query, in_words, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

EVER = date(1970, 1, 1)
TIMES = {LATE: "The answer came after the time limit.", NEVER: "The time limit has passed, and nobody has answered."}
NOTHING = Charged(0, Decimal("0.00"))
UNTOLD = "not told apart from nothing: its interval holds zero"


class Seen(NamedTuple):
    """A build and the handoffs of it that are looked at."""

    workspace: Workspace
    build: Path
    span: handed.Span

    def rows(self, query: Query) -> "pa.Table":
        return opened(self.build).reader.rows(query)


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
    first_month = workspace.config.fiscal_year_start
    days = {name: day_of(day, first_month, last=name != "start") for name, day in (("start", start), ("end", end))}
    faults = [
        BAD_QUESTION.broken(f"'{given}' is no day and no period.")
        for given, read in ((start, days["start"]), (end, days["end"]), (as_of, day_of(as_of, first_month, last=True)))
        if given is not None and read is None
    ]
    if faults:
        raise Refused(faults)
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    last = opened(build).as_of
    span = handed.Span(days["start"] or EVER, min(days["end"] or last, last), last)
    if span.start > span.end:
        raise Refused([BAD_QUESTION.broken(f"The time asked for ends ({span.end}) before it starts ({span.start}).")])
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


def priced_gaps(here: Seen) -> tuple[Gap, ...]:
    """Every gap of every handoff, the one that matters most first; no deal is charged to two of them.

    Those whose price is not told apart from nothing come after those whose price is.
    """
    model = here.workspace.model.handoffs
    cells: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in here.rows(handed.cells(here.span)).to_pylist():
        key = row["handoff"], row["gap"]
        if key[0] in model.handoffs and (key[1] in TIMES or key[1] in model.items):  # agreed today, not only then
            cells[key].append(Cell(row["limit_name"], row["source"], row["lacks"], row["count"], row["converted"]))
            counts[key][0] += row["every"]
            counts[key][1] += row["every"] if row["lacks"] else 0
    worths: dict[str, list[Worth]] = defaultdict(list)
    for row in here.rows(handed.worths(here.span)).to_pylist():
        worths[row["handoff"]].append(Worth(row["limit_name"], row["count"], row["total"], row["squares"]))
    keys = list(cells)
    prices = [price(cells[key], worths[key[0]]) if _may_cost(model.handoffs[key[0]], key[1]) else None for key in keys]
    told = [
        _gap(here, key, tuple(counts[key]), one, amount)
        for key, one, amount in zip(keys, prices, charged(prices, _taken(here, keys, prices)), strict=True)
    ]
    return tuple(sorted([*told, *_unseen(here)], key=_rank))


def _rank(gap: Gap) -> tuple[bool, float, bool, int, str, str]:
    return not gap.is_told, -gap.weight, gap.price is None, -gap.lacking, gap.handoff, gap.gap


def _taken(here: Seen, keys: Sequence[tuple[str, str]], prices: Sequence[Price | None]) -> dict[int, int]:
    """How many deals each gap is charged with, by its place."""
    order = costliest_first(prices)
    if not order:
        return {}
    priced = [(*keys[place], one.limits) for place in order if (one := prices[place])]
    rows = here.rows(handed.taken(here.span, priced)).to_pylist()
    return {order[row["place"]]: row["deals"] for row in rows}


def _may_cost(handoff: Handoff, gap: str) -> bool:
    """Whether lacking it can cost something: an outcome that failed to come is no cause of itself."""
    return gap != NEVER or handoff.response is not None


def _gap(here: Seen, key: tuple[str, str], counts: tuple[int, ...], priced: Price | None, amount: Charged) -> Gap:
    name, gap = key
    model = here.workspace.model
    handoff = model.handoffs.handoffs[name]
    known, lacking = counts
    late = TIMES.get(gap)
    is_agreed = late is not None or gap in handoff.provides
    return Gap(
        handoff=name,
        gap=gap,
        title=in_words(gap),
        says=late or model.handoffs.items[gap].says,
        kind="time" if late else "record" if is_agreed else "agreement",
        known=known,
        lacking=lacking,
        price=priced,
        charged=amount,
        ease=ease(is_agreed=is_agreed, is_seen=True, done=1 - lacking / known),
        note=("" if priced.is_certain else UNTOLD) if priced else _unpriced(handoff, gap, lacking),
    )


def _unpriced(handoff: Handoff, gap: str, lacking: int) -> str:
    if not lacking:
        return "there is none" if gap in TIMES else "nobody lacks it"
    if not _may_cost(handoff, gap):
        return "what stops its clock is an outcome and no answer: that nothing came of it is no cause"
    if not handoff.converts:
        return "the agreement does not say what this handoff converts to (converts, worth)"
    return "nobody who lacks it is old enough and has peers to be compared with"


def _unseen(here: Seen) -> Iterator[Gap]:
    """Needed items that no column can show: nobody knows whether they are there."""
    model = here.workspace.model
    for name, handoff in model.handoffs.handoffs.items():
        for item in handoff.needs:
            if item in model.handoffs.items and column_of(model, handoff, item) is None:
                is_agreed = item in handoff.provides
                yield Gap(
                    name, item, in_words(item), model.handoffs.items[item].says,
                    "unseen" if is_agreed else "agreement", 0, 0, None, NOTHING,
                    ease(is_agreed=is_agreed, is_seen=False, done=0.0),
                    "no column of the record can show it: name one under items in handoffs.yaml",
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
