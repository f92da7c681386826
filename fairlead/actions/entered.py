"""Stages of the model in which nobody ever was, as the published build tells."""

from collections.abc import Iterator
from pathlib import Path

from fairlead.actions.laws import STAGE_NEVER_ENTERED
from fairlead.actions.presets import UNDER, stays_of
from fairlead.analysis.stages import LIFECYCLE
from fairlead.model.agreed import Subject
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused
from fairlead.record.engine import Reader
from fairlead.record.lake import manifest
from fairlead.record.recipe import code_digest
from fairlead.values import Query

Entered = frozenset[tuple[str, str, str]]  # flow, subject, stage
DEAL = str(Subject.OPPORTUNITY)


def never_entered(model: Model, build: Path, *, sound: bool) -> list[Problem]:
    """A stage that nobody of the build ever entered, of the flows that somebody goes through.

    A lifecycle that was changed since is reckoned anew, where it is `sound` and the build is of this program; deals are
    where the build has them. What the engine cannot compute of it is told at the stages, as one problem among others.
    """
    try:
        entered = _entered(model, build, sound=sound)
    except Refused as refused:
        return [p._replace(where=p.where or model.where("lifecycle", "stages")) for p in refused.problems]
    return [*_of_lifecycle(model, build, entered), *_of_pipelines(model, build, entered)]


def _entered(model: Model, build: Path, *, sound: bool) -> Entered:
    said, query = manifest(build), "SELECT DISTINCT s.flow, s.subject, s.stage FROM {} AS s"
    reader = Reader(build)
    try:
        told = reader.rows(Query("stages entered", query.format("mart.stage_entry"))).to_pylist()
        if said.get("model_digest") != model.digest:
            told = [row for row in told if row["flow"] != LIFECYCLE]
            if sound and model.stages and said.get("code_digest") == code_digest():
                now = {UNDER: stays_of(model, build)}
                told += reader.rows(Query("stages entered", query.format(UNDER)), now).to_pylist()
    finally:
        reader.close()
    return frozenset((row["flow"], row["subject"], row["stage"]) for row in told)


def _of_lifecycle(model: Model, build: Path, entered: Entered) -> Iterator[Problem]:
    there = {subject for flow, subject, _ in entered if flow == LIFECYCLE}
    for stage in model.stages:
        if str(stage.subject) in there and (LIFECYCLE, str(stage.subject), stage.name) not in entered:
            message = f"nobody in build {build.name} was ever in stage {stage.name}"
            yield STAGE_NEVER_ENTERED.broken(message, model.where("lifecycle", "stages", stage.name))


def _of_pipelines(model: Model, build: Path, entered: Entered) -> Iterator[Problem]:
    there = {flow for flow, *_ in entered}
    for line in model.lifecycle.pipelines.values():
        for stage in line.stages.values() if line.name in there else ():
            if not any((line.name, DEAL, name) in entered for name in (stage.name, *stage.stands_for)):
                message = f"no deal in build {build.name} was ever in stage {line.name}.{stage.name}"
                where = model.where("lifecycle", "pipelines", line.name, "stages", stage.name)
                yield STAGE_NEVER_ENTERED.broken(message, where)
