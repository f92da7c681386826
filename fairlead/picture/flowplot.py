"""The flow between stages as a drawing: a card a stage from first to last, what goes on, what goes back, what leaves.

Every card and every figure is a link. Colours are the page's: the drawing only names its parts with classes, so light,
dark and print follow. Needs no script; narrow enough for a phone.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 216.0, 58.0  # of a card
BETWEEN = 62.0  # room for what goes on
LEFT, EDGE = 74.0, 8.0  # room for what goes back
OUT = 132.0  # room for what leaves
WHOLE = EDGE + LEFT + WIDTH + OUT
LETTERS = 20  # in a label


class Place(NamedTuple):
    """A stage. `standing` is how many are in it, worded, with the address of their rows."""

    name: str
    label: str
    owner: str
    href: str
    standing: str
    standing_href: str


class Onward(NamedTuple):
    """What went on from a stage to the next one, worded: the share, and the median time it took."""

    stage: str
    share: str
    took: str
    href: str


class Return(NamedTuple):
    """What went back from one stage to an earlier one, worded."""

    stage: str
    to: str
    words: str
    href: str


class Leaving(NamedTuple):
    """What left a stage otherwise than forward, worded: how many, and the money in it."""

    stage: str
    words: str
    money: str
    href: str


def flowplot(
    places: Sequence[Place],
    onward: Sequence[Onward],
    returns: Sequence[Return],
    leaving: Sequence[Leaving],
    *,
    title: str,
) -> str:
    """The drawing as one `<svg class="flow">`; each stage once, each arrow between two of them once."""
    tops = {place.name: EDGE + at * (HEIGHT + BETWEEN) for at, place in enumerate(places)}
    high = EDGE * 2 + len(places) * HEIGHT + max(0, len(places) - 1) * BETWEEN
    back = [one for one in returns if {one.stage, one.to} <= tops.keys()]
    parts = [
        *(
            part
            for both in zip(*(_back(one, tops, lane) for lane, one in enumerate(back)), strict=True)
            for part in both
        ),
        *(_on(one, tops[one.stage]) for one in onward if one.stage in tops and one.stage != places[-1].name),
        *(_out(one, tops[one.stage]) for one in leaving if one.stage in tops),
        *(_card(place, tops[place.name]) for place in places),
    ]
    size = f'width="{WHOLE:.0f}" height="{high:.0f}" viewBox="0 0 {WHOLE:.0f} {high:.0f}"'
    return f'<svg class="flow" {size} role="group" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def _card(place: Place, top: float) -> str:
    x = EDGE + LEFT
    label = place.label if len(place.label) <= LETTERS else f"{place.label[: LETTERS - 1]}…"
    box = f'<rect class="flow-box" x="{x:g}" y="{top:g}" width="{WIDTH:g}" height="{HEIGHT:g}" rx="6"/>'
    said = escape(f"{place.label}, {place.owner or 'no owner'}")
    card = (
        f'<a class="flow-card" href="{escape(place.href)}" aria-label="{said}">{box}'
        f'<text class="flow-label" x="{x + 12:g}" y="{top + 24:g}">{escape(label)}</text>'
        f'<text class="flow-owner" x="{x + 12:g}" y="{top + 43:g}">{escape(place.owner)}</text></a>'
    )
    words = escape(f"{place.standing} in {place.label} now")
    return card + (
        f'<a class="flow-figure" href="{escape(place.standing_href)}" aria-label="{words}">'
        f'<text class="flow-standing" x="{x + WIDTH - 12:g}" y="{top + 25:g}">{escape(place.standing)}</text></a>'
    )


def _on(one: Onward, top: float) -> str:
    """The arrow down to the next card, with the share that moved on and how long it took."""
    x, y = EDGE + LEFT + 28, top + HEIGHT
    end = y + BETWEEN
    line = f'<path class="flow-edge" d="M{x:g} {y:g}V{end - 8:g}"/>'
    head = f'<path class="flow-head" d="M{x - 5:g} {end - 9:g}h10l-5 9z"/>'
    return (
        f'{line}{head}<a class="flow-figure" href="{escape(one.href)}">'
        f'<text class="flow-share" x="{x + 14:g}" y="{y + 27:g}">{escape(one.share)}</text>'
        f'<text class="flow-took" x="{x + 14:g}" y="{y + 44:g}">{escape(one.took)}</text></a>'
    )


def _back(one: Return, tops: dict[str, float], lane: int) -> tuple[str, str]:
    """The curve back up, left of the cards, and its words; neighbours keep to lanes of their own."""
    x, start, end = EDGE + LEFT, tops[one.stage] + HEIGHT * 0.62, tops[one.to] + HEIGHT * 0.38
    away = x - 16 - 12 * (lane % 3)
    curve = f"M{x:g} {start:g}H{away + 8:g}Q{away:g} {start:g} {away:g} {start - 8:g}V{end + 8:g}"
    curve += f"Q{away:g} {end:g} {away + 8:g} {end:g}H{x - 7:g}"
    middle = (start + end) / 2
    return (
        f'<path class="flow-edge back" d="{curve}"/>'
        f'<path class="flow-head back" d="M{x - 8:g} {end - 4.5:g}v9l8 -4.5z"/>',
        f'<a class="flow-figure" href="{escape(one.href)}">'
        f'<text class="flow-back" x="{away - 5:g}" y="{middle + 4:g}">{escape(one.words)}</text></a>',
    )


def _out(one: Leaving, top: float) -> str:
    """The arrow out to the right, with how many left and the money in it."""
    x, y = EDGE + LEFT + WIDTH, top + HEIGHT / 2
    return (
        f'<path class="flow-edge out" d="M{x:g} {y:g}h20"/>'
        f'<path class="flow-head out" d="M{x + 19:g} {y - 5:g}v10l9 -5z"/>'
        f'<a class="flow-figure" href="{escape(one.href)}">'
        f'<text class="flow-left" x="{x + 34:g}" y="{y - 3:g}">{escape(one.words)}</text>'
        f'<text class="flow-money" x="{x + 34:g}" y="{y + 14:g}">{escape(one.money)}</text></a>'
    )
