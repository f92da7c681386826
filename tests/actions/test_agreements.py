"""The model made readable: every subject a page, everything written on it, every problem beside what it is about."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.actions.agreements import HOMES, Entry, Fact, Section, SubjectPage, subject, subjects
from fairlead.actions.checking import check_model
from fairlead.model.load import STARTER
from fairlead.model.mentions import mentions
from fairlead.model.whole import SUBJECTS
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    return small_company(tmp_path / "small")


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_company(tmp_path_factory.mktemp("agreements") / "small")


def edited(company: Workspace, file: str, old: str, new: str) -> Workspace:
    path = company.root / "model" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    return open_workspace(company.root)


def section(page: SubjectPage, name: str) -> Section:
    return next(s for s in page.sections if s.name == name)


def entry(page: SubjectPage, where: str, name: str) -> Entry:
    return next(e for e in section(page, where).entries if e.name == name)


def deep(facts: tuple[Fact, ...]) -> Iterator[Fact]:
    for one in facts:
        yield one
        yield from deep(one.facts)


def every_fact(page: SubjectPage) -> Iterator[Fact]:
    for part in page.sections:
        for one in part.entries:
            yield from deep(one.facts)


def test_every_subject_is_listed_in_its_order_with_what_it_is(starter: Workspace) -> None:
    found = subjects(starter)
    assert [line.name for line in found] == list(SUBJECTS)
    assert all(line.title and line.says.endswith(".") for line in found)
    assert {line.name: line.problems for line in found if line.problems} == {"people": 1}
    counted = {line.name: line.entries for line in found}
    assert counted["cadence"] == len(starter.model.cadence.meetings)
    assert counted["people"] == len(starter.model.people.roles) + len(starter.model.people.processes)


def written(value: Any) -> Iterator[str]:
    """Every text of a YAML file that is not a name or a rule, as a person would look for it on the page."""
    if isinstance(value, dict):
        for one in value.values():
            yield from written(one)
    elif isinstance(value, list):
        for one in value:
            yield from written(one)
    elif isinstance(value, str) and value.count(" ") >= 3:
        yield value


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_sentence_of_a_file_is_on_its_page(name: str, starter: Workspace) -> None:
    page = subject(starter, name)
    shown = {text for f in every_fact(page) for text in (f.text, f.label, *f.items)}
    shown |= {e.title.partition(": ")[2] for s in page.sections for e in s.entries} | {
        e.title for s in page.sections for e in s.entries
    }
    text = yaml.safe_load((STARTER / f"{name}.yaml").read_text())
    assert [sentence for sentence in written(text) if sentence.strip() not in shown] == []


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_entry_has_its_place_and_every_fact_its_words(name: str, starter: Workspace) -> None:
    page = subject(starter, name)
    assert page.file == f"model/{name}.yaml"
    for part in page.sections:
        for one in part.entries:
            assert one.where.line is not None
            assert one.where.file.startswith("model/")
            assert one.title
            assert all(f.label and (f.text or f.items or f.facts) for f in one.facts if f.name != "process")


def test_every_name_leads_to_where_it_is_told(starter: Workspace) -> None:
    model = starter.model
    linked = {target for name in SUBJECTS for f in every_fact(subject(starter, name)) for _, target in f.refers}
    wanted = {m.name for m in mentions(model) if m.sort in ("role", "metric", "stage", "tool", "meeting")}
    assert wanted <= {target.partition(":")[2] for target in linked}
    for target in linked:
        kind, _, name = target.partition(":")
        if kind in HOMES:
            page = subject(starter, HOMES[kind])
            assert name in {e.name for s in page.sections for e in s.entries} | set(model.stage_map), target


def test_names_are_shown_by_their_labels(starter: Workspace) -> None:
    page = subject(starter, "handoffs")
    giver = next(f for f in entry(page, "handoffs", "mql_to_sql").facts if f.name == "giver")
    assert (giver.text, giver.refers) == (
        "Demand generation manager",
        (("Demand generation manager", "role:demand_gen_manager"),),
    )
    needs = next(f for f in entry(page, "handoffs", "mql_to_sql").facts if f.name == "needs")
    assert needs.items[:2] == ("Email", "Company")


def test_values_are_worded(starter: Workspace) -> None:
    limits = next(f for f in entry(subject(starter, "handoffs"), "handoffs", "mql_to_sql").facts if f.name == "limits")
    assert {f.text for f in deep(limits.facts)} >= {"5 minutes", "1 working hour", "fit_score >= 80"}
    assert {f.kind for f in deep(limits.facts) if f.name == "when"} == {"rule"}
    monday = next(f for f in entry(subject(starter, "calendars"), "calendars", "standard").facts if f.name == "hours")
    assert monday.facts[0] == Fact("monday", "Monday", "", "", ("09:00 to 17:30",), (), ())
    win_rate = {f.name: f for f in entry(subject(starter, "metrics"), "metrics", "win_rate").facts}
    assert win_rate["target"].text.startswith("at least 22")
    assert win_rate["examples"].facts[2].text == "won 0, closed 0 gives undefined"
    assert win_rate["ratio"].refers == (("Won", "measure:won"), ("Closed", "measure:closed"))


def test_r7_raci_is_a_table(starter: Workspace) -> None:
    (table,) = section(subject(starter, "people"), "raci").entries
    assert [f.name for f in table.facts] == list(starter.model.people.processes)
    for row in table.facts:
        assert [f.name for f in row.facts] == ["responsible", "accountable", "consulted", "informed"]
        assert len(row.facts[1].items) == 1


def test_a_problem_stands_beside_what_it_is_about(company: Workspace) -> None:
    broken = edited(company, "metrics.yaml", "    owner: vp_sales\n", "    owner: vp_sale\n")
    page = subject(broken, "metrics")
    assert [p.code for p in entry(page, "metrics", "win_rate").problems] == ["unknown-name"]
    assert sum(len(e.problems) for s in page.sections for e in s.entries) == 1
    assert page.problems == ()
    assert next(line for line in subjects(broken) if line.name == "metrics").problems == 1


def test_of_two_entries_in_neighbouring_lines_the_right_one_has_it(company: Workspace) -> None:
    line = next(x for x in (company.root / "model" / "people.yaml").read_text().splitlines() if x.startswith("  cfo:"))
    broken = edited(company, "people.yaml", line, line.replace("reports_to: ceo", "reports_to: coe"))
    page = subject(broken, "people")
    told = {e.name: [p.code for p in e.problems] for s in page.sections for e in s.entries if e.problems}
    assert told["cfo"] == ["unknown-name"]
    assert {name for name, codes in told.items() if "unknown-name" in codes} == {"cfo"}


def test_every_problem_of_a_model_is_on_some_page_once(company: Workspace) -> None:
    metrics = company.root / "model" / "metrics.yaml"
    metrics.write_text(metrics.read_text().replace("tier: 2", "tier: 3", 9).replace("gives: 0.25", "gives: 0.5"))
    (company.root / "model" / "stack.yaml").write_text("tools:\n  b: {layer: crm}\nlayer: {}\n")
    (company.root / "model" / "lifecycle.yaml").write_text("preset: nine_stages\nstages:\n  inquiry: {owner: nobody}\n")
    broken = open_workspace(company.root)
    shown: list[object] = []
    for name in SUBJECTS:
        page = subject(broken, name)
        shown += [*page.problems, *(p for s in page.sections for e in s.entries for p in e.problems)]
    found = [p for p in check_model(broken) if p.where]
    assert len(found) > 12
    assert sorted(map(str, shown)) == sorted(map(str, found))


def test_an_empty_model_has_empty_pages(tmp_path: Path) -> None:
    (tmp_path / "fairlead.yaml").write_text("company: Bare\n")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "charter.yaml").write_text("")
    bare = open_workspace(tmp_path)
    assert [(line.entries, line.problems) for line in subjects(bare)] == [(0, 0)] * len(SUBJECTS)
    assert subject(bare, "metrics").sections == ()


def test_a_subject_nobody_knows_is_refused(starter: Workspace) -> None:
    with pytest.raises(Refused, match="Did you mean 'handoffs'"):
        subject(starter, "handofs")
