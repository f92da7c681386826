"""The archive of models: the YAML of every model a build was made with, so that a definition can be read again.

    .fairlead/models/DIGEST/*.yaml, presets/*.yaml     one model, whole or not at all, never changed
    .fairlead/models/used.json                         which model was in use from when on

Builds may be deleted and made again; what a number meant then must not go with them. Everything here is written by
the one process that holds the right to build.
"""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fairlead.model.load import PRESETS, STARTER, load
from fairlead.model.whole import SUBJECTS, Model
from fairlead.record.lake import UNFINISHED, Lake, manifest, write_atomically

USED = "used.json"


class Use(NamedTuple):
    """From `at` on the model of this digest was in use, until the next one was."""

    at: datetime
    digest: str


def keep(lake: Lake, model: Model, folder: Path) -> bool:
    """Keep the YAML of `folder` as the model it was read as; False when the files are no longer that model.

    A preset that came with Fairlead is kept too: another release may have another one under its name.
    """
    target = lake.models / model.digest
    if target.is_dir():
        return True
    fresh = lake.models / f"{UNFINISHED}{model.digest}"
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / PRESETS).mkdir(parents=True)
    for file in [*(STARTER / PRESETS).glob("*.yaml"), *(folder / PRESETS).glob("*.yaml")]:
        _copy(file, fresh / PRESETS / file.name)
    for file in folder.glob("*.yaml"):
        if file.stem in SUBJECTS:
            _copy(file, fresh / file.name)
    if load(fresh)[0].digest != model.digest:  # somebody edited them since they were read
        shutil.rmtree(fresh)
        return False
    fresh.rename(target)
    return True


def _copy(file: Path, target: Path) -> None:
    with target.open("wb") as copy:
        copy.write(file.read_bytes())
        copy.flush()
        os.fsync(copy.fileno())


def use(lake: Lake, digest: str, at: datetime) -> None:
    """Note that from `at` (aware) on this model is in use; nothing is written while it already is.

    What builds from before there was an archive say is noted with the first one.
    """
    noted = _noted(lake) or [u for u in _built(lake) if u.at < at]
    if (lake.models / USED).exists() and noted and noted[-1].digest == digest:
        return
    lake.models.mkdir(parents=True, exist_ok=True)
    rows = [{"at": u.at.astimezone(UTC).isoformat(), "digest": u.digest} for u in _turns([*noted, Use(at, digest)])]
    write_atomically(lake.models / USED, json.dumps(rows, indent=1) + "\n")


def uses(lake: Lake) -> tuple[Use, ...]:
    """Which model was in use from when on, oldest first: as noted, or, where nothing is, as the builds say."""
    return _turns(_noted(lake) or _built(lake))


def _turns(every: Sequence[Use]) -> tuple[Use, ...]:
    """Only the uses that are of another model than the one before."""
    return tuple(u for n, u in enumerate(every) if n == 0 or every[n - 1].digest != u.digest)


def _built(lake: Lake) -> list[Use]:
    said = (manifest(build) for build in lake.listed())
    return sorted(Use(datetime.fromisoformat(m["made_at"]), m["model_digest"]) for m in said)


def _noted(lake: Lake) -> list[Use]:
    """What used.json says; nothing when it is lost or damaged, for the builds say most of it too."""
    try:
        rows = json.loads((lake.models / USED).read_text())
        return sorted(Use(datetime.fromisoformat(row["at"]), str(row["digest"])) for row in rows)
    except (OSError, ValueError, TypeError, KeyError):
        return []


def model_of(lake: Lake, digest: str) -> Model | None:
    """The model of a digest as it was kept; None when it was not, or when the files are no longer that model."""
    folder = lake.models / digest
    return _read(folder) if digest and folder.is_dir() else None


@lru_cache(maxsize=32)
def _read(folder: Path) -> Model | None:
    model, _ = load(folder)
    return model if model.digest == folder.name else None
