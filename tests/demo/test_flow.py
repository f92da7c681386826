"""What was planted in the flow of deals and leads is found: pauses, shares, waivers, unwritten items, and no others."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from fairlead.actions.churning import left_early
from fairlead.actions.handing import handoffs
from fairlead.actions.pricing import seen
from fairlead.demo.standstill import WAYS
from fairlead.record.engine import Reader
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import export, planted, rows

BUDGET = 30 * 86400
ITEMS = {"goals", "commitments", "scope", "deciders", "contacts_at_customer", "kickoff_date"}


@pytest.fixture(scope="module")
def reader(running: Running) -> Iterator[Reader]:
    build = running.workspace.lake.current()
    assert build is not None
    there = Reader(build)
    yield there
    there.close()


def asked(reader: Reader, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.rows(Query("asked", sql)).to_pylist()
    return found


def test_e72_every_paused_clock_is_found_with_its_seconds_and_no_other(running: Running, reader: Reader) -> None:
    told = {
        (row["policy"], f"salesforce:{row['record']}"): int(row["paused_seconds"])
        for row in rows(running.folder / "truth" / "clocks.csv")
        if row["paused_seconds"] != "0"
    }
    found = asked(reader, "FROM mart.clock WHERE paused_seconds > 0 OR state = 'paused'")
    assert {(row["policy"], row["subject_id"]): row["paused_seconds"] for row in found} == told
    ways = {f"salesforce:{row['record']}": row["detail"] for row in planted(running.folder)["paused_clock"]}
    assert {row["subject_id"] for row in found} == set(ways)
    assert set(ways.values()) == set(WAYS)
    for row in found:
        assert (row["state"] == "paused") is (ways[row["subject_id"]] == "parked still")
        assert (row["paused_seconds"] == BUDGET) is (ways[row["subject_id"]] == "longer than the budget")


def test_pauses_that_overlap_take_their_union_out_once(running: Running, reader: Reader) -> None:
    """Read from the export: parked and waiting for some days at once, which is less than both and more than each."""
    words = {"ForecastCategoryName": "Omitted", "NextStep": "Waiting for the customer"}
    both = {row["record"] for row in planted(running.folder)["paused_clock"] if row["detail"].endswith("at once")}
    spans: dict[str, list[str]] = defaultdict(list)
    for row in export(running.folder, "salesforce/OpportunityFieldHistory.csv"):
        if row["OpportunityId"] in both and words.get(row["Field"]) in (row["OldValue"], row["NewValue"]):
            spans[row["OpportunityId"]].append(row["CreatedDate"])
    assert spans.keys() == both != set()
    for deal, times in spans.items():
        sql = (
            f"SELECT paused_seconds, epoch(TIMESTAMPTZ '{max(times[:4])}') - epoch(TIMESTAMPTZ '{min(times)}') AS whole"
            f" FROM mart.clock WHERE subject_id = 'salesforce:{deal}' AND policy = 'evaluation_time'"
        )
        (clock,) = asked(reader, sql)
        assert clock["paused_seconds"] == clock["whole"]


def test_e77_every_clock_that_changed_hands_is_found_with_its_shares_and_no_other(
    running: Running, reader: Reader
) -> None:
    told = {
        (row["policy"], row["record"], row["member"]): float(row["share"])
        for row in rows(running.folder / "truth" / "clocks.csv")
    }
    found = {
        (row["policy"], *(row[key].removeprefix("salesforce:") for key in ("subject_id", "member_id"))): row["share"]
        for row in asked(reader, "FROM mart.clock_share WHERE share < 1")
    }
    parted = {key: share for key, share in told.items() if share < 1}
    assert found == pytest.approx(parted, abs=1e-9)
    assert {record for _, record, _ in parted} == {row["record"] for row in planted(running.folder)["changed_hands"]}
    assert {policy for policy, _, _ in parted} == {"evaluation_time", "lead_acceptance"}
    whole = {key: share for key, share in told.items() if share == 1}
    sql = "SELECT subject_id, member_id FROM mart.clock_share WHERE share = 1 AND policy = 'evaluation_time'"
    one = {(row["subject_id"], row["member_id"]) for row in asked(reader, sql)}
    assert {(f"salesforce:{record}", f"salesforce:{member}") for _, record, member in whole} <= one


def test_waivers_that_held_let_pass_and_no_others_did(running: Running, reader: Reader) -> None:
    """One that had run out, and one that was taken back, leave the deal where it is: slipped through."""
    told = planted(running.folder)
    sql = "SELECT w.source_id, g.* FROM mart.gate AS g JOIN record.waiver AS w ON w.subject_id = g.subject_id"
    gates = {row["source_id"]: row for row in asked(reader, f"{sql} AND w.stage = g.stage WHERE g.is_passed")}
    every = {kind: told[kind] for kind in ("waived_gate", "waiver_run_out", "waiver_taken_back", "waived_then_churned")}
    assert {row["record"] for found in every.values() for row in found} == set(gates)
    for kind, found in every.items():
        assert found
        for row in found:
            gate, holds = gates[row["record"]], kind.startswith("waived")
            assert (gate["is_waived"], gate["is_slipped"], gate["is_clean"]) == (holds, not holds, False)
            deal, _, rest = row["detail"].partition(", ")
            assert gate["subject_id"] == f"salesforce:{deal}"
            assert rest == f"{gate['stage']}: {gate['waiver_reason']}" if holds else gate["waiver_reason"] is None
    count = asked(reader, "SELECT count(*) AS waived FROM mart.gate WHERE is_waived")
    assert count == [{"waived": sum(len(every[kind]) for kind in ("waived_gate", "waived_then_churned"))}]


def test_r100_of_who_left_early_it_is_told_which_gate_was_waived_and_what_was_not_written_down(
    running: Running,
) -> None:
    found = {one.opportunity_id: one for one in left_early(seen(running.workspace)).churned}
    told = planted(running.folder)
    unwritten = defaultdict(set)
    for row in told["not_written_down"]:
        unwritten[row["record"]].add(row["detail"])
    waived = {deal: rest for deal, _, rest in (row["detail"].partition(", ") for row in told["waived_then_churned"])}
    assert {f"salesforce:{deal}" for deal in waived} == set(found)
    for deal, detail in waived.items():
        one, (stage, _, why) = found[f"salesforce:{deal}"], detail.partition(": ")
        assert [(leave.stage, leave.reason) for leave in one.waived] == [(stage, why)]
        assert all(leave.by for leave in one.waived)
        assert stage not in one.slipped.split(", ")
        assert {item for item in one.unwritten.split(", ") if item} == unwritten[deal]
        assert {item for item in one.written.split(", ") if item} == ITEMS - unwritten[deal]


def test_what_nobody_wrote_down_is_missing_and_nothing_else(running: Running, reader: Reader) -> None:
    told = {(f"salesforce:{row['record']}", row["detail"]) for row in planted(running.folder)["not_written_down"]}
    sql = "SELECT DISTINCT subject_id, item FROM mart.handoff_item WHERE handoff LIKE 'closed_won%' AND NOT is_there"
    assert {(row["subject_id"], row["item"]) for row in asked(reader, sql)} == told
    assert {item for _, item in told} == ITEMS
    handed = asked(reader, "FROM mart.handoff WHERE handoff = 'closed_won_to_onboarding'")
    assert all(row["seen"] == row["needed"] == len(ITEMS) for row in handed)
    missing = {(row["subject_id"], item) for row in handed for item in (row["missing"] or "").split(", ") if item}
    assert missing == {(deal, item) for deal, item in told if deal in {row["subject_id"] for row in handed}}


def test_the_gaps_of_the_kickoff_are_counted_exactly(running: Running) -> None:
    gaps = {gap.gap: gap for gap in handoffs(seen(running.workspace)).gaps if gap.handoff == "closed_won_to_onboarding"}
    kinds = {row["Id"]: row["Type"] for row in export(running.folder, "salesforce/Opportunity.csv")}
    told: dict[str, int] = defaultdict(int)
    for row in planted(running.folder)["not_written_down"]:
        told[row["detail"]] += kinds[row["record"]] == "New Business"
    assert {item: gaps[item].lacking for item in ITEMS} == told
