"""What is told of the lifecycle and the pipelines: counts, times, moves, leaks, and who is stuck."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.days import Day
from fairlead.analysis.stages import LIFECYCLE
from fairlead.model.agreed import Function
from fairlead.model.lifecycle import Again, Skipped
from fairlead.picture.wording import Manner
from fairlead.values import Grain

if TYPE_CHECKING:
    import pyarrow as pa


class FlowAsked(NamedTuple):
    """A question about a flow: the lifecycle, or a pipeline by its name.

    `start` and `end` are days or periods, both included; by default the twelve months up to the day asked on. How
    stages jumped over and those who come back count is the model's (lifecycle.yaml) unless it is said here.
    """

    flow: str = LIFECYCLE
    by: str | None = None
    cohort: bool = True
    per: Grain | str | None = None
    start: Day = None
    end: Day = None
    preset: str | None = None
    skipped: Skipped | str | None = None
    reopened: Again | str | None = None
    as_of: Day = None


WHOLE = FlowAsked()  # all of the lifecycle


class Count(NamedTuple):
    """A step of the funnel in a period and cut: who reached it, and how many of those came to the next one.

    `conversion` is the share of `reached` that moved on, `overall` that of those who came in who got here (cohorts
    only); shares from 0 to 1, None where there is nobody, or no next step.
    """

    period: str
    cut: str | None
    step: str
    title: str
    reached: int
    advanced: int
    conversion: float | None
    overall: float | None


class Time(NamedTuple):
    """Time in a stage, in days, with those who are still there censored; None where the curve does not come down."""

    cut: str | None
    stage: str
    title: str
    ended: int
    still_open: int
    median: float | None
    p75: float | None
    p90: float | None


class Move(NamedTuple):
    """Moves from one stage to another. `way` is forward, back, lost or gone (a deal lost, deleted, a customer no more).

    `median` is in days, of the stays before the move.
    """

    stage: str
    next_stage: str | None
    way: str
    moves: int
    subjects: int
    median: float | None


class Leak(NamedTuple):
    """Who left a stage other than forward and came no further since, and the money in it (company's currency).

    `how` says how it was valued: deals at their own amounts; customers at a year of what they last paid; people at what
    those who entered the stage brought on average: the value of their deals won, each shared by the people on it, over
    everybody who entered.
    """

    stage: str
    title: str
    left: int
    value: float | None
    how: str


class Stuck(NamedTuple):
    """Somebody in a stage for longer than nine of ten of their own cut: so far and that limit, in days.

    `cut` is the value of what the funnel is cut by, or else their segment.
    `name` and `owner` are words for who it is and whose, where the record has them.
    """

    cut: str | None
    stage: str
    subject: str
    subject_id: str
    name: str | None
    account_id: str | None
    owner_id: str | None
    owner: str | None
    entered_at: datetime
    days: float
    p90: float


class Member(NamedTuple):
    """Somebody whom a number of the funnel counts: since when they are at the stage, or the day they left it.

    `account`: their company's name. `moved_on` is None, and `value` (company's currency) given, for who left.
    """

    subject: str
    subject_id: str
    name: str | None
    account: str | None
    owner: str | None
    day: date | None
    moved_on: bool | None
    value: float | None


class Members(NamedTuple):
    """Who is behind a number of the funnel: those who `reached` a step, who `advanced` from it, or who `left` it.

    `total` counts all of them, `members` are those of the page asked for.
    """

    what: str
    flow: str
    step: str
    title: str
    subject: str
    period: str
    by: str | None
    cut: str | None
    members: tuple[Member, ...]
    total: int
    page: int
    pages: int
    manner: Manner
    as_of: datetime
    build: str
    built_at: datetime | None
    seen_at: datetime | None


class Standing(NamedTuple):
    """How many were in a stage at the end of a week."""

    week_ends: date
    stage: str
    standing: int


class Mapped(NamedTuple):
    """A stage of the model, and what every preset calls it; empty where it has none."""

    stage: str
    title: str
    names: Mapping[str, str]


class Funnel(NamedTuple):
    """A flow as it ran. `mode` is cohort (by when they came in) or period (by when they entered the stage).

    `start` and `end` are the first and last day, both included. `standing`: how many are in each stage now.
    """

    flow: str
    mode: str
    by: str | None
    skipped: str
    reopened: str
    preset: str | None
    start: date
    end: date
    steps: tuple[str, ...]
    counts: tuple[Count, ...]
    times: tuple[Time, ...]
    moves: tuple[Move, ...]
    leaks: tuple[Leak, ...]
    standing: Mapping[str, int]
    stalled: tuple[Stuck, ...]
    weekly: tuple[Standing, ...]
    mapping: tuple[Mapped, ...]
    manner: Manner
    as_of: datetime
    build: str
    built_at: datetime | None
    seen_at: datetime | None


class StageTold(NamedTuple):
    """A stage: what was agreed about it, and how it runs. `owner_names`: who holds the role that owns it.

    `enters`, `enter_when`, `exit_when` and `required` as in lifecycle.yaml; `names`: what the presets call it.
    `counts` has the stage by the dimension asked for, `arrivals` and `departures` the moves into it and out of it.
    """

    name: str
    title: str
    says: str
    flow: str
    subject: str
    owner: str
    owner_names: tuple[str, ...]
    enters: str | None
    enter_when: str | None
    exit_when: str | None
    required: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    now: int
    by: str
    counts: tuple[Count, ...]
    time: Time | None
    times: tuple[Time, ...]
    arrivals: tuple[Move, ...]
    departures: tuple[Move, ...]
    leak: Leak | None
    stalled: tuple[Stuck, ...]
    whole: Funnel


class JourneyStep(NamedTuple):
    """A step of the customer's way, and what each function does there."""

    name: str
    label: str
    activities: tuple[tuple[Function, tuple[str, ...]], ...]


FILES = ("funnel", "times", "moves", "leaks", "stuck", "weeks")


def funnel_table(found: Funnel, name: str) -> "pa.Table":
    """One of the tables of `FILES`, a row each: days and shares are numbers, money is in the company's currency."""
    import pyarrow as pa

    every: Mapping[str, tuple[type[Any], Sequence[Any]]] = {
        "funnel": (Count, found.counts), "times": (Time, found.times), "moves": (Move, found.moves),
        "leaks": (Leak, found.leaks), "stuck": (Stuck, found.stalled), "weeks": (Standing, found.weekly),
    }  # fmt: skip
    kind, rows = every[name]
    columns = {field: [getattr(row, field) for row in rows] for field in kind._fields}
    return pa.table({field: pa.array(values) for field, values in columns.items()})
