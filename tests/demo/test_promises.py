"""The clocks of the demo company find whom nobody answered for a day: all that were planted, and no others."""

from datetime import UTC, datetime, timedelta

from fairlead.actions.building import recipe
from fairlead.actions.clocks import clocks
from fairlead.record.build import existing
from fairlead.record.engine import Reader
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import planted


def test_leads_that_waited_a_day_or_for_ever_are_the_planted_ones(running: Running) -> None:
    build = running.workspace.lake.current()
    assert build is not None
    rows = Reader(build).rows(
        Query(
            "slow",
            "SELECT DISTINCT i.ref FROM mart.clock AS c"
            " JOIN record.identity AS i ON i.entity = 'person' AND i.id = c.person_id"
            " WHERE c.policy = 'mql_to_sql' AND i.ref LIKE 'hubspot:%'"
            " AND coalesce(c.stopped_at, c.measured_at) - c.started_at > INTERVAL 24 HOUR",
        )
    )
    told = {row["record"] for row in planted(running.folder)["slow_response"]}
    found = {ref.removeprefix("hubspot:") for ref in rows["ref"].to_pylist()}
    twins = {row["record"] for row in planted(running.folder)["duplicate_person"]}
    assert told
    assert found - twins == told


def test_the_clocks_of_the_company_add_up(running: Running) -> None:
    found = clocks(running.workspace, by="segment")
    assert {line.policy for line in found.lines} >= {"mql_to_sql", "lead_acceptance", "kickoff", "evaluation_time"}
    for line in found.lines:
        tally = line.tally
        assert tally.clocks == tally.counted + tally.pending
        assert tally.counted == tally.met + tally.breached + tally.overdue
        assert tally.clocks == sum(cut.tally.clocks for cut in found.cut if cut.policy == line.policy)
    assert sum(cell.tally.clocks for cell in found.hours) == sum(line.tally.clocks for line in found.lines)
    assert found.overdue_total >= len(found.overdue) > 0
    assert all(late.due_at < (found.measured_at or late.due_at) for late in found.overdue)
    assert all(one.untried + one.tried_late <= one.clocks for one in found.attempts)


def test_the_policies_in_force_tried_again_give_what_was(running: Running) -> None:
    found = clocks(running.workspace, under="now")
    assert found.tried
    assert all(one.was == one.would_be for one in found.tried)


def test_a_sync_that_brings_nothing_makes_no_other_build(running: Running) -> None:
    """The SQL of the clocks holds when policies changed; noting that a model is in use must not move it."""
    again, _ = recipe(running.workspace, datetime.now(UTC) + timedelta(days=1))
    assert existing(running.workspace.lake, again) == running.workspace.lake.current()
