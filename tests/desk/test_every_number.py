"""Every number of every page is a link to how it came about, and every such link leads to a place that is there."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

from fairlead.actions.inspecting import inspect
from fairlead.actions.tables import Narrowed, references, table_rows
from fairlead.model.whole import SUBJECTS
from tests.desk.copies import Two, browsing
from tests.desk.reader import read, text, with_column

ALONE = re.compile(r"\d[\d.,]*( (to|of) \d[\d.,]*)?( ?%| [a-z]+)?")  # a cell that says a number and nothing else


class Numbers(HTMLParser):
    """The cells of numbers that lead nowhere, the links, and the places of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lost: list[str] = []
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.words, self.is_number, self.leads = "", False, False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if "id" in said:
            self.places.add(said["id"] or "")
        if tag == "td":
            self.words, self.leads = "", False
            self.is_number = "num" in (said.get("class") or "").split()
        elif tag == "a":
            self.leads = True
            self.links.add(said.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        number = re.search(r"\d", self.words) if self.is_number else ALONE.fullmatch(self.words.strip())
        if tag == "td" and number and not self.leads:
            self.lost.append(self.words.strip())

    def handle_data(self, data: str) -> None:
        self.words += data


def pages(first: str, second: str) -> Iterator[str]:
    """The addresses of pages with numbers on them, `first` and `second` being builds."""
    metric = "/metrics/win_rate/"
    yield from (
        "/",
        "/?tier=2",
        "/?tier=3",
        "/tree/?measures=1",
        "/follow-up/",
        "/lifecycle/",
        "/lifecycle/?flow=sales&by=source",
        "/lifecycle/marketing_qualified/",
        "/gates/",
        "/gates/?flow=lifecycle&by=owner.name&per=quarter",
        "/gates/opportunity/salesforce:006Hc0000000238IAR/?to=closed_won",
        "/clocks/",
        "/revenue/?by=segment&lens=chartmogul",
        "/revenue/rows/closing/",
        "/cohorts/",
        "/cohorts/?by=segment&per=quarter",
        "/cohorts/customers/?age=2",
        "/revenue/rows/expansion/",
        "/clocks/?policy=mql_to_sql&by=segment&under=now",
        "/renewals/",
        "/reconciliation/",
        "/reconciliation/?kind=wrong_amount",
        "/builds/",
        "/sources/",
        "/dictionary/",
    )
    yield from (metric, f"{metric}?by=segment", f"{metric}rows/", "/metrics/bookings/rows/?from=2026-09&to=2026-10")
    yield from (
        f"{metric}why/?by=segment",
        f"{metric}why/?reported={first}",
        "/metrics/pipeline_velocity/why/?by=owner_id",
    )
    yield from ("/dictionary/win_rate/", *(f"/model/{name}/" for name in SUBJECTS))
    for build in (first, second):
        yield f"/builds/{build}/"
        yield f"/builds/{build}/set-aside/"
        yield f"/builds/{build}/tables/record.opportunity/"
        yield f"/builds/{build}/tables/mart.facts_opportunity/"
    yield f"/builds/{first}/{second}/"


def test_every_number_of_every_table_leads_to_a_place_that_is_there(two: Two) -> None:
    """Its rows, its build, its source, its definition; or the place of the page that it counts."""
    with browsing(two.place) as client:
        seen = {address: Numbers(read(client, address)) for address in pages(two.a, two.b)}
        assert {address: found.lost for address, found in seen.items() if found.lost} == {}
        missing = {
            (address, link) for address, found in seen.items() for link in found.links
            if link.startswith("#") and link[1:] not in found.places
        }  # fmt: skip
        assert not missing
        elsewhere: dict[str, set[str]] = {}
        for found in seen.values():
            for link in found.links:
                page, _, place = unescape(link).partition("#")
                if place and page.startswith("/"):
                    elsewhere.setdefault(page, set()).add(place)
        assert len(elsewhere) > 20
        for page, places in elsewhere.items():
            answer = client.get(page, follow=True)
            assert answer.status_code == 200, page
            assert places <= Numbers(answer.content.decode()).places, page


def test_the_counts_of_a_build_lead_to_their_rows(two: Two) -> None:
    build = inspect(two.place, two.b).built
    with browsing(two.place) as client:
        shown = with_column(read(client, f"/builds/{two.b}/"), "References emptied")
        for row, count in zip(shown.rows, build.tables, strict=True):
            said = text(read(client, unescape(row[shown.head.index("Kept")].href or "")))
            assert count.source in said
        written = with_column(read(client, f"/builds/{two.b}/"), "What a row is")
        for row in written.rows:
            if row[0].text != "quality.set_aside":
                said = text(read(client, row[2].href or ""))
                assert f"{row[2].text} row" in said, row[0].text


def test_rows_without_a_reference_are_those_without_it(two: Two) -> None:
    whole = table_rows(two.place, two.b, "record.opportunity")
    asked = [
        (count, column, table_rows(two.place, two.b, f"record.{count.table}", Narrowed(count.source, (column,))))
        for count in inspect(two.place, two.b).built.tables
        for column in (*references(count.table)[0], *references(count.table)[1])
    ]
    count, column, empty = next(one for one in asked if 0 < one[2].total < one[0].kept)
    name = empty.table
    assert set(empty.rows[column].to_pylist()) == {None}
    assert set(empty.rows["source_system"].to_pylist()) == {count.source}
    ids = [
        row
        for page in range(1, whole.pages + 1)
        for row in table_rows(two.place, two.b, "record.opportunity", page=page).rows["id"].to_pylist()
    ]
    assert len(set(ids)) == len(ids) == whole.total
    with browsing(two.place) as client:
        address = f"/builds/{two.b}/tables/record.opportunity/"
        said = text(read(client, f"/builds/{two.b}/tables/{name}/?source={count.source}&without={column}"))
        assert f"{empty.total:,} row" in said
        assert f"from {count.source} without {column}" in said
        for wrong, status in (("?without=nope", 400), ("?page=x", 400), ("?page=-1", 400), ("?page=9999", 200)):
            assert client.get(address + wrong).status_code == status, wrong
        for name in ("record.nope", "pg_catalog.pg_tables", "quality.set_aside", "record.opportunity;"):
            assert client.get(f"/builds/{two.b}/tables/{name}/").status_code == 404, name
