"""Checks of handoffs beyond their names: between stages that follow each other, and worth an amount of money."""

from collections.abc import Iterator

from fairlead.model import laws_of_flow as laws
from fairlead.model.handoffs import Handoff
from fairlead.model.tables import TABLES, Kind
from fairlead.model.whole import Model
from fairlead.problem import Problem


def outcomes(model: Model) -> list[Problem]:
    """A handoff between stages that nobody goes between, or one whose worth cannot be counted."""
    return [problem for name, one in model.handoffs.handoffs.items() for problem in _faults(model, name, one)]


def _faults(model: Model, name: str, handoff: Handoff) -> Iterator[Problem]:
    here = ("handoffs", "handoffs", name)
    if handoff.from_stage and handoff.to_stage and not _leads(model, handoff.from_stage, handoff.to_stage):
        message = f"handoff {name}: nothing leads from stage {handoff.from_stage} to {handoff.to_stage}"
        yield laws.HANDOFF_STAGE_UNREACHED.broken(message, model.where(*here, "to_stage"))
    if handoff.worth is None:
        return
    column = TABLES[handoff.subject.facts].column(handoff.worth)
    if column is not None and column.kind is not Kind.MONEY:
        message = f"handoff {name}: '{handoff.worth}' is {column.kind}, no money"
        yield laws.HANDOFF_WORTH.broken(message, model.where(*here, "worth"))
    elif handoff.converts is None:
        message = f"handoff {name} is worth {handoff.worth}, and nothing says when it has led to that"
        yield laws.HANDOFF_WORTH.broken(message, model.where(*here, "worth"), "Add `converts:` with a time column.")


def _leads(model: Model, start: str, end: str) -> bool:
    """Whether some way leads from one stage to another, or both are one here, as in presets of fewer stages.

    Names that nobody declared are another law's business.
    """
    first, last = model.stage(start), model.stage(end)
    if first is None or last is None or first.name == last.name:
        return True
    reached: set[str] = set()
    waiting = list(model.after(first))
    while waiting:
        stage = model.stage(waiting.pop())
        if stage is not None and stage.name not in reached:
            reached.add(stage.name)
            waiting += model.after(stage)
    return last.name in reached
