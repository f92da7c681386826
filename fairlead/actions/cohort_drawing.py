"""Cohorts to be drawn: the triangle of one value of the dimension, or its values beside each other by age."""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.actions.cohorts import REVENUE, Age, Cohort, CohortsTold
from fairlead.actions.cohorts import Cell as Kept
from fairlead.actions.drawing import NONE, Cell, Drawing, value_cell
from fairlead.picture.heat import Heat, Spot, shares
from fairlead.picture.theme import About
from fairlead.picture.wording import Manner, Number, period_words, worded
from fairlead.values import spoken

# Where the bands of what is kept begin; revenue may grow beyond what it started with.
BANDS = {True: (0, 0.8, 0.95, 1.05, 1.2), False: (0, 0.6, 0.75, 0.85, 0.95)}
MOST_ROWS = 40
RUNNING = " ~"
# The places of the first ages among the columns of the two tables.
TRIANGLE_AGES, VALUES_AGES = 3, 1


class Sums(NamedTuple):
    """All cohorts of a value: how many, their customers and what they started with."""

    value: str | None
    cohorts: int
    customers: int
    started: Number


def of_value(told: CohortsTold, value: str | None) -> tuple[tuple[Cohort, ...], tuple[Age, ...]]:
    """The cohorts and the ages of one value of the dimension."""
    cohorts = tuple(one for one in told.cohorts if one.value == value)
    return cohorts, tuple(age for age in told.ages if age.value == value)


def values(told: CohortsTold) -> tuple[Sums, ...]:
    """The values of the dimension, those that started with the most first."""
    found = [
        Sums(value, len(of), sum(one.customers for one in of), sum(one.started for one in of))
        for value in dict.fromkeys(one.value for one in told.cohorts)
        for of in (of_value(told, value)[0],)
    ]
    return tuple(sorted(found, key=lambda one: (-one.started, one.value is None, one.value or "")))


def triangle(told: CohortsTold, manner: Manner, value: str | None = None) -> Drawing:
    """A row a cohort, the oldest first, a column an age; of one value of the dimension, where one cuts."""
    about, (cohorts, ages) = _about(told, manner), of_value(told, value)
    drawn = cohorts[-MOST_ROWS:]
    columns = _ages(max((len(one.cells) for one in drawn), default=1))
    spots = [
        Spot(cell.age, row, cell.share, _kept(told, one, cell, manner), cell.is_running)
        for row, one in enumerate(drawn)
        for cell in one.cells
    ]
    names = tuple(period_words(one.period, manner) for one in drawn)
    rows = tuple(
        (
            Cell(period_words(one.period, manner), one.period),
            Cell(worded(one.customers, "count", manner).text, str(one.customers)),
            Cell(worded(one.started, _unit(told), manner).text, str(one.started)),
            *(_cell(cell, about) for cell in one.cells),
            *(Cell("") for _ in range(len(one.cells), len(columns))),
        )
        for one in cohorts
    )
    heads = ("Cohort", "Customers", "Started with" if told.what == REVENUE else "Started", *columns)
    title = f"{_title(told)} of each cohort{_of(told, value)}"
    notes = [f"Small squares: the {told.per} is not over."] if any(spot.few for spot in spots) else []
    if len(cohorts) > MOST_ROWS:
        notes.append(f"The latest {MOST_ROWS} of {len(cohorts)} cohorts are drawn; the table has them all.")
    heat = Heat(tuple(spots), columns, names, shares(BANDS[told.what == REVENUE], manner))
    about = about._replace(says=_says(told, ages, about))
    return Drawing("heat", title, about, " ".join(notes), heads, rows, heat=heat)


