"""Every page of the desk, opened: no barrier that axe-core finds, nothing sideways, nothing on the console."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Error, Page, Response

from fairlead.actions.disputing import dispute
from fairlead.desk.opening import open_desk
from fairlead.workspace import Workspace, open_workspace
from tests.desk.browser import CHROMIUM, sticks_out
from tests.desk.conftest import Visit
from tests.desk.copies import Two, copied
from tests.desk.served import serving, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
ColorScheme = Literal["light", "dark"]
WIDTHS = (360, 768, 1440)
# Where axe is asked: WCAG 2.2 AA and its own good practice; the size of targets has to be asked for by name. Colours
# do not depend on the width, nor anything else on the colours, so two runs see all of both.
RUNS: tuple[tuple[ColorScheme, int], ...] = (("light", 1440), ("dark", 360))
ASKED = json.dumps({"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}})
# What addresses need, by the name of the part; beside the builds.
PARTS = {"name": "win_rate", "subject": "metrics", "kind": "metric", "token": "x", "form": "csv", "version": "1",
         "table": "mart.facts_opportunity"}  # fmt: skip
MAKING = "2026-03-30"  # the day whose build somebody seems to be making
MADE = {"since": "2026-11-23T00:00:00+00:00", "step": "reading", "done": 1, "total": 3, "problems": []}
NO_PAGE = ("Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE")  # a file; an address that only takes forms
NOWHERE = "/nope/"
SIGN_IN = "/sign-in/"
SENT_WRONGLY = "/dictionary/win_rate/?dispute"  # the form of this page is sent empty
FURTHER = (
    "/?tier=1",
    "/?tier=3",
    "/?as_of=2026-03-31",
    f"/?as_of={MAKING}",
    "/?as_of=tomorrow",
    "/tree/?root=pipeline_velocity&measures=1",
    "/tree/?as_of=2026-03-31",
    "/follow-up/?as_of=2026-03-31",
    "/lifecycle/?flow=sales&by=source",
    "/lifecycle/marketing_qualified/",
    "/metrics/pipeline_velocity/why/?from=2026-09&to=2026-10",
    "/metrics/nrr/?by=segment",
    "/dictionary/?q=rate",
    "/model/handoffs/",
    "/model/decisions/",
    "/api/",
    NOWHERE,
)


class Looked(NamedTuple):
    """What was seen on one page."""

    address: str
    words: str
    barriers: list[str]
    sideways: list[int]
    heard: list[str]
    headings: list[int]


class Place(NamedTuple):
    """A company with something on every page, and the addresses of its pages."""

    workspace: Workspace
    addresses: tuple[str, ...]
    compared: str


@pytest.fixture(scope="module")
def place(two: Two, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two builds that differ, a dispute, and a build that somebody is making.

    Its addresses are found before the browser starts, for Django does not answer beside one.
    """
    workspace = copied(two.place, tmp_path_factory.mktemp("axe") / "halyard")
    dispute(workspace, term="win_rate", says="Renewals count, too.", by="Bob Okafor")
    workspace = open_workspace(workspace.root)
    compared = f"/builds/{two.a}/{two.b}/"
    with being_made(workspace):
        yield Place(workspace, tuple(addresses(workspace, two)), compared)


