"""Every law of the model has a text that breaks it, at the line where it is broken."""

from pathlib import Path

import pytest

from fairlead.model.check import CHECKS, check
from fairlead.model.laws import LAWS
from fairlead.model.load import STARTER, load
from fairlead.problem import Problem
from tests.model.broken import (
    AUTOMATION,
    CASES,
    HANDOFF,
    METRIC,
    ROLES,
    STAGE,
    changed,
    disputed,
    handoff,
    metric,
    sla,
)


def judged(folder: Path, files: dict[str, str]) -> tuple[Problem, ...]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    model, problems = load(folder)
    return (*problems, *check(model))


@pytest.mark.parametrize(("code", "files"), CASES, ids=[f"{code}-{n}" for n, (code, _) in enumerate(CASES)])
def test_a_broken_law_is_found_in_its_file_and_line(code: str, files: dict[str, str], tmp_path: Path) -> None:
    found = [p for p in judged(tmp_path, files) if p.code == code]
    assert found, f"{code} was not found"
    problem = found[0]
    assert problem.message
    assert problem.hint
    assert problem.where is not None
    if files:
        assert Path(problem.where.file).stem in files
        assert problem.where.line is not None or code == "unknown-file"


def test_every_law_has_a_text_that_breaks_it() -> None:
    assert {law.code for law in LAWS} - {code for code, _ in CASES} == set()


def test_laws_are_worded_once_and_teach() -> None:
    codes = [law.code for law in LAWS]
    assert len(codes) == len(set(codes))
    assert len(codes) >= 30
    for law in LAWS:
        assert law.why.endswith(".")
        assert law.mend.endswith(".")


def test_whole_texts_of_the_cases_are_sound_apart_from_names(tmp_path: Path) -> None:
    """The unbroken texts break nothing but names declared elsewhere, so the cases test what they say."""
    files = {"metrics": METRIC, "handoffs": HANDOFF, "lifecycle": STAGE, "automations": AUTOMATION, **ROLES}
    assert {p.code for p in judged(tmp_path, files)} == {"role-without-holder"}


def test_the_starter_breaks_no_law_but_that_its_roles_wait_for_people() -> None:
    model, problems = load(STARTER)
    assert problems == ()
    assert [p.code for p in check(model)] == ["role-without-holder"]


@pytest.mark.parametrize("preset", ["nine_stages", "four_stages", "five_stages"])
def test_c5_every_preset_of_the_lifecycle_is_sound(preset: str, tmp_path: Path) -> None:
    for file in STARTER.glob("*.yaml"):
        text = file.read_text().replace("preset: nine_stages", f"preset: {preset}")
        (tmp_path / file.name).write_text(text)
    model, problems = load(tmp_path)
    assert problems == ()
    assert [p for p in check(model) if p.is_error] == []
    assert model.stage("marketing_qualified") is not None


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    files = {
        **metric("owner: vp_sales", "owner: nobody"),
        **handoff("    action: Respond.\n", ""),
        "data": "domain: {}\n",
    }
    codes = {p.code for p in judged(tmp_path, files)}
    assert {"unknown-name", "handoff-without-action", "unknown-key"} <= codes


def test_the_nearest_name_is_offered(tmp_path: Path) -> None:
    problem = next(
        p
        for p in judged(tmp_path, {**ROLES, **metric("owner: vp_sales", "owner: vp_sale")})
        if p.code == "unknown-name"
    )
    assert problem.hint == "Did you mean 'vp_sales'?"
    assert str(problem.where).endswith("metrics.yaml:14")


@pytest.mark.parametrize(
    ("to", "hint"), [("counsil", "Did you mean 'council'?"), ("vp_sale", "Did you mean 'vp_sales'?")]
)
def test_a_step_of_a_ladder_is_offered_the_rungs_as_well_as_the_roles(tmp_path: Path, to: str, hint: str) -> None:
    ladder = sla("calendar: office", f"calendar: office\n    escalation: [{{after: 1 hour, to: {to}}}]")
    (problem,) = [p for p in judged(tmp_path, {**ROLES, **ladder}) if f"'{to}'" in p.message]
    assert (problem.code, problem.hint) == ("unknown-name", hint)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("DE-XX", "Of DE there are DE-BB, DE-BE, DE-BW, DE-BY,"),
        ("de_by", "Did you mean 'DE-BY'?"),
        ("DX-BY", "Did you mean '"),
        ("MC-XX", "Write 'MC': its regions are not told apart."),
    ],
)
def test_an_unknown_region_is_offered_those_of_its_own_country(tmp_path: Path, said: str, hint: str) -> None:
    text = f"calendars:\n  a: {{holidays_of: {said}, hours: {{monday: '09:00-17:00'}}}}\n"
    (problem,) = [p for p in judged(tmp_path, {"calendars": text}) if p.code == "unknown-region"]
    assert (problem.hint or "").startswith(hint)
    assert "DE" not in said or "ES" not in (problem.hint or "")


