"""The gates that deals of the demo company slipped through are found, each and no other; the gate proves useful."""

from fairlead.actions.asking import opened
from fairlead.actions.gate_report import gates_report
from fairlead.values import Query
from tests.demo.conftest import Running
from tests.demo.demos import planted

MISSED = "SELECT opportunity_id, stage FROM mart.gate WHERE flow = 'sales' AND is_passed AND missing LIKE '%next_step%'"


def test_every_gate_passed_without_a_next_step_is_found_and_no_other(running: Running) -> None:
    build = running.workspace.lake.current()
    assert build is not None
    rows = opened(build).reader.rows(Query("slipped", MISSED)).to_pylist()
    found = sorted((row["opportunity_id"], row["stage"]) for row in rows)
    told = planted(running.folder)["slipped_gate"]
    assert told
    assert found == sorted((f"salesforce:{row['record']}", row["detail"].rpartition(" ")[2]) for row in told)


def test_the_report_counts_whom_the_simulation_let_through(running: Running) -> None:
    report = {g.stage: g for g in gates_report(running.workspace).gates if g.flow == "sales"}
    told = planted(running.folder)
    bare = {(row["record"], row["detail"].rpartition(" ")[2]) for row in told["slipped_gate"]}
    leave = [row["detail"].partition(": ")[0].split(", ") for row in told["waived_gate"] + told["waived_then_churned"]]
    waived = {(deal, stage) for deal, stage in leave}
    assert bare & waived
    for stage in ("qualification", "evaluation", "proposal", "negotiation"):
        gate = report[stage]
        lacked = next((x for x in gate.lacks if x.item == "next_step"), None)
        found = (lacked.slipped, lacked.waived) if lacked else (0, 0)
        assert found == tuple(sum(where == stage for _, where in some) for some in (bare - waived, bare & waived))
        assert gate.waived == sum(where == stage for _, where in waived)
        assert gate.passed == gate.clean + gate.slipped + gate.waived


def test_the_gate_that_asks_for_what_winners_do_is_told_useful(running: Running) -> None:
    """In the simulation whoever will win writes a next step more often; the stages after are passed by few without."""
    gate = next(g for g in gates_report(running.workspace).gates if g.name == "sales.qualification")
    assert gate.verdict == "useful"
    assert gate.won is not None
    assert gate.won.interval is not None
    assert gate.won.interval.low > 0
