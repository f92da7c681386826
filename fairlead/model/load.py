"""Reads a model folder: always finishes, and reports everything that is wrong at once.

    model, problems = load(Path("acme/model"))

What cannot be understood is left out of the model and named in a Problem; the rest can still be checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from fairlead.model import text
from fairlead.model.agreed import Agreed
from fairlead.model.faults import at, place_of, problem_of, wanted
from fairlead.model.laws import NO_MODEL, UNKNOWN_FILE, UNKNOWN_NAME, WRONG_TYPE
from fairlead.model.lifecycle import Lifecycle
from fairlead.model.text import Place, Text, nearest_place
from fairlead.model.whole import SUBJECTS, Model
from fairlead.problem import Problem, Where, by_place, did_you_mean

STARTER = Path(__file__).parent / "starter"
PRESETS = "presets"
ROUNDS = 8


class _Part(NamedTuple):
    """One subject as read: its value, its places (subject first) and what was wrong."""

    value: Agreed
    places: Mapping[Place, Where]
    problems: tuple[Problem, ...]
    lost: frozenset[str]


def load(folder: Path) -> tuple[Model, tuple[Problem, ...]]:
    """The model of a folder of YAML files and every problem of reading it, in the order of files and lines."""
    shown = folder.name or str(folder)
    if not folder.is_dir():
        return Model(folder=shown), (NO_MODEL.broken(f"no folder {folder}", Where(str(folder))),)
    files = sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml", ".json"))
    problems = [p for file in files if (p := _unknown_file(file, shown))]
    if not any(file.name == f"{subject}.yaml" for file in files for subject in SUBJECTS):
        problems.append(NO_MODEL.broken(f"no file of a model in {folder}", Where(str(folder))))
    parts = {subject: _part(folder, shown, subject, kind) for subject, kind in SUBJECTS.items()}
    problems += [problem for part in parts.values() for problem in part.problems]
    values: dict[str, Any] = {subject: part.value for subject, part in parts.items()}
    model = Model(
        folder=shown,
        places={place: where for part in parts.values() for place, where in part.places.items()},
        lost=frozenset(name for part in parts.values() for name in part.lost),
        **values,
    )
    return model, tuple(sorted(problems, key=by_place))


def _unknown_file(file: Path, shown: str) -> Problem | None:
    if file.suffix == ".yaml" and file.stem in SUBJECTS:
        return None
    hint = f"Rename it to {file.stem}.yaml." if file.stem in SUBJECTS else did_you_mean(file.stem, SUBJECTS)
    return UNKNOWN_FILE.broken(f"{file.name} is no subject of the model", Where(f"{shown}/{file.name}"), hint)


def _part(folder: Path, shown: str, subject: str, kind: type[Agreed]) -> _Part:
    path = folder / f"{subject}.yaml"
    if not path.is_file():
        return _Part(kind(), {}, (), frozenset())
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (UnicodeDecodeError, OSError):
        return _understood(text.read(path, f"{shown}/{path.name}"), folder, shown, subject)
    if "preset" in content:  # it also says what stands in other files
        return _understood(text.understand(content, f"{shown}/{path.name}"), folder, shown, subject)
    return _read(content, shown, subject)


@lru_cache(maxsize=256)
def _read(content: str, shown: str, subject: str) -> _Part:
    """A subject whose file says all of it: of a model that was edited, the other files are not understood anew."""
    return _understood(text.understand(content, f"{shown}/{subject}.yaml"), STARTER, shown, subject)


def starter_of(subject: str) -> Agreed:
    """A subject as the starter model has it."""
    return _part(STARTER, STARTER.name, subject, SUBJECTS[subject]).value


def reread(model: Model, subject: str, content: str) -> tuple[Model, tuple[Problem, ...]]:
    """The model with one subject as this text has it, and what is wrong with the text by itself."""
    read = text.understand(content, f"{model.folder}/{subject}.yaml")
    part = _understood(read, STARTER, model.folder, subject)
    places = {place: where for place, where in model.places.items() if place[0] != subject}
    value: dict[str, Any] = {subject: part.value}
    return replace(model, places={**places, **part.places}, lost=model.lost | part.lost, **value), part.problems


def presets(folder: Path) -> Mapping[str, Lifecycle]:
    """Every lifecycle one can start from, by name: the starter's, and those of the model's own folder of presets."""
    names = sorted({p.stem for base in (STARTER, folder) for p in (base / PRESETS).glob("*.yaml")})
    parts = {n: _understood(text.understand(f"preset: {n}", n), folder, "model", "lifecycle").value for n in names}
    return {name: value for name, value in parts.items() if isinstance(value, Lifecycle) and value.stages}


def _understood(read: Text, folder: Path, shown: str, subject: str) -> _Part:
    kind, top = SUBJECTS[subject], Where(f"{shown}/{subject}.yaml", 1)
    if read.data is not None and not isinstance(read.data, dict):
        broken = WRONG_TYPE.broken(f"{subject}: expected a mapping (key: value)", top)
        return _Part(kind(), {}, (*read.problems, broken), frozenset())
    data, places, problems = read.data or {}, dict(read.places), list(read.problems)
    if isinstance(data.get("preset"), str):
        data, more = _with_preset(folder, shown, data, places)
        problems += more
    value, found, lost = _validated(kind, data, places, top)
    return _Part(value, {(subject, *place): where for place, where in places.items()}, (*problems, *found), lost)


def _with_preset(
    folder: Path, shown: str, data: dict[str, Any], places: dict[Place, Where]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The data with the preset's sections under its own: what the file says itself wins, entry by entry."""
    own = {p.stem: p for p in (folder / PRESETS).glob("*.yaml")}
    known = {p.stem: p for p in (STARTER / PRESETS).glob("*.yaml")} | own
    name = data["preset"]
    if (path := known.get(name)) is None:
        hint = did_you_mean(name, known)
        return data, (UNKNOWN_NAME.broken(f"preset: unknown preset '{name}'", places.get(("preset",)), hint),)
    read = text.read(path, f"{shown}/{PRESETS}/{path.name}")
    merged = dict(data)
    for section, entries in (read.data if isinstance(read.data, dict) else {}).items():
        said = data.get(section)
        both = isinstance(entries, dict) and isinstance(said, dict)
        merged[section] = {**entries, **(said or {})} if both else entries if said is None else said
    for place, where in read.places.items():
        places.setdefault(place, where)
    return merged, read.problems


