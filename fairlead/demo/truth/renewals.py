"""The true rows behind the renewals: every yearly line on each of its anniversaries, customer by customer."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import MONTHS, NEVER, first_day, month_of_day
from fairlead.demo.finance import monthly_charges
from fairlead.demo.truth.deals import SEGMENTS
from fairlead.demo.truth.tally import Dimension, Rows
from fairlead.demo.world import World

EARLY, LATE, BEFORE_END = 120, 90, 31  # days, as the starter's revenue.yaml has them
EPOCH = date(1970, 1, 1).toordinal()


class Line(NamedTuple):
    """A line that is paid for: days, months paid at once, whole cents a month in the company's currency."""

    starts: int
    ends: int
    months: int
    product: int
    cents: int


def measures(world: World) -> Mapping[str, Rows]:
    """What was due in each month, and what of it goes on; what is neither renewed nor lost yet is in neither."""
    told = [(account, *one) for account, lines in _by_account(world).items() for one in _decided(lines)]
    account, due, cents, kept = (np.array(column, np.int64) for column in zip(*told, strict=True))
    month = month_of_day(due)
    cut = {"segment": Dimension(world.accounts.segment[account], SEGMENTS)}
    renewed = np.flatnonzero(kept > 0)
    cut_renewed = {"segment": Dimension(world.accounts.segment[account[renewed]], SEGMENTS)}
    return {
        "renewals_due": Rows("count", month, account, cut),
        "renewals_kept": Rows("count", month[renewed], account[renewed], cut_renewed),
        "mrr_due": Rows("sum", month, cents, cut, cents=True),
        "mrr_renewed": Rows("sum", month, np.minimum(cents, kept), cut, cents=True),
    }


def _by_account(world: World) -> dict[int, list[Line]]:
    lines = world.lines
    charge = monthly_charges(lines, world.accounts, world.rates)
    found: dict[int, list[Line]] = defaultdict(list)
    columns = (lines.account, lines.starts, lines.ends, lines.months, lines.product, charge)
    for account, *line in zip(*(column.tolist() for column in columns), strict=True):
        found[account].append(Line(*line))
    return found


def _decided(lines: list[Line]) -> list[tuple[int, int, int]]:
    """(day, cents due, cents that go on) of a customer's renewals that are decided."""
    today = int(first_day(MONTHS)) - 1
    due: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.months == 12:
            for day in _anniversaries(line, today):
                due[day].append(line)
    found = []
    for day, those in due.items():
        on = sum(line.cents for line in those if line.ends > day)
        ending = [line for line in those if line.ends <= day]
        after = on + sum(line.cents for line in lines if any(_follows(line, end, today) for end in ending))
        first = min(
            [day] * (on > 0) + [f.starts for f in lines if any(_follows(f, e, today) for e in ending)], default=day
        )
        if (after and first != day) or day <= today or len(ending) == len(those):
            found.append((day, sum(line.cents for line in those), after))
    return found


def _anniversaries(line: Line, today: int) -> list[int]:
    """The days a line is due on: while it ran in the year before, and at most so many days after it ended."""
    start, year = date.fromordinal(line.starts + EPOCH), 1
    found: list[int] = []
    while True:
        last = 28 if (start.month, start.day) == (2, 29) else start.day
        day = start.replace(year=start.year + year, day=last).toordinal() - EPOCH
        before = start.replace(year=start.year + year - 1, day=last).toordinal() - EPOCH
        if day > today + 366 or before >= line.ends:
            return found
        if line.ends == NEVER or line.ends >= day - EARLY:
            found.append(day)
        year += 1


def _follows(line: Line, ended: Line, today: int) -> bool:
    near = ended.ends - BEFORE_END <= line.starts <= min(ended.ends + LATE, today)
    return line is not ended and near and (line.product == ended.product or line.starts == ended.ends)
