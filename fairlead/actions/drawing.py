"""What there is to draw about a number, and the table that says the same: for the page, the report and the notebook."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from fairlead.actions.asking import Asked
from fairlead.actions.days import day_of
from fairlead.actions.looking import series
from fairlead.actions.reported import RECORD
from fairlead.actions.standing import limits_words
from fairlead.actions.versions import Series, restated
from fairlead.actions.why import Cut, Why
from fairlead.analysis.metric import unit_of
from fairlead.model.metrics import Metric
from fairlead.picture.bars import End, Kind, Step, bars, height_of, waterfall
from fairlead.picture.chart import Line, lines
from fairlead.picture.heat import Heat, heat
from fairlead.picture.heat import height_of as height_of_heat
from fairlead.picture.palette import MOST_SERIES
from fairlead.picture.reasons import signed
from fairlead.picture.sparkline import summary
from fairlead.picture.theme import HEIGHTS, USUAL, About, Goal, Size, Style
from fairlead.picture.wording import Manner, Number, period_words
from fairlead.values import in_words, span_of, spoken
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

MOST_BARS = 12
MOST_STEPS = 9  # parts of a change; what the others add is one part together
ADDED_UP = frozenset({"money", "money_per_day", "count"})
NONE = "(none)"


class Cell(NamedTuple):
    """A cell of the table behind a picture: what is read, and what a table sorts by."""

    text: str
    sort: str = ""


class Drawing(NamedTuple):
    """A picture before it is drawn: its title, what it says in a sentence, what it leaves out, and its table.

    `form` says how it is drawn: `lines`, `bars` (of one period), `change` (from `ends[0]` to `ends[1]` by `steps`), or
    `heat` (two things crossed).
    """

    form: Literal["lines", "bars", "change", "heat"]
    title: str
    about: About
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[Line, ...] = ()
    values: tuple[tuple[str, Number | None], ...] = ()
    ends: tuple[End, ...] = ()
    steps: tuple[Step, ...] = ()
    heat: Heat | None = None

    @property
    def says(self) -> str:
        return self.about.says

    def height(self, size: Size) -> int:
        """Pixels."""
        if self.form == "lines":
            return HEIGHTS[size]
        if self.heat is not None:
            return height_of_heat(self.heat, size)
        return height_of(len(self.values) if self.form == "bars" else len(self.steps) + len(self.ends))

    def chart(self, look: Style = USUAL) -> "alt.LayerChart":
        """The chart itself; an Altair one."""
        if self.heat is not None:
            return heat(self.heat, self.about, look)
        if self.form == "change":
            return waterfall(self.ends[0], self.ends[1], self.steps, self.about, look)
        return bars(self.values, self.about, look) if self.form == "bars" else lines(self.lines, self.about, look)


def course(workspace: Workspace, asked: Asked, *, now: datetime | None = None) -> Drawing:
    """How one number went, in one line or cut by a dimension; side by side where there is one period only.

    Raises Refused for a question that cannot be answered.
    """
    now = now or datetime.now(UTC)
    found = series(workspace, asked, now=now)
    told: dict[str, dict[str, Number | None]] = {}
    for row in found.answer.table.to_pylist():
        value = " / ".join(NONE if row[name] is None else str(row[name]) for name in found.asked.by)
        told.setdefault(value, {})[row["period"]] = row["value"]
    periods = tuple(sorted({period for values in told.values() for period in values}))
    day = day_of(asked.as_of, workspace.config.fiscal_year_start, last=True) or workspace.as_of(now)
    about = _about(workspace, found.asked.metrics[0])._replace(unfinished=_unfinished(periods, day, workspace))
    if not found.asked.by:
        return _one(about, tuple(told.get("", {}).items()))
    return _cut(about, told, periods, " and ".join(map(spoken, found.asked.by)))


def _about(workspace: Workspace, name: str) -> About:
    """What is drawn of a metric, or of a measure."""
    model, manner = workspace.model, workspace.manner
    metric = model.metric(name)
    if metric is None:
        return About(in_words(name), str(unit_of(model.metrics.measures[name])), manner)
    return About(metric.title, str(metric.unit), manner, goal_of(metric, manner))


def goal_of(metric: Metric, manner: Manner) -> Goal:
    """The target of a metric as a picture shows it."""
    target = metric.target
    if target is None:
        return Goal()
    return Goal(target.low, target.high, limits_words(target, str(metric.unit), manner), target.baseline)


def _unfinished(periods: Sequence[str], day: date, workspace: Workspace) -> str | None:
    """The last period, where it goes on after the day the question is asked on."""
    span = span_of(periods[-1], workspace.config.fiscal_year_start) if periods else None
    return periods[-1] if span and day < span.end - timedelta(days=1) else None


def _one(about: About, points: tuple[tuple[str, Number | None], ...]) -> Drawing:
    says = f"{about.label}: no values yet"
    if points:
        says = summary(points, label=about.label, say=about.word, manner=about.manner)
    rows = tuple((_period(name, about), value_cell(value, about)) for name, value in reversed(points))
    drawn = (Line(about.label, points),)
    return Drawing("lines", about.label, about._replace(says=says), "", ("Period", about.label), rows, drawn)


def _cut(
    about: About, told: Mapping[str, Mapping[str, Number | None]], periods: tuple[str, ...], dimension: str
) -> Drawing:
    """Up to eight lines, those with the greatest last value; the table has them all."""

    def last(name: str) -> tuple[bool, float]:
        known = [value for period in periods if (value := told[name].get(period)) is not None]
        return (not known, -float(known[-1]) if known else 0.0)

    if about.unit in ADDED_UP:
        about = about._replace(goal=Goal())  # what the whole should reach says nothing of a part of it
    names = sorted(told, key=last)
    rows = tuple((Cell(name), *(value_cell(told[name].get(period), about) for period in periods)) for name in names)
    columns = (dimension[:1].upper() + dimension[1:], *(period_words(period, about.manner) for period in periods))
    title = f"{about.label} by {dimension}"
    if len(periods) == 1:
        values = tuple((name, told[name].get(periods[0])) for name in names)
        about = about._replace(says=says_sides(title, values, periods[0], about))
        note = left_out(len(names), MOST_BARS)
        return Drawing("bars", title, about, note, columns, rows, values=values[:MOST_BARS])
    drawn = tuple(Line(name, tuple((p, told[name].get(p)) for p in periods)) for name in names[:MOST_SERIES])
    ends = tuple((line.name, line.points[-1][1]) for line in drawn)
    says = says_sides(title, ends, periods[-1], about) if periods else f"{title}: no values yet"
    note = left_out(len(names), MOST_SERIES)
    return Drawing("lines", title, about._replace(says=says), note, columns, rows, lines=drawn)


def left_out(count: int, most: int) -> str:
    """What a picture says of those it has no room for; empty where there is room for all."""
    if count <= most:
        return ""
    return f"The {most} largest of {count} are drawn; the table has them all."


def says_sides(title: str, values: Sequence[tuple[str, Number | None]], period: str, about: About) -> str:
    """The highest and the lowest of several, in a sentence."""
    known = [(name, value) for name, value in values if value is not None]
    if not known:
        return f"{title}: no values in {period_words(period, about.manner)}"
    high, low = (pick(known, key=lambda pair: pair[1]) for pick in (max, min))
    if len(known) == 1:
        return f"{title}, {period_words(period, about.manner)}: {high[0]} {about.word(high[1])}"
    return (
        f"{title}, {period_words(period, about.manner)}: highest {high[0]} ({about.word(high[1])}), "
        f"lowest {low[0]} ({about.word(low[1])})"
    )


def _period(name: str, about: About) -> Cell:
    return Cell(period_words(name, about.manner), name)


def value_cell(value: Number | None, about: About) -> Cell:
    return Cell("undefined") if value is None else Cell(about.word(value), str(value))


def versions(workspace: Workspace, metric: str, asked: Asked, *, now: datetime | None = None) -> Drawing:
    """A metric's course under each of its definitions, the present one first; the newest where there are many."""
    now = now or datetime.now(UTC)
    whole = series(workspace, asked._replace(by=(), where=None), now=now)
    found = restated(workspace, metric, per=whole.asked.per or "month", start=whole.start, end=whole.end,
                     as_of=asked.as_of, now=now)  # fmt: skip
    told = [one for one in reversed(found) if one.points]
    about = _about(workspace, metric)
    drawn = tuple(Line(name, one.points) for name, one in zip(_versions(told, about), told, strict=True))
    ends = tuple((line.name, line.points[-1][1]) for line in drawn)
    periods = tuple(name for name, _ in told[0].points) if told else ()
    title = f"{about.label} under each definition"
    says = says_sides(title, ends, periods[-1], about) if periods else f"{title}: no values yet"
    rows = tuple(
        (_period(period, about), *(value_cell(dict(line.points).get(period), about) for line in drawn))
        for period in reversed(periods)
    )
    columns = ("Period", *(line.name for line in drawn))
    note = left_out(len(drawn), MOST_SERIES)
    return Drawing("lines", title, about._replace(says=says), note, columns, rows, lines=drawn[:MOST_SERIES])


