"""Cohorts worded for pages: every share with the customers behind it, and those with the lines they pay for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl

from django.urls import reverse

from fairlead.actions.cohort_drawing import TRIANGLE_AGES, VALUES_AGES, by_value, of_value, triangle, values
from fairlead.actions.cohort_rows import Customer, CustomersTold
from fairlead.actions.cohorts import REVENUE, CohortsTold
from fairlead.actions.drawing import NONE
from fairlead.actions.tables import Narrowed
from fairlead.analysis.revenue_cut import OWN, is_of_the_deal
from fairlead.analysis.revenue_rows import MOVEMENTS
from fairlead.desk.behind import Asked, asking
from fairlead.desk.charting import Figure, figure
from fairlead.desk.pages.tables import address
from fairlead.desk.recurring import DAYS, SPANS
from fairlead.desk.sheets import Cell, Sheet, sheet
from fairlead.desk.wordings import Said, said
from fairlead.picture.wording import Manner, day_words, worded
from fairlead.values import in_words

CUSTOMERS = "cohorts-customers"


class Form(NamedTuple):
    """The form as it was filled in; empty where nothing was. `value` is one of the dimension, `(none)` for none."""

    start: str = ""
    end: str = ""
    per: str = ""
    by: str = ""
    what: str = ""
    value: str = ""
    as_of: str = ""
    known_at: str = ""

    @property
    def chosen(self) -> str | None:
        """The value as answers have it."""
        return None if self.value in ("", NONE) else self.value

    @property
    def is_compared(self) -> bool:
        """Whether it asks for the values of a dimension beside each other."""
        return bool(self.by and not self.value)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What was filled in, by the names of the fields."""
        return parse_qsl(self.asking().removeprefix("?"))

    def asking(self, **other: Asked) -> str:
        """The query part of an address that asks the same, with some of it changed."""
        return asking({**self._asdict(), **other})


class Told(NamedTuple):
    """The cohorts, and what their words and links need."""

    found: CohortsTold
    form: Form
    manner: Manner

    def customers(self, age: int, **more: Asked) -> str:
        """The page of the customers behind a share: of the same days, and of the same build's."""
        return reverse(CUSTOMERS) + self.form.asking(as_of=self.found.as_of, age=age, **more)


def drawn(told: Told) -> Figure:
    """The triangle, or the values of the dimension by age; the numbers of its table lead to their customers."""
    found, form = told.found, told.form
    query: Mapping[str, Asked] = {**form._asdict(), "what": ""}

    def of_cohort(row: str, column: int) -> str:
        return told.customers(max(0, column - TRIANGLE_AGES), cohort=row)

    def of_all(row: str, column: int) -> str:
        return told.customers(column - VALUES_AGES, value=row)

    if form.is_compared:
        return figure(by_value(found, told.manner), "cohort-values", found.what, dict(query), rows=of_all)
    return figure(triangle(found, told.manner, form.chosen), "cohorts", found.what, dict(query), rows=of_cohort)


def together(told: Told, shown: Figure) -> Sheet:
    """What all cohorts that are old enough kept together, and how many are not, age by age."""
    manner, _, ages = told.manner, *of_value(told.found, told.form.chosen)
    per = told.found.per

    def count(number: int) -> Cell:
        return Cell(number=said(number, "count", manner, f"#{shown.id}"))

    rows = [
        [
            Cell(f"+{age.age}"),
            Cell(number=said(age.share, "percent", manner, told.customers(age.age))),
            count(age.cohorts),
            count(age.young),
        ]
        for age in ages
    ]
    says = f"What the cohorts that are old enough kept of what they started with, so many {per}s after the one they"
    says += f" started in; +0 is its end. Too young: their {per} of that age is not over, or has not begun."
    empty = "No cohort is old enough to tell."
    return sheet("together", "All together", says, "After|#Kept|#Cohorts|#Too young", rows, empty)


