"""Two builds compared: every link leads somewhere, and a count leads to the place that says the same count."""

import re
from html import unescape
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import pytest

from tests.desk.copies import Two, browsing, within
from tests.desk.reader import read, text

LINK = re.compile(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
SOME = 6
COUNT = re.compile(r"[\d,]+")


class Link(NamedTuple):
    """A link by where it leads: its page, the part of it, and its words."""

    page: str
    part: str
    words: str


@pytest.fixture(scope="module")
def seen(two: Two) -> tuple[list[Link], dict[str, str]]:
    """The links of the page's own content, and the pages they lead to; of the pages of numbers only some."""
    address = f"/builds/{two.a}/{two.b}/"
    with browsing(two.place) as client:
        html = within(read(client, address), "<main")
        links = [link_to(address, unescape(href), words) for href, words in LINK.findall(html)]
        pages = list(dict.fromkeys(link.page for link in links))
        of_numbers = [page for page in pages if page.startswith("/metrics/")]
        return links, {page: read(client, page) for page in pages if page not in of_numbers[SOME:]}


@pytest.fixture
def links(seen: tuple[list[Link], dict[str, str]]) -> list[Link]:
    return seen[0]


@pytest.fixture
def pages(seen: tuple[list[Link], dict[str, str]]) -> dict[str, str]:
    return seen[1]


def link_to(address: str, href: str, words: str) -> Link:
    page, part = urldefrag(urljoin(address, href))
    return Link(page, part, text(words))


def test_every_link_leads_to_a_page_and_to_a_part_of_it(links: list[Link], pages: dict[str, str]) -> None:
    assert len(links) > 30
    parts = {page: set(re.findall(r'\bid="([^"]+)"', html)) for page, html in pages.items()}
    assert not [link for link in links if link.part and link.part not in parts.get(link.page, {link.part})]
    assert any("/why/" in page for page in pages)


def test_links_lead_to_both_builds_to_why_and_to_the_model(links: list[Link], two: Two) -> None:
    led = {link.page.partition("?")[0] for link in links}
    assert {f"/builds/{two.a}/", f"/builds/{two.b}/", "/metrics/win_rate/why/", "/model/metrics/", "/sources/"} <= led
    reported = {link.page for link in links if "/why/" in link.page}
    assert reported
    assert all(f"reported={two.a}" in page for page in reported)


def test_a_count_leads_to_where_the_same_count_stands(links: list[Link], pages: dict[str, str]) -> None:
    counts = [link for link in links if link.part.startswith("kept-") and COUNT.fullmatch(link.words)]
    assert len({link.page for link in counts}) == 2
    for link in counts:
        place = re.search(rf'<(\w+)[^>]*\bid="{link.part}"', pages[link.page])
        assert place
        assert link.words in text(within(pages[link.page], place[0])), link


def test_rows_set_aside_lead_to_as_many_rows(links: list[Link], pages: dict[str, str]) -> None:
    counts = [link for link in links if "/set-aside/" in link.page and COUNT.fullmatch(link.words)]
    assert len({link.page.partition("?")[0] for link in counts}) == 2
    for link in counts:
        assert f"{link.words} row" in text(pages[link.page]), link
