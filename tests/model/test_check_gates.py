"""What a stage may ask for: everything else is a Problem at the line where it stands."""

from pathlib import Path

import pytest

from fairlead.model.check import check
from fairlead.model.load import load

MODEL = """\
stages:
  inquiry:
    owner: vp_sales
    enters: created_at
    exit_when: engaged_at is not null
    required: [email]
pipelines:
  sales:
    stages:
      discovery:
        owner: vp_sales
        exit_when: meetings >= 1
        required: [amount, next_step]
        evidence: {next_step: 2}
"""
PEOPLE = "roles:\n  vp_sales: {label: VP Sales, function: sales, holders: [Alice]}\n"


@pytest.mark.parametrize(
    ("change", "code", "line", "says"),
    [
        (("{next_step: 2}", "{next_step: 4}"), "wrong-type", 14, "3"),
        (("{next_step: 2}", "0"), "wrong-type", 14, "evidence"),
        (("{next_step: 2}", "{close_date: 2}"), "evidence-not-required", 14, "close_date"),
        (("[amount, next_step]", "[amount, nextstep]"), "no-such-column", 13, "next_step"),
        (("required: [email]", "required: [amount]"), "wrong-subject", 6, "amount"),
        (("meetings >= 1", "mql_at is not null"), "wrong-subject", 12, "mql_at"),
        (("engaged_at is not null", "amount > 0"), "wrong-subject", 5, "amount"),
        (("meetings >= 1", "meetings >="), "predicate-syntax", 12, "meetings >="),
        (("meetings >= 1", "meetings + 1"), "predicate-kind", 12, "condition"),
    ],
)
def test_a_gate_that_asks_for_what_cannot_be_is_a_problem_at_its_line(
    tmp_path: Path, change: tuple[str, str], code: str, line: int, says: str
) -> None:
    assert change[0] in MODEL
    (tmp_path / "lifecycle.yaml").write_text(MODEL.replace(*change, 1))
    (tmp_path / "people.yaml").write_text(PEOPLE)
    model, problems = load(tmp_path)
    problems += tuple(check(model))
    here = f"lifecycle.yaml:{line}"
    found = [p for p in problems if str(p.where).endswith(here) and p.is_error]
    told = {p.code: f"{p.message} {p.hint}" for p in found}
    assert code in told, [str(p) for p in problems]
    assert says in told[code]


@pytest.mark.parametrize("grade", ["{next_step: 4}", "{next_step: often}", "often", "7", "[1]", "[]"])
def test_a_grade_that_is_none_is_one_error_and_its_pipelines_stages_stay_known(tmp_path: Path, grade: str) -> None:
    (tmp_path / "lifecycle.yaml").write_text(MODEL.replace("{next_step: 2}", grade))
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "calendars.yaml").write_text("default: own\ncalendars: {own: {timezone: UTC}}\n")
    (tmp_path / "handoffs.yaml").write_text(
        "slas:\n  answer:\n    subject: opportunity\n    stage: discovery\n    stops: [closed_at]\n"
        "    limits: {all: {within: 3 hours}}\n"
    )
    model, problems = load(tmp_path)
    errors = [p for p in (*problems, *check(model)) if p.is_error and ("stage" in p.message or "expected" in p.message)]
    assert [p.code for p in errors] == ["wrong-type"], [str(p) for p in errors]
    assert str(errors[0].where).endswith("lifecycle.yaml:14")


def test_the_gates_as_they_are_written_are_none(tmp_path: Path) -> None:
    (tmp_path / "lifecycle.yaml").write_text(MODEL)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    model, problems = load(tmp_path)
    asked = {"required", "evidence", "exit_when"}
    assert not [p for p in (*problems, *check(model)) if any(name in p.message for name in asked)]
