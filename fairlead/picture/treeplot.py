"""The metric tree as a drawing: outcomes to the left, what drives them to the right, a lane for each group.

Every card is a link. Exact edges are solid, influences dashed. Colours are the page's: the drawing only names its
parts with classes, so light, dark and print follow. Needs no script.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from fairlead.picture.layers import Layout, Route, layout
from fairlead.picture.marks import SHAPES, WORDS

WIDTH, HEIGHT = 154.0, 58.0  # of a card
BESIDE, ABOVE, BETWEEN = 40.0, 10.0, 36.0  # room between columns, cards and lanes
TOP, EDGE = 26.0, 10.0
LETTERS = 20  # in a line of a label, of which there are at most two
LOOSE = 5  # cards in a row of those that are joined with none
ARROWS = {"up": "↑", "down": "↓", "flat": "→"}


class Card(NamedTuple):
    """A metric or measure. `value` is worded, empty where undefined; `moved` is up, down, flat or empty.

    `verdict` says whether the move is better, worse or the same. A card that is not `open` is drawn faint.
    """

    name: str
    label: str
    group: str
    status: str
    value: str
    href: str
    moved: str = ""
    verdict: str = "same"
    is_open: bool = True
    kind: str = "metric"


class Tie(NamedTuple):
    """`source` makes `target`: exactly, or as an influence."""

    source: str
    target: str
    exact: bool


class Lane(NamedTuple):
    """A group of cards and its name."""

    group: str
    title: str


def treeplot(cards: Sequence[Card], ties: Iterable[Tie], lanes: Sequence[Lane], *, title: str) -> str:
    """The drawing as one `<svg class="tree">`; each card once, each tie between two of them once.

    Cards of a group that has no lane stand in one of their own at the end. Cards that are joined with no other are
    laid in rows below.
    """
    known = {card.name for card in cards}
    drawn = [tie for tie in ties if {tie.source, tie.target} <= known and tie.source != tie.target]
    joined = {name for tie in drawn for name in (tie.source, tie.target)}
    numbers = {lane.group: at for at, lane in enumerate(lanes)}
    own = {card.name: numbers.get(card.group, len(lanes)) for card in cards if card.name in joined}
    found = layout(own, [(t.source, t.target) for t in drawn], height=HEIGHT, gap=ABOVE, between=BETWEEN)
    loose = _loose([card for card in cards if card.name not in joined], found)
    places = {at.name: (EDGE + at.column * (WIDTH + BESIDE), TOP + at.y - HEIGHT / 2) for at in found.nodes} | loose
    wide = max((x + WIDTH for x, _ in places.values()), default=WIDTH) + EDGE
    high = max((y + HEIGHT for _, y in places.values()), default=HEIGHT) + EDGE
    missed = frozenset(card.name for card in cards if card.status == "missed")
    leading = _leading(missed, drawn)
    exact = frozenset((tie.source, tie.target) for tie in drawn if tie.exact)
    parts = [
        *_lanes(found, lanes, wide),
        _loose_title(loose),
        *(_edge(route, exact, missed, leading) for route in found.routes),
        *(_card(card, places[card.name], is_calm=card.name not in leading) for card in cards),
    ]
    size = f'width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}"'
    return f'<svg class="tree" {size} role="group" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def _loose(cards: Sequence[Card], found: Layout) -> dict[str, tuple[float, float]]:
    """Places for cards that are joined with no other: rows under everything else."""
    if not cards:
        return {}
    across = max(found.columns, LOOSE)
    under = max((bottom for _, bottom in found.lanes), default=-BETWEEN) + BETWEEN + TOP
    return {
        card.name: (EDGE + at % across * (WIDTH + BESIDE), under + at // across * (HEIGHT + ABOVE))
        for at, card in enumerate(cards)
    }


def _loose_title(loose: dict[str, tuple[float, float]]) -> str:
    if not loose:
        return ""
    top = min(y for _, y in loose.values())
    return f'<text class="tree-lane" x="{EDGE:g}" y="{top - 10:.1f}">Joined with no other metric</text>'


def _lanes(found: Layout, lanes: Sequence[Lane], wide: float) -> Iterable[str]:
    """The name of each lane above it, and a line between two."""
    used = [(lane, band) for lane, band in zip(lanes, found.lanes, strict=False) if band[1] > band[0]]
    for at, (lane, (top, _)) in enumerate(used):
        y = TOP + top
        if at:
            yield f'<path class="tree-rule" d="M{EDGE:g} {y - BETWEEN / 2 - 6:.1f}H{wide - EDGE:.1f}"/>'
        yield f'<text class="tree-lane" x="{EDGE:g}" y="{y - 6:.1f}">{escape(lane.title)}</text>'


def _leading(missed: frozenset[str], ties: Sequence[Tie]) -> frozenset[str]:
    """What misses its target, and all that makes or drives it, directly or through others."""
    into: dict[str, list[str]] = defaultdict(list)
    for tie in ties:
        into[tie.target].append(tie.source)
    waiting, found = list(missed), set(missed)
    while waiting:
        fresh = [source for source in into[waiting.pop()] if source not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)


def _edge(route: Route, exact: frozenset[tuple[str, str]], missed: frozenset[str], leading: frozenset[str]) -> str:
    """A smooth line from the source's card to the target's, straight where it passes a column.

    Red where a metric that misses its target leads to another one; strong where it leads to a red one.
    """
    red = {route.source, route.target} <= missed
    weight = " red" if red else " strong" if route.target in leading else ""
    kind = "exact" if (route.source, route.target) in exact else "influence"
    return f'<path class="tree-edge {kind}{weight}" d="{_path(route)}"/>{_head(route, weight)}'


def _path(route: Route) -> str:
    """From the target's right side to the source's left; the target stands further left."""
    stops = []
    last = len(route.points) - 1
    for at, (column, y) in enumerate(route.points):
        left = EDGE + column * (WIDTH + BESIDE)
        if at:
            stops.append((left, y + TOP))
        if at < last:
            stops.append((left + WIDTH, y + TOP))
    pieces = [f"M{stops[0][0]:.1f} {stops[0][1]:.1f}"]
    for at in range(1, len(stops)):
        (x0, y0), (x1, y1) = stops[at - 1], stops[at]
        bend = (x1 - x0) / 2
        straight = at % 2 == 0 or abs(y1 - y0) < 0.5
        pieces.append(
            f"H{x1:.1f}" if straight else f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        )
    return "".join(pieces)


def _head(route: Route, weight: str) -> str:
    """The arrow's head, at the target."""
    column, y = route.points[0]
    x, y = EDGE + column * (WIDTH + BESIDE) + WIDTH, y + TOP
    return f'<path class="tree-head{weight}" d="M{x:.1f} {y:.1f}l6 -3.5v7Z"/>'


