"""Compare two models: what the company agreed before and what it agrees now."""

from pathlib import Path

from fairlead.model.diff import Change, diff
from fairlead.model.load import load
from fairlead.model.whole import Model
from fairlead.problem import Refused


def compare(a: Path, b: Path) -> tuple[Change, ...]:
    """What changed from the model in `a` to that in `b`; each a model folder or a workspace."""
    return tuple(diff(_model(a), _model(b)))


def _model(folder: Path) -> Model:
    model, problems = load(folder / "model" if (folder / "model").is_dir() else folder)
    if errors := [p for p in problems if p.is_error]:
        raise Refused(errors)
    return model
