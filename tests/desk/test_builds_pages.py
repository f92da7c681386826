"""Builds: the figures are the verbs', every row set aside can be read and kept, and two builds are told apart."""

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from fairlead.actions.building import builds, mapped, set_aside
from fairlead.actions.comparing import compare_builds
from fairlead.actions.inspecting import Only, inspect, rows_aside
from fairlead.model.diff import diff
from fairlead.workspace import Workspace
from tests.desk.conftest import write_workspace
from tests.desk.copies import Two, browsing, copied
from tests.desk.reader import HOSTILE, Table, links, read, text, with_column

if TYPE_CHECKING:
    from django.test import Client


def numbers(shown: Table, column: str) -> list[int]:
    return [int(cell.value or "") for cell in shown.column(column)]


def aside_of(place: Workspace) -> pd.DataFrame:
    """The rows set aside as the build's file has them, read by somebody else."""
    current = place.lake.current()
    assert current
    return pd.read_parquet(current / "quality" / "set_aside.parquet")


# The list and one build


def test_the_list_has_every_build_with_its_counts_and_marks_the_published(page: "Client", company: Workspace) -> None:
    shown = with_column(read(page, "/builds/"), "Rows in")
    (only,) = builds(company)
    (row,) = shown.rows
    assert row[0].text == f"{only.build} published"
    assert row[0].href == f"/builds/{only.build}/"
    assert numbers(shown, "Rows in") == [only.rows_in]
    assert numbers(shown, "Kept") == [only.kept]
    assert numbers(shown, "Set aside") == [only.set_aside]
    assert shown.column("Model")[0].text == f"{only.model_digest[:8]} today\u2019s"


def test_a_build_shows_what_the_verb_says(page: "Client", company: Workspace) -> None:
    found = inspect(company)
    html = read(page, f"/builds/{found.built.build}/")
    kept = with_column(html, "References emptied")
    assert [(r[0].text, r[1].text) for r in kept.rows] == [(t.table, t.source) for t in found.built.tables]
    for column, name in {
        "Rows in": "rows_in", "Kept": "kept", "Set aside": "set_aside", "Left out": "left_out",
        "References emptied": "broken_references", "Came empty": "empty_references",
    }.items():  # fmt: skip
        assert numbers(kept, column) == [getattr(t, name) for t in found.built.tables], column
    current = company.lake.current()
    assert current
    said = json.loads((current / "build.json").read_text())
    inputs = with_column(html, "Loads")
    assert [f"{r[0].text}/{r[1].text}" for r in inputs.rows] == sorted(
        {load.rpartition("/")[0] for load in said["loads"]}
    )
    assert sum(numbers(inputs, "Loads")) == len(said["loads"])
    for row in inputs.rows:
        assert row[2].text == "".join(said["files"][f"{row[0].text}/{row[1].text}"])
    written = with_column(html, "What a row is")
    assert {r[0].text: int(r[2].value or "") for r in written.rows} == said["rows"]
    values = with_column(html, "Read as")
    assert [(r[0].text, r[3].text, int(r[5].value or "")) for r in values.rows] == [
        (f"{m.table}.{m.column}", m.found, m.rows) for m in mapped(current)
    ]


def test_reasons_have_an_example_and_lead_to_their_rows(page: "Client", company: Workspace) -> None:
    current = company.lake.current()
    assert current
    shown = with_column(read(page, f"/builds/{current.name}/"), "For example")
    reasons = set_aside(company, current)
    assert len(reasons) > 3
    for row, reason in zip(shown.rows, reasons, strict=True):
        assert row[0].text == reason.reason.replace("-", " ")
        assert int(row[1].value or "") == reason.rows
        assert row[5].text == f"{reason.file}:{reason.line}"
        assert row[1].href
        behind = with_column(read(page, row[1].href.replace("&amp;", "&")), "What is wrong")
        assert len(behind.rows) == reason.rows
        assert {cell.text for cell in behind.column("Reason")} == {reason.reason}


