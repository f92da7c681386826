"""Leads that sales returned: every one who came back is found as such, and every reason that nobody agreed on."""

from typing import Any

import pytest

from fairlead.actions.asking import opened
from fairlead.actions.handing import handoff
from fairlead.actions.pricing import seen
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import export, planted

RETURNS = (
    "SELECT h.*, i.ref, e.cycle AS stay_cycle FROM mart.handoff AS h"
    " JOIN record.identity AS i ON i.entity = 'person' AND i.id = h.person_id AND i.ref LIKE 'hubspot:%'"
    " LEFT JOIN mart.stage_entry AS e ON e.subject_id = h.person_id AND e.stage = 'marketing_qualified'"
    " AND e.entered_at = h.triggered_at WHERE h.handoff = 'mql_to_sql'"
)


@pytest.fixture(scope="module")
def rows(running: Running) -> list[dict[str, Any]]:
    """The leads handed to sales, those of contacts that were entered twice left out."""
    build = running.workspace.lake.current()
    assert build is not None
    twins = {f"hubspot:{row['record']}" for row in planted(running.folder)["duplicate_person"]}
    found = opened(build).reader.rows(Query("handed over", RETURNS)).to_pylist()
    return [row for row in found if row["ref"] not in twins]


def test_r44_everybody_who_came_back_is_found_and_nobody_else(running: Running, rows: list[dict[str, Any]]) -> None:
    told = {f"hubspot:{row['record']}": row["detail"] for row in planted(running.folder)["came_back"]}
    again = {row["ref"]: row for row in rows if row["cycle"] == 2}
    assert set(again) == set(told)
    assert len(told) > 10
    assert {ref for ref, row in again.items() if row["is_converted"]} == {
        ref for ref, detail in told.items() if detail.endswith("qualified after all")
    }
    for ref, row in again.items():
        assert str(row["triggered_on"]) == told[ref][:10]
        assert row["stay_cycle"] == 2
    assert {row["ref"] for row in rows if row["came_back"]} == set(told)
    assert max(row["cycle"] for row in rows) == 2


def test_r44_reasons_that_nobody_agreed_on_are_found_and_no_others(
    running: Running, rows: list[dict[str, Any]]
) -> None:
    last = {row["ref"]: row for row in rows if row["is_returned"]}
    told = {f"hubspot:{row['record']}": row["detail"] for row in planted(running.folder)["unagreed_reason"]}
    assert {ref: row["return_reason"] for ref, row in last.items() if row["is_reason_agreed"] is False} == told != {}
    assert {row["is_reason_agreed"] for row in rows if row["is_returned"]} == {True, False}


def test_the_first_reason_of_who_was_returned_twice_is_known(running: Running, rows: list[dict[str, Any]]) -> None:
    words = {"Not now": "bad_timing", "No authority": "wrong_contact", "Bad fit": "no_fit"}
    words |= {"Unreachable": "no_response", "Competitor": "competitor"}
    history = export(running.folder, "hubspot/contact_history.csv")
    before = {f"hubspot:{r['contactId']}": r["previousValue"] for r in history if r["property"] == "recycle_reason"}
    found = {row["ref"]: row["return_reason"] for row in rows if row["cycle"] == 1 and row["ref"] in before}
    assert found == {ref: words.get(reason, reason) for ref, reason in before.items()} != {}


def test_recycling_is_told_by_reason_source_persona_and_rep(running: Running, rows: list[dict[str, Any]]) -> None:
    told = handoff(seen(running.workspace), "mql_to_sql").recycled
    assert {one.dimension for one in told} == {"return_reason", "source", "persona", "taker"}
    reasons = [one for one in told if one.dimension == "return_reason"]
    assert sum(one.came_back for one in reasons) == len(planted(running.folder)["came_back"])
    assert 0 < sum(one.converted for one in reasons) < sum(one.came_back for one in reasons)
    assert {one.value for one in reasons if one.not_agreed} <= {"Student", "Call again in spring"}
