"""Who differs under another lens, worded for the page: both amounts, where they differ, and because of what."""

from collections.abc import Mapping
from datetime import date

from fairlead.actions.otherwise import together, where
from fairlead.actions.revenue import Otherwise, largest
from fairlead.analysis.revenue_rows import CLOSING, MOVEMENTS, RETAINED
from fairlead.desk.recurring import Told
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import said
from fairlead.values import in_words

SHOWN = 25  # accounts that differ, on the page; the file has more


def differences(told: Told, titles: Mapping[str, str]) -> Sheet:
    """The accounts that are seen otherwise, with the switches that make the difference."""
    shown = largest(told.report, SHOWN)
    rows = [_difference(told, one, titles) for one in shown]
    columns = "Account|Lens|#Ours|#Theirs|#Moved otherwise|Because of|Where"
    says = (
        "Ours and theirs are MRR on the last day; moved otherwise is money that is told as another kind or day, or is"
        " otherwise in NRR, counted once; where says in which periods, with both amounts."
    )
    found = sheet("differences", "Who differs, and why", says, columns, rows, _no_difference(told))
    return found._replace(foot=together(told.report, shown, told.manner))


def _no_difference(told: Told) -> str:
    """What is said where no account differs; the twelve months of NRR and GRR may begin before the time asked for."""
    years = {(year.closing, year.nrr, year.grr, year.lost) for year in told.whole.years.values()}
    if len(years) > 1:
        since = told.whole.since.isoformat()
        return f"Nobody within this time. NRR and GRR above are of twelve months: ask from {since} to see who differs."
    return "Both count every account the same way."


def _difference(told: Told, one: Otherwise, titles: Mapping[str, str]) -> list[Cell]:
    """A row; its numbers lead to the account's rows as we count and as the lens does."""
    manner, account = told.manner, one.account
    of: dict[str, str | date | None] = {"account": account.account_id, "by": None, "lens": one.lens}
    moves = told.rows(RETAINED if {part.kind for part in account.told} == {"nrr"} else MOVEMENTS, **of)
    closing = told.rows(CLOSING, **of)
    ours, theirs = (said(money, "money", manner, closing) for money in (account.was, account.would_be))
    moved = said(account.moved, "money", manner, moves)
    return [
        Cell(account.account or account.account_id, moves),
        Cell(titles.get(one.lens, one.lens)),
        *(Cell(number=n) for n in (ours, theirs, moved)),
        Cell(", ".join(map(in_words, account.why))),
        Cell(where(account.told, manner), moves),
    ]
