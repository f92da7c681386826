"""Checks of the order of the house: charter, people, data, tools, automations, AI, rhythm, plan, decisions."""

from collections.abc import Iterator

from fairlead.model import laws_of_order as laws
from fairlead.model.agreed import Cadence, Function
from fairlead.model.ai import Kind
from fairlead.model.stack import Direction, Priority, ToolStatus
from fairlead.model.tables import CANONICAL
from fairlead.model.whole import Model
from fairlead.problem import Law, Problem

NEUTRAL = (Function.EXECUTIVE, Function.FINANCE)
WORDS_IN_A_MINUTE = 160


def charter(model: Model) -> list[Problem]:
    """A reporting line into one function, no sponsor, a lead who manages a function or has another job."""
    reporting, found = model.charter.reporting, list[Problem]()
    above = [role for name in reporting.reports_to if (role := model.role(name))]
    functions = {role.function for role in above}
    if len(functions) == 1 and not functions & set(NEUTRAL):
        message = f"revenue operations reports into {functions.pop()} alone"
        found.append(laws.ONE_FUNCTION.broken(message, model.where("charter", "reporting", "reports_to")))
    if model.charter.authority and not (reporting.sponsor and reporting.lead and reporting.reports_to):
        message = "revenue operations has no lead, sponsor or reporting line"
        found.append(laws.SPONSOR_MISSING.broken(message, model.where("charter", "reporting")))
    if lead := model.role(reporting.lead):
        where = model.where("people", "roles", lead.name)
        if lead.manages:
            found.append(laws.MANAGES_FUNCTION.broken(f"{lead.name} manages {', '.join(lead.manages)}", where))
        if lead.function is not Function.REVOPS or lead.also:
            other = ", ".join(lead.also) or lead.function
            found.append(laws.BOLTED_ON.broken(f"{lead.name} is also {other}", where))
    return found + _rights(model) + _shadows(model)


def _rights(model: Model) -> list[Problem]:
    return [
        laws.RIGHT_WITHOUT_DECIDER.broken(f"nobody decides on {name}", model.where("charter", "authority", name))
        for name, right in model.charter.authority.items()
        if not right.decides
    ]


def _shadows(model: Model) -> list[Problem]:
    return [
        laws.SHADOW_DECISION.broken(
            f"{d.what} is decided in {d.found_in}", model.where("charter", "shadow_decisions", str(i))
        )
        for i, d in enumerate(model.charter.shadow_decisions)
        if not d.settled
    ]


def people(model: Model) -> list[Problem]:
    """RACI without exactly one accountable role, roles without holders, reporting lines in a circle."""
    found: list[Problem] = []
    for name, process in model.people.processes.items():
        where = model.where("people", "processes", name)
        if len(process.accountable) != 1:
            message = f"{len(process.accountable)} roles are accountable for {name}"
            found.append(laws.RACI_ACCOUNTABLE.broken(message, where))
        if not process.responsible:
            found.append(laws.RACI_RESPONSIBLE.broken(f"nobody is responsible for {name}", where))
    empty = [name for name, role in model.people.roles.items() if not role.holders]
    if empty:
        message = f"nobody holds {len(empty)} of {len(model.people.roles)} roles: {', '.join(empty)}"
        found.append(laws.ROLE_WITHOUT_HOLDER.broken(message, model.where("people", "roles", empty[0])))
    return found + _role_circles(model)


def _role_circles(model: Model) -> list[Problem]:
    found: list[Problem] = []
    for name in model.people.roles:
        line, above = [name], model.people.roles[name].reports_to
        while above and above not in line and (role := model.role(above)):
            line.append(above)
            above = role.reports_to
        if above == name and name == min(line):
            message = f"a circle: {' > '.join([*line, name])}"
            found.append(laws.ROLE_CYCLE.broken(message, model.where("people", "roles", name, "reports_to")))
    return found