def _versions(told: Sequence[Series], about: About) -> list[str]:
    """Definitions by the day they held from; by the time of day too where that alone tells them apart."""
    moments = [one.version.since.astimezone(about.manner.zone) for one in told]
    days = [period_words(moment.date().isoformat(), about.manner) for moment in moments]
    names = days
    for clock in ("%H:%M", "%H:%M:%S"):
        if len(set(names)) < len(names):
            names = [f"{day}, {moment:{clock}}" for day, moment in zip(days, moments, strict=True)]
    return [
        f"now, since {name}" if one.version.is_current else f"since {name}"
        for name, one in zip(names, told, strict=True)
    ]


def change(why: Why, manner: Manner, *, dimension: str | None = None) -> Drawing | None:
    """What a change is made of, part by part: by its inputs, or by the values of a `dimension`.

    None where the change is undefined: without both values there is nothing to split.
    """
    if why.before is None or why.after is None or why.whole.part is None:
        return None
    cut = next((cut for cut in why.cuts if cut.dimension == dimension), None)
    inputs = why.whole.parts or (why.whole,)
    named = _sliced(cut) if cut else [(part.label, part.part) for part in inputs if part.part]
    record = [(RECORD[part.kind], part.part) for part in why.record if part.part]
    about = About(why.label, why.unit, manner, says=why.sentence)
    steps = tuple(
        Step(name, part, kind)
        for parts, is_record in ((record, True), (named, False))
        for name, part in parts
        if (kind := "record" if is_record else _kind(part, why.better))
    )
    ends = (
        End(period_words(why.period_from, manner), why.before),
        End(period_words(why.period_to, manner), why.after),
    )
    title = f"What moved {why.label}" + (f", by {spoken(dimension)}" if dimension and cut else "")
    rows = (
        (Cell(ends[0].name), value_cell(ends[0].value, about), Cell("")),
        *((Cell(s.name), Cell(""), Cell(signed(s.part, why.unit, manner), str(s.part))) for s in steps),
        (Cell(ends[1].name), value_cell(ends[1].value, about), Cell("")),
    )
    return Drawing("change", title, about, "", ("Part", "Value", "Adds"), rows, ends=ends, steps=steps)


def _kind(part: Decimal, better: str) -> Kind:
    if better == "neither" or not part:
        return "same"
    return "better" if (part > 0) == (better == "higher") else "worse"


def _sliced(cut: Cut) -> list[tuple[str, Decimal]]:
    """The largest parts by name, and what the others add together."""
    known = [(NONE if one.value is None else one.value, one.part) for one in cut.slices if one.part]
    rest = sum((part for _, part in known[MOST_STEPS:]), Decimal(0))
    return known[:MOST_STEPS] + ([(f"{len(known) - MOST_STEPS} others", rest)] if rest else [])
