"""Charts in a real browser: a picture at once, live where scripts run, a silent console, a table one key away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.desk import served as serving
from tests.desk.browser import CHROMIUM, chromium, sticks_out
from tests.desk.served import Served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
LEFT = "net::ERR_ABORTED"
KINDS = 6
TAKEN = """async image => {
    for (let tries = 0; tries < 50 && !image.currentSrc.includes("scheme=light"); tries++)
        await new Promise(resolve => setTimeout(resolve, 100));
    return image.currentSrc;
}"""


@pytest.fixture(scope="module")
def served(company_to_serve: Path) -> Iterator[Served]:
    with serving.serving(company_to_serve, module="tests.desk.charted") as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(served: Served) -> Iterator[tuple[Browser, dict[str, object]]]:
    """A browser, and the cookies of somebody who has signed in with the one link."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(served.link)
        page.wait_for_url(f"{served.url}/")
        yield browser, dict(page.context.storage_state())
        page.close()


@contextmanager
def looking(
    signed_in: tuple[Browser, dict[str, object]],
    served: Served,
    *,
    width: int = 1440,
    scripts: bool = True,
    dark: bool = False,
) -> Iterator[Page]:
    """The page of figures, watched: nothing on the console, nothing failed, nothing from elsewhere."""
    browser, cookies = signed_in
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900},
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
        storage_state=cookies,  # type: ignore[arg-type]
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: None if request.failure == LEFT else faults.append(request.url))
    page.on(
        "request", lambda request: None if request.url.startswith((served.url, "data:")) else faults.append(request.url)
    )
    page.on("response", lambda answer: None if answer.status < 400 else faults.append(f"{answer.status} {answer.url}"))
    page.goto(f"{served.url}/figures/")
    yield page
    context.close()
    assert not faults


def see_all(page: Page) -> None:
    """Scroll through, so that every chart is drawn."""
    for figure in page.locator("figure.chart").all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_class(re.compile("is-live"))


@pytest.mark.parametrize(("width", "dark"), [(360, True), (768, False), (1440, True)])
def test_every_chart_comes_alive_in_silence(
    signed_in: tuple[Browser, dict[str, object]], served: Served, width: int, dark: bool
) -> None:
    with looking(signed_in, served, width=width, dark=dark) as page:
        expect(page.locator("figure.chart")).to_have_count(KINDS)
        see_all(page)
        assert not sticks_out(page, width)
        for live in page.locator(".chart-live svg").all():
            box, stage = live.bounding_box(), live.locator("xpath=ancestor::div[@class='chart-stage']").bounding_box()
            assert box
            assert stage
            assert box["width"] <= stage["width"] + 1


def test_nothing_moves_when_a_chart_comes_alive(signed_in: tuple[Browser, dict[str, object]], served: Served) -> None:
    with looking(signed_in, served) as page:
        first = page.locator("figure.chart").first
        expect(first.locator("img")).to_have_js_property("complete", True)
        before = first.bounding_box()
        expect(first).to_have_class(re.compile("is-live"))
        after = first.bounding_box()
        assert before
        assert after
        assert abs(after["height"] - before["height"]) <= 2


@pytest.mark.parametrize("width", [360, 1440])
def test_without_scripts_there_is_the_picture(
    signed_in: tuple[Browser, dict[str, object]], served: Served, width: int
) -> None:
    with looking(signed_in, served, width=width, scripts=False) as page:
        for image in page.locator("figure.chart img").all():
            image.scroll_into_view_if_needed()
            expect(image).to_be_visible()
            box = image.bounding_box()
            assert box
            assert box["height"] > 100
            assert box["width"] <= width
        page.get_by_text("Show the table").first.click()
        expect(page.get_by_role("table").first).to_be_visible()


def test_the_pointer_is_answered_in_words(signed_in: tuple[Browser, dict[str, object]], served: Served) -> None:
    with looking(signed_in, served) as page:
        figure = page.locator("figure.chart").first
        expect(figure).to_have_class(re.compile("is-live"))
        box = figure.locator(".chart-live svg").bounding_box()
        assert box
        for share in (0.4, 0.5, 0.52):
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        tip = page.locator("#vg-tooltip-element")
        expect(tip).to_be_visible()
        expect(tip).to_contain_text(re.compile(r"2026|2025"))
        expect(tip).to_contain_text("Win rate")
        expect(tip).to_contain_text("target")
        assert page.locator("style").count() == 0


def test_the_table_is_one_key_away(signed_in: tuple[Browser, dict[str, object]], served: Served) -> None:
    with looking(signed_in, served) as page:
        page.get_by_text("Show the table").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("rowheader", name="Oct 2026").first).to_be_visible()
        expect(page.get_by_role("link", name="Download as CSV")).to_be_visible()


def test_charts_follow_the_scheme(signed_in: tuple[Browser, dict[str, object]], served: Served) -> None:
    with looking(signed_in, served) as page:
        figure = page.locator("figure.chart").first
        expect(figure).to_have_class(re.compile("is-live"))
        expect(figure.locator(".chart-live path[stroke='#0b5f7d']").first).to_be_attached()
        page.emulate_media(color_scheme="dark")
        expect(figure.locator(".chart-live path[stroke='#7fc8e6']").first).to_be_attached()


def test_print_shows_the_light_picture(signed_in: tuple[Browser, dict[str, object]], served: Served) -> None:
    with looking(signed_in, served, dark=True) as page:
        see_all(page)
        page.emulate_media(media="print", color_scheme="dark")
        figure = page.locator("figure.chart").first
        expect(figure.locator(".chart-live")).to_be_hidden()
        assert figure.locator(".chart-still").evaluate("image => getComputedStyle(image).opacity") == "1"
        assert "scheme=light" in figure.locator("img").evaluate(TAKEN)
