"""Every page of the desk, opened: no barrier that axe-core finds, nothing sideways, nothing on the console."""

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, Response

from fairlead.desk.opening import open_desk
from fairlead.workspace import Workspace
from tests.desk.browser import CHROMIUM
from tests.desk.conftest import Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
ColorScheme = Literal["light", "dark"]
WIDTHS = (360, 768, 1440)
# What axe is asked: WCAG 2.2 AA and its own good practice; the size of targets has to be asked for by name. Colours
# do not depend on the width, nor anything else on the colours.
COLOURS = "color-contrast"
RUNS: tuple[tuple[ColorScheme, int, dict[str, Any]], ...] = (
    ("light", 1440, {"rules": {"target-size": {"enabled": True}}}),
    ("light", 360, {"rules": {"target-size": {"enabled": True}, COLOURS: {"enabled": False}}}),
    ("dark", 360, {"runOnly": [COLOURS]}),
)
# What addresses need, by the name of the part. A page with a part of another kind is opened once it stands here.
PARTS = {"name": "win_rate", "subject": "metrics", "kind": "metric", "token": "x"}
FURTHER = (
    "/?tier=1",
    "/?tier=3",
    "/?as_of=2026-03-31",
    "/?as_of=tomorrow",
    "/metrics/pipeline_velocity/why/?from=2026-09&to=2026-10",
    "/metrics/nrr/?by=segment",
    "/dictionary/?q=rate",
    "/model/handoffs/",
    "/nope/",
)


class Looked(NamedTuple):
    """What was seen on one page."""

    address: str
    barriers: list[str]
    sideways: list[int]
    heard: list[str]
    headings: list[int]


@pytest.fixture(scope="module")
def addresses(company: Workspace, company_served: Visit) -> list[str]:
    """The address of every page; found before the browser starts, for Django does not answer beside one."""
    open_desk(company)
    from django.urls import URLPattern, reverse

    from fairlead.desk.urls import urlpatterns

    build = company.lake.current()
    assert build
    parts = {**PARTS, "build": build.name, "a": build.name, "b": build.name, "one": build.name, "other": build.name}
    patterns = [p for p in urlpatterns if isinstance(p, URLPattern) and p.name]
    known = [p for p in patterns if set(p.pattern.converters) <= parts.keys()]
    found = [reverse(p.name, kwargs={key: parts[key] for key in p.pattern.converters}) for p in known if p.name]
    return list(dict.fromkeys([*found, *FURTHER]))


@pytest.fixture(scope="module")
def looked(addresses: list[str], company_page: Page) -> list[Looked]:
    """Every page that is one, opened once and looked at in both schemes and all widths."""
    return [seen for address in addresses if (seen := look(company_page, address))]


def look(page: Page, address: str) -> Looked | None:
    heard: list[str] = []

    def hear(message: Any) -> None:
        if "the server responded with a status of" not in message.text:
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    try:
        answer = open_page(page, address)
        if answer is None:
            return None
        barriers = list(found_barriers(page))
        sideways = [width for width in WIDTHS if wider_than(page, width)]
        headings = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))")
        return Looked(address, barriers, sideways, heard, headings)
    finally:
        page.remove_listener("console", hear)


def open_page(page: Page, address: str) -> Response | None:
    """Open an address; None where it is no page (a file, a redirect to a page that is looked at anyway)."""
    head = page.request.get(address, max_redirects=0)
    if head.status in (301, 302, 405) or "text/html" not in head.headers.get("content-type", ""):
        return None
    return page.goto(address)


def found_barriers(page: Page) -> Iterator[str]:
    page.evaluate(Axe().axe_script)
    for scheme, width, options in RUNS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        asked = json.dumps({"resultTypes": ["violations"], **options})
        for fault in page.evaluate(f"axe.run(document, {asked}).then(found => found.violations)"):
            for node in fault["nodes"][:3]:
                yield f"{scheme} {width} {fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"


def wider_than(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth") > width)


def test_every_page_was_opened(looked: list[Looked]) -> None:
    seen = {one.address for one in looked}
    assert {"/", "/dictionary/", "/model/", "/builds/", "/sources/", "/metrics/win_rate/", "/tree/"} <= seen
    assert len(seen) >= 20


def test_axe_finds_no_barrier_on_any_page(looked: list[Looked]) -> None:
    assert not {one.address: one.barriers for one in looked if one.barriers}


def test_no_page_scrolls_sideways(looked: list[Looked]) -> None:
    assert not {one.address: one.sideways for one in looked if one.sideways}


def test_nothing_is_reported_on_the_console(looked: list[Looked]) -> None:
    """A style or script that the policy refuses is reported there, too."""
    assert not {one.address: one.heard for one in looked if one.heard}


def test_headings_come_in_order_below_one(looked: list[Looked]) -> None:
    wrong = {}
    for one in looked:
        steps = list(zip(one.headings, one.headings[1:], strict=False))
        if one.headings.count(1) != 1 or one.headings[:1] != [1] or any(b > a + 1 for a, b in steps):
            wrong[one.address] = one.headings
    assert not wrong
