"""What was planted about stages is found in mart.stage_entry: all of it and nothing else."""

from typing import Any

import pytest

from fairlead.actions.lifecycle import funnel
from fairlead.record.engine import Reader
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import planted


def reader_of(running: Running) -> Reader:
    build = running.workspace.lake.current()
    assert build
    return Reader(build)


@pytest.fixture(scope="module")
def rows(running: Running) -> list[dict[str, Any]]:
    reader = reader_of(running)
    try:
        sql = (
            "SELECT s.*, o.kind, o.source_id, lag(s.stage) OVER (PARTITION BY s.subject, s.flow, s.subject_id"
            " ORDER BY s.sequence) AS before FROM mart.stage_entry AS s LEFT JOIN record.opportunity AS o"
            " ON o.id = s.subject_id AND s.subject = 'opportunity' WHERE s.subject = 'opportunity' AND s.flow = 'sales'"
        )
        found: list[dict[str, Any]] = reader.rows(Query("stays", sql)).to_pylist()
        return found
    finally:
        reader.close()


def told(running: Running, fault: str) -> set[str]:
    return {row["record"] for row in planted(running.folder)[fault]}


def test_e41_skipped_stages_are_found_exactly(running: Running, rows: list[dict[str, Any]]) -> None:
    """Renewals begin further on by agreement: they jump too, and nobody planted that."""
    found = {r["source_id"] for r in rows if r["skipped"] and r["before"] == "discovery" and r["kind"] != "renewal"}
    assert found == told(running, "skipped_stage")
    assert found


def test_e39_reopened_deals_are_found_exactly(running: Running, rows: list[dict[str, Any]]) -> None:
    assert {r["source_id"] for r in rows if r["is_reopened"]} == told(running, "reopened_deal") != set()
    assert {r["source_id"] for r in rows if r["cycle"] == 2} == told(running, "reopened_deal")


def test_e42_deals_created_closed_are_found_exactly(running: Running, rows: list[dict[str, Any]]) -> None:
    assert {r["source_id"] for r in rows if r["is_created_closed"]} == told(running, "created_closed") != set()


def test_the_funnel_of_the_demo_counts_what_its_facts_say(running: Running) -> None:
    """People who came in over all time and were once qualified, accepted or engaged: counted from the facts alone."""
    found = funnel(running.workspace, start="2020", skipped="missing")
    reader = reader_of(running)
    try:
        sql = (
            "SELECT count(*) AS inquiry, count(mql_at) AS marketing_qualified, count(sql_at) AS sales_qualified"
            " FROM mart.facts_person WHERE created_at IS NOT NULL"
        )
        (facts,) = reader.rows(Query("facts", sql)).to_pylist()
    finally:
        reader.close()
    reached = {c.step: c.reached for c in found.counts}
    assert {name: reached[name] for name in facts} == facts
    assert all(c.advanced <= c.reached for c in found.counts)