def data_domains(model: Model) -> list[Problem]:
    """A domain without owner, steward or admin; a table in two domains or in none."""
    found: list[Problem] = []
    homes: dict[str, str] = {}
    for name, domain in model.data.domains.items():
        where = model.where("data", "domains", name)
        missing = [key for key in ("owner", "steward", "admin") if not getattr(domain, key)]
        if missing:
            found.append(laws.DOMAIN_ROLES.broken(f"domain {name} has no {' and no '.join(missing)}", where))
        for table in domain.tables:
            if table in homes:
                message = f"{table} is in the domains {homes[table]} and {name}"
                found.append(laws.DOMAIN_CONFLICT.broken(message, model.where("data", "domains", name, "tables")))
            homes[table] = name
    outside = [table.name for table in CANONICAL if table.name not in homes]
    if model.data.domains and outside:
        message = f"no domain holds {', '.join(outside)}"
        found.append(laws.TABLE_WITHOUT_DOMAIN.broken(message, model.where("data", "domains")))
    return found


def systems_of_record(model: Model) -> list[Problem]:
    """Two systems that lead one column; both directions without a reason."""
    found: list[Problem] = []
    leading: dict[str, str] = {}
    for index, sync in enumerate(model.data.sync):
        where = model.where("data", "sync", str(index))
        if leading.setdefault(sync.column, sync.system) != sync.system:
            message = f"{sync.column} is led by {leading[sync.column]} and by {sync.system}"
            found.append(laws.RECORD_CONFLICT.broken(message, where))
        if sync.direction is Direction.BOTH and not sync.why:
            found.append(laws.BOTH_WITHOUT_WHY.broken(f"{sync.column} flows both ways", where))
    return found


def stack(model: Model) -> list[Problem]:
    """Two tools for a job, a tool that returns nothing, a layer without a tool, not one CRM."""
    return [*_tools(model), *_jobs(model), *_layers(model)]


def _tools(model: Model) -> Iterator[Problem]:
    for name, tool in model.stack.tools.items():
        where = model.where("stack", "tools", name)
        if not tool.owner:
            yield laws.TOOL_WITHOUT_OWNER.broken(f"tool {name} has no owner", where)
        silent = not tool.returns or tool.direction in (Direction.NONE, Direction.FROM_CRM)
        if silent and not tool.is_crm and tool.status is ToolStatus.IN_USE:
            yield laws.TOOL_RETURNS_NOTHING.broken(f"{name} returns nothing to the CRM", where)
        if tool.direction is Direction.BOTH and not tool.why_both:
            yield laws.BOTH_WITHOUT_WHY.broken(f"{name} flows both ways", where)


def _jobs(model: Model) -> Iterator[Problem]:
    done: dict[str, str] = {}
    for name, tool in model.stack.tools.items():
        for job in tool.jobs if tool.status is ToolStatus.IN_USE else ():
            if (other := done.setdefault(job.casefold(), name)) != name:
                where = model.where("stack", "tools", name, "jobs")
                yield laws.TWO_TOOLS.broken(f"{other} and {name} both do: {job}", where)


def _layers(model: Model) -> Iterator[Problem]:
    served = {tool.layer for tool in model.stack.tools.values() if tool.status is not ToolStatus.RETIRING}
    for name, layer in model.stack.layers.items():
        if layer.priority is Priority.MUST and name not in served:
            yield laws.LAYER_MISSING.broken(f"no tool serves the layer {name}", model.where("stack", "layers", name))
    crms = [name for name, tool in model.stack.tools.items() if tool.is_crm]
    if model.stack.tools and len(crms) != 1:
        said = ", ".join(crms) or "none"
        yield laws.CRM_COUNT.broken(f"tools marked as the CRM: {said}", model.where("stack", "tools"))


def automations(model: Model) -> list[Problem]:
    """An automation without owner, purpose, inputs, outputs, rollback or metric."""
    wanted: tuple[tuple[str, Law], ...] = (
        ("owner", laws.AUTOMATION_WITHOUT_OWNER),
        ("purpose", laws.AUTOMATION_WITHOUT_PURPOSE),
        ("inputs", laws.AUTOMATION_WITHOUT_INPUTS),
        ("outputs", laws.AUTOMATION_WITHOUT_OUTPUTS),
        ("rollback", laws.AUTOMATION_WITHOUT_ROLLBACK),
        ("metric", laws.AUTOMATION_WITHOUT_METRIC),
    )
    return [
        law.broken(f"automation {name} has no {key}", model.where("automations", "automations", name))
        for name, automation in model.automations.automations.items()
        for key, law in wanted
        if not getattr(automation, key)
    ]


