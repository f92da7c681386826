"""`fairlead check`: every law of the model, one function each group; `CHECKS` is the whole list."""

import re
from collections.abc import Callable

from fairlead.model import (
    check_clocks,
    check_disputes,
    check_flow,
    check_gates,
    check_handoffs,
    check_metrics,
    check_names,
    check_order,
    check_revenue,
    check_subjects,
)
from fairlead.model.laws import UNKNOWN_COLUMN
from fairlead.model.laws_of_clocks import WRONG_SUBJECT
from fairlead.model.whole import Model
from fairlead.problem import Problem, Where, by_place

Check = Callable[[Model], list[Problem]]

CHECKS: tuple[Check, ...] = (
    check_names.unknown_names,
    check_names.unknown_columns,
    check_names.broken_predicates,
    check_names.picklist_drift,
    check_names.picklist_conflicts,
    check_names.naming_examples,
    check_metrics.incomplete_metrics,
    check_metrics.metric_shapes,
    check_metrics.derived_expressions,
    check_metrics.measures,
    check_metrics.name_clashes,
    check_metrics.metric_cycles,
    check_metrics.scoreboard,
    check_metrics.pay,
    check_metrics.targets,
    check_metrics.units,
    check_metrics.examples,
    check_metrics.reviews,
    check_flow.stages,
    check_flow.stage_criteria,
    check_flow.unreachable_stages,
    check_flow.misplaced_stages,
    check_gates.evidence,
    check_flow.pipelines,
    check_flow.unmapped_stages,
    check_flow.handoffs,
    check_handoffs.outcomes,
    check_flow.unprovided_needs,
    check_flow.unreachable_rules,
    check_clocks.slas,
    check_clocks.calendars,
    check_clocks.stages,
    check_clocks.warnings,
    check_clocks.ends,
    check_clocks.triggers,
    check_clocks.responses,
    check_clocks.pauses,
    check_clocks.ladders,
    check_subjects.subjects,
    check_flow.routing,
    check_flow.calendars,
    check_flow.forecast,
    check_order.charter,
    check_order.people,
    check_order.data_domains,
    check_order.systems_of_record,
    check_order.stack,
    check_order.automations,
    check_order.ai,
    check_order.rhythm,
    check_order.plan,
    check_order.decisions,
    check_disputes.disputes,
    check_revenue.switches,
    check_revenue.lenses,
    check_revenue.retention,
)


def check(model: Model) -> tuple[Problem, ...]:
    """Every broken law of a model, each once, in the order of files and lines."""
    found = dict.fromkeys(problem for one in CHECKS for problem in one(model))
    elsewhere = {_named(problem) for problem in found if problem.code == WRONG_SUBJECT.code}
    told = (p for p in found if p.code != UNKNOWN_COLUMN.code or _named(p) not in elsewhere)
    return tuple(sorted(told, key=by_place))


def _named(problem: Problem) -> tuple[Where | None, str | None]:
    """The place and the name that a problem is about: a column of another subject is not told as unknown as well."""
    name = re.search(r"'([\w.]+)'", problem.message)
    return problem.where, name[1] if name else None