def test_a_build_is_found_by_the_beginning_of_its_name_and_others_are_not_there(
    page: "Client", company: Workspace
) -> None:
    (only,) = builds(company)
    assert only.build in read(page, f"/builds/{only.build[:14]}/")
    for name in ("nope", "..", "%2e%2e", "x" * 300, "%3Cscript%3E", only.build + "0"):
        html = page.get(f"/builds/{name}/")
        assert html.status_code in (301, 404), name
        assert b"<script>alert" not in html.content


# Rows set aside


def test_rows_set_aside_are_those_of_the_file(page: "Client", company: Workspace) -> None:
    wanted = aside_of(company)
    shown = with_column(read(page, f"/builds/{builds(company)[0].build}/set-aside/"), "What is wrong")
    assert len(shown.rows) == len(wanted)
    places = {f"{file}:{line:.0f}" for file, line in zip(wanted["file"], wanted["line"], strict=True)}
    assert {cell.text for cell in shown.column("At")} == places
    assert {cell.text for cell in shown.column("What is wrong")} == {" ".join(d.split()) for d in wanted["detail"]}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rows_set_aside_can_be_kept(page: "Client", company: Workspace, form: str) -> None:
    answer = page.get(f"/builds/{builds(company)[0].build}/set-aside.{form}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'{builds(company)[0].build}.{form}"')
    file = io.BytesIO(b"".join(answer))
    got = pd.read_csv(file) if form == "csv" else pd.read_excel(file)
    wanted = aside_of(company)
    assert list(got.columns) == ["table", "source", "key", "reason", "detail", "file", "line", "row"]
    assert sorted(zip(got["file"], got["line"], got["reason"], strict=True)) == sorted(
        zip(wanted["file"], wanted["line"], wanted["reason"], strict=True)
    )


def test_a_file_that_does_not_hold_all_of_them_says_so(
    page: "Client", company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairlead.desk import downloads

    address = f"/builds/{builds(company)[0].build}/set-aside"
    assert "the first" not in text(page.get(f"{address}/").content.decode())
    monkeypatch.setitem(downloads.MOST, "xlsx", 3)
    assert len(aside_of(company)) > 3
    said = text(page.get(f"{address}/").content.decode())
    assert "Excel the first 3" in said
    assert "CSV the first" not in said
    assert len(pd.read_excel(io.BytesIO(b"".join(page.get(f"{address}.xlsx"))))) == 3


def test_a_file_of_another_form_and_other_verbs_are_refused(page: "Client", company: Workspace) -> None:
    assert page.get(f"/builds/{builds(company)[0].build}/set-aside.exe").status_code == 404
    assert page.post("/builds/").status_code == 405


def test_filters_that_fit_nothing_say_so_and_hostile_ones_stay_text(page: "Client", company: Workspace) -> None:
    address = f"/builds/{builds(company)[0].build}/set-aside/"
    answer = page.get(address, {"reason": HOSTILE, "table": "' OR 1=1 --"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "There are none." in text(html)
    assert "<script>alert" not in html
    for number in ("999", "1", ""):
        assert page.get(address, {"page": number}).status_code == 200
    for number in ("-1", "0", "x", "٣", "1e3"):
        answer = page.get(address, {"page": number})
        assert answer.status_code == 400
        assert f"'{number}' is no page. Pages count from 1." in text(answer.content.decode())


def test_pages_hold_every_row_once(company: Workspace) -> None:
    total = len(aside_of(company))
    rows = [row for n in range(1, total + 1) for row in rows_aside(company, size=1, page=n).rows.to_pylist()]
    assert len({json.dumps(row) for row in rows}) == total
    assert rows_aside(company, size=4).pages == -(-total // 4)
    assert rows_aside(company, size=4, page=99).page == -(-total // 4)
    assert rows_aside(company, only=Only(reason="nope")).total == 0


def test_five_thousand_rows_are_turned_page_by_page_and_kept_whole(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme")
    few = aside_of(place)
    many = pd.concat(
        [few.assign(source_id=few["source_id"] + f"-{n}", detail=HOSTILE) for n in range(-(-5000 // len(few)))]
    )
    current = place.lake.current()
    assert current
    many["line"] = many["line"].astype("Int64")
    many.to_parquet(current / "quality" / "set_aside.parquet", index=False)
    with browsing(place) as client:
        html = read(client, f"/builds/{current.name}/set-aside/?page=3")
        assert len(with_column(html, "What is wrong").rows) == 200
        assert f"Page 3 of {-(-len(many) // 200)}" in text(html)
        assert "<script>alert" not in html
        assert f"{len(many):,} rows" in text(html)
        kept = b"".join(client.get(f"/builds/{current.name}/set-aside.csv"))
        assert len(pd.read_csv(io.BytesIO(kept))) == len(many)


# Empty


def test_before_the_first_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    with browsing(write_workspace(tmp_path / "acme")) as client:
        assert "Nothing has been built yet" in text(read(client, "/builds/"))
        assert "There is no build" in text(read(client, "/builds/2026/", 404))


# Two builds


@pytest.fixture
def reader(two: Two) -> Iterator["Client"]:
    with browsing(two.place) as client:
        yield client


def test_two_chosen_builds_are_compared_and_one_twice_is_not(reader: "Client", two: Two) -> None:
    answer = reader.get("/builds/", {"a": two.a, "b": two.b})
    assert (answer.status_code, answer["Location"]) == (302, f"/builds/{two.a}/{two.b}/")
    assert "That is one build twice" in text(read(reader, f"/builds/?a={two.a}&b={two.a}"))
    form = read(reader, "/builds/")
    assert form.count(f'<option value="{two.a}"') == 2
    assert "There is no build" in text(read(reader, f"/builds/{two.a}/nope/", 404))


def test_the_difference_is_that_of_the_verb(reader: "Client", two: Two) -> None:
    html = read(reader, f"/builds/{two.a}/{two.b}/")
    found = compare_builds(two.place, two.a, two.b)
    models = [two.place.model_of(built.model_digest) for built in (found.a, found.b)]
    assert models[0]
    assert models[1]
    said = text(html)
    changes = diff(models[0], models[1])
    assert changes
    for change in changes:
        assert change.says in said
    new = with_column(html, "Seen")
    assert [(row[0].text, row[1].text) for row in new.rows] == [tuple(load.split("/")[:2]) for load in found.only_b]
    differing = [t for t in found.tables if not t.is_same]
    assert f"{len(found.tables) - len(differing)} counts are the same" in said


def test_each_number_is_told_before_and_now_and_its_parts_add_up(reader: "Client", two: Two) -> None:
    shown = with_column(read(reader, f"/builds/{two.a}/{two.b}/"), "Told before")
    found = compare_builds(two.place, two.a, two.b)
    assert len(found.moves) > 5
    assert [row[0].text for row in shown.rows if row] != []
    kinds = ("Definition changed", "Came in late", "Corrected", "Removed", "Happened since")
    told = 0
    for row, why in zip(shown.rows, found.moves, strict=True):
        assert row[0].text.startswith(why.label)
        assert row[0].href
        assert row[0].href.startswith(f"/metrics/{why.metric}/why/?from={why.period_from}")
        if why.change is None:
            continue
        parts = [row[shown.head.index(kind)] for kind in kinds if kind in shown.head]
        assert sum(Decimal(cell.value or 0) for cell in parts) == why.change, why.metric
        assert Decimal(row[shown.head.index("Change")].value or 0) == why.change
        told += why.change != 0
    assert told
    moved = {why.metric: {part.kind: part for part in why.record} for why in found.moves}
    assert moved["win_rate"]["definition"].part != 0


def test_a_build_can_be_compared_with_the_one_before_it(reader: "Client", two: Two) -> None:
    html = read(reader, f"/builds/{two.b}/")
    assert f'<option value="{two.a}">' in html
    assert "the one before" in html
    assert inspect(two.place, two.b).before == two.a
    assert not inspect(two.place, two.a).is_agreed
    assert "not today\u2019s model" in text(read(reader, f"/builds/{two.a}/"))
    assert f"/builds/{two.a}/" in links(read(reader, "/builds/"))
