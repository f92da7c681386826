"""Every place of a model that mentions a name, a column or a predicate: read by the checks, and by nobody twice."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from fairlead.model.predicate import Wants
from fairlead.model.timed import Rung, Timed
from fairlead.model.whole import Model

Sort = Literal[
    "role", "stage", "metric", "number", "tool", "layer", "domain", "pool", "calendar", "item", "playbook", "meeting",
    "audience", "decision", "handoff", "table", "framework",
]  # fmt: skip
Place = tuple[str, ...]
LADDER = frozenset(Rung)


class Mention(NamedTuple):
    """A name of some sort, and where it stands; `also`: names that are good there, though nobody declares them."""

    place: Place
    sort: Sort
    name: str
    also: frozenset[str] = frozenset()


class Condition(NamedTuple):
    """A predicate over a table, and where it stands."""

    place: Place
    table: str
    text: str
    wants: Wants = "condition"


class ColumnName(NamedTuple):
    """A column of a table, and where it stands."""

    place: Place
    table: str
    column: str
    timely: bool = False


def _each(place: Place, sort: Sort, names: Iterable[str | None] | str | None) -> Iterator[Mention]:
    for name in (names,) if isinstance(names, str) or names is None else names:
        if name:
            yield Mention(place, sort, name)


def mentions(model: Model) -> Iterator[Mention]:
    """Every name that something else in the model has to declare."""
    yield from _of_charter(model)
    yield from _of_people(model)
    yield from _of_lifecycle(model)
    yield from _of_handoffs(model)
    yield from _of_routing(model)
    yield from _of_metrics(model)
    yield from _of_data(model)
    yield from _of_tools(model)
    yield from _of_rhythm(model)


def _of_charter(model: Model) -> Iterator[Mention]:
    charter = model.charter
    for name, motion in charter.scope.motions.items():
        yield from _each(("charter", "scope", "motions", name, "instead"), "role", motion.instead)
    for section, rights in (("authority", charter.authority), ("accountability", charter.accountability)):
        for name, right in rights.items():
            for key in ("decides", "consults", "informs"):
                yield from _each(("charter", section, name, key), "role", getattr(right, key))
    for key in ("lead", "reports_to", "sponsor", "dotted_lines"):
        yield from _each(("charter", "reporting", key), "role", getattr(charter.reporting, key))
    for index, found in enumerate(charter.shadow_decisions):
        yield from _each(("charter", "shadow_decisions", str(index), "owner"), "role", found.owner)


def _of_people(model: Model) -> Iterator[Mention]:
    for name, role in model.people.roles.items():
        yield from _each(("people", "roles", name, "reports_to"), "role", role.reports_to)
    for name, process in model.people.processes.items():
        for key in ("responsible", "accountable", "consulted", "informed"):
            yield from _each(("people", "processes", name, key), "role", getattr(process, key))


def _of_lifecycle(model: Model) -> Iterator[Mention]:
    for name, stage in model.lifecycle.stages.items():
        yield from _each(("lifecycle", "stages", name, "owner"), "role", stage.owner)
        yield from _each(("lifecycle", "stages", name, "next"), "stage", stage.next)
    for pipeline in model.lifecycle.pipelines.values():
        for name, deal_stage in pipeline.stages.items():
            place = ("lifecycle", "pipelines", pipeline.name, "stages", name, "owner")
            yield from _each(place, "role", deal_stage.owner)


def _of_handoffs(model: Model) -> Iterator[Mention]:
    yield from _each(("handoffs", "meeting_minimum"), "item", model.handoffs.meeting_minimum)
    for name, handoff in model.handoffs.handoffs.items():
        here = ("handoffs", "handoffs", name)
        for key in ("giver", "taker"):
            yield from _each((*here, key), "role", getattr(handoff, key))
        for key in ("from_stage", "to_stage"):
            yield from _each((*here, key), "stage", getattr(handoff, key))
        for key in ("needs", "provides"):
            yield from _each((*here, key), "item", getattr(handoff, key))
        yield from _of_timed(here, handoff)
        if handoff.recycling:
            yield from _each((*here, "recycling", "to_stage"), "stage", handoff.recycling.to_stage)
            yield from _each((*here, "recycling", "playbook"), "playbook", handoff.recycling.playbook)
    for name, sla in model.handoffs.slas.items():
        yield from _each(("handoffs", "slas", name, "owner"), "role", sla.owner)
        yield from _of_timed(("handoffs", "slas", name), sla)


def _of_timed(here: Place, policy: Timed) -> Iterator[Mention]:
    """The names behind a clock. An owner's manager, a queue and the council are found for each clock, not declared."""
    yield from _each((*here, "calendar"), "calendar", policy.calendar)
    yield from _each((*here, "metric"), "metric", policy.metric)
    for limit in policy.limits.values():
        yield from _each((*here, "limits", limit.name, "calendar"), "calendar", limit.calendar)
    for index, step in enumerate(policy.escalation):
        if step.to not in LADDER:
            yield Mention((*here, "escalation", str(index), "to"), "role", step.to, LADDER)


