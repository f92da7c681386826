"""Policies with a clock, each in the version that held at a time: a clock keeps the one it started under."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fairlead.model.agreed import plain
from fairlead.model.handoffs import Handoff
from fairlead.model.timed import Timed
from fairlead.model.whole import Model


class Era(NamedTuple):
    """From `since` (None: ever) on this model was in use."""

    since: datetime | None
    model: Model


class Version(NamedTuple):
    """A policy as it held from `since` (None: ever) until `until` (None: today). `digest` names what it said."""

    policy: Timed
    kind: str
    digest: str
    since: datetime | None
    until: datetime | None

    @property
    def name(self) -> str:
        return self.policy.name


# What a policy says to people, and the measured clock does not depend on.
SAID_ONLY = frozenset({"label", "action", "says", "owner", "metric", "giver", "taker", "quality", "needs", "provides"})


def digest_of(policy: Timed) -> str:
    """Eight characters that name what a policy's clock is made from: equal for texts that differ in words only."""
    said: dict[str, Any] = {key: value for key, value in plain(policy).items() if key not in SAID_ONLY}
    order = [list(policy.limits), [plain(step) for step in policy.escalation]]
    return hashlib.sha256(json.dumps([said, order], sort_keys=True, default=str).encode()).hexdigest()[:8]


def versions(eras: Sequence[Era]) -> tuple[Version, ...]:
    """Every version of every policy, oldest first; a policy that is no longer there runs no clock any more.

    The first one holds since ever: what started before anybody wrote it down is judged by it.
    """
    names = dict.fromkeys(policy.name for policy in eras[-1].model.handoffs.policies) if eras else {}
    return tuple(version for name in names for version in _versions(name, eras))


def _versions(name: str, eras: Sequence[Era]) -> Iterator[Version]:
    held = [(era.since, policy) for era in eras if (policy := _policy(era.model, name))]
    turns = [one for n, one in enumerate(held) if n == 0 or digest_of(held[n - 1][1]) != digest_of(one[1])]
    for n, (since, policy) in enumerate(turns):
        until = turns[n + 1][0] if n + 1 < len(turns) else None
        yield Version(policy, kind_of(policy), digest_of(policy), since if n else None, until)


def _policy(model: Model, name: str) -> Timed | None:
    return next((policy for policy in model.handoffs.policies if policy.name == name), None)


def kind_of(policy: Timed) -> str:
    """handoff or sla."""
    return "handoff" if isinstance(policy, Handoff) else "sla"


def subjects(found: Iterable[Version]) -> tuple[str, ...]:
    """The subjects that clocks run on, in a fixed order."""
    return tuple(sorted({version.policy.subject.value for version in found}))
