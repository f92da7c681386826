"""The model's pages: every subject is there whole, problems stand beside what they are about, and every link leads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from fairlead.actions.agreements import subject, subjects
from fairlead.actions.dictionary import terms
from fairlead.actions.starting import init
from fairlead.model.agreed import Cadence
from fairlead.model.whole import SUBJECTS
from fairlead.workspace import Workspace, open_workspace
from tests.desk.conftest import write_workspace
from tests.desk.copies import browsing, copied, edited, within
from tests.desk.reader import HOSTILE, links, read, text, with_column

if TYPE_CHECKING:
    from django.test import Client


def test_every_subject_is_on_the_first_page_with_what_it_holds(page: "Client", company: Workspace) -> None:
    html = read(page, "/model/")
    said = text(html)
    for one in subjects(company):
        assert f"{one.title} {one.says} {one.entries} entr" in said
        assert f"/model/{one.name}/" in links(html)
    assert "Last changed" in said
    assert "This is the model that comes with Fairlead" not in said


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_entry_of_a_subject_is_on_its_page(page: "Client", company: Workspace, name: str) -> None:
    html = read(page, f"/model/{name}/")
    told = subject(company, name)
    said = text(html)
    assert told.title in said
    assert told.says in said
    assert told.file in said
    for section in told.sections:
        for entry in section.entries if section.name not in ("raci", "general", "metrics", "measures") else ():
            assert entry.title in said, (section.name, entry.title)


@pytest.mark.parametrize("name", [name for name in SUBJECTS if name != "metrics"])
def test_every_fact_of_a_subject_is_told(page: "Client", company: Workspace, name: str) -> None:
    """What the verb says of an entry in words is on the page, whatever shape it is told in."""
    said = text(read(page, f"/model/{name}/")).casefold()
    lost = []
    for section in subject(company, name).sections:
        for entry in section.entries:
            for one in entry.facts:
                if name == "lifecycle" and one.name in ("subject", "enters", "preset", "label", "kinds"):
                    continue
                lost += [words for words in (one.text, *one.items) if words.casefold() not in said and len(words) > 3]
    allowed = {"yes"}  # that a claim is disputed is told as "disputed"
    assert not [words for words in lost if words not in allowed and words.replace("_", " ") not in said]


def test_who_does_what_is_a_matrix_of_roles_and_processes(page: "Client", company: Workspace) -> None:
    shown = with_column(read(page, "/model/people/"), "Lead management")
    letters = {"responsible": "R", "accountable": "A", "consulted": "C", "informed": "I"}
    for process in company.model.people.processes.values():
        found = {
            row[0].text: cell.text
            for row, cell in zip(shown.rows, shown.column(process.label), strict=True)
            if cell.text
        }
        expected: dict[str, str] = {}
        for word, letter in letters.items():
            for role in getattr(process, word):
                expected[company.model.people.roles[role].title] = letter
        assert found == expected
    assert [shown.column("Forecasting").count(cell) for cell in shown.column("Forecasting") if cell.text == "A"] == [1]


def test_the_stages_stand_in_order_with_owner_criteria_and_what_follows(page: "Client", company: Workspace) -> None:
    shown = with_column(read(page, "/model/lifecycle/"), "Comes in when")
    stages = company.model.stages
    assert [cell.text for cell in shown.column("#")] == [str(n) for n in range(1, len(stages) + 1)]
    for row, stage in zip(shown.rows, stages, strict=True):
        words = " ".join(cell.text for cell in row)
        assert stage.title in words
        assert stage.says in words
        role = company.model.role(stage.owner)
        assert role
        assert role.title in words
        assert (stage.exit_when or "") in words
        for other in stage.required:
            assert other in words
        for name in company.model.after(stage):
            assert company.model.lifecycle.stages[name].title in words


def test_the_week_shows_each_meeting_on_its_day_and_the_rest_beside(page: "Client", company: Workspace) -> None:
    html = read(page, "/model/cadence/")
    cadence = company.model.cadence
    assert cadence.in_a_minute in text(html)
    assert text(html).index(cadence.in_a_minute) < text(html).index("A week")
    week, rarer = (within(html[html.index(f'id="{one}"') :], "<ol") for one in ("week", "rarer"))
    days = {said.split()[0]: said for day in week.split("<li")[1:] if (said := text(f"<li{day}"))}
    assert list(days) == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    for meeting in cadence.meetings.values():
        if meeting.cadence is Cadence.WEEKLY and meeting.day:
            assert [day for day, said in days.items() if meeting.label in said] == [str(meeting.day).capitalize()]
            assert f"{meeting.label} {meeting.minutes} min" in days[str(meeting.day).capitalize()]
        else:
            assert meeting.label in text(rarer)
            assert meeting.label not in text(week)
    minutes = sum(m.minutes for m in cadence.meetings.values() if m.cadence is Cadence.WEEKLY)
    assert f"{minutes} minutes of agreed meetings a week" in text(html)


def test_positions_stand_side_by_side_above_what_was_decided(page: "Client", company: Workspace) -> None:
    html = read(page, "/model/decisions/")
    for decision in company.model.decisions.decisions.values():
        card = within(html, f'<article class="panel entry" id="decisions-{decision.name}"')
        said = text(card)
        assert card.count("<blockquote>") == len(decision.positions)
        for position in decision.positions:
            assert f"{position.who} {position.says}" in said
        assert decision.decision in said


def test_every_link_of_the_model_and_the_dictionary_leads_to_something(page: "Client", company: Workspace) -> None:
    """Also the part after the #: the page it leads to has such a place. Pages of numbers are held to this elsewhere."""
    ours = ("/model/", "/dictionary/", "/sources/", "/builds/")
    pages: dict[str, str] = {}

    def at(path: str) -> str:
        if path not in pages:
            pages[path] = read(page, path)
        return pages[path]

    starts = ["/model/", "/dictionary/?kind=all", "/dictionary/?view=owners&kind=all", "/sources/", "/builds/"]
    starts += [f"/model/{name}/" for name in SUBJECTS] + [f"/dictionary/{t.ref}/" for t in terms(company)]
    dead = set()
    for start in starts:
        for link in links(at(start)):
            parts = urlsplit(link)
            path = parts.path or urlsplit(start).path
            asked = parts.query if parts.path or parts.query else urlsplit(start).query
            if not path.startswith(ours) or path.endswith((".csv", ".xlsx")):
                continue
            target = at(path + (f"?{asked}" if asked else ""))
            if parts.fragment and f'id="{unquote(parts.fragment)}"' not in target:
                dead.add((start, link))
    assert not dead


