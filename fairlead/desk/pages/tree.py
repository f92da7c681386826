"""The metric tree: drawn, and as an outline that says the same; what is red, and what that opens."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from fairlead.actions.branches import Leaf, outline, within
from fairlead.actions.looking import recent
from fairlead.actions.sources import freshness
from fairlead.actions.treeing import Node, Tree, tree
from fairlead.desk import behind
from fairlead.desk.earlier import offered
from fairlead.desk.reading import one_of
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import stamp
from fairlead.desk.unanswered import is_known, unknown
from fairlead.desk.wordings import Moved, Said, Standing, moved, said, standing
from fairlead.desk.workplace import workspace
from fairlead.model.metrics import GROUPS as OF_METRICS
from fairlead.model.whole import Model
from fairlead.picture.treeplot import Card, Lane, Tie, treeplot
from fairlead.picture.wording import Manner
from fairlead.values import Grain
from fairlead.workspace import Workspace

GROUPS = {
    **OF_METRICS,
    "measures": "Measures",
    "": "In no group",
}


class Name(NamedTuple):
    """A number by its label, with its page."""

    label: str
    url: str


class Line(NamedTuple):
    """A node of the outline, worded."""

    node: Node
    url: str
    root: str
    value: Said
    moved: Moved | None
    standing: Standing
    trend: str
    made_of: tuple[Name, ...]
    driven_by: tuple[Name, ...]


class Limb(NamedTuple):
    """A group of the outline."""

    title: str
    lines: tuple[Line, ...]


class Breach(NamedTuple):
    """A metric that misses its target, and the diagnostic ones it opens."""

    line: Line
    opened: tuple[Name, ...]


class Times(NamedTuple):
    """The last whole month and the one before it, by name, and the day asked for (empty: today)."""

    before: str
    last: str
    as_of: str


class Page(NamedTuple):
    """The tree, worded."""

    limbs: tuple[Limb, ...]
    breaches: tuple[Breach, ...]
    metrics: int


@require_safe
@refusing("The tree cannot be shown")
def tree_page(request: HttpRequest) -> HttpResponse:
    """The tree of the published build: all of it, or what leads to one number."""
    root, measures = request.GET.get("root", "").strip(), bool(one_of(request, "measures", ["1"]))
    place = workspace()
    if root and not is_known(place, root):
        return unknown(request, place, root)
    if (known := _canonical(place, root)) != root:
        return redirect(address(known, measures=measures, as_of=request.GET.get("as_of", "")))
    asked = request.GET.get("as_of", "").strip()
    if offer := offered(request, asked, "Metric tree"):
        return offer
    whole = tree(place, as_of=asked or None)
    shown = within(whole, root=root or None, measures=measures)
    last, before = recent(place, Grain.MONTH, 2, as_of=asked or None)
    times = Times(before, last, asked)
    chosen = next((node for node in shown.nodes if node.name == root), None)
    given = {
        "page": worded_tree(shown, place.model, times),
        "asked": asked,
        "whole": address(as_of=asked),
        "root": chosen,
        "measures": measures,
        "plot": plot(shown, place.model, asked, f"What leads to {chosen.label}" if chosen else "The metric tree"),
        "roots": [(n.name, n.label) for n in whole.nodes if n.kind == "metric" and (n.tier == 1 or n.name == root)],
        "legend": [standing(status) for status in dict.fromkeys(str(node.status) for node in shown.nodes)],
        "stamp": stamp(whole, freshness(place, [n.name for n in shown.nodes]).values() if whole.build else ()),
        "build": whole.build,
    }
    return render(request, "tree.html", given)


def _canonical(place: Workspace, name: str) -> str:
    metric = place.model.metric(name) if name else None
    return metric.name if metric else name


def address(root: str = "", *, measures: bool = False, as_of: str = "") -> str:
    """The tree, or the part of it that leads to `root`."""
    return reverse("tree") + behind.asking({"root": root, "measures": "1" if measures else "", "as_of": as_of})


def worded_tree(shown: Tree, model: Model, times: Times) -> Page:
    """The outline in words."""
    by_name = {node.name: node for node in shown.nodes}
    limbs = outline(shown)
    lines = {leaf.node.name: _line(leaf, shown.manner, model, times) for limb in limbs for leaf in limb.leaves}
    return Page(
        limbs=tuple(
            Limb(GROUPS.get(limb.group, limb.group), tuple(lines[leaf.node.name] for leaf in limb.leaves))
            for limb in limbs
        ),
        breaches=tuple(
            Breach(lines[name], tuple(_name(by_name[n], times) for n in shown.opened if name in by_name[n].opened_by))
            for name in shown.breached
        ),
        metrics=sum(1 for node in shown.nodes if node.kind == "metric"),
    )


def plot(shown: Tree, model: Model, as_of: str, title: str) -> SafeString:
    """The tree as a drawing; nothing to draw where there is only one number."""
    if len(shown.nodes) < 2:
        return SafeString("")
    manner = shown.manner
    cards = []
    for node in shown.nodes:
        found = moved(node.value, node.previous, node.unit, _better(model, node.name), manner)
        cards.append(
            Card(
                name=node.name,
                label=node.label,
                group=node.group or "measures",
                status=str(node.status),
                value=said(node.value, node.unit, manner).text,
                href=behind.metric(node.name, as_of=as_of),
                moved=found.change.direction if found else "",
                verdict=found.change.verdict if found else "same",
                is_open=node.is_open,
                kind=node.kind,
            )
        )
    lanes = [Lane(group, label) for group, label in GROUPS.items() if group]
    ties = [Tie(edge.source, edge.target, edge.exact) for edge in shown.edges]
    return mark_safe(treeplot(cards, ties, lanes, title=title))  # noqa: S308 - the drawing escapes what it is given


def _better(model: Model, name: str) -> str:
    metric = model.metric(name)
    return str(metric.better) if metric else "neither"


def _name(node: Node, times: Times) -> Name:
    return Name(node.label, behind.metric(node.name, as_of=times.as_of))


def _line(leaf: Leaf, manner: Manner, model: Model, times: Times) -> Line:
    node, as_of = leaf.node, times.as_of
    why = behind.why(node.name, times.before, times.last, as_of=as_of) if node.period == times.last else ""
    better = _better(model, node.name)
    told = node.trend
    return Line(
        node=node,
        url=behind.metric(node.name, as_of=as_of),
        root=address(node.name, as_of=as_of),
        value=said(node.value, node.unit, manner, behind.rows(node.name, node.period, as_of=as_of)),
        moved=moved(node.value, node.previous, node.unit, better, manner, why),
        standing=standing(node.status),
        trend="" if told is None or told.word == "too few" else f"{told.direction}, {told.word}",
        made_of=tuple(_name(n, times) for n in leaf.made_of),
        driven_by=tuple(_name(n, times) for n in leaf.driven_by),
    )


urls = [path("tree/", tree_page, name="tree")]