def _of_routing(model: Model) -> Iterator[Mention]:
    routing = model.routing
    yield from _each(("calendars", "default"), "calendar", model.calendars.default)
    yield from _each(("routing", "on"), "stage", routing.on)
    yield from _each(("routing", "fallback"), "pool", routing.fallback)
    for name, rule in routing.rules.items():
        yield from _each(("routing", "rules", name, "to"), "pool", None if rule.to == "owner" else rule.to)
    for name, pool in routing.pools.items():
        yield from _each(("routing", "pools", name, "calendar"), "calendar", pool.calendar)


def _of_metrics(model: Model) -> Iterator[Mention]:
    for name, measure in model.metrics.measures.items():
        yield from _each(("metrics", "measures", name, "from"), "table", measure.from_)
    for name, metric in model.metrics.metrics.items():
        here = ("metrics", "metrics", name)
        yield from _each((*here, "owner"), "role", metric.owner)
        yield from _each((*here, "pay"), "role", metric.pay)
        yield from _each((*here, "drives"), "metric", metric.drives)
        yield from _each((*here, "decision"), "decision", metric.decision)
        yield from _each((*here, "frameworks"), "framework", metric.frameworks)
        yield from _each((*here, "ratio"), "number", metric.ratio)
        yield from _each((*here, "measure"), "number", metric.measure if isinstance(metric.measure, str) else None)
        for index, review in enumerate(metric.review):
            yield from _each((*here, "review", str(index), "audience"), "audience", review.audience)


def _of_data(model: Model) -> Iterator[Mention]:
    data = model.data
    yield from _each(("forecast", "accountable"), "role", model.forecast.accountable)
    yield from _each(("forecast", "submission", "chain"), "role", model.forecast.submission.chain)
    yield from _each(("forecast", "submission", "meeting"), "meeting", model.forecast.submission.meeting)
    for name, definition in data.definitions.items():
        yield from _each(("data", "definitions", name, "owner"), "role", definition.owner)
        yield from _each(("data", "definitions", name, "table"), "table", definition.table)
    for name, domain in data.domains.items():
        for key in ("owner", "steward", "admin"):
            yield from _each(("data", "domains", name, key), "role", getattr(domain, key))
        yield from _each(("data", "domains", name, "tables"), "table", domain.tables)
        yield from _each(("data", "domains", name, "system"), "tool", domain.system)
    for index, sync in enumerate(data.sync):
        yield from _each(("data", "sync", str(index), "system"), "tool", sync.system)
    for name, rule in data.rules.items():
        yield from _each(("data", "rules", name, "table"), "table", rule.table)
    for section in ("picklists", "hygiene"):
        for name, entry in getattr(data, section).items():
            yield from _each(("data", section, name, "owner"), "role", entry.owner)