def test_no_page_has_one_id_twice(page: "Client") -> None:
    for address in ("/model/", "/dictionary/win_rate/", "/sources/", *(f"/model/{name}/" for name in SUBJECTS)):
        ids = re.findall(r'\sid="([^"]+)"', read(page, address))
        assert len(ids) == len(set(ids)), (address, {i for i in ids if ids.count(i) > 1})


def test_an_unknown_subject_is_answered_with_the_nearest(page: "Client") -> None:
    assert "Did you mean 'lifecycle'?" in text(read(page, "/model/lifecicle/", 404))
    assert "<script>" not in read(page, "/model/%3Cscript%3E/", 404)


# Problems


FAULTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "model/handoffs.yaml": (("    giver: demand_gen_manager\n", "    giver: nobody_known\n"),),
    "model/automations.yaml": (("    rollback: Switch the messages off; clocks go on counting.\n", ""),),
    "model/metrics.yaml": (("    ratio: [won, closed]\n", "    ratio: [wn, closed]\n"),),
    "model/people.yaml": (("    accountable: vp_marketing\n", "    accountable: [vp_marketing, vp_sales]\n"),),
    "model/lifecycle.yaml": (("exit_when: meetings >= 1 and contacts >= 1", "exit_when: meetngs >= 1"),),
}


@pytest.fixture
def faulty(tmp_path: Path) -> Workspace:
    place = init(tmp_path / "acme")
    for name, changes in FAULTS.items():
        edited(place.root, name, *changes)
    return open_workspace(place.root)


@pytest.mark.parametrize(
    ("name", "opening", "file"),
    [
        ("handoffs", '<article class="panel entry faulty" id="handoffs-mql_to_sql"', "model/handoffs.yaml"),
        (
            "automations",
            '<article class="panel entry faulty" id="automations-remind_before_limit"',
            "model/automations.yaml",
        ),
        ("metrics", '<tr id="metrics-win_rate"', "model/metrics.yaml"),
        ("people", '<tr id="processes-lead_management"', "model/people.yaml"),
        ("lifecycle", '<section aria-labelledby="pipelines-sales"', "model/lifecycle.yaml"),
    ],
)
def test_problems_stand_beside_the_entry_they_are_about(faulty: Workspace, name: str, opening: str, file: str) -> None:
    told = subject(faulty, name)
    entry = re.search(r'(?:id|labelledby)="\w+?-(\w+)"', opening)
    assert entry
    beside = [p for s in told.sections for e in s.entries if e.name == entry[1] for p in e.problems]
    assert beside
    with browsing(faulty) as client:
        html = read(client, f"/model/{name}/")
        said = text(within(html, opening))
        for problem in beside:
            assert problem.says in said
            assert problem.where
            assert str(problem.where) in said
            assert str(problem.where).startswith(f"{file}:")
        every = [*told.problems, *(p for s in told.sections for e in s.entries for p in e.problems)]
        assert html.count('<li class="problem') == len(every), "each is told once, at its place"