@contextmanager
def being_made(workspace: Workspace) -> Iterator[None]:
    """As if another process were making the build of a day: its note, and the lock it holds."""
    folder = workspace.lake.root / "making"
    folder.mkdir(exist_ok=True)
    (folder / f"{MAKING}.json").write_text(json.dumps(MADE))
    with (folder / f"{MAKING}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def addresses(workspace: Workspace, two: Two) -> Iterator[str]:
    """The address of every page. One whose parts are unknown here is a page nobody has looked at: say them in PARTS."""
    open_desk(workspace)
    from django.urls import URLPattern, reverse

    from fairlead.desk.urls import urlpatterns

    parts = {**PARTS, "build": two.b, "a": two.a, "b": two.b}
    patterns = [p for p in urlpatterns if isinstance(p, URLPattern) and p.name]
    strange = {p.name: lacks for p in patterns if (lacks := set(p.pattern.converters) - parts.keys())}
    assert not strange, f"say in PARTS what these pages are to be opened with: {strange}"
    found = [reverse(p.name, kwargs={key: parts[key] for key in p.pattern.converters}) for p in patterns if p.name]
    yield from dict.fromkeys([*found, *FURTHER, f"/metrics/win_rate/why/?reported={two.a}", SENT_WRONGLY])


@pytest.fixture(scope="module")
def visit(place: Place) -> Iterator[Visit]:
    with serving(place.workspace.root, "--real") as running:
        yield Visit(running.url, signed_in(running))


@pytest.fixture(scope="module")
def page(visit: Visit, browser: Browser) -> Iterator[Page]:
    """A page of its desk, signed in; axe-core is in every document of it."""
    context = browser.new_context(base_url=visit.url)
    context.add_cookies(visit.cookies)  # type: ignore[arg-type]
    context.add_init_script(Axe().axe_script)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def stranger(visit: Visit, browser: Browser) -> Iterator[Page]:
    """The same, signed out."""
    context = browser.new_context(base_url=visit.url)
    context.add_init_script(Axe().axe_script)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def looked(place: Place, page: Page, stranger: Page) -> list[Looked]:
    """Every page that is one, opened once and looked at in both schemes and all widths."""
    opened = [(page, address) for address in place.addresses] + [(stranger, SIGN_IN)]
    return [seen for one, address in opened if (seen := look(one, address))]


def look(page: Page, address: str) -> Looked | None:
    heard: list[str] = []

    def hear(message: Any) -> None:
        if "the server responded with a status of" not in message.text:
            heard.append(message.text)

    def fail(error: Any) -> None:
        heard.append(str(error))

    page.on("console", hear)
    page.on("pageerror", fail)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    try:
        if open_page(page, address) is None:
            return None
        barriers = list(found_barriers(page))
        sideways = [width for width in WIDTHS if wider_than(page, width)]
        headings = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))")
        return Looked(address, page.text_content("main") or "", barriers, sideways, heard, headings)
    finally:
        page.remove_listener("console", hear)
        page.remove_listener("pageerror", fail)


def open_page(page: Page, address: str) -> Response | None:
    """Open an address; None where it is no page (a file, a redirect to a page that is looked at anyway)."""
    try:
        answer = page.goto(address)
    except Error as fault:
        if any(said in fault.message for said in NO_PAGE):
            return None
        raise
    if answer is None or answer.status == 405 or answer.request.redirected_from:
        return None
    if answer.status == 404 and address != NOWHERE:  # a part that fits most addresses, but not this one
        return None
    if "text/html" not in answer.headers.get("content-type", ""):
        return None
    if address == SENT_WRONGLY:
        with page.expect_navigation() as sent:
            page.evaluate("document.querySelector('#content form[method=post]').submit()")
        assert sent.value.status == 400
        return sent.value
    return answer


def found_barriers(page: Page) -> Iterator[str]:
    for scheme, width in RUNS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        for fault in page.evaluate(f"axe.run(document, {ASKED}).then(found => found.violations)"):
            for node in fault["nodes"][:3]:
                yield f"{scheme} {width} {fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"


def wider_than(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 900})
    return sticks_out(page, width)


def test_every_page_was_opened(looked: list[Looked], place: Place) -> None:
    seen = {one.address for one in looked}
    rooms = {"/", "/tree/", "/follow-up/", "/dictionary/", "/model/", "/builds/", "/sources/", "/account/", "/api/"}
    assert rooms | {"/metrics/win_rate/", "/metrics/win_rate/rows/", place.compared, SENT_WRONGLY, SIGN_IN} <= seen
    assert len(seen) >= 35


def test_they_show_what_there_is_to_look_at(looked: list[Looked], place: Place) -> None:
    """A page of a company that lacks what the page is about would be looked at in vain."""
    words = {one.address: one.words for one in looked}
    assert "Definition changed" in words[place.compared]
    assert "All by the same" not in words[place.compared]
    assert "Renewals count, too." in words["/dictionary/win_rate/"]
    assert "Renewals count, too." in words["/follow-up/"]
    assert "is being made" in words[f"/?as_of={MAKING}"]


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


def test_axe_would_find_one(page: Page) -> None:
    """That it finds nothing says something."""
    page.goto("about:blank")
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><p style='color:#ccc'>pale</p></main>")
    found = "\n".join(found_barriers(page))
    assert "color-contrast" in found
    assert "label" in found
