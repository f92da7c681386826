"""Clocks by the hour of the week in which they started: how many, and what share of them was met."""

from collections.abc import Sequence

from fairlead.actions.drawing import Cell as Shown
from fairlead.actions.drawing import Drawing
from fairlead.actions.timekeeping import Cell
from fairlead.picture.heat import Band, Heat, Spot, counted, shares
from fairlead.picture.theme import About
from fairlead.picture.wording import Manner, Number, hour_words, weekday_words, worded

WEEK, HOURS = range(1, 8), range(24)
FEW = 5  # of fewer than these a share says little
COMPLIANCE = (0, 0.5, 0.7, 0.8, 0.9)  # where the bands of compliance begin


def starts(found: Sequence[Cell], manner: Manner) -> Drawing:
    """How many clocks started in each hour of the week."""
    about = About("Clocks started", "count", manner)
    most = max(found, key=_clocks, default=None)
    says = "No clock has started."
    if most is not None:
        total = sum(cell.tally.clocks for cell in found)
        says = f"{about.word(total)} started, most on {_hour(most, manner)} ({about.word(most.tally.clocks)})."
    cells = [(cell, cell.tally.clocks, about.word(cell.tally.clocks), False) for cell in found]
    bands = counted(most.tally.clocks if most else 1, manner)
    return _drawing("When they start", about._replace(says=says), cells, _heat(cells, bands, manner))


def kept(found: Sequence[Cell], manner: Manner) -> Drawing:
    """The share that was met of the clocks that started in each hour of the week."""
    about = About("Met", "percent", manner)
    cells = [(cell, cell.compliance, _share(cell, about), cell.tally.counted < FEW) for cell in found]
    telling = [cell for cell in found if cell.tally.counted >= FEW]
    says = "No hour has five that count yet."
    if telling:
        low, high = (pick(telling, key=lambda cell: cell.compliance or 0.0) for pick in (min, max))
        says = f"Lowest for those that start on {_hour(low, manner)} ({_share(low, about)}), highest on "
        says += f"{_hour(high, manner)} ({_share(high, about)})."
    note = f"Small squares: fewer than {FEW} count. Rings: none counts yet."
    heat = _heat(cells, shares(COMPLIANCE, manner), manner)
    return _drawing("Share met, by when they start", about._replace(says=says), cells, heat)._replace(note=note)


Told = tuple[Cell, Number | None, str, bool]  # a cell, its value, that in words, and whether too few are behind it


def _clocks(cell: Cell) -> int:
    return cell.tally.clocks


def _hour(cell: Cell, manner: Manner) -> str:
    return f"{weekday_words(cell.weekday, manner)}, {hour_words(cell.hour, manner)}"


def _share(cell: Cell, about: About) -> str:
    """The share, and of how many."""
    if cell.compliance is None:
        return "none counts yet"
    return f"{about.word(cell.compliance)} of {worded(cell.tally.counted, 'count', about.manner).text}"


def _heat(cells: Sequence[Told], bands: tuple[Band, ...], manner: Manner) -> Heat:
    spots = tuple(Spot(c.hour, c.weekday - 1, value, says, few) for c, value, says, few in cells)
    hours = tuple(hour_words(hour, manner) for hour in HOURS)
    return Heat(spots, hours, tuple(weekday_words(day, manner) for day in WEEK), bands)


def _drawing(title: str, about: About, cells: Sequence[Told], heat: Heat) -> Drawing:
    """The picture, and its table: a row an hour, from the first in which anything started to the last."""
    told = {(cell.hour, cell.weekday): Shown(says, str(value)) for cell, value, says, _ in cells if value is not None}
    hours = [hour for hour in HOURS if any(cell.hour == hour for cell, *_ in cells)]
    rows = tuple((Shown(heat.columns[h], f"{h:02}"), *(told.get((h, day), Shown("")) for day in WEEK)) for h in hours)
    return Drawing("heat", title, about, "", ("Hour", *heat.rows), rows, heat=heat)
