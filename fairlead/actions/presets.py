"""The stages of the model under the names of another lifecycle."""

from fairlead.model.lifecycle import Lifecycle
from fairlead.model.whole import Model


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
