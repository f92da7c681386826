"""Which dictionary was in use when: the models that builds were made with, as they were kept."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from fairlead.actions.laws import UNKNOWN_DICTIONARY
from fairlead.model.whole import Model
from fairlead.problem import Refused, did_you_mean
from fairlead.record import archive
from fairlead.record.lake import manifest
from fairlead.values import span_of
from fairlead.workspace import Workspace


class Chapter(NamedTuple):
    """From `since` on this model was in use. `model` is None where its files were not kept.

    `is_built` is False for a model that was edited since the last build: it is in use from when it was written.
    """

    since: datetime
    digest: str
    model: Model | None
    is_built: bool = True


def chapters(workspace: Workspace) -> tuple[Chapter, ...]:
    """Every model that was in use, oldest first; the last one is the model as it is."""
    found = [Chapter(u.at, u.digest, workspace.model_of(u.digest)) for u in archive.uses(workspace.lake)]
    model = workspace.model
    if not found or found[-1].digest != model.digest:
        written = _written(workspace.model_folder)
        found.append(Chapter(max([written, *(c.since for c in found)]), model.digest, model, is_built=False))
    return tuple(found)


def _written(folder: Path) -> datetime:
    """When a model's files were last written."""
    times = [file.stat().st_mtime for file in folder.glob("*.yaml")]
    return datetime.fromtimestamp(max(times, default=0), UTC)


def dictionary_of(workspace: Workspace, when: date | str) -> Model:
    """The model in use at the end of a day or period, or the one a build was made with; Refused when it is not known.

    `when` is a date, a period (2026-03, 2026-Q1) or a build's name or its beginning.
    """
    day = _last_day(when, workspace.config.fiscal_year_start)
    if day is None:
        return _of_build(workspace, str(when))
    known = chapters(workspace)
    then = [c for c in known if c.since < workspace.end_of(day)]
    if then and then[-1].model is not None:
        return then[-1].model
    said = "was in use, but it was not kept" if then else "is known"
    raise Refused([UNKNOWN_DICTIONARY.broken(f"No dictionary of {day} {said}.", hint=_offer(workspace, known))])


def _last_day(when: date | str, fiscal_year_start: int) -> date | None:
    if isinstance(when, date):
        return when
    span = span_of(when, fiscal_year_start)
    return span.end - timedelta(days=1) if span else None


def _of_build(workspace: Workspace, name: str) -> Model:
    builds = workspace.lake.listed()
    path = next((p for p in reversed(builds) if p.name.startswith(name)), None)
    if path is None:
        hint = did_you_mean(name, [p.name for p in builds]) if builds else None
        raise Refused([UNKNOWN_DICTIONARY.broken(f"'{name}' is no day, no period and no build.", hint=hint)])
    model = workspace.model_of(manifest(path)["model_digest"])
    if model is None:
        message = f"The dictionary that build {path.name} was made with was not kept."
        raise Refused([UNKNOWN_DICTIONARY.broken(message, hint=_offer(workspace, chapters(workspace)))])
    return model


def _offer(workspace: Workspace, known: tuple[Chapter, ...]) -> str:
    """What there is instead, in words."""
    first = next((c for c in known if c.model is not None), None)
    if first is None:
        return "Run `fairlead sync`: from then on every model is kept."
    return f"Kept from {first.since.astimezone(workspace.zone):%Y-%m-%d} on."
