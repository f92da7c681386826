"""`fairlead diff A B`: what changed between two models, in the words of somebody who runs revenue."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fairlead.model.agreed import plain
from fairlead.model.whole import SUBJECTS, Model

NOUNS: Mapping[str, str] = {
    "metrics": "metric", "measures": "measure", "stages": "stage", "pipelines": "pipeline", "roles": "role",
    "processes": "process", "handoffs": "handoff", "items": "item", "limits": "limit", "calendars": "calendar",
    "rules": "rule", "pools": "pool", "categories": "category", "domains": "domain", "definitions": "definition",
    "picklists": "picklist", "tools": "tool", "layers": "layer", "automations": "automation",
    "playbooks": "playbook", "templates": "template", "meetings": "meeting", "phases": "phase", "tasks": "task",
    "baselines": "baseline", "use_cases": "use", "decisions": "decision", "claims": "claim",
    "frameworks": "framework", "authority": "right",
    "accountability": "accountability", "motions": "motion", "kinds": "kind of work", "maturity": "pillar",
    "naming": "naming convention", "hygiene": "chore", "funnel": "funnel step", "values": "value", "lenses": "lens",
}  # fmt: skip
# Books whose order is part of what was agreed.
ORDERED = (("lifecycle", "stages"), ("routing", "rules"), ("forecast", "categories"))


class Change(NamedTuple):
    """One change: `before` is None for what was added, `after` for what was removed."""

    subject: str
    path: tuple[str, ...]
    before: Any
    after: Any
    says: str


def diff(a: Model, b: Model) -> list[Change]:
    """Everything agreed differently in `b` than in `a`; layout, comments and defaults written out are no change."""
    found: list[Change] = []
    for subject in SUBJECTS:
        before, after = plain(getattr(a, subject)), plain(getattr(b, subject))
        found += _compare(subject, (), before, after)
    for subject, section in ORDERED:
        one, other = (list(getattr(getattr(m, subject), section)) for m in (a, b))
        if one != other and sorted(one) == sorted(other):
            says = f"{subject}: the order of {section} is now {', '.join(other)}"
            found.append(Change(subject, (section,), one, other, says))
    return found


def _compare(subject: str, path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(k for k in after if k not in before)):
            if key != "name":
                yield from _compare(subject, (*path, key), before.get(key), after.get(key))
    else:
        yield from _apart(subject, path, before, after)


def _apart(subject: str, path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    """A section that appears as a whole is told entry by entry."""
    whole = after if before is None else before if after is None else None
    if len(path) == 1 and path[0] in NOUNS and isinstance(whole, dict):
        for key in whole:
            one, other = (before or {}).get(key), (after or {}).get(key)
            yield Change(subject, (*path, key), one, other, _says(subject, (*path, key), one, other))
    else:
        yield Change(subject, path, before, after, _says(subject, path, before, after))


def _says(subject: str, path: tuple[str, ...], before: Any, after: Any) -> str:
    named, key = _named(subject, path)
    if not key:
        return f"{named} was {'added' if before is None else 'removed'}"
    if isinstance(before, list) and isinstance(after, list):
        parts = [
            f"{word} {_shown(items)}"
            for word, items in (
                ("gained", [x for x in after if x not in before]),
                ("lost", [x for x in before if x not in after]),
            )
            if items
        ]
        return f"{named}: {key} {' and '.join(parts) or f'is now in the order {_shown(after)}'}"
    if before is None:
        return f"{named}: {key} is now {_shown(after)}"
    if after is None:
        return f"{named}: {key} was {_shown(before)} and is no longer set"
    return f"{named}: {key} changed from {_shown(before)} to {_shown(after)}"


def _named(subject: str, path: tuple[str, ...]) -> tuple[str, str]:
    """('metric win_rate', 'target at_least') for ('metrics', 'win_rate', 'target', 'at_least')."""
    names: list[str] = []
    rest = list(path)
    while len(rest) > 1 and rest[0] in NOUNS:
        names.append(f"{NOUNS[rest[0]]} {rest[1]}")
        rest = rest[2:]
    return " of ".join(reversed(names)) or subject, " ".join(rest)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{k} {_shown(v)}" for k, v in value.items() if k != "name")
    return f"'{value}'" if isinstance(value, str) and " " in value else str(value)
