"""The walk in a real browser: sign in, scoreboard, a red metric, why it moved, the records, the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from fairlead.actions.asking import Asked
from fairlead.actions.explaining import rows_behind
from fairlead.actions.scoreboard import Status, scoreboard
from fairlead.actions.why import why
from fairlead.workspace import Workspace
from tests.desk.browser import CHROMIUM, chromium, sticks_out
from tests.desk.served import serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
LEFT = "net::ERR_ABORTED"  # the page was left before, say, its picture had come
WORRIES = ("error", "warning")
WIDTHS = (360, 768, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def worries(said: ConsoleMessage) -> bool:
    """Whether a line on the console is a fault; that an address was refused is what its page says."""
    return said.type in WORRIES and "status of 400" not in said.text


@pytest.fixture(scope="module")
def walker(company_to_serve: Path) -> Iterator[Page]:
    """A page signed in to the demo company by the printed link; whatever it complains of fails the test."""
    with serving(company_to_serve, "--real") as served, chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=served.url)
        faults: list[str] = []
        page.on("console", lambda said: faults.append(f"{said.text} {said.location}") if worries(said) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: None if request.failure == LEFT else faults.append(request.url))
        page.goto(served.link)
        page.wait_for_url(f"{served.url}/")
        yield page
        assert not faults


def test_from_the_scoreboard_to_the_file(walker: Page, company: Workspace, tmp_path: Path) -> None:
    red = next(s for s in scoreboard(company).scores if s.status is Status.MISSED and s.previous is not None)
    told = why(company, red.metric, start="2026-09", end="2026-10")
    walker.goto("/")
    expect(walker.get_by_role("heading", name="Scoreboard", level=1)).to_be_visible()
    walker.locator("#content").get_by_role("link", name=red.label, exact=True).first.click()

    expect(walker.get_by_role("heading", name=red.label, level=1)).to_be_visible()
    expect(walker.locator(".now .standing")).to_have_text("missed")
    expect(walker.get_by_text(company.model.metrics.metrics[red.metric].plan)).to_be_visible()
    walker.get_by_role("link", name="Why it moved").click()

    expect(walker.get_by_role("heading", name=f"Why {red.label} moved", level=1)).to_be_visible()
    expect(walker.locator(".sentence")).to_contain_text(told.sentence)
    leaf = walker.locator(".levels tbody tr").last
    leaf.locator("td a").nth(1).click()

    expect(walker.get_by_role("heading", name=f"Records behind {red.label}", level=1)).to_be_visible()
    chosen = walker.locator(".measures [aria-current] code, .makes code").first.inner_text()
    with walker.expect_download() as waiting:
        walker.locator(".pages").get_by_role("link", name="CSV").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    given = rows_behind(company, Asked((red.metric,), start="2026-10", end="2026-10"))[chosen]
    assert pd.read_csv(file, encoding="utf-8-sig")["place"].tolist() == given["place"].to_pylist()
    assert walker.locator(".sheet tbody tr").count() == min(100, given.num_rows)


def test_the_excel_button_gives_the_rows_that_are_shown_numbers_as_numbers(walker: Page, tmp_path: Path) -> None:
    walker.goto("/metrics/new_arr/rows/?from=2026-07&to=2026-10&per=month")
    sheet = walker.locator(".sheet").first
    every = sheet.locator("tbody tr").count()
    sheet.get_by_role("searchbox").fill("2")
    sheet.locator("thead button.sort").first.click()
    with walker.expect_download() as waiting:
        sheet.get_by_role("button", name="Excel").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.suffix == ".xlsx"
    expect(sheet.get_by_role("alert")).to_have_count(0)
    book = openpyxl.load_workbook(file).active
    assert book is not None
    header, *rows = ([cell.value for cell in row] for row in book.iter_rows())
    shown = sheet.locator("tbody tr:visible").evaluate_all(
        """rows => rows.map(row => [...row.cells].map(cell => {
             const words = cell.dataset.value ?? cell.textContent.replace(/\\s+/g, " ").trim();
             return words === "" ? null : cell.classList.contains("num") ? Number(words) : words;
           }))"""
    )
    assert rows == shown
    assert 0 < len(rows) <= every
    assert len(header) == sheet.locator("thead th").count()
    assert any(isinstance(value, int | float) for row in rows for value in row)


@pytest.mark.parametrize(
    "address",
    [
        "/metrics/win_rate/",
        "/metrics/win_rate/?by=segment&per=quarter",
        "/metrics/win_rate/?where=nope&from=nope",
        "/metrics/forecast_accuracy/",
        "/metrics/pipeline_velocity/why/?by=segment",
        "/metrics/pipeline_velocity/rows/",
        "/tree/",
        "/follow-up/",
    ],
)
def test_nothing_sticks_out_sideways(walker: Page, address: str) -> None:
    walker.set_viewport_size({"width": WIDTHS[0], "height": 800})
    walker.goto(address)
    wide = []
    for scheme in SCHEMES:
        walker.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            walker.set_viewport_size({"width": width, "height": 800})
            if sticks_out(walker, width):
                wide.append((scheme, width))
    walker.emulate_media(color_scheme="light")
    assert wide == []


def test_the_form_narrows_and_clears(walker: Page) -> None:
    walker.set_viewport_size({"width": 1440, "height": 900})
    walker.goto("/metrics/win_rate/")
    walker.locator("select[name=by]").select_option("segment")
    walker.get_by_label("Only where").fill("kind = 'new'")
    walker.get_by_role("button", name="Show").click()
    walker.wait_for_url("**by=segment**")
    expect(walker.get_by_label("Only where")).to_have_value("kind = 'new'")
    expect(walker.get_by_role("rowheader", name="enterprise").first).to_be_visible()
    walker.get_by_role("link", name="Clear").click()
    walker.wait_for_url("**/metrics/win_rate/")


def test_the_tree_leads_to_a_metric_by_keyboard(walker: Page) -> None:
    walker.set_viewport_size({"width": 1440, "height": 900})
    walker.goto("/tree/")
    card = walker.locator("a.tree-card").first
    card.focus()
    walker.keyboard.press("Enter")
    walker.wait_for_url("**/metrics/*/")
