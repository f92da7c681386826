"""What was planted about stages is found in mart.stage_entry: all of it and nothing else."""

from datetime import date, timedelta
from typing import Any

import pytest

from fairlead.actions.flows import FlowAsked
from fairlead.actions.lifecycle import funnel
from fairlead.actions.presets import model_under, stays_of
from fairlead.record.engine import Reader
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import planted

AS_OF = date(2026, 10, 31)
CUSTOMERS = ("onboarding", "adopted", "renewal")


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
    found = funnel(running.workspace, FlowAsked(start="2020", skipped="missing"))
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


def test_c5_under_a_preset_a_deal_that_was_opened_is_an_opportunity(running: Running) -> None:
    """Counted from the facts alone: who was qualified by marketing, by sales, and who was then on a deal.

    It was opened since, or was still open when they came in.
    """
    found = funnel(running.workspace, FlowAsked(start="2020", skipped="missing", preset="four_stages"))
    reader = reader_of(running)
    try:
        sql = (
            "SELECT count(mql_at) AS mql, count(sql_at) AS sql, count(*) FILTER (WHERE EXISTS ("
            "FROM record.buying_role AS r JOIN record.opportunity AS o ON o.id = r.opportunity_id"
            " WHERE r.person_id = p.id AND r.deleted_at IS NULL AND"
            " greatest(o.created_at, coalesce(o.closed_at, o.deleted_at, 'infinity')) >= least(p.mql_at, p.sql_at, ("
            "SELECT min(TRY_CAST(h.old AS TIMESTAMPTZ)) FROM record.change AS h"
            " WHERE h.entity_id = p.id AND h.field IN ('mql_at', 'sql_at'))))) AS opportunity"
            " FROM mart.facts_person AS p"
        )
        (facts,) = reader.rows(Query("facts", sql)).to_pylist()
    finally:
        reader.close()
    reached = {c.step: c.reached for c in found.counts}
    assert {name: reached[name] for name in facts} == facts
    assert 0 < facts["opportunity"] < facts["sql"]
    assert 0 < reached["closed_won"] < reached["opportunity"]


def test_buyers_are_customers_under_every_preset_and_none_is_among_the_qualified(running: Running) -> None:
    """Counted from the deals: who is on one that was won since they came in, or is open."""
    nine, five = (funnel(running.workspace, FlowAsked(start="2020", preset=preset)) for preset in (None, "five_stages"))
    model = model_under(running.workspace, "five_stages")
    build = running.workspace.lake.current()
    assert build
    reader = reader_of(running)
    try:
        sql = (
            "WITH own AS (SELECT subject_id AS id, min(entered_at) AS came, max_by(stage, sequence) AS stage,"
            " bool_or(left_at IS NULL) AS is_there FROM stays WHERE subject = 'person' GROUP BY subject_id)"
            " SELECT p.*, coalesce(bool_or(o.is_won AND o.closed_at >= p.came), false) AS bought, coalesce(bool_or("
            "o.id IS NOT NULL AND o.closed_at IS NULL AND o.deleted_at IS NULL), false) AS is_selling"
            " FROM own AS p LEFT JOIN (record.buying_role AS r JOIN record.opportunity AS o"
            " ON o.id = r.opportunity_id AND r.deleted_at IS NULL) ON r.person_id = p.id GROUP BY ALL"
        )
        people = reader.rows(Query("people", sql), {"stays": stays_of(model, build)}).to_pylist()
    finally:
        reader.close()
    bought = {row["id"] for row in people if row["bought"]}
    there = {row["id"]: row for row in people if row["stage"] == "sql" and row["is_there"]}
    assert len(bought) > 20
    assert not bought & there.keys()
    assert not any(row["is_selling"] for row in there.values())
    assert five.standing["sql"] == len(there) > 0
    reached = {one.step: one.reached for found in (nine, five) for one in found.counts}
    assert reached["closed_won"] == len(bought)
    assert reached["customer"] == reached["onboarding"] > 0.9 * len(bought)


