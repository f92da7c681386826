"""Loading always finishes, says everything that is wrong with file and line, and keeps the rest."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.model.load import load
from fairlead.model.text import understand
from fairlead.model.whole import SUBJECTS, Model
from fairlead.problem import Problem, Where

SOUND = """# a comment
metrics:
  win_rate:
    definition: Won out of closed.
    ratio: [won, closed]
    unit: percent
    target:
      at_least: 0.25
"""


def loaded(folder: Path, **files: str) -> tuple[Model, tuple[Problem, ...]]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load(folder)


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


def test_a_model_remembers_where_each_thing_stood(tmp_path: Path) -> None:
    model, problems = loaded(tmp_path, metrics=SOUND)
    file = f"{tmp_path.name}/metrics.yaml"
    assert problems == ()
    assert model.where("metrics", "metrics", "win_rate") == Where(file, 3)
    assert model.where("metrics", "win_rate", "target") == Where(file, 7)
    assert model.where("metrics", "win_rate", "ratio", 1) == Where(file, 5)
    assert model.where("metrics", "win_rate", "owner") == Where(file, 3), "the nearest thing above"
    assert model.where("people", "roles", "cro") == Where(f"{tmp_path.name}/people.yaml", 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        ("metrics:\n  a: {unit: count}\n  b: {unit: count\n", "bad-yaml", 4, "YAML cannot be read"),
        ("metrics:\n  a:\n\tunit: count\n", "bad-yaml", 3, "a tab indents this line"),
        ("metrics: {}\nmeasures: {}\nmetrics: {}\n", "duplicate-key", 3, "first in line 1"),
        ("metrics:\n  a: {unit: count, tiers: 1}\n", "unknown-key", 2, "unknown key 'tiers'"),
        ("metrics:\n  a:\n    unit: count\n    name: b\n", "unknown-key", 4, "unknown key 'name'"),
        ("metrics:\n  a:\n    unit: cuont\n", "wrong-value", 3, "'cuont' is none of the values"),
        (
            "metrics:\n  a:\n    unit: count\n    target: {at_least: many}\n",
            "wrong-type",
            4,
            "expected a number, found 'many'",
        ),
        ("metrics:\n  a:\n    unit: count\n    target: {at_least: .nan}\n", "wrong-type", 4, "expected a number"),
        ("metrics:\n  a:\n    unit: count\n    tier: 4\n", "wrong-value", 4, "'4' is none of the values"),
        ("metrics:\n  a:\n    unit: count\n    definition: [x]\n", "wrong-type", 4, "expected text, found a list"),
        ("metrics:\n  a: {}\n", "missing-key", 2, "'unit' is missing"),
        ("metrics:\n  a: 5\n", "wrong-type", 2, "expected a mapping"),
        ("- a\n- b\n", "wrong-type", 1, "expected a mapping"),
        ("5\n", "wrong-type", 1, "expected a mapping"),
        (
            "metrics:\n  a:\n    unit: count\n    measure: {from: x, cont: '*'}\n",
            "unknown-key",
            4,
            "unknown key 'cont'",
        ),
        ("metrics:\n  a:\n    unit: count\n    ratio: [x]\n", "missing-key", 4, "missing"),
        ("a: 1\n---\nb: 2\n", "bad-yaml", 2, "YAML cannot be read"),
        ("metrics:\n  a: {unit: count}\n  ? [x, y]\n  : 5\n", "yaml-trick", 3, "a key is one plain word"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, code: str, line: int, said: str) -> None:
    _, problems = loaded(tmp_path, metrics=text)
    problem = only(problems)
    assert (problem.code, problem.where) == (code, Where(f"{tmp_path.name}/metrics.yaml", line))
    assert said in problem.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("metrics:\n  a: {unit: count, onwer: b}\n", "Did you mean 'owner'?"),
        ("metrics:\n  a: {unit: count, target: {at_lest: 1}}\n", "Did you mean 'at_least'?"),
        ("metrics:\n  a: {unit: percnt}\n", "Did you mean 'percent'?"),
        ("metics: {}\n", "Did you mean 'metrics'?"),
        ("metrics:\n  a: {unit: count, measure: {from: x, cuont: '*'}}\n", "Did you mean 'count'?"),
    ],
)
def test_the_nearest_key_or_value_is_offered(tmp_path: Path, text: str, hint: str) -> None:
    assert only(loaded(tmp_path, metrics=text)[1]).hint == hint


def test_everything_is_told_at_once_and_the_rest_is_kept(tmp_path: Path) -> None:
    text = SOUND + "  a: {unit: cuont}\n  b: {tier: one}\n  c: {unit: count}\nmesures: {}\n"
    model, problems = loaded(tmp_path, metrics=text, people="roles: 5\n", plans="x: 1\n")
    assert [(p.code, p.where.line if p.where else None) for p in problems] == [
        ("wrong-value", 9),
        ("missing-key", 10),
        ("wrong-value", 10),
        ("unknown-key", 12),
        ("wrong-type", 1),
        ("unknown-file", None),
    ]
    assert list(model.metrics.metrics) == ["win_rate", "c"]
    assert {"a", "b"} <= model.lost


def test_no_folder_and_no_files_are_said(tmp_path: Path) -> None:
    assert only(load(tmp_path / "nowhere")[1]).code == "no-model"
    assert only(load(tmp_path)[1]).code == "no-model"


def test_a_file_that_is_not_utf8_or_empty_or_a_folder_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_bytes(b"roles:\n  a: {label: Gesch\xe4ft}\n")
    (tmp_path / "plan.yaml").write_text("")
    (tmp_path / "stack.yaml").write_text("# nothing agreed yet\n")
    (tmp_path / "data.yaml").mkdir()
    (tmp_path / "README.md").write_text("mine")
    problem = only(load(tmp_path)[1])
    assert (problem.code, problem.where) == ("bad-yaml", Where(f"{tmp_path.name}/people.yaml", 2))


def test_a_byte_order_mark_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "metrics.yaml").write_bytes(b"\xef\xbb\xbfmetrics: {}\r\n")
    assert load(tmp_path)[1] == ()


def test_yml_is_asked_to_be_renamed(tmp_path: Path) -> None:
    (tmp_path / "metrics.yml").write_text("metrics: {}\n")
    problem = next(p for p in load(tmp_path)[1] if p.code == "unknown-file")
    assert problem.hint == "Rename it to metrics.yaml."


def test_words_that_yaml_would_turn_into_something_else_stay_words() -> None:
    text = "no: yes\n1: 12:30\nday: 2026-01-31\nat: 09:00-17:30\nid: 007\nbig: 1_000\nnull: ~\n"
    data = understand(text, "x.yaml").data
    assert data == {
        "no": "yes",
        "1": "12:30",
        "day": "2026-01-31",
        "at": "09:00-17:30",
        "id": "007",
        "big": 1000,
        "null": None,
    }


def test_aliases_are_refused_and_bombs_do_not_explode() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}, *{p}]\n" for p, c in zip("abcdefghi", "bcdefghij", strict=True)
    )
    read = understand(bomb, "x.yaml")
    assert len(read.places) < 100  # written out it would be 4 to the power of 8
    assert {p.code for p in read.problems} == {"yaml-trick"}
    assert understand("a: &a\n  b: *a\n", "x.yaml").problems[0].code == "yaml-trick"


def test_deep_nesting_is_a_problem_and_no_crash() -> None:
    for text in ("[" * 5000, "[" * 300 + "]" * 300, "a: " + "{a: " * 200 + "}" * 200):
        assert understand(text, "x.yaml").problems


def test_an_empty_value_is_no_value(tmp_path: Path) -> None:
    model, problems = loaded(tmp_path, metrics=SOUND + "    owner:\n    plan:\n")
    assert problems == ()
    metric = model.metric("win_rate")
    assert metric is not None
    assert (metric.owner, metric.plan) == (None, "")


def test_durations_and_hours_are_read_and_explained(tmp_path: Path) -> None:
    good = "handoffs:\n  a: {from: sales, to: finance, limits: {b: {within: 4 working hours}}}\n"
    model, problems = loaded(tmp_path, handoffs=good)
    assert problems == ()
    assert str(model.handoffs.handoffs["a"].limits["b"].within) == "4 working hours"
    later = good.replace("4 working hours", "'2 working days, same time'")
    model, problems = loaded(tmp_path, handoffs=later)
    assert (problems, str(model.handoffs.handoffs["a"].limits["b"].within)) == ((), "2 working days, same time")
    for odd in ("2 days, same time", "1.5 working days, same time", "4 working hours, same time"):
        _, problems = loaded(tmp_path, handoffs=good.replace("4 working hours", f"'{odd}'"))
        assert "whole working days" in only(problems).message
    _, problems = loaded(tmp_path, handoffs=good.replace("4 working hours", "soon"))
    assert "'soon' is no length of time" in only(problems).message
    _, problems = loaded(tmp_path, handoffs=good, calendars="calendars: {a: {hours: {monday: '9-5'}}}\n")
    assert "'9-5' is no stretch of time" in only(problems).message
    for odd in ("25:00-26:00", "9:00-24:01", "9:60-10:00", "24:00-24:00"):
        _, problems = loaded(tmp_path, calendars=f"calendars: {{a: {{hours: {{monday: '{odd}'}}}}}}\n")
        assert only(problems).code == "wrong-value"


def test_the_digest_is_of_the_meaning(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        return loaded(tmp_path, metrics=text)[0].digest

    assert digest(SOUND) == digest(
        SOUND.replace("# a comment\n", "\n\n").replace("[won, closed]", "\n    - won\n    - closed")
    )
    assert digest(SOUND) == digest(SOUND + "    scoreboard: false\n    drives:\n")
    assert digest(SOUND) != digest(SOUND.replace("0.25", "0.26"))


def test_the_order_of_stages_is_part_of_the_meaning(tmp_path: Path) -> None:
    a = loaded(tmp_path, lifecycle="stages:\n  a: {enters: x}\n  b: {enters: y}\n")[0].digest
    b = loaded(tmp_path, lifecycle="stages:\n  b: {enters: y}\n  a: {enters: x}\n")[0].digest
    assert a != b


def test_presets_are_found_added_to_and_misspelt(tmp_path: Path) -> None:
    model, problems = loaded(
        tmp_path, lifecycle="preset: four_stages\nstages:\n  mql: {owner: alice}\n  won_back: {owner: bob}\n"
    )
    assert problems == ()
    assert [s.name for s in model.stages] == ["mql", "sql", "opportunity", "closed_won", "won_back"]
    assert model.lifecycle.stages["mql"].owner == "alice"
    assert model.where("lifecycle", "stages", "mql").file == f"{tmp_path.name}/lifecycle.yaml"
    assert model.where("lifecycle", "stages", "sql").file == f"{tmp_path.name}/presets/four_stages.yaml"
    problem = only(loaded(tmp_path, lifecycle="preset: for_stages\n")[1])
    assert (problem.code, problem.hint) == ("unknown-name", "Did you mean 'four_stages'?")


def test_a_preset_of_ones_own_wins(tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets/mine.yaml").write_text("stages:\n  first: {owner: alice}\n")
    model, problems = loaded(tmp_path, lifecycle="preset: mine\n")
    assert problems == ()
    assert [s.name for s in model.stages] == ["first"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("latin-1")))
def test_garbage_never_raises(text: str) -> None:
    understand(text, "x.yaml")


KEYS = st.sampled_from(
    ["metrics", "measures", "win_rate", "unit", "target", "ratio", "at_least", "from", "count", "examples"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["count", "x", "percent"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(data=st.dictionaries(KEYS, VALUES, max_size=4))
def test_wrong_shapes_are_problems_with_lines_and_never_a_crash(
    data: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("model")
    for subject in ("metrics", "lifecycle", "plan"):
        (folder / f"{subject}.yaml").write_text(json.dumps(data))
    _, problems = load(folder)
    for problem in problems:
        assert problem.where is not None
        assert problem.where.line is not None


def test_every_subject_of_the_design_can_be_empty(tmp_path: Path) -> None:
    _, problems = loaded(tmp_path, **dict.fromkeys(SUBJECTS, ""))
    assert problems == ()
