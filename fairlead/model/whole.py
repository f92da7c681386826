"""The whole model: every subject in one frozen value, and the questions asked of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from fairlead.model.agreed import Agreed, plain
from fairlead.model.ai import Ai
from fairlead.model.cadence import Cadences
from fairlead.model.calendars import Calendars
from fairlead.model.charter import Charter
from fairlead.model.data import Data
from fairlead.model.decisions import Decisions
from fairlead.model.forecast import Forecast
from fairlead.model.handoffs import Handoffs
from fairlead.model.lifecycle import Lifecycle, Stage
from fairlead.model.metrics import Measure, Metric, Metrics
from fairlead.model.people import People, Role
from fairlead.model.plan import Plan
from fairlead.model.playbooks import Playbooks
from fairlead.model.predicate import parse
from fairlead.model.revenue import Revenue
from fairlead.model.routing import Routing
from fairlead.model.stack import Automations, Stack
from fairlead.problem import Where

SUBJECTS: Mapping[str, type[Agreed]] = MappingProxyType(
    {
        "charter": Charter,
        "people": People,
        "lifecycle": Lifecycle,
        "handoffs": Handoffs,
        "calendars": Calendars,
        "routing": Routing,
        "metrics": Metrics,
        "revenue": Revenue,
        "forecast": Forecast,
        "data": Data,
        "stack": Stack,
        "automations": Automations,
        "playbooks": Playbooks,
        "cadence": Cadences,
        "plan": Plan,
        "ai": Ai,
        "decisions": Decisions,
    }
)


class Edge(NamedTuple):
    """In the metric tree `source` makes `target`: exactly, or as an influence that is drawn and never added up."""

    source: str
    target: str
    exact: bool


@dataclass(frozen=True, eq=False)
class Model:
    """What the company agreed. `lost` names entries that could not be read, so that nothing else blames them."""

    folder: str = "model"
    charter: Charter = field(default_factory=Charter)
    people: People = field(default_factory=People)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    handoffs: Handoffs = field(default_factory=Handoffs)
    calendars: Calendars = field(default_factory=Calendars)
    routing: Routing = field(default_factory=Routing)
    metrics: Metrics = field(default_factory=Metrics)
    revenue: Revenue = field(default_factory=Revenue)
    forecast: Forecast = field(default_factory=Forecast)
    data: Data = field(default_factory=Data)
    stack: Stack = field(default_factory=Stack)
    automations: Automations = field(default_factory=Automations)
    playbooks: Playbooks = field(default_factory=Playbooks)
    cadence: Cadences = field(default_factory=Cadences)
    plan: Plan = field(default_factory=Plan)
    ai: Ai = field(default_factory=Ai)
    decisions: Decisions = field(default_factory=Decisions)
    places: Mapping[tuple[str, ...], Where] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()

    def where(self, subject: str, *path: str | int) -> Where:
        """Where something stands, or the nearest thing above it: `where('metrics', 'win_rate', 'target')`."""
        place = self._place(subject, tuple(map(str, path)))
        while len(place) > 1 and place not in self.places:
            place = place[:-1]
        return self.places.get(place, Where(f"{self.folder}/{subject}.yaml", 1))

    def _place(self, subject: str, path: tuple[str, ...]) -> tuple[str, ...]:
        """The full path of a short one: entries of a subject may be named without their section."""
        if not path or (subject, path[0]) in self.places:
            return (subject, *path)
        sections = SUBJECTS[subject].model_fields if subject in SUBJECTS else {}
        found = (s for s in sections if (subject, s, path[0]) in self.places)
        section = next(found, None)
        return (subject, *path) if section is None else (subject, section, *path)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the meaning: the same for files that differ in comments, order of keys or layout only."""
        meaning: dict[str, object] = {subject: plain(getattr(self, subject)) for subject in SUBJECTS}
        meaning["order"] = [list(self.lifecycle.stages), *(list(p.stages) for p in self.lifecycle.pipelines.values())]
        meaning["routes"] = list(self.routing.rules)
        meaning["limits"] = [list(p.limits) for b in (self.handoffs.handoffs, self.handoffs.slas) for p in b.values()]
        meaning["categories"] = list(self.forecast.categories)
        return hashlib.sha256(json.dumps(meaning, sort_keys=True, default=str).encode()).hexdigest()

    # metrics

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        """Every further name of a metric: its number and its aliases, in any case."""
        return {
            alias.casefold(): metric.name
            for metric in self.metrics.metrics.values()
            for alias in (*metric.aliases, *([metric.id] if metric.id else []))
        }

    def metric(self, name: str) -> Metric | None:
        """The metric of that name, alias or number (M10)."""
        found = self.metrics.metrics
        return found.get(name) or found.get(self._aliases.get(name.casefold(), ""))

    def measure(self, name: str) -> Measure | None:
        """The measure of that name."""
        return self.metrics.measures.get(name)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every name of the shared namespace of measures and metrics."""
        return (*self.metrics.metrics, *self.metrics.measures)

    @cached_property
    def scoreboard(self) -> tuple[Metric, ...]:
        """The metrics of the one scoreboard, in the order of the file."""
        return tuple(m for m in self.metrics.metrics.values() if m.scoreboard)

    def operands(self, metric: Metric) -> tuple[str, ...]:
        """The measures and metrics a metric is exactly made of; none for an inline measure or a missing one."""
        if isinstance(metric.measure, str):
            return (metric.measure,)
        if metric.ratio:
            return metric.ratio
        if metric.derived:
            predicate, _ = parse(metric.derived, self._number_names)
            return predicate.columns if predicate else ()
        return ()

    @cached_property
    def _number_names(self) -> frozenset[str]:
        return frozenset(self.numbers)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The metric tree: exact edges from operands, influences from `drives`."""
        return tuple(self._edges())

    def _edges(self) -> Iterator[Edge]:
        for metric in self.metrics.metrics.values():
            yield from (Edge(operand, metric.name, True) for operand in self.operands(metric))
            yield from (Edge(metric.name, driven, False) for driven in metric.drives)

    @property
    def roles_paid(self) -> Mapping[str, tuple[str, ...]]:
        """For every role whose pay depends on metrics, their names."""
        paid: dict[str, tuple[str, ...]] = {}
        for metric in self.metrics.metrics.values():
            for role in metric.pay:
                paid[role] = (*paid.get(role, ()), metric.name)
        return paid

    # people

    def role(self, name: str | None) -> Role | None:
        """The role of that name."""
        return self.people.roles.get(name) if name else None

    # lifecycle

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the lifecycle in order."""
        return tuple(self.lifecycle.stages.values())

    def stage(self, name: str) -> Stage | None:
        """The stage of that name, or the one that stands for it: names of the other presets stay valid."""
        own = self.lifecycle.stages.get(name)
        return own or next((s for s in self.stages if name in s.stands_for), None)

    def after(self, stage: Stage) -> tuple[str, ...]:
        """The names of the stages that may follow a stage."""
        if stage.next:
            return stage.next
        names = list(self.lifecycle.stages)
        return tuple(names[names.index(stage.name) + 1 :][:1])

    @cached_property
    def stage_map(self) -> Mapping[str, str]:
        """The mapping table between presets: every other name of a stage, and the stage here."""
        return {other: stage.name for stage in self.stages for other in stage.stands_for}

    # data

    @cached_property
    def picklists(self) -> Mapping[str, tuple[str, ...]]:
        """Allowed values by `table.column`; deal stages and categories come from their own subjects."""
        found = {c: tuple(p.values) for p in self.data.picklists.values() for c in p.columns}
        deal_stages = (name for p in self.lifecycle.pipelines.values() for name in p.stages)
        if stages := tuple(dict.fromkeys(deal_stages)):
            found.setdefault("opportunity.stage", stages)
        if categories := tuple(self.forecast.categories):
            found.setdefault("opportunity.category", categories)
        return found
