"""Parts of the metric tree: what leads to one number, with or without the measures at the ends; and its outline."""

from collections.abc import Mapping
from typing import NamedTuple

from fairlead.actions.treeing import Node, Tree, leading
from fairlead.model.metrics import Group


class Leaf(NamedTuple):
    """A node of the outline: what it is exactly made of, and what drives it, among the nodes shown."""

    node: Node
    made_of: tuple[Node, ...]
    driven_by: tuple[Node, ...]


class Limb(NamedTuple):
    """One of the four groups of the tree; `measures`; or, with an empty name, metrics of no group."""

    group: str
    leaves: tuple[Leaf, ...]


def within(whole: Tree, *, root: str | None = None, measures: bool = False) -> Tree:
    """The tree cut down to `root` and all that leads to it; measures only with `measures`, or as what `root` is."""
    kept = {n.name for n in whole.nodes if measures or n.kind == "metric" or n.name == root}
    if root is not None:
        kept &= {root, *(name for name, above in leading(whole.edges).items() if root in above)}
    return whole._replace(
        nodes=tuple(n for n in whole.nodes if n.name in kept),
        edges=tuple(e for e in whole.edges if e.source in kept and e.target in kept),
        breached=tuple(name for name in whole.breached if name in kept),
        opened=tuple(name for name in whole.opened if name in kept),
    )


def outline(shown: Tree) -> tuple[Limb, ...]:
    """The nodes by group, from the outcome to what can be controlled, executive tier first; measures come last."""
    by_name = {node.name: node for node in shown.nodes}
    order = [str(group) for group in Group]

    def limb(group: str) -> Limb:
        inside = [n for n in shown.nodes if n.kind == "metric" and (n.group if n.group in order else "") == group]
        inside.sort(key=lambda n: n.tier or 9)
        return Limb(group, tuple(_leaf(n, shown, by_name) for n in inside))

    limbs = [limb(group) for group in (*order, "")]
    measures = tuple(_leaf(n, shown, by_name) for n in shown.nodes if n.kind == "measure")
    return (*(one for one in limbs if one.leaves), *([Limb("measures", measures)] if measures else []))


def _leaf(node: Node, shown: Tree, by_name: Mapping[str, Node]) -> Leaf:
    def sources(*, exact: bool) -> tuple[Node, ...]:
        return tuple(by_name[e.source] for e in shown.edges if e.target == node.name and e.exact is exact)

    return Leaf(node, sources(exact=True), sources(exact=False))
