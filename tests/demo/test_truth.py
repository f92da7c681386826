"""Fairlead's answers about the demo company are the true ones: counts exactly, money to the cent."""

import math
from pathlib import Path

import pytest

from fairlead.actions.asking import ask
from tests.demo.conftest import Running
from tests.demo.demos import Key, truth

CUTS = [
    ("month", ""), ("quarter", ""), ("month", "segment"), ("quarter", "segment"), ("month", "kind"),
    ("month", "source"),
    ("month", "stage"), ("month", "persona"), ("month", "campaign.channel"), ("month", "channel"),
    ("month", "owner.team"), ("month", "member.team"),
]  # fmt: skip


def test_every_cut_of_the_truth_is_asked(demo: Path) -> None:
    assert set(truth(demo)) == set(CUTS)


def test_every_metric_that_needs_nothing_more_has_a_true_value(running: Running) -> None:
    told = truth(running.folder)["month", ""]
    dictionary = running.workspace.model.metrics
    answerable = {name for name, metric in dictionary.metrics.items() if not metric.needs}
    assert answerable - set(told) == set()
    assert set(dictionary.measures) - set(told) == set()


@pytest.mark.parametrize(("grain", "dimension"), CUTS)
def test_answers_are_true(running: Running, grain: str, dimension: str) -> None:
    told = truth(running.folder)[grain, dimension]
    by = (dimension,) if dimension else ()
    answer = ask(running.workspace, sorted(told), per=grain, by=by, start="2023-11-01")
    found: dict[str, dict[Key, float | None]] = {}
    for row in answer.table.to_pylist():
        member = (row[dimension] or "") if dimension else ""
        found.setdefault(row["metric"], {})[member, row["period"]] = row["value"]
    wrong = [
        f"{metric} {period} {member}: {found[metric].get((member, period))} is not {value}"
        for metric, values in told.items()
        for (member, period), value in values.items()
        if not same(found[metric].get((member, period)), value)
    ]
    wrong += [
        f"{metric} {key}: {value} is not in the truth"
        for metric, values in found.items()
        for key, value in values.items()
        if key not in told[metric] and key[0] and value
    ]
    assert wrong == []


@pytest.mark.parametrize("metric", ["win_rate", "bookings", "nrr", "leads", "lead_response_time", "total_pipeline"])
def test_a_metric_asked_alone_says_the_same(running: Running, metric: str) -> None:
    told = truth(running.folder)["quarter", "segment"][metric]
    answer = ask(running.workspace, [metric], per="quarter", by=["segment"], start="2023-11-01")
    found = {(row["segment"], row["period"]): row["value"] for row in answer.table.to_pylist()}
    assert all(same(found.get(key), value) for key, value in told.items())


def same(found: float | None, told: float | None) -> bool:
    """Equal. A member for whom nothing was met may be left out, or be undefined, where the truth is 0."""
    if found is None:
        return told is None or told == 0
    return told is not None and math.isclose(found, told, rel_tol=1e-9, abs_tol=1e-9)
