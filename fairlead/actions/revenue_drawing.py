"""Recurring revenue to be drawn: what moved it, how it went, what was kept; each with the table that says the same."""

from collections.abc import Sequence
from decimal import Decimal

from fairlead.actions.drawing import NONE, Cell, Drawing, goal_of, left_out, says_sides, value_cell
from fairlead.actions.revenue import Line, RevenueTold
from fairlead.model.whole import Model
from fairlead.picture.bars import End, Kind, Step
from fairlead.picture.chart import Line as Course
from fairlead.picture.palette import MOST_SERIES
from fairlead.picture.reasons import signed
from fairlead.picture.sparkline import summary
from fairlead.picture.theme import About, Goal
from fairlead.picture.wording import Manner, Number, day_words, period_words
from fairlead.values import in_words, spoken

# What a movement is on the whole; what is neither is not the customer's decision.
TONES: dict[str, Kind] = {
    "new": "better",
    "expansion": "better",
    "reactivation": "better",
    "contraction": "worse",
    "churn": "worse",
    "unbalanced": "record",
}
OPENING, CLOSING = "opening", "closing"
RATES = ("nrr", "grr")
NAMES = {"fx": "FX", "nrr": "NRR", "grr": "GRR"}


def named(name: str) -> str:
    """A kind of movement or a rate as a heading."""
    return NAMES.get(name) or in_words(name)


def by_size(lines: Sequence[Line]) -> list[str | None]:
    """The values of the dimension, those with the most revenue at the end first."""
    last = {line.value: line.closing for line in lines}
    return sorted(last, key=lambda value: (-last[value], value or ""))


def in_all(lines: Sequence[Line]) -> dict[str, Decimal]:
    """Opening, each kind and closing over all lines of a lens: the first periods' opening, the last ones' closing."""
    first, last = lines[0].period, lines[-1].period
    found = {OPENING: sum((one.opening for one in lines if one.period == first), Decimal(0))}
    for line in lines:
        for kind, money in line.moved:
            found[kind] = found.get(kind, Decimal(0)) + money
    return found | {CLOSING: sum((one.closing for one in lines if one.period == last), Decimal(0))}


def bridge(told: RevenueTold, model: Model, manner: Manner) -> Drawing:
    """From opening to closing, kind by kind, over the whole time asked for."""
    found = in_all(told.lenses[0].lines)
    opening, closing = found.pop(OPENING), found.pop(CLOSING)
    steps = tuple(Step(named(kind), money, TONES.get(kind, "same")) for kind, money in found.items() if money)
    span = f"{day_words(told.start, manner)} to {day_words(told.end, manner)}"
    about = About("MRR", "money", manner)
    most = sorted(((kind, money) for kind, money in found.items() if money), key=lambda one: -abs(one[1]))[:3]
    parts = (
        ", ".join(f"{NAMES.get(kind) or spoken(kind)} {signed(money, 'money', manner)}" for kind, money in most)
        or "nothing moved it"
    )
    says = f"MRR from {about.word(opening)} to {about.word(closing)}, {span}: {parts}"
    rows = (
        (Cell("Opening", OPENING), value_cell(opening, about), Cell("")),
        *((Cell(named(k), k), Cell(""), Cell(signed(m, "money", manner), str(m))) for k, m in found.items() if m),
        (Cell("Closing", CLOSING), value_cell(closing, about), Cell("")),
    )
    ends = (End("Opening", opening), End("Closing", closing))
    columns = ("Part", "Value", "Adds")
    return Drawing("change", "What moved MRR", about._replace(says=says), "", columns, rows, ends=ends, steps=steps)


def course(told: RevenueTold, model: Model, manner: Manner) -> Drawing:
    """What MRR closed each period with; a line for each value of the dimension."""
    about = About("MRR", "money", manner)
    return _course(told, "MRR over time", about, [(line.value, line.period, line.closing) for line in _lines(told)])


def kept(told: RevenueTold, model: Model, manner: Manner) -> Drawing:
    """NRR and GRR of each period; cut by a dimension, NRR of each of its values."""
    metric = model.metric("nrr")
    goal = goal_of(metric, manner) if metric and told.per == "month" else Goal()
    about = About("NRR", "percent", manner)
    if told.by:
        values = [(line.value, line.period, line.nrr) for line in _lines(told)]
        return _course(told, "NRR", about._replace(goal=goal), values)
    values = [(NAMES[rate], line.period, getattr(line, rate)) for rate in RATES for line in _lines(told)]
    return _course(told, "NRR and GRR", about, values)


def _lines(told: RevenueTold) -> Sequence[Line]:
    return told.lenses[0].lines


def _course(
    told: RevenueTold, title: str, about: About, values: Sequence[tuple[str | None, str, Number | None]]
) -> Drawing:
    """One line, or several beside each other; those of a dimension with the most revenue first."""
    by_name: dict[str, dict[str, Number | None]] = {}
    for name, period, value in values:
        by_name.setdefault((name or NONE) if told.by or name else about.label, {})[period] = value
    names = list(by_name)
    if told.by:
        names = [name or NONE for name in by_size(_lines(told))]
        title = f"{title} by {spoken(told.by)}"
    periods = tuple(dict.fromkeys(period for _, period, _ in values))
    drawn = tuple(Course(name, tuple((p, by_name[name].get(p)) for p in periods)) for name in names[:MOST_SERIES])
    if not told.by and len(drawn) > 1:
        last = "; ".join(f"{one.name} {_last(one, about)}" for one in drawn)
        says = f"{title}, {period_words(periods[-1], about.manner)}: {last}"
    elif len(drawn) == 1:
        says = summary(drawn[0].points, label=about.label, say=about.word, manner=about.manner)
    else:
        says = says_sides(title, [(one.name, one.points[-1][1]) for one in drawn], periods[-1], about)
    rows = tuple(
        (
            Cell(period_words(period, about.manner), period),
            *(value_cell(by_name[name].get(period), about) for name in names),
        )
        for period in reversed(periods)
    )
    note = left_out(len(names), MOST_SERIES)
    return Drawing("lines", title, about._replace(says=says), note, ("Period", *names), rows, lines=drawn)


def _last(line: Course, about: About) -> str:
    value = line.points[-1][1]
    return "undefined" if value is None else about.word(value)


DRAWN = {"bridge": bridge, "mrr": course, "retention": kept}
