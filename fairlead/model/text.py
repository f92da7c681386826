"""YAML text as plain data that remembers its lines: what `load` validates and every Problem points into.

Stricter than YAML 1.1 where that surprises people: `no` and `on` are text, `12:30` is text, a key may
stand once, and aliases and tags are refused because the model is declared, not programmed.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from fairlead.model.laws import BAD_YAML, DUPLICATE_KEY, YAML_TRICK
from fairlead.problem import Problem, Where

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PLAIN = "tag:yaml.org,2002:"
WHOLE = re.compile(r"^[-+]?(0|[1-9][0-9_]*)$")
DEEPEST = 40

Place = tuple[str, ...]


class Text(NamedTuple):
    """One file's data (None when there is none), the place of every key and item in it, and its problems."""

    data: Any
    places: Mapping[Place, Where]
    problems: tuple[Problem, ...]


def nearest_place(places: Mapping[Place, Where], place: Place, otherwise: Where) -> Where:
    """Where something stands, or the nearest thing above it, or `otherwise`."""
    while place and place not in places:
        place = place[:-1]
    return places.get(place, otherwise)


def read(path: Path, file: str) -> Text:
    """The data of a YAML file; `file` is its name as the user would write it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = bad.object[: bad.start].count(b"\n") + 1
        return Text(None, {}, (BAD_YAML.broken("not UTF-8 text", Where(file, line), "Save the file as UTF-8."),))
    except OSError as bad:
        return Text(None, {}, (BAD_YAML.broken(f"cannot be opened: {bad.strerror}", Where(file)),))
    return understand(text, file)


def understand(text: str, file: str) -> Text:
    """The data of a YAML text."""
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as bad:
        return Text(None, {}, (_syntax(bad, text, file),))
    except (yaml.YAMLError, RecursionError, ValueError) as bad:
        return Text(None, {}, (BAD_YAML.broken(str(bad).split("\n")[0] or "nested too deeply", Where(file)),))
    if root is None:
        return Text(None, {}, ())
    reader = _Reader(file)
    data = reader.value(root, ())
    return Text(data, reader.places, tuple(reader.problems))


def _syntax(bad: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = bad.problem_mark or bad.context_mark
    line = mark.line + 1 if mark else None
    lines = text.splitlines()
    shown = lines[line - 1] if line and line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())] or "'\\t'" in str(bad.problem):
        return BAD_YAML.broken("a tab indents this line", Where(file, line), "Indent with spaces; YAML refuses tabs.")
    return BAD_YAML.broken(f"YAML cannot be read: {bad.problem or bad.context}", Where(file, line))


class _Reader:
    """Walks the nodes of one file, collecting places and problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Place, Where] = {}
        self.problems: list[Problem] = []
        self.seen: set[int] = set()

    def where(self, node: yaml.Node) -> Where:
        return Where(self.file, node.start_mark.line + 1)

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.places.setdefault(place, self.where(node))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if id(node) in self.seen or len(place) > DEEPEST:
            self.problems.append(YAML_TRICK.broken("an alias, or nested too deeply", self.places[place]))
            return None
        self.seen.add(id(node))
        if node.tag not in (f"{PLAIN}map", f"{PLAIN}seq"):
            self.problems.append(YAML_TRICK.broken(f"tag {node.tag} may not stand", self.places[place]))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place)
        return [self.value(item, (*place, str(index))) for index, item in enumerate(node.value)]

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                self.problems.append(YAML_TRICK.broken("a key is one plain word", self.where(key)))
                continue
            here = (*place, key.value)
            if key.value in found:
                first = self.places[here].line
                message = f"'{key.value}' stands twice; first in line {first}"
                self.problems.append(DUPLICATE_KEY.broken(message, self.where(key)))
                continue
            self.places[here] = self.where(key)
            found[key.value] = self.value(value, here)
        return found

    def scalar(self, node: yaml.ScalarNode) -> Any:
        tag, text = node.tag.removeprefix(PLAIN), str(node.value)
        if tag == "null":
            return None
        if tag == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if tag == "int" and WHOLE.match(text):
            return int(text.replace("_", ""))
        if tag == "float" and ":" not in text:
            return _float(text)
        if tag not in ("str", "bool", "int", "float", "timestamp", "value", "merge"):
            self.problems.append(YAML_TRICK.broken(f"tag {node.tag} may not stand", self.where(node)))
        return text


def _float(text: str) -> float | str:
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return text
