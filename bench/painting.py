"""Painting: how soon a real browser shows a page when the program that draws its charts never comes.

Each page is opened by turns with that program at hand and with its request left unanswered for good, so that a busy
machine slows both. What counts is the browser's own first contentful paint. Needs Chromium and the test packages.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bench import browsing
from bench.demos import synced
from bench.figure import SCALE, Figure

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

TURNS = 9
CHROMIUM = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
SCOREBOARD = "/"
METRIC = "/metrics/win_rate/"
PROGRAM = "**/charts/program-*.js"
PAINTED_AT = """() => new Promise(told => new PerformanceObserver(seen => {
    const [first] = seen.getEntriesByName("first-contentful-paint");
    if (first) told(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


class Painted(NamedTuple):
    """Milliseconds to the first contentful paint of one page: the program at hand, and the program that never comes."""

    at_hand: float
    never: float


def soon() -> Figure:
    """The later of the first paints of the scoreboard and of a metric page, without the program."""
    seen = painted()
    detail = f"scoreboard {seen[SCOREBOARD].never:.0f} ms, metric page {seen[METRIC].never:.0f} ms; the best of {TURNS}"
    return Figure(
        "first paint while the chart bundle never comes",
        max(p.never for p in seen.values()),
        "ms",
        1000.0,
        detail=detail,
    )


def unhindered() -> Figure:
    """The same beside the first paint with the program at hand: waiting for it would show here."""
    seen = painted()
    detail = "; ".join(f"{path} {one.never:.0f} ms to {one.at_hand:.0f} ms" for path, one in seen.items())
    worst = max(one.never / one.at_hand for one in seen.values())
    return Figure("the same, in first paints with the bundle at hand", worst, "x", 1.2, detail=detail)


@cache
def painted() -> dict[str, Painted]:
    """The best of both pages: measured once for both figures."""
    with browsing.served(synced(max(0.05, 10 * SCALE))) as visitor, _chromium(visitor) as context:
        return {path: _painted(context, path) for path in (SCOREBOARD, METRIC)}


def _painted(context: "BrowserContext", path: str) -> Painted:
    for answered in (True, False):
        _first_paint(context, path, answered=answered)  # the first of each warms both sides up
    pairs = [[_first_paint(context, path, answered=answered) for answered in (True, False)] for _ in range(TURNS)]
    return Painted(*(min(times) for times in zip(*pairs, strict=True)))


def _first_paint(context: "BrowserContext", path: str, *, answered: bool) -> float:
    held: list[Route] = []

    def hold(route: "Route") -> None:
        if answered:
            route.continue_()
        else:
            held.append(route)

    page = context.new_page()
    try:
        page.route(PROGRAM, hold)
        answer = page.goto(path, wait_until="commit")
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{path} answered {answer and answer.status}")
        return float(page.evaluate(PAINTED_AT))
    finally:
        for route in held:
            route.abort()
        page.close()


@contextmanager
def _chromium(visitor: browsing.Browser) -> Iterator["BrowserContext"]:
    """A real browser, signed in as the visitor is."""
    from tests.desk.browser import chromium

    with chromium() as browser:
        context = browser.new_context(base_url=visitor.url, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": n, "value": v, "url": visitor.url} for n, v in visitor.cookies.items()])
        yield context
        context.close()