def _card(card: Card, place: tuple[float, float], *, is_calm: bool) -> str:
    """A card: its label above, its status, value and move below."""
    said = escape(f"{card.label}: {card.value or 'undefined'}, {WORDS[card.status]}")
    arrow = ARROWS.get(card.moved, "")
    move = f'<text class="tree-move {card.verdict}" x="{WIDTH - 9:g}" y="49">{arrow}</text>' if arrow else ""
    written = wrapped(card.label)
    first = 20 if len(written) > 1 else 26
    label = "".join(
        f'<text class="tree-label" x="9" y="{first + 13 * n}">{escape(t)}</text>' for n, t in enumerate(written)
    )
    value = escape(card.value) if card.value else WORDS["needs" if card.status == "needs" else "undefined"]
    names = " ".join(
        (
            "tree-card",
            f"is-{card.status}",
            card.kind,
            *(["calm"] if is_calm else []),
            *([] if card.is_open else ["closed"]),
        )
    )
    return (
        f'<a class="{names}" href="{escape(card.href)}" aria-label="{said}" '
        f'transform="translate({place[0]:.1f} {place[1]:.1f})"><title>{said}</title>'
        f'<rect class="tree-box" width="{WIDTH:g}" height="{HEIGHT:g}" rx="7"/>{label}'
        f'<g class="mark" transform="translate(9 40) scale(.85)">{SHAPES[card.status]}</g>'
        f'<text class="tree-value" x="24" y="49">{value}</text>{move}</a>'
    )


def wrapped(label: str) -> tuple[str, ...]:
    """A label in one or two lines, broken between words or after a hyphen; what does not fit is cut.

    >>> wrapped("Pipeline-to-revenue conversion")
    ('Pipeline-to-revenue', 'conversion')
    """
    if len(label) <= LETTERS:
        return (label,)
    breaks = [at + 1 for at, letter in enumerate(label[:LETTERS]) if letter in " -"]
    at = breaks[-1] if breaks else LETTERS
    rest = label[at:].strip()
    return label[:at].strip(), rest if len(rest) <= LETTERS else rest[: LETTERS - 1].rstrip() + "…"
