"""Why revenue was lost, and what a customer is worth, worded for pages."""

from decimal import Decimal
from typing import NamedTuple

from fairlead.actions.leaving import LeavingTold
from fairlead.actions.leaving import Lost as Row
from fairlead.actions.tables import Narrowed
from fairlead.desk.behind import metric
from fairlead.desk.pages.tables import address
from fairlead.desk.recurring import DAYS
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import Said, said
from fairlead.picture.wording import Manner
from fairlead.values import in_words

MONTHS = "mart.account_month"
NOT_SAID = "not said"
KINDS = ("voluntary", "involuntary", None)


class Worth(NamedTuple):
    """What a customer is worth: `value` is `arpa` times `margin` over `churn` a month, between `low` and `high`.

    `margin` is None without a ledger, `high` where the loss may be 0.
    """

    value: Said
    low: Said
    high: Said | None
    arpa: Said
    margin: Said | None
    churn: Said
    customers: Said


class Lost(NamedTuple):
    """The section: how much was lost voluntarily and not, the reasons, and the worth, None where it is undefined."""

    kinds: tuple[tuple[str, Said], ...]
    reasons: Sheet
    worth: Worth | None


def section(found: LeavingTold, manner: Manner) -> Lost:
    """What was lost in some time, in words; every number leads to its movements or its customers' months."""
    return Lost(_kinds(found, manner), _reasons(found, manner), _worth(found, manner))


def _kinds(found: LeavingTold, manner: Manner) -> tuple[tuple[str, Said], ...]:
    """Money by who decided; kinds by which nothing was lost are left out."""
    sums = {kind: sum((row.money for row in found.lost if row.kind == kind), Decimal(0)) for kind in KINDS}
    return tuple(
        (kind or "not said which", said(money, "money", manner, _movements(found, _is("churn_kind", kind))))
        for kind, money in sums.items()
        if money
    )


def _reasons(found: LeavingTold, manner: Manner) -> Sheet:
    says = "Churn is revenue lost with customers who left, contraction what others gave up; each as on its day."
    columns = "Reason|Who decided|Moved as|#Customers|#MRR lost"
    return sheet("reasons", "For which reasons", says, columns, [_reason(found, row, manner) for row in found.lost])


def _reason(found: LeavingTold, row: Row, manner: Manner) -> list[Cell]:
    parts = (_is("kind", row.movement), _is("churn_kind", row.kind), _is("reason", row.reason))
    url = _movements(found, " and ".join(parts))
    return [
        Cell(row.reason or NOT_SAID),
        Cell(row.kind or NOT_SAID),
        Cell(in_words(row.movement)),
        Cell(number=said(row.customers, "count", manner, url)),
        Cell(number=said(row.money, "money", manner, url)),
    ]


def _worth(found: LeavingTold, manner: Manner) -> Worth | None:
    told = found.lifetime
    if told.value is None:
        return None
    paid = f"opening_mrr > 0 and month >= cast('{found.start}' as date) and month <= cast('{found.end}' as date)"
    months = address(found.build, MONTHS, Narrowed(where=paid))
    return Worth(
        said(told.value, "money", manner, "#lost"),
        said(told.low or 0.0, "money", manner, months),
        None if told.high is None else said(told.high, "money", manner, months),
        said(told.arpa, "money", manner, metric("arpa", start=found.start, end=found.end)),
        None if told.margin is None else said(told.margin, "percent", manner, metric("gross_margin")),
        said(told.churn, "percent", manner, months),
        said(told.customers, "count", manner, months),
    )


def _movements(found: LeavingTold, where: str) -> str:
    """The movements of the time that took revenue away."""
    days = f"moved_on >= cast('{found.start}' as date) and moved_on <= cast('{found.end}' as date)"
    lost = f"kind in ('churn', 'contraction') and not is_scheduled and {days}"
    return address(found.build, DAYS, Narrowed(where=f"{lost} and {where}"))


def _is(column: str, value: str | None) -> str:
    return f"{column} is null" if value is None else f"{column} = '{value.replace(chr(39), chr(39) * 2)}'"
