"""The frame around every page, as the server sends it: its rooms, the list of the palette, files that stay small."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import fairlead.desk
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User


def test_the_rooms_list_their_pages_and_say_where_we_are(client: "Client", board: Any, bob: "User") -> None:
    client.force_login(bob)
    html = client.get("/").content.decode()
    assert re.findall(r'class="room"[^>]*>(\w+)', html) == ["Agreed", "Happened", "Means", "Done"]
    assert re.findall(r'aria-current="page">(\w+)</a></li>', html) == ["Scoreboard"]
    below = client.get("/dictionary/win_rate/").content.decode()
    assert re.findall(r'aria-current="true">(\w+)', below) == ["Dictionary"]


def test_a_page_that_is_not_there_is_in_no_room(monkeypatch: pytest.MonkeyPatch, desk: Workspace) -> None:
    from fairlead.desk import frame

    monkeypatch.setattr(frame, "ROOMS", (("Agreed", {"nowhere": "Nowhere"}), ("Means", {"scoreboard": "Scoreboard"})))
    assert [(room.name, [link.url for link in room.links]) for room in frame._rooms.__wrapped__("tree")] == [
        ("Means", ["/"])
    ]


def test_the_palette_s_list_holds_pages_metrics_terms_and_subjects(
    client: "Client", company_desk: Workspace, bob: "User"
) -> None:
    client.force_login(bob)
    entries = json.loads(client.get("/palette.json").content)
    by_kind = {kind: [e for e in entries if e["kind"] == kind] for kind in ("page", "metric", "term", "model")}
    assert {e["title"] for e in by_kind["page"]} >= {"Scoreboard", "Dictionary", "Model", "Builds"}
    assert len(by_kind["metric"]) == len(company_desk.model.metrics.metrics)
    win_rate = next(e for e in by_kind["metric"] if e["title"] == "Win rate")
    assert (win_rate["url"], "m10" in win_rate["also"]) == ("/metrics/win_rate/", True)
    assert {e["url"] for e in by_kind["model"]} >= {"/model/handoffs/", "/model/people/"}
    assert not {e["title"] for e in by_kind["term"]} & {e["title"] for e in by_kind["metric"]} - {"Forecast accuracy"}
    assert all(client.get(e["url"]).status_code == 200 for e in (*by_kind["page"], by_kind["term"][0]))


def test_the_palette_s_list_is_sent_again_only_when_it_changed(
    client: "Client", company_desk: Workspace, bob: "User"
) -> None:
    client.force_login(bob)
    first = client.get("/palette.json")
    again = client.get("/palette.json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/palette.json", headers={"If-None-Match": '"other"'}).status_code == 200
    assert "no-store" not in first["Cache-Control"]
    assert "private" in first["Cache-Control"]


def test_the_static_files_of_the_frame_are_small() -> None:
    static = Path(fairlead.desk.__file__).parent / "static" / "desk"
    assert sum((static / name).stat().st_size for name in ("tokens.css", "desk.css", "scoreboard.css")) < 27_000
    assert sum((static / name).stat().st_size for name in ("desk.js", "table.js", "palette.js")) < 24_000