def test_the_first_page_counts_problems_and_lists_them(faulty: Workspace) -> None:
    with browsing(faulty) as client:
        html = read(client, "/model/")
        for one in subjects(faulty):
            told = f"{one.title} {one.says} {one.entries} entries"
            said = text(html)[text(html).index(told) + len(told) :]
            found = re.match(r" · (\d+) problem", said)
            assert (int(found[1]) if found else 0) == one.problems, one.name
        assert sum(one.problems for one in subjects(faulty)) > 4
        assert "what is wrong with it" in text(html).lower()


def test_a_problem_of_no_entry_stands_at_the_top(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme", lake=False)
    edited(place.root, "model/routing.yaml", ("fallback:", "falback:"))
    with browsing(place) as client:
        html = read(client, "/model/routing/")
        top = within(html, '<div id="problems"')
        assert "falback" in text(top)
        assert "model/routing.yaml:" in text(top)


def test_a_file_that_is_no_yaml_is_told_with_its_line(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme", lake=False)
    (place.root / "model" / "charter.yaml").write_text("scope:\n\tmission: tabs\n")
    with browsing(place) as client:
        said = text(read(client, "/model/charter/"))
        assert "model/charter.yaml:2" in said
        assert "Nothing is agreed here yet" in said


def test_what_is_needed_and_not_provided_is_marked(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme", lake=False)
    edited(
        place.root,
        "model/handoffs.yaml",
        ("    provides: [pain, timeline, stakeholders, next_step]", "    provides: [pain, timeline]"),
    )
    place = open_workspace(place.root)
    leaking = place.model.handoffs.handoffs["sales_accepted_to_qualified"]
    assert leaking.unmet == ("stakeholders", "next_step")
    with browsing(place) as client:
        html = read(client, "/model/handoffs/")
        shown = {row[0].text: row for row in with_column(html, "Missing").rows}
        assert shown["Sales development to account executive"][5].text == "Stakeholders, Next step"
        assert shown["Marketing to sales"][5].text == "nothing"
        card = within(html, '<article class="panel entry faulty" id="handoffs-sales_accepted_to_qualified"')
        assert "Stakeholders (nobody provides it) , Next step (nobody provides it)" in text(card)
        assert "Pain , Timeline , Stakeholders (" in text(card)


# States


def test_the_starter_model_is_called_that(tmp_path: Path) -> None:
    place = write_workspace(tmp_path / "acme")
    (place.root / "model" / "people.yaml").unlink()
    (place.root / "model").rmdir()
    with browsing(open_workspace(place.root)) as client:
        assert "This is the model that comes with Fairlead" in text(read(client, "/model/"))
        assert "Lead management" in text(read(client, "/model/people/"))


def test_an_empty_model_says_where_to_write(tmp_path: Path) -> None:
    place = write_workspace(tmp_path / "acme")
    empty = [name for name in SUBJECTS if not subject(place, name).sections]
    assert len(empty) > 10
    with browsing(place) as client:
        for name in SUBJECTS:
            said = text(read(client, f"/model/{name}/"))
            assert ("Nothing is agreed here yet" in said) == (name in empty), name


def test_hostile_text_in_the_model_stays_text(tmp_path: Path) -> None:
    place = write_workspace(tmp_path / "acme")
    quoted = HOSTILE.replace("'", "''")
    (place.root / "model" / "people.yaml").write_text(
        f"roles:\n  boss: {{label: '{quoted}', function: sales, holders: ['{quoted}'], says: '{quoted}'}}\n"
        f"processes:\n  p: {{label: '{quoted}', says: '{quoted}', accountable: boss}}\n"
    )
    (place.root / "model" / "cadence.yaml").write_text(
        f"in_a_minute: '{quoted}'\nmeetings:\n  m: {{label: '{quoted}', cadence: weekly, day: monday, chair: boss}}\n"
    )
    (place.root / "model" / "data.yaml").write_text(f"definitions:\n  word: {{says: '{quoted}', owner: boss}}\n")
    with browsing(open_workspace(place.root)) as client:
        for address in ("/model/people/", "/model/cadence/", "/model/data/", "/dictionary/", "/dictionary/word/"):
            html = read(client, address)
            assert "<script>alert" not in html, address
            assert "<img src=x" not in html, address
            assert HOSTILE in text(html), address


def test_settings_that_cannot_be_read_are_told_not_broken(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme", lake=False)
    with browsing(place) as client:
        edited(place.root, "fairlead.yaml", ("currency: USD", "currency: dollars"))
        for address in ("/model/", "/dictionary/", "/builds/", "/sources/"):
            assert "'dollars' is not an ISO 4217 code" in text(read(client, address, 503)), address
