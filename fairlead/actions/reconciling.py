"""CRM against billing: a bridge from what was won to what is billed, and every difference as an open item."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked, build_for, holding, opened
from fairlead.actions.days import Day
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.uncounted import noted, uncounted
from fairlead.analysis import reconciled
from fairlead.analysis.reconciled import KINDS, Kind
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Progress, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MONEY = ("total", "matched", "explained", "unexplained")
NOTHING = Decimal("0.00")
NOBODY = "nobody"
TABLE = "mart.reconciliation"
MADE_OF = ("opportunity", "contract_line", "invoice")
NOT_INVOICED = "not_invoiced"
CONTRACTED = (
    "Contracts that billing has of what was not invoiced: they are in billing's total, and matched with nothing."
)


class Step(NamedTuple):
    """A step of the bridge from the CRM's total to billing's: by how much it changes, and how many rows that is.

    `kind` names the rows of mart.reconciliation that it is made of; empty for currency and what is unexplained.
    """

    name: str
    title: str
    says: str
    kind: str
    rows: int
    money: Decimal


class Held(NamedTuple):
    """What is reconciled of one kind: `crm_only` and `billing_only` are what one side says beyond `matched`.

    `money` is what is at stake, `oldest` the days since the oldest of them began. In the company's currency.
    """

    kind: str
    title: str
    says: str
    is_open: bool
    rows: int
    deals: int
    lines: int
    matched: Decimal
    crm_only: Decimal
    billing_only: Decimal
    fx: Decimal
    money: Decimal
    oldest: int | None


class Side(NamedTuple):
    """One of the two totals, of so many `rows`: total = matched + explained + unexplained, to the cent."""

    total: Decimal
    rows: int
    matched: Decimal
    explained: Decimal
    unexplained: Decimal


class InCurrency(NamedTuple):
    """Both totals in one currency, and the same in the company's at the dated rates."""

    currency: str | None
    crm: Decimal
    crm_money: Decimal
    billing: Decimal
    billing_money: Decimal


class OpenItem(NamedTuple):
    """Something to be looked at, by whom and since when. `money` is in the company's currency, amounts in their own.

    `due_amount` and `invoiced_amount` are of what was invoiced otherwise, in billing's currency.
    """

    entry: str
    kind: str
    says: str
    account_id: str | None
    account: str | None
    opportunity_id: str | None
    deal: str | None
    line_id: str | None
    invoice_id: str | None
    owner_id: str | None
    owner: str | None
    owner_email: str | None
    age_days: int | None
    closed_on: date | None
    starts_on: date | None
    how: str | None
    score: float | None
    crm_currency: str | None
    crm_amount: Decimal | None
    billing_currency: str | None
    billing_amount: Decimal | None
    due_amount: Decimal | None
    invoiced_amount: Decimal | None
    money: Decimal


class Reconciled(NamedTuple):
    """CRM against billing as of a day; `notes` say what is in neither.

    `items` are those asked for; `items_total` and `owners` are of all there are."""

    as_of: date
    currency: str
    crm: Side
    billing: Side
    bridge: tuple[Step, ...]
    kinds: tuple[Held, ...]
    currencies: tuple[InCurrency, ...]
    items: tuple[OpenItem, ...]
    items_total: int
    owners: tuple[str, ...]
    kind: str | None
    owner: str | None
    notes: tuple[Problem, ...]
    build: str


