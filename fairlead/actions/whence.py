"""From where a column of the facts should come: the sources that fill it, and who answers for that data."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fairlead.analysis.dimension import resolve
from fairlead.model.data import Domain
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.record.lineage import origins


class Fills(NamedTuple):
    """A source that fills a column: its files, and its own columns."""

    source: str
    files: tuple[str, ...]
    columns: tuple[str, ...]


class Whence(NamedTuple):
    """Where a column comes from. `origin` is table.column of the record; `fills` is empty where no source has it.

    `system` is the tool that leads for it, `owner` and `steward` the roles of its domain, in words.
    """

    column: str
    origin: str
    fills: tuple[Fills, ...]
    system: str
    owner: str
    steward: str


def whence(model: Model, said: Mapping[str, Any], table: str, name: str) -> Whence:
    """From where a column of `table`, or a dotted one, should come; `said` is the build's manifest."""
    path = resolve(TABLES[table], name)
    here, column = (path.table.name, path.column.name) if path else (table, name)
    derived = tuple(said.get("derived", {}).items())
    canonical = here.removeprefix("facts_")
    places = sorted(origins(here, column, derived), key=lambda p: (p[1] != column, p[0] != canonical, p))
    first = places[0] if places else (canonical, column)
    fills = [
        Fills(stage["source"], tuple(said["files"].get(f"{stage['source']}/{stage['raw']}", ())), tuple(used))
        for stage in said["lineage"]
        if stage["table"] == first[0] and (used := stage["columns"].get(first[1]))
    ]
    domain = next((d for d in model.data.domains.values() if first[0] in d.tables), Domain())
    system = _leads(model, first) or domain.system
    tool = model.stack.tools.get(system or "")
    return Whence(
        column=name,
        origin=".".join(first),
        fills=tuple(dict.fromkeys(fills)),
        system=(tool.label or tool.name) if tool else system or "",
        owner=_role(model, domain.owner),
        steward=_role(model, domain.steward),
    )


def _leads(model: Model, place: tuple[str, str]) -> str | None:
    """The system that leads for a column, or for its table."""
    said = {one.column: one.system for one in model.data.sync}
    return said.get(".".join(place)) or said.get(place[0])


def _role(model: Model, name: str | None) -> str:
    role = model.role(name)
    if role is None:
        return name or ""
    return f"{role.title} ({', '.join(role.holders)})" if role.holders else role.title