def _validated(
    kind: type[Agreed], data: dict[str, Any], places: Mapping[Place, Where], top: Where
) -> tuple[Agreed, tuple[Problem, ...], frozenset[str]]:
    """The value of the data, leaving out entry by entry what does not validate."""
    problems: dict[Problem, None] = {}
    lost: set[str] = set()
    for _ in range(ROUNDS):
        try:
            return kind.model_validate(data), tuple(problems), frozenset(lost)
        except ValidationError as bad:
            cuts: set[Place] = set()
            for error, place, also in _told(bad, data):
                problems[problem_of(error, place, kind, nearest_place(places, place, top), also)] = None
                cuts.add(place[:2])
            lost |= {name for cut in cuts for name in _names(data, cut)}
            data = _without(data, cuts)
    return kind(), tuple(problems), frozenset(lost)


def _told(bad: ValidationError, data: Any) -> Iterator[tuple[Any, Place, tuple[Any, ...]]]:
    """The errors worth telling: of a union, those of the member the writer meant; all as one where it is none of them.

    With each the others of the same place that it stands for.
    """
    told: dict[Place, list[Any]] = {}
    for error, place in _meant(bad, data):
        told.setdefault(place if wanted(error) else (*place, str(error["loc"]), error["type"]), []).append(
            (error, place)
        )
    for (error, place), *others in told.values():
        yield error, place, tuple(other for other, _ in others)


def _meant(bad: ValidationError, data: Any) -> Iterator[tuple[Any, Place]]:
    """The errors but those of members of a union that the writer did not mean."""
    found = [(error, place_of(error, data)) for error in bad.errors(include_url=False)]
    for error, place in found:
        value = at(data, place)
        alone = sum(1 for _, other in found if other[: len(place)] == place) == 1
        scalar = error["type"] in ("string_type", "int_type") and isinstance(value, dict)
        shaped = error["type"] in ("model_type", "model_attributes_type", "dict_type") and isinstance(value, str | int)
        if alone or not (scalar or shaped):
            yield error, place


def _names(data: Any, cut: Place) -> Iterator[str]:
    """The names that are gone with an entry: its own, and those it declares, such as a pipeline's stages."""
    yield from cut[-1:]
    entry = at(data, cut) if len(cut) == 2 else None
    for inside in entry.values() if isinstance(entry, dict) else ():
        yield from map(str, inside if isinstance(inside, dict) else ())


def _without(data: dict[str, Any], cuts: set[Place]) -> dict[str, Any]:
    """The data without the entries that do not validate."""
    left = {k: v for k, v in data.items() if (k,) not in cuts and () not in cuts}
    for section in {cut[0] for cut in cuts if len(cut) == 2} & left.keys():
        value, gone = left[section], {cut[1] for cut in cuts if len(cut) == 2 and cut[0] == section}
        if isinstance(value, dict):
            left[section] = {k: v for k, v in value.items() if k not in gone}
        elif isinstance(value, list):
            left[section] = [v for i, v in enumerate(value) if str(i) not in gone]
        else:
            del left[section]
    return left
