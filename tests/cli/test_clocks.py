"""`fairlead clocks`: the same answer as the verb's, for people and for programs, and what another policy would say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fairlead.actions.clocks import clocks
from fairlead.actions.syncing import sync
from fairlead.analysis.escalating import Event
from fairlead.cli.app import app
from fairlead.problem import Refused
from fairlead.record.engine import Reader
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company
from tests.desk.copies import copied, edited

LEADS = "mql_to_sql"
DECISION = """\
slas:
  decision: {subject: opportunity, starts: created_at, stops: closed_at, limits: {all: {within: 5 days}}}
"""


@pytest.fixture(scope="module")
def company(halyard: Path) -> Workspace:
    return open_workspace(halyard)


@pytest.fixture(scope="module")
def strict(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same company after its model was edited, and before the next build: a shorter limit, a longer day."""
    place = copied(company, tmp_path_factory.mktemp("strict") / "acme")
    edited(place.root, "model/handoffs.yaml", ("others: {within: 4 working hours}", "others: {within: 1 working hour}"))
    edited(place.root, "model/calendars.yaml", ('monday: "09:00-17:30"', 'monday: "06:00-22:00"'))
    return open_workspace(place.root)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Five deals that should be decided in five days and never were; a day later the first one's start is corrected."""
    place = small_company(tmp_path_factory.mktemp("decided") / "small")
    (place.model_folder / "handoffs.yaml").write_text(DECISION)
    place = open_workspace(place.root)
    sync(place, now=datetime(2026, 4, 1, 12, tzinfo=UTC))
    deals = place.root / "data" / "deals.csv"
    deals.write_text(deals.read_text().replace("1000.00,2026-01-05", "1000.00,2026-01-02"))
    sync(place, now=datetime(2026, 4, 2, 12, tzinfo=UTC))
    return place