def test_a_wrong_length_of_time_is_not_answered_with_a_list_that_is_not_there(tmp_path: Path) -> None:
    problems = judged(tmp_path, sla("2 working days", "-5 minutes"))
    (problem,) = [p for p in problems if p.code == "wrong-value"]
    assert "'-5 minutes' is no length of time; write '5 minutes'" in problem.message
    assert "listed" not in (problem.hint or "")
    assert "docs/model.md" in (problem.hint or "")


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("stops: sal_at", "stops: closed_at", ["wrong-subject"]),
        ("stops: sal_at", "stops: sall_at", ["no-such-column"]),
        (
            "calendar: office",
            "calendar: office\n    trigger: is_won and mqll_at is null",
            ["no-such-column", "no-such-column"],
        ),
    ],
)
def test_a_column_of_another_subject_is_told_once(old: str, new: str, codes: list[str], tmp_path: Path) -> None:
    wrong = {"no-such-column", "wrong-subject"}
    assert [p.code for p in judged(tmp_path, sla(old, new)) if p.code in wrong] == codes


def test_an_entry_that_cannot_be_read_is_not_blamed_on_those_who_name_it(tmp_path: Path) -> None:
    text = changed(METRIC, "count: '*', where: is_won", "countt: '*', where: is_won")
    problems = judged(tmp_path, {"metrics": text, **ROLES})
    assert {p.code for p in problems if p.is_error} == {"unknown-key"}


def test_an_open_dispute_says_what_the_definition_gives_and_what_is_claimed(tmp_path: Path) -> None:
    files = disputed("given: {won: 1, closed: 4}, gives: 0.3")
    (problem,) = [p for p in judged(tmp_path, files) if p.code == "dispute-open"]
    assert "with won 1, closed 4 the definition gives 0.25, claimed is 0.3" in problem.message


@pytest.mark.parametrize(
    "rest",
    [
        "given: {won: 1, closed: 4}, gives: 0.25, settled: Yes., agreed: true",
        "given: {won: 1, closed: 4}, gives: 0.3, settled: No., agreed: false",
        "given: {won: 1, closed: 0}, gives: null, settled: Yes., agreed: true",
        "settled: Nobody could say what it would change.",
    ],
)
def test_a_dispute_settled_as_the_definition_is_breaks_no_law(rest: str, tmp_path: Path) -> None:
    assert [p.code for p in judged(tmp_path, disputed(rest)) if p.code.startswith("dispute")] == []


def test_a_dispute_about_an_alias_is_about_its_metric(tmp_path: Path) -> None:
    files = disputed("given: {won: 1, closed: 4}, gives: 0.3", term="close rate")
    files["metrics"] = changed(METRIC, "    plan:", "    aliases: [close rate]\n    plan:")
    assert {p.code for p in judged(tmp_path, files) if p.where and "decisions" in p.where.file} == {"dispute-open"}


def test_checks_are_listed_once() -> None:
    assert len(CHECKS) == len(set(CHECKS))


def test_a_measure_of_retention_that_is_not_the_starters_is_named_with_both(tmp_path: Path) -> None:
    """The measure of a workspace that was made before; one of another name, and one that is only spaced otherwise."""
    measures = """\
measures:
  churned_mrr: {from: account_month, sum: churned_mrr, at: month, says: Lost with customers.}
  churn_told_as_it_moved: {from: account_month, sum: churned_mrr, at: month, says: The same by a name of its own.}
  contraction_mrr: {from: account_month, sum: lost_mrr, where: not   is_lost, at: month, says: Less.}
  customers: {from: account, count: "*", at: created_at, says: Not of the tables of the rule.}
"""
    (problem,) = [p for p in judged(tmp_path, {"metrics": measures}) if p.code == "retention-told-twice"]
    assert not problem.is_error
    assert problem.where is not None
    assert problem.where.line == 2
    assert problem.message == (
        "churned_mrr is sum(churned_mrr) of account_month, and in the starter model sum(lost_mrr) where is_lost"
    )
