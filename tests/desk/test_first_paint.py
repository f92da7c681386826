"""A page does not wait for what draws its charts: with that program never coming, it is painted, picture and all."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.desk.browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
PROGRAM = "**/charts/program-*.js"
PAINTED = """() => new Promise(told => new PerformanceObserver(seen => {
    if (seen.getEntriesByName("first-contentful-paint").length) told(true);
}).observe({ type: "paint", buffered: true }))"""


@pytest.fixture
def held(company_page: Page) -> Iterator[list[Route]]:
    """The requests for the program, none of them answered."""
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    company_page.route(PROGRAM, hold)
    yield asked
    for route in asked:
        route.abort()
    company_page.unroute(PROGRAM)
    company_page.goto("about:blank")


@pytest.mark.parametrize("address", ["/metrics/win_rate/", "/metrics/pipeline_velocity/why/"])
def test_the_picture_is_in_view_while_the_program_never_comes(
    company_page: Page, held: list[Route], address: str
) -> None:
    company_page.goto(address, wait_until="commit")
    figure = company_page.locator("figure.chart").first
    figure.scroll_into_view_if_needed()
    assert company_page.evaluate(PAINTED)
    picture = figure.locator("img.chart-still")
    expect(picture).to_be_in_viewport(ratio=0.5)
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 300
    assert picture.evaluate("image => getComputedStyle(image).opacity") == "1"
    for _ in range(50):  # it is asked for once the picture is seen
        if held:
            break
        company_page.wait_for_timeout(100)
    assert len(held) == 1
    assert "is-live" not in (figure.get_attribute("class") or "")
