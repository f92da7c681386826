"""Sources: how fresh each is, what it gives down to the column, and what to do when it is not."""

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.checking import check_all
from fairlead.actions.sources import sources
from fairlead.actions.supplying import supplies
from fairlead.desk.pages.sources import RECENT
from fairlead.picture.wording import moment_words
from fairlead.workspace import Workspace, open_workspace
from tests.desk.conftest import write_workspace
from tests.desk.copies import Two, browsing, copied, edited, within
from tests.desk.reader import text, with_column

if TYPE_CHECKING:
    from django.test import Client


def read(client: "Client", address: str = "/sources/", status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def tried(client: "Client") -> str:
    """The page with every mapping tried: it says that it is trying until it is done."""
    until = time.monotonic() + 60
    while "Each mapping is being tried" in (html := read(client, "/sources/?tried")):
        assert "hx-trigger" in html
        assert time.monotonic() < until
    return html


def plain(words: str) -> str:
    """Words with ordinary blanks, as the reader of pages folds them."""
    return " ".join(words.split())


def of_source(html: str, name: str) -> str:
    return within(html, f'<section class="panel entry" id="{name}"')


def test_every_source_stands_there_with_its_freshness(page: "Client", company: Workspace) -> None:
    shown = with_column(read(page), "Stands")
    states = sources(company)
    assert len(states) == 7
    for row, state in zip(shown.rows, states, strict=True):
        assert state.seen_at
        assert row[0].text == state.name
        assert row[1].text == ("stale" if state.is_stale else "fresh")
        assert row[2].text == plain(moment_words(state.seen_at, company.manner))
        assert int(row[4].value or "") == sum(t.rows for t in state.tables)
        assert row[5].text == ", ".join(state.records)


def test_a_source_tells_its_tables_files_and_exports(page: "Client", company: Workspace) -> None:
    html = read(page)
    for state in sources(company):
        part = of_source(html, state.name)
        assert plain(state.says) in text(part)
        shown = with_column(part, "Files")
        assert [(r[0].text, r[1].text, int(r[2].value or ""), int(r[5].value or "")) for r in shown.rows] == [
            (t.name, "".join(t.files), t.rows, t.exports) for t in state.tables
        ]
        exports = with_column(part, "Brought")
        assert len(exports.rows) == sum(t.exports for t in state.tables)


def test_what_a_source_fills_is_that_of_its_mapping(page: "Client", company: Workspace) -> None:
    current = company.lake.current()
    assert current
    said = json.loads((current / "build.json").read_text())
    html = read(page)
    for stage in said["lineage"]:
        part = text(of_source(html, stage["source"]))
        assert f"{stage['table']} from {stage['raw']}" in part
        for column, names in stage["columns"].items():
            assert f"{column} {', '.join(names) or 'always the same'}" in part, (stage["table"], column)


def test_a_stale_source_says_so_and_what_to_do(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme")
    edited(place.root, "fairlead.yaml", ("today: 2026-10-31", "today: 2099-01-01"))
    with browsing(place) as client:
        html = read(client)
        assert [row[1].text for row in with_column(html, "Stands").rows] == ["stale"] * 7
        assert "7 of 7 sources are stale" in text(html)
        assert "Put a fresh export into data/salesforce/ and run fairlead sync" in text(of_source(html, "salesforce"))


def test_how_old_is_too_old_is_the_companys_to_say(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme")
    edited(place.root, "fairlead.yaml", ("today: 2026-10-31", "today: 2099-01-01\nstale_after: 100000 days"))
    with browsing(place) as client:
        assert [row[1].text for row in with_column(read(client), "Stands").rows] == ["fresh"] * 7


def test_every_export_is_told_with_what_it_brought(two: Two) -> None:
    (crm,) = [s for s in supplies(two.place, tried=False) if s.state.name == "salesforce"]
    told = [(e.table, e.had_news, e.rows) for e in crm.exports]
    newest: Mapping[str, bool] = {table: news for table, news, _ in reversed(told)}
    assert sum(newest.values()) == 1, "one table had news, the others were looked at again"
    with browsing(two.place) as client:
        shown = with_column(of_source(read(client), "salesforce"), "Brought")
        assert [(r[1].text, r[2].text, int(r[4].value or "")) for r in shown.rows] == [
            (table, "news" if news else "as before", rows) for table, news, rows in told[:RECENT]
        ]


def test_the_problems_of_a_mapping_stand_there_with_file_and_line(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme")
    mapping = place.root / "data" / "ads" / "mapping.yaml"
    mapping.write_text(mapping.read_text() + "\n    nonsense: 1\n")
    with browsing(place) as client:
        said = text(tried(client))
        mine = [p for p in check_all(open_workspace(place.root)) if p.where and "ads/mapping" in p.where.file]
        assert mine
        for problem in mine:
            assert problem.message in said
            assert str(problem.where) in said
        assert "What is wrong with ads" in said


def test_mappings_that_hold_are_said_to_hold(page: "Client") -> None:
    assert "Each mapping was tried against what was read: nothing is wrong." in text(tried(page))
    assert "Try each mapping" in text(read(page))


def test_while_mappings_are_tried_the_page_answers_and_says_so(page: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from fairlead.desk import trying

    go = threading.Event()
    monkeypatch.setattr(trying, "TRIED", {})
    monkeypatch.setattr(trying, "supplies", lambda *_, **__: go.wait(30))
    assert "Each mapping is being tried" in read(page, "/sources/?tried")
    go.set()
    assert "Each mapping was tried" in tried(page)


def test_without_sources_the_page_says_where_exports_go(tmp_path: Path) -> None:
    with browsing(write_workspace(tmp_path / "acme")) as client:
        assert "There is nothing to read yet" in text(read(client))


def test_a_source_that_was_never_read_says_so(tmp_path: Path) -> None:
    place = write_workspace(tmp_path / "acme")
    folder = place.root / "data" / "<b>crm"
    folder.mkdir(parents=True)
    (folder / "deals.csv").write_text("id,amount\n1,5\n")
    with browsing(open_workspace(place.root)) as client:
        html = read(client)
        assert with_column(html, "Stands").rows[0][1].text == "never read"
        assert "Never looked at" in text(html)
        assert "<b>crm" not in html
