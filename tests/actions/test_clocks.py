"""Clocks of a whole company from its files on: identity, cycles, shares and versions as the build makes them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairlead.actions.clocks import clocks
from fairlead.actions.starting import init
from fairlead.actions.syncing import sync
from fairlead.record.engine import Reader
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.desk.copies import copied, edited

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
MAPPING = """\
dates: iso
files:
  - file: members.csv
    key: [Email]
    tables: [{table: member, columns: {email: Email, name: Name}, keys: {email: Email}}]
  - file: people.csv
    key: [Id]
    tables:
      - table: person
        columns: {email: Email, name: Name, mql_at: Qualified, owner_id: {column: Owner, by: email}}
        keys: {email: Email}
"""
ANSWER = """\
slas:
  answer:
    label: Answer
    starts: mql_at
    stops: sal_at
    limits: {all: {within: HOURS}}
    escalation: [{after: 16 days, to: owner}, {after: 18 days, to: owner}]
"""
MEMBERS = "Email,Name\nalice@acme.com,Alice\nbob@acme.com,Bob\n"
# The marketing tool heard of Ada first; the CRM, which leads, an hour and a half later. Cem is in the CRM alone.
CRM = "Id,Email,Name,Qualified,Owner\n1,Ada@example.com,Ada,2026-03-02T11:30:00Z,alice@acme.com\n"
CEM = "2,cem@example.com,Cem,2026-03-03T09:00:00Z,alice@acme.com\n"
MARKETING = "Id,Email,Name,Qualified,Owner\nm7,ada@example.com,Ada L.,2026-03-02T10:00:00Z,alice@acme.com\n"


def policy(place: Workspace, hours: str) -> Workspace:
    """The company with this limit."""
    (place.model_folder / "handoffs.yaml").write_text(ANSWER.replace("HOURS", hours))
    return open_workspace(place.root)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two sources that tell of the same person."""
    root = tmp_path_factory.mktemp("folded") / "acme"
    init(root, company="Acme Robotics")
    settings = root / "fairlead.yaml"
    listed = "sources:\n  - {name: crm, folder: crm}\n  - {name: marketing, folder: marketing}\n"
    settings.write_text(settings.read_text() + f"today: 2026-03-20\n{listed}")
    for source, people in (("crm", CRM + CEM), ("marketing", MARKETING)):
        folder = root / "data" / source
        folder.mkdir(parents=True)
        (folder / "mapping.yaml").write_text(MAPPING)
        (folder / "members.csv").write_text(MEMBERS)
        (folder / "people.csv").write_text(people)
    place = policy(open_workspace(root), "2 days")
    sync(place, now=NOW)
    return place


def rows(place: Workspace, sql: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = Reader(place.lake.current() or Path()).rows(Query("rows", sql)).to_pylist()
    return found


def test_e83_two_sources_records_of_one_person_fold_into_one_clock_and_the_earliest_survives(
    company: Workspace,
) -> None:
    names = rows(company, "SELECT i.id FROM record.identity AS i WHERE i.entity = 'person' AND i.ref LIKE '%:m7'")
    assert [one["id"] for one in names] == ["crm:1"]
    held = rows(company, "SELECT p.mql_at FROM record.person AS p WHERE p.id = 'crm:1'")
    assert [str(one["mql_at"]) for one in held] == ["2026-03-02 11:30:00+00:00"]  # what the leading source says
    made = rows(company, "SELECT s.subject_id, s.cycle, s.started_at FROM mart.clock AS s ORDER BY s.subject_id")
    assert [(one["subject_id"], one["cycle"], str(one["started_at"])) for one in made] == [
        ("crm:1", 1, "2026-03-02 10:00:00+00:00"), ("crm:2", 1, "2026-03-03 09:00:00+00:00"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def handed(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same two days later: Dan comes when the limit is shorter; Cem was handed to Bob in between."""
    place = policy(copied(company, tmp_path_factory.mktemp("handed") / "acme"), "1 day")
    dan = "3,dan@example.com,Dan,2026-03-22T14:00:00Z,bob@acme.com\n"
    (place.root / "data" / "crm" / "people.csv").write_text(CRM + CEM.replace("alice@", "bob@") + dan)
    edited(place.root, "fairlead.yaml", ("today: 2026-03-20", "today: 2026-03-25"))
    place = open_workspace(place.root)
    sync(place, now=datetime(2026, 3, 22, 12, tzinfo=UTC))
    return place


def test_e77_whoever_owns_it_by_then_is_told_and_is_shown(handed: Workspace) -> None:
    """Cem was due on the 5th, and is told of on the 21st, when Alice had him, and on the 23rd, when Bob has him."""

    def said(day: str) -> tuple[dict[str, str | None], list[tuple[int, str, str | None]]]:
        found = clocks(handed, as_of=day)
        late = {one.name: one.owner for one in found.overdue}
        return late, [(e.number, e.at.isoformat(), e.owner_id) for e in found.told if e.subject_id == "crm:2"]

    alice, bob = (one["id"] for one in rows(handed, "SELECT m.id FROM record.member AS m ORDER BY m.name"))
    assert said("2026-03-21") == ({"Ada": "Alice", "Cem": "Alice"}, [(1, "2026-03-21T09:00:00+00:00", alice)])
    assert said("2026-03-24") == (
        {"Ada": "Alice", "Cem": "Bob", "Dan": "Bob"}, [(2, "2026-03-23T09:00:00+00:00", bob)],
    )  # fmt: skip
    began = rows(handed, "SELECT s.owner_id FROM mart.clock AS s WHERE s.subject_id = 'crm:2'")
    assert [one["owner_id"] for one in began] == [alice]


def test_e76_e77_after_an_edit_and_a_handing_over_the_answer_says_so(handed: Workspace) -> None:
    found = clocks(handed)
    assert [(one.limits, one.clocks, one.since is None, one.until is None) for one in found.versions] == [
        ("2 days", 2, True, False), ("1 day", 1, False, True),
    ]  # fmt: skip
    assert {one.name: one.limit for one in found.overdue} == {"Ada": "2 days", "Cem": "2 days", "Dan": "1 day"}
    assert {one.name: one.owner for one in found.overdue} == {"Ada": "Alice", "Cem": "Bob", "Dan": "Bob"}
    assert {one.member: (one.clocks, one.began, one.late) for one in found.held} == {
        "Alice": (1, 1, 1),
        "Bob": (1, 0, 1),
    }
    assert sum(one.seconds for one in found.held) == found.held[0].all_seconds == found.held[1].all_seconds
    assert sum(one.share or 0 for one in found.held) == pytest.approx(1)
