"""Adds to a YAML text and leaves every line that is there as it is: comments, order and layout are somebody's work.

    disputes:                        disputes:
      # of the last quarter            # of the last quarter
      - {term: churn, says: ...}  ──>  - {term: churn, says: ...}
                                       - term: win_rate
                                         says: ...

What a text in an unusual layout becomes is for the caller to read again and compare: nothing here guesses silently.
"""

from collections.abc import Mapping
from typing import Any

import yaml

WIDE = 1_000_000  # nothing is folded


class UnfitError(Exception):
    """The text is laid out in a way that nothing can be added to without rewriting it."""


def with_item(text: str, section: str, item: Mapping[str, Any]) -> str:
    """The text with one more item at the end of a list under a top-level key, which is made when it is absent."""
    root = _root(text)
    if root is None or (value := _under(root, section)) is None:
        column = root.start_mark.column if root else 0
        block = _indented(f"{section}:\n{_item(item, 2)}", column)
        return _ended(text) + ("\n" if text.strip() else "") + block
    if isinstance(value, yaml.SequenceNode) and value.flow_style:
        at = value.value[-1].end_mark.index if value.value else value.start_mark.index + 1
        return f"{text[:at]}{', ' if value.value else ''}{_flow(dict(item))}{text[at:]}"
    if isinstance(value, yaml.SequenceNode):
        return _inserted(text, value, _item(item, value.start_mark.column))
    if isinstance(value, yaml.ScalarNode) and value.tag.endswith(":null"):
        kept = text[: value.start_mark.index].rstrip(" ") + text[value.end_mark.index :]
        return _after_line(kept, value.start_mark.index - 1, _item(item, root.start_mark.column + 2))
    raise UnfitError(f"'{section}' is no list")


def with_keys(text: str, section: str, number: int, more: Mapping[str, Any]) -> str:
    """The text with further keys at the end of one item (from 0) of a list under a top-level key."""
    root = _root(text)
    value = _under(root, section) if root else None
    if not isinstance(value, yaml.SequenceNode) or number >= len(value.value):
        raise UnfitError(f"'{section}' has no item {number}")
    item = value.value[number]
    if not isinstance(item, yaml.MappingNode) or not item.value:
        raise UnfitError(f"item {number} of '{section}' is no mapping")
    if item.flow_style:
        at = item.value[-1][1].end_mark.index
        return f"{text[:at]}, {_flow(dict(more))[1:-1]}{text[at:]}"
    return _inserted(text, item, _indented(_keys(more), item.start_mark.column))


def _root(text: str) -> yaml.MappingNode | None:
    """The top of the text; None when it holds nothing but comments."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise UnfitError("its top level is not in lines of `key: value`")
    return root


def _under(root: yaml.MappingNode, section: str) -> yaml.Node | None:
    return next((value for key, value in root.value if key.value == section), None)


def _inserted(text: str, node: yaml.Node, block: str) -> str:
    """The text with lines after the last one that belongs to a node in lines; comments further left stay below."""
    column = node.start_mark.column
    start = text.rfind("\n", 0, node.end_mark.index) + 1
    end = len(text) if node.end_mark.index == len(text) and text[start:].strip() else start
    lines = text[:end].splitlines(keepends=True)
    while lines and _is_below(lines[-1], column):
        end -= len(lines.pop())
    return _ended(text[:end]) + block + text[end:]


def _is_below(line: str, column: int) -> bool:
    """Whether a line after a node is a blank one, or a comment on what comes next."""
    bare = line.strip()
    return not bare or (bare.startswith("#") and len(line) - len(line.lstrip()) < max(column, 1))


def _after_line(text: str, index: int, block: str) -> str:
    """The text with lines after the line that holds a position."""
    end = text.find("\n", index)
    return _ended(text) + block if end < 0 else text[: end + 1] + block + text[end + 1 :]


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _item(item: Mapping[str, Any], column: int) -> str:
    """An item of a list in lines, its dash in this column."""
    lines = _indented(_keys(item), 2)
    return _indented(f"- {lines[2:]}", column)


def _keys(mapping: Mapping[str, Any]) -> str:
    """A mapping as lines of `key: value`; what has parts stands in one line."""
    return "".join(
        f"{key}: {_flow(value)}\n" if isinstance(value, Mapping | list) else _dumped({key: value}, flow=False)
        for key, value in mapping.items()
    )


def _flow(value: object) -> str:
    return _dumped(value, flow=True).strip()


def _dumped(value: object, *, flow: bool) -> str:
    """A value as YAML; where letters beyond the usual would be lost on reading, with escapes in their place."""
    for unicode in (True, False):
        text = str(yaml.safe_dump(value, sort_keys=False, allow_unicode=unicode, width=WIDE, default_flow_style=flow))
        if yaml.safe_load(text) == value:
            break
    return text


def _indented(block: str, column: int) -> str:
    return "".join(" " * column + line for line in block.splitlines(keepends=True))
