"""The REST API: the verbs' own numbers, a page at a time, tags, CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from fairlead.actions.asking import Asked, ask
from fairlead.actions.building import builds
from fairlead.actions.dictionary import terms
from fairlead.actions.explaining import dictionary, explain, rows_behind
from fairlead.actions.scoreboard import scoreboard
from fairlead.actions.why import why
from fairlead.desk.api.written import written
from fairlead.workspace import Workspace
from tests.desk.programs import Get, bearer, operations, token_of

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


def exact(value: float | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


# The numbers are those of the verbs.


def test_ask_gives_the_verbs_numbers(company_desk: Workspace, get: Get) -> None:
    asked = {"metrics": ["win_rate", "new_arr"], "per": "month", "by": ["account.segment"], "from": "2023"}
    table = ask(company_desk, ["win_rate", "new_arr"], per="month", by="account.segment", start="2023").table
    rows = get("/api/ask", **asked)["items"]
    assert len(rows) == table.num_rows > 10
    for row, expected in zip(rows, table.to_pylist(), strict=True):
        assert (row["metric"], row["period"], row["unit"]) == tuple(expected[n] for n in ("metric", "period", "unit"))
        assert row["by"] == {"account.segment": expected["account.segment"]}
        assert row["value"] == exact(expected["value"])
    assert any(row["value"] is None for row in rows)
    assert any(row["value"] for row in rows)


def test_money_is_a_number_exact_to_the_cent(get: Get) -> None:
    rows = get("/api/ask", metrics="new_arr", per="month")["items"]
    found = [row["value"] for row in rows if row["value"]]
    assert all(value == round(value, 2) for value in found)
    assert written([Decimal("12345678901234567.89"), Decimal("0.10")]) == "[12345678901234567.89,0.10]"


def test_the_scoreboard_is_the_verbs(company_desk: Workspace, get: Get) -> None:
    shown, board = get("/api/scoreboard"), scoreboard(company_desk)
    assert [s["metric"] for s in shown["scores"]] == [s.metric for s in board.scores]
    assert [s["value"] for s in shown["scores"]] == [exact(s.value) for s in board.scores]
    assert [s["status"] for s in shown["scores"]] == [str(s.status) for s in board.scores]
    assert shown["build"] == board.build
    assert shown["as_of"].endswith("Z")
    assert datetime.fromisoformat(shown["as_of"]) == board.as_of


def test_why_is_the_verbs_and_sums_up(company_desk: Workspace, get: Get) -> None:
    shown = get("/api/why", metric="pipeline_velocity", by="account.segment", **{"from": "2026-08", "to": "2026-09"})
    told = why(company_desk, "pipeline_velocity", start="2026-08", end="2026-09", by=("account.segment",))
    assert shown["change"] == told.change
    assert sum(part["part"] for part in shown["whole"]["parts"]) == shown["whole"]["part"] == told.whole.part
    assert shown["sentence"] == told.sentence
    assert [cut["dimension"] for cut in shown["cuts"]] == ["account.segment"]


def test_a_metric_is_what_explain_says(company_desk: Workspace, get: Get) -> None:
    shown, told = get("/api/metrics/M10"), explain(company_desk, "win_rate")
    assert (shown["name"], shown["sql"]) == ("win_rate", told.sql)
    assert shown["made_of"] == list(told.made_of)
    assert len(shown["lineage"]) == len(told.lineage) > 0
    assert get("/api/metrics/won")["metric"] is None


def test_the_tree_the_model_and_the_sources_answer(company_desk: Workspace, get: Get) -> None:
    model = company_desk.model
    tree = get("/api/tree")
    assert {(e["source"], e["target"]) for e in tree["edges"]} == {(e.source, e.target) for e in model.edges}
    assert set(model.metrics.metrics) <= {node["name"] for node in tree["nodes"]}
    lifecycle = get("/api/model/lifecycle")
    stages = next(s for s in lifecycle["sections"] if s["name"] == "stages")
    assert [entry["name"] for entry in stages["entries"]] == list(model.lifecycle.stages)
    assert {s["name"] for s in get("/api/model")["items"]} >= {"charter", "metrics", "cadence"}
    assert [s["name"] for s in get("/api/sources")["items"]] == [s.name for s in company_desk.sources]


def test_builds_are_the_verbs(company_desk: Workspace, get: Get) -> None:
    newest = builds(company_desk)[0]
    line = get("/api/builds", limit=1)["items"][0]
    assert (line["build"], line["rows_in"], line["kept"]) == (newest.build, newest.rows_in, newest.kept)
    shown = get(f"/api/builds/{newest.build}")
    assert shown["rows"] == dict(newest.rows)
    assert sum(table["rows_in"] for table in shown["tables"]) == newest.rows_in
    same = get(f"/api/builds/{newest.build}/compare/{newest.build}")
    assert same["only_a"] == same["only_b"] == []
    assert all(table["is_same"] for table in same["tables"])
    assert all(move["change"] in (0, None) for move in same["moves"])


def test_metrics_are_searched_and_chosen(company_desk: Workspace, get: Get) -> None:
    every = company_desk.model.metrics.metrics.values()
    assert get("/api/metrics", limit=500)["total"] == len(every)
    money = get("/api/metrics", limit=500, unit="money")["items"]
    assert {m["name"] for m in money} == {m.name for m in every if m.unit == "money"}
    first = get("/api/metrics", limit=500, tier=1, scoreboard="true")["items"]
    assert {m["name"] for m in first} == {m.name for m in every if m.tier == 1 and m.scoreboard}
    assert "win_rate" in {m["name"] for m in get("/api/metrics", q="WIN RATE")["items"]}
    assert get("/api/dictionary", q="win rate")["items"][0]["name"] == "win_rate"
    assert get("/api/dictionary/win_rate")["explained"]["name"] == "win_rate"


# Pages.


@pytest.mark.parametrize("size", [1, 7, 500])
def test_pages_cover_everything_once(company_desk: Workspace, get: Get, size: int) -> None:
    lists = {
        "/api/metrics": [e.name for e in dictionary(company_desk)],
        "/api/dictionary": [t.ref for t in terms(company_desk)],
    }
    for address, expected in lists.items():
        key = "ref" if "dictionary" in address else "name"
        wanted = expected[:3] if size == 1 else expected
        assert [item[key] for item in pages(get, address, size, most=len(wanted))] == wanted


def test_pages_of_rows_cover_every_record_once(company_desk: Workspace, get: Get) -> None:
    behind = rows_behind(company_desk, Asked(("win_rate",), start="2026-Q2", end="2026-Q3"))
    query = {"from": "2026-Q2", "to": "2026-Q3", "measure": "closed"}
    found = list(pages(get, f"/api/metrics/win_rate/rows?{urlencode(query)}", 4))
    assert [row["id"] for row in found] == behind["closed"].column("id").to_pylist()
    assert len(found) > 4


def test_an_answer_of_ask_is_paged_too(get: Get) -> None:
    whole = get("/api/ask", metrics="win_rate", per="month")["items"]
    assert list(pages(get, "/api/ask?metrics=win_rate&per=month", 5)) == whole


def pages(get: Get, address: str, size: int, most: int = 10**6) -> Iterator[Any]:
    """What `next` leads to, entry by entry."""
    at: str | None = f"{address}{'&' if '?' in address else '?'}limit={size}"
    told = 0
    while at and told < most:
        page = get(at)
        assert len(page["items"]) <= size
        yield from page["items"]
        told += len(page["items"])
        at = page["next"]
    if at is None:
        assert told == page["total"]


def test_a_page_past_the_end_is_empty(get: Get) -> None:
    page = get("/api/metrics", offset=10**9)
    assert (page["items"], page["next"]) == ([], None)
    assert page["total"] > 0


# Tags.


def test_what_has_not_changed_is_not_sent_again(company_desk: Workspace, program: "Client", alice: "User") -> None:
    for method, address in operations():
        if method != "get":
            continue
        first = program.get(address)
        tag = first["ETag"]
        assert tag.startswith('"'), "a strong tag"
        assert first["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Authorization", "Cookie"} <= set(first["Vary"].split(", "))
        again = program.get(address, headers={"if-none-match": f'"x", {tag}'})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        anybody = program.get(address, headers=bearer(token_of(alice, address)))
        assert anybody["ETag"] == tag, "the same question has one tag for everybody"
        assert program.get(address, headers={"if-none-match": '"other"'}).status_code == 200


def test_tags_differ_where_answers_do(program: "Client") -> None:
    asked = ["/api/metrics", "/api/metrics?limit=5", "/api/dictionary", "/api/ask?metrics=win_rate"]
    tags = [program.get(address)["ETag"] for address in asked]
    tags.append(program.get(asked[-1], headers={"accept": "text/csv"})["ETag"])
    assert len(set(tags)) == len(tags)


def test_the_tag_is_known_before_the_work(program: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from fairlead.desk.api import numbers

    tag = program.get("/api/scoreboard")["ETag"]

    def work(*_: object, **__: object) -> None:
        raise AssertionError("the work was done")

    monkeypatch.setattr(numbers, "scores", work)
    assert program.get("/api/scoreboard", headers={"if-none-match": tag}).status_code == 304


# CSV and HEAD.


def test_ask_as_csv_is_the_whole_answer(company_desk: Workspace, program: "Client") -> None:
    given = program.get("/api/ask?metrics=win_rate&per=month&limit=1", headers={"accept": "text/csv"})
    table = ask(company_desk, "win_rate", per="month").table
    rows = list(csv.DictReader(io.StringIO(b"".join(given.streaming_content).decode())))  # type: ignore[attr-defined]
    assert given["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["period"] for row in rows] == table.column("period").to_pylist()
    assert [float(row["value"]) if row["value"] else None for row in rows] == table.column("value").to_pylist()


def test_rows_as_csv_are_all_rows(company_desk: Workspace, program: "Client") -> None:
    given = program.get("/api/metrics/win_rate/rows?measure=closed&limit=1", headers={"accept": "text/csv"})
    behind = rows_behind(company_desk, Asked(("win_rate",)))["closed"]
    parts = list(given.streaming_content)  # type: ignore[attr-defined]
    assert len(b"".join(parts).splitlines()) == behind.num_rows + 1


@pytest.mark.parametrize(
    "address", ["/api/metrics/win_rate/rows?measure=closed", "/api/ask?metrics=win_rate&per=month"]
)
def test_csv_is_sent_in_parts(program: "Client", monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    from fairlead.actions import exporting
    from fairlead.desk.api import files

    monkeypatch.setattr(files, "csv_parts", lambda table: exporting.csv_parts(table, rows=2))
    csv_wanted = {"accept": "text/csv"}
    given = program.get(address, headers=csv_wanted)
    parts = [bytes(part) for part in given.streaming_content]  # type: ignore[attr-defined]
    assert max(part.count(b"\n") for part in parts) <= 2
    assert len(parts) > 2
    told = program.head(address, headers=csv_wanted)
    assert (told.status_code, list(told.streaming_content), told["ETag"]) == (200, [], given["ETag"])  # type: ignore[attr-defined]


def test_head_answers_like_get_without_the_body(program: "Client") -> None:
    asked, told = program.get("/api/metrics"), program.head("/api/metrics")
    assert (told.status_code, told.content, told["ETag"]) == (200, b"", asked["ETag"])