def _of_tools(model: Model) -> Iterator[Mention]:
    for name, tool in model.stack.tools.items():
        yield from _each(("stack", "tools", name, "layer"), "layer", tool.layer)
        for key in ("owner", "admin"):
            yield from _each(("stack", "tools", name, key), "role", getattr(tool, key))
    for name, automation in model.automations.automations.items():
        here = ("automations", "automations", name)
        yield from _each((*here, "owner"), "role", automation.owner)
        yield from _each((*here, "tool"), "tool", automation.tool)
        yield from _each((*here, "metric"), "metric", automation.metric)
    yield from _each(("ai", "accountable"), "role", model.ai.accountable)
    for name, ai_tool in model.ai.tools.items():
        yield from _each(("ai", "tools", name, "owner"), "role", ai_tool.owner)
        yield from _each(("ai", "tools", name, "data"), "domain", ai_tool.data)
    for name, use in model.ai.use_cases.items():
        yield from _each(("ai", "use_cases", name, "human"), "role", use.human)
        yield from _each(("ai", "use_cases", name, "checked_against"), "domain", use.checked_against)


def _of_rhythm(model: Model) -> Iterator[Mention]:
    for name, meeting in model.cadence.meetings.items():
        here = ("cadence", "meetings", name)
        yield from _each((*here, "chair"), "role", meeting.chair)
        yield from _each((*here, "attends"), "role", meeting.attends)
        yield from _each((*here, "metrics"), "metric", meeting.metrics)
        yield from _each((*here, "five"), "metric", meeting.five)
    for name, playbook in model.playbooks.playbooks.items():
        here = ("playbooks", "playbooks", name)
        yield from _each((*here, "roles"), "role", playbook.roles)
        yield from _each((*here, "metric"), "metric", playbook.metric)
        for index, step in enumerate(playbook.steps):
            yield from _each((*here, "steps", str(index), "by"), "role", step.by)
    yield from _each(("plan", "first_handoff"), "handoff", model.plan.first_handoff)
    yield from _each(("plan", "baselines"), "metric", model.plan.baselines)
    for phase in model.plan.phases.values():
        for name, task in phase.tasks.items():
            yield from _each(("plan", "phases", phase.name, "tasks", name, "owner"), "role", task.owner)
    for name, decision in model.decisions.decisions.items():
        yield from _each(("decisions", "decisions", name, "decided_by"), "role", decision.decided_by)
    for name, claim in model.decisions.claims.items():
        yield from _each(("decisions", "claims", name, "metrics"), "metric", claim.metrics)
    for index, dispute in enumerate(model.decisions.disputes):
        yield from _each(("decisions", "disputes", str(index), "decision"), "decision", dispute.decision)


def conditions(model: Model) -> Iterator[Condition]:
    """Every predicate over a table. Those of measures are checked with their measure."""
    for place, table, text in _conditions(model):
        if text:
            yield Condition(place, table, text)


def _conditions(model: Model) -> Iterator[tuple[Place, str, str | None]]:
    yield from _of_stages(model)
    yield from _of_flow(model)
    for name, category in model.forecast.categories.items():
        yield ("forecast", "categories", name, "when"), "facts_opportunity", category.when
    for name, definition in model.data.definitions.items():
        yield ("data", "definitions", name, "when"), definition.table or "facts_account", definition.when
    for name, quality in model.data.rules.items():
        yield ("data", "rules", name, "holds"), quality.table, quality.holds
    for name, automation in model.automations.automations.items():
        facts = automation.subject.facts if automation.subject else "facts_account"
        yield ("automations", "automations", name, "when"), facts, automation.when
    for name, playbook in model.playbooks.playbooks.items():
        facts = playbook.subject.facts if playbook.subject else "facts_account"
        yield ("playbooks", "playbooks", name, "when"), facts, playbook.when


def _of_stages(model: Model) -> Iterator[tuple[Place, str, str | None]]:
    for name, stage in model.lifecycle.stages.items():
        for key in ("enter_when", "exit_when"):
            yield ("lifecycle", "stages", name, key), stage.subject.facts, getattr(stage, key)
    for pipeline in model.lifecycle.pipelines.values():
        for name, deal_stage in pipeline.stages.items():
            for key in ("enter_when", "exit_when"):
                place = ("lifecycle", "pipelines", pipeline.name, "stages", name, key)
                yield place, "facts_opportunity", getattr(deal_stage, key)


