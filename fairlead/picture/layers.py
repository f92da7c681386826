"""A layered layout: nodes in columns so that edges run one way, in lanes, ordered so that few edges cross.

    break cycles -> longest-path layers -> thin nodes where an edge passes a column -> order by barycentre -> heights

After Sugiyama, Tagawa and Toda (1981); heights by isotonic regression (pool adjacent violators), so that every node is
as near as its order allows to the middle of its neighbours. Everything is deterministic: ties keep the given order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

SWEEPS = 12
PASSING = 12.0  # pixels of height an edge takes where it passes a column


class Placed(NamedTuple):
    """Where a node is: its column, counted from the outcomes, and the middle of its height."""

    name: str
    column: int
    y: float


class Route(NamedTuple):
    """An edge from column to column: the (column, y) it passes, from the target to the source."""

    source: str
    target: str
    points: tuple[tuple[int, float], ...]


class Layout(NamedTuple):
    """The whole: `lanes` are (top, bottom) in the order given."""

    nodes: tuple[Placed, ...]
    routes: tuple[Route, ...]
    columns: int
    lanes: tuple[tuple[float, float], ...]


class _Item(NamedTuple):
    """A node, or an edge passing a column."""

    key: str
    lane: int
    height: float


def layout(
    lanes: Mapping[str, int], edges: Sequence[tuple[str, str]], *, height: float, gap: float, between: float
) -> Layout:
    """Lay out the nodes of `lanes` (name, number of its lane) and the edges (source, target) between them.

    `height` is that of a node, `gap` the room between two in a column, `between` that between lanes.
    """
    known = [(s, t) for s, t in dict.fromkeys(edges) if s in lanes and t in lanes and s != t]
    forward = _without_cycles(list(lanes), known)
    column = _columns(list(lanes), forward)
    chains = {edge: _chain(edge, column, forward) for edge in known}
    items = _items(lanes, chains, column, height, gap)
    beside = _beside(chains)
    order = _ordered(items, beside)
    bands = _bands(order, between)
    heights = _heights(order, beside, bands)
    nodes = tuple(Placed(name, column[name], heights[name]) for name in lanes)
    routes = tuple(
        Route(s, t, tuple((_column_of(key, column), heights[key]) for key in reversed(chain)))
        for (s, t), chain in chains.items()
    )
    return Layout(nodes, routes, max(column.values(), default=-1) + 1, tuple(bands))


def _without_cycles(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges with those turned round that would close a cycle."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    state: dict[str, int] = {}
    turned: set[tuple[str, str]] = set()

    def visit(name: str) -> None:
        state[name] = 1
        for target in after[name]:
            if state.get(target) == 1:
                turned.add((name, target))
            elif target not in state:
                visit(target)
        state[name] = 2

    for name in names:
        if name not in state:
            visit(name)
    return [(t, s) if (s, t) in turned else (s, t) for s, t in edges]


def _columns(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of every node: 0 for what drives nothing, else one more than the farthest it drives."""
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    found: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in found:
            found[name] = 1 + max(map(column, after[name]), default=-1)
        return found[name]

    for name in names:
        column(name)
    return found


def _passing(edge: tuple[str, str], column: int) -> str:
    return f"{edge[0]}\0{edge[1]}\0{column}"


def _column_of(key: str, columns: Mapping[str, int]) -> int:
    return int(key.rpartition("\0")[2]) if "\0" in key else columns[key]


