"""Who hears of a clock, and when: warnings before the deadline, then the steps of the ladder, each once.

Pure: it is given clocks and a stretch of time, and says what falls into it. A run that was missed is made up for by
asking from where the last one ended; an event has the same id whenever it is asked for, so nobody is told twice.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from fairlead.model.timed import Rung

# Whether whoever is told cannot hear it then: (name of a rung or role, who owns the subject then, when).
Away = Callable[[str, str | None, datetime], bool]


def nobody_away(_to: str, _owner: str | None, _at: datetime) -> bool:
    """Everybody is there."""
    return False


class Step(NamedTuple):
    """A moment at which a clock is heard of: its warning or step number, when, who hears of it, what they do."""

    kind: str
    number: int
    at: datetime
    to: str
    action: str = ""


class Moved(NamedTuple):
    """From `at` on the subject of a clock is another colleague's, or nobody's."""

    at: datetime
    owner_id: str | None


class Running(NamedTuple):
    """A clock and the moments at which somebody hears of it, if it has not stopped before.

    `owner_id` owned its subject when it started; `moves`, in order of time, say who did since.
    """

    policy: str
    subject_id: str
    cycle: int
    owner_id: str | None
    stopped_at: datetime | None
    steps: tuple[Step, ...]
    moves: tuple[Moved, ...] = ()

    def owner_at(self, at: datetime) -> str | None:
        """Who owns its subject at a moment since it started."""
        return next((move.owner_id for move in reversed(self.moves) if move.at <= at), self.owner_id)


class Event(NamedTuple):
    """Somebody is told. `passed_over` were away, so it went up the ladder to `to`.

    `owner_id` owned the subject at that moment: the owner who is told is they, and the manager is theirs.
    """

    id: str
    policy: str
    subject_id: str
    cycle: int
    kind: str
    number: int
    at: datetime
    to: str
    owner_id: str | None
    action: str
    passed_over: tuple[str, ...] = ()


# Whoever stands above each: a role's holders are followed by the queue, in which somebody always is.
ABOVE = {Rung.OWNER: Rung.MANAGER, Rung.MANAGER: Rung.QUEUE}
ALWAYS_THERE = frozenset({Rung.QUEUE, Rung.COUNCIL})


def events(
    clocks: Sequence[Running], since: datetime, until: datetime, *, away: Away = nobody_away
) -> tuple[Event, ...]:
    """What fires after `since`, up to and with `until`, in order of time: each step of each clock at most once.

    A clock that has stopped fires nothing from then on.
    """
    found = [_event(clock, step, away) for clock in clocks for step in clock.steps if _fires(clock, step, since, until)]
    return tuple(sorted(found, key=lambda event: (event.at, event.policy, event.subject_id, event.cycle, event.id)))


def _fires(clock: Running, step: Step, since: datetime, until: datetime) -> bool:
    return since < step.at <= until and (clock.stopped_at is None or step.at < clock.stopped_at)


def _event(clock: Running, step: Step, away: Away) -> Event:
    owner = clock.owner_at(step.at)
    passed = tuple(_passed_over(step, owner, away))
    to = _above(passed[-1]) if passed else step.to
    told = (clock.policy, clock.subject_id, clock.cycle, step.kind, step.number)
    return Event(id_of(*told), *told, step.at, to, owner, step.action, passed)


def _passed_over(step: Step, owner: str | None, away: Away) -> Iterator[str]:
    """Those who should have heard of it and are away, from the step's own up."""
    to = step.to
    while to not in ALWAYS_THERE and ((to == Rung.OWNER and owner is None) or away(to, owner, step.at)):
        yield to
        to = _above(to)


def _above(to: str) -> str:
    return next((above for rung, above in ABOVE.items() if rung == to), Rung.QUEUE)


def id_of(policy: str, subject_id: str, cycle: int, kind: str, number: int) -> str:
    """The name of an event: what it is about, not when it was found."""
    return hashlib.sha256(f"{policy}|{subject_id}|{cycle}|{kind}|{number}".encode()).hexdigest()[:16]