def test_what_was_lost_left_and_only_open_deals_are_there(running: Running) -> None:
    """Counted from the deals alone: those that were lost, with their money, and those that are open."""
    short, whole = (
        funnel(running.workspace, FlowAsked(start="2020", preset=preset)) for preset in ("four_stages", None)
    )
    reader = reader_of(running)
    try:
        lost = "is_closed AND NOT is_won AND closed_at < c.over AND deleted_at IS NULL"
        sql = (
            f"SELECT count(*) FILTER (WHERE {lost}) AS lost, sum(amount_converted) FILTER (WHERE {lost}) AS money,"
            " count(*) FILTER (WHERE deleted_at IS NULL AND (NOT is_closed OR closed_at >= c.over)) AS open,"
            " count(deleted_at) AS deleted FROM record.opportunity CROSS JOIN"
            f" (SELECT TIMESTAMPTZ '{short.as_of}' AS over) AS c WHERE created_at <= c.over"
        )
        (deals,) = reader.rows(Query("deals", sql)).to_pylist()
    finally:
        reader.close()
    (leak,) = [one for one in short.leaks if one.stage == "opportunity"]
    assert short.standing["opportunity"] == deals["open"] > 0
    assert deals["lost"] <= leak.left <= deals["lost"] + deals["deleted"]
    assert deals["deleted"] or leak.value == pytest.approx(float(deals["money"]))
    (people,) = [one for one in whole.leaks if one.stage == "sales_qualified"]
    (time,) = [one for one in whole.times if one.stage == "sales_qualified"]
    assert people.left > 0 < (people.value or 0)
    assert time.median is not None
    assert time.ended >= people.left


def test_renewals_have_a_history_a_time_and_their_own_leaks(running: Running) -> None:
    """Customers of a week ago and of a year ago in Renewal, counted day by day from what they paid for."""
    found = funnel(running.workspace, FlowAsked(start="2020"))
    reader = reader_of(running)
    try:
        sql = "FROM record.contract_line WHERE deleted_at IS NULL AND mrr > 0"
        lines = reader.rows(Query("lines", sql)).to_pylist()
    finally:
        reader.close()
    told = {one.week_ends: one.standing for one in found.weekly if one.stage == "renewal"}
    known = {key: paid_days(own) for key, own in by_account(lines).items()}
    for week in sorted(told)[::20]:
        there = sum(week in days and began_at(days, week) + timedelta(days=245) <= week for days in known.values())
        assert told[week] == there, week
    assert len({*told.values()}) > 10
    (time,) = [one for one in found.times if one.stage == "renewal"]
    (leak,) = [one for one in found.leaks if one.stage == "renewal"]
    gone = [one for one in found.moves if one.stage == "renewal" and one.way == "gone"]
    assert time.ended == sum(one.moves for one in gone) >= leak.left > 0


def by_account(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        found.setdefault(line["account_id"], []).append(line)
    return found


def paid_days(lines: list[dict[str, Any]]) -> set[date]:
    """Every day that was paid for, up to the last of the demo."""
    found: set[date] = set()
    for line in lines:
        over = min(line["ends_on"] or date.max, AS_OF + timedelta(days=1))
        found |= {line["starts_on"] + timedelta(days=n) for n in range((over - line["starts_on"]).days)}
    return found


def began_at(days: set[date], day: date) -> date:
    """The first day of the run of days that this one is of."""
    while day - timedelta(days=1) in days:
        day -= timedelta(days=1)
    return day


def test_customers_who_came_back_have_a_second_cycle_and_none_is_there_while_away(running: Running) -> None:
    """Runs of paid days are cycles; every week those in stages of customers are those who paid on its last day."""
    found = funnel(running.workspace, FlowAsked(start="2020"))
    reader = reader_of(running)
    try:
        sql = "FROM record.contract_line WHERE deleted_at IS NULL AND mrr > 0"
        known = {key: paid_days(own) for key, own in by_account(reader.rows(Query("lines", sql)).to_pylist()).items()}
        sql = (
            "SELECT subject_id AS id, cycle, min(entered_on) AS began FROM mart.stage_entry"
            " WHERE subject = 'account' GROUP BY subject_id, cycle"
        )
        cycles = {(row["id"], row["cycle"]): row["began"] for row in reader.rows(Query("cycles", sql)).to_pylist()}
    finally:
        reader.close()
    runs = {key: sorted(day for day in days if day - timedelta(days=1) not in days) for key, days in known.items()}
    assert cycles == {(key, n): day for key, begun in runs.items() for n, day in enumerate(begun, 1)}
    assert any(len(begun) > 1 for begun in runs.values())
    for week in sorted({one.week_ends for one in found.weekly})[::8]:
        there = sum(one.standing for one in found.weekly if one.week_ends == week and one.stage in CUSTOMERS)
        assert there == sum(week in days for days in known.values()), week
