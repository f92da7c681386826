"""A part of a model by itself: what it is made of, and what keeps it from being computed."""

from pathlib import Path

import pytest

from fairlead.model.cut import cut, faults
from fairlead.model.load import STARTER, load
from tests.model.broken import METRIC

MODEL = load(STARTER)[0]


def test_a_cut_holds_all_that_a_metric_is_made_of_and_nothing_else() -> None:
    part = cut(MODEL, ("cac_payback",))
    assert set(part.metrics.metrics) == {"cac_payback", "cac", "arpa", "gross_margin"}
    leaves = {name for metric in part.metrics.metrics.values() for name in part.operands(metric)}
    assert set(part.metrics.measures) == leaves - set(part.metrics.metrics)


def test_nothing_keeps_the_starters_metrics_from_being_computed() -> None:
    assert faults(MODEL, tuple(MODEL.numbers)) == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("where: is_won", "where: is_wn", "no-such-column", 3),
        ("ratio: [won, closed]", "ratio: [wonn, closed]", "unknown-name", 9),
        ("ratio: [won, closed]", "derived: wonn / closed", "unknown-name", 9),
        ("ratio: [won, closed]", "ratio: [win_rate, closed]", "metric-cycle", 7),
        ("from: opportunity, count", "from: opportunities, count", "unknown-name", 3),
        ("won: {from: opportunity, count: '*', ", "won: {from: opportunity, ", "measure-aggregate", 3),
    ],
)
def test_what_breaks_a_metric_is_told_with_its_line(old: str, new: str, code: str, line: int, tmp_path: Path) -> None:
    assert old in METRIC
    (tmp_path / "metrics.yaml").write_text(METRIC.replace(old, new, 1))
    model = load(tmp_path)[0]
    assert {(p.code, p.where.line) for p in faults(model, ("win_rate",)) if p.where} == {(code, line)}


def test_a_fault_of_another_metric_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "metrics.yaml").write_text(METRIC.replace("sum: amount_converted", "sum: amount_covnerted"))
    model = load(tmp_path)[0]
    assert faults(model, ("win_rate",)) == ()
    assert [p.code for p in faults(model, ("bookings", "win_rate"))] == ["no-such-column"]