def by_value(told: CohortsTold, manner: Manner) -> Drawing:
    """A row a value of the dimension, a column an age: what all cohorts that are as old have kept together."""
    about, sums = _about(told, manner), values(told)
    found = [(one, of_value(told, one.value)[1]) for one in sums]
    columns = _ages(max((len(ages) for _, ages in found), default=1))
    spots = [
        Spot(age.age, row, age.share, f"{_share(age.share, about)}, {_cohorts(age, manner)}")
        for row, (_, ages) in enumerate(found[:MOST_ROWS])
        for age in ages
    ]
    rows = tuple(
        (
            Cell(one.value or NONE, one.value or NONE),
            *(value_cell(age.share, about) for age in ages),
            *(Cell("") for _ in range(len(ages), len(columns))),
        )
        for one, ages in found
    )
    by = spoken((told.by or "").rpartition(".")[2])
    note = ""
    if len(found) > MOST_ROWS:
        note = f"The {MOST_ROWS} largest of {len(found)} are drawn; the table has them all."
    names = tuple(one.value or NONE for one, _ in found[:MOST_ROWS])
    heat = Heat(tuple(spots), columns, names, shares(BANDS[told.what == REVENUE], manner))
    about = about._replace(says=_compared(told, found, about))
    head = by[:1].upper() + by[1:]
    return Drawing("heat", f"{_title(told)} by {by}", about, note, (head, *columns), rows, heat=heat)


def _about(told: CohortsTold, manner: Manner) -> About:
    return About("Kept", "percent", manner)


def _unit(told: CohortsTold) -> str:
    return "money" if told.what == REVENUE else "count"


def _title(told: CohortsTold) -> str:
    return "Revenue kept" if told.what == REVENUE else "Customers kept"


def _of(told: CohortsTold, value: str | None) -> str:
    return f", {spoken(told.by.rpartition('.')[2])} {value or NONE}" if told.by else ""


def _ages(count: int) -> tuple[str, ...]:
    return tuple(f"+{age}" for age in range(count))


def _cell(cell: Kept, about: About) -> Cell:
    shown = value_cell(cell.share, about)
    return shown._replace(text=shown.text + RUNNING) if cell.is_running else shown


def _share(share: float | None, about: About) -> str:
    return "undefined" if share is None else about.word(share)


def _kept(told: CohortsTold, one: Cohort, cell: Kept, manner: Manner) -> str:
    """What a cell says: the share and of what, who could have left, and whether it goes on."""
    money = (worded(value, _unit(told), manner).text for value in (cell.kept, one.started))
    says = f"{_share(cell.share, _about(told, manner))}, {' of '.join(money)}"
    free = worded(cell.eligible, "count", manner).text
    says += f"; {free} of {worded(one.customers, 'count', manner).text} customers could have left"
    return f"{says}; not over" if cell.is_running else says


def _cohorts(age: Age, manner: Manner) -> str:
    count = worded(age.cohorts, "count", manner).text
    return f"{count} cohort{'' if age.cohorts == 1 else 's'}, {worded(age.young, 'count', manner).text} too young"


def _says(told: CohortsTold, ages: Sequence[Age], about: About) -> str:
    """What the cohorts kept together after a year, or as late as can be told."""
    if not ages:
        return "No cohort is old enough to tell."
    year = 12 if told.per == "month" else 4
    age = ages[min(year, len(ages) - 1)]
    after = f"{age.age} {told.per}{'' if age.age == 1 else 's'} after they started"
    unit = "revenue" if told.what == REVENUE else "customers"
    return f"Kept of the {unit} {after}: {_share(age.share, about)} in {_cohorts(age, about.manner)}."


def _compared(told: CohortsTold, found: Sequence[tuple[Sums, tuple[Age, ...]]], about: About) -> str:
    """The highest and the lowest at an age that all of the drawn have come to."""
    common = min((len(ages) for _, ages in found if ages), default=0) - 1
    last = min(common, 12 if told.per == "month" else 4)
    known = [(one.value or NONE, ages[last].share) for one, ages in found if ages and ages[last].share is not None]
    if last < 0 or not known:
        return "No cohort is old enough to tell."
    high, low = (pick(known, key=lambda pair: pair[1] or 0.0) for pick in (max, min))
    after = f"{last} {told.per}{'' if last == 1 else 's'} after they started"
    if high[0] == low[0]:
        return f"Kept {after}: {high[0]} {_share(high[1], about)}."
    return f"Kept {after}: most {high[0]} ({_share(high[1], about)}), least {low[0]} ({_share(low[1], about)})."
