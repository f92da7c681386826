"""Checks of gates: evidence is demanded only of what is required."""

from collections.abc import Iterator

from fairlead.model.laws_of_flow import EVIDENCE_NOT_REQUIRED
from fairlead.model.lifecycle import DealStage, Stage
from fairlead.model.whole import Model
from fairlead.problem import Problem, did_you_mean

Place = tuple[str, ...]


def evidence(model: Model) -> list[Problem]:
    """A grade of evidence demanded for a column that the stage does not require."""
    return [
        EVIDENCE_NOT_REQUIRED.broken(
            f"stage {stage.name} demands evidence for '{column}', which it does not require",
            model.where(*place, "evidence", column),
            did_you_mean(column, stage.required),
        )
        for place, stage in _stages(model)
        if not isinstance(stage.evidence, int)
        for column in stage.evidence
        if column not in stage.required
    ]


def _stages(model: Model) -> Iterator[tuple[Place, Stage | DealStage]]:
    for stage in model.stages:
        yield ("lifecycle", "stages", stage.name), stage
    for line in model.lifecycle.pipelines.values():
        for deal_stage in line.stages.values():
            yield ("lifecycle", "pipelines", line.name, "stages", deal_stage.name), deal_stage
