"""Pages: how fast a served desk answers somebody who is signed in, and how much it sends.

The desk is `fairlead serve` in a process of its own, over a demo company; the browser asks on one connection that
stays open. The figures are milliseconds, so the machine must have nothing else to do.
"""

import re
import statistics
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from bench.browsing import Browser, Got, served
from bench.demos import synced
from bench.figure import SCALE, Figure

WARM_UP = 20
REQUESTS = 200
FEW = 30
ASK = "/api/ask?metrics=win_rate&metrics=new_arr&per=month&by=account.segment"
SHEET = re.compile(rb'<link rel="stylesheet" href="([^"]+)"')
SCRIPT = re.compile(rb'<script[^>]* src="([^"]+)"')


class Visit(NamedTuple):
    """What a visit to one desk showed: milliseconds of the first page and of warm ones, kilobytes."""

    scale: float
    cold: float
    warm: tuple[float, ...]
    ask: tuple[float, ...]
    html: float
    css: float
    scripts: tuple[float, ...]


def small() -> Figure:
    """The scoreboard at demo scale 10."""
    return _warm(visit(scale_of(10)), 150.0)


def large() -> Figure:
    """The scoreboard at demo scale 30."""
    return _warm(visit(scale_of(30)), 300.0)


def weight() -> Figure:
    """What the scoreboard page weighs, uncompressed; scripts come after it and are cached."""
    seen = visit(scale_of(10))
    detail = (
        f"{seen.html:.1f} kB HTML, {seen.css:.1f} kB CSS; {len(seen.scripts)} scripts of {sum(seen.scripts):.0f} kB,"
        " deferred and cached"
    )
    return Figure("scoreboard page: HTML and CSS", seen.html + seen.css, "kB", 60.0, detail=detail)


def scale_of(full: float) -> float:
    """The demo's scale where the full bench has `full`; never so small that nothing is in it."""
    return max(0.05, full * SCALE)


def _warm(seen: Visit, target: float) -> Figure:
    says = f"scoreboard page, warm, demo scale {seen.scale:g}: 95 of 100 within"
    detail = (
        f"median {statistics.median(seen.warm):.0f} ms over {len(seen.warm)} requests; the first {seen.cold:.0f} ms; "
        f"/api/ask {p95(seen.ask):.0f} ms"
    )
    return Figure(says, p95(seen.warm), "ms", target, detail=detail)


@cache
def visit(scale: float) -> Visit:
    """Serve a demo company and look at it: measured once for all figures about it."""
    with served(synced(scale)) as browser:
        cold = page(browser, "/")
        warm = times(browser, "/", WARM_UP, REQUESTS)
        html = page(browser, "/").body
        return Visit(
            scale=scale,
            cold=cold.milliseconds,
            warm=warm,
            ask=times(browser, ASK, 5, FEW),
            html=len(html) / 1000,
            css=sum(sizes(browser, SHEET.findall(html))),
            scripts=sizes(browser, SCRIPT.findall(html)),
        )


def times(browser: Browser, path: str, warm_up: int, count: int) -> tuple[float, ...]:
    """Milliseconds of `count` requests, after some that are not counted."""
    for _ in range(warm_up):
        page(browser, path)
    return tuple(page(browser, path).milliseconds for _ in range(count))


def page(browser: Browser, path: str) -> Got:
    """An answer that must be the page asked for, and not a sign-in or an error."""
    got = browser.get(path)
    if got.status != 200:
        raise RuntimeError(f"{path} answered {got.status}")
    return got


def sizes(browser: Browser, paths: Sequence[bytes]) -> tuple[float, ...]:
    """Kilobytes of the files at these addresses."""
    return tuple(len(page(browser, path.decode()).body) / 1000 for path in paths)


def p95(milliseconds: Sequence[float]) -> float:
    """What 95 of 100 stay within."""
    return statistics.quantiles(milliseconds, n=20)[-1]
