"""In a real browser: sign in by the printed link, look at the scoreboard, use the keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.desk.browser import CHROMIUM, sticks_out
from tests.desk.conftest import write_workspace
from tests.desk.served import Served, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
LEFT = "net::ERR_ABORTED"  # the page was left before, say, its icon had come
WIDTHS = (360, 390, 768, 959, 961, 1152, 1280, 1440)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("browser") / "acme"
    write_workspace(root)
    with serving(root) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, served: Served) -> Iterator[Page]:
    """A page signed in by the link, as a person would: open it, and be on the scoreboard."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: None if request.failure == LEFT else faults.append(request.url))
    page.on("request", lambda request: None if request.url.startswith(served.url) else faults.append(request.url))
    page.goto(served.link)
    page.wait_for_url(f"{served.url}/")
    yield page
    assert not faults


@pytest.fixture
def page(signed_in: Page, served: Served) -> Page:
    signed_in.emulate_media(media="screen", color_scheme="light")
    signed_in.set_viewport_size({"width": 1440, "height": 900})
    signed_in.goto(served.url)
    return signed_in


def test_the_link_signs_in_and_shows_the_scoreboard(page: Page) -> None:
    expect(page.get_by_role("heading", name="Scoreboard", level=1)).to_be_visible()
    expect(page.locator("#win_rate")).to_contain_text("25.3")
    expect(page.get_by_role("img", name="Win rate, Nov 2025 to Nov 2026")).to_be_visible()


def test_the_link_is_used_up(page: Page, browser: Browser, served: Served) -> None:
    other = browser.new_page()
    other.goto(served.link)
    expect(other.get_by_role("heading", name="This link no longer works")).to_be_visible()
    other.goto(served.url)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert not sticks_out(page, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_value_runs_into_its_neighbour(page: Page, width: int) -> None:
    """What must not wrap is as wide as it needs, inside its own cell."""
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.value, .change, .standing')].filter(inner => {
             const cell = inner.closest('td').getBoundingClientRect(), own = inner.getBoundingClientRect();
             return own.right > cell.right + 1 || own.left < cell.left - 1 || inner.scrollWidth > inner.clientWidth + 1;
           }).map(inner => inner.textContent)"""
    )
    assert wide == []


def test_a_table_stays_a_table_for_screen_readers_when_it_is_drawn_as_cards(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("table").first).to_have_class("scores")
    expect(page.get_by_role("rowheader", name=re.compile("^Win rate"))).to_have_count(1)


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(page: Page) -> None:
    reached = []
    for _ in range(23):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
                       const name = e.ariaLabel || e.textContent.trim() || e.name;
                       return [name, s.outlineStyle, parseFloat(s.outlineWidth)]; }"""
        )
        if name in reached:  # a date is three stops and a button
            continue
        reached.append(name)
        assert (style, width >= 2) == ("solid", True), name
    assert reached == [
        "Skip to the content", "Fairlead", "Find/", "Model", "Dictionary", "Sources", "Builds", "Scoreboard", "Tree",
        "Lifecycle", "Revenue", "Cohorts", "Follow-up", "Handoffs", "Gates", "Clocks", "Renewals", "Reconciliation",
        "Account", "Sign out", "Acme Robotics", "as_of",
    ]  # fmt: skip


def test_the_skip_link_skips(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_what_a_term_means_opens_by_keyboard_and_closes_by_escape(page: Page) -> None:
    page.get_by_role("button", name="What is Win rate?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Opportunities won, out of all opportunities closed")).to_be_visible()
    expect(page.get_by_text("By closed date; the same by created date")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("By closed date; the same by created date")).to_be_hidden()
    assert page.evaluate("document.activeElement.ariaLabel") == "What is Win rate?"


def test_narrow_the_rooms_open_from_a_button(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("link", name="Dictionary")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Dictionary")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Dictionary")).to_be_hidden()


def test_dark_and_print_have_their_own_colours(page: Page) -> None:
    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page.emulate_media(color_scheme="light")
    light = paper()
    page.emulate_media(color_scheme="dark")
    assert paper() != light
    page.emulate_media(media="print", color_scheme="dark")
    assert paper() == "rgb(255, 255, 255)"
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_signing_out_and_in_again_by_password_form(browser: Browser, served: Served, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(f"{served.url}/?later=1")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("correct")
    expect(page.get_by_label("User name")).to_have_value("alice")
    page.close()
