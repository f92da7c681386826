"""Overviews of what people work with: numbers, data, tools, automations, playbooks, phases, claims."""

from collections.abc import Iterator, Mapping

from fairlead.actions.standing import limits_words
from fairlead.desk.linking import Piece, address, anchor, in_words, metric, metrics, role, roles
from fairlead.desk.overviews.cells import Cell, Overview, Row, coded, entry, figure, linked, said
from fairlead.model.plan import Phase
from fairlead.model.whole import Model
from fairlead.picture.wording import Manner

# metrics


def of_metrics(model: Model, manner: Manner) -> Iterator[Overview]:
    groups: Mapping[str, str] = {
        "north_star": "North star",
        "pipeline_health": "Pipeline health",
        "demand_quality": "Demand quality",
        "retention_expansion": "Retention and expansion",
        "": "In no group",
    }
    for group, title in groups.items():
        found = [m for m in model.metrics.metrics.values() if str(m.group or "") == group]
        yield Overview(
            f"metrics-{group or 'other'}",
            title,
            "",
            ("Metric", "What it is", "Tier", "Owner", "Target"),
            tuple(
                Row(
                    (
                        linked((metric(model, m.name),)),
                        said(m.definition),
                        figure(str(m.tier or ""), address(f"metric:{m.name}")),
                        linked(role(model, m.owner)),
                        figure(limits_words(m.target, m.unit, manner), f"{address(f'metric:{m.name}')}#target"),
                    ),
                    anchor("metrics", m.name),
                )
                for m in found
            ),
            instead="metrics",
        )
    yield Overview(
        "measured",
        "Measures",
        "Each reads one table; metrics are made from them.",
        ("Measure", "What is measured", "Reads", "How", "Where", "By"),
        tuple(
            Row(
                (
                    linked((metric(model, name),)),
                    said(m.says),
                    coded(m.from_),
                    coded(*(f"{r.aggregate} {r.expression}" for r in m.readings)),
                    coded(m.where),
                    coded(m.at or " to ".join(m.during or ())),
                ),
                anchor("measures", name),
            )
            for name, m in model.metrics.measures.items()
        ),
        instead="measures",
    )


# charter, data, stack, automations


def _tool(model: Model, name: str) -> str:
    found = model.stack.tools.get(name)
    return (found.label if found else "") or in_words(name)


def of_stack(model: Model) -> Iterator[Overview]:
    yield Overview(
        "tools-at-a-glance",
        "The tools",
        "",
        ("Tool", "Layer", "Used for", "Owner", "Gives back", "Flows"),
        tuple(
            Row(
                (
                    entry("tools", name, tool.label),
                    said(_layer(model, tool.layer)),
                    said(*tool.jobs),
                    linked(role(model, tool.owner)),
                    said(*tool.returns),
                    said(in_words(tool.direction)),
                )
            )
            for name, tool in model.stack.tools.items()
        ),
    )


def _layer(model: Model, name: str) -> str:
    found = model.stack.layers.get(name)
    return (found.label if found else "") or in_words(name)


def of_automations(model: Model) -> Iterator[Overview]:
    yield Overview(
        "automations-at-a-glance",
        "What runs by itself",
        "",
        ("Automation", "Runs", "Set off by", "Owner", "Reads", "Writes", "Measured by"),
        tuple(
            Row(
                (
                    entry("automations", name, a.label, a.purpose),
                    Cell((Piece("on" if a.is_on else "off"),), "good" if a.is_on else ""),
                    said(in_words(a.event) if a.event else None),
                    linked(role(model, a.owner)),
                    said(*a.inputs),
                    said(*a.outputs),
                    linked((metric(model, a.metric),) if a.metric else ()),
                )
            )
            for name, a in model.automations.automations.items()
        ),
    )


# playbooks, plan, ai, decisions


def of_playbooks(model: Model) -> Iterator[Overview]:
    yield Overview(
        "playbooks-at-a-glance",
        "What to do when",
        "",
        ("Playbook", "For", "The situation", "Steps", "Minutes", "Should move"),
        tuple(
            Row(
                (
                    entry("playbooks", name, p.label),
                    linked(roles(model, p.roles)),
                    said(p.says),
                    figure(str(len(p.steps)), f"#{anchor('playbooks', name)}"),
                    figure(str(p.minutes), f"#{anchor('playbooks', name)}"),
                    linked(metrics(model, (p.metric,) if p.metric else ())),
                )
            )
            for name, p in model.playbooks.playbooks.items()
        ),
    )


def of_plan(model: Model) -> Iterator[Overview]:
    yield Overview(
        "phases-in-order",
        "The way, phase by phase",
        "A task is done when its evidence was seen, not when its date has passed.",
        ("Phase", "Days", "True at its end", "Done"),
        tuple(
            Row(
                (
                    entry("phases", name, phase.label),
                    figure(f"{phase.days[0]} to {phase.days[1]}" if phase.days else None, f"#{anchor('phases', name)}"),
                    said(phase.goal),
                    figure(_done(phase), f"#{anchor('phases', name)}"),
                )
            )
            for name, phase in model.plan.phases.items()
        ),
        kind="steps",
    )


def _done(phase: Phase) -> str:
    return f"{sum(1 for task in phase.tasks.values() if task.done_on)} of {len(phase.tasks)}"
