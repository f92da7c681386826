"""The frame in a real browser: the command palette and its keys, paper, no scripts, a day made while one watches."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fairlead.workspace import Workspace
from tests.actions.companies import synced_company
from tests.desk.browser import CHROMIUM
from tests.desk.conftest import Visit
from tests.desk.served import serving, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]


@pytest.fixture
def page(company_page: Page) -> Page:
    """The scoreboard of the demo company, as it is opened first."""
    company_page.emulate_media(media="screen", color_scheme="light")
    company_page.set_viewport_size({"width": 1440, "height": 900})
    company_page.goto("/")
    company_page.evaluate("localStorage.clear()")
    return company_page


def focused(page: Page) -> Any:
    return page.evaluate_handle("document.activeElement")


class TestPalette:
    def test_a_slash_opens_it_and_enter_goes_there(self, page: Page) -> None:
        page.keyboard.press("/")
        box = page.get_by_role("combobox", name="Find a page, metric or term")
        expect(box).to_be_focused()
        expect(page.get_by_role("option").first).to_contain_text("Model")
        page.keyboard.type("win rate")
        expect(page.get_by_role("option").first).to_contain_text("Win rate")
        expect(page.get_by_role("option", selected=True)).to_have_count(1)
        page.keyboard.press("Enter")
        page.wait_for_url("**/metrics/win_rate/")

    def test_arrows_move_the_choice_and_the_reader_is_told(self, page: Page) -> None:
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox")
        expect(box).to_be_focused()
        page.keyboard.type("rate")
        expect(page.get_by_role("status").filter(has_text="found")).to_be_visible()
        first = box.get_attribute("aria-activedescendant")
        page.keyboard.press("ArrowDown")
        second = box.get_attribute("aria-activedescendant")
        assert second != first
        assert page.evaluate("id => document.getElementById(id).ariaSelected", second) == "true"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")  # from the first to the last
        last = page.get_by_role("option").last.get_attribute("id")
        assert box.get_attribute("aria-activedescendant") == last
        expect(page.get_by_role("option").last).to_be_in_viewport()

    def test_escape_closes_it_and_gives_the_focus_back(self, page: Page) -> None:
        page.get_by_role("button", name="Find").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="Find")).to_be_visible()
        for _ in range(5):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
            )
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("button", name="Find")).to_be_focused()

    def test_a_slash_in_a_field_is_a_slash(self, page: Page) -> None:
        page.goto("/dictionary/")
        field = page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first
        field.fill("")
        field.press("/")
        expect(field).to_have_value("/")
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_letters_left_out_find_it_too_and_the_nearest_comes_first(self, page: Page) -> None:
        page.keyboard.press("/")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.type("pplnvlc")
        expect(page.get_by_role("option").first).to_contain_text("Pipeline velocity")

    def test_nothing_found_is_said(self, page: Page) -> None:
        page.keyboard.press("/")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.type("xyzzy")
        expect(page.get_by_text("Nothing is called that.")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("combobox")).to_be_focused()

    def test_g_and_a_letter_go_there_and_a_question_mark_lists_them(self, page: Page) -> None:
        page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys")
        expect(keys).to_contain_text("g d")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)  # gone, not only hidden: until then keys are still the dialog's
        page.keyboard.type("gd")
        page.wait_for_url("**/dictionary/")

    def test_single_keys_can_be_switched_off(self, page: Page) -> None:
        page.keyboard.press("?")
        page.get_by_role("checkbox").uncheck()
        page.get_by_role("button", name="Close").click()
        page.reload()
        page.keyboard.press("/")
        page.wait_for_timeout(200)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("Control+k")
        page.get_by_role("button", name="Keys").click()
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Close").click()


def test_on_paper_there_is_only_the_page_black_on_white(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".side", ".crumbs li + li", ".tabs", ".as-of", ".what", ".sheet-tools"):
        for part in page.locator(gone).all():
            expect(part).to_be_hidden()
    expect(page.get_by_text("Halyard Cloud")).to_be_visible()  # whose numbers they are
    expect(page.get_by_role("columnheader", name="Opened by")).to_have_text("Opened by")
    style = """sel => { const s = getComputedStyle(document.querySelector(sel));
                        return [s.color, s.backgroundColor, s.display, s.textDecorationLine]; }"""
    assert page.evaluate(style, "body")[:2] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.evaluate(style, ".scores thead")[2] == "table-header-group"
    assert page.evaluate(style, ".sheet thead")[2] == "table-header-group"
    assert page.evaluate(style, ".scores a.value")[3] == "none"
    assert len(page.pdf()) > 5000


def test_without_scripts_every_page_is_complete(browser: Browser, company_served: Visit) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=company_served.url)
    context.add_cookies(company_served.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/?tier=2")
    expect(page.locator("#lead_response_time .value")).to_be_visible()
    expect(page.get_by_role("button", name="Find")).to_be_hidden()
    page.get_by_role("link", name="Executive").click()
    page.get_by_label("As of").fill("2026-10-31")
    page.get_by_role("button", name="Show").click()
    assert page.url.endswith("?tier=1&as_of=2026-10-31")
    page.get_by_role("link", name="Dictionary").click()
    expect(page.locator("table tbody tr").last).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Sources")).to_be_visible()
    context.close()


def test_a_form_that_refines_fetches_only_the_page_and_keeps_the_address(page: Page) -> None:
    page.evaluate("document.querySelector('.side').dataset.kept = 'yes'")
    page.get_by_label("As of").fill("2026-10-30")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/?as_of=2026-10-30")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Oct 30, 2026")
    assert page.evaluate("document.querySelector('.side').dataset.kept") == "yes"
    page.go_back()
    expect(page.get_by_role("table").first).to_be_visible()


def test_while_a_part_is_fetched_the_page_is_busy_and_a_failure_is_said(page: Page) -> None:
    waiting: list[Any] = []
    page.route("**/?as_of=*", lambda route: waiting.append(route))  # noqa: PLW0108 - no builtin is taken
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#content")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#progress")).to_be_visible()
    waiting[0].abort()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator("#content")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#progress")).to_be_hidden()
    page.unroute("**/?as_of=*")


def test_what_is_refused_is_shown_in_place_and_the_signed_out_are_asked_to_sign_in(
    browser: Browser, company_served: Visit
) -> None:
    context = browser.new_context(base_url=company_served.url)
    context.add_cookies(company_served.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/")
    page.evaluate("document.querySelector('#as-of').type = 'text'")
    page.get_by_label("As of").fill("2999-01-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("That cannot be shown")
    page.goto("/")
    context.clear_cookies()
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


# a day that has no build yet, made while somebody watches


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("past") / "small")


@pytest.fixture
def watching(browser: Browser, small: Workspace) -> Iterator[Page]:
    with serving(small.root, "--real") as served:
        context = browser.new_context(base_url=served.url)
        context.add_cookies(signed_in(served))  # type: ignore[arg-type]
        yield context.new_page()
        context.close()


def test_an_earlier_day_is_made_while_one_watches(watching: Page, small: Workspace) -> None:
    watching.goto("/?as_of=2026-02-28")
    expect(watching.get_by_text("It is not made yet")).to_be_visible()
    with small.lake.building(datetime.now(UTC)):
        watching.get_by_role("button", name="Make it").click()
        expect(watching.get_by_text("is building here")).to_be_visible()
        watching.reload()
        expect(watching.get_by_text("The build of that day is being made")).to_be_visible()
    expect(watching.locator("#win_rate")).to_be_visible()  # by itself
    assert watching.url.endswith("/?as_of=2026-02-28")
    expect(watching.locator("#win_rate .at-value")).to_contain_text("Feb 2026")