def _chain(edge: tuple[str, str], column: Mapping[str, int], forward: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What an edge passes, from its source to its target."""
    source, target = edge
    step = -1 if column[source] > column[target] else 1
    inner = range(column[source] + step, column[target], step)
    return (source, *(_passing(edge, at) for at in inner), target)


def _items(
    lanes: Mapping[str, int],
    chains: Mapping[tuple[str, str], tuple[str, ...]],
    column: Mapping[str, int],
    height: float,
    gap: float,
) -> list[list[_Item]]:
    """What stands in each column; an edge passes in the lane of its target, where it is going."""
    found: list[list[_Item]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for name, lane in lanes.items():
        found[column[name]].append(_Item(name, lane, height + gap))
    for (_, target), chain in chains.items():
        for key in chain[1:-1]:
            found[_column_of(key, column)].append(_Item(key, lanes[target], PASSING))
    return found


def _beside(chains: Mapping[tuple[str, str], tuple[str, ...]]) -> dict[str, list[str]]:
    """What each item is joined with in the columns next to it."""
    found: dict[str, list[str]] = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            found[one].append(other)
            found[other].append(one)
    return found


def _ordered(columns: Sequence[list[_Item]], beside: Mapping[str, Sequence[str]]) -> list[list[_Item]]:
    """The items of each column in an order with few crossings; lanes stay in theirs. The best of some sweeps."""
    order = [sorted(items, key=lambda item: item.lane) for items in columns]
    best, fewest = order, crossings(order, beside)
    for sweep in range(SWEEPS):
        order = [list(items) for items in order]
        indexes = range(len(order)) if sweep % 2 == 0 else range(len(order) - 1, -1, -1)
        for index in indexes:
            place = _places(order)
            near = order[index - 1] if sweep % 2 == 0 and index else order[index + 1] if index + 1 < len(order) else []
            keys = {item.key for item in near}
            order[index].sort(key=lambda item: (item.lane, _middle(item, beside, keys, place)))
        if (count := crossings(order, beside)) < fewest:
            best, fewest = order, count
    return best


def _places(order: Sequence[Sequence[_Item]]) -> dict[str, float]:
    return {item.key: (at + 0.5) / len(items) for items in order for at, item in enumerate(items)}


def _middle(item: _Item, beside: Mapping[str, Sequence[str]], keys: set[str], place: Mapping[str, float]) -> float:
    """The mean place of an item's neighbours in one column; its own where it has none there."""
    found = [place[key] for key in beside.get(item.key, ()) if key in keys]
    return sum(found) / len(found) if found else place[item.key]


def crossings(order: Sequence[Sequence[_Item]], beside: Mapping[str, Sequence[str]]) -> int:
    """How often edges between neighbouring columns cross."""
    count = 0
    for left, right in pairwise(order):
        place = {item.key: at for at, item in enumerate(right)}
        ends = [sorted(place[key] for key in beside.get(item.key, ()) if key in place) for item in left]
        seen: list[int] = []
        for own in ends:
            count += sum(1 for end in own for earlier in seen if earlier > end)
            seen += own
    return count


def _bands(order: Sequence[Sequence[_Item]], between: float) -> list[tuple[float, float]]:
    """Top and bottom of each lane: as high as its fullest column."""
    lanes = max((item.lane for items in order for item in items), default=-1) + 1
    found: list[tuple[float, float]] = []
    top = 0.0
    for lane in range(lanes):
        most = max((sum(i.height for i in items if i.lane == lane) for items in order), default=0.0)
        found.append((top, top + most))
        top += most + (between if most else 0)
    return found


def _heights(
    order: Sequence[Sequence[_Item]], beside: Mapping[str, Sequence[str]], bands: Sequence[tuple[float, float]]
) -> dict[str, float]:
    """The middle of every item: near its neighbours, in order, inside its lane."""
    cells = [[i for i in items if i.lane == lane] for items in order for lane in range(len(bands))]
    cells = [cell for cell in cells if cell]
    found: dict[str, float] = {}
    for cell in cells:
        top, bottom = bands[cell[0].lane]
        found |= _settled(cell, [(top + bottom) / 2] * len(cell), top, bottom)
    for sweep in range(SWEEPS):
        for cell in cells if sweep % 2 else reversed(cells):
            wished = [
                sum(near) / len(near) if (near := [found[k] for k in beside.get(i.key, ())]) else found[i.key]
                for i in cell
            ]
            found |= _settled(cell, wished, *bands[cell[0].lane])
    return found


def _settled(cell: Sequence[_Item], wished: Sequence[float], top: float, bottom: float) -> dict[str, float]:
    """The items of one column and lane as near to where they wish to be as their order and the lane allow."""
    offsets, offset = [], 0.0
    for item in cell:
        offsets.append(offset + item.height / 2)
        offset += item.height
    blocks: list[list[float]] = []  # sum of wishes, how many; blocks that would overlap are pooled
    for wish, start in zip(wished, offsets, strict=True):
        blocks.append([wish - start, 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    starts = [total / count for total, count in blocks for _ in range(int(count))]
    free = max(top, bottom - offset)
    return {item.key: min(max(start, top), free) + own for item, start, own in zip(cell, starts, offsets, strict=True)}
