"""Customers who left within 90 days, traced to the sale that brought them (R100)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fairlead.actions.pricing import Seen
from fairlead.analysis.early_churn import EARLY, early_churn, promised_words, started
from fairlead.analysis.handoff import column_of
from fairlead.model.agreed import Subject
from fairlead.values import in_words


class Leave(NamedTuple):
    """A gate that the deal passed, or may pass, by leave: whose, and why."""

    stage: str
    by: str
    reason: str

    @property
    def sentence(self) -> str:
        """`Discovery by Vera: because.`; what is not known is left out."""
        whose = f" by {self.by}" if self.by else ""
        return f"{in_words(self.stage)}{whose}{f': {self.reason}' if self.reason else ''}"


class Promise(NamedTuple):
    """A promised item that was written down, and what its column reads today."""

    item: str
    says: str

    @property
    def sentence(self) -> str:
        return f"{in_words(self.item)}: {self.says}" if self.says else in_words(self.item)


class Churned(NamedTuple):
    """A customer who left early, and how it was sold. Amounts are in the company's currency, `mrr` by month.

    `written` and `unwritten`: items promised at the handoff, seen there or seen not to be. `late`: handoffs that were
    late. `slipped` and `waived`: gates passed without what they ask. Names are set apart by comma and blank. `promises`
    are the written ones with their words.
    """

    account_id: str
    account: str
    line_id: str
    starts_on: date
    left_on: date
    days: int
    mrr: Decimal
    discount: float | None
    opportunity_id: str | None
    deal: str | None
    kind: str | None
    amount: Decimal | None
    closed_on: date | None
    seller: str | None
    source: str | None
    written: str
    unwritten: str
    late: str
    slipped: str
    waived: tuple[Leave, ...]
    promises: tuple[Promise, ...] = ()


class Count(NamedTuple):
    """How many of those who left early have one thing in common, and which (their ids)."""

    what: str
    value: str
    customers: int
    accounts: tuple[str, ...]


class EarlyChurn(NamedTuple):
    """Of `started` customers these left within `days`; `common` counts what they share, most often first.

    `unseen`: promised items that nothing in the record can show: of nobody is known whether they were written down.
    """

    churned: tuple[Churned, ...]
    started: int
    mrr: Decimal
    days: int
    common: tuple[Count, ...]
    unseen: tuple[str, ...]
    sentence: str
    build: str


def left_early(here: Seen) -> EarlyChurn:
    """Everybody who started in the span and left within 90 days."""
    found = tuple(
        Churned(**{**row, "waived": tuple(Leave(**one) for one in row["waived"] or ())})
        for row in here.rows(early_churn(here.span)).to_pylist()
    )
    words = _words(here, found)
    found = tuple(
        one._replace(promises=tuple(Promise(item, words.get((one.opportunity_id, item), "")) for item in names))
        for one in found
        for names in [one.written.split(", ") if one.written else ()]
    )
    count = int(here.rows(started(here.span)).column(0)[0].as_py())
    mrr = sum((one.mrr for one in found), Decimal("0.00"))
    unseen = _unseen(here)
    sentence = _sentence(found, count, unseen)
    return EarlyChurn(found, count, mrr, EARLY, tuple(_common(found)), unseen, sentence, here.build.name)


def _words(here: Seen, found: Iterable[Churned]) -> dict[tuple[str | None, str], str]:
    """What the columns of promised items read today, by deal and item."""
    model = here.workspace.model
    columns = {
        item: column
        for handoff in model.handoffs.handoffs.values()
        if handoff.subject is Subject.OPPORTUNITY
        for item in handoff.provides
        if item in model.handoffs.items and (column := column_of(model, handoff, item))
    }
    deals = sorted({one.opportunity_id for one in found if one.opportunity_id and one.written})
    if not columns or not deals:
        return {}
    rows = here.rows(promised_words(columns, deals)).to_pylist()
    return {(row["id"], item): row[item] for row in rows for item in columns if row[item]}


def _unseen(here: Seen) -> tuple[str, ...]:
    """What is promised with a deal, and nothing in the record can show."""
    model, unseen = here.workspace.model, here.unseen()
    deals = [one for one in model.handoffs.handoffs.values() if one.subject is Subject.OPPORTUNITY]
    promised = {item: one for one in deals for item in one.provides if item in model.handoffs.items}
    return tuple(item for item, one in promised.items() if (one.name, item) in unseen)


def _sentence(found: tuple[Churned, ...], count: int, unseen: tuple[str, ...]) -> str:
    if not found:
        return f"None of {count:,} customers left within {EARLY} days."
    traced = sum(one.opportunity_id is not None for one in found)
    late = sum(bool(one.late) for one in found)
    gates = sum(bool(one.slipped or one.waived) for one in found)
    said = (
        f"{len({one.account_id for one in found}):,} of {count:,} customers left within {EARLY} days; {traced:,} are"
        f" traced to their deal. A handoff was late for {late:,} of them, and {gates:,} passed a gate without what it"
        " asks."
    )
    if not unseen:
        return said
    return (
        f"{said} Nothing in the record shows whether this was written down: {', '.join(map(in_words, unseen))}."
        " Name a column under items in handoffs.yaml, and map it in a source."
    )


def _common(found: Iterable[Churned]) -> Iterable[Count]:
    """What occurs among them, each once a customer."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found:
        shared = {
            ("seller", one.seller or "not known"),
            ("source", one.source or "not known"),
            ("discount", "with a discount" if one.discount else "without"),
            *(("late handoff", name) for name in one.late.split(", ") if name),
            *(("gate slipped", name) for name in one.slipped.split(", ") if name),
            *(("gate waived", leave.stage) for leave in one.waived),
            *(("written down", name) for name in one.written.split(", ") if name),
            *(("not written down", name) for name in one.unwritten.split(", ") if name),
        }
        for thing in shared:
            seen[thing].append(one.account_id)
    ranked = sorted(seen.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    return (Count(what, value, len(set(ids)), tuple(dict.fromkeys(ids))) for (what, value), ids in ranked)
