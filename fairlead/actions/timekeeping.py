"""How clocks stand: the parts of the answer that `clocks` gives, and the same as tables to keep."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.days import Day
from fairlead.analysis.clock_report import Asked, behind
from fairlead.analysis.escalating import Event, Step
from fairlead.analysis.hearing import ESCALATION

if TYPE_CHECKING:
    import pyarrow as pa


class Due(NamedTuple):
    """Which clocks: those of a policy, or of all, due from `start` to `end` (days or periods), as of and known when."""

    policy: str | None = None
    start: Day = None
    end: Day = None
    as_of: Day = None
    known_at: datetime | None = None


class Tally(NamedTuple):
    """Clocks due in the time asked for. `counted` are closed, or open and overdue; `pending` are open and not due yet.

    `mended`: met, though it looked breached until the stop was logged. `median_seconds`: half of
    those that stopped did within so many seconds that count; what is still open, overdue or not, is not in it.
    """

    clocks: int
    met: int
    breached: int
    overdue: int
    pending: int
    mended: int
    counted: int
    median_seconds: float | None

    @property
    def missed(self) -> int:
        """Stopped too late, or open and overdue."""
        return self.breached + self.overdue

    @property
    def compliance(self) -> float | None:
        """Share that was met, 0 to 1; None where nothing counts yet."""
        return self.met / self.counted if self.counted else None


class Line(NamedTuple):
    """A policy, in all (`value` is None and so is the dimension) or for one value of the dimension.

    `target`: the least share that should be met, as the `metric` that the policy names says; both None where it names
    none that counts clocks. `limits`: those of the newest version that a clock ran under, in words, and `counts`
    whether they are of working time, of elapsed time, or some of each.
    """

    policy: str
    kind: str
    title: str
    value: str | None
    tally: Tally
    compliance: float | None
    metric: str | None
    target: float | None
    limits: str
    counts: str

    @property
    def is_kept(self) -> bool | None:
        """Whether the target is reached; None where there is none, or nothing to hold against it."""
        return None if self.target is None or self.compliance is None else self.compliance >= self.target


class Cell(NamedTuple):
    """Clocks that started in an hour of the week: `weekday` 1 is Monday, `hour` 0 to 23, where they were counted."""

    weekday: int
    hour: int
    tally: Tally
    compliance: float | None


NOT_ANSWERED = "not answered"  # how late it is while no time that counts has passed since it fell due


class Late(NamedTuple):
    """A clock that is open and overdue. `late_seconds` are seconds that count; `next` is who hears of it next.

    None have passed where it fell due when work was over, and is looked at before it begins again.
    """

    policy: str
    title: str
    limit: str
    subject: str
    subject_id: str
    cycle: int
    name: str
    account: str | None
    segment: str | None
    owner: str | None
    started_at: datetime
    due_at: datetime
    late_seconds: int
    attempts: int
    last: Step | None
    next: Step | None

    @property
    def counts(self) -> str:
        """What time the seconds are of."""
        return "working time" if "working" in self.limit else "elapsed time"

    @property
    def unheard(self) -> str:
        """Why nobody hears of it next; only warnings come before the deadline, so a step since is of a ladder."""
        has_ladder = self.last is not None and self.last.kind == ESCALATION
        return "nobody: the ladder ends" if has_ladder else "nobody: there is no ladder"


class Overdue(NamedTuple):
    """A stretch of the overdue clocks, the latest due first, and how many there are in all."""

    items: tuple[Late, ...]
    total: int
    as_of: date
    build: str


class Tries(NamedTuple):
    """Contact attempts of one value of a dimension: of how many clocks, how many nobody tried, or tried too late.

    `median_seconds`: from the start to the first attempt, by the clock on the wall.
    """

    value: str | None
    clocks: int
    untried: int
    tried_late: int
    attempts: int
    in_time: int
    median_seconds: float | None


class Held(NamedTuple):
    """A colleague's part of the clocks whose subject changed hands while they ran; `member` None: nobody owned it.

    `began`: of `clocks`, how many began with them; `late`: how many were not met. `seconds` passed with them, of
    `all_seconds` that the same clocks took.
    """

    member_id: str | None
    member: str | None
    clocks: int
    began: int
    late: int
    seconds: int
    all_seconds: int

    @property
    def share(self) -> float | None:
        """Their part of the time, 0 to 1."""
        return self.seconds / self.all_seconds if self.all_seconds else None


class Ruled(NamedTuple):
    """A version of a policy, which held from `since` (None: ever) until `until`, and how many clocks ran under it.

    `limits` in words: hot 5 minutes, others 4 working hours; empty where the version is not known any more.
    """

    policy: str
    title: str
    version: str
    since: datetime | None
    until: datetime | None
    limits: str
    clocks: int


class Tried(NamedTuple):
    """A policy as it was and as it would have been under the one that is tried, each with its limits in words."""

    policy: str
    title: str
    was: Tally | None
    would_be: Tally | None
    limits_were: str
    limits_would_be: str


class Clocks(NamedTuple):
    """How clocks stand. `lines` are policies in all; `cut` the same by dimension `by`; `tried` only with `under`.

    `attempts` are by the same dimension, else by owner, of the policies `reaching`, in which somebody is to be reached.
    `told`: whom the last day's warnings and steps of the ladder were for, of clocks that are still open.
    """

    as_of: date
    measured_at: datetime | None
    policy: str | None
    start: date | None
    end: date
    lines: tuple[Line, ...]
    by: str | None
    cut: tuple[Line, ...]
    hours: tuple[Cell, ...]
    overdue: tuple[Late, ...]
    overdue_total: int
    reaching: tuple[str, ...]
    attempts: tuple[Tries, ...]
    held: tuple[Held, ...]
    versions: tuple[Ruled, ...]
    told: tuple[Event, ...]
    under: str | None
    tried: tuple[Tried, ...]
    build: str

    def where(self, *conditions: str) -> str:
        """The predicate of the rows of mart.clock that a number counts: those asked for that meet the conditions."""
        return behind(Asked(self.end, self.start, self.policy), *conditions)


def compliance_table(found: Clocks) -> "pa.Table":
    """Compliance, a row a policy and, where it is cut, a value of the dimension; shares are 0 to 1."""
    import pyarrow as pa

    names = [("policy", pa.string()), ("kind", pa.string()), (found.by or "value", pa.string())]
    counts = [(name, pa.int64()) for name in Tally._fields if name != "median_seconds"]
    more = [(name, pa.float64()) for name in ("median_seconds", "compliance", "target")]
    rows = [
        {"policy": one.policy, "kind": one.kind, found.by or "value": one.value, **one.tally._asdict()}
        | {"compliance": one.compliance, "target": one.target}
        for one in (found.cut if found.by else found.lines)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([*names, *counts, *more]))


def overdue_table(found: Sequence[Late]) -> "pa.Table":
    """The overdue, a row a clock, with who heard of it last and who hears of it next."""
    import pyarrow as pa

    at = pa.timestamp("us", "UTC")
    kinds = {"cycle": pa.int64(), "late_seconds": pa.int64(), "attempts": pa.int64(), "counts": pa.string()}
    kinds |= dict.fromkeys(("started_at", "due_at", "last_at", "next_at"), at)
    steps = ("last_to", "last_at", "last_action", "next_to", "next_at", "next_action")
    names = [*(name for name in Late._fields if name not in ("last", "next")), "counts", *steps]
    rows = [one._asdict() | {"counts": one.counts} | _step("last", one.last) | _step("next", one.next) for one in found]
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, kinds.get(name, pa.string())) for name in names]))


def _step(name: str, step: Step | None) -> dict[str, object]:
    return {f"{name}_{part}": getattr(step, part) if step else None for part in ("to", "at", "action")}
