"""The lifecycle under another preset: what it calls the stages of the model, and the stays that it would have."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.actions.asking import Opened, opened
from fairlead.analysis.stages import lifecycle_stays
from fairlead.model import load
from fairlead.model.lifecycle import Lifecycle
from fairlead.model.whole import Model
from fairlead.values import Query
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

STAYS, UNDER = "mart.stage_entry", "preset_entry"


def begins(model: Model, preset: Lifecycle) -> int:
    """How many stages of the model lie before the first stage of a preset."""
    first = next(iter(preset.stages), "")
    return next((at for at, one in enumerate(model.stages) if first in (one.name, *one.stands_for)), 0)


def called(model: Model, preset: Lifecycle, stage: str) -> str | None:
    """What a preset calls a stage of the model: the same, the one that stands for it, or one that it stands for.

    None for a stage before the preset's first one: whoever is in it has not come in yet.
    """
    if stage in preset.stages:
        return stage
    if list(model.lifecycle.stages).index(stage) < begins(model, preset):
        return None
    stands = model.lifecycle.stages[stage].stands_for
    by_preset = (s.name for s in preset.stages.values() if stage in s.stands_for)
    return next(by_preset, None) or next((name for name in preset.stages if name in stands), None)


@lru_cache(maxsize=8)
def model_under(workspace: Workspace, preset: str | None) -> Model:
    """The workspace's model with the stages of a preset in place of its own; itself for None or an unknown one.

    Entries, stays and returns then follow from the preset's own stages, as if `preset:` in lifecycle.yaml named it.
    """
    model = workspace.model
    stages = load.presets(workspace.model_folder)[preset].stages if preset else model.lifecycle.stages
    if list(stages.items()) == list(model.lifecycle.stages.items()):
        return model
    return replace(model, lifecycle=model.lifecycle.model_copy(update={"stages": stages}))


def reading(workspace: Workspace, there: Opened, preset: str | None) -> Callable[[Query], "pa.Table"]:
    """What runs a query over a build: one that reads mart.stage_entry reads the stays under the preset, if any."""
    model = model_under(workspace, preset)
    if model is workspace.model:
        return there.reader.rows
    given = {UNDER: stays_of(model, there.reader.build)}
    return lambda query: there.reader.rows(query._replace(sql=query.sql.replace(STAYS, UNDER)), given)


@lru_cache(maxsize=2)
def stays_of(model: Model, build: Path) -> "pa.Table":
    """The stays in the lifecycle as this model has it, over a build: neither ever changes."""
    there = opened(build)
    made: dict[str, pa.Table] = {}
    for query in lifecycle_stays(model, there.as_of, there.timezone):
        made[query.name] = there.reader.rows(query, made)
    return made["stays"]
