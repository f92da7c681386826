"""The dictionary: every word once, found by whatever somebody calls it, and all there is to know on its page."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fairlead.actions.dictionary import KINDS, term, terms
from fairlead.actions.disputing import dispute
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company, synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("dictionary") / "small", now=NOW)


def test_every_word_of_the_model_is_there_once_by_its_reference(company: Workspace) -> None:
    model, found = company.model, terms(company)
    refs = [t.ref for t in found]
    assert len(refs) == len(set(refs))
    names = {(t.kind, t.name) for t in found}
    assert {t.kind for t in found} == set(KINDS)
    for kind, known in (
        ("metric", model.metrics.metrics),
        ("measure", model.metrics.measures),
        ("stage", model.lifecycle.stages),
        ("definition", model.data.definitions),
    ):
        assert {name for k, name in names if k == kind} == set(known)
    assert ("deal_stage", "proposal") in names
    assert ("value", "kind.renewal") in names
    assert all(t.label for t in found)


def test_two_words_of_one_name_are_both_found(company: Workspace) -> None:
    """The measure qualified_pipeline, and the definition of the word."""
    assert term(company, "qualified_pipeline").term.kind == "measure"
    assert term(company, "definition:qualified_pipeline").term.kind == "definition"
    assert term(company, "measure:qualified_pipeline").term.ref == "qualified_pipeline"


def test_a_metric_says_all_of_itself_in_the_list(company: Workspace) -> None:
    (win_rate,) = [t for t in terms(company) if t.name == "win_rate"]
    assert (win_rate.id, win_rate.unit, win_rate.tier, win_rate.group) == ("M10", "percent", 1, "pipeline_health")
    assert (win_rate.owner, win_rate.owner_name, win_rate.decision) == ("vp_sales", "VP Sales", "C4")
    assert win_rate.frameworks == ("growth", "team_alignment")
    assert (win_rate.status_of_examples, win_rate.needs) == ("hold", ())
    (nrr,) = [t for t in terms(company) if t.name == "nrr"]
    assert any("contract line rows" in need for need in nrr.needs)


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("win_rate", "win_rate"),
        ("Win Rate", "win_rate"),
        ("m10", "win_rate"),
        ("close rate", "win_rate"),
        ("NDR", "nrr"),
        ("onboarding", "onboarding"),
        ("velocity", "pipeline_velocity"),
        ("days from creation to close", "days_to_close"),
    ],
)
def test_what_was_meant_comes_first(company: Workspace, search: str, first: str) -> None:
    assert terms(company, search=search)[0].name == first


def test_the_rank_is_name_then_beginning_then_word_then_text(company: Workspace) -> None:
    names = [t.name for t in terms(company, search="churn")]
    assert names[0] == "churn"
    assert names.index("churned_mrr") < names.index("gross_churn_rate")
    assert names.index("gross_churn_rate") < names.index("grr")


@pytest.mark.parametrize("search", ["zzzz", "win rate of the moon", "%%%", "\x00"])
def test_nothing_is_found_for_what_is_not_there(company: Workspace, search: str) -> None:
    assert terms(company, search=search) == ()


@pytest.mark.parametrize("search", ["", "  ", "\n"])
def test_searching_for_nothing_lists_everything(company: Workspace, search: str) -> None:
    assert terms(company, search=search) == terms(company)


def test_a_metrics_page_has_owner_meetings_pay_decision_and_benchmarks(company: Workspace) -> None:
    page = term(company, "M10", now=NOW)
    assert page.metric is not None
    assert (page.owner_role, page.owner_title, page.owner_names) == ("vp_sales", "VP Sales", ())
    looks = {look.name: (look.label, look.kind, look.cadence, look.day) for look in page.looked_at}
    assert looks["executives"] == ("Executive review", "meeting", "monthly", None)
    assert looks["pipeline_review"] == ("Pipeline review", "meeting", "weekly", "monday")
    assert page.pay == (("vp_sales", "VP Sales"),)
    assert page.decision is not None
    assert page.decision.topic == "Win rate"
    assert len(page.decision.positions) == 2
    assert {c.name for c in page.claims} == {"benchmark_win_rate", "acceleration"}
    assert [f.title for f in page.frameworks] == ["A growth framework", "A team-alignment framework"]
    assert [t.holds for t in page.examples] == [True, True, True]
    assert page.explanation is not None
    assert page.explanation.lineage
    assert len(page.versions) == 1
    assert page.freshness is not None
    assert page.freshness.seen_at == NOW
    assert page.where.line is not None
    assert (company.root / page.where.file).read_text().splitlines()[page.where.line - 1] == "  win_rate:"


def test_a_meeting_that_lists_a_metric_looks_at_it_though_the_metric_does_not_say_so(company: Workspace) -> None:
    reviews = {r.audience for r in company.model.metrics.metrics["cac_payback"].review}
    looks = {look.name for look in term(company, "cac_payback").looked_at}
    assert "annual_planning" in looks - reviews


@pytest.mark.parametrize("name", ["won", "churn", "closed_won", "proposal", "kind.renewal", "sales_accepted"])
def test_every_kind_of_word_has_a_page_with_its_place(company: Workspace, name: str) -> None:
    page = term(company, name)
    lines = (company.root / page.where.file).read_text().splitlines()
    assert page.where.line is not None
    assert name.rpartition(".")[2] in lines[page.where.line - 1]
    assert (page.explanation is not None) is (page.term.kind in ("metric", "measure"))


def test_every_word_has_a_page(company: Workspace) -> None:
    for one in terms(company):
        assert term(company, one.ref, now=NOW).term == one


def test_a_name_of_another_preset_is_the_stage_here(company: Workspace) -> None:
    other, stage = next(iter(company.model.stage_map.items()))
    assert term(company, other).term.name == stage


@pytest.mark.parametrize("name", ["win_rat", "", "metric:", "nothing:win_rate", "'; drop table"])
def test_an_unknown_word_is_refused_with_what_is_near(company: Workspace, name: str) -> None:
    with pytest.raises(Refused, match="unknown metric or word"):
        term(company, name)


def test_before_the_first_sync_every_page_is_there(tmp_path: Path) -> None:
    fresh = small_company(tmp_path / "fresh")
    page = term(fresh, "win_rate")
    assert page.explanation is not None
    assert page.explanation.sql == ""
    assert page.freshness is not None
    assert page.freshness.says == "No source stands behind it yet."
    assert [v.is_built for v in page.versions] == [False]


def test_a_dispute_is_on_the_page_of_its_word(tmp_path: Path) -> None:
    space = small_company(tmp_path / "small")
    dispute(space, term="close rate", says="No.", by="cro", given={"won": 1, "closed": 4}, gives=0.5, now=NOW)
    page = term(open_workspace(space.root), "win_rate")
    ((found, day),) = [(d.found, d.dispute.raised_on) for d in page.disputes]
    assert (found, day) == (0.25, date(2026, 4, 1))
    assert term(open_workspace(space.root), "nrr").disputes == ()


def test_examples_that_do_not_hold_are_marked_in_the_list(tmp_path: Path) -> None:
    space = small_company(tmp_path / "small")
    file = space.root / "model" / "metrics.yaml"
    file.write_text(file.read_text().replace("gives: 0.25}", "gives: 0.5}", 1))
    found = {t.name: t.status_of_examples for t in terms(open_workspace(space.root))}
    assert (found["win_rate"], found["nrr"], found["forecast_accuracy"], found["won"]) == ("broken", "hold", "none", "")
