"""What changed between two models, in words."""

from pathlib import Path

import pytest

from fairlead.model.diff import diff
from fairlead.model.load import STARTER, load
from fairlead.model.whole import Model

BEFORE = """
metrics:
  win_rate: {unit: percent, owner: vp_sales, ratio: [won, closed], target: {at_least: 0.25}, drives: [a, b]}
  nrr: {unit: percent}
"""


def model(folder: Path, **files: str) -> Model:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return load(folder)[0]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("0.25", "0.3", "metric win_rate: target at_least changed from 0.25 to 0.3"),
        ("owner: vp_sales, ", "", "metric win_rate: owner was vp_sales and is no longer set"),
        ("drives: [a, b]", "drives: [b, c]", "metric win_rate: drives gained c and lost a"),
        ("drives: [a, b]", "drives: [b, a]", "metric win_rate: drives is now in the order b, a"),
        ("  nrr: {unit: percent}\n", "", "metric nrr was removed"),
        ("nrr: {unit: percent}", "nrr: {unit: percent}\n  arr: {unit: money}", "metric arr was added"),
        ("unit: percent, owner", "unit: percent, scoreboard: true, owner", "metric win_rate: scoreboard is now yes"),
        (
            "unit: percent, owner",
            "unit: percent, definition: Won of closed., owner",
            "metric win_rate: definition is now 'Won of closed.'",
        ),
    ],
)
def test_a_change_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in BEFORE
    a, b = model(tmp_path / "a", metrics=BEFORE), model(tmp_path / "b", metrics=BEFORE.replace(old, new, 1))
    assert [change.says for change in diff(a, b)] == [says]


def test_what_was_added_and_removed_is_symmetric(tmp_path: Path) -> None:
    a, b = model(tmp_path / "a", metrics=BEFORE), model(tmp_path / "b", people="roles:\n  cro: {function: executive}\n")
    assert [c.says for c in diff(a, b)] == [
        "role cro was added",
        "metric nrr was removed",
        "metric win_rate was removed",
    ] or {c.says for c in diff(a, b)} == {"role cro was added", "metric nrr was removed", "metric win_rate was removed"}
    assert {c.says for c in diff(b, a)} == {"role cro was removed", "metric nrr was added", "metric win_rate was added"}


def test_nested_entries_are_named_from_the_inside_out(tmp_path: Path) -> None:
    text = "pipelines: {sales: {stages: {discovery: {within_days: 21}}}}\n"
    a, b = model(tmp_path / "a", lifecycle=text), model(tmp_path / "b", lifecycle=text.replace("21", "30"))
    assert [c.says for c in diff(a, b)] == ["stage discovery of pipeline sales: within_days changed from 21.0 to 30.0"]


def test_the_order_of_stages_counts_and_that_of_metrics_does_not(tmp_path: Path) -> None:
    a = model(
        tmp_path / "a",
        lifecycle="stages: {x: {enters: p}, y: {enters: q}}\n",
        metrics="metrics: {m: {unit: count}, n: {unit: count}}\n",
    )
    b = model(
        tmp_path / "b",
        lifecycle="stages: {y: {enters: q}, x: {enters: p}}\n",
        metrics="metrics: {n: {unit: count}, m: {unit: count}}\n",
    )
    assert [c.says for c in diff(a, b)] == ["lifecycle: the order of stages is now y, x"]


def test_a_model_does_not_differ_from_itself() -> None:
    assert diff(load(STARTER)[0], load(STARTER)[0]) == []


def test_the_digest_changes_exactly_when_something_is_named(tmp_path: Path) -> None:
    a, b = model(tmp_path / "a", metrics=BEFORE), model(tmp_path / "b", metrics=BEFORE.replace("0.25", "0.3"))
    assert (a.digest == b.digest) is (diff(a, b) == [])
