"""Renewals worded for their page: the calendar, the rates it is forecast by, checkpoints, and who is due.

Every number has the rows of mart.renewal or mart.renewal_watch behind it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.actions.renewing import OPEN, Month, Renewal, Renewals
from fairlead.actions.tables import Narrowed
from fairlead.desk.pages.tables import address
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import said
from fairlead.picture.wording import Manner, Number, day_words, period_words

ALL, WATCH, POINTS = "mart.renewal", "mart.renewal_watch", "mart.renewal_checkpoint"
FEW = 40  # coming renewals on the page until all are asked for
EMPTY = "Nothing is due in that time: lines that are billed by the month and name no day of renewal never are."
FORECAST = (
    "Expected: of what is open, the share that renewals of the same segment kept before, with its interval at 95 %;"
    " segments with few take the company's. Upsell is beside it, and never in it."
)


class Shown(NamedTuple):
    """An answer on its way to a page, and how numbers are written and linked; `most` renewals, None for all of them."""

    found: Renewals
    manner: Manner
    most: int | None = None

    def cell(self, value: Number | None, unit: str, where: str, table: str = ALL) -> Cell:
        rows = address(self.found.build, table, Narrowed(where=where))
        return Cell(number=said(value, unit, self.manner, rows))


def calendar_sheet(told: Shown) -> Sheet:
    """What is due month by month, and in all."""
    found = told.found
    whole = f"due_on between date '{found.start}' and date '{found.end}'"
    rows = [
        _month(told, one, f"date_trunc('month', due_on) = date '{one.month}-01' and {whole}") for one in found.months
    ]
    if rows:
        rows.append(_month(told, found.total, whole))
    says = f"Recurring revenue a month, in {found.currency}, by the day on which it is due to renew."
    columns = "Month|#Renewals|#Due|#Renewed|#Lost|#Open|#At risk|#Expected|#At least|#At most|#Upsell"
    return sheet("calendar", "Calendar", says, columns, rows, EMPTY)._replace(foot=FORECAST)


def _month(told: Shown, one: Month, where: str) -> list[Cell]:
    still, risky = f"{where} and outcome = '{OPEN}'", f"{where} and is_at_risk"
    ahead = one.expected
    return [
        Cell(period_words(one.month, told.manner) if one.month else "In all"),
        told.cell(one.renewals, "count", where),
        told.cell(one.due, "money", where),
        told.cell(one.renewed, "money", f"{where} and mrr_renewed > 0"),
        told.cell(one.lost, "money", f"{where} and outcome <> '{OPEN}' and mrr_renewed < mrr_due"),
        told.cell(one.open, "money", still),
        told.cell(one.at_risk, "money", risky, WATCH),
        *(
            Cell(number=said(value, "money", told.manner, "#rates"))  # due times rate: no rows add up to it
            for value in (ahead or (None, None, None, None))
        ),
    ]


def rates_sheet(told: Shown) -> Sheet:
    """The rates that the forecast stands on."""
    settled = f"due_on <= date '{told.found.settled_on}' and outcome <> '{OPEN}'"
    rows = []
    for one in told.found.rates:
        segment = f"account.segment = {_quoted(one.segment)}" if one.segment else "account.segment is null"
        where = f"{settled} and {segment}" if one.is_own else settled
        rows.append(
            [
                Cell(one.segment or "(none)"),
                told.cell(one.renewals, "count", where),
                *(told.cell(value, "percent", where) for value in (one.share, *one.interval)),
                told.cell(one.upsell, "percent", f"{where} and mrr_upsell > 0"),
                Cell("" if one.is_own else "too few of its own: the company's"),
            ]
        )
    says = (
        "The rates of the forecast: the share renewed of what was due, as far as those before tell; with few of them it"
        " is an estimate, half a renewal kept and half of one lost added. What may still come late is not counted yet."
    )
    columns = "Segment|#Renewals|#Rate|#At least|#At most|#Upsell|Note"
    return sheet("rates", "What was renewed before", says, columns, rows, "No renewal is settled yet.")


def checkpoints_sheet(told: Shown) -> Sheet:
    """How the checkpoints of open renewals stand."""
    rows = [
        [
            Cell(f"{one.days_before} days before"),
            Cell(one.state),
            told.cell(
                one.renewals, "count", where := f"days_before = {one.days_before} and state = '{one.state}'", POINTS
            ),
            told.cell(one.mrr_due, "money", where, POINTS),
        ]
        for one in told.found.checkpoints
    ]
    says = "Kept: a person spoke with the customer in it. Due: it runs, and nobody has yet. Missed: it passed so."
    return sheet("checkpoints", "Checkpoints", says, "Checkpoint|State|#Renewals|#Due", rows, "None has come.")


def reasons_sheet(told: Shown) -> Sheet:
    """Why what was due was not renewed."""
    found = told.found
    time = f"due_on between date '{found.start}' and date '{found.end}'"
    rows = []
    for one in found.reasons:
        said_of = (("churn_kind", one.kind), ("reason", one.reason))
        words = [f"{name} = {_quoted(value)}" if value else f"{name} is null" for name, value in said_of]
        where = " and ".join((time, f"outcome <> '{OPEN}'", "mrr_renewed < mrr_due", *words))
        rows.append(
            [
                Cell(one.kind or "not said"),
                Cell(one.reason or "not said"),
                told.cell(one.renewals, "count", where),
                told.cell(one.lost, "money", where),
            ]
        )
    says = "Of what was due in that time: as said where lines were cancelled, else why the renewal's deal was lost."
    empty = "All of what was due was renewed, or nothing was. Ask for earlier months above."
    return sheet("reasons", "Why it was not renewed", says, "Kind|Reason|#Renewals|#Lost", rows, empty)


def coming(found: Renewals) -> Sequence[Renewal]:
    """Those that are open, the next one first."""
    return [one for one in found.items if one.outcome == OPEN]


def items_sheet(told: Shown) -> Sheet:
    """Renewals that are open, the next one first."""
    rows = [_item(told, one) for one in coming(told.found)[: told.most]]
    only = ["at risk"] if told.found.at_risk_only else []
    only += [f"of {told.found.owner}"] if told.found.owner else []
    says = f"Only those {' and '.join(only)}. " if only else ""
    says += "A checkpoint is due while nobody has spoken with the customer in it."
    columns = "Account|Due|#Days left|Owner|#Due, MRR|Signs|Checkpoint|#Missed|Playbooks"
    return sheet("items", "Coming renewals", says, columns, rows, "There is none.")


def _item(told: Shown, one: Renewal) -> list[Cell]:
    where = f"account_id = {_quoted(one.account_id)} and due_on = date '{one.due_on}'"
    point = "" if one.checkpoint is None else f"{one.checkpoint} days before"
    rows = address(told.found.build, WATCH, Narrowed(where=where))
    return [
        Cell(one.account or one.account_id, rows),
        Cell(day_words(one.due_on, told.manner), rows, when=one.due_on.isoformat()),
        told.cell(one.days_left, "days", where, WATCH),
        Cell(one.owner or "nobody"),
        told.cell(one.mrr_due, "money", where, WATCH),
        Cell(f"at risk: {one.says}" if one.is_at_risk else one.says),
        Cell(f"{point}{', due' if one.is_checkpoint_due else ''}", rows if point else ""),
        told.cell(one.missed, "count", f"{where} and state = 'missed'", POINTS),
        Cell("; ".join(one.playbooks)),
    ]


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def sheets(told: Shown) -> Sequence[Sheet]:
    """All of the page, in order."""
    return [make(told) for make in (calendar_sheet, items_sheet, checkpoints_sheet, reasons_sheet, rates_sheet)]
