"""Where the things that the model names are to be read: `role:cro` is an entry of /model/people/."""

from collections.abc import Iterable
from typing import NamedTuple

from django.urls import reverse

from fairlead.model.whole import Model
from fairlead.values import in_words

__all__ = ["Piece", "address", "anchor", "in_words", "metric", "metrics", "role", "roles"]

# Sorts of names that are terms of the dictionary, and those that are entries of a subject's section.
TERMS = frozenset({"metric", "measure", "number", "stage", "deal_stage", "definition", "term"})
SECTIONS = {
    "role": ("people", "roles"),
    "process": ("people", "processes"),
    "pipeline": ("lifecycle", "pipelines"),
    "handoff": ("handoffs", "handoffs"),
    "sla": ("handoffs", "slas"),
    "item": ("handoffs", "items"),
    "calendar": ("calendars", "calendars"),
    "pool": ("routing", "pools"),
    "category": ("forecast", "categories"),
    "domain": ("data", "domains"),
    "picklist": ("data", "picklists"),
    "tool": ("stack", "tools"),
    "layer": ("stack", "layers"),
    "automation": ("automations", "automations"),
    "playbook": ("playbooks", "playbooks"),
    "meeting": ("cadence", "meetings"),
    "phase": ("plan", "phases"),
    "decision": ("decisions", "decisions"),
    "framework": ("decisions", "frameworks"),
    "claim": ("decisions", "claims"),
}


class Piece(NamedTuple):
    """Some words, perhaps with a page behind them. `tone` is a class of the look: bad, tag."""

    text: str
    href: str = ""
    title: str = ""
    tone: str = ""


def anchor(section: str, entry: str) -> str:
    """The id of an entry on its subject's page."""
    return f"{section}-{entry}" if entry else section


def address(target: str) -> str:
    """The address of what a reference such as `role:cro` means; empty where there is no page for its sort."""
    sort, _, name = target.partition(":")
    if sort in TERMS:
        return reverse("term", kwargs={"name": name})
    if sort == "subject":
        return reverse("subject", kwargs={"subject": name})
    if sort in SECTIONS:
        subject, section = SECTIONS[sort]
        return f"{reverse('subject', kwargs={'subject': subject})}#{anchor(section, name)}"
    return ""


def role(model: Model, name: str | None) -> tuple[Piece, ...]:
    """A role by its title, with who holds it as a tip."""
    if not name:
        return ()
    found = model.role(name)
    if found is None:
        return (Piece(name),)
    return (Piece(found.title, address(f"role:{name}"), ", ".join(found.holders) or "nobody named"),)


def roles(model: Model, names: Iterable[str]) -> tuple[Piece, ...]:
    """Several roles."""
    return tuple(piece for name in names for piece in role(model, name))


def metrics(model: Model, names: Iterable[str]) -> tuple[Piece, ...]:
    """Several metrics or measures, by their titles."""
    return tuple(metric(model, name) for name in names)


def metric(model: Model, name: str) -> Piece:
    """A metric or measure by its title."""
    found = model.metric(name)
    if found is None and model.measure(name) is None:
        return Piece(name)
    known = found.name if found else name
    return Piece(
        found.title if found else in_words(name), address(f"metric:{known}"), found.definition if found else ""
    )
