"""table.js in a real browser: sorting, filtering, counting and saving what is shown; short tables and long ones."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import fairlead.desk
from tests.desk.browser import CHROMIUM, sticks_out

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
STATIC = Path(fairlead.desk.__file__).parent / "static" / "desk"
Rows = list[tuple[str, float | None]]
Shown = Callable[..., Page]

# The sample's rows: words that sort as words do, equal numbers, a number nobody knows, text a spreadsheet would run.
DEALS: Rows = [
    ("Öresund Bridge", 250.0),
    ("aspen 10", 1000.0),
    ("Aspen 9", 1000.0),
    ("=HYPERLINK(1)", -3.5),
    ("Zeta, Inc.", None),
    ('The "Big" One', 12.0),
    ("-5 percent", 12.0),
    ("Beta", 99.0),
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 800}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def shown(page: Page) -> Shown:
    """A page with one table of deals; `more` is further attributes of the sheet."""

    def show(rows: Rows = DEALS, more: str = 'data-table data-name="deals"', body: str = "") -> Page:
        lines = body or "".join(
            f"<tr><th>{escaped(name)}</th><td class='num' data-value='{'' if value is None else value}'>"
            f"{'' if value is None else f'${value:,.2f}'}</td></tr>"
            for name, value in rows
        )
        page.set_content(
            f"<style>{(STATIC / 'tokens.css').read_text()}{(STATIC / 'desk.css').read_text()}</style>"
            f"<div class='sheet' {more}><table><thead><tr><th>Deal</th><th class='num'>Amount</th></tr></thead>"
            f"<tbody>{lines}</tbody></table></div>"
        )
        page.add_script_tag(path=STATIC / "table.js")
        return page

    return show


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def deals(page: Page) -> list[str]:
    """The first column as it stands."""
    return [str(text) for text in page.locator("tbody tr:visible th").all_inner_texts()]


def test_a_number_column_sorts_from_the_largest_and_back_and_the_unknown_stays_last(shown: Shown) -> None:
    page = shown()
    page.get_by_role("button", name="Amount").click()
    expect(page.get_by_role("columnheader", name="Amount")).to_have_attribute("aria-sort", "descending")
    assert deals(page) == [
        "aspen 10", "Aspen 9", "Öresund Bridge", "Beta", 'The "Big" One', "-5 percent", "=HYPERLINK(1)", "Zeta, Inc."
    ]  # fmt: skip
    page.get_by_role("button", name="Amount").click()
    expect(page.get_by_role("columnheader", name="Amount")).to_have_attribute("aria-sort", "ascending")
    assert deals(page)[0] == "=HYPERLINK(1)"
    assert deals(page)[-3:] == ["aspen 10", "Aspen 9", "Zeta, Inc."]  # equal rows keep their order


def test_words_sort_as_people_sort_them(shown: Shown) -> None:
    page = shown()
    page.get_by_role("button", name="Deal").click()
    order = deals(page)
    assert order.index("Aspen 9") < order.index("aspen 10") < order.index("Beta") < order.index("Öresund Bridge")
    expect(page.locator("[aria-sort]")).to_have_count(1)


def test_sorting_works_by_keyboard(shown: Shown) -> None:
    page = shown()
    page.get_by_role("button", name="Deal").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Deal")).to_have_attribute("aria-sort", "ascending")


def test_the_filter_takes_every_word_in_any_order_and_says_how_many_are_left(shown: Shown) -> None:
    page = shown()
    count = page.locator(".sheet-count")
    expect(count).to_have_text("8 rows")
    expect(count).to_have_attribute("aria-live", "polite")
    page.get_by_role("searchbox", name="Filter deals").fill("1,000 ASPEN")
    assert deals(page) == ["aspen 10", "Aspen 9"]
    expect(count).to_have_text("2 of 8 rows")
    page.get_by_role("searchbox").fill("nothing like it")
    expect(count).to_have_text("0 of 8 rows")
    page.get_by_role("searchbox").fill("")
    assert len(deals(page)) == 8


def test_the_download_is_what_is_shown_as_it_is_shown_and_runs_in_no_spreadsheet(shown: Shown, tmp_path: Path) -> None:
    page = shown()
    page.get_by_role("button", name="Amount").click()
    page.get_by_role("searchbox").fill("e")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "deals.csv"
    download.value.save_as(tmp_path / "deals.csv")
    with (tmp_path / "deals.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows == [
        ["Deal", "Amount"],
        ["aspen 10", "1000.0"],
        ["Aspen 9", "1000.0"],
        ["Öresund Bridge", "250.0"],
        ["Beta", "99.0"],
        ['The "Big" One', "12.0"],
        ["'-5 percent", "12.0"],
        ["'=HYPERLINK(1)", "-3.5"],
        ["Zeta, Inc.", ""],
    ]


def test_five_thousand_rows_are_drawn_in_parts_and_all_of_them_count(shown: Shown) -> None:
    rows: Rows = [(f"Deal {index:04}", float(index % 977)) for index in range(5000)]
    page = shown(rows)
    expect(page.locator(".sheet-count")).to_have_text("5,000 rows")
    assert page.locator("tbody tr").count() < 1000
    page.get_by_role("button", name="Amount").click()
    assert page.locator("tbody td").first.get_attribute("data-value") == "976.0"
    left = sum("43" in f"{name} ${value:,.2f}" for name, value in rows)
    page.get_by_role("searchbox").fill("deal 43")
    expect(page.locator(".sheet-count")).to_have_text(f"{left} of 5,000 rows")
    page.get_by_role("searchbox").fill("deal 4321")
    assert deals(page) == ["Deal 4321"]


def test_scrolling_draws_the_rest_and_printing_all_of_it(shown: Shown) -> None:
    page = shown([(f"Deal {index:04}", float(index)) for index in range(2000)])
    before = page.locator("tbody tr").count()
    page.mouse.wheel(0, 100_000)
    page.wait_for_function(f"document.querySelectorAll('tbody tr').length > {before}")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("tbody tr").count() == 2000


def test_rows_that_belong_together_are_filtered_and_keep_their_order(shown: Shown) -> None:
    body = "<tr><th colspan=2>North</th></tr>" + "".join(f"<tr><th>n{i}</th><td>{9 - i}</td></tr>" for i in range(9))
    page = shown(body=body)
    assert page.locator("button.sort").count() == 0
    page.get_by_role("searchbox").fill("n7")
    assert deals(page) == ["n7"]


def test_a_few_rows_need_no_tools_but_can_have_them(shown: Shown) -> None:
    page = shown(DEALS[:4])
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(page.get_by_role("button", name="Deal")).to_have_count(1)
    page = shown(DEALS[:4], 'data-table="full" data-name="deals"')
    expect(page.get_by_role("searchbox")).to_have_count(1)
    page = shown(DEALS, 'data-table="plain"')
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_wide_table_scrolls_in_a_place_of_its_own_that_the_keyboard_reaches(shown: Shown) -> None:
    page = shown([("a_very_long_name_without_any_blank_" * 6, 1.0)])
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function("document.querySelector('.sheet-scroll.wide')")
    place = page.get_by_role("group", name="Table: deals")
    expect(place).to_have_attribute("tabindex", "0")
    assert not sticks_out(page, 360)
    page.set_viewport_size({"width": 1000, "height": 800})


def test_the_same_text_is_inert_here_and_in_the_exports_of_the_server() -> None:
    """One rule, written twice: the characters that begin a formula."""
    from fairlead.actions import exporting

    script = (STATIC / "table.js").read_text()
    for start in exporting.FORMULA:
        assert json.dumps(start)[1:-1] in script.split("FORMULA = /^[")[1].split("]/")[0].replace("\\-", "-")