def compared(told: Told) -> Sheet:
    """The values of the dimension; each leads to its triangle."""
    manner, form = told.manner, told.form
    unit = "money" if told.found.what == REVENUE else "count"
    rows = []
    for one in values(told.found):
        url = reverse("cohorts") + form.asking(value=one.value or NONE)
        rows.append([
            Cell(one.value or NONE, url),
            Cell(number=said(one.cohorts, "count", manner, url)),
            Cell(number=said(one.customers, "count", manner, told.customers(0, value=one.value or NONE))),
            Cell(number=said(one.started, unit, manner, url)),
        ])  # fmt: skip
    by = cut_name(form.by)
    columns = f"{by}|#Cohorts|#Customers|#Started{' with' if told.found.what == REVENUE else ''}"
    return sheet("values", f"The cohorts of each {by.lower()}", "Each leads to its own triangle.", columns, rows)


def cut_name(by: str) -> str:
    """A dimension as a heading."""
    return in_words(by.rpartition(".")[2])


def young(told: Told) -> str:
    """How many cells cannot tell yet."""
    _, ages = of_value(told.found, told.form.chosen)
    count = sum(age.young for age in (told.found.ages if told.form.is_compared else ages))
    per = told.found.per
    said = f"{worded(count, 'count', told.manner).text} {'cell is' if count == 1 else 'cells are'} too young to tell"
    return f"{said}: the {per} is not over, or has not begun."


def lead(found: CustomersTold, manner: Manner) -> str:
    """What the customers of a cell come to, in words."""

    def count(number: int) -> str:
        return worded(number, "count", manner).full

    started, kept = (worded(value, "money", manner).full for value in (found.started, found.kept))
    share = f" ({worded(found.kept / found.started, 'percent', manner).text})" if found.started else ""
    ends = {one.end for one in found.rows}
    when = f"On {day_words(ends.pop(), manner)}" if len(ends) == 1 and found.cohort else "At that age"
    then = f"{when}, {count(found.here)} of them are customers"
    free = f"{count(found.free)} could have left by then."
    return f"{count(found.total)} started with {started} a month. {then} and pay {kept}{share}; {free}"


def customers(found: CustomersTold, known_at: str, manner: Manner) -> Sheet:
    """The customers of a cell: each leads to its movements, its money to the lines it is of."""
    rows = [_customer(found, one, known_at, manner) for one in found.rows]
    has_cohort = found.cohort is None
    columns = f"Customer|{'Cohort|' if has_cohort else ''}Started on|#Started with|#Kept|Then|Could leave"
    rows = rows if has_cohort else [[row[0], *row[2:]] for row in rows]
    says = "Those who started with the most first. Kept: what they pay at the end, and may be more than at the start."
    return sheet("customers", "Customers", says, columns, rows)


def _customer(found: CustomersTold, one: Customer, known_at: str, manner: Manner) -> Sequence[Cell]:
    who = f"customer_id = '{_quoted(one.account_id)}'{_cut(found)}"
    runs = f"starts_on <= {_day(one.end)} and (ends_on is null or ends_on > {_day(one.end)})"
    started = address(found.build, DAYS, Narrowed(where=f"{who} and moved_on = {_day(one.started_on)}"))
    kept = address(found.build, SPANS, Narrowed(where=f"{who} and {runs}"))
    moved = reverse("revenue-rows", args=[MOVEMENTS]) + asking(
        {"from": one.started_on, "to": one.end, "as_of": found.as_of, "known_at": known_at, "account": one.account_id}
    )
    if one.is_here:
        then = "stayed" if one.kept else "stayed, and pays nothing"
    else:
        then = f"left on {day_words(one.left_on, manner)}" if one.left_on else "left"
    return [
        Cell(one.account or one.account_id, moved),
        Cell(one.cohort),
        Cell(day_words(one.started_on, manner)),
        Cell(number=_exact(one.started, manner, started)),
        Cell(number=_exact(one.kept, manner, kept)),
        Cell(then),
        Cell("yes" if one.is_free else "not yet"),
    ]


def _exact(value: object, manner: Manner, url: str) -> Said:
    """An amount with its cents: whoever looks at single rows adds them up."""
    words = said(value, "money", manner, url)  # type: ignore[arg-type]
    return words._replace(text=words.full)


def _cut(found: CustomersTold) -> str:
    """SQL that narrows a customer's rows to the value; where that is its first deal's, all of them have it."""
    if not found.by or is_of_the_deal(found.by):
        return ""
    name = OWN.get(found.by, found.by)
    return f" and {name} is null" if found.value is None else f" and {name} = '{_quoted(found.value)}'"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _day(day: date) -> str:
    return f"cast('{day}' as date)"