def run(place: Workspace, *words: str) -> str:
    done = CliRunner().invoke(app, ["-C", str(place.root), "clocks", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def told(place: Workspace, *words: str) -> Any:
    return json.loads(run(place, *words, "--json"))


def versions(place: Workspace) -> list[tuple[Any, ...]]:
    """Which versions the clocks of the build ran under, and how they ended."""
    rows = Reader(place.lake.current() or Path()).rows(
        Query("versions", "SELECT s.policy, s.version, count(*) AS n, count(*) FILTER (WHERE s.is_met) AS met"
              " FROM mart.clock AS s GROUP BY s.policy, s.version ORDER BY s.policy")
    )  # fmt: skip
    return [tuple(row.values()) for row in rows.to_pylist()]


def test_json_is_what_the_verb_says(company: Workspace) -> None:
    found, given = clocks(company, by="segment"), told(company, "--by", "segment")
    for name, lines in (("lines", found.lines), ("cut", found.cut)):
        assert [(one["policy"], one["value"], one["tally"]["met"], one["compliance"]) for one in given[name]] == [
            (one.policy, one.value, one.tally.met, one.compliance) for one in lines
        ]
    assert [one["subject_id"] for one in given["overdue"]] == [one.subject_id for one in found.overdue]
    assert given["overdue_total"] == found.overdue_total > 15
    assert [one["clocks"] for one in given["attempts"]] == [one.clocks for one in found.attempts]


def test_people_read_compliance_with_its_denominator(company: Workspace) -> None:
    said = run(company, LEADS)
    line = clocks(company, policy=LEADS).lines[0]
    head, row = said.splitlines()[:2]
    assert head.split()[:4] == ["counted", "met", "late", "overdue"]
    assert row.split()[3:7] == [str(getattr(line.tally, n)) for n in ("counted", "met", "breached", "overdue")]
    assert f"{line.compliance:.1%}" in row
    assert "of stopped, half within" in " ".join(head.split())
    assert "Contact attempts" in said
    assert "heard of next by" in said
    assert "Lead acceptance" not in said


def test_who_was_told_in_the_last_day_is_told_with_title_subject_and_time_zone(
    company: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 3, 31, 12, tzinfo=UTC)
    event = Event("e1", LEADS, "lead-7", 1, "escalation", 1, at, "manager", "alice", "Call them.")
    found = clocks(company)._replace(told=(event,))
    monkeypatch.setattr("fairlead.actions.clocks.clocks", lambda *_args, **_asked: found)
    row = run(company).partition("Told in the last day")[2].splitlines()[2]
    title = next(line.title for line in found.lines if line.policy == LEADS)
    zone = str(at.astimezone(company.manner.zone).tzname())
    assert [part in row for part in (title, "lead-7", zone, LEADS)] == [True, True, True, False]


def test_by_a_dimension_there_is_a_line_a_value(company: Workspace) -> None:
    cut = run(company, LEADS, "--by", "segment").partition("By segment")[2].partition("Contact attempts")[0]
    assert {"enterprise", "mid_market", "smb", "(none)"} <= set(cut.split())


def test_overdue_lists_nothing_else_and_all_of_it(company: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.actions.clocks.MOST_OVERDUE", 20)
    few, many = run(company), run(company, "--overdue")
    total = clocks(company).overdue_total
    assert total > 20
    assert "Contact attempts" not in many
    assert len(few.partition("\nOverdue\n")[2].splitlines()) == 16
    assert len(many.splitlines()) == 1 + total
    assert len(told(company, "--overdue")["overdue"]) == total
    assert len(told(company)["overdue"]) == 20


@pytest.mark.parametrize("name", ["now", "FOLDER"])
def test_e76_another_policy_is_tried_and_the_clocks_keep_their_version(
    company: Workspace, strict: Workspace, name: str
) -> None:
    before = versions(strict)
    under, place = (name, strict) if name == "now" else (str(strict.model_folder), company)
    given = told(place, LEADS, "--under", under)
    (tried,) = given["tried"]
    assert tried["was"] == given["lines"][0]["tally"] == told(company, LEADS)["lines"][0]["tally"]
    assert tried["would_be"]["met"] < tried["was"]["met"]
    assert tried["would_be"]["clocks"] == tried["was"]["clocks"]
    assert ("4 working hours" in tried["limits_were"], "1 working hour" in tried["limits_would_be"]) == (True, True)
    assert versions(strict) == before == versions(company)
    assert "tried: hot 5 minutes" in run(place, LEADS, "--under", under)


def test_a_workspace_is_tried_by_the_model_in_it(company: Workspace, strict: Workspace) -> None:
    by_model, by_workspace = (
        told(company, LEADS, "--under", str(folder))["tried"] for folder in (strict.model_folder, strict.root)
    )
    assert by_model == by_workspace
    assert by_model[0]["would_be"] != by_model[0]["was"]


def test_a_policy_that_only_the_tried_model_has_is_told_as_new(small: Workspace, tmp_path: Path) -> None:
    (tmp_path / "handoffs.yaml").write_text(DECISION.replace("decision:", "verdict:"))
    rows = run(small, "--under", str(tmp_path)).splitlines()
    assert [row.split("  ")[-1].strip() for row in rows if "tried:" in row] == [
        "5 days; tried: none",
        "new; tried: 5 days",
    ]


def test_who_is_told_of_no_ladder_is_not_told_that_it_ends(small: Workspace) -> None:
    said = run(small, "--overdue")
    assert "nobody: there is no ladder" in said
    assert "the ladder ends" not in said


def test_e76_under_the_build_of_before_the_edit_it_is_as_it_was(strict: Workspace) -> None:
    given = told(strict, "--under", (strict.lake.current() or Path()).name)
    assert all(one["was"] == one["would_be"] for one in given["tried"])


def test_as_of_an_earlier_day_later_clocks_have_not_started(small: Workspace) -> None:
    now, then = told(small, "decision"), told(small, "decision", "--as-of", "2026-01-31")
    assert (then["as_of"], now["as_of"]) == ("2026-01-31", "2026-03-31")
    # d1, d2 and d3 were created by then; d4 at the midnight after
    assert [one["lines"][0]["tally"]["clocks"] for one in (then, now)] == [3, 5]
    assert [one["lines"][0]["tally"]["breached"] for one in (then, now)] == [1, 4]
    assert [[late["subject_id"][-2:] for late in one["overdue"]] for one in (then, now)] == [["d3", "d2"], ["d5"]]
    assert then["overdue"][0]["late_seconds"] == 18 * 86_400  # from January 14th to the end of the 31st


def test_known_at_a_moment_before_a_correction_the_clock_is_as_it_was(small: Workspace) -> None:
    now, then = (told(small, "decision", *at) for at in ((), ("--known-at", "2026-04-01T18:00")))
    assert now["build"] != then["build"]
    days = [one["lines"][0]["tally"]["median_seconds"] / 86_400 for one in (now, then)]
    assert days == [(18 + 35) / 2, (15 + 35) / 2]  # d1 took 15 days and, as is known since, 18; d2 35, d3 50, d4 13


def test_days_narrow_what_is_counted(company: Workspace) -> None:
    month, whole = (told(company, LEADS, *days)["lines"][0] for days in (("--from", "2026-03", "--to", "2026-03"), ()))
    assert 0 < month["tally"]["counted"] < whole["tally"]["counted"]


def test_r51_the_metric_of_compliance_is_what_the_clocks_say(company: Workspace) -> None:
    days = ("--from", "2026-03", "--to", "2026-03")
    asked = CliRunner().invoke(app, ["-C", str(company.root), "ask", "sla_adherence", *days, "--json"])
    (row,) = json.loads(asked.stdout)
    line = told(company, LEADS, *days)["lines"][0]
    assert row["value"] == pytest.approx(line["compliance"])
    assert (line["metric"], line["target"]) == ("sla_adherence", 0.9)
    metric = company.model.metrics.metrics["sla_adherence"]
    assert [one.cadence.value for one in metric.review] == ["weekly"]


WRONG = {
    ("lead_acceptence",): "Did you mean 'lead_acceptance'?",
    ("--by", "segmnt"): "Did you mean 'segment'?",
    ("--from", "never"): "'never' is no day and no period.",
    ("--from", "2026-03", "--to", "2026-01"): "ends (2026-01-31) before it starts (2026-03-01)",
    ("--under", "nowhere"): "There are no policies under the name 'nowhere'. Write `now`, a day or period",
    ("--under", "there/is/none"): "no folder there/is/none",
    ("--as-of", "soon"): "'soon' is no day and no period.",
    ("--known-at", "soon"): "'soon' is no moment.",
}


@pytest.mark.parametrize(("words", "says"), WRONG.items())
def test_what_cannot_be_answered_is_refused_in_one_clear_sentence(
    company: Workspace, words: tuple[str, ...], says: str
) -> None:
    done = CliRunner().invoke(app, ["-C", str(company.root), "clocks", *words])
    assert isinstance(done.exception, Refused)
    assert len(done.exception.problems) == 1
    assert says in str(done.exception)


def test_who_cannot_name_a_folder_is_not_told_to(company: Workspace) -> None:
    with pytest.raises(Refused) as refused:
        clocks(company, under="nope")  # as a page and a program ask
    hint = str(refused.value.problems[0].hint)
    assert hint.startswith("Write `now`, a day or period such as 2026-03-31, or a build (")
    assert hint.endswith("; the command line also tries a folder: ./model.")


def test_a_model_that_is_broken_is_not_tried(company: Workspace, strict: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "handoffs.yaml").write_text(
        "slas:\n  answer:\n    starts: mql_at\n    stops: sal_at\n    limits: {all: {within: soon}}\n"
    )
    done = CliRunner().invoke(app, ["-C", str(company.root), "clocks", "--under", str(folder)])
    assert isinstance(done.exception, Refused)
    assert "handoffs.yaml:5" in str(done.exception)