def ai(model: Model) -> list[Problem]:
    """A tool without owner or retention; a use that is not approved, not read, not checked or too early."""
    found: list[Problem] = []
    for name, tool in model.ai.tools.items():
        where = model.where("ai", "tools", name)
        if not tool.owner:
            found.append(laws.AI_WITHOUT_OWNER.broken(f"AI tool {name} has no owner", where))
        if tool.retention_days is None:
            found.append(laws.AI_WITHOUT_RETENTION.broken(f"AI tool {name} has no retention", where))
    return found + list(_uses(model))


def _uses(model: Model) -> Iterator[Problem]:
    for name, use in model.ai.use_cases.items():
        where = model.where("ai", "use_cases", name)
        tool = model.ai.tools.get(use.tool or "")
        if use.is_on and not (tool and tool.approved):
            yield laws.AI_NOT_APPROVED.broken(f"{name} is on, {use.tool or 'its tool'} is not approved", where)
        if not use.human:
            yield laws.AI_WITHOUT_HUMAN.broken(f"nobody reads what {name} gives", where)
        if not use.checked_against:
            yield laws.AI_UNCHECKED.broken(f"{name} is checked against nothing", where)
        if use.kind is Kind.PREDICT and use.is_on and use.phase < 3:
            yield laws.AI_TOO_EARLY.broken(f"{name} predicts in phase {use.phase}", where)


def rhythm(model: Model) -> list[Problem]:
    """A rhythm that cannot be told in a minute, a meeting without chair, no monthly council."""
    found: list[Problem] = []
    meetings = model.cadence.meetings
    words = len(model.cadence.in_a_minute.split())
    if meetings and not 0 < words <= WORDS_IN_A_MINUTE:
        message = f"the rhythm in a minute has {words} words"
        found.append(laws.RHYTHM_UNCLEAR.broken(message, model.where("cadence", "in_a_minute")))
    found += [
        laws.MEETING_WITHOUT_CHAIR.broken(f"meeting {name} has no chair", model.where("cadence", "meetings", name))
        for name, meeting in meetings.items()
        if not meeting.chair
    ]
    if meetings and not any(m.council and m.cadence is Cadence.MONTHLY for m in meetings.values()):
        found.append(laws.COUNCIL_MISSING.broken("no monthly council", model.where("cadence", "meetings")))
    return found


def plan(model: Model) -> list[Problem]:
    """Phases out of order, tasks without evidence."""
    found: list[Problem] = []
    last = 0
    for phase in model.plan.phases.values():
        here = ("plan", "phases", phase.name)
        if phase.days:
            if not last < phase.days[0] <= phase.days[1]:
                message = f"phase {phase.name}: days {phase.days[0]} to {phase.days[1]}"
                found.append(laws.PHASE_ORDER.broken(message, model.where(*here, "days")))
            last = phase.days[1]
        found += [
            laws.TASK_WITHOUT_EVIDENCE.broken(f"task {name} has no evidence", model.where(*here, "tasks", name))
            for name, task in phase.tasks.items()
            if not task.evidence
        ]
    return found


def decisions(model: Model) -> list[Problem]:
    """A contradiction not decided, a claim without a source."""
    found = [
        laws.DECISION_OPEN.broken(f"{name} ({d.topic}) is not decided", model.where("decisions", "decisions", name))
        for name, d in model.decisions.decisions.items()
        if not d.decision
    ]
    found += [
        laws.CLAIM_WITHOUT_SOURCE.broken(f"claim {name} names no source", model.where("decisions", "claims", name))
        for name, claim in model.decisions.claims.items()
        if not (claim.attributed_to or claim.note)
    ]
    return found