def reconcile(  # noqa: PLR0913 - the public verb: every part of a question is a keyword of its own
    workspace: Workspace,
    *,
    kind: str | None = None,
    owner: str | None = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Reconciled:
    """The bridge from the CRM's won bookings to billing's contracts, and the open items, the largest first.

    `kind` and `owner` (a name, an email or an id, or `nobody`) choose among the open items; the bridge is always of
    all. Raises Refused for a kind, an owner or a day that there is not.
    """
    now = now or datetime.now(UTC)
    if kind is not None and kind not in (known := [one.name for one in KINDS if one.is_open]):
        raise Refused([BAD_QUESTION.broken(f"'{kind}' is no kind of open item.", hint=did_you_mean(kind, known))])
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    said = holding(build, TABLE, "held deals against billing")
    here = opened(build)
    total = here.reader.rows(reconciled.totals()._replace(params=(here.as_of,))).to_pylist()[0]
    held = _held(here.reader.rows(reconciled.by_kind()).to_pylist())
    every = tuple(OpenItem(**row) for row in here.reader.rows(reconciled.open_items()).to_pylist())
    return Reconciled(
        as_of=here.as_of,
        currency=said["currency"],
        crm=_side(total["crm"], total["deals"], held, "crm_only", total["reconciled_crm"]),
        billing=_side(total["billing"], total["lines"], held, "billing_only", total["reconciled_billing"]),
        bridge=_bridge(held, total),
        kinds=held,
        currencies=tuple(InCurrency(**row) for row in here.reader.rows(reconciled.by_currency()).to_pylist()),
        items=tuple(one for one in _of(every, owner) if kind is None or one.kind == kind),
        items_total=len(every),
        owners=tuple(sorted({one.owner for one in every if one.owner})),
        kind=kind,
        owner=owner,
        notes=noted(uncounted(build, MADE_OF)),
        build=build.name,
    )


def _held(rows: Sequence[Mapping[str, Any]]) -> tuple[Held, ...]:
    """A row a kind that is there, in the order of `KINDS`."""
    found = {row["kind"]: row for row in rows}
    return tuple(_one(kind, found[kind.name]) for kind in KINDS if kind.name in found)


def _one(kind: Kind, row: Mapping[str, Any]) -> Held:
    return Held(title=kind.title, says=kind.says, is_open=kind.is_open, **row)


def _side(total: Decimal, rows: int, held: Sequence[Held], own: str, reconciled_total: Decimal) -> Side:
    """One total; what is explained is what the kinds hold beyond the matched, in billing's with the currency."""
    fx = sum((one.fx for one in held), NOTHING) if own == "billing_only" else NOTHING
    matched = sum((one.matched for one in held), NOTHING)
    explained = sum((getattr(one, own) for one in held), NOTHING) + fx
    return Side(total, rows, matched, explained, total - reconciled_total)


def _bridge(held: Sequence[Held], total: Mapping[str, Any]) -> tuple[Step, ...]:
    """From the CRM's total to billing's: every kind of money, then currency, then what is unexplained.

    What was not invoiced is all that the CRM has of it; the contracts that billing has of it are the step after.
    """
    of_money = {one.name for one in KINDS if one.of_money}
    steps = []
    for one in held:
        net = one.billing_only - one.crm_only
        if one.kind == NOT_INVOICED:
            steps.append(Step(one.kind, one.title, one.says, one.kind, one.rows, -one.crm_only))
            if one.billing_only:
                steps.append(Step("contracted", "Contract, no invoice", CONTRACTED, "", 0, one.billing_only))
        elif one.kind in of_money and (one.billing_only or one.crm_only):
            steps.append(Step(one.kind, one.title, one.says, one.kind, one.rows, net))
    fx = sum((one.fx for one in held), NOTHING)
    rest = total["billing"] - total["reconciled_billing"] - (total["crm"] - total["reconciled_crm"])
    if fx:
        steps.append(Step("currency", "Currency", "The rates of closing and of the start differ.", "", 0, fx))
    if rest:
        steps.append(Step("unexplained", "Unexplained", "A fault of the build: rows that are in no kind.", "", 0, rest))
    return tuple(steps)


def _of(items: Sequence[OpenItem], owner: str | None) -> tuple[OpenItem, ...]:
    """Those of one owner; raises Refused where nobody of that name has one."""
    if owner is None:
        return tuple(items)
    if owner == NOBODY:
        return tuple(one for one in items if one.owner_id is None)
    said = owner.strip().casefold()
    found = tuple(one for one in items if said in _names(one))
    if not found:
        hint = did_you_mean(owner, sorted({one.owner for one in items if one.owner}))
        raise Refused([BAD_QUESTION.broken(f"nobody called '{owner}' has an open item.", hint=hint)])
    return found


def _names(item: OpenItem) -> frozenset[str]:
    return frozenset(word.casefold() for word in (item.owner_id, item.owner, item.owner_email) if word)


def items_table(items: Sequence[OpenItem]) -> "pa.Table":
    """Open items as a table, a row each."""
    import pyarrow as pa

    amounts = ("money", "crm_amount", "billing_amount", "due_amount", "invoiced_amount")
    kinds = dict.fromkeys(amounts, pa.decimal128(18, 2))
    kinds |= {"age_days": pa.int64(), "score": pa.float64(), "closed_on": pa.date32(), "starts_on": pa.date32()}
    columns = {name: [getattr(one, name) for one in items] for name in OpenItem._fields}
    return pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in columns.items()})


def bridge_table(found: Reconciled) -> "pa.Table":
    """The bridge as a table: the CRM's total, every step, billing's total."""
    import pyarrow as pa

    rows = [("crm", "Won in the CRM", found.crm.rows, found.crm.total)]
    rows += [(one.name, one.title, one.rows, one.money) for one in found.bridge]
    rows.append(("billing", "In billing", found.billing.rows, found.billing.total))
    names, kinds = ("step", "title", "rows", "money"), (pa.string(), pa.string(), pa.int64(), pa.decimal128(18, 2))
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)], names
    )


def totals_table(found: Reconciled) -> "pa.Table":
    """Both totals as a table, a row each, with what of them is matched, explained and unexplained."""
    import pyarrow as pa

    sides = (found.crm, found.billing)
    columns = {name: pa.array([getattr(side, name) for side in sides], pa.decimal128(18, 2)) for name in MONEY}
    of = {"side": pa.array(["crm", "billing"]), "rows": pa.array([side.rows for side in sides], pa.int64())}
    return pa.table(of | columns)
