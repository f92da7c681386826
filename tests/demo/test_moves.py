"""Why the demo company's numbers moved: every metric, every period, to the last digit, and the same as `ask`."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.treeing import tree
from fairlead.actions.why import moves, why
from fairlead.problem import Refused
from tests.actions.exact import assert_exact
from tests.demo.conftest import Running

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPANS = (("2026-09", "2026-10"), ("2025-Q2", "2026-Q2"), ("2026-06", "2026-01"), ("2026-W10", "2026-W30"))
CUTS: Mapping[str, str] = {
    "win_rate": "mix", "average_deal_size": "mix", "sales_cycle_length": "mix", "bookings": "sum", "won": "sum",
    "pipeline_velocity": "parts", "total_pipeline": "sum", "nrr": "mix", "arpa": "mix", "new_arr": "sum",
    "duplicate_rate": "mix", "lead_response_time": "none",
}  # fmt: skip


def asked(running: Running, names: list[str], period: str) -> Mapping[str, float | None]:
    rows = ask(running.workspace, names, start=period, end=period, now=NOW).table.to_pylist()
    return {row["metric"]: row["value"] for row in rows}


@pytest.mark.parametrize(("start", "end"), SPANS)
def test_every_metric_is_split_exactly_and_is_what_ask_says(running: Running, start: str, end: str) -> None:
    names = list(running.workspace.model.metrics.metrics)
    build = running.workspace.lake.current()
    assert build
    found = moves(running.workspace, names, start=start, end=end, build=build, now=NOW)
    before, after = asked(running, names, start), asked(running, names, end)
    moved = 0
    for name, one in found.items():
        places = {"money": 1e-9, "money_per_day": 0.0051}.get(one.unit, 6e-7)  # money per day is not rounded by `ask`
        for told, value in ((one.before, before[name]), (one.after, after[name])):
            assert (told is None) == (value is None), name
            assert float(told or 0) == pytest.approx(value or 0, abs=places, rel=1e-9), name
        assert_exact(one)
        assert one.sentence.startswith(one.label)
        moved += bool(one.change)
    assert moved > 20


@pytest.mark.parametrize("metric", CUTS)
@pytest.mark.parametrize("dimension", ["segment", "country"])
def test_a_cut_sums_exactly_and_its_values_are_those_of_ask(running: Running, metric: str, dimension: str) -> None:
    found = why(running.workspace, metric, start="2026-08", end="2026-10", by=[dimension], now=NOW)
    (cut,) = found.cuts
    assert cut.kind == CUTS[metric]
    assert_exact(found)
    for period, which in (("2026-08", "before"), ("2026-10", "after")):
        rows = ask(running.workspace, metric, by=dimension, start=period, end=period, now=NOW).table.to_pylist()
        values = {row[dimension]: row["value"] for row in rows}
        for one in cut.slices:
            value, told = values.get(one.value), getattr(one, which)
            if value is not None and one.value in values:
                assert float(told) == pytest.approx(value, abs=0.0051, rel=1e-9), (period, one.value)


def test_a_condition_holds_for_the_whole_and_its_parts(running: Running) -> None:
    where = "segment = 'smb'"
    found = why(running.workspace, "win_rate", start="2026-Q1", end="2026-Q2", where=where, by=["segment"], now=NOW)
    assert [one.value for one in found.cuts[0].slices] == ["smb"]
    assert found.cuts[0].slices[0].part == found.change
    whole = asked(running, ["win_rate"], "2026-Q1")["win_rate"]
    assert float(found.before or 0) != pytest.approx(whole)


def test_a_cut_by_what_tells_rows_apart_is_refused(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.actions.splitting.MOST_MEMBERS", 3)
    with pytest.raises(Refused, match=r"\[fine-cut\]"):
        why(running.workspace, "total_pipeline", start="2026-09", end="2026-10", by=["country"], now=NOW)


def test_the_tree_knows_the_trend_of_what_has_a_history(running: Running) -> None:
    found = {node.name: node for node in tree(running.workspace, now=NOW).nodes}
    told = found["total_pipeline"].trend
    assert told is not None
    assert told.periods == 24
    assert told.word in ("accelerating", "stable", "decelerating")
