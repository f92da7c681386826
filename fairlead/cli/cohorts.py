"""The command about cohorts: a triangle of what is left, and how much of it is too young to tell."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import AsOf, FirstDay, Json, KnownAt, LastDay, Xlsx, given, here, moment, one_cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairlead.actions.cohorts import CohortsTold
    from fairlead.picture.wording import Manner

commands = typer.Typer()
MOST_AGES = 13
AGES = (0, 1, 2, 3, 6, 9, 12, 15, 18, 24, 30, 36, 48, 60)  # those shown where not all of them have room


@commands.command()
def cohorts(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    per: Annotated[str, typer.Option(help="month or quarter.")] = "month",
    by: Annotated[list[str] | None, typer.Option(help="Cut by segment, product, source, ...", metavar="DIM")] = None,
    what: Annotated[str, typer.Option(help="revenue or logos.")] = "revenue",
    start: FirstDay = None,
    end: LastDay = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    xlsx: Xlsx = None,
) -> None:
    """Show cohorts: who started in a month or quarter, what is left of them later, and how many are too young."""
    from fairlead.actions.cohorts import cohorts as verb
    from fairlead.actions.cohorts import table

    workspace = here()
    with show.progress() as progress:
        found = verb(
            workspace,
            per=per,
            by=one_cut(by),
            what=what,
            start=start,
            end=end,
            as_of=as_of,
            known_at=moment(known_at, workspace),
            progress=progress,
        )
    show.problems(found.notes)
    if given(found, lambda: {"cohorts": table(found)}, xlsx=xlsx, as_json=as_json):
        return
    if found.cohorts:
        _shown(found, workspace.manner)
    else:
        show.say("Nobody started to pay in that time. Ask for another with --from and --to, or see `fairlead revenue`.")


def _shown(found: "CohortsTold", manner: "Manner") -> None:
    """A row a cohort, the latest last; then what all that are old enough kept, and how many are not."""
    from fairlead.picture.wording import period_words, worded

    most = max(len(one.cells) for one in found.cohorts)
    ages = [age for age in AGES if age < most] if most > MOST_AGES else list(range(most))
    numbers = ["customers", "started", *(f"+{age}" for age in ages)]
    rows: list[list[object]] = []
    for value in dict.fromkeys(one.value for one in found.cohorts):
        cut = [value or "(none)"] if found.by else []
        for one in (one for one in found.cohorts if one.value == value):
            cells = {cell.age: _cell(cell.share, cell.is_running, manner) for cell in one.cells}
            money = worded(one.started, "money" if found.what == "revenue" else "count", manner).full
            rows.append(
                [period_words(one.period, manner), *cut, one.customers, money, *(cells.get(age, "") for age in ages)]
            )
        told = {age.age: age for age in found.ages if age.value == value}
        rows.append(
            ["together", *cut, "", "", *(_cell(told[a].share, False, manner) if a in told else "" for a in ages)]
        )
        rows.append(["too young", *cut, "", "", *(told[a].young if a in told else "all" for a in ages)])
    show.table([found.per, *([found.by] if found.by else []), *numbers], rows, numbers=numbers)
    _explained(found, ages, most)


def _cell(share: float | None, is_running: bool, manner: "Manner") -> str:
    from fairlead.picture.wording import worded

    return "-" if share is None else f"{worded(share, 'percent', manner).text}{' ~' if is_running else ''}"


def _explained(found: "CohortsTold", ages: "Sequence[int]", most: int) -> None:
    unit = "revenue" if found.what == "revenue" else "customers"
    show.note(
        f"Share of the {unit} it started with, at the end of so many {found.per}s after; ~ not over on {found.as_of}."
        f" {found.young} cells are still too young."
    )
    if len(ages) < most:
        show.note("Not every age has room here; --json and --xlsx tell them all, and who could have left by then.")