def _of_flow(model: Model) -> Iterator[tuple[Place, str, str | None]]:
    for name, handoff in model.handoffs.handoffs.items():
        here, facts = ("handoffs", "handoffs", name), handoff.subject.facts
        yield from _timed_conditions(here, handoff)
        yield (*here, "done"), facts, handoff.done
        if handoff.recycling:
            yield (*here, "recycling", "when"), facts, handoff.recycling.when
    for name, sla in model.handoffs.slas.items():
        yield from _timed_conditions(("handoffs", "slas", name), sla)
    for name, rule in model.routing.rules.items():
        yield ("routing", "rules", name, "when"), model.routing.subject.facts, rule.when


def _timed_conditions(here: Place, policy: Timed) -> Iterator[tuple[Place, str, str | None]]:
    yield (*here, "trigger"), policy.subject.facts, policy.trigger
    for limit in policy.limits.values():
        yield (*here, "limits", limit.name, "when"), policy.subject.facts, limit.when


def columns(model: Model) -> Iterator[ColumnName]:
    """Every bare column name outside a predicate."""
    yield from _stage_columns(model)
    yield from _handoff_columns(model)
    yield from _data_columns(model)


def _stage_columns(model: Model) -> Iterator[ColumnName]:
    for name, stage in model.lifecycle.stages.items():
        here, facts = ("lifecycle", "stages", name), stage.subject.facts
        yield from (ColumnName((*here, "required"), facts, c) for c in stage.required)
        if stage.enters:
            yield ColumnName((*here, "enters"), facts, stage.enters, timely=True)
    for pipeline in model.lifecycle.pipelines.values():
        for name, deal_stage in pipeline.stages.items():
            place = ("lifecycle", "pipelines", pipeline.name, "stages", name, "required")
            yield from (ColumnName(place, "facts_opportunity", c) for c in deal_stage.required)


def _handoff_columns(model: Model) -> Iterator[ColumnName]:
    for name, handoff in model.handoffs.handoffs.items():
        here, facts = ("handoffs", "handoffs", name), handoff.subject.facts
        yield from _timed_columns(here, handoff)
        if handoff.converts:
            yield ColumnName((*here, "converts"), facts, handoff.converts, timely=True)
        if handoff.worth:
            yield ColumnName((*here, "worth"), facts, handoff.worth)
        for item in dict.fromkeys((*handoff.needs, *handoff.provides)):
            if (known := model.handoffs.items.get(item)) and known.column:
                yield ColumnName(("handoffs", "items", item, "column"), facts, known.column)
    for name, sla in model.handoffs.slas.items():
        yield from _timed_columns(("handoffs", "slas", name), sla)
    yield from (ColumnName(("routing", "reroute_on"), model.routing.subject.facts, c) for c in model.routing.reroute_on)


def _timed_columns(here: Place, policy: Timed) -> Iterator[ColumnName]:
    for key, names in (("starts", (policy.starts,) if policy.starts else ()), ("stops", policy.stops)):
        yield from (ColumnName((*here, key), policy.subject.facts, name, timely=True) for name in names)
    for pause in policy.pauses.values():
        yield ColumnName((*here, "pauses", pause.name, "column"), policy.subject.facts, pause.column)


def _data_columns(model: Model) -> Iterator[ColumnName]:
    for name, category in model.forecast.categories.items():
        yield from (
            ColumnName(("forecast", "categories", name, "required"), "facts_opportunity", c) for c in category.required
        )
    for name, picklist in model.data.picklists.items():
        for dotted in picklist.columns:
            table, _, column = dotted.partition(".")
            yield ColumnName(("data", "picklists", name, "columns"), table, column)
    for index, sync in enumerate(model.data.sync):
        table, _, column = sync.column.partition(".")
        yield ColumnName(("data", "sync", str(index), "column"), table, column)
