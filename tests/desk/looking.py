"""Looking at every page of the desk in a browser: what axe-core finds, what sticks out, what the console hears.

The pages are many, so that two modules share them: each has a class `Looking` of its own, with its part of the pages.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Error, Page, Response

from fairlead.actions.disputing import dispute
from fairlead.desk.opening import configured
from fairlead.workspace import Workspace, open_workspace
from tests.desk.browser import sticks_out
from tests.desk.conftest import Visit
from tests.desk.copies import Two, copied
from tests.desk.served import serving, signed_in

ColorScheme = Literal["light", "dark"]
WIDTHS = (360, 768, 1440)
# Where axe is asked: WCAG 2.2 AA and its own good practice; the size of targets has to be asked for by name. Colours
# do not depend on the width, nor anything else on the colours, so two runs see all of both.
RUNS: tuple[tuple[ColorScheme, int], ...] = (("light", 1440), ("dark", 360))
# Of a table as long as a page may be it sees the first rows; those below are drawn by the same words.
SEEN = json.dumps({"exclude": ["tbody tr:nth-child(n+16)"]})
ASKED = json.dumps({"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}, "preload": False})
MAKING = "2026-03-30"  # the day whose build somebody seems to be making
MADE = {"since": "2026-11-23T00:00:00+00:00", "step": "reading", "done": 1, "total": 3, "problems": []}
NO_PAGE = ("Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE")  # a file; an address that only takes forms
NOWHERE = "/nope/"
SIGN_IN = "/sign-in/"
SENT_WRONGLY = "/dictionary/win_rate/?dispute"  # the form of this page is sent empty


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


@contextmanager
def being_made(workspace: Workspace) -> Iterator[None]:
    """As if another process were making the build of a day: its note, and the lock it holds."""
    folder = workspace.lake.root / "making"
    folder.mkdir(exist_ok=True)
    (folder / f"{MAKING}.json").write_text(json.dumps(MADE))
    with (folder / f"{MAKING}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def addresses(two: Two, parts: Mapping[str, str], further: Sequence[str]) -> Iterator[str]:
    """The address of every page. One whose parts are unknown is a page nobody has looked at: say them in PARTS."""
    configured()
    from django.urls import URLPattern, reverse

    from fairlead.desk.urls import urlpatterns

    known = {**parts, "build": two.b, "a": two.a, "b": two.b}
    patterns = [p for p in urlpatterns if isinstance(p, URLPattern) and p.name]
    strange = {p.name: lacks for p in patterns if (lacks := set(p.pattern.converters) - known.keys())}
    assert not strange, f"say in PARTS what these pages are to be opened with: {strange}"
    found = [reverse(p.name, kwargs={key: known[key] for key in p.pattern.converters}) for p in patterns if p.name]
    yield from dict.fromkeys([*found, *further, f"/metrics/win_rate/why/?reported={two.a}", SENT_WRONGLY])


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
        for fault in page.evaluate(f"axe.run({SEEN}, {ASKED}).then(found => found.violations)"):
            for node in fault["nodes"][:3]:
                yield f"{scheme} {width} {fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"


def wider_than(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 900})
    return sticks_out(page, width)


class Looking:
    """The promises that every page keeps, of every second page, from the one at `part` on."""

    part: int
    parts: Mapping[str, str]
    further: Sequence[str]

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, two: Two, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
        """Two builds that differ, a dispute, and a build that somebody is making."""
        workspace = copied(two.place, tmp_path_factory.mktemp("looking") / "halyard")
        dispute(workspace, term="win_rate", says="Renewals count, too.", by="Bob Okafor")
        workspace = open_workspace(workspace.root)
        every = tuple(addresses(two, cls.parts, cls.further))
        with being_made(workspace):
            yield Place(workspace, every[cls.part :: 2], f"/builds/{two.a}/{two.b}/")

    @pytest.fixture(scope="class")
    @classmethod
    def visit(cls, place: Place) -> Iterator[Visit]:
        with serving(place.workspace.root, "--real") as running:
            yield Visit(running.url, signed_in(running))

    @pytest.fixture(scope="class")
    @classmethod
    def page(cls, visit: Visit, browser: Browser) -> Iterator[Page]:
        """A page of its desk, signed in; axe-core is in every document of it."""
        context = browser.new_context(base_url=visit.url)
        context.add_cookies(visit.cookies)  # type: ignore[arg-type]
        context.add_init_script(Axe().axe_script)
        yield context.new_page()
        context.close()

    @pytest.fixture(scope="class")
    @classmethod
    def stranger(cls, visit: Visit, browser: Browser) -> Iterator[Page]:
        """The same, signed out."""
        context = browser.new_context(base_url=visit.url)
        context.add_init_script(Axe().axe_script)
        yield context.new_page()
        context.close()

    @pytest.fixture(scope="class")
    @classmethod
    def looked(cls, place: Place, page: Page, stranger: Page) -> Mapping[str, Looked]:
        """Every page that is one, opened once and looked at in both schemes and all widths, by its address."""
        opened = [(page, address) for address in place.addresses] + [(stranger, SIGN_IN)]
        return {address: seen for one, address in opened if (seen := look(one, address))}

    def test_every_page_was_opened(self, looked: Mapping[str, Looked], place: Place) -> None:
        rooms = {"/", "/tree/", "/follow-up/", "/dictionary/", "/model/", "/builds/", "/sources/", "/account/", "/api/"}
        sure = rooms | {"/metrics/win_rate/", "/metrics/win_rate/rows/", place.compared, SENT_WRONGLY}
        assert (sure & set(place.addresses)) | {SIGN_IN} <= looked.keys()
        assert len(looked) >= 18

    def test_they_show_what_there_is_to_look_at(self, looked: Mapping[str, Looked], place: Place) -> None:
        """A page of a company that lacks what the page is about would be looked at in vain."""
        said = {
            place.compared: "Definition changed",
            "/dictionary/win_rate/": "Renewals count, too.",
            "/follow-up/": "Renewals count, too.",
            f"/?as_of={MAKING}": "is being made",
        }
        here = said.keys() & set(place.addresses)
        assert here
        assert not {address for address in here if said[address] not in looked[address].words}
        assert not any("All by the same" in one.words for one in looked.values() if one.address == place.compared)

    def test_axe_finds_no_barrier_on_any_page(self, looked: Mapping[str, Looked]) -> None:
        assert not {one.address: one.barriers for one in looked.values() if one.barriers}

    def test_no_page_scrolls_sideways(self, looked: Mapping[str, Looked]) -> None:
        assert not {one.address: one.sideways for one in looked.values() if one.sideways}

    def test_nothing_is_reported_on_the_console(self, looked: Mapping[str, Looked]) -> None:
        """A style or script that the policy refuses is reported there, too."""
        assert not {one.address: one.heard for one in looked.values() if one.heard}

    def test_headings_come_in_order_below_one(self, looked: Mapping[str, Looked]) -> None:
        wrong = {}
        for one in looked.values():
            steps = list(zip(one.headings, one.headings[1:], strict=False))
            if one.headings.count(1) != 1 or one.headings[:1] != [1] or any(b > a + 1 for a, b in steps):
                wrong[one.address] = one.headings
        assert not wrong
